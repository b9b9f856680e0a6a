"""The worklist's rules: every card once on each list, a quarter left out, and no course of lists that proves a use."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaikukortti.rules.cards import CardLife, last_valid_day
from kaikukortti.rules.worklist import (
    ALL_LOTS,
    LOTS,
    UNUSED,
    left_out,
    milestones,
    month_of,
    unused_milestone,
)
from kaikukortti.terms.days import HELSINKI, day_start
from kaikukortti.terms.kinds import Milestone

IN_TIME = (Milestone.UNUSED_30, Milestone.UNUSED_60, Milestone.UNUSED_90)
NEVER = 3  # used before the list of this place: 0, 1, 2; or before none of them
DECISION = Path(__file__).resolve().parents[2] / "docs" / "decisions" / "0019-worklist.md"
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def life(issued: date) -> CardLife:
    return CardLife(registered_at=day_start(issued), spells=((issued, last_valid_day(issued)),))


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, 20, tzinfo=HELSINKI)


def months(first: date, number: int) -> list[date]:
    found = [month_of(first)]
    while len(found) < number:
        found.append(month_of(found[-1] + timedelta(days=31)))
    return found


# --- which list, and when -----------------------------------------------------------------------------------------


@given(DAYS)
def test_a_card_stands_once_on_each_list_and_never_before_its_time(issued: date) -> None:
    """A card on the same list two months running would tell of a use when it leaves."""
    stood = [(month, unused_milestone(issued, month=month)) for month in months(issued, 12)]
    reached = [milestone for _month, milestone in stood if milestone]
    assert len(set(reached)) == len(reached)
    assert reached == [one for one in IN_TIME if one in reached]
    assert Milestone.UNUSED_90 in reached
    for month, milestone in stood:
        if milestone:
            assert UNUSED[milestone] <= (month - issued).days < UNUSED[milestone] + 31


@given(DAYS, st.integers(0, 900))
def test_a_card_is_listed_by_its_state_and_its_days(issued: date, after: int) -> None:
    now = at(issued + timedelta(days=after))
    one, last = life(issued), last_valid_day(issued)
    listed = set(milestones(one, registered_on=issued, used=False, month=month_of(now.date()), now=now))
    left = (last - now.date()).days
    assert (Milestone.EXPIRING in listed) == (0 <= left <= 45)
    assert (Milestone.EXPIRED in listed) == (-365 <= left < 0)
    assert len(listed & set(UNUSED)) <= 1
    used = set(milestones(one, registered_on=issued, used=True, month=month_of(now.date()), now=now))
    assert used == listed - set(UNUSED), "a use takes a card from the unused list and from no other"


@pytest.mark.parametrize("gone", ["blocked_at", "replaced_at", "voided_at"])
def test_a_card_that_is_no_longer_in_use_is_on_no_list(gone: str) -> None:
    issued, now = date(2026, 9, 20), at(date(2026, 11, 1))
    assert list(milestones(life(issued), registered_on=issued, used=False, month=now.date(), now=now))
    ended: Any = {gone: now}
    one = replace(life(issued), **ended)
    assert list(milestones(one, registered_on=issued, used=False, month=now.date(), now=now)) == []


def test_a_blank_card_is_on_no_list() -> None:
    now = at(date(2026, 11, 1))
    assert list(milestones(CardLife(), registered_on=None, used=False, month=now.date(), now=now)) == []


# --- lots ---------------------------------------------------------------------------------------------------------


def test_every_list_leaves_out_a_quarter() -> None:
    assert sum(number for number, _lists in LOTS) == ALL_LOTS
    for milestone in IN_TIME:
        assert 4 * sum(number for number, lists in LOTS if milestone in lists) == ALL_LOTS
    assert Counter(left_out(lot) for lot in range(ALL_LOTS)) == {lists: number for number, lists in LOTS}
    with pytest.raises(ValueError, match="no such lot"):
        left_out(ALL_LOTS)


def seen(lot: int, used: int) -> str:
    """What a workplace sees of one card: L where it is listed, - where it is not."""
    lists = left_out(lot)
    return "".join("-" if place >= used or one in lists else "L" for place, one in enumerate(IN_TIME))


def shares(used: int, lists: int = 3) -> dict[str, Fraction]:
    counts = Counter(seen(lot, used)[:lists] for lot in range(ALL_LOTS))
    return {what: Fraction(number, ALL_LOTS) for what, number in counts.items()}


def likelier(what: str) -> Fraction:
    """How many times as likely this is for a card used at some time as for an unused one, at worst."""
    lists = len(what)
    unused = shares(NEVER, lists).get(what, Fraction(0))
    used = max(shares(place, lists).get(what, Fraction(0)) for place in range(lists))
    assert unused or not used, f"{what} proves a use"
    return used / unused if unused else Fraction(0)


def test_no_course_of_lists_proves_a_use() -> None:
    """Whatever was seen of a used card would have been seen of an unused one too, with another lot."""
    for lists, most in ((1, 4), (2, 10), (3, 10)):
        courses = {what for place in range(NEVER + 1) for what in shares(place, lists)}
        assert max(likelier(what) for what in courses) == most


def test_lots_drawn_apart_would_tell_more() -> None:
    """The control: three lots of their own make an absence from all three 64 times as likely for a used card."""
    apart = Fraction(1, 4) ** 3
    assert 1 / apart == 64


def posterior(what: str, prior: Fraction) -> float:
    """Bayes at worst: how likely it is that a card seen so has been used."""
    ratio = likelier(what)
    return float(ratio * prior / (ratio * prior + 1 - prior))


def said() -> dict[tuple[str, int], int]:
    """The decision's table: what was seen, how many times as likely (0), and per cent before → after."""
    rows = [line.split("|")[1:-1] for line in DECISION.read_text().splitlines() if line.startswith("| `")]
    columns = (0, 10, 25, 38, 60)
    return {
        (what.strip(" `"), column): int(cell.strip(" %"))
        for what, *cells in rows
        for column, cell in zip(columns, cells, strict=True)
    }


def test_the_decision_states_the_numbers() -> None:
    table = said()
    assert {what for what, _prior in table} == {"-", "--", "L-", "---", "L--", "LL-", "-L-"}
    for (what, prior), after in table.items():
        now = 100 * posterior(what, Fraction(prior, 100)) if prior else float(likelier(what))
        assert after == round(now), (what, prior)


def test_a_simulated_register_agrees_with_the_decision() -> None:
    """200,000 cards with a seed, 38 in a hundred used within the three lists: never more than Bayes says at worst."""
    chance = random.Random(19)
    used, all_ = Counter[str](), Counter[str]()
    for _card in range(200_000):
        when = chance.choice((0, 1, 2)) if chance.random() < 0.38 else NEVER
        what = seen(chance.randrange(ALL_LOTS), when)
        all_[what] += 1
        used[what] += when != NEVER
    for what, number in all_.items():
        share = used[what] / number
        if what.endswith("L"):
            assert share == 0, "who is on the last list has not used the card"
        else:
            assert share <= posterior(what, Fraction(38, 100)) + 0.02
    assert 0.6 < used["---"] / all_["---"] < 0.8
    assert set(map("".join, product("L-", repeat=3))) - set(all_) == {"--L"}
