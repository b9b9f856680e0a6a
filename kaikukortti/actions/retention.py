"""Retention (P14): what the register knows of a person goes when its time is over, and no published sum changes.

Pieces of about a thousand rows, each in a transaction of its own and in the order of ids, beside running tills: lines
are locked first, as everywhere. A piece that would change a sum is rolled back and stops the run. The next run takes up
one that was stopped: what is done is done, and the proof is finished from the instant it began at.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from kaikukortti.actions.cards import life_of
from kaikukortti.actions.erasure import cut_records, erase_cards
from kaikukortti.actions.holder import carry_out_erasures
from kaikukortti.actions.taken_into_use import freeze
from kaikukortti.actions.trail import note
from kaikukortti.figures.holder_counts import COUNTED, counts_are_kept, holders_counted
from kaikukortti.figures.published_sums import digest_of_sums, sums_of_facts, sums_of_given_cards, sums_of_uses
from kaikukortti.models import (
    Card,
    CountedFact,
    Erasure,
    HolderCount,
    HolderData,
    PersonLine,
    Record,
    Region,
    RetentionRun,
)
from kaikukortti.models.snapshot import network
from kaikukortti.rules.network import Network
from kaikukortti.rules.retention import last_years_to_erase, years_to_cut
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import CardFactKind, CountedKind, OfferingKind
from kaikukortti.terms.trail import Act

ROWS = 1000
# Sums are proved as they stood so long before the run: what a till is just writing is in none of them.
SETTLED = timedelta(hours=1)

log = logging.getLogger("kaikukortti.retention")

Told = Callable[[int], object]


class SumsDiffer(Exception):
    """A published sum would not be, or is not, what it was before."""


class CountsNotKept(Exception):
    """The holders behind the cells of a year are not counted yet, and could not be once its links are cut."""


@dataclass(frozen=True, slots=True)
class Due:
    """How much is due: exact trios, records to cut, counted facts to cut, cards to erase, lines whose holder asked."""

    trios: int = 0
    links: int = 0
    facts: int = 0
    cards: int = 0
    erased: int = 0
    years: tuple[int, ...] = ()

    @property
    def rows(self) -> int:
        return self.trios + self.links + self.facts + self.cards + self.erased


# --- what is due ------------------------------------------------------------------------------------------------


def what_is_due(*, now: datetime) -> Due:
    """Counted and nothing changed; cards that only this run would set free are not among it yet."""
    plan = _plan(network(), today=helsinki_day(now))
    return Due(
        trios=plan.trios().count(),
        links=plan.records().count(),
        facts=plan.facts().count(),
        cards=plan.cards().count(),
        erased=Erasure.objects.filter(due_on__lte=plan.today).count(),
        years=tuple(sorted(plan.years)),
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """The day, the years whose links are over by the regions of cards, and the years whose last cards may go."""

    today: date
    regions: dict[frozenset[int], list[int | None]]
    last_years: list[int]

    @property
    def years(self) -> set[int]:
        return {year for years in self.regions for year in years}

    def trios(self) -> QuerySet[HolderData]:
        return HolderData.objects.filter(exact_until__lt=self.today)

    def records(self) -> QuerySet[Record]:
        """Linked records of years whose links are over. A season pass waits for the year of its last day, a course for
        the year in which it ends: till then the own ticket's slot is needed (rule 27)."""
        linked = Q(card__isnull=False) | Q(line__isnull=False) | ~Q(content="") | Q(own_day__isnull=False)
        return Record.objects.filter(linked & self._by_region("card_region", _record_years))

    def facts(self) -> QuerySet[CountedFact]:
        """Linked facts of those years. *Taken into use* is cut with the record that did it, never before."""
        linked = Q(card__isnull=False) | Q(line__isnull=False)
        facts = CountedFact.objects.exclude(kind=CountedKind.TAKEN_INTO_USE)
        return facts.filter(linked & self._by_region("region", lambda years: _in_years("day", years)))

    def cards(self) -> QuerySet[Card]:
        """Cards whose time may be over and that no record points at: their dated rows decide (`is_over`). Blank and
        void cards stay: they were never given."""
        spells, ends = Q(facts__kind=CardFactKind.VALID), Q(facts__kind=CardFactKind.ENDED)
        last_day = Coalesce(Min("facts__until", filter=ends), Max("facts__until", filter=spells))
        return (
            Card.objects.annotate(longest=Max("facts__until", filter=spells), last_day=last_day)
            .filter(_in_years("last_day", self.last_years), longest__isnull=False)
            .filter(~Exists(Record.objects.filter(card=OuterRef("pk"))))
        )

    def is_over(self, card: Card) -> bool:
        """Whether the card's last day lies in a year whose cards may go; ended before its first, it had its only one
        when it was registered."""
        life = life_of(card)
        last_day = life.last_day or (life.registered_at and helsinki_day(life.registered_at))
        return last_day is not None and last_day.year in self.last_years

    def _by_region(self, column: str, condition: Callable[[frozenset[int]], Q]) -> Q:
        found = Q(pk__in=[])
        for years, regions in self.regions.items():
            here = Q(**{f"{column}__in": [region for region in regions if region is not None]})
            if None in regions:
                here |= Q(**{f"{column}__isnull": True})
            found |= here & condition(years)
        return found


def _plan(network: Network, *, today: date) -> _Plan:
    regions = [None, *Region.objects.order_by("pk").values_list("pk", flat=True)]
    return _Plan(today, years_to_cut(network, regions, today=today), last_years_to_erase(network.closed_years))


def _in_years(column: str, years: Iterable[int]) -> Q:
    found = Q(pk__in=[])
    for year in sorted(years):
        found |= Q(**{f"{column}__gte": date(year, 1, 1), f"{column}__lt": date(year + 1, 1, 1)})
    return found


def _record_years(years: frozenset[int]) -> Q:
    season_over = Q(until__isnull=True) | _in_years("until", years)
    no_course = Q(offering__isnull=True) | ~Q(offering__kind=OfferingKind.COURSE)
    return _in_years("day", years) & season_over & (no_course | _in_years("offering__last_day", years))


# --- a run ------------------------------------------------------------------------------------------------------


def retain(*, now: datetime, told: Told = lambda rows: None) -> RetentionRun:
    """Do what is due and prove it; `told` hears of rows as they are done. Raises SumsDiffer, and then what was not
    proved has not been done, or is told in the run's row."""
    run = begin_run(now=now)
    plan = _plan(network(), today=helsinki_day(now))
    erased = carry_out_erasures(now=now)
    _add(run, erased=erased)
    told(erased)
    _coarsen(run, plan, told=told)
    keep_counts(plan.years)
    _cut_links(run, plan, told=told)
    _cut_facts(run, plan, told=told)
    _erase_cards(run, plan, told=told)
    return end_run(run, now=now)


def begin_run(*, now: datetime) -> RetentionRun:
    """A new run with the sums before it, or the one that was stopped in the middle."""
    stopped = RetentionRun.objects.filter(finished_at__isnull=True).order_by("pk").first()
    return stopped or RetentionRun.objects.create(started_at=now, sums_before=digest_of_sums(now - SETTLED))


def end_run(run: RetentionRun, *, now: datetime) -> RetentionRun:
    """The proof: every sum as it stood before the run is still the same. Raises SumsDiffer."""
    after = digest_of_sums(_as_of(run))
    with transaction.atomic():
        RetentionRun.objects.filter(pk=run.pk).update(sums_after=after, finished_at=now)
        note(Act.RETENTION_RUN, by=None, now=now, subject=run.pk)
    run.refresh_from_db()
    if run.sums_before != after:
        log.error("retention run %s: a published sum is not what it was before", run.pk)
        raise SumsDiffer
    return run


def _as_of(run: RetentionRun) -> datetime:
    return run.started_at - SETTLED


def _add(run: RetentionRun, **numbers: int) -> None:
    """In the transaction of the piece, so that a killed run has told what it did and no more."""
    RetentionRun.objects.filter(pk=run.pk).update(**{name: F(name) + number for name, number in numbers.items()})


def _hold(lines: Iterable[int | None]) -> None:
    """Lock person lines in the order of ids, as every action does first."""
    wanted = {line for line in lines if line is not None}
    list(PersonLine.objects.filter(pk__in=wanted).order_by("pk").select_for_update().values_list("pk", flat=True))


def _need_same(before: object, after: object) -> None:
    if before != after:
        log.error("retention stops: a piece would change a published sum")
        raise SumsDiffer


# --- the steps --------------------------------------------------------------------------------------------------


def _coarsen(run: RetentionRun, plan: _Plan, *, told: Told) -> None:
    """The exact trio: birth year and postal code go, their band and the municipality stay."""
    while cards := list(plan.trios().order_by("card").values_list("card", flat=True)[:ROWS]):
        with transaction.atomic():
            _hold(Card.objects.filter(pk__in=cards).values_list("line", flat=True))
            trios = plan.trios().filter(card__in=cards)
            _add(run, trios=trios.update(birth_year=None, postal_code="", exact_until=None))
        told(len(cards))


def keep_counts(years: Collection[int]) -> None:
    """Count the holders behind every cell of each year, once and before its first link is cut.

    Counting takes long and locks nothing; storing is one short transaction, and of two runs at once the second one
    finds the first one's counts, whatever the first one has cut since.
    """
    for year in sorted(years):
        if not counts_are_kept(year):
            with holders_counted(year), transaction.atomic():
                RetentionRun.objects.select_for_update().first()
                if not counts_are_kept(year):
                    _store_counts(year)


def _store_counts(year: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {HolderCount._meta.db_table} (year, cube, period, cell, holders)"  # nosec B608
            f" SELECT {year:d}, cube, period, cell, holders FROM {COUNTED}"
        )


def _next(rows: QuerySet[Any], *, after: int) -> list[int]:
    """The ids of the next piece."""
    return list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:ROWS])


def _cut_links(run: RetentionRun, plan: _Plan, *, told: Told) -> None:
    """The link use–card, whole lines at a time: of a line's uses that are due none stays behind alone, so that the
    frozen fact is that of the earliest. Then records that only carry a digest of a code nobody knew."""
    for year in plan.years:
        if not counts_are_kept(year):
            raise CountsNotKept(year)
    for lines in _lines_with_records(plan):
        with transaction.atomic():
            _hold(lines)
            _cut(run, list(plan.records().filter(line__in=lines).values_list("pk", flat=True)), told=told)
    last = 0
    while alone := _next(plan.records().filter(line__isnull=True), after=last):
        with transaction.atomic():
            _hold(Card.objects.filter(records__in=alone).values_list("line", flat=True))
            _cut(run, alone, told=told)
        last = alone[-1]


def _lines_with_records(plan: _Plan) -> Iterator[list[int]]:
    """Lines in the order of ids, about a thousand records at a time."""
    last = 0
    while True:
        rows = plan.records().filter(line__gt=last).values("line").annotate(records=Count("pk")).order_by("line")[:ROWS]
        lines: list[int] = []
        records = 0
        for row in rows:
            lines.append(row["line"])
            records += row["records"]
            if records >= ROWS:
                break
        if not lines:
            return
        yield lines
        last = lines[-1]


def _cut(run: RetentionRun, records: list[int], *, told: Told) -> None:
    at = _as_of(run)
    its_facts = Q(record__in=records)
    before = sums_of_uses(at, Q(pk__in=records)), sums_of_facts(at, its_facts)
    freeze(records)
    _add(run, links=cut_records(Q(pk__in=records)))
    _need_same(before, (sums_of_uses(at, Q(pk__in=records)), sums_of_facts(at, its_facts)))
    told(len(records))


def _cut_facts(run: RetentionRun, plan: _Plan, *, told: Told) -> None:
    """Registrations, renewals, blocks and ends lose their card; what they say of the day stays."""
    last, at = 0, _as_of(run)
    while some := _next(plan.facts(), after=last):
        facts = CountedFact.objects.filter(pk__in=some)
        with transaction.atomic():
            _hold(facts.values_list("line", flat=True))
            before = sums_of_facts(at, Q(pk__in=some))
            facts.update(card=None, line=None)
            _need_same(before, sums_of_facts(at, Q(pk__in=some)))
        last = some[-1]
        told(len(some))


def _erase_cards(run: RetentionRun, plan: _Plan, *, told: Told) -> None:
    """Cards whose time is over, with their holder's data, and lines that no card is left of."""
    last, at = 0, _as_of(run)
    while some := _next(plan.cards(), after=last):
        with transaction.atomic():
            lines = set(Card.objects.filter(pk__in=some).values_list("line", flat=True))
            _hold(lines)
            # Again, now that nobody else can use or renew them.
            found = Card.objects.filter(pk__in=plan.cards().filter(pk__in=some).values("pk")).prefetch_related("facts")
            cards = [card.pk for card in found if plan.is_over(card)]
            workplaces = set(
                Card.objects.filter(pk__in=cards, facts__kind=CardFactKind.REGISTERED).values_list(
                    "facts__workplace", flat=True
                )
            )
            before = sums_of_given_cards(at, workplaces)
            _add(run, cards=erase_cards(cards))
            _need_same(before, sums_of_given_cards(at, workplaces))
            left = PersonLine.objects.filter(pk__in=lines, cards__isnull=True)
            left.filter(~Exists(Record.objects.filter(line=OuterRef("pk")))).delete()
        last = some[-1]
        told(len(some))
