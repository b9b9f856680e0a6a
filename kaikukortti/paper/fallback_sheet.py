"""The fallback sheet of an evening without network: numbered rows for codes and numbers, and no place for a name."""

from kaikukortti.models import Sheet
from kaikukortti.paper.codes import qr_picture
from kaikukortti.paper.pdf import draw_pdf
from kaikukortti.rules.codes import shown
from kaikukortti.rules.paper import row_name


def draw_sheet(sheet: Sheet, *, language: str) -> bytes:
    """The sheet as a PDF. Its picture for machines holds its number and nothing else."""
    context = {
        "sheet": sheet,
        "number": shown_number(sheet.number),
        "rows": [row_name(sheet.number, row) for row in range(1, sheet.rows + 1)],
        "picture": qr_picture(sheet.number),
    }
    return draw_pdf("kaikukortti/paper/fallback_sheet.html", context, language=language)


def shown_number(number: str) -> str:
    """A sheet's number in two groups of four: `S4K7 M2QX`."""
    return f"{shown(number)[:4]} {number[4:]}"
