"""A card's life: who may get one, how long it lasts, what state it is in at an instant (rules 1–13)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kaikukortti.terms.days import day_end, day_start, helsinki_day, one_year_on
from kaikukortti.terms.kinds import CardFactKind
from kaikukortti.terms.policies import (
    BACKDATED_ISSUE_DAYS,
    MOST_MINORS,
    OLDEST_BIRTH_YEAR,
    RENEWAL_DAYS,
    YOUNGEST,
)
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.states import CardState

BAND_YEARS = 5


@dataclass(frozen=True, slots=True)
class CardLife:
    """The dated facts of one card, read from its rows. Spells are first and last day, both included."""

    registered_at: datetime | None = None
    blocked_at: datetime | None = None
    replaced_at: datetime | None = None
    voided_at: datetime | None = None
    # Printed cards are void until their workplace says that it has them; cards made at once await nothing.
    awaited: bool = False
    received_at: datetime | None = None
    spells: tuple[tuple[date, date], ...] = field(default=())

    @classmethod
    def of(cls, facts: Iterable[tuple[CardFactKind, datetime | None, date | None, date | None]]) -> "CardLife":
        """From a card's dated rows (kind, at, since, until), in the order they were entered. The first instant of each
        kind holds; an early end cuts the spells before it, and what is renewed after it stands."""
        first: dict[CardFactKind, datetime] = {}
        spells: list[tuple[date, date]] = []
        for kind, at, since, until in facts:
            if kind == CardFactKind.VALID and since and until:
                spells.append((since, until))
            elif kind == CardFactKind.ENDED and until:
                spells = [(first_day, min(last, until)) for first_day, last in spells if first_day <= until]
            elif at is not None and (kind not in first or at < first[kind]):
                first[kind] = at
        return cls(
            registered_at=first.get(CardFactKind.REGISTERED),
            blocked_at=first.get(CardFactKind.BLOCKED),
            replaced_at=first.get(CardFactKind.REPLACED),
            voided_at=first.get(CardFactKind.VOIDED),
            awaited=CardFactKind.PRINTED in first,
            received_at=first.get(CardFactKind.RECEIVED),
            spells=tuple(sorted(spells)),
        )

    def on_its_way(self, at: datetime) -> bool:
        """Printed, and its workplace has not said that it has it."""
        return self.awaited and (self.received_at is None or self.received_at > at)

    def valid_on(self, day: date) -> bool:
        return any(since <= day <= until for since, until in self.spells)

    @property
    def last_day(self) -> date | None:
        """The last day of the newest spell."""
        return max((until for _since, until in self.spells), default=None)

    def last_day_before(self, day: date) -> date | None:
        """The last valid day up to a day, for the sentence "the card ran out on …"."""
        return max((until for _since, until in self.spells if until < day), default=None)


def card_state(life: CardLife, at: datetime, *, on: date | None = None) -> CardState:
    """The state at an instant (rule 7); validity is judged on the day `on`, by default the instant's own day.

    An event's ticket may be given in advance: then the instant is today and the day is the event's (rule 33). On a day
    before its first one the card was not registered yet; nothing had run out.
    """
    for happened_at, state in (
        (life.voided_at, CardState.VOID),
        (life.replaced_at, CardState.REPLACED),
        (life.blocked_at, CardState.BLOCKED),
    ):
        if happened_at is not None and happened_at <= at:
            return state
    if life.registered_at is None or life.registered_at > at:
        return CardState.VOID if life.on_its_way(at) else CardState.BLANK
    day = on or helsinki_day(at)
    if life.valid_on(day):
        return CardState.ACTIVE
    return CardState.BLANK if life.spells and day < life.spells[0][0] else CardState.EXPIRED


def state_during(life: CardLife, day: date, *, now: datetime) -> CardState:
    """The state on a day without an instant: active if it was so at any instant of that day, up to now (rule 29)."""
    latest = min(day_end(day), now)
    instants = [day_start(day), latest]
    if life.registered_at is not None and day_start(day) <= life.registered_at <= latest:
        instants.append(life.registered_at)
    states = [card_state(life, instant, on=day) for instant in instants]
    return CardState.ACTIVE if CardState.ACTIVE in states else states[1]


STATE_REFUSALS = {
    CardState.BLANK: Refusal.CARD_UNREGISTERED,
    CardState.EXPIRED: Refusal.CARD_EXPIRED,
    CardState.BLOCKED: Refusal.CARD_BLOCKED,
    CardState.REPLACED: Refusal.CARD_REPLACED,
    CardState.VOID: Refusal.CARD_VOID,
}


def last_valid_day(issued_on: date, *, ends_by: date | None = None) -> date:
    """One year, the day of issue included (rule 5); a region's policy may end it sooner."""
    # From 29 February the year ends on 28 February: one_year_on already stepped back.
    last = one_year_on(issued_on) - timedelta(days=0 if _is_leap_day(issued_on) else 1)
    return min(last, ends_by) if ends_by else last


def _is_leap_day(day: date) -> bool:
    return (day.month, day.day) == (2, 29)


def renewal_spell(life: CardLife, *, today: date, ends_by: date | None = None) -> tuple[date, date]:
    """First and last day of the renewed card (rule 9): while it is valid, from the day after its last one; later, from
    today; then one year (rule 5)."""
    last = life.last_day
    since = last + timedelta(days=1) if last is not None and last >= today else today
    return since, last_valid_day(since, ends_by=ends_by)


def renewable_from(life: CardLife) -> date | None:
    """The first day on which the card may be renewed (rule 9)."""
    return life.last_day - timedelta(days=RENEWAL_DAYS) if life.last_day else None


def refuse_renewal(life: CardLife, at: datetime) -> Refusal | None:
    """Rule 9: a card in force from 60 days before its end, or one that ran out. A blocked card is replaced instead."""
    state = card_state(life, at)
    if state not in (CardState.ACTIVE, CardState.EXPIRED):
        return STATE_REFUSALS[state]
    begins = renewable_from(life)
    return Refusal.TOO_EARLY_TO_RECORD if begins is not None and helsinki_day(at) < begins else None


def early_end(at: datetime) -> date:
    """The last day of a card that is given back: the day before, so that it opens nothing any more at once."""
    return helsinki_day(at) - timedelta(days=1)


def refuse_early_end(life: CardLife, at: datetime) -> Refusal | None:
    """A card in force may be given back; what has run out has ended already (the action takes that calmly)."""
    return STATE_REFUSALS.get(card_state(life, at))


def age_band(birth_year: int) -> int:
    """The first of the five birth years that coarsening keeps (section 7): 1983 → 1980."""
    return birth_year // BAND_YEARS * BAND_YEARS


def refuse_birth_year(birth_year: int, *, issued_on: date) -> Refusal | None:
    """Rules 1 and 4, decided on the birth year alone."""
    if not OLDEST_BIRTH_YEAR <= birth_year <= issued_on.year:
        return Refusal.BIRTH_YEAR_IMPLAUSIBLE
    return Refusal.HOLDER_TOO_YOUNG if issued_on.year - birth_year < YOUNGEST else None


def refuse_minors(minors: int) -> Refusal | None:
    """Rule 4."""
    return None if 0 <= minors <= MOST_MINORS else Refusal.MINORS_IMPLAUSIBLE


def refuse_issue_day(issued_on: date, *, today: date) -> Refusal | None:
    """A card is registered today, or typed in from the paper form of a day without network."""
    if issued_on > today:
        return Refusal.TOO_EARLY_TO_RECORD
    return Refusal.TOO_LATE_TO_RECORD if issued_on < today - timedelta(days=BACKDATED_ISSUE_DAYS) else None


def refuse_registration(state: CardState) -> Refusal | None:
    """A printed code can be registered once (rule 11); the card's own workplace is told its state."""
    return {
        CardState.BLANK: None,
        CardState.VOID: Refusal.CARD_VOID,
        CardState.BLOCKED: Refusal.CARD_BLOCKED,
        CardState.REPLACED: Refusal.CARD_REPLACED,
    }.get(state, Refusal.CARD_ALREADY_REGISTERED)


def refuse_block(state: CardState) -> Refusal | None:
    """Any registered card may be blocked, an expired one too: it might be renewed. Twice is calm (action)."""
    return STATE_REFUSALS[state] if state in (CardState.BLANK, CardState.REPLACED, CardState.VOID) else None


def refuse_giving_up(old: CardLife, at: datetime) -> Refusal | None:
    """Rule 10: a card in force, or blocked within its validity, is replaced; one that ran out is renewed instead."""
    state = card_state(old, at)
    if state == CardState.BLOCKED:
        state = CardState.ACTIVE if old.valid_on(helsinki_day(at)) else CardState.EXPIRED
    return STATE_REFUSALS.get(state)


def refuse_replacement(old: CardLife, new: CardLife, *, at: datetime) -> Refusal | None:
    """Rule 10: the successor is a blank card."""
    return refuse_giving_up(old, at) or refuse_registration(card_state(new, at))
