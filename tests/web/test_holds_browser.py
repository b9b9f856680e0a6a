"""Kept places in a browser: at the desk, on the holder's pages, on the phone card; narrow and wide, judged by axe."""

import pytest
from django.utils import timezone

from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.seats import release_seats
from kaikukortti.models import Record
from tests.actions.test_cards import card_of
from tests.actions.test_holds import EARLY, kept
from tests.actions.test_waiting import full, phone, waits
from tests.web.test_own import opened

pytestmark = pytest.mark.database(transaction=True)


@pytest.fixture
def afternoon(cast, monkeypatch):
    cast.at(EARLY)
    monkeypatch.setattr(timezone, "now", lambda: cast.now)
    return cast


@pytest.fixture
def judged(axe):
    """`judged(page)`: axe finds nothing, and nothing scrolls sideways."""

    def judge(page):
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        axe(page)

    return judge


@pytest.mark.parametrize(("language", "width", "dark"), [("fi", 320, False), ("sv", 320, True), ("en", 1280, False)])
def test_every_state_of_kept_places_is_accessible(
    afternoon, signed_in, open_page, monkeypatch, judged, language, width, dark
):
    cast, event = afternoon, afternoon.offering(cap=6, children_cap=3, wheelchair_cap=1)
    session = signed_in("routa").cookies["sessionid"].value
    monkeypatch.setattr(timezone, "now", lambda: cast.now)
    code = cast.card()
    page = open_page(f"/{language}/offerings/{event.pk}/places/", session=session, width=width, dark=dark)
    judged(page)
    page.keyboard.type(code)  # focus stands in the code field
    page.fill("#id_children", "2")
    page.fill("#id_wheelchair", "1")
    page.keyboard.press("Enter")
    page.locator(".k-number", has_text="K-1").wait_for()
    judged(page)
    kept(cast, cast.card(), event, children=1)
    page.keyboard.type(cast.card())
    page.fill("#id_children", "2")
    page.keyboard.press("Enter")
    page.locator(".notice.warning").wait_for()
    page.locator("button[name=wait]").click()
    page.locator(".notice.warning").wait_for()
    judged(page)
    page.locator(".rows details summary").first.click()
    judged(page)
    page.goto(f"/{language}/offerings/{event.pk}/places/list/")
    judged(page)
    page.goto(f"/{language}/offerings/{event.pk}/places/")
    page.fill("#id_seats", "4")
    page.locator("form[action$='/seats/'] button").click()
    page.locator("button[name=back]").wait_for()
    judged(page)
    page.goto(f"/{language}/offerings/{event.pk}/cancel/")
    judged(page)
    page.goto(f"/{language}/offerings/{event.pk}/")
    judged(page)
    page.goto(f"/{language}/near/?municipality=205")
    judged(page)
    page.goto(f"/{language}/areas/kainuu/")
    judged(page)


@pytest.mark.parametrize(("language", "width"), [("fi", 320), ("sv", 1280)])
def test_the_till_says_what_is_kept(afternoon, signed_in, open_page, monkeypatch, judged, language, width):
    cast, event = afternoon, afternoon.offering(cap=6)
    session = signed_in("routa").cookies["sessionid"].value
    monkeypatch.setattr(timezone, "now", lambda: cast.now)
    kept(cast, cast.card(), event, children=1)
    page = open_page(f"/{language}/till/offering/", session=session, width=width)
    page.locator(f"button[value='{event.pk}']").click()
    page.locator("#code").wait_for()
    page.keyboard.type("k-1")
    page.keyboard.press("Enter")
    page.locator("#verdict", has_text="K-1").wait_for()
    judged(page)
    page.wait_for_timeout(500)  # an Enter right after a verdict is a scanner's
    page.keyboard.press("Enter")
    page.locator("#echoes li").first.wait_for()
    assert (Record.objects.get().holder, Record.objects.get().children) == (1, 1)
    page.keyboard.type("K-9")
    page.keyboard.press("Enter")
    page.locator("#verdict", has_text="K-9").wait_for()
    judged(page)


@pytest.mark.parametrize(("language", "easy"), [("fi", False), ("sv", True), ("en", False)])
def test_the_holders_page_of_kept_places(afternoon, open_page, judged, language, easy):
    cast = afternoon
    code = phone(cast)
    browser = opened(code, cast)
    event, _given = full(cast)
    waits(cast, code, event)
    kept(cast, code, cast.offering(cap=4), children=1)
    session = browser.cookies["sessionid"].value
    page = open_page(f"/{language}/my/places/?easy={int(easy)}", session=session, width=320)
    page.get_by_text("K-1").first.wait_for()
    judged(page)
    page.locator("form[action$='/leave/'] button").click()
    page.locator("form[action$='/release/'] button").click()
    page.wait_for_load_state()
    assert page.locator("form[action$='/release/']").count() == 0
    judged(page)


@pytest.mark.parametrize(("language", "width"), [("fi", 320), ("sv", 390)])
def test_the_phone_card_shows_the_news_and_forgets_it_in_time(afternoon, open_page, judged, language, width):
    cast = afternoon
    event, (record,) = full(cast)
    code = cast.card()
    browser = opened(code, cast)
    page = open_page(
        f"/{language}/my/phone/carry/",
        session=browser.cookies["sessionid"].value,
        width=width,
        timezone_id="Europe/Helsinki",
    )
    page.clock.set_fixed_time(cast.now)
    page.locator("#id_code").fill(code)
    page.locator("form button").click()
    page.locator("#with-script").wait_for()
    waits(cast, code, event)
    page.goto("/my/phone/")
    page.locator("#news-list li").wait_for()
    judged(page)
    reverse_use(Record.objects.get(pk=record), by=cast.ville, now=cast.now)
    page.reload()
    page.locator("#news-list b", has_text="K-1").wait_for()
    judged(page)
    assert card_of(code, cast).holds.get().number == 1
    page.clock.set_fixed_time(event.starts_at)
    page.context.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(300)
    assert page.locator("#news").is_hidden()


def test_released_seats_come_first_in_the_phones_list(afternoon, open_page):
    cast = afternoon
    cast.offering(name_fi="Aiempi", starts_at=EARLY.replace(hour=17))
    event = cast.offering(cap=0, name_fi="Vapaita")
    release_seats(event, seats=2, by=cast.ville, now=cast.now)
    page = open_page("/fi/near/?municipality=205", width=320)
    assert "Vapaita" in page.locator("ul.on li").first.inner_text()
