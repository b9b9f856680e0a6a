"""Every sum that is published or may be, as the ledger stood at an instant: what retention proves to be the same before
and after (P14).

Not the tables themselves but what they are added up from, in every direction they are shown in; so the proof holds for
the yearly table of every year, live and closed, for all own counts and for figures to come. What was entered after the
instant changes nothing here, so tills may go on.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum

from kaikukortti.figures.calendar import MonthOf, YearOf
from kaikukortti.figures.own_counts import first_registrations
from kaikukortti.figures.yearly import STORED
from kaikukortti.models import CountedFact, ErasedCards, Record, YearClose
from kaikukortti.terms.days import helsinki_day

# Uses by what they are shown by. Venues and ticket agents see months and offerings, also what is flagged.
DIRECTIONS_OF_USES = (
    ("year", "sector", "kind", "offering_kind", "community"),
    ("year", "month", "venue_id", "offering_id", "kind", "status"),
    ("year", "month", "recorder_id", "offering_id"),
    ("year", "month", "place_region_id", "place_id", "sector"),
    ("year", "card_region_id", "residence_id", "residence_area_id", "age_band", "later_card"),
)
# Not by voluntary answers: a holder may take those back at any time, and nothing published is counted by them.
DIRECTIONS_OF_FACTS = (
    ("year", "month", "kind", "community", "region_id", "later_card"),
    ("year", "kind", "residence_id", "residence_area_id", "age_band"),
)
PERSONS = ("holder", "children", "assistants", "clients", "workers")

Row = tuple[Any, ...]


def digest_of_sums(at: datetime) -> str:
    """One digest of every sum of the register as it stood at an instant."""
    digest = hashlib.sha256()
    for row in _all(at):
        digest.update(repr(row).encode())
    return digest.hexdigest()


def sums_of_uses(at: datetime, records: Q) -> list[Row]:
    """The sums of these records alone."""
    return list(_uses(at, records))


def sums_of_facts(at: datetime, facts: Q) -> list[Row]:
    """The sums of these counted facts alone."""
    return list(_facts(at, facts))


def sums_of_given_cards(at: datetime, workplaces: Collection[int] | None = None) -> list[Row]:
    """Cards that issuing workplaces gave, a month; those of some workplaces, or all."""
    these = Q() if workplaces is None else Q(workplace__in=workplaces)
    given: Counter[tuple[int, date, bool]] = Counter()
    rows = first_registrations().filter(these, entered_at__lte=at).values_list("workplace", "at", "card__community")
    for workplace, registered, community in rows.iterator():
        given[(workplace, helsinki_day(registered).replace(day=1), community)] += 1
    for erased in ErasedCards.objects.filter(these):
        given[(erased.workplace_id, erased.month, False)] += erased.cards
        given[(erased.workplace_id, erased.month, True)] += erased.community_cards
    return [(*key, number) for key, number in sorted(given.items()) if number]


def _all(at: datetime) -> Iterator[Row]:
    yield from _uses(at, Q())
    yield from _facts(at, Q())
    yield from sums_of_given_cards(at)
    yield from (
        YearClose.objects.filter(as_of__lte=at).order_by("year", "revision").values_list("year", "revision", *STORED)
    )


def _uses(at: datetime, records: Q) -> Iterator[Row]:
    counting = Record.objects.filter(records).counting(at=at).annotate(year=YearOf("day"), month=MonthOf("day"))
    sums = {f"sum_{column}": Sum(column) for column in PERSONS}
    for columns in DIRECTIONS_OF_USES:
        rows = counting.values(*columns).annotate(rows=Count("pk"), **sums).order_by(*columns)
        yield from rows.values_list(*columns, "rows", *sums).iterator()


def _facts(at: datetime, facts: Q) -> Iterator[Row]:
    known = CountedFact.objects.filter(facts).known_at(at).annotate(year=YearOf("day"), month=MonthOf("day"))
    for columns in DIRECTIONS_OF_FACTS:
        rows = known.values(*columns).annotate(rows=Count("pk")).order_by(*columns)
        yield from rows.values_list(*columns, "rows").iterator()
