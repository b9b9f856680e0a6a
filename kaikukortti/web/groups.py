"""Groups of an issuing workplace: choose what and when, read the cards, see in plain words who can come, keep
the places. What became of the group is told in numbers."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kaikukortti.actions.groups import (
    Member,
    Plan,
    PlanAnswer,
    Told,
    cancel_group,
    check_group,
    leave_out,
    plan_group,
)
from kaikukortti.actions.places import places_key, places_now
from kaikukortti.models import GroupMember, Offering, PlannedGroup
from kaikukortti.rules.groups import MOST_CARDS, MOST_OF_A_COUNT
from kaikukortti.templatetags.look import local_date
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.day_field import DayField

ROWS = 20
AHEAD = timedelta(days=366)
FIRST_ROWS = 8


class ChooseForm(forms.Form):
    """On which day, and part of a name."""

    on = DayField(label=_("Day"))
    name = forms.CharField(label=_("Name or venue"), max_length=80, required=False)


def _count(label: Any, hint: Any = "") -> forms.IntegerField:
    words = {
        "invalid": _("Write a whole number."),
        "min_value": _("Write a whole number."),
        "max_value": _("At most 100."),
    }
    return forms.IntegerField(
        label=label,
        help_text=hint,
        min_value=0,
        max_value=MOST_OF_A_COUNT,
        required=False,
        error_messages=words,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


CODE = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "maxlength": 64}


class MemberForm(forms.Form):
    """One row: an own card, and how many children come with it."""

    code = forms.CharField(label=_("Card code"), max_length=64, required=False, widget=forms.TextInput(attrs=CODE))
    children = _count(_("Children"))


MembersForm = forms.formset_factory(MemberForm, extra=0, max_num=MOST_CARDS, absolute_max=MOST_CARDS)


class GroupForm(forms.Form):
    """A community card with those who come on it, and assistants."""

    community_code = forms.CharField(
        label=_("Code of the community card"),
        help_text=_("Leave empty when everybody has an own card."),
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs=CODE),
    )
    clients = _count(_("Clients under 16"))
    workers = _count(_("Workers"))
    assistants = _count(_("Assistants and interpreters"), _("Always free, outside the places."))


# --- pages --------------------------------------------------------------------------------------------------------


@open_to(Role.ISSUER)
def groups(request: ActingRequest) -> HttpResponse:
    """The workplace's groups: the coming ones first, and those of the last thirty days."""
    today = helsinki_day(timezone.now())
    rows = PlannedGroup.objects.filter(workplace=request.actor.workplace, day__gte=today - timedelta(days=30))
    rows = rows.select_related("offering__venue", "hold").order_by("-day", "-made_at")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    return render(request, "kaikukortti/groups/groups.html", {"page_obj": page, "today": today})


@open_to(Role.ISSUER)
def choose_group_offering(request: ActingRequest) -> HttpResponse:
    """What is on, on a day: in the workplace's own areas unless a name is asked for."""
    now = timezone.now()
    today = helsinki_day(now)
    form = ChooseForm(request.GET if "on" in request.GET else None, initial={"on": today + timedelta(days=1)})
    on = form.initial["on"]
    name = ""
    if form.is_bound and form.is_valid():
        on, name = form.cleaned_data["on"], form.cleaned_data["name"].strip()
    shown = _on(request, on, name) if today <= on <= today + AHEAD else Offering.objects.none()
    rows = [
        one for one in shown[: ROWS * 5] if one.facts.offered_on(on) and not (one.starts_at and one.starts_at <= now)
    ]
    places = places_now([(one.facts, one.places) for one in rows], {on}, now=now)
    listed = [(one, places.get(places_key(one.facts, on))) for one in rows]
    return render(
        request,
        "kaikukortti/groups/choose.html",
        {"form": form, "rows": listed, "on": on, "past": on < today},
        status=422 if form.errors else 200,
    )


def _on(request: ActingRequest, on: date, name: str) -> QuerySet[Offering]:
    rows = Offering.objects.published().on(on).filter(cancelled_at__isnull=True, published_at__lte=timezone.now())
    rows = rows.exclude(Q(kind=OfferingKind.COURSE) & Q(community_welcome=False)).select_related("venue")
    if name:
        named = Q()
        for column in ("name_fi", "name_sv", "name_en", "venue__name_fi", "venue__name_sv", "venue__name_en"):
            named |= Q(**{f"{column}__icontains": name})
        return rows.filter(named).order_by("starts_at", "name_fi", "pk")
    own = Q(venue__home_region__in=request.actor.facts.regions) | Q(venue__regions__in=request.actor.facts.regions)
    return rows.filter(own).distinct().order_by("starts_at", "name_fi", "pk")


@sensitive_post_parameters()
@open_to(Role.ISSUER, card_rows=True)
def plan(request: ActingRequest, number: UUID, day: str) -> HttpResponse:
    """Read the cards, look at each, keep the places. `check` looks, `keep` keeps when everybody can come."""
    now = timezone.now()
    on = _day(day)
    offering = get_object_or_404(Offering.objects.published().select_related("venue"), pk=number)
    sent = request.POST if request.method == "POST" else None
    first: list[dict[str, Any]] = [{} for _row in range(FIRST_ROWS)]
    members = MembersForm(sent, initial=first, prefix="card")
    form = GroupForm(sent)
    answer = None
    if sent is not None and "more" in sent:
        members = MembersForm(_with_more(sent), prefix="card")
    elif sent is not None and members.is_valid() and form.is_valid():
        wanted = _plan_of(members, form)
        act = plan_group if "keep" in sent else check_group
        answer = act(wanted, by=request.actor, now=now, offering=number, day=on)
        if answer.planned is not None:
            messages.success(request, gettext("The places are kept. The group comes in with the number below."))
            return redirect("group", number=answer.planned.pk)
    facts = {
        "offering": offering,
        "on": on,
        "members": members,
        "form": form,
        "answer": answer,
        "rows": _rows(members, answer),
        "community_said": next((_said(one) for one in answer.told if one.position is None and one.refusal), "")
        if answer
        else "",
        "places": places_now([(offering.facts, offering.places)], {on}, now=now).get(places_key(offering.facts, on)),
    }
    wrong = form.errors or (members.is_bound and any(members.errors)) or (answer is not None and not answer.fine)
    return render(request, "kaikukortti/groups/plan.html", facts, status=422 if wrong else 200)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as broken:
        raise Http404 from broken


def _with_more(sent: Any) -> Any:
    """The same rows and as many empty ones again, up to the most a group has."""
    data = sent.copy()
    rows = data.get("card-TOTAL_FORMS", "")
    data["card-TOTAL_FORMS"] = str(min(MOST_CARDS, (int(rows) if rows.isdecimal() else 0) + FIRST_ROWS))
    return data


def _plan_of(members: Any, form: GroupForm) -> Plan:
    said = form.cleaned_data
    return Plan(
        members=[
            Member(one["code"].strip(), one["children"] or 0)
            for one in members.cleaned_data
            if one.get("code", "").strip()
        ],
        community_code=said["community_code"].strip(),
        clients=said["clients"] or 0,
        workers=said["workers"] or 0,
        assistants=said["assistants"] or 0,
    )


def _rows(members: Any, answer: PlanAnswer | None) -> list[tuple[forms.Form, Told | None, str]]:
    """Each row with what is foreseen of its card. A card read twice is looked at once, at its first row."""
    told = list(answer.told) if answer else []
    own = [one for one in told if one.position is not None]
    rows: list[tuple[forms.Form, Told | None, str]] = []
    seen: list[str] = []
    for form in members:
        typed = str(form["code"].value() or "").strip()
        here = None
        if typed and own and typed not in seen:
            seen.append(typed)
            here = own.pop(0)
        rows.append((form, here, _said(here) if here else ""))
    return rows


def _said(told: Told) -> str:
    """Why a card cannot come along, for its own workplace."""
    if told.refusal is None:
        return gettext("Can come along.")
    if told.refusal == Refusal.CARD_EXPIRED and told.day:
        words = gettext("The card's last day is {day}, before the group goes. Renew it first.")
        return words.format(day=local_date(told.day))
    if told.refusal == Refusal.CARD_UNKNOWN:
        return gettext("This is no card of your workplace. Its holder comes in with the card at the door.")
    if told.refusal == Refusal.COUNTS_NOT_FOR_THIS_CARD:
        return gettext("A community card and an own card each have their own place on this page.")
    return f"{refusal_fact(told.refusal, day=told.day)} {next_step(told.refusal)}"


def _own_group(request: ActingRequest, number: UUID) -> PlannedGroup:
    rows = PlannedGroup.objects.select_related("offering__venue", "hold", "community_card")
    return get_object_or_404(rows, pk=number, workplace=request.actor.workplace)


@open_to(Role.ISSUER)
def group(request: ActingRequest, number: UUID) -> HttpResponse:
    """One group: its number for the door, who comes, and afterwards how many came in."""
    planned = _own_group(request, number)
    members = list(planned.members.select_related("card").order_by("pk"))
    facts = {
        "planned": planned,
        "offering": planned.offering,
        "members": members,
        "came": _came(planned, members),
        "open": not planned.done_at and not planned.cancelled_at and not planned.offering.cancelled_at,
    }
    return render(request, "kaikukortti/groups/group.html", facts)


def _came(planned: PlannedGroup, members: Sequence[GroupMember]) -> dict[str, int]:
    """What the door recorded of this group, in numbers: no card is named (P7)."""
    records = [one.record for one in members if one.record] + ([planned.record] if planned.record else [])
    names = ("holder", "children", "clients", "workers", "assistants")
    return {name: sum(getattr(one, name) for one in records) for name in names} if planned.done_at else {}


@require_POST
@open_to(Role.ISSUER)
def cancel(request: ActingRequest, number: UUID) -> HttpResponse:
    """The group does not come."""
    problem = cancel_group(_own_group(request, number), by=request.actor, now=timezone.now())
    if problem:
        messages.warning(request, str(problem.label))
    else:
        messages.success(request, gettext("The group is taken off, and its places are free again."))
    return redirect("group", number=number)


@require_POST
@open_to(Role.ISSUER)
def leave_out_member(request: ActingRequest, number: UUID, member: int) -> HttpResponse:
    """One of the group stays away."""
    planned = _own_group(request, number)
    one = planned.members.filter(pk=member).first()
    problem = leave_out(one, by=request.actor, now=timezone.now()) if one else None
    if problem:
        messages.warning(request, str(problem.label))
    else:
        messages.success(request, gettext("Left out. The place is free again."))
    return redirect("group", number=number)
