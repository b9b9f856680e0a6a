"""The holder's kept places and wait lists, and letting them go."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from kaikukortti.actions.holder import shown_since
from kaikukortti.actions.holds import OF_CARDS, end_hold
from kaikukortti.actions.waiting import cancelled_for, leave_list, own_holds, own_waits
from kaikukortti.models import Hold, Waiting
from kaikukortti.rules.holds import say_number
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.holds import HoldEnd
from kaikukortti.web.holds import spoken_hold, spoken_until
from kaikukortti.web.own import HolderRequest, holder_page, own_context


def _holds(request: HolderRequest, now: datetime) -> list[Hold]:
    """Places kept for the card itself; one-time codes have a page of their own."""
    since = shown_since(request.card)
    rows = own_holds(request.card, now=now) if since else []
    return [one for one in rows if one.kind in OF_CARDS and since and one.made_at >= since]


def _waits(request: HolderRequest, now: datetime) -> list[Waiting]:
    since = shown_since(request.card)
    return [one for one in own_waits(request.card, now=now) if since and one.made_at >= since]


@holder_page
def own_places(request: HolderRequest) -> HttpResponse:
    now = timezone.now()
    since = shown_since(request.card)
    kept: list[dict[str, Any]] = [
        {
            "hold": one,
            "number": say_number(one.number),
            "counts": spoken_hold(one),
            "until": spoken_until(one.expires_at, helsinki_day(now)),
        }
        for one in _holds(request, now)
    ]
    context = {
        **own_context(request),
        "kept": kept,
        "waits": _waits(request, now),
        "cancelled": cancelled_for(request.card, now=now, since=since) if since else [],
    }
    return render(request, "kaikukortti/holds/own.html", context)


@require_POST
@holder_page
def own_release(request: HolderRequest) -> HttpResponse:
    """Let one's places go, so that somebody else gets them."""
    now = timezone.now()
    try:
        wanted = UUID(request.POST.get("hold", ""))
    except ValueError as broken:
        raise Http404 from broken
    hold = next((one for one in _holds(request, now) if one.pk == wanted), None)
    if hold is not None and end_hold(hold, end=HoldEnd.RELEASED, now=now):
        messages.success(request, gettext("The places are free again for somebody else."))
    return redirect("own-places")


@require_POST
@holder_page
def own_leave(request: HolderRequest) -> HttpResponse:
    """Leave a wait list."""
    now, number = timezone.now(), request.POST.get("wait", "")
    row = next((one for one in _waits(request, now) if str(one.pk) == number), None)
    if row is not None and leave_list(row, now=now):
        messages.success(request, gettext("You are not on the wait list any more."))
    return redirect("own-places")
