"""Policies: what differs between years, regions and venues is dated data with an owner, never an `if` on a year.

A row says: from this day on, in this scope, this is the value. The newest row of the venue wins, else of the region,
else of the whole country, else the default here. A cap on persons counts over the scope that set it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kaikukortti.terms.kinds import Period


class Value(StrEnum):
    """What a policy's value may be."""

    SWITCH = "switch"
    NUMBER = "number"
    DAY = "day"
    CHOICE = "choice"


class Policy(TextChoices):
    CARDS_GO_OUT = "cards-go-out", _("its cards are accepted in other regions")
    OTHERS_COME_IN = "others-come-in", _("cards of other regions are accepted here")
    VALIDITY_ENDS = "validity-ends", _("cards are valid until this day at the latest")
    CHILD_AGE = "child-age", _("a child comes along when under this age")
    CHILDREN_ABOVE = "children-above", _("more children than registered")
    PENDING_USE = "pending-use", _("a card may be used while its registration is on the way")
    UNLISTED = "unlisted", _("a card that is not on the list of a till without network")
    TICKETS_PER_DAY = "tickets-per-day", _("own tickets a day")
    TICKETS_PER_WEEK = "tickets-per-week", _("own tickets a week")
    TICKETS_PER_MONTH = "tickets-per-month", _("own tickets a month")
    TICKETS_PER_QUARTER = "tickets-per-quarter", _("own tickets a quarter")
    TICKETS_PER_YEAR = "tickets-per-year", _("own tickets a year")
    COURSES_PER_YEAR = "courses-per-year", _("courses a calendar year")
    COURSE_COVERED = "course-covered", _("a course is covered up to this many cents")
    TRIO_DAYS = "trio-days", _("days that exact holder data is kept")
    LINK_YEARS = "link-years", _("years after which a use is cut from its card")


@dataclass(frozen=True, slots=True)
class Shape:
    value: Value
    default: Any
    choices: tuple[str, ...] = ()


STORED, REFUSED = "stored", "refused"
ADMIT, ASK = "admit", "ask"
SHAPES: dict[Policy, Shape] = {
    Policy.CARDS_GO_OUT: Shape(Value.SWITCH, True),
    Policy.OTHERS_COME_IN: Shape(Value.SWITCH, True),
    Policy.VALIDITY_ENDS: Shape(Value.DAY, None),
    Policy.CHILD_AGE: Shape(Value.NUMBER, 18),
    Policy.CHILDREN_ABOVE: Shape(Value.CHOICE, STORED, (STORED, REFUSED)),
    Policy.PENDING_USE: Shape(Value.SWITCH, False),
    Policy.UNLISTED: Shape(Value.CHOICE, ASK, (ADMIT, ASK)),
    Policy.TICKETS_PER_DAY: Shape(Value.NUMBER, None),
    Policy.TICKETS_PER_WEEK: Shape(Value.NUMBER, None),
    Policy.TICKETS_PER_MONTH: Shape(Value.NUMBER, None),
    Policy.TICKETS_PER_QUARTER: Shape(Value.NUMBER, None),
    Policy.TICKETS_PER_YEAR: Shape(Value.NUMBER, None),
    Policy.COURSES_PER_YEAR: Shape(Value.NUMBER, None),
    Policy.COURSE_COVERED: Shape(Value.NUMBER, None),
    Policy.TRIO_DAYS: Shape(Value.NUMBER, 90),
    Policy.LINK_YEARS: Shape(Value.NUMBER, 1),
}
# Caps on own tickets per person line, each with its calendar period (rule 17).
TICKET_CAPS = {
    Policy.TICKETS_PER_DAY: Period.DAY,
    Policy.TICKETS_PER_WEEK: Period.WEEK,
    Policy.TICKETS_PER_MONTH: Period.MONTH,
    Policy.TICKETS_PER_QUARTER: Period.QUARTER,
    Policy.TICKETS_PER_YEAR: Period.YEAR,
}
# Policies that only the whole country or a region may set; a venue may set the rest.
NOT_FOR_VENUES = (
    Policy.CARDS_GO_OUT,
    Policy.OTHERS_COME_IN,
    Policy.VALIDITY_ENDS,
    Policy.PENDING_USE,
    Policy.TRIO_DAYS,
    Policy.LINK_YEARS,
)
PENDING_DAYS = 7  # rule 6
SEASON_DAYS = 366  # a season pass lasts a year at most, each of its days a row
EVENT_DAYS = 30  # rule 33: online to 30 days after the event, happened rows 30 days back
FREE_REVERSAL_HOURS = 24  # rule 30
VENUE_REVERSAL_DAYS = 30  # rule 30
BACKDATED_ISSUE_DAYS = 30  # a paper form of a day without network is typed in within this time
OLDEST_BIRTH_YEAR = 1900  # rule 4
MOST_MINORS = 20  # rule 4
MINORS_TO_CONFIRM = 8  # rule 4
YOUNGEST = 16  # rule 1
RENEWAL_DAYS = 60  # rule 9: so long before its end a card may be renewed
ERASURE_DAYS = 7  # a holder's wish to be erased waits this long and can be taken back
