"""`manage.py load_reference`: the municipalities, regions of Finland, wellbeing areas and postal codes."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from kaikukortti.actions.reference import ReferenceReport, load_reference
from kaikukortti.actions.reference_tables import BadReferenceError


def with_bar(batches: Sequence[Sequence[str]]) -> Iterable[Sequence[str]]:
    """A progress bar, where somebody sits and watches."""
    return tqdm(batches, desc="postal codes", leave=False, disable=not sys.stderr.isatty())


def summary(report: ReferenceReport) -> str:
    """One line per table."""
    lines = [f"Reference tables of {report.as_of}:"]
    for name, table in report.tables().items():
        changed = len({change.code for change in table.changed})
        line = f"  {name}: {len(table.added)} added, {changed} changed, {table.unchanged} unchanged"
        if table.vanished:
            line += f"; not named any more but kept: {', '.join(table.vanished)}"
        lines.append(line)
    return "\n".join(lines)


class Command(BaseCommand):
    help = "Load the reference tables: municipalities since 2015, regions of Finland, wellbeing areas, postal codes."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_reference(steps=with_bar)
        except BadReferenceError as bad:
            raise CommandError(str(bad)) from None
        self.stdout.write(summary(report))
