"""What a venue may say of an offering and when it may be cancelled (rules 17, 30, 31, 33)."""

from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kaikukortti.rules.situation import Places
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.policies import EVENT_DAYS


class Problem(TextChoices):
    """Why an offering cannot be entered, changed or cancelled as asked; each says how to mend it."""

    NO_NAME = "no-name", _("Give the name in one language at least.")
    DAYS_IN_ORDER = "days-in-order", _("The last day comes after the first.")
    ONE_DAY = "one-day", _("An event has one day.")
    NO_WEEKDAY = "no-weekday", _("Choose at least one weekday.")
    EXTERNAL_ID_TAKEN = "external-id-taken", _("Another offering of yours has this number. Choose another one.")
    FIRST_DAY_FIXED = (
        "first-day-fixed",
        _("There are records already, so the first day stays. Copy the offering instead."),
    )
    LAST_DAY_FIXED = "last-day-fixed", _("There are records on later days. Choose a later last day.")
    CAP_BELOW_KEPT = "cap-below-kept", _("More places have been given or are kept already. Release kept ones first.")
    PLACES_KEPT = "places-kept", _("Places are kept for the day as it was. Release them first, or copy the offering.")
    CANCELLED = "cancelled", _("A cancelled offering stays cancelled. Copy it to another date.")
    HAS_RUN = "has-run", _("It has already been open. Choose an earlier last day instead of cancelling it.")
    TOO_LATE = "too-late", _("It was over 30 days ago. The area's coordinator corrects its records.")
    YEAR_CLOSED = "year-closed", _("The year has been closed. The area's coordinator corrects its records.")


def problem_with_days(kind: OfferingKind, *, first: date, last: date, weekdays: int) -> Problem | None:
    if last < first:
        return Problem.DAYS_IN_ORDER
    if kind == OfferingKind.EVENT and last != first:
        return Problem.ONE_DAY
    return Problem.NO_WEEKDAY if kind == OfferingKind.OPEN and not weekdays else None


def problem_with_new_days(
    kind: OfferingKind, *, before: date, first: date, last: date, recorded: tuple[date, date] | None
) -> Problem | None:
    """Records stay within the days: `recorded` are the first and last day that hold one. A course place is given
    before the course begins, so its first day stands as soon as one is given (caps count in its year, rule 21)."""
    if recorded is None:
        return None
    if (kind != OfferingKind.OPEN and first != before) or (first > recorded[0] and kind == OfferingKind.OPEN):
        return Problem.FIRST_DAY_FIXED
    return Problem.LAST_DAY_FIXED if last < recorded[1] else None


def problem_with_caps(
    *, before: tuple[int | None, int | None], after: tuple[int | None, int | None], places: Places
) -> Problem | None:
    """Caps (all, children) fall to what has been given and is kept at most, while anything is kept: a promise stands.
    `places` are those of now."""
    kept = (places.held, places.children_held)
    needed = (places.taken + places.held, places.children_taken + places.children_held)
    for was, cap, held, least in zip(before, after, kept, needed, strict=True):
        falls = cap is not None and (was is None or cap < was)
        if falls and held and cap is not None and cap < least:
            return Problem.CAP_BELOW_KEPT
    return None


def problem_with_cancelling(
    kind: OfferingKind, *, last: date, recorded: tuple[date, date] | None, today: date, closed_years: frozenset[int]
) -> Problem | None:
    """What was open on earlier days has happened: it is ended, not cancelled. Old years are the coordinator's."""
    if recorded is None:
        return None
    if not closed_years.isdisjoint(range(recorded[0].year, recorded[1].year + 1)):
        return Problem.YEAR_CLOSED
    if kind == OfferingKind.OPEN and recorded[0] < today:
        return Problem.HAS_RUN
    return Problem.TOO_LATE if last < today - timedelta(days=EVENT_DAYS) else None
