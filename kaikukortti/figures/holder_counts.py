"""How many holders stand behind each cell of a closed year, counted before the link use–card is cut (section 7).

Disclosure control asks for it for as long as a cell is shown, and afterwards nothing could count it again. So more is
counted than is shown today: every table that the cubes can be cut into, by month, quarter, half-year and year.

What a row is called (docs/decisions/0020-retention.md says why):

- `cube` is `view:crossed`, such as `place:residence*sector`; nothing crossed is `total`. A view says by whose region:
  `place` of the use, `card`'s region of issue, `place-area` and `home-area` are wellbeing areas, `all` is the country.
- `period` is `2026`, `2026-H1`, `2026-Q3` or `2026-07`.
- `cell` is each value by name, the view's first, then the crossed ones in the cube's order:
  `place=3;residence=205;sector=sport`. Unknown is `-`. The country's total is the empty cell.
- Holders are person lines. Community cards are no holders: they stand apart, in cubes called `community/…`.

A cell without a row has nobody behind it. A use whose card is unknown or was erased counts no holder. Counted is what
stood at the newest close and still stands, so a count is never above the truth of either.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import combinations
from typing import Any

from django.db import connection
from django.db.models import F

from kaikukortti.figures.calendar import MonthOf
from kaikukortti.figures.yearly import newest_closes
from kaikukortti.models import HolderCount, Record

TOTAL = "all:total"
# The cubes tried in the design of disclosure control; the month is the period.
CUBES = (
    ("place", "sector"),
    ("residence", "age", "person"),
    ("residence", "place", "sector"),
    ("sector", "person", "kind"),
)
VIEWS = {
    "all": "",
    "place": "place_region",
    "card": "card_region",
    "place-area": "place_area",
    "home-area": "home_area",
}
PERSONS = {"adult": "adults > 0", "child": "children > 0"}  # as in the yearly table: clients of a group are children
# Column by its type in SQL, of the narrow table that is counted from.
NARROW = {
    "line": "bigint",
    "community": "boolean",
    "month": "integer",
    "place_region": "bigint",
    "card_region": "bigint",
    "place_area": "varchar(2)",
    "home_area": "varchar(2)",
    "place": "varchar(3)",
    "sector": "varchar(10)",
    "residence": "varchar(3)",
    "age": "integer",
    "kind": "varchar(6)",
    "adults": "integer",
    "children": "integer",
}
PERIODS = {"": "0", "-H": "(month + 5) / 6", "-Q": "(month + 2) / 3", "-": "month"}


def tables() -> list[tuple[str, ...]]:
    """Every table the cubes can be cut into, the empty one (totals) first."""
    found = {part for cube in CUBES for size in range(len(cube) + 1) for part in combinations(cube, size)}
    return sorted(found, key=lambda part: (len(part), part))


def counts_are_kept(year: int) -> bool:
    """The country's total of the year is written last, also when nobody used a card."""
    return HolderCount.objects.filter(year=year, cube=TOTAL, period=str(year), cell="").exists()


def is_total(row: HolderCount) -> bool:
    """Whether it is the country's total of the year."""
    return (row.cube, row.period) == (TOTAL, str(row.year))


def count_holders(year: int) -> Iterator[HolderCount]:
    """The rows of a closed year, not yet saved; the memory of one table's cells. Raises KeyError for an open year."""
    with _narrowed(year):
        for community, prefix in (("NOT community", ""), ("community", "community/")):
            for view, region in VIEWS.items():
                for crossed in tables():
                    cube = f"{prefix}{view}:{'*'.join(crossed) or 'total'}"
                    for suffix, period in PERIODS.items():
                        for number, values, holders in _counted(community, region, crossed, period):
                            yield HolderCount(
                                year=year,
                                cube=cube,
                                period=f"{year}{suffix}" + (f"{number:02}" if suffix == "-" else f"{number or ''}"),
                                cell=_cell(view, crossed, values),
                                holders=holders,
                            )


def _cell(view: str, crossed: Sequence[str], values: Sequence[Any]) -> str:
    names = ([] if view == "all" else [view]) + list(crossed)
    return ";".join(f"{name}={'-' if value is None else value}" for name, value in zip(names, values, strict=True))


def _counted(
    community: str, region: str, crossed: tuple[str, ...], period: str
) -> Iterator[tuple[int, tuple[Any, ...], int]]:
    """Number of the period, values of the view and the crossed columns, holders."""
    persons = PERSONS if "person" in crossed else {"": "1 = 1"}
    for person, condition in persons.items():
        columns = ([region] if region else []) + [f"'{person}'" if name == "person" else name for name in crossed]
        shown = "".join(f", {column}" for column in columns)
        grouped = ", ".join(place for place in (period, *columns) if place != "0" and not place.startswith("'"))
        sql = f"SELECT {period}{shown}, COUNT(DISTINCT line) FROM kept_uses WHERE {community} AND {condition}" + (
            f" GROUP BY {grouped}" if grouped else ""
        )
        with connection.cursor() as cursor:
            cursor.execute(sql)
            for number, *values, holders in cursor.fetchall():
                if holders or (not crossed and not region and period == "0"):
                    yield number, tuple(values), holders


@contextmanager
def _narrowed(year: int) -> Iterator[None]:
    """The year's counting uses in a temporary table of this connection: a thousand tables are counted from it, and the
    ledger's conditions are asked once."""
    as_of = newest_closes()[year].as_of
    uses = (
        Record.objects.counting(at=as_of)
        .standing()
        .filter(day__gte=date(year, 1, 1), day__lt=date(year + 1, 1, 1))
        .annotate(
            of_month=MonthOf("day"), with_group=F("children") + F("clients"), persons=F("holder") + F("with_group")
        )
        .filter(persons__gt=0)
        .order_by()
        .values_list(
            "line",
            "community",
            "of_month",
            "place_region",
            "card_region",
            "place_area",
            "residence_area",
            "place",
            "sector",
            "residence",
            "age_band",
            "kind",
            "holder",
            "with_group",
        )
    )
    select, parameters = uses.query.sql_with_params()
    columns = ", ".join(f"{name} {kind}" for name, kind in NARROW.items())
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS kept_uses")
        cursor.execute(f"CREATE TEMPORARY TABLE kept_uses ({columns})")
        cursor.execute(f"INSERT INTO kept_uses {select}", parameters)
        yield
        cursor.execute("DROP TABLE kept_uses")
