"""Tills of a workplace's own: made known by a one-time code, opened with a PIN, taken out of use at once.

A till acts for its workplace without a person: the ledger names the device. Its token moves on with every sync, so that
a copy of its store is noticed; what it may do besides is the rules' to say (rules/devices.py, rules/situation.py).
"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.codes import random_code
from kaikukortti.actions.device_keys import (
    enrolment_digest,
    make_token,
    proof_digest,
    read_token,
    share_of,
)
from kaikukortti.actions.trail import note
from kaikukortti.models import Device, Offering
from kaikukortti.models.device_callers import read_device
from kaikukortti.rules.devices import CODE_LASTS, MOST_GATES, MOST_LABEL, MOST_WRONG, Turn, gate_ends, stop_of, turn_of
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.devices import DeviceKind, DeviceStop
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.terms.trail import Act


class CodeGone(Exception):
    """The one-time code is unknown, used, run out or taken back: all look the same."""


class NotKnown(Exception):
    """No device of ours, or no token that it may use now: nothing has changed."""


class Stopped(Exception):
    """The device is no till any more."""

    def __init__(self, stop: DeviceStop) -> None:
        super().__init__(stop)
        self.stop = stop


class WrongProof(Exception):
    """Not the PIN; so many tries are left before the device stops."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


# --- making a device known --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Made:
    """A device that waits for its browser, and what makes a browser it: in clear this once."""

    device: Device
    secret: str


@transaction.atomic
def make_code(label: str, *, by: Actor, now: datetime) -> Made:
    """A one-time code for a till of the actor's workplace. Raises NotAllowed for a role that does not record."""
    by.need(*RECORDERS)
    secret = random_code()
    device = Device.objects.create(
        workplace=by.workplace,
        kind=DeviceKind.TILL,
        label=label,
        made_by=by.user,
        made_at=now,
        code_digest=enrolment_digest(secret),
        code_expires_at=now + CODE_LASTS,
    )
    note(Act.TILL_CODE_MADE, by=by, now=now, subject=device.pk)
    return Made(device, secret)


@transaction.atomic
def make_gates(
    offering: Offering, *, day: date, label: str, number: int, by: Actor, now: datetime
) -> list[Made] | Refusal:
    """So many gate passes for one day of an offering, to be printed. Each makes one phone the till of that offering
    until it ends. Raises NotAllowed for a role that does not record, or another workplace's offering."""
    by.need(*RECORDERS)
    if not 1 <= number <= MOST_GATES:
        raise ValueError(number)
    if not Offering.objects.recordable_by(by.workplace).filter(pk=offering.pk).exists():
        raise NotAllowed(by.role)
    if offering.cancelled_at is not None:
        return Refusal.OFFERING_CANCELLED
    ends = gate_ends(offering.facts, day)
    if not offering.facts.offered_on(day) or ends <= now:
        return Refusal.DAY_NOT_OFFERED
    made = []
    for count in range(1, number + 1):
        ending = f" {count}" if number > 1 else ""
        secret = secrets.token_urlsafe(24)
        device = Device(
            workplace=by.workplace,
            kind=DeviceKind.GATE,
            label=label[: MOST_LABEL - len(ending)] + ending,
            offering=offering,
            made_by=by.user,
            made_at=now,
            code_digest=enrolment_digest(secret),
            code_expires_at=ends,
            expires_at=ends,
        )
        made.append(Made(device, secret))
    Device.objects.bulk_create([one.device for one in made])
    for one in made:
        note(Act.GATE_MADE, by=by, now=now, subject=one.device.pk)
    return made


@dataclass(frozen=True, slots=True)
class Enrolled:
    device: Device
    token: str
    share: bytes


@transaction.atomic
def enrol(code: str, *, proof: bytes, passkey_proof: bytes | None = None, now: datetime) -> Enrolled:
    """Make the browser that shows the code this device. Raises CodeGone.

    Until the device's first contact the same code with the same PIN answers again: the first answer may have been lost.
    """
    waiting = Device.objects.select_for_update(of=("self",)).select_related("workplace", "offering")
    device = waiting.filter(
        code_digest=enrolment_digest(code), code_expires_at__gt=now, stopped_at__isnull=True
    ).first()
    if device is None or (device.workplace.until is not None and device.workplace.until < helsinki_day(now)):
        raise CodeGone
    digest = proof_digest(device.pk, proof)
    if device.enrolled_at is not None and not hmac.compare_digest(digest, device.proof_digest):
        raise CodeGone
    device.enrolled_at = device.last_seen_at = now
    device.proof_digest = digest
    device.passkey_digest = proof_digest(device.pk, passkey_proof) if passkey_proof else ""
    device.save(update_fields=["enrolled_at", "last_seen_at", "proof_digest", "passkey_digest"])
    return Enrolled(device, make_token(device.pk, device.token_number + 1), share_of(device.pk))


# --- opening it -------------------------------------------------------------------------------------------------


def unlock(key: UUID, proof: bytes, *, now: datetime) -> bytes:
    """The register's share, for whoever knows the PIN. Raises NotKnown, Stopped, WrongProof.

    Ten wrong ones in a row stop the device; tries are counted one after the other, however many come at once.
    """
    with transaction.atomic():
        device = read_device(key, lock=True)
        if device is None:
            raise NotKnown
        stop = stop_now(device, now=now, sending=True)
        right = stop is None and knows(device, proof)
        if right:
            Device.objects.filter(pk=key, wrong_proofs__gt=0).update(wrong_proofs=0)
        elif stop is None:
            left = _count_wrong(device, now=now)
            stop = None if left else DeviceStop.PIN
    if stop is not None:
        raise Stopped(stop)
    if not right:
        raise WrongProof(left)
    return share_of(key)


def knows(device: Device, proof: bytes) -> bool:
    """Whether the proof is the PIN's or the passkey's; told in the same time whichever it is not."""
    digest = proof_digest(device.pk, proof)
    pin = hmac.compare_digest(digest, device.proof_digest)
    passkey = hmac.compare_digest(digest, device.passkey_digest)
    return pin or passkey


def _count_wrong(device: Device, *, now: datetime) -> int:
    """Count a wrong proof under the device's lock; says how many tries are left, and stops the device at none."""
    Device.objects.filter(pk=device.pk).update(wrong_proofs=F("wrong_proofs") + 1)
    wrong = Device.objects.values_list("wrong_proofs", flat=True).get(pk=device.pk)
    if wrong >= MOST_WRONG:
        _stop(device, DeviceStop.PIN, now=now)
    return max(0, MOST_WRONG - wrong)


# --- its token --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contact:
    """A till that has just spoken, and the token it speaks with next. `ended`: a gate pass that only sends now."""

    actor: Actor
    token: str
    ended: bool


@dataclass(frozen=True, slots=True)
class SaysOfItself:
    """What a till tells with each sync."""

    waiting: int = 0
    waiting_since: datetime | None = None
    storage_kept: bool | None = None


def move_on(token: str, news: SaysOfItself, *, now: datetime) -> Contact:
    """Take a token and give the next. Raises NotKnown for one that is not ours (nothing changes), Stopped.

    A token that was moved on from shows that the device's store was copied: then both stop, for nobody can tell which
    is which.
    """
    read = read_token(token)
    if read is None:
        raise NotKnown
    key, presented = read
    with transaction.atomic():
        device = read_device(key, lock=True)
        if device is None:
            raise NotKnown
        stop = stop_now(device, now=now, sending=True)
        if stop is None:
            turn = turn_of(presented, last=device.token_number, last_digest=device.token_digest)
            if turn == Turn.COPIED:
                stop = DeviceStop.COPIED
                _stop(device, stop, now=now)
            else:
                moved: Mapping[str, Any] = (
                    {"token_number": presented.number, "token_digest": presented.digest, "code_digest": None}
                    if turn == Turn.NEXT
                    else {}
                )
                Device.objects.filter(pk=key).update(
                    last_seen_at=now,
                    waiting=news.waiting,
                    waiting_since=news.waiting_since,
                    storage_kept=news.storage_kept,
                    **moved,
                )
    if stop is not None:
        raise Stopped(stop)
    ended = stop_now(device, now=now) is not None
    return Contact(_actor(device), make_token(key, presented.number + 1), ended)


def speaks(token: str, *, now: datetime) -> Actor:
    """The till that shows its newest token, which stays as it is. Raises NotKnown, Stopped. One statement.

    A token that was moved on from opens nothing here, and only a sync decides what it means: a check may have been on
    its way for long.
    """
    read = read_token(token)
    device = read_device(read[0]) if read else None
    if read is None or device is None:
        raise NotKnown
    stop = stop_now(device, now=now)
    if stop is not None:
        raise Stopped(stop)
    if turn_of(read[1], last=device.token_number, last_digest=device.token_digest) == Turn.COPIED:
        raise NotKnown
    return _actor(device)


def _actor(device: Device) -> Actor:
    return Actor(workplace=device.workplace, device=device, network_version=device.network_version)


# --- its end ----------------------------------------------------------------------------------------------------


def stop_now(device: Device, *, now: datetime, sending: bool = False) -> DeviceStop | None:
    """Why it is no till now, or None."""
    return stop_of(
        device.stop,
        expires_at=device.expires_at,
        workplace_until=device.workplace.until,
        now=now,
        today=helsinki_day(now),
        sending=sending,
    )


def _stop(device: Device, why: DeviceStop, *, now: datetime, by: Actor | None = None) -> None:
    stopped = Device.objects.filter(pk=device.pk, stopped_at__isnull=True)
    if stopped.update(stopped_at=now, stop=why, stopped_by=by.user if by else None, code_digest=None):
        workplace = None if by else device.workplace
        note(Act.TILL_STOPPED, by=by, now=now, subject=device.pk, workplace=workplace)


@transaction.atomic
def revoke(device: Device, *, by: Actor, now: datetime) -> None:
    """Out of use: at once online, else at the next contact; a second time changes nothing. Raises NotAllowed for
    another workplace's."""
    by.need(*RECORDERS)
    if device.workplace_id != by.workplace.pk:
        raise NotAllowed(by.role)
    _stop(device, DeviceStop.REVOKED, now=now, by=by)


def end_gates(*, now: datetime) -> int:
    """Gate passes whose time for sending is over are stopped; says how many. Nothing depends on it but the list."""
    over: Sequence[Device] = list(
        Device.objects.standing().filter(kind=DeviceKind.GATE, expires_at__lt=now).select_related("workplace")
    )
    ended = [one.pk for one in over if stop_now(one, now=now, sending=True) == DeviceStop.ENDED]
    rows = Device.objects.standing().filter(pk__in=ended)
    return rows.update(stopped_at=now, stop=DeviceStop.ENDED, code_digest=None)
