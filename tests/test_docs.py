"""The documents are true: what they link to, name and count is there, and what is there is named."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from kaikukortti import keys
from kaikukortti.actions import misses, opening, sign_in
from kaikukortti.api.docs import document
from kaikukortti.models.sequence import Sequenced
from kaikukortti.rules import holder, series
from tests.locale_files import entries
from tests.test_house import tracked

ROOT = Path(__file__).resolve().parent.parent
PAGES = tracked("*.md")
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PICTURES = ROOT / "docs" / "pictures"
GUIDES = ("issuing", "venue", "holder")
LARGEST_PICTURE = 150_000
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def by_name(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", [pytest.param(path, id=name(path)) for path in paths])


@cache
def text(path: str) -> str:
    return (ROOT / path).read_text()


def prose(path: Path) -> str:
    """The page without its code blocks."""
    return FENCE.sub("", path.read_text())


def section(path: str, heading: str) -> str:
    """What stands under a heading, up to the next of the same level."""
    level = heading.split(" ")[0]
    after = text(path).split(f"\n{heading}\n", 1)[1]
    return after.split(f"\n{level} ", 1)[0]


def first_column(part: str) -> set[str]:
    """The code words of the first cells of a part's tables."""
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("| ")]
    return {word for cell in rows for word in re.findall(r"`([^`]+)`", cell)}


# --- links and pictures -------------------------------------------------------------------------------------------


def links(page: Path) -> Iterator[tuple[bool, str, str]]:
    for picture, words, target in LINK.findall(prose(page)):
        if "://" not in target:
            yield bool(picture), words, target


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@by_name(PAGES)
def test_every_link_leads_somewhere(page):
    broken = []
    for _picture, _words, target in links(page):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert broken == []


def test_pictures_are_shown_described_and_small():
    shown = {
        (page.parent / target).resolve(): words for page in PAGES for picture, words, target in links(page) if picture
    }
    assert PICTURES / "till.png" in shown
    assert [name(path) for path, words in shown.items() if len(words) < 15] == []
    assert [path.name for path in PICTURES.iterdir() if path.stat().st_size > LARGEST_PICTURE] == []
    assert {path.name for path in PICTURES.iterdir()} == {path.name for path in shown if path.parent == PICTURES}


@by_name(PAGES)
def test_every_file_it_names_is_there(page):
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*\.(?:py|md|css|html|js|json|csv|po|txt)|[A-Z]+\.md)`", prose(page))
    places = (ROOT, ROOT / "kaikukortti", ROOT / "docs", ROOT / "kaikukortti" / "templates" / "kaikukortti")
    assert [one for one in named if not any((place / one).exists() for place in places)] == []


# --- decisions ----------------------------------------------------------------------------------------------------


def test_decisions_are_numbered_without_a_gap():
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]


@by_name(DECISIONS)
def test_a_decision_says_why_what_and_what_it_cost(page):
    written = page.read_text()
    assert written.startswith(f"# {int(page.name[:4])}. ")
    assert re.findall(r"^\*\*(.+?)\*\*", written, re.MULTILINE) == ["Context.", "Decision.", "What we gave up."]


def test_a_decision_that_is_named_by_its_number_exists():
    numbers = {int(path.name[:4]) for path in DECISIONS}
    named = {int(number) for page in PAGES for number in re.findall(r"\[decision (\d+)\]", page.read_text())}
    assert named <= numbers


# --- running it ---------------------------------------------------------------------------------------------------

OPERATIONS = "docs/operations.md"


def test_every_setting_is_explained_and_no_other():
    read = text("kaikukortti/settings.py") + text("kaikukortti/keys.py")
    asked = set(re.findall(r"environ(?:\.get\(|\[)\s*\"(\w+)\"", read))
    assert first_column(section(OPERATIONS, "## Settings")) == asked
    everywhere = {word for page in PAGES for word in re.findall(r"\bKAIKUKORTTI_[A-Z_]+\b", page.read_text())}
    assert everywhere <= asked


def test_every_command_is_explained_and_no_other():
    folder = ROOT / "kaikukortti" / "management" / "commands"
    commands = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    listed = {word for word in first_column(section(OPERATIONS, "## Every command")) if not word.startswith("make ")}
    assert listed == commands | {"migrate"}
    run = {
        word for page in PAGES for word in re.findall(r"(?:\bmanage|manage\.py) ([a-z]+_?[a-z]+)\b", page.read_text())
    }
    assert run <= commands | {"migrate"}


def test_every_target_is_explained_and_no_other():
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    listed = {word for word in first_column(section(OPERATIONS, "## Every command")) if word.startswith("make ")}
    assert {word.removeprefix("make ") for word in listed} == targets
    named = {word for page in PAGES for word in re.findall(r"`(?:\w+=\w+ )?make ([a-z]+)", page.read_text())}
    assert named <= targets


def test_the_readme_names_two_commands():
    blocks = "\n".join(FENCE.findall(text("README.md")))
    assert re.findall(r"^make \w+", blocks, re.MULTILINE) == ["make demo", "make test"]


def test_every_key_is_explained():
    assert first_column(section(OPERATIONS, "## The keys")) == {f"{key}.key" for key in keys.NAMES}


def test_every_logger_is_explained_and_no_other():
    code = "\n".join(path.read_text() for path in tracked("kaikukortti/*.py"))
    assert first_column(section(OPERATIONS, "## Logs")) == set(re.findall(r"getLogger\(\"([\w.]+)\"\)", code))


def test_limits_on_guessing_are_the_ones_in_force():
    said = section(OPERATIONS, "## Guessing")
    assert f"{misses.DEVICE_AN_HOUR} misses an hour at one till" in said
    assert f"{misses.WORKPLACE_AN_HOUR} misses an hour in one workplace" in said
    assert f"counts as {series.GUESS} misses" in said
    assert misses.DEVICE_AN_HOUR // series.GUESS == 5
    assert f"{misses.REGISTER_AN_HOUR:,} misses an hour in the whole register" in said
    tries = (
        f"{sign_in.PAIR} failed tries in a quarter of an hour for one name from one address, {sign_in.NAME} for one "
        f"name, {sign_in.ADDRESS} from one address"
    )
    assert tries in said
    codes = f"{sign_in.CODES} wrong codes of one person in a quarter of an hour, {sign_in.CODES_A_DAY} in a day"
    assert codes in said
    assert misses.PAUSE == sign_in.WINDOW
    secrets = (
        f"{holder.PAIR.free} wrong secrets of one card from one address, {holder.CARD.free} of one card, "
        f"{holder.ADDRESS.free} from one address"
    )
    assert secrets in said
    longest = [limit.longest.total_seconds() / 60 for limit in (holder.PAIR, holder.CARD, holder.ADDRESS)]
    assert longest == [5, 1, 1]
    assert f"| {holder.CROWD} wrong secrets of one card" in said
    assert f"{opening.ALARM_AN_HOUR} wrong secrets an hour in the whole register" in said
    assert misses.PAUSE.total_seconds() == 15 * 60


def test_a_restore_starts_every_change_sequence_anew():
    tables = {model._meta.db_table for model in Sequenced.__subclasses__()}
    assert set(re.findall(r"UPDATE (\w+) SET transaction = 0", text(OPERATIONS))) == tables


# --- calls and screens --------------------------------------------------------------------------------------------


def test_the_guide_to_calls_names_no_call_that_is_not_there():
    paths = {*document()["paths"], "/api/v1/docs", "/api/v1/openapi.json"}
    named = set(re.findall(r"(?:GET|POST) (/[\w/{}.-]+)", text("docs/api.md")))
    named |= {path for path in re.findall(r"/api/v1/[\w/{}.-]+", text("docs/api.md")) if "{" not in path}
    assert named <= paths


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_a_guide_speaks_each_language_in_the_words_of_the_screen(guide, language):
    """Words in italics stand on a button, in a menu or as a heading; bold ones of tables are verdicts."""
    suffix = "" if language == "en" else f".{language}"
    page = ROOT / "docs" / f"guide-{guide}{suffix}.md"
    others = {"", ".fi", ".sv"} - {suffix}
    assert {f"guide-{guide}{other}.md" for other in others} <= {target for _picture, _words, target in links(page)}
    shown = {one for entry in entries("fi" if language == "en" else language) for one in on_screen(entry, language)}
    written = re.sub(r"\s+", " ", prose(page))
    words = {*re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", written), *re.findall(r"\| \*\*([^*]+)\*\*", written)}
    assert len(words) > 10
    assert sorted(word for word in words if word not in shown) == []
    assert "| `Enter` |" in page.read_text()


def on_screen(entry, language):
    """A text, and what stands before its colon: "Coming: tickets given in advance" is "Coming" in a guide."""
    for one in [entry.id] if language == "en" else entry.strings:
        yield from (one, one.split(":")[0])
