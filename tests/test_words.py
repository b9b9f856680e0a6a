"""What people read: whole in three languages (L1), every refusal said to each who meets it (L8), in a kind voice."""

import ast
import re
from datetime import date
from functools import partial
from string import Formatter

import pytest
from django.utils.translation import gettext, ngettext, override

from kaikukortti.terms.kinds import Status
from kaikukortti.terms.messages import LANGUAGES, in_three, next_step, refusal_fact, refusal_message, status_message
from kaikukortti.terms.refusals import WORDS, Refusal
from tests.cast import NOW
from tests.locale_files import entries
from tests.test_house import ROOT, tracked

TRANSLATIONS = ("fi", "sv")


# --- refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", Refusal, ids=str)
def test_every_refusal_has_words_for_till_holder_and_next_step_in_three_languages(refusal):
    """L8"""
    words = WORDS[refusal]
    for text in (words.till, words.holder, words.next_step, *([words.dated] if words.dated else ())):
        said = in_three(partial(str, text))
        assert set(said) == set(LANGUAGES)
        assert all(said.values())
        assert len(set(said.values())) == 3, said
        assert all(sentence[-1] in ".!?" and sentence[0].isupper() for sentence in said.values())


@pytest.mark.parametrize("refusal", Refusal, ids=str)
def test_what_is_said_is_whole_with_and_without_a_day(refusal):
    for how in ({}, {"day": date(2026, 10, 31)}, {"time": NOW}):
        for message in (refusal_message(refusal, **how), status_message(Status.REFUSED, refusal, **how)):
            assert not [text for text in message.values() if "{" in text or "  " in text]


@pytest.mark.parametrize(
    ("refusal", "how", "language", "said"),
    [
        (Refusal.CARD_EXPIRED, {"day": date(2026, 10, 31)}, "fi", "Kortin voimassaolo päättyi 31.10.2026."),
        (Refusal.CARD_EXPIRED, {"day": date(2026, 10, 31)}, "sv", "Kortets giltighet gick ut 31.10.2026."),
        (Refusal.CARD_EXPIRED, {"day": date(2026, 10, 31)}, "en", "The card ran out on 31 October 2026."),
        (
            Refusal.ALREADY_RECORDED,
            {"time": NOW},
            "fi",
            "Lippu on jo annettu klo 18.55. Tervetuloa sisään, kirjata ei tarvitse.",
        ),
    ],
)
def test_sentences_fit_to_be_read_aloud(refusal, how, language, said):
    with override(language):
        assert refusal_fact(refusal, **how) == said


def test_the_next_step_mends():
    with override("fi"):
        assert next_step(Refusal.CARD_EXPIRED) == "Sen voi uusia siellä, mistä sen sai."


# --- completeness -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_text_is_translated(language):
    """L1, L3: Finnish and Swedish say the same things."""
    assert [entry.id for entry in entries(language) if not entry.strings or not all(entry.strings)] == []
    assert [entry.id for entry in entries(language) if "fuzzy" in entry.flags] == []


def test_the_languages_hold_the_same_texts():
    texts = [{(entry.context, entry.id, entry.plural) for entry in entries(language)} for language in LANGUAGES]
    assert texts[0] == texts[1] == texts[2]


def _fields(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", text)) | {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_fills_in_what_the_text_fills_in(language):
    wrong = []
    for entry in entries(language):
        try:
            wanted = _fields(entry.id) | _fields(entry.plural)
            wrong += [(entry.id, said) for said in entry.strings[-1:] if said and _fields(said) != wanted]
        except ValueError:  # a brace that stands for itself
            continue
    assert wrong == []


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def test_every_text_of_the_code_is_in_the_catalogue():
    """The extractor does not look into f-strings; a text there would stay English for ever."""
    known = {(entry.context, entry.id) for entry in entries("fi")}
    missing = []
    for path in tracked("kaikukortti/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name, texts = _called(node), [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
            key = ("", texts[0])
            if name in ("_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"):
                pass
            elif name in ("pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"):
                key = (texts[0], texts[1])
            else:
                continue
            if key not in known:
                missing.append(f"{path.relative_to(ROOT)}: {key[1]}")
    assert missing == []


# --- voice --------------------------------------------------------------------------------------------------------

# No blame, no regret, no machine's judgement (look, section 12). Word beginnings, so that endings do not hide them.
UNKIND = {
    "fi": r"virhe(?!ett)|virheel|valitettavasti|kielletty|epäonnistu|mitätön|hylät|hylkää",
    "sv": r"\bfel(aktig|meddelande)|ogiltig|tyvärr|nekad|avvisad|misslyck|förbjud",
    "en": r"\berrors?\b|\binvalid\b|\bdenied\b|\brejected\b|\bunfortunately\b|\bfail(ed|ure)\b|\bforbidden\b|\bsorry\b",
}


# Said to programmers, of the calls.
TO_PROGRAMMERS = ("A refusal is an answer, not an error.",)


@pytest.mark.parametrize("language", UNKIND)
def test_texts_are_kind(language):
    said = [entry for entry in entries(language) if not any(text in entry.id for text in TO_PROGRAMMERS)]
    texts = [text for entry in said for text in ([entry.id] if language == "en" else entry.strings)]
    assert [text for text in texts if re.search(UNKIND[language], text, re.IGNORECASE)] == []


# A word that says why anyone has a card stands nowhere (P21).
TELLING = (
    r"köyh|vähävarais|toimeentulotu|fattig|medellös|utkomststöd|\bpoor\b|\bpoverty\b|social welfare|income support"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_tells_why_anyone_has_a_card(language):
    texts = [text for entry in entries(language) for text in ([entry.id] if language == "en" else entry.strings)]
    assert [text for text in texts if re.search(TELLING, text, re.IGNORECASE)] == []


def test_swedish_and_finnish_keep_their_own_typography():
    """Finnish and Swedish quote with ” on both sides; English time has a colon, the others a full stop."""
    wrong = [text for entry in entries("fi") for text in entry.strings if re.search(r'“|(?<!\S)"\w|\bklo \d+:', text)]
    wrong += [text for entry in entries("sv") for text in entry.strings if re.search(r"“|\bkl\.? \d+:", text)]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_plurals_are_two(language):
    plurals = [entry for entry in entries(language) if entry.plural]
    assert plurals
    assert [entry.id for entry in plurals if len(entry.strings) != 2] == []
    with override(language):
        one, many = (ngettext("Own ticket and one child.", "Own ticket and up to {n} children.", n) for n in (1, 2))
        assert one != many != gettext("Own ticket.")
