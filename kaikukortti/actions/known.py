"""Reading everything the rules need, in a constant number of queries, for one row or five hundred."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.codes import code_digests
from kaikukortti.actions.places import Kept, Key, load_kept, load_places, places_key
from kaikukortti.models import Card
from kaikukortti.models.statements import (
    CardRow,
    OfferingRow,
    ReplayRow,
    lock_lines,
    read_cards,
    read_offerings,
    read_records,
)
from kaikukortti.rules.network import WorkplaceFacts
from kaikukortti.rules.situation import (
    Ask,
    CardHere,
    OfferingFacts,
    Past,
    Places,
    Situation,
    region_of_use,
    venue_and_offering,
)
from kaikukortti.terms.days import period_of
from kaikukortti.terms.kinds import OfferingKind, RecordKind, Source


@dataclass(frozen=True, slots=True)
class Use:
    """One row as a door read it: well-formed, its code as typed. `holder` None takes the default of the card's kind."""

    id: UUID
    code: str
    day: date
    offering: UUID | None = None
    kind: RecordKind = RecordKind.TICKET
    at: datetime | None = None
    source: Source = Source.ONLINE
    holder: int | None = None
    children: int = 0
    assistants: int = 0
    clients: int = 0
    workers: int = 0
    until: date | None = None
    happened: bool = False
    # Where a hold, a group or a row that is moved names the card: its row's number, and the hold it fetches.
    card: int | None = None
    hold: UUID | None = None

    def key(self, codes: Mapping[str, str | None]) -> str | None:
        """What the card is found under: the row it names, else its code as read; None for a typo."""
        return f"card {self.card}" if self.card is not None else codes[self.code]


@dataclass(slots=True)
class Known:
    """Everything read for a batch, and what the rows before have already changed of it."""

    cards: dict[str, CardRow] = field(default_factory=dict)
    offerings: dict[UUID, OfferingRow] = field(default_factory=dict)
    places: dict[tuple[UUID, date], Places] = field(default_factory=dict)
    past: dict[int, list[Past]] = field(default_factory=dict)
    replays: dict[UUID, ReplayRow] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    # Holds that rows of this batch have fetched, with the position of the row that did it first.
    fetched: dict[UUID, int] = field(default_factory=dict)
    # Where a hold was fetched smaller than it was kept: the rest may be given to the next on the wait list.
    returned: set[Key] = field(default_factory=set)

    def hold(self, use: Use, card: CardRow | None) -> Kept | None:
        """The standing hold a row fetches here: the one it names, else the one of its card's person line."""
        facts = self.offering(use) if self.kept else None
        if facts is None:
            return None
        here = [one for one in self.kept if one.key == places_key(facts, use.day)]
        free = [one for one in here if one.group or one.id not in self.fetched]
        named = (one for one in free if one.id == use.hold)
        own = (one for one in free if card is not None and not one.group and one.line == card.line)
        return next(named, None) or next(own, None)

    def offering(self, use: Use) -> OfferingFacts | None:
        """The offering a row names, if there is such a one."""
        row = self.offerings.get(use.offering) if use.offering else None
        return row.facts if row else None


class LinesMoved(Exception):
    """A card joined another person line while its own was waited for: nothing is held of that line, so begin anew."""


def load_known(
    uses: Sequence[Use],
    codes: dict[str, str | None],
    *,
    by: Actor,
    now: datetime,
    lock: bool,
    at_venue: WorkplaceFacts | None = None,
) -> Known:
    """Read everything the rules need. With `lock`, person lines are locked first, then offerings, in the order of ids;
    facts are read only after the locks, so that nothing another connection has just written is missed. Raises
    LinesMoved."""
    known = Known()
    digests = {digest: code for code in codes.values() if code for digest in code_digests(code)}
    if named := {use.card for use in uses if use.card is not None}:
        digests |= {
            digest: f"card {pk}" for pk, digest in Card.objects.filter(pk__in=named).values_list("pk", "digest")
        }
    locked = lock_lines(digests) if lock else None
    known.offerings = read_offerings({use.offering for use in uses if use.offering}, lock=lock)
    known.cards = {digests[digest]: card for digest, card in read_cards(digests).items()}
    if locked is not None and not locked.issuperset(card.line for card in known.cards.values()):
        raise LinesMoved
    known.replays, known.past = read_records(
        recorder=by.workplace.pk,
        ids=[use.id for use in uses],
        lines={card.line for card in known.cards.values()},
        days={use.day for use in uses},
        offerings=known.offerings,
        window=_window(uses, known, by=by, at=at_venue or by.facts),
    )
    known.places = load_places(known.offerings.values(), {use.day for use in uses})
    known.kept = load_kept(known.places, now=now, offerings=known.offerings.values(), days={use.day for use in uses})
    return known


def _window(uses: Sequence[Use], known: Known, *, by: Actor, at: WorkplaceFacts) -> tuple[date, date] | None:
    """The days whose records a cap on persons may count or a season pass may cover; None where there is neither."""
    days = [day for use in uses if use.kind == RecordKind.SEASON and use.until for day in (use.day, use.until)]
    for use in uses:
        offering = known.offering(use)
        venue = by.network.workplaces.get(offering.venue) if offering else at
        if venue is None:
            continue
        day = offering.first_day if offering and offering.kind == OfferingKind.COURSE else use.day
        region = region_of_use(by.network, venue, offering, day)
        for cap in by.network.caps(day, region=region, venue=venue.id):
            days += period_of(day, cap.period)
    return (min(days), max(days)) if days else None


def ask_of(use: Use, code: str | None, *, community: bool) -> Ask:
    """The row as the rules read it: `holder` is 1 by default, 0 for a community card (rule 20)."""
    return Ask(
        id=str(use.id),
        code=code,
        day=use.day,
        offering=str(use.offering) if use.offering else None,
        kind=use.kind,
        at=use.at,
        source=use.source,
        holder=use.holder if use.holder is not None else int(not community),
        children=use.children,
        assistants=use.assistants,
        clients=use.clients,
        workers=use.workers,
        until=use.until,
        happened=use.happened,
    )


def situation_of(
    ask: Ask,
    use: Use,
    card: CardRow | None,
    known: Known,
    *,
    by: Actor,
    now: datetime,
    at_venue: WorkplaceFacts | None = None,
) -> Situation | None:
    """What is known for one row. None when a ticket agent names no offering of its venues (rule 32), or a gate pass
    another one than its own."""
    only = by.device.offering_id if by.device else None
    place = venue_and_offering(at_venue or by.facts, known.offering(use), by.network, only=only)
    if place is None:
        return None
    venue, offering = place
    places = known.places.get(places_key(offering, use.day), Places()) if offering else Places()
    kept = known.hold(use, card)
    if kept is not None:
        places = places.for_kept(*kept.part_for(ask.places, ask.children + ask.clients))
    return Situation(
        now=now,
        network=by.network,
        venue=venue,
        offering=offering,
        card=CardHere(card.life, card.community, card.region, card.minors) if card else None,
        past=known.past.setdefault(card.line, []) if card else (),
        places=places,
        correcting=at_venue is not None,
    )
