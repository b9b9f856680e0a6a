"""The wrong event was chosen at the till: its rows move to another one, with a look first (actions/moving.py)."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.actions.moving import Moved, move_uses
from kaikukortti.actions.places import places_key, places_now
from kaikukortti.models import Offering, Record
from kaikukortti.models.ledger import RecordQuerySet
from kaikukortti.templatetags.look import clock, local_date
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import STORED, OfferingKind
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.policies import EVENT_DAYS
from kaikukortti.terms.roles import RECORDERS, Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.counts import join_counts, spoken_count, spoken_counts
from kaikukortti.web.day import seen_by, with_story
from kaikukortti.web.day_field import DayField
from kaikukortti.web.paper_lists import said_flag
from kaikukortti.web.paper_place import OPEN_DAY, offerings_near, spoken_offering
from kaikukortti.web.till_screen import spoken_places

MOST_SHOWN = 300


class FromForm(forms.Form):
    """Where the rows stand now: an offering of the day, or the venue's open admission."""

    day = DayField()
    place = forms.CharField(max_length=40)


class MoveForm(forms.Form):
    """Where they belong, and which of them."""

    to = forms.ChoiceField(
        label=_("Where do they belong?"),
        error_messages={"required": _("Choose what was on."), "invalid_choice": _("Choose from the list.")},
    )
    rows = forms.MultipleChoiceField(
        label=_("Rows to move"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one row."), "invalid_choice": _("Choose from the list.")},
    )

    def __init__(self, data: Any = None, *, targets: list[tuple[str, str]], rows: list[tuple[str, str]]) -> None:
        super().__init__(data, initial={"rows": [key for key, _words in rows]})
        to: Any = self.fields["to"]
        to.choices = [("", gettext("Choose")), *targets]
        chosen: Any = self.fields["rows"]
        chosen.choices = rows


def places_of_day(seen: RecordQuerySet, on: date) -> list[dict[str, Any]]:
    """What has standing rows on a day, with how many: for choosing which ones move."""
    counted = seen.standing().on(on).order_by().values("offering").annotate(n=Count("pk"))
    offerings = Offering.objects.in_bulk([one["offering"] for one in counted if one["offering"]])
    return [
        {"place": str(one["offering"] or OPEN_DAY), "offering": offerings.get(one["offering"]), "n": one["n"]}
        for one in counted
    ]


@open_to(*RECORDERS)
def move(request: ActingRequest) -> HttpResponse:
    """Choose whose rows, look at them, move them in one act."""
    now, actor = timezone.now(), request.actor
    today = helsinki_day(now)
    asked = FromForm(request.GET if request.method == "GET" else request.POST)
    if not asked.is_valid():
        return _choose(request, asked.cleaned_data.get("day") or today)
    on, place = asked.cleaned_data["day"], asked.cleaned_data["place"]
    rows = list(_rows_at(seen_by(actor), on, place)[:MOST_SHOWN])
    if not rows and request.method == "GET":
        return _choose(request, on)
    offerings = {str(one.pk): one for one in offerings_near(actor, now, ahead=EVENT_DAYS) if str(one.pk) != place}
    venue = rows[0].venue_id if rows else None
    targets = _targets([one for one in offerings.values() if one.venue_id == venue], on, now)
    if actor.role == Role.VENUE and place != OPEN_DAY:
        targets.append((OPEN_DAY, gettext("{venue}, open admission").format(venue=actor.workplace)))
    choices = [(str(row.reference), _said(row)) for row in rows]
    form = MoveForm(request.POST if request.method == "POST" else None, targets=targets, rows=choices)
    if request.method == "POST" and form.is_valid():
        chosen = set(form.cleaned_data["rows"])
        to = offerings.get(form.cleaned_data["to"])
        moved = move_uses([row for row in rows if str(row.reference) in chosen], to=to, by=actor, now=now)
        return _moved(request, moved, to, on)
    facts = {
        "form": form,
        "on": on,
        "place": place,
        "offering": rows[0].offering if rows else None,
        "rows": rows,
        "total": spoken_total(rows),
        "targets": targets,
    }
    return render(request, "kaikukortti/day/move.html", facts, status=422 if form.errors else 200)


def _targets(offerings: list[Offering], on: date, now: datetime) -> list[tuple[str, str]]:
    """Where rows may go, with the places left there."""
    places = places_now([(one.facts, one.places) for one in offerings], [on], now=now)
    targets = []
    for one in offerings:
        here = places.get(places_key(one.facts, on))
        words = [spoken_offering(one, with_venue=False), spoken_places(here.left if here else None)]
        targets.append((str(one.pk), " · ".join(filter(None, words))))
    return targets


def _rows_at(seen: RecordQuerySet, on: date, place: str) -> QuerySet[Record]:
    """The standing rows of a day at one place, oldest first."""
    rows = with_story(seen).standing().on(on).order_by("pk")
    if place == OPEN_DAY:
        return rows.filter(offering=None)
    try:
        return rows.filter(offering=UUID(place))
    except ValueError:
        return rows.none()


def _said(row: Record) -> str:
    return f"{clock(row.at or row.entered_at)}: {spoken_counts(row)}"


def spoken_total(rows: list[Record]) -> str:
    """How many people the rows stand for, each kind apart."""
    kinds = ("holder", "children", "assistants", "clients", "workers")
    return join_counts([spoken_count(kind, sum(getattr(row, kind) for row in rows)) for kind in kinds])


def _choose(request: ActingRequest, on: date) -> HttpResponse:
    places = places_of_day(seen_by(request.actor), on)
    facts = {
        "on": on,
        "places": places,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
    }
    return render(request, "kaikukortti/day/move_from.html", facts)


def _moved(request: ActingRequest, moved: list[Moved], to: Offering | None, on: date) -> HttpResponse:
    """What became of each row. All is well: back to the day; else a page that tells."""
    gone = [one for one in moved if one.answer is not None and one.answer.status in STORED]
    words = ngettext("{n} row has been moved to {place}.", "{n} rows have been moved to {place}.", len(gone))
    place = str(to) if to else gettext("{venue}, open admission").format(venue=request.actor.workplace)
    said = words.format(n=len(gone), place=place)
    notes = [(one.record, spoken_counts(one.record), note) for one in moved if (note := _note(one))]
    day = to.first_day if to and to.kind == OfferingKind.EVENT else on
    if not notes:
        messages.success(request, said)
        return redirect(f"{reverse('day')}?on={day.isoformat()}")
    facts = {"said": said, "notes": notes, "day": day, "on": on, "on_words": local_date(on)}
    return render(request, "kaikukortti/day/moved.html", facts)


def _note(one: Moved) -> str:
    """What is to be said of a row that has moved with a note, or stays."""
    if one.disputed:
        return gettext("Stays: the holder says that this use is not theirs. Say first what you say to that.")
    if one.refusal is not None:
        return gettext("Stays: {why}").format(why=f"{refusal_fact(one.refusal)} {next_step(one.refusal)}")
    answer = one.answer
    return said_flag(answer.refusal) if answer is not None and answer.refusal is not None else ""
