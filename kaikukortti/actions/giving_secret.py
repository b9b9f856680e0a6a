"""A new secret for a card that has been given: the old one is forgotten, the card is of an older series, the holder
needs the slip in large print."""

import hmac
from datetime import datetime

from django.db import transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.cards import add_fact, life_of, lock_card
from kaikukortti.actions.codes import random_secret, secret_digest
from kaikukortti.actions.trail import note
from kaikukortti.models import Card, HolderAccess
from kaikukortti.rules.codes import read_secret
from kaikukortti.rules.secret import refuse_secret
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import CardFactKind
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.trail import Act


def give_secret(card: Card, *, by: Actor, now: datetime) -> str | Refusal:
    """A new secret in clear, this once; the one before opens nothing from this moment, the holder's own included.

    Whoever gives it could open the pages before the holder does, so they show no use from before today (P7). Phones
    that carry the card go on: their keys ask whether it is valid and open nothing (decision 16). Raises NotAllowed for
    another workplace's card.
    """
    by.need(Role.ISSUER)
    secret = random_secret()
    digest = secret_digest(secret, serial=card.serial)  # slow on purpose: before anything is locked
    with transaction.atomic():
        card = lock_card(card, by=by)
        refusal = refuse_secret(life_of(card), now, community=card.community)
        if refusal:
            return refusal
        card.secret_digest = digest
        card.save(update_fields=["secret_digest"])
        HolderAccess.objects.filter(card=card).delete()
        HolderAccess.objects.create(card=card, uses_since=helsinki_day(now))
        add_fact(card, CardFactKind.SECRET, at=now, by=by, now=now)
        note(Act.CARD_SECRET, by=by, now=now, subject=card.trail_id)
    return secret


def is_secret_of(card: Card, secret: str) -> bool:
    """Whether a clear secret is the one its workplace gave the card last: the register cannot say which it is, only
    recognise it, so that a slip can be drawn again while its page is open."""
    read = read_secret(secret)
    if read is None or not card.secret_digest:
        return False
    return hmac.compare_digest(secret_digest(read, serial=card.serial), card.secret_digest)
