"""Reading everything the rules need, in a constant number of queries, for one row or five hundred."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.codes import code_digests
from kaikukortti.actions.places import load_places
from kaikukortti.models import Card, CardFact, Offering, PersonLine, Record, card_life
from kaikukortti.rules.network import WorkplaceFacts
from kaikukortti.rules.uses import Ask, CardHere, OfferingFacts, Past, Places, Situation
from kaikukortti.terms.days import period_of
from kaikukortti.terms.kinds import OfferingKind, RecordKind, Source
from kaikukortti.terms.roles import Role


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


@dataclass(slots=True)
class Known:
    """Everything read for a batch, and what the rows before have already changed of it."""

    cards: dict[str, Card] = field(default_factory=dict)
    facts: dict[int, list[CardFact]] = field(default_factory=dict)
    offerings: dict[UUID, Offering] = field(default_factory=dict)
    places: dict[tuple[UUID, date], Places] = field(default_factory=dict)
    past: dict[int, list[Past]] = field(default_factory=dict)
    replays: dict[UUID, Record] = field(default_factory=dict)



def load_known(uses: Sequence[Use], codes: dict[str, str | None], *, by: Actor, lock: bool) -> Known:
    """Read everything the rules need. With `lock`, person lines are locked first, then offerings, in the order of ids;
    facts are read only after the locks, so that nothing another connection has just written is missed."""
    known = Known()
    digests = {digest: code for code in codes.values() if code for digest in code_digests(code)}
    if lock and digests:
        list(
            PersonLine.objects.filter(cards__digest__in=digests)
            .order_by("pk")
            .select_for_update(of=("self",))
            .values_list("pk", flat=True)
        )
    offering_ids = {use.offering for use in uses if use.offering}
    if offering_ids:
        rows = Offering.objects.filter(pk__in=offering_ids).order_by("pk")
        known.offerings = {one.pk: one for one in (rows.select_for_update() if lock else rows)}
    if digests:
        facts = CardFact.objects.filter(card__digest__in=digests).select_related("card__holder", "card__line")
        for fact in facts:
            known.facts.setdefault(fact.card_id, []).append(fact)
            known.cards[digests[fact.card.digest]] = fact.card
    _load_records(uses, known, by=by)
    known.places = load_places(known.offerings.values(), {use.day for use in uses})
    return known


def _load_records(uses: Sequence[Use], known: Known, *, by: Actor) -> None:
    """Earlier answers to the same ids, and the standing records of the same person lines, in one query."""
    lines = {card.line_id for card in known.cards.values()}
    days = {use.day for use in uses}
    mine = Q(recorder=by.workplace, client_id__in=[use.id for use in uses])
    theirs = Q(pk__in=[])
    if lines:
        when = Q(day__in=days) | Q(until__gte=min(days)) | Q(offering__in=list(known.offerings), own_day__isnull=False)
        window = _cap_window(uses, known, by=by)
        if window:
            when |= Q(day__range=window) | Q(own_day__range=window)
        theirs = Q(line__in=lines) & when
    asked = {use.id for use in uses}
    for record in Record.objects.filter(mine | theirs).with_standing():
        if record.recorder_id == by.workplace.pk and record.client_id in asked:
            known.replays[record.client_id] = record
        if record.stands and record.line_id in lines:
            known.past.setdefault(record.line_id, []).append(past_of(record))


def _cap_window(uses: Sequence[Use], known: Known, *, by: Actor) -> tuple[date, date] | None:
    """The days whose records a cap on persons may count, or None where no cap is set."""
    first: list[date] = []
    last: list[date] = []
    for use in uses:
        offering = known.offerings.get(use.offering) if use.offering else None
        venue = by.network.workplaces.get(offering.venue_id) if offering else by.facts
        if venue is None:
            continue
        day = offering.first_day if offering and offering.kind == OfferingKind.COURSE else use.day
        municipality = (offering and offering.municipality_id) or venue.municipality
        region = by.network.region_at(venue, municipality, day)
        for cap in by.network.caps(day, region=region, venue=venue.id):
            since, until = period_of(day, cap.period)
            first.append(since)
            last.append(until)
    return (min(first), max(last)) if first else None


def past_of(record: Record) -> Past:
    return Past(
        kind=RecordKind(record.kind),
        offering=str(record.offering_id) if record.offering_id else None,
        venue=record.venue_id,
        region=record.place_region_id,
        day=record.day,
        own_day=record.own_day,
        until=record.until,
        holder=record.holder,
        children=record.children,
        entered_at=record.entered_at,
    )


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
    card: Card | None,
    known: Known,
    *,
    by: Actor,
    now: datetime,
    at_venue: WorkplaceFacts | None = None,
) -> Situation | None:
    """What is known for one row. None when a ticket agent names no offering of its venues (rule 32)."""
    offering = known.offerings.get(use.offering) if use.offering else None
    own = at_venue or by.facts
    venue = own
    if own.role == Role.TICKET_AGENT:
        if offering is None or offering.venue_id not in own.sells_for or not offering.sold_by_agents:
            return None
        venue = by.network.workplaces[offering.venue_id]
    elif offering is not None and offering.venue_id != own.id:
        offering = None
    return Situation(
        now=now,
        network=by.network,
        venue=venue,
        offering=offering.facts if offering else None,
        card=card_here(card, known.facts[card.pk]) if card else None,
        past=known.past.setdefault(card.line_id, []) if card else (),
        places=known.places.get((offering.pk, places_day(offering.facts, use.day)), Places()) if offering else Places(),
        correcting=at_venue is not None,
    )


def card_here(card: Card, facts: Sequence[CardFact]) -> CardHere:
    holder = getattr(card, "holder", None)
    return CardHere(
        life=card_life(facts),
        community=card.community,
        region=card.region_id,
        minors=holder.minors if holder else (0 if card.community else None),
    )


def places_day(offering: OfferingFacts, day: date) -> date:
    """Open admission counts its places by the day, an event or course once."""
    return day if offering.kind == OfferingKind.OPEN else offering.first_day
