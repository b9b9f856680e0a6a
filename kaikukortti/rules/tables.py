"""Rows of text from what people paste or send: which character ends a cell, which row heads the columns.

A table is text only: numbers and times are read by whoever asks for them, and what nobody asks for is dropped.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 2_000_000
MOST_ROWS = 10_000
MOST_COLUMNS = 60
MOST_CHARACTERS = 2_000  # of one cell
_SEPARATORS = ("\t", ";", ",", "|")
_LOOKED_AT = 30  # rows that tell which character separates cells
_HEAD_WITHIN = 15  # a title, an empty row and a date may stand above the heads


class TableProblem(TextChoices):
    """Why something is no table that can be read; each says how to mend it and tells nothing of what stood in it."""

    EMPTY = "empty", _("There is nothing to read. Paste the rows, or choose a file.")
    TOO_LARGE = "too-large", _("The file is larger than 2 MB. Save the list alone, or in two parts.")
    TOO_MANY_ROWS = "too-many-rows", _("There are too many rows for one time. Bring them in parts.")
    TOO_MANY_COLUMNS = "too-many-columns", _("There are too many columns. Leave only those that are needed.")
    OLD_WORKBOOK = (
        "old-workbook",
        _("The workbook is of an older kind or has a password. Save it as .xlsx without a password, or as CSV."),
    )
    OTHER_WORKBOOK = "other-workbook", _("Save the list as an Excel workbook (.xlsx) or as CSV, and choose it again.")
    UNREADABLE = "unreadable", _("This is no list that can be read. Save it as an Excel workbook (.xlsx) or as CSV.")
    FORMULAS = (
        "formulas",
        _("The workbook has formulas without their results. Open it in your spreadsheet program and save it again."),
    )


class NotATable(Exception):
    """What came is no table, or a larger one than is taken."""

    def __init__(self, problem: TableProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Row:
    """One row with something in it; `number` is the one its reader sees in the spreadsheet or counts in the text."""

    number: int
    cells: tuple[str, ...]

    def cell(self, column: int | None) -> str:
        """What stands in a column; nothing where the row is shorter."""
        return self.cells[column] if column is not None and column < len(self.cells) else ""


def cleaned(cell: str) -> str:
    """A cell as it is read: one line, without what is not seen."""
    return " ".join(cell.replace("\u200b", "").replace("\ufeff", "").split())


def table_of(rows: Iterable[tuple[int, Sequence[str]]], *, most_rows: int = MOST_ROWS) -> list[Row]:
    """The rows that hold something, within the limits. Raises NotATable."""
    table: list[Row] = []
    for number, cells in rows:
        read = [cleaned(cell) for cell in cells]
        while read and not read[-1]:
            read.pop()
        if not read:
            continue
        if len(read) > MOST_COLUMNS:
            raise NotATable(TableProblem.TOO_MANY_COLUMNS)
        if any(len(cell) > MOST_CHARACTERS for cell in read):
            raise NotATable(TableProblem.UNREADABLE)
        if len(table) == most_rows:
            raise NotATable(TableProblem.TOO_MANY_ROWS)
        table.append(Row(number, tuple(read)))
    if not table:
        raise NotATable(TableProblem.EMPTY)
    return table


def read_text(text: str, *, most_rows: int = MOST_ROWS) -> list[Row]:
    """What was pasted from a spreadsheet or stands in a CSV file. Raises NotATable."""
    if len(text) > MOST_BYTES:
        raise NotATable(TableProblem.TOO_LARGE)
    if "\0" in text:
        raise NotATable(TableProblem.UNREADABLE)
    lines = list(io.StringIO(text.lstrip("\ufeff"), newline=""))
    if lines and lines[0].lower().startswith("sep="):  # Excel's own way of naming the separator
        lines[0] = "\n"
    reader = csv.reader(lines, delimiter=separator_of(lines), strict=False)
    try:
        return table_of(_numbered(reader), most_rows=most_rows)
    except csv.Error as broken:
        raise NotATable(TableProblem.UNREADABLE) from broken


def _numbered(reader: Iterable[Sequence[str]]) -> Iterable[tuple[int, Sequence[str]]]:
    yield from enumerate(reader, start=1)


def separator_of(lines: Sequence[str]) -> str:
    """The character that stands in most rows: Finnish Excel writes `;`, a pasted spreadsheet has tabs."""
    looked_at = [line for line in lines if line.strip()][:_LOOKED_AT]
    counted = {one: sum(one in line for line in looked_at) for one in _SEPARATORS}
    return max(_SEPARATORS, key=lambda one: counted[one])


def decode(content: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, else as older Windows programs write. Raises NotATable."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise NotATable(TableProblem.UNREADABLE)
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotATable(TableProblem.UNREADABLE)


def head_word(cell: str) -> str:
    """A column's head as it is compared: without case, and without what stands in brackets or after a colon."""
    return cleaned(cell.casefold().split("(")[0].split(":")[0]).strip(" .*#")


def find_heads(rows: Sequence[Row], words: Mapping[str, Iterable[str]]) -> tuple[int | None, dict[str, int]]:
    """Which row heads the columns, and where each one stands: `words` are the heads a column may have, in lower case.

    The row with the most known heads among the first ones; None where no row has any.
    """
    called = {word: name for name, heads in words.items() for word in heads}
    best: tuple[int | None, dict[str, int]] = None, {}
    for position, row in enumerate(rows[:_HEAD_WITHIN]):
        found: dict[str, int] = {}
        for column, cell in enumerate(row.cells):
            name = called.get(head_word(cell))
            if name is not None:
                found.setdefault(name, column)
        if len(found) > len(best[1]):
            best = position, found
    return best


def column_name(column: int) -> str:
    """A column as a spreadsheet names it: A, B … Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
