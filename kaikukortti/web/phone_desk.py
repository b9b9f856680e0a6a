"""Straight to the phone at the desk: the same questions without a blank card, then a link as a picture on the screen.

The link's secret is made with the summary and travels in the desk's own forms: a second press finds the same card and
the same picture, and nothing has to be stored for it.
"""

import re
from typing import Any
from uuid import uuid4

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kaikukortti.actions.cards import IdReused, Issued, issued_answer, life_of
from kaikukortti.actions.phone import (
    issue_onto_phone,
    link_again,
    new_link,
    replace_onto_phone,
    waiting_link,
)
from kaikukortti.models import Card
from kaikukortti.rules.cards import card_state, refuse_giving_up
from kaikukortti.terms.kinds import ReplaceReason
from kaikukortti.terms.messages import in_three
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import CardState
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.cards import own
from kaikukortti.web.desk import ISSUED, as_uuid, echo, opened, posted, words_to_say
from kaikukortti.web.desk_forms import DeskForm
from kaikukortti.web.holder_forms import in_words
from kaikukortti.web.replacement import blocked_for

LINK = re.compile(r"[\w-]{32}")


class PhoneForm(DeskForm):
    """The desk without a card in the hand: no code to read, and no day but today."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("code", "issued_on", "row"):
            self.fields.pop(name, None)

    def answer(self, refusal: Refusal) -> None:
        if refusal == Refusal.MUNICIPALITY_NOT_IN_NETWORK:
            super().answer(refusal)
        else:
            self.refuse(None, refusal)


def _filled(request: ActingRequest) -> PhoneForm:
    return PhoneForm(posted(request), by=request.actor, now=timezone.now(), look_up=False)


def _show_form(request: ActingRequest, form: PhoneForm) -> HttpResponse:
    context = {"form": form, "lines": echo(form), "opened": opened(form), "phone": True}
    return render(request, "kaikukortti/desk/desk.html", context, status=422 if form.errors else 200)


def _show_summary(request: ActingRequest, form: PhoneForm) -> HttpResponse:
    form.auto_id = False
    context = {"form": form, "lines": echo(form), "id": uuid4(), "link": new_link()}
    return render(request, "kaikukortti/phone/summary.html", context)


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def desk_phone(request: ActingRequest) -> HttpResponse:
    """The form of a card for the client's phone; sent, its summary or what to mend."""
    if request.method != "POST":
        form = PhoneForm(by=request.actor, now=timezone.now())
        form.fields["birth_year"].widget.attrs["autofocus"] = True
        return _show_form(request, form)
    form = _filled(request)
    if form.is_valid() and "change" not in request.POST:
        return _show_summary(request, form)
    return _show_form(request, form)


@require_POST
@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def echo_phone(request: ActingRequest) -> HttpResponse:
    """The echo column of what has been typed so far."""
    form = _filled(request)
    form.is_valid()
    return render(request, "kaikukortti/desk/echo.html", {"lines": echo(form)})


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def confirm_phone(request: ActingRequest) -> HttpResponse:
    """Make the card that the summary showed and put its link on the screen."""
    if request.method != "POST":
        return redirect("desk-phone")
    form = _filled(request)
    number, link = as_uuid(request.POST.get("id", "")), _link(request)
    if not form.is_valid():
        return _show_form(request, form)
    if number is None or not link:
        return _show_summary(request, form)
    try:
        answer = issue_onto_phone(link, by=request.actor, now=form.now, holder=form.holder(), id=number)
    except IdReused:
        return _show_summary(request, form)
    if isinstance(answer, Refusal):
        form.answer(answer)
        return _show_form(request, form)
    request.session[ISSUED] = answer.card
    return _show_link(request, answer, link)


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER, card_rows=True)
def card_to_phone(request: ActingRequest, number: int) -> HttpResponse:
    """A card in use moves onto its holder's phone: a new code in the old one's place, last day and counters kept. Also
    the way out when a phone has taken a link and the card did not come up on it."""
    card = own(request, number)
    if card.community or not hasattr(card, "holder"):
        return redirect("card", number=number)
    now, link, reason = timezone.now(), _link(request), _reason(request, card)
    refusal = refuse_giving_up(life_of(card), now)
    if link:
        answer = replace_onto_phone(card, link, reason=reason, by=request.actor, now=now)
        if isinstance(answer, Issued):
            request.session[ISSUED] = answer.card
            return _show_link(request, answer, link)
        refusal = answer
    context = {"card": card, "link": new_link(), "reason": reason, "why": in_words(refusal) if refusal else ""}
    return render(request, "kaikukortti/phone/move.html", context, status=422 if link else 200)


def _reason(request: HttpRequest, card: Card) -> str:
    """What the page of replacements chose. A blocked card has said why already; else paper becomes phone."""
    if card_state(life_of(card), timezone.now()) == CardState.BLOCKED:
        return blocked_for(card)
    reason = request.POST.get("reason", "")
    return reason if reason in ReplaceReason.values else ReplaceReason.OTHER_FORM


# --- the link on the screen ---------------------------------------------------------------------------------------


def _show_link(request: ActingRequest, issued: Issued, link: str) -> HttpResponse:
    """The link as a picture, with what to say to the client; after a phone has taken it, that."""
    waiting = waiting_link(link, by=request.actor)
    address = request.build_absolute_uri(f"/my/phone/{link}/")
    picture = segno.make_qr(address, error="m").svg_inline(scale=6, border=4, dark="#000", light="#fff", omitsize=True)
    context = {
        "issued": issued,
        "link": link,
        "again": new_link(),
        "picture": picture,
        "waiting": waiting,
        "said": in_three(lambda: _say(issued)),
    }
    return render(request, "kaikukortti/phone/screen.html", context)


def _say(issued: Issued) -> str:
    first = gettext("Point your phone's camera at the picture, open the link and press the button.")
    moved = Card.objects.filter(pk=issued.card, later=True).exists()
    given = gettext("Here is your new card. The old one no longer works.") if moved else ""
    return f"{first} {words_to_say(issued, first=given)}"


@require_POST
@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def again(request: ActingRequest) -> HttpResponse:
    """It did not work: a fresh link for the same card while nobody has taken the one before. Once a phone has, the
    card can only move on with a new code."""
    old, new = request.POST.get("old", ""), _link(request)
    card = link_again(old, new, by=request.actor, now=timezone.now()) if new and LINK.fullmatch(old) else None
    if card is not None:
        return _show_link(request, issued_answer(card), new)
    number = request.session.get(ISSUED)
    return redirect("card-to-phone", number=number) if number else redirect("desk-phone")


@require_POST
@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def link_state(request: ActingRequest) -> HttpResponse:
    """Whether a phone has taken the link, asked by the screen every few seconds while it waits."""
    waiting = waiting_link(_link(request), by=request.actor)
    over = waiting is None or waiting.expires_at <= timezone.now()
    context = {"waiting": waiting, "over": over, "link": _link(request), "polled": True}
    return render(request, "kaikukortti/phone/link_state.html", context)


def _link(request: HttpRequest) -> str:
    link = request.POST.get("link", "")
    return link if LINK.fullmatch(link) else ""
