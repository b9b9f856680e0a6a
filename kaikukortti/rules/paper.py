"""Rows of a paper list or of somebody's own spreadsheet, as they are read (rules 25–29).

A fallback sheet has a number, and each of its rows a check character of its own, so that a row typed in from another
sheet is noticed and one that is typed in twice is recorded once. Only codes, numbers and times are ever read.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kaikukortti.rules.codes import ALPHABET, NO_CODE, check_character, normalise
from kaikukortti.rules.holds import read_number
from kaikukortti.rules.tables import Row, cleaned, find_heads, head_word
from kaikukortti.terms.days import HELSINKI

SHEET_LETTER = "S"
SHEET_CHARACTERS = 6  # random ones; with letter and check eight
ROWS_OF_SHEET = 20  # of one page
MOST_ROWS_OF_SHEET = 80
MOST_PASTED = 2_000
MOST_OF_A_COUNT = 100
# A time this early on an evening's list belongs to the night after it.
NIGHT_ENDS = time(6)
COUNTS = ("holder", "children", "assistants", "clients", "workers")


# --- the sheet's numbers ------------------------------------------------------------------------------------------


def sheet_number(characters: str) -> str:
    """The number of a sheet from its random characters."""
    return SHEET_LETTER + characters + check_character(characters)


def read_sheet_number(text: str) -> str | None:
    """A sheet's number as typed or scanned, or None for a typo."""
    number = normalise(text)
    if len(number) != SHEET_CHARACTERS + 2 or not set(number) <= set(ALPHABET):
        return None
    characters = number[1:-1]
    return number if number == sheet_number(characters) else None


def row_check(number: str, row: int) -> str:
    """The check character of a sheet's row; over the sheet's number too, so that another sheet's row does not fit."""
    return check_character(f"{number}{row:02}")


def row_name(number: str, row: int) -> str:
    """A row as it stands on the sheet: `07-H`."""
    return f"{row:02}-{row_check(number, row)}"


# --- one row ------------------------------------------------------------------------------------------------------


class RowProblem(TextChoices):
    """Why a row cannot be recorded as it stands; each says how to mend it."""

    COUNT = "count", _("The numbers of people are whole numbers from 0 to 100. Check them.")
    CLOCK = "clock", _("Write the time like this: 18.40.")
    LATER = "later", _("The time has not come yet. Check the time, or leave it empty.")
    DAY = "day", _("Write the day like this: 24.11.2026.")
    CODE = (
        "code",
        _("The code cannot be read. Compare it with the list, or keep the row without a code."),
    )
    NOBODY = "nobody", _("There is nobody on this row. Write a code, or how many people came.")
    NUMBER_UNKNOWN = "number-unknown", _("No places are kept here under this K-number. Compare it with the list.")
    NUMBER_OF_GROUP = "number-of-group", _("This K-number is a group's. Let the group in on its own page.")


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One row as read. `code` is as typed, empty where there is none; `holder` None is the card's usual one."""

    number: int
    code: str = ""
    clock: time | None = None
    day: date | None = None
    holder: int | None = None
    children: int = 0
    assistants: int = 0
    clients: int = 0
    workers: int = 0
    problem: RowProblem | None = None
    # There is no code that can be read: the row is kept as an unidentified record.
    unread: bool = False
    # In the list's own day and time.
    written: str = ""

    @property
    def hold(self) -> int | None:
        """The short number of places kept, where it stands in the code's column."""
        return read_number(self.code)

    @property
    def kept_code(self) -> str:
        """What is recorded: an unreadable code is kept nowhere."""
        return NO_CODE if self.unread else self.code

    @property
    def people(self) -> int:
        own = self.holder if self.holder is not None else int(not (self.clients or self.workers))
        return own + self.children + self.assistants + self.clients + self.workers


def read_clock(text: str) -> time | None:
    """18.40, 18:40, 1840, klo 18.40, or only 18. Raises ValueError for anything else; None for nothing."""
    written = re.sub(r"^(?:klo|kl)\.?\s*", "", cleaned(text).casefold())
    if not written:
        return None
    parts = re.fullmatch(r"(\d{1,2})(?:[.:](\d{2})(?:[.:]\d{2})?)?|(\d{1,2})(\d{2})", written)
    if parts is None:
        raise ValueError(text)
    return time(int(parts[1] or parts[3]), int(parts[2] or parts[4] or 0))


def read_day(text: str, *, near: date) -> date | None:
    """24.11.2026, 24.11. or 2026-11-24; a day without a year is the one nearest before. Raises ValueError."""
    written = cleaned(text).split(" ")[0].split("T")[0]
    if not written:
        return None
    if parts := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", written):
        return date(int(parts[1]), int(parts[2]), int(parts[3]))
    parts = re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./]?(\d{2}|\d{4})?", written)
    if parts is None:
        raise ValueError(text)
    if parts[3]:
        year = int(parts[3])
        return date(year + 2000 if year < 100 else year, int(parts[2]), int(parts[1]))
    day = date(near.year, int(parts[2]), int(parts[1]))
    return day if day <= near + timedelta(days=1) else date(near.year - 1, int(parts[2]), int(parts[1]))


def read_count(text: str) -> int | None:
    """A number of people, None for nothing; a tick or a dash is no number. Raises ValueError."""
    written = cleaned(text).removesuffix(".0").removesuffix(",0")
    if written in ("", "-", "–"):
        return None
    if not (written.isascii() and written.isdecimal() and len(written) <= 3) or int(written) > MOST_OF_A_COUNT:
        raise ValueError(text)
    return int(written)


def readable_as(codes: Callable[[str], bool]) -> Callable[[str], bool]:
    """Whether a cell is a card's code, by the codes that are known, or a K-number."""
    return lambda text: codes(text) or read_number(text) is not None


def read_row(
    number: int, cells: Mapping[str, str], *, readable: Callable[[str], bool], near: date, keep_unread: bool = True
) -> PaperRow | None:
    """One row of cells by name (code, clock, day, holder …); None for an empty one.

    `keep_unread`: a code that cannot be read is kept without a code, else it is a problem to look at first.
    """
    written = {name: cleaned(cell) for name, cell in cells.items()}
    if not any(written.values()):
        return None
    row = PaperRow(number, code=written.get("code", ""), written=_written(written))
    try:
        holder, *others = (read_count(written.get(name, "")) for name in COUNTS)
        children, assistants, clients, workers = (one or 0 for one in others)
        row = replace(row, holder=holder, children=children, assistants=assistants, clients=clients, workers=workers)
    except ValueError:
        return replace(row, problem=RowProblem.COUNT)
    try:
        row = replace(row, clock=read_clock(written.get("clock", "")))
    except ValueError:
        return replace(row, problem=RowProblem.CLOCK)
    try:
        row = replace(row, day=read_day(written.get("day", ""), near=near))
    except ValueError:
        return replace(row, problem=RowProblem.DAY)
    return _with_code(row, readable=readable, keep_unread=keep_unread)


def _written(cells: Mapping[str, str]) -> str:
    return " ".join(filter(None, (cells.get("day", ""), cells.get("clock", ""))))


def _with_code(row: PaperRow, *, readable: Callable[[str], bool], keep_unread: bool) -> PaperRow:
    if row.code and readable(row.code):
        return replace(row, problem=None if row.people else RowProblem.NOBODY)
    absent = not any(sign.isalnum() for sign in row.code)
    if not absent and not keep_unread:
        return replace(row, problem=RowProblem.CODE)
    # One row is one card, unless the numbers say otherwise.
    row = replace(row, unread=True, code="" if absent else row.code)
    return replace(row, problem=None if row.people else RowProblem.NOBODY)


def instant_of(row: PaperRow, day: date, *, starts_at: datetime | None, now: datetime) -> datetime | None:
    """When the row happened, where its time is given: a small hour on an evening's list is the night after it. Raises
    ValueError for a time that has not come yet."""
    if row.clock is None:
        return None
    evening = starts_at is not None and starts_at.astimezone(HELSINKI).time() >= time(12)
    night = evening and row.clock < NIGHT_ENDS
    moment = datetime.combine(day + timedelta(days=int(night)), row.clock, HELSINKI)
    if moment > now + timedelta(minutes=5):
        raise ValueError(row.number)
    return moment


# --- a whole list -------------------------------------------------------------------------------------------------

HEADS: dict[str, tuple[str, ...]] = {
    "code": (
        "kaikukortti",
        "kaikukortit",
        "kaikukortin koodi",
        "kaikukortin numero",
        "kaikukortti/koodi",
        "kortti",
        "kortin koodi",
        "kortin numero",
        "koodi",
        "k-numero",
        "kaikukort",
        "kaikukortets kod",
        "kort",
        "kortkod",
        "kortets kod",
        "kod",
        "k-nummer",
        "kaiku card",
        "card",
        "card code",
        "code",
        "k-number",
    ),
    "clock": ("klo", "kello", "kellonaika", "aika", "kl", "tid", "klockslag", "time"),
    "day": ("päivä", "pvm", "päivämäärä", "dag", "datum", "day", "date"),
    "holder": (
        "aikuiset",
        "aikuisia",
        "aikuinen",
        "liput",
        "lippuja",
        "lippu",
        "määrä",
        "kpl",
        "vuxna",
        "vuxen",
        "biljetter",
        "biljett",
        "antal",
        "st",
        "adults",
        "adult",
        "tickets",
        "ticket",
        "count",
        "number",
    ),
    "children": ("lapset", "lapsia", "lapsi", "barn", "children", "child"),
    "assistants": (
        "avustajat",
        "avustajia",
        "avustaja",
        "avustajat ja tulkit",
        "assistenter",
        "assistent",
        "assistants",
        "assistant",
    ),
    "clients": ("asiakkaat", "asiakkaita", "yhteisön asiakkaat", "klienter", "clients"),
    "workers": ("työntekijät", "työntekijöitä", "ohjaajat", "arbetstagare", "anställda", "handledare", "workers"),
    # The row's number in the list it came from, which we write ourselves.
    "row": ("rivi", "rad", "row"),
}
# How our own page heads the columns it gives back, by language.
OWN_HEADS: dict[str, dict[str, str]] = {
    "row": {"fi": "rivi", "sv": "rad", "en": "row"},
    "code": {"fi": "koodi", "sv": "kod", "en": "code"},
    "day": {"fi": "päivä", "sv": "dag", "en": "day"},
    "clock": {"fi": "klo", "sv": "kl", "en": "time"},
    "holder": {"fi": "aikuisia", "sv": "vuxna", "en": "adults"},
    "children": {"fi": "lapsia", "sv": "barn", "en": "children"},
    "assistants": {"fi": "avustajia", "sv": "assistenter", "en": "assistants"},
    "clients": {"fi": "asiakkaita", "sv": "klienter", "en": "clients"},
    "workers": {"fi": "työntekijöitä", "sv": "anställda", "en": "workers"},
}
_SUMS = frozenset(("yhteensä", "yht", "summa", "sammanlagt", "totalt", "total", "sum"))


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, the row that heads them, and the columns that nobody asked for."""

    head: Row | None
    body: Sequence[Row]
    found: Mapping[str, int]
    left_out: Sequence[int]

    def cells(self, row: Row) -> dict[str, str]:
        return {name: row.cell(column) for name, column in self.found.items()}


def find_columns(rows: Sequence[Row], *, readable: Callable[[str], bool]) -> Columns:
    """By the heads; a list without heads has its codes in the column where most can be read."""
    position, found = find_heads(rows, HEADS)
    head = rows[position] if position is not None else None
    body = rows[position + 1 :] if position is not None else rows
    body = [row for row in body if not any(head_word(cell) in _SUMS for cell in row.cells)]
    width = max((len(row.cells) for row in body), default=0)
    if "code" not in found:
        free = [column for column in range(width) if column not in found.values()]
        read = {column: sum(readable(row.cell(column)) for row in body if row.cell(column)) for column in free}
        best = max(read, key=lambda column: read[column], default=None)
        if best is not None and read[best]:
            found = found | {"code": best}
    known = set(found.values())
    used = [column for column in range(width) if any(row.cell(column) for row in body)]
    return Columns(head, body, found, [column for column in used if column not in known])


def read_rows(columns: Columns, *, readable: Callable[[str], bool], near: date) -> list[PaperRow]:
    """The rows of a list; where people are counted without codes, an empty cell of the holders is nobody."""
    counted = "holder" in columns.found
    rows: list[PaperRow] = []
    numbers: list[int] = []
    for row in columns.body:
        cells = columns.cells(row)
        if counted and not cells.get("code") and not cells.get("holder") and any(cells.get(one) for one in COUNTS[1:]):
            cells["holder"] = "0"
        number = cells.pop("row", "")
        read = read_row(row.number, cells, readable=readable, near=near)
        if read is not None:
            rows.append(read)
            numbers.append(int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 0)
    # Our own page says where the rows stood; numbers that somebody else has written need not tell rows apart.
    if len(set(numbers)) == len(rows) and all(numbers):
        return [replace(row, number=number) for row, number in zip(rows, numbers, strict=True)]
    return rows


def packed(rows: Sequence[PaperRow]) -> str:
    """The rows as our own page carries them from the preview to the recording: what was read and nothing else."""
    lines = ["row\tcode\tday\ttime\ttickets\tchildren\tassistants\tclients\tworkers"]
    for row in rows:
        cells = (
            row.number,
            NO_CODE if row.unread else row.code,
            row.day.isoformat() if row.day else "",
            f"{row.clock:%H:%M}" if row.clock else "",
            "" if row.holder is None else row.holder,
            *(getattr(row, name) or "" for name in COUNTS[1:]),
        )
        lines.append("\t".join(map(str, cells)))
    return "\n".join(lines)


def kept_text(columns: Columns, *, language: str) -> str:
    """The columns that are read, and no others, as text to be mended: what a page may give back of a list."""
    names = [name for name in OWN_HEADS if name in columns.found]
    heads = [OWN_HEADS["row"][language], *(OWN_HEADS[name][language] for name in names if name != "row")]
    lines = ["\t".join(heads)]
    for row in columns.body:
        cells = columns.cells(row)
        number = cells.get("row", "")
        cells["row"] = number if number.isdecimal() else str(row.number)
        lines.append("\t".join([cells["row"], *(cells[name] for name in names if name != "row")]))
    return "\n".join(lines)
