"""Season passes in force, as numbers: how many, where, and when they end (rule 22)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Q

from kaikukortti.models import Offering, Record, Workplace
from kaikukortti.terms.kinds import RecordKind

SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Seasons:
    """Passes of one offering (None: the venue's own open admission) in force on a day."""

    offering: Offering | None
    in_force: int
    begun_this_month: int
    ending_soon: int
    last_day: date


def seasons_in_force(venue: Workplace, *, on: date) -> list[Seasons]:
    """Season passes of a venue in force on a day, by offering; those that end within two weeks are told apart."""
    rows = Record.objects.counting().at_venue(venue).filter(kind=RecordKind.SEASON, day__lte=on, until__gte=on)
    counted = (
        rows.order_by()
        .values("offering")
        .annotate(
            in_force=Count("pk"),
            begun=Count("pk", filter=Q(day__gte=on.replace(day=1))),
            ending=Count("pk", filter=Q(until__lte=on + SOON)),
            last=Max("until"),
        )
    )
    known = list(counted)
    offerings = Offering.objects.in_bulk([row["offering"] for row in known if row["offering"]])
    found = []
    for row in known:
        offering = offerings.get(row["offering"])
        found.append(Seasons(offering, row["in_force"], row["begun"], row["ending"], row["last"]))
    return sorted(found, key=lambda one: (-one.in_force, one.offering.name if one.offering else ""))
