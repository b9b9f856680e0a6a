"""The issuing desk: what the client tells, the summary, the card in use."""

import re
from datetime import date
from uuid import uuid4

import pytest

from kaikukortti.models import Card, CardFact, CountedFact, Misses
from kaikukortti.rules.codes import shown
from kaikukortti.terms.kinds import CardFactKind
from tests.web.pages import asked, hidden_fields, text

pytestmark = pytest.mark.database

DESK, CONFIRM, DONE = "/en/desk/", "/en/desk/confirm/", "/en/desk/done/"
KAJAANI = {"birth_year": "1980", "postal_code": "87100", "minors": "2"}


@pytest.fixture
def aino(signed_in):
    """Hands out cards at Kajaani's social office."""
    return signed_in("office")


def carried(summary):
    """What the summary sends on when it is confirmed."""
    return hidden_fields(summary, "desk/confirm/")


def test_a_card_is_given_in_three_steps(cast, aino):
    code = cast.blank()
    summary = aino.post(DESK, {"code": shown(code).lower(), **KAJAANI, "voluntary": "skip"})
    assert summary.status_code == 200
    for word in (shown(code), "1980", "87100", "Kajaani", "2", "23 November 2027"):
        assert word in text(summary)
    assert not CardFact.objects.filter(kind=CardFactKind.REGISTERED).exists()

    done = aino.post(CONFIRM, carried(summary))
    assert (done.status_code, done["Location"]) == (302, DONE)
    page = text(aino.get(DONE))
    card = Card.objects.get(facts__kind=CardFactKind.REGISTERED)
    assert f"{card.serial[:4]} {card.serial[4:]}" in page
    assert "23 November 2027" in page
    assert "Up to 2 children may come with you." in page
    assert (card.holder.birth_year, card.holder.postal_code, card.holder.municipality_id) == (1980, "87100", "205")


def test_the_same_summary_twice_is_one_card(cast, aino):
    summary = aino.post(DESK, {"code": cast.blank(), **KAJAANI})
    sent = carried(summary)
    assert [aino.post(CONFIRM, sent)["Location"] for _ in range(2)] == [DONE, DONE]
    assert CardFact.objects.filter(kind=CardFactKind.REGISTERED).count() == 1
    assert CountedFact.objects.count() == 1


def test_voluntary_answers_are_not_asked_none_or_not_said(cast, aino):
    for answers, stored in (
        ({"voluntary": "skip", "gender": "woman", "life_situations": ["student"]}, (None, None, None)),
        ({"voluntary": "with"}, (None, None, None)),
        ({"voluntary": "with", "gender": "not-said", "life_situations": ["none"]}, ("not-said", ["none"], None)),
        (
            {"voluntary": "with", "life_situations": ["student", "carer"], "home_language": "sv"},
            (None, ["student", "carer"], "sv"),
        ),
    ):
        summary = aino.post(DESK, {"code": cast.blank(), **KAJAANI, **answers})
        aino.post(CONFIRM, carried(summary))
        fact = CountedFact.objects.latest("pk")
        assert (fact.gender, fact.life_situations, fact.home_language) == stored


def test_answers_that_contradict_each_other_are_asked_again(cast, aino):
    sent = {"code": cast.blank(), **KAJAANI, "voluntary": "with", "life_situations": ["student", "none"]}
    answer = aino.post(DESK, sent)
    assert answer.status_code == 422
    assert "Choose the situations that apply" in text(answer)


def test_every_error_says_how_to_mend_it_and_keeps_what_was_typed(cast, aino):
    answer = aino.post(DESK, {"code": "7KM9QX2TR8", "birth_year": "2012", "postal_code": "87999", "minors": "21"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "<title>Fix four things –" in re.sub(r"\s+", " ", page)
    for words in (
        "Check the code: one character seems to differ. Read the code again",
        "The card can be given in the year when the person turns 16. Check the birth year.",
        "The postal code was not found. Check the number or choose the municipality alone.",
        "The number of children is from 0 to 20. Check the number",
    ):
        assert words in text(answer)
    for typed in ("7KM9QX2TR8", "2012", "87999", "21"):
        assert f'value="{typed}"' in page
    for field in ("code", "birth_year", "postal_code", "minors"):
        assert f'href="#id_{field}"' in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"birth_year": "x"}, "The birth year does not look right."),
        ({"birth_year": "1899"}, "The birth year does not look right."),
        ({"birth_year": ""}, "Type the birth year."),
        ({"postal_code": ""}, "Type the postal code, or choose the municipality alone."),
        ({"postal_code": "94100"}, "The municipality is not in the network yet."),
        ({"postal_code": "", "only_municipality": "240"}, "The municipality is not in the network yet."),
        ({"postal_code": "", "only_municipality": "999"}, "The postal code was not found."),
        ({"postal_code": "8" * 30}, "The postal code was not found."),
        ({"minors": "-1"}, "The number of children is from 0 to 20."),
        ({"minors": ""}, "Type the number of children; 0 if none."),
        ({"minors": "9"}, "That is more than 8 children."),
        ({"issued_on": "2026-11-25"}, "This day has not come yet."),
        ({"issued_on": "2026-10-24"}, "This day is no longer open for recording here."),
        ({"issued_on": "yesterday"}, "Write the day like this: 24.11.2026."),
        ({"code": ""}, "Read or type the code of a blank card."),
        ({"code": "A" * 70}, "Check the code: one character seems to differ."),
        ({"code": "0000000000"}, "Check the code"),
    ],
)
def test_what_does_not_fit_is_said_in_words(cast, aino, typed, words):
    answer = aino.post(DESK, {"code": cast.blank(), **KAJAANI, **typed})
    assert answer.status_code == 422
    assert words in text(answer)


def test_sixteen_is_decided_on_the_birth_year_alone(cast, aino):
    for year, status in (("2010", 200), ("2011", 422)):
        assert aino.post(DESK, {"code": cast.blank(), **KAJAANI, "birth_year": year}).status_code == status


def test_more_than_eight_children_are_confirmed(cast, aino):
    sent = {"code": cast.blank(), **KAJAANI, "minors": "9", "minors_sure": "on"}
    summary = aino.post(DESK, sent)
    assert summary.status_code == 200
    aino.post(CONFIRM, carried(summary))
    assert Card.objects.get(holder__isnull=False).holder.minors == 9


def test_a_border_code_asks_which_municipality(cast, aino):
    sent = {"code": cast.blank(), **KAJAANI, "postal_code": "88999"}
    answer = aino.post(DESK, sent)
    assert answer.status_code == 422
    assert "Choose the municipality: this postal code lies in several." in text(answer)
    summary = aino.post(DESK, {**sent, "municipality": "290"})
    assert "Kuhmo" in text(summary)
    aino.post(CONFIRM, carried(summary))
    assert Card.objects.get(holder__isnull=False).holder.municipality_id == "290"


def test_the_municipality_alone_needs_no_reason_and_stores_no_postal_code(cast, aino):
    sent = {"code": cast.blank(), **KAJAANI, "only_municipality": "290"}
    summary = aino.post(DESK, sent)
    assert "Postal code not stored" in text(summary)
    aino.post(CONFIRM, carried(summary))
    holder = Card.objects.get(holder__isnull=False).holder
    assert (holder.postal_code, holder.municipality_id) == ("", "290")


def test_a_scanners_enter_without_a_script_is_calm(cast, aino):
    """Only the code has come: nothing is called missing, and the next field has the focus."""
    answer = aino.post(DESK, {"code": cast.blank(), "birth_year": "", "postal_code": "", "minors": ""})
    assert answer.status_code == 200
    assert re.search(r'<input[^>]*name="birth_year"[^>]*autofocus', answer.content.decode())
    used = aino.post(DESK, {"code": cast.card(), "birth_year": "", "postal_code": "", "minors": ""})
    assert (used.status_code, "This card is already in use. Take another blank card." in text(used)) == (422, True)


def test_change_something_leads_back_with_everything_kept(cast, aino):
    summary = aino.post(DESK, {"code": cast.blank(), **KAJAANI, "voluntary": "with", "gender": "woman"})
    sent = carried(summary)
    del sent["id"]
    answer = aino.post(DESK, {**sent, "change": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="1980"' in page
    assert re.search(r'value="woman"[^>]*checked', page)
    assert re.search(r"<details[^>]*voluntary[^>]*open", page)


def test_a_paper_form_is_typed_in_later(cast, aino):
    summary = aino.post(DESK, {"code": cast.blank(), **KAJAANI, "issued_on": "2026-11-10"})
    aino.post(CONFIRM, carried(summary))
    spell = CardFact.objects.get(kind=CardFactKind.VALID)
    assert (spell.since, spell.until) == (date(2026, 11, 10), date(2027, 11, 9))


def test_a_community_card_needs_its_code_only(cast, aino):
    summary = aino.post("/en/desk/community/", {"code": cast.blank(), "community": "1"})
    assert "community card" in text(summary)
    aino.post(CONFIRM, carried(summary))
    card = Card.objects.get(facts__kind=CardFactKind.REGISTERED)
    assert card.community
    assert "Say to the client" not in text(aino.get(DONE))


def test_the_client_hears_and_gets_on_paper_their_own_language(cast, aino):
    aino.post(CONFIRM, carried(aino.post(DESK, {"code": cast.blank(), **KAJAANI})))
    page = aino.get(f"{DONE}?say=sv").content.decode()
    assert 'class="leaflet" lang="sv"' in page
    assert re.search(r'<p lang="sv">', page)
    assert aino.get(f"{DONE}?say=xx").status_code == 200


@pytest.mark.parametrize("name", ["routa", "luukku", "kainuu", "national", "analyst"])
def test_the_desk_is_for_issuers(cast, signed_in, name):
    cast.card()
    number = Card.objects.get(holder__isnull=False).pk
    other = signed_in(name)
    for path in (
        "desk/",
        "desk/community/",
        "desk/confirm/",
        "desk/done/",
        "cards/",
        "cards/stock/",
        f"cards/{number}/",
    ):
        assert other.get(f"/en/{path}").status_code == 403
    for path in ("desk/", "desk/echo/", "desk/municipality/", "desk/confirm/"):
        assert other.post(f"/en/{path}").status_code == 403


def test_half_a_code_while_typing_counts_as_no_miss(cast, aino):
    for typed in ("7", "7KM", "7KM9QX2TR8"):
        assert "waits for the code" in text(aino.post("/en/desk/echo/", {"code": typed}))
    assert not Misses.objects.exists()


def test_the_municipality_is_told_while_typing(cast, aino):
    for typed, words in (
        ("87100", "Kajaani"),
        ("88999", "Kuhmo"),
        ("94100", "The municipality is not in the network yet."),
        ("99999", "The postal code was not found."),
        ("871", ""),
        ("", ""),
    ):
        answer = aino.post("/en/desk/municipality/", {"postal_code": typed})
        assert words in text(answer)
        assert "Fix" not in text(answer)
        assert "aria-invalid" not in answer.content.decode()


def test_nothing_of_the_client_stands_in_an_address_or_a_title(cast, aino):
    code = cast.blank()
    seen = []
    summary = aino.post(DESK, {"code": code, **KAJAANI})
    seen += [summary, aino.post(CONFIRM, carried(summary))]
    found = aino.post("/en/cards/", {"wanted": code})
    seen += [found, aino.get(DONE), aino.get(found["Location"])]
    for answer in seen:
        told = answer.get("Location", "") + answer.request["PATH_INFO"] + answer.request["QUERY_STRING"]
        told += " ".join(re.findall(r"(?s)<title>.*?</title>", answer.content.decode()))
        for secret in (code, shown(code), "1980", "87100"):
            assert secret not in told
        assert "no-store" in answer["Cache-Control"]


def test_a_broken_form_is_calm(cast, aino):
    """Anything may be sent: it is told what to mend, and nothing is stored."""
    odd = dict.fromkeys(("code", "birth_year", "postal_code", "minors", "id", "municipality"), "\x00\ud7ff😀'\"<b>" * 3)
    for path in (DESK, CONFIRM, "/en/desk/community/", "/en/cards/", "/en/desk/echo/", "/en/desk/municipality/"):
        for sent in ({}, odd, {"change": "1"}, {"community": "1"}, {**KAJAANI, "birth_year": "9" * 5000}):
            assert aino.post(path, sent).status_code in (200, 422)
    assert aino.get(CONFIRM).status_code == 302
    assert aino.get(DONE).status_code == 302
    assert not CardFact.objects.filter(kind=CardFactKind.REGISTERED).exists()


def test_a_summary_without_its_id_is_shown_again(cast, aino):
    sent = carried(aino.post(DESK, {"code": cast.blank(), **KAJAANI}))
    assert aino.post(CONFIRM, {**sent, "id": "x"}).status_code == 200
    used = uuid4()
    aino.post(CONFIRM, {**sent, "id": used})
    other = carried(aino.post(DESK, {"code": cast.blank(), **KAJAANI}))
    assert aino.post(CONFIRM, {**other, "id": used}).status_code == 200
    assert CardFact.objects.filter(kind=CardFactKind.REGISTERED).count() == 1


def test_no_step_asks_more_than_it_needs(cast, aino):
    sent = {"code": cast.blank(), **KAJAANI, "voluntary": "with", "life_situations": ["student", "carer"]}
    aino.get(DESK)  # the network is read once and kept
    assert asked(aino.get, DESK) <= 5
    assert asked(aino.post, DESK, sent) <= 9
    assert asked(aino.post, "/en/desk/echo/", sent) <= 6
    assert asked(aino.post, "/en/desk/municipality/", sent) <= 6
    assert asked(aino.post, "/en/desk/code/", sent) <= 5
    summary = carried(aino.post(DESK, sent))
    assert asked(aino.post, CONFIRM, summary) <= 25  # five of them for the audit trail, on PostgreSQL
    assert asked(aino.get, DONE) <= 6
