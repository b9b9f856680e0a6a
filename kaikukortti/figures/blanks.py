"""Blank cards: how many an issuing workplace still has in its drawer."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from kaikukortti.models import Batch, Card, CardFact, Workplace
from kaikukortti.terms.kinds import BatchKind, CardFactKind


def blanks_left(workplace: Workplace) -> int:
    """Cards of the workplace that are neither registered nor void."""
    return Card.objects.of_workplace(workplace).blank().count()


def batches_with_blanks(workplace: Workplace) -> QuerySet[Batch]:
    """The workplace's batches, the newest first, each with `left`: how many of its cards are still blank."""
    gone = CardFact.objects.filter(card=OuterRef("cards"), kind__in=[CardFactKind.REGISTERED, CardFactKind.VOIDED])
    left = Count("cards", filter=~Q(Exists(gone)))
    # Cards made straight onto phones never lay in the drawer.
    batches = Batch.objects.filter(workplace=workplace).exclude(kind=BatchKind.PHONE)
    return batches.annotate(left=left).order_by("-made_at", "-pk")
