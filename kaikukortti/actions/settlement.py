"""What a seller and a venue settle by: the one-time codes of an offering, what became of each, and what does not match.

Read from the holds and the ledger each time it is asked; no card stands in it, nor anything made of one.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from kaikukortti.models import Hold, Offering, Record, RecordChange, Workplace
from kaikukortti.rules.one_time_codes import RETURNED, CodeState, code_state
from kaikukortti.terms.kinds import ChangeKind
from kaikukortti.terms.roles import Role


class Mismatch(StrEnum):
    """What somebody should look at."""

    REVERSED = "redeemed-and-reversed"
    WITHOUT_CODE = "use-without-a-code"
    OTHER_SELLER = "redeemed-by-another"


@dataclass(frozen=True, slots=True)
class Line:
    """A one-time code, or a use that came without one (`code` None, `state` empty)."""

    seller: Workplace
    code: UUID | None
    issued_at: datetime | None
    state: str
    ended_at: datetime | None
    places: int
    children: int
    # The id that the seller made for the record.
    use: UUID | None
    mismatch: Mismatch | None


@dataclass(frozen=True, slots=True)
class Totals:
    """One seller in numbers. `returned` are the codes whose places came back, by how; places are what was redeemed and
    stands."""

    seller: Workplace
    issued: int = 0
    waiting: int = 0
    redeemed: int = 0
    returned: dict[str, int] = field(default_factory=dict)
    places: int = 0
    children: int = 0
    mismatches: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settlement:
    offering: Offering
    as_of: datetime
    sellers: list[Totals]
    lines: list[Line]


def offerings_to_settle(workplace: Workplace) -> QuerySet[Offering]:
    """A venue's offerings with one-time codes; those where a seller had codes made or recorded."""
    codes = Hold.objects.filter(offering=OuterRef("pk"), code_digest__isnull=False)
    if workplace.role == Role.VENUE:
        return Offering.objects.filter(Exists(codes), venue=workplace)
    own = Record.objects.filter(offering=OuterRef("pk"), recorder=workplace)
    return Offering.objects.filter(Exists(codes.filter(workplace=workplace)) | Exists(own))


def find_to_settle(id: UUID, *, workplace: Workplace) -> Offering | None:
    """An offering that the workplace may record for or has sold; another's is as good as none."""
    for rows in (Offering.objects.recordable_by(workplace), offerings_to_settle(workplace)):
        found = rows.select_related("venue").filter(pk=id).first()
        if found is not None:
            return found
    return None


def settlement_of(offering: Offering, *, workplace: Workplace, now: datetime) -> Settlement:
    """The offering's settlement: of every seller for its venue, else of the seller itself."""
    own = None if workplace.pk == offering.venue_id else workplace
    lines = [*_codes(offering, own, now), *_without_code(offering, own)]
    sellers = {line.seller.pk: line.seller for line in lines}
    if own is not None:
        sellers.setdefault(own.pk, own)
    totals = [_totals(seller, [line for line in lines if line.seller.pk == seller.pk]) for seller in sellers.values()]
    return Settlement(offering, now, sorted(totals, key=lambda one: one.seller.name_fi), lines)


def _ended() -> Exists:
    kinds = [ChangeKind.REVERSED, ChangeKind.VOIDED]
    return Exists(RecordChange.objects.filter(record=OuterRef("pk"), kind__in=kinds))


def _codes(offering: Offering, own: Workplace | None, now: datetime) -> Iterable[Line]:
    """Each code, on the line of the seller that redeemed it, else of whoever had it made."""
    holds = Hold.objects.filter(offering=offering, code_digest__isnull=False)
    if own is not None:
        holds = holds.filter(Q(workplace=own, record=None) | Q(record__recorder=own))
    reversed_records = set(
        Record.objects.filter(_ended(), offering=offering, holds__code_digest__isnull=False).values_list(
            "pk", flat=True
        )
    )
    for hold in holds.select_related("workplace", "record__recorder").order_by("made_at", "number"):
        seller = hold.record.recorder if hold.record else hold.workplace
        if seller is None:
            continue
        state = code_state(hold.end, expires_at=hold.expires_at, now=now)
        mismatch = None
        if hold.record_id in reversed_records:
            mismatch = Mismatch.REVERSED
        elif hold.record is not None and hold.workplace_id not in (seller.pk, offering.venue_id):
            mismatch = Mismatch.OTHER_SELLER
        yield Line(
            seller=seller,
            code=hold.pk,
            issued_at=hold.made_at,
            state=state.value,
            ended_at=hold.ended_at or (hold.expires_at if state == CodeState.EXPIRED else None),
            places=hold.places,
            children=hold.children,
            use=hold.record.client_id if hold.record else None,
            mismatch=mismatch,
        )


def _without_code(offering: Offering, own: Workplace | None) -> Iterable[Line]:
    """Sellers' standing uses that came without a code; a venue's own till needs none."""
    with_code = Exists(Hold.objects.filter(record=OuterRef("pk"), code_digest__isnull=False))
    records = Record.objects.counting().filter(~with_code, offering=offering, recorder__role=Role.TICKET_AGENT)
    if own is not None:
        records = records.filter(recorder=own)
    for record in records.select_related("recorder").order_by("entered_at", "pk"):
        yield Line(
            seller=record.recorder,
            code=None,
            issued_at=None,
            state="",
            ended_at=record.entered_at,
            places=record.holder + record.children + record.clients + record.workers,
            children=record.children + record.clients,
            use=record.client_id,
            mismatch=Mismatch.WITHOUT_CODE,
        )


def _totals(seller: Workplace, lines: list[Line]) -> Totals:
    codes = [line for line in lines if line.code is not None]
    states = Counter(line.state for line in codes)
    standing = [line for line in codes if line.state == CodeState.REDEEMED and line.mismatch != Mismatch.REVERSED]
    return Totals(
        seller=seller,
        issued=len(codes),
        waiting=states[CodeState.WAITING],
        redeemed=states[CodeState.REDEEMED],
        returned={state.value: states[state] for state in RETURNED},
        places=sum(line.places for line in standing),
        children=sum(line.children for line in standing),
        mismatches={one.value: sum(line.mismatch == one for line in lines) for one in Mismatch},
    )


# --- as a file ----------------------------------------------------------------------------------------------------


def in_utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


def as_row(line: Line) -> dict[str, Any]:
    """The line under the file's columns."""
    return {
        "seller": line.seller.name_fi,
        "one_time_code": str(line.code) if line.code else None,
        "issued_at": in_utc(line.issued_at),
        "state": line.state or None,
        "ended_at": in_utc(line.ended_at),
        "places": line.places,
        "children": line.children,
        "use": str(line.use) if line.use else None,
        "mismatch": line.mismatch,
    }


COLUMNS = ("seller", "one_time_code", "issued_at", "state", "ended_at", "places", "children", "use", "mismatch")


def as_csv(lines: Iterable[Line]) -> str:
    """UTF-8, commas, one header line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_row(line) for line in lines)
    return text.getvalue()
