"""A list of somebody's own comes in: pasted from a spreadsheet, or a CSV or Excel file, with a look at it first.

Only codes, K-numbers, numbers and times are read. A list that has a column of names or the like is refused as a whole:
nothing of it is kept, recorded, logged or shown again. What is carried from the look to the recording is what was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from kaikukortti.actions.sheets import Told, list_ids, record_rows
from kaikukortti.rules.paper import COUNTS, MOST_PASTED, Columns, PaperRow, find_columns, kept_text, packed, read_rows
from kaikukortti.rules.personal import Found, personal_columns
from kaikukortti.rules.tables import NotATable, column_name, read_text
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import STORED, Source, Status
from kaikukortti.terms.messages import refusal_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.counts import join_counts, spoken_counts
from kaikukortti.web.day import AFTERWARDS
from kaikukortti.web.figure_files import csv_answer, csv_text
from kaikukortti.web.paper_place import Evening, EveningForm, reads
from kaikukortti.web.paper_rows import said_why
from kaikukortti.web.table_files import read_list

SHOWN = 12  # rows of the look, and of those recorded in the report
MOST_TO_MEND = 100


class ListForm(EveningForm):
    """The evening and the list; a file counts before what is pasted."""

    text = forms.CharField(
        label=_("Rows pasted from a spreadsheet"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("Or a file (.xlsx or .csv)"),
        required=False,
        widget=forms.FileInput(
            attrs={"accept": ".xlsx,.csv,.txt,text/csv,text/plain"},
        ),
    )


@dataclass(frozen=True)
class Look:
    """What was read of a list, before anything is recorded."""

    rows: Sequence[PaperRow]
    columns: Columns

    @property
    def to_mend(self) -> list[PaperRow]:
        return [row for row in self.rows if row.problem is not None]

    @property
    def good(self) -> list[PaperRow]:
        return [row for row in self.rows if row.problem is None]

    @property
    def unread(self) -> list[PaperRow]:
        """Rows with something in the code's cell that is no code."""
        return [row for row in self.good if row.unread and row.code]

    @property
    def left_out(self) -> str:
        return join_counts([column_name(column) for column in self.columns.left_out])

    @property
    def found(self) -> list[tuple[str, str]]:
        """What was found in which column."""
        places = sorted((column, name) for name, column in self.columns.found.items() if name in NAMES)
        return [(column_name(column), str(NAMES[name])) for column, name in places]


NAMES = {
    "code": _("codes and K-numbers"),
    "day": _("days"),
    "clock": _("times"),
    "holder": _("adults"),
    "children": _("children"),
    "assistants": _("assistants"),
    "clients": _("clients"),
    "workers": _("workers"),
}


class NotTaken(Exception):
    """A list that is not taken in; the sentence says why and how to go on, and nothing of what stands in it."""


@sensitive_post_parameters()
@open_to(*RECORDERS)
def paper_list(request: ActingRequest) -> HttpResponse:
    """Look at a list, record it, and tell of each row; the report as a file."""
    now, actor = timezone.now(), request.actor
    if request.method != "POST":
        return _show(request, ListForm(actor=actor, now=now))
    # Whatever becomes of the form, the list itself is given back only as far as it was read.
    posted, columns, why_not = request.POST.copy(), None, ""
    posted["text"] = ""
    try:
        columns = _columns(request)
        posted["text"] = kept_text(columns, language=str(get_language())[:2])
    except NotTaken as not_taken:
        why_not = str(not_taken)
    form = ListForm(posted, actor=actor, now=now)
    if not form.is_valid() or columns is None:
        if why_not:
            form.add_error("text", why_not)
        return _show(request, form)
    look = Look(read_rows(columns, readable=reads(actor), near=helsinki_day(now)), columns)
    act = request.POST.get("act", "")
    if act not in ("record", "file") or not look.good:
        return _look(request, form, look)
    told = _record(request, look.good, form.evening)
    return _file(told, form.evening) if act == "file" else _report(request, told, form, packed(look.good))


def _columns(request: ActingRequest) -> Columns:
    """The list of the form, or as our own page carries it, once nothing in it tells of people. Raises NotTaken."""
    readable = reads(request.actor)
    try:
        carried = request.POST.get("packed")
        rows = read_text(carried) if carried else read_list(request, most_rows=MOST_PASTED)
    except NotATable as not_a_table:
        raise NotTaken(not_a_table.problem.label) from None
    columns = find_columns(rows, readable=readable)
    personal = personal_columns(columns.body, head=columns.head, readable=readable)
    if personal:
        raise NotTaken(said_personal(personal))
    if not set(columns.found) & {"code", *COUNTS}:
        raise NotTaken(gettext("No codes and no numbers of people were found. Head the columns as shown below."))
    return columns


def said_personal(found: Sequence[Found]) -> str:
    """Which columns are not taken in, and how to go on; nothing of what stands in them."""
    parts = [
        gettext("column {letter} ({what})").format(letter=column_name(one.column), what=one.what.label)
        for one in found[:6]
    ]
    return gettext(
        "This list tells of people: {columns}. It was not taken in, and nothing of it was kept. Copy only the columns "
        "of codes and numbers, and paste them here."
    ).format(columns=join_counts(parts))


def _show(request: ActingRequest, form: ListForm) -> HttpResponse:
    return render(request, "kaikukortti/sheets/list.html", {"form": form}, status=422 if form.errors else 200)


def _look(request: ActingRequest, form: ListForm, look: Look) -> HttpResponse:
    """The look at a list; what was read of it stands in its field, so that it can be mended there."""
    facts = {
        "form": form,
        "look": look,
        "evening": form.evening,
        "first": [(row, spoken_row(row)) for row in look.good[:SHOWN]],
        "more": max(0, len(look.good) - SHOWN),
        "to_mend": look.to_mend[:MOST_TO_MEND],
        "packed": packed(look.good),
        "with_codes": sum(not row.unread for row in look.good),
        "without": sum(row.unread for row in look.good),
        "unread": ", ".join(str(row.number) for row in look.unread[:MOST_TO_MEND]),
    }
    return render(request, "kaikukortti/sheets/look.html", facts)


def spoken_row(row: PaperRow) -> str:
    """How many a row stands for."""
    counted = _Counted(row)
    return spoken_counts(counted)


class _Counted:
    """A row's counts as a record would have them."""

    kind = "ticket"

    def __init__(self, row: PaperRow) -> None:
        self.holder = row.holder if row.holder is not None else int(not (row.clients or row.workers))
        self.children, self.assistants = row.children, row.assistants
        self.clients, self.workers = row.clients, row.workers


def _record(request: ActingRequest, rows: Sequence[PaperRow], evening: Evening) -> list[Told]:
    ids = list_ids(rows, offering=evening.offering, day=evening.day)
    return record_rows(
        rows,
        ids,
        offering=evening.offering,
        day=evening.day,
        source=Source.IMPORT,
        by=request.actor,
        now=timezone.now(),
    )


# --- the report ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reported:
    """A row of the report: how it stands, why, and how to mend it."""

    number: int
    counts: str
    word: str
    why: str
    good: bool


def reported(told: Told) -> Reported:
    counts, answer = spoken_row(told.row), told.answer
    if told.problem is not None:
        return Reported(told.row.number, counts, _not_recorded(), str(told.problem.label), False)
    if answer is None or answer.status not in STORED:
        return Reported(told.row.number, counts, _not_recorded(), said_why(told), False)
    word = pgettext("row of a list", "Recorded before") if told.before else pgettext("row of a list", "Recorded")
    if answer.status == Status.PENDING:
        why = gettext("It counts once the card is registered, within seven days.")
        return Reported(told.row.number, counts, word, why, False)
    if answer.status == Status.FLAGGED and answer.refusal is not None:
        return Reported(told.row.number, counts, _flagged(), said_flag(answer.refusal), False)
    return Reported(told.row.number, counts, word, "", True)


def _not_recorded() -> str:
    return pgettext("row of a list", "Not recorded")


def _flagged() -> str:
    return pgettext("row of a list", "Recorded with a note")


def said_flag(refusal: Refusal) -> str:
    """What a flagged row's note says afterwards; whether it counts is said where it is asked."""
    said = str(AFTERWARDS.get(refusal) or refusal_fact(refusal))
    return f"{said} {gettext('It counts when you say so.')}" if refusal in AFTERWARDS else said


def _report(request: ActingRequest, told: Sequence[Told], form: ListForm, carried: str) -> HttpResponse:
    evening = form.evening
    rows = [reported(one) for one in told]
    stored = [one for one in told if one.answer is not None and one.answer.status in STORED]
    new = sum(not one.before for one in stored)
    heading = ngettext("{n} row has been recorded", "{n} rows have been recorded", new) if new else nothing_new(stored)
    facts = {
        "evening": evening,
        "heading": heading.format(n=new),
        "before": sum(one.before for one in stored),
        "to_look_at": [row for row in rows if not row.good][:MOST_TO_MEND],
        "fine": sum(row.good for row in rows),
        "waits": any(one.answer and one.answer.refusal in AFTERWARDS for one in stored),
        "packed": carried,
        "offering": form["offering"].value(),
        "day": evening.day.isoformat(),
    }
    return render(request, "kaikukortti/sheets/report.html", facts)


def nothing_new(stored: Sequence[Told]) -> str:
    if stored:
        return gettext("These rows are in the register already")
    return gettext("No row could be recorded yet")


def _file(told: Sequence[Told], evening: Evening) -> HttpResponse:
    """Row by row; no code stands in it, the row's number tells which one it is."""
    head = [gettext("Row"), gettext("How many"), gettext("Answer"), gettext("Why, and what helps")]
    rows = [(one.number, one.counts, one.word, one.why) for one in map(reported, told)]
    return csv_answer(csv_text(head, rows), f"kaikukortti {evening.day.isoformat()} {evening.name}")
