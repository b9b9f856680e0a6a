"""Rows of paper lists as they are read."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaikukortti.rules.codes import ALPHABET, NO_CODE, read_code, read_row
from kaikukortti.rules.paper import (
    PaperRow,
    RowProblem,
    find_columns,
    instant_of,
    packed,
    read_clock,
    read_count,
    read_day,
    read_rows,
    read_sheet_number,
    readable_as,
    row_name,
    sheet_number,
)
from kaikukortti.rules.paper import read_row as read_paper_row
from kaikukortti.rules.tables import read_text
from kaikukortti.terms.days import HELSINKI

CODE = "7KM9QX2TR7"
DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 22, 0, tzinfo=HELSINKI)
STARTS = datetime(2026, 11, 24, 19, 0, tzinfo=HELSINKI)
readable = readable_as(lambda text: read_code(text) is not None)


def row(keep_unread=True, **cells):
    return read_paper_row(1, cells, readable=readable, near=DAY, keep_unread=keep_unread)


def rows(text):
    return read_rows(find_columns(read_text(text), readable=readable), readable=readable, near=DAY)


@given(st.text(ALPHABET, min_size=6, max_size=6))
def test_a_sheets_number_is_read_back_and_is_nothing_else(characters):
    number = sheet_number(characters)
    assert read_sheet_number(f" {number[:4].lower()}-{number[4:]} ") == number
    assert read_code(number) is None
    assert read_row(number) is None


@given(st.text(ALPHABET, min_size=6, max_size=6), st.integers(0, 6), st.sampled_from(ALPHABET))
def test_one_wrong_character_of_a_sheets_number_is_noticed(characters, place, other):
    number = sheet_number(characters)
    typed = number[: place + 1] + other + number[place + 2 :]
    assert read_sheet_number(typed) == (number if typed == number else None)


def test_rows_are_checked_against_their_sheet():
    first, second = sheet_number("000000"), sheet_number("000001")
    assert row_name(first, 7) == row_name(first, 7) != row_name(first, 8)
    assert [row_name(first, n)[-1] != row_name(second, n)[-1] for n in range(1, 26)].count(True) == 25


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("18.40", time(18, 40)),
        ("18:40", time(18, 40)),
        ("1840", time(18, 40)),
        ("905", time(9, 5)),
        ("klo 9.05", time(9, 5)),
        ("kl. 18.40", time(18, 40)),
        ("18", time(18)),
        ("18:40:12", time(18, 40)),
        ("", None),
    ],
)
def test_times(text, clock):
    assert read_clock(text) == clock


@pytest.mark.parametrize("text", ["24.00", "18.60", "abc", "18.4", "12345", "-1"])
def test_what_is_no_time(text):
    with pytest.raises(ValueError):  # noqa: PT011  # whatever is the matter
        read_clock(text)


def test_days():
    assert read_day("24.11.2026", near=DAY) == read_day("24.11.", near=DAY) == read_day("2026-11-24", near=DAY) == DAY
    assert read_day("24.11.26", near=DAY) == read_day("2026-11-24 18:40", near=DAY) == DAY
    assert read_day("31.12.", near=date(2027, 1, 3)) == date(2026, 12, 31)
    assert read_day("", near=DAY) is None
    for wrong in ("31.11.", "eilen", "24/11/2026/1"):
        with pytest.raises(ValueError):  # noqa: PT011
            read_day(wrong, near=DAY)


def test_counts():
    assert [read_count(text) for text in ("2", "2.0", "100", "", "-", "–")] == [2, 2, 100, None, None, None]
    for wrong in ("101", "x", "-1", "1,5", "²"):
        with pytest.raises(ValueError):  # noqa: PT011
            read_count(wrong)


def test_a_row_with_its_code():
    assert row(code=" 7km-9qx-2tr7", clock="18.40", children="2", assistants="") == PaperRow(
        1, code="7km-9qx-2tr7", clock=time(18, 40), children=2, written="18.40"
    )
    assert row(code="k17").hold == 17
    assert row(code="", clock=" ", children="") is None


def test_an_unreadable_code_is_looked_at_first_in_the_grid_and_kept_without_a_code_in_a_list():
    assert row(code="7KM-9QX-2TR8", keep_unread=False).problem == RowProblem.CODE
    kept = row(code="7KM-9QX-2TR8")
    assert (kept.problem, kept.unread, kept.kept_code, kept.people) == (None, True, NO_CODE, 1)
    for absent in ("?", "-"):
        assert (row(code=absent, keep_unread=False).unread, row(code=absent).code) == (True, "")


def test_problems():
    assert row(code=CODE, children="x").problem == RowProblem.COUNT
    assert row(code=CODE, holder="101").problem == RowProblem.COUNT
    assert row(code=CODE, clock="25.00").problem == RowProblem.CLOCK
    assert row(code=CODE, day="eilen").problem == RowProblem.DAY
    assert row(holder="0").problem == RowProblem.NOBODY
    assert row(code=CODE, holder="0").problem == RowProblem.NOBODY
    assert row(code=CODE, holder="0", children="1").problem is None


def test_instants_of_the_evening_and_of_the_night_after():
    def at(clock, now=NOW, starts=STARTS):
        return instant_of(PaperRow(1, clock=read_clock(clock)), DAY, starts_at=starts, now=now)

    assert at("18.40") == datetime(2026, 11, 24, 18, 40, tzinfo=HELSINKI)
    assert at("") is None
    next_day = datetime(2026, 11, 25, 9, 0, tzinfo=HELSINKI)
    assert at("0.30", now=next_day) == datetime(2026, 11, 25, 0, 30, tzinfo=HELSINKI)
    assert at("0.30", now=next_day, starts=None) == datetime(2026, 11, 24, 0, 30, tzinfo=HELSINKI)
    with pytest.raises(ValueError):  # noqa: PT011
        at("23.00")


def test_a_list_with_heads_in_any_order_and_its_sum_left_out():
    found = rows("Ilta 24.11.\nLapsia;Klo;Kaikukortti\n2;18.40;7KM-9QX-2TR7\n;;K-17\n\n3;;Yhteensä\n")
    assert [(one.number, one.code, one.children, one.written) for one in found] == [
        (3, "7KM-9QX-2TR7", 2, "18.40"),
        (4, "K-17", 0, ""),
    ]


def test_codes_alone_need_no_head():
    assert [one.code for one in rows("7KM-9QX-2TR7\nK-3\n")] == ["7KM-9QX-2TR7", "K-3"]


def test_columns_without_heads_are_left_out():
    columns = find_columns(read_text("1;7KM-9QX-2TR7;4\n2;K-3;\n"), readable=readable)
    assert (columns.found, columns.left_out) == ({"code": 1}, [0, 2])


def test_counts_without_codes():
    (one,) = rows("Aikuisia;Lapsia\n17;9\n")
    assert (one.unread, one.holder, one.children) == (True, 17, 9)
    (one,) = rows("Adults\tChildren\n\t9\n")
    assert (one.unread, one.holder, one.children) == (True, 0, 9)


def test_what_our_own_page_carries_is_read_back_the_same():
    text = "Koodi;Klo;Lapsia;Aikuisia\n7KM-9QX-2TR7;18.40;2;\n7KM-9QX-2TR8;;;\n;;9;17\nK-17;;;1\n"
    before = rows(text)
    after = rows(packed(before))
    read = [(one.number, one.kept_code, one.clock, one.day, one.holder, one.children, one.unread) for one in before]
    assert read == [
        (one.number, one.kept_code, one.clock, one.day, one.holder, one.children, one.unread) for one in after
    ]
    assert packed(after) == packed(before)
    assert "2TR8" not in packed(before)
