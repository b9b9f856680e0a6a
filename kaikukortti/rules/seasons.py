"""The usual periods of a season pass, so that nobody counts days at a till (rule 22). They bind nobody: any last day up
to a year ahead may be chosen."""

from calendar import monthrange
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class UsualPeriod(TextChoices):
    MONTH = "month", _("A month")
    SEASON = "season", _("The season")
    HALF_YEAR = "half-year", _("Half a year")


# A season ends with the month of May or December, as halls and clubs count.
SEASON_ENDS = ((5, 31), (12, 31))


def last_day_of(period: UsualPeriod, *, first: date) -> date:
    """The last day of a usual period that begins on a day, that day included."""
    if period == UsualPeriod.SEASON:
        ends = (date(first.year, month, day) for month, day in SEASON_ENDS)
        return next(end for end in ends if end >= first)
    return _months_on(first, 1 if period == UsualPeriod.MONTH else 6) - timedelta(days=1)


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    length = monthrange(year, month)[1]
    # From the 31st a shorter month has gone by with its last day.
    return date(year, month, day.day) if day.day <= length else date(year, month, length) + timedelta(days=1)


def usual_periods(first: date) -> list[tuple[UsualPeriod, date]]:
    """Each period with its last day, the nearest first; two that end on the same day are one."""
    found: dict[date, UsualPeriod] = {}
    for period in UsualPeriod:
        found.setdefault(last_day_of(period, first=first), period)
    return [(period, day) for day, period in sorted(found.items())]
