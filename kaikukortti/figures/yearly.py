"""The yearly national table (section 7): one row a year, in the columns of the published table.

Everyone sees closed years as they were stored, and every other year as the ledger stood at the end of the last full
month; the national service also sees it as it stands now. Rows are counted from the ledger alone, so erasing a card,
cutting the link of a use or merging municipalities changes none of them. A year of which nothing is known has no row:
nothing reported must not look like zero.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any

from django.db.models import Count, F, Q, Sum

from kaikukortti.figures.calendar import YearOf, year_up_to
from kaikukortti.models import CountedFact, Record, YearClose
from kaikukortti.models.snapshot import network
from kaikukortti.rules.network import Network
from kaikukortti.terms.days import day_start, helsinki_day
from kaikukortti.terms.kinds import CountedKind, Sector

ADULTS = tuple(f"adult_{sector}" for sector in Sector.values)
CHILDREN = tuple(f"child_{sector}" for sector in Sector.values)
CARDS = ("cards_registered", "cards_taken_into_use")
COLUMNS = ("year", *CARDS, *ADULTS, *CHILDREN, "uses_total", "municipalities")
# Counted too, but apart: they are no uses and not among the published columns.
APART = ("assistants", "workers")
STORED = (*CARDS, *ADULTS, *CHILDREN, "municipalities", *APART)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRow:
    """A year of the table, as the ledger stood at `as_of`. Adults are holders' tickets, children also clients.

    `revision` is the newest close of the year, 0 before the first; `stored` says that the numbers are that close's.
    """

    year: int
    cards_registered: int = 0
    cards_taken_into_use: int = 0
    adult_culture: int = 0
    adult_education: int = 0
    adult_science: int = 0
    adult_sport: int = 0
    child_culture: int = 0
    child_education: int = 0
    child_science: int = 0
    child_sport: int = 0
    municipalities: int = 0
    assistants: int = 0
    workers: int = 0
    as_of: datetime
    revision: int = 0
    stored: bool = False
    note: str = ""

    @property
    def uses_total(self) -> int:
        """The sum of the eight columns of uses."""
        return sum(self[column] for column in (*ADULTS, *CHILDREN))

    @property
    def last_day(self) -> date:
        """The last day the row covers."""
        return min(date(self.year, 12, 31), helsinki_day(self.as_of))

    @property
    def over(self) -> bool:
        return self.last_day == date(self.year, 12, 31)

    def uses_of(self, sector: str) -> int:
        """Adults' and children's uses of a sector."""
        return self[f"adult_{sector}"] + self[f"child_{sector}"]

    def __getitem__(self, column: str) -> int:
        """A number by its column's name, as tables are written."""
        number: int = getattr(self, column)
        return number


# --- the two tables -----------------------------------------------------------------------------------------------


def published_table(now: datetime) -> list[YearRow]:
    """What everyone sees, oldest year first: closed years as stored, the rest as of the end of the last full month."""
    return list(_published.at(now))


def live_table(now: datetime) -> list[YearRow]:
    """What the national service sees, oldest year first: every year as the ledger stands now, closed ones too.

    A closed year of which the ledger holds nothing keeps the row that was stored.
    """
    closes = newest_closes()
    counted = count_years(Q(), at=now, network=network())
    live = [replace(row, revision=closes[row.year].revision if row.year in closes else 0) for row in counted]
    known = {row.year for row in live}
    return _by_year([*live, *(stored_row(close) for year, close in closes.items() if year not in known)])


def last_full_month(now: datetime) -> datetime:
    """The last instant of the last month that has ended, Finnish time."""
    return day_start(helsinki_day(now).replace(day=1)) - timedelta(microseconds=1)


def newest_closes() -> dict[int, YearClose]:
    """The newest close of each closed year."""
    return {close.year: close for close in YearClose.objects.order_by("year", "revision")}


def revision_notes() -> list[YearClose]:
    """Every close that says what changed, the newest year first: revisions are never silent."""
    return list(YearClose.objects.exclude(note="").order_by("-year", "-revision"))


def stored_row(close: YearClose) -> YearRow:
    """A row as it was stored at a close."""
    numbers = {column: getattr(close, column) for column in STORED}
    return YearRow(year=close.year, as_of=close.as_of, revision=close.revision, stored=True, note=close.note, **numbers)


def _by_year(rows: Iterable[YearRow]) -> list[YearRow]:
    return sorted(rows, key=lambda row: row.year)


class _Published:
    """The published table, kept in memory: no entry of this month changes it, and anyone may ask for it.

    It is kept while the network (and with it the closes) stays the same object, until the next month, and for a few
    minutes only, so that what was under way at midnight or came by an import is seen soon.
    """

    LASTS = timedelta(minutes=5)

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: tuple[Network, datetime, datetime, tuple[YearRow, ...]] | None = None

    def at(self, now: datetime) -> tuple[YearRow, ...]:
        current, as_of = network(), last_full_month(now)
        with self._lock:  # one caller counts, the others wait for it
            if self._kept:
                known, of, counted_at, rows = self._kept
                if known is current and of == as_of and timedelta(0) <= now - counted_at < self.LASTS:
                    return rows
            closes = newest_closes()
            open_years = count_years(_outside(closes), at=as_of, network=current)
            rows = tuple(_by_year([*(stored_row(close) for close in closes.values()), *open_years]))
            self._kept = (current, as_of, now, rows)
            return rows


_published = _Published()


# --- counting -----------------------------------------------------------------------------------------------------


def count_years(days: Q, *, at: datetime, network: Network) -> list[YearRow]:
    """The years of the days asked for, as the ledger stood at an instant: two queries, whatever its size.

    Days after the instant are left out: a ticket given in advance is a use when its day has come.
    """
    last = helsinki_day(at)
    found: dict[int, dict[str, Any]] = {}
    uses: Any = (
        Record.objects.filter(days)
        .counting(at=at)
        .annotate(year=year_up_to(last))
        .values("year", "sector")
        .annotate(
            adult=Sum("holder"),
            child=Sum(F("children") + F("clients")),
            assistants=Sum("assistants"),
            workers=Sum("workers"),
        )
        .order_by()
    )
    for part in uses:
        if part["year"] is not None:
            numbers = found.setdefault(part["year"], dict.fromkeys(APART, 0))
            numbers[f"adult_{part['sector']}"] = part["adult"]
            numbers[f"child_{part['sector']}"] = part["child"]
            for column in APART:
                numbers[column] += part[column]
    for year, column, number in _cards(days, at=at, last=last):
        found.setdefault(year, {})[column] = number
    return [
        YearRow(
            year=year,
            as_of=at,
            municipalities=municipalities_on(network, min(date(year, 12, 31), last)),
            **numbers,
        )
        for year, numbers in sorted(found.items())
    ]


def _cards(days: Q, *, at: datetime, last: date) -> list[tuple[int, str, int]]:
    """Cards registered and person lines taken into use, a year; community cards are neither."""
    columns = {
        CountedKind.REGISTRATION.value: "cards_registered",
        CountedKind.TAKEN_INTO_USE.value: "cards_taken_into_use",
    }
    facts = (
        CountedFact.objects.filter(days, kind__in=columns, community=False, day__lte=last)
        .known_at(at)
        .annotate(year=YearOf("day"))
        .values("year", "kind")
        .annotate(number=Count("pk"))
        .order_by()
    )
    return [(fact["year"], columns[fact["kind"]], fact["number"]) for fact in facts]


def municipalities_on(network: Network, day: date) -> int:
    """How many municipalities are in a pilot or permanent region on a day (rule 15)."""
    return sum(
        1
        for code in network.memberships
        if (facts := network.municipality_on(code, day)) is not None
        and facts.code == code
        and network.open_on(network.region_of_municipality(code, day), day)
    )


def _outside(closed: Iterable[int]) -> Q:
    """The days outside closed years, as few ranges as there are gaps."""
    days, after = Q(), None
    for year in sorted(closed):
        first = date(year, 1, 1)
        if after is None:
            days = Q(day__lt=first)
        elif after < first:
            days |= Q(day__gte=after, day__lt=first)
        after = date(year + 1, 1, 1)
    return days | Q(day__gte=after) if after else days


# --- closing ------------------------------------------------------------------------------------------------------


def count_year(year: int, *, at: datetime, network: Network) -> YearRow | None:
    """One year as the ledger stood at an instant; None when it holds nothing of it."""
    rows = count_years(Q(day__gte=date(year, 1, 1), day__lt=date(year + 1, 1, 1)), at=at, network=network)
    return rows[0] if rows else None


def waiting_records(year: int) -> int:
    """Records of the year that do not count yet: they wait for a venue's word or for the card's registration."""
    days = Q(day__gte=date(year, 1, 1), day__lt=date(year + 1, 1, 1))
    return Record.objects.filter(days).waiting().count()


# --- files --------------------------------------------------------------------------------------------------------


def as_objects(rows: Sequence[YearRow]) -> list[dict[str, int]]:
    """The rows as the contract's JSON."""
    return [{column: row[column] for column in COLUMNS} for row in rows]


def as_csv(rows: Sequence[YearRow]) -> str:
    """The rows as the contract's CSV: commas, one header line. Every cell is a number, so none can be a formula."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    lines.writerows([row[column] for column in COLUMNS] for row in rows)
    return text.getvalue()
