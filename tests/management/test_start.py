"""The server refuses to start when data or records would be at risk, and says why (R16, S25)."""

import hmac
import socket
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kaikukortti import keys
from kaikukortti.actions.codes import write_canaries
from kaikukortti.management import start
from kaikukortti.management.commands import serve as serve_command
from kaikukortti.models import DemoMark, PepperCanary

pytestmark = pytest.mark.database
HOST = "127.0.0.1"


@pytest.fixture
def secrets(tmp_path, monkeypatch):
    """A secrets folder of this test's own, with every key but the demo's."""
    folder = tmp_path / "secrets"
    monkeypatch.setenv("KAIKUKORTTI_SECRETS", str(folder))
    keys.make_missing()
    yield folder
    keys.key.cache_clear()


@pytest.fixture(autouse=True)
def durable(monkeypatch, request):
    """The suite's own PostgreSQL runs with fsync off; one test asks about that."""
    if "lossy" not in request.fixturenames and connection.vendor == "postgresql":
        monkeypatch.setattr(start, "_not_durable", lambda: iter(()))


@pytest.fixture
def lossy():
    pass


def only(host=HOST):
    (reason,) = start.reasons_not_to_start(host)
    return reason


def test_a_good_register_starts(secrets):
    write_canaries()
    assert start.reasons_not_to_start("0.0.0.0") == []


def test_debug(secrets, settings):
    settings.DEBUG = True
    assert "KAIKUKORTTI_DEBUG" in only()


def test_missing_keys(secrets):
    (secrets / "content.key").unlink()
    (secrets / "pepper-1.key").unlink()
    assert only().startswith("Keys are missing: pepper-1.key, content.key.")


def test_keys_that_others_can_read(secrets):
    secrets.chmod(0o750)
    assert "secrets folder" in only()
    secrets.chmod(0o700)
    (secrets / "seal.key").chmod(0o644)
    assert "seal.key" in only()


def test_a_key_that_is_none(secrets):
    (secrets / "seal.key").write_text("hello")
    assert "seal.key is not a key" in only()


def test_keys_inside_the_data_folder(secrets, settings):
    for data in (secrets, secrets.parent):
        settings.DATA_DIR = data
        assert "inside the data folder" in only()
        with pytest.raises(CommandError, match="inside the data folder"):
            call_command("make_keys")


def test_a_pepper_of_another_database(secrets):
    write_canaries()
    PepperCanary.objects.update(digest=hmac.new(b"another", b"kaikukortti", "sha256").hexdigest())
    assert "pepper-1.key is missing or belongs to another database" in only()
    PepperCanary.objects.all().delete()
    PepperCanary.objects.create(number=7, digest="x")
    assert "pepper-7.key" in only()


def test_unapplied_migrations(secrets):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'kaikukortti'")
    assert "Migrations have not been applied" in only()


def test_a_database_that_loses_records(secrets, lossy):
    if connection.vendor == "postgresql":
        assert [reason.split()[3] for reason in start.reasons_not_to_start(HOST)] == [
            "fsync",
            "full_page_writes",
            "synchronous_commit",
        ]
        return
    assert start.reasons_not_to_start(HOST) == []


@pytest.mark.django_db(transaction=True)
def test_sqlite_below_full(secrets, lossy):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's own setting")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=NORMAL")
        assert "synchronous below FULL" in only()
        cursor.execute("PRAGMA synchronous=FULL")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_a_demo_serves_this_machine(secrets, settings, host):
    keys.make_missing(keys.DEMO)
    DemoMark.objects.create(digest="x", made_at="2026-11-24T10:00Z")
    settings.DEMO = True
    assert start.reasons_not_to_start(host) == []


def test_a_demo_is_never_open_to_others(secrets, settings):
    settings.DEMO = True
    assert "this machine only" in only("0.0.0.0")
    assert "this machine only" in only("register.example")


def test_a_demo_never_becomes_a_real_register(secrets, settings):
    settings.DEMO = False
    DemoMark.objects.create(digest="x", made_at="2026-11-24T10:00Z")
    assert "passwords are printed" in only()
    DemoMark.objects.all().delete()
    keys.make_missing(keys.DEMO)
    assert "made for a demo" in only()


def test_the_command_says_why_and_serves_nothing(secrets, monkeypatch):
    monkeypatch.setattr(serve_command, "serve", lambda **how: pytest.fail("it started"))
    (secrets / "django.key").unlink()
    with pytest.raises(CommandError, match=r"(?s)does not start.*django\.key") as refused:
        call_command("serve")
    assert refused.value.returncode == 1


def test_a_port_in_use_is_told_at_once(secrets, monkeypatch):
    monkeypatch.setattr(serve_command, "serve", lambda **how: pytest.fail("it started"))
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        with pytest.raises(CommandError, match="Cannot listen on"):
            call_command("serve", port=taken.getsockname()[1])


def test_keys_are_made_once_and_only_for_their_owner(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("KAIKUKORTTI_SECRETS", str(tmp_path / "new"))
    call_command("make_keys")
    assert capsys.readouterr().out.splitlines()[: len(keys.NAMES)] == [f"made {name}.key" for name in keys.NAMES]
    before = {path.name: path.read_text() for path in Path(tmp_path / "new").iterdir()}
    assert {oct(path.stat().st_mode & 0o777) for path in Path(tmp_path / "new").iterdir()} == {"0o600"}
    call_command("make_keys")
    assert capsys.readouterr().out == "All keys are there.\n"
    assert {path.name: path.read_text() for path in Path(tmp_path / "new").iterdir()} == before
    keys.key.cache_clear()
