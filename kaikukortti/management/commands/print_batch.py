"""`manage.py print_batch BATCH FOLDER`: the one printing of an ordered batch, into a folder for the printing house.

The files hold codes and secrets in clear and are readable by their owner only. Cards and slips go to different hands;
remove both when they are printed. Whoever stops it leaves void cards only.
"""

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from kaikukortti.actions.batches import AlreadyPrinted, begin_printing, print_hundreds
from kaikukortti.models import Batch
from kaikukortti.paper.printing import OWN_PAGES, batch_files
from kaikukortti.terms.kinds import BatchKind, CardLayout


class Command(BaseCommand):
    help = "Print an ordered batch of cards into a folder: sheets of cards, and slips with the holders' secrets."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("batch", type=int, help="the batch's number, as its page says it")
        parser.add_argument("folder", type=Path, help="a folder that is not there yet, or is empty")
        parser.add_argument("--address", required=True, help="the register's public name, such as cards.example.fi")
        parser.add_argument("--layout", choices=CardLayout.values, help="another one than was ordered")

    def handle(self, *args: Any, **options: Any) -> None:
        batch = Batch.objects.filter(pk=options["batch"], kind=BatchKind.PRINTED).select_related("workplace").first()
        if batch is None:
            raise CommandError("There is no printed batch of this number.")
        folder, now = _folder(options["folder"]), timezone.now()
        try:
            batch = begin_printing(batch, by=None, now=now, layout=options["layout"])
        except AlreadyPrinted:
            raise CommandError("This batch was printed once already, or is void.") from None
        address = options["address"] + OWN_PAGES
        hundreds = print_hundreds(batch, by=None, now=now)
        done = 0
        with closing(_bar(batch.size)) as bar:
            for name, content, finished in batch_files(hundreds, number=batch.pk, layout=batch.layout, address=address):
                _write(folder / name, content)
                done += finished
                bar.update(finished)
        if done < batch.size:
            raise CommandError(f"The batch was voided meanwhile: {done} of {batch.size} cards, all void.")
        self.stdout.write(f"{done} cards in {folder}. Remove the files when they are printed.")


def _folder(path: Path) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
        empty = not any(path.iterdir())
    except OSError as unwritable:
        raise CommandError(f"The folder cannot be used: {type(unwritable).__name__}.") from None
    if not empty:
        raise CommandError("The folder is not empty.")
    return path


def _write(path: Path, content: bytes) -> None:
    """A new file, its owner's only from the first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _bar(size: int) -> "tqdm[Any]":
    return tqdm(total=size, desc="cards", leave=False, disable=not sys.stderr.isatty())
