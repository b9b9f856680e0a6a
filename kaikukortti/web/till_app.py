"""The till as an installed app: its page in each language, how it stands on a home screen, and its service worker.

The page is the same for everyone and holds nobody's data; the device that opens it fills in what it keeps itself.
"""

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
# Modules name each other by their plain names, so these stand under theirs; style sheets, fonts and pictures under the
# names that change with their contents.
MODULES = ("kaikukortti/js/till/*.js", "kaikukortti/vendor/zxing*.js", "kaikukortti/vendor/zxing*.wasm")
LOOK = (
    "kaikukortti/css/fonts.css",
    "kaikukortti/css/tokens.css",
    "kaikukortti/css/till-app.css",
    "kaikukortti/vendor/familjen-grotesk-latin.woff2",
    "kaikukortti/vendor/atkinson-hyperlegible-next-latin.woff2",
    "kaikukortti/img/favicon.svg",
    "kaikukortti/img/phone-192.png",
)
ICONS = {"kaikukortti/img/phone-192.png": 192, "kaikukortti/img/phone-512.png": 512}


def plain(name: str) -> str:
    return f"{settings.STATIC_URL}{name}"


def modules() -> list[str]:
    return sorted(str(path.relative_to(FILES)) for pattern in MODULES for path in FILES.glob(pattern))


def look() -> list[str]:
    return [name for name in LOOK if (FILES / name).exists()]


@cache
def contents() -> str:
    """What the kept files hold, in short: a new release of any of them is a new worker."""
    whole = sha256()
    for name in (*modules(), *look()):
        whole.update(sha256((FILES / name).read_bytes()).digest())
    return whole.hexdigest()


# The scanner is WebAssembly; nothing else is let loose.
@csp_update({"script-src": ["'self'", "'wasm-unsafe-eval'"]})  # type: ignore[arg-type]
@require_safe
def shell(request: HttpRequest, spoken: str) -> HttpResponse:
    """The same page for everyone, from the device's own store once it has been loaded."""
    if spoken not in LANGUAGE_NAMES:
        raise Http404
    with override(spoken):
        context = {
            "spoken": spoken,
            "entry": plain(ENTRY),
            "texts": texts(),
            "languages": [(code, name, reverse("till-app", args=[code])) for code, name in LANGUAGE_NAMES.items()],
        }
        response = render(request, "kaikukortti/till_app/shell.html", context)
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
    shells = [reverse("till-app", args=[spoken]) for spoken in LANGUAGE_NAMES]
    files = [plain(name) for name in modules()] + [static(name) for name in look()]
    whole = sha256(contents().encode())
    for spoken in LANGUAGE_NAMES:
        whole.update(shell(request, spoken).content)
    context = {"version": whole.hexdigest()[:12], "shells": shells, "files": files}
    response = render(request, "kaikukortti/till_app/worker.js", context, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
