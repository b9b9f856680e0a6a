"""A group visit: Aino plans it at the social office, Ville lets it in (rules 17–20; P6, P7)."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.codes import code_digests
from kaikukortti.actions.groups import (
    LetIn,
    Member,
    Plan,
    PlanAnswer,
    cancel_group,
    forget_old_groups,
    leave_out,
    let_group_in,
    let_member_in,
    plan_group,
)
from kaikukortti.actions.looking_after import block_card
from kaikukortti.models import Card, GroupMember, Hold, Offering, PlannedGroup, Record
from kaikukortti.rules.groups import Problem
from kaikukortti.terms.holds import HoldEnd
from kaikukortti.terms.kinds import BlockReason, OfferingKind, Status
from kaikukortti.terms.refusals import Refusal
from tests.cast import Cast

pytestmark = pytest.mark.database


def planned(cast: Cast, plan: Plan, offering: Offering, **how) -> PlanAnswer:
    return plan_group(
        plan, by=cast.aino, now=cast.now, offering=offering.pk, day=how.pop("day", offering.first_day), **how
    )


def visit_of(answer: PlanAnswer) -> PlannedGroup:
    assert answer.planned is not None, answer
    return PlannedGroup.objects.select_related("offering").get(pk=answer.planned.pk)


def held(offering: Offering) -> tuple[int, int]:
    offering.refresh_from_db()
    return offering.held, offering.children_held


def test_a_bus_of_twelve_from_a_youth_workshop(cast: Cast):
    """Three own cards, one with two children along, and a community card with five clients and two workers."""
    offering = cast.offering(cap=20)
    own = [cast.card(minors=0), cast.card(), cast.card(minors=0)]
    plan = Plan(
        [Member(own[0]), Member(own[1], children=2), Member(own[2])],
        community_code=cast.community_card(),
        clients=5,
        workers=2,
        assistants=1,
    )
    visit = visit_of(planned(cast, plan, offering))
    assert held(offering) == (12, 7)
    came = let_group_in(visit, by=cast.ville, now=cast.now)
    assert [one.status for one in came.answers] == [Status.RECORDED] * 4
    assert came.not_in == []
    rows = Record.objects.filter(offering=offering)
    counts = [
        sum(getattr(row, name) for row in rows) for name in ("holder", "children", "clients", "workers", "assistants")
    ]
    assert counts == [3, 2, 5, 2, 1]
    assert held(offering) == (0, 0)
    assert offering.taken == 12
    assert Hold.objects.get().end == HoldEnd.FETCHED


def test_a_second_press_records_nobody_twice(cast: Cast):
    offering = cast.offering()
    visit = visit_of(planned(cast, Plan([Member(cast.card())]), offering))
    first = let_group_in(visit, by=cast.ville, now=cast.now)
    again = let_group_in(visit_of(PlanAnswer(planned=visit)), by=cast.ville, now=cast.now + timedelta(minutes=1))
    assert [one.record for one in again.answers] == [one.record for one in first.answers]
    assert Record.objects.count() == 1


def test_one_card_ends_before_the_visit(cast: Cast):
    """The plan says which card and until when; nothing is kept."""
    short = cast.card(issued=cast.now - timedelta(days=362))
    ends = Card.objects.get(serial=serial_of(short)).facts.get(kind="valid").until
    offering = cast.offering(first_day=cast.now.date() + timedelta(days=10))
    answer = planned(cast, Plan([Member(cast.card()), Member(short)]), offering)
    assert [(one.refusal, one.day) for one in answer.told] == [(None, None), (Refusal.CARD_EXPIRED, ends)]
    assert answer.told[1].serial == serial_of(short)
    assert not PlannedGroup.objects.exists()


def serial_of(code: str) -> str:
    return Card.objects.get(digest__in=code_digests(code)).serial


def test_another_workplaces_card_looks_like_one_nobody_knows(cast: Cast):
    foreign, unknown = cast.card(), "7KM9QX2TR7"
    Card.objects.filter(serial=serial_of(foreign)).update(workplace=cast.workplaces["other"])
    offering = cast.offering()
    told = planned(cast, Plan([Member(foreign), Member(unknown)]), offering).told
    assert [(one.refusal, one.serial, one.day) for one in told] == [(Refusal.CARD_UNKNOWN, "", None)] * 2


def test_planning_tells_nothing_of_uses(cast: Cast):
    """A card that has its ticket already can be planned: the door says so, not the plan (P7)."""
    offering, code = cast.offering(), cast.card()
    cast.use(code, offering=offering)
    visit = visit_of(planned(cast, Plan([Member(code)]), offering))
    came = let_group_in(visit, by=cast.ville, now=cast.now)
    assert came.answers[0].status == Status.ALREADY_RECORDED


def test_whoever_cannot_be_let_in_is_settled_one_by_one(cast: Cast):
    offering = cast.offering(cap=10)
    fine, lost = cast.card(), cast.card()
    visit = visit_of(planned(cast, Plan([Member(fine), Member(lost)]), offering))
    card = Card.objects.get(serial=serial_of(lost))
    block_card(card, reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    came = let_group_in(visit, by=cast.ville, now=cast.now + timedelta(minutes=5))
    assert [(position, one.refusal) for position, one in came.not_in] == [(2, Refusal.CARD_BLOCKED)]
    member = visit.members.order_by("pk").last()
    assert member is not None
    assert member.refusal == Refusal.CARD_BLOCKED
    answer = let_member_in(member, by=cast.ville, now=cast.now + timedelta(minutes=6))
    assert (answer.status, answer.refusal) == (Status.FLAGGED, Refusal.CARD_BLOCKED)
    member.refresh_from_db()
    assert member.record_id == answer.record


def test_a_group_that_does_not_fit_keeps_nothing(cast: Cast):
    offering = cast.offering(cap=5)
    plan = Plan(community_code=cast.community_card(), clients=5, workers=1)
    answer = planned(cast, plan, offering)
    assert (answer.full, answer.places_left) == (True, 5)
    assert held(offering) == (0, 0)


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        (Plan(), Problem.NOBODY),
        (Plan(clients=3), Problem.NEEDS_COMMUNITY),
        (Plan([Member(f"{number}") for number in range(61)]), Problem.TOO_MANY),
    ],
)
def test_a_plan_needs_somebody(cast: Cast, plan: Plan, problem: Problem):
    assert planned(cast, plan, cast.offering()).problem == problem


def test_a_worker_of_a_venue_plans_no_group(cast: Cast):
    offering = cast.offering()
    with pytest.raises(NotAllowed):
        plan_group(Plan([Member("x")]), by=cast.ville, now=cast.now, offering=offering.pk, day=offering.first_day)


def test_only_the_venue_lets_the_group_in(cast: Cast):
    visit = visit_of(planned(cast, Plan([Member(cast.card())]), cast.offering()))
    with pytest.raises(NotAllowed):
        let_group_in(visit, by=cast.salla, now=cast.now)
    assert let_group_in(visit, by=cast.luukku, now=cast.now).not_in == []


def test_a_swimming_hall_next_week(cast: Cast):
    """Open admission is planned for a day to come, and recorded on it."""
    offering = cast.offering("hall", OfferingKind.OPEN, cap=30)
    day = cast.now.date() + timedelta(days=7)
    visit = visit_of(planned(cast, Plan([Member(cast.card())]), offering, day=day))
    assert Hold.objects.get(group=visit).expires_at.date() == day
    early = let_group_in(visit, by=cast.salla, now=cast.now)
    assert early.answers[0].refusal == Refusal.TOO_EARLY_TO_RECORD
    PlannedGroup.objects.update(done_at=None)
    came = let_group_in(visit_of(PlanAnswer(planned=visit)), by=cast.salla, now=cast.now + timedelta(days=7))
    assert came.answers[0].status == Status.RECORDED


def test_a_cancelled_plan_gives_its_places_back(cast: Cast):
    offering = cast.offering(cap=5)
    visit = visit_of(planned(cast, Plan([Member(cast.card()), Member(cast.card())]), offering))
    assert held(offering)[0] == 2
    assert leave_out(visit.members.order_by("pk")[0], by=cast.aino, now=cast.now) is None
    assert held(offering)[0] == 1
    assert leave_out(visit.members.get(), by=cast.aino, now=cast.now) == Problem.NOBODY
    assert cancel_group(visit, by=cast.aino, now=cast.now) is None
    assert held(offering)[0] == 0
    with pytest.raises(NotAllowed):
        cancel_group(visit, by=cast.actor("other"), now=cast.now)


def test_fewer_clients_came_than_planned(cast: Cast):
    offering = cast.offering(cap=20)
    visit = visit_of(planned(cast, Plan(community_code=cast.community_card(), clients=8, workers=2), offering))
    came: LetIn = let_group_in(visit, by=cast.ville, now=cast.now, clients=6, workers=1)
    assert came.not_in == []
    offering.refresh_from_db()
    assert (offering.taken, offering.held) == (7, 0)


def test_which_cards_were_in_a_group_is_forgotten(cast: Cast):
    visit = visit_of(planned(cast, Plan([Member(cast.card())], cast.community_card(), clients=1), cast.offering()))
    assert forget_old_groups(now=cast.now + timedelta(days=30)) == 0
    assert forget_old_groups(now=cast.now + timedelta(days=32)) == 1
    visit.refresh_from_db()
    assert (visit.community_card_id, visit.clients, GroupMember.objects.count()) == (None, 1, 0)


@pytest.mark.database(transaction=True)
def test_two_doors_press_at_once(cast: Cast):
    """Two browsers let the same group in: everybody is in once, whoever was quicker."""
    offering = cast.offering(cap=10)
    visit = visit_of(planned(cast, Plan([Member(cast.card()) for _ in range(3)]), offering))
    start, answers = Barrier(2), []

    def press() -> None:
        start.wait()
        try:
            answers.append(let_group_in(visit, by=cast.ville, now=cast.now))
        finally:
            connection.close()

    presses = [Thread(target=press) for _ in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert [one.not_in for one in answers] == [[], []]
    assert Record.objects.count() == 3
    offering.refresh_from_db()
    assert (offering.taken, offering.held) == (3, 0)
