"""`python manage.py invite_first NAME`: the link with which a new register's first person comes in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from kaikukortti.actions.people import invite_first


class Command(BaseCommand):
    help = "Make a one-time link for a contact person of the national service, valid for seven days, and print it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the name that colleagues know")
        parser.add_argument("--municipality", default="091", help="three digits, for a new register (091 is Helsinki)")

    def handle(self, *args: Any, **options: Any) -> None:
        made = invite_first(name=options["name"], municipality=options["municipality"], now=timezone.now())
        with override("fi"):
            self.stdout.write(reverse("come-in", args=[made.secret]))
