"""Places kept for a card: by code, fetched at the door, given back by themselves (rules 17, 24)."""

# mypy: disable-error-code="union-attr"

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.cards import Issued
from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.erasure import erase_line
from kaikukortti.actions.holds import (
    KeptAnswer,
    Wish,
    end_hold,
    forget_old_holds,
    keep_places,
    prolong_hold,
    release_hold,
    return_places,
)
from kaikukortti.actions.known import Use
from kaikukortti.actions.looking_after import block_card, replace_card
from kaikukortti.actions.offerings import cancel_offering, edit_offering
from kaikukortti.models import Hold, Offering, OpenDay, Record
from kaikukortti.rules.offerings import Problem
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.holds import HoldEnd, HoldKind, NotKept
from kaikukortti.terms.kinds import OfferingKind, Source, Status
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal
from tests.actions.test_cards import card_of
from tests.actions.test_offerings import said
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.database

EARLY = NOW - timedelta(hours=3)


def asked(cast: Cast, code: str, offering: Offering, *, by=None, day=TODAY, until=None, **wish) -> KeptAnswer:
    by = by or cast.ville
    return keep_places(code, Wish(**wish), by=by, now=cast.now, offering=offering.pk, day=day, until=until)


def kept(cast: Cast, code: str, offering: Offering, **how) -> Hold:
    answer = asked(cast, code, offering, **how)
    assert answer.hold is not None, answer
    return answer.hold


def why_not(cast: Cast, code: str, offering: Offering, **how):
    answer = asked(cast, code, offering, **how)
    assert answer.hold is None
    return answer.problem or answer.refusal


def left(cast: Cast, offering: Offering) -> int | None:
    """Places left as a card of somebody else finds them."""
    return cast.check(cast.card(), offering=offering).places_left


@pytest.fixture
def afternoon(cast: Cast) -> Cast:
    return cast.at(EARLY)


# --- keeping ------------------------------------------------------------------------------------------------------


def test_places_are_kept_by_code_and_fetched_with_the_card(afternoon):
    cast, event, code = afternoon, afternoon.offering(cap=5), afternoon.card(minors=2)
    hold = kept(cast, code, event, children=2)
    assert (hold.number, hold.places, hold.children, hold.kind) == (1, 3, 2, HoldKind.DESK)
    assert hold.expires_at == datetime(2026, 11, 24, 18, 30, tzinfo=HELSINKI)
    assert left(cast, event) == 2
    told = cast.check(code, offering=event)
    assert told.kept is not None
    assert (told.kept.number, told.kept.places, told.places_left) == (1, 3, 5)
    assert cast.use(code, offering=event, children=2).status == Status.RECORDED
    hold.refresh_from_db()
    assert (hold.end, hold.record) == (HoldEnd.FETCHED, Record.objects.get())
    event.refresh_from_db()
    assert (event.taken, event.held, event.children_taken, event.children_held) == (3, 0, 2, 0)


def test_a_card_has_its_places_kept_once(afternoon):
    cast, event, code = afternoon, afternoon.offering(cap=5), afternoon.card()
    first = kept(cast, code, event)
    again = keep_places(code, Wish(children=1), by=cast.ville, now=cast.now, offering=event.pk, day=TODAY)
    assert (again.hold, again.before, Hold.objects.count()) == (first, True, 1)
    assert kept(cast, cast.card(), event).number == 2


def test_what_a_record_would_be_refused_for_is_refused_now(afternoon):
    cast, event = afternoon, afternoon.offering(cap=2)
    blocked = cast.card()
    block_card(card_of(blocked, cast), reason="lost", by=cast.aino, now=cast.now)
    assert why_not(cast, blocked, event) == Refusal.CARD_BLOCKED
    assert why_not(cast, "7KM9QX2TR7", event) == Refusal.CARD_UNKNOWN
    assert why_not(cast, cast.card(), event, children=2) == Refusal.OFFERING_FULL
    assert why_not(cast, cast.card(), cast.offering("tapiola")) == Refusal.OFFERING_UNKNOWN
    assert why_not(cast, cast.card(), cast.offering(cancelled_at=cast.now)) == Refusal.OFFERING_CANCELLED
    cast.policy(Policy.CHILDREN_ABOVE, "refuse", region="kainuu")
    assert why_not(cast, cast.card(minors=0), event, children=1) == Refusal.TOO_MANY_CHILDREN
    with pytest.raises(NotAllowed):
        kept(cast, cast.card(), event, by=cast.aino)
    assert not Hold.objects.exists()


def test_children_beside_a_ticket_given_before(afternoon):
    cast, event, code = afternoon, afternoon.offering(cap=5), afternoon.card(minors=2)
    cast.use(code, offering=event)
    assert why_not(cast, code, event) == Refusal.ALREADY_RECORDED
    hold = kept(cast, code, event, children=2)
    assert (hold.places, hold.children) == (2, 2)
    assert cast.use(code, offering=event, holder=0, children=2).status == Status.RECORDED
    hold.refresh_from_db()
    assert hold.end == HoldEnd.FETCHED


def test_a_community_card_keeps_its_group(afternoon):
    cast, event, code = afternoon, afternoon.offering(cap=9, children_cap=5), afternoon.community_card()
    assert why_not(cast, code, event) == Refusal.COMMUNITY_CARD_NEEDS_CLIENTS
    assert why_not(cast, code, event, clients=6, workers=1) == Refusal.OFFERING_FULL
    hold = kept(cast, code, event, clients=5, workers=2)
    assert (hold.places, hold.children) == (7, 5)
    assert cast.use(code, offering=event, clients=5, workers=2).status == Status.RECORDED
    event.refresh_from_db()
    assert (event.taken, event.children_taken, event.held) == (7, 5, 0)


def test_wheelchair_places_are_counted_over_what_is_kept_and_who_is_in(afternoon):
    cast, event = afternoon, afternoon.offering(cap=9, wheelchair_cap=1)
    first = cast.card()
    kept(cast, first, event, wheelchair=1)
    assert why_not(cast, cast.card(), event, wheelchair=1) == NotKept.WHEELCHAIR
    answer = cast.use(first, offering=event)
    assert why_not(cast, cast.card(), event, wheelchair=1) == NotKept.WHEELCHAIR
    reverse_use(Record.objects.get(pk=answer.record), by=cast.ville, now=cast.now)
    end_hold(Hold.objects.get(), end=HoldEnd.RELEASED, now=cast.now)
    assert kept(cast, cast.card(), event, wheelchair=1)
    assert kept(cast, cast.card(), cast.offering(), wheelchair=1)  # no number said: only written down
    assert why_not(cast, cast.card(), event, wheelchair=2) == NotKept.NOBODY


def test_until_when_is_chosen_and_never_after_the_start(afternoon):
    cast, event = afternoon, afternoon.offering(cap=9)
    assert kept(cast, cast.card(), event, until=NOW + timedelta(days=1)).expires_at == event.starts_at
    assert kept(cast, cast.card(), event, until=cast.now + timedelta(hours=1)).expires_at == NOW - timedelta(hours=2)
    assert why_not(cast, cast.card(), event, until=cast.now) == NotKept.PAST
    cast.at(NOW - timedelta(minutes=10))
    assert kept(cast, cast.card(), event).expires_at == event.starts_at
    cast.at(event.starts_at)
    assert why_not(cast, cast.card(), event) == NotKept.BEGUN


def test_open_admission_keeps_places_by_the_day(afternoon):
    cast = afternoon
    hall, code = cast.offering("hall", OfferingKind.OPEN, cap=2), cast.card()
    hold = kept(cast, code, hall, by=cast.salla)
    assert hold.expires_at.astimezone(HELSINKI).date() == TODAY
    assert (OpenDay.objects.get().held, Offering.objects.get().held) == (1, 1)
    assert cast.check(cast.card(), offering=hall, by=cast.salla).places_left == 1
    assert cast.use(code, offering=hall, by=cast.salla).status == Status.RECORDED
    assert (OpenDay.objects.get().taken, OpenDay.objects.get().held) == (1, 0)
    assert Hold.objects.get().end == HoldEnd.FETCHED


def test_a_course_keeps_places_until_it_begins(afternoon):
    cast, code = afternoon, afternoon.card()
    course = cast.offering("routa", OfferingKind.COURSE, cap=1, first_day=TODAY + timedelta(days=3))
    hold = kept(cast, code, course)
    assert (hold.day, hold.places) == (course.first_day, 1)
    assert hold.expires_at.astimezone(HELSINKI).date() == course.first_day
    assert why_not(cast, cast.card(), course) == Refusal.OFFERING_FULL
    assert cast.use(code, offering=course, kind="course").status == Status.RECORDED
    assert Hold.objects.get().end == HoldEnd.FETCHED
    begun = cast.offering("routa", OfferingKind.COURSE, cap=1, first_day=TODAY - timedelta(days=3))
    assert why_not(cast, cast.card(), begun) == NotKept.BEGUN


def test_without_a_cap_a_hold_is_a_number_and_is_fetched_all_the_same(afternoon):
    cast, code = afternoon, afternoon.card()
    for by, offering in ((cast.ville, cast.offering()), (cast.salla, cast.offering("hall", OfferingKind.OPEN))):
        hold = kept(cast, code, offering, by=by, children=1)
        assert kept(cast, code, offering, by=by) == hold
        told = cast.check(code, offering=offering, by=by)
        assert told.places_left is None
        assert told.kept is not None
        assert told.kept.number == 1
        assert cast.use(code, offering=offering, by=by, children=1).status == Status.RECORDED
        hold.refresh_from_db()
        assert hold.end == HoldEnd.FETCHED


# --- fetching -----------------------------------------------------------------------------------------------------


def test_fetched_smaller_the_rest_returns_and_fetched_bigger_takes_what_is_free(afternoon):
    cast, event = afternoon, afternoon.offering(cap=5)
    small, big = cast.card(), cast.card(minors=5)
    kept(cast, small, event, children=2)
    cast.use(small, offering=event)
    assert left(cast, event) == 4
    kept(cast, big, event, children=1)
    assert left(cast, event) == 2
    assert cast.use(big, offering=event, children=4).refusal == Refusal.OFFERING_FULL
    assert Hold.objects.standing(cast.now).count() == 1  # what was refused fetched nothing
    assert cast.use(big, offering=event, children=3).status == Status.RECORDED
    assert left(cast, event) == 0


def test_what_has_run_out_keeps_nothing_without_any_timer(afternoon):
    cast, event, code = afternoon, afternoon.offering(cap=1), afternoon.card()
    kept(cast, code, event)
    assert cast.use(cast.card(), offering=event).refusal == Refusal.OFFERING_FULL
    cast.at(NOW)
    assert cast.check(code, offering=event).kept is None
    assert cast.use(cast.card(), offering=event).status == Status.RECORDED
    assert cast.use(code, offering=event).refusal == Refusal.OFFERING_FULL
    assert return_places(now=cast.now) == 1
    assert return_places(now=cast.now) == 0
    assert Hold.objects.get().end == HoldEnd.EXPIRED
    assert Record.objects.count() == 1  # a no-show is no use
    event.refresh_from_db()
    assert (event.taken, event.held) == (1, 0)


def test_a_short_number_names_the_card(afternoon):
    cast, event, code = afternoon, afternoon.offering(cap=3), afternoon.card(minors=1)
    kept(cast, code, event, children=1)
    told = cast.check("k 01", offering=event)
    assert told.allowed
    assert told.kept is not None
    assert (told.kept.places, told.child_places) == (2, 1)
    assert cast.use("K-1", offering=event, children=1).status == Status.RECORDED
    assert Record.objects.get().card == card_of(code, cast)
    assert cast.use(code, offering=event).refusal == Refusal.ALREADY_RECORDED
    assert cast.check("K-2", offering=event).refusal == Refusal.CARD_CODE_TYPO
    other = cast.offering()
    assert cast.check("K-1", offering=other).refusal == Refusal.CARD_CODE_TYPO
    assert cast.check("K-1").refusal == Refusal.CARD_CODE_TYPO


def test_a_number_that_is_nobodys_is_no_guess_at_a_code(afternoon):
    cast, event = afternoon, afternoon.offering()
    for number in range(1, 60):
        assert cast.check(f"K-{number}", offering=event).refusal == Refusal.CARD_CODE_TYPO
    assert cast.use("K-7", offering=event).refusal == Refusal.CARD_CODE_TYPO
    assert cast.check(cast.card(), offering=event).allowed


def test_the_number_names_the_card_also_when_the_places_have_gone_back(afternoon):
    """The list at the door is typed in the next morning."""
    cast, event, code = afternoon, afternoon.offering(cap=1), afternoon.card()
    kept(cast, code, event)
    cast.at(NOW + timedelta(hours=14))
    row = cast.row("K-1", offering=event, source=Source.PAPER, happened=True)
    assert [cast.uses([row])[0].status for _ in range(2)] == [Status.RECORDED, Status.RECORDED]
    assert Record.objects.get().card == card_of(code, cast)


def test_an_offline_row_fetches_what_was_kept(afternoon):
    cast, event = afternoon, afternoon.offering(cap=1)
    code = cast.card()
    kept(cast, code, event)
    at = cast.now + timedelta(minutes=5)
    answer = cast.use(code, offering=event, source=Source.OFFLINE, happened=True, at=at)
    assert (answer.status, Hold.objects.get().end) == (Status.RECORDED, HoldEnd.FETCHED)
    double = cast.use(code, offering=event, source=Source.OFFLINE, happened=True, at=at)
    assert (double.status, double.refusal) == (Status.FLAGGED, Refusal.ALREADY_RECORDED)


def test_a_likely_duplicate_leaves_the_places_of_children_who_come_later(afternoon):
    cast, event, code = afternoon, afternoon.offering(cap=4), afternoon.card(minors=2)
    cast.use(code, offering=event)
    hold = kept(cast, code, event, children=2)
    assert cast.use(code, offering=event, happened=True, source=Source.PAPER).refusal == Refusal.ALREADY_RECORDED
    hold.refresh_from_db()
    assert hold.end == ""


def test_the_agents_numbers_are_its_own(afternoon):
    cast, event = afternoon, afternoon.offering(cap=4)
    kept(cast, cast.card(), event)
    kept(cast, cast.card(), event, by=cast.luukku)
    assert cast.check("K-1", offering=event, by=cast.luukku).refusal == Refusal.CARD_CODE_TYPO
    assert cast.check("K-2", offering=event, by=cast.luukku).allowed
    assert cast.check("K-2", offering=event).allowed  # the venue's list holds them all


def test_what_is_kept_follows_a_replaced_card_and_a_blocked_one_fetches_nothing(afternoon):
    cast, event, old, new = afternoon, afternoon.offering(cap=1), afternoon.card(), afternoon.blank()
    kept(cast, old, event)
    assert isinstance(replace_card(card_of(old, cast), new, reason="lost", by=cast.aino, now=cast.now), Issued)
    assert cast.use(old, offering=event).refusal == Refusal.CARD_REPLACED
    assert cast.check("K-1", offering=event).allowed
    assert cast.check(new, offering=event).kept is not None
    second = cast.blank()
    replace_card(card_of(new, cast), second, reason="lost", by=cast.aino, now=cast.now)
    assert cast.use("K-1", offering=event).status == Status.RECORDED
    assert Hold.objects.get().end == HoldEnd.FETCHED

    other = cast.offering(cap=1)
    lost = cast.card()
    kept(cast, lost, other)
    block_card(card_of(lost, cast), reason="lost", by=cast.aino, now=cast.now)
    assert cast.use("K-1", offering=other).refusal == Refusal.CARD_BLOCKED
    assert Hold.objects.standing(cast.now).count() == 1  # until its time is over


def test_undone_in_time_the_places_are_kept_again_as_far_as_they_are_free(afternoon):
    cast, event, code = afternoon, afternoon.offering(cap=3), afternoon.card()
    hold = kept(cast, code, event, children=2)
    first = cast.use(code, offering=event)
    reverse_use(Record.objects.get(pk=first.record), by=cast.ville, now=cast.now)
    hold.refresh_from_db()
    assert (hold.end, hold.places, hold.children, hold.record) == ("", 3, 2, None)
    second = cast.use(code, offering=event)
    assert cast.use(cast.card(), offering=event).status == Status.RECORDED
    reverse_use(Record.objects.get(pk=second.record), by=cast.ville, now=cast.now)
    hold.refresh_from_db()
    assert (hold.places, hold.children) == (2, 1)
    event.refresh_from_db()
    assert (event.taken, event.held) == (1, 2)
    third = cast.use(code, offering=event, children=1)
    cast.at(NOW)  # later than it was kept for
    reverse_use(Record.objects.get(pk=third.record), by=cast.ville, now=cast.now)
    hold.refresh_from_db()
    assert hold.end == HoldEnd.FETCHED
    assert left(cast, event) == 2


def test_a_promise_stands_where_a_row_that_happened_went_over(afternoon):
    cast, event, code = afternoon, afternoon.offering(cap=1), afternoon.card()
    kept(cast, code, event)
    over = cast.use(cast.card(), offering=event, happened=True, source=Source.OFFLINE)
    assert (over.status, over.refusal) == (Status.FLAGGED, Refusal.OFFERING_FULL)
    assert cast.check(code, offering=event).allowed
    assert cast.use(code, offering=event, children=1).refusal == Refusal.OFFERING_FULL
    assert cast.use(code, offering=event).status == Status.RECORDED
    event.refresh_from_db()
    assert (event.taken, event.held) == (2, 0)


# --- what the venue changes ---------------------------------------------------------------------------------------


def test_a_cap_falls_to_what_is_kept_and_no_further(afternoon):
    cast, event = afternoon, afternoon.offering(cap=5, children_cap=3)
    kept(cast, cast.card(), event, children=2)
    cast.use(cast.card(), offering=event)

    def edit(**change):
        event.refresh_from_db()
        return edit_offering(event, replace(said(event), **change), by=cast.ville, now=cast.now)

    assert edit(cap=3) == Problem.CAP_BELOW_KEPT
    assert edit(children_cap=1) == Problem.CAP_BELOW_KEPT
    assert isinstance(edit(cap=4, children_cap=2), Offering)
    assert isinstance(edit(cap=None), Offering)
    assert edit(cap=3) == Problem.CAP_BELOW_KEPT
    tomorrow = TODAY + timedelta(days=1)
    assert edit(first_day=tomorrow, last_day=tomorrow) in (Problem.PLACES_KEPT, Problem.FIRST_DAY_FIXED)
    end_hold(Hold.objects.get(), end=HoldEnd.RELEASED, now=cast.now)
    assert isinstance(edit(cap=0), Offering)


def test_a_start_that_is_moved_moves_the_last_hour(afternoon):
    cast, event = afternoon, afternoon.offering(cap=5)
    hold = kept(cast, cast.card(), event)
    earlier = event.starts_at - timedelta(hours=1)
    edit_offering(event, replace(said(event), starts_at=earlier), by=cast.ville, now=cast.now)
    hold.refresh_from_db()
    assert hold.expires_at == earlier


def test_cancelling_ends_what_is_kept(afternoon):
    cast, event = afternoon, afternoon.offering(cap=5)
    kept(cast, cast.card(), event)
    code = cast.card()
    kept(cast, code, event)
    cast.use(code, offering=event)
    answer = cancel_offering(event, by=cast.ville, now=cast.now)
    assert (answer.reversed, answer.holds) == (1, 1)
    assert [hold.end for hold in Hold.objects.order_by("number")] == [HoldEnd.CANCELLED, HoldEnd.FETCHED]
    event.refresh_from_db()
    assert (event.taken, event.held) == (0, 0)


def test_releasing_and_prolonging(afternoon):
    cast, event = afternoon, afternoon.offering(cap=1)
    hold = kept(cast, cast.card(), event)
    assert prolong_hold(hold, NOW + timedelta(days=1), by=cast.ville, now=cast.now) is None
    hold.refresh_from_db()
    assert hold.expires_at == event.starts_at
    assert prolong_hold(hold, cast.now, by=cast.ville, now=cast.now) == NotKept.PAST
    for by in (cast.salla, cast.luukku, cast.aino):
        with pytest.raises(NotAllowed):
            release_hold(hold, by=by, now=cast.now)
        with pytest.raises(NotAllowed):
            prolong_hold(hold, NOW, by=by, now=cast.now)
    assert release_hold(hold, by=cast.ville, now=cast.now)
    assert not release_hold(hold, by=cast.ville, now=cast.now)
    assert prolong_hold(hold, NOW, by=cast.ville, now=cast.now) == NotKept.OVER
    assert left(cast, event) == 1
    theirs = kept(cast, cast.card(), event, by=cast.luukku)
    assert release_hold(theirs, by=cast.luukku, now=cast.now)


# --- letting go ---------------------------------------------------------------------------------------------------


def test_thirty_days_after_the_day_only_numbers_are_left(afternoon):
    cast, event, code = afternoon, afternoon.offering(cap=5), afternoon.card()
    kept(cast, code, event)
    cast.use(code, offering=event)
    assert forget_old_holds(now=NOW + timedelta(days=30)) == 0
    assert Hold.objects.get().card_id is not None
    assert forget_old_holds(now=NOW + timedelta(days=31)) == 1
    hold = Hold.objects.get()
    assert (hold.card, hold.record, hold.places, hold.end) == (None, None, 1, HoldEnd.FETCHED)
    assert Record.objects.get().card_id is not None  # that link has a life of its own
    cast.at(NOW + timedelta(days=31))
    assert cast.check("K-1", offering=event).refusal == Refusal.CARD_CODE_TYPO


def test_an_erased_holders_places_go_back_and_the_numbers_stay(afternoon):
    cast, event, code = afternoon, afternoon.offering(cap=2), afternoon.card()
    kept(cast, code, event)
    erase_line(card_of(code, cast).line, now=cast.now)
    assert Hold.objects.get().card is None
    assert Hold.objects.get().end == HoldEnd.RELEASED
    assert left(cast, event) == 2
    assert kept(cast, cast.card(), event).number == 2


def test_nothing_kept_costs_no_statement(afternoon, django_assert_num_queries):
    """A check and a record where nothing is kept ask as little as before; a hold costs one more."""
    cast, event, plain = afternoon, afternoon.offering(cap=9), afternoon.offering(cap=9)
    ville, code = cast.ville, cast.card()
    with django_assert_num_queries(3):
        cast.check(code, offering=plain, by=ville)
    kept(cast, code, event)
    with django_assert_num_queries(4):
        cast.check(code, offering=event, by=ville)
    with django_assert_num_queries(7):
        cast.check("K-1", offering=event, by=ville)
    assert Use(id=uuid4(), code="K-1", day=TODAY).key({"K-1": None}) is None
