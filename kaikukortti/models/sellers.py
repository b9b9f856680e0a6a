"""Webhooks: what ticket sellers' shops are told, signed, tried again, and kept visible when it cannot be delivered."""

import uuid

from django.db import models
from django.db.models import Q

from kaikukortti.models.network import Workplace
from kaikukortti.models.people import User
from kaikukortti.terms.sellers import WebhookEvent


class Webhook(models.Model):
    """Where a workplace's shop wants to be told. Its signing secret is sealed; it was shown once."""

    workplace = models.ForeignKey(Workplace, models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=300)
    sealed_secret = models.BinaryField(max_length=200)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)


class WebhookMessage(models.Model):
    """One piece of news on its way to one shop. It names offerings and one-time codes by id, never a card."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="messages")
    event = models.CharField(max_length=24, choices=WebhookEvent.choices)
    body = models.JSONField()
    made_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    # The status of the last answer, 0 where nobody answered.
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="webhook_messages_due"),
            models.Index(fields=["webhook", "made_at"], name="messages_of_webhook"),
        ]
