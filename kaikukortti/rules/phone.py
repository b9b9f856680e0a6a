"""What a phone that carries a card shows of it, and how long the link onto a phone lasts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kaikukortti.rules.cards import CardLife, card_state
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.states import CardState

# Long enough to find the camera, short enough that a picture of the screen is soon worth nothing.
LINK_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class PhoneFace:
    """A card as its phone shows it: all that a phone's key lets it learn. Without a state the register no longer has
    the card, or the phone no longer carries it."""

    state: CardState | None
    last_day: date | None = None
    child_places: int = 0

    @property
    def valid(self) -> bool:
        return self.state == CardState.ACTIVE


def phone_face(life: CardLife, at: datetime, *, minors: int) -> PhoneFace:
    """The last day is told of a card that is valid or has run out; children come along with a valid card only."""
    state = card_state(life, at)
    if state == CardState.ACTIVE:
        return PhoneFace(state, life.last_day, minors)
    return PhoneFace(state, life.last_day_before(helsinki_day(at)) if state == CardState.EXPIRED else None)
