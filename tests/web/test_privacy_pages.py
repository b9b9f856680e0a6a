"""The privacy notice says what the catalogue says (P18), the accessibility statement what the law asks (A15)."""

import re

import pytest
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import override

from kaikukortti.terms.fields import PERSONAL
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.seeing import WHO_SEES

pytestmark = pytest.mark.database
LANGUAGES = ["fi", "sv", "en"]


def page(client, name, language):
    with override(language):
        address = reverse(name)
    response = client.get(address)
    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_tells_every_purpose_with_everything_in_it(cast, client, language):
    shown = page(client, "privacy", language)
    with override(language):
        for purpose in PERSONAL:
            lifetime = str(purpose.lifetime).partition("{")[0]
            for text in (purpose.title, purpose.purpose, purpose.basis, lifetime, *purpose.contents):
                assert escape(str(text)) in shown, (purpose.name, text)
    assert "{" not in shown.partition("<main")[2].partition("</main>")[0]
    assert "Kaikukeskus" in shown


def test_the_notice_follows_the_policies_in_force(cast, client):
    assert "90 päivää kortin antopäivästä" in page(client, "privacy", "fi")
    cast.policy(Policy.TRIO_DAYS, 30)
    cast.policy(Policy.LINK_YEARS, 2)
    shown = page(client, "privacy", "fi")
    assert "30 päivää kortin antopäivästä" in shown
    assert "siitä on kulunut 2 vuotta" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_tells_of_secret_phone_trail_and_own_pages(cast, client, language):
    shown = page(client, "privacy", language)
    for name in ("own-open", "privacy-easy"):
        with override(language):
            assert f'href="{reverse(name)}"' in shown
    for seen in WHO_SEES:
        with override(language):
            assert escape(str(seen.sees)) in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_easy_language_has_short_sentences(cast, client, language):
    """Few words a sentence; a rule of thumb for easy Finnish is that hardly any has more than fifteen."""
    main = page(client, "privacy-easy", language).partition("<main")[2].partition("</main>")[0]
    paragraphs = re.findall(r"<(?:p|li)(?: class=\"lead\")?>([^<]+)<", main)
    sentences = [one for text in paragraphs for one in re.split(r"(?<=[.!?:])\s", text.strip()) if one]
    assert len(sentences) > 25
    longest = max(sentences, key=lambda one: len(one.split()))
    assert len(longest.split()) <= {"fi": 15, "sv": 19, "en": 19}[language], longest
    assert {"fi": "90 päivää", "sv": "90 dagar", "en": "90 days"}[language] in main


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_statement_names_the_supervisor_and_the_time(cast, client, language):
    shown = page(client, "accessibility", language)
    for must in ("Traficom", "306/2019", "WCAG", "14", "saavutettavuusvaatimukset.fi", "24"):
        assert must in shown
    assert {"fi": "Mitä ei ole tehty", "sv": "Det som inte har gjorts", "en": "Not done"}[language] in shown


@pytest.mark.parametrize("name", ["privacy", "accessibility"])
def test_the_foot_of_every_page_leads_there(cast, client, name):
    with override("fi"):
        address = reverse(name)
    assert f'href="{address}"' in page(client, "sign-in", "fi").partition("<footer")[2]


@pytest.mark.parametrize("name", ["privacy", "privacy-easy", "accessibility"])
def test_the_pages_cost_the_same_few_queries(cast, client, name, django_assert_max_num_queries):
    page(client, name, "sv")
    with django_assert_max_num_queries(2):
        page(client, name, "sv")


@pytest.mark.database(transaction=True)
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["privacy", "privacy-easy", "accessibility"])
def test_the_pages_are_accessible_themselves(cast, open_page, axe, name, language, width):
    with override(language):
        address = reverse(name)
    opened = open_page(address, width=width, dark=width == 320)
    axe(opened)
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
