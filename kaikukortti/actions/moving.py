"""The wrong event was chosen: its rows move to another offering of the same venue in one act (rules 28–30).

Nothing is edited: each row is reversed as `wrong-event`, and what happened is recorded where it belongs, judged there
by the card that the row names, at the row's own instant. All of it is one transaction, under the locks of every row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import transaction

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.corrections import reverse_use, settle_use
from kaikukortti.actions.known import Use
from kaikukortti.actions.uses import MOST_ROWS, Answer, first_answer, record_uses
from kaikukortti.models import Offering, PersonLine, Record
from kaikukortti.rules.codes import NO_CODE
from kaikukortti.rules.corrections import can_settle, refuse_reversal
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import (
    KINDS_OF_OFFERING,
    STORED,
    ChangeKind,
    OfferingKind,
    RecordKind,
    ReversalReason,
    Source,
)
from kaikukortti.terms.refusals import COUNT_WHEN_SETTLED, Refusal
from kaikukortti.terms.roles import RECORDERS, Role


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one row: the answer it got where it belongs, or why it stays."""

    record: Record
    answer: Answer | None = None
    refusal: Refusal | None = None
    # Its holder disputes the use: the venue says first what it says to that.
    disputed: bool = False


class _SomeStay(Exception):
    """Rows that are not stored where they should go: the rest is moved without them."""

    def __init__(self, stay: Sequence[Moved]) -> None:
        super().__init__()
        self.stay = stay


def moved_id(record: Record, to: Offering | None) -> UUID:
    """The id of a row where it belongs: the same row moved there twice is recorded once (rule 26)."""
    return uuid5(record.reference, str(to.pk) if to else "open")


def move_uses(records: Iterable[Record], *, to: Offering | None, by: Actor, now: datetime) -> list[Moved]:
    """Move rows to an offering, or with None to the venue's own open admission; what became of each, in their order.

    Rows that were reversed otherwise are left out. Raises NotAllowed for another venue's rows or offering.
    """
    by.need(*RECORDERS)
    asked = list(records)
    venue = to.venue_id if to else by.workplace.pk
    for record in asked:
        own = by.workplace.pk == (record.recorder_id if by.role == Role.TICKET_AGENT else record.venue_id)
        if not own or record.venue_id != venue:
            raise NotAllowed(by.role)
    with transaction.atomic():
        rows = _locked(asked, to)
        done = _moved_before(rows, to, by=by)
        movable = []
        for row in rows:
            if row.pk in done:
                continue
            why = _why_it_stays(row, to, by=by, now=now)
            if why is not None:
                done[row.pk] = why
            elif row.stands:
                movable.append(row)
        while movable:
            try:
                with transaction.atomic():
                    done |= {one.record.pk: one for one in _move(movable, to, by=by, now=now)}
                break
            except _SomeStay as some:
                done |= {one.record.pk: one for one in some.stay}
                movable = [row for row in movable if row.pk not in done]
    return [done[row.pk] for row in rows if row.pk in done]


def _locked(records: Sequence[Record], to: Offering | None) -> list[Record]:
    """The rows as they stand, their person lines and offerings locked in the order of ids."""
    lines = {record.line_id for record in records if record.line_id}
    list(PersonLine.objects.select_for_update().filter(pk__in=lines).order_by("pk"))
    offerings = {record.offering_id for record in records if record.offering_id} | ({to.pk} if to else set())
    list(Offering.objects.select_for_update().filter(pk__in=offerings).order_by("pk"))
    rows = Record.objects.with_standing().filter(pk__in=[record.pk for record in records])
    return list(rows.select_related("offering").prefetch_related("changes").order_by("pk"))


def _moved_before(rows: Sequence[Record], to: Offering | None, *, by: Actor) -> dict[int, Moved]:
    """Rows that have moved there already get their first answer."""
    ids = {moved_id(row, to): row for row in rows if not row.stands}
    found = Record.objects.filter(recorder=by.workplace, client_id__in=ids)
    return {ids[new.client_id].pk: Moved(ids[new.client_id], first_answer(new)) for new in found}


def _why_it_stays(row: Record, to: Offering | None, *, by: Actor, now: datetime) -> Moved | None:
    """What keeps a standing row where it is, before anything is written."""
    if not row.stands:
        return None
    if row.offering_id == (to.pk if to else None):
        return Moved(row, refusal=Refusal.ALREADY_RECORDED)
    kinds = [change.kind for change in sorted(row.changes.all(), key=lambda change: change.pk)]
    if ChangeKind.DISPUTED in kinds and ChangeKind.SETTLED not in kinds[kinds.index(ChangeKind.DISPUTED) :]:
        return Moved(row, disputed=True)
    if row.card_id is None and row.refusal not in (Refusal.CARD_CODE_TYPO, Refusal.CARD_UNKNOWN):
        # The card has been erased: recorded anew the row would lose the facts of its day.
        return Moved(row, refusal=Refusal.CARD_UNKNOWN)
    if row.kind not in KINDS_OF_OFFERING[OfferingKind(to.kind) if to else OfferingKind.OPEN]:
        return Moved(row, refusal=Refusal.KIND_NOT_HERE)
    refusal = refuse_reversal(
        ReversalReason.WRONG_EVENT,
        entered_at=row.entered_at,
        now=now,
        coordinating=False,
        year_closed=row.day.year in by.network.closed_years,
    )
    return Moved(row, refusal=refusal) if refusal else None


def _move(rows: Sequence[Record], to: Offering | None, *, by: Actor, now: datetime) -> list[Moved]:
    """Reverse, record, and say again what had been settled. Raises _SomeStay when a row is not stored there."""
    for row in rows:
        reverse_use(row, by=by, now=now, reason=ReversalReason.WRONG_EVENT)
    uses = [_use(row, to, today=helsinki_day(now)) for row in rows]
    answers: list[Answer] = []
    for first in range(0, len(uses), MOST_ROWS):
        answers += record_uses(uses[first : first + MOST_ROWS], by=by, now=now)
    moved = [Moved(row, answer) for row, answer in zip(rows, answers, strict=True)]
    stay = [Moved(one.record, refusal=_refusal(one)) for one in moved if _status(one) not in STORED]
    if stay:
        raise _SomeStay(stay)
    new = Record.objects.in_bulk([answer.record for answer in answers if answer.record is not None])
    for one in moved:
        _settle_again(one.record, new[one.answer.record or 0] if one.answer else None, by=by, now=now)
    return moved


def _status(one: Moved) -> str:
    return one.answer.status if one.answer else ""


def _refusal(one: Moved) -> Refusal:
    return (one.answer.refusal if one.answer else None) or Refusal.ALREADY_RECORDED


def _use(row: Record, to: Offering | None, *, today: date) -> Use:
    """The row as it is recorded where it belongs. A ticket that was given in advance for a coming event is asked as it
    was then: everything; what has happened is never dropped (rule 28)."""
    day = to.first_day if to and to.kind == OfferingKind.EVENT else row.day
    return Use(
        id=moved_id(row, to),
        code=NO_CODE if row.card_id is None else "",
        card=row.card_id,
        day=day,
        offering=to.pk if to else None,
        kind=RecordKind(row.kind),
        # An online row was judged when it was entered: that is its instant.
        at=row.at or (None if row.happened else row.entered_at),
        source=Source(row.source),
        holder=row.holder,
        children=row.children,
        assistants=row.assistants,
        clients=row.clients,
        workers=row.workers,
        until=row.until,
        happened=day <= today,
    )


def _settle_again(row: Record, new: Record | None, *, by: Actor, now: datetime) -> None:
    """What the venue said of an unreadable code or a likely duplicate holds where the row has gone."""
    said = [change.counts for change in row.changes.all() if change.kind == ChangeKind.SETTLED]
    if new is not None and said and row.refusal in COUNT_WHEN_SETTLED and can_settle(new.refusal):
        settle_use(new, counts=bool(said[-1]), by=by, now=now)
