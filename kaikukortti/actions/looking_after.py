"""Looking after a card that was given: correct its data, block it, replace it (rules 8–10)."""

from datetime import datetime

from django.db import transaction

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.cards import (
    Holder,
    Issued,
    add_fact,
    count_fact,
    find_own_card,
    life_of,
    lock_card,
    refuse_holder,
    register_waiting,
    residence_of,
)
from kaikukortti.models import (
    Card,
    CountedFact,
    HolderData,
    PersonLine,
    Record,
)
from kaikukortti.rules.cards import (
    STATE_REFUSALS,
    age_band,
    card_state,
    refuse_block,
    refuse_replacement,
)
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import (
    BlockReason,
    CardFactKind,
    CountedKind,
    ReplaceReason,
)
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import CardState


def correct_holder(card: Card, *, holder: Holder, by: Actor, now: datetime) -> dict[str, Refusal]:
    """Correct what was typed in; says the refusals by field, empty when done. The register keeps that a kind of data
    was corrected, when and by whom, never the old value. A card without holder's data says so under "card"."""
    by.need(Role.ISSUER)
    with transaction.atomic():
        card = lock_card(card, by=by)
        if not hasattr(card, "holder"):
            gone = STATE_REFUSALS.get(card_state(life_of(card), now), Refusal.COUNTS_NOT_FOR_THIS_CARD)
            return {"card": gone}
        issued_on = min(since for since, _until in life_of(card).spells)
        refusals = refuse_holder(holder, by=by, day=issued_on)
        if refusals:
            return refusals
        residence = residence_of(holder, by=by, day=issued_on)
        assert isinstance(residence, str)
        kept = card.holder
        new: dict[str, object] = {
            "birth_year": holder.birth_year,
            "postal_code": holder.postal_code or "",
            "municipality_id": residence,
            "minors": holder.minors,
        }
        changed = sorted(name for name, value in new.items() if getattr(kept, name) != value)
        if not changed:
            return {}
        for name, value in new.items():
            setattr(kept, name, value)
        kept.birth_band = age_band(holder.birth_year)
        kept.save()
        card.region_id = by.network.region_at(by.facts, residence, issued_on)
        card.save(update_fields=["region"])
        kinds = [name.removesuffix("_id") for name in changed]
        add_fact(card, CardFactKind.CORRECTED, at=now, by=by, now=now, corrected=kinds)
        _recount_registration(card, residence=residence, by=by, now=now)
    return {}


def _recount_registration(card: Card, *, residence: str, by: Actor, now: datetime) -> None:
    """The registration fact is withdrawn and written anew with the right facts; its day and voluntary answers stay."""
    fact = CountedFact.objects.filter(card=card, kind=CountedKind.REGISTRATION, withdrawn_at__isnull=True).first()
    if fact is None:
        return
    CountedFact.objects.filter(pk=fact.pk).update(withdrawn_at=now)
    CountedFact.objects.create(
        kind=fact.kind,
        day=fact.day,
        entered_at=now,
        region_id=card.region_id,
        residence_id=residence,
        residence_area_id=by.network.municipalities[residence].wellbeing_area,
        age_band=card.holder.birth_band,
        later_card=fact.later_card,
        gender=fact.gender,
        life_situations=fact.life_situations,
        home_language=fact.home_language,
        card=card,
        line_id=card.line_id,
    )


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
        residence = card.workplace.municipality_id if card.community else card.holder.municipality_id
        count_fact(card, CountedKind.BLOCK, residence=residence, day=helsinki_day(now), by=by, now=now)
    return None


def replace_card(card: Card, new_code: str, *, reason: str, by: Actor, now: datetime) -> Issued | Refusal:
    """Lost, stolen, broken, wrong data (rule 10): the old code is out of use at once, the successor inherits the last
    valid day and all period counters by joining the person line. Uses before stand."""
    reason = ReplaceReason(reason)
    blank = find_own_card(new_code, by=by, now=now)
    if isinstance(blank, Refusal):
        return blank
    if card.workplace_id != by.workplace.pk:
        raise NotAllowed(by.role)
    with transaction.atomic():
        list(PersonLine.objects.filter(cards__in=[card, blank]).order_by("pk").select_for_update(of=("self",)))
        card = Card.objects.select_related("holder", "workplace").get(pk=card.pk)
        blank = Card.objects.get(pk=blank.pk)
        life = life_of(card)
        refusal = refuse_replacement(life, life_of(blank), at=now)
        if refusal:
            return refusal
        last = life.last_day
        assert last is not None
        _join_line(blank, card)
        add_fact(card, CardFactKind.REPLACED, at=now, by=by, now=now, successor=blank, reason=reason)
        add_fact(blank, CardFactKind.REGISTERED, at=now, by=by, now=now)
        add_fact(blank, CardFactKind.VALID, at=now, since=helsinki_day(now), until=last, by=by, now=now)
        residence = card.workplace.municipality_id if card.community else card.holder.municipality_id
        count_fact(card, CountedKind.BLOCK, residence=residence, day=helsinki_day(now), by=by, now=now)
        minors = 0
        if not card.community:
            minors = card.holder.minors
            HolderData.objects.filter(card=card).update(card=blank)
            blank.holder = HolderData.objects.get(card=blank)
        register_waiting(blank, residence=residence, day=helsinki_day(now), by=by, now=now)
    return Issued(blank.serial, last, minors, blank.pk)


def _join_line(new: Card, old: Card) -> None:
    """The successor joins the person line of its predecessor; its own fresh line goes, its waiting uses come along."""
    fresh = new.line_id
    for record in Record.objects.filter(line=fresh):
        # A use that waited on the blank card beside the same person's own ticket is a likely duplicate: it lets go.
        taken = Record.objects.filter(
            line=old.line_id, own_day=record.own_day, offering=record.offering_id, venue=record.venue_id
        )
        own_day = None if record.own_day and taken.exists() else record.own_day
        Record.objects.filter(pk=record.pk).update(line=old.line_id, own_day=own_day)
    new.line_id = old.line_id
    new.community = old.community
    new.region_id = old.region_id
    new.later = True
    new.save(update_fields=["line", "community", "region", "later"])
    PersonLine.objects.filter(pk=fresh).delete()
