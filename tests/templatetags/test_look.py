"""Tags and filters of the look: days, numbers, languages, fields, errors, signs, bars (L5, L2, A11)."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from kaikukortti.templatetags import look

TEMPLATES = Path(look.__file__).parent.parent / "templates"
SUMMER = datetime(2026, 6, 30, 21, 30, tzinfo=UTC)  # 0.30 on 1 July in Finland


def drawn(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("filter_name", "value", "fi", "sv", "en"),
    [
        ("local_number", 51188, "51 188", "51 188", "51,188"),
        ("local_number", 610, "610", "610", "610"),
        ("local_number", None, "", "", ""),
        ("local_date", date(2026, 11, 24), "24.11.2026", "24.11.2026", "24 November 2026"),
        ("local_date", SUMMER, "1.7.2026", "1.7.2026", "1 July 2026"),
        ("local_day", date(2026, 11, 24), "ti 24.11.", "tis 24.11", "Tue 24 November"),
        ("local_time", SUMMER, "klo 0.30", "kl. 0.30", "0:30"),
        ("clock", SUMMER, "0.30", "0.30", "0:30"),
        ("local_moment", SUMMER, "1.7.2026 klo 0.30", "1.7.2026 kl. 0.30", "1 July 2026 at 0:30"),
        ("local_day", None, "", "", ""),
    ],
)
def test_days_times_and_numbers_speak_each_language(filter_name, value, fi, sv, en):
    for language, expected in (("fi", fi), ("sv", sv), ("en", en)):
        with override(language):
            assert drawn("{{ value|" + filter_name + " }}", value=value).replace("\xa0", " ") == expected


def test_decimals_take_the_languages_sign():
    with override("fi"):
        assert look.local_number(1234.5, 1) == "1\xa0234,5"
    with override("en"):
        assert look.local_number(1234.5, 1) == "1,234.5"


def test_a_code_is_shown_in_groups():
    assert look.grouped_code("7KM9QX2TR7") == "7KM 9QX 2TR7"
    assert look.grouped_code("7KM-9QX-2TR7") == "7KM 9QX 2TR7"
    assert look.grouped_code("A1") == "A1"


def test_the_languages_lead_to_the_same_page():
    request = RequestFactory().get("/fi/sign-in/?next=/fi/start/")
    with override("fi"):
        links = look.language_links(Context({"request": request}))
    assert [link["url"] for link in links] == [f"/{code}/sign-in/?next=/fi/start/" for code in ("fi", "sv", "en")]
    assert [link["current"] for link in links] == [True, False, False]


@pytest.mark.parametrize("path", ["/fi/nothing/here/", "//elsewhere.example/fi/", "/api/nothing"])
def test_a_page_that_is_not_there_still_changes_language_and_stays_in_the_house(path):
    links = look.language_links(Context({"request": SimpleNamespace(get_full_path=lambda: path)}))
    expected = "/sv/nothing/here/" if path.startswith("/fi/") else "/sv/"
    assert links[1]["url"] == expected


def test_without_a_request_the_languages_lead_to_the_front_page():
    assert [link["url"] for link in look.language_links(Context())] == ["/fi/", "/sv/", "/en/"]


class Desk(forms.Form):
    year = forms.IntegerField(label="Birth year", help_text="Four digits.")
    place = forms.CharField(label="Municipality")
    gender = forms.ChoiceField(
        label="Gender", required=False, widget=forms.RadioSelect, choices=[("a", "Woman"), ("b", "Man")]
    )
    kept = forms.BooleanField(label="Keep as till", required=False)


def test_the_error_stands_between_hint_and_field_and_is_read_first():
    html = drawn("{% field form.year size=4 %}", form=Desk({"year": "x", "place": "Kajaani"}))
    assert html.index("id_year_hint") < html.index('id="id_year_error"') < html.index("<input")
    assert 'aria-describedby="id_year_error id_year_hint"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="x"' in html
    assert "w-4" in html


def test_a_field_without_hint_or_error_is_described_by_nothing():
    assert "aria-describedby" not in drawn("{% field form.place %}", form=Desk())


def test_options_stand_under_a_legend_and_a_tick_before_its_label():
    html = drawn("{% field form.gender %}{% field form.kept %}", form=Desk())
    assert "<legend>Gender" in html
    assert html.count('type="radio"') == 2
    assert html.index('type="checkbox"') < html.index("Keep as till")


def test_the_summary_names_what_to_do_and_takes_the_focus():
    form = Desk({"year": "x"})
    with override("en"):
        html = drawn("{% error_summary form %}", form=form)
        assert look.error_heading(form) == "Fix two things"
    assert 'tabindex="-1"' in html
    assert "autofocus" in html
    assert re.findall(r'<a href="#(\w+)">([^<]+)</a>', html) == [
        ("id_year", "Check birth year"),
        ("id_place", "Check municipality"),
    ]


def test_a_form_that_is_well_has_no_summary():
    form = Desk({"year": "1980", "place": "Kajaani"})
    assert drawn("{% error_summary form %}", form=form).strip() == ""
    assert look.error_heading(form) == ""


@pytest.mark.parametrize("sign", sorted(path.stem for path in (TEMPLATES / "kaikukortti" / "icons").glob("*.svg")))
def test_every_sign_is_hidden_from_screen_readers_and_carries_no_style(sign):
    html = look.icon(sign)
    assert html.startswith('<svg class="icon" aria-hidden="true"')
    assert "style" not in html


@pytest.mark.parametrize("state", look.VERDICTS)
def test_a_verdict_says_word_fact_and_next_step_in_this_order(state):
    with override("fi"):
        html = drawn("{% verdict state 'Fact.' 'Next.' %}", state=state)
    word = re.search(r'class="word">([^<]+)<', html)
    assert word is not None
    assert html.index("<svg") < word.start() < html.index("Fact.") < html.index("Next.")
    assert f"verdict {state}" in html


def test_bars_are_shares_of_the_longest_row_and_unknown_is_never_zero():
    rows = [("2015", [("culture", 50), ("sport", 50)]), ("2016", [("culture", 200), ("sport", 0)]), ("2017", None)]
    with override("fi"):
        html = drawn("{% bar_chart rows 'Uses grew.' %}", rows=rows)
    assert 'aria-label="Uses grew."' in html
    assert re.findall(r' x="([\d.]+%)"[^>]* width="([\d.]+%)"', html) == [
        ("0.000%", "25.000%"),
        ("25.000%", "25.000%"),
        ("0.000%", "100.000%"),
    ]
    assert html.count('class="unknown"') == 1
    assert "viewBox" not in html


def test_no_template_carries_inline_style_or_script():
    for path in TEMPLATES.rglob("*.html"):
        source = path.read_text()
        assert not re.search(r"\son[a-z]+=\"|<script(?![^>]*\bsrc=)(?![^>]*application/json)", source), path
        # A printed sheet is drawn and never served: each card's place on it stands with the card.
        assert path.parent.name == "paper" or not re.search(r"\sstyle=|<style", source), path
