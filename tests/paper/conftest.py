"""Sheets as a scanner and as a reader see them."""

from collections.abc import Iterator

import pypdfium2
import zxingcpp
from PIL import Image

DOTS = 200


def pages(pdf: bytes) -> Iterator[Image.Image]:
    """Each page as an office scanner gives it."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            yield page.render(scale=DOTS / 72).to_pil()


def read_codes(page: Image.Image) -> dict[str, list[str]]:
    """What is read from a page, by format, sorted."""
    found: dict[str, list[str]] = {}
    for one in zxingcpp.read_barcodes(page):
        found.setdefault(one.format.name, []).append(one.text)
    return {name: sorted(texts) for name, texts in found.items()}


def text_of(pdf: bytes) -> str:
    """Every word of the document, whatever its spaces."""
    with pypdfium2.PdfDocument(pdf) as document:
        words = "".join(page.get_textpage().get_text_range() for page in document)
    return "".join(words.split())
