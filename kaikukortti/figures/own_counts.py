"""A workplace's own counts: exact and always complete, and shown to that workplace alone (section 7, who sees what).

A venue counts what happened at its place, whoever recorded it; a ticket agent what it recorded; an issuing workplace
the cards it gave and the blanks it has left, never a use. All are live.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import ExtractMonth

from kaikukortti.figures.blanks import blanks_left
from kaikukortti.figures.calendar import MonthOf
from kaikukortti.models import CardFact, ErasedCards, Offering, Record, Workplace
from kaikukortti.models.ledger import RecordQuerySet
from kaikukortti.terms.days import day_start, helsinki_day
from kaikukortti.terms.kinds import CardFactKind, OfferingKind, RecordKind, Status
from kaikukortti.terms.roles import Role


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of counting records. `uses` are own tickets, children and clients; `flagged` of those uses were recorded
    with a note (rule 28); `seasons` of the own tickets are season passes."""

    tickets: int = 0
    children: int = 0
    clients: int = 0
    assistants: int = 0
    workers: int = 0
    flagged: int = 0
    seasons: int = 0

    @property
    def uses(self) -> int:
        return self.tickets + self.children + self.clients

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts)))


@dataclass(frozen=True, slots=True)
class OfferingCounts:
    """An offering's counts; without an offering it is the venue's open admission by the day."""

    name: str
    kind: str
    first_day: date | None
    venue: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class RecorderCounts:
    """A year of a venue or a ticket agent: all twelve months, and the offerings with the most uses first.

    `waiting` records do not count yet: they wait for the venue's word or for the card's registration.
    """

    year: int
    months: tuple[Counts, ...]
    offerings: tuple[OfferingCounts, ...]
    waiting: int

    @property
    def total(self) -> Counts:
        return sum(self.months, Counts())


@dataclass(frozen=True, slots=True)
class IssuerMonth:
    cards: int = 0
    community_cards: int = 0

    def __add__(self, other: "IssuerMonth") -> "IssuerMonth":
        return IssuerMonth(self.cards + other.cards, self.community_cards + other.community_cards)


@dataclass(frozen=True, slots=True)
class IssuerCounts:
    """A year of an issuing workplace: cards registered a month, and the blanks it has left today."""

    year: int
    months: tuple[IssuerMonth, ...]
    blanks: int

    @property
    def total(self) -> IssuerMonth:
        return sum(self.months, IssuerMonth())


def own_counts(workplace: Workplace, year: int) -> RecorderCounts | IssuerCounts:
    """The workplace's own year. Raises ValueError for a role that neither records nor gives cards."""
    if workplace.role == Role.ISSUER:
        return issuer_counts(workplace, year)
    return recorder_counts(workplace, year)


def own_years(workplace: Workplace, *, today: date) -> list[int]:
    """The years there is something to see of, the newest first; always this year."""
    if workplace.role == Role.ISSUER:
        days = first_registrations().filter(workplace=workplace).aggregate(first=Min("at"), last=Max("at"))
        known = [helsinki_day(at).year for at in days.values() if at]
        months = ErasedCards.objects.filter(workplace=workplace).aggregate(first=Min("month"), last=Max("month"))
        known += [month.year for month in months.values() if month]
        first, last = min(known, default=None), max(known, default=None)
    else:
        days = _records(workplace).aggregate(first=Min("day"), last=Max("day"))
        first, last = (days[end] and days[end].year for end in ("first", "last"))
    return list(range(max(today.year, last or 0), min(today.year, first or today.year) - 1, -1))


# --- venues and ticket agents -------------------------------------------------------------------------------------


def _records(workplace: Workplace) -> RecordQuerySet:
    if workplace.role == Role.VENUE:
        return Record.objects.at_venue(workplace)
    if workplace.role == Role.TICKET_AGENT:
        return Record.objects.recorded_by(workplace)
    raise ValueError(workplace.role)


def recorder_counts(workplace: Workplace, year: int) -> RecorderCounts:
    """A year of a venue or a ticket agent, in three queries."""
    rows = _records(workplace).filter(day__gte=date(year, 1, 1), day__lt=date(year + 1, 1, 1))
    uses = F("holder") + F("children") + F("clients")
    parts: Any = (
        rows.counting()
        .annotate(month=MonthOf("day"))
        .values("month", "offering", "venue")
        .annotate(
            tickets=Sum("holder"),
            # The columns' own names are taken by the table's.
            own_children=Sum("children"),
            own_clients=Sum("clients"),
            own_assistants=Sum("assistants"),
            own_workers=Sum("workers"),
            flagged=Sum(Case(When(status=Status.FLAGGED, then=uses), default=Value(0))),
            seasons=Sum(Case(When(kind=RecordKind.SEASON, then=F("holder")), default=Value(0))),
        )
        .order_by()
    )
    months = [Counts()] * 12
    by_offering: dict[tuple[Any, int], Counts] = {}
    for part in parts:
        counts = Counts(
            tickets=part["tickets"],
            children=part["own_children"],
            clients=part["own_clients"],
            assistants=part["own_assistants"],
            workers=part["own_workers"],
            flagged=part["flagged"],
            seasons=part["seasons"],
        )
        months[part["month"] - 1] += counts
        key = (part["offering"], part["venue"])
        by_offering[key] = by_offering.get(key, Counts()) + counts
    offerings = _named(workplace, rows, by_offering)
    return RecorderCounts(year, tuple(months), tuple(offerings), rows.waiting().count())


def _named(
    workplace: Workplace, rows: RecordQuerySet, counted: dict[tuple[Any, int], Counts]
) -> Iterable[OfferingCounts]:
    """The offerings with their names in the reader's language, the most used first."""
    known = {
        one.pk: one for one in Offering.objects.filter(records__in=rows).select_related("venue").distinct().order_by()
    }
    named = []
    for (offering, _venue), counts in counted.items():
        one = known.get(offering)
        named.append(
            OfferingCounts(
                name=one.name if one else "",
                kind=one.kind if one else OfferingKind.OPEN,
                first_day=one.first_day if one else None,
                venue=one.venue.name if one else workplace.name,
                counts=counts,
            )
        )
    return sorted(named, key=lambda row: (-row.counts.uses, row.first_day or date.min, row.name))


# --- issuing workplaces -------------------------------------------------------------------------------------------


def first_registrations() -> QuerySet[CardFact]:
    """First registrations of cards by the workplaces that gave them: a replacement is none, as in the national table.

    Read from the cards and not from the ledger, which does not know who gave a card: the issuer is the most sensitive
    field and stands beside no use. Cards that have been erased are counted in ErasedCards.
    """
    return CardFact.objects.filter(kind=CardFactKind.REGISTERED, workplace__isnull=False, card__later=False)


def issuer_counts(workplace: Workplace, year: int) -> IssuerCounts:
    """A year of an issuing workplace, in three queries."""
    parts = (
        first_registrations()
        .filter(workplace=workplace, at__gte=day_start(date(year, 1, 1)), at__lt=day_start(date(year + 1, 1, 1)))
        .annotate(month=ExtractMonth("at"))
        .values("month")
        .annotate(
            cards=Count("pk", filter=Q(card__community=False)), groups=Count("pk", filter=Q(card__community=True))
        )
        .order_by()
    )
    months = [IssuerMonth()] * 12
    for part in parts:
        months[part["month"] - 1] = IssuerMonth(part["cards"], part["groups"])
    for erased in ErasedCards.objects.filter(workplace=workplace, month__year=year):
        months[erased.month.month - 1] += IssuerMonth(erased.cards, erased.community_cards)
    return IssuerCounts(year, tuple(months), blanks_left(workplace))
