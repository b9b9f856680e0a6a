"""`manage.py retain`: what is kept no longer becomes coarse or goes, and every published sum stays (P14).

Safe to run twice, while the register serves, and to stop anywhere: the next run goes on (docs/operations.md).
"""

import sys
from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from kaikukortti.actions.retention import Due, SumsDiffer, retain, what_is_due
from kaikukortti.models import RetentionRun


class Command(BaseCommand):
    help = "Make old holder data coarse, cut old uses from their cards, erase cards whose time is over; and prove it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what is due and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        due = what_is_due(now=now)
        if options["dry_run"]:
            self.stdout.write("Nothing is changed. Due today:")
            self.tell(due)
            return
        try:
            with closing(_bar(due)) as bar:
                self.report(retain(now=now, told=bar.update))
        except SumsDiffer:
            raise CommandError(
                "A published sum would not stay the same. The piece at hand was taken back and the run has stopped; "
                "what was done before stands. Keep the database as it is and look into it."
            ) from None

    def tell(self, due: Due) -> None:
        years = ", ".join(map(str, due.years)) or "none yet"
        for what, number in (
            ("birth years and postal codes made coarse", due.trios),
            ("uses cut from their cards", due.links),
            ("counted facts cut from their cards", due.facts),
            ("cards erased, and more that this run sets free", due.cards),
            ("holders erased at their wish", due.erased),
        ):
            self.stdout.write(f"{what}: {number}")
        self.stdout.write(f"years whose uses are cut: {years}")

    def report(self, run: RetentionRun) -> None:
        for what, number in (
            ("birth years and postal codes made coarse", run.trios),
            ("uses cut from their cards", run.links),
            ("cards erased", run.cards),
            ("holders erased at their wish", run.erased),
        ):
            self.stdout.write(f"{what}: {number}")
        self.stdout.write(f"every published sum as it stood before: {run.sums_before}")
        self.stdout.write(f"every published sum afterwards:         {run.sums_after}")
        self.stdout.write(f"The same. Run {run.pk} is proved.")


def _bar(due: Due) -> "tqdm[Any]":
    """A progress bar, where somebody sits and watches."""
    return tqdm(total=due.rows, desc="rows", leave=False, disable=not sys.stderr.isatty())
