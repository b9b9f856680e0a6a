"""The workplace's own cards: found, shown, corrected, blocked; never another's, never a use."""

import pytest

from kaikukortti.actions.making import make_cards
from kaikukortti.actions.misses import DEVICE_AN_HOUR
from kaikukortti.models import Card, CardFact, Misses
from kaikukortti.rules.codes import shown
from kaikukortti.terms.kinds import CardFactKind
from tests.cast import NOW
from tests.web.pages import asked, text

pytestmark = pytest.mark.database

KAJAANI = {"birth_year": "1980", "postal_code": "87100", "minors": "2"}


@pytest.fixture
def aino(signed_in):
    """Hands out cards at Kajaani's social office."""
    return signed_in("office")


def test_another_workplaces_card_is_as_unknown_as_none(cast, aino, signed_in):
    code = cast.card()
    number = Card.objects.get(holder__isnull=False).pk
    serial = Card.objects.get(pk=number).serial
    oskari = signed_in("other")
    for wanted in (code, serial, "12345678"):
        answer = oskari.post("/en/cards/", {"wanted": wanted})
        assert (answer.status_code, "This code is not in the register." in text(answer)) == (422, True)
    assert "This code is not in the register." in text(oskari.post("/en/desk/", {"code": code, **KAJAANI}))
    for path in ("", "correct/", "block/"):
        assert oskari.get(f"/en/cards/{number}/{path}").status_code == 404
        assert oskari.post(f"/en/cards/{number}/{path}", {"reason": "lost", "sure": "1"}).status_code in (404, 405)
    assert not CardFact.objects.filter(kind=CardFactKind.BLOCKED).exists()


def test_too_many_tries_bring_a_break(cast, aino):
    Misses.objects.create(
        workplace=cast.workplaces["office"],
        membership=cast.aino.membership,
        hour=NOW.replace(minute=0),
        number=DEVICE_AN_HOUR,
    )
    aino.post("/en/cards/", {"wanted": "7KM9QX2TR8"})
    answer = aino.post("/en/cards/", {"wanted": cast.blank()})
    assert "so this till takes a short break. Try again in a while." in text(answer)


def test_an_own_card_is_found_by_serial_and_by_code(cast, aino):
    code = cast.card(minors=3)
    card = Card.objects.get(holder__isnull=False)
    for wanted in (card.serial, f"{card.serial[:4]} {card.serial[4:]}", code, shown(code)):
        answer = aino.post("/en/cards/", {"wanted": wanted})
        assert (answer.status_code, answer["Location"]) == (302, f"/en/cards/{card.pk}/")
    page = text(aino.get(f"/en/cards/{card.pk}/"))
    for words in ("The card is valid until 23 November 2027.", "1980", "87100", "Kajaani", "3"):
        assert words in page
    assert shown(code) not in page


def test_a_card_never_shows_uses(cast, aino):
    code = cast.card()
    cast.use(code)
    number = Card.objects.get(holder__isnull=False).pk
    assert "Routa" not in text(aino.get(f"/en/cards/{number}/"))


def test_coarsened_data_are_shown_as_they_are_kept(cast, aino):
    cast.card()
    card = Card.objects.get(holder__isnull=False)
    card.holder.birth_year, card.holder.postal_code = None, ""
    card.holder.save()
    page = text(aino.get(f"/en/cards/{card.pk}/"))
    assert "1980–1984" in page
    assert "not stored" in page
    assert aino.get(f"/en/cards/{card.pk}/correct/").status_code == 200


def test_wrong_data_are_corrected(cast, aino):
    cast.card(minors=2)
    card = Card.objects.get(holder__isnull=False)
    path = f"/en/cards/{card.pk}/correct/"
    assert 'value="1980"' in aino.get(path).content.decode()
    assert aino.post(path, {**KAJAANI, "minors": "21"}).status_code == 422
    answer = aino.post(path, {**KAJAANI, "minors": "3"}, follow=True)
    assert "The register now holds what you typed." in text(answer)
    assert "Corrected: number of children" in text(answer)
    card.holder.refresh_from_db()
    assert card.holder.minors == 3


def test_only_the_children_of_a_border_code_are_corrected(cast, aino):
    """The municipality that was picked at the issue need not be picked again."""
    cast.card(postal_code="88999", municipality="290")
    card = Card.objects.get(holder__isnull=False)
    path = f"/en/cards/{card.pk}/correct/"
    assert '<input type="hidden" name="municipality" value="290"' in aino.get(path).content.decode()
    sent = {"birth_year": "1980", "postal_code": "88999", "municipality": "290", "minors": "0"}
    assert aino.post(path, sent).status_code == 302


def test_a_lost_card_is_blocked_in_two_steps(cast, aino):
    cast.card()
    card = Card.objects.get(holder__isnull=False)
    path = f"/en/cards/{card.pk}/block/"
    assert aino.post(path, {}).status_code == 422
    sure = aino.post(path, {"reason": "lost"})
    assert "at once and for good" in text(sure)
    assert not CardFact.objects.filter(kind=CardFactKind.BLOCKED).exists()
    for _ in range(2):
        answer = aino.post(path, {"reason": "lost", "sure": "1"}, follow=True)
    assert CardFact.objects.filter(kind=CardFactKind.BLOCKED).count() == 1
    assert "Blocked: lost" in text(answer)
    assert "Block the card" not in text(answer)


def test_a_blank_and_a_community_card_have_pages_too(cast, aino):
    cast.community_card()
    for card in Card.objects.all()[:20]:
        assert aino.get(f"/en/cards/{card.pk}/").status_code == 200
        assert aino.get(f"/en/cards/{card.pk}/correct/").status_code == 302
        assert aino.get(f"/en/cards/{card.pk}/block/").status_code in (200, 302)
    assert aino.get("/en/cards/99999999999999999999999/").status_code == 404


def test_lists_ask_the_same_for_one_row_and_for_three(cast, aino):
    cast.card()
    card = Card.objects.get(holder__isnull=False)
    address = f"/en/cards/{card.pk}/"
    aino.get(address)  # the network is read once and kept, the audit trail begun
    before = asked(aino.get, address)
    for minors in (3, 4):
        make_cards(cast.workplaces["office"], size=1, by=None, now=NOW)
        aino.post(f"/en/cards/{card.pk}/correct/", {**KAJAANI, "minors": minors})
    aino.get(address)  # what was said after the correction is forgotten
    assert asked(aino.get, address) == before
