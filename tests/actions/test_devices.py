"""Tills at once, and batches in any order: nothing is lost, nothing counts twice (R4, R6, R7)."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.codes import code_digests
from kaikukortti.actions.device_keys import make_token, seal_key
from kaikukortti.actions.device_rows import (
    forget_handed_over,
    hand_over,
    leave_rows,
    record_rows,
    take_rows,
    waiting_rows,
)
from kaikukortti.actions.devices import (
    CodeGone,
    NotKnown,
    SaysOfItself,
    Stopped,
    WrongProof,
    end_gates,
    enrol,
    make_code,
    make_gates,
    move_on,
    revoke,
    unlock,
)
from kaikukortti.actions.looking_after import block_card
from kaikukortti.models import Card, Device, Offering, QuarantinedRow, Record
from kaikukortti.rules.devices import MOST_WRONG, Presented, Turn, turn_of
from kaikukortti.terms.devices import DeviceStop
from kaikukortti.terms.kinds import BlockReason, Source
from kaikukortti.terms.refusals import Refusal
from tests.cast import Cast
from tests.devices import Till

PROOF = b"p" * 32


def till_of(cast: Cast, label: str = "Kassa", by: Actor | None = None) -> tuple[Till, Actor]:
    """An enrolled till as the actions know it, with what it seals with."""
    made = enrol(make_code(label, by=by or cast.ville, now=cast.now).secret, proof=PROOF, now=cast.now)
    device = Device.objects.select_related("workplace").get(pk=made.device.pk)
    return Till(id=str(device.pk), token=made.token, key=seal_key()), Actor(workplace=device.workplace, device=device)


# --- the token, as a rule -----------------------------------------------------------------------------------------


def test_a_token_moves_on_stays_or_shows_a_copy():
    def turn(number: int, digest: str = "a") -> Turn:
        return turn_of(Presented(number, digest), last=7, last_digest="a")

    assert [turn(8, "b"), turn(8, "c"), turn(12, "b")] == [Turn.NEXT] * 3  # 12: the database was restored
    assert turn(7) == Turn.AGAIN
    assert [turn(7, "b"), turn(6), turn(1)] == [Turn.COPIED] * 3


# --- at once ------------------------------------------------------------------------------------------------------


@pytest.mark.database(transaction=True)
def test_many_tills_at_once_lose_nothing_and_count_nothing_twice(cast: Cast, at_once: Callable[..., Any]) -> None:
    """Each sends its own rows, a few cards that every till has met, and everything a second time."""
    tills, own, shared = 8, 12, 3
    offering = cast.offering(cap=60)
    everyones = [cast.card() for _ in range(shared)]
    queues = []
    for number in range(tills):
        till, by = till_of(cast, f"Gate {number}")
        codes = [cast.card() for _ in range(own)] + everyones
        queues.append(([till.row(code, offering=offering) for code in codes], by))

    def send(number: int) -> list[Any]:
        rows, by = queues[number % tills]
        return record_rows(rows, by=by, now=cast.now)

    answers = at_once(tills * 2, send)
    assert not [one for one in answers if isinstance(one, Exception)]
    for first, second in zip(answers[:tills], answers[tills:], strict=True):
        assert [(one.id, one.status, one.refusal) for one in first] == [
            (one.id, one.status, one.refusal) for one in second
        ]
    records = Record.objects.all()
    assert records.count() == tills * (own + shared)
    given_once = Counter(records.exclude(own_day=None).values_list("line", flat=True))
    assert set(given_once.values()) == {1}
    assert len(given_once) == tills * own + shared
    offering.refresh_from_db()
    assert offering.taken == tills * own + shared
    # What was over the cap came in all the same: it happened.
    assert records.filter(refusal=Refusal.OFFERING_FULL).count() == tills * own + shared - 60


@pytest.mark.database(transaction=True)
def test_two_phones_scan_one_gate_pass(cast: Cast, at_once: Callable[..., Any]) -> None:
    made = make_gates(cast.offering(), day=cast.now.date(), label="G", number=1, by=cast.ville, now=cast.now)
    assert isinstance(made, list)
    secret = made[0].secret
    answers = at_once(6, lambda number: enrol(secret, proof=bytes([number]) * 32, now=cast.now))
    assert sorted(type(one).__name__ for one in answers) == [*["CodeGone"] * 5, "Enrolled"]


@pytest.mark.database(transaction=True)
def test_a_hundred_guesses_at_once_are_a_hundred_guesses(cast: Cast, at_once: Callable[..., Any]) -> None:
    till, _by = till_of(cast)

    def guess(number: int) -> None:
        unlock(UUID(till.id), bytes([number]) * 32, now=cast.now)

    answers = at_once(14, guess)
    assert Counter(type(one) for one in answers) == {WrongProof: MOST_WRONG - 1, Stopped: 14 - MOST_WRONG + 1}
    assert Device.objects.get().stop == DeviceStop.PIN


@pytest.mark.database(transaction=True)
def test_one_token_at_once_is_no_copy(cast: Cast, at_once: Callable[..., Any]) -> None:
    """A till that asks again while its first request is still under way."""
    till, _by = till_of(cast)
    answers = at_once(4, lambda number: move_on(till.token, SaysOfItself(), now=cast.now))
    tokens = [one.token for one in answers]
    assert len(set(tokens)) == 4
    assert move_on(tokens[2], SaysOfItself(), now=cast.now).actor.device is not None
    with pytest.raises(Stopped):
        move_on(tokens[0], SaysOfItself(), now=cast.now)


# --- any order (R7) -----------------------------------------------------------------------------------------------

ROWS = 9
# How a queue may arrive: batches of any rows in any order, some twice, each later than the one before.
ARRIVALS = st.lists(
    st.tuples(st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=ROWS), st.integers(0, 600)),
    min_size=1,
    max_size=5,
)


@pytest.fixture
def queue(cast: Cast) -> tuple[list[Any], Actor]:
    """An evening's rows: two of one card, a cap that is passed, a card blocked meanwhile, a typo, children later."""
    offering = cast.offering(cap=4)
    till, by = till_of(cast)
    cards = [cast.card() for _ in range(5)]
    lost = Card.objects.get(digest__in=code_digests(cards[4]))
    block_card(lost, by=cast.aino, now=cast.now - timedelta(hours=1), reason=BlockReason.LOST)
    rows = [till.row(code, offering=offering, children=number % 2) for number, code in enumerate(cards)]
    rows += [
        till.row(cards[0], offering=offering),
        till.row(cards[0], offering=offering, holder=0, children=1),
        till.row("7KM9QX2TR8", offering=offering),
        till.row(cards[1]),
    ]
    return rows, by


def arrive(
    cast: Cast, rows: Sequence[Any], by: Actor, batches: Sequence[tuple[list[int], int]]
) -> dict[str, tuple[Any, ...]]:
    """What is stored after the batches and, at last, everything that has not come yet."""
    sent = {number for batch, _minutes in batches for number in batch}
    rest = [number for number in range(len(rows)) if number not in sent]
    now = cast.now
    for batch, minutes in [*batches, (rest, 0)]:
        now += timedelta(minutes=minutes)
        record_rows([rows[number] for number in batch], by=by, now=now)
    stored = Record.objects.values_list(
        "client_id", "day", "at", "holder", "children", "source", "happened", "card", "offering"
    )
    return {str(row[0]): row[1:] for row in stored}


@pytest.mark.database
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=ARRIVALS)
def test_any_order_of_batches_stores_the_same_rows_each_once(
    cast: Cast, queue: tuple[list[Any], Actor], batches: list[tuple[list[int], int]]
) -> None:
    rows, by = queue
    with undone():
        expected = arrive(cast, rows, by, [])
        assert set(expected) == {row["id"] for row in rows}
    with undone():
        assert arrive(cast, rows, by, batches) == expected
        assert Record.objects.count() == ROWS
        offering = Offering.objects.get()
        counted = list(Record.objects.counting().filter(offering=offering))
        assert offering.taken == sum(one.holder + one.children for one in counted)


@pytest.mark.database
def test_without_the_rows_own_ids_the_same_evening_counts_twice(cast: Cast, queue: tuple[list[Any], Actor]) -> None:
    """The control: what is sent again under a new id is another row, so the test above would see it."""
    rows, by = queue
    till = Till(id=str(by.device.pk) if by.device else "", key=seal_key())
    card = cast.card()
    for _ in range(2):
        record_rows([till.row(card, id=str(uuid4()))], by=by, now=cast.now)
    assert Record.objects.count() == 2
    record_rows([rows[0]], by=by, now=cast.now)
    record_rows([rows[0]], by=by, now=cast.now)
    assert Record.objects.count() == 3


class undone:  # noqa: N801  (reads as what it does)
    """What is done here is taken back."""

    def __enter__(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()

    def __exit__(self, *error: Any) -> Any:
        transaction.set_rollback(True)
        return self.block.__exit__(*error)


# --- rows that wait -----------------------------------------------------------------------------------------------


@pytest.fixture
def left(cast: Cast) -> tuple[Device, list[Any]]:
    """A till was stopped; somebody who knows its PIN has left three rows, one of them forged."""
    till, by = till_of(cast)
    device = by.device
    assert device is not None
    revoke(device, by=cast.ville, now=cast.now)
    offering = cast.offering()
    rows = [till.row(cast.card(), offering=offering), till.row("7KM9QX2TR8", offering=offering)]
    rows.append({**rows[0], "id": str(uuid4())})  # its code was sealed for another row
    hand_over(device.pk, PROOF, rows, now=cast.now)
    return device, rows


@pytest.mark.database
def test_what_is_taken_is_recorded_as_what_happened(cast: Cast, left: tuple[Device, list[Any]]) -> None:
    device, rows = left
    assert [one.use is not None for one in waiting_rows(device)] == [True, True, False]
    taken = take_rows(device, None, by=cast.ville, now=cast.now)
    assert (taken.recorded, taken.flagged, dict(taken.stayed)) == (2, 1, {None: 1})
    record = Record.objects.get(client_id=rows[0]["id"])
    assert (record.source, record.happened, record.by, record.device) == (
        Source.OFFLINE,
        True,
        cast.ville.user,
        None,
    )
    # A second press finds the one that cannot be read, and no code stands in what was settled.
    again = take_rows(device, None, by=cast.ville, now=cast.now)
    assert (again.recorded, dict(again.stayed)) == (0, {None: 1})
    assert leave_rows(device, None, by=cast.ville, now=cast.now) == 1
    assert {bytes(row.box) for row in QuarantinedRow.objects.all()} == {b""}
    assert Record.objects.count() == 2


@pytest.mark.database
def test_only_the_tills_own_people_decide(cast: Cast, left: tuple[Device, list[Any]]) -> None:
    device, _rows = left
    for other in (cast.salla, cast.aino, cast.nelli, cast.luukku):
        for act in (take_rows, leave_rows):
            with pytest.raises(NotAllowed):
                act(device, None, by=other, now=cast.now)
        with pytest.raises(NotAllowed):
            revoke(device, by=other, now=cast.now)
    for other in (cast.aino, cast.nelli):
        with pytest.raises(NotAllowed):
            make_code("Kassa", by=other, now=cast.now)


@pytest.mark.database
def test_rows_that_nobody_decides_on_go_after_thirty_days(cast: Cast, left: tuple[Device, list[Any]]) -> None:
    assert forget_handed_over(now=cast.now + timedelta(days=29)) == 0
    assert forget_handed_over(now=cast.now + timedelta(days=31)) == 3


@pytest.mark.database
def test_gate_passes_end_in_the_list_too(cast: Cast) -> None:
    made = make_gates(cast.offering(), day=cast.now.date(), label="G", number=2, by=cast.ville, now=cast.now)
    assert isinstance(made, list)
    assert end_gates(now=cast.now + timedelta(hours=20)) == 0
    assert end_gates(now=cast.now + timedelta(hours=40)) == 2
    assert set(Device.objects.values_list("stop", flat=True)) == {DeviceStop.ENDED}
    with pytest.raises(CodeGone):
        enrol(made[0].secret, proof=PROOF, now=cast.now)


@pytest.mark.database
def test_another_workplaces_offering_gets_no_gate(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        make_gates(cast.offering("hall"), day=cast.now.date(), label="G", number=1, by=cast.ville, now=cast.now)


@pytest.mark.database
def test_a_device_that_is_not_there_is_not_known(cast: Cast) -> None:
    with pytest.raises(NotKnown):
        move_on(make_token(uuid4(), 1), SaysOfItself(), now=cast.now)
    with pytest.raises(NotKnown):
        hand_over(uuid4(), PROOF, [], now=cast.now)
