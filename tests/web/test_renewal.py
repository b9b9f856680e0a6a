"""A card is renewed at the desk, given back, shown to its holder: possible or why not at once, nothing asked twice."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest

from kaikukortti.actions.cards import Issued, issue_card
from kaikukortti.models import Card, CardFact, CountedFact, HolderData, NetworkVersion, RegionMembership
from kaikukortti.terms.kinds import CardFactKind, CountedKind
from tests.cast import NOW
from tests.doors import everything
from tests.web.pages import text

pytestmark = pytest.mark.database


@pytest.fixture
def aino(signed_in):
    return signed_in("office")


@pytest.fixture
def old(cast):
    """Ends on 28 December 2026."""
    cast.card(minors=2, issued=NOW - timedelta(days=330))
    return Card.objects.get(holder__isnull=False)


def path(card, act="renew", language="en"):
    return f"/{language}/cards/{card.pk}/{act}/"


def coarse():
    HolderData.objects.update(birth_year=None, postal_code="", exact_until=None)


def test_the_page_says_at_once_that_it_can_be_renewed_and_until_when(cast, aino, old):
    assert f'href="{path(old)}"' in aino.get(f"/en/cards/{old.pk}/").content.decode()
    page = text(aino.get(path(old)))
    assert "It can be renewed now: valid 29 December 2026 – 28 December 2027." in page.replace("\xa0", " ")
    assert "You can keep this card: then it is valid until 28 December 2027" in page
    assert "nothing tells that it follows this one" in page
    svenska = aino.get(path(old) + "?say=sv").content.decode()
    assert '<p lang="sv">”Ditt kort' in re.sub(r"\s+", " ", svenska)


def test_what_is_confirmed_is_stored_in_the_same_step(cast, aino, old):
    page = aino.get(path(old)).content.decode()
    assert 'name="birth_year"' not in page
    for kept in ('value="87100"', 'value="2"'):
        assert kept in page
    press = str(uuid4())
    sent = {"id": press, "postal_code": "88900", "minors": "3", "may_remind": "on"}
    for _ in range(2):
        answer = aino.post(path(old), sent)
        assert (answer.status_code, answer["Location"]) == (302, path(old, "renewed"))
    done = text(aino.get(path(old, "renewed"))).replace("\xa0", " ")
    for words in ("The card has been renewed", "28 December 2027", "Your card goes on for another year.", "3"):
        assert words in done
    old.refresh_from_db()
    holder = old.holder
    assert (holder.municipality_id, holder.minors, holder.may_remind, holder.birth_year) == ("290", 3, True, 1980)
    assert CountedFact.objects.filter(kind=CountedKind.RENEWAL).count() == 1


def test_too_early_says_from_which_day(cast, aino):
    cast.card()
    card = Card.objects.get(holder__isnull=False)
    page = text(aino.get(path(card))).replace("\xa0", " ")
    assert "The card is not renewed today" in page
    assert "It can be renewed from 24 September 2027 on." in page
    answer = aino.post(path(card), {"id": str(uuid4()), "postal_code": "87100", "minors": "2"})
    assert "It can be renewed from" in text(answer)
    assert not CountedFact.objects.filter(kind=CountedKind.RENEWAL).exists()


def test_a_municipality_that_left_is_said_and_a_move_back_is_a_way_out(cast, aino, old):
    RegionMembership.objects.create(municipality_id="205", since=date(2026, 11, 1), region=None, entered_at=NOW)
    NetworkVersion.bump()
    words = "The municipality is not in the network now. The card stays valid to its last day."
    assert words in text(aino.get(path(old)))
    sent = {"id": str(uuid4()), "postal_code": "87100", "minors": "2"}
    refused = aino.post(path(old), sent)
    assert (refused.status_code, words in text(refused)) == (422, True)
    assert aino.post(path(old), sent | {"postal_code": "88900"}).status_code == 302


def test_data_made_coarse_ask_only_for_what_is_there(cast, aino, old):
    coarse()
    for act in ("renew", "correct"):
        page = aino.get(path(old, act)).content.decode()
        for gone in ("birth_year", "postal_code"):
            assert f'name="{gone}"' not in page
        assert '<option value="205" selected>Kajaani</option>' in page
        assert "Choose the municipality." in text(aino.post(path(old, act), {"minors": "2"}))
    corrected = aino.post(path(old, "correct"), {"only_municipality": "205", "minors": "4"})
    assert corrected.status_code == 302
    sent = {"id": str(uuid4()), "only_municipality": "290", "minors": "1"}
    assert aino.post(path(old), sent)["Location"] == path(old, "renewed")
    holder = HolderData.objects.get()
    assert (holder.birth_year, holder.birth_band, holder.postal_code, holder.municipality_id, holder.minors) == (
        None,
        1980,
        "",
        "290",
        1,
    )


def test_a_blocked_card_is_not_renewed_but_replaced(cast, aino, old):
    aino.post(path(old, "block"), {"reason": "lost", "sure": "1"})
    page = aino.get(path(old))
    assert "A blocked card is not renewed; a new one is given in its place." in text(page)
    assert path(old, "replace") in page.content.decode()


def test_a_community_card_is_renewed_without_questions(cast, aino):
    code = cast.blank()
    issued = issue_card(code, by=cast.aino, now=NOW - timedelta(days=330))
    assert isinstance(issued, Issued)
    card = Card.objects.get(pk=issued.card)
    assert 'name="minors"' not in aino.get(path(card)).content.decode()
    assert aino.post(path(card), {"id": str(uuid4())})["Location"] == path(card, "renewed")
    assert "The card has been renewed" in text(aino.get(path(card, "renewed")))


# --- a correction: moved, or wrong from the start ------------------------------------------------------------------


def test_a_correction_asks_whether_the_holder_has_moved_only_where_it_matters(cast, aino, old):
    sent = {"birth_year": "1980", "postal_code": "88900", "minors": "2"}
    asked = aino.post(path(old, "correct"), sent)
    assert (asked.status_code, "Why does the municipality change?" in text(asked)) == (422, True)
    assert aino.post(path(old, "correct"), sent | {"moved": "moved"}).status_code == 302
    assert CountedFact.objects.get(kind=CountedKind.REGISTRATION).residence_id == "205"
    assert "Changed: municipality, postal code" in text(aino.get(f"/en/cards/{old.pk}/"))
    assert aino.post(path(old, "correct"), sent | {"minors": "5"}).status_code == 302


def test_what_was_typed_wrong_is_counted_anew(cast, aino, old):
    sent = {"birth_year": "1980", "postal_code": "88900", "minors": "2", "moved": "typed-wrong"}
    assert aino.post(path(old, "correct"), sent).status_code == 302
    fact = CountedFact.objects.get(kind=CountedKind.REGISTRATION, withdrawn_at__isnull=True)
    assert fact.residence_id == "290"
    refused = aino.post(path(old, "correct"), sent | {"postal_code": "00100"})
    assert "The municipality is not in the network yet." in text(refused)
    assert aino.post(path(old, "correct"), sent | {"postal_code": "00100", "moved": "moved"}).status_code == 302


def test_no_old_value_is_kept_anywhere(cast, aino, old):
    """Neither in a row nor in a session, nor in what is said on the next page."""
    HolderData.objects.update(birth_year=1957, postal_code="88900", municipality="290", minors=17)
    sent = {"birth_year": "1980", "postal_code": "87100", "minors": "2", "moved": "typed-wrong"}
    answer = aino.post(path(old, "correct"), sent, follow=True)
    for gone in ("1957", "88900"):
        assert gone not in text(answer)
    kept = everything()
    holder_tables = {
        name: rows for name, rows in kept.items() if "reference" not in name and "postalcode" not in name.lower()
    }
    assert not re.search(r"\b(1957|88900)\b", repr(holder_tables))
    assert not re.search(r"\b(1957|88900|1980|87100)\b", repr(dict(aino.session.items())))


# --- shown, given back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("say", "words"), [("en", "What is stored of you"), ("fi", "Mitä sinusta"), ("sv", "om dig")])
def test_what_is_stored_is_shown_in_the_clients_language(cast, aino, old, say, words):
    answer = aino.get(path(old, "show", "fi") + f"?say={say}")
    page = answer.content.decode()
    assert words in text(answer)
    assert f'<html lang="{say}"' in page
    for told in ("1980", "87100", "Kaja"):
        assert told in page
    # The way back is the worker's.
    assert f'href="/fi/cards/{old.pk}/"' in page
    assert "Takaisin korttiin" in page


def test_a_card_is_given_back_after_a_second_look(cast, aino, old):
    assert path(old, "end") in aino.get(f"/en/cards/{old.pk}/").content.decode()
    assert "Take the card back?" in text(aino.get(path(old, "end")))
    answer = aino.post(path(old, "end"), follow=True)
    assert "The card has been given back. It gives no tickets any more." in text(answer)
    assert "Given back, last valid day 23 November 2026" in text(answer).replace("\xa0", " ")
    assert aino.post(path(old, "end")).status_code == 302
    assert CardFact.objects.filter(kind=CardFactKind.ENDED).count() == 1
