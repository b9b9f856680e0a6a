"""From an order to cards in the drawer, through the pages of the coordinator and the workplace."""

import io
import re
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from kaikukortti.actions import batches
from kaikukortti.actions.cards import Holder, Issued, issue_card
from kaikukortti.actions.codes import code_digests, make_code
from kaikukortti.actions.giving_secret import is_secret_of
from kaikukortti.models import Batch, Card
from tests.cast import NOW
from tests.paper.conftest import pages, read_codes, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Codes without the slow tag, and hundreds of two."""
    monkeypatch.setattr(batches, "make_code", lambda **how: make_code(random_tag=True, **how))
    monkeypatch.setattr(batches, "HUNDRED", 2)


def at(name, *args):
    with override("en"):
        return reverse(name, args=args)


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_an_order_becomes_sheets_once_and_blanks_when_the_workplace_has_them(cast, signed_in):
    aino, kaisa = signed_in("office"), signed_in("kainuu")
    page = text(aino.get(at("stock")))
    assert "The drawer is empty." in page
    assert aino.post(at("order-cards"), {"size": "3"}).status_code == 302
    assert "3 cards were ordered 24 November 2026" in text(aino.get(at("stock")))
    order = Batch.objects.get()

    page = text(kaisa.get(at("network-stock")))
    assert "Kajaanin sosiaalitoimisto 3 cards" in page
    assert "Make the codes and fetch the files" in text(kaisa.get(at("batch", order.pk)))
    answer = kaisa.post(at("print-batch", order.pk), {"layout": "office"})
    assert answer.streaming
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    cards = [name for name in archive.namelist() if "cards" in name]
    codes = [code for name in cards for page in pages(archive.read(name)) for code in read_codes(page)["QRCode"]]
    assert len(codes) == 3
    assert "testserver/my" in text_of(archive.read(archive.namelist()[1]))

    again = kaisa.post(at("print-batch", order.pk), follow=True)
    assert "printed once already" in text(again)
    assert not any(code in again.content.decode() for code in codes)

    assert "First press “We have these cards”" in text(aino.post(at("desk-code"), {"code": codes[0]}))
    page = text(aino.get(at("stock")))
    assert "3 cards are on their way" in page
    for _press in range(2):
        page = text(aino.post(at("receive-batch", order.pk), follow=True))
        assert "3 cards are now in your drawer." in page
    assert "3 blank cards are in the drawer" in page
    assert "The card is blank and ready." in text(aino.post(at("desk-code"), {"code": codes[0]}))
    holder = Holder(birth_year=1980, minors=0, postal_code="87100")
    issued = issue_card(codes[0], by=cast.aino, now=NOW, holder=holder)
    assert isinstance(issued, Issued)
    slip = "Give along the slip with the same serial number"
    listed = Card.objects.get(digest=code_digests(cast.card())[-1]).pk
    for number, told in ((issued.card, True), (listed, False)):
        session = aino.session
        session["issued"] = number
        session.save()
        assert (slip in text(aino.get(at("desk-done")))) is told
    assert "1" in text(kaisa.get(at("batches", cast.workplaces["office"].pk)))


def test_a_cut_off_printing_is_told_voided_and_made_again_in_one_press(cast, signed_in):
    kaisa = signed_in("kainuu")
    answer = kaisa.post(at("batches", cast.workplaces["office"].pk), {"size": "5", "layout": "cards"}, follow=True)
    order = Batch.objects.get()
    assert answer.redirect_chain[-1][0] == at("batch", order.pk)
    answer = kaisa.post(at("print-batch", order.pk))
    next(iter(answer.streaming_content))
    del answer  # whoever asked has gone
    page = text(kaisa.get(at("batch", order.pk)))
    assert "printing under way or cut off at 2" in page
    assert "void the batch and make it again" in page
    assert "We have these cards" not in text(signed_in("office").get(at("stock")))
    assert "2 cards that nobody has been given become void" in text(kaisa.get(at("void-batch", order.pk)))
    answer = kaisa.post(at("void-batch", order.pk), {"again": "1"}, follow=True)
    again = Batch.objects.latest("pk")
    assert (again.again, again.size) == (order, 5)
    assert answer.redirect_chain[-1][0] == at("batch", again.pk)
    kaisa.post(at("void-batch", order.pk), {"again": "1"})
    assert Batch.objects.count() == 2
    assert f"Made again as batch {again.pk}" in text(kaisa.get(at("batch", order.pk)))
    assert "void since" in text(kaisa.get(at("batch", order.pk)))


@pytest.mark.parametrize("size", ["0", "10001", "x", ""])
def test_an_order_of_an_odd_size_is_asked_again(cast, signed_in, size):
    address = at("batches", cast.workplaces["office"].pk)
    assert signed_in("kainuu").post(address, {"size": size, "layout": "cards"}).status_code == 422
    assert signed_in("office").post(at("order-cards"), {"size": size}).status_code == 422
    assert not Batch.objects.exists()


def test_blanks_move_by_batch_or_by_serial(cast, signed_in):
    nelli, office, other = signed_in("national"), cast.workplaces["office"], cast.workplaces["other"]
    batches.make_batch(office, size=3, by=cast.nelli, now=NOW)
    serials = list(Card.objects.values_list("serial", flat=True))
    address = at("move-blanks", office.pk)
    assert nelli.post(address, {"to": other.pk}).status_code == 422
    wrong = nelli.post(address, {"to": other.pk, "serials": "12345678"})
    assert "Not in this workplace&#x27;s drawer: 12345678." in wrong.content.decode()
    sent = f"{serials[0][:2]} {serials[0][2:5]} {serials[0][5:]}\n\n{serials[0]}"
    assert nelli.post(address, {"to": other.pk, "serials": sent}).status_code == 302
    assert Card.objects.of_workplace(other).get().serial == serials[0]
    nelli.post(address, {"to": other.pk, "batch": Batch.objects.get().pk})
    assert Card.objects.of_workplace(other).count() == 3
    kaisa = signed_in("kainuu")
    assert kaisa.post(address, {"to": other.pk, "serials": serials[1]}).status_code == 422


def test_the_list_of_workplaces_asks_the_same_for_one_card_and_for_three(cast, signed_in):
    nelli = signed_in("national")

    def asked(address):
        nelli.get(address)  # the first notes in the session that somebody was here
        with CaptureQueriesContext(connection) as queries:
            assert nelli.get(address).status_code == 200
        return len(queries)

    pages_ = [at("network-stock"), at("batches", cast.workplaces["office"].pk)]
    batches.order_batch(cast.workplaces["office"], size=1, layout="cards", by=cast.nelli, now=NOW)
    before = [asked(address) for address in pages_]
    for name in ("office", "other"):
        batches.order_batch(cast.workplaces[name], size=1, layout="cards", by=cast.nelli, now=NOW)
        batches.make_batch(cast.workplaces[name], size=2, by=cast.nelli, now=NOW)
    assert [asked(address) for address in pages_] == before


def test_a_new_secret_is_shown_once_and_as_a_slip(cast, signed_in):
    aino = signed_in("office")
    card = Card.objects.get(digest__in=code_digests(cast.card()))
    assert "A new secret" in text(aino.get(at("give-secret", card.pk)))
    page = aino.post(at("give-secret", card.pk)).content.decode()
    (secret,) = re.findall(r'name="secret" value="(\w{9})"', page)
    card.refresh_from_db()
    assert is_secret_of(card, secret)
    for extra in ({}, {"large": "1"}):
        slip = aino.post(at("secret-slip", card.pk), {"secret": secret, **extra})
        assert slip["Content-Type"] == "application/pdf"
        assert "no-store" in slip["Cache-Control"]
        assert secret in text_of(slip.content).replace("-", "")
    assert aino.post(at("secret-slip", card.pk), {"secret": "0" * 9}).status_code == 404
    assert secret not in aino.get(at("give-secret", card.pk)).content.decode()
    assert signed_in("other").post(at("give-secret", card.pk)).status_code == 404
    blank = Card.objects.get(digest__in=code_digests(cast.blank()))
    assert aino.post(at("give-secret", blank.pk)).status_code == 422
