"""Passkeys in Chromium with a virtual authenticator: made, used to sign in, and as second factor."""

import json
from urllib.parse import parse_qs

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password

from kaikukortti.models import Card
from kaikukortti.web.second_factor import CONFIRMED

pytestmark = [pytest.mark.database(transaction=True), pytest.mark.usefixtures("evening")]

PASSWORD = "kolme sinistä venettä"


@pytest.fixture
def aino(cast):
    user = cast.aino.user
    user.password = make_password(PASSWORD)
    user.save()
    return user


def with_device(page, *, verified=True):
    """A phone that makes passkeys and whose owner is there."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }
    device = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return session, device


def test_a_passkey_is_made_and_signs_in_without_a_password(open_page, signed_in, cast, aino, axe):
    """It says who it is and that its owner is there: a card's row opens at once."""
    cast.card()
    card = Card.objects.exclude(holder=None).get()
    key = signed_in("office", factor=False).session.session_key
    page = open_page("/fi/own-sign-in/", session=key)
    with_device(page)
    axe(page)
    page.locator("a[href$='/own-sign-in/passkey/']").click()
    axe(page)
    page.fill("input[name=name]", "Työpuhelin")
    page.locator("[data-passkey=make]").click()
    page.wait_for_selector(".recovery li")
    axe(page)
    assert page.locator(".recovery li").count() == 10
    made = Authenticator.objects.get(user=aino, type="webauthn")
    assert made.data["name"] == "Työpuhelin"

    page.context.clear_cookies()
    page.goto(f"/fi/cards/{card.pk}/")
    assert "/fi/sign-in/" in page.url
    axe(page)
    page.locator("[data-passkey=use]").click()
    page.wait_for_url(f"**/fi/cards/{card.pk}/")
    assert "87100" in page.inner_text("main")


def test_it_is_a_second_factor_too(open_page, signed_in, cast, aino, axe):
    page = open_page(
        "/fi/own-sign-in/passkey/", session=signed_in("office", factor=False).session.session_key, width=320
    )
    with_device(page)
    page.locator("[data-passkey=make]").click()
    page.wait_for_selector(".recovery li")
    page.context.clear_cookies()
    page.goto("/fi/own-sign-in/app/")
    page.fill("input[name=username]", "aino")
    page.fill("input[name=password]", PASSWORD)
    page.locator("form:has(input[name=password]) button").click()
    page.wait_for_url("**/fi/second-factor/**")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator("[data-passkey=use]").click()
    page.wait_for_url("**/fi/own-sign-in/app/")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_device_that_does_not_know_its_owner_opens_nothing(open_page, signed_in, cast, aino):
    """A phone found on a bus: the browser gets no answer, and the page says what else to do."""
    page = open_page("/en/own-sign-in/passkey/", session=signed_in("office", factor=False).session.session_key)
    session, device = with_device(page)
    page.locator("[data-passkey=make]").click()
    page.wait_for_selector(".recovery li")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.context.clear_cookies()
    page.goto("/en/sign-in/")
    page.locator("[data-passkey=use]").click()
    page.wait_for_selector("text=The passkey did not answer.")
    assert page.url.endswith("/en/sign-in/")


@pytest.mark.parametrize(
    "sent", ["", "x", "{}", "[]", '{"id": "x", "rawId": "eA", "type": "public-key", "response": {}}']
)
def test_what_is_no_answer_of_a_device_opens_nothing(client, aino, sent):
    client.post("/en/sign-in/passkey/challenge/")
    answer = client.post("/en/sign-in/passkey/", {"passkey": sent})
    assert answer.status_code == 422
    assert "The passkey did not answer." in answer.content.decode()


def test_an_answer_is_good_for_one_challenge(open_page, signed_in, client, cast, aino, live_server):
    """What one browser sent opens nothing when it is sent again, or to a challenge of another browser."""
    page = open_page("/en/own-sign-in/passkey/", session=signed_in("office", factor=False).session.session_key)
    with_device(page)
    page.locator("[data-passkey=make]").click()
    page.wait_for_selector(".recovery li")
    page.context.clear_cookies()
    page.goto("/en/sign-in/")
    sent = []
    page.on("request", lambda request: sent.append(request.post_data) if request.url.endswith("/passkey/") else None)
    page.locator("[data-passkey=use]").click()
    page.wait_for_url("**/en/desk/")
    answer = parse_qs(sent[-1])["passkey"][0]
    assert json.loads(answer)["type"] == "public-key"
    host = live_server.url.removeprefix("http://")
    client.post("/en/sign-in/passkey/challenge/", headers={"Host": host})
    again = client.post("/en/sign-in/passkey/", {"passkey": answer}, headers={"Host": host})
    assert again.status_code == 422
    assert CONFIRMED not in client.session


def test_the_sign_in_page_makes_no_session(client):
    """Who only looks at it gets no cookie but the form's."""
    assert set(client.get("/en/sign-in/").cookies) <= {"csrftoken"}
