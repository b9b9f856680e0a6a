"""Rows from a till's queue: opened, recorded in one batch, answered one by one; those of a stopped till wait.

A row that cannot be read spoils none of the others. What a till sends again gets its first answer (rule 26), so batches
may come in any order, twice, split or late.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import ValidationError

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.device_keys import open_sealed
from kaikukortti.actions.devices import NotKnown, WrongProof, knows, stop_now
from kaikukortti.actions.known import Use
from kaikukortti.actions.sent_uses import UseForm
from kaikukortti.actions.sign_in import HAND_OVERS, count_hand_over, forgive_hand_over
from kaikukortti.actions.uses import MOST_ROWS, Answer, record_uses
from kaikukortti.models import Device, QuarantinedRow, Record
from kaikukortti.models.device_callers import read_device
from kaikukortti.terms.kinds import Source, Status
from kaikukortti.terms.policies import EVENT_DAYS
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS

# What a stopped till may leave with its workplace; more than an evening's queue is no till's queue.
MOST_WAITING = 2000
LONGEST_BOX = 2000
_SOURCES = (Source.ONLINE, Source.OFFLINE)


def read_row(row: Any, *, device: UUID) -> Use | None:
    """The use of a row on the wire, its code opened; None when it cannot be read. The limits are those of the calls."""
    if not isinstance(row, dict) or not isinstance(row.get("sealed"), str) or "code" in row:
        return None
    try:
        number = UUID(str(row.get("id")))
    except ValueError:
        return None
    code = open_sealed(row["sealed"], device=device, row=number)
    if code is None:
        return None
    rest = {name: value for name, value in row.items() if name != "sealed"}
    try:
        use = UseForm.model_validate({**rest, "code": code}).as_use()
    except ValidationError:
        return None
    return use if use.source in _SOURCES else None


def record_rows(rows: Sequence[Any], *, by: Actor, now: datetime, ended: bool = False) -> list[Answer | None]:
    """Record up to 500 rows of a till in one transaction; an answer for each, None for one that cannot be read.

    `ended`: a gate pass that only sends what it recorded before its end.
    """
    device = by.device
    assert device is not None
    assert len(rows) <= MOST_ROWS
    answers: list[Answer | None] = [None] * len(rows)
    sent: list[tuple[int, Use]] = []
    for position, row in enumerate(rows):
        use = read_row(row, device=device.pk)
        if use is None:
            continue
        if ended and device.expires_at is not None and (use.at is None or use.at > device.expires_at):
            answers[position] = Answer(use.id, Status.REFUSED, Refusal.TOO_LATE_TO_RECORD)
        else:
            sent.append((position, use))
    if sent:
        told = record_uses([use for _position, use in sent], by=by, now=now)
        for (position, _use), answer in zip(sent, told, strict=True):
            answers[position] = answer
    return answers


# --- rows of a stopped till (S13) -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of a row: it `waits`, its id is `known` in the register already, or it is `broken`."""

    id: Any
    status: str


def hand_over(key: UUID, proof: bytes, rows: Sequence[Any], *, now: datetime) -> list[HandedOver]:
    """Take the rows of a stopped till, for a person of its workplace to look at: whoever knows its PIN may leave them,
    and that is all. Raises NotKnown (also for a till at work), TooManyTries, WrongProof."""
    count_hand_over(key, now=now)
    with transaction.atomic():
        device = read_device(key, lock=True)
        if device is None or stop_now(device, now=now) is None:
            raise NotKnown
        if not knows(device, proof):
            raise WrongProof(HAND_OVERS)
        answers = _keep_rows(device, rows, now=now)
    forgive_hand_over(key, now=now)
    return answers


def _keep_rows(device: Device, rows: Sequence[Any], *, now: datetime) -> list[HandedOver]:
    ids = [_id_of(row) for row in rows]
    asked = [number for number in ids if number]
    recorded = Record.objects.filter(recorder=device.workplace_id, client_id__in=asked)
    known = set(recorded.values_list("client_id", flat=True))
    here = QuarantinedRow.objects.filter(device=device)
    kept = set(here.filter(client_id__in=asked).values_list("client_id", flat=True))
    room = MOST_WAITING - here.count()
    answers: list[HandedOver] = []
    new: list[QuarantinedRow] = []
    for row, number in zip(rows, ids, strict=True):
        box = json.dumps(row, separators=(",", ":")).encode() if number else b""
        told = row.get("id") if isinstance(row, dict) else None
        if number is None or len(box) > LONGEST_BOX or (number not in known | kept and len(new) >= room):
            answers.append(HandedOver(told, "broken"))
            continue
        answers.append(HandedOver(told, "known" if number in known else "waits"))
        if number not in known | kept:
            kept.add(number)
            new.append(QuarantinedRow(device=device, client_id=number, box=box, received_at=now))
    QuarantinedRow.objects.bulk_create(new)
    return answers


def _id_of(row: Any) -> UUID | None:
    try:
        return UUID(row["id"]) if isinstance(row, dict) and isinstance(row["id"], str) else None
    except (KeyError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A row as the workplace's people see it: no code, and None for what cannot be read."""

    row: QuarantinedRow
    use: Use | None


def waiting_rows(device: Device, *, most: int = MOST_ROWS) -> list[WaitingRow]:
    rows = QuarantinedRow.objects.filter(device=device, settled_at__isnull=True).order_by("pk")[:most]
    return [WaitingRow(row, _use_of(row)) for row in rows]


def _use_of(row: QuarantinedRow) -> Use | None:
    """It is told as what it is: something that a till says has happened."""
    use = read_row(json.loads(bytes(row.box)), device=row.device_id)
    return replace(use, source=Source.OFFLINE, happened=True) if use else None


@dataclass(frozen=True, slots=True)
class Taken:
    """How many rows came into the register, and why others did not: they wait on. None: it cannot be read."""

    recorded: int
    flagged: int
    stayed: Counter[Refusal | None]


def _need_own(device: Device, by: Actor) -> None:
    by.need(*RECORDERS)
    if device.workplace_id != by.workplace.pk:
        raise NotAllowed(by.role)


def take_rows(device: Device, ids: Sequence[int] | None, *, by: Actor, now: datetime) -> Taken:
    """Record rows that wait, all of them or those named, as what happened (rule 28). Raises NotAllowed for another
    workplace's. Pressed twice, or cut off in the middle, it records each once: the rows keep their ids."""
    _need_own(device, by)
    chosen = [one for one in waiting_rows(device) if ids is None or one.row.pk in ids]
    readable = [(one.row.pk, one.use) for one in chosen if one.use]
    answers = record_uses([use for _pk, use in readable], by=by, now=now) if readable else []
    stayed: Counter[Refusal | None] = Counter([None] * (len(chosen) - len(readable)))
    done = []
    for (pk, _use), answer in zip(readable, answers, strict=True):
        if answer.record is not None:
            done.append(pk)
        else:
            stayed[answer.refusal] += 1
    _settle(device, done, taken=True, by=by, now=now)
    flagged = sum(answer.record is not None and answer.status == Status.FLAGGED for answer in answers)
    return Taken(len(done), flagged, stayed)


def leave_rows(device: Device, ids: Sequence[int] | None, *, by: Actor, now: datetime) -> int:
    """Say of rows that wait that they are not taken; says how many. Raises NotAllowed for another workplace's."""
    _need_own(device, by)
    chosen = [one.row.pk for one in waiting_rows(device) if ids is None or one.row.pk in ids]
    return _settle(device, chosen, taken=False, by=by, now=now)


def _settle(device: Device, pks: Sequence[int], *, taken: bool, by: Actor, now: datetime) -> int:
    """What has been decided on holds no code any more."""
    rows = QuarantinedRow.objects.filter(device=device, pk__in=pks, settled_at__isnull=True)
    return rows.update(settled_at=now, settled_by=by.user, taken=taken, box=b"")


def forget_handed_over(*, now: datetime) -> int:
    """Rows that a stopped till left are kept as long as they could be recorded; says how many went."""
    return QuarantinedRow.objects.filter(received_at__lt=now - timedelta(days=EVENT_DAYS)).delete()[0]
