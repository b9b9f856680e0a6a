"""Make the keys that are missing: `python manage.py make_keys`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kaikukortti import keys
from kaikukortti.management.start import secrets_in_data


class Command(BaseCommand):
    help = "Make the register's keys, readable by their owner only. Keys that exist are never changed."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        inside = secrets_in_data()
        if inside:
            raise CommandError(inside)
        made = keys.make_missing()
        for name in made:
            self.stdout.write(f"made {name}.key")
        if made:
            self.stdout.write(
                f"In {keys.folder()}. Back it up apart from the database: a lost pepper loses every card."
            )
        else:
            self.stdout.write("All keys are there.")
