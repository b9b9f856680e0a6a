"""Is the process up, and can the register really write? (R17)"""

from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test import Client

from kaikukortti.api import health
from kaikukortti.models import Heartbeat
from tests.api.test_uses import row

pytestmark = pytest.mark.database


@contextmanager
def read_only():
    """The database as it is on a full disk or after a fail-over: it reads, and takes no row."""
    postgresql = connection.vendor == "postgresql"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY" if postgresql else "PRAGMA query_only = ON")
        yield
        if not postgresql:
            cursor.execute("PRAGMA query_only = OFF")
        transaction.set_rollback(True)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_well(path):
    response = Client().get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert response["Cache-Control"] == "no-store"
    assert Client().head(path).status_code == 200
    assert Client().post(path, content_type="application/json").status_code == 405


def test_a_row_is_really_written():
    assert Client().get("/readyz").content == b"ready: the database wrote and read a row\n"
    first = Heartbeat.objects.get().at
    Client().get("/readyz")
    assert Heartbeat.objects.get().at > first


def test_a_database_that_takes_no_row_is_not_ready_and_no_use_is_called_recorded(cast, caller):
    routa, asked = caller("routa"), row(cast, cast.card())
    routa.check(asked["code"])
    with read_only():
        response = Client().get("/readyz")
        assert (response.status_code, response.content) == (503, b"not ready: the database does not take writes\n")
        assert Client().get("/healthz").status_code == 200
        if connection.vendor == "sqlite":  # on PostgreSQL the test's one transaction is broken by now
            answered = routa.post("/uses", {"uses": [asked]})
            assert (answered.status, answered.body["refusal"]) == (503, None)
            assert routa.check(asked["code"])["allowed"]


def test_an_older_row_than_was_written_is_not_ready(monkeypatch):
    monkeypatch.setattr(health, "beat", lambda *, now: now.replace(year=2020))
    response = Client().get("/readyz")
    assert (response.status_code, response.content[:9]) == (503, b"not ready")
