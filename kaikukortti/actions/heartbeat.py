"""One row that is written again and again: whether the register can write, asked by monitors."""

from datetime import datetime

from kaikukortti.models import Heartbeat


def beat(*, now: datetime) -> datetime:
    """Write the row, commit, and read it back. Raises django.db.Error when the database does not take it."""
    Heartbeat.objects.update_or_create(pk=1, defaults={"at": now})
    return Heartbeat.objects.values_list("at", flat=True).get(pk=1)
