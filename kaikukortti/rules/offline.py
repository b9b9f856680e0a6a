"""What a till without a network says of a card: from the list, the day sheet and what happened on this device.

The twin of static/kaikukortti/js/till/verdict.js; tests/vectors/offline.json holds both to the same answers. It follows
the order of rule 34 as a row that happened is judged. What it cannot know (tickets at other tills, caps per period) the
register judges when the row arrives (rule 28).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from kaikukortti.rules.codes import NO_CODE
from kaikukortti.rules.holds import read_number, say_number
from kaikukortti.rules.network import in_force
from kaikukortti.rules.series import MARK, SeriesFacts, read_listed
from kaikukortti.rules.till_list import COMMUNITY, NOT_TOLD, Entry
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.offline import CodeKind, OfflineState
from kaikukortti.terms.refusals import Refusal

# A clock so far behind the list's own instant has been set back: how old the list is cannot be told any more.
CLOCK_LEEWAY = timedelta(minutes=5)


def read_any(text: str, series: Iterable[SeriesFacts]) -> tuple[str | None, CodeKind]:
    """What was read, as it goes into a row, and its kind; None for a typo."""
    if text.strip() == NO_CODE:
        return NO_CODE, CodeKind.NONE
    code = read_listed(text, series)
    if code is not None:
        return code, CodeKind.SERIES if MARK in code else CodeKind.OWN
    number = read_number(text)
    return (say_number(number), CodeKind.HOLD) if number is not None else (None, CodeKind.TYPO)


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What the verdict needs of the list besides the entry that was found."""

    as_of: datetime
    usable_until: datetime
    # [region, [[day, its cards go out], …], [[day, others come in], …]] where a region was ever closed one way.
    switches: Sequence[Sequence[Any]] = ()

    def open(self, region: int, day: date, *, out: bool) -> bool:
        """Whether a region's cards go out, or others' come in, on the day (rule 14)."""
        for one, goes_out, comes_in in self.switches:
            if one == region:
                rows = [(date.fromisoformat(since), value) for since, value in (goes_out if out else comes_in)]
                return bool(in_force(rows, day) != 0)
        return True


@dataclass(frozen=True, slots=True)
class SheetOffering:
    """An offering as the day sheet tells it; places as far as this device knows."""

    kind: OfferingKind
    first_day: date
    last_day: date
    weekdays: int = 127
    cancelled: bool = False
    community_welcome: bool = False
    cap_left: int | None = None
    children_left: int | None = None

    def offered_on(self, day: date) -> bool:
        if self.kind == OfferingKind.COURSE:
            return day <= self.last_day
        in_days = self.first_day <= day <= self.last_day
        return in_days and (self.kind != OfferingKind.OPEN or bool(self.weekdays >> day.weekday() & 1))


@dataclass(frozen=True, slots=True)
class Here:
    """What this device has recorded of the same tag at the same place and day."""

    own: bool = False
    children: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfflineVerdict:
    """`day` and `time` are what the refusal's words speak of. `child_places` is 0 where the card is not known."""

    state: OfflineState
    refusal: Refusal | None = None
    day: date | None = None
    time: datetime | None = None
    child_places: int = 0
    community: bool = False


def offline_verdict(
    read: CodeKind,
    *,
    found: Entry | None,
    facts: ListFacts | None,
    now: datetime,
    day: date,
    region: int | None,
    venue_open: bool = True,
    offering: SheetOffering | None = None,
    here: Here = Here(),
) -> OfflineVerdict:
    """`now` is the register's time as this device knows it; `day` the event's day; `region` and `venue_open` are the
    place's on that day. `found` is the list's entry for a code of ours, None where there is none."""
    if read == CodeKind.TYPO:
        return OfflineVerdict(OfflineState.TYPO, Refusal.CARD_CODE_TYPO)
    known = found if found and found.last_day and read == CodeKind.OWN else None
    community = known is not None and known.children == COMMUNITY
    children = _child_places(known, offering, here)
    if here.own and not community:
        return OfflineVerdict(OfflineState.ALREADY, Refusal.ALREADY_RECORDED, time=here.at, child_places=children)
    first = _of_card(read, found, facts, now=now, day=day)
    if first.state == OfflineState.STOP:
        return first
    if not venue_open:
        return OfflineVerdict(OfflineState.STOP, Refusal.VENUE_NOT_ACTIVE)
    refusal = None
    if first.state == OfflineState.VALID_AS_OF and known and facts:
        refusal = _crossing(facts, known.region, region, day)
    refusal = refusal or _of_offering(offering, now=now, day=day, community=community)
    if refusal:
        return OfflineVerdict(OfflineState.STOP, refusal)
    if first.state == OfflineState.VALID_AS_OF:
        return OfflineVerdict(first.state, child_places=children, community=community)
    return first


def _of_card(
    read: CodeKind, found: Entry | None, facts: ListFacts | None, *, now: datetime, day: date
) -> OfflineVerdict:
    """What the list alone says of the card on the day."""
    if read in (CodeKind.HOLD, CodeKind.NONE):
        return OfflineVerdict(OfflineState.IDENTITY_UNKNOWN)
    if read == CodeKind.SERIES:
        return OfflineVerdict(OfflineState.CANNOT_CHECK)
    if facts is None:
        return OfflineVerdict(OfflineState.NO_LIST)
    if found is not None and found.last_day is None:
        # Blocked and replaced is for good, however old the list is.
        return OfflineVerdict(OfflineState.STOP, Refusal.CARD_BLOCKED)
    if now > facts.usable_until or now < facts.as_of - CLOCK_LEEWAY:
        return OfflineVerdict(OfflineState.LIST_TOO_OLD, Refusal.LIST_TOO_OLD)
    if found is None or found.last_day is None:
        return OfflineVerdict(OfflineState.NOT_ON_LIST)
    if found.last_day < day:
        today = helsinki_day(now)
        still = found.last_day >= today and day > today
        refusal = Refusal.CARD_ENDS_BEFORE if still else Refusal.CARD_EXPIRED
        return OfflineVerdict(OfflineState.STOP, refusal, day=found.last_day)
    return OfflineVerdict(OfflineState.VALID_AS_OF)


def _crossing(facts: ListFacts, card_region: int, place_region: int | None, day: date) -> Refusal | None:
    """Rule 14, where the card's region is told."""
    if card_region in (NOT_TOLD, place_region):
        return None
    if not facts.open(card_region, day, out=True):
        return Refusal.REGION_CLOSED_OUT
    if place_region is not None and not facts.open(place_region, day, out=False):
        return Refusal.REGION_CLOSED_IN
    return None


def _of_offering(offering: SheetOffering | None, *, now: datetime, day: date, community: bool) -> Refusal | None:
    """The offering, the day, the kind of card and the places, in the order of rule 34."""
    if offering is not None and offering.cancelled:
        return Refusal.OFFERING_CANCELLED
    event = offering is not None and offering.kind == OfferingKind.EVENT
    if day > helsinki_day(now) and not event:
        return Refusal.TOO_EARLY_TO_RECORD
    if offering is None:
        return None
    if not offering.offered_on(day):
        return Refusal.DAY_NOT_OFFERED
    if community and offering.kind == OfferingKind.COURSE and not offering.community_welcome:
        return Refusal.COMMUNITY_CARD_NOT_HERE
    return Refusal.OFFERING_FULL if offering.cap_left is not None and offering.cap_left < 1 else None


def _child_places(known: Entry | None, offering: SheetOffering | None, here: Here) -> int:
    """Children that can come in now, as `rules.uses.child_places` counts them."""
    if known is None or known.children == COMMUNITY or (offering and offering.kind == OfferingKind.COURSE):
        return 0
    room = [known.children - here.children]
    if offering and offering.cap_left is not None:
        room.append(offering.cap_left - (0 if here.own else 1))
    if offering and offering.children_left is not None:
        room.append(offering.children_left)
    return max(0, min(room))
