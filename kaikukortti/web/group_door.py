"""Groups at the door: the venue sees numbers only, and lets everybody in with one press."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from kaikukortti.actions.groups import groups_at, let_group_in, let_member_in
from kaikukortti.models import Offering, PlannedGroup
from kaikukortti.rules.holds import say_number
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.web.acting import ActingRequest, open_to


class CameForm(forms.Form):
    """How many of the community card's really came."""

    clients = forms.IntegerField(label=_("Clients under 16"), min_value=0, max_value=100, required=False)
    workers = forms.IntegerField(label=_("Workers"), min_value=0, max_value=100, required=False)


def _at_door(request: ActingRequest) -> Any:
    """Groups of the offerings that the actor records."""
    offerings = Offering.objects.recordable_by(request.actor.workplace)
    return PlannedGroup.objects.filter(offering__in=offerings.values("pk"), cancelled_at__isnull=True)


def _groups(request: ActingRequest, on: date) -> list[PlannedGroup]:
    numbers = _at_door(request).filter(day=on).values_list("offering", flat=True)
    return groups_at(set(numbers), on)


@open_to(*RECORDERS, at_kept_till=True)
def door(request: ActingRequest) -> HttpResponse:
    """Today's groups; those that are in come last."""
    on = helsinki_day(timezone.now())
    rows = [_shown(one) for one in _groups(request, on)]
    rows.sort(key=lambda one: one["planned"].done_at is not None)
    return render(request, "kaikukortti/groups/door.html", {"rows": rows, "on": on})


def _shown(planned: PlannedGroup) -> dict[str, Any]:
    members = list(planned.members.all())
    return {
        "planned": planned,
        "offering": planned.offering,
        "number": say_number(planned.hold.number),
        "own": len(members),
        "children": sum(one.children for one in members),
        "form": CameForm(initial={"clients": planned.clients, "workers": planned.workers}, prefix=str(planned.pk)[:8]),
        "community": bool(planned.community_card_id) or bool(planned.clients),
        "not_in": [(place, one, _why(one.refusal)) for place, one in enumerate(members, 1) if one.refusal],
    }


def _why(value: str) -> str:
    """A refusal in the till's words; an answer that is no refusal says that it was no new record."""
    if value not in Refusal.values:
        return refusal_fact(Refusal.ALREADY_RECORDED)
    refusal = Refusal(value)
    return f"{refusal_fact(refusal)} {next_step(refusal)}"


@require_POST
@open_to(*RECORDERS, at_kept_till=True)
def let_in(request: ActingRequest, number: UUID) -> HttpResponse:
    """Everybody at once; twice records nobody twice."""
    planned = get_object_or_404(_at_door(request).select_related("offering"), pk=number)
    form = CameForm(request.POST, prefix=str(planned.pk)[:8])
    came = form.cleaned_data if form.is_valid() else {}
    let_group_in(
        planned, by=request.actor, now=timezone.now(), clients=came.get("clients"), workers=came.get("workers")
    )
    return redirect("group-door")


@require_POST
@open_to(*RECORDERS, at_kept_till=True)
def let_one_in(request: ActingRequest, number: UUID, member: int) -> HttpResponse:
    """One who could not be recorded came in all the same: stored with its reason (rule 28)."""
    planned = get_object_or_404(_at_door(request), pk=number)
    one = get_object_or_404(planned.members.select_related("planned__offering"), pk=member)
    let_member_in(one, by=request.actor, now=timezone.now())
    return redirect("group-door")
