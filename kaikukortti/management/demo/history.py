"""A stretch of invented past: so many cards with so many uses between them, a chunk at a time.

Memory stays flat whatever the numbers: a chunk is planned, judged, written and forgotten.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from kaikukortti.actions.codes import code_digests
from kaikukortti.actions.simulation import InventedCard, Stage, Written, stage, write_cards
from kaikukortti.management.demo import derived
from kaikukortti.management.demo.plans import ONE_COMMUNITY_IN, USED_SHARE, Plans
from kaikukortti.models import Card
from kaikukortti.terms.days import helsinki_day

CARDS, USES = 320, 2600
WAITING = 14
CHUNK_CARDS, CHUNK_USES = 1000, 5000

Told = Callable[[Written], object]


def write_demo_history(*, now: datetime) -> Written | None:
    """A year of the demo's past, all or nothing, once; the cards are not among the listed ones."""
    first = derived.code("history 0")
    if Card.objects.filter(digest__in=code_digests(first)).exists():
        return None
    last = helsinki_day(now) - timedelta(days=1)
    on = stage()
    plans = Plans(on, first=last - timedelta(days=364), last=last, seed=derived.seed("history"))
    cards = [one for chunk in planned(plans, cards=CARDS, uses=USES) for one in chunk]
    # What the social office of the tour may remind of this month: given 31 to 60 days before the list, and not used.
    drawn_on = helsinki_day(now).replace(day=1)
    cards += [plans.waiting(drawn_on - timedelta(days=31 + 2 * number)) for number in range(WAITING)]
    for number, card in enumerate(cards):
        card.code = derived.code(f"history {number}")
    return write_cards(cards, on=on)


def write_history(plans: Plans, *, cards: int, uses: int, on: Stage, told: Told) -> Written:
    """So many personal cards and so many uses, as near as the calendar allows; what one card could not use, the next
    ones do. Community cards come on top."""
    done = Written()
    for chunk in planned(plans, cards=cards, uses=uses, done=done):
        written = write_cards(chunk, on=on)
        done.add(written)
        told(written)
    return done


def planned(plans: Plans, *, cards: int, uses: int, done: Written | None = None) -> Iterator[list[InventedCard]]:
    """The cards in chunks. `done` says what has been written when the next chunk is asked for."""
    chunk: list[InventedCard] = []
    promised = planned_in_chunk = 0
    size = max(1, min(CHUNK_CARDS, CHUNK_USES * cards // max(1, uses)))
    for number in range(cards):
        left = uses - (done.uses + planned_in_chunk if done is not None else promised)
        tickets = _tickets(plans, left=left, cards=cards - number)
        chunk.append(plans.card(tickets=tickets, everywhere=number == cards - 1))
        promised += tickets
        planned_in_chunk += tickets
        if number % ONE_COMMUNITY_IN == ONE_COMMUNITY_IN // 2 and left > tickets:
            group = min(left - tickets, round(2 * uses / max(1, cards)) + 2)
            chunk.append(plans.community_card(tickets=group))
            promised += group
            planned_in_chunk += group
        # Towards the end in ever smaller chunks: what one could not use, the next ones still can.
        if len(chunk) >= (size if done is None else max(1, min(size, (cards - number) // 4))):
            yield chunk
            chunk, planned_in_chunk = [], 0
    if chunk:
        yield chunk


def _tickets(plans: Plans, *, left: int, cards: int) -> int:
    """How many tickets one card takes of those left for so many cards: many stay in the drawer, a few go everywhere."""
    if left <= 0:
        return 0
    if cards == 1:
        return left
    share = min(USED_SHARE, left / cards)
    if plans.random.random() > share:
        return 0
    return min(left, max(1, round(plans.random.expovariate(cards * share / left))))


def days_of(years: int, *, now: datetime) -> tuple[date, date]:
    """The first and last day of so many years up to yesterday."""
    last = helsinki_day(now) - timedelta(days=1)
    try:
        return last.replace(year=last.year - years) + timedelta(days=1), last
    except ValueError:
        return last.replace(year=last.year - years, day=28) + timedelta(days=1), last
