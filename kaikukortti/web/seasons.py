"""Season passes in force, as numbers."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from kaikukortti.figures.seasons import seasons_in_force
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to


@open_to(Role.VENUE)
def seasons(request: ActingRequest) -> HttpResponse:
    """How many season passes are in force today, by offering; who holds them is not known here."""
    today = helsinki_day(timezone.now())
    rows = seasons_in_force(request.actor.workplace, on=today)
    facts = {"rows": rows, "today": today, "total": sum(row.in_force for row in rows)}
    return render(request, "kaikukortti/courses/seasons.html", facts)
