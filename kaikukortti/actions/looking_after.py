"""Looking after a card that was given: correct, block, replace, take back, or let another workplace do it.

A block, a replacement and an early end are in force in the same second (rules 8–10, S8).
"""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.cards import (
    Holder,
    Issued,
    add_fact,
    answered_before,
    count_fact,
    find_own_card,
    hold_card,
    issued_answer,
    life_of,
    lock_card,
    register_waiting,
    residence_of,
)
from kaikukortti.actions.trail import note
from kaikukortti.models import Card, CountedFact, HolderData, Membership, PersonLine, Record, SeasonDay, Workplace
from kaikukortti.rules.cards import (
    STATE_REFUSALS,
    age_band,
    card_state,
    early_end,
    refuse_birth_year,
    refuse_block,
    refuse_early_end,
    refuse_minors,
    refuse_replacement,
)
from kaikukortti.rules.network import refuse_residence
from kaikukortti.rules.people import Granter, refuse_move
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.kinds import BlockReason, CardFactKind, CountedKind, MoveReason, ReplaceReason
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import CardState
from kaikukortti.terms.trail import Act


def correct_holder(card: Card, *, holder: Holder, by: Actor, now: datetime, moved: bool = False) -> dict[str, Refusal]:
    """Correct what was typed in; says the refusals by field, empty when done. The register keeps that a kind of data
    was corrected, when and by whom, never the old value. A card without holder's data says so under "card".

    What was typed wrong is judged as of the issue, and the registration is counted anew. A holder who has `moved` since
    lives elsewhere from today on: the registration stays as it was, and the card its validity (rule 2).
    """
    by.need(Role.ISSUER)
    with transaction.atomic():
        card = lock_card(card, by=by)
        if not hasattr(card, "holder"):
            gone = STATE_REFUSALS.get(card_state(life_of(card), now), Refusal.COUNTS_NOT_FOR_THIS_CARD)
            return {"card": gone}
        refusals = refuse_correction(card, holder, by=by, now=now, moved=moved)
        if refusals:
            return refusals
        day = helsinki_day(now) if moved else issue_day(card)
        residence = residence_on(holder, by=by, day=day)
        if write_correction(card, holder, residence, by=by, now=now, day=day, moved=moved):
            note(Act.CARD_CORRECTED, by=by, now=now, subject=card.trail_id)
    return {}


def issue_day(card: Card) -> date:
    """The day the card was registered: what was typed in then is judged as of it."""
    registered = life_of(card).registered_at
    assert registered is not None
    return helsinki_day(registered)


def refuse_correction(card: Card, holder: Holder, *, by: Actor, now: datetime, moved: bool) -> dict[str, Refusal]:
    """Every refusal by field. What was typed wrong is judged as of the issue; where somebody has moved need only be a
    place there is, and a place that is kept already is not judged again."""
    issued_on = issue_day(card)
    day = helsinki_day(now) if moved else issued_on
    refusals: dict[str, Refusal | None] = {}
    if holder.birth_year is not None and card.holder.birth_year is not None:
        refusals["birth_year"] = refuse_birth_year(holder.birth_year, issued_on=issued_on)
    residence = residence_of(holder, by=by, day=day)
    field = "postal_code" if holder.postal_code else "municipality"
    if isinstance(residence, Refusal):
        refusals[field] = residence
    elif not moved and residence != card.holder.municipality_id:
        refusals[field] = refuse_residence(by.network, by.facts, residence, day=day)
    refusals["minors"] = refuse_minors(holder.minors)
    return {name: refusal for name, refusal in refusals.items() if refusal}


def residence_on(holder: Holder, *, by: Actor, day: date) -> str:
    """The residence of what has been judged well."""
    residence = residence_of(holder, by=by, day=day)
    assert isinstance(residence, str)
    return residence


def write_correction(
    card: Card, holder: Holder, residence: str, *, by: Actor, now: datetime, day: date, moved: bool
) -> bool:
    """Store what differs from what is kept, and say whether anything did; the caller holds the card's line and has
    judged it. What has been made coarse stays so: without a birth year neither it nor the postal code comes back."""
    kept = card.holder
    coarse = kept.birth_year is None
    new: dict[str, object] = {
        "birth_year": kept.birth_year if coarse or holder.birth_year is None else holder.birth_year,
        "postal_code": "" if coarse else holder.postal_code or "",
        "municipality_id": residence,
        "minors": holder.minors,
        "may_remind": holder.may_remind,
    }
    changed = sorted(name for name, value in new.items() if getattr(kept, name) != value)
    if not changed:
        return False
    for name, value in new.items():
        setattr(kept, name, value)
    if kept.birth_year is not None:
        kept.birth_band = age_band(kept.birth_year)
    kept.save()
    if "municipality_id" in changed:
        card.region_id = by.network.region_at(by.facts, residence, day)
        card.save(update_fields=["region"])
    kinds = [name.removesuffix("_id") for name in changed]
    why = MoveReason.HOLDER_MOVED if moved and "municipality" in kinds else ""
    add_fact(card, CardFactKind.CORRECTED, at=now, by=by, now=now, corrected=kinds, reason=why)
    if {"birth_year", "municipality_id"} & set(changed):
        _recount_registration(card, residence=None if moved else residence, by=by, now=now)
    return True


def _recount_registration(card: Card, *, residence: str | None, by: Actor, now: datetime) -> None:
    """The registration fact is withdrawn and written anew with the right facts; its day and voluntary answers stay, and
    its residence too where the holder has moved since."""
    fact = CountedFact.objects.filter(card=card, kind=CountedKind.REGISTRATION, withdrawn_at__isnull=True).first()
    if fact is None or (residence is None and fact.age_band == card.holder.birth_band):
        return
    CountedFact.objects.filter(pk=fact.pk).update(withdrawn_at=now)
    CountedFact.objects.create(
        kind=fact.kind,
        day=fact.day,
        entered_at=now,
        region_id=card.region_id if residence else fact.region_id,
        residence_id=residence or fact.residence_id,
        residence_area_id=by.network.municipalities[residence].wellbeing_area if residence else fact.residence_area_id,
        age_band=card.holder.birth_band,
        later_card=fact.later_card,
        gender=fact.gender,
        life_situations=fact.life_situations,
        home_language=fact.home_language,
        card=card,
        line_id=card.line_id,
    )


def residence_of_card(card: Card) -> str:
    """Where the card's facts of the day say that it lives: a community card with its workplace."""
    return card.workplace.municipality_id if card.community else card.holder.municipality_id


def block_card(card: Card, *, reason: str, by: Actor, now: datetime) -> Refusal | None:
    """Block a card of the actor's workplace, in force at once (S8). A second block is calm: the first one stands."""
    by.need(Role.ISSUER)
    reason = BlockReason(reason)
    with transaction.atomic():
        card = lock_card(card, by=by)
        state = card_state(life_of(card), now)
        refusal = refuse_block(state)
        if refusal or state == CardState.BLOCKED:
            return refusal
        add_fact(card, CardFactKind.BLOCKED, at=now, by=by, now=now, reason=reason)
        count_fact(card, CountedKind.BLOCK, residence=residence_of_card(card), day=helsinki_day(now), by=by, now=now)
        note(Act.CARD_BLOCKED, by=by, now=now, subject=card.trail_id)
    return None


def replace_card(
    card: Card, new_code: str, *, reason: str, by: Actor, now: datetime, id: UUID | None = None
) -> Issued | Refusal:
    """Lost, stolen, broken, wrong data, or another form (rule 10): the old code is out of use at once, the successor
    inherits the last valid day and all period counters by joining the person line. Uses before stand.

    The same `id` again gives the same answer. Raises NotAllowed, IdReused.
    """
    reason = ReplaceReason(reason)
    blank = find_own_card(new_code, by=by, now=now)
    if isinstance(blank, Refusal):
        return blank
    with transaction.atomic():
        list(PersonLine.objects.filter(cards__in=[card, blank]).order_by("pk").select_for_update(of=("self",)))
        card = Card.objects.select_related("holder", "workplace").get(pk=card.pk)
        blank = Card.objects.get(pk=blank.pk)
        if {card.workplace_id, blank.workplace_id} != {by.workplace.pk}:
            raise NotAllowed(by.role)
        if answered_before(blank, id, by=by):
            return issued_answer(blank)
        life = life_of(card)
        refusal = refuse_replacement(life, life_of(blank), at=now)
        if refusal:
            return refusal
        last = life.last_day
        assert last is not None
        join_line(blank, card)
        today = helsinki_day(now)
        add_fact(card, CardFactKind.REPLACED, at=now, by=by, now=now, successor=blank, reason=reason)
        add_fact(blank, CardFactKind.REGISTERED, at=now, by=by, now=now, client_id=id)
        add_fact(blank, CardFactKind.VALID, at=now, since=today, until=last, by=by, now=now)
        residence = residence_of_card(card)
        count_fact(card, CountedKind.BLOCK, residence=residence, day=today, by=by, now=now)
        minors = 0
        if not card.community:
            minors = card.holder.minors
            HolderData.objects.filter(card=card).update(card=blank)
            blank.holder = HolderData.objects.get(card=blank)
        register_waiting(blank, residence=residence, day=today, by=by, now=now)
        note(Act.CARD_REPLACED, by=by, now=now, subject=card.trail_id)
    return Issued(blank.serial, last, minors, blank.pk)


def join_line(new: Card, old: Card) -> None:
    """The successor joins the person line of its predecessor; its own fresh line goes, its waiting uses come along."""
    fresh = new.line_id
    for record in Record.objects.filter(line=fresh):
        # A use that waited on the blank card beside the same person's own ticket is a likely duplicate: it lets go.
        taken = Record.objects.filter(
            line=old.line_id, own_day=record.own_day, offering=record.offering_id, venue=record.venue_id
        )
        own_day = None if record.own_day and taken.exists() else record.own_day
        Record.objects.filter(pk=record.pk).update(line=old.line_id, own_day=own_day)
    for day in SeasonDay.objects.filter(line=fresh):
        same = SeasonDay.objects.filter(line=old.line_id, offering=day.offering_id, venue=day.venue_id, day=day.day)
        if not same.exists():
            SeasonDay.objects.filter(pk=day.pk).update(line=old.line_id)
    new.line_id = old.line_id
    new.community = old.community
    new.region_id = old.region_id
    new.later = True
    new.save(update_fields=["line", "community", "region", "later"])
    PersonLine.objects.filter(pk=fresh).delete()


def end_card(card: Card, *, by: Actor, now: datetime) -> Refusal | None:
    """The holder gives the card back: yesterday was its last day. A second time is calm, as is a card that had run
    out."""
    by.need(Role.ISSUER)
    with transaction.atomic():
        card = lock_card(card, by=by)
        life = life_of(card)
        refusal = refuse_early_end(life, now)
        if refusal:
            return None if refusal == Refusal.CARD_EXPIRED else refusal
        add_fact(card, CardFactKind.ENDED, at=now, until=early_end(now), by=by, now=now)
        count_fact(
            card, CountedKind.EARLY_END, residence=residence_of_card(card), day=helsinki_day(now), by=by, now=now
        )
        note(Act.CARD_ENDED, by=by, now=now, subject=card.trail_id)
    return None


def move_card(card: Card, to: Workplace, *, reason: str, by: Actor, now: datetime) -> WhyNot | None:
    """Let another workplace look after a card, and so renew it (rule 9). A coordinator moves cards of its own regions
    to workplaces of its own regions; to whom the card belonged is told to nobody, so moving it where it is, is calm.
    Nobody moves a card to where they work themselves: they would read its holder's data. Raises NotAllowed."""
    by.need(Role.NATIONAL, Role.COORDINATOR)
    reason = MoveReason(reason)
    if by.user and Membership.objects.current().filter(user=by.user, workplace=to).exists():
        raise NotAllowed(by.role)
    granter = Granter(by.facts, is_contact=False)
    with transaction.atomic():
        card = hold_card(card)
        facts = by.network.workplaces[to.pk]
        why_not = refuse_move(granter, region=card.region_id, to=facts, day=helsinki_day(now))
        if why_not or card.workplace_id == to.pk:
            return why_not
        card.workplace = to
        card.save(update_fields=["workplace"])
        add_fact(card, CardFactKind.MOVED, at=now, by=by, now=now, reason=reason)
        note(Act.CARD_MOVED, by=by, now=now, subject=card.trail_id)
    return None
