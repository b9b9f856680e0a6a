"""Files that people bring: what is read, and what is refused before it is looked into."""

import io
import zipfile
from datetime import datetime, time
from typing import Any

import pytest
from openpyxl import Workbook

from kaikukortti.rules.tables import NotATable, TableProblem
from kaikukortti.web.table_files import read_file, read_upload
from tests.tables import sent, workbook


def cells(content: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read_file(content)]


def problem(content: bytes) -> TableProblem:
    with pytest.raises(NotATable) as refused:
        read_file(content)
    return refused.value.problem


def packed(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name.replace("__", "/"), part)
    return content.getvalue()


def repacked(content: bytes, name: str, part: bytes) -> bytes:
    """The workbook with one of its parts made otherwise."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, part if one == name else old.read(one))
    return made.getvalue()


def test_csv_and_workbook_read_the_same():
    assert cells(b"Koodi;Lapsia\r\n7KM9QX2TR7;2\r\n") == cells(workbook(["Koodi", "Lapsia"], ["7KM9QX2TR7", 2]))


def test_a_file_is_what_it_is_and_not_what_it_is_called():
    rows = read_upload(sent(workbook(["Koodi"], ["7KM9QX2TR7"]), "lista.csv"))
    assert [row.cells for row in rows] == [("Koodi",), ("7KM9QX2TR7",)]


def test_numbers_days_and_times_are_what_the_reader_sees():
    day, moment = datetime.fromisoformat("2026-11-24"), datetime.fromisoformat("2026-11-24T19:05")
    row = [1234567890, 3.0, 2.5, day, moment, time(19, 5), True, False, "x"]
    assert cells(workbook(row)) == [
        ("1234567890", "3", "2.5", "2026-11-24", "2026-11-24 19:05", "19:05", "x", "", "x"),
    ]


def test_merged_cells_hold_their_value_once_and_row_numbers_stay():
    def merge(book: Workbook) -> None:
        sheet: Any = book.active
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("A3:A4")

    content = workbook(["Tiistai", None, None], ["Koodi", "Lapsia"], ["7KM9QX2TR7", 1], [None, 2], change=merge)
    rows = read_file(content)
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("Tiistai",)),
        (2, ("Koodi", "Lapsia")),
        (3, ("7KM9QX2TR7", "1")),
        (4, ("", "2")),
    ]


def test_a_formula_gives_its_result_and_without_one_it_is_said():
    content = workbook(["Koodi", "Lapsia"], ["7KM9QX2TR7", "=1+1"])
    assert problem(content) == TableProblem.FORMULAS
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        sheet = file.read("xl/worksheets/sheet1.xml")
    counted = repacked(
        content, "xl/worksheets/sheet1.xml", sheet.replace(b"<v />", b"<v>2</v>").replace(b"<v></v>", b"<v>2</v>")
    )
    assert cells(counted) == [("Koodi", "Lapsia"), ("7KM9QX2TR7", "2")]


def test_the_first_sheet_that_is_seen_and_holds_something():
    def sheets(book: Workbook) -> None:
        hidden = book.create_sheet("piilossa", 0)
        hidden.append(["hidden"])
        hidden.sheet_state = "hidden"
        book.create_sheet("tyhjä", 1)

    assert cells(workbook(["Koodi"], ["7KM9QX2TR7"], change=sheets)) == [("Koodi",), ("7KM9QX2TR7",)]


def test_ten_thousand_rows_are_read():
    rows = read_file(workbook(["Koodi", "Lapsia"], *(["7KM9QX2TR7", n % 4] for n in range(9_999))))
    assert (len(rows), rows[-1].number) == (10_000, 10_000)


def test_more_are_refused():
    assert problem(workbook(*(["a"] for _ in range(10_001)))) == TableProblem.TOO_MANY_ROWS
    assert problem(workbook(["a"] * 61)) == TableProblem.TOO_MANY_COLUMNS


def test_what_is_no_list():
    assert problem(workbook()) == TableProblem.EMPTY
    assert problem(b"") == TableProblem.EMPTY
    assert problem(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == TableProblem.OLD_WORKBOOK
    assert problem(packed(mimetype=b"application/vnd.oasis.opendocument.spreadsheet")) == TableProblem.OTHER_WORKBOOK
    assert problem(b"PK\x03\x04 and no more") == TableProblem.UNREADABLE
    assert problem(packed(xl__workbook={}.__repr__().encode()) + b"") == TableProblem.OTHER_WORKBOOK
    assert problem(workbook(["a"])[:-200]) == TableProblem.UNREADABLE


def test_bombs_are_not_unpacked():
    bomb = packed(**{"xl__workbook.xml": b"", "xl__worksheets__sheet1.xml": b" " * 30_000_000})
    assert len(bomb) < 100_000
    assert problem(bomb) == TableProblem.TOO_LARGE
    assert problem(packed(**{f"part{n}": b"" for n in range(301)})) == TableProblem.TOO_LARGE
    laughs = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><workbook>&b;</workbook>'
    assert problem(repacked(workbook(["a"]), "xl/workbook.xml", laughs)) == TableProblem.UNREADABLE


def test_a_sheet_that_boasts_of_its_size_costs_nothing():
    content = workbook(["Koodi"], ["7KM9QX2TR7"])
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        sheet = file.read("xl/worksheets/sheet1.xml")
    boasts = repacked(content, "xl/worksheets/sheet1.xml", sheet.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'))
    assert boasts != content
    assert cells(boasts) == [("Koodi",), ("7KM9QX2TR7",)]
