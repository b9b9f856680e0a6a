"""What a holder may do alone, and how long the next try of a secret waits (S5, S6, P7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kaikukortti.rules.cards import CardLife, card_state
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.policies import ERASURE_DAYS
from kaikukortti.terms.states import CardState

# A card in one of these states has a holder who may look after it.
OPEN_STATES = (CardState.ACTIVE, CardState.EXPIRED, CardState.BLOCKED)


@dataclass(frozen=True, slots=True)
class Limit:
    """How wrong secrets slow down the next try: the first `free` wait for nothing, then 1, 2, 4 … seconds up to
    `longest`. One wrong secret is forgotten for each `leak` that passes without a try, so that an address shared by
    many people stays open to them."""

    free: int
    longest: timedelta
    leak: timedelta

    def left(self, number: int, *, since: timedelta) -> int:
        """How many of so many wrong secrets still count, so long after the last."""
        return max(0, number - max(0, since // self.leak))

    def wait(self, number: int) -> timedelta:
        """How long the next try waits after so many wrong secrets."""
        if number <= self.free:
            return timedelta(0)
        return min(self.longest, timedelta(seconds=2 ** min(number - self.free - 1, 16)))


# Of one card from one address; of one card from everywhere; from one address, whatever the card.
PAIR = Limit(free=5, longest=timedelta(minutes=5), leak=timedelta(minutes=15))
CARD = Limit(free=10, longest=timedelta(minutes=1), leak=timedelta(hours=1))
ADDRESS = Limit(free=60, longest=timedelta(minutes=1), leak=timedelta(minutes=1))
# Wrong secrets of one card at which operators are told.
CROWD = 200
# So long as a card has fewer wrong secrets than this, others' tries do not hold up an address that has made none: from
# here on whoever has the most addresses takes every turn, so it must cost a great many. Against 2⁴⁰ they are nothing.
MULTITUDE = 20_000


def uses_since(life: CardLife, secrets_given: Iterable[datetime]) -> date | None:
    """The first day whose uses the pages show: the card's own registration, or the day its workplace last gave it a
    new secret, so that whoever gave the card or the secret learns of no use before it (P7)."""
    days = [helsinki_day(at) for at in secrets_given]
    if life.registered_at is not None:
        days.append(helsinki_day(life.registered_at))
    return max(days, default=None)


def may_block(life: CardLife, at: datetime) -> bool:
    """A card that is in force or has run out; it might be renewed."""
    return card_state(life, at) in (CardState.ACTIVE, CardState.EXPIRED)


def erasure_due(today: date) -> date:
    """The day on which a wish to be erased is carried out; it can be taken back until then."""
    return today + timedelta(days=ERASURE_DAYS)
