"""A reader that goes from change to change misses none, also not one that commits late."""

import threading
import time

import pytest
from django.db import connection, connections, transaction

from kaikukortti.models import Record, RecordChange
from kaikukortti.models.sequence import changes_since
from kaikukortti.terms.kinds import ChangeKind

pytestmark = pytest.mark.database(transaction=True)


def append(record, now):
    return RecordChange.objects.create(record=record, kind=ChangeKind.SETTLED, counts=True, at=now)


def read_to_the_end(cursor=(0, 0), *, expected, limit=1000):
    """Rows come when every transaction before them has ended, those of the cluster's other databases included: a test
    running beside this one may hold them back, so ask again until all are here."""
    read: list[int] = []
    last_try = time.monotonic() + 60
    while len(read) < expected and time.monotonic() < last_try:
        page, cursor = changes_since(RecordChange.objects.all(), cursor, limit=limit)
        read += [row.pk for row in page]
        if not page:
            time.sleep(0.05)
    return read, cursor


def late_commit(cast, read):
    """One connection appends a row and dawdles; another appends and commits; a reader reads in between and after."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time: a row cannot commit late")
    record = Record.objects.get(pk=cast.use(cast.card()).record)
    appended, go_on = threading.Event(), threading.Event()

    def dawdle():
        with transaction.atomic():
            append(record, cast.now)
            appended.set()
            go_on.wait(10)
        connections.close_all()

    slow = threading.Thread(target=dawdle)
    slow.start()
    appended.wait(10)
    append(record, cast.now)
    first, cursor = read(None)
    go_on.set()
    slow.join()
    second, _cursor = read(cursor)
    return first + second


def test_a_row_that_commits_late_is_not_missed(cast):
    def read(cursor):
        if cursor is None:
            rows, cursor = changes_since(RecordChange.objects.all(), (0, 0))
            return [row.pk for row in rows], cursor
        return read_to_the_end(cursor, expected=2)

    assert sorted(late_commit(cast, read)) == sorted(RecordChange.objects.values_list("pk", flat=True))


def test_control_a_bare_identity_misses_it(cast):
    def read(cursor):
        rows = list(RecordChange.objects.filter(pk__gt=cursor or 0).order_by("pk").values_list("pk", flat=True))
        return rows, rows[-1] if rows else cursor

    assert len(late_commit(cast, read)) == RecordChange.objects.count() - 1


def test_rows_come_in_pages(cast):
    record = Record.objects.get(pk=cast.use(cast.card()).record)
    rows = [append(record, cast.now).pk for _ in range(5)]
    read, cursor = read_to_the_end(expected=5, limit=2)
    assert read == rows
    assert changes_since(RecordChange.objects.all(), cursor) == ([], cursor)
