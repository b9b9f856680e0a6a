"""When a card's workplace may give its holder a new secret."""

from datetime import datetime

from kaikukortti.rules.cards import STATE_REFUSALS, CardLife, card_state
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.states import CardState


def refuse_secret(life: CardLife, at: datetime, *, community: bool) -> Refusal | None:
    """A card in force or one that ran out, of a person: a community card's workplace looks after it, a blank one has
    its slip, and a blocked, replaced or void one opens nothing worth a secret."""
    state = card_state(life, at)
    if state not in (CardState.ACTIVE, CardState.EXPIRED):
        return STATE_REFUSALS[state]
    return Refusal.COUNTS_NOT_FOR_THIS_CARD if community else None
