"""From a template to a tagged PDF (A14). Style sheets, fonts and pictures come from our own static files, nothing from
the network: a sheet names each file by its whole address, `static:///kaikukortti/…`."""

import logging
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import override
from weasyprint import HTML
from weasyprint.logger import LOGGER
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

OURS = "static:///"

# It writes what it cannot draw to standard error, word for word: no word of a sheet may stand in a log.
LOGGER.handlers = [logging.NullHandler()]
LOGGER.propagate = False


class NotOurs(Exception):
    """A sheet asked for something that is no static file of ours."""


class StaticFiles(URLFetcher):  # type: ignore[misc]  # WeasyPrint is untyped
    """Answers `static:///…` addresses from the static files and refuses every other."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        found = finders.find(unquote(urlsplit(url).path.lstrip("/"))) if url.startswith(OURS) else None
        if not found:
            raise NotOurs(url)
        kind = guess_type(str(found))[0] or "application/octet-stream"
        return URLFetcherResponse(url, Path(str(found)).read_bytes(), {"Content-Type": kind})


def draw_pdf(template: str, context: dict[str, Any], *, language: str) -> bytes:
    """The template as PDF/UA in a language: the document speaks its recipient's language (L9)."""
    with override(language):
        html = render_to_string(template, {**context, "language": language})
    fonts = FontConfiguration()
    page = HTML(string=html, base_url=OURS, url_fetcher=StaticFiles(allowed_protocols=["static"]))
    document = page.render(font_config=fonts, pdf_variant="pdf/ua-1")
    # The title as a reader hears it, without the template's line breaks.
    document.metadata.title = " ".join((document.metadata.title or "").split())
    drawn: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return drawn
