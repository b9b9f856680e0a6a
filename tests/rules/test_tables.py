"""Rows of text from what is pasted."""

import pytest

from kaikukortti.rules.tables import (
    NotATable,
    TableProblem,
    column_name,
    decode,
    find_heads,
    read_text,
    table_of,
)

HEADS = {"code": ["koodi", "kod"], "children": ["lapsia", "barn"]}


def cells(text: str) -> list[tuple[str, ...]]:
    return [row.cells for row in read_text(text)]


@pytest.mark.parametrize("separator", ["\t", ";", ",", "|"])
def test_each_separator_is_noticed(separator):
    text = f"Koodi{separator}Lapsia\r\n7KM-9QX-2TR7{separator}2\r\n"
    assert cells(text) == [("Koodi", "Lapsia"), ("7KM-9QX-2TR7", "2")]


def test_one_column_needs_no_separator_and_empty_rows_keep_their_numbers():
    rows = read_text("7KM 9QX 2TR7\n\n \nK-17\n")
    assert [(row.number, row.cells) for row in rows] == [(1, ("7KM 9QX 2TR7",)), (4, ("K-17",))]


def test_excels_own_mark_and_quotes():
    assert cells('\ufeffsep=;\n"Koodi";"Lapsia, yhteensä"\n"a;b";2\n') == [("Koodi", "Lapsia, yhteensä"), ("a;b", "2")]


def test_a_decimal_comma_is_no_separator_where_there_is_a_better_one():
    assert cells("Numero;Hinta\n1;25,50\n2;10,00\n") == [("Numero", "Hinta"), ("1", "25,50"), ("2", "10,00")]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Päivä;Käyttö".encode(), "Päivä;Käyttö"),
        ("\ufeffPäivä".encode(), "Päivä"),
        ("Päivä;Käyttö".encode("latin-1"), "Päivä;Käyttö"),
        ("Hinta 5 €".encode("cp1252"), "Hinta 5 €"),
        ("Päivä".encode("utf-16"), "Päivä"),
    ],
)
def test_encodings(content, text):
    assert decode(content) == text


@pytest.mark.parametrize("content", [b"a\0b", b"\xff\xfea", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_what_is_no_text(content):
    with pytest.raises(NotATable) as refused:
        decode(content)
    assert refused.value.problem == TableProblem.UNREADABLE


def problem(text: str, **limits: int) -> TableProblem:
    with pytest.raises(NotATable) as refused:
        read_text(text, **limits)
    return refused.value.problem


def test_limits():
    assert problem(" \n;;\n") == TableProblem.EMPTY
    assert problem("a\n" * 11, most_rows=10) == TableProblem.TOO_MANY_ROWS
    assert problem("a;" * 70 + "a\n") == TableProblem.TOO_MANY_COLUMNS
    assert problem("a" * 3_000_000) == TableProblem.TOO_LARGE
    assert problem("a" * 2_001) == TableProblem.UNREADABLE
    assert problem('"' + "a\n" * 200_000) == TableProblem.UNREADABLE
    assert len(read_text("a\n" * 10_000)) == 10_000


def test_heads_may_stand_under_a_title_and_in_brackets():
    rows = table_of([(1, ["Tiistai 24.11."]), (3, ["Lapsia (alle 18)", "KOODI:"]), (4, ["2", "7KM9QX2TR7"])])
    assert find_heads(rows, HEADS) == (1, {"children": 0, "code": 1})
    assert find_heads(rows[2:], HEADS) == (None, {})


def test_columns_are_named_as_spreadsheets_do():
    assert [column_name(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
