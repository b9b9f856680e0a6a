"""What is known when a use is judged: what is asked, the offering, the card, what the person did before, the places,
and where a use belongs (rules 14, 16, 32). Values only; rules/uses.py decides on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from kaikukortti.rules.cards import CardLife
from kaikukortti.rules.network import Network, WorkplaceFacts
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import OfferingKind, RecordKind, Source, Status
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role


@dataclass(frozen=True, slots=True)
class Ask:
    """One record as asked for, its defaults filled. `code` is None when it could not be read (a typo)."""

    id: str
    code: str | None
    day: date
    offering: str | None = None
    kind: RecordKind = RecordKind.TICKET
    at: datetime | None = None
    source: Source = Source.ONLINE
    holder: int = 1
    children: int = 0
    assistants: int = 0
    clients: int = 0
    workers: int = 0
    until: date | None = None
    happened: bool = False

    @property
    def places(self) -> int:
        """Assistants stand outside every cap (rule 17)."""
        return self.holder + self.children + self.clients + self.workers


@dataclass(frozen=True, slots=True)
class OfferingFacts:
    id: str
    venue: int
    kind: OfferingKind
    sector: str
    first_day: date
    last_day: date
    starts_at: datetime | None
    weekdays: int
    municipality: str | None
    price_cents: int | None
    published_at: datetime | None
    cancelled_at: datetime | None
    community_welcome: bool
    sold_by_agents: bool

    def offered_on(self, day: date) -> bool:
        """Whether the offering is on that day; `weekdays` has bit 0 for Monday."""
        if not self.first_day <= day <= self.last_day:
            return False
        return self.kind != OfferingKind.OPEN or bool(self.weekdays >> day.weekday() & 1)


@dataclass(frozen=True, slots=True)
class CardHere:
    """The card as the rules see it. A blank card has no region, no line and no known number of children."""

    life: CardLife
    community: bool
    region: int | None
    minors: int | None


@dataclass(frozen=True, slots=True)
class Past:
    """A standing record of the same person line. `own_day` is set when it holds the line's own ticket (rule 27)."""

    kind: RecordKind
    offering: str | None
    venue: int
    region: int | None
    day: date
    own_day: date | None
    until: date | None
    holder: int
    children: int
    # When the ticket was given: the device's instant where known, else when it was entered.
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Places:
    """Places of an offering on a day; no cap is None. `held` are places kept by holds, `children_held` those of them
    that are children's."""

    cap: int | None = None
    children_cap: int | None = None
    taken: int = 0
    children_taken: int = 0
    held: int = 0
    children_held: int = 0

    @property
    def capped(self) -> bool:
        """Whether places are counted at all: only where a cap is set."""
        return self.cap is not None or self.children_cap is not None

    @property
    def left(self) -> int | None:
        return None if self.cap is None else max(0, self.cap - self.taken - self.held)

    @property
    def children_left(self) -> int | None:
        if self.children_cap is None:
            return None
        return max(0, self.children_cap - self.children_taken - self.children_held)

    def fit(self, ask: Ask) -> bool:
        children = ask.children + ask.clients
        if self.left is not None and ask.places > self.left:
            return False
        return not children or self.children_left is None or children <= self.children_left

    def with_taken(self, ask: Ask) -> "Places":
        return replace(
            self, taken=self.taken + ask.places, children_taken=self.children_taken + ask.children + ask.clients
        )

    def without_kept(self, places: int, children: int) -> "Places":
        """As if so many kept places were free: for whoever they are kept for."""
        return replace(self, held=max(0, self.held - places), children_held=max(0, self.children_held - children))

    def for_kept(self, places: int, children: int) -> "Places":
        """As whoever a hold belongs to finds them. What is kept is theirs, also where rows that happened elsewhere have
        gone over the cap meanwhile: nothing is given twice by that, for it counted already."""
        given = self.without_kept(places, children)
        cap = None if self.cap is None else max(self.cap, given.taken + given.held + places)
        young = given.children_taken + given.children_held + children
        return replace(
            given, cap=cap, children_cap=None if self.children_cap is None else max(self.children_cap, young)
        )


def region_of_use(network: Network, venue: WorkplaceFacts, offering: OfferingFacts | None, day: date) -> int | None:
    """The region a use on the day belongs to, by its municipality (rule 14)."""
    return network.region_at(venue, municipality_of_use(venue, offering), day)


def municipality_of_use(venue: WorkplaceFacts, offering: OfferingFacts | None) -> str:
    """The place of use: the offering's municipality, else the venue's (rule 16)."""
    return (offering and offering.municipality) or venue.municipality


def venue_and_offering(
    recorder: WorkplaceFacts, offering: OfferingFacts | None, network: Network, *, only: UUID | None = None
) -> tuple[WorkplaceFacts, OfferingFacts | None] | None:
    """The venue a record belongs to, and its offering. A venue records its own: another's offering is as good as none.
    A ticket agent records the listed offerings of its venues; None when it names no such one (rule 32). `only`: a gate
    pass is the till of this offering and of nothing else; None for anything else."""
    if only is not None and (offering is None or UUID(offering.id) != only):
        return None
    if recorder.role != Role.TICKET_AGENT:
        return recorder, offering if offering and offering.venue == recorder.id else None
    if offering is None or offering.venue not in recorder.sells_for or not offering.sold_by_agents:
        return None
    return network.workplaces[offering.venue], offering


@dataclass(slots=True)
class Situation:
    """Everything known when one record is judged."""

    now: datetime
    network: Network
    venue: WorkplaceFacts
    offering: OfferingFacts | None
    card: CardHere | None
    past: Sequence[Past] = ()
    places: Places = Places()
    # A coordinator's entry may fall on a closed or late day (rules 28, 31).
    correcting: bool = False

    @property
    def today(self) -> date:
        return helsinki_day(self.now)

    @property
    def municipality(self) -> str:
        return municipality_of_use(self.venue, self.offering)

    def region_on(self, day: date) -> int | None:
        return region_of_use(self.network, self.venue, self.offering, day)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer, with the day and instant its words need."""

    status: Status
    refusal: Refusal | None = None
    day: date | None = None
    time: datetime | None = None
