"""The cards a workplace may remind of this month: by serial alone, to be matched with its own client file."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.trail import note
from kaikukortti.actions.worklist import worklist_of
from kaikukortti.models import Municipality
from kaikukortti.paper.pdf import draw_pdf
from kaikukortti.rules.worklist import LEAST
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.roles import Role
from kaikukortti.terms.trail import Act
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.public_words import by_name


@never_cache
@open_to(Role.ISSUER, card_rows=True)
def worklist(request: ActingRequest) -> HttpResponse:
    """The month's lists on the screen, their serials to copy, and what is on for the next meeting."""
    context = _context(request)
    if context["lists"] is not None:
        context["municipalities"] = municipalities_served(request.actor, helsinki_day(timezone.now()))
    return render(request, "kaikukortti/worklist/worklist.html", context)


@never_cache
@open_to(Role.ISSUER, card_rows=True)
def worklist_pdf(request: ActingRequest) -> HttpResponse:
    """The same on paper; where there is nothing to print, back to the page that says so."""
    context = _context(request)
    lists = context["lists"]
    if lists is None or not (lists.unused or lists.validity):
        return redirect("worklist")
    content = draw_pdf("kaikukortti/paper/worklist.html", context, language=str(get_language()))
    return HttpResponse(content, content_type="application/pdf")


def _context(request: ActingRequest) -> dict[str, Any]:
    lists = worklist_of(request.actor.workplace)
    if lists is not None:
        note(Act.WORKLIST_READ, by=request.actor, now=timezone.now())
    return {"lists": lists, "least": LEAST, "workplace": request.actor.workplace}


def municipalities_served(by: Actor, today: date) -> list[Municipality]:
    """The open municipalities of the workplace's own regions, where its clients are likely to live."""
    served = {by.facts.home_region, *by.facts.regions}
    codes = [code for code in by.network.memberships if by.network.region_of_municipality(code, today) in served]
    rows = Municipality.objects.valid_on(today).filter(pk__in=codes)
    here = [one for one in rows if by.network.open_on(by.network.region_of_municipality(one.pk, today), today)]
    return sorted(here, key=lambda one: by_name(one.name))
