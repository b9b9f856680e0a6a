"""The shop's pages, the holder's codes and the page to try each call in a browser: axe, 320 px, three languages."""

import json
from uuid import uuid4

import pytest
from django.utils import timezone

from kaikukortti import keys
from kaikukortti.actions import webhooks
from kaikukortti.actions.codes import link_digest
from kaikukortti.actions.holds import Wish
from kaikukortti.actions.one_time_codes import claim_code, redeem_code
from kaikukortti.actions.webhooks import MadeWebhook, make_webhook, send_due, tell_test
from kaikukortti.models import DemoMark, Token
from tests.web.test_own import opened

pytestmark = pytest.mark.database(transaction=True)


@pytest.fixture(autouse=True)
def clock(monkeypatch, cast):
    monkeypatch.setattr(timezone, "now", lambda: cast.now)
    monkeypatch.setattr(webhooks, "look_up", lambda url: ["93.184.216.34"])


@pytest.fixture
def evening_of_sales(cast):
    """A redeemed code, one that waits, a use without a code, and messages of every state."""
    event = cast.offering(cap=20)
    for _ in range(2):
        made = claim_code(cast.card(), Wish(children=1), id=uuid4(), by=cast.luukku, now=cast.now, offering=event.pk)
    redeem_code(made.code, id=uuid4(), by=cast.luukku, now=cast.now, offering=event.pk)
    cast.use(cast.card(), offering=event, by=cast.luukku)
    long = "https://shop.example.fi/" + "in-this-long-address/" * 8
    shop = make_webhook(long, by=cast.luukku, now=cast.now)
    assert isinstance(shop, MadeWebhook)
    for status in (200, 410, 500):
        tell_test(shop.webhook, by=cast.luukku, now=cast.now)
        send_due(now=lambda: cast.now, deliver=lambda *_, status=status: status)
    tell_test(shop.webhook, by=cast.luukku, now=cast.now)
    return event


def no_sideways(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("language", "width", "dark"), [("fi", 1280, False), ("sv", 320, True)])
def test_the_shops_pages(cast, signed_in, open_page, axe, evening_of_sales, language, width, dark):
    session = signed_in("luukku").cookies["sessionid"].value
    team = cast.workplaces["luukku"].pk
    page = open_page(f"/{language}/team/", session=session, width=width, dark=dark)
    for path in (
        "team/",
        f"team/{team}/tokens/",
        "shop/messages/",
        "shop/settlements/",
        f"shop/settlements/{evening_of_sales.pk}/",
    ):
        page.goto(f"/{language}/{path}")
        axe(page)
        assert no_sideways(page), path
    page.goto(f"/{language}/shop/messages/")
    page.locator("#id_url").fill("http://shop.example.fi/")
    page.locator("#id_url").press("Enter")
    page.wait_for_selector(".field-error")
    axe(page)
    assert no_sideways(page)
    page.locator("#id_url").fill("https://shop.example.fi/in")
    page.locator("#id_url").press("Enter")
    page.wait_for_selector("text=whsec_")
    axe(page)
    assert no_sideways(page)


@pytest.mark.parametrize(("language", "width", "dark", "easy"), [("fi", 320, False, "0"), ("sv", 1280, True, "1")])
def test_the_holders_codes(cast, open_page, axe, language, width, dark, easy):
    event, full = cast.offering(cap=5), cast.offering(cap=0)
    session = opened(cast.card(), cast).cookies["sessionid"].value
    page = open_page(f"/{language}/my/codes/?easy={easy}", session=session, width=width, dark=dark)
    for path in ("", f"{event.pk}/", f"{full.pk}/"):
        page.goto(f"/{language}/my/codes/{path}")
        axe(page)
        assert no_sideways(page), path
    page.locator("main form button").first.click()
    page.wait_for_selector("[role=alert]")
    axe(page)
    page.goto(f"/{language}/my/codes/{event.pk}/")
    page.locator("main select").select_option("2")
    page.locator("main form button").first.click()
    page.wait_for_selector(".one-time")
    axe(page)
    assert no_sideways(page)
    page.goto(f"/{language}/my/codes/")
    axe(page)
    assert no_sideways(page)


@pytest.mark.parametrize(("language", "width", "dark"), [("fi", 320, False), ("sv", 1280, True)])
def test_each_call_can_be_tried(cast, open_page, axe, language, width, dark):
    """With a token that is typed, to this register only; nothing of it stays in the browser."""
    Token.objects.create(
        workplace=cast.workplaces["routa"], label="try", digest=link_digest("typed-token"), made_at=cast.now
    )
    page = open_page(f"/{language}/calls/try/", width=width, dark=dark)
    page.locator("#call").wait_for()
    axe(page)
    assert no_sideways(page)
    asked = []
    page.on("request", lambda request: asked.append((request.method, request.url, request.headers)))
    page.locator("#call").select_option("check")
    page.locator("#token").fill("typed-token")
    page.locator("#body").fill(json.dumps({"code": cast.card()}))
    page.locator("#try button[type=submit]").click()
    page.locator("#answer", has_text="child_places").wait_for()
    assert json.loads(page.locator("#answer").inner_text())["allowed"] is True
    assert [(method, headers["authorization"]) for method, _url, headers in asked] == [("POST", "Bearer typed-token")]
    assert "cookie" not in asked[0][2]
    axe(page)
    assert no_sideways(page)
    # What is not JSON is not sent; a call without a token is answered as a program would be.
    page.locator("#body").fill("{")
    page.locator("#try button[type=submit]").click()
    assert page.evaluate("document.querySelector('#answer').textContent") == ""
    assert len(asked) == 1
    page.locator("#token").fill("")
    page.locator("#call").select_option("list_offerings")
    page.locator("#try button[type=submit]").click()
    page.locator("#answer", has_text="problem-no-token").wait_for()
    kept = page.evaluate("[JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}), document.cookie]")
    assert "typed-token" not in "".join(kept)


def test_a_case_of_the_sandbox_is_fetched_and_played(cast, open_page, axe):
    """In a demo the page lists the cases and fills in one call after the other."""
    keys.make_missing(keys.DEMO)
    DemoMark.objects.create(digest="0" * 64, made_at=cast.now)
    Token.objects.create(
        workplace=cast.workplaces["routa"], label="try", digest=link_digest("typed-token"), made_at=cast.now
    )
    page = open_page("/en/calls/try/", width=320)
    page.locator("#token").fill("typed-token")
    page.locator("#reset").click()
    page.locator("#answer", has_text='"offerings": 7').wait_for()
    page.locator("#fetch-cases").click()
    page.locator("#case:enabled").wait_for()
    axe(page)
    assert no_sideways(page)
    values = page.locator("#case option").evaluate_all("options => options.map(one => [one.textContent, one.value])")
    chosen = next(value for words, value in values if words.startswith("not-together"))
    page.locator("#case").select_option(chosen)
    page.locator("#try button[type=submit]").click()
    page.locator("#answer", has_text="not-together").or_(page.locator("#answer", has_text="card-unknown")).wait_for()
    chosen = next(value for words, value in values if words.startswith("already-recorded"))
    page.locator("#case").select_option(chosen)
    assert page.locator("#step").inner_text() == "Step 1 of 2"
    page.locator("#try button[type=submit]").click()
    page.locator("#step", has_text="Step 2 of 2").wait_for()
