"""The audit trail: a chain that shows every change of itself, and that the database refuses to change (S17, S18)."""

from collections.abc import Iterable
from datetime import timedelta
from importlib import import_module
from time import sleep
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from kaikukortti.actions import trail
from kaikukortti.actions.codes import code_digests
from kaikukortti.actions.trail import KEPT, forget_old_entries, note
from kaikukortti.actions.trail_check import Anchor, Fault, check_trail, fits
from kaikukortti.models import Batch, Card, TrailEntry, TrailHead, Workplace
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
    with transaction.atomic():
        note(Act.CARD_BLOCKED, by=cast.aino, now=NOW)
        transaction.set_rollback(True)
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


def held_and_pointed_at(cast: Cast, at_once: Any) -> list[Any]:
    """Half the actions lock their workplace and note; the other half write a row that points to it and note. Without
    care the second would wait at its end for the workplace while it holds the head, and the first for the head."""
    aino = cast.aino

    def act(number: int) -> int:
        with transaction.atomic():
            if number % 2:
                Workplace.objects.select_for_update().get(pk=aino.workplace.pk)
            else:
                Batch.objects.create(workplace=aino.workplace, size=number, made_at=NOW)
            sleep(0.05)
            return note(Act.CONTACT_CHANGED, by=aino, now=NOW, subject=number).number

    answers: list[Any] = at_once(6, act)
    return answers


@pytest.mark.database(transaction=True)
def test_who_holds_the_head_waits_for_nobody(cast: Cast, at_once: Any):
    assert sorted(held_and_pointed_at(cast, at_once)) == list(range(1, 7))


@pytest.mark.database(transaction=True)
def test_control_keys_checked_after_the_head_make_a_ring(cast: Cast, at_once: Any, monkeypatch: pytest.MonkeyPatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite queues writers by itself")
    monkeypatch.setattr(type(connections["default"]), "check_constraints", lambda self: None)
    assert any(isinstance(answer, DatabaseError) for answer in held_and_pointed_at(cast, at_once))


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
    refused = {}
    for what, statement in (REFUSED | ONLY_ON[connection.vendor]).items():
        with pytest.raises(DatabaseError) as refusal, transaction.atomic():  # noqa: PT012 (undone each by each)
            sql(statement)
            pytest.fail(f"{what} was let through")
        refused[what] = "only appended to" in str(refusal.value)
    assert all(refused.values()), refused
    assert before == (list(TrailEntry.objects.order_by("number").values_list()), list(TrailHead.objects.values_list()))
    assert missing_guards() == []


# --- the check: an attacker who may do everything in the database, but has no key -------------------------------


def seven(cast: Cast) -> list[Anchor]:
    """Seven entries, and the anchors that were set after the third and the last."""
    anchors = []
    for number in range(1, 8):
        entry = note(Act.CARD_OPENED, by=cast.aino, now=NOW + timedelta(minutes=number), subject=f"subject {number}")
        if number in (3, 7):
            anchors.append(Anchor(entry.number, entry.digest))
    return anchors


def attack(*statements: str) -> None:
    """Take the triggers away, do it, and lay them again as if nothing had been."""
    vendor = connection.vendor
    for statement in (*TRIGGERS.lifted(vendor), *statements, *TRIGGERS.laid(vendor)):
        sql(statement)


def faults(anchors: Iterable[Anchor] = ()) -> set[tuple[Fault, int, int]]:
    return {(found.fault, found.first, found.last) for found in check_trail(anchors).found}


ATTACKS: dict[str, tuple[list[str], set[tuple[Fault, int, int]]]] = {
    "an edit of who": ([f"UPDATE {ENTRY} SET by_id = NULL WHERE number = 4"], {(Fault.CHANGED, 4, 4)}),
    "an edit of what": ([f"UPDATE {ENTRY} SET subject = 'another' WHERE number = 4"], {(Fault.CHANGED, 4, 4)}),
    "an edit of when": ([f"UPDATE {ENTRY} SET at = '2026-01-01 00:00' WHERE number = 4"], {(Fault.CHANGED, 4, 4)}),
    "an edit of the newest": ([f"UPDATE {ENTRY} SET act = 'card-found' WHERE number = 7"], {(Fault.CHANGED, 7, 7)}),
    "a deletion": ([f"DELETE FROM {ENTRY} WHERE number = 4"], {(Fault.MISSING, 4, 4)}),
    "a deletion with the gap closed": (
        [
            f"DELETE FROM {ENTRY} WHERE number = 4",
            *(f"UPDATE {ENTRY} SET number = {n - 1} WHERE number = {n}" for n in (5, 6, 7)),
            f"UPDATE {HEAD} SET number = 6 WHERE id = 1",
        ],
        {(Fault.CHANGED, 4, 4), (Fault.CHANGED, 5, 5), (Fault.CHANGED, 6, 6)},
    ),
    "a swap": (
        [
            f"UPDATE {ENTRY} SET number = 99 WHERE number = 3",
            f"UPDATE {ENTRY} SET number = 3 WHERE number = 5",
            f"UPDATE {ENTRY} SET number = 5 WHERE number = 99",
        ],
        {(Fault.CHANGED, n, n) for n in (3, 4, 5, 6)},
    ),
    "a cut tail": ([f"DELETE FROM {ENTRY} WHERE number > 5"], {(Fault.TAIL_CUT, 6, 7)}),
    "everything cut": ([f"DELETE FROM {ENTRY}"], {(Fault.TAIL_CUT, 1, 7)}),
    "a head of another digest": ([f"UPDATE {HEAD} SET digest = 'aa' WHERE id = 1"], {(Fault.HEAD_REWOUND, 7, 7)}),
    "a head gone": ([f"DELETE FROM {HEAD}"], {(Fault.HEAD_GONE, 0, 0)}),
    "a beginning cut": ([f"DELETE FROM {ENTRY} WHERE number < 4"], {(Fault.MISSING, 1, 3)}),
    "a beginning cut as if it had been forgotten": (
        [
            f"INSERT INTO {HEAD} (id, number, digest) SELECT 2, 3, digest FROM {ENTRY} WHERE number = 3",
            f"DELETE FROM {ENTRY} WHERE number < 4",
        ],
        {(Fault.BEGINNING_CUT, 1, 3)},
    ),
    "an entry put in behind the head": (
        [f"INSERT INTO {ENTRY} (number, at, act, subject, digest) VALUES (8, '2026-11-24', 'card-found', '', 'aa')"],
        {(Fault.CHANGED, 8, 8), (Fault.HEAD_REWOUND, 7, 8)},
    ),
}


@pytest.mark.database
@pytest.mark.parametrize("what", ATTACKS)
def test_every_change_of_the_trail_is_noticed_and_where(cast: Cast, what: str):
    statements, noticed = ATTACKS[what]
    seven(cast)
    attack(*statements)
    assert faults() == noticed


@pytest.mark.database
def test_control_an_untouched_trail_is_whole(cast: Cast):
    anchors = seven(cast)
    attack()
    report = check_trail(anchors)
    assert (report.first, report.last, report.entries, report.anchors, report.found) == (1, 7, 7, 2, [])


@pytest.mark.database
def test_a_cut_tail_with_its_head_rewound_is_noticed_by_the_anchor(cast: Cast):
    anchors = seven(cast)
    attack(
        f"DELETE FROM {ENTRY} WHERE number > 5",
        f"UPDATE {HEAD} SET number = 5, digest = (SELECT digest FROM {ENTRY} WHERE number = 5) WHERE id = 1",
    )
    assert faults() == set()  # control: the database alone cannot tell
    assert faults(anchors) == {(Fault.BEHIND_THE_ANCHOR, 6, 7)}
    assert not fits(anchors[-1])
    # Going on as if nothing had been hides it no better.
    note(Act.CARD_OPENED, by=cast.aino, now=NOW)
    note(Act.CARD_OPENED, by=cast.aino, now=NOW)
    assert faults(anchors) == {(Fault.NOT_THE_ANCHOR, 7, 7)}


@pytest.mark.database
def test_lost_triggers_are_noticed(cast: Cast):
    for statement in TRIGGERS.lifted(connection.vendor):
        sql(statement)
    assert [(found.fault, found.table) for found in check_trail().found] == [
        (Fault.NOT_GUARDED, ENTRY),
        (Fault.NOT_GUARDED, HEAD),
    ]


# --- what is forgotten ------------------------------------------------------------------------------------------


@pytest.mark.database
def test_after_two_years_entries_are_forgotten_and_the_rest_stays_whole(cast: Cast):
    anchors = seven(cast)
    later = NOW + KEPT + timedelta(minutes=4, seconds=30)
    note(Act.CARD_OPENED, by=cast.aino, now=later - timedelta(days=1))
    assert forget_old_entries(now=later) == 4
    assert [entry.number for entry in TrailEntry.objects.order_by("number")] == [5, 6, 7, 8, 9]
    assert TrailEntry.objects.get(number=9).act == Act.TRAIL_PRUNED
    assert faults(anchors) == set()
    assert forget_old_entries(now=later) == 0
    # The next year the rest goes, that entry included.
    assert forget_old_entries(now=later + KEPT + timedelta(days=1)) == 5
    assert faults(anchors) == set()
    assert [entry.number for entry in TrailEntry.objects.all()] == [10]
    # What was forgotten may be deleted; what was not may not, and more than that is noticed.
    with pytest.raises(DatabaseError, match="only appended to"), transaction.atomic():
        sql(f"DELETE FROM {ENTRY}")


@pytest.mark.database
def test_more_forgotten_than_was_said_is_noticed(cast: Cast):
    seven(cast)
    forget_old_entries(now=NOW + KEPT + timedelta(minutes=3, seconds=30))
    assert faults() == set()
    attack(
        f"UPDATE {HEAD} SET number = 5, digest = (SELECT digest FROM {ENTRY} WHERE number = 5) WHERE id = 2",
        f"DELETE FROM {ENTRY} WHERE number < 6",
    )
    assert faults() == {(Fault.BEGINNING_CUT, 1, 5)}


@pytest.mark.database
def test_an_erased_card_leaves_an_entry_that_names_nothing(cast: Cast):
    """S18: the entry's subject is the card's trail_id, and that goes with the card."""
    code = cast.blank()
    card = Card.objects.get(digest=code_digests(code)[-1])
    entry = note(Act.CARD_OPENED, by=cast.aino, now=NOW, subject=card.trail_id)
    assert entry.subject not in (code, card.serial, str(card.pk))
    assert Card.objects.filter(trail_id=entry.subject).exists()
    card.facts.all().delete()
    card.delete()
    assert not Card.objects.filter(trail_id=entry.subject).exists()
    assert faults() == set()
