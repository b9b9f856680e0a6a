"""Places kept of an offering's allotment: holds, one-time codes, the wait list, and groups (rules 17, 20, 24).

A hold takes places without being a use. It ends by being fetched, released or running out, and one that has run out
gives its places back by itself: what is kept is counted from the rows that stand, whenever places are asked.
"""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from kaikukortti.models.cards import Card
from kaikukortti.models.ledger import Record
from kaikukortti.models.network import Workplace
from kaikukortti.models.offerings import Offering
from kaikukortti.models.people import User
from kaikukortti.terms.holds import HoldEnd, HoldKind


class PlannedGroup(models.Model):
    """A group that a worker brings: own cards, or a community card with its clients (rule 20). The venue sees numbers
    only; the workplace that planned it sees what became of this group and of nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workplace = models.ForeignKey(Workplace, models.PROTECT, related_name="planned_groups")
    offering = models.ForeignKey(Offering, models.PROTECT, related_name="planned_groups")
    day = models.DateField()
    community_card = models.ForeignKey(Card, models.SET_NULL, null=True, blank=True, related_name="+")
    clients = models.PositiveSmallIntegerField(default=0)
    workers = models.PositiveSmallIntegerField(default=0)
    assistants = models.PositiveSmallIntegerField(default=0)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    # The door let the group in.
    done_at = models.DateTimeField(null=True, blank=True)
    record = models.ForeignKey(Record, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["workplace", "day"], name="group_of_workplace")]


class GroupMember(models.Model):
    """A card of the group, and what the door was told of it."""

    planned = models.ForeignKey(PlannedGroup, models.CASCADE, related_name="members")
    card = models.ForeignKey(Card, models.CASCADE, related_name="+")
    children = models.PositiveSmallIntegerField(default=0)
    record = models.ForeignKey(Record, models.SET_NULL, null=True, blank=True, related_name="+")
    refusal = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["planned", "card"], name="once_in_a_group")]


class HoldQuerySet(models.QuerySet["Hold"]):
    def standing(self, at: datetime) -> "HoldQuerySet":
        """Holds that keep their places at an instant."""
        return self.filter(ended_at__isnull=True, expires_at__gt=at)


class Hold(models.Model):
    """Places kept for one card, one group or whoever shows a one-time code. Its short number (K-17) stands on a venue's
    own list where a code would: it tells nothing of the card."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    offering = models.ForeignKey(Offering, models.PROTECT, related_name="holds")
    day = models.DateField()
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=7, choices=HoldKind.choices)
    card = models.ForeignKey(Card, models.CASCADE, null=True, blank=True, related_name="holds")
    group = models.OneToOneField(PlannedGroup, models.CASCADE, null=True, blank=True, related_name="hold")
    # Places as rule 17 counts them, how many of them are children's, and how many wheelchair places are wanted.
    places = models.PositiveSmallIntegerField()
    children = models.PositiveSmallIntegerField(default=0)
    wheelchair = models.PositiveSmallIntegerField(default=0)
    # The digest of a one-time code: the code itself is shown once.
    code_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    workplace = models.ForeignKey(Workplace, models.PROTECT, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=9, choices=HoldEnd.choices, blank=True)
    record = models.ForeignKey(Record, models.SET_NULL, null=True, blank=True, related_name="holds")

    objects = HoldQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["offering", "day", "ended_at"], name="hold_of_offering")]
        constraints = [
            models.UniqueConstraint(fields=["offering", "day", "number"], name="one_hold_a_number"),
            models.CheckConstraint(condition=Q(places__gt=0), name="hold_keeps_places"),
            models.CheckConstraint(condition=Q(children__lte=models.F("places")), name="hold_children_within"),
            models.CheckConstraint(condition=Q(wheelchair__lte=models.F("places")), name="hold_wheelchair_within"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end="") | Q(ended_at__isnull=False) & ~Q(end=""),
                name="hold_end_says_how",
            ),
        ]


class Waiting(models.Model):
    """A card on the wait list of a full offering. Its news goes to the phone card and nowhere else."""

    offering = models.ForeignKey(Offering, models.PROTECT, related_name="waiting")
    day = models.DateField()
    card = models.ForeignKey(Card, models.CASCADE, related_name="waiting")
    places = models.PositiveSmallIntegerField(default=1)
    children = models.PositiveSmallIntegerField(default=0)
    wheelchair = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    # The places that came free are kept for it.
    hold = models.ForeignKey(Hold, models.SET_NULL, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offering", "day", "card"], condition=Q(ended_at__isnull=True), name="once_on_a_wait_list"
            )
        ]


class Sheet(models.Model):
    """A printed list for an evening without network. Its row numbers make the ids of what is typed in from it, so a
    row that is typed in twice is recorded once (rule 26)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=8, unique=True)
    workplace = models.ForeignKey(Workplace, models.PROTECT, related_name="sheets")
    offering = models.ForeignKey(Offering, models.PROTECT, null=True, blank=True, related_name="sheets")
    day = models.DateField()
    rows = models.PositiveSmallIntegerField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
