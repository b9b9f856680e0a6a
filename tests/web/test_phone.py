"""The phone card's pages: from the desk's screen onto the phone, and what the phone asks afterwards."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
import zxingcpp
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw

from kaikukortti.actions.looking_after import block_card
from kaikukortti.models import Card, HolderAccess, PhoneCard, PhoneLink
from kaikukortti.rules.phone import LINK_LASTS
from kaikukortti.terms.kinds import BlockReason, CardFactKind
from kaikukortti.terms.refusals import Refusal
from kaikukortti.web.phone import qr
from tests.cast import NOW
from tests.web.pages import hidden_fields, text

pytestmark = pytest.mark.database

FORM = {"birth_year": "1980", "postal_code": "87100", "minors": "2", "voluntary": "skip"}


def onto_screen(aino):
    """Aino fills in the form; the answer is the page with the picture."""
    summary = aino.post("/en/desk/phone/", FORM)
    assert "This will be stored" in text(summary), text(summary)
    return aino.post("/en/desk/phone/confirm/", hidden_fields(summary, 'action="/en/desk/phone/confirm/"'))


def link_on(screen):
    """The link's secret as the screen's form carries it."""
    return hidden_fields(screen, 'action="/en/desk/phone/again/"')["old"][0]


def data_on(page):
    """What the page gives the script to keep."""
    found = re.search(
        r'<script id="card-data" type="application/json">(.*?)</script>', page.content.decode(), re.DOTALL
    )
    return json.loads(unescape(found[1])) if found else None


@pytest.fixture
def aino(signed_in):
    return signed_in("office")


@pytest.fixture
def phone(evening):
    return Client()


@pytest.fixture
def taken(aino, phone):
    return phone.post(f"/fi/my/phone/{link_on(onto_screen(aino))}/")


def ask(phone, key):
    return phone.post("/my/phone/fresh", json.dumps({"key": key}), content_type="application/json")


# --- the worker's screen ------------------------------------------------------------------------------------------


def test_the_form_asks_for_no_card(aino):
    page = aino.get("/en/desk/phone/")
    assert 'name="code"' not in page.content.decode()
    assert 'name="issued_on"' not in page.content.decode()
    assert 'aria-current="page">Onto the client' in page.content.decode()


def test_what_is_missing_is_said(aino):
    page = aino.post("/en/desk/phone/", {**FORM, "birth_year": "2015"})
    assert page.status_code == 422
    assert "Check the birth year" in text(page)
    assert not Card.objects.filter(holder__isnull=False).exists()


def test_what_will_be_stored_is_repeated_while_typing(aino):
    echo = text(aino.post("/en/desk/phone/echo/", {"birth_year": "1980"}))
    assert "card on the client's phone" in echo
    assert "waits for the postal code" in echo


def test_the_screen_shows_a_picture_that_leads_to_the_link(aino, phone):
    screen = onto_screen(aino)
    assert "until 19:05" in text(screen)
    assert "Point your phone's camera" in text(screen)
    again = phone.get(f"/my/phone/{link_on(screen)}/", headers={"Accept-Language": "sv"})
    assert again["Location"] == f"/sv/my/phone/{link_on(screen)}/"  # the phone's own language


def test_a_second_press_shows_the_same_picture(aino):
    summary = aino.post("/en/desk/phone/", FORM)
    sent = hidden_fields(summary, 'action="/en/desk/phone/confirm/"')
    first, second = (aino.post("/en/desk/phone/confirm/", sent) for _ in range(2))
    assert link_on(first) == link_on(second)
    assert PhoneLink.objects.count() == 1


def test_a_forged_form_makes_no_card(aino):
    sent = {**FORM, "id": "x", "link": "short"}
    assert "This will be stored" in text(aino.post("/en/desk/phone/confirm/", sent))
    assert not Card.objects.exists()
    assert aino.get("/en/desk/phone/confirm/").status_code == 302


def test_it_did_not_work_shows_a_new_picture_of_the_same_card(aino, phone):
    screen = onto_screen(aino)
    sent = hidden_fields(screen, 'action="/en/desk/phone/again/"')
    new = aino.post("/en/desk/phone/again/", sent)
    assert link_on(new) == sent["link"][0] != sent["old"][0]
    assert phone.get(f"/fi/my/phone/{sent['old'][0]}/").status_code == 404
    assert phone.get(f"/fi/my/phone/{sent['link'][0]}/").status_code == 200
    assert Card.objects.count() == 1


def test_once_a_phone_has_it_the_card_moves_on_with_a_new_code(aino, phone):
    screen = onto_screen(aino)
    state = {"link": link_on(screen)}
    assert aino.post("/en/desk/phone/state/", state).status_code == 200
    first = data_on(phone.post(f"/fi/my/phone/{link_on(screen)}/"))
    told = aino.post("/en/desk/phone/state/", state)
    assert ("A phone has taken the card." in text(told), "<form" in told.content.decode()) == (True, False)
    sent = hidden_fields(screen, 'action="/en/desk/phone/again/"')
    page = aino.post("/en/desk/phone/again/", sent, follow=True)
    assert "The phone gets a new code." in text(page)
    (link,) = re.findall(r'name="link" value="([^"]+)"', page.content.decode())
    moved = aino.post(page.request["PATH_INFO"], {"link": link, "reason": "other-form"})
    second = data_on(phone.post(f"/fi/my/phone/{link_on(moved)}/"))
    assert second["code"] != first["code"]
    assert ask(phone, first["key"]).json()["words"]["en"].startswith("This card has been replaced by a new one.")
    assert ask(phone, second["key"]).json()["valid"]


def test_ten_minutes_later_the_screen_says_so(aino, monkeypatch):
    screen = onto_screen(aino)
    monkeypatch.setattr(timezone, "now", lambda: NOW + LINK_LASTS)
    told = aino.post("/en/desk/phone/state/", {"link": link_on(screen)})
    assert ("The ten minutes are over." in text(told), "<form" in told.content.decode()) == (True, False)


def test_a_lost_card_is_replaced_straight_onto_the_phone(cast, aino, phone):
    """From the page of replacements, with the reason chosen there."""
    paper = cast.card()
    card = Card.objects.get(holder__isnull=False)
    assert f'formaction="/en/cards/{card.pk}/phone/"' in aino.get(f"/en/cards/{card.pk}/replace/").content.decode()
    page = aino.post(f"/en/cards/{card.pk}/phone/", {"reason": "lost", "code": ""})
    assert cast.check(paper).allowed  # nothing has happened yet
    sent = dict(re.findall(r'name="(link|reason)" value="([^"]+)"', page.content.decode()))
    assert sent["reason"] == "lost"
    screen = aino.post(f"/en/cards/{card.pk}/phone/", sent)
    assert "Here is your new card. The old one no longer works." in text(screen)
    assert cast.check(paper).refusal == Refusal.CARD_REPLACED
    assert card.facts.get(kind=CardFactKind.REPLACED).reason == "lost"
    assert cast.check(data_on(phone.post(f"/fi/my/phone/{link_on(screen)}/"))["code"]).child_places == 2


def test_a_blocked_card_has_said_why_already(cast, aino):
    cast.card()
    card = Card.objects.get(holder__isnull=False)
    block_card(card, reason=BlockReason.STOLEN, by=cast.aino, now=cast.now)
    assert 'name="reason" value="stolen"' in aino.get(f"/en/cards/{card.pk}/phone/").content.decode()


def test_only_a_card_in_use_moves_onto_a_phone(cast, aino):
    cast.community_card()
    community = Card.objects.get(community=True)
    assert aino.get(f"/en/cards/{community.pk}/phone/")["Location"] == f"/en/cards/{community.pk}/"
    cast.card(issued=cast.now - timedelta(days=400))
    expired = Card.objects.get(holder__isnull=False)
    page = aino.get(f"/en/cards/{expired.pk}/phone/")
    assert "It can be renewed where it was given." in text(page)
    assert 'name="link"' not in page.content.decode()


# --- the link on the phone ----------------------------------------------------------------------------------------


def test_looking_at_the_link_takes_nothing(aino, phone):
    """A preview and a browser that fetches ahead only look."""
    link = link_on(onto_screen(aino))
    for _ in range(3):
        page = phone.get(f"/fi/my/phone/{link}/")
        assert page.status_code == 200
        assert phone.head(f"/fi/my/phone/{link}/").status_code == 200
    assert data_on(page) is None
    assert PhoneLink.objects.count() == 1
    assert data_on(phone.post(f"/fi/my/phone/{link}/"))
    assert phone.post(f"/fi/my/phone/{link}/").status_code == 404
    assert "no-store" in phone.get(f"/fi/my/phone/{link}/")["Cache-Control"]


def test_a_form_of_another_site_takes_nothing(aino, evening):
    link = link_on(onto_screen(aino))
    address = f"/fi/my/phone/{link}/"
    answer = Client(enforce_csrf_checks=True).post(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, address)
    assert PhoneLink.objects.count() == 1


def test_pulling_the_page_down_leads_to_the_card(aino, evening):
    """The form goes again with a token of before the holder's session: the link's page says where the card is."""
    address, phone = f"/en/my/phone/{link_on(onto_screen(aino))}/", Client(enforce_csrf_checks=True)
    page = phone.get(address).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    sent = {"csrfmiddlewaretoken": token[1]}
    assert phone.post(address, sent).status_code == 200
    again = phone.post(address, sent, follow=True)
    assert again.status_code in {200, 404, 410}
    assert "/my/phone/" in again.content.decode()
    assert "had been open for a long time" not in again.content.decode()


def test_the_card_is_drawn_on_the_page_without_a_script(taken):
    kept, page = data_on(taken), taken.content.decode()
    shown = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    code = kept["code"]
    assert f"{code[:3]} {code[3:6]} {code[6:]}" in shown
    assert kept["qr"] in shown
    assert "23.11.2027" in shown
    assert "no-store" in taken["Cache-Control"]


def test_the_code_stands_in_no_address_and_no_title(taken):
    """S20"""
    kept, page = data_on(taken), taken.content.decode()
    spoken = [*re.findall(r'(?:href|src|action)="([^"]*)"', page), *re.findall(r"<title>(.*?)</title>", page)]
    for told in (kept["code"], kept["key"]):
        assert not [one for one in spoken if told in one.replace(" ", "")]


def test_the_first_secret_is_shown_this_once(taken):
    secret = re.search(r'<p class="code">(\w{3}-\w{3}-\w{3})</p>', taken.content.decode())
    assert secret


def test_taking_the_card_opens_the_holders_own_pages(taken, phone):
    assert phone.session["own_card"] == Card.objects.get().pk


# --- what the phone asks ------------------------------------------------------------------------------------------

ANSWER = {"valid", "words", "last_day", "child_places", "as_of", "news"}


def test_a_phone_is_told_six_things(taken, phone):
    answer = ask(phone, data_on(taken)["key"])
    told = answer.json()
    assert set(told) == ANSWER
    assert told["last_day"] == "2027-11-23"
    assert (told["valid"], told["child_places"], told["as_of"]) == (True, 2, "2026-11-24T18:55+02:00")
    assert set(told["words"]) == {"fi", "sv", "en"}
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_a_block_is_told_with_the_next_question(cast, taken, phone):
    block_card(Card.objects.get(), reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    told = ask(phone, data_on(taken)["key"]).json()
    assert (told["valid"], told["last_day"], told["child_places"]) == (False, None, 0)
    assert told["words"]["en"] == "Your card is now blocked. A new one is given at the same place."


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"key": 1}', '{"key": "' + "x" * 900 + '"}', "\xff", '{"key": "x"}'])
def test_whatever_else_asks_learns_that_there_is_no_card(cast, phone, body):
    answer = phone.post("/my/phone/fresh", body.encode("latin-1"), content_type="application/json")
    assert answer.status_code == 200
    assert (set(answer.json()), answer.json()["valid"]) == (ANSWER, False)


def test_a_card_taken_off_the_phone_asks_nothing_any_more(taken, phone):
    key = data_on(taken)["key"]
    for _ in range(2):
        body = json.dumps({"key": key})
        assert phone.post("/my/phone/remove", body, content_type="application/json").status_code == 204
    assert not PhoneCard.objects.exists()
    assert not ask(phone, key).json()["valid"]
    assert Card.objects.exists()


# --- the page for the home screen ---------------------------------------------------------------------------------


def test_the_page_is_the_same_for_everyone(taken, phone):
    page = phone.get("/my/phone/")
    assert page.content == Client().get("/my/phone/").content
    assert data_on(taken)["code"] not in page.content.decode()
    assert not page.cookies
    assert len(page.content) < 30_000


@pytest.mark.parametrize(("language", "name"), [("fi", "Kaikukortti"), ("sv", "Kaikukort"), ("en", "Kaiku Card")])
def test_the_home_screen_shows_a_neutral_name(phone, language, name):
    about = phone.get(f"/my/phone/{language}.webmanifest").json()
    assert (about["name"], about["start_url"], about["display"]) == (name, "/my/phone/", "standalone")
    assert phone.get("/my/phone/de.webmanifest", follow=True).status_code == 404


def test_the_worker_keeps_the_page_and_its_files_and_no_card(cast, phone):
    script = phone.get("/my/phone/worker.js")
    assert script["Content-Type"].startswith("text/javascript")
    text = script.content.decode()
    assert text.startswith('"use strict";')
    assert '"/static/kaikukortti/js/phone.js"' in text
    assert "localStorage" not in text
    assert phone.get("/my/phone/worker.js", headers={"Accept-Language": "sv"}).content == script.content


def test_the_picture_holds_the_bare_code():
    picture = qr("7KM9QX2TR7")
    assert picture.size == 29  # 21 modules and four white ones on each side
    image = Image.new("L", (picture.size * 8,) * 2, 255)
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1", picture.path):
        left, top = int(x) * 8, int(y) * 8
        ImageDraw.Draw(image).rectangle((left, top, left + int(run) * 8 - 1, top + 7), fill=0)
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == "7KM9QX2TR7"


@pytest.mark.parametrize("body", [b"[" * 1000, b'{"key": "\\ud800"}', b"\xff", b'"x"', b'{"key": 1}', b""])
def test_what_no_phone_of_ours_sends_is_answered_like_a_key_of_no_phone(phone, body):
    """S22: whoever knocks breaks nothing."""
    fresh = phone.post("/my/phone/fresh", body, content_type="application/json")
    assert (fresh.status_code, fresh.json()["valid"]) == (200, False)
    assert phone.post("/my/phone/remove", body, content_type="application/json").status_code == 204


# --- paper beside the phone ---------------------------------------------------------------------------------------


def test_a_holder_puts_the_paper_card_on_the_phone(cast, aino, phone):
    """The phone that took the card has its pages open, and its holder has a secret of their own."""
    screen = onto_screen(aino)
    HolderAccess.objects.create(card=Card.objects.get(), digest="own", opened_at=NOW)
    taken = phone.post(f"/fi/my/phone/{link_on(screen)}/")
    assert "/fi/my/secret/" not in taken.content.decode()
    own, foreign = data_on(taken)["code"], cast.card()
    assert phone.get("/fi/my/phone/carry/").status_code == 200
    page = phone.post("/en/my/phone/carry/", {"code": foreign})
    assert (page.status_code, "This is not the code of the card" in text(page)) == (422, True)
    page = phone.post("/en/my/phone/carry/", {"code": "x"})
    assert (page.status_code, "One character" in text(page) or "Check the code" in text(page)) == (422, True)
    page = phone.post("/en/my/phone/carry/", {"code": own.lower()})
    assert data_on(page)["code"] == own
    assert data_on(page)["key"] != data_on(taken)["key"]
    assert Client().get("/en/my/phone/carry/").status_code == 302
