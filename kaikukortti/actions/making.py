"""Making blank cards: what is stored of a code and a secret is made with them (rules 12, 13)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.codes import MadeCode, make_code, write_canaries
from kaikukortti.models import (
    Batch,
    Card,
    CardFact,
    PersonLine,
    Workplace,
)
from kaikukortti.rules.series import MARK
from kaikukortti.terms.kinds import (
    BatchKind,
    CardFactKind,
)


@transaction.atomic
def make_cards(
    workplace: Workplace,
    *,
    size: int,
    by: Actor | None,
    now: datetime,
    codes: Sequence[MadeCode] | None = None,
    batch: Batch | None = None,
) -> list[MadeCode]:
    """Blank cards for an issuer; the clear codes and secrets are returned once and stored nowhere.

    A code, tag or serial that exists already is thrown away and made again; an older series' code stays, its tag and
    serial change. About 16 ms a card: the offline tag is
    stretched on purpose. `codes` takes codes made elsewhere (demo, simulation). Cards of a printed `batch` are void
    until the workplace has received it; without a batch they are one of their own, in the drawer at once.
    """
    write_canaries()
    made = list(codes) if codes is not None else [make_code() for _ in range(size)]
    for _round in range(5):
        clashing = _clashing(made)
        if not clashing:
            break
        made = [_again(one) if position in clashing else one for position, one in enumerate(made)]
    user = by.user if by else None
    batch = batch or Batch.objects.create(workplace=workplace, size=len(made), made_at=now, by=user)
    first = CardFactKind.PRINTED if batch.kind == BatchKind.PRINTED else CardFactKind.MADE
    lines = PersonLine.objects.bulk_create(PersonLine(made_at=now) for _ in made)
    cards = Card.objects.bulk_create(
        Card(
            digest=one.digest,
            pepper=one.pepper,
            sealed_tag=one.sealed_tag,
            tag_digest=one.tag_digest,
            serial=one.serial,
            secret_digest=one.secret_digest,
            batch=batch,
            workplace=workplace,
            line=line,
        )
        for one, line in zip(made, lines, strict=True)
    )
    CardFact.objects.bulk_create(CardFact(card=card, kind=first, at=now, entered_at=now, by=user) for card in cards)
    return made


def _again(one: MadeCode) -> MadeCode:
    if MARK in one.code:
        return make_code(one.code, random_tag=True)
    return make_code(secret=one.secret)


def _clashing(made: Sequence[MadeCode]) -> set[int]:
    """Positions whose digest, tag or serial exists in the register or twice in the batch."""
    clashing: set[int] = set()
    for name in ("digest", "tag_digest", "serial"):
        values = [getattr(one, name) for one in made]
        taken = set(Card.objects.filter(**{f"{name}__in": values}).values_list(name, flat=True))
        for position, value in enumerate(values):
            if value in taken:
                clashing.add(position)
            taken.add(value)
    return clashing
