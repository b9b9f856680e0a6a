"""Regions: their texts, dated phases and municipalities, each change previewed before it is planned (rule 15)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from kaikukortti.actions.network import SlugTaken, edit_region, make_region, plan_membership, plan_phase, take_back
from kaikukortti.actions.people import granter_of
from kaikukortti.figures.effects import valid_cards_by_region, valid_cards_of_residents
from kaikukortti.models import Municipality, Region, RegionMembership, RegionPhase
from kaikukortti.rules.network import Network
from kaikukortti.rules.people import refuse_region
from kaikukortti.rules.planning import refuse_membership, refuse_phase, with_membership, with_phase
from kaikukortti.rules.reach import effect_on_regions, effect_on_venues
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.day_field import DayField
from kaikukortti.web.network import CARING
from kaikukortti.web.previews import Preview, say_cards, say_day, say_effect, say_regions, say_venues
from kaikukortti.web.public_words import by_name

A_PAGE = 50
MOST_ROWS = 30


def _text(label: Any, most: int = 4000) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=most, widget=forms.Textarea(attrs={"rows": 4}))


class RegionForm(forms.Form):
    name_fi = forms.CharField(
        label=_("Name in Finnish"), max_length=120, error_messages={"required": _("Write the name in Finnish.")}
    )
    name_sv = forms.CharField(
        label=_("Name in Swedish"), max_length=120, error_messages={"required": _("Write the name in Swedish.")}
    )
    name_en = forms.CharField(
        label=_("Name in English"), max_length=120, required=False, help_text=_("Empty: the Finnish name.")
    )
    intro_fi = _text(_("Introduction in Finnish"))
    intro_sv = _text(_("Introduction in Swedish"))
    intro_en = _text(_("Introduction in English"))
    how_to_ask_fi = _text(_("How to ask for a card, in Finnish"))
    how_to_ask_sv = _text(_("How to ask for a card, in Swedish"))
    how_to_ask_en = _text(_("How to ask for a card, in English"))
    contact_url = forms.URLField(
        label=_("Address of the region's own page"), required=False, max_length=200, assume_scheme="https"
    )


class NewRegionForm(RegionForm):
    slug = forms.SlugField(
        label=_("Address on this site"),
        max_length=50,
        help_text=_("Small letters, digits and hyphens, for example kainuu. It does not change later."),
        error_messages={
            "required": _("Write the address, for example kainuu."),
            "invalid": _("Use small letters a–z, digits and hyphens."),
        },
    )
    field_order = ["slug"]

    def clean_slug(self) -> str:
        return str(self.cleaned_data["slug"]).lower()


class PhaseForm(forms.Form):
    phase = forms.ChoiceField(
        label=_("Phase"),
        choices=Phase.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a phase.")},
    )
    since = DayField(label=_("From which day on"))


class InNameOrder(forms.models.ModelChoiceIterator):  # type: ignore[type-arg]  # no subscript when it runs
    """Choices by their names in the page's language (L5); the empty one first."""

    def __iter__(self) -> Iterator[Any]:
        return iter(sorted(super().__iter__(), key=lambda choice: (choice[0] != "", by_name(str(choice[1])))))


class NamedChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    iterator = InNameOrder


class NamedChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    iterator = InNameOrder


def municipality_field(label: Any) -> "forms.ModelChoiceField[Municipality]":
    """A municipality that exists today."""
    choose = _("Choose a municipality.")
    return NamedChoice(
        queryset=Municipality.objects.filter(until__isnull=True),
        label=label,
        empty_label=_("Choose"),
        error_messages={"required": choose, "invalid_choice": choose},
    )


class MemberForm(forms.Form):
    municipality = municipality_field(_("Municipality"))
    joins = forms.ChoiceField(
        label=_("What happens"),
        choices=[("1", _("joins this region")), ("0", _("leaves this region"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens.")},
    )
    since = DayField(label=_("From which day on"))


# --- reading ----------------------------------------------------------------------------------------------------


def municipalities_of(network: Network, region: int, day: date) -> list[str]:
    """Codes of the region's municipalities on the day."""
    return [
        code
        for code, facts in network.municipalities.items()
        if (facts.until is None or facts.until >= day) and network.region_of_municipality(code, day) == region
    ]


@open_to(*CARING)
def regions(request: ActingRequest) -> HttpResponse:
    network, today = request.actor.network, helsinki_day(timezone.now())
    members: dict[int | None, int] = {}
    for code, facts in network.municipalities.items():
        if facts.until is None or facts.until >= today:
            region = network.region_of_municipality(code, today)
            members[region] = members.get(region, 0) + 1
    page = Paginator(Region.objects.order_by("name_fi", "pk"), A_PAGE).get_page(request.GET.get("page"))
    rows = []
    for one in page:
        phase = network.phase_on(one.pk, today)
        coming = next((row for row in network.phases.get(one.pk, ()) if row[0] > today), None)
        rows.append(
            {
                "region": one,
                "own": not refuse_region(granter_of(request.actor), one.pk),
                "phase": phase,
                "coming": coming,
                "municipalities": members.get(one.pk, 0),
            }
        )
    answer = {"rows": rows, "page_obj": page, "national": request.actor.role == Role.NATIONAL}
    return render(request, "kaikukortti/network/regions.html", answer)


@open_to(*CARING)
def region(request: ActingRequest, region: int) -> HttpResponse:
    one = get_object_or_404(Region, pk=region)
    today = helsinki_day(timezone.now())
    network = request.actor.network
    codes = municipalities_of(network, one.pk, today)
    planned = RegionMembership.objects.filter(since__gt=today).filter(
        municipality__memberships__region=one
    ) | RegionMembership.objects.filter(since__gt=today, region=one)
    answer = {
        "region": one,
        "scope": f"region-{one.pk}",
        "phase": network.phase_on(one.pk, today),
        "phases": RegionPhase.objects.filter(region=one).select_related("by").order_by("-since")[:MOST_ROWS],
        "municipalities": Municipality.objects.filter(code__in=codes),
        "planned": planned.select_related("municipality", "region", "by")
        .order_by("since", "pk")
        .distinct()[:MOST_ROWS],
        "today": today,
        "national": request.actor.role == Role.NATIONAL,
        "caring": not refuse_region(granter_of(request.actor), one.pk),
    }
    return render(request, "kaikukortti/network/region.html", answer)


# --- texts ------------------------------------------------------------------------------------------------------


@open_to(Role.NATIONAL)
def new_region(request: ActingRequest) -> HttpResponse:
    form = NewRegionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        texts = dict(form.cleaned_data)
        try:
            made = make_region(texts.pop("slug"), texts=texts, by=request.actor)
        except SlugTaken:
            form.add_error("slug", gettext("Another region has this address. Choose another."))
        else:
            messages.success(request, gettext("The region has been made. Plan its first phase next."))
            return redirect("region", made.pk)
    return render(request, "kaikukortti/network/region_form.html", {"form": form}, status=422 if form.errors else 200)


@open_to(*CARING)
def edit_region_page(request: ActingRequest, region: int) -> HttpResponse:
    one = get_object_or_404(Region, pk=region)
    if refuse_region(granter_of(request.actor), one.pk):
        raise Http404
    form = RegionForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(one, name) for name in RegionForm.base_fields},
    )
    if request.method == "POST" and form.is_valid():
        edit_region(one, texts=form.cleaned_data, by=request.actor)
        messages.success(request, gettext("The texts have been saved."))
        return redirect("region", one.pk)
    answer = {"form": form, "region": one}
    return render(request, "kaikukortti/network/region_form.html", answer, status=422 if form.errors else 200)


# --- plans ------------------------------------------------------------------------------------------------------


def step(request: ActingRequest) -> str:
    """Where a planned change stands: first the form, then its preview, then the deed; "edit" goes back."""
    if request.method != "POST":
        return "form"
    return "do" if request.POST.get("step") == "do" else "edit" if request.POST.get("step") == "edit" else "preview"


def show_plan(
    request: ActingRequest, form: forms.Form, *, preview: Preview | None = None, **answer: Any
) -> HttpResponse:
    """The form of a plan, or what it does with the button that makes it so."""
    name = "plan_preview" if preview else "plan"
    page = {"form": form, "preview": preview, **answer}
    return render(request, f"kaikukortti/network/{name}.html", page, status=422 if form.errors else 200)


@open_to(Role.NATIONAL)
def plan_phase_page(request: ActingRequest, region: int) -> HttpResponse:
    one = get_object_or_404(Region, pk=region)
    form = PhaseForm(request.POST if request.method == "POST" else None)
    here: dict[str, Any] = {"back": ("region", one.pk), "heading": gettext("Plan a phase"), "about": one.name}
    at = step(request)
    if at in ("preview", "do") and form.is_valid():
        phase, since = Phase(form.cleaned_data["phase"]), form.cleaned_data["since"]
        why_not = refuse_phase(request.actor.network, one.pk, phase, since=since)
        if not why_not and at == "preview":
            return show_plan(request, form, preview=_phase_preview(request, one, phase, since), **here)
        now = timezone.now()
        why_not = why_not or plan_phase(one, phase=phase, since=since, by=request.actor, now=now)
        if not why_not:
            messages.success(request, gettext("The phase has been planned."))
            return redirect("region", one.pk)
        form.add_error("since", why_not.label)
    return show_plan(request, form, **here)


def _phase_preview(request: ActingRequest, region: Region, phase: Phase, since: date) -> Preview:
    before = request.actor.network
    after = with_phase(before, region.pk, phase, since=since)
    effect = effect_on_regions(before, after, valid_cards_by_region(since), day=since)
    preview = say_effect(effect, day=since, places=say_regions)
    if before.open_on(region.pk, since) and not after.open_on(region.pk, since):
        preview.notes.append(
            gettext("From then on its residents are given no new cards. Their cards stay valid elsewhere.")
        )
    if after.open_on(region.pk, since) and not before.open_on(region.pk, since):
        preview.notes.append(gettext("From then on cards are given to its residents and accepted at its venues."))
    say_dates(preview, since, before.phases.get(region.pk, ()), say=lambda value: str(Phase(value).label))
    return preview


def say_dates(preview: Preview, since: date, rows: Any, *, say: Any) -> None:
    """A day that is past, and the planned row that comes after this one."""
    if since < helsinki_day(timezone.now()):
        preview.notes.append(
            gettext(
                "This day is past. What has been recorded since then stays as it was; only late records see the change."
            )
        )
    later = next((row for row in rows if row[0] > since), None)
    if later:
        sentence = gettext("It holds until {day}, when the next planned change begins: {value}.")
        preview.notes.append(sentence.format(day=say_day(later[0]), value=say(later[1])))


@open_to(Role.NATIONAL)
def plan_member(request: ActingRequest, region: int) -> HttpResponse:
    one = get_object_or_404(Region, pk=region)
    form = MemberForm(request.POST if request.method == "POST" else None)
    here: dict[str, Any] = {
        "back": ("region", one.pk),
        "heading": gettext("A municipality joins or leaves"),
        "about": one.name,
    }
    at = step(request)
    if at in ("preview", "do") and form.is_valid():
        municipality, since = form.cleaned_data["municipality"], form.cleaned_data["since"]
        network = request.actor.network
        target = one if form.cleaned_data["joins"] == "1" else None
        if target is None and network.region_of_municipality(municipality.code, since) != one.pk:
            form.add_error("municipality", gettext("The municipality does not belong to this region on that day."))
            return show_plan(request, form, **here)
        number = target.pk if target else None
        why_not = refuse_membership(network, municipality.code, number, since=since)
        if not why_not and at == "preview":
            preview = _member_preview(network, municipality, target, since)
            return show_plan(request, form, preview=preview, **here)
        why_not = why_not or plan_membership(
            municipality.code, region=target, since=since, by=request.actor, now=timezone.now()
        )
        if not why_not:
            messages.success(request, gettext("The change has been planned."))
            return redirect("region", one.pk)
        form.add_error("since", why_not.label)
    return show_plan(request, form, **here)


def _member_preview(before: Network, municipality: Municipality, region: Region | None, since: date) -> Preview:
    number = region.pk if region else None
    after = with_membership(before, municipality.code, number, since=since)
    effect = effect_on_venues(before, after, valid_cards_by_region(since), day=since)
    preview = say_effect(effect, day=since, places=say_venues)
    if not after.open_on(number, since):
        kept = valid_cards_of_residents(municipality.code, since)
        preview.notes.append(
            gettext(
                "Residents of {municipality} have {cards} that are valid then, and these keep their validity. "
                "From then on no new cards are given to residents, and theirs are not renewed."
            ).format(cards=say_cards(kept), municipality=municipality.name)
        )
    else:
        preview.notes.append(
            gettext("From then on cards are given to residents of {municipality}.").format(
                municipality=municipality.name
            )
        )
    names = {one.pk: one.name for one in Region.objects.all()}
    rows = before.memberships.get(municipality.code, ())
    say_dates(preview, since, rows, say=lambda value: names.get(value, gettext("no region")))
    return preview


@require_POST
@open_to(Role.NATIONAL)
def take_back_phase(request: ActingRequest, region: int, row: int) -> HttpResponse:
    return _take_back(request, region, get_object_or_404(RegionPhase, pk=row, region=region))


@require_POST
@open_to(Role.NATIONAL)
def take_back_member(request: ActingRequest, region: int, row: int) -> HttpResponse:
    return _take_back(request, region, get_object_or_404(RegionMembership, pk=row))


def _take_back(request: ActingRequest, region: int, row: RegionPhase | RegionMembership) -> HttpResponse:
    why_not = take_back(row, by=request.actor, now=timezone.now())
    if why_not:
        messages.warning(request, why_not.label)
    else:
        messages.success(request, gettext("The plan has been taken back."))
    return redirect("region", region)
