"""Tonight's empty seats: offered to everyone with one press, until the start, and taken back with another (rule 17)."""

from datetime import datetime

from django.db import transaction

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.offerings import caps_changed
from kaikukortti.actions.places import places_key, places_now
from kaikukortti.models import Offering
from kaikukortti.rules.holds import Caps, kept_at_most, released_caps, taken_back_caps
from kaikukortti.rules.situation import Places
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.holds import NotKept
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.roles import Role

MOST_SEATS = 10_000


def _locked(offering: Offering, by: Actor) -> Offering:
    by.need(Role.VENUE)
    if offering.venue_id != by.workplace.pk:
        raise NotAllowed(by.role)
    return Offering.objects.select_for_update().get(pk=offering.pk)


def _places(offering: Offering, now: datetime) -> Places:
    """As they stand, also where nothing was counted before."""
    facts = offering.facts
    return places_now([(facts, offering.places)], [], now=now).get(places_key(facts, offering.first_day), Places())


@transaction.atomic
def release_seats(offering: Offering, *, seats: int, by: Actor, now: datetime) -> Offering | NotKept:
    """Say that so many seats are empty tonight: the caps rise until so many places are left, the wait list comes first,
    and everyone is told that there are free seats. Said again, another number is meant. Raises NotAllowed."""
    one = _locked(offering, by)
    begun = kept_at_most(one.facts, day=one.first_day) <= now
    if one.kind != OfferingKind.EVENT or one.first_day != helsinki_day(now) or begun or one.published_at is None:
        return NotKept.NOT_TODAY
    if one.cancelled_at is not None:
        return NotKept.NOT_TODAY
    if one.released_at is not None:
        _set(one, taken_back_caps(_places(one, now), released=one.released_seats))
    caps = released_caps(_places(one, now), seats=seats)
    one.released_at = now
    _set(one, caps)
    if caps.released:
        caps_changed(one, now=now)
    return one


@transaction.atomic
def take_back_seats(offering: Offering, *, by: Actor, now: datetime) -> Offering:
    """The seats that nobody has taken are the venue's again; twice is calm. Raises NotAllowed."""
    one = _locked(offering, by)
    if one.released_at is not None:
        caps, released = taken_back_caps(_places(one, now), released=one.released_seats), one.released_seats
        one.released_at = None
        _set(one, caps)
        if released:
            caps_changed(one, now=now)
    return one


def _set(one: Offering, caps: Caps) -> None:
    one.cap, one.children_cap, one.released_seats = caps.cap, caps.children_cap, caps.released
    one.save(update_fields=["cap", "children_cap", "released_seats", "released_at"])
