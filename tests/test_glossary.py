"""The glossary is true: its words are the vocabulary's and the pages', and the words it bans are not used (L6, P25)."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from django.utils.translation import gettext, override

from kaikukortti.terms.kinds import OfferingKind, RecordKind, Sector
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import CardState, Phase
from tests.locale_files import entries
from tests.test_house import tracked

ROOT = Path(__file__).resolve().parent.parent


class Row(NamedTuple):
    code: str
    en: str
    fi: str
    sv: str
    meaning: str


def rows() -> list[Row]:
    text = (ROOT / "docs" / "glossary.md").read_text()
    cells = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [Row(*row) for row in cells if row[0] not in ("code", "---")]


ROWS = rows()
BY_CODE = {row.code: row for row in ROWS}


def test_every_row_is_whole_and_said_once():
    assert [row for row in ROWS if not all(row) or not row.meaning.endswith(".")] == []
    for name in ("code", "en"):
        said = [getattr(row, name) for row in ROWS if getattr(row, name) != "–"]
        assert len(said) == len(set(said))


VOCABULARY = [*Role, *OfferingKind, *Sector, *Phase, RecordKind.TICKET, RecordKind.SEASON]


@pytest.mark.parametrize("term", VOCABULARY, ids=str)
def test_the_vocabulary_says_what_the_glossary_says(term):
    row = BY_CODE[str(term)]
    for language in ("en", "fi", "sv"):
        with override(language):
            assert str(term.label) == getattr(row, language)


def test_every_state_of_a_card_is_explained():
    assert {str(state) for state in CardState} <= set(BY_CODE)


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_a_glossary_word_that_is_a_text_of_its_own_has_the_glossarys_translation(language):
    said = {entry.id: entry.strings[0] for entry in entries(language) if not entry.context}
    wrong = {
        row.en: (said[row.en], getattr(row, language))
        for row in ROWS
        if row.en in said and said[row.en] and said[row.en] != getattr(row, language)
    }
    assert wrong == {}
    with override(language):
        assert gettext("venue") == getattr(BY_CODE["venue"], language)


# English word → what its translation must hold, whatever the ending.
STEMS = {
    "venue": ("koh(de|te|d)", "besöksmål"),
    "ticket agent": ("lipunvälittäj", "biljettförmedlar"),
    "coordinator": ("vastuuhenkilö|vastuupari", "områdesansvarig"),
    "national service": ("Kaikukesku", "Kaikucentret"),
    "community card": ("yhteisö", "gemenskap"),
    "wellbeing area": ("hyvinvointialue", "välfärdsområde"),
    "issuing workplace": ("kortinjakaj", "kortutdelar"),
    "holder": ("haltij", "innehavar"),
    "analyst": ("tarkastelij", "analytiker"),
    "offering": ("tarjon|tarjo", "utbud|erbjud"),
    "season pass": ("kausikort", "säsongskort"),
    "pilot": ("kokeilu", "försök"),
    "Kaiku Card": ("Kaikukort", "Kaikukort"),
    "token": ("avai|avaim", "nyck"),
    "serial": ("sarja", "serie"),
    "postal code": ("postinumero", "postnummer|postnumret"),
}


@pytest.mark.parametrize("word", STEMS)
@pytest.mark.parametrize("language", ["fi", "sv"])
def test_a_glossary_word_is_translated_by_its_own_word(language, word):
    """L6: one word per thing, in every text."""
    stem = STEMS[word][language == "sv"]
    strays = [
        (entry.id, string)
        for entry in entries(language)
        if re.search(rf"\b{word}s?\b", re.sub(r"%\(\w+\)s|{\w+}", "", entry.id), re.IGNORECASE)
        for string in entry.strings
        if string and not re.search(stem, string, re.IGNORECASE) and entry.id not in LOOSE.get(language, ())
    ]
    assert strays == []


LOOSE: dict[str, tuple[str, ...]] = {
    # "it", "here", "on the list": a Finnish or Swedish sentence that would repeat the word for nothing.
    "fi": (
        "%(number)s more offering is in the file.",
        "Past offerings",
        "The card is blank: it waits in the drawer for its holder.",
        "The offering is not on this day.",
        "This offering has been cancelled.",
        "This offering has not been published yet.",
        "Choose ticket, course place or season pass as the offering says.",
    ),
    "sv": (
        "%(number)s more offering is in the file.",
        "This offering has been cancelled.",
        "This offering has not been published yet.",
    ),
}

# Words that mean the same as a glossary word and would make two of one.
STRANGERS = {
    "fi": r"\b(koordinaattor|esiintymispaik|kulttuurikoh[dt]e|kortinkäyttäj|kortin omistaj|myöntäj)",
    "sv": r"\b(koordinator|samordnar|kortägar|kortanvändar|utfärdar|biljettombud|kulturmål)",
    "en": r"\b(visitors?|redeem|check-in|customers?|vouchers?|merchants?|tenants?|cardholders?|organi[sz]ers?)\b",
}


@pytest.mark.parametrize("language", STRANGERS)
def test_no_second_word_for_the_same_thing(language):
    texts = [text for entry in entries(language) for text in ([entry.id] if language == "en" else entry.strings)]
    assert [text for text in texts if re.search(STRANGERS[language], text, re.IGNORECASE)] == []


# --- the code -----------------------------------------------------------------------------------------------------

ONE = ("visit", "redemption", "checkin", "client", "customer", "voucher", "pass", "merchant", "tenant")
BANNED = {"redeem", "redeemed", "passes", *ONE, *(f"{word}s" for word in ONE)}
KEPT = {
    "clients",  # the number of a community card's clients (rule 20)
    "own_clients",
    "COMMUNITY_CARD_NEEDS_CLIENTS",
    "client_id",  # the id a device or caller made (rule 26)
    "HttpResponseClientRedirect",  # django-htmx's own
    "trigger_client_event",
    "get_client",  # allauth's own
    "client",  # Python's http.client
    # A shop's own word for taking in a discount code; only one-time codes have it (decision 28).
    *("redeem", "redeemed", "redeem_code", "Redeemed", "REDEEMED", "RedeemForm", "RedeemOut"),
}


@cache
def identifiers() -> dict[str, str]:
    """Every name the code makes or uses, with a file it stands in."""
    found: dict[str, str] = {}
    for path in tracked("kaikukortti/*.py"):
        if "migrations" in path.parts:
            continue
        where = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text())):
            names = (getattr(node, field, None) for field in ("name", "id", "attr", "arg", "asname"))
            for name in names:
                if isinstance(name, str):
                    found.setdefault(name.rpartition(".")[2].partition("__")[0] or name, where)
        for part in path.relative_to(ROOT).with_suffix("").parts:
            found.setdefault(part, where)
    return found


def parts(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return {spaced.strip("_"), *spaced.split("_"), *({"checkin"} if "check_in" in spaced else ())}


def test_banned_words_name_nothing():
    assert {name: where for name, where in identifiers().items() if name not in KEPT and parts(name) & BANNED} == {}


def test_every_code_word_is_used():
    used = {part for name in identifiers() for part in parts(name)}
    joined = "\n".join(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() for name in identifiers())
    missing = [row.code for row in ROWS if row.code != "–" and row.code not in used and row.code not in joined]
    assert missing == []


def test_rows_are_pseudonymous_and_nobody_says_otherwise():
    """P25: the word stands nowhere but where it is forbidden, and as Django's name for somebody not signed in."""
    word, djangos = re.compile(r"anonym|nimettöm", re.IGNORECASE), re.compile(r"is_anonymous|AnonymousUser")
    allowed = {"docs/glossary.md", "docs/privacy.md", "tests/test_glossary.py"}
    found = []
    for path in tracked("*.py", "*.html", "*.md", "*.po", "*.txt", "kaikukortti/static/kaikukortti/*"):
        name = str(path.relative_to(ROOT))
        if name in allowed or "vendor" in path.parts or path.name.startswith("requirements"):
            continue
        try:
            text = djangos.sub("", path.read_text())
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {hit[0]}" for hit in word.finditer(text)]
    assert found == []
