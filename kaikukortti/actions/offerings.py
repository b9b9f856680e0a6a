"""Offerings: a venue enters, edits, copies, publishes and cancels its own (rules 17, 30, 32)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time
from uuid import uuid4

from django.db import transaction
from django.db.models import Max, Min, Q

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.corrections import reverse_cancelled
from kaikukortti.actions.holds import release_all, serve_waiting
from kaikukortti.actions.places import count_places, places_key, places_now
from kaikukortti.actions.webhooks import tell
from kaikukortti.models import Hold, Offering, PersonLine, Record, Waiting
from kaikukortti.models.offerings import EVERY_DAY
from kaikukortti.rules.holds import kept_at_most
from kaikukortti.rules.offerings import (
    Problem,
    problem_with_cancelling,
    problem_with_caps,
    problem_with_days,
    problem_with_new_days,
)
from kaikukortti.terms.days import HELSINKI, helsinki_day
from kaikukortti.terms.holds import HoldKind
from kaikukortti.terms.kinds import OfferingKind, Sector
from kaikukortti.terms.roles import Role
from kaikukortti.terms.sellers import WebhookEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a venue says of an offering, under the names of the model's columns; what is empty is not said.

    The price is in cents; bit 0 of `weekdays` is Monday; `municipality_id` None is the venue's own.
    """

    name_fi: str = ""
    name_sv: str = ""
    name_en: str = ""
    sector: Sector
    first_day: date
    last_day: date
    starts_at: datetime | None = None
    weekdays: int = EVERY_DAY
    opening_fi: str = ""
    opening_sv: str = ""
    opening_en: str = ""
    municipality_id: str | None = None
    place: str = ""
    how_fi: str = ""
    how_sv: str = ""
    how_en: str = ""
    price_cents: int | None = None
    children_welcome: bool = True
    accessibility: tuple[str, ...] = ()
    external_id: str = ""
    cap: int | None = None
    children_cap: int | None = None
    wheelchair_cap: int | None = None
    community_welcome: bool = False
    sold_by_agents: bool = True


def _need_own(offering: Offering, by: Actor) -> None:
    by.need(Role.VENUE)
    if offering.venue_id != by.workplace.pk:
        raise NotAllowed(by.role)


def _lock(offering: Offering) -> Offering:
    return Offering.objects.select_for_update().get(pk=offering.pk)


def _write(offering: Offering, details: Details) -> None:
    """Finnish is what stands in for a missing language, so a venue that works in Swedish need not write it."""
    for one in fields(details):
        setattr(offering, one.name, getattr(details, one.name))
    offering.name_fi = details.name_fi or details.name_sv or details.name_en
    offering.accessibility = list(details.accessibility)


def recorded_days(offering: Offering) -> tuple[date, date] | None:
    """The first and last day with a standing record of the offering, or None."""
    days = Record.objects.standing().filter(offering=offering).aggregate(first=Min("day"), last=Max("day"))
    return (days["first"], days["last"]) if days["first"] else None


def kept_and_waiting(offering: Offering, *, now: datetime) -> tuple[int, int]:
    """How many holds a cancellation would end, and how many cards wait."""
    waits = Waiting.objects.filter(offering=offering, ended_at__isnull=True, hold__isnull=True)
    return Hold.objects.standing(now).filter(offering=offering).count(), waits.count()


def standing_records(offering: Offering) -> int:
    """How many records a cancellation would reverse."""
    return Record.objects.standing().filter(offering=offering).count()


def _problem(kind: OfferingKind, details: Details, *, by: Actor, but: Offering | None = None) -> Problem | None:
    if not (details.name_fi or details.name_sv or details.name_en):
        return Problem.NO_NAME
    problem = problem_with_days(kind, first=details.first_day, last=details.last_day, weekdays=details.weekdays)
    if problem or not details.external_id:
        return problem
    same = Offering.objects.filter(venue=by.workplace, external_id=details.external_id)
    if but is not None:
        same = same.exclude(pk=but.pk)
    return Problem.EXTERNAL_ID_TAKEN if same.exists() else None


@transaction.atomic
def enter_offering(
    kind: OfferingKind, details: Details, *, by: Actor, now: datetime, publish: bool = False
) -> Offering | Problem:
    """A new offering of the actor's venue, a draft unless published at once. Raises NotAllowed for other roles."""
    by.need(Role.VENUE)
    problem = _problem(kind, details, by=by)
    if problem:
        return problem
    offering = Offering(venue=by.workplace, kind=kind, published_at=now if publish else None)
    _write(offering, details)
    offering.save(force_insert=True)
    return offering


@transaction.atomic
def edit_offering(offering: Offering, details: Details, *, by: Actor, now: datetime) -> Offering | Problem:
    """Change what is said of an offering. Its kind stays; days stay around its records and kept places, and no cap
    falls below what is kept. Places are counted anew from the ledger under the lock, since they are taken only where a
    cap is set (rule 17); what a raised cap sets free goes to the wait list."""
    _need_own(offering, by)
    offering = _lock(offering)
    if offering.cancelled_at:
        return Problem.CANCELLED
    kind = OfferingKind(offering.kind)
    problem = _problem(kind, details, by=by, but=offering) or problem_with_new_days(
        kind,
        before=offering.first_day,
        first=details.first_day,
        last=details.last_day,
        recorded=recorded_days(offering),
    )
    caps = (offering.cap, offering.children_cap)
    kept = list(Hold.objects.standing(now).filter(offering=offering))
    starts_at = offering.starts_at
    _write(offering, details)
    problem = problem or _problem_with_kept(offering, kept, caps=caps, now=now)
    if problem:
        return problem
    if caps != (offering.cap, offering.children_cap):
        offering.released_seats = 0  # what the venue says now is what it means
    offering.save()
    if offering.places.capped:
        count_places(offering)
    if starts_at != offering.starts_at:
        _move_ends(offering)
    if caps != (offering.cap, offering.children_cap):
        caps_changed(offering, now=now)
    return offering


def _problem_with_kept(
    changed: Offering, kept: Sequence[Hold], *, caps: tuple[int | None, int | None], now: datetime
) -> Problem | None:
    """Whether the offering, as it is to be, breaks what was promised."""
    facts = changed.facts
    if any(not facts.offered_on(one.day) or places_key(facts, one.day)[1] != one.day for one in kept):
        return Problem.PLACES_KEPT
    if not kept or not changed.places.capped:
        return None
    count_places(changed)  # a cap that is new has counted nothing so far
    before = replace(changed.places, cap=0)
    places = places_now([(facts, before)], {one.day for one in kept}, now=now)
    changes = (
        problem_with_caps(before=caps, after=(changed.cap, changed.children_cap), places=one) for one in places.values()
    )
    return next((problem for problem in changes if problem), None)


def _move_ends(offering: Offering) -> None:
    """The hour of the start has changed: nothing is kept longer than till then, and a group's places till then."""
    kept = Hold.objects.filter(offering=offering, ended_at__isnull=True)
    last = kept_at_most(offering.facts, day=offering.first_day)
    kept.filter(Q(expires_at__gt=last) | Q(kind=HoldKind.GROUP)).update(expires_at=last)


def caps_changed(offering: Offering, *, now: datetime) -> None:
    """After caps have changed, under the offering's lock: the wait list is served and shops are told."""
    days = Waiting.objects.filter(offering=offering, ended_at__isnull=True).values_list("day", flat=True)
    for day in sorted(set(days)):
        serve_waiting(offering.pk, day, now=now)
    tell(WebhookEvent.ALLOTMENT, offering, now=now)


@transaction.atomic
def copy_offering(offering: Offering, *, by: Actor, first_day: date, starts: time | None = None) -> Offering:
    """The same offering on another date, as a draft; a longer one keeps its length, an event its time of day unless
    another is given. The external id stays with the original, and no place is taken yet."""
    _need_own(offering, by)
    copied = Offering.objects.get(pk=offering.pk)
    if starts is None and copied.starts_at:
        starts = copied.starts_at.astimezone(HELSINKI).time()
    copied.pk = uuid4()
    copied._state.adding = True
    copied.last_day = first_day + (copied.last_day - copied.first_day)
    copied.first_day = first_day
    copied.starts_at = (
        datetime.combine(first_day, starts, HELSINKI) if starts and copied.kind != OfferingKind.OPEN else None
    )
    copied.external_id = ""
    copied.taken = copied.children_taken = copied.held = copied.children_held = copied.released_seats = 0
    copied.published_at = copied.cancelled_at = copied.released_at = None
    copied.save(force_insert=True)
    return copied


@transaction.atomic
def publish_offering(offering: Offering, *, by: Actor, now: datetime) -> Problem | None:
    """From now on it can be recorded; twice is calm."""
    _need_own(offering, by)
    offering = _lock(offering)
    if offering.cancelled_at:
        return Problem.CANCELLED
    if offering.published_at is None:
        offering.published_at = now
        offering.save(update_fields=["published_at"])
    return None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """How many records were reversed, holds ended and waits over."""

    reversed: int
    holds: int = 0
    waiting: int = 0


def cancel_offering(offering: Offering, *, by: Actor, now: datetime) -> Cancelled | Problem:
    """Cancel an offering: reverse its records, `event-cancelled`, end what is kept and who waits, and tell shops.

    All or nothing, twice is calm (rule 30).

    Recording locks person lines before the offering, so the lines are locked first here too. A card that came in
    between is not among them: then everything is let go and begun again.
    """
    _need_own(offering, by)
    while True:
        with transaction.atomic():
            lines = _lock_lines(offering)
            locked = _lock(offering)
            if locked.cancelled_at:
                return Cancelled(0)
            if not _lines(offering).issubset(lines):
                continue
            problem = problem_with_cancelling(
                OfferingKind(locked.kind),
                last=locked.last_day,
                recorded=recorded_days(locked),
                today=helsinki_day(now),
                closed_years=by.network.closed_years,
            )
            if problem:
                return problem
            locked.cancelled_at = now
            locked.save(update_fields=["cancelled_at"])
            reversed_ = reverse_cancelled(locked, by=by, now=now)
            holds, waiting = release_all(locked, now=now)
            tell(WebhookEvent.CANCELLED, locked, now=now)
            return Cancelled(reversed_, holds, waiting)


def _lines(offering: Offering) -> set[int]:
    rows = Record.objects.standing().filter(offering=offering, line__isnull=False)
    return set(rows.values_list("line", flat=True))


def _lock_lines(offering: Offering) -> set[int]:
    lines: Iterable[int] = _lines(offering)
    return set(PersonLine.objects.filter(pk__in=lines).order_by("pk").select_for_update().values_list("pk", flat=True))
