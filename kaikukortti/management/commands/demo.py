"""`manage.py demo`: load the demo network, as often as one likes, and tell who can sign in and what to try."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from kaikukortti.actions.codes import MadeCode
from kaikukortti.actions.demo import OtherDemo, RealRegister
from kaikukortti.actions.worklist import draw_worklists
from kaikukortti.management.demo import people
from kaikukortti.management.demo.begin import begin
from kaikukortti.management.demo.cards import Cards, answers, slips
from kaikukortti.management.demo.history import write_demo_history
from kaikukortti.management.demo.network import Network
from kaikukortti.management.demo.offerings import Listed, enter_programme
from kaikukortti.management.demo.tour import tour

STEPS = 6


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Load the demo network: idempotent. Prints who can sign in and a tour, or with --json one document."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print accounts, tokens, codes and offerings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            document = self.load()
        except RealRegister:
            raise CommandError(
                "This register holds real data, so no demo is loaded into it. "
                "Set KAIKUKORTTI_DATA and KAIKUKORTTI_SECRETS to other folders."
            ) from None
        except OtherDemo:
            raise CommandError(
                "This register was filled with other demo keys or with the published years. "
                "Empty the data folder, or set KAIKUKORTTI_DATA to another one."
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(tour(document))

    def load(self) -> dict[str, list[Any]]:
        now = timezone.now()
        with tqdm(total=STEPS, desc="demo", leave=False, disable=not sys.stderr.isatty()) as bar:
            begin(now=now)
            bar.update()
            by = people.begin(now=now)
            workplaces = Network(by.workplace, by=by, now=now).build().workplaces
            bar.update()
            people.let_in(workplaces, now=now)
            people.give_apps(now=now)
            people.give_tokens(workplaces, now=now)
            bar.update()
            blanks = Cards(workplaces, now=now, steps=with_bar).deal()
            bar.update()
            enter_programme(workplaces, now=now)
            offerings = Listed(workplaces, now=now).enter()
            bar.update()
            write_demo_history(now=now)
            draw_worklists(now=now)
            bar.update()
        return {
            "accounts": people.accounts(workplaces),
            "tokens": people.tokens(workplaces),
            "cards": answers(people.actor(workplaces["routa"]), now=now),
            "blank_codes": blanks,
            "slips": slips(now=now),
            "offerings": offerings,
        }


def with_bar(codes: Iterable[MadeCode], size: int) -> Iterable[MadeCode]:
    """A progress bar, where somebody sits and watches."""
    return tqdm(codes, total=size, desc="cards", leave=False, disable=not sys.stderr.isatty())
