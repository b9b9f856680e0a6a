"""Tills of a workplace's own: an enrolled browser, or a volunteer's phone with a gate pass for one offering.

A device is known by a token that moves on with every sync, so that a copied one is noticed; the token, the PIN's proof
and the one-time code stand here as digests only (docs/decisions/0024).
"""

import uuid

from django.db import models
from django.db.models import Q

from kaikukortti.models.network import Workplace
from kaikukortti.models.offerings import Offering
from kaikukortti.models.people import User
from kaikukortti.terms.devices import DeviceKind, DeviceStop


class DeviceQuerySet(models.QuerySet["Device"]):
    def of(self, workplace: Workplace) -> "DeviceQuerySet":
        return self.filter(workplace=workplace)

    def standing(self) -> "DeviceQuerySet":
        """Neither stopped nor revoked; one that has run out is still listed until it is tidied away."""
        return self.filter(stopped_at__isnull=True)


class Device(models.Model):
    """A browser that is a till of its workplace. It has a label, no person: the ledger names the device."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workplace = models.ForeignKey(Workplace, models.PROTECT, related_name="devices")
    kind = models.CharField(max_length=4, choices=DeviceKind.choices)
    label = models.CharField(max_length=40)
    # A gate pass is the till of this offering only.
    offering = models.ForeignKey(Offering, models.PROTECT, null=True, blank=True, related_name="gate_passes")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    # The one-time code that makes a browser this device; emptied with the device's first contact after that, so that a
    # lost answer can be asked for once more by whoever knows the PIN chosen with it.
    code_digest = models.CharField(max_length=64, null=True, blank=True, unique=True)
    code_expires_at = models.DateTimeField()
    enrolled_at = models.DateTimeField(null=True, blank=True)
    # A gate pass ends with its offering.
    expires_at = models.DateTimeField(null=True, blank=True)
    # What shows that the PIN or the passkey is known, and how often in a row it was not.
    proof_digest = models.CharField(max_length=64, blank=True)
    passkey_digest = models.CharField(max_length=64, blank=True)
    wrong_proofs = models.PositiveSmallIntegerField(default=0)
    # The token last presented. What has been given for it is known by its number and its mark.
    token_number = models.PositiveIntegerField(default=0)
    token_digest = models.CharField(max_length=64, blank=True)
    # What it said of itself at its last contact: rows that wait to be sent, and whether its storage is kept.
    last_seen_at = models.DateTimeField(null=True, blank=True)
    waiting = models.PositiveIntegerField(default=0)
    waiting_since = models.DateTimeField(null=True, blank=True)
    storage_kept = models.BooleanField(null=True, blank=True)
    # Set by many unknown codes in a row (limits on guessing); other tills go on.
    paused_until = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    stop = models.CharField(max_length=8, choices=DeviceStop.choices, blank=True)

    objects = DeviceQuerySet.as_manager()

    # Filled by the query that knows the caller; declared for the type checker.
    network_version: int | None

    class Meta:
        ordering = ["label", "made_at"]
        indexes = [models.Index(fields=["workplace", "stopped_at"], name="device_of_workplace")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=DeviceKind.GATE, offering__isnull=False, expires_at__isnull=False)
                | Q(kind=DeviceKind.TILL, offering__isnull=True),
                name="gate_pass_has_its_offering",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stop="") | Q(stopped_at__isnull=False) & ~Q(stop=""),
                name="device_stop_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class QuarantinedRow(models.Model):
    """A row from a device that had been stopped: sealed as it came, it waits for a person of the workplace (S13)."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="quarantined")
    client_id = models.UUIDField()
    # The row as the device sent it; its code is sealed to the register's key.
    box = models.BinaryField(max_length=2000)
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    taken = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "client_id"], name="quarantined_once"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, taken__isnull=True)
                | Q(settled_at__isnull=False, taken__isnull=False),
                name="quarantine_says_whether",
            ),
        ]


class TillSlots(models.Model):
    """Which slots stand for which region and number of children in the offline list; frozen once given."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    regions = models.JSONField(default=dict)
    children = models.JSONField(default=dict)
    made_at = models.DateTimeField()
