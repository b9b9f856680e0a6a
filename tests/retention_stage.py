"""The stage of tests/test_retention_killed.py, in processes of its own: make a register whose uses are due, and run
retention over it in small pieces that can be killed between and within."""

import json
import sys
import time
from datetime import date, datetime, timedelta
from uuid import UUID

CARDS, DAYS = 60, 9


def make() -> None:
    from django.core.management import call_command

    from kaikukortti import keys
    from kaikukortti.actions.closes import close_year
    from kaikukortti.terms.days import HELSINKI
    from tests.cast import gather

    keys.make_missing()
    call_command("migrate", verbosity=0)
    cast = gather().at(datetime(2024, 3, 1, 12, tzinfo=HELSINKI))
    codes = [cast.card(issued=cast.now) for _ in range(CARDS)]
    number = 0
    for _day in range(DAYS):
        cast.at(cast.now + timedelta(days=7))
        rows = [cast.row(code, id=UUID(int=number + place)) for place, code in enumerate(codes)]
        number += len(rows)
        cast.uses(rows)
    cast.at(datetime(2025, 6, 1, 12, tzinfo=HELSINKI)).use(cast.card())
    cast.at(datetime(2026, 3, 1, 12, tzinfo=HELSINKI))
    for year in (2024, 2025):
        close_year(year, by=cast.nelli, now=cast.now)
    print(json.dumps({"records": CARDS * DAYS, "cards": CARDS}))


def run(careless: bool = False) -> None:
    """A line for every piece that is done; then how the register stands."""
    from kaikukortti.actions import retention
    from kaikukortti.terms.days import HELSINKI

    retention.ROWS = 30
    add, later = retention._add, []
    if careless:  # what was done is told when all is done: a kill takes it away
        retention._add = lambda run, **numbers: later.append(numbers)

    def told(rows: int) -> None:
        print(rows, flush=True)
        time.sleep(0.01)

    done = retention.retain(now=datetime(2026, 3, 2, 12, tzinfo=HELSINKI), told=told)
    for numbers in later:
        add(done, **numbers)
    print(json.dumps(state()))


def state() -> dict[str, object]:
    from django.db.models import Q

    from kaikukortti.models import CountedFact, HolderCount, HolderData, PersonLine, Record, RetentionRun
    from kaikukortti.rules.retention import TAKEN_LONG_AGO

    linked = Q(card__isnull=False) | Q(line__isnull=False)
    old = date(2025, 1, 1)
    return {
        "runs": list(RetentionRun.objects.values_list("trios", "links", "cards", "erased")),
        "proved": [one.sums_before == one.sums_after for one in RetentionRun.objects.all()],
        "linked": Record.objects.filter(linked | ~Q(content="") | Q(own_day__isnull=False), day__lt=old).count(),
        "facts": CountedFact.objects.filter(linked, day__lt=old).count(),
        "frozen": PersonLine.objects.filter(taken_on=TAKEN_LONG_AGO).count(),
        "lines": PersonLine.objects.count(),
        "exact": HolderData.objects.filter(birth_year__isnull=False).count(),
        "kept": [
            list(row)
            for row in HolderCount.objects.order_by("cube", "period", "cell").values_list(
                "year", "cube", "period", "cell", "holders"
            )
        ],
    }


if __name__ == "__main__":
    import django

    django.setup()
    {"make": make, "run": run, "careless": lambda: run(careless=True)}[sys.argv[1]]()
