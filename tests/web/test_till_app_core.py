"""The till app's core in Chromium against the register: enrolled, cut off, killed and brought back. Whatever is lost on
the way, the register holds each row once."""

# mypy: disable-error-code="arg-type,index,operator,union-attr"

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Error, Page, Route

from kaikukortti.actions.cards import find_own_card
from kaikukortti.actions.codes import make_code
from kaikukortti.actions.devices import make_code as make_till_code
from kaikukortti.actions.devices import make_gates, revoke
from kaikukortti.actions.looking_after import block_card
from kaikukortti.actions.making import make_cards
from kaikukortti.models import Device, QuarantinedRow, Record, RecordChange
from kaikukortti.terms.kinds import BlockReason, OfferingKind
from kaikukortti.web import till_app
from tests.cast import NOW, Cast
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS

pytestmark = pytest.mark.database(transaction=True)

PIN = "135790"
MODULES = "/static/kaikukortti/js/till"
OPEN = f"""async () => {{
  const {{ openTill }} = await import("{MODULES}/till.js");
  window.till = await openTill();
}}"""


# --- a browser that can be killed ---------------------------------------------------------------------------------


def browsers_with(profile: Path) -> list[int]:
    """The processes that were started with this profile."""
    named = f"--user-data-dir={profile}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if named in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return found


@dataclass
class Phone:
    """A browser with a profile of its own. `faults` are what happens to its next syncs: `cut` before the register has
    it, `500` instead of an answer; `lost`, `half`, `html` and `late` after the register has done its part."""

    chromium: Any
    address: str
    profile: Path
    faults: list[str] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    context: Any = None
    page: Any = None

    def start(self, *, offline: bool = False) -> Page:
        self.context = self.chromium.browser_type.launch_persistent_context(
            str(self.profile), executable_path=CHROMIUM, args=CHROMIUM_FLAGS, base_url=self.address, locale="fi-FI"
        )
        self.context.set_default_timeout(30_000)
        self.context.route("**/till/sync", self.sync)
        self.context.set_offline(offline)
        self.page = self.context.pages[0]
        return self.come(self.page)

    def come(self, page: Page) -> Page:
        page.goto("/till/fi/")
        page.evaluate(OPEN)
        return page

    def kept(self) -> None:
        """Wait until the app has been kept for when there is no network."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def kill(self) -> None:
        """The battery is empty: no page is asked whether it is ready."""
        for number in browsers_with(self.profile):
            with suppress(OSError):
                os.kill(number, signal.SIGKILL)
        with suppress(Error):
            self.context.close()

    def sync(self, route: Route) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        with suppress(Error):  # the page may have given up on it, or be gone
            self.sent += (route.request.post_data_json or {}).get("rows", [])
            if fault == "cut":
                route.abort()
            elif fault == "500":
                route.fulfill(status=500, body="sorry")
            elif fault:
                answer = route.fetch()
                text = answer.text()
                if fault == "lost":
                    route.abort()
                elif fault == "late":
                    time.sleep(4)
                    route.fulfill(response=answer)
                else:
                    body = {"half": text[: len(text) // 2], "html": "<html>Hotel Wi-Fi</html>", "list": "[]"}[fault]
                    route.fulfill(status=200, body=body)
            else:
                route.continue_()

    def do(self, what: str, *given: Any, page: Page | None = None) -> Any:
        """Call the till. What it cannot do now is said by its reason."""
        script = """async ([what, given]) => {
          try { return await till[what](...given) ?? null; } catch (not) { return not.why || String(not); }
        }"""
        return (page or self.page).evaluate(script, [what, list(given)])

    def state(self, page: Page | None = None) -> dict[str, Any]:
        state: dict[str, Any] = (page or self.page).evaluate("() => till.state()")
        return state

    def wait(self, what: str, page: Page | None = None) -> None:
        script = f"() => {{ const s = till.state(), q = s.queue; return {what}; }}"
        (page or self.page).wait_for_function(script, polling=50)

    def settled(self) -> None:
        self.wait("s.network === 'online' && !q.waiting && !q.sending")

    def enrol(self, code: str, **how: Any) -> None:
        assert self.do("enrol", code, {"pin": PIN, **how}) is None
        self.settled()

    def unlock(self) -> None:
        assert self.do("unlock", {"pin": PIN}) is None

    def card(self, code: str, **counts: int) -> Any:
        """Check a card and record it: the verdict's state, and where the record is or why it is not."""
        script = """async ([code, counts]) => {
          const verdict = await till.check(code);
          if (!verdict.held) return [verdict.state, null];
          const done = await till.record({ ...verdict.held, ...counts }, verdict).catch((not) => ({ where: not.why }));
          return [verdict.state, done.where, done.status];
        }"""
        return tuple(self.page.evaluate(script, [code, counts]))

    def check(self, code: str) -> dict[str, Any]:
        verdict: dict[str, Any] = self.page.evaluate("(code) => till.check(code)", code)
        return verdict


@pytest.fixture
def cast(cast: Cast, evening: None) -> Cast:
    """Cards with real tags, for a till reads them."""
    codes = [make_code() for _ in range(16)]
    made = make_cards(cast.workplaces["office"], size=0, by=None, now=NOW - timedelta(days=700), codes=codes)
    cast.blanks = [one.code for one in made]
    return cast


@pytest.fixture
def new_phone(chromium: Any, live_server: Any, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    phones: list[Phone] = []

    def make(profile: str = "phone") -> Phone:
        phones.append(Phone(chromium, live_server.url, tmp_path / profile))
        return phones[-1]

    yield make
    for phone in phones:
        if phone.context:
            phone.kill()


@pytest.fixture
def phone(new_phone: Callable[..., Phone]) -> Phone:
    return new_phone()


def till_code(cast: Cast) -> str:
    return make_till_code("Box office", by=cast.ville, now=cast.now).secret


def rows() -> list[tuple[str, bool, str, int]]:
    """What the register holds: source, whether it happened, refusal, children; oldest first."""
    held = Record.objects.order_by("pk").values_list("source", "happened", "refusal", "children")
    return [(source, happened, refusal or "", children) for source, happened, refusal, children in held]


def blocked(cast: Cast, code: str, *, ago: timedelta = timedelta(0)) -> None:
    card = find_own_card(code, by=cast.aino, now=cast.now)
    assert block_card(card, reason=BlockReason.LOST, by=cast.aino, now=cast.now - ago) is None


# --- stories --------------------------------------------------------------------------------------------------------


def test_a_night_without_a_network(cast: Cast, phone: Phone) -> None:
    """Enrol, lose the network, record, lose the battery, open again, come back."""
    first, second, third, lost = (cast.card() for _ in range(4))
    blocked(cast, lost, ago=timedelta(hours=1))
    offering = cast.offering()
    phone.start()
    phone.kept()
    phone.enrol(till_code(cast))
    phone.wait("s.list")
    phone.do("choose", str(offering.pk))
    assert phone.card(first, children=1) == ("valid", "register", "recorded")

    phone.context.set_offline(True)
    assert phone.card(second) == ("valid-as-of", "device", "recorded")
    assert phone.check(second)["state"] == "already"
    assert phone.check(first)["state"] == "already"
    assert (phone.check(lost)["state"], phone.check(lost)["refusal"]) == ("stop", "card-blocked")
    assert phone.check("7KM9QX2TR8")["state"] == "typo"
    state = phone.state()
    assert (state["network"], state["queue"]["waiting"]) == ("offline", 1)
    phone.kill()

    phone.start(offline=True)
    state = phone.state()
    assert (state["stage"], state["queue"]["waiting"], state["device"]["label"]) == ("locked", 1, "Box office")
    assert phone.do("check", first) == "locked"
    assert phone.do("unlock", {"pin": "000000"}) == "wrong-pin"
    phone.unlock()
    assert phone.state()["place"]["offering"] == str(offering.pk)
    assert phone.card(second)[0] == "already"
    assert phone.card(third, children=2) == ("valid-as-of", "device", "recorded")
    assert phone.card(lost) == ("stop", "device", "recorded")  # let in all the same
    phone.context.set_offline(False)
    phone.settled()
    offline = ("offline", True, "", 0)
    assert rows() == [("online", False, "", 1), offline, ("offline", True, "", 2), ("offline", True, "card-blocked", 0)]
    (news,) = phone.state()["news"]
    assert (news["kind"], news["refusal"]) == ("flagged", "card-blocked")
    phone.do("seen", [news["id"]])
    phone.wait("!s.news.length")
    assert Device.objects.get().waiting == 0

    # Nothing of the night can be read in the browser's own files, and no code at all.
    phone.kill()
    files = [path.read_bytes() for path in phone.profile.rglob("*") if path.is_file()]
    for code in (first, second, third, lost):
        assert [one for one in files if code.encode() in one or code.encode("utf-16-le") in one] == []
    assert [one for one in files if PIN.encode() in one] == []


FAULTS = ("cut", "500", "lost", "half", "html", "list", "late")


def test_whatever_happens_to_an_answer_each_row_is_there_once(cast: Cast, phone: Phone) -> None:
    """R8: the network cut at each point. Each second card is blocked after its check: the venue is told that it is
    recorded, so it is stored with a note."""
    good, lost = [cast.card() for _ in FAULTS], [cast.card() for _ in FAULTS]
    phone.start()
    phone.enrol(till_code(cast))
    check = "async (code) => { window.checked = window.checked || {}; checked[code] = await till.check(code); }"
    record = "async (code) => (await till.record(checked[code].held, checked[code])).where"
    for code in good + lost:
        phone.page.evaluate(check, code)
    for code in lost:
        blocked(cast, code)
    for number, fault in enumerate(FAULTS):
        for code in (good[number], lost[number]):
            phone.faults = [fault]
            assert phone.page.evaluate(record, code) == "device", fault
            phone.do("sendNow")
            phone.settled()
        assert rows()[2 * number :] == [("online", False, "", 0), ("offline", True, "card-blocked", 0)], fault
    assert phone.state()["stage"] == "open"
    assert len({row["id"] for row in phone.sent}) == 2 * len(FAULTS) < len(phone.sent)


def test_a_crash_between_the_answer_and_its_keeping(cast: Cast, phone: Phone) -> None:
    """Killed while the answer is on its way: the old token is shown again, and the row gets its first answer."""
    code = cast.card()
    phone.start()
    phone.enrol(till_code(cast))
    phone.faults = ["late"]
    phone.page.evaluate(
        "async (code) => { const v = await till.check(code); window.going = till.record(v.held, v); }", code
    )
    for _ in range(100):
        if Record.objects.exists():
            break
        time.sleep(0.05)
    phone.kill()
    phone.start()
    phone.unlock()
    phone.settled()
    assert rows() == [("online", False, "", 0)]


def test_a_till_that_keeps_rows_in_memory_only_loses_them(cast: Cast, phone: Phone) -> None:
    """The control of the night: without the disk a killed till has nothing left to send."""
    phone.start()
    phone.enrol(till_code(cast))
    phone.page.evaluate("till.work.queue.store = { write: async () => {} }")
    phone.context.set_offline(True)
    assert phone.card(cast.card())[1:] == ("device", "recorded")
    phone.kill()
    phone.start()
    phone.unlock()
    phone.settled()
    assert rows() == []


@pytest.mark.parametrize(("habit", "held"), [("forgets", 0), ("renames", 2)])
def test_a_till_that_trusts_the_network_loses_or_doubles(cast: Cast, phone: Phone, habit: str, held: int) -> None:
    """The control of the faults: a till that forgets what it has sent, and one that sends it again under a new id."""
    phone.start()
    phone.enrol(till_code(cast))
    phone.page.evaluate(
        """(habit) => {
          const queue = till.work.queue, take = queue.take.bind(queue), lost = till.work.sync.lost.bind(till.work.sync);
          let sent = [];
          queue.take = async (...how) => {
            sent = await take(...how);
            if (habit === "forgets") for (const row of sent) queue.items.delete(row.id);
            return sent;
          };
          till.work.sync.lost = () => {
            for (const row of habit === "renames" ? sent : []) {
              const [spare] = row.spares;
              queue.items.delete(row.id);
              queue.items.set(spare.id, { ...row, ...spare, source: "offline", happened: true });
            }
            lost();
          };
        }""",
        habit,
    )
    phone.faults = ["cut" if habit == "forgets" else "lost"]
    assert phone.card(cast.card())[1] == "device"
    phone.do("sendNow")
    phone.settled()
    assert Record.objects.count() == held


def test_a_broken_row_is_set_aside_and_the_rest_goes_on(cast: Cast, phone: Phone) -> None:
    phone.start()
    phone.enrol(till_code(cast))
    phone.context.set_offline(True)
    for _ in range(3):
        phone.card(cast.card())
    second = phone.do("queue")[1]["id"]

    def damage(route: Route) -> None:
        sent = route.request.post_data_json
        for row in sent["rows"]:
            if row["id"] == second:
                row["sealed"] = row["sealed"][:-8] + "AAAAAAAA"
        route.continue_(post_data=json.dumps(sent))

    phone.context.route("**/till/sync", damage)
    phone.context.set_offline(False)
    phone.settled()
    assert len(rows()) == 2
    assert (phone.state()["queue"]["aside"], [one["kind"] for one in phone.state()["news"]]) == (1, ["aside"])
    phone.context.unroute("**/till/sync", damage)
    assert phone.do("setAside", second, "again") is None
    phone.settled()
    assert (len(rows()), phone.state()["queue"]["aside"], phone.state()["news"]) == (3, 0, [])


def test_a_row_that_the_server_stumbles_over_does_not_hold_up_the_rest(cast: Cast, phone: Phone) -> None:
    phone.start()
    phone.enrol(till_code(cast))
    phone.context.set_offline(True)
    for _ in range(4):
        phone.card(cast.card())
    first = phone.do("queue")[0]["id"]

    def stumble(route: Route) -> None:
        if first in [row["id"] for row in route.request.post_data_json["rows"]]:
            route.fulfill(status=500, body="sorry")
        else:
            route.continue_()

    phone.context.route("**/till/sync", stumble)
    phone.context.set_offline(False)
    for _ in range(8):
        phone.do("sendNow")
    assert Record.objects.count() == 3
    phone.context.unroute("**/till/sync", stumble)
    phone.do("sendNow")
    phone.settled()
    assert Record.objects.count() == 4


def test_the_wrong_event_is_mended_in_one_act(cast: Cast, phone: Phone) -> None:
    """Rows that the register has, one whose answer was lost, and one that never left the device; then an undo."""
    wrong, right = cast.offering(), cast.offering(name_fi="Iltakonsertti")
    cards = [cast.card() for _ in range(3)]
    phone.start()
    phone.enrol(till_code(cast))
    there = {"offering": str(right.pk), "day": NOW.date().isoformat()}
    phone.do("choose", str(wrong.pk))
    phone.card(cards[0])
    phone.faults = ["lost", "cut", "cut", "cut"]
    phone.card(cards[1])
    phone.context.set_offline(True)
    phone.card(cards[2])
    moved = phone.do("moveToOffering", {"offering": str(wrong.pk), "day": NOW.date().isoformat()}, there)
    assert moved == 3
    phone.faults.clear()
    phone.context.set_offline(False)
    phone.settled()
    reversed_rows = set(RecordChange.objects.values_list("record_id", flat=True))
    standing = Record.objects.exclude(pk__in=reversed_rows)
    assert [row.offering_id for row in standing] == [right.pk] * 3
    assert Record.objects.filter(pk__in=reversed_rows, offering=wrong).count() == 2
    assert [one["status"] for one in phone.do("records")].count("recorded") == 3

    newest = phone.do("records")[0]["id"]
    assert phone.do("undo", newest) == "undone"
    assert RecordChange.objects.filter(record__client_id=UUID(newest)).count() == 1
    assert phone.do("undo", newest) == "gone"


def test_one_tab_is_the_till(cast: Cast, phone: Phone) -> None:
    phone.start()
    phone.enrol(till_code(cast))
    phone.card(cast.card())
    other = phone.come(phone.context.new_page())
    assert phone.state(other)["stage"] == "other-tab"
    assert phone.do("check", cast.card(), page=other) == "other-tab"
    phone.do("takeOver", page=other)
    assert phone.state(other)["stage"] == "locked"
    phone.wait("s.stage === 'other-tab'")
    assert phone.do("check", cast.card()) == "other-tab"
    assert phone.do("unlock", {"pin": PIN}, page=other) is None
    phone.wait("s.network === 'online' && s.speaks", other)
    old, phone.page = phone.page, other
    assert phone.card(cast.card())[1:] == ("register", "recorded")
    other.close()
    phone.wait("s.stage === 'locked'", old)  # the other one is the till again
    assert len(rows()) == 2


@pytest.mark.parametrize("hours", [26, -26])
def test_a_clock_that_is_a_day_off(cast: Cast, phone: Phone, hours: int) -> None:
    """R9: rows carry the register's time and day, also after the device was opened again without a network."""
    offering = cast.offering(kind=OfferingKind.OPEN)
    phone.start()
    phone.kept()
    phone.context.clock.set_fixed_time(NOW.astimezone(UTC) + timedelta(hours=hours))
    phone.enrol(till_code(cast))
    phone.do("choose", str(offering.pk))
    assert abs(phone.state()["clockOff"] - hours * 3600) < 60
    phone.context.set_offline(True)
    phone.card(cast.card())
    phone.page.reload()
    phone.page.evaluate(OPEN)
    phone.unlock()
    assert abs(phone.state()["clockOff"] - hours * 3600) < 60
    phone.card(cast.card())
    phone.context.set_offline(False)
    phone.settled()
    assert [refusal for _source, _happened, refusal, _children in rows()] == ["", ""]
    for row in Record.objects.all():
        assert row.day == NOW.date()
        assert abs(row.at - NOW) < timedelta(minutes=1)


def test_a_full_storage_is_said_before_anything_is_called_recorded(cast: Cast, phone: Phone) -> None:
    phone.start()
    phone.enrol(till_code(cast))
    put = """(full) => {
      window.put = window.put || IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = full
        ? function () { this.transaction.abort(); throw new DOMException("no room", "QuotaExceededError"); }
        : window.put;
    }"""
    phone.page.evaluate(put, True)
    code = cast.card()
    assert phone.card(code) == ("valid", "storage-full", None)
    assert phone.state()["storageFull"]
    assert (phone.do("queue"), rows()) == ([], [])
    phone.page.evaluate(put, False)
    assert phone.card(code) == ("valid", "register", "recorded")
    assert not phone.state()["storageFull"]


def test_a_cleared_storage_is_told_as_such(cast: Cast, phone: Phone) -> None:
    phone.start()
    phone.enrol(till_code(cast))
    assert Device.objects.get().storage_kept in (True, False)
    phone.page.goto("/healthz")
    phone.page.evaluate("new Promise((done) => { indexedDB.deleteDatabase('kaikukortti-till').onsuccess = done; })")
    phone.come(phone.page)
    assert phone.state()["stage"] == "wiped"
    phone.enrol(till_code(cast))
    assert phone.state()["stage"] == "open"


def test_a_stopped_till_keeps_its_rows_and_hands_them_over(cast: Cast, phone: Phone) -> None:
    phone.start()
    phone.kept()
    phone.enrol(till_code(cast))
    phone.context.set_offline(True)
    phone.card(cast.card())
    revoke(Device.objects.get(), by=cast.ville, now=cast.now)
    phone.context.set_offline(False)
    phone.wait("s.stage === 'stopped'")
    assert (phone.state()["stopped"], phone.state()["queue"]["waiting"]) == ("revoked", 1)
    assert phone.do("check", cast.card()) == "stopped"
    assert phone.do("forget") == "rows-left"
    phone.page.reload()
    phone.page.evaluate(OPEN)
    assert phone.state()["stage"] == "stopped"
    phone.unlock()
    assert phone.do("handOver") == {"taken": 1}
    assert (QuarantinedRow.objects.count(), rows()) == (1, [])
    assert phone.do("forget") is None
    assert phone.state()["stage"] == "new"


def test_a_copied_profile_stops_both(cast: Cast, phone: Phone, new_phone: Callable[..., Phone]) -> None:
    """S10: the copy opens nothing without the PIN; with it, the second of the two to speak stops both."""
    phone.start()
    phone.enrol(till_code(cast))
    phone.kill()
    copy = new_phone("copy")
    copytree(phone.profile, copy.profile, ignore=lambda _folder, names: [one for one in names if "Singleton" in one])
    phone.start()
    phone.unlock()
    phone.settled()
    phone.card(cast.card())
    phone.do("sendNow")
    copy.start()
    assert copy.do("unlock", {"pin": "111111"}) == "wrong-pin"
    copy.unlock()
    copy.wait("s.stage === 'stopped'")
    assert copy.state()["stopped"] == "copied"
    phone.do("sendNow")
    phone.wait("s.stage === 'stopped'")
    assert phone.state()["stopped"] == "copied"


def test_a_gate_pass_is_the_till_of_its_offering_until_its_end(cast: Cast, phone: Phone, monkeypatch: Any) -> None:
    offering = cast.offering()
    (made,) = make_gates(offering, day=NOW.date(), label="Gate", number=1, by=cast.ville, now=cast.now)
    phone.start()
    phone.enrol(made.secret)
    phone.wait("s.place")
    assert (phone.state()["place"]["offering"], phone.state()["device"]["kind"]) == (str(offering.pk), "gate")
    phone.context.set_offline(True)
    phone.card(cast.card())
    phone.context.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=12))
    phone.wait("s.stage === 'stopped'")
    assert (phone.state()["stopped"], phone.do("check", cast.card())) == ("ended", "stopped")
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(hours=12))
    phone.context.set_offline(False)
    phone.wait("!s.unlocked")  # left alone for hours, it has locked itself
    phone.unlock()
    phone.settled()
    assert rows() == [("offline", True, "", 0)]


def test_left_alone_it_locks_and_at_four_it_forgets(cast: Cast, phone: Phone) -> None:
    """S14, and the night's end: what has been answered and who was here is gone, what waits stays."""
    here = datetime.now(UTC)
    heard = here + timedelta(minutes=11)  # the register's clock stands at 18:55 then
    four = heard + (NOW.replace(hour=4, minute=0) + timedelta(days=1) - NOW)

    def at(instant: datetime) -> None:
        phone.context.clock.set_fixed_time(instant)
        phone.page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")

    phone.start()
    phone.enrol(till_code(cast))
    at(here + timedelta(minutes=9))
    phone.wait("s.stage === 'open'")
    at(heard)
    phone.wait("s.stage === 'locked'")
    phone.unlock()
    phone.settled()
    phone.card(cast.card())
    assert phone.do("keepUntilFour") is None
    assert phone.state()["keptUntil"] == "2026-11-25T02:00:00.000Z"
    phone.context.set_offline(True)
    phone.card(cast.card())
    at(four - timedelta(minutes=5))
    phone.page.wait_for_timeout(300)
    assert (phone.state()["stage"], len(phone.do("records"))) == ("open", 2)
    at(four + timedelta(minutes=1))
    phone.wait("s.stage === 'locked'")
    assert phone.state()["queue"]["waiting"] == 1
    phone.unlock()
    (left,) = phone.do("records")
    assert left["status"] == "device"
    assert phone.page.evaluate("till.work.queue.rows().map((row) => row.tag)") == [None]


def test_a_till_for_the_network_only_opens_with_the_register(cast: Cast, phone: Phone) -> None:
    phone.start()
    phone.kept()
    phone.enrol(till_code(cast), onlineOnly=True)
    phone.card(cast.card())
    phone.context.set_offline(True)
    phone.do("lock")
    assert phone.do("unlock", {"pin": "000000"}) == "wrong-pin"
    assert phone.do("unlock", {"pin": PIN}) == "no-network"
    phone.context.set_offline(False)
    phone.unlock()
    assert (phone.state()["stage"], phone.do("sheet")["unlisted"]) == ("open", "ask")


def test_a_passkey_opens_it_too(cast: Cast, phone: Phone) -> None:
    phone.start()
    session = phone.context.new_cdp_session(phone.page)
    session.send("WebAuthn.enable")
    how = {"protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasPrf": True}
    ready = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": how | ready})
    assert phone.do("passkeyPossible")
    phone.enrol(till_code(cast), passkey=True)
    phone.do("lock")
    assert phone.do("unlock", {"passkey": True}) is None
    phone.wait("s.speaks")
    assert phone.card(cast.card())[1:] == ("register", "recorded")
    phone.do("lock")
    phone.unlock()
    phone.wait("s.speaks")


def test_ten_wrong_pins_stop_it(cast: Cast, phone: Phone) -> None:
    phone.start()
    phone.enrol(till_code(cast))
    phone.do("lock")
    waits = "Object.assign(till.device, { waitUntil: 0 })"
    tries = "till.unlock({ pin: '000000' }).catch((not) => [not.why, not.triesLeft])"
    for left in range(9, 0, -1):
        assert phone.page.evaluate(tries) == ["wrong-pin", left]
        phone.page.evaluate(waits)
    assert phone.do("unlock", {"pin": "000000"}) == "wrong-pin"
    assert (phone.state()["stage"], phone.state()["stopped"]) == ("stopped", "pin")
    phone.page.evaluate(waits)
    phone.unlock()
    assert phone.do("check", cast.card()) == "stopped"


def test_five_hundred_rows_come_in_one_call(cast: Cast, phone: Phone) -> None:
    """A whole festival's gate at once."""
    phone.start()
    phone.enrol(till_code(cast))
    phone.context.set_offline(True)
    code = cast.card()
    assert phone.card(code)[1] == "device"
    make = """async ([code, number]) => {
      const verdict = await till.check(code);
      const one = () => till.record({ ...verdict.held, id: crypto.randomUUID(), holder: null, children: 1 }, verdict);
      for (let n = 0; n < number; n += 50) await Promise.all(Array.from({ length: 50 }, one));
    }"""
    phone.page.evaluate(make, [code, 500])
    assert phone.state()["queue"]["waiting"] == 501
    calls = len(phone.sent)
    phone.context.set_offline(False)
    phone.settled()
    assert (Record.objects.count(), len(phone.sent) - calls) == (501, 501)


def test_nights_end_at_four_in_finland_also_when_clocks_change(phone: Phone) -> None:
    """R9"""
    phone.start()
    ask = f"""async (instants) => {{
      const {{ dayAt, lastFour, nextFour }} = await import("{MODULES}/clock.js");
      const said = (one) => new Date(one).toISOString().slice(0, 16);
      const told = (one) => [said(lastFour(one)), said(nextFour(one)), dayAt(one)];
      return instants.map((one) => told(Date.parse(one)));
    }}"""
    told = {
        "2026-11-24T16:55:00Z": ["2026-11-24T02:00", "2026-11-25T02:00", "2026-11-24"],
        "2026-11-24T22:30:00Z": ["2026-11-24T02:00", "2026-11-25T02:00", "2026-11-25"],
        "2026-11-25T02:00:00Z": ["2026-11-25T02:00", "2026-11-26T02:00", "2026-11-25"],
        # Clocks go forward at 03:00 on 28 March 2027, and back at 04:00 on 25 October 2026.
        "2027-03-27T22:30:00Z": ["2027-03-27T02:00", "2027-03-28T01:00", "2027-03-28"],
        "2027-03-28T01:30:00Z": ["2027-03-28T01:00", "2027-03-29T01:00", "2027-03-28"],
        "2026-10-24T20:00:00Z": ["2026-10-24T01:00", "2026-10-25T02:00", "2026-10-24"],
        "2026-10-25T01:30:00Z": ["2026-10-24T01:00", "2026-10-25T02:00", "2026-10-25"],
        "2026-10-25T02:30:00Z": ["2026-10-25T02:00", "2026-10-26T02:00", "2026-10-25"],
    }
    assert dict(zip(told, phone.page.evaluate(ask, list(told)), strict=True)) == told


def test_the_first_load_with_the_scanner_is_small_and_then_nothing(cast: Cast, phone: Phone) -> None:
    """At most 1.6 MB, without any packing; opened again the page asks for its worker alone."""
    page = phone.start()
    phone.kept()
    sizes = page.evaluate(
        """async () => {
          const [name] = await caches.keys();
          const kept = await caches.open(name);
          const all = await Promise.all((await kept.keys()).map(async (one) => [
            new URL(one.url).pathname, (await (await kept.match(one)).arrayBuffer()).byteLength,
          ]));
          return Object.fromEntries(all);
        }"""
    )
    assert {"/till/fi/", "/till/sv/", "/till/en/", f"{MODULES}/till.js"} < set(sizes)
    assert any(name.endswith(".wasm") for name in sizes)
    assert sum(sizes.values()) <= 1_600_000, sizes
    asked: list[str] = []
    page.on("response", lambda answer: asked.append(answer.url) if not answer.from_service_worker else None)
    phone.come(page)
    here = [urlsplit(url).path for url in asked]
    assert [one for one in here if not one.endswith((".webmanifest", "worker.js"))] == []


def test_a_new_version_waits_until_the_till_is_locked(cast: Cast, phone: Phone, monkeypatch: Any) -> None:
    phone.start()
    phone.kept()
    phone.enrol(till_code(cast))
    kept = "caches.keys()"
    (before,) = phone.page.evaluate(kept)
    monkeypatch.setattr(till_app, "contents", lambda: "another")
    phone.page.evaluate("navigator.serviceWorker.ready.then((one) => one.update()).then(() => true)")
    phone.wait("s.newVersion")
    assert phone.state()["stage"] == "open"
    assert phone.card(cast.card())[1] == "register"
    with phone.page.expect_navigation():
        phone.do("lock")
    phone.page.evaluate(OPEN)
    phone.wait("s.stage === 'locked' && !s.newVersion")
    (after,) = phone.page.evaluate(kept)
    assert before != after
