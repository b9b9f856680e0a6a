"""`check_card`: may this card's own ticket be recorded here now? It asks the same rules as recording does."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.kept_numbers import claim_numbers, names_no_card
from kaikukortti.actions.known import Use, ask_of, load_known, situation_of
from kaikukortti.actions.look_ups import gathered
from kaikukortti.actions.misses import count_misses
from kaikukortti.actions.places import Kept
from kaikukortti.rules.series import misses_counted, read_listed
from kaikukortti.rules.uses import child_places, judge
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import OfferingKind, Status, usual_kind
from kaikukortti.terms.messages import Message, refusal_message, valid_message
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """May this card's own ticket be recorded here now? The first five are the contract's keys (P5)."""

    allowed: bool
    refusal: Refusal | None
    child_places: int
    assistant: bool
    day: date | None = None
    time: datetime | None = None
    community: bool = False
    places_left: int | None = None
    pending: bool = False
    # The places kept for this card here.
    kept: Kept | None = None

    @property
    def message(self) -> Message:
        if self.refusal:
            return refusal_message(self.refusal, day=self.day, time=self.time)
        return valid_message(self.child_places, community=self.community)


def check_card(
    code: str, *, by: Actor, now: datetime, offering: UUID | None = None, day: date | None = None
) -> CheckAnswer:
    """The till's question. Writes nothing but the tally of look-ups and, on a miss, the limit on guessing."""
    by.need(*RECORDERS)
    if by.paused(now):
        return CheckAnswer(False, Refusal.TOO_MANY_TRIES, 0, False)
    read = read_listed(code, by.network.series)
    use = Use(id=UUID(int=0), code=code, day=day or helsinki_day(now), offering=offering)
    (use,) = claim_numbers([use], by=by)
    codes = {} if use.card is not None else {code: read}
    known = load_known([use], codes, by=by, now=now, lock=False)
    key = use.key(codes)
    card = known.cards.get(key or "")
    if card is None:
        if not names_no_card(code):
            count_misses(misses_counted(read, by.network.series), by=by, now=now)
    else:
        gathered.look_up(card.id, role=by.role, day=helsinki_day(now))
    community = card is not None and card.community
    facts = known.offering(use)
    use = replace(use, kind=usual_kind(facts.kind if facts else OfferingKind.OPEN), clients=int(community))
    ask = ask_of(use, key, community=community)
    kept = known.hold(use, card)
    situation = situation_of(ask, use, card, known, by=by, now=now)
    if situation is None:
        return CheckAnswer(False, Refusal.OFFERING_UNKNOWN, 0, False)
    judgement = judge(ask, situation)
    allowed = judgement.status in (Status.RECORDED, Status.PENDING)
    told = allowed or judgement.refusal == Refusal.ALREADY_RECORDED
    return CheckAnswer(
        allowed=allowed,
        refusal=judgement.refusal,
        child_places=child_places(ask, situation) if told else 0,
        assistant=told,
        day=judgement.day,
        time=judgement.time,
        community=community,
        places_left=situation.places.left,
        pending=judgement.status == Status.PENDING,
        kept=kept if allowed or judgement.refusal == Refusal.ALREADY_RECORDED else None,
    )
