"""The activation worklist: which cards a workplace may remind of, and which unused ones are left out by lot.

No list of unused cards may teach a workplace that a card has been used. So each unused card is left out of a quarter of
the lists, and it stands on each milestone's list once in its life: a card that stayed there from month to month would,
on leaving, have told of a use. The lots of one card's three lists are drawn together (docs/decisions/0019).
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from kaikukortti.rules.cards import CardLife, card_state
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import Milestone
from kaikukortti.terms.states import CardState

# The largest first: where one month holds two of a card's milestones, the later one is its list.
UNUSED = {Milestone.UNUSED_90: 90, Milestone.UNUSED_60: 60, Milestone.UNUSED_30: 30}
VALIDITY = (Milestone.EXPIRING, Milestone.EXPIRED)
EXPIRING_DAYS = 45
EXPIRED_DAYS = 365
# A list with fewer cards is not kept and not shown. Unused cards are one list of their own: whoever knows which cards
# run out could take those away from a common one.
LEAST = 5

_30, _60, _90 = Milestone.UNUSED_30, Milestone.UNUSED_60, Milestone.UNUSED_90
# Of 200 lots: so many leave an unused card out of these lists. Each list is left out by 50 lots, a quarter; together
# no course of the three lists is more than ten times as likely for a used card as for an unused one. Lots drawn apart
# would make it 64 times.
LOTS: tuple[tuple[int, frozenset[Milestone]], ...] = (
    (20, frozenset({_30, _60, _90})),
    (15, frozenset({_60, _90})),
    (12, frozenset({_90})),
    (3, frozenset({_30, _90})),
    (27, frozenset({_30})),
    (15, frozenset({_60})),
    (108, frozenset()),
)
ALL_LOTS = sum(number for number, _lists in LOTS)


def left_out(lot: int) -> frozenset[Milestone]:
    """The lists of unused cards that a card with this lot is left out of; the lot is fixed for its person line."""
    for number, lists in LOTS:
        if lot < number:
            return lists
        lot -= number
    raise ValueError("there is no such lot")


def month_of(day: date) -> date:
    """The month a list is drawn for, as its first day."""
    return day.replace(day=1)


def month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def unused_milestone(registered_on: date, *, month: date) -> Milestone | None:
    """The milestone that a card registered on a day has reached since the list of the month before."""
    for milestone, days in UNUSED.items():
        if month_before(month) < registered_on + timedelta(days=days) <= month:
            return milestone
    return None


def milestones(
    life: CardLife, *, registered_on: date | None, used: bool, month: date, now: datetime
) -> Iterator[Milestone]:
    """Why a card stands on its workplace's lists of a month, before lots are asked. `registered_on` is the day of the
    person line's first registration: a replaced card begins no new course."""
    state, today, last = card_state(life, now), helsinki_day(now), life.last_day
    if last is None:
        return
    if state == CardState.ACTIVE:
        reached = None if used or registered_on is None else unused_milestone(registered_on, month=month)
        if reached is not None:
            yield reached
        if last <= today + timedelta(days=EXPIRING_DAYS):
            yield Milestone.EXPIRING
    elif state == CardState.EXPIRED and today - timedelta(days=EXPIRED_DAYS) <= last < today:
        yield Milestone.EXPIRED
