"""Paper lists: making a numbered sheet, printing it, and typing its rows in by keyboard, made for speed.

The grid works by plain forms; the script moves the focus and compares a code's check character while it is typed. What
cannot be recorded stays in its cells with a sentence beside it, unless it looks like a name: that is kept nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.sheets import Told, find_sheet, make_sheet, record_rows, recorded_rows, sheet_ids
from kaikukortti.models import Record, Sheet
from kaikukortti.paper.fallback_sheet import draw_sheet, shown_number
from kaikukortti.rules.paper import COUNTS, ROWS_OF_SHEET, PaperRow, RowProblem, read_row, row_name
from kaikukortti.rules.personal import any_personal
from kaikukortti.templatetags.look import LANGUAGE_NAMES
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import STORED, Source
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.counts import spoken_counts
from kaikukortti.web.day import in_words
from kaikukortti.web.paper_place import AHEAD, Evening, SheetForm, reads

CELLS = ("code", "clock", *COUNTS)
LONGEST_CELL = 64
SHEETS = 10
NOT_TAKEN = "not-taken"


# --- the lists and new sheets -------------------------------------------------------------------------------------


@open_to(*RECORDERS)
def paper(request: ActingRequest) -> HttpResponse:
    """Where paper comes in and goes out: a sheet by its number, a new sheet, the sheets made lately."""
    now, actor = timezone.now(), request.actor
    asked = request.GET.get("number", "").strip()[:LONGEST_CELL]
    if asked:
        sheet = find_sheet(asked, by=actor)
        if sheet is not None:
            return redirect("paper-sheet", sheet=sheet.number)
    form = SheetForm(request.POST or None, actor=actor, now=now, ahead=AHEAD)
    if request.method == "POST" and form.is_valid():
        evening: Evening = form.evening
        rows = form.cleaned_data["rows"]
        sheet = make_sheet(evening.offering, day=evening.day, rows=rows, by=actor, now=now)
        return redirect("paper-sheet", sheet=sheet.number)
    facts = {
        "form": form,
        "asked": asked,
        "sheets": _lately(actor),
        "today": helsinki_day(now),
    }
    return render(request, "kaikukortti/sheets/paper.html", facts, status=422 if form.errors else 200)


def _lately(actor: Actor) -> list[dict[str, Any]]:
    """The newest sheets with how many of their rows are in, in two queries."""
    sheets = Sheet.objects.filter(workplace=actor.workplace).select_related("offering", "workplace")
    newest = list(sheets.order_by("-made_at", "-pk")[:SHEETS])
    ids = {id: sheet.pk for sheet in newest for id in sheet_ids(sheet).values()}
    done = dict.fromkeys((sheet.pk for sheet in newest), 0)
    for id in Record.objects.filter(recorder=actor.workplace, client_id__in=ids).values_list("client_id", flat=True):
        done[ids[id]] += 1
    return [{"sheet": one, "shown": shown_number(one.number), "done": done[one.pk]} for one in newest]


def _sheet(request: ActingRequest, number: str) -> Sheet:
    sheet = find_sheet(number, by=request.actor)
    if sheet is None:
        raise Http404
    return sheet


@require_safe
@open_to(*RECORDERS)
def print_sheet(request: ActingRequest, sheet: str, say: str) -> HttpResponse:
    """The sheet as a PDF in one of the languages."""
    if say not in LANGUAGE_NAMES:
        raise Http404
    one = _sheet(request, sheet)
    answer = HttpResponse(draw_sheet(one, language=say), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="kaikukortti-{one.number}-{say}.pdf"'
    return answer


# --- the grid -----------------------------------------------------------------------------------------------------


@dataclass
class Line:
    """A row of the grid: what has been recorded, or its cells with what is to be mended."""

    number: int
    name: str
    cells: dict[str, str] = field(default_factory=dict)
    record: Record | None = None
    counts: str = ""
    state: str = ""
    waits: bool = False
    wrong: str = ""
    # Which cell the sentence is about.
    wrong_cell: str = ""
    # The code cannot be read and may be kept without one.
    unread: bool = False

    @property
    def inputs(self) -> list[tuple[str, str, str]]:
        """Each cell's name in the form, what it is, and what stands in it."""
        return [(f"{cell}-{self.number}", cell, self.cells.get(cell, "")) for cell in CELLS]


@sensitive_post_parameters()
@open_to(*RECORDERS)
def paper_sheet(request: ActingRequest, sheet: str) -> HttpResponse:
    """The rows of a sheet, twenty at a time: what is in, and empty cells for the rest."""
    one = _sheet(request, sheet)
    page = Paginator(range(1, one.rows + 1), ROWS_OF_SHEET).get_page(request.GET.get("page"))
    numbers = list(page.object_list)
    if request.method != "POST":
        return _show(request, one, page, _lines(one, numbers))
    return _save(request, one, page, numbers)


def _lines(sheet: Sheet, numbers: Sequence[int]) -> list[Line]:
    done = recorded_rows(sheet)
    lines = []
    for number in numbers:
        line = Line(number, row_name(sheet.number, number))
        if (record := done.get(number)) is not None:
            line.record, line.counts = record, spoken_counts(record)
            line.state, _ended, line.waits = in_words(record)
        lines.append(line)
    return lines


def _save(request: ActingRequest, sheet: Sheet, page: Any, numbers: Sequence[int]) -> HttpResponse:
    """Record what can be recorded; the rest stays in its cells."""
    now, readable = timezone.now(), reads(request.actor)
    typed = {number: _cells(request.POST, number) for number in numbers}
    refused: dict[int, str] = {}
    for number, cells in typed.items():
        if any_personal(cells.values(), readable=readable) is not None:
            typed[number], refused[number] = {}, NOT_TAKEN
    done = recorded_rows(sheet)
    rows = []
    for number in numbers:
        if number in done or number in refused:
            continue
        keep = request.POST.get(f"keep-{number}") == "yes"
        near = helsinki_day(now)
        row = read_row(number, typed[number], readable=readable, near=near, keep_unread=keep)
        rows += [row] if row is not None else []
    told = _record(sheet, rows, request=request, now=now)
    lines = _lines(sheet, numbers)
    for line in lines:
        if line.record is None:
            line.cells = typed[line.number]
            _say(line, told.get(line.number), refused.get(line.number))
    stored = sum(one.answer is not None and one.answer.status in STORED for one in told.values())
    if stored:
        words = ngettext("{n} row has been recorded.", "{n} rows have been recorded.", stored)
        messages.success(request, words.format(n=stored))
    if any(line.wrong for line in lines):
        return _show(request, sheet, page, lines, status=422)
    onwards = page.number + 1 if page.has_next() and all(line.record for line in lines) else page.number
    return redirect(f"{reverse('paper-sheet', args=[sheet.number])}?page={onwards}")


def _cells(posted: Mapping[str, Any], number: int) -> dict[str, str]:
    return {cell: str(posted.get(f"{cell}-{number}", ""))[:LONGEST_CELL].strip() for cell in CELLS}


def _record(sheet: Sheet, rows: Sequence[PaperRow], *, request: ActingRequest, now: datetime) -> dict[int, Told]:
    told = record_rows(
        rows,
        sheet_ids(sheet),
        offering=sheet.offering,
        day=sheet.day,
        source=Source.PAPER,
        by=request.actor,
        now=now,
    )
    return {one.row.number: one for one in told}


def _say(line: Line, told: Told | None, refused: str | None) -> None:
    """What a row that is not in is told, and at which cell."""
    if refused:
        line.wrong, line.wrong_cell = not_taken_in_row(), "code"
    elif told is not None and told.problem is not None:
        line.wrong, line.wrong_cell = str(told.problem.label), PROBLEM_CELL.get(told.problem, "code")
        line.unread = told.problem == RowProblem.CODE
    elif told is not None and told.answer is not None and told.answer.status not in STORED:
        line.wrong, line.wrong_cell = said_why(told), "code"


PROBLEM_CELL = {
    RowProblem.COUNT: "holder",
    RowProblem.CLOCK: "clock",
    RowProblem.LATER: "clock",
}


def not_taken_in_row() -> str:
    return gettext(
        "Here stood words that may be somebody's name. They were not kept. Write the code, or leave it empty."
    )


def said_why(told: Told) -> str:
    """Why a row was not stored, and what helps."""
    answer = told.answer
    if answer is None or answer.refusal is None:
        return gettext("This row was recorded before with other contents. Look at the day's records.")
    return f"{refusal_fact(answer.refusal, day=answer.day, time=answer.time)} {next_step(answer.refusal)}"


def _show(request: ActingRequest, sheet: Sheet, page: Any, lines: Sequence[Line], *, status: int = 200) -> HttpResponse:
    evening = Evening(sheet.offering, sheet.day, str(sheet.workplace))
    facts = {
        "sheet": sheet,
        "shown": shown_number(sheet.number),
        "evening": evening,
        "lines": lines,
        "to_mend": [line for line in lines if line.wrong],
        # Typing begins in the first empty row, unless there is something to mend.
        "first": next((line.number for line in lines if line.record is None), None) if status == 200 else None,
        "waits": any(line.waits for line in lines),
        "done": sum(line.record is not None for line in lines),
        "page_obj": page,
        "languages": LANGUAGE_NAMES.items(),
        "series": [(one.id, one.prefix, one.alphabet, one.length) for one in request.actor.network.series],
    }
    return render(request, "kaikukortti/sheets/sheet.html", facts, status=status)
