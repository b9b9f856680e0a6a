"""K-17 where a code would stand: the short number of a hold names its card, whatever the door (rules 17, 24)."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db.models import QuerySet

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.known import Use
from kaikukortti.actions.places import places_key
from kaikukortti.models import CardFact, Hold
from kaikukortti.rules.codes import NO_CODE
from kaikukortti.rules.holds import read_number
from kaikukortti.rules.series import read_listed
from kaikukortti.terms.kinds import CardFactKind
from kaikukortti.terms.roles import Role


def names_no_card(code: str) -> bool:
    """Whether what stands in a code's place is none: nobody guesses codes with it (S5)."""
    return code == NO_CODE or read_number(code) is not None


def numbered(by: Actor) -> QuerySet[Hold]:
    """Holds with a card, whose numbers the actor's lists may hold: at a venue all of its own, at a ticket agent those
    that it keeps itself."""
    rows = Hold.objects.filter(card__isnull=False, group__isnull=True)
    return (
        rows.filter(workplace=by.workplace)
        if by.role == Role.TICKET_AGENT
        else rows.filter(offering__venue=by.workplace)
    )


def claim_numbers(uses: Sequence[Use], *, by: Actor) -> list[Use]:
    """The rows, with card and hold named where a hold's number stands instead of a code. A hold that has run out names
    its card still: the person has come after all. A number that nobody has stays, and is no code. One or two statements
    where there is such a row, else none."""
    asked = {
        (use.offering, number)
        for use in uses
        if use.card is None
        and use.offering is not None
        and (number := read_number(use.code)) is not None
        and read_listed(use.code, by.network.series) is None
    }
    if not asked:
        return list(uses)
    rows = numbered(by).filter(
        offering__in={offering for offering, _number in asked}, number__in={number for _offering, number in asked}
    )
    found = {(row.offering_id, row.day, row.number): row for row in rows.select_related("offering")}
    now_with = successors([row.card_id for row in found.values() if row.card_id is not None])
    claimed = []
    for use in uses:
        number = read_number(use.code) if (use.offering, read_number(use.code)) in asked and use.card is None else None
        facts = next((row.offering.facts for row in found.values() if row.offering_id == use.offering), None)
        hold = found.get((*places_key(facts, use.day), number)) if facts and number else None
        if hold is not None and hold.card_id is not None:
            use = replace(use, card=now_with.get(hold.card_id, hold.card_id), hold=hold.pk)
        claimed.append(use)
    return claimed


def successors(cards: Collection[int]) -> dict[int, int]:
    """The card that each has been replaced by, the last of them where that was replaced too; the others are left
    out."""
    last = {card: card for card in cards}
    while True:
        facts = CardFact.objects.filter(
            kind=CardFactKind.REPLACED, card__in=set(last.values()), successor__isnull=False
        )
        after = dict(facts.values_list("card", "successor"))
        if not after:
            return {card: now for card, now in last.items() if now != card}
        last = {card: after.get(now, now) for card, now in last.items()}
