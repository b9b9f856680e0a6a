"""A change sequence whose reader never misses a row that commits late.

An identity column alone does: number 7 may commit after a reader has gone past 8. So each row also carries the
number of its transaction, and a reader takes only rows of transactions that are all finished. SQLite has one writer
at a time, so there the identity is enough and the transaction number is 0.
"""

from typing import Any, TypeVar

from django.db import connections, models
from django.db.models import Func


class TransactionNumber(Func):
    """The current transaction's number on PostgreSQL, 0 on SQLite."""

    output_field = models.BigIntegerField()
    template = "0"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="(pg_current_xact_id()::text::bigint)", **context)


class Sequenced(models.Model):
    """A row of a change sequence: read in the order (transaction, id), from a cursor."""

    transaction = models.BigIntegerField(db_default=TransactionNumber(), editable=False)

    class Meta:
        abstract = True


Row = TypeVar("Row", bound=Sequenced)


def changes_since(
    rows: models.QuerySet[Row], cursor: tuple[int, int], *, limit: int = 1000
) -> tuple[list[Row], tuple[int, int]]:
    """The next rows after a cursor `(transaction, id)` and the cursor to go on from; `(0, 0)` starts at the beginning.

    After a restore into another PostgreSQL cluster transaction numbers start anew: start from the beginning.
    """
    if connections[rows.db].vendor == "postgresql":
        with connections[rows.db].cursor() as db:
            db.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            rows = rows.filter(transaction__lt=db.fetchone()[0])
    after = models.Q(transaction__gt=cursor[0]) | models.Q(transaction=cursor[0], pk__gt=cursor[1])
    found = list(rows.filter(after).order_by("transaction", "pk")[:limit])
    return found, (found[-1].transaction, found[-1].pk) if found else cursor
