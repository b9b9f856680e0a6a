"""The network: regions with their phases, memberships and policies, and the workplaces (rules 14, 15).

What is dated is a row of (since, value): the newest row on or before a day is in force. Rows cannot overlap.
"""

from django.db import models
from django.db.models import F, Q

from kaikukortti.models.names import Named, in_language
from kaikukortti.models.reference import Municipality
from kaikukortti.terms.kinds import Sector
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase


class NetworkVersion(models.Model):
    """One row whose number moves with every change of the network, so that app servers know when to read it anew."""

    number = models.BigIntegerField(default=1)

    @classmethod
    def bump(cls) -> None:
        if not cls.objects.filter(pk=1).update(number=F("number") + 1):
            cls.objects.create(pk=1, number=2)

    @classmethod
    def now(cls) -> models.QuerySet["NetworkVersion"]:
        """For a subquery: the number rides along with a query that is asked anyway."""
        return cls.objects.filter(pk=1)


class Region(Named):
    """A Kaikukortti region: a municipality or a group of them with a network of its own."""

    slug = models.SlugField(unique=True)
    intro_fi = models.TextField(blank=True)
    intro_sv = models.TextField(blank=True)
    intro_en = models.TextField(blank=True)
    how_to_ask_fi = models.TextField(blank=True)
    how_to_ask_sv = models.TextField(blank=True)
    how_to_ask_en = models.TextField(blank=True)
    contact_url = models.URLField(blank=True)

    class Meta:
        ordering = ["name_fi"]

    @property
    def intro(self) -> str:
        return in_language(fi=self.intro_fi, sv=self.intro_sv, en=self.intro_en)

    @property
    def how_to_ask(self) -> str:
        return in_language(fi=self.how_to_ask_fi, sv=self.how_to_ask_sv, en=self.how_to_ask_en)


class RegionPhase(models.Model):
    """From `since` on the region is in this phase (rule 15). A pilot's planned end is the next row, planned too."""

    region = models.ForeignKey(Region, models.CASCADE, related_name="phases")
    since = models.DateField()
    phase = models.CharField(max_length=12, choices=Phase.choices)
    entered_at = models.DateTimeField()
    by = models.ForeignKey("User", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["since"]
        constraints = [models.UniqueConstraint(fields=["region", "since"], name="one_phase_a_day")]


class RegionMembership(models.Model):
    """From `since` on the municipality belongs to the region, or to none."""

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="memberships")
    since = models.DateField()
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="memberships")
    entered_at = models.DateTimeField()
    by = models.ForeignKey("User", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["since"]
        constraints = [models.UniqueConstraint(fields=["municipality", "since"], name="one_membership_a_day")]


class WorkplaceQuerySet(models.QuerySet["Workplace"]):
    def active_on(self, day: object) -> "WorkplaceQuerySet":
        return self.filter(Q(until__isnull=True) | Q(until__gte=day), since__lte=day)


class Workplace(Named):
    """Who takes part: the national service, a region's coordinators, an issuer, a venue, a ticket agent, an analyst.

    A workplace has one role; an organisation with two has two workplaces. A pop-up venue has no home region and is
    admitted by the national service with dates (rule 14).
    """

    role = models.CharField(max_length=12, choices=Role.choices)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="workplaces")
    home_region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="home_of")
    regions = models.ManyToManyField(Region, blank=True, related_name="workplaces")
    sector = models.CharField(max_length=10, choices=Sector.choices, default=Sector.CULTURE)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    admitted_since = models.DateField(null=True, blank=True)
    admitted_until = models.DateField(null=True, blank=True)
    street = models.CharField(max_length=120, blank=True)
    website = models.URLField(blank=True)
    # For the public page: how its tickets are fetched, or how a card is asked for.
    how_fi = models.TextField(blank=True)
    how_sv = models.TextField(blank=True)
    how_en = models.TextField(blank=True)
    # A ticket agent's venues; it records only for these.
    venues = models.ManyToManyField("self", blank=True, symmetrical=False, related_name="agents")
    # The organisation's own sign-in its people must come through; empty: the register's own.
    provider = models.CharField(max_length=60, blank=True)
    # An analyst's municipalities.
    municipalities = models.ManyToManyField(Municipality, blank=True, related_name="analysts")

    objects = WorkplaceQuerySet.as_manager()

    class Meta:
        ordering = ["name_fi"]
        constraints = [
            models.CheckConstraint(
                condition=Q(admitted_since__isnull=True) | Q(admitted_until__gte=F("admitted_since")),
                name="admitted_with_dates",
            )
        ]

    @property
    def how(self) -> str:
        return in_language(fi=self.how_fi, sv=self.how_sv, en=self.how_en)


class PolicyRow(models.Model):
    """From `since` on, this value in this scope: a region, a venue, or the whole country. Owner and reason stand by."""

    region = models.ForeignKey(Region, models.CASCADE, null=True, blank=True, related_name="policies")
    venue = models.ForeignKey(Workplace, models.CASCADE, null=True, blank=True, related_name="policies")
    key = models.CharField(max_length=24, choices=Policy.choices)
    since = models.DateField()
    value = models.JSONField()
    reason = models.CharField(max_length=200)
    entered_at = models.DateTimeField()
    by = models.ForeignKey("User", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(region__isnull=True) | Q(venue__isnull=True), name="policy_of_region_or_venue"
            )
        ]
