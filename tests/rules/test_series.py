"""Reading the codes of older printed series (rule 12)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaikukortti.rules.codes import ALPHABET, RANDOM_CHARACTERS, check_character, read_code
from kaikukortti.rules.series import GUESS, MARK, SeriesFacts, misses_counted, read_listed

NUMBERS = SeriesFacts(1, "ESP-", "0123456789", 6)
LETTERS = SeriesFacts(2, "", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 5)
LISTED = (NUMBERS, LETTERS)


@pytest.mark.parametrize("typed", ["ESP-012345", "esp 012345", "*ESP012345*", "ESP-O12345", "esp\u00a0o12345"])
def test_a_series_is_read_by_its_own_shape(typed):
    assert read_listed(typed, LISTED) == "1:ESP012345"


def test_look_alikes_are_read_as_what_the_series_has():
    assert read_listed("H0USE", LISTED) == "2:HOUSE"
    assert read_listed("1DEAL", LISTED) == "2:IDEAL"


@pytest.mark.parametrize("typed", ["012345", "ESP-01234", "ESP-0123456", "ESP-01234X", "", "HÄUSE", "ESP"])
def test_anything_else_is_a_typo(typed):
    assert read_listed(typed, LISTED) is None


def test_ten_characters_with_a_right_check_are_ours_whatever_series_are_listed():
    ten = SeriesFacts(3, "", ALPHABET, 10)
    assert read_listed("7KM9QX2TR7", (ten,)) == "7KM9QX2TR7"
    assert read_listed("7KM9QX2TR8", (ten,)) == "3:7KM9QX2TR8"


@given(st.text(max_size=40), st.text(ALPHABET, min_size=RANDOM_CHARACTERS, max_size=RANDOM_CHARACTERS))
def test_no_series_reads_anything_as_what_is_ours(text, random):
    """So that a digest of a series' code can never be the digest of one of ours."""
    wide = SeriesFacts(3, "", ALPHABET + "ILOU", 10)
    for typed in (text, random + check_character(random)):
        series_code = wide.read(typed)
        assert series_code is None or MARK in series_code
        assert read_code(typed) is None or MARK not in (read_code(typed) or "")


@given(st.text(max_size=64))
def test_no_text_breaks_the_reading(text):
    read_listed(text, LISTED)


def test_a_miss_that_looks_like_a_guessable_series_weighs_more():
    harmless = SeriesFacts(4, "X", "01", 3, guessable=False)
    series = (*LISTED, harmless)
    assert [
        misses_counted(read_listed(text, series), series) for text in ("ESP-000001", "7KM9QX2TR7", "?", "X010")
    ] == [
        GUESS,
        1,
        1,
        1,
    ]
