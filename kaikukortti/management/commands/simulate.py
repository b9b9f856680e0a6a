"""`manage.py simulate`: a plausible register of any size, or one that holds the nine published years."""

import sys
from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from kaikukortti.actions.demo import OtherDemo, RealRegister
from kaikukortti.actions.simulation import Written, stage, write_offerings
from kaikukortti.management.demo import people
from kaikukortti.management.demo.begin import begin
from kaikukortti.management.demo.history import days_of, write_history
from kaikukortti.management.demo.network import Network
from kaikukortti.management.demo.offerings import past_programme
from kaikukortti.management.demo.plans import Plans
from kaikukortti.management.demo.published import write_published
from kaikukortti.models import Card


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Fill an empty or a demo register with invented cards and uses, never one with real data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cards", type=int, default=1000, help="personal cards registered (1000)")
        parser.add_argument("--uses", type=int, default=5000, help="tickets, course places and season passes (5000)")
        parser.add_argument("--years", type=int, default=1, help="years back from yesterday (1)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed invents the same (1)")
        parser.add_argument("--published", action="store_true", help="the nine published years, 2015 to 2023")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cards"] < 1 or options["uses"] < 0 or not 1 <= options["years"] <= 10:
            raise CommandError("At least one card, no negative uses, and from 1 to 10 years.")
        try:
            written = self.publish() if options["published"] else self.invent(options)
        except RealRegister:
            raise CommandError("This register holds real data: nothing invented is written into it.") from None
        except OtherDemo:
            raise CommandError("This register holds other invented data. Empty the data folder first.") from None
        self.stdout.write(f"{written.cards} cards and {written.records} records with {written.uses} uses were written.")

    def invent(self, options: dict[str, Any]) -> Written:
        now = timezone.now()
        begin(now=now)
        by = people.begin(now=now)
        workplaces = Network(by.workplace, by=by, now=now).build().workplaces
        first, last = days_of(options["years"], now=now)
        write_offerings(past_programme(workplaces, first=first, last=last))
        on = stage()
        plans = Plans(on, first=first, last=last, seed=f"{options['seed']}/{Card.objects.count()}")
        with closing(_bar(options["cards"], "cards")) as bar:
            return write_history(
                plans,
                cards=options["cards"],
                uses=options["uses"],
                on=on,
                told=lambda written: bar.update(written.cards),
            )

    def publish(self) -> Written:
        now = timezone.now()
        begin(now=now, published=True)
        by = people.begin(now=now)
        with closing(_bar(None, "cards")) as bar:
            return write_published(by, now=now, told=lambda written: bar.update(written.cards))


def _bar(total: int | None, what: str) -> "tqdm[Any]":
    """A progress bar, where somebody sits and watches."""
    return tqdm(total=total, desc=what, leave=False, disable=not sys.stderr.isatty())
