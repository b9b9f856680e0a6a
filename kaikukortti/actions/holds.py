"""Keeping places: holds by code at the desk or by phone, giving them back, the wait list (rules 17, 24).

A hold is asked what a record is asked, save what belongs to the evening itself, and takes its places under the
offering's lock; recording fetches it (actions/uses.py). What has run out keeps nothing: see places.load_kept. A hold
belongs to the person line of its card, so a replaced card's places wait for its successor
(docs/decisions/0027-holds.md).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.kept_numbers import successors
from kaikukortti.actions.known import Known, LinesMoved, Use, ask_of, load_known, situation_of
from kaikukortti.actions.misses import count_misses
from kaikukortti.actions.places import Kept, Key, places_key, places_now
from kaikukortti.models import Hold, Offering, OpenDay, PhoneCard, Record, Waiting
from kaikukortti.models.statements import CardRow
from kaikukortti.rules.holds import (
    LINK_DAYS,
    kept_at_most,
    kept_until,
    refuse_hold,
    refuse_until,
    refuse_wheelchair,
    stands_again,
    waiting_until,
)
from kaikukortti.rules.series import misses_counted, read_listed
from kaikukortti.rules.situation import OfferingFacts, Places
from kaikukortti.rules.uses import judge
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.holds import HoldEnd, HoldKind, NotKept
from kaikukortti.terms.kinds import STORED, OfferingKind, RecordKind, usual_kind
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS

# Kept by the venue or its agent for one card; groups and one-time codes have ends of their own.
OF_CARDS = (HoldKind.DESK, HoldKind.WAITING)


@dataclass(frozen=True, slots=True)
class Wish:
    """Places to keep for one card: its own (unless it has its ticket already), children along, of them wheelchairs."""

    children: int = 0
    wheelchair: int = 0
    own: bool = True
    # A community card's group: clients and workers instead.
    clients: int = 0
    workers: int = 0

    @property
    def places(self) -> int:
        return int(self.own) + self.young + self.workers

    @property
    def young(self) -> int:
        """Those who take children's places."""
        return self.children + self.clients


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A hold, or why not: a refusal of the card, or a reason of the places. `day` and `time` fill the refusal's words;
    `places_left` is told where there are too few; `before` says that it had been kept already."""

    hold: Hold | None = None
    refusal: Refusal | None = None
    day: date | None = None
    time: datetime | None = None
    problem: NotKept | None = None
    places_left: int | None = None
    before: bool = False


def keep_places(
    code: str,
    wish: Wish,
    *,
    by: Actor,
    now: datetime,
    offering: UUID,
    day: date,
    kind: HoldKind = HoldKind.DESK,
    until: datetime | None = None,
    code_digest: str | None = None,
) -> KeptAnswer:
    """Keep places for a card by its code. Raises NotAllowed for a role that does not record.

    Asks the same rules as recording; a card that has a standing hold here gets that one again.
    """
    by.need(*RECORDERS)
    if by.paused(now):
        return KeptAnswer(refusal=Refusal.TOO_MANY_TRIES)
    read = read_listed(code, by.network.series)
    use = Use(id=UUID(int=0), code=code, day=day, offering=offering)
    for attempt in range(3):
        try:
            with transaction.atomic():
                known = load_known([use], {code: read}, by=by, now=now, lock=True)
                answer = keep(use, wish, read, known, by=by, now=now, kind=kind, until=until, code_digest=code_digest)
            break
        except LinesMoved:
            # The card was given to a person meanwhile: the second reading holds the right line.
            if attempt == 2:
                raise
    if read is None or read not in known.cards:
        count_misses(misses_counted(read, by.network.series), by=by, now=now)
    return answer


def keep(
    use: Use,
    wish: Wish,
    key: str | None,
    known: Known,
    *,
    by: Actor,
    now: datetime,
    kind: HoldKind,
    until: datetime | None = None,
    code_digest: str | None = None,
) -> KeptAnswer:
    """The hold itself, on what has been read under the locks; the caller's transaction. `key` is the card's in
    `known`."""
    card, facts = known.cards.get(key or ""), known.offering(use)
    standing = known.hold(use, card) if card else None
    if standing is not None:
        return KeptAnswer(Hold.objects.get(pk=standing.id), before=True)
    if facts is None:
        return KeptAnswer(refusal=Refusal.OFFERING_UNKNOWN)
    if card is not None and card.community:
        wish = replace(wish, own=False)
    refused = _refuse(use, wish, card, facts, key, known, by=by, now=now)
    if refused is not None and refused.refusal == Refusal.ALREADY_RECORDED and wish.children:
        # The ticket was given before: the children's places are kept beside it.
        wish = replace(wish, own=False)
        refused = _refuse(use, wish, card, facts, key, known, by=by, now=now)
    where = places_key(facts, use.day)
    until = min(until or kept_until(facts, now=now, day=use.day), kept_at_most(facts, day=use.day))
    refused = refused or _refuse_places(wish, where, facts, known, until=until, now=now)
    if refused is not None:
        return refused
    hold = Hold.objects.create(
        offering_id=where[0],
        day=where[1],
        number=next_number(*where),
        kind=kind,
        card_id=card.id if card else None,
        places=wish.places,
        children=wish.young,
        wheelchair=wish.wheelchair,
        code_digest=code_digest,
        workplace=by.workplace,
        made_by=by.user,
        made_at=now,
        expires_at=until,
    )
    _remember(hold, card, known)
    if card is not None:
        # Whoever has places waits for none.
        waits = Waiting.objects.filter(offering=where[0], day=where[1], ended_at__isnull=True, hold__isnull=True)
        if kind == HoldKind.WAITING:
            waits.filter(card__line=card.line).update(hold=hold)
        else:
            waits.filter(card__line=card.line).update(ended_at=now)
    count_held(*where, now=now)
    return KeptAnswer(hold)


def _refuse(
    use: Use,
    wish: Wish,
    card: CardRow | None,
    facts: OfferingFacts,
    key: str | None,
    known: Known,
    *,
    by: Actor,
    now: datetime,
) -> KeptAnswer | None:
    """What a record of the day would be refused for; a course or open admission is judged as of today."""
    community = card is not None and card.community
    asked = replace(
        use,
        kind=usual_kind(facts.kind) if facts.kind != OfferingKind.COURSE else RecordKind.COURSE,
        holder=0 if community or not wish.own else 1,
        children=wish.children,
        clients=wish.clients,
        workers=wish.workers,
    )
    ask = ask_of(asked, key, community=community)
    situation = situation_of(ask, asked, card, known, by=by, now=now)
    if situation is None or situation.offering is None:
        return KeptAnswer(refusal=Refusal.OFFERING_UNKNOWN)
    judgement = judge(ask, situation)
    if judgement.status in STORED:
        return None
    left = situation.places.left if judgement.refusal == Refusal.OFFERING_FULL else None
    return KeptAnswer(refusal=judgement.refusal, day=judgement.day, time=judgement.time, places_left=left)


def _refuse_places(
    wish: Wish, where: Key, facts: OfferingFacts, known: Known, *, until: datetime, now: datetime
) -> KeptAnswer | None:
    if wish.places < 1 or wish.wheelchair > wish.places:
        return KeptAnswer(problem=NotKept.NOBODY)
    if problem := refuse_until(until, facts, now=now, day=where[1]):
        return KeptAnswer(problem=problem)
    # Without a cap nothing is counted: the hold is only a number to write down.
    places = known.places.get(where)
    if places is not None and refuse_hold(places, wanted=wish.places, children=wish.young):
        return KeptAnswer(refusal=Refusal.OFFERING_FULL, places_left=places.left)
    if wish.wheelchair:
        cap = Offering.objects.values_list("wheelchair_cap", flat=True).get(pk=where[0])
        if problem := refuse_wheelchair(cap, kept=wheelchairs_kept(*where, now=now), wanted=wish.wheelchair):
            return KeptAnswer(problem=problem)
    return None


def _remember(hold: Hold, card: CardRow | None, known: Known) -> None:
    """Let what follows in the same transaction see the new hold."""
    where = (hold.offering_id, hold.day)
    line = card.line if card else None
    known.kept.append(Kept(hold.pk, where, hold.number, line, False, hold.places, hold.children))
    if where in known.places:
        before = known.places[where]
        known.places[where] = replace(
            before, held=before.held + hold.places, children_held=before.children_held + hold.children
        )


# --- counting -----------------------------------------------------------------------------------------------------


def wheelchairs_kept(offering: UUID, day: date, *, now: datetime) -> int:
    """Wheelchair places of the holds that stand, and of those whose people are in: a record does not tell who sat
    where, the hold it fetched does."""
    here = Hold.objects.filter(offering=offering, day=day, wheelchair__gt=0)
    inside = Q(end=HoldEnd.FETCHED, record__in=Record.objects.standing())
    total = here.filter(Q(ended_at__isnull=True, expires_at__gt=now) | inside).aggregate(n=Sum("wheelchair"))["n"]
    return total or 0


def next_number(offering: UUID, day: date) -> int:
    """The next short number of the offering's day; the caller holds the offering's lock."""
    newest = Hold.objects.filter(offering=offering, day=day).aggregate(n=Max("number"))["n"]
    return (newest or 0) + 1


def count_held(offering: UUID, day: date, *, now: datetime) -> None:
    """Write down what the standing holds keep: a hint that there are any, counted anew whenever places are asked. Of
    open admission the offering's own row says whether anything is kept on any day. The caller holds the offering's
    lock."""
    standing = Hold.objects.standing(now).filter(offering=offering)
    sums = {"held": Coalesce(Sum("places"), 0), "children_held": Coalesce(Sum("children"), 0)}
    total = standing.filter(day=day).aggregate(**sums)
    if not Offering.objects.filter(pk=offering).exclude(kind=OfferingKind.OPEN).update(**total):
        OpenDay.objects.update_or_create(offering_id=offering, day=day, defaults=total)
        Offering.objects.filter(pk=offering).update(**standing.aggregate(**sums))


# --- giving back --------------------------------------------------------------------------------------------------


def _lock(offering: UUID) -> Offering:
    return Offering.objects.select_for_update().get(pk=offering)


@transaction.atomic
def end_hold(hold: Hold, *, end: HoldEnd, now: datetime) -> bool:
    """Give a hold's places back, to the next on the wait list first, unless they go into a new code of the same card;
    False when it has ended already. The caller's right is the caller's to ask."""
    _lock(hold.offering_id)
    if not Hold.objects.filter(pk=hold.pk, ended_at__isnull=True).update(ended_at=now, end=end):
        return False
    Waiting.objects.filter(hold=hold.pk, ended_at__isnull=True).update(ended_at=now)
    count_held(hold.offering_id, hold.day, now=now)
    if end != HoldEnd.REISSUED:
        serve_waiting(hold.offering_id, hold.day, now=now)
    return True


def _need_theirs(hold: Hold, by: Actor) -> None:
    """The venue, or the agent that keeps it."""
    by.need(*RECORDERS)
    if by.workplace.pk not in (hold.offering.venue_id, hold.workplace_id) or hold.kind not in OF_CARDS:
        raise NotAllowed(by.role)


def release_hold(hold: Hold, *, by: Actor, now: datetime) -> bool:
    """The venue, or the agent that keeps it, lets places go; twice is calm. Raises NotAllowed."""
    _need_theirs(hold, by)
    return end_hold(hold, end=HoldEnd.RELEASED, now=now)


@transaction.atomic
def prolong_hold(hold: Hold, until: datetime, *, by: Actor, now: datetime) -> NotKept | None:
    """Keep the places until another hour, at most the start. What has run out is kept anew with the card. Raises
    NotAllowed."""
    _need_theirs(hold, by)
    offering = _lock(hold.offering_id)
    until = min(until, kept_at_most(offering.facts, day=hold.day))
    if problem := refuse_until(until, offering.facts, now=now, day=hold.day):
        return problem
    stands = Hold.objects.standing(now).filter(pk=hold.pk)
    return None if stands.update(expires_at=until) else NotKept.OVER


def stand_again(record: Record, *, now: datetime) -> None:
    """A record is undone while the time of the hold it fetched still runs: the places are kept again, as far as they
    are free. Its own places have gone back already; the caller holds the offering's lock."""
    if record.offering is None or record.offering.cancelled_at is not None:
        return
    hold = Hold.objects.filter(record=record.pk, end=HoldEnd.FETCHED, kind__in=OF_CARDS, expires_at__gt=now).first()
    if hold is None:
        return
    key = (hold.offering_id, hold.day)
    fresh = Offering.objects.get(pk=hold.offering_id)
    places = places_now([(fresh.facts, fresh.places)], [hold.day], now=now).get(key, Places())
    again = stands_again(places, wanted=hold.places, children=hold.children)
    if again is not None:
        wheelchair = min(hold.wheelchair, again[0])
        Hold.objects.filter(pk=hold.pk).update(
            ended_at=None, end="", record=None, places=again[0], children=again[1], wheelchair=wheelchair
        )
        count_held(*key, now=now)


def give_to_the_next(record: Record, *, now: datetime) -> None:
    """A record's places have come back: to the hold it fetched, then to the wait list. The caller holds the offering's
    lock."""
    if record.offering is None or record.offering.cancelled_at is not None:
        return
    stand_again(record, now=now)
    serve_waiting(*places_key(record.offering.facts, record.day), now=now)


def return_places(*, now: datetime) -> int:
    """End the holds that have run out, and give their places to the next on the wait lists; says how many ended. Their
    places had come back by themselves; safe to run at any time, twice, and to stop anywhere."""
    over = Hold.objects.filter(ended_at__isnull=True, expires_at__lte=now)
    waits = Waiting.objects.filter(ended_at__isnull=True)
    keys = set(over.values_list("offering", "day")) | set(waits.values_list("offering", "day"))
    number = 0
    for offering, day in sorted(keys):
        with transaction.atomic():
            _lock(offering)
            here = over.filter(offering=offering, day=day)
            number += here.update(ended_at=now, end=HoldEnd.EXPIRED)
            _end_waits(offering, day, now=now)
            count_held(offering, day, now=now)
            serve_waiting(offering, day, now=now)
    return number


def _end_waits(offering: UUID, day: date, *, now: datetime) -> None:
    """Whoever had places kept, fetched or not, waits no more; nor does anybody once the day is over."""
    waits = Waiting.objects.filter(offering=offering, day=day, ended_at__isnull=True)
    waits.filter(hold__ended_at__isnull=False).update(ended_at=now)
    if day < helsinki_day(now):
        waits.update(ended_at=now)


def release_all(offering: Offering, *, now: datetime) -> tuple[int, int]:
    """The event is cancelled: its holds and one-time codes end, nobody waits any more; says how many of each. The
    caller holds the offering's lock."""
    waits = Waiting.objects.filter(offering=offering, ended_at__isnull=True)
    waiting = waits.filter(hold__isnull=True).count()
    waits.update(ended_at=now)
    standing = Hold.objects.standing(now).filter(offering=offering).count()
    Hold.objects.filter(offering=offering, ended_at__isnull=True).update(ended_at=now, end=HoldEnd.CANCELLED)
    Offering.objects.filter(pk=offering.pk).update(held=0, children_held=0)
    OpenDay.objects.filter(offering=offering).update(held=0, children_held=0)
    return standing, waiting


def let_go_of(cards: Collection[int], *, now: datetime) -> None:
    """A holder is erased: places kept go back, nobody waits, and of each hold numbers alone are left. The caller holds
    the person line and, with the offerings locked here, may erase the cards."""
    standing = Hold.objects.filter(card__in=cards, ended_at__isnull=True)
    keys = sorted(set(standing.values_list("offering", "day")))
    for offering in sorted({offering for offering, _day in keys}):
        _lock(offering)
    standing.update(ended_at=now, end=HoldEnd.RELEASED)
    Waiting.objects.filter(card__in=cards).delete()
    Hold.objects.filter(card__in=cards).update(card=None, record=None)
    for offering, day in keys:
        count_held(offering, day, now=now)
        serve_waiting(offering, day, now=now)


def forget_old_holds(*, now: datetime) -> int:
    """Thirty days after the day nothing but numbers is left of a hold: not its card, not the record that fetched it.
    Says how many links went."""
    before = helsinki_day(now) - LINK_DAYS
    Waiting.objects.filter(day__lt=before).delete()
    old = Hold.objects.filter(Q(card__isnull=False) | Q(record__isnull=False), day__lt=before)
    return old.update(card=None, record=None)


# --- the wait list ------------------------------------------------------------------------------------------------


def serve_waiting(offering: UUID, day: date, *, now: datetime) -> int:
    """Places have come free: each who waits and fits, in the order they came, has them kept for a while. Says for how
    many. The caller holds the offering's lock, in its transaction; no person line is locked, for whatever another act
    does to a card, its places here need this lock too."""
    queue = list(waiting_here(offering, day))
    if not queue:
        return 0
    one = Offering.objects.select_related("venue").get(pk=offering)
    until = waiting_until(one.facts, now=now, day=day)
    if until is None or one.cancelled_at is not None:
        return 0
    by = Actor(workplace=one.venue)
    now_with = successors([row.card_id for row in queue])
    cards = [now_with.get(row.card_id, row.card_id) for row in queue]
    # News goes to phone cards: whose card is on no phone any more keeps its turn and is passed over.
    on_phones = set(PhoneCard.objects.filter(card__in=cards).values_list("card", flat=True))
    asked_day = helsinki_day(now) if one.kind == OfferingKind.COURSE else day
    turns = [
        (row, Use(id=UUID(int=0), code="", day=asked_day, offering=offering, card=card))
        for row, card in zip(queue, cards, strict=True)
        if card in on_phones
    ]
    known = load_known([use for _row, use in turns], {}, by=by, now=now, lock=False)
    return sum(_serve(row, use, known, by=by, now=now, until=until) for row, use in turns)


def waiting_here(offering: UUID, day: date) -> QuerySet[Waiting]:
    """Who waits for places of an offering's day, in the order they came."""
    rows = Waiting.objects.filter(offering=offering, day=day, ended_at__isnull=True, hold__isnull=True)
    return rows.order_by("made_at", "pk")


def _serve(row: Waiting, use: Use, known: Known, *, by: Actor, now: datetime, until: datetime) -> bool:
    key = use.key({})
    card = known.cards.get(key or "")
    if card is None:
        return False
    grown = row.places - row.children
    wish = (
        Wish(own=False, clients=row.children, workers=grown, wheelchair=row.wheelchair)
        if card.community
        else Wish(own=grown > 0, children=row.children, wheelchair=row.wheelchair)
    )
    answer = keep(use, wish, key, known, by=by, now=now, kind=HoldKind.WAITING, until=until)
    if answer.before or answer.refusal == Refusal.ALREADY_RECORDED:
        Waiting.objects.filter(pk=row.pk).update(ended_at=now)
    return answer.hold is not None and not answer.before
