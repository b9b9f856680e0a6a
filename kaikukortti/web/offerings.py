"""A venue's offerings: enter, edit, copy to another date, publish, cancel."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from kaikukortti.actions.offerings import (
    Details,
    cancel_offering,
    copy_offering,
    edit_offering,
    enter_offering,
    kept_and_waiting,
    publish_offering,
    standing_records,
)
from kaikukortti.models import Municipality, Offering
from kaikukortti.rules.offerings import Problem
from kaikukortti.templatetags.look import local_day, local_number
from kaikukortti.terms.days import HELSINKI, helsinki_day
from kaikukortti.terms.kinds import Accessibility, OfferingKind, Sector
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.day_field import DayField

ROWS = 25
PRICE = re.compile(r"([0-9]{1,5})(?:[.,]([0-9]{1,2}))?")
WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)
# Which field a problem is shown at.
FIELD_OF_PROBLEM = {
    Problem.NO_NAME: "name_fi",
    Problem.DAYS_IN_ORDER: "last_day",
    Problem.ONE_DAY: "first_day",
    Problem.NO_WEEKDAY: "weekdays",
    Problem.EXTERNAL_ID_TAKEN: "external_id",
    Problem.FIRST_DAY_FIXED: "first_day",
    Problem.LAST_DAY_FIXED: "last_day",
    Problem.PLACES_KEPT: "first_day",
    Problem.CAP_BELOW_KEPT: "cap",
}


# --- the form -----------------------------------------------------------------------------------------------------


class EuroField(forms.Field):
    """Euros with a comma or a point; cents inside."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 12})

    def to_python(self, value: Any) -> int | None:
        text = re.sub(r"[\s€]", "", str(value or ""))
        if not text:
            return None
        written = PRICE.fullmatch(text)
        if written is None:
            raise forms.ValidationError(_("Write the price like this: 12.50."))
        return int(written[1]) * 100 + int((written[2] or "").ljust(2, "0"))

    def prepare_value(self, value: Any) -> Any:
        return local_number(value / 100, 2) if isinstance(value, int) else value


def _text(label: Any, most: int, hint: Any = "") -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=False, help_text=hint)


def _number(label: Any, hint: Any = "", most: int = 1_000_000) -> forms.IntegerField:
    words = {
        "invalid": _("Write a whole number."),
        "min_value": _("Write a whole number."),
        "max_value": _("At most 1,000,000.") if most == 1_000_000 else _("At most 100."),
    }
    return forms.IntegerField(
        label=label,
        help_text=hint,
        min_value=0,
        max_value=most,
        required=False,
        error_messages=words,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


def _tick(label: Any, hint: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=hint, required=False)


class OfferingForm(forms.Form):
    """What a venue says of an offering; each kind shows the fields it has."""

    name_fi = _text(_("Name in Finnish"), 120)
    name_sv = _text(_("Name in Swedish"), 120)
    name_en = _text(_("Name in English"), 120)
    sector = forms.ChoiceField(label=_("Sector"), choices=Sector.choices, widget=forms.RadioSelect)
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))
    starts = forms.TimeField(
        label=_("Starts at"),
        required=False,
        input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": _("Write the time."), "invalid": _("Write the time like this: 19:00.")},
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Open on"), choices=WEEKDAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    opening_fi = _text(_("Opening hours in Finnish"), 200)
    opening_sv = _text(_("Opening hours in Swedish"), 200)
    opening_en = _text(_("Opening hours in English"), 200)
    place = _text(_("Place"), 120, _("The hall, house or address."))
    municipality = forms.ModelChoiceField(
        label=_("Municipality"),
        queryset=Municipality.objects.none(),
        required=False,
        help_text=_("Only if it is elsewhere than the venue."),
        empty_label=_("The venue's own municipality"),
    )
    how_fi = _text(_("How to get a ticket, in Finnish"), 300)
    how_sv = _text(_("How to get a ticket, in Swedish"), 300)
    how_en = _text(_("How to get a ticket, in English"), 300)
    price_cents = EuroField(
        label=_("Price without the card, euros"), required=False, help_text=_("Used in figures and on courses.")
    )
    cap = _number(_("Places for Kaiku Cards"), _("Empty: no limit."))
    children_cap = _number(_("Of them for children"), _("Empty: no limit of their own."))
    wheelchair_cap = _number(
        _("Wheelchair places"), _("Counted when places are kept. Empty: the wish is only written down."), most=100
    )
    children_welcome = _tick(_("Children are welcome"))
    community_welcome = _tick(_("Community cards give course places"))
    sold_by_agents = _tick(_("Ticket agents sell it too"))
    accessibility = forms.MultipleChoiceField(
        label=_("Accessibility"), choices=Accessibility.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    external_id = _text(_("Number in your own system"), 80)

    ONLY = {
        OfferingKind.EVENT: ("starts",),
        OfferingKind.OPEN: ("last_day", "weekdays", "opening_fi", "opening_sv", "opening_en"),
        OfferingKind.COURSE: ("last_day", "starts", "community_welcome"),
    }
    NOT_ON_COURSES = ("children_welcome", "children_cap")

    def __init__(self, kind: OfferingKind, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind = kind
        special = {name for names in self.ONLY.values() for name in names}
        for name in special - set(self.ONLY[kind]):
            del self.fields[name]
        if kind == OfferingKind.COURSE:
            for name in self.NOT_ON_COURSES:
                del self.fields[name]
        if kind == OfferingKind.EVENT:
            self.fields["first_day"].label = gettext("Day")
            self.fields["starts"].required = True
        if kind == OfferingKind.OPEN:
            self.fields["cap"].label = gettext("Places for Kaiku Cards a day")
        municipality = self.fields["municipality"]
        assert isinstance(municipality, forms.ModelChoiceField)
        municipality.queryset = Municipality.objects.valid_on(helsinki_day(timezone.now()))

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if not any(asked.get(f"name_{language}") for language in ("fi", "sv", "en")):
            self.problem(Problem.NO_NAME)
        return asked

    def problem(self, problem: Problem) -> None:
        """Show what an action answered at the field where it is mended."""
        self.add_error(FIELD_OF_PROBLEM.get(problem), str(problem.label))

    @property
    def details(self) -> Details:
        asked = self.cleaned_data
        first, starts = asked["first_day"], asked.get("starts")
        weekdays = {"weekdays": sum(1 << day for day in asked["weekdays"])} if "weekdays" in asked else {}
        taken = ("first_day", "last_day", "starts", "weekdays", "municipality", "accessibility", "sector")
        return Details(
            **{name: value for name, value in asked.items() if name not in taken},
            **weekdays,
            sector=Sector(asked["sector"]),
            first_day=first,
            last_day=asked.get("last_day", first),
            starts_at=datetime.combine(first, starts, HELSINKI) if starts else None,
            municipality_id=asked["municipality"].pk if asked["municipality"] else None,
            accessibility=tuple(asked["accessibility"]),
        )


def said_of(offering: Offering) -> dict[str, Any]:
    """What the form shows of an offering that is there."""
    names = set(OfferingForm.base_fields) - {"starts", "weekdays", "municipality"}
    return {name: getattr(offering, name) for name in names} | {
        "starts": offering.starts_at.astimezone(HELSINKI).time() if offering.starts_at else None,
        "weekdays": [day for day, _name in WEEKDAYS if offering.weekdays >> day & 1],
        "municipality": offering.municipality_id,
    }


class CopyForm(forms.Form):
    first_day = DayField(label=_("First day"))
    starts = forms.TimeField(
        label=_("Starts at"),
        required=False,
        input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": _("Write the time like this: 19:00.")},
    )


# --- pages --------------------------------------------------------------------------------------------------------


def _own(request: ActingRequest, number: UUID) -> Offering:
    return get_object_or_404(Offering.objects.select_related("venue"), pk=number, venue=request.actor.workplace)


@open_to(Role.VENUE)
def offerings(request: ActingRequest) -> HttpResponse:
    """What is coming and going on, or what has been."""
    today, past = helsinki_day(timezone.now()), request.GET.get("when") == "past"
    rows = Offering.objects.filter(venue=request.actor.workplace)
    rows = rows.filter(last_day__lt=today).order_by("-last_day", "-pk") if past else rows.filter(last_day__gte=today)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    query = "when=past" if past else ""
    return render(request, "kaikukortti/offerings/offerings.html", {"page_obj": page, "past": past, "query": query})


@open_to(Role.VENUE)
def new_offering(request: ActingRequest, kind: str) -> HttpResponse:
    """Enter an offering of a kind; a draft, or published at once."""
    if kind not in OfferingKind.values:
        raise Http404
    first = {
        "sector": Sector.EDUCATION if kind == OfferingKind.COURSE else request.actor.workplace.sector,
        "weekdays": [day for day, _name in WEEKDAYS],
        "children_welcome": True,
        "sold_by_agents": True,
    }
    form = OfferingForm(OfferingKind(kind), request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        publish = "publish" in request.POST
        made = enter_offering(form.kind, form.details, by=request.actor, now=timezone.now(), publish=publish)
        if isinstance(made, Offering):
            messages.success(request, _published(made) if publish else gettext("Saved as a draft."))
            return redirect("offerings")
        form.problem(made)
    facts = {"form": form, "kind": kind, "kind_name": OfferingKind(kind).label}
    return render(request, "kaikukortti/offerings/form.html", facts, status=422 if form.errors else 200)


def _published(offering: Offering) -> str:
    return gettext("Published: {name}, {day}.").format(name=offering.name, day=local_day(offering.first_day))


@open_to(Role.VENUE)
def offering(request: ActingRequest, number: UUID) -> HttpResponse:
    """One offering: edit, publish, copy, cancel."""
    one = _own(request, number)
    form = OfferingForm(OfferingKind(one.kind), request.POST or None, initial=said_of(one))
    if request.method == "POST" and form.is_valid():
        changed = edit_offering(one, form.details, by=request.actor, now=timezone.now())
        if isinstance(changed, Offering):
            messages.success(request, gettext("Saved."))
            return redirect("offering", number=number)
        form.problem(changed)
    facts = {"form": form, "offering": one, "kind": one.kind}
    return render(request, "kaikukortti/offerings/form.html", facts, status=422 if form.errors else 200)


@require_POST
@open_to(Role.VENUE)
def publish(request: ActingRequest, number: UUID) -> HttpResponse:
    one = _own(request, number)
    problem = publish_offering(one, by=request.actor, now=timezone.now())
    if problem:
        messages.warning(request, str(problem.label))
    else:
        messages.success(request, _published(one))
    return redirect("offering", number=number)


@open_to(Role.VENUE)
def copy(request: ActingRequest, number: UUID) -> HttpResponse:
    """The same on another date, as a draft."""
    one = _own(request, number)
    first = {"first_day": one.first_day + timedelta(days=7), "starts": said_of(one)["starts"]}
    form = CopyForm(request.POST or None, initial=first)
    if one.kind == OfferingKind.OPEN:
        del form.fields["starts"]
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        made = copy_offering(one, by=request.actor, first_day=asked["first_day"], starts=asked.get("starts"))
        messages.success(request, gettext("Copied as a draft. Check it and publish."))
        return redirect("offering", number=made.pk)
    facts = {"form": form, "offering": one}
    return render(request, "kaikukortti/offerings/copy.html", facts, status=422 if form.errors else 200)


@open_to(Role.VENUE)
def cancel(request: ActingRequest, number: UUID) -> HttpResponse:
    """Cancel after saying how many records that reverses (rule 30)."""
    one = _own(request, number)
    problem = None
    if request.method == "POST":
        answer = cancel_offering(one, by=request.actor, now=timezone.now())
        if not isinstance(answer, Problem):
            said = ngettext(
                "Cancelled. {n} record was reversed.", "Cancelled. {n} records were reversed.", answer.reversed
            )
            parts = [said.format(n=answer.reversed)]
            if answer.holds:
                more = ngettext("{n} kept number has ended.", "{n} kept numbers have ended.", answer.holds)
                parts.append(more.format(n=answer.holds))
            if answer.waiting:
                more = ngettext("{n} card waits no more.", "{n} cards wait no more.", answer.waiting)
                parts.append(more.format(n=answer.waiting))
            messages.success(request, " ".join(parts))
            return redirect("offerings")
        problem = answer
    kept, waiting = kept_and_waiting(one, now=timezone.now())
    facts = {
        "offering": one,
        "records": standing_records(one),
        "kept": kept,
        "waiting": waiting,
        "problem": problem.label if problem else "",
    }
    return render(request, "kaikukortti/offerings/cancel.html", facts, status=422 if problem else 200)
