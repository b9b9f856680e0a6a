"""Batches of blank cards: ordered, printed a hundred at a time, received, spoiled and made again (rules 11–13).

The codes and secrets of a printed batch exist in clear only in what `print_hundreds` hands over while they are
printed. Its cards are void until their workplace says that it has them, so that a lost parcel or a printing that was
cut off is worth nothing.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.codes import MadeCode, make_code, random_secret
from kaikukortti.actions.making import make_cards
from kaikukortti.actions.people import granter_of, need_none
from kaikukortti.actions.trail import note
from kaikukortti.models import Batch, Card, CardFact, PersonLine, Workplace
from kaikukortti.rules.people import refuse_cards
from kaikukortti.terms.kinds import BatchKind, CardFactKind, CardLayout
from kaikukortti.terms.roles import Role
from kaikukortti.terms.trail import Act

MOST_CARDS = 1000
MOST_PRINTED = 10_000
HUNDRED = 100


class AlreadyPrinted(Exception):
    """The batch's codes were shown once already, or it is void: they cannot be shown again."""


class NotWhole(Exception):
    """The batch is not printed, was cut off, or is void: nothing of it can be received."""


def make_batch(workplace: Workplace, *, size: int, by: Actor, now: datetime) -> list[MadeCode]:
    """Make 1 … 1000 blank cards at once, without printing; their codes are returned this once.

    The codes are made before the transaction begins: stretching a thousand offline tags takes seconds, and tills must
    not wait for them.
    """
    _need_cards(workplace, by=by)
    size = max(1, min(size, MOST_CARDS))
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda _number: make_code(), range(size)))
    with transaction.atomic():
        made = make_cards(workplace, size=size, by=by, now=now, codes=codes)
        note(Act.BATCH_MADE, by=by, now=now, subject=workplace.batches.latest("pk").pk)
    return made


def _need_cards(workplace: Workplace, *, by: Actor | None) -> None:
    """Raise NotAllowed unless the actor may have cards made for the workplace; None is whoever runs the register."""
    if by is not None:
        need_none(refuse_cards(granter_of(by), by.network.workplaces[workplace.pk]))


# --- ordering ---------------------------------------------------------------------------------------------------


@transaction.atomic
def order_batch(
    workplace: Workplace, *, size: int, layout: str, by: Actor | None, now: datetime, again: Batch | None = None
) -> Batch:
    """Order 1 … 10,000 cards to be printed; `again`: in the place of a spoiled batch."""
    _need_cards(workplace, by=by)
    batch = Batch.objects.create(
        workplace=workplace,
        kind=BatchKind.PRINTED,
        size=max(1, min(size, MOST_PRINTED)),
        layout=CardLayout(layout),
        made_at=now,
        by=by.user if by else None,
        again=again,
    )
    note(Act.BATCH_MADE, by=by, now=now, subject=batch.pk)
    return batch


@transaction.atomic
def ask_for_cards(*, size: int, by: Actor, now: datetime) -> Batch:
    """An issuing workplace asks for more cards; whoever looks after it prints them. While one order waits, asking
    again is calm: that one is the answer."""
    by.need(Role.ISSUER)
    Workplace.objects.select_for_update(of=("self",)).get(pk=by.workplace.pk)
    waiting = waiting_orders().filter(workplace=by.workplace).first()
    if waiting is not None:
        return waiting
    batch = Batch.objects.create(
        workplace=by.workplace,
        kind=BatchKind.PRINTED,
        size=max(1, min(size, MOST_PRINTED)),
        made_at=now,
        by=by.user,
    )
    note(Act.BATCH_MADE, by=by, now=now, subject=batch.pk)
    return batch


def waiting_orders() -> QuerySet[Batch]:
    """Ordered, not printed yet, the oldest first."""
    waiting = Batch.objects.filter(kind=BatchKind.PRINTED, printed_at__isnull=True, voided_at__isnull=True)
    return waiting.order_by("made_at", "pk")


# --- printing ---------------------------------------------------------------------------------------------------


@transaction.atomic
def begin_printing(batch: Batch, *, by: Actor | None, now: datetime, layout: str | None = None) -> Batch:
    """Claim a batch for its one printing. Raises AlreadyPrinted for whoever comes second, a double press included."""
    _need_cards(batch.workplace, by=by)
    batch = Batch.objects.select_for_update(of=("self",)).select_related("workplace").get(pk=batch.pk)
    if batch.kind != BatchKind.PRINTED or batch.printed_at or batch.voided_at:
        raise AlreadyPrinted
    batch.printed_at = now
    batch.layout = CardLayout(layout) if layout else batch.layout
    batch.save(update_fields=["printed_at", "layout"])
    note(Act.BATCH_PRINTED, by=by, now=now, subject=batch.pk)
    return batch


def print_hundreds(batch: Batch, *, by: Actor | None, now: datetime) -> Iterator[list[MadeCode]]:
    """The batch's codes with their secrets, a hundred at a time, each hundred stored in a transaction of its own just
    before it is handed over. Whoever stops listening leaves void cards only. Ends early when the batch is voided."""
    left = batch.size
    while left > 0:
        size = min(HUNDRED, left)
        with ThreadPoolExecutor(4) as pool:  # both stretchings let other threads work
            codes = list(pool.map(lambda _number: make_code(secret=random_secret()), range(size)))
        with transaction.atomic():
            held = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            if held.voided_at:
                return
            made = make_cards(batch.workplace, size=size, by=by, now=now, codes=codes, batch=batch)
        left -= size
        yield made


# --- receiving, voiding -----------------------------------------------------------------------------------------


@transaction.atomic
def receive_batch(batch: Batch, *, by: Actor, now: datetime) -> Batch:
    """The workplace says that it has the cards: from now on they are blanks in its drawer. A second press is calm.
    Raises NotWhole."""
    by.need(Role.ISSUER)
    if batch.workplace_id != by.workplace.pk:
        raise NotAllowed(by.role)
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.received_at:
        return batch
    cards = batch.cards.filter(~Exists(_facts(CardFactKind.VOIDED, CardFactKind.RECEIVED)))
    numbers = list(cards.values_list("pk", flat=True))
    if batch.kind != BatchKind.PRINTED or batch.voided_at or not numbers or batch.cards.count() < batch.size:
        raise NotWhole
    _add_facts(numbers, CardFactKind.RECEIVED, by=by, now=now)
    batch.received_at, batch.received_by = now, by.user
    batch.save(update_fields=["received_at", "received_by"])
    note(Act.BATCH_RECEIVED, by=by, now=now, subject=batch.pk)
    return batch


@transaction.atomic
def void_batch(batch: Batch, *, by: Actor, now: datetime) -> int:
    """A spoiled or lost batch, or an order taken back: its unregistered cards are void, wherever they are now; those
    that are registered are untouched. Says how many; a second press finds none."""
    _need_cards(batch.workplace, by=by)
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    # Whoever registers one of them holds its line: either is first, and the second sees it.
    list(PersonLine.objects.filter(cards__batch=batch).order_by("pk").select_for_update(of=("self",)).values("pk"))
    unregistered = batch.cards.filter(~Exists(_facts(CardFactKind.VOIDED, CardFactKind.REGISTERED)))
    numbers = list(unregistered.values_list("pk", flat=True))
    _add_facts(numbers, CardFactKind.VOIDED, by=by, now=now)
    if not batch.voided_at:
        batch.voided_at, batch.voided_by = now, by.user
        batch.save(update_fields=["voided_at", "voided_by"])
        note(Act.BATCH_VOIDED, by=by, now=now, subject=batch.pk)
    return len(numbers)


def _facts(*kinds: CardFactKind) -> QuerySet[CardFact]:
    return CardFact.objects.filter(card=OuterRef("pk"), kind__in=kinds)


def _add_facts(cards: list[int], kind: CardFactKind, *, by: Actor, now: datetime) -> None:
    CardFact.objects.bulk_create(
        (
            CardFact(card_id=card, kind=kind, at=now, entered_at=now, by=by.user, workplace=by.workplace)
            for card in cards
        ),
        batch_size=1000,
    )


# --- moving -----------------------------------------------------------------------------------------------------


@transaction.atomic
def move_blanks(cards: QuerySet[Card], *, frm: Workplace, to: Workplace, by: Actor, now: datetime) -> int:
    """Blank cards in one workplace's drawer go to another's, both looked after by the actor; says how many went. Cards
    that are registered, void or on their way stay."""
    for place in (frm, to):
        _need_cards(place, by=by)
    cards = cards.filter(workplace=frm)
    lines = PersonLine.objects.filter(cards__in=cards.blank())  # type: ignore[attr-defined]
    list(lines.order_by("pk").select_for_update(of=("self",)).values("pk"))
    numbers = list(cards.blank().values_list("pk", flat=True))  # type: ignore[attr-defined]
    Card.objects.filter(pk__in=numbers).update(workplace=to)
    _add_facts(numbers, CardFactKind.MOVED, by=by, now=now)
    if numbers:
        note(Act.BLANKS_MOVED, by=by, now=now, subject=to.pk)
    return len(numbers)
