"""One reader of lists that people bring: pasted text, CSV, Excel workbooks. It gives rows of text (rules/tables.py).

Nothing of a list is kept: a file is read in memory (settings.FILE_UPLOAD_HANDLERS writes none to disk), and a larger
one than is taken is not looked into. A workbook is a packed folder of XML files, so its size unpacked is asked first.
"""

import io
import zipfile
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from openpyxl import load_workbook

from kaikukortti.rules.tables import (
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    NotATable,
    Row,
    TableProblem,
    decode,
    read_text,
    table_of,
)

MOST_UNPACKED = 20_000_000
MOST_PARTS = 300
_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_list(request: HttpRequest, *, text: str = "text", file: str = "file", most_rows: int = MOST_ROWS) -> list[Row]:
    """The list of a form that was sent: its file where one was chosen, else what was pasted. Raises NotATable."""
    sent = request.FILES.get(file)
    if isinstance(sent, UploadedFile):
        return read_upload(sent, most_rows=most_rows)
    if _too_large(request):
        raise NotATable(TableProblem.TOO_LARGE)
    return read_text(request.POST.get(text, ""), most_rows=most_rows)


def _too_large(request: HttpRequest) -> bool:
    """A file that no upload handler took does not come with the form."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return length.isdecimal() and int(length) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE


def read_upload(sent: "UploadedFile[Any]", *, most_rows: int = MOST_ROWS) -> list[Row]:
    """A file that was sent, by what it is and not by its name. Raises NotATable."""
    if (sent.size or 0) > MOST_BYTES:
        raise NotATable(TableProblem.TOO_LARGE)
    return read_file(sent.read(), most_rows=most_rows)


def read_file(content: bytes, *, most_rows: int = MOST_ROWS) -> list[Row]:
    """A file's rows. Raises NotATable."""
    if len(content) > MOST_BYTES:
        raise NotATable(TableProblem.TOO_LARGE)
    if content.startswith(_OLD):
        raise NotATable(TableProblem.OLD_WORKBOOK)
    if content.startswith(_ZIP):
        return _read_workbook(content, most_rows=most_rows)
    return read_text(decode(content), most_rows=most_rows)


def _read_workbook(content: bytes, *, most_rows: int) -> list[Row]:
    """The first sheet that is seen and holds something."""
    _look_inside(content)
    book, formulas = None, None
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        formulas = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        for name in book.sheetnames:
            sheet = book[name]
            # A chart alone on its sheet has no rows; a hidden sheet is not what somebody means to send.
            if not hasattr(sheet, "reset_dimensions") or sheet.sheet_state != "visible":
                continue
            try:
                return table_of(_rows(sheet, formulas[name], most_rows), most_rows=most_rows)
            except NotATable as not_a_table:
                if not_a_table.problem != TableProblem.EMPTY:
                    raise
    except NotATable:
        raise
    except Exception as broken:  # a workbook from anywhere may be broken in any way
        raise NotATable(TableProblem.UNREADABLE) from broken
    finally:
        for one in (book, formulas):
            if one is not None:
                one.close()
    raise NotATable(TableProblem.EMPTY)


def _look_inside(content: bytes) -> None:
    """Refuse what unpacks to too much, what is no Excel workbook, and XML that declares entities. Raises NotATable."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            # A part cannot be larger than it says: reading stops there, and its checksum then fails.
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise NotATable(TableProblem.TOO_LARGE)
            if "xl/workbook.xml" not in packed.namelist():
                raise NotATable(TableProblem.OTHER_WORKBOOK)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _refuse_entities(packed.read(part))
    except NotATable:
        raise
    except Exception as broken:  # a packed file from anywhere may be broken in any way
        raise NotATable(TableProblem.UNREADABLE) from broken


def _refuse_entities(xml: bytes) -> None:
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise NotATable(TableProblem.UNREADABLE)


def _rows(sheet: Any, formulas: Any, most_rows: int) -> Any:
    """Row by row as text, with the row's number; what a sheet says of its own size is not believed."""
    limits = {"max_row": 2 * most_rows + 100, "max_col": MOST_COLUMNS + 1, "values_only": True}
    sheet.reset_dimensions()
    formulas.reset_dimensions()
    pairs = zip(sheet.iter_rows(**limits), formulas.iter_rows(**limits), strict=True)
    for number, (values, written) in enumerate(pairs, start=1):
        for value, formula in zip(values, written, strict=True):
            if value is None and isinstance(formula, str) and formula.startswith("="):
                raise NotATable(TableProblem.FORMULAS)
        yield number, [_as_text(value) for value in values]


def _as_text(value: Any) -> str:
    """A cell as its reader sees it, as far as reading it again goes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "x" if value else ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if midnight else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)
