"""Courses as an office keeps them: reading its list, finding a course by number or name, and the short reference that
joins a place to the office's own list (rules 17, 21)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kaikukortti.rules.cards import CardLife
from kaikukortti.rules.offerings import Problem
from kaikukortti.rules.situation import OfferingFacts
from kaikukortti.rules.tables import Row, find_heads
from kaikukortti.terms.kinds import OfferingKind

MOST_COURSES = 2_000
LONGEST_NUMBER, LONGEST_NAME, LONGEST_PLACE = 80, 120, 120
MOST_PLACES = 1_000_000

# How an office's own system may head its columns. Teachers' and people's columns are among none of them.
HEADS = {
    name: words.split(", ")
    for name, words in {
        "number": "kurssinumero, kurssinro, kurssi nro, kurssin numero, numero, nro, kurssikoodi, koodi, kursnummer, "
        "kursnr, nummer, nr, kurskod, course number, number, no, course code, code",
        "name_fi": "nimi, kurssin nimi, kurssi, kurssinimi, nimi suomeksi, nimi fi, otsikko, name in finnish, name fi, "
        "name_fi, name, course, course name, namn på finska",
        "name_sv": "nimi ruotsiksi, nimi sv, namn, kursnamn, kursens namn, kurs, namn på svenska, namn sv, "
        "name in swedish, name sv, name_sv",
        "name_en": "nimi englanniksi, nimi en, namn på engelska, namn en, name in english, name en, name_en",
        "first_day": "alkaa, alkamispäivä, alku, aloituspäivä, ensimmäinen päivä, alkupvm, alkaa pvm, börjar, "
        "startdatum, första dagen, start, begins, first day, start date, starts, first_day",
        "last_day": "päättyy, päättymispäivä, loppuu, loppu, viimeinen päivä, loppupvm, päättyy pvm, slutar, "
        "slutdatum, sista dagen, slut, ends, last day, end date, end, last_day",
        "price_cents": "hinta, kurssimaksu, maksu, hinta euroa, hinta €, pris, kursavgift, avgift, price, fee, "
        "course fee, price_euros",
        "cap": "paikat, paikkoja, kaikukortti-paikat, kaikukorttipaikat, paikkamäärä, paikkaa, platser, "
        "antal platser, kaikukortsplatser, places, kaiku card places, seats",
        "place": "paikka, opetuspaikka, pitopaikka, toimipaikka, plats, kursplats, lokal, place, location, venue",
    }.items()
}
NEEDED = ("number", "first_day", "last_day")
NAMES = ("name_fi", "name_sv", "name_en")
_FREE = ("maksuton", "ilmainen", "avgiftsfri", "gratis", "free")
_DAY = re.compile(r"(?:(?:ma|ti|ke|to|pe|la|su|mån|tis|ons|tors|fre|lör|sön)\.? )?(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?: 00:00)?")
_EUROS = re.compile(r"(\d{1,5})(?:[.,](\d{1,2})0*)?")
_REFERENCE = re.compile(r"[0-9a-f]{4}-?[0-9a-f]{4}")


class RowProblem(TextChoices):
    """What is wrong in a row of a list of courses; each says how to mend it."""

    NO_NUMBER = "no-number", _("The course number is missing. It is what the course is found by next time.")
    NUMBER_TWICE = "number-twice", _("The same course number stands on an earlier row. Leave one of them.")
    TOO_LONG = "too-long", _("The number, a name or the place is too long: at most 80, 120 and 120 characters.")
    FIRST_DAY = "first-day", _("The first day cannot be read. Write it like this: 7.9.2026.")
    LAST_DAY = "last-day", _("The last day cannot be read. Write it like this: 11.12.2026.")
    PRICE = "price", _("The price cannot be read. Write it in euros like this: 45.00. Empty: not said.")
    CAP = "cap", _("The number of places cannot be read. Write a whole number. Empty: no limit.")
    NOT_A_COURSE = "not-a-course", _("An offering of yours that is no course has this number. Choose another number.")


class ListProblem(TextChoices):
    """Why a table is no list of courses."""

    NO_HEADS = (
        "no-heads",
        _(
            "The columns cannot be told apart. The first row should name them, for example: number, name, first day, "
            "last day, price, places, place."
        ),
    )


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course as a row says it. `said` are the columns that the list has: what it does not have is left as it is."""

    row: int
    number: str
    said: frozenset[str]
    first_day: date
    last_day: date
    name_fi: str = ""
    name_sv: str = ""
    name_en: str = ""
    price_cents: int | None = None
    cap: int | None = None
    place: str = ""

    @property
    def name(self) -> str:
        return self.name_fi or self.name_sv or self.name_en


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A row that cannot be taken, and how to mend it."""

    row: int
    number: str
    name: str
    problem: RowProblem | Problem

    @property
    def words(self) -> str | Promise:
        return self.problem.label


@dataclass(frozen=True, slots=True)
class CourseList:
    """What was read of a table. `left_out` are the heads of columns that nobody asks for; `kept` is the table without
    them and without what stands above the heads."""

    rows: list[CourseRow] = field(default_factory=list)
    wrong: list[WrongRow] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    kept: list[Row] = field(default_factory=list)


def read_courses(table: Sequence[Row]) -> CourseList | ListProblem:
    """The courses of a table whose heads are known, in any order of columns; other columns are dropped unread."""
    head, columns = find_heads(table, HEADS)
    named = any(name in columns for name in NAMES)
    if head is None or not named or any(name not in columns for name in NEEDED):
        return ListProblem.NO_HEADS
    taken = set(columns.values())
    left_out = [cell for column, cell in enumerate(table[head].cells) if column not in taken and cell]
    asked = sorted(taken)
    kept = [Row(row.number, tuple(row.cell(column) for column in asked)) for row in table[head:]]
    found = CourseList(left_out=left_out, kept=kept)
    seen: set[str] = set()
    for row in table[head + 1 :]:
        cells = {name: row.cell(column) for name, column in columns.items()}
        if not any(cells.values()):
            continue
        read = _read_row(row.number, cells, seen)
        if isinstance(read, CourseRow):
            seen.add(read.number)
            found.rows.append(read)
        else:
            found.wrong.append(WrongRow(row.number, cells["number"][:LONGEST_NUMBER], _name(cells)[:60], read))
    return found


def _name(cells: dict[str, str]) -> str:
    return next((cells[name] for name in NAMES if cells.get(name)), "")


def _read_row(number: int, cells: dict[str, str], seen: set[str]) -> CourseRow | RowProblem | Problem:
    """One row, or the first thing to mend in it."""
    problem = _problem(cells, seen)
    if problem:
        return problem
    first, last = read_day(cells["first_day"]), read_day(cells["last_day"])
    price, cap = read_euros(cells.get("price_cents", "")), read_places(cells.get("cap", ""))
    if first is None:
        return RowProblem.FIRST_DAY
    if last is None:
        return RowProblem.LAST_DAY
    if last < first:
        return Problem.DAYS_IN_ORDER
    if price == WRONG:
        return RowProblem.PRICE
    if cap == WRONG:
        return RowProblem.CAP
    names = {name: cells.get(name, "") for name in (*NAMES, "place")}
    return CourseRow(number, cells["number"], frozenset(cells), first, last, price_cents=price, cap=cap, **names)


def _problem(cells: dict[str, str], seen: set[str]) -> RowProblem | Problem | None:
    if not cells["number"]:
        return RowProblem.NO_NUMBER
    long_name = any(len(cells.get(name, "")) > LONGEST_NAME for name in NAMES)
    if long_name or len(cells["number"]) > LONGEST_NUMBER or len(cells.get("place", "")) > LONGEST_PLACE:
        return RowProblem.TOO_LONG
    if cells["number"] in seen:
        return RowProblem.NUMBER_TWICE
    return None if _name(cells) else Problem.NO_NAME


WRONG = -1


def read_day(cell: str) -> date | None:
    """7.9.2026 as Finland writes it, or 2026-09-07 as a workbook gives it; from 2015 to 2100."""
    iso, written = _ISO_DAY.fullmatch(cell), _DAY.fullmatch(cell.lower())
    parts = iso.groups() if iso else written.groups()[::-1] if written else None
    if parts is None:
        return None
    try:
        day = date(*(int(part) for part in parts))
    except ValueError:
        return None
    return day if 2015 <= day.year <= 2100 else None


def read_euros(cell: str) -> int | None:
    """Cents from 45, 45,00, 1 045.50 € or a word for nothing; None for an empty cell, WRONG for anything else."""
    text = re.sub(r"\s|€|euroa?|eur\b", "", cell.casefold()).replace(",-", "")
    if not text or text in ("-", "–"):
        return None
    if text in _FREE:
        return 0
    written = _EUROS.fullmatch(text)
    return int(written[1]) * 100 + int((written[2] or "").ljust(2, "0")) if written else WRONG


def read_places(cell: str) -> int | None:
    """A number of places; None for an empty cell, WRONG for anything else."""
    text = re.sub(r"\s", "", cell)
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and int(text) <= MOST_PLACES else WRONG


# --- finding a course ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A course as it is looked for."""

    id: UUID
    number: str
    names: tuple[str, ...]


def find_course(text: str, courses: Iterable[Named]) -> list[Named]:
    """The courses meant: the one with this number, else those whose number begins so or whose name holds every word.
    Case, spaces and hyphens make no difference in a number."""
    wanted, words = _bare(text), text.casefold().split()
    if not words:
        return []
    here = list(courses)
    exact = [one for one in here if wanted and _bare(one.number) == wanted]
    if exact:
        return exact
    begins = [one for one in here if wanted and _bare(one.number).startswith(wanted)]
    held = [one for one in here if any(_holds(name, words) for name in one.names)]
    return list(dict.fromkeys((*begins, *held)))


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())


def _holds(name: str, words: Sequence[str]) -> bool:
    said = name.casefold()
    return all(word in said for word in words)


# --- the short reference ------------------------------------------------------------------------------------------


def short_reference(reference: UUID) -> str:
    """What is written beside the enrolment: 4F2A-91C3, the beginning of the record's random reference. The hyphen keeps
    a spreadsheet from taking it for a number."""
    return f"{reference.hex[:4]}-{reference.hex[4:8]}".upper()


def read_reference(text: str) -> tuple[UUID, UUID] | None:
    """The references that a short one may begin, first and last; None for anything else."""
    written = _REFERENCE.fullmatch(text.strip().casefold())
    if written is None:
        return None
    start = written[0].replace("-", "")
    return UUID(hex=start.ljust(32, "0")), UUID(hex=start.ljust(32, "f"))


def ends_before_course(card: CardLife, offering: OfferingFacts) -> date | None:
    """The card's last day where it runs out before the course does: the place stands all the same, for a course is
    judged on the day the code is given (rule 21). None for a card that lasts, and where there is no course."""
    last = card.last_day
    return last if offering.kind == OfferingKind.COURSE and last is not None and last < offering.last_day else None
