"""What a venue offers: an event, open admission by the day, or a course; and the places it gives.

Locking the offering's row is how the last place is decided in the database (rule 17). Places are counted only where a
cap is set; setting one counts them from the ledger under the same lock. `held` says that there may be holds: what they
keep is counted from those that stand (models/holds.py).
"""

import uuid

from django.db import models
from django.db.models import F, Q

from kaikukortti.models.names import Named, in_language
from kaikukortti.models.network import Workplace
from kaikukortti.models.reference import Municipality
from kaikukortti.rules.situation import OfferingFacts, Places
from kaikukortti.terms.kinds import OfferingKind, Sector

EVERY_DAY = 0b1111111


class OfferingQuerySet(models.QuerySet["Offering"]):
    def on(self, day: object) -> "OfferingQuerySet":
        """Offerings whose days hold this one (weekdays of open admission are asked by the rules)."""
        return self.filter(first_day__lte=day, last_day__gte=day)

    def published(self) -> "OfferingQuerySet":
        return self.filter(published_at__isnull=False)

    def recordable_by(self, workplace: Workplace) -> "OfferingQuerySet":
        """A venue's own offerings; for a ticket agent the listed ones of its venues (rule 32)."""
        return self.filter(
            Q(venue=workplace) | Q(venue__agents=workplace, sold_by_agents=True, published_at__isnull=False)
        ).distinct()


class Offering(Named):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    venue = models.ForeignKey(Workplace, models.PROTECT, related_name="offerings")
    kind = models.CharField(max_length=6, choices=OfferingKind.choices)
    sector = models.CharField(max_length=10, choices=Sector.choices)
    first_day = models.DateField()
    last_day = models.DateField()
    starts_at = models.DateTimeField(null=True, blank=True)
    # Open admission: bit 0 is Monday.
    weekdays = models.PositiveSmallIntegerField(default=EVERY_DAY)
    opening_fi = models.CharField(max_length=200, blank=True)
    opening_sv = models.CharField(max_length=200, blank=True)
    opening_en = models.CharField(max_length=200, blank=True)
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, blank=True, related_name="+")
    place = models.CharField(max_length=120, blank=True)
    how_fi = models.CharField(max_length=300, blank=True)
    how_sv = models.CharField(max_length=300, blank=True)
    how_en = models.CharField(max_length=300, blank=True)
    price_cents = models.PositiveIntegerField(null=True, blank=True)
    children_welcome = models.BooleanField(default=True)
    accessibility = models.JSONField(default=list, blank=True)
    external_id = models.CharField(max_length=80, blank=True)
    cap = models.PositiveIntegerField(null=True, blank=True)
    children_cap = models.PositiveIntegerField(null=True, blank=True)
    # Places of an event or course; open admission counts its places by the day, in OpenDay.
    taken = models.PositiveIntegerField(default=0)
    children_taken = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    children_held = models.PositiveIntegerField(default=0, db_default=0)
    # Wheelchair places are asked for when places are kept; a record does not tell who sat where.
    wheelchair_cap = models.PositiveSmallIntegerField(null=True, blank=True)
    # Tonight's empty seats were offered to the whole region; by so many the caps rose.
    released_at = models.DateTimeField(null=True, blank=True)
    released_seats = models.PositiveIntegerField(default=0, db_default=0)
    community_welcome = models.BooleanField(default=False)
    sold_by_agents = models.BooleanField(default=True)
    published_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = OfferingQuerySet.as_manager()

    class Meta:
        ordering = ["first_day", "starts_at", "name_fi"]
        indexes = [models.Index(fields=["venue", "last_day", "first_day"])]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="offering_days_in_order"),
            models.CheckConstraint(
                condition=~Q(kind=OfferingKind.EVENT) | Q(last_day=F("first_day")), name="event_has_one_day"
            ),
            models.UniqueConstraint(
                fields=["venue", "external_id"], condition=~Q(external_id=""), name="one_external_id_a_venue"
            ),
        ]

    @property
    def how(self) -> str:
        return in_language(fi=self.how_fi, sv=self.how_sv, en=self.how_en)

    @property
    def opening(self) -> str:
        return in_language(fi=self.opening_fi, sv=self.opening_sv, en=self.opening_en)

    @property
    def facts(self) -> OfferingFacts:
        return OfferingFacts(
            id=str(self.pk),
            venue=self.venue_id,
            kind=OfferingKind(self.kind),
            sector=self.sector,
            first_day=self.first_day,
            last_day=self.last_day,
            starts_at=self.starts_at,
            weekdays=self.weekdays,
            municipality=self.municipality_id,
            price_cents=self.price_cents,
            published_at=self.published_at,
            cancelled_at=self.cancelled_at,
            community_welcome=self.community_welcome,
            sold_by_agents=self.sold_by_agents,
        )

    @property
    def places(self) -> Places:
        """Its caps; what is taken of open admission stands in OpenDay."""
        return Places(self.cap, self.children_cap, self.taken, self.children_taken, self.held, self.children_held)


class OpenDay(models.Model):
    """Places of an open admission with a cap, taken on one day."""

    offering = models.ForeignKey(Offering, models.CASCADE, related_name="open_days")
    day = models.DateField()
    taken = models.PositiveIntegerField(default=0)
    children_taken = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    children_held = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["offering", "day"], name="one_open_day")]
