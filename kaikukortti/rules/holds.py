"""May places be kept, for how long, and for whom next (rules 17, 20, 24)."""

import re
from datetime import datetime, timedelta

from kaikukortti.rules.uses import OfferingFacts, Places
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.refusals import Refusal

# Unclaimed places of an event return so long before it starts; others are kept for a day at most.
BACK_BEFORE_START = timedelta(minutes=30)
LONGEST_HOLD = timedelta(days=30)
MOST_PLACES = 100
_NUMBER = re.compile(r"K[ -]?0*([1-9][0-9]{0,5})", re.IGNORECASE)


def read_number(text: str) -> int | None:
    """17 from "K-17", "k17" or "K 17": what stands on a venue's own list where a code would; None for anything else."""
    written = _NUMBER.fullmatch(text.strip())
    return int(written[1]) if written else None


def say_number(number: int) -> str:
    return f"K-{number}"


def kept_until(offering: OfferingFacts, *, now: datetime) -> datetime:
    """How long places are kept unless something else is said: an event's until half an hour before its start (or its
    start, when that is nearer), others a week."""
    if offering.kind == OfferingKind.EVENT and offering.starts_at is not None:
        before = offering.starts_at - BACK_BEFORE_START
        return before if before > now else max(offering.starts_at, now + timedelta(minutes=15))
    return now + timedelta(days=7)


def refuse_hold(places: Places, *, wanted: int, children: int) -> Refusal | None:
    """Places are kept only where they are counted, and only while there are some."""
    if not places.capped:
        return None
    if places.left is not None and wanted > places.left:
        return Refusal.OFFERING_FULL
    return Refusal.OFFERING_FULL if places.children_left is not None and children > places.children_left else None
