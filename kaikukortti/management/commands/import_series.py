"""`manage.py import_series FILE …`: codes of an older printed series become blank cards of a workplace (rule 12).

The file is CSV, UTF-8, with a header line and a column `code`, and `serial` where the cards have numbers of their own.
It holds codes in clear: remove it when the import has been checked.
"""

import csv
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from kaikukortti.actions.series import NotAnIssuer, OtherShape, Report, Row, import_series, list_series
from kaikukortti.models import Workplace

MOST_TOLD = 1000


class Command(BaseCommand):
    help = "Import the codes of an older printed series as blank cards of a workplace; safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--name", required=True, help="the series' name; the same name goes on with it")
        parser.add_argument("--prefix", default="", help="what every code begins with")
        parser.add_argument("--alphabet", required=True, help="the characters after the prefix, such as 0123456789")
        parser.add_argument("--length", type=int, required=True, help="how many characters stand after the prefix")
        parser.add_argument("--workplace", type=int, required=True, help="the issuing workplace's number")
        parser.add_argument("--dry-run", action="store_true", help="report what would be imported, store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["length"] <= 40 or not 2 <= len(set(options["alphabet"])) == len(options["alphabet"]) <= 64:
            raise CommandError("A length of 1 to 40, and an alphabet of 2 to 64 different characters.")
        if len(options["prefix"]) > 10:
            raise CommandError("A prefix has at most 10 characters.")
        workplace = Workplace.objects.filter(pk=options["workplace"]).first()
        if workplace is None:
            raise CommandError("There is no workplace of this number.")
        lines = _lines(options["file"])
        try:
            report = self._import(lines, workplace, options)
        except OtherShape:
            raise CommandError("A series of this name is listed with another prefix, alphabet or length.") from None
        except NotAnIssuer:
            raise CommandError("This workplace gives no cards.") from None
        for line, reason in report.refused[:MOST_TOLD]:
            self.stdout.write(f"line {line}: {reason}")
        if len(report.refused) > MOST_TOLD:
            self.stdout.write(f"… and {len(report.refused) - MOST_TOLD} more")
        done = "would be imported" if options["dry_run"] else "imported"
        self.stdout.write(
            f"{report.imported} {done}, {report.known} there already, {len(report.refused)} refused, of {len(lines)}"
        )

    def _import(self, lines: list[Row], workplace: Workplace, options: dict[str, Any]) -> Report:
        now = timezone.now()
        bar = tqdm(total=len(lines), desc="codes", leave=False, disable=not sys.stderr.isatty())
        with closing(bar), transaction.atomic() if options["dry_run"] else nullcontext():
            series = list_series(
                options["name"],
                prefix=options["prefix"],
                alphabet=options["alphabet"],
                length=options["length"],
                now=now,
            )
            report = import_series(lines, series=series, workplace=workplace, now=now, told=bar.update)
            if options["dry_run"]:
                transaction.set_rollback(True)
        return report


def _lines(file: Path) -> list[Row]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            return list(_rows(text))
    except (OSError, UnicodeDecodeError) as unreadable:
        raise CommandError(f"The file cannot be read: {type(unreadable).__name__}.") from None


def _rows(text: Any) -> Iterator[Row]:
    reader = csv.DictReader(text)
    if "code" not in (reader.fieldnames or []):
        raise CommandError("The file needs a header line with a column called code.")
    for number, line in enumerate(reader, start=2):
        yield Row(number, (line["code"] or "").strip(), (line.get("serial") or "").strip())
