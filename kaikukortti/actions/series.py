"""Importing older printed series: their codes become cards of a workplace, read by the series' own shape (rule 12)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import transaction

from kaikukortti.actions.codes import MadeCode, code_digests, make_code
from kaikukortti.actions.making import make_cards
from kaikukortti.actions.trail import note
from kaikukortti.models import Batch, Card, NetworkVersion, Series, Workplace
from kaikukortti.models.snapshot import network
from kaikukortti.rules.series import MARK, SeriesFacts, read_listed
from kaikukortti.terms.kinds import BatchKind
from kaikukortti.terms.roles import Role
from kaikukortti.terms.trail import Act

AT_A_TIME = 500
SERIAL_DIGITS = 8


class OtherShape(Exception):
    """A series of this name is listed with another prefix, alphabet or length."""


class NotAnIssuer(Exception):
    """The workplace gives no cards."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: its number, the code as printed, and a serial of its own if it has one."""

    line: int
    code: str
    serial: str = ""


@dataclass(slots=True)
class Report:
    """What came of an import; `refused` by line, with the reason in words for whoever runs the register."""

    imported: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def list_series(name: str, *, prefix: str, alphabet: str, length: int, now: datetime, guessable: bool = True) -> Series:
    """The series of this name, listed now if it is new. Raises OtherShape."""
    series, made = Series.objects.get_or_create(
        name=name,
        defaults={
            "prefix": prefix,
            "alphabet": alphabet,
            "length": length,
            "guessable": guessable,
            "made_at": now,
        },
    )
    if (series.prefix, series.alphabet, series.length) != (prefix, alphabet, length):
        raise OtherShape(name)
    if made:
        NetworkVersion.bump()
    return series


def import_series(
    rows: Iterable[Row],
    *,
    series: Series,
    workplace: Workplace,
    now: datetime,
    told: Callable[[int], object] = lambda _rows: None,
) -> Report:
    """Blank cards for the codes of a file, some hundreds in a transaction; run again, what is there is left alone.

    A row is refused when it has not the series' shape, when it reads as a code of ours or of another series (those are
    asked first, so it could never be found), or when its code or serial stands twice or belongs to another card.
    """
    if workplace.role != Role.ISSUER:
        raise NotAnIssuer(workplace.name)
    listed = network().series
    shape = SeriesFacts(series.pk, series.prefix, series.alphabet, series.length, series.guessable)
    report, batch, seen = Report(), None, set[str]()
    left = iter(rows)
    while some := list(islice(left, AT_A_TIME)):
        with transaction.atomic():
            new = list(_new(some, shape, listed, seen, report))
            if new:
                batch = batch or Batch.objects.create(
                    workplace=workplace, kind=BatchKind.SERIES, size=0, made_at=now, by=None
                )
                make_cards(workplace, size=len(new), by=None, now=now, codes=new, batch=batch)
                Card.objects.filter(digest__in=[one.digest for one in new]).update(series=series)
                batch.size += len(new)
                batch.save(update_fields=["size"])
                report.imported += len(new)
        told(len(some))
    if batch is not None:
        with transaction.atomic():
            note(Act.SERIES_IMPORTED, by=None, now=now, subject=batch.pk)
    return report


def _new(
    rows: list[Row], shape: SeriesFacts, listed: tuple[SeriesFacts, ...], seen: set[str], report: Report
) -> Iterator[MadeCode]:
    """The rows that become cards; the rest goes into the report."""
    read = {row.line: shape.read(row.code) for row in rows}
    digests = {code: code_digests(code) for code in read.values() if code}
    there = set(
        Card.objects.filter(digest__in=[one for some in digests.values() for one in some]).values_list(
            "digest", flat=True
        )
    )
    wanted = [row.serial for row in rows if row.serial]
    serials = set(Card.objects.filter(serial__in=wanted).values_list("serial", flat=True))
    for row in rows:
        code = read[row.line]
        reason = _why_not(row, code, listed, seen)
        if reason:
            report.refused.append((row.line, reason))
            continue
        assert code is not None
        seen.add(code)
        if there.intersection(digests[code]):
            report.known += 1
        elif row.serial in serials:
            report.refused.append((row.line, "the serial number belongs to another card"))
        else:
            if row.serial:
                serials.add(row.serial)
            yield make_code(code, serial=row.serial or None, random_tag=True)


def _why_not(row: Row, code: str | None, listed: tuple[SeriesFacts, ...], seen: set[str]) -> str:
    if code is None:
        return "not the shape of the series"
    first = read_listed(row.code, listed)
    if first != code and first is not None:
        return "reads as a code of ours" if MARK not in first else "reads as a code of another series"
    if code in seen:
        return "stands twice in the file"
    if row.serial and not (row.serial.isascii() and row.serial.isdigit() and len(row.serial) == SERIAL_DIGITS):
        return "the serial number has not eight digits"
    return ""
