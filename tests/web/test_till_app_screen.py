"""The installed till's screen in Chromium: calm and whole in every state and language, read by camera, reader and hand.

What a till does stands behind a facade (static js/till/till.js) and is tested beside it; here a small one of the tests'
own (till_fake.js) keeps its promises, so that every state can be put on the screen.
"""

# mypy: disable-error-code="arg-type,call-overload,dict-item,operator"

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import segno
from django.utils.translation import override
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from kaikukortti.actions.codes import make_code
from kaikukortti.actions.devices import make_code as make_till_code
from kaikukortti.actions.making import make_cards
from kaikukortti.models import Record
from kaikukortti.paper.codes import code39_picture
from kaikukortti.terms.devices import DeviceStop
from kaikukortti.terms.refusals import Refusal
from kaikukortti.web.till_app import modules
from kaikukortti.web.till_app_words import texts
from tests.cast import NOW as NOW_CAST
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS

pytestmark = pytest.mark.database(transaction=True)

FAKE = (Path(__file__).parent / "till_fake.js").read_text()
SCRIPTS = Path(__file__).parents[2] / "kaikukortti/static/kaikukortti/js/till"
MOST_HTML = 60_000
NOW = datetime.now(UTC)
TODAY = (NOW + timedelta(hours=2)).date().isoformat()  # close enough: no story here depends on the hour


def ago(minutes):
    return (NOW - timedelta(minutes=minutes)).isoformat()


def said(text):
    return dict.fromkeys(("fi", "sv", "en"), text)


EVENT = {"id": "a", "name": said("Dance"), "kind": "event", "first_day": TODAY, "last_day": TODAY, "cap_left": 12}
EVENT["starts_at"] = ago(-30)
OPEN = {"id": "b", "name": said("Photographs"), "kind": "open", "first_day": "2020-01-01", "last_day": "2099-01-01"}
LATER = (NOW + timedelta(days=2)).date().isoformat()
COMING = {"id": "c", "name": said("Songs"), "kind": "event", "first_day": LATER, "last_day": LATER, "starts_at": None}
SHEET = {
    "etag": "1",
    "workplace": said("Routa Company"),
    "as_of": ago(3),
    "today": TODAY,
    "days": [{"day": TODAY, "region": 1, "venue_open": True}],
    "offerings": [EVENT, OPEN | {"starts_at": None}, COMING],
    "policies": {"children_above": "stored"},
    "unlisted": "admit",
    "series": [],
    "gate_offering": None,
    "ends_at": None,
}
LIST = {"asOf": ago(50), "usableUntil": ago(-1000), "tooOld": False, "cards": 9}
OFFLINE = {"online": False, "listAsOf": LIST["asOf"]}
ADDING = {"holder": 0}
VERDICTS = {
    "VALID": {"state": "valid", "childPlaces": 2},
    "OTHER": {"state": "valid", "childPlaces": 0},
    "PENDING": {"state": "pending", "childPlaces": 0},
    "KNOWN": {"state": "valid-as-of", "childPlaces": 2} | OFFLINE,
    "ALREADY": {"state": "already", "refusal": "already-recorded", "time": ago(60), "childPlaces": 2, "held": ADDING},
    "HERE": {"state": "already", "time": ago(20), "childPlaces": 1, "held": ADDING} | OFFLINE,
    "EXPIRED": {"state": "stop", "refusal": "card-expired", "day": "2026-10-31", "admit": "no"},
    "LISTED": {"state": "stop", "refusal": "card-blocked", "admit": "no"} | OFFLINE,
    "UNLISTED": {"state": "not-on-list"} | OFFLINE,
    "SERIES": {"state": "cannot-check-offline", "admit": "ask"} | OFFLINE,
    "OLD": {"state": "list-too-old", "online": False, "listAsOf": ago(5000), "admit": "ask"},
    "NONE": {"state": "no-list", "online": False, "admit": "ask"},
    "K17": {"state": "identity-unknown", "online": False, "admit": "ask"},
    "GROUP": {"state": "valid", "community": True},
}
HERE = {"place": {"offering": "a", "day": TODAY}, "list": LIST}
WAITS = {"waiting": 3, "since": ago(26), "aside": 0, "sending": False}
AWAY = {"network": "offline", "queue": WAITS}
COUNTS = {"kind": "ticket", "holder": 1, "children": 0, "assistants": 0, "clients": 0, "workers": 0}
ECHO = {"at": ago(2), "offering": "a", "day": TODAY, "refusal": None, "message": None} | COUNTS
ECHOES = [ECHO | {"id": "1", "status": "recorded"}, ECHO | {"id": "2", "status": "device", "children": 1}]
ASIDE = ECHO | {"id": "9", "status": "aside"}
NEWS = [
    {"id": "5", "kind": "flagged", "refusal": "offering-full", "message": None, "at": ago(9), "offering": "a"},
    {"id": "6", "kind": "flagged", "refusal": "card-blocked", "message": None, "at": ago(8), "offering": "b"},
]
NEWS = [one | {"day": TODAY} for one in NEWS]


@pytest.fixture
def till(open_page):
    """`till("sv", state={…}, …)` opens the app's page on a till in that state."""

    def open_one(language="en", state=None, fragment="", path=None, **how):
        start = {"sheet": SHEET, "verdicts": VERDICTS, "echoes": ECHOES, "state": {**HERE, **(state or {})}}
        start |= {name: how.pop(name) for name in ("refuse", "outcome", "waiting", "passkey") if name in how}
        page = open_page(f"/till/{language}.webmanifest", service_workers="block", **how)
        page.route("**/js/till/till.js", lambda route: route.fulfill(body=FAKE, content_type="text/javascript"))
        page.add_init_script(f"window.fakeStart = {json.dumps(start)};")
        page.goto(f"/till/{language}/{fragment}")
        page.wait_for_selector("#view-starting", state="hidden")
        return page

    return open_one


def read(page, code):
    """A reader types the code and Enter."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.wait_for_timeout(60)


def enter(page):
    """Enter on the empty field, once a bounce can no longer be meant."""
    page.wait_for_timeout(420)
    page.keyboard.press("Enter")
    page.wait_for_timeout(60)


def until(page, truth, seconds=10):
    """Wait without Playwright's own way, which would need the page to run text as a script."""
    end = time.monotonic() + seconds
    while not page.evaluate(truth):
        assert time.monotonic() < end, truth
        page.wait_for_timeout(30)


def form(page):
    return page.locator(".verdict").get_attribute("class").split()[1:]


def focused(page):
    return page.evaluate("document.activeElement.id")


def calls(page, name):
    return [one[1:] for one in page.evaluate("window.fake.calls") if one[0] == name]


# --- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_page_carries_every_word_that_its_scripts_say(language):
    with override(language):
        said = texts()
    assert set(said["refusals"]) == {str(one) for one in Refusal}
    assert set(said["stopped"]) == {*(str(one) for one in DeviceStop), "not-accepted"}
    source = "\n".join(path.read_text() for path in SCRIPTS.glob("*.js"))
    asked = set(re.findall(r"\bsay(?:Many)?\(\s*\"(\w+)\"", source))
    assert asked - set(said) == set()
    quoted = set(re.findall(r"[\"`](\w+)[\"`]", source)) | {f"count_{what}" for what in ("ticket", "course", "season")}
    quoted |= {f"count_{what}" for what in ("children", "assistants", "clients", "workers")}
    quoted |= {"none_children", "none_assistants"}
    named = quoted | set(re.findall(r"TEXTS\.(\w+)", source))
    assert set(said) - named == set()
    assert (len(said["weekdays"]), len(said["months"])) == (7, 12)


def test_the_page_lets_only_its_reader_loose_and_is_small(client):
    page = client.get("/till/sv/")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "'unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
    assert len(page.content) < MOST_HTML
    assert {one.rsplit("/", 1)[1] for one in modules()} >= {"scanner.js", "zxing-reader.js", "zxing-reader.wasm"}


# --- every state --------------------------------------------------------------------------------------------------

STATES = {
    "enrol": ({"stage": "new", "device": None}, None),
    "wiped": ({"stage": "wiped"}, None),
    "locked": ({"stage": "locked", **AWAY}, "#locked-form .button"),
    "choose": ({"place": None}, "#choose-other-fold summary"),
    "ready": ({}, None),
    **{name: ({} if "online" not in one else AWAY, name) for name, one in VERDICTS.items()},
    "typo": ({}, "NOSUCH"),
    "bars": ({**AWAY, "storageFull": True, "clockOff": 93_600, "news": NEWS, "list": None}, None),
    "queue": ({**AWAY, "news": NEWS, "queue": WAITS | {"aside": 1}}, "#connection"),
    "settings": ({"storageKept": False}, "#to-settings"),
    "copied": ({"stage": "stopped", "stopped": "copied", "unlocked": False, "queue": WAITS}, None),
    "ended": ({"stage": "stopped", "stopped": "ended", "unlocked": False}, None),
    "other-tab": ({"stage": "other-tab"}, None),
    "cannot": ({"stage": "cannot"}, None),
}
CLEAN = {"stage": "open", "network": "online", "queue": {"waiting": 0, "since": None, "aside": 0, "sending": False}}
CLEAN |= {"news": [], "storageFull": False, "clockOff": 0, "storageKept": True, "stopped": None, **HERE}

TARGETS = ":is(main, header, footer) :is(button, summary, input, a)"
SMALL_TARGETS = """(targets) => [...document.querySelectorAll(targets)]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.type !== "checkbox")
  .map((one) => [one.textContent.trim() || one.id, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < 43.5 || box.height < 43.5))
  .map(([name, box]) => `${name}: ${Math.round(box.width)} × ${Math.round(box.height)}`)"""


@pytest.mark.parametrize(
    ("language", "how"),
    [("fi", {"width": 1280}), ("sv", {"width": 320, "height": 640}), ("en", {"width": 320, "dark": True})],
)
def test_every_state_is_clean_in_every_language(till, axe, language, how):
    """A1, A6, A7: no violation, no sideways scroll, no target under 44 px, words everywhere."""
    page = till(language, waiting=[ECHOES[1], ASIDE], **how)
    for name, (state, act) in STATES.items():
        page.evaluate("(state) => window.fake.set(state)", CLEAN | state)
        page.wait_for_timeout(30)
        if act and act.startswith("#"):
            page.click(act)
        elif act:
            read(page, act)
        page.wait_for_timeout(60)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert page.evaluate(SMALL_TARGETS, TARGETS) == [], name
        shown = page.locator("body").inner_text()
        assert not re.search(r"\{\w+\}|%\(|undefined|null|NaN", shown), (name, shown)
        assert page.title(), name
        if page.locator("#view-queue, #view-settings").locator("visible=true").count():
            page.keyboard.press("Escape")


def test_forced_colours_and_wide_text_hide_nothing(till, axe):
    page = till("sv", width=320, forced_colors="active")
    page.evaluate("""() => {
      const wide = new CSSStyleSheet();
      wide.replaceSync("* { letter-spacing: .12em !important; word-spacing: .16em !important }");
      document.adoptedStyleSheets = [wide];
    }""")
    for code in ("VALID", "KNOWN", "LISTED", "UNLISTED"):
        read(page, code)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), code
        assert page.evaluate("getComputedStyle(document.querySelector('.verdict')).borderTopWidth") != "0px"
    axe(page)


# --- verdicts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "shape", "word", "sentence"),
    [
        ("VALID", ["valid"], "Kortti käy", "Oma lippu ja enintään 2 lasta."),
        ("KNOWN", ["as-far-as-we-know"], "Käy, sikäli kuin tiedämme", "Listan klo"),
        ("ALREADY", ["already"], "Lippu on jo annettu", "Klo"),
        ("HERE", ["already", "listed"], "Lippu on jo annettu", "Kirjattu tällä kassalla klo"),
        ("EXPIRED", ["stop"], "Ei käy tänään", "Kortin voimassaolo päättyi 31.10.2026."),
        ("LISTED", ["stop", "listed"], "Ei käy tänään", "Kortti on nyt estetty."),
        ("UNLISTED", ["not-on-list"], "Ei ole listalla", "Kortti voi olla uusi. Lista on haettu klo"),
        ("SERIES", ["not-on-list"], "Ei voi tarkistaa nyt", "Vanhempi kortti"),
        ("NOSUCH", ["typo"], "Tarkista koodi", "Yksi merkki näyttää vaihtuneen."),
    ],
)
def test_a_verdict_is_announced_once_with_its_word_form_and_sound(till, code, shape, word, sentence):
    """A5: word, sign, sound and form within a second; filled goes in, framed talks first, dashed is the list's."""
    page = till("fi")
    page.evaluate("""() => {
      window.heard = []; window.tones = 0;
      const hear = (node) => window.heard.push(node.textContent);
      new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach(hear)))
        .observe(document.getElementById("said"), { childList: true, characterData: true, subtree: true });
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
    }""")
    begun = time.monotonic()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    until(page, "window.heard.length > 0")
    assert time.monotonic() - begun < 1
    page.wait_for_timeout(300)
    (heard,) = page.evaluate("window.heard")
    assert form(page) == shape
    assert page.locator(".verdict .word").inner_text() == word
    assert heard.startswith(f"{word}. ")
    fact = page.locator(".verdict .fact").inner_text()
    assert fact.startswith(sentence)
    assert fact in heard
    assert page.evaluate("window.tones") > 0
    assert page.locator(".verdict .icon").count() == 1
    assert focused(page) == "code"
    assert page.evaluate("document.querySelectorAll('[aria-live], [role=status], [role=alert]').length") == 1
    if "listed" in shape or shape[0] in ("as-far-as-we-know", "not-on-list"):
        assert page.evaluate("getComputedStyle(document.querySelector('.verdict')).borderTopStyle") == "dashed"


def test_nothing_is_drawn_again_while_nothing_changes(till):
    """The till tells of itself every few seconds; who reads or has a list open is not disturbed."""
    page = till()
    read(page, "VALID")
    page.evaluate("""() => {
      window.drawn = [];
      new MutationObserver((all) => window.drawn.push(...all.map((one) => one.target.id || one.target.nodeName)))
        .observe(document.body, { childList: true, characterData: true, subtree: true, attributes: true });
    }""")
    page.evaluate("window.fake.set({ locksAt: 1, onlineAt: 'later' })")
    page.wait_for_timeout(100)
    assert page.evaluate("window.drawn") == []


# --- the next person ----------------------------------------------------------------------------------------------


def test_the_next_person_is_in_within_three_seconds_by_keyboard_alone(till):
    """A16"""
    page = till()
    for _ in range(3):
        begun = time.monotonic()
        read(page, "VALID")
        for key in ("+", "+", "-"):
            page.keyboard.press(key)
        assert page.locator("#record-words").inner_text() == "Record 1 ticket and 1 child"
        enter(page)
        assert time.monotonic() - begun < 3
        assert (form(page), focused(page), page.input_value("#code")) == (["idle"], "code", "")
    rows = [one for (one,) in calls(page, "record")]
    assert [(row["children"], row["holder"], row["offering"]) for row in rows] == [(1, None, "a")] * 3
    assert len({row["id"] for row in rows}) == 3
    assert page.locator("#echoes li").first.inner_text().split("\n")[0].endswith("1 ticket and 1 child recorded")


def test_a_reader_types_from_wherever_the_focus_is_and_its_second_enter_is_calm(till):
    page = till()
    page.focus("#to-settings")
    read(page, "VALID")
    page.keyboard.press("Enter")
    assert (form(page), calls(page, "record")) == (["valid"], [])
    assert calls(page, "check") == [["VALID"]]
    page.evaluate("window.fake.slow = 300")
    for code in ("OTHER", "EXPIRED"):  # the second one while the first is on its way
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    until(page, "document.querySelector('.verdict').classList.contains('stop')")
    assert calls(page, "check") == [["VALID"], ["OTHER"], ["EXPIRED"]]
    assert page.locator("#left li").count() == 2
    enter(page)
    assert calls(page, "record") == []


def test_a_card_left_before_it_was_recorded_can_be_recorded_too(till):
    page = till()
    read(page, "VALID")
    page.keyboard.press("+")
    read(page, "OTHER")
    assert page.locator("#left li").inner_text().startswith("The previous one was not recorded: 1 ticket and 1 child")
    page.get_by_role("button", name="Record it too").click()
    page.wait_for_timeout(60)
    assert [row["children"] for (row,) in calls(page, "record")] == [1]
    assert (form(page), page.locator("#left li").count(), focused(page)) == (["valid"], 0, "code")
    assert page.locator("#note").inner_text() == "Recorded: 1 ticket and 1 child."
    enter(page)
    assert len(calls(page, "record")) == 2


def test_the_same_card_read_again_keeps_what_was_chosen(till):
    page = till()
    read(page, "VALID")
    page.keyboard.press("+")
    read(page, "va-lid")
    assert page.locator("#left li").count() == 0
    enter(page)
    (row,) = calls(page, "record")[0]
    assert row["children"] == 1


def test_numbers_of_every_kind_of_card(till):
    page = till()
    read(page, "VALID")
    page.get_by_role("button", name="The whole family").click()
    page.wait_for_timeout(60)
    read(page, "GROUP")
    enter(page)
    assert page.locator(".verdict .word").inner_text() == "How many clients?"
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    page.wait_for_timeout(60)
    read(page, "ALREADY")
    enter(page)  # nothing to record yet
    page.keyboard.press("+")
    enter(page)
    read(page, "VALID")
    page.locator("#answer summary").click()
    page.fill("#more", "5")
    page.keyboard.press("Enter")
    page.wait_for_timeout(60)
    rows = [row for (row,) in calls(page, "record")]
    names = ("holder", "children", "clients", "workers")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (None, 2, 0, 0),
        (None, 0, 4, 1),
        (0, 1, 0, 0),
        (None, 5, 0, 0),
    ]


def test_a_season_pass_where_admission_is_open(till):
    page = till(state={"place": {"offering": "b", "day": TODAY}})
    read(page, "OTHER")
    page.locator("#answer summary").click()
    page.fill("#until", "2098-12-31")
    assert page.locator("#record-words").inner_text() == "Record 1 season pass"
    page.keyboard.press("Enter")
    page.wait_for_timeout(60)
    (row,) = calls(page, "record")[0]
    assert (row["kind"], row["until"]) == ("season", "2098-12-31")


def test_without_a_network_the_words_say_so_and_nothing_is_refused_for_good(till):
    page = till("fi", AWAY, outcome={"where": "device"})
    assert page.locator("#connection").inner_text().startswith("Ei yhteyttä · 3 kirjausta odottaa (")
    read(page, "KNOWN")
    enter(page)
    assert page.locator(".verdict .word").inner_text() == "Kirjattu tälle kassalle"
    assert "odottaa lähettämistä" in page.locator("#echoes li").first.inner_text()
    read(page, "LISTED")
    enter(page)
    assert len(calls(page, "record")) == 1
    page.locator("#answer summary").click()
    page.locator("#record").click()
    page.wait_for_timeout(60)
    assert len(calls(page, "record")) == 2
    read(page, "UNLISTED")
    assert page.locator("#answer [name=children]").count() == 4


def test_a_record_that_does_not_fit_says_why_and_keeps_the_card(till):
    page = till(outcome={"status": "refused", "refusal": "offering-full"})
    read(page, "VALID")
    enter(page)
    assert page.locator(".verdict .word").inner_text() == "Not everyone fits"
    assert page.locator("#record").is_visible()


def test_a_device_without_room_says_that_nothing_was_recorded(till):
    page = till("sv", refuse={"record": "storage-full"})
    read(page, "VALID")
    enter(page)
    assert page.locator(".verdict .word").inner_text() == "Inte registrerat"
    assert page.locator("#echoes li").count() == 2


def test_undo_stands_beside_the_record(till):
    page = till()
    page.get_by_role("button", name="Undo").first.click()
    page.wait_for_timeout(60)
    assert calls(page, "undo") == [["1"]]
    assert "1 ticket undone" in page.locator("#echoes li").first.inner_text()
    assert focused(page) == "code"


# --- what is on ---------------------------------------------------------------------------------------------------


def test_the_running_event_is_proposed_and_other_days_are_one_press_away(till):
    page = till("sv", {"place": None})
    assert page.locator("#choose-today .till-on b").all_inner_texts()[:2] == ["Dance", "Photographs"]
    assert page.evaluate("document.activeElement.className") == "till-on proposed"
    page.keyboard.press("Enter")
    expect(page.locator("#on-name")).to_have_text(re.compile(r"^Dance, kl\.\s\d"))
    page.click("#change")
    page.locator("#choose-other-fold summary").click()
    page.get_by_role("button", name="Songs").click()
    assert page.evaluate("window.fake.calls.length") == 0
    expect(page.locator("#on-name")).to_have_text("Songs")
    assert focused(page) == "code"


def test_a_gate_stands_at_its_event_and_a_venue_with_nothing_on_at_its_own_door(till):
    page = till(state={"place": None})
    page.evaluate("(sheet) => window.fake.give({ sheet, state: { place: null } })", SHEET | {"gate_offering": "a"})
    expect(page.locator("#on-name")).to_contain_text("Dance")
    assert page.locator("#change").is_hidden()
    page.evaluate("(sheet) => window.fake.give({ sheet, state: { place: null } })", SHEET | {"offerings": []})
    expect(page.locator("#on-name")).to_have_text("Routa Company, open admission")


# --- ways in ------------------------------------------------------------------------------------------------------


def test_a_browser_becomes_a_till_by_its_code_and_a_pin_chosen_twice(till):
    page = till("fi", {"stage": "new", "device": None}, passkey=True)
    assert focused(page) == "enrol-code"
    for code, pin, again, where, words in [
        ("", "", "", "enrol-code", "Kirjoita kassan koodi."),
        ("ABC", "12345", "12345", "enrol-pin", "Valitse vähintään kuusi numeroa."),
        ("ABC", "123456", "123456", "enrol-pin", "Valitse vaikeammin arvattavat numerot"),
        ("ABC", "111111", "111111", "enrol-pin", "Valitse vaikeammin arvattavat numerot"),
        ("ABC", "274951", "274950", "enrol-again", "PIN-koodit eivät ole samat."),
    ]:
        for name, value in (("code", code), ("pin", pin), ("again", again)):
            page.fill(f"#enrol-{name}", value)
        page.keyboard.press("Enter")
        assert page.locator(f"#{where}-error").inner_text().startswith(words)
        assert (focused(page), page.locator(f"#{where}").get_attribute("aria-invalid")) == (where, "true")
        assert calls(page, "enrol") == []
    page.fill("#enrol-again", "274951")
    page.check("#enrol-passkey")
    page.check("#enrol-online")
    page.keyboard.press("Enter")
    expect(page.locator("#view-counter")).to_be_visible()
    assert calls(page, "enrol") == [["ABC", {"pin": "274951", "onlineOnly": True, "passkey": True}]]
    assert page.locator("#enrol-pin").input_value() == ""


def test_a_code_that_opens_nothing_says_what_to_do(till):
    page = till("sv", {"stage": "new", "device": None}, refuse={"enrol": "wrong-code"})
    for name, value in (("code", "ABC"), ("pin", "274951"), ("again", "274951")):
        page.fill(f"#enrol-{name}", value)
    page.keyboard.press("Enter")
    expect(page.locator("#enrol-code-error")).to_have_text("Den här koden går inte längre att använda. Be om en ny.")


def test_a_gate_pass_is_taken_off_the_address_at_once(till):
    page = till("en", {"stage": "new", "device": None}, fragment="#gate=s3cr-et_code")
    assert page.url.endswith("/till/en/")
    assert page.locator("h1:visible").inner_text() == "The gate of one event"
    assert page.locator("#enrol-code-field").is_hidden()
    for name in ("pin", "again"):
        page.fill(f"#enrol-{name}", "274951")
    page.keyboard.press("Enter")
    page.wait_for_timeout(60)
    assert calls(page, "enrol")[0][0] == "s3cr-et_code"


def test_a_locked_till_tells_how_many_tries_are_left_and_forgets_what_stood_there(till):
    page = till("fi", refuse={"unlock": {"why": "wrong-pin", "triesLeft": 3}})
    read(page, "VALID")
    read(page, "OTHER")
    page.click("#lock")
    expect(page.locator("#locked-heading")).to_have_text("Pääovi")
    assert (focused(page), page.title()) == ("pin", "Pääovi – Kaikukortti-kassa")
    assert page.locator("#left li").count() == 0
    assert page.locator("#answer").inner_text() == ""
    page.keyboard.type("274950")
    page.keyboard.press("Enter")
    expect(page.locator("#pin-error")).to_have_text("Tällä PIN-koodilla kassa ei aukea. 3 yritystä jäljellä.")
    assert (focused(page), page.input_value("#pin")) == ("pin", "")
    page.evaluate("window.fake.give({ refuse: {} })")
    page.keyboard.type("274951")
    page.keyboard.press("Enter")
    expect(page.locator("#view-counter")).to_be_visible()
    assert (form(page), focused(page)) == (["idle"], "code")


# --- queue, settings, stops ---------------------------------------------------------------------------------------


def test_the_queue_shows_what_waits_and_since_when_and_lets_a_person_settle_it(till):
    state = {"queue": WAITS | {"aside": 1}, "news": NEWS}
    page = till("en", state, waiting=[ECHOES[1], ASIDE])
    page.click("#connection")
    assert focused(page) == ""  # the heading
    assert page.locator("#queue-lead").inner_text().startswith("3 records wait to be sent, the oldest from ")
    assert page.locator("#queue-news-rows li").count() == 2
    assert page.locator("#to-day").get_attribute("href").startswith(f"/en/day/?on={TODAY}")
    page.click("#send-now")
    assert calls(page, "sendNow") == [[]]
    page.locator("#queue-aside-rows button", has_text="Try again").click()
    page.wait_for_timeout(60)
    assert calls(page, "setAside") == [["9", "again"]]
    assert page.locator("#queue-aside").is_hidden()
    page.click("#news-seen")
    assert page.locator("#queue-news").is_hidden()
    page.locator("#move summary").click()
    page.select_option("#move-to", label="Photographs")
    page.locator("#move-form button").click()
    expect(page.locator("#queue-lead")).to_have_text("3 records were moved.")
    assert calls(page, "move") == [[{"offering": "a", "day": TODAY}, {"offering": "b", "day": TODAY}]]
    page.keyboard.press("Escape")
    assert focused(page) == "code"


def test_settings_are_few_and_kept_on_the_device(till):
    page = till("sv")
    page.click("#to-settings")
    page.click("#keep")
    expect(page.locator("#fact-lock")).to_have_text(re.compile(r"Kassa till kl\.\s4\.00"))
    page.uncheck("#sound-switch")
    page.locator("#view-settings [data-back]").click()
    assert page.locator("#sound").inner_text() == "Ljud av"
    assert page.evaluate("localStorage.getItem('kaikukortti-till-sounds')") == "off"


def test_a_stopped_till_hands_its_records_over(till):
    state = {"stage": "stopped", "stopped": "copied", "unlocked": False, "queue": WAITS}
    page = till("fi", state, refuse={"unlock": {"why": "wrong-pin"}})
    assert page.locator("h1:visible").inner_text() == "Tämä kassa pysäytettiin varmuuden vuoksi"
    page.fill("#stopped-pin", "274950")
    page.keyboard.press("Enter")
    expect(page.locator("#stopped-pin-error")).to_have_text("Tällä PIN-koodilla kassa ei aukea.")
    page.evaluate("window.fake.give({ refuse: {} })")
    page.fill("#stopped-pin", "274951")
    page.keyboard.press("Enter")
    expect(page.locator("#stopped-fact")).to_have_text("3 kirjausta luovutettiin. Joku työpaikallasi käy ne läpi.")
    page.click("#forget")
    expect(page.locator("#view-enrol")).to_be_visible()


def test_another_window_can_take_over(till):
    page = till(state={"stage": "other-tab"})
    page.click("#take-over")
    expect(page.locator("#view-counter")).to_be_visible()


# --- the camera ---------------------------------------------------------------------------------------------------

WIDTH, HEIGHT = 1280, 720
QR_CODE, LINES_CODE = "7KM9QX2TR7", "3PX8W1ZC04"


def square(code):
    made = segno.make_qr(code, error="h", boost_error=False)
    side = len(made.matrix) + 8
    small = Image.new("L", (side, side), 255)
    for y, row in enumerate(made.matrix):
        for x, dark in enumerate(row):
            if dark:
                small.putpixel((x + 4, y + 4), 0)
    return small.resize((side * 14, side * 14), Image.Resampling.NEAREST)


def stripes(code):
    """Code 39 as the card's back has it, ten pixels to the millimetre: half the camera's picture."""
    drawn = code39_picture(code)
    picture = Image.new("L", (round(drawn.width * 10) + 80, 220), 255)
    draw = ImageDraw.Draw(picture)
    for wide, path in drawn.strokes:
        for middle in re.findall(r"M([\d.]+) ", path):
            left = 40 + (float(middle) - float(wide) / 2) * 10
            draw.rectangle([round(left), 40, round(left + float(wide) * 10) - 1, 180], fill=0)
    return picture


def film(path, pictures, seconds=1.2, fps=10):
    """A camera that shows one picture after the other, with nothing in between."""
    blank = Image.new("L", (WIDTH, HEIGHT), 190)
    colours = bytes([128]) * (WIDTH * HEIGHT // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        for picture in pictures:
            frame = blank.copy()
            frame.paste(picture, ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2))
            for shown in (blank, frame):
                for _ in range(round(seconds * fps)):
                    file.write(b"FRAME\n" + shown.tobytes() + colours)


@pytest.fixture
def with_camera(chromium, live_server, tmp_path):
    """A browser of its own, whose camera is a film of a card's front and back."""
    path = tmp_path / "cards.y4m"
    film(path, [square(QR_CODE), stripes(LINES_CODE)])
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags += [f"--use-file-for-fake-video-capture={path}"]
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, headless=True, args=[*CHROMIUM_FLAGS, *flags])
    context = browser.new_context(base_url=live_server.url, service_workers="block", locale="fi-FI")
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    page.route("**/js/till/till.js", lambda route: route.fulfill(body=FAKE, content_type="text/javascript"))
    codes = {QR_CODE: VERDICTS["VALID"], LINES_CODE: VERDICTS["OTHER"]}
    start = {"sheet": SHEET, "verdicts": codes, "state": HERE}
    page.add_init_script(f"window.fakeStart = {json.dumps(start)};")
    page.goto("/till/en/")
    yield page
    browser.close()
    assert complaints == []


def test_the_camera_reads_a_square_code_and_a_striped_one_once_each_and_rests_while_hidden(with_camera):
    """A12: what the camera reads goes the way of what is typed."""
    page = with_camera
    page.click("#camera")
    assert (focused(page), page.locator("#code").get_attribute("inputmode")) == ("code", "none")
    until(page, "window.fake.calls.filter((one) => one[0] === 'check').length >= 2", 30)
    first = [code for (code,) in calls(page, "check")][:2]
    assert sorted(first) == sorted([QR_CODE, LINES_CODE])
    assert page.locator("#camera-words").inner_text().startswith("Hold the card's square or striped code")
    assert form(page) == ["valid"]
    assert page.locator("#torch").is_hidden()  # this camera has no light
    hide = "(how) => { Object.defineProperty(document, 'visibilityState', { value: how, configurable: true });"
    hide += " document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(hide, "hidden")
    assert page.evaluate("document.getElementById('camera-video').srcObject") is None
    page.evaluate(hide, "visible")
    until(page, "document.getElementById('camera-video').srcObject !== null")
    page.click("#camera-close")
    assert page.locator("#camera-panel").is_hidden()
    until(page, "document.getElementById('camera-video').srcObject === null")
    page.click("#to-settings")
    until(page, "document.querySelectorAll('#camera-choice option').length > 1")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotAllowedError", "Selain ei anna tämän sivun käyttää kameraa."),
        ("NotFoundError", "Kameraa ei löytynyt."),
        ("NotReadableError", "Kamera on käytössä muualla."),
        ("AbortError", "Kamera ei käynnistynyt."),
    ],
)
def test_a_camera_that_does_not_open_says_why_and_typing_goes_on(till, axe, name, words):
    page = till("fi", width=320)
    page.evaluate(
        "(name) => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name)); }", name
    )
    page.click("#camera")
    expect(page.locator("#camera-words")).to_contain_text(words)
    assert focused(page) == "code"
    axe(page)
    read(page, "VALID")
    assert form(page) == ["valid"]


# --- with the register --------------------------------------------------------------------------------------------


def test_screen_and_till_together_from_the_code_to_a_sent_queue(cast, evening, open_page):
    """No fake here: enrolled by hand, a card recorded, another one without a network, and sent by itself."""
    codes = [make_code() for _ in range(4)]
    made = make_cards(cast.workplaces["office"], size=0, by=None, now=NOW_CAST - timedelta(days=700), codes=codes)
    cast.blanks = [one.code for one in made]
    first, second = cast.card(minors=2), cast.card()
    event = cast.offering(cap=50)
    page = open_page("/till/en/")
    page.fill("#enrol-code", make_till_code("Box office", by=cast.ville, now=cast.now).secret)
    for name in ("pin", "again"):
        page.fill(f"#enrol-{name}", "274951")
    page.keyboard.press("Enter")
    page.locator("#choose-today .proposed b").click()
    expect(page.locator("#on-where")).to_contain_text("50 places left")
    read(page, first)
    expect(page.locator(".verdict.valid .fact")).to_have_text("Own ticket and up to 2 children.")
    page.keyboard.press("+")
    enter(page)
    expect(page.locator(".verdict .word")).to_have_text("Recorded")
    page.click("#to-settings")
    expect(page.locator("#fact-list")).to_contain_text("As of", timeout=20_000)
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    read(page, second)
    expect(page.locator(".verdict.as-far-as-we-know .word")).to_have_text("Valid as far as we know")
    enter(page)
    expect(page.locator(".verdict .word")).to_have_text("Recorded on this till")
    expect(page.locator("#connection")).to_contain_text("No connection · 1 record waits")
    read(page, second)
    expect(page.locator(".verdict.already.listed")).to_be_visible()
    page.click("#lock")
    page.locator("#pin").fill("274951")
    page.keyboard.press("Enter")
    expect(page.locator("#connection")).to_contain_text("1 record waits")
    page.context.set_offline(False)
    expect(page.locator("#connection")).to_have_text("Connected", timeout=20_000)
    kept = list(Record.objects.order_by("pk").values_list("source", "happened", "children", "offering"))
    assert kept == [("online", False, 1, event.pk), ("offline", True, 0, event.pk)]
