"""The catalogue of every column: whole, said in three languages, and held to what the register promises."""

import re
from collections import Counter
from string import Formatter

import pytest
from django.utils.translation import gettext, override

from kaikukortti.terms.fields import NOT_PERSONAL, PERSONAL, Kind, Purpose, Whose, catalogued, tables_of

with override("en"):
    TEXTS = sorted(
        {str(text) for one in PERSONAL for text in (one.title, one.purpose, one.lifetime, one.basis)}
        | {label for one in PERSONAL for label in one.contents}
    )


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_no_column_is_named_twice():
    assert [name for name, times in Counter(name for name, _ in catalogued()).items() if times > 1] == []


def test_every_kind_and_both_persons_are_used():
    assert set(NOT_PERSONAL) == set(Kind)
    assert {purpose.whose for purpose in PERSONAL} == set(Whose)
    assert len({purpose.name for purpose in PERSONAL}) == len(PERSONAL)


@pytest.mark.parametrize("language", ["fi", "sv"])
@pytest.mark.parametrize("text", TEXTS)
def test_every_text_is_said_in_the_language(text, language):
    """P18"""
    with override(language):
        said = gettext(text)
    assert said != text
    assert fields(said) == fields(text) <= {"trio_days", "link_years"}


def test_nothing_that_names_a_holder_is_catalogued():
    """P1, section 3 of the domain: such a column has no place, whatever purpose one would give it."""
    named = re.compile(r"name|ssn|hetu|identity|birth_da|street|address|mail|phone|photo|note|comment|text|free")
    tables = tables_of(Whose.HOLDER)
    assert [name for name, _ in catalogued() if name.split(".")[0] in tables and named.search(name)] == []


def test_what_must_be_short_lived_has_a_lifetime_in_days():
    """P14"""
    found = dict(catalogued())
    for column in ("HolderData.birth_year", "HolderData.postal_code"):
        purpose = found[column]
        assert isinstance(purpose, Purpose)
        assert "{trio_days}" in str(purpose.lifetime)
    for column in ("Record.card", "Record.line", "Record.content", "CountedFact.card", "CountedFact.line"):
        purpose = found[column]
        assert isinstance(purpose, Purpose)
        assert "{link_years}" in str(purpose.lifetime)


def test_voluntary_answers_rest_on_consent_and_nothing_else_does():
    """P3"""
    with override("en"):
        consented = [purpose.name for purpose in PERSONAL if "consent" in str(purpose.basis)]
    assert consented == ["voluntary", "reminders"]
