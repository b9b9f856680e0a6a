"""Kept places in the browser: by code at the desk, by number at the till, the wait list, tonight's empty seats."""

# mypy: disable-error-code="no-any-return,operator,union-attr"

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.giving_secret import give_secret
from kaikukortti.actions.offerings import cancel_offering
from kaikukortti.actions.phone import carry_card
from kaikukortti.actions.seats import release_seats
from kaikukortti.models import Hold, Offering, Record, Waiting
from kaikukortti.terms.holds import HoldEnd
from kaikukortti.terms.kinds import OfferingKind
from tests.actions.test_cards import card_of
from tests.actions.test_holds import EARLY, kept
from tests.actions.test_waiting import full, phone, waits
from tests.cast import TODAY
from tests.web.pages import text
from tests.web.test_own import opened

pytestmark = pytest.mark.database


@pytest.fixture
def afternoon(cast, monkeypatch):
    """The clock of the story: three hours before the doors."""
    cast.at(EARLY)
    monkeypatch.setattr(timezone, "now", lambda: cast.now)
    return cast


@pytest.fixture
def ville(afternoon, signed_in, monkeypatch):
    client = signed_in("routa")
    monkeypatch.setattr(timezone, "now", lambda: afternoon.now)
    return client


def page_of(event: Offering) -> str:
    return f"/en/offerings/{event.pk}/places/"


def test_places_are_kept_by_a_code_read_aloud_and_the_number_stands_large(afternoon, ville):
    event, code = afternoon.offering(cap=5), afternoon.card()
    shown = text(ville.get(page_of(event)))
    assert "Nothing is kept now." in shown
    page = ville.post(page_of(event), {"code": code, "children": "2", "wheelchair": "1"}, follow=True)
    said = text(page)
    assert "K-1 Kept 3 places, 2 of them for children, 1 for a wheelchair, until 18:30." in said
    assert code not in page.content.decode()
    assert "K-1" not in text(ville.get(page_of(event)))[:400]  # said once, then only in the list
    again = text(ville.post(page_of(event), {"code": code}, follow=True))
    assert "K-1 Kept already" in again


def test_what_cannot_be_kept_is_said_and_what_was_written_stays(afternoon, ville):
    event = afternoon.offering(cap=2, wheelchair_cap=0)
    code = afternoon.card()
    page = ville.post(page_of(event), {"code": code, "children": "2"})
    assert (page.status_code, "Not everyone fits. 2 places left." in text(page)) == (422, True)
    assert code in page.content.decode()
    assert "Put on the wait list" in text(page)
    page = ville.post(page_of(event), {"code": code, "wheelchair": "1"})
    assert "There are not so many wheelchair places left." in text(page)
    assert "Check the code" in text(ville.post(page_of(event), {"code": "7KM9QX2TR8"}))
    assert "Read or type the code." in text(ville.post(page_of(event), {"code": ""}))
    assert "Write the time like this: 19:00." in text(ville.post(page_of(event), {"code": code, "until": "late"}))
    assert "That time has passed." in text(ville.post(page_of(event), {"code": code, "until": "12:00"}))
    assert not Hold.objects.exists()


def test_the_list_is_prolonged_released_and_printed(afternoon, ville):
    event = afternoon.offering(cap=5)
    code = afternoon.card()
    hold = kept(afternoon, code, event)
    page = ville.post(page_of(event) + "prolong/", {"hold": hold.pk, "until": "18:45"}, follow=True)
    assert "K-1 is kept until 18:45." in text(page)
    page = ville.post(page_of(event) + "prolong/", {"hold": hold.pk}, follow=True)
    assert "K-1 is kept until 19:00." in text(page)
    printed = ville.get(page_of(event) + "list/")
    assert "K-1 1 place" in text(printed)
    assert code[:4] not in printed.content.decode()
    page = ville.post(page_of(event) + "release/", {"hold": hold.pk}, follow=True)
    assert "Released: K-1." in text(page)
    assert "K-1 has ended already." in text(ville.post(page_of(event) + "release/", {"hold": hold.pk}, follow=True))
    assert ville.post(page_of(event) + "release/", {"hold": "nobody"}).status_code == 302
    assert ville.post(page_of(event) + "prolong/").status_code == 302
    assert "Gone back: 1 number. It counts as nothing." in text(ville.get(page_of(event)))


def test_an_agent_sees_its_own_numbers_only(afternoon, ville, signed_in, monkeypatch):
    event = afternoon.offering(cap=5)
    hold = kept(afternoon, afternoon.card(), event)
    kept(afternoon, afternoon.card(), event, by=afternoon.luukku)
    agent = signed_in("luukku")
    monkeypatch.setattr(timezone, "now", lambda: afternoon.now)
    shown = text(agent.get(page_of(event)))
    assert ("K-2" in shown, "K-1" in shown, "empty seats" in shown) == (True, False, False)
    assert agent.post(page_of(event) + "release/", {"hold": hold.pk}).status_code == 404
    assert text(ville.get(page_of(event))).count("K-") >= 2


def test_the_list_costs_the_same_for_one_and_for_three(afternoon, ville):
    event = afternoon.offering(cap=9)
    ville.get(page_of(event))

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ville.get(page_of(event))
        return len(queries)

    kept(afternoon, afternoon.card(), event)
    one = asked()
    kept(afternoon, afternoon.card(), event)
    kept(afternoon, afternoon.card(), event)
    assert asked() == one


def test_a_full_offerings_wait_list_is_for_phone_cards(afternoon, ville):
    event, (record,) = full(afternoon)
    paper, carried = afternoon.card(), phone(afternoon)
    page = ville.post(page_of(event), {"code": paper, "wait": "1"})
    assert "News of the wait list goes to the phone card only" in text(page)
    assert "The holder puts the card on a phone alone" in text(page)
    page = ville.post(page_of(event), {"code": carried, "wait": "1"}, follow=True)
    assert "On the wait list. The phone card tells when places come free." in text(page)
    assert "On the wait list 1 card" in text(page)
    assert Waiting.objects.count() == 1
    reverse_use(Record.objects.get(pk=record), by=afternoon.ville, now=afternoon.now)
    assert "kept for the next on the wait list" in text(ville.get(page_of(event)))


# --- at the till --------------------------------------------------------------------------------------------------


def choose(client: Client, event: Offering) -> None:
    client.post("/en/till/offering/", {"offering": str(event.pk)})


def checked(client: Client, event: Offering, code: str):
    return client.post("/en/till/check/", {"offering": str(event.pk), "code": code})


def held_fields(page) -> dict[str, str]:
    html = page.content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))
    return {name: fields[name] for name in ("id", "held", "place", "day", "kind")}


def test_a_checked_card_says_what_is_kept_and_one_press_fetches_it(afternoon, ville):
    event, code = afternoon.offering(cap=5), afternoon.card()
    kept(afternoon, code, event, children=2)
    choose(ville, event)
    for shown in (code, "k-1"):
        page = checked(ville, event, shown)
        assert "3 places are kept, K-1." in text(page)
        assert re.search(r'name="children"\s+value="2"[^>]*checked', page.content.decode())
    sent = held_fields(page) | {"offering": str(event.pk), "children": "2"}
    ville.post("/en/till/record/", sent)
    assert (Record.objects.get().children, Hold.objects.get().end) == (2, HoldEnd.FETCHED)


def test_a_number_that_is_nobodys_says_so_at_the_till(afternoon, ville):
    event = afternoon.offering(cap=5)
    choose(ville, event)
    page = checked(ville, event, "K 12")
    assert "Check the number" in text(page)
    assert "No places are kept here under K-12." in text(page)


def test_a_community_cards_group_is_chosen_as_it_was_kept(afternoon, ville):
    event, code = afternoon.offering(cap=9), afternoon.community_card()
    kept(afternoon, code, event, clients=5, workers=2)
    choose(ville, event)
    page = checked(ville, event, code).content.decode()
    assert re.search(r'id="clients"[^>]*value="5"', page)
    assert re.search(r'id="workers"[^>]*value="2"', page)


# --- tonight's empty seats, and cancelling ------------------------------------------------------------------------


def test_empty_seats_are_shown_to_everyone_until_the_start(afternoon, ville):
    event, _given = full(afternoon)
    near, area = "/en/near/?municipality=205", "/en/areas/kainuu/"
    assert "All Kaiku Card places have been given." in text(Client().get(near))
    page = ville.post(f"/en/offerings/{event.pk}/seats/", {"seats": "7"}, follow=True)
    assert "Everyone sees now that there are free seats tonight, until it starts." in text(page)
    assert "Released at 15:55." in text(page)
    for public in (near, area):
        shown = text(Client().get(public))
        assert ("Free seats tonight" in shown, "7" in shown.split("Free seats")[0][-40:]) == (True, False)
    afternoon.at(event.starts_at + timedelta(minutes=1))
    for public in (near, area):
        assert "Free seats tonight" not in text(Client().get(public))
    afternoon.at(EARLY)
    page = ville.post(f"/en/offerings/{event.pk}/seats/", {"back": "1"}, follow=True)
    assert "The rest of the seats is yours again." in text(page)
    assert "Free seats tonight" not in text(Client().get(near))
    page = ville.post(f"/en/offerings/{event.pk}/seats/", {"seats": "many"})
    assert (page.status_code, "Write a whole number." in text(page)) == (422, True)


def test_seats_that_have_all_been_taken_are_free_no_more(afternoon):
    event = afternoon.offering(cap=0)
    release_seats(event, seats=1, by=afternoon.ville, now=afternoon.now)
    assert "Free seats tonight" in text(Client().get("/en/near/?municipality=205"))
    afternoon.use(afternoon.card(), offering=event)
    assert "Free seats tonight" not in text(Client().get("/en/near/?municipality=205"))


def test_what_has_run_out_makes_no_offering_look_full(afternoon):
    event = afternoon.offering(cap=1)
    kept(afternoon, afternoon.card(), event)
    assert "have been given" in text(Client().get("/en/areas/kainuu/"))
    afternoon.at(event.starts_at - timedelta(minutes=20))
    assert "have been given" not in text(Client().get("/en/areas/kainuu/"))


def test_cancelling_says_what_ends(afternoon, ville):
    event, _given = full(afternoon, 2, children_cap=9)
    waits(afternoon, phone(afternoon), event)
    other = afternoon.offering(cap=2)
    kept(afternoon, afternoon.card(), other)
    shown = text(ville.get(f"/en/offerings/{other.pk}/cancel/"))
    assert "1 number of kept places ends." in shown
    page = ville.post(f"/en/offerings/{other.pk}/cancel/", follow=True)
    assert "Cancelled. 0 records were reversed. 1 kept number has ended." in text(page)
    assert "1 card on the wait list waits no more." in text(ville.get(f"/en/offerings/{event.pk}/cancel/"))
    assert "Cancelled" in text(ville.get(page_of(other)))


# --- the phone card -----------------------------------------------------------------------------------------------


def told(key: str) -> list[dict]:
    answer = Client().post("/my/phone/fresh", {"key": key}, content_type="application/json")
    return answer.json()["news"]


def test_the_phone_card_tells_of_the_list_of_what_came_free_and_of_a_cancelled_event(afternoon):
    cast = afternoon
    event, (record,) = full(cast)
    code = cast.card()
    key = carry_card(card_of(code, cast), code, now=cast.now).key
    assert told(key) == []
    waits(cast, code, event)
    (news,) = told(key)
    assert news["words"]["en"].startswith("You are on the wait list: An evening of contemporary dance, Routa Company")
    reverse_use(Record.objects.get(pk=record), by=cast.ville, now=cast.now)
    (news,) = told(key)
    assert news["number"] == "K-1"
    assert "1 place is kept until 17:55." in news["words"]["en"]
    assert set(news["words"]) == {"fi", "sv", "en"}
    cancel_offering(event, by=cast.ville, now=cast.now)
    (news,) = told(key)
    assert news["words"]["en"].startswith("Cancelled: ")
    cast.at(cast.now + timedelta(days=1))
    assert told(key) == []


def test_asking_lets_the_list_move_without_any_timer(afternoon):
    cast, event = afternoon, afternoon.offering(cap=1)
    kept(cast, cast.card(), event, until=cast.now + timedelta(minutes=30))
    code = cast.card()
    key = carry_card(card_of(code, cast), code, now=cast.now).key
    waits(cast, code, event)
    cast.at(cast.now + timedelta(minutes=31))
    assert told(key)[0]["number"] == "K-2"


def test_a_phone_is_told_nothing_from_before_it_had_the_card(afternoon):
    cast, event = afternoon, afternoon.offering(cap=1)
    code = cast.card()
    kept(cast, code, event)
    cast.at(cast.now + timedelta(minutes=1))
    key = carry_card(card_of(code, cast), code, now=cast.now).key
    assert told(key) == []


def test_open_admission_and_courses_have_their_page_too(afternoon, ville):
    course = afternoon.offering("routa", OfferingKind.COURSE, cap=1, first_day=TODAY + timedelta(days=9))
    code = afternoon.card()
    page = ville.post(page_of(course), {"code": code, "until_day": "2026-11-27"}, follow=True)
    assert "K-1 Kept 1 place, until Fri 27 November 23:59." in text(page)
    door = afternoon.offering("routa", OfferingKind.OPEN)
    assert "no limit" in text(ville.get(page_of(door)))
    page = ville.post(page_of(door), {"code": code, "until": "20:00"}, follow=True)
    assert "K-1 Kept 1 place, until 20:00." in text(page)


# --- the holder's own page ----------------------------------------------------------------------------------------

OWN = "/en/my/places/"


def test_the_holder_sees_and_lets_go_of_what_is_kept(afternoon):
    cast, event = afternoon, afternoon.offering(cap=4)
    code = phone(cast)
    browser = opened(code, cast)
    assert "Nothing is kept for you now." in text(browser.get(OWN))
    hold = kept(cast, code, event, children=1)
    kept(cast, cast.card(), event)
    other, _given = full(cast)
    row = waits(cast, code, other).waiting
    shown = text(browser.get(OWN))
    assert "K-1 · 2 places, 1 of them for a child" in shown
    assert ("K-2" in shown, "Wait lists I am on" in shown) == (False, True)
    anothers = Hold.objects.get(number=2)
    browser.post(OWN + "release/", {"hold": anothers.pk})
    browser.post(OWN + "leave/", {"wait": "999999"})
    assert Hold.objects.standing(cast.now).count() == 2
    assert "The places are free again for somebody else." in text(
        browser.post(OWN + "release/", {"hold": hold.pk}, follow=True)
    )
    assert "You are not on the wait list any more." in text(browser.post(OWN + "leave/", {"wait": row.pk}, follow=True))
    assert browser.post(OWN + "release/", {"hold": "x"}).status_code == 404
    assert Hold.objects.get(pk=hold.pk).end == HoldEnd.RELEASED


def test_whoever_gave_a_new_secret_sees_no_places_from_before(afternoon):
    """P7: as with uses."""
    cast, event = afternoon, afternoon.offering(cap=4)
    code = cast.card()
    kept(cast, code, event)
    cast.at(cast.now + timedelta(minutes=5))
    give_secret(card_of(code, cast), by=cast.aino, now=cast.now)
    assert "K-1" not in text(opened(code, cast).get(OWN))


def test_a_cancelled_event_stands_on_the_holders_page(afternoon):
    cast, event = afternoon, afternoon.offering()
    code = cast.card()
    browser = opened(code, cast)
    cast.use(code, offering=event)
    cancel_offering(event, by=cast.ville, now=cast.now)
    assert "Nothing has been used of your card." in text(browser.get(OWN))
    assert "The event was cancelled. It does not count." in text(browser.get("/en/my/uses/"))
