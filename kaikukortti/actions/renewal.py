"""Renewing a card where it was given (rule 9). The same card keeps its person line, by its nature and by its holder's
choice; a new card at renewal is an ordinary issue of a blank, and nothing stores that it follows another."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.cards import (
    Holder,
    add_fact,
    answered_before,
    count_fact,
    life_of,
    lock_card,
    validity,
)
from kaikukortti.actions.looking_after import refuse_correction, residence_of_card, residence_on, write_correction
from kaikukortti.actions.trail import note
from kaikukortti.models import Card
from kaikukortti.rules.cards import CardLife, refuse_renewal, renewable_from, renewal_spell
from kaikukortti.rules.network import refuse_residence
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import CardFactKind, CountedKind
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.trail import Act


@dataclass(frozen=True, slots=True)
class Renewed:
    """What the renewed card gives: its newest spell, both days included."""

    serial: str
    since: date
    last_valid_day: date
    minors: int
    card: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """Whether a card can be renewed today, and how: its new days, or why not and from which day on."""

    refusal: Refusal | None
    begins: date | None = None
    since: date | None = None
    until: date | None = None
    region: int | None = None
    residence: str = ""


def renewal_outlook(card: Card, *, by: Actor, now: datetime, residence: str | None = None) -> Outlook:
    """What renewing today would give, for where the holder lives now (by default as it is kept). Writes nothing."""
    life, today = life_of(card), helsinki_day(now)
    begins = renewable_from(life)
    refusal = refuse_renewal(life, now)
    if refusal:
        return Outlook(refusal, begins)
    lives_in = residence or residence_of_card(card)
    current = by.network.municipality_on(lives_in, today)
    lives_in = current.code if current else lives_in
    # Where the municipality, or the region of a community card's workplace, has left the network, the card lives on to
    # its last day and is not renewed (rule 2).
    if card.community:
        region = by.facts.home_region
        gone = None if by.network.open_on(region, today) else Refusal.MUNICIPALITY_NOT_IN_NETWORK
    else:
        region = by.network.region_at(by.facts, lives_in, today)
        gone = refuse_residence(by.network, by.facts, lives_in, day=today)
    if gone:
        return Outlook(gone, begins)
    since, until = _spell(life, by=by, region=region, today=today)
    if until < since:
        return Outlook(Refusal.MUNICIPALITY_NOT_IN_NETWORK, begins)
    return Outlook(None, begins, since, until, region, lives_in)


def _spell(life: CardLife, *, by: Actor, region: int | None, today: date) -> tuple[date, date]:
    """The new days, cut by the region's policy as it stands on the first of them (rule 5)."""
    since, _whole_year = renewal_spell(life, today=today)
    return since, validity(by=by, region=region, day=since)


def renew_card(
    card: Card, *, by: Actor, now: datetime, holder: Holder | None = None, id: UUID | None = None
) -> Renewed | Refusal:
    """Renew the same card for a year (rule 9). `holder` is what has been confirmed in the same step: where the holder
    lives today and how many children there are. A refusal changes nothing. The same `id` again gives the same answer.

    Raises NotAllowed, IdReused, MunicipalityNeeded.
    """
    by.need(Role.ISSUER)
    with transaction.atomic():
        card = lock_card(card, by=by)
        before = answered_before(card, id, by=by)
        if before is not None:
            assert before.since is not None
            assert before.until is not None
            return Renewed(card.serial, before.since, before.until, _minors(card), card.pk)
        refusal = refuse_renewal(life_of(card), now)
        if refusal:
            return refusal
        today = helsinki_day(now)
        residence = None
        if holder is not None and not card.community:
            refusals = refuse_correction(card, holder, by=by, now=now, moved=True)
            if refusals:
                return next(iter(refusals.values()))
            residence = residence_on(holder, by=by, day=today)
        outlook = renewal_outlook(card, by=by, now=now, residence=residence)
        if outlook.refusal:
            return outlook.refusal
        assert outlook.since is not None
        assert outlook.until is not None
        if holder is not None and not card.community:
            write_correction(card, holder, outlook.residence, by=by, now=now, day=today, moved=True)
        elif not card.community and card.holder.municipality_id != outlook.residence:
            # The municipality has merged into another since.
            card.holder.municipality_id = outlook.residence
            card.holder.save(update_fields=["municipality"])
        card.region_id = outlook.region
        card.save(update_fields=["region"])
        add_fact(
            card, CardFactKind.VALID, at=now, since=outlook.since, until=outlook.until, by=by, now=now, client_id=id
        )
        count_fact(card, CountedKind.RENEWAL, residence=outlook.residence, day=today, by=by, now=now)
        note(Act.CARD_RENEWED, by=by, now=now, subject=card.trail_id)
    return Renewed(card.serial, outlook.since, outlook.until, _minors(card), card.pk)


def newest_spell(card: Card) -> Renewed | None:
    """The card's newest days, for the page that says that it has been renewed."""
    spells = life_of(card).spells
    if not spells:
        return None
    since, until = spells[-1]
    return Renewed(card.serial, since, until, _minors(card), card.pk)


def _minors(card: Card) -> int:
    return 0 if card.community else card.holder.minors
