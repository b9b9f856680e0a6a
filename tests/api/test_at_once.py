"""Many tills at the same moment, on real connections (R4, R6), each with a control that fails without the locks."""

import time
from uuid import uuid4

import pytest
from django.db import connection

from kaikukortti.actions import known as known_module
from kaikukortti.actions import uses as uses_module
from kaikukortti.models import CountedFact, Offering, Record, statements
from kaikukortti.models.snapshot import network
from kaikukortti.rules import uses as rules
from tests.api.test_uses import row

pytestmark = pytest.mark.database(transaction=True)


@pytest.fixture(autouse=True)
def slow_rules(monkeypatch):
    """Time between reading and writing, in which another till may come between: here and in the controls alike."""
    judge = rules.judge

    def slow(*args, **kwargs):
        time.sleep(0.004)
        return judge(*args, **kwargs)

    monkeypatch.setattr(uses_module, "judge", slow)


@pytest.fixture
def unlocked(monkeypatch):
    """The controls' world: rows are read without locks, and a transaction that lost a race is not tried again."""
    monkeypatch.setattr(known_module, "lock_lines", lambda digests: None)
    read = statements.read_offerings
    monkeypatch.setattr(known_module, "read_offerings", lambda ids, *, lock: read(ids, lock=False))
    monkeypatch.setattr(uses_module, "range", lambda times: [times - 1], raising=False)

    def without():
        # On SQLite the immediate transaction is the lock.
        setattr(connection, "transaction_mode", "DEFERRED")  # noqa: B010  (the type knows only PostgreSQL)

    return without


def with_locks():
    pass


def send(caller, rows, at_once, before):
    """Each row from a till of its own, at once: (status, body) of each."""
    network()  # read once, so that no till waits for it
    tills = [caller("routa") for _ in range(4)]

    def till(number):
        before()
        answered = tills[number % 4].post("/uses", {"uses": [rows[number]]})
        return answered.status, answered.body

    return at_once(len(rows), till)


# --- one id a hundred times ---------------------------------------------------------------------------------------


def one_id_a_hundred_times(cast, caller, at_once, before):
    same = row(cast, cast.card(), offering=str(cast.offering(cap=5).pk), children=1)
    return send(caller, [same] * 100, at_once, before)


def one_use_and_equal_answers(answers):
    return (
        answers == [answers[0]] * 100
        and answers[0][0] == 200
        and answers[0][1]["results"][0]["status"] == "recorded"
        and Record.objects.count() == 1
        and CountedFact.objects.filter(kind="taken-into-use").count() == 1
        and Offering.objects.get().taken == 2
    )


def test_one_id_a_hundred_times_is_one_use_with_a_hundred_equal_answers(cast, caller, at_once):
    answers = one_id_a_hundred_times(cast, caller, at_once, with_locks)
    assert one_use_and_equal_answers(answers), {str(answer) for answer in answers}


def test_control_one_id_a_hundred_times_without_locks_is_noticed(cast, caller, at_once, unlocked):
    assert not one_use_and_equal_answers(one_id_a_hundred_times(cast, caller, at_once, unlocked))


# --- the last place -----------------------------------------------------------------------------------------------

TILLS = 50
PLACES = 3


def fifty_for_three_places(cast, caller, at_once, before):
    event = cast.offering(cap=PLACES)
    return send(caller, [row(cast, cast.card(), offering=str(event.pk)) for _ in range(TILLS)], at_once, before)


def three_got_in(answers):
    told = [body["results"][0]["refusal"] if status == 200 else status for status, body in answers]
    return (
        told.count(None) == PLACES
        and told.count("offering-full") == TILLS - PLACES
        and Record.objects.count() == PLACES
        and Offering.objects.get().taken == PLACES
    )


def test_fifty_tills_give_the_last_places_once(cast, caller, at_once):
    answers = fifty_for_three_places(cast, caller, at_once, with_locks)
    assert three_got_in(answers), answers


def test_control_fifty_tills_without_locks_give_a_place_twice(cast, caller, at_once, unlocked):
    assert not three_got_in(fifty_for_three_places(cast, caller, at_once, unlocked))


# --- one card at fifty tills --------------------------------------------------------------------------------------


def test_one_card_at_fifty_tills_gets_one_ticket(cast, caller, at_once):
    """A double click, a scanner that bounces, two doors: calm answers, one ticket (R5)."""
    code, event = cast.card(), cast.offering()
    rows = [row(cast, code, offering=str(event.pk), id=str(uuid4())) for _ in range(TILLS)]
    answers = send(caller, rows, at_once, with_locks)
    told = [body["results"][0]["status"] for _status, body in answers]
    assert (told.count("recorded"), told.count("already-recorded")) == (1, TILLS - 1)
    assert Record.objects.count() == 1
