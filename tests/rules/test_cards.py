"""A card's life in dates (rules 1–13)."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaikukortti.rules.cards import (
    CardLife,
    age_band,
    card_state,
    last_valid_day,
    refuse_birth_year,
    refuse_issue_day,
    refuse_minors,
    refuse_registration,
    state_during,
)
from kaikukortti.terms.days import HELSINKI, day_end, day_start
from kaikukortti.terms.kinds import CardFactKind
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.states import CardState

days = st.dates(date(2015, 1, 1), date(2099, 12, 31))
NOON = datetime(2026, 11, 24, 12, tzinfo=HELSINKI)


def in_use(**facts):
    since = date(2026, 6, 1)
    spells = ((since, last_valid_day(since)),)
    return CardLife(**{"registered_at": day_start(since), "spells": spells, **facts})


@pytest.mark.parametrize(
    ("issued", "last"),
    [
        (date(2026, 11, 24), date(2027, 11, 23)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 3, 1), date(2028, 2, 29)),
        (date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_card_lasts_a_year_with_the_day_of_issue(issued, last):
    assert last_valid_day(issued) == last


def test_a_policy_may_end_it_sooner():
    assert last_valid_day(date(2026, 11, 24), ends_by=date(2026, 12, 31)) == date(2026, 12, 31)


@given(days)
def test_no_year_is_shorter_than_365_days_or_longer_than_366(issued):
    assert (last_valid_day(issued) - issued).days + 1 in (365, 366)


@given(st.integers(1900, 2099), days)
def test_age_is_decided_on_the_birth_year_alone(birth_year, issued):
    """P4: on 31 December and 1 January alike."""
    refusal = refuse_birth_year(birth_year, issued_on=issued)
    for same_year in (date(issued.year, 1, 1), date(issued.year, 12, 31)):
        assert refuse_birth_year(birth_year, issued_on=same_year) == refusal
    assert (refusal is None) == (issued.year - birth_year >= 16)


def test_birth_years_that_cannot_be():
    assert refuse_birth_year(1899, issued_on=date(2026, 1, 1)) == Refusal.BIRTH_YEAR_IMPLAUSIBLE
    assert refuse_birth_year(2027, issued_on=date(2026, 1, 1)) == Refusal.BIRTH_YEAR_IMPLAUSIBLE
    assert refuse_birth_year(2010, issued_on=date(2026, 1, 1)) is None
    assert refuse_birth_year(2011, issued_on=date(2026, 12, 31)) == Refusal.HOLDER_TOO_YOUNG


def test_minors_from_none_to_twenty():
    assert [refuse_minors(n) for n in (-1, 0, 20, 21)] == [
        Refusal.MINORS_IMPLAUSIBLE,
        None,
        None,
        Refusal.MINORS_IMPLAUSIBLE,
    ]


def test_a_paper_form_is_typed_in_within_thirty_days():
    today = date(2026, 11, 24)
    assert refuse_issue_day(today + timedelta(1), today=today) == Refusal.TOO_EARLY_TO_RECORD
    assert refuse_issue_day(today - timedelta(30), today=today) is None
    assert refuse_issue_day(today - timedelta(31), today=today) == Refusal.TOO_LATE_TO_RECORD


def test_a_gap_between_two_spells_stays_a_gap():
    """Expired on 1 March and renewed on 1 April: not valid on 15 March, whoever asks later (rule 7)."""
    life = CardLife(
        registered_at=day_start(date(2025, 3, 2)),
        spells=((date(2025, 3, 2), date(2026, 3, 1)), (date(2026, 4, 1), date(2027, 3, 31))),
    )
    assert card_state(life, datetime(2026, 3, 15, 12, tzinfo=HELSINKI)) == CardState.EXPIRED
    assert card_state(life, datetime(2026, 4, 1, 0, 0, tzinfo=HELSINKI)) == CardState.ACTIVE


def test_the_last_day_is_valid_until_midnight_in_helsinki():
    life = in_use()
    last = date(2027, 5, 31)
    assert card_state(life, day_end(last)) == CardState.ACTIVE
    assert card_state(life, day_start(last + timedelta(1))) == CardState.EXPIRED


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, CardState.ACTIVE),
        ({"registered_at": None, "spells": ()}, CardState.BLANK),
        ({"blocked_at": NOON}, CardState.BLOCKED),
        ({"blocked_at": NOON, "replaced_at": NOON}, CardState.REPLACED),
        ({"voided_at": NOON, "replaced_at": NOON}, CardState.VOID),
    ],
)
def test_states(facts, state):
    life = in_use(**facts)
    assert card_state(life, NOON) == state
    if facts.get("blocked_at"):
        assert card_state(life, NOON - timedelta(seconds=1)) == CardState.ACTIVE


def test_a_day_without_an_instant_takes_any_active_instant_of_it():
    """Rule 29: blocked at noon, the matinée before it stands."""
    life = in_use(blocked_at=NOON)
    evening = NOON + timedelta(hours=8)
    assert state_during(life, NOON.date(), now=evening) == CardState.ACTIVE
    assert state_during(life, NOON.date() + timedelta(1), now=evening + timedelta(days=1)) == CardState.BLOCKED
    registered = in_use(registered_at=NOON)
    assert state_during(registered, NOON.date(), now=NOON - timedelta(hours=1)) == CardState.BLANK
    assert state_during(registered, NOON.date(), now=evening) == CardState.ACTIVE


def test_an_early_end_cuts_the_spell_it_falls_in():
    life = CardLife.of(
        [
            (CardFactKind.REGISTERED, NOON, None, None),
            (CardFactKind.VALID, NOON, date(2026, 1, 1), date(2026, 12, 31)),
            (CardFactKind.ENDED, NOON, None, date(2026, 6, 30)),
        ]
    )
    assert life.spells == ((date(2026, 1, 1), date(2026, 6, 30)),)


def test_a_code_is_registered_once():
    assert refuse_registration(CardState.BLANK) is None
    assert refuse_registration(CardState.ACTIVE) == Refusal.CARD_ALREADY_REGISTERED
    assert refuse_registration(CardState.EXPIRED) == Refusal.CARD_ALREADY_REGISTERED
    assert refuse_registration(CardState.VOID) == Refusal.CARD_VOID


@given(st.integers(1900, 2099))
def test_age_bands_are_of_five_years(birth_year):
    assert age_band(birth_year) <= birth_year < age_band(birth_year) + 5
    assert age_band(birth_year) % 5 == 0
