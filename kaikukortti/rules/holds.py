"""May places be kept, for how long, and for whom next (rules 17, 20, 24)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kaikukortti.rules.situation import OfferingFacts, Places
from kaikukortti.terms.days import day_end
from kaikukortti.terms.holds import NotKept
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.refusals import Refusal

# Unclaimed places of an event return so long before it starts; a course's place waits a week at most.
BACK_BEFORE_START = timedelta(minutes=30)
KEPT_DAYS = timedelta(days=7)
# The first on a wait list has so long, and is not called for less than that.
WAITING_LASTS = timedelta(hours=2)
WAITING_AT_LEAST = timedelta(minutes=10)
MOST_PLACES = 100
# The link between a hold and its card is cut so long after the day.
LINK_DAYS = timedelta(days=30)
_NUMBER = re.compile(r"K[ -]?0*([1-9][0-9]{0,5})", re.IGNORECASE)


def read_number(text: str) -> int | None:
    """17 from "K-17", "k17" or "K 17": what stands on a venue's own list where a code would; None for anything else."""
    written = _NUMBER.fullmatch(text.strip())
    return int(written[1]) if written else None


def say_number(number: int) -> str:
    return f"K-{number}"


# --- until when ---------------------------------------------------------------------------------------------------


def kept_at_most(offering: OfferingFacts, *, day: date) -> datetime:
    """Until when places can be kept at all: an event's start, the start of a course, the end of a day of open
    admission. `day` matters for open admission only."""
    if offering.kind == OfferingKind.OPEN:
        return day_end(day)
    return offering.starts_at or day_end(offering.first_day)


def kept_until(offering: OfferingFacts, *, now: datetime, day: date | None = None) -> datetime:
    """How long places are kept unless something else is said: an event's until half an hour before its start (or its
    start, when that is nearer), others a week."""
    last = kept_at_most(offering, day=day or offering.first_day)
    if offering.kind == OfferingKind.EVENT:
        return last - BACK_BEFORE_START if last - BACK_BEFORE_START > now else last
    return min(last, now + KEPT_DAYS)


def waiting_until(offering: OfferingFacts, *, now: datetime, day: date) -> datetime | None:
    """Until when the next on the wait list has the places: two hours, or half an hour before the start. None when that
    is too soon to come: then whoever stands at the door gets them."""
    last = kept_at_most(offering, day=day)
    until = min(now + WAITING_LASTS, last - BACK_BEFORE_START if offering.kind == OfferingKind.EVENT else last)
    return until if until - now >= WAITING_AT_LEAST else None


def refuse_until(until: datetime, offering: OfferingFacts, *, now: datetime, day: date) -> NotKept | None:
    """Nothing is kept once it has begun, nor until an hour that has passed; what is later than the start is the
    start (the caller's to shorten)."""
    if kept_at_most(offering, day=day) <= now:
        return NotKept.BEGUN
    return NotKept.PAST if until <= now else None


# --- how many -----------------------------------------------------------------------------------------------------


def refuse_hold(places: Places, *, wanted: int, children: int) -> Refusal | None:
    """Places are kept only while there are some; where they are not counted, a hold is only a number to write down."""
    if places.left is not None and wanted > places.left:
        return Refusal.OFFERING_FULL
    return Refusal.OFFERING_FULL if places.children_left is not None and children > places.children_left else None


def refuse_wheelchair(cap: int | None, *, kept: int, wanted: int) -> NotKept | None:
    """The venue's wheelchair places; where it has not said how many there are, the wish is only written down."""
    return NotKept.WHEELCHAIR if cap is not None and wanted and kept + wanted > cap else None


def stands_again(places: Places, *, wanted: int, children: int) -> tuple[int, int] | None:
    """How much of a fetched hold is kept again when its record is undone: as much as is still free. None when nothing
    is."""
    room = wanted if places.left is None else min(wanted, places.left)
    young = children if places.children_left is None else min(children, places.children_left)
    # Grown-ups first, for children come along with somebody.
    grown = min(wanted - children, room)
    young = min(young, room - grown)
    return (grown + young, young) if grown + young else None


# --- tonight's empty seats ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Caps:
    """Caps of an offering, and by how many seats they have risen for the evening."""

    cap: int | None
    children_cap: int | None
    released: int


def released_caps(places: Places, *, seats: int) -> Caps:
    """The caps once so many seats are said to be empty: they rise until so many are left, and never fall."""
    if places.cap is None:
        return Caps(None, places.children_cap, 0)
    rise = max(0, places.taken + places.held + seats - places.cap)
    children = None if places.children_cap is None else places.children_cap + rise
    return Caps(places.cap + rise, children, rise)


def taken_back_caps(places: Places, *, released: int) -> Caps:
    """The caps once the rest of the released seats is taken back: what has been given or kept stays."""
    if places.cap is None:
        return Caps(None, places.children_cap, 0)
    cap = max(places.cap - released, min(places.cap, places.taken + places.held))
    children = None
    if places.children_cap is not None:
        given = min(places.children_cap, places.children_taken + places.children_held)
        children = max(places.children_cap - released, given, 0)
    return Caps(max(cap, 0), children, 0)


def seats_are_out(offering: OfferingFacts, released_at: datetime | None, *, now: datetime) -> bool:
    """Whether tonight's empty seats are offered to everyone now: until the start."""
    if released_at is None or offering.cancelled_at is not None or offering.kind != OfferingKind.EVENT:
        return False
    return kept_at_most(offering, day=offering.first_day) > now
