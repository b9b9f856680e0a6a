"""Paper lists come in: each row once, each judged at its own instant, nothing lost and nothing silently fine."""

from datetime import datetime, timedelta

import pytest

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.corrections import settle_use
from kaikukortti.actions.holds import Wish, end_hold, keep_places
from kaikukortti.actions.looking_after import block_card
from kaikukortti.actions.sheets import find_sheet, list_ids, make_sheet, record_rows, recorded_rows, sheet_ids
from kaikukortti.models import Card, Hold, Misses, Record
from kaikukortti.rules.codes import read_code, shown
from kaikukortti.rules.paper import MOST_ROWS_OF_SHEET, RowProblem, find_columns, read_rows, readable_as
from kaikukortti.rules.tables import read_text
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.holds import HoldEnd, HoldKind
from kaikukortti.terms.kinds import BlockReason, OfferingKind, Source, Status
from kaikukortti.terms.refusals import Refusal

pytestmark = pytest.mark.database
readable = readable_as(lambda text: read_code(text) is not None)


def rows_of(text, cast):
    return read_rows(find_columns(read_text(text), readable=readable), readable=readable, near=cast.now.date())


def bring(cast, text, *, offering=None, by=None, day=None):
    """A pasted list comes in."""
    rows, day = rows_of(text, cast), day or cast.now.date()
    ids = list_ids(rows, offering=offering, day=day)
    how = {"offering": offering, "day": day, "source": Source.IMPORT, "by": by or cast.ville, "now": cast.now}
    return record_rows(rows, ids, **how)


def statuses(told):
    return [(one.answer.status, one.answer.refusal) if one.answer else one.problem for one in told]


RECORDED = (Status.RECORDED, None)


def test_a_sheet_is_found_by_its_number_and_only_by_its_own_workplace(cast):
    event = cast.offering()
    sheet = make_sheet(event, day=cast.now.date(), rows=500, by=cast.ville, now=cast.now)
    assert (sheet.day, sheet.rows) == (event.first_day, MOST_ROWS_OF_SHEET)
    assert find_sheet(f" {sheet.number[:4].lower()} {sheet.number[4:]} ", by=cast.ville) == sheet
    assert find_sheet(sheet.number, by=cast.salla) is None
    assert find_sheet("S0000000", by=cast.ville) is None
    agents = make_sheet(event, day=event.first_day, rows=20, by=cast.luukku, now=cast.now)
    assert agents.workplace == cast.workplaces["luukku"]
    for offering, who in ((event, cast.salla), (None, cast.luukku), (event, cast.aino)):
        with pytest.raises(NotAllowed):
            make_sheet(offering, day=cast.now.date(), rows=20, by=who, now=cast.now)


def test_rows_of_a_sheet_are_recorded_once_however_often_they_are_typed_in(cast):
    event, code = cast.offering(cap=10), cast.card()
    sheet = make_sheet(event, day=event.first_day, rows=20, by=cast.ville, now=cast.now)
    cast.at(cast.now + timedelta(days=2))
    rows = rows_of(f"row;code;time;children\n3;{shown(code)};18.40;2\n4;?;18.45;\n", cast)
    how = {"offering": event, "day": sheet.day, "source": Source.PAPER, "by": cast.ville, "now": cast.now}
    first = record_rows(rows, sheet_ids(sheet), **how)
    again = record_rows(rows, sheet_ids(sheet), **how)

    assert statuses(first) == [RECORDED, (Status.FLAGGED, Refusal.CARD_CODE_TYPO)]
    assert statuses(again) == statuses(first)
    assert ([one.before for one in first], [one.before for one in again]) == ([False, False], [True, True])
    assert Record.objects.count() == 2
    done = recorded_rows(sheet)
    assert (done[3].source, done[3].happened, done[3].children) == (Source.PAPER, True, 2)
    assert done[3].at == datetime(2026, 11, 24, 18, 40, tzinfo=HELSINKI)
    assert done[4].card is None
    event.refresh_from_db()
    assert event.taken == 3  # the row without a code waits for the venue's word


def test_the_same_list_once_more_records_nothing(cast):
    event = cast.offering()
    text = f"Koodi;Lapsia\n{cast.card()};1\n;2\n"
    bring(cast, text, offering=event)
    again = bring(cast, text.replace(";", "\t"), offering=event)
    assert [one.before for one in again] == [True, True]
    assert Record.objects.count() == 2
    other = cast.offering()
    assert [one.before for one in bring(cast, text, offering=other)] == [False, False]


def test_each_row_is_judged_at_its_own_instant(cast):
    """The card was blocked at 19.30: who came before that came with a card in force."""
    event, early, late = cast.offering(), cast.card(), cast.card()
    for code in (early, late):
        card = Card.objects.get(records__in=[cast.use(code).record or 0])
        block_card(card, reason=BlockReason.LOST, by=cast.aino, now=cast.now + timedelta(minutes=35))
    cast.at(cast.now + timedelta(hours=3))
    told = bring(cast, f"Koodi;Klo\n{early};18.40\n{late};19.40\n", offering=event)
    assert statuses(told) == [RECORDED, (Status.FLAGGED, Refusal.CARD_BLOCKED)]


def test_a_likely_duplicate_waits_and_counts_when_the_venue_says_so(cast):
    event, code = cast.offering(cap=5), cast.card()
    cast.use(code, offering=event)
    (told,) = bring(cast, f"{code}\n", offering=event)
    assert statuses([told]) == [(Status.FLAGGED, Refusal.ALREADY_RECORDED)]
    assert Record.objects.counting().count() == 1
    settle_use(Record.objects.latest("pk"), counts=True, by=cast.ville, now=cast.now)
    assert Record.objects.counting().count() == 2


def test_counts_without_codes_count_when_the_venue_has_settled_them(cast):
    event = cast.offering(cap=10)
    told = bring(cast, "Aikuisia;Lapsia;Avustajia\n17;9;1\n0;3;\n", offering=event)
    assert statuses(told) == [(Status.FLAGGED, Refusal.CARD_CODE_TYPO)] * 2
    event.refresh_from_db()
    assert (event.taken, Record.objects.counting().count()) == (0, 0)
    row = Record.objects.earliest("pk")
    assert (row.holder, row.children, row.assistants, row.card, row.line) == (17, 9, 1, None, None)
    settle_use(row, counts=True, by=cast.ville, now=cast.now)
    event.refresh_from_db()
    assert (event.taken, event.children_taken) == (26, 9)
    assert not Misses.objects.exists()  # no code was tried


def test_a_community_card_has_clients_and_workers(cast):
    event, group = cast.offering(), cast.community_card()
    told = bring(cast, f"Koodi;Asiakkaat;Työntekijät\n{group};4;1\n{group};;\n", offering=event)
    assert statuses(told) == [RECORDED, (Status.REFUSED, Refusal.COMMUNITY_CARD_NEEDS_CLIENTS)]


@pytest.fixture
def kept(cast):
    """Places are kept under K-1 for a card, at an event of this evening."""
    event, code = cast.offering(cap=5), cast.card()
    keep_places(code, Wish(children=1), by=cast.ville, now=cast.now, offering=event.pk, day=event.first_day)
    return event, code


def test_a_k_number_is_its_hold_s_card(cast, kept):
    event, code = kept
    assert statuses(bring(cast, "Kaikukortti;Lapsia\nK-1;1\n", offering=event)) == [RECORDED]
    hold, row = Hold.objects.get(), Record.objects.get()
    assert (hold.end, hold.record, row.card) == (HoldEnd.FETCHED, row, hold.card)
    assert (row.holder, row.children) == (1, 1)
    assert cast.use(code, offering=event).status == Status.ALREADY_RECORDED


def test_a_k_number_tells_whose_it_was_after_its_time_too(cast, kept):
    event, _code = kept
    end_hold(Hold.objects.get(), end=HoldEnd.RELEASED, now=cast.now)
    assert statuses(bring(cast, "k1\n", offering=event)) == [RECORDED]
    assert Hold.objects.get().end == HoldEnd.RELEASED


def test_an_unknown_k_number_and_a_groups_are_not_asked(cast, kept):
    event, _code = kept
    Hold.objects.create(
        offering=event,
        day=event.first_day,
        number=7,
        kind=HoldKind.CODE,
        places=1,
        made_at=cast.now,
        expires_at=cast.now + timedelta(hours=1),
    )
    told = bring(cast, "Koodi\nK-2\nK-7\n", offering=event)
    assert statuses(told) == [RowProblem.NUMBER_UNKNOWN, RowProblem.NUMBER_OF_GROUP]
    assert statuses(bring(cast, "K-1\n", offering=cast.offering())) == [RowProblem.NUMBER_UNKNOWN]
    assert not Record.objects.exists()


def test_days_of_open_admission(cast):
    pool, code = (
        cast.offering("hall", kind=OfferingKind.OPEN, first_day=cast.now.date() - timedelta(days=60)),
        cast.card(),
    )
    other = cast.card(issued=cast.now - timedelta(days=50))
    text = f"Koodi;Pvm\n{other};20.11.2026\n{other};21.11.\n{code};23.11.\n"
    told = bring(cast, text, offering=pool, by=cast.salla)
    assert statuses(told) == [RECORDED, RECORDED, (Status.FLAGGED, Refusal.CARD_UNREGISTERED)]
    assert [row.day.day for row in Record.objects.order_by("pk")] == [20, 21, 23]
    nothing = bring(cast, f"{code}\n", by=cast.salla)
    assert statuses(nothing) == [RECORDED]


def test_what_is_to_be_mended_is_not_asked_and_the_rest_goes_on(cast):
    event = cast.offering()
    text = f"Koodi;Klo;Lapsia\n{cast.card()};18.40;x\n{cast.card()};23.50;\n{cast.card()};;1\n"
    assert statuses(bring(cast, text, offering=event)) == [RowProblem.COUNT, RowProblem.LATER, RECORDED]
    assert Record.objects.count() == 1


def test_a_list_of_many_rows_takes_a_few_statements_more(cast, django_assert_max_num_queries):
    event = cast.offering()
    codes = [cast.card() for _n in range(3)]
    rows = "".join(f"{code};1\n" for code in codes) + ";2\n" * 700
    with django_assert_max_num_queries(60):
        told = bring(cast, "Koodi;Lapsia\n" + rows, offering=event)
    assert [one.answer.status for one in told if one.answer].count(Status.RECORDED) == 3
    assert Record.objects.count() == 703


def test_nothing_of_the_codes_stands_in_the_ids(cast):
    """The ids of a list tell nothing without the key, and another list with the same row has others."""
    event, code = cast.offering(), cast.card()
    one = list_ids(rows_of(f"{code}\n", cast), offering=event, day=event.first_day)
    two = list_ids(rows_of(f"{code}\nK-1\n", cast), offering=event, day=event.first_day)
    assert set(one.values()).isdisjoint(two.values())
