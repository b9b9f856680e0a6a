"""Words for the client: what is read aloud and what stands in the leaflet, a file a language (kaikukortti/words)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from kaikukortti.paper.pdf import draw_pdf

FOLDER = Path(__file__).resolve().parent.parent / "words"
# As they stand in the choice of languages: our own first, then the rest by how many in Finland speak them.
LANGUAGES = ("fi", "sv", "en", "fi-easy", "sv-easy", "ru", "ar", "so", "uk")
STEPS = ("show", "ticket", "enter")
POINTS = ("children", "course", "assistant", "quiet", "slip", "lost", "year")
NOT_REVIEWED_FI = "Tätä tekstiä ei ole vielä tarkistanut äidinkielinen lukija."


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the leaflet; its picture has the part's name and says the same, so that it needs no words."""

    picture: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words in one language. `language` is what a screen reader is told, `code` names the file."""

    code: str
    language: str
    name: str
    direction: str
    reviewed_by: str
    reviewed_on: date | None
    not_reviewed: str
    heading: str
    sentences: tuple[str, ...]
    title: str
    lead: str
    good_to_know: str
    ask: str
    steps: tuple[Part, ...]
    points: tuple[Part, ...]

    @property
    def reviewed(self) -> bool:
        return bool(self.reviewed_by) and self.reviewed_on is not None


@cache
def words_in(code: str) -> Words:
    """The words of a file. Raises KeyError for a language that has none, or when a part is missing."""
    if code not in LANGUAGES:
        raise KeyError(code)
    content = tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    head, aloud, leaflet = content["head"], content["aloud"], content["leaflet"]
    return Words(
        code=code,
        language=head["language"],
        name=head["name"],
        direction=head["direction"],
        reviewed_by=head["reviewed_by"],
        reviewed_on=head.get("reviewed_on"),
        not_reviewed=head.get("not_reviewed", ""),
        heading=aloud["heading"],
        sentences=tuple(aloud["sentences"]),
        title=leaflet["title"],
        lead=leaflet["lead"],
        good_to_know=leaflet["good_to_know"],
        ask=leaflet["ask"],
        steps=tuple(_part(leaflet, name) for name in STEPS),
        points=tuple(_part(leaflet, name) for name in POINTS),
    )


def _part(leaflet: Mapping[str, Any], name: str) -> Part:
    return Part(name, leaflet[name]["heading"], leaflet[name]["text"])


def all_words() -> list[Words]:
    return [words_in(code) for code in LANGUAGES]


def draw_leaflet(words: Words) -> bytes:
    """The leaflet as a PDF: one leaf of A5, three steps on its face, what is good to know on its back."""
    context = {"words": words, "not_reviewed_fi": NOT_REVIEWED_FI}
    return draw_pdf("kaikukortti/paper/leaflet.html", context, language=words.language)
