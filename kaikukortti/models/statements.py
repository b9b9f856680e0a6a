"""The statements of the hot path, in SQL: what a check or a record reads, for one row or five hundred.

Written by hand because at a till the ORM's building of the same queries costs more than the database's answer
(docs/decisions/0004-statements.md has the measurement). They read, they never write, and hold on SQLite and PostgreSQL.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from kaikukortti.rules.cards import CardLife
from kaikukortti.rules.situation import OfferingFacts, Past, Places
from kaikukortti.terms.kinds import CardFactKind, OfferingKind, RecordKind


class CardRow(NamedTuple):
    """A card with its line, its holder's data (None on a blank or community card) and its life."""

    id: int
    digest: str
    line: int
    taken_on: date | None
    workplace: int
    region: int | None
    community: bool
    later: bool
    minors: int | None
    birth_band: int | None
    municipality: str | None
    life: CardLife


class OfferingRow(NamedTuple):
    facts: OfferingFacts
    places: Places


class ReplayRow(NamedTuple):
    """A record stored before under an id that is asked again: its first answer and what recognises its content."""

    id: int
    client_id: UUID
    status: str
    refusal: str
    community: bool
    content: str
    covered_cents: int | None
    remainder_cents: int | None


def _among(column: str, values: Iterable[Any]) -> tuple[str, list[Any]]:
    """The condition that a column is one of the values, and its parameters. One value is the everyday case and planned
    as such; more are one array on PostgreSQL, so that the statement has the same text for two rows and five hundred.
    SQLite takes a mark for each and keeps uuids as 32 hexadecimal digits."""
    several = list(values)
    if connection.vendor == "postgresql":
        return (f"{column} = %s", several) if len(several) == 1 else (f"{column} = ANY(%s)", [several])
    stored = [value.hex if isinstance(value, UUID) else value for value in several]
    return f"{column} IN ({','.join(['%s'] * len(stored))})", stored


def _uuid(value: str | UUID) -> UUID:
    return UUID(value) if isinstance(value, str) else value


def instant(value: datetime | None) -> datetime | None:
    """SQLite's instants come without their zone, which is UTC."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


_LOCK_LINES = """
SELECT line.id FROM kaikukortti_personline line JOIN kaikukortti_card card ON card.line_id = line.id
WHERE {these} ORDER BY line.id FOR UPDATE OF line
"""


def lock_lines(digests: Collection[str]) -> set[int] | None:
    """Lock the cards' person lines in the order of ids; says which are held. On SQLite the transaction itself is the
    lock on everything: None."""
    if connection.vendor != "postgresql":
        return None
    these, values = _among("card.digest", digests)
    return {row[0] for row in _rows(_LOCK_LINES.format(these=these), values)} if digests else set()


_CARDS = """
SELECT card.id, card.digest, card.line_id, line.taken_on, card.workplace_id, card.region_id, card.community, card.later,
    holder.minors, holder.birth_band, holder.municipality_id,
    fact.id, fact.kind, fact.at, fact.since, fact.until
FROM kaikukortti_card card
JOIN kaikukortti_personline line ON line.id = card.line_id
JOIN kaikukortti_cardfact fact ON fact.card_id = card.id
LEFT JOIN kaikukortti_holderdata holder ON holder.card_id = card.id
WHERE {these}
"""


def read_cards(digests: Collection[str]) -> dict[str, CardRow]:
    """Cards by digest, with the dated facts their state is computed from. A card always has its *made* fact."""
    if not digests:
        return {}
    found: dict[str, tuple[tuple[Any, ...], list[tuple[Any, ...]]]] = {}
    these, values = _among("card.digest", digests)
    for row in _rows(_CARDS.format(these=these), values):
        found.setdefault(row[1], (row[:11], []))[1].append(row[11:])
    return {digest: CardRow._make((*card, _life(facts))) for digest, (card, facts) in found.items()}


def _life(facts: Sequence[tuple[Any, ...]]) -> CardLife:
    """The facts in the order they were entered."""
    return CardLife.of((CardFactKind(kind), instant(at), since, until) for _, kind, at, since, until in sorted(facts))


_OFFERINGS = """
SELECT id, venue_id, kind, sector, first_day, last_day, starts_at, weekdays, municipality_id, price_cents, published_at,
    cancelled_at, community_welcome, sold_by_agents, cap, children_cap, taken, children_taken, held, children_held
FROM kaikukortti_offering WHERE {these} ORDER BY id
"""


def read_offerings(ids: Collection[UUID], *, lock: bool) -> dict[UUID, OfferingRow]:
    """Offerings by id, locked in the order of ids when the caller means to write."""
    if not ids:
        return {}
    these, values = _among("id", ids)
    sql = _OFFERINGS.format(these=these) + ("FOR UPDATE" if lock and connection.vendor == "postgresql" else "")
    offerings = {}
    for row in _rows(sql, values):
        key = _uuid(row[0])
        facts = OfferingFacts(
            id=str(key),
            venue=row[1],
            kind=OfferingKind(row[2]),
            sector=row[3],
            first_day=row[4],
            last_day=row[5],
            starts_at=instant(row[6]),
            weekdays=row[7],
            municipality=row[8],
            price_cents=row[9],
            published_at=instant(row[10]),
            cancelled_at=instant(row[11]),
            community_welcome=row[12],
            sold_by_agents=row[13],
        )
        offerings[key] = OfferingRow(facts, Places(*row[14:]))
    return offerings


_RECORD = """
SELECT {part}, record.id, client_id, status, refusal, community, content, covered_cents, remainder_cents,
    line_id, kind, offering_id, venue_id, place_region_id, day, own_day, until, holder, children, at, entered_at
FROM kaikukortti_record record WHERE
"""
_REPLAYS = _RECORD.format(part=0) + "recorder_id = %s AND {these}"
_NOT_ENDED = """NOT EXISTS (SELECT 1 FROM kaikukortti_recordchange ended
    WHERE ended.record_id = record.id AND ended.kind IN ('reversed', 'voided'))"""
# A likely duplicate lets nobody in until the venue has said that it counts (rule 28).
_NOT_TWICE = """(record.refusal <> 'already-recorded' OR (SELECT settled.counts FROM kaikukortti_recordchange settled
    WHERE settled.record_id = record.id AND settled.kind = 'settled' ORDER BY settled.id DESC LIMIT 1))"""
_PAST = f" UNION ALL {_RECORD.format(part=1)} {{of_lines}} AND ({{when}}) AND {_NOT_ENDED} AND {_NOT_TWICE}"


def read_records(
    *,
    recorder: int,
    ids: Collection[UUID],
    lines: Collection[int],
    days: Collection[date],
    offerings: Collection[UUID],
    window: tuple[date, date] | None,
) -> tuple[dict[UUID, ReplayRow], dict[int, list[Past]]]:
    """Earlier answers to the same ids, and the standing records of person lines that may matter: of the days asked, of
    the offerings asked, seasons that reach them, and of the window that caps on persons count over."""
    these, asked = _among("client_id", ids)
    sql, values = _REPLAYS.format(these=these), [recorder, *asked]
    if lines:
        of_lines, wanted = _among("line_id", lines)
        on_days, these_days = _among("day", days)
        when, wanted = f"{on_days} OR until >= %s", [*wanted, *these_days, min(days)]
        if offerings:
            of_offerings, these_offerings = _among("offering_id", offerings)
            when += f" OR own_day IS NOT NULL AND {of_offerings}"
            wanted += these_offerings
        if window:
            when += " OR day BETWEEN %s AND %s OR own_day BETWEEN %s AND %s"
            wanted += [*window, *window]
        sql += _PAST.format(of_lines=of_lines, when=when)
        values += wanted
    replays: dict[UUID, ReplayRow] = {}
    past: dict[int, list[Past]] = {}
    for part, *row in _rows(sql, values):
        if part == 0:
            replay = ReplayRow(row[0], _uuid(row[1]), *row[2:8])
            replays[replay.client_id] = replay
        else:
            past.setdefault(row[8], []).append(_past(row[9:]))
    return replays, past


def _past(row: Sequence[Any]) -> Past:
    kind, offering, venue, region, day, own_day, until, holder, children, at, entered_at = row
    return Past(
        kind=RecordKind(kind),
        offering=str(_uuid(offering)) if offering else None,
        venue=venue,
        region=region,
        day=day,
        own_day=own_day,
        until=until,
        holder=holder,
        children=children,
        given_at=instant(at or entered_at),  # type: ignore[arg-type]
    )
