"""Tills of a workplace's own: how long a gate pass lasts, and what a token tells that comes back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from kaikukortti.rules.situation import OfferingFacts
from kaikukortti.terms.days import day_end
from kaikukortti.terms.devices import DeviceStop
from kaikukortti.terms.kinds import OfferingKind

# Somebody types the code of a new till from one screen into another.
CODE_LASTS = timedelta(minutes=30)
# An event runs so long when nobody says otherwise; its gate passes last to the end of its day at least.
EVENT_LASTS = timedelta(hours=4)
# What a gate recorded before its end is still taken so long after it: a field may have had no network all evening.
SENDING = timedelta(hours=24)
# Wrong PINs in a row that stop a device.
MOST_WRONG = 10
# A device that has not been heard of for so long is shown first: after 7 idle days some browsers clear their storage.
QUIET = timedelta(days=6)
MOST_GATES = 20
MOST_LABEL = 40


def gate_ends(offering: OfferingFacts, day: date) -> datetime:
    """When a gate pass made for the offering's day ends."""
    if offering.kind != OfferingKind.EVENT:
        return day_end(day)
    end = day_end(offering.first_day)
    return max(offering.starts_at + EVENT_LASTS, end) if offering.starts_at else end


def stop_of(
    stop: str, *, expires_at: datetime | None, workplace_until: date | None, now: datetime, today: date, sending: bool
) -> DeviceStop | None:
    """Why the device is no till now, or None. With `sending` a gate pass that has ended may still send what it has."""
    if stop:
        return DeviceStop(stop)
    if workplace_until is not None and workplace_until < today:
        return DeviceStop.REVOKED
    if expires_at is not None and now > expires_at + (SENDING if sending else timedelta(0)):
        return DeviceStop.ENDED
    return None


class Turn(Enum):
    """What a presented token tells."""

    NEXT = "next"
    AGAIN = "again"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Presented:
    """A token that the register has made, as it came back."""

    number: int
    digest: str


def turn_of(presented: Presented, *, last: int, last_digest: str) -> Turn:
    """A token with a higher number than the last one presented moves on. The last one again is a lost answer. Any other
    was moved on from, here or in a copy of the device's store: two hold what only one can have.

    Any token given for the last one moves on, whichever answer of several reached the device: a request that a till had
    given up on may arrive late. And after a restore of the database the devices are ahead of it.
    """
    if presented.number > last:
        return Turn.NEXT
    return Turn.AGAIN if presented.number == last and presented.digest == last_digest else Turn.COPIED
