"""Settlements of one-time codes: what a seller and a venue compare their books by, as a page and as a file."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kaikukortti.actions.settlement import (
    Mismatch,
    Settlement,
    as_csv,
    find_to_settle,
    offerings_to_settle,
    settlement_of,
)
from kaikukortti.rules.one_time_codes import CodeState
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.figure_files import csv_answer

A_PAGE = 50
STATES = {
    CodeState.WAITING: _("waiting to be used"),
    CodeState.REDEEMED: _("redeemed"),
    CodeState.RELEASED: _("given back"),
    CodeState.EXPIRED: _("ran out"),
    CodeState.REISSUED: _("replaced by a new code"),
    CodeState.CANCELLED: _("event cancelled"),
}
MISMATCHES = {
    Mismatch.REVERSED: _("redeemed, and the use was reversed later"),
    Mismatch.WITHOUT_CODE: _("a use without a code"),
    Mismatch.OTHER_SELLER: _("redeemed by another than it was made for"),
}


@require_safe
@open_to(*RECORDERS)
def settlements(request: ActingRequest) -> HttpResponse:
    """Offerings with one-time codes, the newest first."""
    rows = offerings_to_settle(request.actor.workplace).select_related("venue").order_by("-first_day", "name_fi", "pk")
    answer = {"page_obj": Paginator(rows, A_PAGE).get_page(request.GET.get("page"))}
    return render(request, "kaikukortti/sellers/settlements.html", answer)


def _settled(request: ActingRequest, number: UUID) -> Settlement:
    here = request.actor.workplace
    offering = find_to_settle(number, workplace=here)
    if offering is None:
        raise Http404
    return settlement_of(offering, workplace=here, now=timezone.now())


@require_safe
@open_to(*RECORDERS)
def settlement(request: ActingRequest, number: UUID) -> HttpResponse:
    settled = _settled(request, number)
    lines = [
        (line, STATES[CodeState(line.state)] if line.state else "", MISMATCHES[line.mismatch] if line.mismatch else "")
        for line in settled.lines
    ]
    answer = {
        "offering": settled.offering,
        "settlement": settled,
        "mismatches": sum(bool(line.mismatch) for line in settled.lines),
        "page_obj": Paginator(lines, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "kaikukortti/sellers/settlement.html", answer)


@require_safe
@open_to(*RECORDERS)
def settlement_csv(request: ActingRequest, number: UUID) -> HttpResponse:
    settled = _settled(request, number)
    return csv_answer(as_csv(settled.lines), f"settlement-{settled.offering.first_day}-{number}")
