"""Reading a code (rule 12)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaikukortti.rules.codes import (
    ALPHABET,
    RANDOM_CHARACTERS,
    check_character,
    normalise,
    read_code,
    read_row,
    shown,
)

characters = st.text(ALPHABET, min_size=RANDOM_CHARACTERS, max_size=RANDOM_CHARACTERS)


def test_the_example_of_the_rule():
    assert read_code("7KM9QX2TR7") == "7KM9QX2TR7"
    assert shown("7KM9QX2TR7") == "7KM-9QX-2TR7"


@pytest.mark.parametrize(
    "typed", ["7km 9qx 2tr7", "7KM-9QX-2TR7", "*7KM9QX2TR7*", " 7KM9QX2TR7\t", "7km\u00a09qx\u00a02tr7"]
)
def test_case_spaces_hyphens_and_asterisks_do_not_matter(typed):
    assert read_code(typed) == "7KM9QX2TR7"


def test_letters_that_look_like_digits_are_read_as_digits():
    assert normalise("oOiIlL") == "001111"


@pytest.mark.parametrize("typed", ["", "7KM9QX2TR", "7KM9QX2TR77", "7KM9QX2TR8", "7KM9QX2TÄ7", "\x00" * 10, "ÅÄÖ" * 20])
def test_anything_else_is_a_typo(typed):
    assert read_code(typed) is None


@given(characters)
def test_every_made_code_is_read(random):
    code = random + check_character(random)
    assert read_code(shown(code).lower()) == code


@given(characters, st.integers(0, RANDOM_CHARACTERS), st.sampled_from(ALPHABET))
def test_one_changed_character_is_always_noticed(random, position, other):
    code = random + check_character(random)
    changed = code[:position] + other + code[position + 1 :]
    assert (read_code(changed) is None) == (changed != code)


@given(characters, st.integers(0, RANDOM_CHARACTERS - 2))
def test_two_swapped_neighbours_are_noticed(random, position):
    code = random + check_character(random)
    swapped = code[:position] + code[position + 1] + code[position] + code[position + 2 :]
    # The hybrid system catches nearly all swaps; a swap it lets through is still another code than the card's.
    assert swapped == code or read_code(swapped) != code


@given(st.text(max_size=64))
def test_no_text_breaks_the_reading(text):
    read = read_code(text)
    assert read is None or len(read) == RANDOM_CHARACTERS + 1


def test_the_row_of_a_paper_form_is_read_as_a_code_is():
    row = "K" + "7KM9QX2" + check_character("7KM9QX2")
    assert read_row(row) == row
    assert read_row(f" {row[:5].lower()} {row[5:]} ") == row
    for typo in (row[1:], row[:-1] + ("0" if row[-1] != "0" else "1"), "", "K", row + "0", row.replace("K7", "07", 1)):
        assert read_row(typo) is None
