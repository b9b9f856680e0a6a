"""The cards a workplace may remind of this month: by serial alone, to be matched with its own client file."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from kaikukortti.actions.worklist import worklist_of
from kaikukortti.paper.pdf import draw_pdf
from kaikukortti.rules.worklist import LEAST
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to


@never_cache
@open_to(Role.ISSUER, card_rows=True)
def worklist(request: ActingRequest) -> HttpResponse:
    """The month's lists on the screen, and their serials to copy."""
    return render(request, "kaikukortti/worklist/worklist.html", _context(request))


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
    return {"lists": worklist_of(request.actor.workplace), "least": LEAST, "workplace": request.actor.workplace}
