"""The wait list of a full offering: put on by code, called through the phone card, left again (rules 17, 24).

Places that come free are kept at once for the first who fits (holds.serve_waiting): when a record is undone, a hold is
let go, a cap rises, and when the night's tidying, a venue's page or the phone that waits finds a hold run out.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.codes import link_digest
from kaikukortti.actions.holds import OF_CARDS, KeptAnswer, Wish, keep, serve_waiting
from kaikukortti.actions.known import LinesMoved, Use, load_known
from kaikukortti.actions.misses import count_misses
from kaikukortti.actions.places import places_key, places_now
from kaikukortti.models import Card, Hold, Offering, PhoneCard, Record, Waiting
from kaikukortti.rules.series import misses_counted, read_listed
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.holds import HoldEnd, HoldKind, NotKept
from kaikukortti.terms.kinds import ReversalReason
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS


class _Kept(Exception):
    """There were places after all: nothing was meant to be kept."""


@dataclass(frozen=True, slots=True)
class WaitAnswer:
    """On the list, or why not, in the words of keeping places. `ahead` is how many were there before."""

    waiting: Waiting | None = None
    why_not: KeptAnswer | None = None
    ahead: int = 0


def wait_for_places(code: str, wish: Wish, *, by: Actor, now: datetime, offering: UUID, day: date) -> WaitAnswer:
    """Put a card on the wait list, only where no places are left for what it wishes; twice is calm. Raises NotAllowed.

    The card is asked everything a hold is asked. Its news goes to its phone card and nowhere else, so a card on no
    phone is not put on the list.
    """
    by.need(*RECORDERS)
    if by.paused(now):
        return WaitAnswer(why_not=KeptAnswer(refusal=Refusal.TOO_MANY_TRIES))
    read = read_listed(code, by.network.series)
    use = Use(id=UUID(int=0), code=code, day=day, offering=offering)
    for attempt in range(3):
        try:
            with transaction.atomic():
                answer, found = _wait(use, wish, read, by=by, now=now)
            break
        except LinesMoved:
            if attempt == 2:
                raise
    if not found:
        count_misses(misses_counted(read, by.network.series), by=by, now=now)
    return answer


def wait_as_holder(card: Card, wish: Wish, *, offering: Offering, day: date, now: datetime) -> WaitAnswer:
    """The card's holder joins the list alone, from the own pages; the venue stands for it."""
    use = Use(id=UUID(int=0), code="", card=card.pk, day=day, offering=offering.pk)
    with transaction.atomic():
        return _wait(use, wish, use.key({}), by=Actor(workplace=offering.venue), now=now)[0]


def _wait(use: Use, wish: Wish, read: str | None, *, by: Actor, now: datetime) -> tuple[WaitAnswer, bool]:
    known = load_known([use], {use.code: read}, by=by, now=now, lock=True)
    card, facts = known.cards.get(read or ""), known.offering(use)
    if card is not None and facts is not None:
        where = places_key(facts, use.day)
        list_ = Waiting.objects.filter(offering=where[0], day=where[1], ended_at__isnull=True)
        list_.filter(hold__ended_at__isnull=False).update(ended_at=now)
        list_.filter(hold__expires_at__lte=now).update(ended_at=now)
        on_it = list_.filter(card__line=card.line, hold__isnull=True).first()
        if on_it is not None:
            return WaitAnswer(on_it, ahead=_ahead(on_it)), True
    try:
        with transaction.atomic():
            why_not = keep(use, wish, read, known, by=by, now=now, kind=HoldKind.DESK)
            if why_not.hold is not None and not why_not.before:
                raise _Kept
    except _Kept:
        return WaitAnswer(why_not=KeptAnswer(problem=NotKept.NOT_FULL)), True
    full = why_not.refusal == Refusal.OFFERING_FULL or why_not.problem == NotKept.WHEELCHAIR
    if not full or card is None or facts is None:
        return WaitAnswer(why_not=why_not), card is not None
    if not PhoneCard.objects.filter(card=card.id).exists():
        return WaitAnswer(why_not=KeptAnswer(problem=NotKept.NO_PHONE)), True
    row = Waiting.objects.create(
        offering_id=where[0],
        day=where[1],
        card_id=card.id,
        places=wish.places - int(wish.own and card.community),
        children=wish.young,
        wheelchair=wish.wheelchair,
        made_at=now,
    )
    return WaitAnswer(row, ahead=_ahead(row)), True


def _ahead(row: Waiting) -> int:
    here = Waiting.objects.filter(offering=row.offering_id, day=row.day, ended_at__isnull=True, hold__isnull=True)
    return here.filter(made_at__lte=row.made_at, pk__lt=row.pk).count()


def see_to(offering: UUID, day: date, *, now: datetime) -> int:
    """Give places that have come back by themselves to the next on the wait list; says to how many. Nothing is locked
    while there is nobody or nothing to give: a page or a phone may ask at any time."""
    rows = Waiting.objects.filter(offering=offering, day=day, ended_at__isnull=True, hold__isnull=True)
    one = Offering.objects.filter(pk=offering, cancelled_at__isnull=True).first() if rows.exists() else None
    if one is None:
        return 0
    places = places_now([(one.facts, one.places)], [day], now=now).get((offering, day))
    if places is not None and places.left == 0:
        return 0
    with transaction.atomic():
        Offering.objects.select_for_update().get(pk=offering)
        return serve_waiting(offering, day, now=now)


# --- the holder's own ---------------------------------------------------------------------------------------------


def own_holds(card: Card, *, now: datetime) -> list[Hold]:
    """Places kept now for the person of a card, soonest first."""
    rows = Hold.objects.standing(now).filter(card__line=card.line_id)
    return list(rows.select_related("offering__venue").order_by("day", "expires_at"))


def own_waits(card: Card, *, now: datetime) -> list[Waiting]:
    """The wait lists that the person of a card is on."""
    rows = Waiting.objects.filter(card__line=card.line_id, ended_at__isnull=True, hold__isnull=True)
    rows = rows.filter(day__gte=helsinki_day(now), offering__cancelled_at__isnull=True)
    return list(rows.select_related("offering__venue").order_by("day", "made_at"))


def leave_list(row: Waiting, *, now: datetime) -> bool:
    """The holder waits no more; twice is calm."""
    return bool(Waiting.objects.filter(pk=row.pk, ended_at__isnull=True, hold__isnull=True).update(ended_at=now))


def cancelled_for(card: Card, *, now: datetime, since: datetime | None = None) -> list[Offering]:
    """Cancelled offerings of today and later that the person of a card had places or a ticket for; of `since` on only
    what was made since then."""
    today = helsinki_day(now)
    holds = Hold.objects.filter(card__line=card.line_id, end=HoldEnd.CANCELLED, day__gte=today)
    records = Record.objects.filter(line=card.line_id, day__gte=today, changes__reason=ReversalReason.EVENT_CANCELLED)
    if since is not None:
        holds, records = holds.filter(made_at__gte=since), records.filter(entered_at__gte=since)
    ids = {*holds.values_list("offering", flat=True), *records.values_list("offering", flat=True)}
    if not ids:
        return []
    rows = Offering.objects.filter(pk__in=ids, cancelled_at__isnull=False).select_related("venue")
    return list(rows.order_by("first_day", "pk"))


# --- the phone card's news ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class News:
    """What the phone that carries a card is told of places: kept, waited for, or cancelled. Only what came about since
    the phone has the card, for whoever gave it must not learn where it goes (P7)."""

    holds: list[Hold] = field(default_factory=list)
    waits: list[Waiting] = field(default_factory=list)
    cancelled: list[Offering] = field(default_factory=list)


def phone_news(key: str, *, now: datetime) -> News:
    """The news for the phone with this key. Asking also lets the wait lists that its card is on move, so that they move
    without any timer. A key of no phone has none."""
    phone = PhoneCard.objects.select_related("card").filter(digest=link_digest(key)).first()
    if phone is None:
        return News()
    for wait in own_waits(phone.card, now=now):
        see_to(wait.offering_id, wait.day, now=now)
    return News(
        [one for one in own_holds(phone.card, now=now) if one.made_at >= phone.made_at and one.kind in OF_CARDS],
        [one for one in own_waits(phone.card, now=now) if one.made_at >= phone.made_at],
        cancelled_for(phone.card, now=now, since=phone.made_at),
    )
