"""Words for the client: whole in each language, marked until a native speaker has read them, drawn right to left."""

import io
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.utils.translation import override
from weasyprint import HTML

from kaikukortti.paper.form import MOST_ROWS, draw_paper_form, random_rows
from kaikukortti.paper.words import (
    FOLDER,
    LANGUAGES,
    NOT_REVIEWED_FI,
    POINTS,
    STEPS,
    all_words,
    draw_leaflet,
    words_in,
)
from kaikukortti.rules.codes import read_row, shown
from kaikukortti.terms.kinds import Gender, HomeLanguage, LifeSituation
from kaikukortti.web.desk_forms import DeskForm
from tests.test_words import TELLING, UNKIND

OURS = {"fi", "sv", "en", "fi-easy", "sv-easy"}
PICTURES = Path(__file__).resolve().parents[2] / "kaikukortti" / "static" / "kaikukortti" / "img" / "leaflet"


def said(code: str) -> list[str]:
    words = words_in(code)
    parts = [text for part in (*words.steps, *words.points) for text in (part.heading, part.text)]
    return [words.heading, *words.sentences, words.title, words.lead, words.good_to_know, words.ask, *parts]


@cache
def leaflet(code: str) -> Any:
    return pypdfium2.PdfDocument(io.BytesIO(draw_leaflet(words_in(code))))


def text_of(document: Any) -> str:
    pages = (page.get_textpage().get_text_range() for page in document)
    return " ".join(" ".join(pages).replace("\N{NO-BREAK SPACE}", " ").split())


# --- the files ----------------------------------------------------------------------------------------------------


def test_every_file_is_a_language_that_can_be_chosen():
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(LANGUAGES)
    with pytest.raises(KeyError):
        words_in("../settings")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_says_everything(code):
    assert all(len(text) > 3 and text == text.strip() for text in said(code))
    assert {path.stem for path in PICTURES.glob("*.svg")} == {*STEPS, *POINTS, "mark"}
    assert words_in(code).direction == ("rtl" if code == "ar" else "ltr")


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_is_read_aloud_in_a_minute_or_a_minute_and_a_half(code):
    """Read calmly to somebody: twelve letters a second at most; Arabic writes few of its vowels."""
    seconds = sum(len(sentence) for sentence in words_in(code).sentences) / (9 if code == "ar" else 11)
    assert 55 <= seconds <= 95


def test_a_text_of_others_languages_is_marked_until_somebody_has_read_it():
    for words in all_words():
        assert words.reviewed == (words.code in OURS)
        assert words.reviewed or words.not_reviewed
    once_read = replace(words_in("uk"), reviewed_by="Olena K., translator")
    assert not once_read.reviewed, "a name alone does not do: the day is missing"
    read = replace(once_read, reviewed_on=words_in("fi").reviewed_on)
    assert NOT_REVIEWED_FI not in text_of(pypdfium2.PdfDocument(io.BytesIO(draw_leaflet(read))))


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_says_why_anyone_has_a_card_or_blames(code):
    """P21"""
    language = words_in(code).language
    others = (
        r"бедн|бідн|малоимущ|малозабезпеч|соціальн|социальн|فقر|فقير|faqiir|sabool|sosiaali|socialt|social (work|serv)"
    )
    for text in said(code):
        assert not re.search(f"{TELLING}|{others}", text, re.IGNORECASE), text
        assert not re.search(UNKIND.get(language, "$^"), text, re.IGNORECASE), text


@pytest.mark.parametrize("code", ["fi-easy", "sv-easy"])
def test_easy_language_has_short_sentences(code):
    sentences = [one for text in said(code) for one in re.split(r"(?<=[.?!])\s+", text)]
    assert max(len(one.split()) for one in sentences) <= 19
    assert sum(len(one.split()) for one in sentences) / len(sentences) < 7.5


# --- the leaflet --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_leaflet_is_one_tagged_leaf_in_its_language(code):
    document, words = leaflet(code), words_in(code)
    assert len(document) == 2
    assert [round(side / 72 * 25.4) for side in document[0].get_size()] == [148, 210]
    assert document.is_tagged()
    assert document.get_metadata_value("Title") == f"Kaikukortti: {words.title}"
    text = text_of(document)
    assert (NOT_REVIEWED_FI in text) == (code not in OURS)
    if words.direction == "ltr":
        for one in (words.title, *(part.heading for part in (*words.steps, *words.points))):
            assert one in text


def test_every_letter_has_a_face(tmp_path):
    """No box stands for a letter: glyph 0 is in no leaflet, and the faces are embedded."""
    for code in LANGUAGES:
        assert not re.search(r"[\ufffd\u0000\u25a1]", text_of(leaflet(code))), code


def boxes(html: str) -> list[Any]:
    """The text boxes of a small page, laid out as in the leaflet."""
    page = HTML(string=f'<style>html {{ font: 20px "DejaVu Sans" }}</style>{html}').render().pages[0]
    return [box for box in page._page_box.descendants() if getattr(box, "text", "").strip()]


def heading_of_the_back(code: str) -> tuple[float, float]:
    """How far from the left and from the right edge of the sheet the heading of the back stands, in points."""
    page = leaflet(code)[1]
    text = page.get_textpage()
    assert text.count_rects()
    left, _bottom, right, _top = text.get_rect(0)
    return left, page.get_size()[0] - right


def test_arabic_runs_from_right_to_left():
    """The heading stands at the right margin, as the Finnish one does at the left."""
    margin = 16 / 25.4 * 72
    left, right = heading_of_the_back("ar")
    assert right < margin < left
    left, right = heading_of_the_back("fi")
    assert left < margin < right


def test_arabic_letters_join():
    """A word is narrower than its letters one by one: they take their joined forms. The control does not join."""
    word = "البطاقة"

    def widths(text: str) -> float:
        return sum(float(box.width) for box in boxes(f'<p dir="rtl" lang="ar">{text}</p>'))

    joined, apart = widths(word), widths("\u200c".join(word))
    assert joined < 0.9 * apart
    assert abs(widths("Kortti") - widths("\u200c".join("Kortti"))) < 1


# --- the paper form -----------------------------------------------------------------------------------------------


def test_rows_have_numbers_that_the_desk_reads():
    rows = random_rows(MOST_ROWS)
    assert len(set(rows)) == MOST_ROWS
    for row in rows:
        assert re.fullmatch(r"K[0-9A-HJKMNP-TV-Z]{8}", row)
        assert read_row(shown(row).replace("-", " ")) == row
        typo = row[:4] + ("A" if row[4] != "A" else "B") + row[5:]
        assert read_row(typo) is None
    letters = Counter(letter for row in random_rows(500) for letter in row[1:8])
    assert len(letters) == 32


@pytest.mark.parametrize(
    ("language", "no_names", "asked"),
    [
        ("fi", "Älä kirjoita tähän nimiä.", ("Kortin koodi", "Syntymävuosi", "Postinumero", "tai pelkkä kunta")),
        ("sv", "Skriv inga namn här.", ("Kortets kod", "Födelseår", "Postnummer", "eller bara kommunen")),
        ("en", "Write no names here.", ("Card code", "Birth year", "Postal code", "or the municipality alone")),
    ],
)
def test_the_form_asks_what_the_desk_asks_and_nothing_else(language, no_names, asked):
    document = pypdfium2.PdfDocument(io.BytesIO(draw_paper_form(6, language=language)))
    text = text_of(document)
    assert (len(document), document.is_tagged()) == (2, True)
    assert text.count(no_names) >= len(document)
    for one in asked:
        assert text.count(one) == 6
    rows = re.findall(r"\bK[0-9A-Z]{2} [0-9A-Z]{3} [0-9A-Z]{3}\b", text)
    assert len({read_row(row) for row in rows} - {None}) == 6
    with override(language):
        ticks = [str(one.label) for kinds in (Gender, LifeSituation, HomeLanguage) for one in kinds]
    for tick in ticks:
        assert tick in text


def test_the_form_has_the_desks_fields():
    """A field of the desk that is missing here would be asked for twice."""
    in_words = {
        "code": "Card code",
        "birth_year": "Birth year",
        "postal_code": "Postal code",
        "only_municipality": "or the municipality alone",
        "minors": "Minor children or grandchildren",
        "may_remind": "May we remind you",
        "gender": "Gender",
        "life_situations": "Life situation",
        "home_language": "Home language",
        "issued_on": "The day the card was given",
        "row": "Row",
    }
    helping = {"municipality", "minors_sure"}  # asked only where a postal code or a number needs it
    assert set(DeskForm.base_fields) - helping == set(in_words)
    text = text_of(pypdfium2.PdfDocument(io.BytesIO(draw_paper_form(1, language="en"))))
    assert [one for one in in_words.values() if one not in text] == []
