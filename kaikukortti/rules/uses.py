"""May this be recorded? Rules 6, 14, 17–22 and 27–34, in the order of rule 34: the first refusal is the answer.

One function, `judge`, is asked by every page, call and till. It reads facts in memory only, so a batch of hundreds
costs the same few queries as one record.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from kaikukortti.rules.cards import STATE_REFUSALS, card_state, state_during
from kaikukortti.rules.network import Cap, Network, WorkplaceFacts, refuse_crossing, refuse_venue
from kaikukortti.rules.situation import Ask, CardHere, Judgement, OfferingFacts, Past, Situation, region_of_use
from kaikukortti.terms.days import period_of
from kaikukortti.terms.kinds import KINDS_OF_OFFERING, OfferingKind, RecordKind, Status
from kaikukortti.terms.policies import EVENT_DAYS, STORED, Policy
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.states import CardState


def own_day(ask: Ask, offering: OfferingFacts | None) -> date:
    """The day of the own ticket: an event or course has one for all its days, the rest one a day (rule 27)."""
    if offering is not None and offering.kind in (OfferingKind.EVENT, OfferingKind.COURSE):
        return offering.first_day
    return ask.day


def _same_place(past: Past, ask: Ask, s: Situation) -> bool:
    return past.offering == ask.offering if ask.offering else past.offering is None and past.venue == s.venue.id


def own_ticket(ask: Ask, s: Situation) -> Past | None:
    """The record that already holds the own ticket here, a season pass on every day of its period (rule 27)."""
    first = own_day(ask, s.offering)
    last = ask.until if ask.kind == RecordKind.SEASON and ask.until else first
    for past in s.past:
        if past.own_day is None or not _same_place(past, ask, s):
            continue
        if past.own_day <= last and first <= (past.until or past.own_day):
            return past
    return None


def holds_own_ticket(ask: Ask, card: CardHere | None, refusal: Refusal | None) -> bool:
    """Whether a stored row is the line's one own ticket here; a likely duplicate is not (rule 27)."""
    return bool(ask.holder) and card is not None and not card.community and refusal != Refusal.ALREADY_RECORDED


def children_in(ask: Ask, s: Situation) -> int:
    """Children already recorded with this card here on this day (rule 18)."""
    return sum(past.children for past in s.past if past.day == ask.day and _same_place(past, ask, s))


# --- the checks, in the order of rule 34 ------------------------------------------------------------------------


def refuse_code(ask: Ask, s: Situation) -> Refusal | None:
    if ask.code is None:
        return Refusal.CARD_CODE_TYPO
    return Refusal.CARD_UNKNOWN if s.card is None else None


def card_state_for(ask: Ask, s: Situation, card: CardHere) -> CardState:
    """Online: as of now, valid on the event's day. What happened and what is entered on a later day: at its instant,
    else the event's start, else any instant of the day (rule 29); online also blocked or replaced as of now."""
    state = card_state(card.life, s.now, on=ask.day)
    if not ask.happened and (ask.day >= s.today or state not in (CardState.ACTIVE, CardState.EXPIRED)):
        return state
    instant = ask.at or (s.offering.starts_at if s.offering and s.offering.kind == OfferingKind.EVENT else None)
    if instant is not None:
        return card_state(card.life, instant, on=ask.day)
    return state_during(card.life, ask.day, now=s.now)


def refuse_state(ask: Ask, s: Situation) -> Refusal | None:
    if s.card is None:
        return None
    state = card_state_for(ask, s, s.card)
    if state == CardState.BLANK and s.card.life.registered_at is None and pending_use(ask, s):
        return None
    if state == CardState.EXPIRED and s.card.life.valid_on(s.today) and ask.day > s.today:
        return Refusal.CARD_ENDS_BEFORE
    return STATE_REFUSALS.get(state)


def pending_use(ask: Ask, s: Situation) -> bool:
    """Whether the venue may admit a card whose registration is on the way (rule 6); asked only while there is none,
    for a registration that came after the use never makes it count."""
    return bool(s.network.policy(Policy.PENDING_USE, ask.day, region=s.region_on(ask.day)))


def refuse_region(ask: Ask, s: Situation) -> Refusal | None:
    region = s.region_on(ask.day)
    return refuse_venue(s.network, s.venue, region=region, day=ask.day) or (
        refuse_crossing(s.network, card_region=s.card.region, place_region=region, day=ask.day) if s.card else None
    )


def refuse_offering(ask: Ask, s: Situation) -> Refusal | None:
    if ask.offering is None:
        return None
    if s.offering is None:
        return Refusal.OFFERING_UNKNOWN
    if s.offering.published_at is None or s.offering.published_at > s.now:
        return Refusal.OFFERING_NOT_OPEN
    return Refusal.OFFERING_CANCELLED if s.offering.cancelled_at is not None else None


def refuse_day(ask: Ask, s: Situation) -> Refusal | None:
    """Rules 31 and 33."""
    event = s.offering is not None and s.offering.kind == OfferingKind.EVENT
    if ask.day > s.today and (ask.happened or not event):
        return Refusal.TOO_EARLY_TO_RECORD
    if ask.day.year in s.network.closed_years and not s.correcting:
        return Refusal.PERIOD_CLOSED
    if s.offering is not None and not s.offering.offered_on(ask.day) and not _before_course(ask, s.offering):
        return Refusal.DAY_NOT_OFFERED
    if s.correcting:
        return None
    back = EVENT_DAYS if ask.happened or event else 0
    return Refusal.TOO_LATE_TO_RECORD if ask.day < s.today - timedelta(days=back) else None


def _before_course(ask: Ask, offering: OfferingFacts) -> bool:
    """A course place is given from publication on: its day may lie before the first day."""
    return offering.kind == OfferingKind.COURSE and ask.day <= offering.last_day


def refuse_course(ask: Ask, s: Situation) -> Refusal | None:
    course = ask.kind == RecordKind.COURSE or (s.offering is not None and s.offering.kind == OfferingKind.COURSE)
    return Refusal.CHILDREN_NOT_ON_COURSES if course and ask.children else None


def refuse_community(ask: Ask, s: Situation) -> Refusal | None:
    """Rule 20."""
    if s.card is None or not s.card.community:
        return None
    if s.offering is not None and s.offering.kind == OfferingKind.COURSE and not s.offering.community_welcome:
        return Refusal.COMMUNITY_CARD_NOT_HERE
    return None if ask.clients else Refusal.COMMUNITY_CARD_NEEDS_CLIENTS


def refuse_counts(ask: Ask, s: Situation) -> Refusal | None:
    """Rule 20: holder and children are 0 on a community card, clients and workers on any other."""
    if s.card is not None:
        foreign = ask.holder + ask.children if s.card.community else ask.clients + ask.workers
        if foreign:
            return Refusal.COUNTS_NOT_FOR_THIS_CARD
    kind = s.offering.kind if s.offering else OfferingKind.OPEN
    return None if ask.kind in KINDS_OF_OFFERING[kind] else Refusal.KIND_NOT_HERE


def refuse_children_alone(ask: Ask, s: Situation) -> Refusal | None:
    """Children need the holder's own ticket at that event; they may be added later (rule 18)."""
    return Refusal.CHILDREN_NEED_HOLDER if ask.children and not ask.holder and own_ticket(ask, s) is None else None


def refuse_already(ask: Ask, s: Situation) -> Refusal | None:
    """Rule 27; community cards stand outside it."""
    if not ask.holder or s.card is None or s.card.community:
        return None
    return Refusal.ALREADY_RECORDED if own_ticket(ask, s) else None


def too_many_children(ask: Ask, s: Situation) -> bool:
    if not ask.children or s.card is None or s.card.minors is None:
        return False
    return children_in(ask, s) + ask.children > s.card.minors


def refuse_children(ask: Ask, s: Situation) -> Refusal | None:
    """Rule 18: above the registered number the region's policy refuses, or the row is stored flagged (rule 34)."""
    if not too_many_children(ask, s):
        return None
    return None if more_children_stored(s.network, s.venue, s.offering, ask.day) else Refusal.TOO_MANY_CHILDREN


def more_children_stored(network: Network, venue: WorkplaceFacts, offering: OfferingFacts | None, day: date) -> bool:
    """Whether more children than registered are stored flagged on the day (rule 18)."""
    region = region_of_use(network, venue, offering, day)
    return bool(network.policy(Policy.CHILDREN_ABOVE, day, region=region, venue=venue.id) == STORED)


def full_cap(ask: Ask, s: Situation) -> Cap | None:
    """The first cap that has no room for another own ticket or course (rules 17, 21)."""
    if not ask.holder or s.card is None or s.card.community:
        return None
    day = own_day(ask, s.offering) if ask.kind == RecordKind.COURSE else ask.day
    for cap in s.network.caps(day, region=s.region_on(day), venue=s.venue.id):
        if cap.courses == (ask.kind == RecordKind.COURSE) and _counted(cap, day, s.past) + ask.holder > cap.most:
            return cap
    return None


def _counted(cap: Cap, day: date, past: Sequence[Past]) -> int:
    first, last = period_of(day, cap.period)
    return sum(
        one.holder
        for one in past
        if one.own_day is not None
        and (one.kind == RecordKind.COURSE) == cap.courses
        and first <= (one.own_day if cap.courses else one.day) <= last
        and (cap.venue is None or one.venue == cap.venue)
        and (cap.region is None or one.region == cap.region)
    )


def refuse_limits(ask: Ask, s: Situation) -> Refusal | None:
    """One own ticket per holder and event, then the caps per period (rule 17)."""
    if ask.holder > 1:
        return Refusal.LIMIT_PER_EVENT
    return Refusal.LIMIT_PER_PERIOD if full_cap(ask, s) else None


def refuse_places(ask: Ask, s: Situation) -> Refusal | None:
    return None if s.places.fit(ask) else Refusal.OFFERING_FULL


Check = Callable[[Ask, Situation], Refusal | None]
ORDER: tuple[Check, ...] = (
    refuse_code,
    refuse_state,
    refuse_region,
    refuse_offering,
    refuse_day,
    refuse_course,
    refuse_community,
    refuse_counts,
    refuse_children_alone,
    refuse_already,
    refuse_children,
    refuse_limits,
    refuse_places,
)
# A row that happened is asked *already recorded* right after *code* (rule 34).
ORDER_HAPPENED: tuple[Check, ...] = (
    ORDER[0],
    refuse_already,
    *(check for check in ORDER[1:] if check is not refuse_already),
)


def refuse_use(ask: Ask, s: Situation) -> Refusal | None:
    """The first refusal, or None (rule 34)."""
    for check in ORDER_HAPPENED if ask.happened else ORDER:
        refusal = check(ask, s)
        if refusal:
            return refusal
    return None


def refuse_storing(ask: Ask, s: Situation) -> Refusal | None:
    """Why even a row that happened is not stored: unknown or foreign offering, future day, closed year (rule 28)."""
    if ask.offering is not None and s.offering is None:
        return Refusal.OFFERING_UNKNOWN
    if ask.day > s.today:
        return Refusal.TOO_EARLY_TO_RECORD
    if not ask.places and not ask.assistants:
        # A community card without any count: a personal card's row always has its holder or an explicit count.
        return Refusal.COMMUNITY_CARD_NEEDS_CLIENTS
    return Refusal.PERIOD_CLOSED if ask.day.year in s.network.closed_years and not s.correcting else None


def judge(ask: Ask, s: Situation) -> Judgement:
    """The answer to one record: recorded, already recorded, refused, flagged or pending."""
    if ask.happened:
        refusal = refuse_storing(ask, s)
        if refusal:
            return Judgement(Status.REFUSED, refusal)
    refusal = refuse_use(ask, s)
    if refusal is None:
        if too_many_children(ask, s):
            return Judgement(Status.FLAGGED, Refusal.TOO_MANY_CHILDREN)
        if s.card is not None and card_state_for(ask, s, s.card) == CardState.BLANK:
            return Judgement(Status.PENDING)
        return Judgement(Status.RECORDED)
    status = Status.FLAGGED if ask.happened else Status.REFUSED
    if refusal == Refusal.ALREADY_RECORDED and not ask.happened:
        status = Status.ALREADY_RECORDED
    return Judgement(status, refusal, day=_day_of(refusal, ask, s), time=_time_of(refusal, ask, s))


def _day_of(refusal: Refusal, ask: Ask, s: Situation) -> date | None:
    if refusal == Refusal.CARD_EXPIRED and s.card:
        return s.card.life.last_day_before(ask.day)
    if refusal == Refusal.CARD_ENDS_BEFORE and s.card:
        return s.card.life.last_day
    if refusal == Refusal.LIMIT_PER_PERIOD:
        cap = full_cap(ask, s)
        counted = own_day(ask, s.offering) if ask.kind == RecordKind.COURSE else ask.day
        return period_of(counted, cap.period)[1] + timedelta(days=1) if cap else None
    if refusal == Refusal.ALREADY_RECORDED:
        # A season pass says how long it lasts.
        past = own_ticket(ask, s)
        return past.until if past else None
    return None


def _time_of(refusal: Refusal, ask: Ask, s: Situation) -> datetime | None:
    past = own_ticket(ask, s) if refusal == Refusal.ALREADY_RECORDED else None
    return past.given_at if past else None


def child_places(ask: Ask, s: Situation) -> int:
    """Children that can come in now: the least of the registered number less those in, the children's cap, and the
    places left after the holder. 0 on courses and for a community card."""
    if s.card is None or s.card.community or (s.offering is not None and s.offering.kind == OfferingKind.COURSE):
        return 0
    holder = 0 if own_ticket(ask, s) else 1
    room = [(s.card.minors or 0) - children_in(ask, s)]
    if s.places.left is not None:
        room.append(s.places.left - holder)
    if s.places.children_left is not None:
        room.append(s.places.children_left)
    return max(0, min(room))


def covered(price_cents: int | None, most_cents: int | None) -> tuple[int, int] | None:
    """What local policy covers of a course and what the holder pays, in cents; None where no maximum is set
    (rule 21)."""
    if price_cents is None or most_cents is None:
        return None
    paid = min(price_cents, most_cents)
    return paid, price_cents - paid


def course_money(
    network: Network, venue: WorkplaceFacts, offering: OfferingFacts | None, day: date
) -> tuple[int, int] | None:
    """`covered` of a course place given on the day, by the policy of the course's first day; None for no course."""
    if offering is None or offering.kind != OfferingKind.COURSE:
        return None
    region = region_of_use(network, venue, offering, day)
    most = network.policy(Policy.COURSE_COVERED, offering.first_day, region=region, venue=venue.id)
    return covered(offering.price_cents, most)
