"""Drawing the activation worklists: once a month, for every workplace, frozen until the next drawing."""

import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, FilteredRelation, Q, QuerySet

from kaikukortti import keys
from kaikukortti.models import CardFact, HolderData, WorklistDraw, WorklistRow, Workplace
from kaikukortti.rules.cards import CardLife
from kaikukortti.rules.worklist import (
    ALL_LOTS,
    LEAST,
    UNUSED,
    VALIDITY,
    left_out,
    milestones,
    month_of,
)
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import CardFactKind, Milestone

CARDS = 1000  # looked at in one go: memory stays flat, and each thousand asks the same few statements

Told = Callable[[int, int], None]


class _Candidate(NamedTuple):
    card: int
    line: int
    workplace: int
    serial: str
    taken_on: date | None


def draw_worklists(*, now: datetime, told: Told | None = None) -> int | None:
    """The lists of this month; says how many cards stand on them, or None when the month has been drawn already.

    All or nothing: a drawing that was killed leaves the old lists, and the next try begins anew. `told` hears after
    each thousand how many cards of how many have been looked at (docs/decisions/0019).
    """
    today = helsinki_day(now)
    with transaction.atomic():
        draw, made = WorklistDraw.objects.get_or_create(month=month_of(today), defaults={"drawn_at": now})
        if not made:
            return None
        candidates = _candidates(today)
        total = candidates.count() if told else 0
        done = last = 0
        while chunk := _next(candidates, after=last):
            WorklistRow.objects.bulk_create(_rows(chunk, draw=draw, now=now))
            done, last = done + len(chunk), chunk[-1].card
            if told:
                told(done, total)
        for group in (tuple(UNUSED), VALIDITY):
            _drop_small(draw, group)
        # What left meanwhile, whether used, erased or withdrawn, leaves with the old lists and not before.
        WorklistDraw.objects.exclude(pk=draw.pk).delete()
        return draw.rows.count()


def _candidates(today: date) -> QuerySet[HolderData]:
    """Cards whose holder said yes, in the order of their numbers: read from end to end, since a search for those that
    may be on a list would be made anew for every thousand. The rules decide one by one."""
    open_still = Q(card__workplace__until__isnull=True) | Q(card__workplace__until__gte=today)
    return HolderData.objects.filter(open_still, may_remind=True, card__line__erasure__isnull=True).order_by("pk")


def _next(candidates: QuerySet[HolderData], *, after: int) -> list[_Candidate]:
    columns = ("pk", "card__line", "card__workplace", "card__serial", "card__line__taken_on")
    return [_Candidate(*row) for row in candidates.filter(pk__gt=after).values_list(*columns)[:CARDS]]


def _rows(chunk: Iterable[_Candidate], *, draw: WorklistDraw, now: datetime) -> Iterator[WorklistRow]:
    """The rows of these cards, lots drawn."""
    lives: dict[int, list[tuple[CardFactKind, datetime | None, date | None, date | None]]] = defaultdict(list)
    registered: dict[int, datetime] = {}
    facts = CardFact.objects.filter(card__line__in=[one.line for one in chunk])
    for card, line, kind, at, since, until in facts.values_list(
        "card", "card__line", "kind", "at", "since", "until"
    ).order_by("pk"):
        lives[card].append((CardFactKind(kind), at, since, until))
        if kind == CardFactKind.REGISTERED:
            registered[line] = min(at, registered.get(line, at))
    for one in chunk:
        begun = registered.get(one.line)
        reached = milestones(
            CardLife.of(lives[one.card]),
            registered_on=helsinki_day(begun) if begun else None,
            used=one.taken_on is not None,
            month=draw.month,
            now=now,
        )
        left = left_out(lot_of(one.line))
        for milestone in reached:
            if milestone not in left:
                yield WorklistRow(draw=draw, workplace_id=one.workplace, milestone=milestone, serial=one.serial)


def lot_of(line: int) -> int:
    """The lot of a person line, the same for ever. Keyed: nobody outside can draw it again."""
    digest = hmac.new(keys.key("worklist"), b"line %d" % line, sha256).digest()
    return int.from_bytes(digest[:8], "big") % ALL_LOTS


def _drop_small(draw: WorklistDraw, group: tuple[Milestone, ...]) -> None:
    """A list of fewer than five cards is not even stored."""
    rows = WorklistRow.objects.filter(draw=draw, milestone__in=group)
    few = rows.values("workplace").annotate(cards=Count("serial", distinct=True)).filter(cards__lt=LEAST)
    rows.filter(workplace__in=list(few.values_list("workplace", flat=True))).delete()


# --- reading ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Worklist:
    """A workplace's lists of the month: serial and reason, by serial. An empty one may hide up to four cards."""

    drawn_at: datetime
    unused: list[tuple[str, Milestone]] = field(default_factory=list)
    validity: list[tuple[str, Milestone]] = field(default_factory=list)


def worklist_of(workplace: Workplace) -> Worklist | None:
    """The workplace's own lists, in one statement; None before the first drawing."""
    rows = (
        WorklistDraw.objects.annotate(own=FilteredRelation("rows", condition=Q(rows__workplace=workplace)))
        .order_by("-month", "own__serial", "own__milestone")
        .values_list("drawn_at", "own__serial", "own__milestone")
    )
    found: Worklist | None = None
    for drawn_at, serial, milestone in rows:
        found = found or Worklist(drawn_at)
        if serial is not None:
            (found.validity if milestone in VALIDITY else found.unused).append((serial, Milestone(milestone)))
    return found
