"""The till in a browser: by keyboard and scanner alone, calm in every state, and the same without a script."""

import time

import pytest
from django.utils import timezone

from kaikukortti.models import Offering, Record
from kaikukortti.rules.codes import shown
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.policies import Policy
from tests.cast import NOW

pytestmark = pytest.mark.database(transaction=True)

SECONDS = 3  # the next person, by keyboard (A16)


@pytest.fixture(autouse=True)
def clock(monkeypatch, cast, evening):
    monkeypatch.setattr(timezone, "now", lambda: cast.now)


@pytest.fixture
def till(cast, signed_in, open_page):
    """`till(offering, "fi", …)` opens Ville's till where it stands."""

    def stand_at(offering=None, language="en", path="", name="routa", **how):
        client = signed_in(name)
        client.post(f"/{language}/till/offering/", {"offering": str(offering.pk) if offering else ""})
        session = client.cookies["sessionid"].value
        return open_page(f"/{language}/till/{path}", session=session, **how)

    return stand_at


def read(page, code, wait=True):
    """A scanner types the code and Enter."""
    page.keyboard.type(code)
    if not wait:
        page.keyboard.press("Enter")
        return
    with page.expect_response("**/till/check/"):
        page.keyboard.press("Enter")
    page.wait_for_timeout(50)


def enter(page):
    """Enter on the empty field, once a bounce can no longer be meant."""
    page.wait_for_timeout(450)
    with page.expect_response("**/till/check/"):
        page.keyboard.press("Enter")
    page.wait_for_timeout(50)


def state(page):
    return page.locator(".verdict").get_attribute("class").split()[1]


def focused(page):
    return page.evaluate("document.activeElement.id")


# --- by keyboard --------------------------------------------------------------------------------------------------


def test_the_next_person_is_in_within_three_seconds_and_focus_never_leaves(cast, till):
    event = cast.offering(cap=50)
    page = till(event)
    for code in [cast.card(minors=2) for _ in range(3)]:
        begun = time.monotonic()
        read(page, code)
        assert (state(page), focused(page)) == ("valid", "code")
        page.keyboard.press("+")
        page.keyboard.press("+")
        page.keyboard.press("-")
        assert page.locator("[data-record]").inner_text().startswith("Record 1 ticket and 1 child")
        enter(page)
        assert time.monotonic() - begun < SECONDS
        assert (state(page), focused(page), page.input_value("#code")) == ("idle", "code", "")
    assert list(Record.objects.values_list("children", flat=True)) == [1, 1, 1]
    assert "44 places left" in page.locator(".till-head").inner_text()


def test_a_verdict_is_announced_once_in_one_polite_region(cast, till):
    page = till(cast.offering())
    page.evaluate(
        """() => { window.told = []; new MutationObserver(() => told.push(said.textContent))
        .observe(said, {childList: true, characterData: true, subtree: true}); }"""
    )
    assert page.locator("[role=status], [aria-live], [role=alert]").count() == 1
    read(page, cast.card(minors=1))
    assert page.evaluate("told") == ["Card is valid. Own ticket and one child."]


def test_a_scanner_that_sends_enter_twice_records_nothing_unseen(cast, till):
    page = till(cast.offering())
    read(page, cast.card(), wait=False)
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict.valid")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert (state(page), Record.objects.count()) == ("valid", 0)


def test_codes_read_faster_than_they_are_answered_are_all_asked(cast, till):
    page = till(cast.offering())

    def slowly(route):
        time.sleep(0.3)
        route.continue_()

    page.route("**/till/check/", slowly)
    codes = [cast.card(minors=0) for _ in range(3)]
    for code in codes:
        read(page, code, wait=False)
    page.wait_for_selector("#left li:nth-child(2)")
    assert (state(page), page.input_value("#code"), Record.objects.count()) == ("valid", "", 0)


def test_a_double_click_on_record_is_one_record(cast, till):
    page = till(cast.offering())
    read(page, cast.card())
    page.locator("[data-record]").dblclick()
    page.wait_for_selector(".verdict.idle")
    page.wait_for_timeout(200)
    assert (Record.objects.count(), focused(page)) == (1, "code")


def test_escape_clears_first_the_field_and_then_the_card(cast, till):
    page = till(cast.offering())
    read(page, cast.card())
    page.keyboard.type("7K")
    page.keyboard.press("Escape")
    assert (page.input_value("#code"), state(page)) == ("", "valid")
    page.keyboard.press("Escape")
    assert (state(page), page.locator("[name=held]").count()) == ("idle", 0)


def test_a_typo_stays_selected_so_that_typing_replaces_it(cast, till):
    page = till(cast.offering())
    read(page, "7KM9QX2TR8")
    assert page.evaluate("code.value.slice(code.selectionStart, code.selectionEnd)") == "7KM9QX2TR8"
    read(page, shown(cast.card()))
    assert state(page) == "valid"


def test_a_hyphen_in_a_code_is_no_minus(cast, till):
    page = till(cast.offering())
    read(page, cast.card(minors=2))
    page.keyboard.press("+")
    page.keyboard.type("7KM-9")
    assert page.input_value("#code") == "7KM-9"
    assert page.locator("[name=children]:checked").input_value() == "1"


def test_a_community_card_counts_clients_by_the_same_keys(cast, till):
    page = till(cast.offering())
    read(page, cast.community_card())
    for _ in range(3):
        page.keyboard.press("+")
    enter(page)
    assert list(Record.objects.values_list("clients", "workers")) == [(3, 1)]


def test_left_unrecorded_then_recorded_too_then_undone(cast, till):
    page = till(cast.offering())
    read(page, cast.card(minors=0))
    read(page, cast.card(minors=0))
    page.get_by_role("button", name="Record it too").click()
    page.wait_for_selector("#echoes li")
    assert (state(page), focused(page), page.locator("#left li").count()) == ("valid", "code", 0)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector("#echoes li:has-text('undone')")
    assert (state(page), focused(page)) == ("valid", "code")


def test_a_tap_on_a_number_returns_to_the_field_and_arrow_keys_do_not(cast, till):
    page = till(cast.offering())
    read(page, cast.card(minors=3))
    page.locator("[name=children][value='1']").click()
    assert focused(page) == "code"
    page.locator("[name=children]:checked").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.value") == "2"


# --- trouble ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["offline", "error"])
def test_when_the_server_is_gone_nothing_is_lost(cast, till, trouble):
    page = till(cast.offering())
    code = cast.card()
    if trouble == "offline":
        page.context.set_offline(True)
    else:
        page.route("**/till/check/", lambda route: route.fulfill(status=500))
    read(page, code, wait=False)
    page.wait_for_selector("#trouble:visible")
    assert page.locator("#disconnected").is_visible()
    assert (page.input_value("#code"), focused(page)) == (code, "code")
    assert "Nothing was lost" in page.locator("#said").text_content()
    page.context.set_offline(False)
    page.unroute("**/till/check/")
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict.valid")
    assert page.locator("#trouble").is_hidden()


def test_a_record_whose_answer_was_lost_is_recorded_once(cast, till):
    page = till(cast.offering())
    read(page, cast.card())

    def swallow(route):
        route.fetch()
        route.abort()

    page.route("**/till/check/", swallow)
    page.wait_for_timeout(450)
    page.keyboard.press("Enter")
    page.wait_for_selector("#trouble:visible")
    page.unroute("**/till/check/")
    enter(page)
    assert (state(page), Record.objects.count()) == ("idle", 1)


def test_signed_out_meanwhile_the_till_leads_to_the_sign_in(cast, till):
    page = till(cast.offering())
    page.context.clear_cookies(name="sessionid")
    read(page, cast.card(), wait=False)
    page.wait_for_url("**/sign-in/?next=%2Fen%2Ftill%2F*")


def test_sounds_are_a_switch_kept_by_the_device(cast, till):
    page = till(cast.offering())
    switch = page.locator("#sound")
    assert switch.inner_text() == "Sounds on"
    switch.click()
    assert (switch.inner_text(), focused(page)) == ("Sounds off", "code")
    page.reload()
    assert page.locator("#sound").inner_text() == "Sounds off"


def test_no_code_is_kept_in_the_browser(cast, till):
    page = till(cast.offering())
    code = cast.card()
    read(page, code)
    enter(page)
    page.reload()
    assert code not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])")
    assert code not in page.content()


# --- without a script ---------------------------------------------------------------------------------------------


def test_without_a_script_the_keyboard_does_the_same(cast, till):
    page = till(cast.offering(), java_script_enabled=False)
    page.locator("#code").fill(cast.card(minors=2))
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict.valid")
    page.locator("[name=children][value='2']").check(force=True)
    page.locator("#code").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".verdict:has-text('1 ticket and 2 children.')")
    page.reload()
    assert Record.objects.get().children == 2
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector(".verdict:has-text('Undone')")


# --- in every state and language ----------------------------------------------------------------------------------


def check_looks(page, axe):
    """No violation, no sideways scroll, every target of the till at least 44 px (A1, A6, A7)."""
    page.wait_for_timeout(100)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        """[...document.querySelectorAll("a, button, summary, label:has(input[type=radio]), input[type=number]")]
        .map(one => [one, one.getBoundingClientRect()])
        .filter(([one, box]) => box.width > 1 && one.offsetParent && !one.closest(".skip")
            && (box.height < 43.5 || box.width < 43.5))
        .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width} x ${box.height}`)"""
    )
    assert small == []


@pytest.mark.parametrize(
    ("language", "width", "dark"), [("fi", 1280, False), ("sv", 320, False), ("en", 320, True), ("fi", 320, True)]
)
def test_every_state_is_accessible(cast, till, axe, language, width, dark):
    event = cast.offering(cap=9)
    given, two = cast.card(minors=2), cast.card(minors=2)
    cast.use(given, offering=event)
    page = till(event, language, width=width, height=640, dark=dark)
    check_looks(page, axe)
    read(page, two)
    page.keyboard.press("+")
    check_looks(page, axe)
    page.locator(".fold summary").click()
    check_looks(page, axe)
    page.locator("#code").focus()
    read(page, given)  # and the card before it is left
    check_looks(page, axe)
    page.keyboard.press("+")
    assert page.locator(".till-add .choice").first.is_visible()
    check_looks(page, axe)
    page.keyboard.press("Escape")
    for code in (cast.card(issued=NOW.replace(year=2025, month=1)), "7KM9QX2TR8"):
        read(page, code)
        check_looks(page, axe)
    page.keyboard.press("Escape")
    read(page, cast.community_card())
    check_looks(page, axe)
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    read(page, two, wait=False)
    page.wait_for_selector("#trouble:visible")
    check_looks(page, axe)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_pages_around_it_are_accessible(cast, till, axe, language):
    event = cast.offering(cap=9)
    cast.offering("routa", OfferingKind.OPEN, published_at=None)
    code = cast.card()
    cast.use(code, offering=event, children=1)
    cast.use(code, offering=event, happened=True)
    cast.policy(Policy.PENDING_USE, True)
    cast.use(cast.blank(), offering=event)
    double = Record.objects.order_by("pk")[1]
    page = till(event, language, "offering/", width=320)
    around = ["till/offering/?when=coming", "day/", "day/?on=2026-01-01", "day/settle/", f"day/{double.reference}/"]
    around += ["offerings/", "offerings/?when=past", "offerings/new/open/", "offerings/new/course/"]
    around += [f"offerings/{event.pk}/{step}" for step in ("", "copy/", "cancel/")]
    for address in around:
        page.goto(f"/{language}/{address}")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.goto(f"/{language}/offerings/new/event/")
    page.locator("main .actions .button").first.click()
    page.wait_for_selector(".field.wrong")
    axe(page)
    assert Offering.objects.count() == 2
    page.goto(f"/{language}/till/")
    page.locator("form[action$='/keep/'] button").click()
    page.goto(f"/{language}/day/")
    axe(page)
