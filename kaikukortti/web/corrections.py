"""Corrections by coordinators and the national service: one record by the reference a venue gives, and a use that was
left out, also in a closed year (rules 28, 30, 31). What is opened is in the audit trail."""

from datetime import date
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.known import Use
from kaikukortti.actions.trail import note
from kaikukortti.actions.uses import Answer, record_uses
from kaikukortti.models import Offering, Record, Workplace
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import STORED, ChangeKind, OfferingKind, ReversalReason, Source, Status, usual_kind
from kaikukortti.terms.messages import refusal_message
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.trail import Act
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.card_dates import SerialForm
from kaikukortti.web.day_field import DayField
from kaikukortti.web.network import CARING, workplaces_of
from kaikukortti.web.regions import NamedChoice

MOST_OFFERINGS = 100
# Reasons of a note that tell of nothing but what the coordinator has typed in and the offering itself.
OF_THE_ENTRY = (
    Refusal.CARD_CODE_TYPO,
    Refusal.VENUE_NOT_ACTIVE,
    Refusal.OFFERING_NOT_OPEN,
    Refusal.OFFERING_CANCELLED,
    Refusal.DAY_NOT_OFFERED,
    Refusal.CHILDREN_NOT_ON_COURSES,
    Refusal.KIND_NOT_HERE,
    Refusal.LIMIT_PER_EVENT,
    Refusal.OFFERING_FULL,
)


class ReferenceForm(forms.Form):
    reference = forms.UUIDField(
        label=_("Reference of the record"),
        help_text=_("The venue sees it beside the record in its day's rows."),
        error_messages={
            "required": _("Write the reference."),
            "invalid": _("The reference has 32 letters and digits. Copy it as the venue sees it."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ReasonForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=ReversalReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )


class WhereForm(forms.Form):
    """Which venue and day a missing use belongs to."""

    venue = NamedChoice(
        queryset=Workplace.objects.none(),
        label=_("Venue"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose a venue."), "invalid_choice": _("Choose a venue.")},
    )
    day = DayField(label=_("Day of the use"))

    def __init__(self, *args: object, request: ActingRequest, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        field = self.fields["venue"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = workplaces_of(request).filter(role=Role.VENUE).order_by("name_fi", "pk")

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > helsinki_day(timezone.now()):
            raise forms.ValidationError(_("Choose today or an earlier day."))
        return day


def _count(label: object) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,  # type: ignore[arg-type]
        min_value=0,
        max_value=100,
        initial=0,
        required=False,
        error_messages={
            "invalid": _("Write a number from 0 to 100."),
            "min_value": _("Write a number from 0 to 100."),
            "max_value": _("Write a number from 0 to 100."),
        },
    )


class UseForm(forms.Form):
    """One use that was left out. `id` makes a second press of the button the same use (rule 26)."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    offering = forms.ChoiceField(label=_("Offering"), required=False)
    code = forms.CharField(
        label=_("Code of the card"),
        max_length=64,
        error_messages={"required": _("Write the code of the card.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    holder = _count(_("Holder's tickets"))
    children = _count(_("Children"))
    assistants = _count(_("Assistants and interpreters"))
    clients = _count(_("Clients under 16, with a community card"))
    workers = _count(_("Workers, with a community card"))

    def __init__(self, *args: object, offerings: list[Offering], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.offerings = {str(one.pk): one for one in offerings}
        choices = [
            ("", _("none: open admission of the venue")),
            *((pk, one.name) for pk, one in self.offerings.items()),
        ]
        field = self.fields["offering"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        counts = ("holder", "children", "assistants", "clients", "workers")
        if not self.errors and not any(data.get(name) for name in counts):
            self.add_error("holder", gettext("Write at least one number above zero."))
        return data

    def use(self, day: date) -> Use:
        data = self.cleaned_data
        offering = self.offerings.get(data["offering"])
        return Use(
            id=data["id"],
            code=data["code"],
            day=day,
            offering=offering.pk if offering else None,
            kind=usual_kind(OfferingKind(offering.kind) if offering else OfferingKind.OPEN),
            source=Source.PAPER,
            holder=data["holder"] or 0,
            children=data["children"] or 0,
            assistants=data["assistants"] or 0,
            clients=data["clients"] or 0,
            workers=data["workers"] or 0,
            happened=True,
        )


# --- one record by its reference --------------------------------------------------------------------------------


@never_cache
@open_to(*CARING)
def corrections(request: ActingRequest) -> HttpResponse:
    """Where corrections begin: a reference, or a use that was left out."""
    form = ReferenceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        found = _records(request).filter(reference=form.cleaned_data["reference"]).first()
        if found is not None:
            return redirect("correction", found.reference)
        form.add_error(
            "reference", gettext("No record of your region has this reference. Ask the venue to read it again.")
        )
    answer = {"form": form, "serial": SerialForm()}
    return render(request, "kaikukortti/network/corrections.html", answer, status=422 if form.errors else 200)


def _records(request: ActingRequest) -> QuerySet[Record]:
    rows = Record.objects.select_related("venue", "offering", "recorder")
    if request.actor.role == Role.NATIONAL:
        return rows
    return rows.filter(place_region__in=request.actor.facts.regions)


@never_cache
@open_to(*CARING)
def correction(request: ActingRequest, reference: UUID) -> HttpResponse:
    """Dates and counts of one record, and its reversal. Nothing of the card or its holder."""
    record = get_object_or_404(_records(request), reference=reference)
    note(Act.RECORD_READ, by=request.actor, now=timezone.now(), subject=record.reference)
    changes = list(record.changes.order_by("pk"))
    reversed_at = next((change.at for change in changes if change.kind == ChangeKind.REVERSED), None)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        answer = reverse_use(record, by=request.actor, now=timezone.now(), reason=form.cleaned_data["reason"])
        if answer.refusal is None:
            note(Act.RECORD_REVERSED, by=request.actor, now=timezone.now(), subject=record.reference)
            messages.success(request, gettext("The record has been reversed. It counts for nothing any more."))
            return redirect("correction", reference)
        form.add_error("reason", refusal_message(answer.refusal)[get_language() or "fi"])
    page = {
        "record": record,
        "changes": changes,
        "reversed_at": reversed_at,
        "form": form,
        "closed": record.day.year in request.actor.network.closed_years,
    }
    return render(request, "kaikukortti/network/correction.html", page, status=422 if form.errors else 200)


# --- a use that was left out ------------------------------------------------------------------------------------


def say_entered(answer: Answer) -> str:
    """What is said of an entered use. A note that would tell of the card, its holder or its other uses is the venue's
    to see: a code opens nothing to a coordinator (who sees what)."""
    silent = answer.status == Status.PENDING or (answer.status == Status.FLAGGED and answer.refusal not in OF_THE_ENTRY)
    if silent:
        return gettext("Recorded with a note. The venue sees the note in its day's records.")
    return answer.message[get_language() or "fi"]


@never_cache
@sensitive_post_parameters("code")
@open_to(*CARING)
def enter_use(request: ActingRequest) -> HttpResponse:
    """First venue and day (in the address), then the use itself (in the form)."""
    where = WhereForm(request.GET, request=request)
    if not where.is_valid():
        asked = WhereForm(request.GET if "venue" in request.GET else None, request=request)
        page = {"form": asked}
        return render(request, "kaikukortti/network/enter_where.html", page, status=422 if asked.errors else 200)
    venue, day = where.cleaned_data["venue"], where.cleaned_data["day"]
    offerings = list(Offering.objects.filter(venue=venue).on(day).order_by("starts_at", "name_fi")[:MOST_OFFERINGS])
    form = UseForm(
        request.POST if request.method == "POST" else None, offerings=offerings, initial={"id": uuid4(), "holder": 1}
    )
    if request.method == "POST" and form.is_valid():
        facts = request.actor.network.workplaces[venue.pk]
        (answer,) = record_uses([form.use(day)], by=request.actor, now=timezone.now(), at_venue=facts)
        said = say_entered(answer)
        if answer.status in STORED:
            record = get_object_or_404(Record, pk=answer.record)
            note(Act.RECORD_ENTERED, by=request.actor, now=timezone.now(), subject=record.reference)
            tell = messages.success if answer.status == Status.RECORDED else messages.warning
            tell(request, said)
            return redirect("correction", record.reference)
        form.add_error("code", said)
    answered = {"form": form, "venue": venue, "day": day, "closed": day.year in request.actor.network.closed_years}
    return render(request, "kaikukortti/network/enter_use.html", answered, status=422 if form.errors else 200)
