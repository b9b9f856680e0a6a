"""Fallback sheets, and recording what stands on paper or in somebody's own list (rules 25–29).

Each row's id is made of its list and its place there, so a row that comes twice is recorded once (rule 26). A list of
somebody's own is recognised by all it holds, under the key that recognises contents.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import IntegrityError, transaction

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.codes import content_digest
from kaikukortti.actions.known import Use
from kaikukortti.actions.uses import MOST_ROWS, Answer, record_uses
from kaikukortti.models import Hold, Offering, Record, Sheet
from kaikukortti.rules.codes import ALPHABET
from kaikukortti.rules.paper import (
    MOST_ROWS_OF_SHEET,
    SHEET_CHARACTERS,
    PaperRow,
    RowProblem,
    instant_of,
    packed,
    read_sheet_number,
    sheet_number,
)
from kaikukortti.rules.series import read_listed
from kaikukortti.terms.kinds import OfferingKind, Source, usual_kind
from kaikukortti.terms.roles import RECORDERS, Role


@dataclass(frozen=True, slots=True)
class Told:
    """What a row was told: the answer of the register, or what to mend before it is asked. `before`: it had been
    recorded already."""

    row: PaperRow
    answer: Answer | None = None
    problem: RowProblem | None = None
    before: bool = False


# --- sheets -------------------------------------------------------------------------------------------------------


def make_sheet(offering: Offering | None, *, day: date, rows: int, by: Actor, now: datetime) -> Sheet:
    """A numbered sheet for one day of an offering, or of the venue's open admission. Raises NotAllowed for an offering
    that the workplace does not record."""
    by.need(*RECORDERS)
    if offering is None and by.role == Role.TICKET_AGENT:
        raise NotAllowed(by.role)
    if offering is not None and not Offering.objects.recordable_by(by.workplace).filter(pk=offering.pk).exists():
        raise NotAllowed(by.role)
    rows = max(1, min(rows, MOST_ROWS_OF_SHEET))
    for _attempt in range(5):
        number = sheet_number("".join(secrets.choice(ALPHABET) for _ in range(SHEET_CHARACTERS)))
        try:
            with transaction.atomic():
                return Sheet.objects.create(
                    number=number,
                    workplace=by.workplace,
                    offering=offering,
                    day=offering.first_day if offering and offering.kind == OfferingKind.EVENT else day,
                    rows=rows,
                    made_by=by.user,
                    made_at=now,
                )
        except IntegrityError:
            continue  # somebody else's number, once in a billion
    raise RuntimeError("no free number for a sheet")


def find_sheet(text: str, *, by: Actor) -> Sheet | None:
    """The workplace's own sheet by its number as typed or scanned."""
    number = read_sheet_number(text)
    if number is None:
        return None
    sheets = Sheet.objects.select_related("offering", "offering__venue", "workplace")
    return sheets.filter(workplace=by.workplace, number=number).first()


def sheet_ids(sheet: Sheet) -> dict[int, UUID]:
    """The record's id of each row."""
    return {row: uuid5(sheet.id, str(row)) for row in range(1, sheet.rows + 1)}


def recorded_rows(sheet: Sheet) -> dict[int, Record]:
    """The rows that have been recorded, by their place on the sheet."""
    ids = {id: row for row, id in sheet_ids(sheet).items()}
    records = Record.objects.filter(recorder=sheet.workplace_id, client_id__in=ids).prefetch_related("changes")
    return {ids[record.client_id]: record for record in records}


# --- lists --------------------------------------------------------------------------------------------------------


def list_ids(rows: Sequence[PaperRow], *, offering: Offering | None, day: date) -> dict[int, UUID]:
    """The ids of a list's rows: of all that was read of it, and of each row's place. The same list once more is the
    same; the digest is keyed, and no row can be told from it (rule 13)."""
    mark = content_digest(f"list|{offering.pk if offering else 'open'}|{day}|{packed(rows)}")
    return {row.number: uuid5(NAMESPACE_OID, f"{mark}|{place}") for place, row in enumerate(rows)}


# --- recording ----------------------------------------------------------------------------------------------------


def record_rows(
    rows: Sequence[PaperRow],
    ids: Mapping[int, UUID],
    *,
    offering: Offering | None,
    day: date,
    source: Source,
    by: Actor,
    now: datetime,
) -> list[Told]:
    """Record rows that happened, each judged at its own instant; rows with something to mend are not asked. Raises
    NotAllowed."""
    by.need(*RECORDERS)
    told = {row.number: Told(row, problem=row.problem) for row in rows}
    holds = _holds(rows, offering=offering, day=day, by=by)
    uses: dict[int, Use] = {}
    for row in rows:
        if row.problem is None:
            number = _hold_number(row, by)
            use = _use(row, ids[row.number], offering=offering, day=day, source=source, now=now)
            if isinstance(use, Use) and number is not None:
                use = _by_number(use, holds.get((use.day if _daily(offering) else day, number)))
            if isinstance(use, RowProblem):
                told[row.number] = Told(row, problem=use)
            else:
                uses[row.number] = use
    stored = Record.objects.filter(recorder=by.workplace, client_id__in=[use.id for use in uses.values()])
    before = set(stored.values_list("client_id", flat=True))
    numbers = list(uses)
    for first in range(0, len(numbers), MOST_ROWS):
        part = numbers[first : first + MOST_ROWS]
        answers = record_uses([uses[number] for number in part], by=by, now=now)
        for number, answer in zip(part, answers, strict=True):
            told[number] = replace(told[number], answer=answer, before=uses[number].id in before)
    return [told[row.number] for row in rows]


def _holds(
    rows: Sequence[PaperRow], *, offering: Offering | None, day: date, by: Actor
) -> dict[tuple[date, int], Hold]:
    """The holds that K-numbers stand for, also those that have run out or been fetched: a number tells whose card it
    was."""
    numbers = {number for row in rows if (number := _hold_number(row, by)) is not None}
    if not numbers or offering is None:
        return {}
    days = {row.day or day for row in rows} | {offering.first_day}
    found = Hold.objects.filter(offering=offering, number__in=numbers, day__in=days)
    return {(hold.day if _daily(offering) else day, hold.number): hold for hold in found}


def _hold_number(row: PaperRow, by: Actor) -> int | None:
    """The K-number of a row; a code of an older series may look like one."""
    return row.hold if read_listed(row.code, by.network.series) is None else None


def _daily(offering: Offering | None) -> bool:
    return offering is not None and offering.kind == OfferingKind.OPEN


def _by_number(use: Use, hold: Hold | None) -> Use | RowProblem:
    """The use of the card that places are kept for; one that has ended still tells whose it was."""
    if hold is None:
        return RowProblem.NUMBER_UNKNOWN
    if hold.card_id is None:
        return RowProblem.NUMBER_OF_GROUP
    return replace(use, card=hold.card_id, hold=hold.pk if hold.ended_at is None else None)


def _use(
    row: PaperRow, id: UUID, *, offering: Offering | None, day: date, source: Source, now: datetime
) -> Use | RowProblem:
    """The row as a use, or what to mend."""
    event = offering is not None and offering.kind == OfferingKind.EVENT
    of_day = day if event else row.day or day
    try:
        at = instant_of(row, of_day, starts_at=offering.starts_at if offering and event else None, now=now)
    except ValueError:
        return RowProblem.LATER
    # Where nothing tells whose row it is, its own count stands as it was written; one row is one card.
    holder = int(not (row.clients or row.workers)) if row.unread and row.holder is None else row.holder
    return Use(
        id=id,
        code=row.kept_code,
        day=of_day,
        offering=offering.pk if offering else None,
        kind=usual_kind(OfferingKind(offering.kind) if offering else OfferingKind.OPEN),
        at=at,
        source=source,
        holder=holder,
        children=row.children,
        assistants=row.assistants,
        clients=row.clients,
        workers=row.workers,
        happened=True,
    )
