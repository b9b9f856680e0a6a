"""Erasing cards with everything that hangs on them; what figures count stays as it was (P14, P16).

A record, and a counted fact, keep the facts of their day and lose the link: card, line, content, own ticket's slot.
"""

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from kaikukortti.actions.holds import let_go_of
from kaikukortti.figures.own_counts import first_registrations
from kaikukortti.models import Card, CountedFact, ErasedCards, PersonLine, Record, SeasonDay
from kaikukortti.terms.days import helsinki_day


@transaction.atomic
def erase_line(line: PersonLine, *, now: datetime) -> None:
    """Erase a person line with all its cards: holder's data, dated rows, the holder's own access, phones and look-ups.

    Uses stay as counts, and no published sum changes. A row of a worklist names a serial alone and leaves with the
    next drawing, as a used card's does. Calm when the line is gone.
    """
    # The lock every action on the line's cards and uses takes first: what was under way is done, what comes finds none.
    if PersonLine.objects.select_for_update().filter(pk=line.pk).first() is None:
        return
    cards = list(Card.objects.filter(line=line.pk).values_list("pk", flat=True))
    let_go_of(cards, now=now)
    cut_records(Q(line=line.pk) | Q(card__in=cards))
    CountedFact.objects.filter(Q(line=line.pk) | Q(card__in=cards)).update(card=None, line=None)
    erase_cards(cards)
    PersonLine.objects.filter(pk=line.pk).delete()


def cut_records(these: Q) -> int:
    """Cut records from their cards; the caller holds their lines. The id alone answers a repetition from then on (rule
    26), and the same person's own ticket is told apart no more (rule 27)."""
    SeasonDay.objects.filter(Exists(Record.objects.filter(these, pk=OuterRef("record")))).delete()
    return Record.objects.filter(these).update(card=None, line=None, content="", own_day=None)


def erase_cards(cards: Collection[int]) -> int:
    """Erase cards that no record points at any more, with their rows; the caller holds their lines. Says how many."""
    _keep_own_counts(cards)
    _all, erased = Card.objects.filter(pk__in=cards).delete()
    return erased.get(Card._meta.label, 0)


def _keep_own_counts(cards: Collection[int]) -> None:
    """The workplaces that gave the cards go on counting them, by the month of registration."""
    given: Counter[tuple[int, date, str]] = Counter()
    rows = first_registrations().filter(card__in=cards).values_list("workplace", "at", "card__community")
    for workplace, at, community in rows:
        column = "community_cards" if community else "cards"
        given[(workplace, helsinki_day(at).replace(day=1), column)] += 1
    months = sorted({(workplace, month) for workplace, month, _column in given})
    ErasedCards.objects.bulk_create(
        (ErasedCards(workplace_id=workplace, month=month) for workplace, month in months), ignore_conflicts=True
    )
    for (workplace, month, column), number in sorted(given.items()):
        ErasedCards.objects.filter(workplace=workplace, month=month).update(**{column: F(column) + number})
