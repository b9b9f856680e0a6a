"""`manage.py send_webhooks [--loop]`: send the messages to shops that are due. Several may run at once."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from kaikukortti.actions.webhooks import send_due

PAUSE_SECONDS = 5


class Command(BaseCommand):
    help = "Send the messages to shops that are due; with --loop until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="look again every few seconds, until stopped")

    def handle(self, *args: Any, loop: bool, **options: Any) -> None:
        while True:
            sent = send_due(now=timezone.now)
            if sent.any or not loop:
                self.stdout.write(f"delivered {sent.delivered}, tried in vain {sent.in_vain}, given up {sent.dead}")
                self.stdout.flush()
            if not loop:
                return
            close_old_connections()
            time.sleep(PAUSE_SECONDS)
