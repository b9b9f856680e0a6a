"""The workplace's tills: see how they are, make a code for a new one, print gate passes, take one out of use, and
decide on rows that a stopped till has left."""

from typing import Any
from uuid import UUID

import segno
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from kaikukortti.actions.device_rows import Taken, leave_rows, take_rows, waiting_rows
from kaikukortti.actions.devices import make_code, make_gates, revoke
from kaikukortti.models import Device, Offering
from kaikukortti.paper.gates import draw_gates
from kaikukortti.rules.codes import shown
from kaikukortti.rules.devices import MOST_GATES, MOST_LABEL
from kaikukortti.templatetags.look import local_day, local_time
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.day_field import DayField
from kaikukortti.web.device_face import face_of, faces

A_LIST = 100


class LabelForm(forms.Form):
    use_required_attribute = False

    label = forms.CharField(
        label=_("Where is this till?"),
        max_length=MOST_LABEL,
        help_text=_("For example Box office 1. It stands on the till and in this list; no person's name."),
        error_messages={"required": _("Write where the till is, so that it is known later.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class GateForm(forms.Form):
    use_required_attribute = False

    offering = forms.ChoiceField(label=_("Offering"), error_messages={"required": _("Choose the offering.")})
    day = DayField(label=_("Day"), help_text=_("An event has its own day; for others the passes end with this day."))
    label = forms.CharField(
        label=_("Name of the gate"),
        max_length=MOST_LABEL - 3,
        help_text=_("For example Gate. Several passes are numbered: Gate 1, Gate 2."),
        error_messages={"required": _("Write a name for the gate, so that it is known later.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    number = forms.IntegerField(
        label=_("How many passes"),
        min_value=1,
        max_value=MOST_GATES,
        help_text=_("One for each phone."),
        error_messages={
            "required": _("Write how many phones there are."),
            "invalid": _("Write how many phones there are, from 1 to 20."),
            "min_value": _("Write how many phones there are, from 1 to 20."),
            "max_value": _("Write how many phones there are, from 1 to 20."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, offerings: list[Offering], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["offering"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one.pk), _name(one)) for one in offerings]
        self.offerings = {str(one.pk): one for one in offerings}

    def clean_offering(self) -> Offering:
        return self.offerings[self.cleaned_data["offering"]]


def _name(one: Offering) -> str:
    """How an offering stands in the list: an event with its day and hour."""
    if one.kind != OfferingKind.EVENT:
        return str(one)
    day = local_day(one.first_day)
    return f"{day} {local_time(one.starts_at)} {one}" if one.starts_at else f"{day} {one}"


@open_to(*RECORDERS)
def devices(request: ActingRequest) -> HttpResponse:
    """Every till of the workplace; what wants a look comes first."""
    found = faces(request.actor.workplace, now=timezone.now())
    answer = {
        "look": [face for face in found if face.look],
        "rest": [face for face in found if not face.look],
        "app": reverse("till-app", args=[get_language() or "fi"]),
    }
    return render(request, "kaikukortti/devices/devices.html", answer)


def app_address(request: HttpRequest) -> str:
    """The till app's page in the language of this one."""
    return request.build_absolute_uri(reverse("till-app", args=[get_language() or "fi"]))


@never_cache
@sensitive_variables()
@open_to(*RECORDERS)
def new_device(request: ActingRequest) -> HttpResponse:
    """Make a one-time code; the answer shows it this once."""
    form = LabelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = make_code(form.cleaned_data["label"], by=request.actor, now=timezone.now())
        address = app_address(request)
        picture = segno.make_qr(address, error="m").svg_inline(
            scale=4, border=4, dark="#000", light="#fff", omitsize=True
        )
        answer = {"device": made.device, "code": shown(made.secret), "address": address, "picture": picture}
        return render(request, "kaikukortti/devices/code.html", answer)
    return render(request, "kaikukortti/devices/new.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@sensitive_variables()
@open_to(*RECORDERS)
def gates(request: ActingRequest) -> HttpResponse:
    """Print gate passes for one offering: the PDF is the answer, and the only place its secrets ever stand."""
    now = timezone.now()
    today = helsinki_day(now)
    rows = Offering.objects.recordable_by(request.actor.workplace).published()
    rows = rows.filter(cancelled_at__isnull=True, last_day__gte=today).order_by("first_day", "starts_at", "name_fi")
    offerings = list(rows[:A_LIST])
    first = {"day": today, "number": 1, "label": gettext("Gate"), "offering": request.GET.get("offering")}
    form = GateForm(request.POST if request.method == "POST" else None, offerings=offerings, initial=first)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        offering = asked["offering"]
        day = offering.first_day if offering.kind == OfferingKind.EVENT else asked["day"]
        made = make_gates(offering, day=day, label=asked["label"], number=asked["number"], by=request.actor, now=now)
        if not isinstance(made, Refusal):
            drawn = draw_gates(made, offering, address=app_address(request), language=get_language() or "fi")
            answer = HttpResponse(drawn, content_type="application/pdf")
            answer["Content-Disposition"] = 'attachment; filename="kaikukortti-gate.pdf"'
            return answer
        form.add_error("day", f"{refusal_fact(made)} {next_step(made)}")
    said = {"form": form, "offerings": offerings}
    return render(request, "kaikukortti/devices/gate.html", said, status=422 if form.errors else 200)


def _own(request: ActingRequest, number: UUID) -> Device:
    own = Device.objects.of(request.actor.workplace).select_related("workplace", "offering")
    return get_object_or_404(own, pk=number)


@open_to(*RECORDERS)
def revoke_device(request: ActingRequest, device: UUID) -> HttpResponse:
    """Asks once more, then takes it out of use: at once online, at the next contact otherwise."""
    one, now = _own(request, device), timezone.now()
    if request.method == "POST":
        revoke(one, by=request.actor, now=now)
        messages.success(request, gettext("{label} is out of use.").format(label=one.label))
        return redirect("devices")
    return render(request, "kaikukortti/devices/revoke.html", {"face": face_of(one, rows=0, now=now)})


# --- rows that wait ---------------------------------------------------------------------------------------------


@open_to(*RECORDERS)
def device_rows(request: ActingRequest, device: UUID) -> HttpResponse:
    """What a stopped till has left: numbers and times, no code."""
    one, now = _own(request, device), timezone.now()
    rows = waiting_rows(one)
    named = Offering.objects.in_bulk({row.use.offering for row in rows if row.use and row.use.offering})
    answer = {
        "face": face_of(one, rows=len(rows), now=now),
        "rows": [(row, named.get(row.use.offering) if row.use and row.use.offering else None) for row in rows],
    }
    return render(request, "kaikukortti/devices/rows.html", answer)


@require_POST
@open_to(*RECORDERS)
def settle_device_rows(request: ActingRequest, device: UUID) -> HttpResponse:
    """Take the chosen rows into the register as what happened, or say that they are not taken."""
    one, now = _own(request, device), timezone.now()
    chosen = [int(row) for row in request.POST.getlist("row") if row.isdecimal() and len(row) < 19]
    if not chosen:
        messages.warning(request, gettext("Choose the rows first."))
    elif request.POST.get("do") == "take":
        _say_taken(request, take_rows(one, chosen, by=request.actor, now=now))
    else:
        left = leave_rows(one, chosen, by=request.actor, now=now)
        said = ngettext("{n} row was not taken.", "{n} rows were not taken.", left)
        messages.success(request, said.format(n=left))
    return redirect("device-rows", device)


def _say_taken(request: HttpRequest, taken: Taken) -> None:
    if taken.recorded:
        said = ngettext("{n} row has been recorded.", "{n} rows have been recorded.", taken.recorded)
        messages.success(request, said.format(n=taken.recorded))
    if taken.flagged:
        said = ngettext("{n} of them has a note.", "{n} of them have a note.", taken.flagged)
        messages.info(request, said.format(n=taken.flagged))
    for refusal, count in taken.stayed.items():
        stayed = ngettext("{n} row stays here.", "{n} rows stay here.", count).format(n=count)
        why = f"{refusal_fact(refusal)} {next_step(refusal)}" if refusal else gettext("It cannot be read.")
        messages.warning(request, f"{stayed} {why}")
