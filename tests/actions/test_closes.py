"""Closing a year: stored once and for all, corrected only in the open (rule 31)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.closes import close_year
from kaikukortti.actions.corrections import reverse_use
from kaikukortti.figures.yearly import live_table, published_table
from kaikukortti.models import NetworkVersion, Record, YearClose
from kaikukortti.models.snapshot import network
from kaikukortti.terms.closes import CloseRefusal
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import Source, Status
from kaikukortti.terms.refusals import Refusal
from tests.cast import NOW, Cast

pytestmark = pytest.mark.database

NEW_YEAR = datetime(2027, 1, 15, 12, tzinfo=HELSINKI)


def a_year_of_one_use(cast: Cast) -> str:
    code = cast.card(minors=1)
    cast.use(code, children=1)
    return code


def closed(cast: Cast, **how: Any) -> YearClose:
    answer = close_year(2026, by=cast.nelli, now=NEW_YEAR, **how)
    assert isinstance(answer, YearClose), answer
    return answer


def test_a_year_is_closed_as_the_ledger_stands(cast):
    a_year_of_one_use(cast)
    close = closed(cast)
    assert (close.revision, close.as_of, close.by, close.note) == (1, NEW_YEAR, cast.nelli.user, "")
    assert (close.cards_registered, close.adult_culture, close.child_culture, close.municipalities) == (1, 1, 1, 4)
    (row,) = published_table(NEW_YEAR)
    assert (row.stored, row.revision, row.uses_total) == (True, 1, 2)


def test_a_year_that_goes_on_is_not_closed(cast):
    a_year_of_one_use(cast)
    assert close_year(2026, by=cast.nelli, now=NOW) == CloseRefusal.YEAR_NOT_OVER
    last_moment = datetime(2026, 12, 31, 23, 59, 59, tzinfo=HELSINKI)
    assert close_year(2026, by=cast.nelli, now=last_moment) == CloseRefusal.YEAR_NOT_OVER
    assert not isinstance(close_year(2026, by=cast.nelli, now=last_moment + timedelta(seconds=1)), CloseRefusal)


def test_a_year_of_which_nothing_is_known_is_not_closed_as_zeros(cast):
    assert close_year(2020, by=cast.nelli, now=NOW) == CloseRefusal.NOTHING_KNOWN
    assert not YearClose.objects.exists()


@pytest.mark.parametrize("who", ["kaisa", "ville", "aino", "luukku"])
def test_only_the_national_service_closes(cast, who):
    a_year_of_one_use(cast)
    with pytest.raises(NotAllowed):
        close_year(2026, by=getattr(cast, who), now=NEW_YEAR)


def test_a_closed_year_is_locked_for_venues_at_once(cast):
    code = a_year_of_one_use(cast)
    before = network().version
    closed(cast)
    assert network().version > before
    assert network().closed_years == {2026}
    cast.at(datetime(2027, 1, 16, 12, tzinfo=HELSINKI))
    late = cast.use(code, day=date(2026, 12, 28), happened=True, source=Source.PAPER)
    assert (late.status, late.refusal) == (Status.REFUSED, Refusal.PERIOD_CLOSED)
    refused = reverse_use(Record.objects.get(), by=cast.ville, now=cast.now, reason="test")
    assert refused.refusal == Refusal.PERIOD_CLOSED


def test_a_later_correction_waits_for_the_next_revision_with_a_note(cast):
    a_year_of_one_use(cast)
    closed(cast)
    reverse_use(Record.objects.get(), by=cast.kaisa, now=NEW_YEAR, reason="duplicate")
    later = NEW_YEAR + timedelta(days=60)

    assert [row.uses_total for row in published_table(later)] == [2]
    assert [row.uses_total for row in live_table(later)] == [0]
    assert [row.revision for row in live_table(later)] == [1]

    assert close_year(2026, by=cast.nelli, now=later) == CloseRefusal.NOTE_NEEDED
    assert close_year(2026, by=cast.nelli, now=later, note="  ") == CloseRefusal.NOTE_NEEDED
    second = close_year(2026, by=cast.nelli, now=later, note=" A doubled use was taken out. ")
    assert isinstance(second, YearClose)
    assert (second.revision, second.note) == (2, "A doubled use was taken out.")
    assert [(row.revision, row.uses_total, row.note) for row in published_table(later)] == [(2, 0, second.note)]
    assert [close.revision for close in YearClose.objects.all()] == [1, 2]
    assert YearClose.objects.get(revision=1).adult_culture == 1


def test_a_refused_close_leaves_the_network_as_it_was(cast):
    before = NetworkVersion.objects.get().number
    close_year(2020, by=cast.nelli, now=NOW)
    assert NetworkVersion.objects.get().number == before


def test_a_form_sent_twice_closes_once(cast):
    a_year_of_one_use(cast)
    closed(cast, after=0)
    assert close_year(2026, by=cast.nelli, now=NEW_YEAR, after=0, note="x") == CloseRefusal.CLOSED_MEANWHILE


def test_a_closed_year_without_ledger_rows_keeps_its_stored_row(cast):
    a_year_of_one_use(cast)
    close = closed(cast)
    YearClose.objects.filter(pk=close.pk).update(year=2014)
    NetworkVersion.bump()
    assert [(row.year, row.stored) for row in live_table(NEW_YEAR)] == [(2014, True), (2026, False)]


@pytest.mark.database(transaction=True)
def test_two_at_once_make_one_revision(cast, at_once):
    a_year_of_one_use(cast)
    nelli = cast.nelli
    answers = at_once(2, lambda _number: close_year(2026, by=nelli, now=NEW_YEAR))
    assert sorted(type(answer).__name__ for answer in answers) == ["CloseRefusal", "YearClose"]
    assert CloseRefusal.NOTE_NEEDED in answers
    assert YearClose.objects.count() == 1
