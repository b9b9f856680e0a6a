"""A workplace's web shop on the pages: messages with their dead letters, settlements, what a token may do; and the
holder's codes for web shops."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kaikukortti.actions import webhooks
from kaikukortti.actions.holds import Wish
from kaikukortti.actions.one_time_codes import claim_code, redeem_code
from kaikukortti.actions.webhooks import send_due
from kaikukortti.models import Hold, Membership, Record, Token, Waiting, Webhook, WebhookMessage
from kaikukortti.rules.one_time_codes import read_one_time_code
from tests.web.pages import text
from tests.web.test_own import opened

pytestmark = pytest.mark.database
MESSAGES, SETTLEMENTS, CODES = "/en/shop/messages/", "/en/shop/settlements/", "/en/my/codes/"


@pytest.fixture(autouse=True)
def clock(monkeypatch, cast):
    monkeypatch.setattr(timezone, "now", lambda: cast.now)


@pytest.fixture(autouse=True)
def public(monkeypatch):
    """Names mean a public address here; nothing is connected to."""
    monkeypatch.setattr(webhooks, "look_up", lambda url: ["93.184.216.34"])


def with_address(browser):
    answer = browser.post(MESSAGES, {"url": "https://shop.example.fi/in"})
    assert answer.status_code == 200, text(answer)
    return answer, Webhook.objects.get(ended_at=None)


# --- messages -----------------------------------------------------------------------------------------------------


def test_an_address_is_added_its_secret_shown_once_and_changed(signed_in):
    liisa = signed_in("luukku")
    answer, webhook = with_address(liisa)
    first = re.search(r"whsec_[\w+/=]+", text(answer))
    assert first
    assert first[0] not in text(liisa.get(MESSAGES))
    second = re.search(r"whsec_[\w+/=]+", text(liisa.post(f"{MESSAGES}{webhook.pk}/secret/")))
    assert second
    assert second[0] != first[0]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "Write the address."),
        ("shop", "Write the whole address"),
        ("http://shop.example.fi/", "must begin with https://"),
        ("https://192.168.1.1/", "not in an own network"),
    ],
)
def test_an_address_that_will_not_do_is_told_why(signed_in, url, said):
    answer = signed_in("luukku").post(MESSAGES, {"url": url})
    assert answer.status_code == 422
    assert said in text(answer)
    assert not Webhook.objects.exists()


def test_a_test_is_sent_given_up_and_sent_again(signed_in, cast):
    liisa = signed_in("luukku")
    _answer, webhook = with_address(liisa)
    assert "on its way" in text(liisa.post(f"{MESSAGES}{webhook.pk}/test/", follow=True))
    send_due(now=lambda: cast.now, deliver=lambda *_: 410)
    page = text(liisa.get(MESSAGES))
    assert "One message could not be delivered." in page
    assert "given up" in page
    assert "last answer: 410" in page
    message = WebhookMessage.objects.get()
    assert "on its way again" in text(liisa.post(f"{MESSAGES}{message.pk}/again/", follow=True))
    send_due(now=lambda: cast.now, deliver=lambda *_: 204)
    assert "delivered" in text(liisa.get(MESSAGES))


def test_messages_are_ended_after_a_question(signed_in):
    liisa = signed_in("luukku")
    _answer, webhook = with_address(liisa)
    assert "End the messages?" in text(liisa.get(f"{MESSAGES}{webhook.pk}/end/"))
    assert Webhook.objects.get().ended_at is None
    liisa.post(f"{MESSAGES}{webhook.pk}/end/")
    assert Webhook.objects.get().ended_at
    assert liisa.post(f"{MESSAGES}{webhook.pk}/test/").status_code == 404


def test_who_is_no_contact_person_finds_no_messages(signed_in, cast):
    Membership.objects.filter(workplace=cast.workplaces["luukku"]).update(is_contact=False)
    liisa = signed_in("luukku")
    assert liisa.get(MESSAGES).status_code == 403
    assert "Messages to your shop" not in text(liisa.get("/en/team/"))
    assert "Settlements of one-time codes" in text(liisa.get("/en/team/"))


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_messages_asks_as_much_for_three_as_for_one(signed_in, cast, django_assert_max_num_queries, number):
    liisa = signed_in("luukku")
    _answer, webhook = with_address(liisa)
    for _ in range(number):
        liisa.post(f"{MESSAGES}{webhook.pk}/test/")
    liisa.get(MESSAGES)
    with django_assert_max_num_queries(12):
        assert text(liisa.get(MESSAGES)).count("a test") >= number


# --- settlements --------------------------------------------------------------------------------------------------


def sold(cast, event, **wish):
    made = claim_code(cast.card(), Wish(**wish), id=uuid4(), by=cast.luukku, now=cast.now, offering=event.pk)
    assert made.hold, made
    return made


def test_a_settlement_shows_what_became_of_each_code_and_what_does_not_match(signed_in, cast):
    event = cast.offering(cap=20)
    used = sold(cast, event, children=2)
    redeem_code(used.code, id=uuid4(), by=cast.luukku, now=cast.now, offering=event.pk)
    wrong = sold(cast, event)
    back = redeem_code(wrong.code, id=uuid4(), by=cast.luukku, now=cast.now, offering=event.pk)
    sold(cast, event)
    cast.use(cast.card(), offering=event, by=cast.luukku)
    signed_in("routa").post(
        f"/en/day/{Record.objects.get(pk=back.answer.record or 0).reference}/reverse/", {"reason": "wrong-event"}
    )
    for who in ("luukku", "routa"):
        page = text(signed_in(who).get(f"{SETTLEMENTS}{event.pk}/"))
        assert "2 lines do not match and are marked." in page
        assert "redeemed, and the use was reversed later" in page
        assert "a use without a code" in page
    lines = signed_in("luukku").get(f"{SETTLEMENTS}{event.pk}.csv").content.decode().splitlines()
    assert lines[0] == "seller,one_time_code,issued_at,state,ended_at,places,children,use,mismatch"
    states = sorted((line.split(",")[3], line.split(",")[8]) for line in lines[1:])
    assert states == [
        ("", "use-without-a-code"),
        ("redeemed", ""),
        ("redeemed", "redeemed-and-reversed"),
        ("waiting", ""),
    ]
    codes = {read_one_time_code(one.code) for one in (used, wrong)}
    assert not any(code in "".join(lines) for code in codes if code)


def test_another_sellers_settlement_is_not_found(signed_in, cast):
    event = cast.offering("tapiola")
    for who in ("luukku", "routa"):
        assert signed_in(who).get(f"{SETTLEMENTS}{event.pk}/").status_code == 404
        assert signed_in(who).get(f"{SETTLEMENTS}{event.pk}.csv").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_a_settlement_asks_as_much_for_three_codes_as_for_one(signed_in, cast, django_assert_max_num_queries, number):
    event, venue = cast.offering(cap=20), signed_in("routa")
    for _ in range(number):
        sold(cast, event)
    venue.get(f"{SETTLEMENTS}{event.pk}/")
    with django_assert_max_num_queries(14):
        venue.get(f"{SETTLEMENTS}{event.pk}/")
    with django_assert_max_num_queries(10):
        assert str(event) in text(venue.get(SETTLEMENTS))


# --- tokens -------------------------------------------------------------------------------------------------------


def test_what_a_token_may_do_is_chosen_and_shown(signed_in, cast):
    ville, number = signed_in("routa"), cast.workplaces["routa"].pk
    made = ville.post(f"/en/team/{number}/tokens/", {"label": "Shop", "scopes": ["codes", "offerings"]})
    assert "make and take in one-time codes" in text(made)
    assert Token.objects.get().scopes == ["offerings", "codes"]
    assert "make and take in one-time codes" in text(ville.get("/en/team/"))
    assert ville.post(f"/en/team/{number}/tokens/", {"label": "Shop", "scopes": ["cards"]}).status_code == 422
    ville.post(f"/en/team/{number}/tokens/", {"label": "All"})
    assert Token.objects.get(label="All").scopes == []
    assert "everything this workplace can" in text(ville.get("/en/team/"))


# --- the holder ---------------------------------------------------------------------------------------------------


def test_a_holder_makes_a_code_that_the_seller_redeems(cast):
    event = cast.offering(cap=5)
    cast.offering(sold_by_agents=False)
    browser = opened(cast.card(minors=2), cast)
    page = text(browser.get(CODES))
    assert page.count("An evening of contemporary dance") == 1
    shown = text(browser.post(f"{CODES}{event.pk}/", {"children": "2"}))
    code = re.search(r"\b[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{4}\b", shown)
    assert code
    assert "Lippuluukku" in shown
    waiting = text(browser.get(CODES))
    assert "Codes that wait to be used" in waiting
    assert code[0] not in waiting
    told = redeem_code(code[0], id=uuid4(), by=cast.luukku, now=cast.now, offering=event.pk)
    assert (told.answer.refusal, told.hold and told.hold.places) == (None, 3)


def test_a_holder_gives_the_places_of_a_code_back(cast):
    event = cast.offering(cap=5)
    browser = opened(cast.card(), cast)
    browser.post(f"{CODES}{event.pk}/", {"children": "0"})
    assert "A code of yours waits for this already." in text(browser.get(f"{CODES}{event.pk}/"))
    hold = Hold.objects.get()
    stranger = opened(cast.card(), cast)
    assert stranger.post(f"{CODES}{hold.pk}/release/").status_code == 404
    assert "free for others" in text(browser.post(f"{CODES}{hold.pk}/release/", follow=True))
    assert Hold.objects.get().end == "released"


def test_where_the_codes_have_run_out_one_press_puts_on_the_wait_list(cast):
    event = cast.offering(cap=0)
    browser = opened(cast.card(), cast)
    answer = browser.post(f"{CODES}{event.pk}/", {"children": "0"})
    assert answer.status_code == 422
    assert "The one-time codes have run out." in text(answer)
    assert "Go on the wait list" in text(answer)
    # Its news goes to the phone card only, so a card on no phone is told that first.
    told = text(browser.post(f"{CODES}{event.pk}/", {"children": "0", "wait": "1"}, follow=True))
    assert "this card is on no phone yet" in told
    assert not Waiting.objects.exists()


def test_a_card_that_is_refused_is_told_in_the_holders_words(cast):
    event, card = cast.offering(), cast.card(issued=cast.now - timedelta(days=300))
    later = cast.offering(first_day=cast.now.date() + timedelta(days=50))
    later.first_day = later.last_day = cast.now.date() + timedelta(days=58)
    later.save()
    cast.use(card, offering=event)
    browser = opened(card, cast)
    answer = browser.post(f"{CODES}{event.pk}/", {"children": "0"})
    assert answer.status_code == 422
    assert not Hold.objects.exists()


def test_what_is_not_sold_on_the_web_has_no_code(cast):
    browser = opened(cast.card(), cast)
    for offering in (cast.offering("hall"), cast.offering(sold_by_agents=False), cast.offering(published_at=None)):
        assert browser.get(f"{CODES}{offering.pk}/").status_code == 404
    assert Client().get(CODES).status_code == 302
