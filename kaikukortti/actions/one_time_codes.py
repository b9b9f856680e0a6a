"""One-time codes: made for a card, redeemed once by the shop, released, made anew (rule 24).

A code is a hold whose digest is known: its places are kept like any other's and return by themselves. Redeeming
records the use by the one road there is; that a code counts once is decided under the locks of line and offering.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.codes import one_time_digest, one_time_seed
from kaikukortti.actions.holds import KeptAnswer, Wish, end_hold, keep
from kaikukortti.actions.known import Known, LinesMoved, Use, load_known
from kaikukortti.actions.misses import count_misses
from kaikukortti.actions.places import places_key
from kaikukortti.actions.uses import Answer, record_uses
from kaikukortti.actions.webhooks import tell
from kaikukortti.models import Card, Hold, Offering, PersonLine, Record, Workplace
from kaikukortti.rules.one_time_codes import (
    MOST_AT_ONCE,
    CodeState,
    code_state,
    code_until,
    read_one_time_code,
    write_one_time_code,
)
from kaikukortti.rules.series import misses_counted, read_listed
from kaikukortti.rules.situation import venue_and_offering
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.holds import HoldEnd, HoldKind, NotKept
from kaikukortti.terms.kinds import OfferingKind, Status, usual_kind
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS, Role
from kaikukortti.terms.sellers import WebhookEvent

RANDOM_BYTES = 9
# How far ahead a holder is shown events.
AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class MadeCode:
    """A code in clear with the hold behind it, or why not: a refusal, or a reason of the places; `conflict`: the id was
    used for something else. `day` and `time` fill the refusal's words."""

    code: str = ""
    hold: Hold | None = None
    refusal: Refusal | None = None
    problem: NotKept | None = None
    conflict: bool = False
    day: date | None = None
    time: datetime | None = None


# --- making -------------------------------------------------------------------------------------------------------


def claim_code(
    code: str, wish: Wish, *, id: UUID, by: Actor, now: datetime, offering: UUID, day: date | None = None
) -> MadeCode:
    """A one-time code for a card, asked for by a seller or the venue with the card's code. The same id gives the same
    code again: it is made of the id with a key and stored nowhere. Raises NotAllowed."""
    by.need(*RECORDERS)
    if by.paused(now):
        return MadeCode(refusal=Refusal.TOO_MANY_TRIES)
    read = read_listed(code, by.network.series)
    use = Use(id=id, code=code, day=_day(offering, day, now), offering=offering)
    one_time = write_one_time_code(one_time_seed(by.workplace.pk, id))
    made, known = _anew(lambda: _claim(use, wish, read, one_time, by=by, now=now))
    if read is None or read not in known.cards:
        count_misses(misses_counted(read, by.network.series), by=by, now=now)
    return made


def code_for_holder(card: Card, wish: Wish, *, offering: Offering, now: datetime, day: date | None = None) -> MadeCode:
    """A one-time code that the card's holder asks for alone. The venue stands for it: any of its sellers redeems it."""
    by = Actor(workplace=offering.venue)
    use = Use(id=uuid4(), code="", card=card.pk, day=_day(offering.pk, day, now), offering=offering.pk)
    one_time = write_one_time_code(secrets.token_bytes(RANDOM_BYTES))
    return _anew(lambda: _claim(use, wish, use.key({}), one_time, by=by, now=now))[0]


def _day(offering: UUID, day: date | None, now: datetime) -> date:
    """An event's own day; else the day asked for, today if none is."""
    row = Offering.objects.filter(pk=offering, kind=OfferingKind.EVENT).values_list("first_day", flat=True).first()
    return day or row or helsinki_day(now)


def _anew(claim: Callable[[], tuple[MadeCode, Known]]) -> tuple[MadeCode, Known]:
    """One transaction; begun anew when the card has joined another person line meanwhile."""
    for _attempt in range(2):
        with suppress(LinesMoved), transaction.atomic():
            return claim()
    with transaction.atomic():
        return claim()


def _claim(
    use: Use, wish: Wish, read: str | None, one_time: str, *, by: Actor, now: datetime
) -> tuple[MadeCode, Known]:
    """Under the locks of the card's line and the offering; the caller's transaction."""
    codes = {} if use.card is not None else {use.code: read}
    known = load_known([use], codes, by=by, now=now, lock=True)
    card, facts = known.cards.get(read or ""), known.offering(use)
    place = venue_and_offering(by.facts, facts, by.network)
    if facts is None or place is None or place[1] is None:
        return MadeCode(refusal=Refusal.OFFERING_UNKNOWN), known
    offering, day = places_key(facts, use.day)
    first = Hold.objects.filter(code_digest=one_time_digest(one_time)).first()
    if first is not None:
        same = card is not None and (first.card_id, first.offering_id, first.day) == (card.id, offering, day)
        return MadeCode(one_time, first) if same and _fits(first, wish) else MadeCode(conflict=True), known
    waiting = Hold.objects.standing(now).filter(card__line=card.line) if card is not None else Hold.objects.none()
    here = list(waiting.filter(offering=offering, day=day).order_by("pk"))
    others = waiting.exclude(offering=offering, day=day).filter(code_digest__isnull=False)
    if others.count() >= MOST_AT_ONCE:
        return MadeCode(refusal=Refusal.LIMIT_PER_PERIOD), known
    until = code_until(facts, now=now)
    try:
        with transaction.atomic():
            for hold in here:
                end_hold(hold, end=HoldEnd.REISSUED, now=now)
            if here:  # their places are free for the new one
                known = load_known([use], codes, by=by, now=now, lock=True)
            kept = keep(
                use,
                wish,
                read,
                known,
                by=by,
                now=now,
                kind=HoldKind.CODE,
                until=until,
                code_digest=one_time_digest(one_time),
            )
            if kept.hold is None:
                raise _NotKept(kept)
    except _NotKept as not_kept:
        why = not_kept.answer
        # What is refused for the places' sake alone, as too late an hour, has no refusal of the card.
        refused = why.refusal or Refusal.TOO_LATE_TO_RECORD
        refusal = Refusal.CODES_RUN_OUT if refused == Refusal.OFFERING_FULL else refused
        return MadeCode(refusal=refusal, problem=why.problem, day=why.day, time=why.time), known
    for hold in here:
        _tell_voided(hold, CodeState.REISSUED, now=now)
    return MadeCode(one_time, kept.hold), known


def _fits(hold: Hold, wish: Wish) -> bool:
    """Whether the hold is what this wish leads to: the holder's own place is left out when the ticket was given."""
    return hold.children == wish.young and hold.places in (wish.places, wish.places - wish.own)


class _NotKept(Exception):
    """The places were not kept, so what stood before goes on standing."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__(answer.refusal)
        self.answer = answer


def _tell_voided(hold: Hold, state: CodeState, *, now: datetime) -> None:
    """Whoever had the code made hears that it opens nothing any more."""
    if hold.code_digest and hold.workplace_id:
        code = {"id": str(hold.pk), "state": state.value}
        tell(WebhookEvent.VOIDED, hold.offering, now=now, only=hold.workplace_id, one_time_code=code)


# --- redeeming ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The record's answer, and the code's hold where the seller may know of it."""

    answer: Answer
    hold: Hold | None = None


def redeem_code(
    one_time_code: str, *, id: UUID, by: Actor, now: datetime, offering: UUID, assistants: int = 0
) -> Redeemed:
    """Record the use that a one-time code stands for. The same id gives the first answer; with another id a used code
    is `code-already-used`. Unknown codes and those of others look alike and count as misses. Raises NotAllowed."""
    by.need(*RECORDERS)
    if by.paused(now):
        return Redeemed(Answer(id, Status.REFUSED, Refusal.TOO_MANY_TRIES))
    read = read_one_time_code(one_time_code)
    hold = _theirs(read, offering, by=by) if read else None
    if hold is None or read is None:
        count_misses(1, by=by, now=now)
        return Redeemed(Answer(id, Status.REFUSED, Refusal.CARD_UNKNOWN))
    with transaction.atomic():
        locked = _lock(hold)
        if locked is None:
            return Redeemed(Answer(id, Status.REFUSED, Refusal.CARD_UNKNOWN))
        first = Record.objects.filter(recorder=by.workplace, client_id=id).first()
        if first is None and (refusal := _refuse(locked, now)):
            return Redeemed(Answer(id, Status.REFUSED, refusal), locked)
        use = _use_of(locked, read, id=id, day=first.day if first else None, assistants=assistants, now=now)
        (answer,) = record_uses([use], by=by, now=now)
        if answer.record is not None and first is None:
            # Where places are not counted nothing has fetched the hold yet.
            end = {"ended_at": now, "end": HoldEnd.FETCHED, "record_id": answer.record}
            Hold.objects.filter(pk=locked.pk, ended_at__isnull=True).update(**end)
    return Redeemed(answer, locked)


def _theirs(read: str, offering: UUID, *, by: Actor) -> Hold | None:
    """The code's hold if it is of this offering, the actor may record there, and the code was made by itself or by the
    venue (for the holder alone, too); the venue redeems every seller's."""
    holds = Hold.objects.filter(code_digest=one_time_digest(read), offering=offering)
    hold = holds.select_related("offering", "card").first()
    if hold is None or hold.card is None:
        return None
    place = venue_and_offering(by.facts, hold.offering.facts, by.network)
    if place is None or place[1] is None:
        return None
    return hold if by.role == Role.VENUE or hold.workplace_id in (by.workplace.pk, hold.offering.venue_id) else None


def _lock(hold: Hold) -> Hold | None:
    """The hold as it stands under the locks of its card's line and its offering, in that order; None when the card has
    been erased."""
    PersonLine.objects.select_for_update(of=("self",)).filter(cards=hold.card).first()
    Offering.objects.select_for_update().get(pk=hold.offering_id)
    return Hold.objects.select_related("offering", "card").filter(pk=hold.pk).first()


def _refuse(hold: Hold, now: datetime) -> Refusal | None:
    state = code_state(hold.end, expires_at=hold.expires_at, now=now)
    if state == CodeState.WAITING:
        return None
    return Refusal.OFFERING_CANCELLED if state == CodeState.CANCELLED else Refusal.CODE_ALREADY_USED


def _use_of(hold: Hold, read: str, *, id: UUID, day: date | None, assistants: int, now: datetime) -> Use:
    """The use behind the code. A personal card's places are the holder's and children's, a community card's those of
    clients under 16 and of workers. A course place is judged on the day the code is given (rule 21)."""
    kind = OfferingKind(hold.offering.kind)
    community = hold.card is not None and hold.card.community
    others = hold.places - hold.children
    return Use(
        id=id,
        code=read,
        day=day or (helsinki_day(now) if kind == OfferingKind.COURSE else hold.day),
        offering=hold.offering_id,
        kind=usual_kind(kind),
        holder=0 if community else others,
        children=0 if community else hold.children,
        assistants=assistants,
        clients=hold.children if community else 0,
        workers=others if community else 0,
        card=hold.card_id,
        hold=hold.pk,
    )


# --- giving back --------------------------------------------------------------------------------------------------


def code_of_seller(id: UUID, *, by: Actor) -> Hold | None:
    """A code that the seller had made, or one at an offering of the venue; every other one is as good as none."""
    hold = Hold.objects.filter(pk=id, code_digest__isnull=False).select_related("offering").first()
    if hold is None or by.workplace.pk not in (hold.workplace_id, hold.offering.venue_id):
        return None
    return hold


def release_code(hold: Hold, *, by: Actor | None, now: datetime) -> CodeState:
    """Give the places back; says what has become of the code. Another's code that is released is news to its seller.
    The caller has asked whose it is; `by` None is the card's holder."""
    with transaction.atomic():
        if hold.expires_at > now and end_hold(hold, end=HoldEnd.RELEASED, now=now):
            if by is None or by.workplace.pk != hold.workplace_id:
                _tell_voided(hold, CodeState.RELEASED, now=now)
            return CodeState.RELEASED
    hold.refresh_from_db()
    return code_state(hold.end, expires_at=hold.expires_at, now=now)


# --- what a holder sees -------------------------------------------------------------------------------------------


def offerings_with_codes(*, now: datetime) -> QuerySet[Offering]:
    """Listed offerings that sellers sell and that a one-time code can be made for now: coming events, open admission
    and courses that have not ended (whether it is open today is asked when the code is made)."""
    today = helsinki_day(now)
    sold = Offering.objects.filter(sold_by_agents=True, published_at__lte=now, cancelled_at__isnull=True)
    sellers = Workplace.objects.filter(role=Role.TICKET_AGENT, venues=OuterRef("venue"))
    here = sold.filter(Exists(sellers)).filter(
        Q(kind=OfferingKind.EVENT, last_day__gte=today, last_day__lte=today + AHEAD)
        | ~Q(kind=OfferingKind.EVENT) & Q(last_day__gte=today) & Q(first_day__lte=today + AHEAD)
    )
    return here.select_related("venue").order_by("first_day", "starts_at", "name_fi", "pk")


def codes_of_card(card: Card, *, now: datetime) -> QuerySet[Hold]:
    """One-time codes that wait to be used; what they say was shown once."""
    waiting = Hold.objects.standing(now).filter(card=card, code_digest__isnull=False)
    return waiting.select_related("offering__venue").order_by("day", "pk")
