"""The row that tells monitors whether the register can write."""

from django.db import models


class Heartbeat(models.Model):
    """One row, written by every question of readiness."""

    at = models.DateTimeField()
