"""Places of an offering: kept by code at the desk or by phone, the wait list, and tonight's empty seats.

The page is numbers and counts only: a hold stands there under its short number, and no part of a code does.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kaikukortti.actions.holds import (
    OF_CARDS,
    KeptAnswer,
    Wish,
    keep_places,
    prolong_hold,
    release_hold,
    waiting_here,
    wheelchairs_kept,
)
from kaikukortti.actions.places import places_key, places_now
from kaikukortti.actions.seats import MOST_SEATS, release_seats, take_back_seats
from kaikukortti.actions.waiting import WaitAnswer, see_to, wait_for_places
from kaikukortti.models import Hold, Offering
from kaikukortti.rules.holds import kept_at_most, kept_until, say_number, seats_are_out
from kaikukortti.rules.situation import Places
from kaikukortti.templatetags.look import local_day, local_time
from kaikukortti.terms.days import HELSINKI, day_end, helsinki_day
from kaikukortti.terms.holds import HoldEnd, NotKept
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS, Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.day_field import DayField
from kaikukortti.web.till_held import LONGEST_CODE
from kaikukortti.web.till_place import Place, find_place
from kaikukortti.web.till_screen import spoken_places

JUST_KEPT = "just_kept"  # session: the id of the hold that the page shows large, and whether it was there before
MOST = 20


# --- forms --------------------------------------------------------------------------------------------------------


def _number(label: Any, most: int = MOST) -> forms.IntegerField:
    words = {name: _("Write a whole number.") for name in ("invalid", "min_value", "max_value")}
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=most,
        required=False,
        error_messages=words,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": 0, "max": most}),
    )


class UntilForm(forms.Form):
    """Until when: an hour of the event's day or of today; on a course a day."""

    until = forms.TimeField(
        label=_("Kept until"),
        required=False,
        input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": _("Write the time like this: 19:00.")},
    )
    until_day = DayField(label=_("Kept until the end of"), required=False)

    def __init__(self, place: Place, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.place = place
        del self.fields["until" if place.kind == OfferingKind.COURSE else "until_day"]

    @property
    def instant(self) -> datetime | None:
        asked = self.cleaned_data
        if asked.get("until_day"):
            return day_end(asked["until_day"])
        return datetime.combine(self.place.day, asked["until"], HELSINKI) if asked.get("until") else None


class KeepForm(UntilForm):
    """A card by its code, read aloud or scanned, and how many come with it."""

    use_required_attribute = False

    code = forms.CharField(
        label=_("The card's code"),
        max_length=LONGEST_CODE,
        error_messages={"required": _("Read or type the code.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters", "autocorrect": "off"}
        ),
    )
    children = _number(_("Children along"))
    wheelchair = _number(_("Of the places, for wheelchairs"))
    clients = _number(_("Clients under 16"), 100)
    workers = _number(_("Workers"), 100)

    def __init__(self, place: Place, *args: Any, **options: Any) -> None:
        super().__init__(place, *args, **options)
        if place.kind == OfferingKind.COURSE or (place.offering and not place.offering.children_welcome):
            del self.fields["children"]
        self.fields["code"].widget.attrs["autofocus"] = True

    @property
    def wish(self) -> Wish:
        def count(name: str) -> int:
            return self.cleaned_data.get(name) or 0

        return Wish(
            children=count("children"),
            wheelchair=count("wheelchair"),
            clients=count("clients"),
            workers=count("workers"),
        )

    @property
    def group_open(self) -> bool:
        return any(self[name].value() for name in ("clients", "workers"))


class SeatsForm(forms.Form):
    use_required_attribute = False

    seats = _number(_("Empty seats"), MOST_SEATS)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["seats"].required = True
        self.fields["seats"].error_messages["required"] = gettext("Write how many seats are empty.")


# --- what the page shows ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A hold in numbers. `theirs`: the venue or agent may prolong it and let it go."""

    hold: Hold
    number: str
    counts: str
    until: str
    theirs: bool
    longest: bool


def spoken_hold(hold: Hold) -> str:
    """ "3 places, 2 of them for children, 1 for a wheelchair"."""
    parts = [ngettext("{n} place", "{n} places", hold.places).format(n=hold.places)]
    if hold.children:
        said = ngettext("{n} of them for a child", "{n} of them for children", hold.children)
        parts.append(said.format(n=hold.children))
    if hold.wheelchair:
        said = ngettext("{n} for a wheelchair", "{n} for wheelchairs", hold.wheelchair)
        parts.append(said.format(n=hold.wheelchair))
    return ", ".join(parts)


def spoken_until(instant: datetime, on: date) -> str:
    """Until when: the hour alone where it is of the day that the page is about."""
    day = helsinki_day(instant)
    return local_time(instant) if day == on else f"{local_day(day)} {local_time(instant)}"


def holds_of(request: ActingRequest, place: Place) -> Any:
    """The day's holds: at the venue all of them, at an agent those that it keeps."""
    assert place.offering is not None
    offering, day = places_key(place.offering.facts, place.day)
    rows = Hold.objects.filter(offering=offering, day=day)
    return rows if request.actor.role == Role.VENUE else rows.filter(workplace=request.actor.workplace)


def _rows(request: ActingRequest, place: Place, now: datetime) -> list[Row]:
    assert place.offering is not None
    last = kept_at_most(place.offering.facts, day=place.day)
    return [
        Row(
            one,
            say_number(one.number),
            spoken_hold(one),
            spoken_until(one.expires_at, place.day),
            theirs=one.kind in OF_CARDS,
            longest=one.expires_at >= last,
        )
        for one in holds_of(request, place).standing(now).order_by("number")
    ]


def _place(request: ActingRequest, number: UUID) -> Place:
    place = find_place(request.actor, str(number), timezone.now())
    if place is None or place.offering is None:
        raise Http404
    return place


def _places(place: Place, now: datetime) -> Places:
    assert place.offering is not None
    facts = place.offering.facts
    found = places_now([(facts, place.offering.places)], [place.day], now=now)
    return found.get(places_key(facts, place.day), Places())


def said_of(answer: KeptAnswer) -> dict[str, str]:
    """Why no places are kept, and what to do."""
    if answer.problem is not None:
        return {"fact": str(answer.problem.label), "next": ""}
    assert answer.refusal is not None
    fact = refusal_fact(answer.refusal, day=answer.day, time=answer.time)
    if answer.refusal == Refusal.OFFERING_FULL and answer.places_left:
        return {"fact": gettext("Not everyone fits."), "next": f"{spoken_places(answer.places_left)}."}
    return {"fact": fact, "next": "" if answer.refusal == Refusal.OFFERING_FULL else next_step(answer.refusal)}


def _show(
    request: ActingRequest,
    place: Place,
    now: datetime,
    *,
    form: KeepForm | None = None,
    seats: SeatsForm | None = None,
    answer: KeptAnswer | None = None,
) -> HttpResponse:
    offering = place.offering
    assert offering is not None
    key = places_key(offering.facts, place.day)
    rows, ended = _rows(request, place, now), holds_of(request, place)
    just, before = _just_kept(request, place)
    out = seats_are_out(offering.facts, offering.released_at, now=now)
    begun = kept_at_most(offering.facts, day=place.day) <= now
    tonight = offering.kind == OfferingKind.EVENT and place.day == helsinki_day(now) and not begun
    wheelchairs = wheelchairs_kept(*key, now=now)
    facts = {
        "place": place,
        "offering": offering,
        "places": _places(place, now),
        "rows": rows,
        "kept": sum(row.hold.places for row in rows),
        "wheelchairs": wheelchairs,
        "waiting": waiting_here(*key).count(),
        "fetched": ended.filter(end=HoldEnd.FETCHED).count(),
        "gone": ended.filter(end__in=[HoldEnd.RELEASED, HoldEnd.EXPIRED]).count(),
        "form": form or KeepForm(place),
        "until": spoken_until(kept_until(offering.facts, now=now, day=place.day), place.day),
        "just": just,
        "just_number": say_number(just.number) if just else "",
        "just_counts": spoken_hold(just) if just else "",
        "just_until": spoken_until(just.expires_at, place.day) if just else "",
        "before": before,
        "why_not": said_of(answer) if answer else None,
        "full": answer is not None
        and (answer.refusal == Refusal.OFFERING_FULL or answer.problem in (NotKept.WHEELCHAIR, NotKept.NO_PHONE)),
        "no_phone": answer is not None and answer.problem == NotKept.NO_PHONE,
        "seats": (seats or SeatsForm()) if tonight and request.actor.role == Role.VENUE else None,
        "seats_out": out,
        "open": not begun and offering.cancelled_at is None and offering.published_at is not None,
    }
    wrong = answer is not None or bool(form and form.errors) or bool(seats and seats.errors)
    return render(request, "kaikukortti/holds/places.html", facts, status=422 if wrong else 200)


def _just_kept(request: ActingRequest, place: Place) -> tuple[Hold | None, bool]:
    number, before = request.session.pop(JUST_KEPT, (None, False))
    return (holds_of(request, place).filter(pk=number).first() if number else None), before


# --- pages --------------------------------------------------------------------------------------------------------


@sensitive_post_parameters()
@open_to(*RECORDERS)
def places(request: ActingRequest, number: UUID) -> HttpResponse:
    """The evening's kept places; keep more by code, or put a card on the wait list."""
    now = timezone.now()
    place = _place(request, number)
    assert place.offering is not None
    if request.method != "POST":
        see_to(*places_key(place.offering.facts, place.day), now=now)
        return _show(request, place, now)
    form = KeepForm(place, request.POST)
    if not form.is_valid():
        return _show(request, place, now, form=form)
    code, by, wish = form.cleaned_data["code"], request.actor, form.wish
    if "wait" in request.POST:
        waited = wait_for_places(code, wish, by=by, now=now, offering=place.offering.pk, day=place.day)
        return _waited(request, place, form, waited, now)
    answer = keep_places(code, wish, by=by, now=now, offering=place.offering.pk, day=place.day, until=form.instant)
    return _kept(request, place, form, answer, now)


def _kept(request: ActingRequest, place: Place, form: KeepForm, answer: KeptAnswer, now: datetime) -> HttpResponse:
    if answer.hold is None:
        return _show(request, place, now, form=form, answer=answer)
    request.session[JUST_KEPT] = (str(answer.hold.pk), answer.before)
    return redirect("places", number=answer.hold.offering_id)


def _waited(request: ActingRequest, place: Place, form: KeepForm, answer: WaitAnswer, now: datetime) -> HttpResponse:
    if answer.waiting is None:
        assert answer.why_not is not None
        return _kept(request, place, form, answer.why_not, now)
    said = gettext("On the wait list. The phone card tells when places come free.")
    if answer.ahead:
        ahead = ngettext("{n} card is ahead of it.", "{n} cards are ahead of it.", answer.ahead)
        said = f"{said} {ahead.format(n=answer.ahead)}"
    messages.success(request, said)
    return redirect("places", number=answer.waiting.offering_id)


def _hold(request: ActingRequest, place: Place) -> Hold | None:
    """The hold that the form names; None when it names none, 404 when it is another's."""
    try:
        wanted = UUID(request.POST.get("hold", ""))
    except ValueError:
        return None
    hold: Hold = get_object_or_404(holds_of(request, place).select_related("offering"), pk=wanted)
    return hold


@require_POST
@open_to(*RECORDERS)
def release(request: ActingRequest, number: UUID) -> HttpResponse:
    """Let places go, before their time is over."""
    hold = _hold(request, _place(request, number))
    if hold is None:
        return redirect("places", number=number)
    name = say_number(hold.number)
    if release_hold(hold, by=request.actor, now=timezone.now()):
        messages.success(request, gettext("Released: {number}.").format(number=name))
    else:
        messages.warning(request, gettext("{number} has ended already.").format(number=name))
    return redirect("places", number=number)


@require_POST
@open_to(*RECORDERS)
def prolong(request: ActingRequest, number: UUID) -> HttpResponse:
    """Keep places longer: until the hour said, or without one until the start."""
    place = _place(request, number)
    hold = _hold(request, place)
    if hold is None or place.offering is None:
        return redirect("places", number=number)
    form = UntilForm(place, request.POST)
    last = kept_at_most(place.offering.facts, day=place.day)
    until = (form.instant or last) if form.is_valid() else None
    problem = prolong_hold(hold, until, by=request.actor, now=timezone.now()) if until else NotKept.PAST
    if problem:
        messages.warning(request, str(problem.label))
    else:
        hold.refresh_from_db()
        said = gettext("{number} is kept until {moment}.")
        messages.success(
            request, said.format(number=say_number(hold.number), moment=spoken_until(hold.expires_at, place.day))
        )
    return redirect("places", number=number)


@open_to(*RECORDERS)
def printed(request: ActingRequest, number: UUID) -> HttpResponse:
    """The list for the box office's own folder: numbers and counts, and room to tick."""
    now = timezone.now()
    place = _place(request, number)
    facts = {"place": place, "rows": _rows(request, place, now), "now": now}
    return render(request, "kaikukortti/holds/list.html", facts)


@require_POST
@open_to(Role.VENUE)
def seats(request: ActingRequest, number: UUID) -> HttpResponse:
    """Release tonight's empty seats, or take the rest back."""
    now = timezone.now()
    one = get_object_or_404(Offering, pk=number, venue=request.actor.workplace)
    if "back" in request.POST:
        take_back_seats(one, by=request.actor, now=now)
        messages.success(request, gettext("The rest of the seats is yours again. Nothing is shown any more."))
        return redirect("places", number=number)
    form = SeatsForm(request.POST)
    if not form.is_valid():
        return _show(request, _place(request, number), now, seats=form)
    answer = release_seats(one, seats=form.cleaned_data["seats"], by=request.actor, now=now)
    if isinstance(answer, NotKept):
        messages.warning(request, str(answer.label))
    else:
        messages.success(request, gettext("Everyone sees now that there are free seats tonight, until it starts."))
    return redirect("places", number=number)
