"""What tells of people and is never taken in: names, e-mail addresses, phone numbers, personal identity codes, and any
free words (section 3). A list with such a column is refused as a whole, before anything of it is kept or shown.

It looks at cells one by one and errs on the careful side: words are refused unless they are known to be harmless.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kaikukortti.rules.tables import Row, cleaned, head_word


class Personal(TextChoices):
    """What a column looks like. The sentence begins with the column's letter."""

    IDENTITY = "identity", _("personal identity codes")
    EMAILS = "emails", _("e-mail addresses")
    PHONES = "phones", _("phone numbers")
    BIRTHS = "births", _("birth dates")
    ADDRESSES = "addresses", _("addresses")
    NAMES = "names", _("names or other words")


@dataclass(frozen=True, slots=True)
class Found:
    """A column that is not taken in; nothing of what stands in it."""

    column: int
    what: Personal


_IDENTITY = re.compile(r"(?<![0-9A-Za-z])[0-3]\d[01]\d{3}[-+–A-FU-Ya-fu-y]\s?\d{3}[0-9A-Za-z](?![0-9A-Za-z])")
_EMAIL = re.compile(r"\S@\S|(?i:\bhttps?:|\bwww\.)")
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[ T].*)?|\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})?(?:[ T].*)?")
_PHONE = re.compile(r"(?:\+|\(?0)[\d ()/.–-]{5,}\d")
_CODE = re.compile(r"[0-9A-Za-z]{10}|[0-9A-Za-z]{3}[ –-]?[0-9A-Za-z]{3}[ –-]?[0-9A-Za-z]{4}")
_WORD = re.compile(r"[^\W\d_]{2,}")

# Heads that say what a column holds, whatever stands under them.
_HEADS: dict[Personal, tuple[str, ...]] = {
    Personal.IDENTITY: ("hetu", "henkilötunnus", "personbeteckning", "identity code", "ssn"),
    Personal.EMAILS: ("sähköposti", "s-posti", "email", "e-mail", "e-post", "epost", "mejl"),
    Personal.PHONES: ("puhelin", "puh", "puhelinnumero", "gsm", "matkapuhelin", "telefon", "tfn", "mobil", "phone"),
    Personal.BIRTHS: (
        "syntymäaika",
        "synt.aika",
        "syntynyt",
        "syntymävuosi",
        "födelsedatum",
        "född",
        "födelseår",
        "date of birth",
        "born",
    ),
    Personal.ADDRESSES: ("osoite", "katuosoite", "postinumero", "adress", "postnummer", "address", "postal code"),
    Personal.NAMES: (
        "nimi",
        "etunimi",
        "sukunimi",
        "asiakkaan nimi",
        "asiakas",
        "varaaja",
        "osallistuja",
        "kävijä",
        "namn",
        "förnamn",
        "efternamn",
        "kund",
        "deltagare",
        "name",
        "first name",
        "last name",
        "surname",
        "huom",
        "huomautus",
        "huomautukset",
        "lisätiedot",
        "kommentti",
        "anmärkning",
        "kommentar",
        "notes",
        "note",
        "comment",
    ),
}
_HEAD_OF = {word: what for what, words in _HEADS.items() for word in words}

# Words that tell of nobody: what people write where there is no code, and under their sums.
_HARMLESS = frozenset(
    (
        *("ok", "kyllä", "joo", "on", "ei", "puuttuu", "puuttuva", "koodi", "ilman", "epäselvä", "lukukelvoton"),
        *("kaikukortti", "kaikukortit", "kaikukorttia", "kortti", "lippu", "liput", "lippua", "kpl", "hlö"),
        *("yhteensä", "yht", "summa", "aikuinen", "aikuista", "aikuiset", "lapsi", "lasta", "lapset"),
        *("avustaja", "avustajaa", "avustajat", "tulkki", "klo", "ma", "ti", "ke", "to", "pe", "la", "su"),
        *("ja", "nej", "saknas", "kod", "utan", "oläslig", "otydlig", "kaikukort", "kort", "biljett", "biljetter"),
        *("st", "sammanlagt", "totalt", "vuxen", "vuxna", "barn", "assistent", "assistenter", "tolk", "kl"),
        *("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
        *("yes", "no", "none", "missing", "code", "without", "unreadable", "illegible", "unknown", "card", "kaiku"),
        *("ticket", "tickets", "total", "sum", "adult", "adults", "child", "children", "assistant", "assistants"),
        *("pcs", "and", "mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    )
)


def personal_columns(rows: Sequence[Row], *, head: Row | None, readable: Callable[[str], bool]) -> list[Found]:
    """The columns that are not taken in, each once. `rows` are those under the heads; `readable` says whether a cell is
    a card's code or a number that stands for one."""
    width = max((len(row.cells) for row in rows), default=0)
    found = []
    for column in range(width):
        cells = [cell for row in rows if (cell := row.cell(column))]
        what = _what(cells, head.cell(column) if head else "", readable)
        if what is not None:
            found.append(Found(column, what))
    return found


def _what(cells: Sequence[str], head: str, readable: Callable[[str], bool]) -> Personal | None:
    if not cells:
        return None
    said = _HEAD_OF.get(head_word(head))
    return said or next((what for cell in cells if (what := looks_personal(cell, readable=readable))), None)


def looks_personal(cell: str, *, readable: Callable[[str], bool]) -> Personal | None:
    """What one cell looks like."""
    text = cleaned(cell)
    if not text or readable(text):
        return None
    if _IDENTITY.search(text):
        return Personal.IDENTITY
    if _EMAIL.search(text):
        return Personal.EMAILS
    if _DAY.fullmatch(text):
        return None
    if _PHONE.fullmatch(text):
        return Personal.PHONES
    return Personal.NAMES if _has_words(text) else None


def _has_words(text: str) -> bool:
    """Whether there are words that are not known to be harmless. What has a code's shape and a digit is a code that was
    written down wrong."""
    if _CODE.fullmatch(text) and any(sign.isdigit() for sign in text) and text.isascii():
        return False
    return any(word.casefold() not in _HARMLESS for word in _WORD.findall(text))


def any_personal(cells: Iterable[str], *, readable: Callable[[str], bool]) -> Personal | None:
    """The first thing among single cells that is not taken in."""
    return next((what for cell in cells if (what := looks_personal(cell, readable=readable))), None)
