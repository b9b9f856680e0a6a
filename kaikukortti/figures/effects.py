"""How many cards a planned change touches: counted as the register stands now, for the day of the change (rule 15)."""

from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, QuerySet

from kaikukortti.models import Card, CardFact
from kaikukortti.terms.days import day_start
from kaikukortti.terms.kinds import CardFactKind


def valid_cards_by_region(day: date) -> dict[int, int]:
    """Cards that will be valid on the day as far as the register knows, by their region. Community cards count too."""
    rows = _valid_on(day).filter(region__isnull=False).values("region").order_by("region").annotate(n=Count("pk"))
    return {row["region"]: row["n"] for row in rows}


def valid_cards_of_residents(municipality: str, day: date) -> int:
    """Valid cards whose holders live in the municipality: they stay valid and are not renewed once it has left."""
    return _valid_on(day).filter(holder__municipality=municipality).count()


def cards_ending_after(region: int | None, day: date, *, last: date) -> int:
    """Cards valid on the day that were given with a later last day than `last`; they keep it."""
    facts = CardFact.objects.filter(card=OuterRef("pk"), kind=CardFactKind.VALID, until__gt=last, since__lte=day)
    cards = _valid_on(day).filter(Exists(facts))
    return (cards.filter(region=region) if region else cards).count()


def _valid_on(day: date) -> QuerySet[Card]:
    known = CardFact.objects.filter(card=OuterRef("pk"))
    spell = known.filter(kind=CardFactKind.VALID, since__lte=day, until__gte=day)
    gone = known.filter(
        kind__in=[CardFactKind.BLOCKED, CardFactKind.REPLACED, CardFactKind.VOIDED],
        at__lt=day_start(day) + timedelta(days=1),
    )
    ended = known.filter(kind=CardFactKind.ENDED, until__lt=day)
    return Card.objects.filter(Exists(spell), ~Exists(gone), ~Exists(ended))
