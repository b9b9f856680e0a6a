"""Figures as files: CSV in the contract's form, and Excel without a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.text import slugify
from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no types

Cell = int | str
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Where a spreadsheet would see a formula begin (S21): at the start of a cell, or after a sign that it takes for a
# separator. A Finnish Excel parts a line at semicolons, whatever its commas and quotes say.
FORMULA = re.compile(r"^(?=[=+\-@\t\r])|(?<=[;\t\r\n])(?=[ \"]*[=+\-@])")


def plain(cell: Cell) -> Cell:
    """A cell that stays a text in every spreadsheet."""
    return FORMULA.sub("'", cell) if isinstance(cell, str) else cell


def file_answer(content: str | bytes, *, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """UTF-8 without BOM, commas, one header line."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(head)
    lines.writerows([plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def csv_answer(text: str, name: str) -> HttpResponse:
    return file_answer(text, name=f"{slugify(name)}.csv", kind="text/csv; charset=utf-8")


def excel_answer(
    head: Sequence[str], rows: Iterable[Sequence[Cell]], *, about: Iterable[str], name: str, sheet: str, notes: str
) -> HttpResponse:
    """A sheet of numbers and a sheet that says what they are and as of when."""
    content = io.BytesIO()
    book = Workbook(
        content,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom"})
    number = book.add_format({"num_format": "# ##0"})
    table = book.add_worksheet(sheet[:31])
    table.freeze_panes(1, 1)
    table.write_row(0, 0, head, bold)
    table.set_column(0, len(head) - 1, 13)
    for place, row in enumerate(rows, start=1):
        table.write_row(place, 0, row[:1])
        table.write_row(place, 1, row[1:], number)
    second = book.add_worksheet(notes[:31])
    second.set_column(0, 0, 90)
    for place, line in enumerate(about):
        second.write_string(place, 0, line)
    book.close()
    return file_answer(content.getvalue(), name=f"{slugify(name)}.xlsx", kind=EXCEL)
