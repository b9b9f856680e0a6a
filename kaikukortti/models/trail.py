"""The audit trail: who read or changed what, a chain of keyed digests that the database lets nobody edit (S17, S18)."""

from django.db import models

from kaikukortti.models.network import Workplace
from kaikukortti.models.people import User


class TrailEntry(models.Model):
    """One act. It holds no code and names a card only by the card's `trail_id`, which goes with the card."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    act = models.CharField(max_length=30)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    workplace = models.ForeignKey(Workplace, models.PROTECT, null=True, related_name="+")
    # What was read or changed: a card's trail_id, a record's reference, or the number of another row.
    subject = models.CharField(max_length=36, blank=True)
    digest = models.CharField(max_length=64)


class TrailHead(models.Model):
    """The chain's end: a cut tail does not fit it. Locked by whoever appends."""

    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)
