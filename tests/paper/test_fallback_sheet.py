"""The fallback sheet as a scanner, a screen reader and whoever writes on it see it."""

import re

import pytest

from kaikukortti.actions.sheets import find_sheet, make_sheet
from kaikukortti.paper.fallback_sheet import draw_sheet, shown_number
from kaikukortti.rules.paper import ROWS_OF_SHEET, row_name
from tests.paper.conftest import pages, read_codes, text_of
from tests.paper.test_printing import insides

pytestmark = pytest.mark.database

NO_NAMES = {
    "fi": "Älä kirjoita tähän nimiä",
    "sv": "Skriv inga namn här",
    "en": "Write no names here",
}


@pytest.fixture
def sheet(cast):
    event = cast.offering()
    return make_sheet(event, day=event.first_day, rows=ROWS_OF_SHEET, by=cast.ville, now=cast.now)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_sheet_of_twenty_rows_is_one_page_in_its_language(sheet, language):
    drawn = draw_sheet(sheet, language=language)
    (page,) = pages(drawn)
    words = text_of(drawn)
    assert read_codes(page) == {"QRCode": [sheet.number]}
    assert shown_number(sheet.number).replace(" ", "") in words
    for row in range(1, ROWS_OF_SHEET + 1):
        assert row_name(sheet.number, row) in words
    assert NO_NAMES[language].replace(" ", "") in words
    assert str(getattr(sheet.offering, f"name_{language}")).replace(" ", "") in words
    inside = insides(drawn)
    assert "pdfuaid:part" in inside
    assert "/StructTreeRoot" in inside
    assert re.search(rf"/Lang \({language}\)", inside)


def test_the_picture_opens_the_sheet_and_the_heads_ask_for_no_name(cast, sheet):
    drawn = draw_sheet(sheet, language="fi")
    ((page),) = pages(drawn)
    (number,) = read_codes(page)["QRCode"]
    assert find_sheet(number, by=cast.ville) == sheet
    assert re.findall(r"(?i)etunimi|sukunimi|puhelin|osoite", text_of(drawn)) == []


def test_a_longer_sheet_and_one_of_the_open_day(cast):
    sheet = make_sheet(None, day=cast.now.date(), rows=60, by=cast.salla, now=cast.now)
    drawn = draw_sheet(sheet, language="sv")
    assert len(list(pages(drawn))) == 3
    assert row_name(sheet.number, 60) in text_of(drawn)
    assert "Kajaaninuimahalli" in text_of(drawn)
