"""Stock: what an issuing workplace has in its drawer, gave, lost and awaits, for it and for who looks after it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from kaikukortti.models import Batch, Card, CardFact, Workplace
from kaikukortti.rules.stock import PACE_WEEKS, Stock
from kaikukortti.terms.kinds import BatchKind, CardFactKind

WEEK = timedelta(weeks=1)


def stock_of(workplaces: Collection[int], *, now: datetime) -> dict[int, Stock]:
    """The stock of each workplace, in two statements; a workplace without cards has an empty one."""
    cards = Card.objects.filter(workplace__in=workplaces).exclude(batch__kind=BatchKind.PHONE)
    registered = CardFact.objects.filter(card=OuterRef("pk"), kind=CardFactKind.REGISTERED)
    voided = CardFact.objects.filter(card=OuterRef("pk"), kind=CardFactKind.VOIDED)
    on_the_way = Q(batch__kind=BatchKind.PRINTED, batch__received_at__isnull=True)
    marked = cards.annotate(
        was_given=Exists(registered),
        was_voided=Exists(voided),
        was_given_now=Exists(registered.filter(at__gt=now - PACE_WEEKS * WEEK)),
    )
    counted = (
        marked.values("workplace")
        .order_by("workplace")
        .annotate(
            drawer=Count("pk", filter=Q(was_given=False, was_voided=False) & ~on_the_way),
            given=Count("pk", filter=Q(was_given=True)),
            voided=Count("pk", filter=Q(was_given=False, was_voided=True) & ~on_the_way),
            on_the_way=Count("pk", filter=Q(was_voided=False) & on_the_way),
            recently=Count("pk", filter=Q(was_given_now=True)),
            first=Min("batch__made_at", filter=~on_the_way),
        )
    )
    stocks = {number: Stock() for number in workplaces}
    for row in counted:
        weeks = (now - row["first"]) / WEEK if row["first"] else PACE_WEEKS
        stocks[row["workplace"]] = Stock(
            drawer=row["drawer"],
            given=row["given"],
            voided=row["voided"],
            on_the_way=row["on_the_way"],
            recently=row["recently"],
            weeks=max(0, min(PACE_WEEKS, weeks)),
        )
    return stocks


def batches_with_counts(workplace: Workplace) -> QuerySet[Batch]:
    """The batches made for a workplace, the newest first, each with `made`, `used` and `gone` (void) cards of it."""
    of_card = CardFact.objects.filter(card=OuterRef("cards"))
    given = Exists(of_card.filter(kind=CardFactKind.REGISTERED))
    void = Exists(of_card.filter(kind=CardFactKind.VOIDED))
    return (
        Batch.objects.filter(workplace=workplace)
        .exclude(kind=BatchKind.PHONE)
        .annotate(
            made=Count("cards"),
            used=Count("cards", filter=Q(given)),
            gone=Count("cards", filter=Q(void)),
        )
        .select_related("by", "received_by", "voided_by", "again")
        .order_by("-made_at", "-pk")
    )
