"""The card: its made code as a keyed digest, its holder's data, and the dated rows its state is computed from.

Nothing here can name a holder, and no code is readable here (rules 3, 7, 12, 13).
"""

import uuid
from collections.abc import Iterable

from django.db import models
from django.db.models import Q

from kaikukortti.models.network import Region, Workplace
from kaikukortti.models.people import User
from kaikukortti.models.reference import Municipality
from kaikukortti.models.sequence import Sequenced
from kaikukortti.rules.cards import CardLife
from kaikukortti.terms.kinds import BatchKind, CardFactKind, CardLayout, Milestone, MoveReason, ReplaceReason


class Series(models.Model):
    """An older printed series of codes, with its own way of being read (rule 12). Assumed guessable."""

    name = models.CharField(max_length=60, unique=True)
    # What a code of the series looks like: a prefix, then so many characters of this alphabet.
    prefix = models.CharField(max_length=10, blank=True)
    alphabet = models.CharField(max_length=64)
    length = models.PositiveSmallIntegerField()
    guessable = models.BooleanField(default=True)
    made_at = models.DateTimeField()


class Batch(models.Model):
    """Cards made together for one workplace. Printed ones are void until the workplace says that it has them."""

    workplace = models.ForeignKey(Workplace, models.PROTECT, related_name="batches")
    kind = models.CharField(max_length=8, choices=BatchKind.choices, default=BatchKind.LISTED)
    size = models.PositiveIntegerField()
    # When it was ordered, or made at once.
    made_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # A printed batch: what it is printed on, and when the printing began. Until then there are no cards of it, and
    # afterwards fewer than `size` when the printing was cut off.
    layout = models.CharField(max_length=6, choices=CardLayout.choices, default=CardLayout.CARDS)
    printed_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # Spoiled: its unregistered cards are void; `again` says which batch it is made again for.
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    again = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")


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
        """Neither registered nor void nor on the way: still in the drawer."""
        gone = CardFact.objects.filter(
            card=models.OuterRef("pk"), kind__in=[CardFactKind.REGISTERED, CardFactKind.VOIDED]
        )
        on_its_way = Q(batch__kind=BatchKind.PRINTED, batch__received_at__isnull=True)
        return self.filter(~models.Exists(gone)).exclude(on_its_way)

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
    series = models.ForeignKey(Series, models.PROTECT, null=True, blank=True, related_name="cards")
    # The secret printed on a slip of its own; empty when the card has none. The holder's own is in HolderAccess.
    secret_digest = models.CharField(max_length=64, blank=True)
    # The only name the audit trail has for the card; it goes with the card.
    trail_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
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
    # The last day of the exact birth year and postal code; empty once they are coarse.
    exact_until = models.DateField(null=True, blank=True, db_index=True)
    # "May we remind you?", asked at the issue: without a yes the card is on no worklist.
    may_remind = models.BooleanField(default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(minors__lte=20), name="minors_plausible")]


REASONS = [*ReplaceReason.choices, *MoveReason.choices]


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
    # Why it was blocked, replaced or moved.
    reason = models.CharField(max_length=12, choices=REASONS, blank=True)
    # A correction says which kinds of data changed, not what they were.
    corrected = models.JSONField(null=True, blank=True)
    entered_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    workplace = models.ForeignKey(Workplace, models.PROTECT, null=True, related_name="+")
    # The holder did it, with card and secret.
    by_holder = models.BooleanField(default=False)
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
    entered = sorted(facts, key=lambda fact: fact.pk)
    return CardLife.of((CardFactKind(fact.kind), fact.at, fact.since, fact.until) for fact in entered)


class LookUps(models.Model):
    """How often a card was looked up, by kind of workplace and day, for the holder's own later view. Kept 90 days."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="look_ups")
    role = models.CharField(max_length=12)
    day = models.DateField()
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["card", "role", "day"], name="one_tally_a_day")]


class HolderAccess(models.Model):
    """The holder has opened their own pages: the secret they chose then, and from which day on uses are shown there.

    A secret given by the workplace later opens no uses from before it, so that whoever printed it learns none (P7).
    """

    card = models.OneToOneField(Card, models.CASCADE, primary_key=True, related_name="access")
    digest = models.CharField(max_length=64, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    uses_since = models.DateField(null=True, blank=True)


class SecretTries(models.Model):
    """Wrong secrets by a keyed digest of what was tried (a card, a card from one address, an address) and until when
    the next try waits. Forgotten a day after the last one."""

    digest = models.CharField(max_length=64, unique=True)
    number = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    wait_until = models.DateTimeField(null=True, blank=True)


class PhoneLink(models.Model):
    """A one-time link that puts a card on its holder's phone. What it carries is sealed under the link's own secret,
    which is stored nowhere, and goes when the link is used or has run out."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="phone_links")
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField(max_length=200)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()


class PhoneCard(models.Model):
    """A phone that carries the card: its key lets it ask whether the card is still valid, and nothing else."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="phones")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    seen_on = models.DateField(null=True, blank=True)


class Erasure(models.Model):
    """A holder's wish to be erased with everything: it waits until `due_on` and can be taken back till then."""

    line = models.OneToOneField(PersonLine, models.CASCADE, primary_key=True, related_name="erasure")
    asked_at = models.DateTimeField()
    due_on = models.DateField(db_index=True)


class WorklistDraw(models.Model):
    """The activation worklists of a month, drawn once and frozen."""

    month = models.DateField(unique=True)
    drawn_at = models.DateTimeField()


class WorklistRow(models.Model):
    """One card on its workplace's list of a month, by serial alone: it points at no card, so that it leaves with the
    next drawing whether the card was used, erased or withdrawn."""

    draw = models.ForeignKey(WorklistDraw, models.CASCADE, related_name="rows")
    workplace = models.ForeignKey(Workplace, models.CASCADE, related_name="+")
    milestone = models.CharField(max_length=10, choices=Milestone.choices)
    serial = models.CharField(max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "workplace", "milestone", "serial"], name="once_on_a_worklist")
        ]


class PepperCanary(models.Model):
    """A keyed digest of a fixed word: a pepper that does not match it belongs to another database."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)
