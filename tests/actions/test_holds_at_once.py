"""The last place between a hold and a record, at the same moment on real connections, each with a control (R6)."""

import time

import pytest
from django.db import connection

from kaikukortti.actions import holds as holds_module
from kaikukortti.actions import known as known_module
from kaikukortti.actions import uses as uses_module
from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.holds import Wish, keep_places, release_hold
from kaikukortti.actions.waiting import own_holds, see_to
from kaikukortti.models import Hold, Offering, Record, statements
from kaikukortti.models.snapshot import network
from kaikukortti.rules import uses as rules
from kaikukortti.terms.holds import HoldKind
from kaikukortti.terms.kinds import Status
from tests.actions.test_cards import card_of
from tests.actions.test_holds import EARLY
from tests.actions.test_waiting import phone, waits
from tests.cast import TODAY

pytestmark = pytest.mark.database(transaction=True)
CALLERS, PLACES = 12, 3


@pytest.fixture(autouse=True)
def slow_rules(monkeypatch):
    """Time between reading and writing, in which another may come between: here and in the controls alike."""
    judge = rules.judge

    def slow(*args, **kwargs):
        time.sleep(0.01)
        return judge(*args, **kwargs)

    monkeypatch.setattr(uses_module, "judge", slow)
    monkeypatch.setattr(holds_module, "judge", slow)


@pytest.fixture
def unlocked(monkeypatch):
    """The controls' world: rows are read without locks, and a transaction that lost a race is not tried again."""
    read = statements.read_offerings
    monkeypatch.setattr(known_module, "lock_lines", lambda digests: None)
    monkeypatch.setattr(known_module, "read_offerings", lambda ids, *, lock: read(ids, lock=False))
    monkeypatch.setattr(uses_module, "range", lambda times: [times - 1], raising=False)
    # On SQLite the immediate transaction is the lock.
    return lambda: setattr(connection, "transaction_mode", "DEFERRED")


def with_locks():
    pass


def holds_and_records(cast, at_once, before):
    """Half of them keep a place, half record a ticket; three places are there."""
    cast.at(EARLY)
    event, ville = cast.offering(cap=PLACES), cast.ville
    codes = [cast.card() for _ in range(CALLERS)]
    network()

    def work(number):
        before()
        if number % 2:
            return cast.use(codes[number], offering=event, by=ville).status == Status.RECORDED
        answer = keep_places(codes[number], Wish(), by=ville, now=cast.now, offering=event.pk, day=TODAY)
        return answer.hold is not None

    answers = at_once(CALLERS, work)
    event.refresh_from_db()
    return event, answers


def three_are_given(cast, event, answers):
    standing = Hold.objects.standing(cast.now).count()
    return (
        answers.count(True) == PLACES
        and answers.count(False) == CALLERS - PLACES
        and Record.objects.count() + standing == PLACES
        and (event.taken, event.held) == (Record.objects.count(), standing)
    )


def test_the_last_places_are_kept_or_recorded_once(cast, at_once):
    event, answers = holds_and_records(cast, at_once, with_locks)
    assert three_are_given(cast, event, answers), answers


def test_control_without_locks_a_place_is_kept_and_recorded(cast, at_once, unlocked):
    event, answers = holds_and_records(cast, at_once, unlocked)
    assert not three_are_given(cast, event, answers)


def test_one_hold_at_two_tills_and_by_its_number_is_fetched_once(cast, at_once):
    cast.at(EARLY)
    event, code, ville = cast.offering(cap=4), cast.card(), cast.ville
    keep_places(code, Wish(children=1), by=ville, now=cast.now, offering=event.pk, day=TODAY)
    answers = at_once(6, lambda n: cast.use("K-1" if n % 2 else code, offering=event, by=ville, children=1).status)
    assert sorted(answers) == [Status.ALREADY_RECORDED] * 5 + [Status.RECORDED]
    event.refresh_from_db()
    assert (event.taken, event.held, Hold.objects.get().record) == (2, 0, Record.objects.get())


def test_a_card_scanned_twice_at_the_desk_has_its_places_kept_once(cast, at_once):
    cast.at(EARLY)
    event, code, ville = cast.offering(cap=9), cast.card(), cast.ville

    def work(_number):
        return keep_places(code, Wish(), by=ville, now=cast.now, offering=event.pk, day=TODAY).hold

    assert set(at_once(6, work)) == {Hold.objects.get()}


def test_undoing_releasing_and_calling_at_once_give_each_place_once_and_wait_for_nobody(cast, at_once):
    """Four records undone, four holds let go, four phones that ask, four who come: no deadlock, nothing given twice."""
    cast.at(EARLY)
    event, ville = cast.offering(cap=8), cast.ville
    given = [Record.objects.get(pk=cast.use(cast.card(), offering=event).record) for _ in range(4)]
    kept = []
    for _ in range(4):
        kept.append(keep_places(cast.card(), Wish(), by=ville, now=cast.now, offering=event.pk, day=TODAY).hold)
    waiting = [phone(cast) for _ in range(8)]
    for code in waiting:
        assert waits(cast, code, event).waiting
    late = [cast.card() for _ in range(4)]

    def work(number):
        one, way = divmod(number, 4)
        if way == 0:
            return reverse_use(given[one], by=ville, now=cast.now)
        if way == 1:
            return release_hold(kept[one], by=ville, now=cast.now)
        if way == 2:
            return see_to(event.pk, TODAY, now=cast.now)
        return cast.use(late[one], offering=event, by=ville)

    answers = at_once(16, work)
    assert [one for one in answers if isinstance(one, Exception)] == []
    event.refresh_from_db()
    assert event.taken + event.held == 8
    called = [code for code in waiting if own_holds(card_of(code, cast), now=cast.now)]
    assert len(called) == Hold.objects.standing(cast.now).filter(kind=HoldKind.WAITING).count() == event.held
    assert Offering.objects.get().taken == Record.objects.standing().count()
