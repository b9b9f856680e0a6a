"""Offerings: what a venue may say, what stays once there are records, and cancelling all or nothing."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from django.db import OperationalError, connection

from kaikukortti.actions import offerings
from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.offerings import (
    Cancelled,
    Details,
    cancel_offering,
    copy_offering,
    edit_offering,
    enter_offering,
    publish_offering,
    standing_records,
)
from kaikukortti.models import Offering, OpenDay, Record, YearClose
from kaikukortti.models.snapshot import forget
from kaikukortti.rules.offerings import Problem
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import OfferingKind, Sector, Status
from kaikukortti.terms.refusals import Refusal
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.database

TONIGHT = Details(name_fi="Ilta", sector=Sector.CULTURE, first_day=TODAY, last_day=TODAY)
OPEN = replace(TONIGHT, last_day=TODAY + timedelta(days=30))


def entered(details, *, by, **how):
    """A new event."""
    made = enter_offering(OfferingKind.EVENT, details, by=by, now=NOW, **how)
    assert isinstance(made, Offering), made
    return made


def said(offering):
    """What is said of an offering that is there."""
    return Details(**{name: getattr(offering, name) for name in Details.__dataclass_fields__})


# --- entering and editing -----------------------------------------------------------------------------------------


def test_an_offering_is_a_draft_until_published(cast):
    made = entered(TONIGHT, by=cast.ville)
    assert cast.use(cast.card(), offering=made).refusal == Refusal.OFFERING_NOT_OPEN
    assert publish_offering(made, by=cast.ville, now=NOW) is None
    assert publish_offering(made, by=cast.ville, now=NOW + timedelta(days=1)) is None
    assert Offering.objects.get().published_at == NOW
    assert cast.use(cast.card(), offering=made).status == Status.RECORDED


def test_one_language_is_enough(cast):
    made = entered(replace(TONIGHT, name_fi="", name_sv="Kväll"), by=cast.ville, publish=True)
    assert (made.name_fi, made.name_sv, made.published_at) == ("Kväll", "Kväll", NOW)


@pytest.mark.parametrize(
    ("kind", "change", "problem"),
    [
        (OfferingKind.EVENT, {"name_fi": ""}, Problem.NO_NAME),
        (OfferingKind.EVENT, {"last_day": TODAY + timedelta(days=1)}, Problem.ONE_DAY),
        (OfferingKind.OPEN, {"last_day": TODAY - timedelta(days=1)}, Problem.DAYS_IN_ORDER),
        (OfferingKind.OPEN, {"weekdays": 0}, Problem.NO_WEEKDAY),
    ],
)
def test_what_cannot_be_offered(cast, kind, change, problem):
    assert enter_offering(kind, replace(TONIGHT, **change), by=cast.ville, now=NOW) == problem
    assert not Offering.objects.exists()


def test_an_external_id_is_one_offering_of_the_venue(cast):
    numbered = replace(TONIGHT, external_id="A1")
    first = entered(numbered, by=cast.ville)
    assert enter_offering(OfferingKind.EVENT, numbered, by=cast.ville, now=NOW) == Problem.EXTERNAL_ID_TAKEN
    assert isinstance(enter_offering(OfferingKind.EVENT, numbered, by=cast.salla, now=NOW), Offering)
    assert isinstance(edit_offering(first, numbered, by=cast.ville, now=NOW), Offering)


def test_a_cap_set_later_counts_what_has_been_given(cast):
    event = cast.offering()
    cast.use(cast.card(minors=2), offering=event, children=2)
    cast.use("7KM9QX2TR8", offering=event, happened=True)  # takes no place until it is settled
    changed = edit_offering(event, replace(said(event), cap=4), by=cast.ville, now=NOW)
    assert isinstance(changed, Offering)
    assert (changed.taken, changed.children_taken) == (3, 2)
    assert cast.use(cast.card(), offering=event, children=1).refusal == Refusal.OFFERING_FULL
    assert cast.use(cast.card(), offering=event).status == Status.RECORDED


def test_a_cap_of_open_admission_counts_by_the_day(cast):
    hall = cast.offering("hall", OfferingKind.OPEN)
    cast.use(cast.card(), offering=hall, by=cast.salla)
    edit_offering(hall, replace(said(hall), cap=2), by=cast.salla, now=NOW)
    assert OpenDay.objects.get().taken == 1
    assert cast.use(cast.card(), offering=hall, by=cast.salla).status == Status.RECORDED
    assert cast.use(cast.card(), offering=hall, by=cast.salla).refusal == Refusal.OFFERING_FULL


def test_a_cap_set_again_forgets_what_was_reversed_meanwhile(cast):
    hall, code = cast.offering("hall", OfferingKind.OPEN, cap=1), cast.card()
    cast.use(code, offering=hall, by=cast.salla)
    edit_offering(hall, replace(said(hall), cap=None), by=cast.salla, now=NOW)
    reverse_use(Record.objects.get(), by=cast.salla, now=NOW)
    edit_offering(hall, replace(said(hall), cap=1), by=cast.salla, now=NOW)
    assert cast.use(code, offering=hall, by=cast.salla).status == Status.RECORDED


def test_days_stay_around_the_records(cast):
    event, hall = cast.offering(), cast.offering("routa", OfferingKind.OPEN, first_day=TODAY - timedelta(days=5))
    tomorrow = {"first_day": TODAY + timedelta(days=1), "last_day": TODAY + timedelta(days=1)}
    assert isinstance(edit_offering(event, replace(said(event), **tomorrow), by=cast.ville, now=NOW), Offering)
    edit_offering(event, replace(said(event), first_day=TODAY, last_day=TODAY), by=cast.ville, now=NOW)
    cast.use(cast.card(), offering=event)
    cast.use(cast.card(), offering=hall)
    assert edit_offering(event, replace(said(event), **tomorrow), by=cast.ville, now=NOW) == Problem.FIRST_DAY_FIXED
    yesterday = TODAY - timedelta(days=1)
    assert (
        edit_offering(hall, replace(said(hall), last_day=yesterday), by=cast.ville, now=NOW) == Problem.LAST_DAY_FIXED
    )
    assert isinstance(edit_offering(hall, replace(said(hall), last_day=TODAY), by=cast.ville, now=NOW), Offering)


def test_only_the_venue_touches_its_offerings(cast):
    event = cast.offering()
    for other in (cast.salla, cast.luukku, cast.aino, cast.kaisa):
        with pytest.raises(NotAllowed):
            edit_offering(event, said(event), by=other, now=NOW)
        with pytest.raises(NotAllowed):
            cancel_offering(event, by=other, now=NOW)
        with pytest.raises(NotAllowed):
            copy_offering(event, by=other, first_day=TODAY)
    with pytest.raises(NotAllowed):
        enter_offering(OfferingKind.EVENT, TONIGHT, by=cast.luukku, now=NOW)


def test_a_copy_starts_anew_on_its_own_date(cast):
    event = cast.offering(cap=5, external_id="A1", price_cents=2500)
    cast.use(cast.card(), offering=event)
    event.refresh_from_db()
    copied = copy_offering(event, by=cast.ville, first_day=date(2027, 3, 28))
    assert copied.pk != event.pk
    assert copied.starts_at is not None
    assert copied.starts_at.astimezone(HELSINKI).time() == time(19)  # the day the clocks go forward
    assert (copied.taken, copied.external_id, copied.published_at, copied.price_cents) == (0, "", None, 2500)
    course = cast.offering(kind=OfferingKind.COURSE)
    copied = copy_offering(course, by=cast.ville, first_day=date(2027, 9, 1))
    assert copied.last_day - copied.first_day == course.last_day - course.first_day


# --- cancelling ---------------------------------------------------------------------------------------------------


def test_cancelling_reverses_every_record_and_gives_the_ticket_back(cast):
    event = cast.offering(cap=10)
    code = cast.card(minors=2)
    cast.use(code, offering=event, children=1)
    cast.use(cast.card(), offering=event, by=cast.luukku)
    cast.use("7KM9QX2TR8", offering=event, happened=True)
    assert standing_records(event) == 3

    assert cancel_offering(event, by=cast.ville, now=NOW) == Cancelled(3)
    assert {change.reason for one in Record.objects.all() for change in one.changes.all()} == {"event-cancelled"}
    assert Record.objects.counting().count() == 0
    event.refresh_from_db()
    assert (event.taken, event.cancelled_at) == (0, NOW)
    assert cast.use(code, offering=event).refusal == Refusal.OFFERING_CANCELLED
    assert cancel_offering(event, by=cast.ville, now=NOW) == Cancelled(0)
    assert edit_offering(event, said(event), by=cast.ville, now=NOW) == Problem.CANCELLED
    assert publish_offering(event, by=cast.ville, now=NOW) == Problem.CANCELLED


def test_what_has_been_open_is_ended_and_not_cancelled(cast):
    hall = cast.offering("routa", OfferingKind.OPEN, first_day=TODAY - timedelta(days=5))
    cast.use(cast.card(issued=NOW - timedelta(days=9)), offering=hall, day=TODAY - timedelta(days=1), happened=True)
    assert cancel_offering(hall, by=cast.ville, now=NOW) == Problem.HAS_RUN
    assert standing_records(hall) == 1


def test_old_events_and_closed_years_are_the_coordinators(cast):
    event = cast.offering()
    cast.use(cast.card(), offering=event)
    assert cancel_offering(event, by=cast.ville, now=NOW + timedelta(days=31)) == Problem.TOO_LATE
    numbers = {field.name: 0 for field in YearClose._meta.fields if field.get_internal_type() == "PositiveIntegerField"}
    YearClose.objects.create(**numbers, year=2026, revision=1, as_of=NOW)
    forget()
    assert cancel_offering(event, by=cast.ville, now=NOW) == Problem.YEAR_CLOSED
    assert standing_records(event) == 1


def cancelled_amid_recording(cast, at_once):
    """Eight tills add a child each while the venue cancels; what each was told, the venue last."""
    event = cast.offering(cap=100)
    codes = [cast.card() for _ in range(8)]
    ville = cast.ville
    for code in codes:
        cast.use(code, offering=event, by=ville)

    def work(number):
        if number == 8:
            return cancel_offering(event, by=ville, now=NOW)
        return cast.use(codes[number], offering=event, by=ville, holder=0, children=1)

    answers = at_once(9, work)
    event.refresh_from_db()
    return event, answers


@pytest.mark.database(transaction=True)
def test_cancelling_and_recording_at_once_leave_nothing_standing(cast, at_once):
    """Each record is reversed or refused, and nobody waits for ever."""
    event, answers = cancelled_amid_recording(cast, at_once)
    assert [one for one in answers if isinstance(one, Exception)] == []
    assert (standing_records(event), event.taken) == (0, 0)
    assert answers[8] == Cancelled(8 + sum(one.status == Status.RECORDED for one in answers[:8]))


@pytest.mark.database(transaction=True)
def test_control_without_the_lines_locked_first_recording_and_cancelling_deadlock(cast, at_once, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    monkeypatch.setattr(offerings, "_lock_lines", lambda offering: offerings._lines(offering))
    deadlocks = 0
    for _ in range(20):
        _event, answers = cancelled_amid_recording(cast, at_once)
        deadlocks += any(isinstance(one, OperationalError) for one in answers)
        if deadlocks:
            break
    assert deadlocks
