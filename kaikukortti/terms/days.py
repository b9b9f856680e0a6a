"""Days and instants. A *day* is Europe/Helsinki (rule 33); nothing here reads the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kaikukortti.terms.kinds import Period

HELSINKI = ZoneInfo("Europe/Helsinki")
_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def helsinki_day(instant: datetime) -> date:
    """The day in Finland at an aware instant."""
    return instant.astimezone(HELSINKI).date()


def day_start(day: date) -> datetime:
    return datetime.combine(day, time.min, HELSINKI)


def day_end(day: date) -> datetime:
    """The last instant of the day; days of 23 and 25 hours included."""
    return day_start(day + timedelta(days=1)) - timedelta(microseconds=1)


def in_utc(instant: datetime | None) -> str | None:
    """An instant as calls write it (RFC 3339); None stays None."""
    return instant.astimezone(UTC).isoformat() if instant else None


def one_year_on(day: date) -> date:
    """The same day a year later; 29 February becomes 28 February (rule 5)."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def period_of(day: date, period: Period) -> tuple[date, date]:
    """First and last day of the calendar period that holds the day; weeks begin on Monday."""
    if period == Period.DAY:
        return day, day
    if period == Period.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    if period == Period.YEAR:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    months = 3 if period == Period.QUARTER else 1
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    after = date(first.year + (first.month + months > 12), (first.month + months - 1) % 12 + 1, 1)
    return first, after - timedelta(days=1)


def spoken_day(day: date, language: str) -> str:
    """31.10.2026 in Finnish and Swedish, 31 October 2026 in English."""
    if language == "en":
        return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
    return f"{day.day}.{day.month}.{day.year}"


def spoken_time(instant: datetime, language: str) -> str:
    """14.10 in Finnish and Swedish, 14:10 in English; Finnish time."""
    local = instant.astimezone(HELSINKI)
    return f"{local:%-H:%M}" if language == "en" else f"{local:%-H.%M}"
