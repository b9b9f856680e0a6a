"""The slip with a holder's secret: serial and secret, never a code. It stays at home (P16, P18).

Three to a sheet. Printed on one side and folded once, the secret lies inside and the serial on the edge that stays in
sight, so that whoever packs cards matches slips with them unopened. In large print one slip fills a sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from kaikukortti.paper.cards import grouped_serial, in_each
from kaikukortti.paper.pdf import draw_pdf
from kaikukortti.rules.codes import shown

A_SHEET = 3
TITLE = _("The card's secret")
KEEP = _("Keep this slip at home, apart from the card.")
WHAT_FOR = _("With it you look after your card yourself: see how long it is valid and where it was used, or block it.")
NOBODY_ASKS = _("Nobody at a till or at the workplace needs it.")
WHERE = _("Open this address and type the card's serial number and the secret:")
FOLD = _("Fold here, printed side in")
SERIAL = _("Serial number")


class Given(Protocol):
    """What stands on a slip."""

    @property
    def serial(self) -> str: ...
    @property
    def secret(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Slip:
    serial: str
    secret: str


def draw_slips(cards: Sequence[Given], *, address: str, title: str, language: str = "fi", large: bool = False) -> bytes:
    """The slips of up to a hundred cards as one PDF; `address` is where the holder's pages are."""
    slips = [Slip(grouped_serial(card.serial), shown(card.secret)) for card in cards if card.secret]
    context: dict[str, Any] = {
        "sheets": [[slip] for slip in slips] if large else _sheets(slips),
        "large": large,
        "address": address,
        "title": title,
        "said": words(language),
    }
    return draw_pdf("kaikukortti/paper/slips.html", context, language=language)


def words(first: str) -> list[dict[str, str]]:
    """What a slip says, a language each, the recipient's own first (L9)."""
    said = zip(*(in_each(text) for text in (TITLE, SERIAL, KEEP, WHAT_FOR, NOBODY_ASKS, WHERE, FOLD)), strict=True)
    names = ("title", "serial", "keep", "what_for", "nobody_asks", "where", "fold")
    languages = [
        {"language": texts[0][0]} | {name: text for name, (_code, text) in zip(names, texts, strict=True)}
        for texts in said
    ]
    return sorted(languages, key=lambda one: one["language"] != first)


def _sheets(slips: Sequence[Slip]) -> list[Sequence[Slip]]:
    return [slips[start : start + A_SHEET] for start in range(0, len(slips), A_SHEET)]
