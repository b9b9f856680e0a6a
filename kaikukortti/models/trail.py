"""The audit trail: who read or changed what, a chain of keyed digests that the database lets nobody edit (S17, S18)."""

from django.db import connection, models

from kaikukortti.models.network import Workplace
from kaikukortti.models.people import User

# The triggers of migration 0002 by table: entries are only appended, the head only goes forward.
GUARDS = {
    "kaikukortti_trailentry": {"sqlite": 3, "postgresql": 2},
    "kaikukortti_trailhead": {"sqlite": 3, "postgresql": 2},
}


class TrailEntry(models.Model):
    """One act. It holds no code and names a card only by the card's `trail_id`, which goes with the card.

    Who and for which workplace are plain numbers to the database: its check of a foreign key would lock the user's
    and the workplace's row after the head, and an action that holds one of them and waits for the head would wait for
    ever.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    act = models.CharField(max_length=30)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_constraint=False)
    workplace = models.ForeignKey(
        Workplace, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    # What was read or changed: a card's trail_id, a record's reference, or the number of another row.
    subject = models.CharField(max_length=36, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["workplace", "number"], name="trail_of_workplace")]


class TrailHead(models.Model):
    """Row 1 is the chain's end: a cut tail does not fit it, and whoever appends locks it. Row 2, once old entries have
    been forgotten, is the last of those: the chain begins after it."""

    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)


def missing_guards() -> list[str]:
    """The tables of the trail whose triggers are not all there and awake."""
    if connection.vendor == "postgresql":
        asked = (
            "SELECT count(*) FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
    else:
        asked = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    missing = []
    with connection.cursor() as cursor:
        for table, numbers in GUARDS.items():
            cursor.execute(asked, [table])
            if cursor.fetchone()[0] != numbers[connection.vendor]:
                missing.append(table)
    return missing
