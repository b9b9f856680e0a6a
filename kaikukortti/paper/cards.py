"""Sheets of cards: ID-1 with crop marks and bleed for a printing house, or to fold for an office printer (P21).

A card says how it is used and nothing about why anyone has it. No secret of a holder comes here: it stands on a slip of
its own (paper/slips.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from kaikukortti.paper.codes import Picture, code39_picture, qr_picture
from kaikukortti.paper.pdf import draw_pdf
from kaikukortti.rules.codes import shown
from kaikukortti.terms.kinds import CardLayout

# All in millimetres. ID-1 of ISO/IEC 7810.
WIDTH, HEIGHT = 85.6, 54.0
PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
ROWS = 5
# Between the two columns the right one's stem bleeds; rows share their cut, since the stem runs on through it.
GAP = 6.0
BLEED = 3.0
CUT_CORNER = 9.0
STEM = 6.0
MARK = (10.3, 5.2, 7.35)  # from the left, from the top, high
MARK_FROM, MARK_LONG = 4.0, 5.0

LANGUAGES = ("fi", "sv", "en")
NAME = _("Kaiku Card")
VALID_UNTIL = _("Valid until")
CHILDREN = _("Children")
HOW = _("Show the card at the till. Found it? Hand it in at any venue.")


class Carried(Protocol):
    """What is printed on a card."""

    @property
    def code(self) -> str: ...
    @property
    def serial(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Placed:
    """A card's face or back and where its upper left corner stands on the page."""

    left: float
    top: float
    code: str
    serial: str
    qr: Picture | None = None
    bars: Picture | None = None

    @property
    def place(self) -> str:
        """As a style; a decimal point in every language."""
        return f"left: {self.left:.2f}mm; top: {self.top:.2f}mm"

    @property
    def stem(self) -> str:
        """The stem with its bleed: at the face's left and the back's right, which is the same edge of the card."""
        x = self.left - BLEED if self.qr else self.left + WIDTH - STEM
        return f"M{x:.2f} {self.top - BLEED:.2f}h{STEM + BLEED:.2f}v{HEIGHT + 2 * BLEED:.2f}h-{STEM + BLEED:.2f}z"

    @property
    def mark(self) -> str:
        """Where the mark stands on a face, as a transformation of its 44 × 32 box."""
        return f"translate({self.left + MARK[0]:.2f} {self.top + MARK[1]:.2f}) scale({MARK[2] / 32:.4f})"

    @property
    def corner(self) -> str:
        """Where the corner is cut off: the face's lower right, the back's lower left."""
        bottom = self.top + HEIGHT
        if self.qr:
            right = self.left + WIDTH
            return f"M{right - CUT_CORNER:.2f} {bottom:.2f}L{right:.2f} {bottom - CUT_CORNER:.2f}"
        return f"M{self.left + CUT_CORNER:.2f} {bottom:.2f}L{self.left:.2f} {bottom - CUT_CORNER:.2f}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: what stands on it, where it is cut and where it is folded (x1, y1, x2, y2)."""

    kind: str
    placed: list[Placed]
    cuts: list[tuple[float, float, float, float]]
    fold: tuple[float, float, float, float] | None = None

    @property
    def cut_path(self) -> str:
        return "".join(f"M{x1:.2f} {y1:.2f}L{x2:.2f} {y2:.2f}" for x1, y1, x2, y2 in self.cuts)

    @property
    def fold_path(self) -> str:
        return "M{:.2f} {:.2f}L{:.2f} {:.2f}".format(*self.fold) if self.fold else ""


def draw_cards(cards: Sequence[Carried], *, layout: str, title: str) -> bytes:
    """The sheets of up to a hundred cards as one PDF."""
    context: dict[str, Any] = {"sheets": list(sheets(cards, layout=layout)), "title": title, "words": words()}
    return draw_pdf("kaikukortti/paper/cards.html", context, language="fi")


def words() -> dict[str, list[tuple[str, str]]]:
    """The card's words in its three languages, the Finnish ones first: (language, words)."""
    return {
        "name": in_each(NAME),
        "valid_until": in_each(VALID_UNTIL),
        "children": in_each(CHILDREN),
        "how": in_each(HOW),
    }


def in_each(message: str | Promise) -> list[tuple[str, str]]:
    said = []
    for language in LANGUAGES:
        with override(language):
            said.append((language, str(message)))
    return said


def sheets(cards: Sequence[Carried], *, layout: str) -> Iterator[Sheet]:
    if layout == CardLayout.OFFICE:
        for start in range(0, len(cards), ROWS):
            yield _folded(cards[start : start + ROWS])
        return
    for start in range(0, len(cards), 2 * ROWS):
        ten = cards[start : start + 2 * ROWS]
        yield _ten(ten, back=False)
        # Turned over its long edge, the sheet shows the columns the other way round.
        yield _ten(ten, back=True)


def _ten(cards: Sequence[Carried], *, back: bool) -> Sheet:
    left = (PAGE_WIDTH - 2 * WIDTH - GAP) / 2
    top = (PAGE_HEIGHT - ROWS * HEIGHT) / 2
    placed = []
    for number, card in enumerate(cards):
        row, column = divmod(number, 2)
        column = 1 - column if back else column
        placed.append(_placed(card, left + column * (WIDTH + GAP), top + row * HEIGHT, back=back))
    xs = [left, left + WIDTH, left + WIDTH + GAP, left + 2 * WIDTH + GAP]
    return Sheet("backs" if back else "faces", placed, _marks(xs, [top + row * HEIGHT for row in range(ROWS + 1)]))


def _folded(cards: Sequence[Carried]) -> Sheet:
    """Face and back side by side: printed on one side, folded, glued. The fold is the edge opposite the stem."""
    left = (PAGE_WIDTH - 2 * WIDTH) / 2
    top = (PAGE_HEIGHT - ROWS * HEIGHT) / 2
    placed = []
    for row, card in enumerate(cards):
        placed.append(_placed(card, left, top + row * HEIGHT, back=False))
        placed.append(_placed(card, left + WIDTH, top + row * HEIGHT, back=True))
    ys = [top + row * HEIGHT for row in range(ROWS + 1)]
    marks = _marks([left, left + 2 * WIDTH], ys)
    fold = (left + WIDTH, top - MARK_FROM - MARK_LONG, left + WIDTH, top)
    return Sheet("folded", placed, marks, fold)


def grouped_serial(serial: str) -> str:
    """48201993 → 4820 1993, kept on one line and as the desk's screen shows it."""
    return f"{serial[:4]}\u00a0{serial[4:]}"


def _placed(card: Carried, left: float, top: float, *, back: bool) -> Placed:
    serial = grouped_serial(card.serial)
    code = shown(card.code).replace("-", "\u00a0")
    if back:
        return Placed(left, top, code, serial, bars=code39_picture(card.code))
    return Placed(left, top, code, serial, qr=qr_picture(card.code))


def _marks(xs: Sequence[float], ys: Sequence[float]) -> list[tuple[float, float, float, float]]:
    """Crop marks outside the cards, clear of the bleed."""
    marks = []
    for x in xs:
        marks.append((x, ys[0] - MARK_FROM - MARK_LONG, x, ys[0] - MARK_FROM))
        marks.append((x, ys[-1] + MARK_FROM, x, ys[-1] + MARK_FROM + MARK_LONG))
    for y in ys:
        marks.append((xs[0] - MARK_FROM - MARK_LONG, y, xs[0] - MARK_FROM, y))
        marks.append((xs[-1] + MARK_FROM, y, xs[-1] + MARK_FROM + MARK_LONG, y))
    return marks
