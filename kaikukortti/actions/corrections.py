"""Corrections: nothing is deleted, a reversal or a settlement is appended to the record (rules 28, 30, 31)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.holds import give_to_the_next
from kaikukortti.actions.places import give_back
from kaikukortti.actions.taken_into_use import look_again
from kaikukortti.models import Offering, PersonLine, Record, RecordChange, SeasonDay
from kaikukortti.rules.corrections import can_settle, counts_at_once, refuse_reversal
from kaikukortti.terms.kinds import ChangeKind, ReversalReason, Status
from kaikukortti.terms.policies import PENDING_DAYS
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS, Role


@dataclass(frozen=True, slots=True)
class Reversal:
    """The answer to a reversal; the second time is the first answer."""

    refusal: Refusal | None
    at: datetime | None = None
    reason: str = ""


def lock_record(pk: int) -> Record:
    """The record, read after its person line and offering are locked, in that order."""
    record = Record.objects.get(pk=pk)
    if record.line_id and PersonLine.objects.select_for_update().filter(pk=record.line_id).first() is None:
        return lock_record(pk)  # the line has joined another since the record was read, or the link has been cut
    if record.offering_id:
        Offering.objects.select_for_update().filter(pk=record.offering_id).first()
    return Record.objects.select_related("line", "offering").get(pk=pk)


def _may_correct(record: Record, by: Actor) -> bool:
    """By the recording workplace and the venue; a coordinator for its own region, the national service everywhere."""
    if by.role in RECORDERS:
        return by.workplace.pk in (record.recorder_id, record.venue_id)
    if by.role == Role.COORDINATOR:
        return record.place_region_id in by.facts.regions
    return by.role == Role.NATIONAL


@transaction.atomic
def reverse_use(record: Record, *, by: Actor, now: datetime, reason: str = "") -> Reversal:
    """Append a reversal. Raises UnknownReason, and NotAllowed for another workplace's record.

    The reason is looked at first, also on a record that has been reversed; children added later stand until reversed.
    """
    if not _may_correct(record, by):
        raise NotAllowed(by.role)
    record = lock_record(record.pk)
    refusal = refuse_reversal(
        reason,
        entered_at=record.entered_at,
        now=now,
        coordinating=by.role not in RECORDERS,
        year_closed=record.day.year in by.network.closed_years,
    )
    reversed_before = record.changes.filter(kind=ChangeKind.REVERSED).first()
    if reversed_before and refusal != Refusal.REASON_NEEDED:
        return Reversal(None, reversed_before.at, reversed_before.reason)
    if refusal:
        return Reversal(refusal)
    change = _append(record, ChangeKind.REVERSED, by=by, now=now, reason=reason)
    _end(record, now=now)
    give_to_the_next(record, now=now)
    return Reversal(None, change.at, change.reason)


def _append(
    record: Record,
    kind: ChangeKind,
    *,
    now: datetime,
    by: Actor | None = None,
    reason: str = "",
    counts: bool | None = None,
) -> RecordChange:
    return RecordChange.objects.create(
        record=record,
        kind=kind,
        at=now,
        by=by.user if by else None,
        token=by.token if by else None,
        device=by.device if by else None,
        workplace=by.workplace if by else None,
        reason=reason,
        counts=counts,
    )


def _counted(record: Record) -> bool:
    """Whether the record counted before this change: its settlements and registration are asked, its end is not."""
    changes = {change.kind: change for change in record.changes.order_by("pk")}
    settled = changes.get(ChangeKind.SETTLED)
    if settled is not None:
        return bool(settled.counts)
    if record.status == Status.PENDING:
        return ChangeKind.REGISTERED in changes
    return counts_at_once(record.status, record.refusal)


def _end(record: Record, *, now: datetime) -> None:
    """The record holds nothing any more: its own ticket's slot and its places are given back."""
    if _counted(record):
        give_back(record)
    Record.objects.filter(pk=record.pk).update(own_day=None)
    SeasonDay.objects.filter(record=record).delete()
    if record.line:
        look_again(record.line, now=now)


@transaction.atomic
def settle_use(record: Record, *, counts: bool, by: Actor, now: datetime) -> bool:
    """The venue says whether a likely duplicate or an unreadable code counts; it may say otherwise later. Of a use that
    its holder disputes it says that it stands, or reverses it.

    False when the row is not one to settle or has been reversed. Raises NotAllowed for another workplace's record.
    """
    if not _may_correct(record, by):
        raise NotAllowed(by.role)
    record = lock_record(record.pk)
    before = _counted(record)
    disputed = record.changes.filter(kind=ChangeKind.DISPUTED).exists()
    if not can_settle(record.refusal) and not (disputed and before and counts):
        return False
    if record.changes.filter(kind=ChangeKind.REVERSED).exists():
        return False
    _append(record, ChangeKind.SETTLED, by=by, now=now, counts=counts)
    if before != counts:
        give_back(record, sign=1 if counts else -1)
        if not counts:
            give_to_the_next(record, now=now)
    if record.line:
        look_again(record.line, now=now)
    return True


def register_pending(records: Iterable[Record], *, now: datetime, by: Actor) -> None:
    """The card has been registered in time: its waiting rows count from now on (rule 6). The caller holds the locks
    and has given the rows the card's facts."""
    for record in records:
        _append(record, ChangeKind.REGISTERED, by=by, now=now)
        give_back(record, sign=1)
        if record.line:
            look_again(record.line, now=now)


def void_pending(*, now: datetime) -> int:
    """Rows whose card was not registered within seven days are void (rule 6); says how many."""
    late = Record.objects.filter(status=Status.PENDING, entered_at__lt=now - timedelta(days=PENDING_DAYS)).exclude(
        changes__kind__in=[ChangeKind.REGISTERED, ChangeKind.VOIDED, ChangeKind.REVERSED]
    )
    number = 0
    for pk in list(late.values_list("pk", flat=True)):
        with transaction.atomic():
            record = lock_record(pk)
            ended = [ChangeKind.REGISTERED, ChangeKind.VOIDED, ChangeKind.REVERSED]
            if not record.changes.filter(kind__in=ended).exists():
                _append(record, ChangeKind.VOIDED, now=now)
                _end(record, now=now)
                number += 1
    return number


def reverse_cancelled(offering: Offering, *, by: Actor, now: datetime) -> int:
    """Reverse every standing record of a cancelled offering, `event-cancelled`; the caller's transaction."""
    number = 0
    for pk in list(
        Record.objects.standing().filter(offering=offering).order_by("line_id").values_list("pk", flat=True)
    ):
        record = lock_record(pk)
        if not record.changes.filter(kind__in=[ChangeKind.REVERSED, ChangeKind.VOIDED]).exists():
            _append(record, ChangeKind.REVERSED, by=by, now=now, reason=ReversalReason.EVENT_CANCELLED)
            _end(record, now=now)
            number += 1
    return number
