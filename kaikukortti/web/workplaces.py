"""Workplaces: list, make, edit, end; what a ticket agent sells for; pop-up venues admitted with dates (rule 14)."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.actions.network import edit_workplace, end_workplace, make_workplace, sell_for
from kaikukortti.actions.people import granter_of
from kaikukortti.models import Membership, Municipality, Region, Workplace
from kaikukortti.rules.people import OF_A_REGION, refuse_cards, refuse_people
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import Sector
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.day_field import DayField
from kaikukortti.web.network import CARING, own_regions, workplaces_of
from kaikukortti.web.regions import NamedChoice, NamedChoices, municipality_field

A_PAGE = 50
MOST_FOUND = 20


class FilterForm(forms.Form):
    q = forms.CharField(label=_("Name"), required=False, max_length=60)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("all")), *Role.choices])


class WorkplaceForm(forms.Form):
    """A workplace by its role. A coordinator chooses among the own regions; what others have granted is kept."""

    name_fi = forms.CharField(
        label=_("Name in Finnish"), max_length=120, error_messages={"required": _("Write the name in Finnish.")}
    )
    name_sv = forms.CharField(
        label=_("Name in Swedish"), max_length=120, required=False, help_text=_("Empty: the Finnish name.")
    )
    name_en = forms.CharField(
        label=_("Name in English"), max_length=120, required=False, help_text=_("Empty: the Finnish name.")
    )
    municipality = municipality_field(_("Municipality"))
    sector = forms.ChoiceField(label=_("Sector"), choices=Sector.choices, widget=forms.RadioSelect)
    home_region = NamedChoice(
        queryset=Region.objects.none(),
        label=_("Home region"),
        required=False,
        empty_label=_("none"),
        help_text=_("For a resident of a municipality the workplace does not serve, this is the card's region."),
    )
    regions = NamedChoices(
        queryset=Region.objects.none(),
        label=_("Serves these regions too"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    since = DayField(label=_("First day"))
    admitted_since = DayField(
        label=_("Admitted outside every region from"),
        required=False,
        help_text=_("Only for a venue that stands outside every region, for example a festival."),
    )
    admitted_until = DayField(label=_("Admitted until"), required=False)
    municipalities = NamedChoices(
        queryset=Municipality.objects.filter(until__isnull=True),
        label=_("Municipalities whose figures are seen"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 10}),
        help_text=_("Choose several by holding Ctrl down."),
    )
    street = forms.CharField(label=_("Street address"), max_length=120, required=False)
    website = forms.URLField(label=_("Web page"), max_length=200, required=False, assume_scheme="https")
    how_fi = forms.CharField(
        label=_("How tickets are fetched or a card is asked for, in Finnish"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    how_sv = forms.CharField(
        label=_("The same in Swedish"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    how_en = forms.CharField(
        label=_("The same in English"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, role: Role, regions: list[int] | None, keep_home: int | None = None, **options: Any):
        super().__init__(*args, **options)
        self.role, self.national = role, regions is None
        mine = Region.objects.order_by("name_fi")
        if regions is not None:
            mine = mine.filter(pk__in=regions)
        self._regions("regions", mine)
        # Another region's home stays a choice where it is the home already.
        self._regions("home_region", mine | Region.objects.filter(pk=keep_home) if keep_home else mine)
        dropped = []
        if role != Role.VENUE:
            dropped += ["sector"]
        if role != Role.VENUE or not self.national:
            dropped += ["admitted_since", "admitted_until"]
        if role != Role.ANALYST:
            dropped += ["municipalities"]
        if role in (Role.NATIONAL, Role.ANALYST):
            dropped += ["home_region", "regions", "street", "website", "how_fi", "how_sv", "how_en"]
        for name in dropped:
            del self.fields[name]

    def _regions(self, name: str, regions: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = regions

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("admitted_since"), data.get("admitted_until")
        if bool(since) != bool(until):
            self.add_error("admitted_until", gettext("Give both days, or neither."))
        elif since and until and until < since:
            self.add_error("admitted_until", gettext("The last day comes before the first."))
        if (
            self.role in (Role.ISSUER, Role.COORDINATOR)
            and not data.get("home_region")
            and "home_region" not in self.errors
        ):
            self.add_error("home_region", gettext("Choose the home region."))
        if self.role == Role.VENUE and not data.get("home_region") and not since and not self.errors:
            self.add_error("home_region", gettext("Choose the home region."))
        return data

    def facts(self) -> dict[str, Any]:
        """Columns of the workplace; regions and municipalities go apart."""
        apart = ("regions", "municipalities")
        facts = {name: value for name, value in self.cleaned_data.items() if name not in apart}
        return {"home_region": None, **facts}

    def region_numbers(self) -> set[int]:
        return {one.pk for one in self.cleaned_data.get("regions", ())}


class EndForm(forms.Form):
    until = DayField(label=_("Last day"), required=False, help_text=_("Leave empty: the workplace goes on."))


def seen(request: ActingRequest, workplace: int) -> Workplace:
    places = workplaces_of(request).select_related("municipality", "home_region")
    return get_object_or_404(places, pk=workplace)


@open_to(*CARING)
def workplaces(request: ActingRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    places = workplaces_of(request).select_related("municipality", "home_region")
    query = {}
    if form.is_valid():
        query = {name: value for name, value in form.cleaned_data.items() if value}
        if query.get("role"):
            places = places.filter(role=query["role"])
        if query.get("q"):
            text = query["q"]
            places = places.filter(Q(name_fi__icontains=text) | Q(name_sv__icontains=text) | Q(name_en__icontains=text))
    contact = Membership.objects.current().filter(workplace=OuterRef("pk"), is_contact=True)
    places = places.annotate(has_contact=Exists(contact)).order_by("name_fi", "pk")
    page = Paginator(places, A_PAGE).get_page(request.GET.get("page"))
    roles = [role for role in Role if request.actor.role == Role.NATIONAL or role in OF_A_REGION]
    answer = {
        "form": form,
        "page_obj": page,
        "query": urlencode(query),
        "roles": roles,
        "today": helsinki_day(timezone.now()),
    }
    return render(request, "kaikukortti/network/workplaces.html", answer)


@open_to(*CARING)
def workplace(request: ActingRequest, workplace: int) -> HttpResponse:
    place = seen(request, workplace)
    granter, facts = granter_of(request.actor), request.actor.network.workplaces[place.pk]
    answer = {
        "place": place,
        "scope": f"venue-{place.pk}",
        "served": place.regions.order_by("name_fi"),
        "venues": place.venues.order_by("name_fi")[:A_PAGE] if place.role == Role.TICKET_AGENT else (),
        "cares_for_people": not refuse_people(granter, facts),
        "makes_cards": not refuse_cards(granter, facts),
        "today": helsinki_day(timezone.now()),
    }
    return render(request, "kaikukortti/network/workplace.html", answer)


@open_to(*CARING)
def new_workplace(request: ActingRequest, role: str) -> HttpResponse:
    regions = own_regions(request)
    if role not in Role.values or (regions is not None and role not in OF_A_REGION):
        raise Http404
    initial = {
        "since": helsinki_day(timezone.now()),
        "sector": Sector.CULTURE,
        "home_region": regions[0] if regions else None,
        "municipality": request.actor.workplace.municipality_id if regions else None,
    }
    form = WorkplaceForm(
        request.POST if request.method == "POST" else None, role=Role(role), regions=regions, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        made = make_workplace(
            Role(role),
            facts=form.facts(),
            regions=form.region_numbers(),
            municipalities=form.cleaned_data.get("municipalities", ()),
            by=request.actor,
        )
        messages.success(request, gettext("The workplace has been made. Invite its contact person next."))
        return redirect("workplace", made.pk)
    answer = {"form": form, "role": Role(role)}
    return render(request, "kaikukortti/network/workplace_form.html", answer, status=422 if form.errors else 200)


@open_to(*CARING)
def edit_workplace_page(request: ActingRequest, workplace: int) -> HttpResponse:
    place = seen(request, workplace)
    regions = own_regions(request)
    served = set(place.regions.values_list("pk", flat=True))
    initial: dict[str, Any] = {name: getattr(place, name) for name in WorkplaceForm.base_fields if hasattr(place, name)}
    initial |= {
        "regions": served,
        "municipalities": list(place.municipalities.values_list("code", flat=True)),
        "municipality": place.municipality_id,
        "home_region": place.home_region_id,
    }
    form = WorkplaceForm(
        request.POST if request.method == "POST" else None,
        role=Role(place.role),
        regions=regions,
        keep_home=place.home_region_id,
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        others = served - set(regions) if regions is not None else set()
        edit_workplace(
            place,
            facts=form.facts(),
            regions=others | form.region_numbers(),
            municipalities=form.cleaned_data.get("municipalities", ()),
            by=request.actor,
        )
        messages.success(request, gettext("The changes have been saved."))
        return redirect("workplace", place.pk)
    answer = {"form": form, "place": place, "role": Role(place.role)}
    return render(request, "kaikukortti/network/workplace_form.html", answer, status=422 if form.errors else 200)


@open_to(*CARING)
def end_workplace_page(request: ActingRequest, workplace: int) -> HttpResponse:
    place = seen(request, workplace)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"until": place.until})
    if request.method == "POST" and form.is_valid():
        until = form.cleaned_data["until"]
        if until and until < place.since:
            form.add_error("until", gettext("The last day comes before the first."))
        else:
            end_workplace(place, until=until, by=request.actor)
            done = gettext("The last day has been saved.") if until else gettext("The workplace goes on.")
            messages.success(request, done)
            return redirect("workplace", place.pk)
    answer = {"form": form, "place": place}
    return render(request, "kaikukortti/network/end.html", answer, status=422 if form.errors else 200)


@open_to(*CARING)
def sold_venues(request: ActingRequest, workplace: int) -> HttpResponse:
    """The venues a ticket agent sells for: search and add, or take away."""
    agent = seen(request, workplace)
    if agent.role != Role.TICKET_AGENT:
        raise Http404
    mine = workplaces_of(request).filter(role=Role.VENUE)
    if request.method == "POST":
        number = request.POST.get("venue", "")
        venue = mine.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None
        if venue is None:
            raise Http404
        sell_for(agent, venue, sells=request.POST.get("sells") == "1", by=request.actor)
        messages.success(request, gettext("The changes have been saved."))
        return redirect("sold-venues", agent.pk)
    text = request.GET.get("q", "").replace("\0", "").strip()[:60]
    found = mine.filter(Q(name_fi__icontains=text) | Q(name_sv__icontains=text)).exclude(agents=agent)
    sold = agent.venues.annotate(mine=Exists(mine.filter(pk=OuterRef("pk")))).order_by("name_fi", "pk")
    answer = {
        "agent": agent,
        "page_obj": Paginator(sold, A_PAGE).get_page(request.GET.get("page")),
        "text": text,
        "found": found.order_by("name_fi", "pk")[:MOST_FOUND] if text else (),
    }
    return render(request, "kaikukortti/network/sold_venues.html", answer)
