"""The installed till's calls: becoming a till, opening it, sending its queue, and what a copy of it is worth."""

import json
import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kaikukortti.actions.device_keys import b64url, make_token, share_of
from kaikukortti.actions.devices import make_code, make_gates, revoke
from kaikukortti.actions.holds import Wish, keep_places
from kaikukortti.actions.misses import DEVICE_AN_HOUR
from kaikukortti.models import Device, Hold, Misses, Offering, QuarantinedRow, Record, RecordChange, TrailEntry
from kaikukortti.rules.devices import MOST_WRONG
from kaikukortti.terms.devices import DeviceStop
from kaikukortti.terms.holds import HoldEnd
from kaikukortti.terms.kinds import OfferingKind, Source
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal
from tests.cast import Cast
from tests.devices import Till, seal
from tests.doors import as_text, everything

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("evening")]


@pytest.fixture
def till(cast: Cast) -> Till:
    """The till of Routa Company's box office."""
    return Till.enrolled(make_code("Kassa 1", by=cast.ville, now=cast.now).secret)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, cast: Cast) -> Any:
    """`clock(hours=3)`: so much later."""

    def later(**time: int) -> None:
        cast.now += timedelta(**time)
        monkeypatch.setattr(timezone, "now", lambda: cast.now)

    return later


def device_of(till: Till) -> Device:
    return Device.objects.get(pk=till.id)


def statuses(answer: Any) -> list[tuple[str, str | None]]:
    return [(one["status"], one["refusal"]) for one in answer.json()["answers"]]


# --- becoming a till ----------------------------------------------------------------------------------------------


def test_a_code_makes_one_browser_a_till_and_no_second(cast: Cast) -> None:
    code = make_code("Kassa 1", by=cast.ville, now=cast.now).secret
    till = Till()
    said = till.post("enrol", {"code": f"{code[:3]}-{code[3:].lower()}", "proof": till.proof}).json()
    assert set(said) == {
        "device", "label", "kind", "workplace", "token", "share", "seal_key", "list_key", "expires_at"
    }  # fmt: skip
    assert (said["label"], said["kind"], said["expires_at"]) == ("Kassa 1", "till", None)
    assert said["workplace"] == dict.fromkeys(("fi", "sv", "en"), "Routa Company")
    assert till.post("enrol", {"code": code, "proof": Till().proof}).status_code == 404
    # The first answer may have been lost: who chose the PIN asks once more, until the till has spoken.
    again = till.post("enrol", {"code": code, "proof": till.proof}).json()
    assert again["device"] == said["device"]
    till.token = again["token"]
    assert till.send().status_code == 200
    assert till.post("enrol", {"code": code, "proof": till.proof}).status_code == 404


def test_a_code_lasts_half_an_hour(cast: Cast, clock: Any) -> None:
    code = make_code("Kassa 1", by=cast.ville, now=cast.now).secret
    clock(minutes=31)
    assert Till().post("enrol", {"code": code, "proof": Till().proof}).status_code == 404


def test_codes_are_not_guessed_from_one_address(cast: Cast) -> None:
    till = Till()
    tried = [till.post("enrol", {"code": "7KM9QX2TR7", "proof": till.proof}).status_code for _ in range(40)]
    assert set(tried[:30]) == {404}
    assert set(tried[30:]) == {429}
    code = make_code("Kassa 1", by=cast.ville, now=cast.now).secret
    elsewhere = Till(browser=Client(REMOTE_ADDR="192.0.2.7"))
    assert elsewhere.post("enrol", {"code": code, "proof": till.proof}).status_code == 200


def test_right_codes_are_no_guesses(cast: Cast) -> None:
    """Forty gates of one festival enrol behind one address."""
    for number in range(33):
        Till.enrolled(make_code(f"Gate {number}", by=cast.ville, now=cast.now).secret)


# --- opening it ---------------------------------------------------------------------------------------------------


def test_the_share_is_for_whoever_knows_the_pin(till: Till) -> None:
    assert till.unlock().json() == {"share": till.share} == {"share": b64url(share_of(device_of(till).pk))}


def test_ten_wrong_pins_in_a_row_stop_the_till(till: Till) -> None:
    wrong = Till().proof
    left = [till.unlock(wrong).json().get("tries_left") for _ in range(3)]
    assert left == [9, 8, 7]
    assert till.unlock().status_code == 200  # a right one in between begins the row anew
    answers = [till.unlock(wrong).json() for _ in range(MOST_WRONG)]
    assert answers[-2:] == [{"tries_left": 1}, {"stopped": "pin"}]
    assert till.unlock().json() == {"stopped": "pin"}
    assert till.send().json() == {"stopped": "pin"}
    assert TrailEntry.objects.filter(act="till-stopped", subject=till.id).count() == 1


@pytest.mark.parametrize("body", [None, [], {}, {"device": "x", "proof": "y"}, {"device": str(uuid4()), "proof": "AA"}])
def test_a_broken_body_is_told_so(body: Any) -> None:
    assert Till().post("unlock", body).status_code == 422


def test_nobody_opens_a_till_that_is_not_there() -> None:
    assert Till(id=str(uuid4())).unlock().status_code == 401


# --- sending ------------------------------------------------------------------------------------------------------


def test_rows_are_answered_one_by_one(cast: Cast, till: Till) -> None:
    offering = cast.offering(cap=1)
    one, two, gone = cast.card(), cast.card(), cast.card(issued=cast.now - timedelta(days=400))
    rows = [
        till.row(one, offering=offering, children=0),
        till.row(two, offering=offering),
        till.row(gone, offering=offering),
        till.row("7KM9QX2TR7", offering=offering),
        till.row("?", offering=offering),
        {**till.row(one, offering=offering), "children": 101},
        {**till.row(one, offering=offering), "code": one},
        {**till.row(one, offering=offering), "kind": "visit"},
        {**till.row(one, offering=offering), "source": "import"},
        {**till.row(one, offering=offering), "id": str(uuid4())},  # sealed for another row
        {"id": "no number", "sealed": "AAAA"},
        17,
    ]
    answer = till.send(rows)
    assert statuses(answer) == [
        ("recorded", None),
        ("flagged", "offering-full"),
        ("flagged", "card-expired"),
        ("flagged", "card-unknown"),
        ("flagged", "card-code-typo"),
        *[("broken", None)] * 7,
    ]
    told = answer.json()["answers"]
    assert [one["id"] for one in told] == [*(row["id"] for row in rows[:11]), None]
    assert set(told[0]) == {"id", "status", "refusal", "message", "day", "time"}
    assert set(told[0]["message"]) == {"fi", "sv", "en"}
    record = Record.objects.get(client_id=rows[0]["id"])
    assert (str(record.device_id), record.by, record.token, record.source) == (till.id, None, None, Source.OFFLINE)


def test_the_same_rows_again_are_the_same_answers(cast: Cast, till: Till) -> None:
    offering = cast.offering()
    rows = [till.row(cast.card(), offering=offering, children=number) for number in range(3)]
    first = till.send(rows, keep=False).json()["answers"]
    # The codes are sealed anew: the content is the same, the boxes are not.
    assert till.send(rows).json()["answers"] == first
    assert till.send(list(reversed(rows))).json()["answers"] == first[::-1]
    assert statuses(till.send([{**rows[0], "children": 2}])) == [("conflict", None)]
    assert Record.objects.count() == 3


def test_what_was_refused_online_is_taken_as_what_happened(cast: Cast, till: Till) -> None:
    row = till.row(cast.card(issued=cast.now - timedelta(days=400)), source="online", happened=False)
    assert statuses(till.send([row])) == [("refused", "card-expired")]
    assert statuses(till.send([{**row, "source": "offline", "happened": True}])) == [("flagged", "card-expired")]


def test_a_till_that_guesses_keeps_its_rows_and_takes_a_break(cast: Cast, till: Till, clock: Any) -> None:
    offering, good = cast.offering(), cast.card()
    guesses = [till.row("7KM9QX2TR7", offering=offering) for _ in range(DEVICE_AN_HOUR + 3)]
    answers = statuses(till.send([*guesses, till.row(good, offering=offering)]))
    assert answers[0] == ("flagged", "card-unknown")
    assert answers[-1] == ("keep", "too-many-tries")
    assert till.check(good, offering).json()["refusal"] == "too-many-tries"
    assert Misses.objects.get().device_id == device_of(till).pk
    # The other till of the house goes on.
    other = Till.enrolled(make_code("Kassa 2", by=cast.ville, now=cast.now).secret)
    assert other.check(good, offering).json()["allowed"] is True
    clock(minutes=70)
    assert statuses(till.send([till.row(good, offering=offering)])) == [("recorded", None)]


def test_a_short_number_brings_the_place_that_was_kept(cast: Cast, till: Till) -> None:
    offering, card = cast.offering(cap=1, starts_at=cast.now + timedelta(hours=2)), cast.card()
    kept = keep_places(card, Wish(), by=cast.ville, now=cast.now, offering=offering.pk, day=offering.first_day)
    assert kept.hold is not None
    answer = till.send([till.row(f"K-{kept.hold.number}", offering=offering)])
    assert statuses(answer) == [("recorded", None)]
    assert Hold.objects.get().end == HoldEnd.FETCHED


def test_at_most_five_hundred_rows(till: Till) -> None:
    assert till.send([{}] * 501).status_code == 422
    assert till.send().status_code == 200  # nothing was moved on by the other


def test_a_database_that_is_away_is_no_answer(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("kaikukortti.web.till_app_calls.record_rows", away)
    before = till.token
    assert till.send().status_code == 503
    monkeypatch.undo()
    assert till.token == before


def test_a_sync_that_dies_in_the_middle_has_written_nothing(
    cast: Cast, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [till.row(cast.card()) for _ in range(3)]

    def dies(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("kaikukortti.actions.uses.take_into_use", dies)  # the last thing that is written
    with pytest.raises(RuntimeError):
        till.send(rows)
    assert Record.objects.count() == 0
    monkeypatch.undo()
    monkeypatch.setattr(timezone, "now", lambda: cast.now)
    assert statuses(till.send(rows)) == [("recorded", None)] * 3


def test_a_list_that_cannot_be_drawn_holds_up_no_row(cast: Cast, till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(now: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("kaikukortti.actions.till_list.current", full)
    answer = till.send([till.row(cast.card())])
    assert statuses(answer) == [("recorded", None)]
    assert answer.json()["list"] is None


# --- the sheet and the list ---------------------------------------------------------------------------------------


def test_the_day_sheet_comes_when_it_has_changed(cast: Cast, till: Till) -> None:
    event = cast.offering(cap=20, children_cap=5)
    cast.offering(first_day=cast.now.date() + timedelta(days=3), name_fi="Joulukonsertti")
    cast.offering(first_day=cast.now.date() + timedelta(days=9))  # too far ahead
    cast.offering(published_at=None)
    cast.offering("hall")
    cast.policy(Policy.UNLISTED, "admit", venue="routa")
    sheet = till.send().json()["sheet"]
    assert [one["name"]["fi"] for one in sheet["offerings"]] == ["Nykytanssi-ilta", "Joulukonsertti"]
    assert sheet["offerings"][0] == {
        "id": str(event.pk),
        "name": {"fi": event.name_fi, "sv": event.name_sv, "en": event.name_en},
        "kind": "event",
        "first_day": "2026-11-24",
        "last_day": "2026-11-24",
        "starts_at": "2026-11-24T17:00:00+00:00",
        "weekdays": 127,
        "cancelled": False,
        "cap_left": 20,
        "children_left": 5,
        "region_by_day": {"2026-11-24": cast.regions["kainuu"].pk},
        "open_by_day": {"2026-11-24": True},
        "usual_kind": "ticket",
        "community_welcome": False,
        "place": "",
    }
    assert [one["day"] for one in sheet["days"]] == [f"2026-11-{day}" for day in range(23, 28)]
    assert sheet["days"][1] == {"day": "2026-11-24", "region": cast.regions["kainuu"].pk, "venue_open": True}
    assert (sheet["unlisted"], sheet["policies"]) == ("admit", {"children_above": "stored", "pending_use": False})
    assert till.send(sheet=sheet["etag"]).json()["sheet"] is None
    till.send([till.row(cast.card(), offering=event)])
    newer = till.send(sheet=sheet["etag"]).json()["sheet"]
    assert newer["offerings"][0]["cap_left"] == 19


def test_a_ticket_agents_sheet_is_what_it_sells(cast: Cast) -> None:
    sold = cast.offering()
    cast.offering("hall")
    till = Till.enrolled(make_code("Luukku", by=cast.luukku, now=cast.now).secret)
    sheet = till.send().json()["sheet"]
    assert [one["id"] for one in sheet["offerings"]] == [str(sold.pk)]
    assert not any(one["venue_open"] for one in sheet["days"])


def test_the_list_is_fetched_whole_then_as_a_difference(cast: Cast, till: Till, clock: Any) -> None:
    for _ in range(40):
        cast.card()
    first = till.send().json()["list"]
    assert first["kind"] == "full"
    signed = {"Authorization": f"Bearer {till.token}"}
    whole = till.browser.get(first["url"], headers=signed)
    assert (whole.status_code, whole["Content-Type"]) == (200, "application/octet-stream")
    assert till.send(list=first["to"]).json()["list"] == {"same": True}
    clock(minutes=11)
    cast.card(issued=cast.now - timedelta(minutes=2))
    second = till.send(list=first["to"]).json()["list"]
    assert (second["kind"], second["to"] != first["to"]) == ("difference", True)
    signed = {"Authorization": f"Bearer {till.token}"}
    difference = till.browser.get(second["url"], headers=signed)
    assert difference["X-List-Kind"] == "difference"
    assert len(difference.content) < len(whole.content) / 4
    assert till.browser.get(second["url"]).status_code == 401


# --- asking and undoing -------------------------------------------------------------------------------------------


def test_a_check_is_the_contracts_answer_and_what_the_screen_needs(cast: Cast, till: Till) -> None:
    offering, card = cast.offering(cap=9), cast.card()
    said = till.check(card, offering, day="2026-11-24").json()
    contract = ("allowed", "refusal", "child_places", "assistant", "message")
    assert set(said) == {*contract, "time", "day", "places_left", "community", "pending"}
    assert (said["allowed"], said["refusal"], said["child_places"], said["places_left"]) == (True, None, 2, 9)
    assert Record.objects.count() == 0
    before = till.token
    assert till.send().status_code == 200
    assert till.token != before


def test_a_till_undoes_its_own_rows_for_a_day(cast: Cast, till: Till, clock: Any) -> None:
    row, other = till.row(cast.card()), till.row(cast.card())
    till.send([row, other])
    said = till.undo(row["id"], "wrong-event").json()
    assert (said["id"], said["reason"], said["refusal"]) == (row["id"], "wrong-event", None)
    assert till.undo(row["id"]).json()["reversed_at"] == said["reversed_at"]
    assert str(RecordChange.objects.get().device_id) == till.id
    assert till.undo(uuid4()).status_code == 404
    second = Till.enrolled(make_code("Kassa 2", by=cast.ville, now=cast.now).secret)
    assert second.undo(other["id"]).status_code == 404
    assert till.undo(other["id"], "because").status_code == 422
    clock(hours=25)
    late = till.undo(other["id"])
    assert (late.status_code, late.json()["refusal"]) == (422, "too-late-to-record")
    assert RecordChange.objects.count() == 1


# --- the token (S10, S11) -----------------------------------------------------------------------------------------


def test_a_lost_answer_is_asked_for_again(cast: Cast, till: Till) -> None:
    row = till.row(cast.card())
    assert till.send([row], keep=False).status_code == 200
    assert till.send([row], keep=False).status_code == 200
    assert statuses(till.send([row])) == [("recorded", None)]
    assert till.send().status_code == 200


def test_a_request_that_was_given_up_on_may_arrive_late(till: Till) -> None:
    """The till asked again and took the second answer; the first request reaches the register only then."""
    till_again = till.copy()
    assert till.send().status_code == 200
    assert till_again.send(keep=False).status_code == 200
    assert till.send().status_code == 200
    assert device_of(till).stop == ""


@pytest.mark.parametrize("ahead", [1, 2, 3])
def test_a_copied_store_is_noticed_and_both_stop(cast: Cast, till: Till, ahead: int) -> None:
    """The thief copied everything, PIN and share too. At the latest at the second sync of either, both are out."""
    till.send()
    thief, row = till.copy(), till.row(cast.card())
    for _ in range(ahead):
        till.send([row])
    before = Record.objects.count()
    answers = []
    for _ in range(2):
        answers.append(thief.send([thief.row(cast.card())] if ahead > 1 else []))
        answers.append(till.send([row]))
    assert {"stopped": "copied"} in [one.json() for one in answers[:4]]
    assert till.send().json() == thief.send().json() == {"stopped": "copied"}
    assert Record.objects.count() == before
    for one in (till, thief):
        assert one.check(cast.card()).json() == one.unlock().json() == {"stopped": "copied"}
    assert device_of(till).stop == DeviceStop.COPIED


def test_an_old_token_opens_nothing(cast: Cast, till: Till) -> None:
    """A check may have been on its way for long: it is refused, and only a sync says what an old token means."""
    old = till.token
    till.send()
    assert till.post("check", {"code": cast.card()}, token=old).status_code == 200  # its answer may have been lost
    till.send()
    assert till.post("check", {"code": cast.card()}, token=old).status_code == 401
    assert till.check(cast.card()).status_code == 200


def test_a_forged_token_changes_nothing(till: Till) -> None:
    device, number, nonce, mark = till.token.split(".")
    forged = [
        "",
        "x",
        f"{device}.{number}.{nonce}.{'0' * 64}",
        f"{device}.{int(number) - 1}.{nonce}.{mark}",
        f"{uuid4()}.{number}.{nonce}.{mark}",
        till.token + "0",
    ]
    before = Device.objects.values().get()
    for token in forged:
        assert till.post("sync", {"rows": []}, token=token).status_code == 401, token
    assert till.post("sync", {"rows": []}, token=make_token(uuid4(), 1)).status_code == 401
    assert Device.objects.values().get() == before
    assert till.send().status_code == 200


def test_a_till_out_of_use_is_out_at_once(cast: Cast, till: Till) -> None:
    card = cast.card()
    assert till.check(card).json()["allowed"] is True
    revoke(device_of(till), by=cast.ville, now=cast.now)
    stopped = {"stopped": "revoked"}
    for answer in (till.check(card), till.send([till.row(card)]), till.unlock(), till.undo(uuid4())):
        assert (answer.status_code, answer.json()) == (403, stopped)
    assert Record.objects.count() == 0


def test_a_workplace_that_has_left_has_no_tills(cast: Cast, till: Till) -> None:
    place = cast.workplaces["routa"]
    place.until = cast.now.date() - timedelta(days=1)
    place.save()
    assert till.check(cast.card()).json() == {"stopped": "revoked"}


# --- gate passes --------------------------------------------------------------------------------------------------


def gate(cast: Cast, offering: Offering) -> Till:
    made = make_gates(offering, day=cast.now.date(), label="Gate", number=1, by=cast.ville, now=cast.now)
    assert isinstance(made, list)
    return Till.enrolled(made[0].secret)


def test_a_gate_pass_is_the_till_of_its_offering_and_of_nothing_else(cast: Cast) -> None:
    mine, other, card = cast.offering(), cast.offering(name_fi="Toinen"), cast.card()
    phone = gate(cast, mine)
    assert phone.check(card, mine).json()["allowed"] is True
    for elsewhere in (other, None):
        said = phone.check(card, elsewhere).json()
        assert (said["allowed"], said["refusal"]) == (False, "offering-unknown")
    rows = [phone.row(card, offering=one, happened=happened) for one in (other, None) for happened in (True, False)]
    assert statuses(phone.send(rows)) == [("refused", "offering-unknown")] * 4
    answer = phone.send([phone.row(card, offering=mine)])
    assert statuses(answer) == [("recorded", None)]
    sheet = answer.json()["sheet"]
    assert [one["id"] for one in sheet["offerings"]] == [sheet["gate_offering"]] == [str(mine.pk)]
    assert sheet["ends_at"] is not None
    assert not any(day["venue_open"] for day in sheet["days"])


def test_a_gate_pass_ends_with_its_event_and_sends_what_it_has(cast: Cast, clock: Any) -> None:
    """Its field had no network all evening."""
    event = cast.offering(starts_at=cast.now.replace(hour=21, minute=0))
    phone, card = gate(cast, event), cast.card()
    assert device_of(phone).expires_at == cast.now.replace(hour=1, minute=0) + timedelta(days=1)
    inside, after = phone.row(card, offering=event), phone.row(cast.card(), offering=event, at="2026-11-24T23:30:00Z")
    clock(hours=8)
    assert phone.check(card, event).json() == {"stopped": "ended"}
    answer = phone.send([inside, after])
    assert statuses(answer) == [("recorded", None), ("refused", "too-late-to-record")]
    assert (answer.json()["sheet"], answer.json()["list"]) == (None, None)
    clock(hours=24)
    assert phone.send().json() == phone.unlock().json() == {"stopped": "ended"}


def test_gate_passes_of_a_cancelled_or_passed_day_are_not_made(cast: Cast) -> None:
    def why(offering: Offering, **day: int) -> Any:
        on = cast.now.date() + timedelta(**day)
        return make_gates(offering, day=on, label="Gate", number=2, by=cast.ville, now=cast.now)

    assert why(cast.offering(cancelled_at=cast.now)) == Refusal.OFFERING_CANCELLED
    assert why(cast.offering(kind=OfferingKind.OPEN), days=-1) == Refusal.DAY_NOT_OFFERED
    assert [one.device.label for one in why(cast.offering(kind=OfferingKind.OPEN), days=1)] == ["Gate 1", "Gate 2"]


# --- a forged batch (S13) -----------------------------------------------------------------------------------------


def test_rows_of_a_stopped_till_wait_for_its_people(cast: Cast, till: Till) -> None:
    offering = cast.offering()
    sent, kept = till.row(cast.card(), offering=offering), till.row(cast.card(), offering=offering)
    till.send([sent], keep=False)
    assert till.hand_over([kept]).status_code == 401  # a till at work sends
    revoke(device_of(till), by=cast.ville, now=cast.now)
    answer = till.hand_over([sent, kept, {"id": "x"}, {**kept, "id": str(uuid4()), "note": "x" * 3000}])
    assert [one["status"] for one in answer.json()["answers"]] == ["known", "waits", "broken", "broken"]
    assert till.hand_over([kept]).json()["answers"] == [{"id": kept["id"], "status": "waits"}]
    assert (QuarantinedRow.objects.count(), Record.objects.count()) == (1, 1)


def test_who_does_not_know_the_pin_leaves_nothing(cast: Cast, till: Till) -> None:
    revoke(device_of(till), by=cast.ville, now=cast.now)
    wrong = [till.hand_over([till.row(cast.card())], proof=Till().proof).status_code for _ in range(12)]
    assert wrong == [403] * 10 + [429] * 2
    assert not QuarantinedRow.objects.exists()


# --- what is kept, what is logged ---------------------------------------------------------------------------------


def test_no_code_no_secret_and_no_token_is_stored_or_logged(
    cast: Cast, till: Till, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    code, pin_proof, enrolment = cast.card(), till.proof, make_code("Kassa 2", by=cast.ville, now=cast.now).secret
    till.check(code)
    till.send([till.row(code), till.row("7KM9QX2TR7")])
    revoke(device_of(till), by=cast.ville, now=cast.now)
    left = till.row(code)
    till.hand_over([left])
    dump = " ".join(as_text(value) for rows in everything().values() for row in rows for value in row.values())
    for secret in (code, pin_proof, enrolment, till.share, till.token, till.token.rsplit(".", 1)[1]):
        assert secret not in dump
        assert secret not in caplog.text
    assert "7KM9QX2TR7" not in caplog.text
    assert json.loads(bytes(QuarantinedRow.objects.get().box))["sealed"] == left["sealed"]


def test_a_code_sealed_for_one_till_is_no_other_tills(cast: Cast, till: Till) -> None:
    other = Till.enrolled(make_code("Kassa 2", by=cast.ville, now=cast.now).secret)
    row = till.row(cast.card())
    assert statuses(other.send([row])) == [("broken", None)]
    garbage = [{**row, "sealed": sealed} for sealed in ("", "AA", "!!", row["sealed"][:-4], b64url(b"\x04" * 120))]
    assert statuses(till.send(garbage)) == [("broken", None)] * 5
    assert statuses(till.send([row])) == [("recorded", None)]


def test_a_sync_asks_a_bounded_number_of_statements(cast: Cast, till: Till) -> None:
    offering = cast.offering(cap=100)
    till.send()

    def asked(number: int) -> int:
        rows = [till.row(cast.card(), offering=offering) for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            assert {status for status, _ in statuses(till.send(rows))} == {"recorded"}
        return len(queries)

    assert asked(1) == asked(6) <= 34
    card = cast.card()
    with CaptureQueriesContext(connection) as queries:
        till.check(card, offering)
    assert len(queries) <= 6


def test_seal_is_the_scripts(till: Till) -> None:
    """The example that static/kaikukortti/js/till/keys.js is held to as well: point, nonce, box, in base64url."""
    sealed = seal(till.key, "7KM9QX2TR7", device=till.id, row=str(uuid4()))
    assert set(sealed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
