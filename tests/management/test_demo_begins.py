"""`manage.py demo` on an empty register, on a real one, and after a kill."""

from datetime import datetime

import pytest
from django.core.management import CommandError
from django.db import transaction

from kaikukortti import keys
from kaikukortti.actions.demo import RealRegister, bring_to_day
from kaikukortti.management.commands import demo as command
from kaikukortti.management.demo import begin
from kaikukortti.models import DemoMark, Record
from kaikukortti.models.snapshot import forget
from kaikukortti.terms.days import HELSINKI
from tests.management.demo_document import load_demo, rows

pytestmark = pytest.mark.database

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=HELSINKI)


@pytest.fixture
def load(monkeypatch):
    forget()
    yield lambda now=NOON: load_demo(now, monkeypatch)
    forget()


class KilledError(Exception):
    pass


def test_after_a_kill_half_way_it_goes_on(load, monkeypatch):
    def die(*args, **how):
        raise KilledError

    for step in ("Network", "Cards", "enter_programme", "write_demo_history"):
        with monkeypatch.context() as context:
            context.setattr(command, step, die)
            with pytest.raises(KilledError):
                load()
    document = load()
    assert len(document["blank_codes"]) >= 500
    assert Record.objects.exists()
    assert [one["case"] for one in document["offerings"]] == ["open", "full", "cancelled", "course", "limit-2"]


def test_an_empty_register_with_the_same_keys_gets_the_same_codes(load):
    with transaction.atomic():
        first = load()
        transaction.set_rollback(True)
    forget()
    again = load()
    for part in ("accounts", "tokens", "cards", "blank_codes"):
        assert again[part] == first[part]


def test_no_key_is_made_among_the_data(load, monkeypatch, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    monkeypatch.setenv("KAIKUKORTTI_SECRETS", str(tmp_path / "keys"))
    with pytest.raises(CommandError, match="inside the data folder"):
        load()
    assert not list(tmp_path.iterdir())
    assert not DemoMark.objects.exists()


def test_a_register_with_real_data_gets_no_demo(cast, load, capsys):
    before = rows()
    with pytest.raises(CommandError, match="real data"):
        load()
    assert rows() == before
    assert not DemoMark.objects.exists()
    assert capsys.readouterr().out == ""
    with pytest.raises(RealRegister):
        bring_to_day(until_today=[], until_yesterday=[], in_use=[], today=NOON.date(), now=NOON)


def test_a_plain_register_gets_no_demo_key():
    """Only `mark_demo`, on an empty register, makes it."""
    assert keys.DEMO not in keys.NAMES


def test_a_real_register_is_not_even_migrated(cast, load, monkeypatch):
    def never(*args, **how):
        raise AssertionError

    monkeypatch.setattr(begin, "call_command", never)
    with pytest.raises(CommandError, match="real data"):
        load()
