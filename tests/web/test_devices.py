"""A workplace's tills on its page: a code, gate passes, what wants a look first, and rows that wait."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kaikukortti.actions.devices import make_code, revoke
from kaikukortti.models import Device, QuarantinedRow, Record, TrailEntry
from kaikukortti.terms.devices import DeviceKind, DeviceStop
from kaikukortti.terms.kinds import OfferingKind
from tests.cast import Cast
from tests.devices import Till

pytestmark = [pytest.mark.database]
SignedIn = Callable[..., Client]


@pytest.fixture
def ville(signed_in: SignedIn) -> Client:
    return signed_in("routa")


def till_of(cast: Cast, label: str) -> Till:
    return Till.enrolled(make_code(label, by=cast.ville, now=cast.now).secret)


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_venue_without_tills_is_told_what_they_are(ville: Client) -> None:
    page = ville.get("/en/tills/")
    assert page.status_code == 200
    assert "There are no tills of your own yet." in text_of(page)
    assert "/en/tills/" in ville.get("/en/day/").content.decode()


def test_the_code_is_shown_once_and_makes_a_till(cast: Cast, ville: Client) -> None:
    assert "Write where the till is" in text_of(ville.post("/en/tills/new/", {"label": " "}))
    page = ville.post("/en/tills/new/", {"label": "Box office 1"})
    code = re.search(r'<p class="code long">([0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{4})</p>', page.content.decode())
    assert code is not None
    assert page["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    Till.enrolled(code[1])
    said = text_of(ville.get("/en/tills/"))
    assert "Box office 1 in use" in said
    assert code[1] not in said
    assert set(TrailEntry.objects.values_list("act", "workplace")) == {("till-code-made", cast.workplaces["routa"].pk)}


def test_gate_passes_are_a_file_to_print(cast: Cast, ville: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    event = cast.offering()
    drawn: list[Any] = []

    def draw(gates: Any, offering: Any, *, address: str, language: str) -> bytes:
        drawn.append((gates, address, language))
        return b"%PDF"

    monkeypatch.setattr("kaikukortti.web.devices.draw_gates", draw)
    form = {"offering": str(event.pk), "day": "2026-11-24", "label": "Portti", "number": "3"}
    page = ville.post("/sv/tills/gate-passes/", form)
    assert (page.status_code, page["Content-Type"]) == (200, "application/pdf")
    ((gates, address, language),) = drawn
    assert (address, language) == ("http://testserver/till/sv/", "sv")
    assert [one.device.label for one in gates] == ["Portti 1", "Portti 2", "Portti 3"]
    phone = Till.enrolled(gates[1].secret)
    assert Device.objects.get(pk=phone.id).offering == event
    for wrong in ({"number": "0"}, {"number": "21"}, {"offering": str(cast.offering("hall").pk)}, {"label": ""}):
        assert ville.post("/en/tills/gate-passes/", form | wrong).status_code == 422
    over = cast.offering(kind=OfferingKind.OPEN)
    past = ville.post("/en/tills/gate-passes/", form | {"offering": str(over.pk), "day": "2026-11-23"})
    assert (past.status_code, "The offering is not on this day." in text_of(past)) == (422, True)
    assert Device.objects.filter(kind=DeviceKind.GATE).count() == 3


def test_the_printed_file_holds_the_secret_as_a_picture_only(cast: Cast, ville: Client) -> None:
    event = cast.offering()
    form = {"offering": str(event.pk), "day": "2026-11-24", "label": "Gate", "number": "1"}
    page = ville.post("/fi/tills/gate-passes/", form)
    assert page.content.startswith(b"%PDF-1.7")
    assert b"#gate=" not in page.content


def test_what_wants_a_look_comes_first(cast: Cast, ville: Client) -> None:
    for label in ("Calm", "Quiet", "Waiting", "Copied"):
        till_of(cast, label)
    device = {one.label: one for one in Device.objects.all()}
    Device.objects.filter(label="Quiet").update(last_seen_at=cast.now - timedelta(days=6, hours=1), storage_kept=False)
    waits = {"waiting": 12, "waiting_since": cast.now - timedelta(hours=2)}
    Device.objects.filter(label="Waiting").update(**waits, last_seen_at=cast.now - timedelta(hours=1))
    Device.objects.filter(label="Copied").update(stopped_at=cast.now, stop=DeviceStop.COPIED)
    said = text_of(ville.get("/en/tills/"))
    look, rest = said.split("The others")
    assert "Waiting 12 rows wait on it to be sent. The oldest is of 24 November 2026 at 16:55." in look
    assert "Quiet It was last heard of 18 November 2026 at 17:55." in look
    assert "This one has not promised to keep it." in look
    assert "Calm in use" in rest
    assert "Copied out of use Its contents were used on another device too. Both have been stopped." in rest
    assert f"/en/tills/{device['Calm'].pk}/out-of-use/" in ville.get("/en/tills/").content.decode()


def test_taking_a_till_out_of_use_asks_first(cast: Cast, ville: Client) -> None:
    till = till_of(cast, "Box office 1")
    path = f"/en/tills/{till.id}/out-of-use/"
    assert "Take Box office 1 out of use?" in text_of(ville.get(path))
    assert till.send().status_code == 200
    assert ville.post(path, follow=True).status_code == 200
    assert till.send().json() == {"stopped": "revoked"}
    stopped = Device.objects.get()
    assert (stopped.stop, stopped.stopped_by) == (DeviceStop.REVOKED, cast.ville.user)


def test_another_workplaces_till_is_not_there(cast: Cast, signed_in: SignedIn) -> None:
    till, salla = till_of(cast, "Box office 1"), signed_in("hall")
    for end in ("out-of-use/", "rows/"):
        assert salla.get(f"/en/tills/{till.id}/{end}").status_code == 404
    assert salla.post(f"/en/tills/{till.id}/rows/settle/", {"do": "take"}).status_code == 404
    assert "Box office 1" not in text_of(salla.get("/en/tills/"))


def test_rows_that_wait_are_taken_or_left(cast: Cast, ville: Client) -> None:
    till, offering, code = till_of(cast, "Box office 1"), cast.offering(), cast.card()
    rows = [
        till.row(code, offering=offering, children=2),
        till.row("7KM9QX2TR8", offering=offering),
        till.row(cast.card()),
    ]
    revoke(Device.objects.get(), by=cast.ville, now=cast.now)
    till.hand_over(rows)
    assert "3 rows that this till has left wait for your word." in text_of(ville.get("/en/tills/"))
    path = f"/en/tills/{till.id}/rows/"
    page = ville.get(path)
    said = text_of(page)
    assert "An evening of contemporary dance" in said
    assert "children 2, assistants 0" in said
    assert "open admission" in said
    assert code not in page.content.decode()
    first, second, third = QuarantinedRow.objects.order_by("pk")
    done = ville.post(f"{path}settle/", {"do": "take", "row": [first.pk, second.pk]}, follow=True)
    assert "2 rows have been recorded." in text_of(done)
    assert "1 of them has a note." in text_of(done)
    done = ville.post(f"{path}settle/", {"do": "leave", "row": [third.pk]}, follow=True)
    assert "1 row was not taken." in text_of(done)
    assert "No row waits." in text_of(done)
    assert "Choose the rows first." in text_of(ville.post(f"{path}settle/", {"do": "take"}, follow=True))
    assert Record.objects.count() == 2
    assert set(QuarantinedRow.objects.values_list("taken", flat=True)) == {True, False}


def test_the_list_asks_as_much_for_three_as_for_one(cast: Cast, ville: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            ville.get("/en/tills/")
        return len(queries)

    till_of(cast, "One")
    asked()  # the network is read once
    one = asked()
    for label in ("Two", "Three"):
        till_of(cast, label)
    assert asked() == one
