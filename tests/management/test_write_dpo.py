"""The drafts for the data-protection officer say what the register's vocabulary says, in both languages (P24)."""

import re
from xml.etree import ElementTree

import pytest
from django.utils.translation import override

from kaikukortti.management.commands.write_dpo import FOLDER, written
from kaikukortti.management.dpo.drawn import PARTS, fill
from kaikukortti.management.dpo.flows import BOXES, FLOWS, picture
from kaikukortti.terms.fields import PERSONAL, catalogued
from kaikukortti.terms.trail import Act

DRAFTS = ("assessment", "record", "breach")


def test_what_is_drawn_is_as_drawn_today():
    stale = [path.name for path, text in written().items() if path.read_text() != text]
    assert stale == [], "run: python manage.py write_dpo"


@pytest.mark.parametrize("language", ["fi", "sv"])
@pytest.mark.parametrize("name", DRAFTS)
def test_each_draft_is_dated_and_says_what_it_is(name: str, language: str):
    page = (FOLDER / f"{name}.{language}.md").read_text()
    stamp = re.search(r"<!-- drawn: stamp -->\n(.*)\n", page)
    assert stamp is not None
    assert "25.11.2026" in stamp[1]
    assert {"fi": "Luonnos", "sv": "Utkast"}[language] in stamp[1]


@pytest.mark.parametrize("name", DRAFTS)
def test_finnish_and_swedish_have_the_same_parts(name: str):
    """The same headings, lists and tables in the same order, though in other words."""

    def bones(language: str) -> list[str]:
        prose = re.sub(r"<!-- drawn.*?/drawn -->", "@", (FOLDER / f"{name}.{language}.md").read_text(), flags=re.DOTALL)
        return re.findall(r"^(#+|- |\d+\. |\||@)", prose, re.MULTILINE)

    assert bones("fi") == bones("sv")


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_the_record_of_processing_tells_the_whole_catalogue(language: str):
    page = (FOLDER / f"record.{language}.md").read_text()
    with override(language):
        for purpose in PERSONAL:
            assert f"**{purpose.title}.**" in page
            assert all(content in page for content in purpose.contents)
        assert all(f"- {act.label}\n" in page for act in Act)
    told = set(re.findall(r"`([\w.]+\.\w+)`", page))
    assert {name for name, what in catalogued() if what in PERSONAL} <= told


def test_a_part_that_nobody_draws_is_no_part():
    with pytest.raises(KeyError):
        fill("<!-- drawn: nothing -->\n<!-- /drawn -->", "fi")
    drawn = {name for path in FOLDER.glob("*.md") for name in re.findall(r"<!-- drawn: ([\w-]+) -->", path.read_text())}
    assert drawn == set(PARTS)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_picture_has_every_arrow_and_says_it_in_words(language: str):
    svg = ElementTree.fromstring(picture(language))
    space = "{http://www.w3.org/2000/svg}"
    texts = [node.text or "" for node in svg.iter(f"{space}text")]
    assert {str(number) for number in range(1, len(FLOWS) + 1)} <= set(texts)
    told = svg.findtext(f"{space}desc") or ""
    with override(language):
        assert all(str(flow.what) in told for flow in FLOWS)
        said = " ".join(texts)
        assert all(word in said for box in BOXES.values() for word in str(box.name).split())
