"""The wait list of a full offering, the next who is called, and tonight's empty seats (rules 17, 24)."""

# mypy: disable-error-code="operator,return-value,union-attr"

from dataclasses import replace
from datetime import timedelta

import pytest

from kaikukortti.actions.corrections import reverse_use, settle_use
from kaikukortti.actions.holds import Wish, end_hold, release_hold, return_places
from kaikukortti.actions.looking_after import replace_card
from kaikukortti.actions.offerings import cancel_offering, edit_offering
from kaikukortti.actions.phone import carry_card
from kaikukortti.actions.seats import release_seats, take_back_seats
from kaikukortti.actions.waiting import leave_list, own_holds, own_waits, see_to, wait_for_places
from kaikukortti.models import Hold, Offering, Record, Waiting
from kaikukortti.terms.holds import HoldEnd, HoldKind, NotKept
from kaikukortti.terms.kinds import OfferingKind, Source, Status
from kaikukortti.terms.refusals import Refusal
from tests.actions.test_cards import card_of
from tests.actions.test_holds import EARLY, kept
from tests.actions.test_offerings import said
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.database


@pytest.fixture
def afternoon(cast: Cast) -> Cast:
    return cast.at(EARLY)


def phone(cast: Cast, **card) -> str:
    """A card that is on its holder's phone."""
    code = cast.card(**card)
    carry_card(card_of(code, cast), code, now=cast.now)
    return code


def waits(cast: Cast, code: str, offering: Offering, **wish):
    return wait_for_places(code, Wish(**wish), by=cast.ville, now=cast.now, offering=offering.pk, day=TODAY)


def full(cast: Cast, places: int = 1, **offering) -> tuple[Offering, list[int]]:
    """An event with all its places given, and the records that hold them."""
    event = cast.offering(cap=places, **offering)
    given = [cast.use(cast.card(), offering=event).record for _ in range(places)]
    return event, given


def undo(cast: Cast, record: int) -> None:
    reverse_use(Record.objects.get(pk=record), by=cast.ville, now=cast.now)


def test_only_a_full_offering_has_a_list_and_only_a_phone_card_is_called(afternoon):
    cast, event = afternoon, afternoon.offering(cap=1)
    answer = waits(cast, phone(cast), event)
    assert answer.why_not.problem == NotKept.NOT_FULL
    assert not Hold.objects.exists()
    cast.use(cast.card(), offering=event)
    assert waits(cast, cast.card(), event).why_not.problem == NotKept.NO_PHONE
    assert waits(cast, "7KM9QX2TR7", event).why_not.refusal == Refusal.CARD_UNKNOWN
    code = phone(cast)
    first = waits(cast, code, event)
    assert (first.ahead, waits(cast, code, event).waiting) == (0, first.waiting)
    assert waits(cast, phone(cast), event).ahead == 1
    assert Waiting.objects.count() == 2


def test_a_card_that_has_places_here_waits_for_none(afternoon):
    cast, event = afternoon, afternoon.offering(cap=1)
    code = phone(cast)
    hold = kept(cast, code, event)
    assert waits(cast, code, event).why_not.hold == hold


def test_the_first_that_fits_has_places_kept_for_two_hours(afternoon):
    cast = afternoon
    event, (record, other) = full(cast, 2)
    family, single, last = phone(cast), phone(cast), phone(cast)
    waits(cast, family, event, children=1)
    waits(cast, single, event)
    waits(cast, last, event)
    undo(cast, record)
    (hold,) = own_holds(card_of(single, cast), now=cast.now)
    assert (hold.kind, hold.places, hold.expires_at) == (HoldKind.WAITING, 1, cast.now + timedelta(hours=2))
    assert [one.card for one in Waiting.objects.filter(hold=None)] == [card_of(family, cast), card_of(last, cast)]
    assert own_waits(card_of(single, cast), now=cast.now) == []
    assert cast.use(cast.card(), offering=event).refusal == Refusal.OFFERING_FULL
    assert cast.use(single, offering=event).status == Status.RECORDED
    undo(cast, other)
    (hold,) = own_holds(card_of(last, cast), now=cast.now)
    event.refresh_from_db()
    assert (event.taken, event.held) == (1, 1)


def test_not_fetched_the_next_one_is_called_and_leaving_the_list_is_respected(afternoon):
    cast = afternoon
    event, (record,) = full(cast)
    first, second, third = phone(cast), phone(cast), phone(cast)
    for code in (first, second, third):
        waits(cast, code, event)
    assert leave_list(own_waits(card_of(second, cast), now=cast.now)[0], now=cast.now)
    undo(cast, record)
    assert own_holds(card_of(first, cast), now=cast.now)
    cast.at(cast.now + timedelta(hours=2))
    assert see_to(event.pk, TODAY, now=cast.now) == 1
    (hold,) = own_holds(card_of(third, cast), now=cast.now)
    assert hold.expires_at == event.starts_at - timedelta(minutes=30)
    assert return_places(now=cast.now) == 1
    assert Hold.objects.get(number=1).end == HoldEnd.EXPIRED
    assert not Waiting.objects.filter(card=card_of(first, cast), ended_at=None).exists()
    assert release_hold(hold, by=cast.ville, now=cast.now)
    assert not Waiting.objects.filter(ended_at=None).exists()
    assert waits(cast, first, event).why_not.problem == NotKept.NOT_FULL


def test_close_to_the_start_nobody_is_called_any_more(afternoon):
    cast = afternoon
    event, (record,) = full(cast)
    code = phone(cast)
    waits(cast, code, event)
    cast.at(event.starts_at - timedelta(minutes=35))
    undo(cast, record)
    assert not Hold.objects.exists()
    assert cast.use(cast.card(), offering=event).status == Status.RECORDED


@pytest.mark.parametrize("way", ["record", "hold", "expiry", "cap", "smaller", "seats", "settled", "erased"])
def test_whichever_way_places_come_free_the_list_is_served(afternoon, way):
    cast, event, code = afternoon, afternoon.offering(cap=2), afternoon.card()
    hold = kept(cast, code, event, children=1)
    waiting = phone(cast)
    waits(cast, waiting, event)
    match way:
        case "record":
            undo(cast, cast.use(code, offering=event, children=1).record)
            assert not own_holds(card_of(waiting, cast), now=cast.now)  # kept again for whom they were kept
            end_hold(hold, end=HoldEnd.RELEASED, now=cast.now)
        case "hold":
            release_hold(hold, by=cast.ville, now=cast.now)
        case "expiry":
            Hold.objects.update(expires_at=cast.now)
            return_places(now=cast.now)
        case "cap":
            event.refresh_from_db()
            edit_offering(event, replace(said(event), cap=3), by=cast.ville, now=cast.now)
        case "smaller":
            cast.use(code, offering=event)
        case "seats":
            release_seats(event, seats=1, by=cast.ville, now=cast.now)
        case "settled":
            end_hold(hold, end=HoldEnd.REISSUED, now=cast.now)
            cast.use(cast.card(), offering=event)
            cast.use(code, offering=event)
            double = cast.use(code, offering=event, happened=True, source=Source.PAPER)
            row = Record.objects.get(pk=double.record)
            settle_use(row, counts=True, by=cast.ville, now=cast.now)
            event.refresh_from_db()
            edit_offering(event, replace(said(event), cap=3), by=cast.ville, now=cast.now)
            assert not own_holds(card_of(waiting, cast), now=cast.now)
            settle_use(row, counts=False, by=cast.ville, now=cast.now)
        case "erased":
            from kaikukortti.actions.erasure import erase_line

            erase_line(card_of(code, cast).line, now=cast.now)
    (called,) = own_holds(card_of(waiting, cast), now=cast.now)
    assert called.kind == HoldKind.WAITING
    event.refresh_from_db()
    assert event.taken + event.held <= (event.cap or 0)


def test_whose_card_is_on_no_phone_any_more_is_passed_over_and_keeps_the_turn(afternoon):
    cast = afternoon
    event, (record, other) = full(cast, 2)
    gone, there = phone(cast), phone(cast)
    waits(cast, gone, event)
    waits(cast, there, event)
    new = cast.blank()
    replace_card(card_of(gone, cast), new, reason="lost", by=cast.aino, now=cast.now)
    undo(cast, record)
    assert own_holds(card_of(there, cast), now=cast.now)
    carry_card(card_of(new, cast), new, now=cast.now)
    undo(cast, other)
    (hold,) = own_holds(card_of(new, cast), now=cast.now)
    assert hold.card == card_of(new, cast)  # the successor took the turn


def test_a_ticket_or_places_got_otherwise_end_the_wait(afternoon):
    cast = afternoon
    event, (_record,) = full(cast)
    code, second = phone(cast), phone(cast)
    waits(cast, code, event)
    waits(cast, second, event)
    cast.use(code, offering=event, happened=True, source=Source.OFFLINE)  # let in without network
    event.refresh_from_db()
    edit_offering(event, replace(said(event), cap=3), by=cast.ville, now=cast.now)
    assert not own_waits(card_of(code, cast), now=cast.now)
    assert own_holds(card_of(second, cast), now=cast.now)


def test_wheelchair_places_are_waited_for(afternoon):
    cast, event = afternoon, afternoon.offering(cap=5, wheelchair_cap=1)
    code = phone(cast)
    hold = kept(cast, cast.card(), event, wheelchair=1)
    assert waits(cast, code, event, wheelchair=1).waiting
    assert see_to(event.pk, TODAY, now=cast.now) == 0
    release_hold(hold, by=cast.ville, now=cast.now)
    (called,) = own_holds(card_of(code, cast), now=cast.now)
    assert called.wheelchair == 1


def test_cancelling_ends_the_list(afternoon):
    cast = afternoon
    event, _given = full(cast)
    code = phone(cast)
    waits(cast, code, event)
    answer = cancel_offering(event, by=cast.ville, now=cast.now)
    assert (answer.reversed, answer.holds, answer.waiting) == (1, 0, 1)
    assert not Hold.objects.exists()
    assert own_waits(card_of(code, cast), now=cast.now) == []


def test_open_admission_has_a_list_of_the_day(afternoon):
    cast, hall = afternoon, afternoon.offering("hall", OfferingKind.OPEN, cap=1)
    record = cast.use(cast.card(), offering=hall, by=cast.salla).record
    code = phone(cast)
    answer = wait_for_places(code, Wish(), by=cast.salla, now=cast.now, offering=hall.pk, day=TODAY)
    assert answer.waiting
    reverse_use(Record.objects.get(pk=record), by=cast.salla, now=cast.now)
    assert own_holds(card_of(code, cast), now=cast.now)


# --- tonight's empty seats ----------------------------------------------------------------------------------------


def test_empty_seats_raise_the_caps_and_are_taken_back(afternoon):
    cast = afternoon
    event, _given = full(cast, 2, children_cap=1)
    one = release_seats(event, seats=5, by=cast.ville, now=cast.now)
    assert (one.cap, one.children_cap, one.released_seats, one.released_at) == (7, 6, 5, cast.now)
    one = release_seats(event, seats=3, by=cast.ville, now=cast.now)
    assert (one.cap, one.children_cap, one.released_seats) == (5, 4, 3)
    cast.use(cast.card(), offering=event)
    one = take_back_seats(event, by=cast.ville, now=cast.now)
    assert (one.cap, one.children_cap, one.released_seats, one.released_at) == (3, 1, 0, None)
    assert take_back_seats(event, by=cast.ville, now=cast.now).cap == 3


def test_seats_that_are_there_already_need_no_higher_cap(afternoon):
    cast, event = afternoon, afternoon.offering(cap=9)
    one = release_seats(event, seats=4, by=cast.ville, now=cast.now)
    assert (one.cap, one.released_seats) == (9, 0)
    assert take_back_seats(event, by=cast.ville, now=cast.now).cap == 9
    free = cast.offering()
    assert release_seats(free, seats=4, by=cast.ville, now=cast.now).cap is None


def test_seats_are_released_today_until_the_start(afternoon):
    cast, event = afternoon, afternoon.offering(cap=1)
    tomorrow = cast.offering(cap=1, first_day=TODAY + timedelta(days=1))
    assert release_seats(tomorrow, seats=1, by=cast.ville, now=cast.now) == NotKept.NOT_TODAY
    assert release_seats(event, seats=1, by=cast.ville, now=event.starts_at) == NotKept.NOT_TODAY
    draft = cast.offering(cap=1, published_at=None)
    assert release_seats(draft, seats=1, by=cast.ville, now=cast.now) == NotKept.NOT_TODAY
    assert cast.now < NOW
