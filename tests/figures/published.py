"""The nine years that the programme has published, as facts to hold a table to, and a ledger that gives them back.

`differences(rows)` says in words where a table departs from them, so that whatever fills a register with those years
can be held to the same facts.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.db import connection

from kaikukortti.figures.yearly import COLUMNS, YearRow
from kaikukortti.models import (
    CountedFact,
    Municipality,
    NetworkVersion,
    Record,
    Region,
    RegionMembership,
    RegionPhase,
    Workplace,
)
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import CountedKind, OfferingKind, RecordKind, Sector, Source, Status
from kaikukortti.terms.states import Phase

# Cards registered, taken into use; adults in culture, education, science, sport; children likewise; municipalities.
YEARS: dict[int, tuple[tuple[int, int], tuple[int, int, int, int], tuple[int, int, int, int], int]] = {
    2015: ((1000, 180), (586, 0, 0, 0), (24, 0, 0, 0), 1),
    2016: ((2003, 1457), (1980, 42, 0, 0), (95, 0, 0, 0), 9),
    2017: ((3913, 824), (2699, 91, 82, 20), (52, 0, 3, 0), 11),
    2018: ((4528, 1261), (3985, 528, 710, 120), (218, 5, 544, 0), 14),
    2019: ((6095, 1667), (5904, 541, 1959, 810), (534, 2, 1412, 365), 21),
    2020: ((5984, 959), (2452, 97, 1175, 3559), (281, 0, 998, 1273), 38),
    2021: ((10731, 4363), (3592, 847, 983, 17105), (628, 1, 759, 2653), 50),
    2022: ((11689, 4433), (9829, 1183, 1708, 21685), (1330, 11, 4048, 1368), 54),
    2023: ((14789, 5608), (16193, 2043, 1986, 22524), (2414, 27, 1432, 4569), 61),
}
# The programme's own totals: the eight columns of uses add up to them.
TOTALS = (610, 2117, 2947, 6110, 11527, 9835, 26568, 41162, 51188)


def published_numbers(year: int) -> dict[str, int]:
    """A published year by the table's columns."""
    cards, adults, children, municipalities = YEARS[year]
    numbers = (year, *cards, *adults, *children, sum(adults) + sum(children), municipalities)
    return dict(zip(COLUMNS, numbers, strict=True))


def differences(rows: Sequence[YearRow]) -> list[str]:
    """Where a table departs from the nine published years; later years are its own affair."""
    table = {row.year: row for row in rows}
    found = [f"{year}: no row" for year in YEARS if year not in table]
    found += [f"{year}: not published" for year in table if year < min(YEARS)]
    for year in sorted(YEARS.keys() & table.keys()):
        found += [
            f"{year} {column}: {table[year][column]} instead of {number}"
            for column, number in published_numbers(year).items()
            if table[year][column] != number
        ]
    return found


def fill_published(venue: Workplace) -> None:
    """A ledger of the nine years, in as few records as its columns allow and a fact for every card."""
    for year, (cards, adults, children, _municipalities) in YEARS.items():
        # One record carries many tickets here, which is no use anyone made but the same sum.
        Record.objects.bulk_create(
            ledger_row(venue, date(year, 3, 1), sector=sector, holder=adult, children=child)
            for sector, adult, child in zip(Sector, adults, children, strict=True)
            if adult or child
        )
        for kind, number in zip((CountedKind.REGISTRATION, CountedKind.TAKEN_INTO_USE), cards, strict=True):
            day = date(year, 2, 1)
            CountedFact.objects.create(kind=kind, day=day, entered_at=noon(day))
            _multiply(kind, day, number)


def _multiply(kind: CountedKind, day: date, number: int) -> None:
    """Make one fact into so many, doubling in the database: 81,000 facts one by one would take a minute."""
    columns = ", ".join(
        connection.ops.quote_name(str(field.column))
        for field in CountedFact._meta.local_fields
        if not field.primary_key
    )
    table = CountedFact._meta.db_table
    double = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE kind = %s AND day = %s LIMIT %s"
    there = 1
    with connection.cursor() as database:
        while there < number:
            database.execute(double, [kind.value, day, min(there, number - there)])
            there *= 2


def fill_network(template: Municipality) -> None:
    """As many municipalities in an open region as each year had."""
    region = Region.objects.create(slug="published", name_fi="Kaikki", name_sv="Alla", name_en="All")
    RegionPhase.objects.create(
        region=region, since=date(2015, 1, 1), phase=Phase.PILOT, entered_at=noon(date(2015, 1, 1))
    )
    there = 0
    for year, (_cards, _adults, _children, municipalities) in YEARS.items():
        for number in range(there, municipalities):
            one = Municipality.objects.create(
                code=f"X{number:02d}",
                name_fi=f"Kunta {number}",
                name_sv=f"Kommun {number}",
                since=date(2000, 1, 1),
                province=template.province,
                wellbeing_area=template.wellbeing_area,
            )
            since = date(year, 1, 1)
            RegionMembership.objects.create(municipality=one, since=since, region=region, entered_at=noon(since))
        there = municipalities
    NetworkVersion.bump()


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=HELSINKI)


def ledger_row(venue: Workplace, day: date, **facts: object) -> Record:
    """A row of the ledger, entered the same day unless said otherwise."""
    row: dict[str, object] = {
        "recorder": venue,
        "client_id": uuid4(),
        "figure_key": 1,
        "venue": venue,
        "kind": RecordKind.TICKET,
        "day": day,
        "entered_at": noon(day) + timedelta(hours=1),
        "source": Source.ONLINE,
        "happened": False,
        "holder": 1,
        "children": 0,
        "assistants": 0,
        "clients": 0,
        "workers": 0,
        "status": Status.RECORDED,
        "community": False,
        "sector": Sector.CULTURE,
        "offering_kind": OfferingKind.OPEN,
    }
    return Record(**(row | facts))
