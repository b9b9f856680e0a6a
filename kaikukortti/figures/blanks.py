"""Blank cards: how many an issuing workplace still has in its drawer."""

from kaikukortti.models import Card, Workplace


def blanks_left(workplace: Workplace) -> int:
    """Cards of the workplace that are neither registered nor void."""
    return Card.objects.of_workplace(workplace).blank().count()
