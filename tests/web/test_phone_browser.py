"""The phone card on a phone: without a network, after a block, in three languages, and before a till's scanner."""

import io
import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import zxingcpp
from PIL import Image

from kaikukortti.actions.cards import Holder, Issued
from kaikukortti.actions.looking_after import block_card
from kaikukortti.actions.phone import issue_onto_phone, new_link
from kaikukortti.models import Card, HolderAccess, PhoneCard
from kaikukortti.terms.kinds import BlockReason
from tests.test_house import ROOT

pytestmark = pytest.mark.database(transaction=True)

HOME = "/my/phone/"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def link(cast, evening):
    """A card that waits behind a link."""
    link = new_link()
    holder = Holder(birth_year=1980, minors=2, postal_code="87100")
    assert isinstance(issue_onto_phone(link, by=cast.aino, now=cast.now, holder=holder, id=uuid4()), Issued)
    return link


@pytest.fixture
def phone(link, open_page):
    """`phone("fi", …)` opens the link on a phone and takes the card."""

    def take(language="fi", **how):
        page = open_page(f"/{language}/my/phone/{link}/", **PHONE | how)
        page.click(".button")
        page.wait_for_selector("#plate")
        return page

    return take


def at_home(page):
    """The page that the home screen opens, with its worker at work."""
    page.goto(HOME)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_selector("#card:not([hidden])")
    return page


def code_on(page):
    return page.inner_text("#code").replace(" ", "")


def scanned(page):
    """What a scanner reads from the screen."""
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))
    return [one.text for one in found]


def test_the_card_is_there_without_a_network_and_a_block_with_the_next(cast, phone):
    page = phone("fi")
    page.locator("#kept", has_text="Kortti on nyt tallessa tässä puhelimessa.").wait_for()
    code = code_on(page)
    at_home(page)
    assert code_on(page) == code
    assert page.inner_text("#last-day") == "23.11.2027"

    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("#card:not([hidden])")
    assert (code_on(page), page.inner_text("#children"), page.title()) == (code, "2", "Kaikukortti")
    page.locator("#state", has_text="ti 24.11. klo 18.55").wait_for()
    page.locator("#state", has_text="sikäli kuin tiedämme").wait_for()
    assert scanned(page) == [code]
    page.click("[data-language=en]")
    assert page.inner_text("#last-day") == "23 November 2027"
    assert "As of Tue 24 November at 18:55" in page.inner_text("#state")
    page.reload()
    page.wait_for_selector("#card:not([hidden])")
    assert page.inner_text(".mine") == "My card"  # the language is kept too

    block_card(Card.objects.get(), reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    page.context.set_offline(False)
    page.reload()
    page.locator("#stop", has_text="Your card is now blocked.").wait_for()
    assert page.locator("#plate").is_hidden()
    page.context.set_offline(True)
    page.reload()
    page.locator("#stop", has_text="Your card is now blocked.").wait_for()  # and stays so


def test_the_card_runs_out_by_the_phones_own_date(phone):
    page = at_home(phone("sv"))
    page.context.set_offline(True)
    page.clock.set_fixed_time(datetime(2027, 11, 23, 21, 59, 59, tzinfo=UTC))  # a second before midnight in Finland
    page.reload()
    page.wait_for_selector("#card:not([hidden])")
    assert page.locator("#stop").is_hidden()
    page.clock.set_fixed_time(datetime(2027, 11, 23, 22, 0, 1, tzinfo=UTC))
    page.reload()
    page.locator("#stop", has_text="Kortets giltighet gick ut 23.11.2027.").wait_for()
    assert page.locator("#children-row").is_hidden()


def test_the_holder_takes_the_card_off_the_phone(phone):
    page = at_home(phone("en"))
    page.click("#remove")
    page.click("#remove-not")
    assert page.evaluate("document.activeElement.id") == "remove"
    page.click("#remove")
    with page.expect_response("**/my/phone/remove"):
        page.click("#remove-sure")
    page.get_by_text("The card is off this phone.").wait_for()
    assert page.locator("#plate").is_hidden()
    assert not PhoneCard.objects.exists()
    page.reload()
    page.get_by_text("There is no card on this phone yet.").wait_for()
    assert page.get_attribute("#to-carry", "href") == "/en/my/phone/carry/"


def test_only_the_phones_own_storage_knows_the_card(phone):
    page = at_home(phone("en"))
    code = code_on(page)
    assert code in page.evaluate("JSON.stringify(localStorage)")
    kept = page.evaluate(
        """async () => {
          const texts = [document.cookie, JSON.stringify(sessionStorage)];
          for (const name of await caches.keys()) {
            const kept = await caches.open(name);
            for (const request of await kept.keys()) {
              texts.push(request.url, await (await kept.match(request)).text());
            }
          }
          return texts.join("\\n");
        }"""
    )
    assert "phone.js" in kept
    assert code not in kept


@pytest.mark.parametrize(("width", "dark"), [(320, False), (390, True)])
def test_a_till_reads_the_card_from_the_screen(phone, width, dark):
    page = phone("sv", width=width, height=640, dark=dark)
    code = code_on(page)
    assert scanned(page) == [code]  # right after opening
    at_home(page)
    assert scanned(page) == [code]
    qr, plate = page.locator("#qr").bounding_box(), page.locator("#plate").bounding_box()
    assert qr["width"] > 0.8 * plate["width"]
    assert page.evaluate("getComputedStyle(document.querySelector('#plate')).backgroundColor") == "rgb(255, 255, 255)"


def test_without_a_script_the_card_shows_right_after_opening(phone, open_page):
    page = phone("fi", java_script_enabled=False)
    code = code_on(page)
    assert len(code) == 10
    assert scanned(page) == [code]
    assert page.locator("#no-script", has_text="Ota kuvakaappaus").is_visible()
    page.goto(HOME)
    assert page.locator("noscript .ways").bounding_box()["height"] > 80


@pytest.mark.parametrize(("language", "width", "dark"), [("fi", 320, False), ("sv", 320, True), ("en", 390, False)])
def test_every_page_of_the_phone_is_accessible(cast, link, open_page, axe, language, width, dark):
    def judge():
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page = open_page(f"/{language}{HOME}", width=width, dark=dark)
    judge()  # no such link
    page.goto(HOME)
    page.wait_for_selector("#none:not([hidden])")
    judge()
    page.goto(f"/{language}/my/phone/{link}/")
    judge()
    if language == "en":  # whose holder has chosen a secret before
        HolderAccess.objects.create(card=Card.objects.get(), digest="own", opened_at=cast.now)
    page.click(".button")
    page.wait_for_selector("#with-script:not([hidden])")
    if language == "en":
        judge()
        page.goto("/en/my/phone/carry/")
        page.click("form .button")
        page.wait_for_selector(".mend")
    else:
        page.click("summary")
    judge()
    at_home(page)
    page.click(f"[data-language={language}]")
    page.click("#remove")
    judge()
    block_card(Card.objects.get(), reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    page.reload()
    page.wait_for_selector("#stop:not([hidden])")
    judge()


@pytest.mark.parametrize(("language", "width", "dark"), [("fi", 1280, False), ("sv", 320, True)])
def test_the_workers_screen_is_accessible_and_scanned(cast, signed_in, open_page, axe, language, width, dark):
    session = signed_in("office").cookies["sessionid"].value
    page = open_page(f"/{language}/desk/phone/", width=width, dark=dark, session=session)
    axe(page)
    for number in ("1980", "87100", "0"):
        page.keyboard.type(number)
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # no reminders
    page.wait_for_selector(".summary")
    axe(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".to-scan")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    (address,) = [one.text for one in zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot(full_page=True))))]
    phone = open_page(address, locale=f"{language}-FI", **PHONE)
    assert f"/{language}/my/phone/" in phone.url
    phone.click(".button")
    phone.wait_for_selector("#plate")
    page.locator(".taken").wait_for()  # the worker's screen notices
    axe(page)
    page.goto(f"/{language}/cards/{Card.objects.get().pk}/phone/")
    axe(page)


# --- old phones ---------------------------------------------------------------------------------------------------

NEW_RULES = r"@layer|@container|:has\(|:is\(|:where\(|clamp\(|\bgap:|inset:|aspect-ratio|margin-inline|padding-block|&"
NEW_SCRIPT = r"\?\.|\?\?|\|\|=|&&=|\.at\(|replaceAll|replaceChildren|structuredClone|Object\.hasOwn|\bstatic\b|#\w+\s*="


def test_old_phones_understand_its_rules_and_its_script():
    """Chrome 80, iOS 13.0"""
    static = ROOT / "kaikukortti" / "static" / "kaikukortti"
    assert re.findall(NEW_RULES, (static / "css" / "phone.css").read_text()) == []
    script = re.sub(r"/\*.*?\*/|\"[^\"]*\"|//.*", "", (static / "js" / "phone.js").read_text(), flags=re.DOTALL | re.M)
    assert re.findall(NEW_SCRIPT, script) == []
