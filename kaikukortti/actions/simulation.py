"""Writing invented cards and their uses by the thousand.

The same rules judge them and the same functions make their rows as when people do it (`judge`, `record_row`); only the
reading and the writing are done in bulk. A test holds what stands here to what the actions write.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.cards import Holder
from kaikukortti.actions.codes import MadeCode, make_code
from kaikukortti.actions.demo import need_demo
from kaikukortti.actions.known import Known, Use, ask_of
from kaikukortti.actions.making import make_cards
from kaikukortti.actions.taken_into_use import taken_fact
from kaikukortti.actions.uses import record_row, remember
from kaikukortti.models import (
    Card,
    CardFact,
    CountedFact,
    HolderData,
    Offering,
    PersonLine,
    Record,
    RecordChange,
    Workplace,
)
from kaikukortti.models.snapshot import network
from kaikukortti.models.statements import CardRow
from kaikukortti.rules.cards import CardLife, age_band, last_valid_day
from kaikukortti.rules.corrections import counts_at_once
from kaikukortti.rules.network import Network, refuse_residence
from kaikukortti.rules.situation import CardHere, OfferingFacts, Situation
from kaikukortti.rules.uses import judge
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import (
    BlockReason,
    CardFactKind,
    ChangeKind,
    CountedKind,
    RecordKind,
    ReversalReason,
    Source,
    Status,
)
from kaikukortti.terms.policies import SHAPES, Policy

ROWS = 1000  # inserted in one statement where the database allows it


@dataclass(slots=True)
class InventedUse:
    """One record that may have been made. The rules decide whether it was."""

    id: UUID
    venue: int
    day: date
    entered_at: datetime
    offering: OfferingFacts | None = None
    kind: RecordKind = RecordKind.TICKET
    source: Source = Source.ONLINE
    happened: bool = False
    children: int = 0
    assistants: int = 0
    clients: int = 0
    workers: int = 0
    reversed_at: datetime | None = None


@dataclass(slots=True)
class InventedCard:
    """A card and the uses it may have. `tickets` is how many it takes at most (holders, children and clients); None
    means that every use given must be recorded. Without a holder it is a community card."""

    code: str
    issuer: int
    issued_at: datetime
    holder: Holder | None
    uses: Iterable[InventedUse] = ()
    tickets: int | None = None
    blocked_at: datetime | None = None


@dataclass(slots=True)
class Written:
    """How much was written. A *use* is one ticket, a record one act with its tickets (section 2)."""

    cards: int = 0
    records: int = 0
    uses: int = 0

    def add(self, other: "Written") -> None:
        self.cards += other.cards
        self.records += other.records
        self.uses += other.uses


class RulesSayNo(Exception):
    """A use that had to be recorded was not: the plan and the rules disagree."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it happens: the network in memory and who acts for each workplace."""

    network: Network
    actors: Mapping[int, Actor]


@dataclass(slots=True)
class _Rows:
    """What waits to be inserted."""

    holders: list[HolderData] = field(default_factory=list)
    facts: list[CardFact] = field(default_factory=list)
    counted: list[CountedFact] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    reversals: dict[UUID, datetime] = field(default_factory=dict)


def stage() -> Stage:
    """The network as it stands, with an actor without a person for each workplace."""
    known = network()
    return Stage(known, {one.pk: Actor(one, network_version=known.version) for one in Workplace.objects.all()})


@transaction.atomic
def write_offerings(offerings: Iterable[Offering]) -> None:
    """Invented offerings of past years."""
    need_demo()
    Offering.objects.bulk_create(offerings, batch_size=ROWS)


@transaction.atomic
def write_cards(cards: Sequence[InventedCard], *, on: Stage) -> Written:
    """Make, issue and use these cards, all or nothing. Their offline tags are random: no till ever meets them.

    Raises RulesSayNo.
    """
    need_demo()
    rows, written = _Rows(), Written()
    regions: dict[tuple[bool, int | None], list[int]] = {}
    for card, row, code in _made(cards, on=on):
        row = _issue(card, row, rows, on=on)
        regions.setdefault((row.community, row.region), []).append(row.id)
        written.add(_use(card, row, code, rows, on=on))
    for (community, region), numbers in regions.items():
        Card.objects.filter(pk__in=numbers).update(community=community, region=region)
    HolderData.objects.bulk_create(rows.holders, batch_size=ROWS)
    CardFact.objects.bulk_create(sorted(rows.facts, key=lambda fact: fact.entered_at), batch_size=ROWS)
    _write_records(rows)
    CountedFact.objects.bulk_create(sorted(rows.counted, key=lambda fact: fact.entered_at), batch_size=ROWS)
    return written


# --- cards ------------------------------------------------------------------------------------------------------


def _made(cards: Sequence[InventedCard], *, on: Stage) -> Iterator[tuple[InventedCard, CardRow, str]]:
    """Blank cards, a batch an issuer, made a while before the first of them was given."""
    by_issuer: dict[int, list[InventedCard]] = {}
    for card in cards:
        by_issuer.setdefault(card.issuer, []).append(card)
    for issuer, group in by_issuer.items():
        workplace = on.actors[issuer].workplace
        made_at = min(card.issued_at for card in group) - timedelta(days=30)
        codes = [make_code(card.code, random_tag=True) for card in group]
        made: list[MadeCode] = make_cards(workplace, size=len(codes), by=None, now=made_at, codes=codes)
        digests = [one.digest for one in made]
        found = {
            digest: (pk, line)
            for digest, pk, line in Card.objects.filter(digest__in=digests).values_list("digest", "pk", "line_id")
        }
        for card, one in zip(group, made, strict=True):
            pk, line = found[one.digest]
            yield card, _row(card, pk, line, one.digest), one.code


def _row(card: InventedCard, pk: int, line: int, digest: str) -> CardRow:
    holder = card.holder
    return CardRow(
        id=pk,
        digest=digest,
        line=line,
        taken_on=None,
        workplace=card.issuer,
        region=None,
        community=holder is None,
        later=False,
        minors=holder.minors if holder else None,
        birth_band=age_band(holder.birth_year) if holder and holder.birth_year else None,
        municipality=holder.municipality if holder else None,
        life=CardLife(),
    )


def _issue(card: InventedCard, row: CardRow, rows: _Rows, *, on: Stage) -> CardRow:
    """Register the card on its day and, where the plan says so, block it; gives the card as the rules see it."""
    day = helsinki_day(card.issued_at)
    issuer = on.network.workplaces[card.issuer]
    residence = row.municipality or issuer.municipality
    if row.community:
        region = issuer.home_region
    else:
        region = on.network.region_at(issuer, residence, day)
        refusal = refuse_residence(on.network, issuer, residence, day=day)
        if refusal:
            raise RulesSayNo(f"{residence} on {day}: {refusal}")
    ends = on.network.policy(Policy.VALIDITY_ENDS, day, region=region)
    last = last_valid_day(day, ends_by=date.fromisoformat(ends) if ends else None)
    dated: list[tuple[CardFactKind, datetime, date | None, date | None]] = [
        (CardFactKind.REGISTERED, card.issued_at, None, None),
        (CardFactKind.VALID, card.issued_at, day, last),
    ]
    if card.blocked_at:
        dated.append((CardFactKind.BLOCKED, card.blocked_at, None, None))
    row = row._replace(region=region, life=CardLife.of(dated))
    for kind, at, since, until in dated:
        reason = BlockReason.LOST if kind == CardFactKind.BLOCKED else ""
        rows.facts.append(
            CardFact(
                card_id=row.id,
                kind=kind,
                at=at,
                entered_at=at,
                since=since,
                until=until,
                reason=reason,
                workplace_id=card.issuer,
            )
        )
    if card.holder and card.holder.birth_year:
        rows.holders.append(
            HolderData(
                card_id=row.id,
                birth_year=card.holder.birth_year,
                birth_band=age_band(card.holder.birth_year),
                postal_code=card.holder.postal_code or "",
                municipality_id=residence,
                minors=card.holder.minors,
                exact_until=helsinki_day(card.issued_at) + timedelta(days=SHAPES[Policy.TRIO_DAYS].default),
                may_remind=card.holder.may_remind,
            )
        )
    rows.counted.append(_counted(row, CountedKind.REGISTRATION, residence, card.issued_at, on=on, holder=card.holder))
    if card.blocked_at:
        rows.counted.append(_counted(row, CountedKind.BLOCK, residence, card.blocked_at, on=on))
    return row


def _counted(
    row: CardRow, kind: CountedKind, residence: str, at: datetime, *, on: Stage, holder: Holder | None = None
) -> CountedFact:
    return CountedFact(
        kind=kind,
        day=helsinki_day(at),
        entered_at=at,
        community=row.community,
        region_id=row.region,
        residence_id=residence,
        residence_area_id=on.network.municipalities[residence].wellbeing_area,
        age_band=row.birth_band,
        later_card=row.later,
        gender=holder.gender if holder else None,
        life_situations=holder.life_situations if holder else None,
        home_language=holder.home_language if holder else None,
        card_id=row.id,
        line_id=row.line,
    )


# --- uses -------------------------------------------------------------------------------------------------------


def _use(card: InventedCard, row: CardRow, code: str, rows: _Rows, *, on: Stage) -> Written:
    """Record what the rules allow, until the card has its tickets."""
    written, known = Written(cards=1), Known(past={row.line: []})
    entered: list[tuple[date, datetime]] = []
    here = CardHere(row.life, row.community, row.region, row.minors)
    for use in card.uses:
        left = None if card.tickets is None else card.tickets - written.uses
        if left is not None and left <= 0:
            break
        record = _record(use, row, code, here, known, left=left, on=on)
        if record is None:
            if card.tickets is None:
                raise RulesSayNo(f"a use on {use.day}")
            continue
        rows.records.append(record)
        written.records += 1
        first = not any(day <= use.day and at < use.entered_at for day, at in entered)
        entered.append((use.day, use.entered_at))
        if use.reversed_at and not first:
            # Never the line's first record: what it was taken into use by stays as it is.
            rows.reversals[record.client_id] = use.reversed_at
            record.own_day = None
        else:
            written.uses += record.holder + record.children + record.clients
    return written


def _record(
    use: InventedUse, row: CardRow, code: str, here: CardHere, known: Known, *, left: int | None, on: Stage
) -> Record | None:
    """The ledger row if the rules say yes; the uses that follow see it."""
    holder = 0 if row.community else 1
    children, clients = use.children, use.clients
    if left is not None:
        children, clients = min(children, left - holder), min(clients, left)
    asked = Use(
        id=use.id,
        code=code,
        day=use.day,
        offering=UUID(use.offering.id) if use.offering else None,
        kind=use.kind,
        at=use.entered_at if use.happened and use.source == Source.OFFLINE else None,
        source=use.source,
        holder=holder,
        children=children,
        assistants=use.assistants,
        clients=clients,
        workers=use.workers,
        happened=use.happened,
    )
    ask = ask_of(asked, code, community=row.community)
    actor = on.actors[use.venue]
    situation = Situation(
        now=use.entered_at,
        network=on.network,
        venue=on.network.workplaces[use.venue],
        offering=use.offering,
        card=here,
        past=known.past[row.line],
    )
    judgement = judge(ask, situation)
    if judgement.status != Status.RECORDED:
        return None
    record = record_row(ask, asked, row, situation, judgement, by=actor)
    remember(record, ask, situation, known)
    return record


def _write_records(rows: _Rows) -> None:
    """The ledger in the order in which it was entered, and each line taken into use by its earliest record."""
    records = sorted(rows.records, key=lambda record: record.entered_at)
    Record.objects.bulk_create(records, batch_size=ROWS)
    RecordChange.objects.bulk_create(
        RecordChange(
            record=record,
            kind=ChangeKind.REVERSED,
            at=rows.reversals[record.client_id],
            workplace_id=record.recorder_id,
            reason=ReversalReason.WRONG_COUNT,
        )
        for record in records
        if record.client_id in rows.reversals
    )
    facts: dict[int, CountedFact] = {}
    for record in records:
        line = record.line_id
        if line is None or record.community or not counts_at_once(record.status, record.refusal):
            continue
        known = facts.get(line)
        if known is None or record.day < known.day:
            if known is not None:
                known.withdrawn_at = record.entered_at
            facts[line] = taken_fact(record, now=record.entered_at)
            rows.counted.append(facts[line])
    by_day: dict[date, list[int]] = {}
    for line, fact in facts.items():
        by_day.setdefault(fact.day, []).append(line)
    for day, lines in by_day.items():
        PersonLine.objects.filter(pk__in=lines).update(taken_on=day)
