"""`manage.py draw_worklists`: this month's activation worklists, unless they have been drawn. `tidy` does it too."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from kaikukortti.actions.worklist import draw_worklists


class Command(BaseCommand):
    help = "Draw this month's activation worklists, unless they have been drawn already."

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(desc="cards", leave=False, disable=not sys.stderr.isatty()) as bar:

            def told(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            number = draw_worklists(now=timezone.now(), told=told)
        self.stdout.write("drawn already this month" if number is None else f"cards on the lists: {number}")
