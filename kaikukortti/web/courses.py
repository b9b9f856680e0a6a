"""An office's courses: the list, the places given on each with their reference and invoice, and a file for its own
system (rules 21, 30). No part of a code is ever here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from kaikukortti.actions.courses import settle_invoice, withdraw_place
from kaikukortti.models import Offering, Record, RecordChange
from kaikukortti.models.ledger import RecordQuerySet
from kaikukortti.rules.corrections import refuse_reversal
from kaikukortti.rules.courses import LONGEST_NAME, read_reference, short_reference
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import ChangeKind, OfferingKind, ReversalReason
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.counts import spoken_counts
from kaikukortti.web.course_grid import found_courses
from kaikukortti.web.day import in_words, with_story
from kaikukortti.web.figure_files import csv_answer, csv_text

ROWS, FOUND = 50, 50
HEAD = ("course_number", "reference", "day", "places", "covered_cents", "remainder_cents", "invoice_settled")
TICKS = (ChangeKind.INVOICED, ChangeKind.UNINVOICED)


def own_courses(request: ActingRequest) -> QuerySet[Offering]:
    return Offering.objects.filter(venue=request.actor.workplace, kind=OfferingKind.COURSE)


def own_places(request: ActingRequest) -> RecordQuerySet:
    """Every record of the venue's courses, whoever recorded it."""
    return Record.objects.at_venue(request.actor.workplace).filter(offering_kind=OfferingKind.COURSE)


# --- the list of courses ------------------------------------------------------------------------------------------


@open_to(Role.VENUE)
def courses(request: ActingRequest) -> HttpResponse:
    """Coming and running courses; looked for by number, name or a place's reference."""
    asked = request.POST.get("course", "").strip()[:LONGEST_NAME] if request.method == "POST" else ""
    today, past = helsinki_day(timezone.now()), request.GET.get("when") == "past"
    facts: dict[str, Any] = {"asked": asked, "past": past, "years": _years(request), "any": True}
    if asked:
        place = _by_reference(request, asked)
        if place is not None:
            return redirect("course-place", reference=place.reference)
        found = found_courses(request.actor, asked)
        return render(request, "kaikukortti/courses/courses.html", facts | {"courses": with_given(found[:FOUND])})
    rows = own_courses(request)
    rows = rows.filter(last_day__lt=today).order_by("-last_day", "-pk") if past else rows.filter(last_day__gte=today)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    facts |= {"page_obj": page, "courses": with_given(page), "query": "when=past" if past else ""}
    return render(request, "kaikukortti/courses/courses.html", facts)


def _years(request: ActingRequest) -> list[int]:
    """The years whose courses have had places, newest first."""
    days = own_places(request).order_by().dates("offering__first_day", "year", order="DESC")
    return [day.year for day in days]


def _by_reference(request: ActingRequest, text: str) -> Record | None:
    """The one place whose reference begins so."""
    span = read_reference(text)
    rows = list(own_places(request).filter(reference__range=span)[:2]) if span else []
    return rows[0] if len(rows) == 1 else None


@dataclass(frozen=True)
class Given:
    """A course and how many places of it stand."""

    course: Offering
    places: int


def with_given(found: Iterable[Offering]) -> list[Given]:
    courses = list(found)
    rows = Record.objects.counting().filter(offering__in=[one.pk for one in courses]).order_by().values("offering")
    sums = rows.annotate(n=Sum(F("holder") + F("clients") + F("workers")))
    given = {row["offering"]: row["n"] for row in sums}
    return [Given(one, given.get(one.pk, 0)) for one in courses]


# --- one course's places ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlaceRow:
    """A place as the list shows it: how it stands, and the newest word on its invoice."""

    record: Record
    reference: str
    counts: str
    state: str
    ended: bool
    tick: RecordChange | None

    @property
    def settled(self) -> bool:
        return self.tick is not None and self.tick.kind == ChangeKind.INVOICED

    @property
    def open_again(self) -> bool:
        return self.tick is not None and not self.settled


def place_rows(records: RecordQuerySet) -> list[PlaceRow]:
    """Rows with their story, in four statements whatever their number."""
    rows = []
    for record in with_story(records).prefetch_related("changes__by"):
        state, ended, _waits = in_words(record)
        ticks = [change for change in record.changes.all() if change.kind in TICKS]
        tick = ticks[-1] if ticks and not ended else None
        rows.append(PlaceRow(record, short_reference(record.reference), spoken_counts(record), state, ended, tick))
    return rows


@open_to(Role.VENUE)
def course(request: ActingRequest, number: UUID) -> HttpResponse:
    """The places given on a course, to look at, tick and print."""
    one = get_object_or_404(own_courses(request), pk=number)
    rows = place_rows(own_places(request).filter(offering=one).order_by("entered_at", "pk"))
    standing = [row for row in rows if not row.ended]
    facts = {
        "course": one,
        "rows": standing,
        "withdrawn": [row for row in rows if row.ended],
        "covered": sum(row.record.covered_cents or 0 for row in standing),
        "remainder": sum(row.record.remainder_cents or 0 for row in standing),
        "money": any(row.record.remainder_cents is not None for row in standing),
        "open": sum(not row.settled for row in standing),
        "today": helsinki_day(timezone.now()),
    }
    return render(request, "kaikukortti/courses/course.html", facts)


def _place(request: ActingRequest, reference: UUID) -> Record:
    return get_object_or_404(own_places(request).select_related("offering"), reference=reference)


@require_POST
@open_to(Role.VENUE)
def settle(request: ActingRequest, reference: UUID) -> HttpResponse:
    """Tick that a place's invoice is settled, or take the tick away."""
    record, wanted = _place(request, reference), request.POST.get("settled")
    if wanted not in ("yes", "no"):
        return _to_course(record)
    settle_invoice(record, settled=wanted == "yes", by=request.actor, now=timezone.now())
    if not request.htmx:
        return _to_course(record)
    (row,) = place_rows(own_places(request).filter(pk=record.pk))
    return render(request, "kaikukortti/courses/tick.html", {"row": row})


def _to_course(record: Record) -> HttpResponse:
    if record.offering_id is None:
        raise Http404
    return redirect("course-places", number=record.offering_id)


@open_to(Role.VENUE)
def place(request: ActingRequest, reference: UUID) -> HttpResponse:
    """One place: its facts, its invoice, and giving it back with what limits that in words (rule 30)."""
    now, record = timezone.now(), _place(request, reference)
    refusal = _refuse_withdrawal(request, record, now)
    if request.method == "POST":
        reversal = withdraw_place(record, by=request.actor, now=now)
        refusal = reversal.refusal
        if refusal is None:
            said = gettext("Withdrawn: {reference}. The place is free again.")
            if request.POST.get("back") == "grid":
                return _undone(request, record)
            messages.success(request, said.format(reference=short_reference(record.reference)))
            return _to_course(record)
    (row,) = place_rows(own_places(request).filter(pk=record.pk))
    facts = {
        "row": row,
        "record": record,
        "why_not": "" if refusal is None else _why_not(refusal),
        "next_step": "" if refusal is None else next_step(refusal),
    }
    return render(request, "kaikukortti/courses/place.html", facts, status=422 if request.method == "POST" else 200)


def _refuse_withdrawal(request: ActingRequest, record: Record, now: datetime) -> Refusal | None:
    return refuse_reversal(
        ReversalReason.OTHER,
        entered_at=record.entered_at,
        now=now,
        coordinating=False,
        year_closed=record.day.year in request.actor.network.closed_years,
    )


def _why_not(refusal: Refusal) -> str:
    if refusal == Refusal.TOO_LATE_TO_RECORD:
        return gettext(
            "The place was given over 30 days ago. The area's coordinator withdraws it: read out the reference."
        )
    return refusal_fact(refusal)


def _undone(request: ActingRequest, record: Record) -> HttpResponse:
    """Withdrawn from the grid, right after it was given."""
    if request.htmx:
        return render(request, "kaikukortti/courses/undone.html", {"reference": short_reference(record.reference)})
    return redirect("give-places")


# --- a file for the office's own system ---------------------------------------------------------------------------


@open_to(Role.VENUE)
def course_file(request: ActingRequest, number: UUID) -> HttpResponse:
    """The places of one course as CSV."""
    one = get_object_or_404(own_courses(request), pk=number)
    return _file(own_places(request).filter(offering=one), name=f"kaikukortti-{one.external_id or one.pk}")


@open_to(Role.VENUE)
def year_file(request: ActingRequest, year: int) -> HttpResponse:
    """The places of every course that begins in a year, as CSV."""
    rows = own_places(request).filter(offering__first_day__year=year)
    return _file(rows, name=f"kaikukortti-{year}")


def _file(records: RecordQuerySet, *, name: str) -> HttpResponse:
    """Places that stand, in the order they were given. The columns are told on the page and in the guide."""
    ticks = RecordChange.objects.filter(record=OuterRef("pk"), kind__in=TICKS).order_by("-pk").values("kind")
    rows = records.standing().select_related("offering").annotate(tick=Subquery(ticks[:1])).order_by("offering", "pk")
    lines = [
        (
            row.offering.external_id if row.offering else "",
            short_reference(row.reference),
            row.day.isoformat(),
            row.holder + row.clients + row.workers,
            "" if row.covered_cents is None else row.covered_cents,
            "" if row.remainder_cents is None else row.remainder_cents,
            "yes" if row.tick == ChangeKind.INVOICED else "no",  # type: ignore[attr-defined]  # annotated above
        )
        for row in rows
    ]
    return csv_answer(csv_text(HEAD, lines), name)
