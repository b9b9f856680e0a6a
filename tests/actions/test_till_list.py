"""The list offline tills carry: who is on it, that drawing by bits and as a whole are the same, and its files."""

import hashlib
import json
import stat
from datetime import UTC, date, timedelta
from time import sleep

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from kaikukortti.actions import till_list
from kaikukortti.actions.cards import Holder, find_own_card
from kaikukortti.actions.codes import TAG_ROUNDS, make_code, tag_salt
from kaikukortti.actions.erasure import erase_line
from kaikukortti.actions.looking_after import block_card, correct_holder, end_card, replace_card
from kaikukortti.actions.making import make_cards
from kaikukortti.actions.renewal import renew_card
from kaikukortti.actions.till_list import difference, draw_whole, drawing_instant, verify
from kaikukortti.models import Card, CardFact, NetworkVersion, Region, Series, TillSlots
from kaikukortti.rules.till_list import ListBroken, merge, opened, unpack
from kaikukortti.terms.kinds import BlockReason
from kaikukortti.terms.policies import Policy
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.database
LATER = NOW + timedelta(minutes=20)


def current(now):
    """The newest list once every transaction of the database cluster that ran meanwhile is over: the change sequence
    waits for those of other databases too, and a list drawn before that lags behind and misses nothing."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with connection.cursor() as db:
            db.execute("SELECT pg_current_xact_id()")
            (last,) = db.fetchone()
            for _try in range(600):
                db.execute("SELECT pg_snapshot_xmin(pg_current_snapshot()) > %s::text::xid8", [str(last)])
                if db.fetchone()[0]:
                    break
                sleep(0.05)
    return till_list.current(now)


def read(file):
    return unpack(opened(file.content, verify))


def tag_of(code):
    made = hashlib.pbkdf2_hmac("sha256", code[:9].encode(), tag_salt(), TAG_ROUNDS, 6)
    return int.from_bytes(made[:4], "big"), int.from_bytes(made[4:], "big")


@pytest.fixture
def cast(cast):
    """Cards with real tags, for a till reads them."""
    made = make_cards(
        cast.workplaces["office"], size=0, by=None, now=NOW - timedelta(days=700), codes=[make_code() for _ in range(8)]
    )
    cast.blanks = [one.code for one in made]
    return cast


def found(code, now=LATER):
    return read(current(now)).find(*tag_of(code))


def row(cast, code, now=NOW):
    return find_own_card(code, by=cast.aino, now=now)


def block(cast, code, now=NOW):
    assert block_card(row(cast, code), reason=BlockReason.LOST, by=cast.aino, now=now) is None


def test_a_card_in_force_is_found_with_its_last_day_region_and_children(cast):
    entry = found(cast.card(minors=3))
    assert (entry.last_day, entry.region, entry.children) == (date(2027, 11, 23), cast.regions["kainuu"].pk, 3)


def test_a_community_card_says_that_it_is_one(cast):
    assert found(cast.community_card()).children == 21


def test_a_blocked_card_has_no_day_and_a_blank_one_is_not_there(cast):
    code, blank = cast.card(), cast.blank()
    block(cast, code)
    assert found(code).last_day is None
    assert found(blank) is None


def test_a_replaced_card_is_stopped_and_its_successor_found(cast):
    old, new = cast.card(minors=1), cast.blank()
    replace_card(row(cast, old), new, reason=BlockReason.LOST, by=cast.aino, now=NOW)
    assert found(old).last_day is None
    assert (found(new).last_day, found(new).children) == (date(2027, 11, 23), 1)


def test_a_card_that_ran_out_stays_for_sixty_days(cast):
    code = cast.card(issued=NOW - timedelta(days=365))
    assert found(code).last_day == TODAY - timedelta(days=1)
    assert found(code, NOW + timedelta(days=59)) is not None
    assert found(code, NOW + timedelta(days=60)) is None


def test_a_card_given_back_has_run_out(cast):
    code = cast.card(issued=NOW - timedelta(days=3))
    end_card(row(cast, code), by=cast.aino, now=NOW)
    assert found(code).last_day == TODAY - timedelta(days=1)


def test_a_card_given_back_on_its_first_day_has_run_out_too(cast):
    code = cast.card()
    end_card(row(cast, code), by=cast.aino, now=NOW)
    assert found(code).last_day == TODAY - timedelta(days=1)


def test_an_older_series_is_never_on_the_list(cast):
    code = cast.card()
    series = Series.objects.create(name="old", alphabet="0123456789", length=5, made_at=NOW)
    Card.objects.filter(pk=row(cast, code).pk).update(series=series)
    NetworkVersion.bump()
    drawn = read(current(LATER))
    assert (drawn.active, drawn.blocked) == ({}, set())
    assert drawn.header["series"] == [[series.pk, "", "0123456789", 5]]


def test_regions_that_are_closed_stand_in_the_header_with_their_days(cast):
    cast.policy(Policy.OTHERS_COME_IN, False, region="espoo")
    header = read(current(LATER)).header
    savonlinna, espoo = cast.regions["savonlinna"].pk, cast.regions["espoo"].pk
    assert sorted(header["switches"]) == sorted(
        [[savonlinna, [["2015-01-01", 0]], [["2015-01-01", 0]]], [espoo, [], [["2015-01-01", 0]]]]
    )


# --- drawn by bits and as a whole; committed, for the change sequence tells only what is --------------------------


@pytest.mark.database(transaction=True)
def test_by_bits_and_as_a_whole_are_the_same_bytes(cast):
    """A day of a social office; between the drawings cards are issued, blocked, replaced, corrected and renewed."""
    first, second = cast.card(minors=1), cast.card(minors=2, issued=NOW - timedelta(days=340))
    third, old = cast.card(), cast.card(issued=NOW - timedelta(days=364 + 60))
    kept = [current(NOW)]
    block(cast, third, NOW + timedelta(minutes=1))
    kept.append(current(NOW + timedelta(minutes=10)))
    cast.at(NOW + timedelta(hours=9)).card(minors=4)
    correct_holder(
        row(cast, first), holder=Holder(birth_year=1980, minors=5, postal_code="02100"), by=cast.aino, now=cast.now
    )
    kept.append(current(cast.now + timedelta(minutes=10)))
    renew_card(row(cast, second), holder=None, by=cast.aino, now=cast.now + timedelta(minutes=11))
    replace_card(
        row(cast, first), cast.blank(), reason=BlockReason.LOST, by=cast.aino, now=cast.now + timedelta(minutes=12)
    )
    late = cast.now + timedelta(hours=20)
    kept.append(current(late))
    assert found(old, late) is None
    by_bits = opened(kept[-1].content, verify)
    assert len({file.sha256 for file in kept}) == 4
    whole = draw_whole(late)
    assert whole.sha256 == kept[-1].sha256
    assert opened(whole.content, verify) == by_bits
    # A till with any of the lists comes to the newest one.
    for file in kept[:-1]:
        made = difference(file.sha256, late)
        assert made
        merged = merge(file.content, made, verify)
        assert hashlib.sha256(merged[:-64]).hexdigest() == whole.sha256
        assert opened(merged, verify) == by_bits
        assert len(made) < 1100


@pytest.mark.database(transaction=True)
def test_an_erased_card_leaves_with_the_whole_drawing(cast):
    code = cast.card()
    cast.card()
    assert found(code) is not None
    erase_line(row(cast, code).line, now=NOW)
    assert found(code, LATER + timedelta(minutes=10)) is not None
    whole = draw_whole(LATER + timedelta(minutes=20))
    assert read(whole).find(*tag_of(code)) is None


def test_without_the_nightly_command_the_whole_is_drawn_on_the_second_day(cast):
    code = cast.card()
    assert found(code) is not None
    erase_line(row(cast, code).line, now=NOW)
    assert found(code, LATER + timedelta(hours=31)) is None


@pytest.mark.database(transaction=True)
def test_what_is_entered_after_the_instant_waits_for_the_next_one(cast):
    """Two app servers that draw for the same instant, one a minute later, draw the same."""
    early, late = cast.card(), cast.card()
    block(cast, early, drawing_instant(NOW) - timedelta(seconds=1))
    block(cast, late, drawing_instant(NOW) + timedelta(seconds=1))
    again = drawing_instant(NOW) + timedelta(minutes=10)
    assert found(early, NOW).last_day is None
    assert found(late, NOW).last_day is not None
    assert found(late, again).last_day is None
    assert draw_whole(again).sha256 == current(again).sha256


def test_a_block_is_on_a_device_within_fifteen_minutes(cast):
    """S8: drawn each ten minutes, asked for at least each five."""
    code = cast.card()
    instant = drawing_instant(NOW)
    blocked = instant + timedelta(seconds=1)
    block(cast, code, blocked)
    asked = instant + till_list.EVERY + timedelta(minutes=5)
    assert found(code, asked - timedelta(seconds=1)).last_day is None
    assert asked - blocked < timedelta(minutes=15)


def test_another_register_that_used_the_folder_is_not_gone_on_from(cast):
    code = cast.card()
    assert found(code) is not None
    TillSlots.objects.update(made_at=NOW - timedelta(days=900))
    CardFact.objects.all().delete()
    assert found(code) is None


def test_a_change_sequence_that_began_anew_is_drawn_whole(cast):
    """After a restore transactions or ids are lower than where the last drawing stopped."""
    code = cast.card()
    file = current(NOW)
    erase_line(row(cast, code).line, now=NOW)
    went_on = {"cursor": [10**12, 1], "whole_at": int(NOW.timestamp())}
    file.path.with_suffix(".cursor").write_text(json.dumps(went_on))
    assert found(code) is None


# --- slots --------------------------------------------------------------------------------------------------------


def test_slots_are_frozen_and_a_later_region_gets_spares(cast):
    code = cast.card()
    before = current(NOW)
    slots = TillSlots.objects.get()
    kemijarvi = Region.objects.create(slug="kemijarvi", name_fi="Kemijärvi", name_sv="x", name_en="x")
    Card.objects.filter(pk=row(cast, code).pk).update(region=kemijarvi)
    after = draw_whole(LATER)
    now = TillSlots.objects.get()
    assert read(after).find(*tag_of(code)).region == kemijarvi.pk
    assert now.children == slots.children
    assert {**now.regions["given"], **slots.regions["given"]} == now.regions["given"]
    assert len(now.regions["given"][str(kemijarvi.pk)]) == 2
    moved = [one for one, other in zip(slots.regions["shown"], now.regions["shown"], strict=True) if one != other]
    assert len(moved) == 2
    assert verify(before.content[-64:], before.content[:-64])


@pytest.mark.database(transaction=True)
def test_only_the_slot_of_what_changed_is_picked_anew(cast):
    code = cast.card(minors=1)
    tag, _pad = tag_of(code)
    before = read(current(NOW)).active[tag]
    correct_holder(
        row(cast, code), holder=Holder(birth_year=1980, minors=4, postal_code="87100"), by=cast.aino, now=NOW
    )
    after = read(current(LATER)).active[tag]
    assert before != after
    assert before >> 7 == after >> 7
    renew_at = NOW + timedelta(days=320)
    renew_card(row(cast, code), holder=None, by=cast.aino, now=renew_at)
    renewed = read(current(renew_at + timedelta(hours=1))).active[tag]
    assert renewed >> 15 != after >> 15
    assert renewed & 0x7FFF == after & 0x7FFF


# --- files --------------------------------------------------------------------------------------------------------


def test_a_list_is_signed_and_a_touched_one_is_noticed(cast):
    file = current(LATER)
    assert (file.as_of, file.usable_until) == (drawing_instant(LATER), drawing_instant(LATER) + timedelta(hours=72))
    with pytest.raises(ListBroken):
        opened(b"x" + file.content[1:], verify)
    with pytest.raises(ListBroken):
        opened(file.content[:-1], verify)


def test_files_are_their_owners_only_and_go_after_three_days(cast):
    file = current(NOW)
    folder = file.path.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    current(LATER)
    assert difference(file.sha256, LATER) is not None
    assert difference(file.sha256, NOW + timedelta(hours=71)) is not None
    assert difference(file.sha256, NOW + timedelta(hours=73)) is None
    assert [path.name for path in folder.iterdir() if path.stem == file.path.stem] == []


def test_an_unknown_or_odd_base_gets_no_difference(cast):
    assert difference("0" * 64, NOW) is None
    assert difference("../../etc/passwd", NOW) is None
    assert difference(current(NOW).sha256, NOW) is None


def test_a_list_that_was_cut_by_a_crash_is_drawn_whole(cast):
    code = cast.card()
    file = current(NOW)
    file.path.write_bytes(file.content[:1000])
    assert found(code) is not None


def test_while_another_draws_the_list_before_is_given(cast):
    before = current(NOW)
    with till_list._locked("drawing", wait=True):
        assert current(LATER) == before


@pytest.mark.database(transaction=True)
def test_eight_tills_that_ask_at_once_get_one_drawing(cast, at_once):
    cast.card()
    answers = at_once(8, lambda number: current(LATER).sha256)
    assert len(set(answers)) == 1
    assert len(list(current(LATER).path.parent.glob("*.list"))) == 1


def test_the_command_draws_and_refuses_the_data_folder(cast, monkeypatch, settings, capsys):
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    cast.card()
    call_command("draw_till_list")
    call_command("draw_till_list", "--whole")
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
    assert f"{drawing_instant(LATER).astimezone(UTC):%H:%M} UTC" in first
    settings.LISTS_DIR = settings.DATA_DIR / "lists"
    with pytest.raises(CommandError, match="inside the data folder"):
        call_command("draw_till_list")
