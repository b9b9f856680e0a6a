"""The page of words: read aloud in the client's language, the leaflet and the paper form to print."""

import re

import pytest

from kaikukortti.paper.words import LANGUAGES, NOT_REVIEWED_FI, words_in

pytestmark = pytest.mark.database


def page_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_words_are_said_in_the_clients_language_and_direction(signed_in, code):
    page, words = page_of(signed_in("office"), f"/fi/words/?say={code}"), words_in(code)
    assert re.search(rf'<section class="aloud" lang="{words.language}" dir="{words.direction}"', page)
    assert f'href="/fi/words/leaflet/{code}.pdf"' in page
    assert (NOT_REVIEWED_FI in page) == (not words.reviewed)
    assert (
        not words.not_reviewed or f'<p lang="{words.language}" dir="{words.direction}">{words.not_reviewed}</p>' in page
    )


def test_without_a_choice_the_words_are_in_the_workers_language(signed_in):
    client = signed_in("office")
    for language in ("fi", "sv", "en"):
        for path in (f"/{language}/words/", f"/{language}/words/?say=xx"):
            assert words_in(language).heading in page_of(client, path)


def test_leaflets_and_forms_open_as_pdf(signed_in):
    client = signed_in("office")
    for path in ("/fi/words/leaflet/ar.pdf", "/fi/words/form/sv.pdf?rows=4", "/fi/words/form/fi.pdf?rows=no"):
        answer = client.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF")
    for path in ("/fi/words/leaflet/se.pdf", "/fi/words/form/uk.pdf"):
        assert client.get(path).status_code == 404


def test_each_opening_of_the_form_has_rows_of_its_own(signed_in, monkeypatch):
    asked = []

    def draw(rows, *, language):
        asked.append(rows)
        return b"%PDF"

    monkeypatch.setattr("kaikukortti.web.words.draw_paper_form", draw)
    client = signed_in("office")
    for rows in ("", "?rows=0", "?rows=9", "?rows=100000", "?rows=-3"):
        answer = client.get(f"/fi/words/form/fi.pdf{rows}")
        assert "no-store" in answer["Cache-Control"]
    assert asked == [6, 6, 9, 60, 6]


def test_the_desk_leads_to_the_words(signed_in):
    assert 'href="/fi/words/"' in page_of(signed_in("office"), "/fi/desk/")
