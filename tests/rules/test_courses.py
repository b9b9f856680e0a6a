"""Reading an office's list of courses, finding a course, and the short reference."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from kaikukortti.rules.courses import (
    WRONG,
    CourseList,
    CourseRow,
    ListProblem,
    Named,
    RowProblem,
    find_course,
    read_courses,
    read_day,
    read_euros,
    read_places,
    read_reference,
    short_reference,
)
from kaikukortti.rules.offerings import Problem
from kaikukortti.rules.tables import read_text

EXCEL = """Kurssinumero;Nimi;Alkaa;Päättyy;Hinta (€);Paikat;Paikka;Opettaja
110101;Englanti 1;7.9.2026;11.12.2026;45,00;5;Opisto, luokka 3;Maija Meikäläinen
110102;Keramiikka;ma 14.9.2026;4.12.2026;;;Savipaja;
"""


def read(text: str) -> CourseList:
    """A list whose heads are known."""
    found = read_courses(read_text(text))
    assert isinstance(found, CourseList)
    return found


def test_finnish_excel_is_read_and_teachers_are_not():
    found = read(EXCEL)
    assert (found.wrong, found.left_out) == ([], ["Opettaja"])
    first, second = found.rows
    assert first == CourseRow(
        row=2,
        number="110101",
        said=frozenset({"number", "name_fi", "first_day", "last_day", "price_cents", "cap", "place"}),
        first_day=date(2026, 9, 7),
        last_day=date(2026, 12, 11),
        name_fi="Englanti 1",
        price_cents=4500,
        cap=5,
        place="Opisto, luokka 3",
    )
    assert (second.price_cents, second.cap, second.first_day) == (None, None, date(2026, 9, 14))
    assert "Meikäläinen" not in repr(found)


def test_swedish_heads_and_a_title_above_them():
    table = "Höstens kurser\n\nKursnummer\tNamn\tBörjar\tSlutar\tAvgift\n22\tKeramik\t2026-09-07\t2026-12-04\t12.5\n"
    (row,) = read(table).rows
    assert (row.row, row.name_sv, row.name_fi, row.name, row.price_cents) == (4, "Keramik", "", "Keramik", 1250)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (";Englanti;7.9.2026;11.12.2026;;", RowProblem.NO_NUMBER),
        ("1;;7.9.2026;11.12.2026;;", Problem.NO_NAME),
        ("1;Englanti;syksyllä;11.12.2026;;", RowProblem.FIRST_DAY),
        ("1;Englanti;7.9.2026;31.11.2026;;", RowProblem.LAST_DAY),
        ("1;Englanti;7.9.2026;;;", RowProblem.LAST_DAY),
        ("1;Englanti;11.12.2026;7.9.2026;;", Problem.DAYS_IN_ORDER),
        ("1;Englanti;7.9.2026;11.12.2026;paljon;", RowProblem.PRICE),
        ("1;Englanti;7.9.2026;11.12.2026;;5,5", RowProblem.CAP),
        (f"1;{'E' * 121};7.9.2026;11.12.2026;;", RowProblem.TOO_LONG),
    ],
)
def test_a_wrong_row_says_how_to_mend_it_and_the_rest_goes_on(cells, problem):
    text = f"Numero;Nimi;Alkaa;Päättyy;Hinta;Paikat\n{cells}\n2;Keramiikka;7.9.2026;11.12.2026;;\n"
    found = read(text)
    assert [row.number for row in found.rows] == ["2"]
    assert [(one.row, one.problem) for one in found.wrong] == [(2, problem)]
    assert str(found.wrong[0].words)


def test_a_number_twice_is_wrong_the_second_time():
    text = "Numero;Nimi;Alkaa;Päättyy\n1;A;7.9.2026;8.9.2026\n1;B;7.9.2026;8.9.2026\n"
    found = read(text)
    assert ([row.name for row in found.rows], found.wrong[0].problem) == (["A"], RowProblem.NUMBER_TWICE)


@pytest.mark.parametrize("text", ["1;Englanti;7.9.2026;11.12.2026", "Numero;Nimi\n1;Englanti", "Nimi;Sähköposti\nA;b"])
def test_without_heads_it_is_no_list_of_courses(text):
    assert read_courses(read_text(text)) == ListProblem.NO_HEADS


def test_days_euros_and_places_as_people_write_them():
    assert [read_day(cell) for cell in ("7.9.2026", "07.09.2026", "7. 9. 2026", "2026-09-07")] == [date(2026, 9, 7)] * 4
    assert [read_day(cell) for cell in ("", "7.9.", "7/9/2026", "31.9.2026", "7.9.1926", "46272")] == [None] * 6
    assert [read_euros(cell) for cell in ("45", "45,00", "45.5", "1 045,50 €", "25,- ", "maksuton", "")] == [
        4500,
        4500,
        4550,
        104550,
        2500,
        0,
        None,
    ]
    assert [read_euros(cell) for cell in ("45,005", "-3", "=1+1", "n. 45")] == [WRONG] * 4
    assert [read_places(cell) for cell in ("5", "1 000", "", "5.0", "-1", "²")] == [5, 1000, None, WRONG, WRONG, WRONG]


COURSES = [
    Named(uuid4(), number, names)
    for number, names in (
        ("110101", ("Englanti 1", "Engelska 1", "")),
        ("110102", ("Englanti 2", "Engelska 2", "")),
        ("26S-07", ("Keramiikkaa aamuisin", "", "")),
        ("1101", ("Ranska", "", "")),
    )
]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("110101", ["110101"]),
        ("26s 07", ["26S-07"]),
        ("1101", ["1101"]),
        ("1101 0", ["110101", "110102"]),
        ("englanti", ["110101", "110102"]),
        ("engelska 2", ["110102"]),
        ("aamu keram", ["26S-07"]),
        ("", []),
        ("-", []),
        ("saksa", []),
    ],
)
def test_a_course_is_found_by_number_or_name(text, numbers):
    assert [one.number for one in find_course(text, COURSES)] == numbers


def test_the_short_reference_is_a_text_in_every_spreadsheet():
    whole = UUID("4f2a91c3-0000-4000-8000-000000000000")
    assert short_reference(whole) == "4F2A-91C3"
    for typed in ("4F2A-91C3", "4f2a91c3", " 4f2a-91c3 "):
        span = read_reference(typed)
        assert span is not None
        assert span[0] <= whole <= span[1]
    assert read_reference("4F2A-91C") is None
    assert read_reference("110101") is None
