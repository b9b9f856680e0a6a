"""Bringing in the office's own list of courses: a file or pasted rows, a preview, then every good row in one act.

Between the preview and the act the list travels in the page as text; it is read and judged anew.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext_lazy

from kaikukortti.actions.courses import Changed, Plan, bring_courses, plan_courses
from kaikukortti.rules.courses import MOST_COURSES, CourseList, ListProblem, read_courses
from kaikukortti.rules.tables import NotATable, Row
from kaikukortti.templatetags.look import local_date, local_number
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.table_files import read_list

SHOWN = 30  # so many rows of a kind are listed; more are counted
LABELS = {
    "name_fi": pgettext_lazy("column of courses", "name in Finnish"),
    "name_sv": pgettext_lazy("column of courses", "name in Swedish"),
    "name_en": pgettext_lazy("column of courses", "name in English"),
    "first_day": pgettext_lazy("column of courses", "first day"),
    "last_day": pgettext_lazy("column of courses", "last day"),
    "price_cents": pgettext_lazy("column of courses", "price"),
    "cap": pgettext_lazy("column of courses", "places"),
    "place": pgettext_lazy("column of courses", "place"),
}


@dataclass(frozen=True)
class ChangedRow:
    """A course that the list says otherwise, in words."""

    number: str
    name: str
    changes: list[str]


def _say_value(name: str, value: Any) -> str:
    if value is None or value == "":
        return gettext("not said")
    if isinstance(value, date):
        return local_date(value)
    return f"{local_number(value / 100, 2)}\N{NO-BREAK SPACE}€" if name == "price_cents" else str(value)


def _in_words(one: Changed) -> ChangedRow:
    said = [
        gettext("{what}: {before} → {after}").format(
            what=LABELS[name], before=_say_value(name, before), after=_say_value(name, after)
        )
        for name, (before, after) in one.changes.items()
    ]
    return ChangedRow(one.row.number, one.course.name, said)


@open_to(Role.VENUE)
def bring(request: ActingRequest) -> HttpResponse:
    """Choose a file or paste; look; bring in."""
    if request.method != "POST":
        return _ask(request)
    try:
        table = read_list(request, most_rows=MOST_COURSES)
    except NotATable as not_a_table:
        return _ask(request, str(not_a_table.problem.label))
    courses = read_courses(table)
    if isinstance(courses, ListProblem):
        return _ask(request, str(courses.label))
    if not courses.rows and not courses.wrong:
        return _ask(request, gettext("There are heads and no courses under them."))
    if "bring" not in request.POST:
        return _preview(request, courses)
    plan = bring_courses(courses, by=request.actor, now=timezone.now(), publish=request.POST.get("publish") == "yes")
    messages.success(request, _done(plan))
    return redirect("courses")


def _ask(request: ActingRequest, problem: str = "") -> HttpResponse:
    facts = {"problem": problem, "text": request.POST.get("text", "") if problem else ""}
    return render(request, "kaikukortti/courses/bring.html", facts, status=422 if problem else 200)


def _preview(request: ActingRequest, courses: CourseList) -> HttpResponse:
    plan = plan_courses(courses, by=request.actor, now=timezone.now())
    facts = {
        "plan": plan,
        "good": len(plan.new) + len(plan.changed),
        "changed": [_in_words(one) for one in plan.changed[:SHOWN]],
        "new": plan.new[:SHOWN],
        "wrong": plan.wrong[:SHOWN],
        "missing": plan.missing[:SHOWN],
        "more": {kind: max(0, len(getattr(plan, kind)) - SHOWN) for kind in ("changed", "new", "wrong", "missing")},
        "left_out": ", ".join(courses.left_out),
        "text": _as_text(courses.kept),
    }
    return render(request, "kaikukortti/courses/preview.html", facts)


def _as_text(table: list[Row]) -> str:
    """The list as it travels in the page: every row on its own line, so that it keeps its number; columns that nobody
    asks for do not travel along."""
    text, at = io.StringIO(), 1
    lines = csv.writer(text, delimiter="\t", lineterminator="\n")
    for row in table:
        text.write("\n" * (row.number - at))
        lines.writerow(row.cells)
        at = row.number + 1
    return text.getvalue()


def _done(plan: Plan) -> str:
    parts = [
        ngettext("{n} new course", "{n} new courses", len(plan.new)).format(n=len(plan.new)),
        ngettext("{n} changed", "{n} changed", len(plan.changed)).format(n=len(plan.changed)),
        ngettext("{n} as before", "{n} as before", len(plan.same)).format(n=len(plan.same)),
    ]
    if plan.wrong:
        said = ngettext("{n} row was left out", "{n} rows were left out", len(plan.wrong))
        parts.append(said.format(n=len(plan.wrong)))
    return gettext("Brought in: {parts}.").format(parts=", ".join(parts))
