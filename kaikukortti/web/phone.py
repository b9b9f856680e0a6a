"""The phone card: the one-time link that puts it on a phone, its page for the home screen, and what that page may ask.

The code stands on the page that a phone is given once and in that phone's own storage, never in an address, a title or
a log. The page for the home screen is the same for everyone and holds nobody's data.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import segno
from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from kaikukortti.actions.phone import (
    Carried,
    carry_card,
    face_of,
    forget_phone,
    link_waits,
    read_phone,
    take_link,
)
from kaikukortti.actions.waiting import News, phone_news
from kaikukortti.rules.codes import shown
from kaikukortti.rules.phone import PhoneFace
from kaikukortti.templatetags.look import LANGUAGE_NAMES
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.states import CardState
from kaikukortti.web.own import HolderRequest, has_own_secret, holder_page, open_holder_session
from kaikukortti.web.phone_news import news_words
from kaikukortti.web.phone_words import texts, words_of

CARD_NAMES = {"fi": "Kaikukortti", "sv": "Kaikukort", "en": "Kaiku Card"}
# What the page loads and its worker keeps for when there is no network.
CSS = ("kaikukortti/css/fonts.css", "kaikukortti/css/phone.css")
SCRIPT = "kaikukortti/js/phone.js"
ICONS = ("kaikukortti/img/phone-192.png", "kaikukortti/img/phone-512.png")
FONTS = (
    "kaikukortti/vendor/familjen-grotesk-latin.woff2",
    "kaikukortti/vendor/atkinson-hyperlegible-next-latin.woff2",
)
QUIET = 4  # white modules round a QR
MOST_KEY = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """A QR as one path of black runs, in a square of so many modules with its quiet zone."""

    path: str
    size: int


def qr(code: str) -> Picture:
    """The bare code; the highest correction still fits into 21 modules, so that they stay large (look, section 10)."""
    made = segno.make_qr(code, error="h", boost_error=False)
    runs = []
    for y, row in enumerate(made.matrix):
        x = 0
        while x < len(row):
            run = 1
            while x + run < len(row) and row[x + run] == row[x]:
                run += 1
            if row[x]:
                runs.append(f"M{x + QUIET} {y + QUIET}h{run}v1h-{run}z")
            x += run
    return Picture("".join(runs), len(made.matrix) + 2 * QUIET)


def _as_of(now: datetime) -> str:
    """Finnish time to the minute: a phone abroad shows when it asked as Finland's clocks had it."""
    return now.astimezone(HELSINKI).isoformat(timespec="minutes")


def answer_of(face: PhoneFace, now: datetime, news: News | None = None) -> dict[str, Any]:
    """What a phone is told, and nothing else: six things."""
    return {
        "valid": face.valid,
        "words": words_of(face),
        "last_day": face.last_day.isoformat() if face.last_day else None,
        "child_places": face.child_places,
        "as_of": _as_of(now),
        "news": news_words(news) if news and face.state in (CardState.ACTIVE, CardState.EXPIRED) else [],
    }


# --- the link -----------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters()
def phone_link(request: HttpRequest, secret: str) -> HttpResponse:
    """One button. A preview of the link, or a phone that fetches it ahead, looks and takes nothing; the button takes
    it, once."""
    now = timezone.now()
    if request.method == "POST":
        carried = take_link(secret, now=now)
        if carried is not None:
            open_holder_session(request, carried.card, now)
            return show_card(request, carried, now)
    elif link_waits(secret, now=now):
        return render(request, "kaikukortti/phone/link.html")
    return render(request, "kaikukortti/phone/gone.html", status=404)


def show_card(request: HttpRequest, carried: Carried, now: datetime) -> HttpResponse:
    """The card, drawn here so that it is there without a script; the script keeps it on the phone. Shown this once."""
    face = face_of(carried.card, now=now)
    picture, own_secret = qr(carried.code), has_own_secret(carried.card)
    kept = {
        "code": carried.code,
        "qr": picture.path,
        "size": picture.size,
        "key": carried.key,
        "language": get_language(),
        **answer_of(face, now),
    }
    context = {
        "carried": carried,
        "face": face,
        "picture": picture,
        "kept": kept,
        "words": words_of(face)[get_language() or "fi"],
        "now": now,
        "own_secret": own_secret,
        # A secret made with the card is told while the holder has none of their own.
        "secret": shown(carried.secret) if carried.secret and not own_secret else "",
    }
    return render(request, "kaikukortti/phone/taken.html", context)


class CarryForm(forms.Form):
    use_required_attribute = False

    code = forms.CharField(
        label=_("Card code"),
        max_length=60,
        help_text=_("Ten characters, as they stand on your card."),
        error_messages={"required": _("Type the code of your card.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters", "size": "14"}
        ),
    )


@sensitive_post_parameters()
@holder_page
def carry(request: HolderRequest) -> HttpResponse:
    """Paper onto the phone by the holder alone: the same code, which the register can only know by being told."""
    form = CarryForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        carried = carry_card(request.card, form.cleaned_data["code"], now=now)
        if not isinstance(carried, Refusal):
            return show_card(request, carried, now)
        if carried == Refusal.CARD_UNKNOWN:
            form.add_error("code", gettext("This is not the code of the card you have opened."))
        else:
            form.add_error("code", f"{refusal_fact(carried)} {next_step(carried)}")
    return render(request, "kaikukortti/phone/carry.html", {"form": form}, status=422 if form.errors else 200)


# --- the page for the home screen ---------------------------------------------------------------------------------


@require_safe
def phone_card(request: HttpRequest) -> HttpResponse:
    """The same page for everyone; the phone that opens it fills in its own card."""
    response = render(request, "kaikukortti/phone/card.html", {"texts": texts(), "languages": LANGUAGE_NAMES.items()})
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest(request: HttpRequest, spoken: str) -> HttpResponse:
    """How the page stands on a home screen: a neutral name and the mark."""
    if spoken not in CARD_NAMES:
        raise Http404
    start = reverse("phone-card")
    icons = [
        {"src": static(icon), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"}
        for icon, size in zip(ICONS, (192, 512), strict=True)
    ]
    about = {
        "id": start,
        "name": CARD_NAMES[spoken],
        "short_name": CARD_NAMES[spoken],
        "lang": spoken,
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#35103A",
        "theme_color": "#35103A",
        "icons": icons,
    }
    return JsonResponse(about, content_type="application/manifest+json")


def kept_files() -> list[str]:
    return [static(name) for name in (*CSS, SCRIPT, *FONTS, ICONS[0])]


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The page's service worker. Its text names what it keeps, so that a new release is a new worker."""
    with override("fi"):  # whatever the browser's language, the same worker
        page = phone_card(request).content
    files = kept_files()
    # The worker's own name for its store changes with the page's words and files.
    version = sha256(page + json.dumps(files).encode()).hexdigest()[:12]
    context = {"version": version, "page": reverse("phone-card"), "files": files, "ask": reverse("phone-fresh")}
    response = render(request, "kaikukortti/phone/worker.js", context, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


# --- what the page asks -------------------------------------------------------------------------------------------


def _key(request: HttpRequest) -> str:
    """The phone's key from the body; whatever else is sent reads as a key of no phone."""
    try:
        sent = json.loads(request.body[:1000])
        key = sent["key"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return key if isinstance(key, str) and key.isascii() and len(key) <= MOST_KEY else ""


# No form of ours and no cookie: the key in the body says which phone asks, so there is nothing another site could use.
@csrf_exempt
@require_POST
@never_cache
def fresh(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    key = _key(request)
    return JsonResponse(answer_of(read_phone(key, now=now), now, phone_news(key, now=now)))


@csrf_exempt
@require_POST
@never_cache
def remove(request: HttpRequest) -> HttpResponse:
    """The card was taken off a phone. Twice is calm."""
    forget_phone(_key(request))
    return HttpResponse(status=204)
