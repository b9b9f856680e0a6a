"""Keeping places: holds by code at the desk or by phone, and giving them back (rules 17, 24).

A hold is asked what a record is asked, save what belongs to the evening itself, and takes its places under the
offering's lock; recording fetches it (actions/uses.py). What has run out keeps nothing: see places.load_kept.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum
from django.db.models.functions import Coalesce

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.known import Known, Use, ask_of, load_known, situation_of
from kaikukortti.actions.misses import count_misses
from kaikukortti.actions.places import places_key
from kaikukortti.models import Hold, Offering, OpenDay
from kaikukortti.models.statements import CardRow
from kaikukortti.rules.holds import kept_until, refuse_hold
from kaikukortti.rules.series import misses_counted, read_listed
from kaikukortti.rules.uses import OfferingFacts, judge
from kaikukortti.terms.holds import HoldEnd, HoldKind
from kaikukortti.terms.kinds import OfferingKind, RecordKind, Status, usual_kind
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS


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
        return int(self.own) + self.children + self.clients + self.workers


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A hold, or why not. `day` and `time` fill the refusal's words."""

    hold: Hold | None = None
    refusal: Refusal | None = None
    day: date | None = None
    time: datetime | None = None


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
    with transaction.atomic():
        known = load_known([use], {code: read}, by=by, now=now, lock=True)
        answer = keep(use, wish, read, known, by=by, now=now, kind=kind, until=until, code_digest=code_digest)
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
        return KeptAnswer(Hold.objects.get(pk=standing.id))
    if facts is None:
        return KeptAnswer(refusal=Refusal.OFFERING_UNKNOWN)
    answer = _refuse(use, wish, card, facts, key, known, by=by, now=now)
    if answer.refusal is not None:
        return answer
    where = places_key(facts, use.day)
    places = known.places.get(where)
    # Without a cap nothing is counted: the hold is only a number to write down.
    if places is not None and refuse_hold(places, wanted=wish.places, children=wish.children + wish.clients):
        return KeptAnswer(refusal=Refusal.OFFERING_FULL)
    hold = Hold.objects.create(
        offering_id=where[0],
        day=where[1],
        number=next_number(where[0], where[1]),
        kind=kind,
        card_id=card.id if card else None,
        places=wish.places,
        children=wish.children + wish.clients,
        wheelchair=wish.wheelchair,
        code_digest=code_digest,
        workplace=by.workplace,
        made_by=by.user,
        made_at=now,
        expires_at=until or kept_until(facts, now=now),
    )
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
) -> KeptAnswer:
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
    fine = judgement.status in (Status.RECORDED, Status.PENDING) or judgement.refusal == Refusal.TOO_MANY_CHILDREN
    return KeptAnswer() if fine else KeptAnswer(refusal=judgement.refusal, day=judgement.day, time=judgement.time)


def next_number(offering: UUID, day: date) -> int:
    """The next short number of the offering's day; the caller holds the offering's lock."""
    newest = Hold.objects.filter(offering=offering, day=day).aggregate(n=Max("number"))["n"]
    return (newest or 0) + 1


def count_held(offering: UUID, day: date, *, now: datetime) -> None:
    """Write down what the standing holds keep: a hint that there are any, counted anew whenever places are asked. The
    caller holds the offering's lock."""
    kept = Hold.objects.standing(now).filter(offering=offering, day=day)
    total = kept.aggregate(held=Coalesce(Sum("places"), 0), children_held=Coalesce(Sum("children"), 0))
    if not Offering.objects.filter(pk=offering).exclude(kind=OfferingKind.OPEN).update(**total):
        OpenDay.objects.update_or_create(offering_id=offering, day=day, defaults=total)


@transaction.atomic
def end_hold(hold: Hold, *, end: HoldEnd, now: datetime) -> bool:
    """Give a hold's places back; False when it has ended already. The caller's right is the caller's to ask."""
    Offering.objects.select_for_update().get(pk=hold.offering_id)
    if not Hold.objects.filter(pk=hold.pk, ended_at__isnull=True).update(ended_at=now, end=end):
        return False
    count_held(hold.offering_id, hold.day, now=now)
    return True
