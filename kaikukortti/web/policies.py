"""Policies: dated values with owner and reason, for the country, a region or a venue; previewed before they hold."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from kaikukortti.actions.network import set_policy, take_back
from kaikukortti.actions.people import granter_of
from kaikukortti.figures.effects import cards_ending_after, valid_cards_by_region
from kaikukortti.models import PolicyRow, Region, Workplace
from kaikukortti.rules.network import in_force
from kaikukortti.rules.people import refuse_policy
from kaikukortti.rules.planning import refuse_policy_row, with_policy
from kaikukortti.rules.reach import effect_on_regions
from kaikukortti.templatetags.look import local_number
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.policies import ADMIT, ASK, NOT_FOR_VENUES, REFUSED, SHAPES, STORED, Policy, Value
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.day_field import DayField
from kaikukortti.web.network import CARING, own_regions
from kaikukortti.web.previews import Preview, say_cards, say_day, say_effect, say_regions
from kaikukortti.web.regions import say_dates, show_plan, step

A_PAGE = 40
WITH_VENUES = (*CARING, Role.VENUE)
CHOICES = {
    STORED: _("recorded with a note"),
    REFUSED: pgettext_lazy("policy", "not recorded"),
    ADMIT: pgettext_lazy("policy", "let in and checked later"),
    ASK: pgettext_lazy("policy", "the till decides each time"),
}
NUMBERS = {
    Policy.CHILD_AGE: (1, 25),
    Policy.TRIO_DAYS: (1, 366),
    Policy.LINK_YEARS: (1, 10),
    Policy.COURSE_COVERED: (0, 1_000_00),
}


# --- scopes and values ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scope:
    """For whom a policy holds: a region, a venue, or (neither) the whole country. `name` stands in addresses."""

    name: str
    region: Region | None = None
    venue: Workplace | None = None

    @property
    def title(self) -> str:
        return str(self.region or self.venue or gettext("whole country"))

    @property
    def numbers(self) -> dict[str, int | None]:
        return {"region": self.region.pk if self.region else None, "venue": self.venue.pk if self.venue else None}


def scope_named(name: str) -> Scope:
    """`country`, `region-5` or `venue-7`. Raises Http404."""
    kind, _dash, number = name.partition("-")
    if name == "country":
        return Scope(name)
    if not number.isdecimal() or len(number) > 17:
        raise Http404
    if kind == "region":
        return Scope(name, region=get_object_or_404(Region, pk=int(number)))
    if kind == "venue":
        return Scope(name, venue=get_object_or_404(Workplace, pk=int(number), role=Role.VENUE))
    raise Http404


def may_set(request: ActingRequest, key: Policy, scope: Scope) -> bool:
    facts = request.actor.network.workplaces.get(scope.venue.pk) if scope.venue else None
    region = scope.region.pk if scope.region else None
    return not refuse_policy(granter_of(request.actor), key, region=region, venue=facts)


def keys_of(request: ActingRequest, scope: Scope) -> list[Policy]:
    """The policies the actor may set in this scope."""
    return [key for key in Policy if may_set(request, key, scope)]


def say_value(key: Policy, value: Any) -> str:
    """A policy's value in words; None: the scope has no rule of its own."""
    shape = SHAPES[key]
    if value is None:
        return gettext("no rule of its own")
    if shape.value == Value.SWITCH:
        return gettext("yes") if value else gettext("no")
    if shape.value == Value.DAY:
        return say_day(date.fromisoformat(value))
    if shape.value == Value.CHOICE:
        return str(CHOICES[value])
    if key == Policy.COURSE_COVERED:
        return f"{local_number(value / 100, 2)} €"
    return str(value)


class PolicyForm(forms.Form):
    """The value by the policy's shape; empty takes the scope's own rule away."""

    since = DayField(label=_("From which day on"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Who decided, and why. Others see it. Never about a holder."),
        error_messages={"required": _("Write the reason.")},
    )
    field_order = ["value"]

    def __init__(self, *args: Any, key: Policy, **options: Any) -> None:
        super().__init__(*args, **options)
        self.key = key
        self.fields["value"] = value_field(key)
        self.order_fields(["value", "since", "reason"])

    def clean_value(self) -> Any:
        value = self.cleaned_data["value"]
        if value in (None, ""):
            return None
        shape = SHAPES[self.key].value
        if shape == Value.SWITCH:
            return value == "yes"
        return value.isoformat() if shape == Value.DAY else value


def value_field(key: Policy) -> forms.Field:
    shape = SHAPES[key]
    none = _("no rule of its own: the wider one holds")
    if shape.value == Value.SWITCH:
        choices = [("yes", _("yes")), ("no", _("no")), ("", none)]
        return forms.ChoiceField(label=capfirst(key.label), choices=choices, required=False, widget=forms.RadioSelect)
    if shape.value == Value.CHOICE:
        choices = [*((one, CHOICES[one]) for one in shape.choices), ("", none)]
        return forms.ChoiceField(label=capfirst(key.label), choices=choices, required=False, widget=forms.RadioSelect)
    empty = _("Leave empty for no rule of its own: the wider one holds.")
    if shape.value == Value.DAY:
        return DayField(label=capfirst(key.label), help_text=empty, required=False)
    least, most = NUMBERS.get(key, (1, 1000))
    return forms.IntegerField(
        label=capfirst(key.label),
        help_text=empty,
        required=False,
        min_value=least,
        max_value=most,
        error_messages={"invalid": _("Write a whole number.")},
    )


# --- pages ------------------------------------------------------------------------------------------------------


def _visible(request: ActingRequest) -> Q:
    regions = own_regions(request)
    if regions is None:
        return Q()
    return Q(region__isnull=True, venue__isnull=True) | Q(region__in=regions) | Q(venue__home_region__in=regions)


@open_to(*CARING)
def policies(request: ActingRequest) -> HttpResponse:
    """Every row, the newest first, with its owner and reason."""
    rows = PolicyRow.objects.filter(_visible(request)).select_related("region", "venue", "by")
    page = Paginator(rows.order_by("-since", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    regions = own_regions(request)
    scopes = [("country", gettext("whole country"))] if regions is None else []
    own = Region.objects.all() if regions is None else Region.objects.filter(pk__in=regions)
    scopes += [(f"region-{one.pk}", one.name) for one in own.order_by("name_fi")]
    return render(
        request,
        "kaikukortti/network/policies.html",
        {"rows": spoken(request, page), "page_obj": page, "scopes": scopes},
    )


def spoken(request: ActingRequest, rows: Any) -> list[dict[str, Any]]:
    """Rows with their scope and value in words, and whether the actor may still take them back."""
    today = helsinki_day(timezone.now())
    told = []
    for row in rows:
        scope = Scope("", row.region, row.venue)
        key = Policy(row.key)
        planned = row.since > today
        told.append(
            {
                "row": row,
                "scope": scope.title,
                "key": capfirst(key.label),
                "value": say_value(key, row.value),
                "planned": planned,
                "may_take_back": planned and may_set(request, key, scope),
            }
        )
    return told


@open_to(*WITH_VENUES)
def policies_of(request: ActingRequest, scope: str) -> HttpResponse:
    """What holds today in a scope, what is planned, and the policies one may set there."""
    found = scope_named(scope)
    keys = keys_of(request, found)
    venue_of_actor = found.venue is not None and found.venue == request.actor.workplace
    if not keys and not venue_of_actor:
        raise Http404
    today = helsinki_day(timezone.now())
    network = request.actor.network
    region = found.region.pk if found.region else found.venue.home_region_id if found.venue else None
    holding = []
    for key in Policy:
        if found.venue and key in NOT_FOR_VENUES:
            continue
        own = in_force(network.policies.get((found.numbers["region"], found.numbers["venue"], key), ()), today)
        value = network.policy(key, today, region=region, venue=found.numbers["venue"])
        words = say_value(key, value) if value is not None else gettext("no limit")
        holding.append(
            {"key": key, "label": capfirst(key.label), "value": words, "own": own is not None, "may": key in keys}
        )
    rows = PolicyRow.objects.filter(**found.numbers).select_related("region", "venue", "by").order_by("-since", "-pk")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    answer = {"scope": found, "holding": holding, "rows": spoken(request, page), "page_obj": page}
    return render(request, "kaikukortti/network/policies_of.html", answer)


@open_to(*WITH_VENUES)
def plan_policy(request: ActingRequest, scope: str, key: str) -> HttpResponse:
    found = scope_named(scope)
    if key not in Policy.values or not may_set(request, Policy(key), found):
        raise Http404
    policy = Policy(key)
    form = PolicyForm(request.POST if request.method == "POST" else None, key=policy)
    here: dict[str, Any] = {"back": ("policies-of", scope), "heading": gettext("Plan a policy"), "about": found.title}
    at = step(request)
    if at in ("preview", "do") and form.is_valid():
        value, since = form.cleaned_data["value"], form.cleaned_data["since"]
        why_not = refuse_policy_row(request.actor.network, policy, value, **found.numbers, since=since)
        if not why_not and at == "preview":
            return show_plan(request, form, preview=_preview(request, policy, value, found, since), **here)
        why_not = why_not or set_policy(
            policy,
            value,
            since=since,
            reason=form.cleaned_data["reason"],
            by=request.actor,
            now=timezone.now(),
            region=found.region,
            venue=found.venue,
        )
        if not why_not:
            messages.success(request, gettext("The policy has been planned."))
            return redirect("policies-of", scope)
        form.add_error("since", why_not.label)
    return show_plan(request, form, **here)


def _preview(request: ActingRequest, key: Policy, value: Any, scope: Scope, since: date) -> Preview:
    before = request.actor.network
    after = with_policy(before, key, value, **scope.numbers, since=since)
    effect = effect_on_regions(before, after, valid_cards_by_region(since), day=since)
    preview = say_effect(effect, day=since, places=say_regions)
    region = scope.region.pk if scope.region else scope.venue.home_region_id if scope.venue else None
    was = before.policy(key, since, region=region, venue=scope.numbers["venue"])
    will = after.policy(key, since, region=region, venue=scope.numbers["venue"])
    words = [say_value(key, one) if one is not None else gettext("no limit") for one in (was, will)]
    change = gettext("{policy}: until then {before}, from {day} on {after}.")
    preview.notes.append(change.format(policy=capfirst(key.label), before=words[0], day=say_day(since), after=words[1]))
    if key == Policy.VALIDITY_ENDS and will:
        kept = cards_ending_after(region, since, last=date.fromisoformat(will))
        preview.notes.append(
            gettext("Given already: {cards} that end later and keep their last day.").format(cards=say_cards(kept))
        )
    rows = before.policies.get((scope.numbers["region"], scope.numbers["venue"], key), ())
    say_dates(preview, since, rows, say=lambda later: say_value(key, later))
    return preview


@require_POST
@open_to(*WITH_VENUES)
def take_back_policy(request: ActingRequest, row: int) -> HttpResponse:
    one = get_object_or_404(PolicyRow.objects.select_related("region", "venue"), pk=row)
    if not may_set(request, Policy(one.key), Scope("", one.region, one.venue)):
        raise Http404
    why_not = take_back(one, by=request.actor, now=timezone.now())
    if why_not:
        messages.warning(request, why_not.label)
    else:
        messages.success(request, gettext("The plan has been taken back."))
    if one.venue_id:
        return redirect("policies-of", f"venue-{one.venue_id}")
    return redirect("policies-of", f"region-{one.region_id}") if one.region_id else redirect("policies")
