"""Nothing is deleted: reversal, settlement, pending uses that end (rules 6, 28, 30, 31)."""

from datetime import timedelta

import pytest

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.corrections import reverse_use, settle_use, void_pending
from kaikukortti.models import CountedFact, NetworkVersion, PersonLine, Record, RecordChange, YearClose
from kaikukortti.rules.corrections import UnknownReason
from kaikukortti.terms.kinds import ChangeKind, CountedKind, RecordKind, Status
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal

pytestmark = pytest.mark.database


def taken_into_use():
    return list(
        CountedFact.objects.filter(kind=CountedKind.TAKEN_INTO_USE, withdrawn_at__isnull=True).values_list(
            "day", flat=True
        )
    )


def test_undo_gives_back_the_ticket_the_places_and_the_first_use(cast):
    code, event = cast.card(), cast.offering(cap=3)
    answer = cast.use(code, offering=event, children=2)
    assert taken_into_use() == [cast.now.date()]

    reversal = reverse_use(Record.objects.get(pk=answer.record), by=cast.ville, now=cast.now)

    assert reversal.refusal is None
    event.refresh_from_db()
    assert (event.taken, event.children_taken) == (0, 0)
    assert taken_into_use() == []
    assert PersonLine.objects.get(cards__records=answer.record).taken_on is None
    assert not Record.objects.counting().exists()
    assert cast.use(code, offering=event).status == Status.RECORDED


def test_a_second_reversal_gets_the_first_answer(cast):
    record = Record.objects.get(pk=cast.use(cast.card()).record)
    first = reverse_use(record, by=cast.ville, now=cast.now, reason="duplicate")
    later = reverse_use(record, by=cast.ville, now=cast.now + timedelta(minutes=1), reason="wrong-card")
    assert later == first
    with pytest.raises(UnknownReason):
        reverse_use(record, by=cast.ville, now=cast.now, reason="because")
    assert RecordChange.objects.count() == 1


def test_reasons_and_times(cast):
    record = Record.objects.get(pk=cast.use(cast.card()).record)
    day_later = cast.now + timedelta(hours=24)
    assert reverse_use(record, by=cast.ville, now=day_later).refusal == Refusal.REASON_NEEDED
    month_later = cast.now + timedelta(days=30)
    late = reverse_use(record, by=cast.ville, now=month_later, reason="test")
    assert late.refusal == Refusal.TOO_LATE_TO_RECORD
    assert reverse_use(record, by=cast.kaisa, now=month_later, reason="test").refusal is None


def test_only_who_recorded_the_venue_and_the_coordinator_reverse(cast):
    record = Record.objects.get(pk=cast.use(cast.card(), by=cast.luukku, offering=cast.offering()).record)
    for stranger in (cast.salla, cast.aino, cast.actor("tapiola"), cast.actor("analyst")):
        with pytest.raises(NotAllowed):
            reverse_use(record, by=stranger, now=cast.now)
    assert reverse_use(record, by=cast.ville, now=cast.now).refusal is None


def test_a_replay_after_a_reversal_gets_the_first_answer(cast):
    row = cast.row(cast.card())
    (answer,) = cast.uses([row])
    reverse_use(Record.objects.get(pk=answer.record), by=cast.ville, now=cast.now)
    assert cast.uses([row]) == [answer]


def test_children_added_later_stand_until_reversed(cast):
    code, event = cast.card(minors=2), cast.offering()
    own = cast.use(code, offering=event)
    cast.use(code, offering=event, holder=0, children=2)
    reverse_use(Record.objects.get(pk=own.record), by=cast.ville, now=cast.now)
    assert Record.objects.counting().get().children == 2


def test_the_first_use_moves_to_the_earliest_that_counts(cast):
    code = cast.card(issued=cast.now - timedelta(days=20))
    today = cast.now.date()
    cast.use(code)
    earlier = cast.use(code, by=cast.salla, day=today - timedelta(days=5), happened=True)
    assert taken_into_use() == [today - timedelta(days=5)]
    reverse_use(Record.objects.get(pk=earlier.record), by=cast.salla, now=cast.now)
    assert taken_into_use() == [today]
    assert CountedFact.objects.filter(kind=CountedKind.TAKEN_INTO_USE).count() == 3


def test_a_likely_duplicate_counts_when_the_venue_says_so(cast):
    code, event = cast.card(), cast.offering(cap=5)
    cast.use(code, offering=event)
    answer = cast.use(code, offering=event, happened=True)
    assert (answer.status, answer.refusal) == (Status.FLAGGED, Refusal.ALREADY_RECORDED)
    record = Record.objects.get(pk=answer.record)
    taken = []
    for counts in (True, True, False):
        assert settle_use(record, counts=counts, by=cast.ville, now=cast.now)
        event.refresh_from_db()
        taken.append((event.taken, Record.objects.counting().count()))
    assert taken == [(2, 2), (2, 2), (1, 1)]
    assert not settle_use(Record.objects.exclude(pk=record.pk).get(), counts=True, by=cast.ville, now=cast.now)


def test_the_children_of_a_likely_duplicate_are_not_in_until_the_venue_says_so(cast):
    """Rules 18 and 28, for the next check as for the next row of the same batch."""
    code, event = cast.card(minors=2), cast.offering()
    rows = [cast.row(code, offering=event), cast.row(code, offering=event, children=2, happened=True)]
    twice = cast.uses([*rows, cast.row(code, offering=event, holder=0, children=1)])
    assert [answer.status for answer in twice] == [Status.RECORDED, Status.FLAGGED, Status.RECORDED]
    assert cast.check(code, offering=event).child_places == 1
    settle_use(Record.objects.get(pk=twice[1].record), counts=True, by=cast.ville, now=cast.now)
    assert cast.check(code, offering=event).child_places == 0
    settle_use(Record.objects.get(pk=twice[1].record), counts=False, by=cast.ville, now=cast.now)
    assert cast.check(code, offering=event).child_places == 1


def test_an_unreadable_code_is_settled_without_a_card(cast):
    answer = cast.use("7KM9QX2TR8", happened=True)
    record = Record.objects.get(pk=answer.record)
    assert (record.card, record.residence, record.card_region) == (None, None, None)
    assert settle_use(record, counts=True, by=cast.ville, now=cast.now)
    assert Record.objects.counting().count() == 1


def test_a_pending_use_is_void_after_a_week(cast):
    cast.policy(Policy.PENDING_USE, True, region="kainuu")
    event = cast.offering(cap=1)
    code = cast.blank()
    assert cast.use(code, offering=event).status == Status.PENDING
    assert void_pending(now=cast.now + timedelta(days=7)) == 0
    assert void_pending(now=cast.now + timedelta(days=7, seconds=1)) == 1
    assert void_pending(now=cast.now + timedelta(days=8)) == 0
    assert RecordChange.objects.get().kind == ChangeKind.VOIDED
    event.refresh_from_db()
    assert event.taken == 0
    assert Record.objects.get().own_day is None


def test_a_reversed_season_pass_frees_its_days(cast):
    code, today = cast.card(), cast.now.date()
    season = cast.use(code, by=cast.salla, kind=RecordKind.SEASON, until=today + timedelta(days=3))
    record = Record.objects.get(pk=season.record)
    assert record.season_days.count() == 3
    reverse_use(record, by=cast.salla, now=cast.now)
    assert record.season_days.count() == 0
    assert cast.use(code, by=cast.salla).status == Status.RECORDED


def test_a_coordinator_enters_a_correction_in_a_closed_year(cast):
    zeros = dict.fromkeys(
        [f.name for f in YearClose._meta.fields if f.get_internal_type() == "PositiveIntegerField"], 0
    )
    YearClose.objects.create(year=2026, revision=1, as_of=cast.now, **zeros)
    NetworkVersion.bump()
    code = cast.card()
    assert cast.use(code, happened=True).refusal == Refusal.PERIOD_CLOSED
    venue = cast.ville.facts
    (answer,) = cast.uses([cast.row(code, happened=True)], by=cast.kaisa, at_venue=venue)
    assert answer.status == Status.RECORDED
    assert Record.objects.get().venue == cast.workplaces["routa"]


def test_a_coordinators_entry_meets_the_venues_own_cap(cast):
    cast.policy(Policy.TICKETS_PER_MONTH, 1, venue="routa")
    code = cast.card(issued=cast.now - timedelta(days=20))
    cast.use(code)
    late = cast.row(code, happened=True, day=cast.now.date() - timedelta(days=10))
    (answer,) = cast.uses([late], by=cast.kaisa, at_venue=cast.ville.facts)
    assert (answer.status, answer.refusal) == (Status.FLAGGED, Refusal.LIMIT_PER_PERIOD)
