"""The grid of code × course: a queue at the desk and on the phone, one row for each place, each saved by itself.

A row has its id from the moment it is made, so Enter twice gives one place. The code stands in its field until the
place is given and nowhere afterwards; a course is looked for by a form that is sent, for a code read into the wrong
field must not end in an address. Without JavaScript the page is a plain form of one row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.courses import give_place
from kaikukortti.actions.uses import Answer
from kaikukortti.models import Offering, Record
from kaikukortti.rules.codes import read_code
from kaikukortti.rules.courses import LONGEST_NAME, Named, find_course, short_reference
from kaikukortti.rules.holds import read_number
from kaikukortti.terms.days import helsinki_day, spoken_day
from kaikukortti.terms.kinds import STORED, OfferingKind, Status
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.counts import join_counts, spoken_count
from kaikukortti.web.till_held import LONGEST_CODE
from kaikukortti.web.till_screen import said_under, spoken_money

MOST_FOUND = 8
# What of a course a page shows: hundreds are read to find one.
SHOWN = ("external_id", "name_fi", "name_sv", "name_en", "first_day", "last_day", "cap", "published_at", "cancelled_at")


class RowForm(forms.Form):
    """One row as the page sends it."""

    id = forms.UUIDField()
    code = forms.CharField(max_length=LONGEST_CODE, required=False)
    course = forms.CharField(max_length=LONGEST_NAME, required=False)
    chosen = forms.UUIDField(required=False)
    clients = forms.IntegerField(min_value=0, max_value=100, required=False)
    workers = forms.IntegerField(min_value=0, max_value=100, required=False)


@dataclass
class GridRow:
    """A row of the grid: what was typed, and what was answered. `given` has no code any more."""

    id: UUID = field(default_factory=uuid4)
    code: str = ""
    course: str = ""
    clients: int | None = None
    workers: int | None = None
    offering: Offering | None = None
    # free, given, already, stop, typo or choose
    state: str = "free"
    word: str = ""
    facts: list[str] = field(default_factory=list)
    found: Sequence[Offering] = ()
    group: bool = False
    reference: str = ""
    record: UUID | None = None

    @property
    def says(self) -> str:
        """What a screen reader says once."""
        word = self.word if self.word.endswith(("?", ".")) else f"{self.word}."
        return " ".join((word, *self.facts)) if self.word else ""

    def answer(self, state: str, word: str, *facts: str) -> "GridRow":
        self.state, self.word, self.facts = state, word, [fact for fact in facts if fact]
        return self


def day_said(day: date) -> str:
    return spoken_day(day, get_language() or "fi")


# --- the page -----------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters()
@open_to(Role.VENUE)
def give_places(request: ActingRequest) -> HttpResponse:
    """The grid; a row that is sent is answered at once, alone or, without a script, on the whole page."""
    if request.method != "POST":
        return render(request, "kaikukortti/courses/give.html", {"rows": [GridRow()], "any": _any(request.actor)})
    row = _read(request)
    if row.state == "free":
        _give(row, request.actor, chosen=request.POST.get("chosen", ""))
    if request.htmx:
        return render(request, "kaikukortti/courses/row.html", {"row": row})
    rows = [row] if row.state not in ("given", "already") else [row, GridRow()]
    return render(request, "kaikukortti/courses/give.html", {"rows": rows, "any": True})


def _any(actor: Actor) -> bool:
    return coming_courses(actor).exists()


def _read(request: ActingRequest) -> GridRow:
    form = RowForm(request.POST)
    form.is_valid()
    sent = form.cleaned_data
    row = GridRow(id=sent.get("id") or uuid4(), code=sent.get("code", ""), course=sent.get("course", ""))
    row.clients, row.workers = sent.get("clients"), sent.get("workers")
    row.group = "clients" in request.POST
    if not row.code:
        return row.answer("typo", gettext("Read or type the code."))
    if not row.course and not sent.get("chosen"):
        return row.answer("typo", gettext("Type the course's number or its name."))
    if row.group and ("clients" in form.errors or "workers" in form.errors):
        return row.answer("typo", gettext("Check the numbers"), gettext("Write whole numbers, at most 100."))
    return row


def coming_courses(actor: Actor) -> QuerySet[Offering]:
    """Courses of the venue that have not ended and are not cancelled."""
    today = helsinki_day(timezone.now())
    return Offering.objects.filter(
        venue=actor.workplace, kind=OfferingKind.COURSE, last_day__gte=today, cancelled_at__isnull=True
    )


def found_courses(actor: Actor, text: str) -> list[Offering]:
    """The courses that a number or a name means, nearest first."""
    courses = {one.pk: one for one in coming_courses(actor).only(*SHOWN)}
    named = (Named(pk, one.external_id, (one.name_fi, one.name_sv, one.name_en)) for pk, one in courses.items())
    return [courses[one.id] for one in find_course(text, named)]


# --- one row ------------------------------------------------------------------------------------------------------


def _give(row: GridRow, actor: Actor, *, chosen: str) -> None:
    """Find the course, give the place, and say what was answered."""
    courses = _chosen(actor, chosen) or found_courses(actor, row.course)
    if len(courses) != 1:
        _ask_which(row, courses)
        return
    row.offering = courses[0]
    row.course = row.offering.external_id or row.offering.name
    answer = give_place(
        row.code,
        row.offering.pk,
        by=actor,
        now=timezone.now(),
        id=row.id,
        clients=row.clients or 0,
        workers=row.workers or 0,
    )
    if answer.status in STORED and answer.record is not None:
        _say_given(row, answer)
    else:
        _say_why_not(row, answer)


def _chosen(actor: Actor, chosen: str) -> list[Offering]:
    try:
        number = UUID(chosen)
    except ValueError:
        return []
    return list(coming_courses(actor).filter(pk=number))


def _ask_which(row: GridRow, courses: list[Offering]) -> None:
    if not courses:
        code = read_code(row.course) and gettext("A card's code stands where the course belongs.")
        row.answer("typo", gettext("Which course?"), code or gettext("No course of yours has this number or name."))
        return
    said = ngettext("{n} course is meant by it.", "{n} courses are meant by it.", len(courses)).format(n=len(courses))
    more = gettext("Write more of the name, or the number.") if len(courses) > MOST_FOUND else gettext("Choose one.")
    row.found = courses[:MOST_FOUND]
    row.answer("choose", gettext("Which course?"), said, more)


def _say_given(row: GridRow, answer: Answer) -> None:
    row.record = answer.reference or Record.objects.values_list("reference", flat=True).get(pk=answer.record or 0)
    row.reference = short_reference(row.record)
    counts = f"{join_counts([spoken_count('workers', row.workers or 0), spoken_count('clients', row.clients or 0)])}."
    paid = None
    if answer.covered_cents is not None and answer.remainder_cents is not None:
        paid = answer.covered_cents, answer.remainder_cents
    said = (counts if row.clients else "", spoken_money(paid), _ends(answer), _note(answer))
    row.answer("given", gettext("Place given"), *said)
    row.code = ""


def _ends(answer: Answer) -> str:
    if answer.card_ends is None:
        return ""
    said = gettext("The card ends on {day}, before the course ends; the place stands.")
    return said.format(day=day_said(answer.card_ends))


def _note(answer: Answer) -> str:
    if answer.status == Status.PENDING:
        return gettext("It counts once the card is registered, within seven days.")
    return refusal_fact(answer.refusal) if answer.refusal else ""


def _say_why_not(row: GridRow, answer: Answer) -> None:
    """Why there is no place, in the words of a course office."""
    if answer.status == Status.CONFLICT or answer.refusal is None:
        # The row was recorded once and has been changed since: from here on it is a row of its own.
        row.id = uuid4()
        row.answer(
            "stop", gettext("Not given"), gettext("This row gave a place before. Press Enter to give another one.")
        )
        return
    refusal = answer.refusal
    row.group = row.group or refusal == Refusal.COMMUNITY_CARD_NEEDS_CLIENTS
    word = str(WORDS.get(refusal, lambda: gettext("No place"))())
    state = {Refusal.ALREADY_RECORDED: "already", Refusal.COMMUNITY_CARD_NEEDS_CLIENTS: "choose"}.get(refusal, "stop")
    if refusal in (Refusal.CARD_CODE_TYPO, Refusal.CARD_UNKNOWN):
        state = "typo"
    row.answer(state, word, *_reasons(row, answer, refusal))
    if state == "already":
        row.code = ""


WORDS = {
    Refusal.CARD_CODE_TYPO: lambda: gettext("Check the code"),
    Refusal.CARD_UNKNOWN: lambda: gettext("Check the code"),
    Refusal.ALREADY_RECORDED: lambda: gettext("Place given before"),
    Refusal.OFFERING_FULL: lambda: gettext("The course is full"),
    Refusal.LIMIT_PER_PERIOD: lambda: gettext("The year's courses are used"),
    Refusal.COMMUNITY_CARD_NEEDS_CLIENTS: lambda: gettext("How many clients?"),
    Refusal.TOO_MANY_TRIES: lambda: gettext("A short break"),
}


def _reasons(row: GridRow, answer: Answer, refusal: Refusal) -> list[str]:
    """One sentence of fact, one of what helps."""
    if refusal == Refusal.CARD_CODE_TYPO and read_number(row.code):
        return [gettext("No place is kept on this course under that number.")]
    if refusal == Refusal.ALREADY_RECORDED:
        return [gettext("This card has its place on the course already. There is nothing to record.")]
    if refusal == Refusal.OFFERING_FULL:
        return [gettext("The Kaiku Card places have all been given."), gettext("Look for another course.")]
    if refusal == Refusal.LIMIT_PER_PERIOD and answer.day and row.offering:
        said = gettext("The card has given the courses it gives in {year}.").format(year=row.offering.first_day.year)
        after = gettext("It gives courses again that begin on {day} or later.")
        return [said, after.format(day=day_said(answer.day))]
    fact = refusal_fact(refusal, day=answer.day, time=answer.time)
    return [said_under(str(WORDS.get(refusal, lambda: "")()), fact), next_step(refusal)]


# --- finding a course while it is typed ---------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters()
@require_POST
@open_to(Role.VENUE)
def find_courses(request: ActingRequest) -> JsonResponse:
    """The courses that what has been typed may mean, for the list under the field."""
    found = found_courses(request.actor, request.POST.get("course", "")[:LONGEST_NAME])
    return JsonResponse({"courses": [_suggested(one) for one in found[:MOST_FOUND]], "more": len(found) > MOST_FOUND})


def _suggested(one: Offering) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "number": one.external_id,
        "name": one.name,
        "days": f"{day_said(one.first_day)} – {day_said(one.last_day)}",
    }
