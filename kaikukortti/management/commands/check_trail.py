"""Whether the audit trail is whole: `manage.py check_trail`. Exit code 1 and what is wrong where, if it is not."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from kaikukortti.actions.trail_check import Found, check_trail
from kaikukortti.management.trail_anchors import anchor_of, kept_anchors
from kaikukortti.models import TrailEntry

MOST_SHOWN = 20


def in_words(found: Found) -> str:
    if found.table:
        return f"{found.table}: {found.fault}"
    if not found.last:
        return str(found.fault)
    where = f"entry {found.first}" if found.first == found.last else f"entries {found.first}–{found.last}"
    return f"{where}: {found.fault}"


class Command(BaseCommand):
    help = "Check the audit trail: its chain, its head, its triggers, and the anchors outside the database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="the report as JSON")
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="NUMBER:DIGEST",
            help="an anchor from the log, besides those of the file in the data folder; may be given several times",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            anchors = [*kept_anchors(), *(anchor_of(text) for text in options["anchor"])]
        except ValueError as odd:
            raise CommandError(f"This is no anchor (NUMBER:DIGEST): {odd}") from odd
        total = TrailEntry.objects.count()
        with tqdm(total=total, desc="trail", leave=False, disable=not sys.stderr.isatty()) as bar:
            report = check_trail(anchors, tick=bar.update)
        if options["json"]:
            self._print_json(asdict(report))
            sys.exit(1 if report.found else 0)
        whole = f"{report.entries} entries, {report.first}–{report.last}, against {report.anchors} anchors"
        if not report.found:
            self.stdout.write(f"The audit trail is whole: {whole}.")
            return
        shown = [in_words(found) for found in report.found[:MOST_SHOWN]]
        more = len(report.found) - len(shown)
        lines = [f"The audit trail is not whole ({whole}).", *shown, *([f"… and {more} more"] if more else [])]
        raise CommandError("\n- ".join(lines), returncode=1)

    def _print_json(self, report: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(report, indent=2, ensure_ascii=False))
