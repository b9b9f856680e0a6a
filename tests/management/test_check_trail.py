"""The command that checks the audit trail, and the anchors that `tidy` keeps outside the database (S17)."""

import json
import logging
import stat
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from kaikukortti.actions.trail import note
from kaikukortti.management.trail_anchors import path, set_anchor
from kaikukortti.terms.trail import Act
from tests.cast import NOW, Cast

TRIGGERS = import_module("kaikukortti.migrations.0002_trail_guarded")
pytestmark = pytest.mark.database
CUT = f"DELETE FROM {TRIGGERS.ENTRY} WHERE number > 2"
REWIND = (
    f"UPDATE {TRIGGERS.HEAD} SET number = 2, digest = (SELECT digest FROM {TRIGGERS.ENTRY} WHERE number = 2)"
    " WHERE id = 1"
)


@pytest.fixture(autouse=True)
def own_data_folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def four(cast: Cast) -> None:
    for number in range(4):
        note(Act.CARD_OPENED, by=cast.aino, now=NOW, subject=number)


def attack(*statements: str) -> None:
    vendor = connection.vendor
    with connection.cursor() as cursor:
        for statement in (*TRIGGERS.lifted(vendor), *statements, *TRIGGERS.laid(vendor)):
            cursor.execute(statement)


def test_a_whole_trail_is_told_in_one_line(four: None, capsys: pytest.CaptureFixture[str]):
    call_command("tidy")
    capsys.readouterr()
    call_command("check_trail")
    assert capsys.readouterr().out == "The audit trail is whole: 4 entries, 1–4, against 1 anchors.\n"


def test_what_is_wrong_is_told_with_its_place_and_the_exit_code(four: None, capsys: pytest.CaptureFixture[str]):
    attack(
        f"UPDATE {TRIGGERS.ENTRY} SET subject = 'x' WHERE number = 3", f"DELETE FROM {TRIGGERS.ENTRY} WHERE number = 1"
    )
    with pytest.raises(CommandError) as told:
        call_command("check_trail")
    assert told.value.returncode == 1
    assert "entry 1: entries are missing" in str(told.value)
    assert "entry 3: the entry is not what was appended" in str(told.value)
    with pytest.raises(SystemExit) as ended:
        call_command("check_trail", "--json")
    assert ended.value.code == 1
    found = json.loads(capsys.readouterr().out)["found"]
    assert [(one["first"], one["last"]) for one in found] == [(1, 1), (3, 3)]


def test_tidy_keeps_anchors_for_their_owner_only_and_once_each(four: None, cast: Cast):
    call_command("tidy")
    call_command("tidy")
    note(Act.CARD_OPENED, by=cast.aino, now=NOW)
    call_command("tidy")
    assert stat.S_IMODE(path().stat().st_mode) == 0o600
    numbers = [line.split()[1].split(":")[0] for line in path().read_text().splitlines()]
    assert numbers == ["4", "5"]


def test_the_anchor_goes_to_the_log_too_and_can_be_given_from_there(
    four: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(logging.getLogger("kaikukortti"), "propagate", True)
    caplog.set_level(logging.INFO, "kaikukortti.trail")
    set_anchor(now=NOW)
    said = caplog.messages[-1].split()[-1]
    path().unlink()  # who can cut the trail has cut the file as well
    attack(CUT, REWIND)
    call_command("check_trail")
    with pytest.raises(CommandError, match="entries 3–4: the trail ends before an anchor"):
        call_command("check_trail", "--anchor", said)
    with pytest.raises(CommandError, match="no anchor"):
        call_command("check_trail", "--anchor", "4:short")


def test_the_next_night_does_not_bury_a_cut_tail(
    four: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, cast: Cast
):
    monkeypatch.setattr(logging.getLogger("kaikukortti"), "propagate", True)
    set_anchor(now=NOW)
    before = path().read_text()
    attack(CUT, REWIND)
    for number in range(5):
        note(Act.CARD_OPENED, by=cast.aino, now=NOW, subject=number)
    assert set_anchor(now=NOW) is None
    assert path().read_text() == before
    assert caplog.records[-1].levelname == "ERROR"
    with pytest.raises(CommandError, match="something else when this anchor was set"):
        call_command("check_trail")


def test_an_empty_register_has_a_whole_trail(db: None, capsys: pytest.CaptureFixture[str]):
    call_command("tidy")
    assert not path().exists()
    call_command("check_trail")
    assert "whole: 0 entries" in capsys.readouterr().out.splitlines()[-1]
