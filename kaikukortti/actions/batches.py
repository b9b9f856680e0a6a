"""Batches of blank cards for an issuer, ordered by its region's coordinator or the national service."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.codes import MadeCode, make_code
from kaikukortti.actions.making import make_cards
from kaikukortti.actions.people import granter_of, need_none
from kaikukortti.models import Workplace
from kaikukortti.rules.people import refuse_cards

MOST_CARDS = 1000


def make_batch(workplace: Workplace, *, size: int, by: Actor, now: datetime) -> list[MadeCode]:
    """Make 1 … 1000 blank cards; their codes are returned this once.

    The codes are made before the transaction begins: stretching a thousand offline tags takes seconds, and tills must
    not wait for them.
    """
    need_none(refuse_cards(granter_of(by), by.network.workplaces[workplace.pk]))
    size = max(1, min(size, MOST_CARDS))
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda _number: make_code(), range(size)))
    return make_cards(workplace, size=size, by=by, now=now, codes=codes)
