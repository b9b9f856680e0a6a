"""The wrong event chosen: all its rows move in one act."""

from datetime import timedelta
from uuid import uuid4

import pytest

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.corrections import reverse_use, settle_use
from kaikukortti.actions.holds import Wish, keep_places
from kaikukortti.actions.moving import move_uses
from kaikukortti.actions.uses import record_uses
from kaikukortti.models import CountedFact, Hold, NetworkVersion, Offering, Record, YearClose
from kaikukortti.rules.codes import NO_CODE
from kaikukortti.terms.holds import HoldEnd
from kaikukortti.terms.kinds import ChangeKind, OfferingKind, Source, Status
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal

pytestmark = pytest.mark.database


def at(offering):
    return list(Record.objects.standing().filter(offering=offering).order_by("pk"))


def status(one):
    return one.answer.status if one.answer else None


def told(one):
    return (one.answer.status, one.answer.refusal) if one.answer else None


def counts(offering):
    return [(row.holder, row.children, row.assistants, row.clients, row.workers) for row in at(offering)]


@pytest.fixture
def evening(cast):
    """Two events at the same time; the box office stood on the wrong one."""
    return cast.offering(cap=10, name_en="Small stage"), cast.offering(cap=10, name_en="Large stage")


def test_all_rows_move_with_their_counts_places_and_first_use(cast, evening):
    wrong, right = evening
    first, second, group = cast.card(), cast.card(), cast.community_card()
    cast.use(first, offering=wrong, children=2)
    cast.use(second, offering=wrong, assistants=1)
    cast.use(group, offering=wrong, clients=4, workers=1)
    before = [(row.card_id, row.entered_at) for row in at(wrong)]

    moved = move_uses(at(wrong), to=right, by=cast.ville, now=cast.now)

    assert [status(one) for one in moved] == [Status.RECORDED] * 3
    assert at(wrong) == []
    assert counts(right) == [(1, 2, 0, 0, 0), (1, 0, 1, 0, 0), (0, 0, 0, 4, 1)]
    assert [(row.card_id, row.at) for row in at(right)] == before
    assert {row.happened for row in at(right)} == {True}
    wrong.refresh_from_db(), right.refresh_from_db()
    assert (wrong.taken, wrong.children_taken) == (0, 0)
    assert (right.taken, right.children_taken) == (9, 6)
    reasons = set(Record.objects.filter(offering=wrong).values_list("changes__reason", flat=True))
    assert reasons == {"wrong-event"}
    assert CountedFact.objects.filter(withdrawn_at__isnull=True, kind="taken-into-use").count() == 2


def test_a_second_press_gets_the_first_answers(cast, evening):
    wrong, right = evening
    cast.use(cast.card(), offering=wrong)
    rows = at(wrong)
    first = move_uses(rows, to=right, by=cast.ville, now=cast.now)
    later = move_uses(rows, to=right, by=cast.ville, now=cast.now + timedelta(seconds=2))
    assert [one.answer for one in later] == [one.answer for one in first]
    assert Record.objects.count() == 2


def test_and_back_again(cast, evening):
    wrong, right = evening
    code = cast.card()
    cast.use(code, offering=wrong)
    move_uses(at(wrong), to=right, by=cast.ville, now=cast.now)
    move_uses(at(right), to=wrong, by=cast.ville, now=cast.now)
    move_uses(at(wrong), to=right, by=cast.ville, now=cast.now)
    assert (counts(wrong), counts(right)) == ([], [(1, 0, 0, 0, 0)])
    assert cast.use(code, offering=right).status == Status.ALREADY_RECORDED


def test_only_the_rows_chosen(cast, evening):
    wrong, right = evening
    cast.use(cast.card(), offering=wrong)
    cast.use(cast.card(), offering=wrong, children=1)
    move_uses(at(wrong)[1:], to=right, by=cast.ville, now=cast.now)
    assert (counts(wrong), counts(right)) == ([(1, 0, 0, 0, 0)], [(1, 1, 0, 0, 0)])


def test_who_had_been_let_in_there_too_is_a_pair_to_settle(cast, evening):
    wrong, right = evening
    code = cast.card()
    cast.use(code, offering=right)
    cast.use(code, offering=wrong)
    (one,) = move_uses(at(wrong), to=right, by=cast.ville, now=cast.now)
    assert told(one) == (Status.FLAGGED, Refusal.ALREADY_RECORDED)
    assert Record.objects.counting().count() == 1


def test_over_the_cap_is_flagged_and_not_lost(cast, evening):
    wrong, _right = evening
    small = cast.offering(cap=1)
    cast.use(cast.card(), offering=wrong, children=1)
    (one,) = move_uses(at(wrong), to=small, by=cast.ville, now=cast.now)
    assert told(one) == (Status.FLAGGED, Refusal.OFFERING_FULL)
    assert counts(small) == [(1, 1, 0, 0, 0)]


def test_a_cap_per_day_counts_the_row_once(cast, evening):
    wrong, right = evening
    cast.policy(Policy.TICKETS_PER_DAY, 1)
    cast.use(cast.card(), offering=wrong)
    (one,) = move_uses(at(wrong), to=right, by=cast.ville, now=cast.now)
    assert status(one) == Status.RECORDED


def test_unidentified_rows_move_with_what_was_said_of_them(cast, evening):
    wrong, right = evening
    rows = [cast.row(NO_CODE, offering=wrong, happened=True, source=Source.PAPER, holder=n) for n in (3, 2, 1)]
    answers = cast.uses(rows)
    settle_use(Record.objects.get(pk=answers[0].record), counts=True, by=cast.ville, now=cast.now)
    settle_use(Record.objects.get(pk=answers[1].record), counts=False, by=cast.ville, now=cast.now)

    move_uses(at(wrong), to=right, by=cast.ville, now=cast.now)

    assert [row.holder for row in at(right)] == [3, 2, 1]
    assert [row.holder for row in Record.objects.counting()] == [3]
    assert [row.changes.filter(kind=ChangeKind.SETTLED).count() for row in at(right)] == [1, 1, 0]
    right.refresh_from_db()
    assert right.taken == 3


def test_the_place_kept_there_is_fetched(cast, evening):
    wrong, right = evening
    code = cast.card()
    keep_places(code, Wish(children=1), by=cast.ville, now=cast.now, offering=right.pk, day=right.first_day)
    cast.use(code, offering=wrong, children=1)
    move_uses(at(wrong), to=right, by=cast.ville, now=cast.now)
    hold = Hold.objects.get()
    assert (hold.end, hold.record) == (HoldEnd.FETCHED, at(right)[0])


def test_the_card_is_judged_as_it_was_when_the_row_was_made(cast, evening):
    """The card ran out meanwhile: what happened happened while it was valid."""
    wrong, right = evening
    code = cast.card(issued=cast.now - timedelta(days=364))
    cast.use(code, offering=wrong)
    cast.at(cast.now + timedelta(days=5))
    (one,) = move_uses(at(wrong), to=right, by=cast.ville, now=cast.now)
    assert status(one) == Status.RECORDED


def test_a_ticket_given_in_advance_moves_to_a_coming_event(cast, evening):
    wrong, _right = evening
    coming = cast.offering(first_day=cast.now.date() + timedelta(days=7), cap=1)
    for _n in range(2):
        cast.use(cast.card(), offering=wrong)
    moved = move_uses(at(wrong), to=coming, by=cast.ville, now=cast.now)
    assert [status(one) for one in moved] == [Status.RECORDED, None]
    assert moved[1].refusal == Refusal.OFFERING_FULL
    assert (len(at(wrong)), len(at(coming))) == (1, 1)


def test_what_stays_where_it_is(cast, evening):
    wrong, right = evening
    course = cast.offering(kind=OfferingKind.COURSE)
    disputed, old, kept = cast.card(), cast.card(), cast.card()
    now = cast.now
    cast.use(disputed, offering=wrong)
    at(wrong)[0].changes.create(kind=ChangeKind.DISPUTED, at=now)
    cast.use(old, offering=wrong)
    Record.objects.filter(pk=at(wrong)[1].pk).update(entered_at=now - timedelta(days=31))
    cast.use(kept, offering=wrong)
    moved = move_uses(at(wrong), to=right, by=cast.ville, now=now)
    assert [(one.disputed, one.refusal) for one in moved] == [
        (True, None),
        (False, Refusal.TOO_LATE_TO_RECORD),
        (False, None),
    ]
    (one,) = move_uses(at(right), to=course, by=cast.ville, now=now)
    assert one.refusal == Refusal.KIND_NOT_HERE
    assert len(at(right)) == 1
    (one,) = move_uses(at(right), to=right, by=cast.ville, now=now)
    assert one.refusal == Refusal.ALREADY_RECORDED


def test_a_closed_year_is_the_coordinators(cast, evening):
    wrong, right = evening
    cast.use(cast.card(), offering=wrong)
    counted = {f.name: 0 for f in YearClose._meta.fields if f.get_internal_type() == "PositiveIntegerField"}
    YearClose.objects.create(**(counted | {"year": 2026, "revision": 1, "as_of": cast.now}))
    NetworkVersion.bump()
    (one,) = move_uses(at(wrong), to=right, by=cast.ville, now=cast.now)
    assert one.refusal == Refusal.PERIOD_CLOSED
    assert len(at(wrong)) == 1


def test_rows_of_the_open_day_move_to_an_event_and_back(cast):
    event = cast.offering("hall")
    record_uses([cast.row(cast.card())], by=cast.salla, now=cast.now)
    open_rows = list(Record.objects.standing().filter(offering=None))
    move_uses(open_rows, to=event, by=cast.salla, now=cast.now)
    assert counts(event) == [(1, 0, 0, 0, 0)]
    move_uses(at(event), to=None, by=cast.salla, now=cast.now)
    (row,) = Record.objects.standing()
    assert (row.offering, row.day) == (None, cast.now.date())


def test_who_may(cast, evening):
    wrong, right = evening
    cast.use(cast.card(), offering=wrong)
    cast.use(cast.card(), offering=wrong, by=cast.luukku)
    own, sold = at(wrong)
    elsewhere = cast.offering("tapiola")
    for rows, to, who in (
        ([own], right, cast.luukku),
        ([own], right, cast.actor("tapiola")),
        ([own], elsewhere, cast.ville),
        ([own], right, cast.kaisa),
        ([sold], right, cast.aino),
    ):
        with pytest.raises(NotAllowed):
            move_uses(rows, to=to, by=who, now=cast.now)
    (one,) = move_uses([sold], to=right, by=cast.luukku, now=cast.now)
    assert status(one) == Status.RECORDED
    assert at(right)[0].recorder == cast.workplaces["luukku"]
    move_uses(at(wrong) + at(right), to=cast.offering(), by=cast.ville, now=cast.now)
    assert (at(wrong), at(right)) == ([], [])


def test_what_was_reversed_meanwhile_is_left_out(cast, evening):
    wrong, right = evening
    cast.use(cast.card(), offering=wrong)
    rows = at(wrong)
    reverse_use(rows[0], by=cast.ville, now=cast.now)
    assert move_uses(rows, to=right, by=cast.ville, now=cast.now) == []
    assert Record.objects.count() == 1


def test_if_it_breaks_in_the_middle_nothing_has_moved(cast, evening, monkeypatch):
    wrong, right = evening
    cast.use(cast.card(), offering=wrong)

    def broken(*_rows, **_how):
        raise RuntimeError

    monkeypatch.setattr("kaikukortti.actions.moving.record_uses", broken)
    with pytest.raises(RuntimeError):
        move_uses(at(wrong), to=right, by=cast.ville, now=cast.now)
    assert len(at(wrong)) == 1


def test_many_rows(cast, evening):
    wrong, right = evening
    Offering.objects.update(cap=None)
    cast.uses([cast.row(NO_CODE, id=uuid4(), offering=wrong, happened=True, holder=1) for _n in range(60)])
    moved = move_uses(at(wrong), to=right, by=cast.ville, now=cast.now)
    assert len(moved) == 60
    assert len(at(right)) == 60
