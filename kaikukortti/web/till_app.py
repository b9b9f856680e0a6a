"""The till as an installed app: its page in each language, how it stands on a home screen, and its service worker.

The page is the same for everyone and holds nobody's data; the device that opens it fills in what it keeps itself.
"""

import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext, override
from django.views.decorators.http import require_safe

from kaikukortti.templatetags.look import LANGUAGE_NAMES
from kaikukortti.web.till_app_words import texts

FILES = Path(__file__).resolve().parent.parent / "static"
ENTRY = "kaikukortti/js/till/app.js"
# What the page itself names: its style sheets, scripts and pictures.
ASKED = re.compile(r'(?:href|src)="([^"]+)"')
# Modules name each other by their plain names, so these stand under theirs; style sheets, fonts and pictures under the
# names that change with their contents.
MODULES = ("kaikukortti/js/till/*.js", "kaikukortti/vendor/zxing*.js", "kaikukortti/vendor/zxing*.wasm")
FONTS = (
    "kaikukortti/vendor/familjen-grotesk-latin.woff2",
    "kaikukortti/vendor/atkinson-hyperlegible-next-latin.woff2",
)
ICONS = {"kaikukortti/img/till-192.png": 192, "kaikukortti/img/till-512.png": 512}


def plain(name: str) -> str:
    return f"{settings.STATIC_URL}{name}"


def modules() -> list[str]:
    return sorted(str(path.relative_to(FILES)) for pattern in MODULES for path in FILES.glob(pattern))


@cache
def contents() -> str:
    """What the app's files hold, in short: a new release of any of them is a new worker."""
    whole = sha256()
    for path in (*map(FILES.joinpath, modules()), *sorted(FILES.glob("kaikukortti/css/*.css"))):
        whole.update(sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def page(request: HttpRequest, spoken: str) -> HttpResponse:
    with override(spoken):
        context = {
            "spoken": spoken,
            "entry": plain(ENTRY),
            "texts": texts(),
            "languages": [(code, name, reverse("till-app", args=[code])) for code, name in LANGUAGE_NAMES.items()],
        }
        return render(request, "kaikukortti/till_app/shell.html", context)


# The scanner is WebAssembly; nothing else is let loose.
@csp_update({"script-src": ["'self'", "'wasm-unsafe-eval'"]})  # type: ignore[arg-type]
@require_safe
def shell(request: HttpRequest, spoken: str) -> HttpResponse:
    """The same page for everyone, from the device's own store once it has been loaded."""
    if spoken not in LANGUAGE_NAMES:
        raise Http404
    response = page(request, spoken)
    response["Cache-Control"] = "no-cache"
    response["Content-Language"] = spoken
    return response


@require_safe
def manifest(request: HttpRequest, spoken: str) -> HttpResponse:
    if spoken not in LANGUAGE_NAMES:
        raise Http404
    with override(spoken):
        name = gettext("Kaiku Card till")
    about = {
        "id": "/till/",
        "name": name,
        "short_name": name,
        "lang": spoken,
        "start_url": reverse("till-app", args=[spoken]),
        "scope": "/till/",
        "display": "standalone",
        "background_color": "#35103A",
        "theme_color": "#35103A",
        "icons": [
            {"src": static(icon), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"}
            for icon, size in ICONS.items()
        ],
    }
    return JsonResponse(about, content_type="application/manifest+json")


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The app's service worker. Its text names what it keeps and changes with every word and file of the app."""
    pages = {reverse("till-app", args=[spoken]): page(request, spoken).content.decode() for spoken in LANGUAGE_NAMES}
    named = {path for html in pages.values() for path in ASKED.findall(html) if path.startswith(settings.STATIC_URL)}
    files = sorted({plain(name) for name in modules()} | {static(name) for name in FONTS} | named)
    version = sha256(json.dumps([pages, files, contents()]).encode()).hexdigest()[:12]
    context = {"version": version, "shells": list(pages), "files": files}
    response = render(request, "kaikukortti/till_app/worker.js", context, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
