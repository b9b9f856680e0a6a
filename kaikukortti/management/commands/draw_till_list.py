"""`manage.py draw_till_list [--whole]`: the list that offline tills carry, for the last full ten minutes.

Every ten minutes from what has changed, and each night `--whole`, with which erased cards leave (docs/operations.md).
Safe to run twice and while the register serves.
"""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from kaikukortti.actions.till_list import current, draw_whole
from kaikukortti.management.start import lists_in_data


class Command(BaseCommand):
    help = "Draw the list that offline tills carry: from what has changed, or with --whole from every card."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--whole", action="store_true", help="from every card; erased cards leave with it")

    def handle(self, *args: Any, whole: bool, **options: Any) -> None:
        if inside := lists_in_data():
            raise CommandError(inside)
        now = timezone.now()
        if not whole:
            drawn = current(now)
        else:
            with tqdm(desc="cards", leave=False, disable=not sys.stderr.isatty()) as bar:

                def told(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                drawn = draw_whole(now, told=told)
        self.stdout.write(
            f"list of {drawn.as_of:%Y-%m-%d %H:%M} UTC: {len(drawn.content):,} bytes, {drawn.sha256[:16]}"
        )
