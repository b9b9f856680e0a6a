"""Finding a workplace's card and giving it to a holder (rules 1–6, 11). Only the card's own workplace acts on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast
from uuid import UUID, uuid5

from django.db import transaction

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.codes import code_digests
from kaikukortti.actions.corrections import register_pending
from kaikukortti.actions.misses import count_misses
from kaikukortti.actions.trail import note
from kaikukortti.models import (
    Card,
    CardFact,
    CountedFact,
    HolderData,
    Offering,
    PersonLine,
    PostalCode,
    Record,
    card_life,
)
from kaikukortti.rules.cards import (
    CardLife,
    age_band,
    card_state,
    last_valid_day,
    refuse_birth_year,
    refuse_issue_day,
    refuse_minors,
    refuse_registration,
)
from kaikukortti.rules.network import refuse_residence
from kaikukortti.rules.series import misses_counted, read_listed
from kaikukortti.terms.days import day_start, helsinki_day
from kaikukortti.terms.kinds import (
    CardFactKind,
    ChangeKind,
    CountedKind,
    Gender,
    HomeLanguage,
    LifeSituation,
    Status,
)
from kaikukortti.terms.policies import PENDING_DAYS, Policy
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.trail import Act

PAPER_ROWS = UUID("6f0d6f3e-35a1-5c52-9a3f-7f1c2f0b8e11")  # the name space of paper rows' ids; never changes


class MunicipalityNeeded(Exception):
    """The postal code lies in several municipalities: the worker picks one of `codes` (section 4)."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = list(codes)


class IdReused(Exception):
    """The retry's id belongs to the issue of another card."""


@dataclass(frozen=True, slots=True)
class Holder:
    """What the worker types in (section 4). Voluntary answers: None is "not asked". A card is not given without the
    birth year; when its data are corrected or it is renewed, None leaves the year, or its band, as it is kept."""

    birth_year: int | None
    minors: int
    postal_code: str | None = None
    municipality: str | None = None
    gender: str | None = None
    life_situations: list[str] | None = None
    home_language: str | None = None
    may_remind: bool = False

    def need_listed(self) -> None:
        """Raise ValueError for a voluntary answer that is no value of its list: what is stored can be no free text
        about a holder, whatever the door (P2)."""
        for values, answers in (
            (Gender, [self.gender]),
            (LifeSituation, self.life_situations or []),
            (HomeLanguage, [self.home_language]),
        ):
            for answer in answers:
                if answer is not None:
                    values(answer)


@dataclass(frozen=True, slots=True)
class Issued:
    serial: str
    last_valid_day: date
    minors: int
    card: int


# --- finding ----------------------------------------------------------------------------------------------------


def life_of(card: Card) -> CardLife:
    return card_life(list(card.facts.all()))


def own_card(code: str, *, by: Actor) -> Card | Refusal:
    """A card of the actor's workplace by its code. Another workplace's card is as unknown as no card at all, and a
    typo is told as one (who sees what)."""
    read = read_listed(code, by.network.series)
    if read is None:
        return Refusal.CARD_CODE_TYPO
    card = Card.objects.filter(digest__in=code_digests(read), workplace=by.workplace).first()
    return card or Refusal.CARD_UNKNOWN


def find_own_card(code: str, *, by: Actor, now: datetime) -> Card | Refusal:
    """A card of the actor's workplace by its code, where each miss counts and too many bring a break (S5)."""
    by.need(Role.ISSUER)
    if by.paused(now):
        return Refusal.TOO_MANY_TRIES
    card = own_card(code, by=by)
    if isinstance(card, Refusal):
        read = read_listed(code, by.network.series)
        count_misses(misses_counted(read, by.network.series), by=by, now=now)
    return card


def lock_card(card: Card, *, by: Actor) -> Card:
    """The actor's own card as it is once its person line is locked, its holder's data with it. Raises NotAllowed, also
    when another workplace has begun to look after the card meanwhile."""
    card = hold_card(card)
    if card.workplace_id != by.workplace.pk:
        raise NotAllowed(by.role)
    return card


def hold_card(card: Card) -> Card:
    """Any card as it is once its person line is locked."""
    while True:
        held = PersonLine.objects.select_for_update().filter(pk=card.line_id).values_list("pk", flat=True).first()
        card = Card.objects.select_related("holder", "line", "workplace").get(pk=card.pk)
        # Another line than the one held: the card became a successor meanwhile, and its own line is gone.
        if card.line_id == held:
            return card


# --- issuing ----------------------------------------------------------------------------------------------------


def residence_of(holder: Holder, *, by: Actor, day: date) -> str | Refusal:
    """The holder's municipality on the day: from the postal code, or given alone with no reason asked (section 4).

    Raises MunicipalityNeeded where the code lies in several.
    """
    if not holder.postal_code:
        if not holder.municipality:
            return Refusal.POSTAL_CODE_UNKNOWN
        given = by.network.municipality_on(holder.municipality, day)
        return given.code if given else Refusal.POSTAL_CODE_UNKNOWN
    codes = PostalCode.municipalities.through.objects.filter(postalcode_id=holder.postal_code)
    candidates = {
        facts.code
        for code in codes.values_list("municipality_id", flat=True)
        if (facts := by.network.municipality_on(code, day))
    }
    if not candidates:
        return Refusal.POSTAL_CODE_UNKNOWN
    if len(candidates) == 1:
        return candidates.pop()
    if holder.municipality in candidates:
        return holder.municipality
    raise MunicipalityNeeded(sorted(candidates))


def refuse_holder(holder: Holder, *, by: Actor, day: date) -> dict[str, Refusal]:
    """Every refusal of what was typed in, by field, in the order of the form (rules 1, 2, 4)."""
    refusals: dict[str, Refusal | None] = {}
    if holder.birth_year is not None:
        refusals["birth_year"] = refuse_birth_year(holder.birth_year, issued_on=day)
    residence = residence_of(holder, by=by, day=day)
    field = "postal_code" if holder.postal_code else "municipality"
    if isinstance(residence, Refusal):
        refusals[field] = residence
    else:
        refusals[field] = refuse_residence(by.network, by.facts, residence, day=day)
    refusals["minors"] = refuse_minors(holder.minors)
    return {name: refusal for name, refusal in refusals.items() if refusal}


def validity(*, by: Actor, region: int | None, day: date) -> date:
    """The last valid day of a card issued on a day in a region (rule 5)."""
    ends = by.network.policy(Policy.VALIDITY_ENDS, day, region=region)
    return last_valid_day(day, ends_by=date.fromisoformat(ends) if ends else None)


def exact_until(*, by: Actor, region: int | None, day: date) -> date:
    """The last day on which the exact birth year and postal code of a card issued on a day are kept (section 4)."""
    return day + timedelta(days=int(by.network.policy(Policy.TRIO_DAYS, day, region=region)))


def issue_card(
    code: str,
    *,
    by: Actor,
    now: datetime,
    holder: Holder | None = None,
    issued_on: date | None = None,
    id: UUID | None = None,
) -> Issued | Refusal:
    """Register a blank card of the actor's workplace, for a holder or (with none) as a community card.

    `issued_on` is the day of a paper form typed in later. The same `id` again gives the same answer. Raises
    MunicipalityNeeded, IdReused, NotAllowed.
    """
    if holder is not None:
        holder.need_listed()
    card = find_own_card(code, by=by, now=now)
    if isinstance(card, Refusal):
        return card
    with transaction.atomic():
        return _issue(lock_card(card, by=by), by=by, now=now, holder=holder, issued_on=issued_on, id=id)


def _issue(
    card: Card, *, by: Actor, now: datetime, holder: Holder | None, issued_on: date | None, id: UUID | None
) -> Issued | Refusal:
    if answered_before(card, id, by=by):
        return issued_answer(card)
    today = helsinki_day(now)
    day = issued_on or today
    refusal = refuse_registration(card_state(life_of(card), now)) or refuse_issue_day(day, today=today)
    if refusal:
        return refusal
    if holder is not None:
        if holder.birth_year is None:
            return Refusal.BIRTH_YEAR_IMPLAUSIBLE
        refusals = refuse_holder(holder, by=by, day=day)
        if refusals:
            return next(iter(refusals.values()))
        residence = residence_of(holder, by=by, day=day)
        assert isinstance(residence, str)
    else:
        residence = by.workplace.municipality_id
        if not by.network.open_on(by.facts.home_region, day):
            return Refusal.MUNICIPALITY_NOT_IN_NETWORK
    card.community = holder is None
    card.region_id = by.network.region_at(by.facts, residence, day) if holder else by.facts.home_region
    last = validity(by=by, region=card.region_id, day=day)
    if last < day:
        return Refusal.MUNICIPALITY_NOT_IN_NETWORK
    card.save(update_fields=["community", "region"])
    if holder is not None:
        card.holder = HolderData.objects.create(
            card=card,
            birth_year=holder.birth_year,
            birth_band=age_band(cast(int, holder.birth_year)),
            postal_code=holder.postal_code or "",
            municipality_id=residence,
            minors=holder.minors,
            exact_until=exact_until(by=by, region=card.region_id, day=day),
            may_remind=holder.may_remind,
        )
    add_fact(card, CardFactKind.REGISTERED, at=now if day == today else day_start(day), by=by, now=now, client_id=id)
    add_fact(card, CardFactKind.VALID, at=now, since=day, until=last, by=by, now=now)
    count_fact(card, CountedKind.REGISTRATION, residence=residence, day=day, by=by, now=now, holder=holder)
    register_waiting(card, residence=residence, day=day, by=by, now=now)
    note(Act.CARD_ISSUED, by=by, now=now, subject=card.trail_id)
    return Issued(card.serial, last, holder.minors if holder else 0, card.pk)


def answered_before(card: Card, id: UUID | None, *, by: Actor) -> CardFact | None:
    """The fact that the workplace's first press with this id wrote. Raises IdReused if it was for another card."""
    first = CardFact.objects.filter(client_id=id, workplace=by.workplace).first() if id is not None else None
    if first is not None and first.card_id != card.pk:
        raise IdReused
    return first


def row_id(row: str, *, by: Actor) -> UUID:
    """The id of an issue that is typed in from a row of the workplace's paper form: the same row is the same issue."""
    return uuid5(PAPER_ROWS, f"{by.workplace.pk} {row}")


def card_of_row(row: str, *, by: Actor) -> Card | None:
    """The card that has been given with a row of the workplace's paper form, once it is typed in."""
    fact = CardFact.objects.filter(client_id=row_id(row, by=by), workplace=by.workplace).select_related("card").first()
    return fact.card if fact and fact.card.workplace_id == by.workplace.pk else None


def issued_answer(card: Card) -> Issued:
    """The answer an issue got."""
    last = life_of(card).last_day
    assert last is not None
    return Issued(card.serial, last, 0 if card.community else card.holder.minors, card.pk)


def add_fact(card: Card, kind: CardFactKind, *, at: datetime, by: Actor, now: datetime, **facts: object) -> CardFact:
    return CardFact.objects.create(
        card=card, kind=kind, at=at, entered_at=now, by=by.user, workplace=by.workplace, **facts
    )


def count_fact(
    card: Card,
    kind: CountedKind,
    *,
    residence: str | None,
    day: date,
    by: Actor,
    now: datetime,
    holder: Holder | None = None,
) -> CountedFact:
    """A fact for the figures, with the facts of its day."""
    area = by.network.municipalities[residence].wellbeing_area if residence else None
    return CountedFact.objects.create(
        kind=kind,
        day=day,
        entered_at=now,
        community=card.community,
        region_id=card.region_id,
        residence_id=residence,
        residence_area_id=area,
        age_band=None if card.community else card.holder.birth_band,
        later_card=card.later,
        gender=holder.gender if holder else None,
        life_situations=holder.life_situations if holder else None,
        home_language=holder.home_language if holder else None,
        card=card,
        line_id=card.line_id,
    )


def register_waiting(card: Card, *, residence: str, day: date, by: Actor, now: datetime) -> None:
    """Uses that waited for this registration: dated on or after it, at most seven days old (rule 6)."""
    waiting = Record.objects.filter(
        card=card, status=Status.PENDING, day__gte=day, entered_at__gte=now - timedelta(days=PENDING_DAYS)
    ).exclude(changes__kind__in=[ChangeKind.REGISTERED, ChangeKind.VOIDED, ChangeKind.REVERSED])
    numbers = list(waiting.values_list("pk", flat=True))
    if not numbers:
        return
    rows = Record.objects.filter(pk__in=numbers)
    list(Offering.objects.filter(records__in=numbers).order_by("pk").select_for_update(of=("self",)))
    rows.update(
        community=card.community,
        card_region=card.region_id,
        residence=residence,
        residence_area=by.network.municipalities[residence].wellbeing_area,
        age_band=None if card.community else card.holder.birth_band,
        later_card=card.later,
    )
    register_pending(rows.select_related("line", "offering").order_by("day", "pk"), now=now, by=by)
