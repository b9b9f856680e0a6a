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

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from itertools import combinations

from django.db import connection, transaction
from django.db.models import F

from kaikukortti.figures.calendar import MonthOf
from kaikukortti.figures.yearly import newest_closes
from kaikukortti.models import HolderCount, Record

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
# The name of a period after its year, in SQL.
PERIODS = (
    "''",
    "'-H' || CAST((month + 5) / 6 AS text)",
    "'-Q' || CAST((month + 2) / 3 AS text)",
    "'-' || CASE WHEN month < 10 THEN '0' ELSE '' END || CAST(month AS text)",
)
COUNTED = "kept_counts"  # the temporary table that holds cube, period, cell and holders


def tables() -> list[tuple[str, ...]]:
    """Every table the cubes can be cut into, the empty one (totals) first."""
    found = {part for cube in CUBES for size in range(len(cube) + 1) for part in combinations(cube, size)}
    return sorted(found, key=lambda part: (len(part), part))


def counts_are_kept(year: int) -> bool:
    """The country's total of the year is written with the rest, also when nobody used a card."""
    return HolderCount.objects.filter(year=year, cube="all:total", period=str(year), cell="").exists()


def years_kept() -> list[int]:
    """The years whose holders are counted, the newest first: those whose links are cut or are being cut."""
    totals = HolderCount.objects.filter(cube="all:total", cell="", period__in=map(str, range(2000, 2100)))
    return list(totals.order_by("-year").values_list("year", flat=True))


@contextmanager
def holders_counted(year: int) -> Iterator[None]:
    """Count a closed year's holders into the temporary table COUNTED, of this connection and gone afterwards. Nothing
    of it passes through Python and nothing is locked. Raises KeyError for an open year."""
    # A pooler between us and PostgreSQL may give each transaction another connection, so it is one there. On SQLite a
    # transaction would keep every till waiting, and nobody pools.
    one: AbstractContextManager[object] = transaction.atomic() if connection.vendor == "postgresql" else nullcontext()
    with one:
        _narrow(year)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {COUNTED}")
            cursor.execute(
                f"CREATE TEMPORARY TABLE {COUNTED}"
                " (cube varchar(60), period varchar(10), cell varchar(120), holders integer)"
            )
            for community, prefix in (("NOT community", ""), ("community", "community/")):
                for view, region in VIEWS.items():
                    for crossed in tables():
                        for period in PERIODS:
                            for statement in _statements(year, prefix, community, view, region, crossed, period):
                                cursor.execute(statement)
            cursor.execute("DROP TABLE kept_uses")
            yield
            cursor.execute(f"DROP TABLE {COUNTED}")


def _statements(
    year: int, prefix: str, community: str, view: str, region: str, crossed: tuple[str, ...], period: str
) -> Iterator[str]:
    """One table for one length of period; a use with two kinds of persons stands behind the cells of both."""
    cube = f"{prefix}{view}:{'*'.join(crossed) or 'total'}"
    for person, has in PERSONS.items() if "person" in crossed else [("", "1 = 1")]:
        named = [(view, region)] if region else []
        named += [(name, f"'{person}'" if name == "person" else name) for name in crossed]
        cell = " || ';' || ".join(f"'{name}=' || COALESCE(CAST({value} AS text), '-')" for name, value in named) or "''"
        # Grouping by the two texts is one group where both are empty, which is then there without any use as well.
        grouped = "" if cell == period == "''" else " GROUP BY 1, 2, 3 HAVING COUNT(DISTINCT line) > 0"
        yield (
            f"INSERT INTO {COUNTED} SELECT '{cube}', '{year}' || {period}, {cell}, COUNT(DISTINCT line)"  # nosec B608
            f" FROM kept_uses WHERE {community} AND {has}{grouped}"
        )


def _narrow(year: int) -> None:
    """The year's counting uses in a temporary table: a thousand tables are counted from it, and the ledger's conditions
    are asked once."""
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
