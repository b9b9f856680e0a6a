"""The card's code as pictures for machines: a QR code and a Code 39, drawn as strokes of an SVG in millimetres."""

from dataclasses import dataclass

import segno

QR_MODULE = 1.06
QR_QUIET = 4 * QR_MODULE
NARROW = 0.37
WIDE = 2.5 * NARROW
BAR_HEIGHT = 12.0

# Code 39: five bars and four spaces a character, from the left; w is wide.
_BARS = {
    "0": "nnnwwnwnn",
    "1": "wnnwnnnnw",
    "2": "nnwwnnnnw",
    "3": "wnwwnnnnn",
    "4": "nnnwwnnnw",
    "5": "wnnwwnnnn",
    "6": "nnwwwnnnn",
    "7": "nnnwnnwnw",
    "8": "wnnwnnwnn",
    "9": "nnwwnnwnn",
    "A": "wnnnnwnnw",
    "B": "nnwnnwnnw",
    "C": "wnwnnwnnn",
    "D": "nnnnwwnnw",
    "E": "wnnnwwnnn",
    "F": "nnwnwwnnn",
    "G": "nnnnnwwnw",
    "H": "wnnnnwwnn",
    "I": "nnwnnwwnn",
    "J": "nnnnwwwnn",
    "K": "wnnnnnnww",
    "L": "nnwnnnnww",
    "M": "wnwnnnnwn",
    "N": "nnnnwnnww",
    "O": "wnnnwnnwn",
    "P": "nnwnwnnwn",
    "Q": "nnnnnnwww",
    "R": "wnnnnnwwn",
    "S": "nnwnnnwwn",
    "T": "nnnnwnwwn",
    "U": "wwnnnnnnw",
    "V": "nwwnnnnnw",
    "W": "wwwnnnnnn",
    "X": "nwnnwnnnw",
    "Y": "wwnnwnnnn",
    "Z": "nwwnwnnnn",
    "*": "nwnnwnwnn",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """Width and height in millimetres, without the quiet zone, and its strokes: how wide, and along which path."""

    width: float
    height: float
    strokes: list[tuple[str, str]]

    @property
    def size(self) -> str:
        """As a style; a decimal point in every language."""
        return f"width: {self.width:.3f}mm; height: {self.height:.3f}mm"

    @property
    def box(self) -> str:
        return f"0 0 {self.width:.3f} {self.height:.3f}"


def qr_picture(code: str) -> Picture:
    """Version 1 with the most correction: ten characters fit exactly."""
    matrix = segno.make_qr(code, version=1, error="h", mode="alphanumeric", boost_error=False).matrix
    parts = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                parts.append(f"M{start} {y}.5h{x - start}")
            x += 1
    side = len(matrix) * QR_MODULE
    return Picture(side, side, [("1", "".join(parts))])


def code39_picture(code: str) -> Picture:
    """The bare code between Code 39's own start and stop signs, without a check character of its own: the code has one
    (rule 12)."""
    x = 0.0
    strokes: dict[float, list[str]] = {NARROW: [], WIDE: []}
    for character in f"*{code}*":
        for position, kind in enumerate(_BARS[character]):
            width = WIDE if kind == "w" else NARROW
            if position % 2 == 0:
                strokes[width].append(f"M{x + width / 2:.3f} 0v{BAR_HEIGHT:g}")
            x += width
        x += NARROW
    return Picture(x - NARROW, BAR_HEIGHT, [(f"{width:.3f}", "".join(parts)) for width, parts in strokes.items()])
