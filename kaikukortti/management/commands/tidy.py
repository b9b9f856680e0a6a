"""Once a day: end what has run out, forget what is kept no longer. `python manage.py tidy`, from a systemd timer.

Safe to run twice and while the register serves (docs/operations.md has the timer).
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from kaikukortti.actions.corrections import void_pending
from kaikukortti.actions.device_rows import forget_handed_over
from kaikukortti.actions.devices import end_gates
from kaikukortti.actions.holder import carry_out_erasures
from kaikukortti.actions.holds import forget_old_holds, return_places
from kaikukortti.actions.look_ups import forget_old_look_ups
from kaikukortti.actions.misses import forget_old_misses
from kaikukortti.actions.opening import forget_old_tries
from kaikukortti.actions.people import forget_old_links
from kaikukortti.actions.phone import forget_old_phone_links
from kaikukortti.actions.trail import forget_old_entries
from kaikukortti.actions.webhooks import forget_old_messages
from kaikukortti.actions.worklist import draw_worklists
from kaikukortti.management.trail_anchors import set_anchor


class Command(BaseCommand):
    help = "End what has run out and forget what is kept no longer; run it once a day."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        tasks: dict[str, Callable[[], int | None]] = {
            "uses void, their card was not registered in seven days": lambda: void_pending(now=now),
            "tallies of look-ups older than 90 days": lambda: forget_old_look_ups(now=now),
            "tallies of unknown codes older than a week": lambda: forget_old_misses(now=now),
            "links for coming in that have run out": lambda: forget_old_links(now=now),
            "cards on this month's worklists, drawn with its first run": lambda: draw_worklists(now=now),
            "links onto phones that have run out": lambda: forget_old_phone_links(now=now),
            "holders erased as they asked a week ago": lambda: carry_out_erasures(now=now),
            "messages to shops older than three months": lambda: forget_old_messages(now=now),
            "tallies of wrong secrets older than a day": lambda: forget_old_tries(now=now),
            "places kept that nobody fetched": lambda: return_places(now=now),
            "links between kept places and cards, 30 days after their day": lambda: forget_old_holds(now=now),
            "gate passes whose event is over": lambda: end_gates(now=now),
            "rows of stopped tills older than 30 days": lambda: forget_handed_over(now=now),
            "sign-ins that have run out": import_module(settings.SESSION_ENGINE).SessionStore.clear_expired,
            "entries of the audit trail older than two years": lambda: forget_old_entries(now=now),
        }
        for what, do in tasks.items():
            number = do()
            self.stdout.write(f"{what}: {'done' if number is None else number}")
        anchored = set_anchor(now=now)
        where = "not set, the trail does not fit the last one" if anchored is None else f"at entry {anchored}"
        self.stdout.write(f"anchor of the audit trail: {where}")
