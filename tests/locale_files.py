"""The translations as they stand in locale/, read without the compiled files."""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

LOCALE = Path(__file__).resolve().parent.parent / "locale"


class Entry(NamedTuple):
    context: str
    id: str
    plural: str
    strings: tuple[str, ...]
    flags: tuple[str, ...]


@cache
def entries(language: str) -> tuple[Entry, ...]:
    """Every text in use; what xgettext keeps as obsolete (`#~`) is left out, and so is the header."""
    found = []
    for block in (LOCALE / language / "LC_MESSAGES" / "django.po").read_text().split("\n\n"):
        said: dict[str, str] = {}
        keyword = ""
        flags: tuple[str, ...] = ()
        for line in block.splitlines():
            if line.startswith("#,"):
                flags = tuple(flag.strip() for flag in line[2:].split(","))
            elif line.startswith("#"):
                continue
            elif line.startswith('"'):
                said[keyword] += ast.literal_eval(line)
            else:
                keyword, _, text = line.partition(" ")
                said[keyword] = ast.literal_eval(text)
        if said.get("msgid"):
            strings = tuple(text for name, text in said.items() if name.startswith("msgstr"))
            found.append(Entry(said.get("msgctxt", ""), said["msgid"], said.get("msgid_plural", ""), strings, flags))
    return tuple(found)
