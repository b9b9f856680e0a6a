"""What is printed is read back: every code on the cards, every secret on the slips, and never one beside the other."""

import io
import logging
import re
import stat
import zipfile
import zlib
from types import SimpleNamespace

import pytest
import zxingcpp
from django.core.management import CommandError, call_command

from kaikukortti.actions import batches
from kaikukortti.actions.batches import begin_printing, order_batch, print_hundreds
from kaikukortti.actions.codes import make_code, random_code, random_secret
from kaikukortti.models import Batch, Card
from kaikukortti.paper.cards import draw_cards
from kaikukortti.paper.codes import NARROW, QR_MODULE, QR_QUIET, code39_picture, qr_picture
from kaikukortti.paper.printing import as_zip, batch_files
from kaikukortti.paper.slips import draw_slips
from tests.cast import NOW
from tests.paper.conftest import pages, read_codes, text_of

NOT_ON_A_CARD = re.compile(
    r"köyh|tuloton|vähävar|sosiaal|toimeentul|hyvinvointialue|fattig|social|utkomst|poor|poverty|welfare|benefit", re.I
)


def made(number: int) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(code=random_code(), serial=f"{48201993 + one}", secret=random_secret()) for one in range(number)
    ]


def insides(pdf: bytes) -> str:
    """The document's structure, its compressed parts unpacked."""
    parts = [pdf]
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(part))
        except zlib.error:
            continue
    return b"\n".join(parts).decode("latin-1")


def test_every_code_of_a_sheet_is_read_back_at_200_dots_an_inch():
    cards = made(13)
    drawn = draw_cards(cards, layout="cards", title="Kaikukortti 1")
    faces, backs, last_faces, last_backs = [read_codes(page) for page in pages(drawn)]
    ten, three = sorted(card.code for card in cards[:10]), sorted(card.code for card in cards[10:])
    assert (faces, backs) == ({"QRCode": ten}, {"Code39": ten})
    assert (last_faces, last_backs) == ({"QRCode": three}, {"Code39": three})
    said = text_of(drawn)
    for card in cards:
        assert said.count(card.code) == 2  # on the face and on the back, 3-3-4
        assert said.count(card.serial) == 1
        assert card.secret not in said


def test_every_code_of_an_office_sheet_is_read_back():
    cards = made(7)
    found = [read_codes(page) for page in pages(draw_cards(cards, layout="office", title="Kaikukortti 1"))]
    for page, some in zip(found, (cards[:5], cards[5:]), strict=True):
        codes = sorted(card.code for card in some)
        assert page == {"QRCode": codes, "Code39": codes}


def test_the_back_lies_behind_its_face_when_the_sheet_is_turned():
    cards = made(2)
    front, back = pages(draw_cards(cards, layout="cards", title="Kaikukortti 1"))
    left = {one.text: one.position.top_left.x < front.width / 2 for one in zxingcpp.read_barcodes(front)}
    left_behind = {one.text: one.position.top_left.x < back.width / 2 for one in zxingcpp.read_barcodes(back)}
    assert left == {code: not was_left for code, was_left in left_behind.items()}


def test_the_codes_have_the_sizes_that_scanners_ask_for():
    qr, bars = qr_picture("7KM9QX2TR7"), code39_picture("7KM9QX2TR7")
    assert qr.width == pytest.approx(21 * QR_MODULE)
    assert bars.width == pytest.approx(173 * NARROW)
    assert (bars.height, NARROW) == (12, 0.37)
    assert pytest.approx(4.24) == QR_QUIET


def test_the_slips_have_every_secret_and_no_code():
    cards = made(7)
    drawn = draw_slips(cards, address="cards.example.fi/my", title="Kaikukortti 1")
    said = text_of(drawn).replace("-", "")
    for card in cards:
        assert said.count(card.secret) == 1
        assert said.count(card.serial) == 1
        assert card.code not in said
    assert "cards.example.fi/my" in said
    assert [read_codes(page) for page in pages(drawn)] == [{}, {}, {}]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_slip_in_large_print_fills_a_sheet(language):
    (card,) = made(1)
    drawn = draw_slips([card], address="kaikukortti.example.fi/my", title="Kaikukortti", language=language, large=True)
    assert len(list(pages(drawn))) == 1
    assert card.secret in text_of(drawn).replace("-", "")


@pytest.mark.parametrize("what", ["cards", "office", "slips"])
def test_what_is_printed_is_tagged_speaks_its_languages_and_tells_nothing_of_its_holder(what):
    cards = made(3)
    drawn = (
        draw_slips(cards, address="cards.example.fi/my", title="Kaikukortti 1 · 1–3")
        if what == "slips"
        else draw_cards(cards, layout=what, title="Kaikukortti 1 · 1–3")
    )
    inside = insides(drawn)
    assert "pdfuaid:part" in inside
    assert re.search(r"/Marked true", inside)
    assert re.search(r"/Lang \(fi\)", inside)
    assert "/StructTreeRoot" in inside
    assert not NOT_ON_A_CARD.search(text_of(drawn))
    assert not NOT_ON_A_CARD.search(inside)


def test_no_word_of_a_sheet_falls_back_to_another_face_or_is_told_to_a_log(caplog):
    told = logging.getLogger("weasyprint")
    told.addHandler(caplog.handler)
    try:
        cards = made(1)
        drawn = draw_cards(cards, layout="cards", title="K") + draw_slips(cards, address="a.fi/my", title="K")
    finally:
        told.removeHandler(caplog.handler)
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING] == []
    faces = set(re.findall(r"/FontName /\w+\+([A-Za-z]+)", insides(drawn)))
    assert faces
    assert all(face.startswith(("Atkinson", "Familjen", "Kaiku")) for face in faces)


# --- a whole batch --------------------------------------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch):
    """Codes without the slow tag, and hundreds of three."""
    monkeypatch.setattr(batches, "make_code", lambda **how: make_code(random_tag=True, **how))
    monkeypatch.setattr(batches, "HUNDRED", 3)


@pytest.mark.database
def test_a_batch_is_drawn_hundred_by_hundred_into_one_archive(cast, small):
    batch = order_batch(cast.workplaces["office"], size=5, layout="cards", by=cast.kaisa, now=NOW)
    batch = begin_printing(batch, by=cast.kaisa, now=NOW)
    files = batch_files(
        print_hundreds(batch, by=cast.kaisa, now=NOW), number=batch.pk, layout=batch.layout, address="a.fi/my"
    )
    pieces = as_zip(files, now=NOW)
    first = next(pieces)
    assert first.startswith(b"PK")
    assert batch.cards.count() == 3  # the second hundred is made when the first is drawn
    archive = zipfile.ZipFile(io.BytesIO(first + b"".join(pieces)))
    assert archive.testzip() is None
    stem = f"kaikukortti-{batch.pk}-0000"
    assert archive.namelist() == [
        f"{stem}1-00003-cards.pdf",
        f"{stem}1-00003-slips.pdf",
        f"{stem}4-00005-cards.pdf",
        f"{stem}4-00005-slips.pdf",
    ]
    assert sum(text_of(archive.read(name)).count("Kaikukortti") > 0 for name in archive.namelist()) == 4
    assert batch.cards.count() == 5


@pytest.mark.database
def test_the_command_writes_files_for_their_owner_only_and_once(cast, small, tmp_path):
    batch = order_batch(cast.workplaces["office"], size=4, layout="cards", by=cast.kaisa, now=NOW)
    folder = tmp_path / "to-print"
    call_command("print_batch", batch.pk, str(folder), address="cards.example.fi")
    files = sorted(folder.iterdir())
    assert len(files) == 4
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert Card.objects.filter(batch=batch).count() == 4
    for again in (folder, tmp_path / "again"):
        with pytest.raises(CommandError):
            call_command("print_batch", batch.pk, str(again), address="cards.example.fi")
    assert Batch.objects.get(pk=batch.pk).layout == "cards"
