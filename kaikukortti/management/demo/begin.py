"""How `demo` and `simulate` begin: never in a register with real data, not even by migrating it."""

from datetime import datetime

from django.core.management import CommandError, call_command
from django.db import connection

from kaikukortti.actions.codes import foreign_peppers
from kaikukortti.actions.demo import OtherDemo, RealRegister, is_empty, mark_demo
from kaikukortti.actions.reference import load_reference
from kaikukortti.management.start import secrets_in_data
from kaikukortti.models import DemoMark, Municipality


def begin(*, now: datetime, published: bool = False) -> None:
    """Tables, keys, the mark and the reference tables, as far as they are missing. Raises RealRegister, OtherDemo, and
    CommandError where the keys would lie among the data."""
    inside = secrets_in_data()
    if inside:
        raise CommandError(inside)
    if DemoMark._meta.db_table in connection.introspection.table_names():
        marked = DemoMark.objects.exists()
        if not marked and not is_empty():
            raise RealRegister
        if marked and published:
            raise OtherDemo  # the published years are counted once, into an empty register
    call_command("migrate", verbosity=0)
    mark_demo(now=now, published=published)
    if foreign_peppers():
        raise OtherDemo
    if not Municipality.objects.exists():
        load_reference()
