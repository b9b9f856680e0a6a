"""The audit trail: a chain that shows every change of itself, and that the database refuses to change (S17, S18)."""

from importlib import import_module
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from kaikukortti.actions import trail
from kaikukortti.actions.trail import note
from kaikukortti.models import TrailEntry, TrailHead, Workplace
from kaikukortti.models.trail import missing_guards
from kaikukortti.terms.trail import Act
from tests.cast import NOW, Cast

TRIGGERS = import_module("kaikukortti.migrations.0002_trail_guarded")
ENTRY, HEAD = TRIGGERS.ENTRY, TRIGGERS.HEAD


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# --- appending --------------------------------------------------------------------------------------------------


@pytest.mark.database
def test_an_entry_names_who_did_what_to_what_and_nothing_else(cast: Cast):
    entry = note(Act.CARD_OPENED, by=cast.aino, now=NOW, subject="0b0e")
    entry.refresh_from_db()
    assert (entry.number, entry.act, entry.at, entry.subject) == (1, "card-opened", NOW, "0b0e")
    assert entry.by == cast.aino.user
    assert entry.workplace == cast.workplaces["office"]
    head = TrailHead.objects.get(pk=1)
    assert (head.number, head.digest) == (1, entry.digest)


@pytest.mark.database
def test_what_is_undone_leaves_no_entry(cast: Cast):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        note(Act.CARD_BLOCKED, by=cast.aino, now=NOW)
        raise ZeroDivisionError
    assert not TrailEntry.objects.exists()
    assert note(Act.CARD_BLOCKED, by=cast.aino, now=NOW).number == 1


@pytest.mark.database(transaction=True)
def test_fifty_at_once_are_fifty_links_of_one_chain(cast: Cast, at_once: Any):
    aino = cast.aino
    answers = at_once(50, lambda number: note(Act.CARD_OPENED, by=aino, now=NOW, subject=number))
    assert sorted(entry.number for entry in answers) == list(range(1, 51))
    before = ""
    for entry in TrailEntry.objects.order_by("number"):
        assert entry.digest == trail.chain_digest(before, entry)
        before = entry.digest


@pytest.mark.database(transaction=True)
def test_control_without_the_lock_two_take_the_same_number(cast: Cast, at_once: Any, monkeypatch: pytest.MonkeyPatch):
    """SQLite lets one writer in at a time, lock or no lock: the control is PostgreSQL's."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite queues writers by itself")
    aino = cast.aino
    note(Act.SIGNED_IN, by=aino, now=NOW)
    monkeypatch.setattr(trail, "lock_head", lambda: TrailHead.objects.get(pk=1))
    answers = at_once(50, lambda number: note(Act.CARD_OPENED, by=aino, now=NOW, subject=number))
    assert any(isinstance(answer, DatabaseError) for answer in answers)


@pytest.mark.database(transaction=True)
def test_who_holds_a_workplace_and_who_holds_the_head_do_not_wait_for_each_other(cast: Cast, at_once: Any):
    """An action that has locked its workplace notes last; another notes for the same workplace meanwhile."""
    aino = cast.aino

    def act(number: int) -> int:
        with transaction.atomic():
            if number % 2:
                Workplace.objects.select_for_update().get(pk=aino.workplace.pk)
            return note(Act.CONTACT_CHANGED, by=aino, now=NOW, subject=number).number

    assert sorted(at_once(16, act)) == list(range(1, 17))


# --- the triggers -----------------------------------------------------------------------------------------------

REFUSED = {
    "an edit": f"UPDATE {ENTRY} SET act = 'card-found' WHERE number = 1",
    "a deletion": f"DELETE FROM {ENTRY} WHERE number = 2",
    "a new number": f"UPDATE {ENTRY} SET number = 9 WHERE number = 2",
    "a rewound head": f"UPDATE {HEAD} SET number = 1 WHERE id = 1",
    "a leaping head": f"UPDATE {HEAD} SET number = 7 WHERE id = 1",
    "no head": f"DELETE FROM {HEAD}",
}
ONLY_ON = {
    "sqlite": {
        "a replacement": f"INSERT OR REPLACE INTO {ENTRY} (number, at, act, subject, digest)"
        " VALUES (1, '2026-11-24', 'card-found', '', '')",
        "another head": f"INSERT OR REPLACE INTO {HEAD} (id, number, digest) VALUES (1, 1, '')",
    },
    "postgresql": {
        "an emptying": f"TRUNCATE {ENTRY}",
        "an emptying of the heads": f"TRUNCATE {HEAD}",
        "an upsert": f"INSERT INTO {ENTRY} (number, at, act, subject, digest) VALUES (1, now(), 'x', '', '')"
        " ON CONFLICT (number) DO UPDATE SET act = 'x'",
    },
}


@pytest.mark.database
def test_the_database_refuses_every_change_of_the_trail(cast: Cast):
    for number in range(3):
        note(Act.CARD_OPENED, by=cast.aino, now=NOW, subject=number)
    before = list(TrailEntry.objects.order_by("number").values_list()), list(TrailHead.objects.values_list())
    for what, statement in (REFUSED | ONLY_ON[connection.vendor]).items():
        with pytest.raises(DatabaseError, match="only appended to"), transaction.atomic():
            sql(statement)
            pytest.fail(what)
    assert before == (list(TrailEntry.objects.order_by("number").values_list()), list(TrailHead.objects.values_list()))
    assert missing_guards() == []
