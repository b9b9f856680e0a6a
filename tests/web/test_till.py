"""The till: choose, check, record, undo, keep; every state by plain forms, and with htmx as the page does it."""

import json
import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kaikukortti.models import Offering, Record
from kaikukortti.rules.codes import shown
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import OfferingKind, RecordKind, Status
from kaikukortti.terms.policies import Policy
from kaikukortti.web.till import next_end
from tests.cast import NOW

pytestmark = pytest.mark.database

TILL, CHECK, RECORD, UNDO, CHOOSE = (
    "/en/till/",
    "/en/till/check/",
    "/en/till/record/",
    "/en/till/undo/",
    "/en/till/offering/",
)


@pytest.fixture(autouse=True)
def clock(monkeypatch, cast, evening):
    monkeypatch.setattr(timezone, "now", lambda: cast.now)


@pytest.fixture
def ville(signed_in):
    return signed_in("routa")


def text(response):
    """What a person reads of a page: no tags, one space between words."""
    body = re.sub(r"<template.*?</template>|<p id=\"said\".*?</p>", "", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def found(pattern, response):
    """What the pattern's group holds on the page."""
    match = re.search(pattern, response.content.decode(), re.DOTALL)
    assert match, pattern
    return match[1]


def state(response):
    return found(r'<div class="verdict ([\w-]+)">', response)


def page_form(response):
    """The fields of the till's form as the browser would send them back; what is chosen is chosen by the test."""
    body = response.content.decode()
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]+>", body):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name is None or ('type="radio"' in tag and "checked" not in tag):
            continue
        sent.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    sent.pop("csrfmiddlewaretoken", None)
    return {name: values if name == "left" else values[0] for name, values in sent.items()}


def choose(client, offering=None):
    return client.post(CHOOSE, {"offering": str(offering.pk) if offering else ""})


def check(client, code, page=None, **chosen):
    page = page or client.get(TILL)
    return client.post(CHECK, page_form(page) | {"code": code} | chosen)


def record(client, page, **chosen):
    return client.post(RECORD, page_form(page) | {"code": ""} | chosen, follow=True)


# --- choosing -----------------------------------------------------------------------------------------------------


def test_the_running_event_is_proposed_and_chosen_once(cast, ville):
    cast.offering(name_en="Matinee", starts_at=NOW.replace(hour=13))
    tonight = cast.offering()
    assert ville.get(TILL).url == CHOOSE

    page = ville.get(CHOOSE)
    assert found(r'proposed"\s+name="offering"\s+value="([^"]+)"', page) == str(tonight.pk)
    assert choose(ville, tonight).url == TILL
    assert "An evening of contemporary dance, 19:00" in text(ville.get(TILL))


def test_a_swimming_hall_stays_at_its_open_admission(cast, signed_in):
    salla = signed_in("hall")
    hall = cast.offering("hall", OfferingKind.OPEN, name_en="Swimming", weekdays=0b0000011)
    choose(salla, hall)
    assert "Swimming" in text(salla.get(TILL))
    salla.post("/en/till/keep/")
    cast.at(NOW.replace(hour=0) + timedelta(days=1))
    assert salla.get(TILL).url == CHOOSE  # closed on Wednesdays


def test_a_venue_with_nothing_to_choose_is_ready_at_once(cast, ville):
    assert "Routa Company, open admission" in text(ville.get(TILL))


def test_an_agent_always_chooses_an_offering_of_its_venues(cast, signed_in):
    luukku = signed_in("luukku")
    tonight, hall = cast.offering(), cast.offering("hall", OfferingKind.OPEN)
    cast.offering(name_en="Only at the door", sold_by_agents=False)
    page = luukku.get(CHOOSE)
    assert "contemporary dance" in text(page)
    assert "without an offering" not in text(page)
    assert "Only at the door" not in text(page)
    assert choose(luukku).url == CHOOSE
    assert choose(luukku, hall).url == CHOOSE
    assert choose(luukku, tonight).url == TILL
    record(luukku, check(luukku, cast.card()))
    assert Record.objects.get().venue == cast.workplaces["routa"]


def test_tickets_are_given_in_advance_and_afterwards(cast, ville):
    coming = cast.offering(first_day=NOW.date() + timedelta(days=3), name_en="Coming")
    earlier = cast.offering(first_day=NOW.date() - timedelta(days=3), name_en="Earlier")
    assert "Coming" in text(ville.get(CHOOSE + "?when=coming"))
    assert "Earlier" in text(ville.get(CHOOSE + "?when=earlier"))
    for offering in (coming, earlier):
        choose(ville, offering)
        record(ville, check(ville, cast.card(issued=NOW - timedelta(days=30))))
        assert Record.objects.get(offering=offering).day == offering.first_day


# --- the verdicts -------------------------------------------------------------------------------------------------


def test_a_valid_card_is_recorded_with_its_children(cast, ville):
    choose(ville, cast.offering(cap=12))
    page = check(ville, shown(cast.card(minors=2)))
    assert state(page) == "valid"
    assert "Card is valid Own ticket and up to 2 children." in text(page)
    assert page_form(page)["children"] == "0"

    done = record(ville, page, children="2", assistants="1")
    assert "Recorded 1 ticket, 2 children and 1 assistant." in text(done)
    assert "9 places left" in text(done)
    row = Record.objects.get()
    assert (row.holder, row.children, row.assistants, row.status) == (1, 2, 1, Status.RECORDED)


def test_enter_on_the_empty_field_records(cast, ville):
    choose(ville, cast.offering())
    page = check(ville, cast.card())
    ville.post(CHECK, page_form(page) | {"code": ""})
    assert Record.objects.count() == 1


def test_the_whole_family_goes_in_with_one_press(cast, ville):
    choose(ville, cast.offering())
    page = check(ville, cast.card(minors=3))
    assert "The whole family : 1 ticket and 3 children" in text(page)
    record(ville, page, family="3")
    assert Record.objects.get().children == 3


def test_a_double_click_records_once(cast, ville):
    choose(ville, cast.offering())
    sent = page_form(check(ville, cast.card())) | {"children": "1"}
    for _ in range(2):
        assert "Recorded 1 ticket and 1 child." in text(ville.post(RECORD, sent, follow=True))
    assert Record.objects.count() == 1


def test_the_same_id_with_other_numbers_is_calm(cast, ville):
    choose(ville, cast.offering())
    sent = page_form(check(ville, cast.card()))
    ville.post(RECORD, sent)
    page = ville.post(RECORD, sent | {"children": "1"}, follow=True)
    assert state(page) == "already"
    assert Record.objects.count() == 1


def test_a_ticket_already_given_is_calm_and_children_can_be_added(cast, ville):
    event = cast.offering()
    code = cast.card(minors=2)
    cast.use(code, offering=event, children=1)
    choose(ville, event)
    page = check(ville, code)
    assert state(page) == "already"
    assert "The ticket was given at 18:55." in text(page)
    assert "Add children" in text(page)

    empty = record(ville, page)
    assert state(empty) == "already"
    assert Record.objects.count() == 1

    record(ville, page, children="1")
    assert list(Record.objects.order_by("pk").values_list("holder", "children")) == [(1, 1), (0, 1)]


@pytest.mark.parametrize(
    ("case", "word", "fact"),
    [
        ("expired", "Not valid today", "The card ran out on"),
        ("unregistered", "Not registered yet", "The card has not been registered yet."),
        ("closed", "Not valid here", "This area takes only its own cards for now."),
    ],
)
def test_a_card_that_stops_is_framed_and_says_why(cast, signed_in, case, word, fact):
    client = signed_in("lusto" if case == "closed" else "routa")
    code = {
        "expired": lambda: cast.card(issued=NOW - timedelta(days=400)),
        "unregistered": cast.blank,
        "closed": cast.card,
    }[case]()
    page = check(client, code)
    assert state(page) == "stop"
    assert f"{word} {fact}" in text(page)
    assert "held" not in page_form(page)
    assert page_form(page)["code"] == ""


@pytest.mark.parametrize("typed", ["7KM-9QX-2TR8", "7KM9QX2TR7", "<script>", "ä" * 100])
def test_a_typo_stays_in_the_field(cast, ville, typed):
    page = check(ville, typed)
    assert state(page) == "typo"
    assert page_form(page)["code"] == typed[:64]
    assert "<script>" not in page.content.decode().replace("<script src", "")


def test_a_full_house_is_not_about_the_card(cast, ville):
    event = cast.offering(cap=1)
    cast.use(cast.card(), offering=event)
    choose(ville, event)
    page = check(ville, cast.card())
    assert (state(page), "All places given" in text(page)) == ("stop", True)


def test_a_family_that_does_not_fit_is_offered_what_fits(cast, ville):
    event = cast.offering(cap=3)
    choose(ville, event)
    page = check(ville, cast.card(minors=2))
    cast.use(cast.card(), offering=event)  # another till, between the verdict and the press
    page = record(ville, page, children="2")
    assert "Not everyone fits 2 places left." in text(page)
    assert "1 ticket and 1 child" in text(page)
    record(ville, page, children="1")
    assert Record.objects.filter(children=1).exists()
    assert Offering.objects.get(pk=event.pk).taken == 3


def test_more_children_than_registered_are_stored_with_a_note(cast, ville):
    page = record(ville, check(ville, cast.card(minors=1)), more="3")
    assert "Recorded with a note. There are more children than the register says." in text(page)
    assert Record.objects.get().status == Status.FLAGGED


def test_where_policy_refuses_more_children_none_are_offered(cast, ville):
    cast.policy(Policy.CHILDREN_ABOVE, "refused")
    page = check(ville, cast.card(minors=1))
    assert "all together" not in text(page)
    page = record(ville, page, more="3")
    assert state(page) == "stop"
    assert "held" in page_form(page)


def test_a_card_on_its_way_is_let_in_and_waits(cast, ville):
    cast.policy(Policy.PENDING_USE, True)
    page = check(ville, cast.blank())
    assert (state(page), "Its registration is on the way." in text(page)) == ("valid", True)
    assert "It counts once the card is registered" in text(record(ville, page))
    assert Record.objects.get().status == Status.PENDING


def test_a_community_card_asks_for_workers_and_clients(cast, ville):
    page = check(ville, cast.community_card())
    assert (state(page), page_form(page)["workers"]) == ("valid", "1")
    assert "How many clients?" in text(record(ville, page))
    record(ville, page, clients="4")
    row = Record.objects.get()
    assert (row.holder, row.clients, row.workers) == (0, 4, 1)


def test_a_course_says_what_is_covered(cast, ville):
    cast.policy(Policy.COURSE_COVERED, 2500)
    choose(ville, cast.offering(kind=OfferingKind.COURSE, price_cents=4000))
    page = check(ville, cast.card())
    assert "A course place. The card covers 25.00 €. 15.00 € is left to pay." in text(page)
    assert "Children" not in text(page)
    record(ville, page)
    row = Record.objects.get()
    assert (row.kind, row.covered_cents, row.remainder_cents) == (RecordKind.COURSE, 2500, 1500)


def test_a_season_pass_has_a_last_day(cast, signed_in):
    salla = signed_in("hall")
    choose(salla, cast.offering("hall", OfferingKind.OPEN))
    page = check(salla, cast.card())
    for wrong in ("2020-01-01", "3000-01-01", "soon"):
        again = record(salla, page, until=wrong)
        assert "Check the numbers and the last day" in text(again)
    record(salla, page, until="2026-12-31")
    row = Record.objects.get()
    assert (row.kind, str(row.until)) == (RecordKind.SEASON, "2026-12-31")


# --- the next card before the last is recorded --------------------------------------------------------------------


def test_a_card_left_unrecorded_is_said_and_can_be_recorded_too(cast, ville):
    choose(ville, cast.offering())
    first, second = cast.card(minors=2), cast.card(minors=0)
    page = check(ville, second, check(ville, first), children="2")
    assert "The previous one was not recorded: 1 ticket and 2 children" in text(page)
    sent = page_form(page)
    page = ville.post(RECORD, sent | {"too": json.loads(sent["left"][0])["id"]})
    assert state(page) == "valid"  # the second card still stands there
    assert "not recorded" not in text(page)
    assert Record.objects.get().children == 2
    record(ville, page)
    assert Record.objects.count() == 2


def test_the_same_card_again_keeps_its_id_and_what_was_chosen(cast, ville):
    code = cast.card(minors=2)
    page = check(ville, code)
    again = check(ville, shown(code).lower(), page, children="2")
    assert page_form(again)["id"] == page_form(page)["id"]
    assert page_form(again)["children"] == "2"
    assert "not recorded" not in text(again)


# --- undo ---------------------------------------------------------------------------------------------------------


def test_a_record_is_undone_and_what_stands_stays(cast, ville):
    choose(ville, cast.offering())
    record(ville, check(ville, cast.card()))
    page = check(ville, cast.card())
    row = Record.objects.get()
    page = ville.post(UNDO, page_form(page) | {"undo": str(row.reference)})
    assert state(page) == "valid"
    assert "Undone: 1 ticket." in text(page)
    assert row.changes.get().kind == "reversed"


def test_a_card_whose_ticket_is_undone_while_it_stands_there_is_whole_again(cast, ville):
    """Nobody is asked to add children to a ticket that is gone, nor told to read the next card."""
    choose(ville, cast.offering())
    code = cast.card(minors=2)
    record(ville, check(ville, code))
    page = check(ville, code)
    assert (state(page), page_form(page).get("adding")) == ("already", "1")
    page = ville.post(UNDO, page_form(page) | {"undo": str(Record.objects.get().reference)})
    assert (state(page), page_form(page).get("adding")) == ("valid", None)
    assert "Read the next card" not in text(page)
    record(ville, page)
    assert [one.holder for one in Record.objects.order_by("pk")] == [1, 1]


def test_the_large_word_is_not_said_twice(cast, ville):
    choose(ville, cast.offering())
    page = text(check(ville, "ABC"))
    assert "One character seems to differ." in page
    assert "Check the code: one" not in page


def test_only_own_rows_are_undone(cast, ville, signed_in):
    cast.use(cast.card(), by=cast.salla)
    page = ville.get(TILL)
    for undo in (Record.objects.get().reference, "nonsense"):
        assert ville.post(UNDO, page_form(page) | {"undo": str(undo)}).status_code == 404
    assert not Record.objects.get().changes.exists()


# --- with htmx ----------------------------------------------------------------------------------------------------

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/en/till/"}


def test_with_htmx_only_the_parts_change(cast, ville):
    choose(ville, cast.offering())
    sent = page_form(ville.get(TILL))
    code = cast.card()
    answer = ville.post(CHECK, sent | {"code": code}, headers=HTMX)
    body = answer.content.decode()
    assert "<html" not in body
    assert '<p id="said" hx-swap-oob="innerHTML">Card is valid. Own ticket and up to 2 children.</p>' in body
    assert json.loads(answer["HX-Trigger-After-Swap"]) == {"till": {"sound": "valid", "keep": False}}
    assert code not in str(answer.headers)


def statements(captured):
    """What is asked of the database, the borders of transactions left out."""
    return [one["sql"] for one in captured if not re.match("SAVEPOINT|RELEASE|BEGIN|COMMIT", one["sql"])]


def test_a_check_asks_little_and_a_record_little_more(cast, ville):
    choose(ville, cast.offering(cap=50))
    sent = page_form(ville.get(TILL))
    code = cast.card()
    with CaptureQueriesContext(connection) as checking:
        answer = ville.post(CHECK, sent | {"code": code}, headers=HTMX)
    with CaptureQueriesContext(connection) as recording:
        ville.post(RECORD, sent | page_form(answer) | {"children": "1"}, headers=HTMX)
    assert Record.objects.count() == 1
    assert len(statements(checking)) <= 8, statements(checking)
    assert len(statements(recording)) <= 12, statements(recording)


def test_signed_out_meanwhile_leads_to_the_sign_in_and_back(cast, ville):
    sent = page_form(ville.get(TILL))
    ville.logout()
    answer = ville.post(CHECK, sent | {"code": cast.card()}, headers=HTMX)
    assert answer["HX-Redirect"] == "/en/sign-in/?next=%2Fen%2Ftill%2F"


def test_no_code_is_in_an_address_a_title_or_the_session(cast, ville):
    code = cast.card()
    page = check(ville, code)
    assert code not in found(r"<title>(.*?)</title>", page)
    done = ville.post(RECORD, page_form(page))
    assert done.url == TILL
    assert code not in json.dumps(dict(ville.session.items()))
    assert "no-store" in page["Cache-Control"]


# --- keeping the browser as a till --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-24 18:55", "2026-11-25 04:00"),
        ("2026-11-25 03:59", "2026-11-25 04:00"),
        ("2026-11-25 04:00", "2026-11-26 04:00"),
        ("2026-03-28 20:00", "2026-03-29 04:00"),  # the night the clocks go forward
        ("2026-10-24 20:00", "2026-10-25 04:00"),  # and back
    ],
)
def test_the_next_four_in_the_morning(now, end):
    in_finland = [datetime.fromisoformat(moment).replace(tzinfo=HELSINKI) for moment in (now, end)]
    assert next_end(in_finland[0]) == in_finland[1]


def test_a_kept_till_checks_records_and_undoes_and_nothing_else(cast, ville):
    choose(ville, cast.offering())
    ville.post("/en/till/keep/")
    for address in ("/en/day/", "/en/offerings/", "/en/team/", "/en/workplace/", "/en/start/"):
        page = ville.get(address)
        assert (address, page.status_code) == (address, 403)
        assert "This device is a till until 4:00" in text(page)
    cast.at(NOW + timedelta(hours=6))  # far longer than an idle session lives
    record(ville, check(ville, cast.card(issued=NOW - timedelta(days=9))))
    row = Record.objects.get()
    assert ville.post(UNDO, page_form(ville.get(TILL)) | {"undo": str(row.reference)}).status_code == 302
    assert "Change" in text(ville.get(TILL))
    cast.at(NOW.replace(hour=4) + timedelta(days=1))
    assert ville.get(TILL).url.startswith("/en/sign-in/")


@pytest.mark.parametrize("name", ["office", "kainuu", "national", "analyst"])
def test_others_have_no_till(cast, signed_in, name):
    client = signed_in(name)
    for address in (TILL, CHOOSE, "/en/day/", "/en/offerings/"):
        assert client.get(address).status_code == 403
    assert client.post(CHECK, {"code": cast.card()}).status_code == 403
