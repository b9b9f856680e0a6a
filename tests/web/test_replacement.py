"""A card is replaced on one page (rule 10); a found one says what to do with it, wherever it is scanned."""

from datetime import timedelta
from uuid import uuid4

import pytest

from kaikukortti.models import Card, CardFact
from kaikukortti.terms.kinds import CardFactKind
from kaikukortti.terms.refusals import Refusal
from tests.cast import NOW
from tests.web.pages import hidden_fields, text

pytestmark = pytest.mark.database


@pytest.fixture
def aino(signed_in):
    return signed_in("office")


@pytest.fixture
def code(cast):
    return cast.card(minors=2, issued=NOW - timedelta(days=100))


@pytest.fixture
def lost(cast, code):
    return Card.objects.get(holder__isnull=False)


def path(card, act="replace"):
    return f"/en/cards/{card.pk}/{act}/"


@pytest.mark.parametrize("reason", ["lost", "stolen", "broken", "wrong-data", "other-form"])
def test_a_card_is_replaced_on_one_page(cast, aino, code, lost, reason):
    new, press = cast.blank(), str(uuid4())
    assert "valid until 15 August 2027" in text(aino.get(path(lost))).replace("\xa0", " ")
    for _ in range(2):
        answer = aino.post(path(lost), {"id": press, "reason": reason, "code": new})
        successor = Card.objects.get(later=True)
        assert (answer.status_code, answer["Location"]) == (302, path(successor, "replaced"))
    done = text(aino.get(path(successor, "replaced"))).replace("\xa0", " ")
    for words in ("The new card is in use, the old one is not", "15 August 2027", "The old one no longer works."):
        assert words in done
    assert cast.check(code).refusal == Refusal.CARD_REPLACED
    assert cast.check(new).refusal is None
    assert CardFact.objects.get(kind=CardFactKind.REPLACED).reason == reason


def test_what_is_missing_is_said_and_nothing_happens(cast, aino, lost):
    answer = aino.post(path(lost), {"code": "", "reason": ""})
    assert answer.status_code == 422
    for words in ("Choose a reason.", "Read or type the code of a blank card."):
        assert words in text(answer)
    used = cast.card()
    assert "This card is already in use." in text(aino.post(path(lost), {"code": used, "reason": "lost"}))
    assert not CardFact.objects.filter(kind=CardFactKind.REPLACED).exists()


def test_no_blank_at_hand_blocks_now_and_asks_the_reason_once(cast, aino, code, lost):
    assert aino.post(path(lost), {"later": "1"}).status_code == 422
    refused = aino.post(path(lost), {"later": "1", "reason": "other-form"})
    assert "the old card works until the new one is there" in text(refused)
    answer = aino.post(path(lost), {"later": "1", "reason": "stolen"}, follow=True)
    assert "The card is blocked. The new one is given in its place when there is a blank card." in text(answer)
    assert cast.check(code).refusal == Refusal.CARD_BLOCKED
    page = aino.get(path(lost)).content.decode()
    assert 'name="reason"' not in page
    new = cast.blank()
    assert aino.post(path(lost), {"code": new, "id": str(uuid4())}).status_code == 302
    assert CardFact.objects.get(kind=CardFactKind.REPLACED).reason == "stolen"


def test_a_card_that_ran_out_is_not_replaced(cast, aino):
    cast.card(issued=NOW - timedelta(days=400))
    card = Card.objects.get(holder__isnull=False)
    assert aino.get(path(card)).status_code == 302
    page = aino.get(f"/en/cards/{card.pk}/").content.decode()
    assert path(card, "renew") in page
    assert path(card) not in page


def test_the_page_of_the_new_card_opens_for_no_other(cast, aino, lost):
    assert aino.get(path(lost, "replaced")).status_code == 302


# --- found ----------------------------------------------------------------------------------------------------------


def test_a_found_card_of_the_own_workplace_says_what_to_do(cast, aino, code, lost):
    aino.post(path(lost, "block"), {"reason": "lost", "sure": "1"})
    answer = aino.post("/en/cards/", {"wanted": code}, follow=True)
    assert "If somebody found this card: cut it through the code and throw it away." in text(answer)


def test_at_another_workplace_every_unknown_card_leads_to_the_same_words(cast, signed_in, code, lost):
    """Whether it is another's, blocked or no card at all cannot be read from it (S7)."""
    oskari = signed_in("other")
    pages = []
    for wanted in (code, cast.blank(), "7KM9QX2TR7"):
        answer = oskari.post("/en/cards/", {"wanted": wanted})
        pages.append(text(answer).replace(wanted, ""))
        assert '/en/card/found/"' in answer.content.decode()
    assert len({page.split("Find a card", 2)[-1] for page in pages}) == 1


def test_at_the_till_a_card_that_stops_leads_there_too(cast, signed_in, aino, code, lost):
    ville = signed_in("routa")
    assert "card/found" not in ville.post("/en/till/check/", {"code": code}).content.decode()
    aino.post(path(lost, "block"), {"reason": "lost", "sure": "1"})
    for scanned in (code, "7KM9QX2TR7"):
        answer = ville.post("/en/till/check/", {"code": scanned})
        assert "Is it a card that somebody found?" in text(answer)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_public_page_asks_for_no_code(client, language, db):
    answer = client.get(f"/{language}/card/found/")
    assert answer.status_code == 200
    assert "<form" not in answer.content.decode().split("<main")[1].split("</main>")[0]


# --- a paper form typed in later -------------------------------------------------------------------------------------


KAJAANI = {"birth_year": "1980", "postal_code": "87100", "minors": "2"}


def test_a_row_of_the_paper_form_is_stored_once(cast, aino):
    from kaikukortti.actions.codes import random_row

    row, code = random_row(), cast.blank()
    sent = {"code": code, **KAJAANI, "issued_on": "2026-11-20", "row": f" {row[:5].lower()} {row[5:]}"}
    summary = aino.post("/en/desk/", sent)
    assert row in text(summary)
    carried = hidden_fields(summary, "desk/confirm/")
    for _ in range(2):
        assert aino.post("/en/desk/confirm/", carried).status_code == 302
    card = Card.objects.get(holder__isnull=False)
    for again in (sent, sent | {"code": cast.blank()}):
        answer = aino.post("/en/desk/", again, follow=True)
        words = f"This row of the paper form has been typed in already: card {card.serial[:4]} {card.serial[4:]}."
        assert words in text(answer)
    assert CardFact.objects.filter(kind=CardFactKind.REGISTERED).count() == 1
    # Two who type the same row at the same time: the second is told calmly too.
    other = aino.post("/en/desk/confirm/", {**carried, "code": cast.blank()}, follow=True)
    assert "has been typed in already" in text(other)


def test_a_row_number_with_a_typo_is_told_as_one(cast, aino):
    answer = aino.post("/en/desk/", {"code": cast.blank(), **KAJAANI, "row": "K1234567A"})
    assert (answer.status_code, "Check the row number: one character seems to differ." in text(answer)) == (422, True)


def test_another_workplaces_row_is_another_row(cast, aino, signed_in):
    from kaikukortti.actions.cards import row_id

    assert row_id("K12345678", by=cast.aino) != row_id("K12345678", by=cast.actor("other"))


# --- may we remind you? ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "kept"), [({"may_remind": "on"}, True), ({}, False)])
def test_reminding_is_asked_and_a_no_is_a_no(cast, aino, answer, kept):
    summary = aino.post("/en/desk/", {"code": cast.blank(), **KAJAANI, **answer})
    assert f"Reminders {'yes' if kept else 'no'}" in text(summary)
    aino.post("/en/desk/confirm/", hidden_fields(summary, "desk/confirm/"))
    assert Card.objects.get(holder__isnull=False).holder.may_remind is kept
