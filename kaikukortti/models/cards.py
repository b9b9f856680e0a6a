"""The card: its made code as a keyed digest, its holder's data, and the dated rows its state is computed from.

Nothing here can name a holder, and no code is readable here (rules 3, 7, 12, 13).
"""

from collections.abc import Iterable

from django.db import models
from django.db.models import Q

from kaikukortti.models.network import Region, Workplace
from kaikukortti.models.people import User
from kaikukortti.models.reference import Municipality
from kaikukortti.models.sequence import Sequenced
from kaikukortti.rules.cards import CardLife
from kaikukortti.terms.kinds import BlockReason, CardFactKind


class Batch(models.Model):
    """Blank cards made together for one workplace."""

    workplace = models.ForeignKey(Workplace, models.PROTECT, related_name="batches")
    size = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")


class PersonLine(models.Model):
    """Cards known to follow each other: replacement, and renewal where the holder wants it.

    A card has its line from the making on; a successor joins its predecessor's. The line's row is what every action on
    a person's cards and uses locks first, in the order of ids.
    """

    made_at = models.DateTimeField()
    # The day of the line's current *taken into use* fact, so that recording need not ask for it.
    taken_on = models.DateField(null=True, blank=True)


class CardQuerySet(models.QuerySet["Card"]):
    def blank(self) -> "CardQuerySet":
        """Neither registered nor void: still in the drawer."""
        gone = CardFact.objects.filter(
            card=models.OuterRef("pk"), kind__in=[CardFactKind.REGISTERED, CardFactKind.VOIDED]
        )
        return self.filter(~models.Exists(gone))

    def of_workplace(self, workplace: Workplace) -> "CardQuerySet":
        return self.filter(workplace=workplace)


class Card(models.Model):
    """A made code. What a later feature needs from the clear code is made with it, for it is never seen again."""

    digest = models.CharField(max_length=64, unique=True)
    pepper = models.PositiveSmallIntegerField()
    # The list an offline till carries: tag and pad, sealed; the tag's keyed digest keeps tags unique.
    sealed_tag = models.BinaryField(max_length=64)
    tag_digest = models.CharField(max_length=64, unique=True)
    serial = models.CharField(max_length=8, unique=True)
    secret_digest = models.CharField(max_length=200, blank=True)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="cards")
    workplace = models.ForeignKey(Workplace, models.PROTECT, related_name="cards")
    # From the issue on:
    community = models.BooleanField(default=False)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="cards")
    line = models.ForeignKey(PersonLine, models.PROTECT, related_name="cards")
    # Whether an earlier card of the same person line is known.
    later = models.BooleanField(default=False)

    objects = CardQuerySet.as_manager()


class HolderData(models.Model):
    """What the register knows of a holder (section 4). The exact trio lives as long as a correction needs it, then
    birth year and postal code are emptied and the band and the municipality stay."""

    card = models.OneToOneField(Card, models.CASCADE, primary_key=True, related_name="holder")
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    birth_band = models.PositiveSmallIntegerField()
    postal_code = models.CharField(max_length=5, blank=True)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    minors = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(minors__lte=20), name="minors_plausible")]


class CardFact(Sequenced):
    """One dated fact of a card's life. Rows are added, never changed; the state is computed from them (rule 7)."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="facts")
    kind = models.CharField(max_length=10, choices=CardFactKind.choices)
    # The instant it holds from.
    at = models.DateTimeField()
    # A spell of validity: first and last day, both included. `until` is also the new last day of an early end.
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    successor = models.ForeignKey(Card, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=12, choices=BlockReason.choices, blank=True)
    # A correction says which kinds of data changed, not what they were.
    corrected = models.JSONField(null=True, blank=True)
    entered_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    workplace = models.ForeignKey(Workplace, models.PROTECT, null=True, related_name="+")
    # The caller's own id of an issue, for a safe retry.
    client_id = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["transaction", "id"], name="cardfact_sequence")]
        constraints = [
            models.UniqueConstraint(fields=["card"], condition=Q(kind=CardFactKind.REGISTERED), name="registered_once"),
            models.UniqueConstraint(fields=["card"], condition=Q(kind=CardFactKind.REPLACED), name="replaced_once"),
            models.UniqueConstraint(
                fields=["workplace", "client_id"], condition=Q(client_id__isnull=False), name="one_issue_an_id"
            ),
            models.CheckConstraint(
                condition=~Q(kind=CardFactKind.VALID) | Q(since__isnull=False, until__gte=models.F("since")),
                name="spell_has_days",
            ),
        ]


def card_life(facts: Iterable[CardFact]) -> CardLife:
    """A card's dated rows as the value the rules read."""
    return CardLife.of((CardFactKind(fact.kind), fact.at, fact.since, fact.until) for fact in facts)


class LookUps(models.Model):
    """How often a card was looked up, by kind of workplace and day, for the holder's own later view. Kept 90 days."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="look_ups")
    role = models.CharField(max_length=12)
    day = models.DateField()
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["card", "role", "day"], name="one_tally_a_day")]


class PepperCanary(models.Model):
    """A keyed digest of a fixed word: a pepper that does not match it belongs to another database."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)
