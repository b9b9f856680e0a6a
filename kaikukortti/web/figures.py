"""The figures that may be shown: the yearly national table to everyone, a workplace's own counts to itself, and the
yearly close for the national service. Nothing else before its protection stands (figures are disclosed for ever)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.closes import close_year
from kaikukortti.figures.own_counts import IssuerCounts, RecorderCounts, own_counts, own_years
from kaikukortti.figures.yearly import (
    COLUMNS,
    YearRow,
    as_csv,
    as_objects,
    last_full_month,
    live_table,
    newest_closes,
    published_table,
    revision_notes,
    stored_row,
    waiting_records,
)
from kaikukortti.templatetags.look import local_date, local_moment
from kaikukortti.terms.closes import CloseRefusal
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import OfferingKind, Sector
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, View, actor_of, open_to
from kaikukortti.web.figure_files import csv_answer, csv_text, excel_answer
from kaikukortti.web.figure_sentences import say_issuer, say_recorder, say_years
from kaikukortti.web.idle import idle_ended, mark_used

HEADINGS: dict[str, str | Promise] = {
    "year": _("Year"),
    "cards_registered": _("Cards registered"),
    "cards_taken_into_use": _("Cards taken into use"),
    "adult_culture": _("Adults: culture"),
    "adult_education": _("Adults: courses"),
    "adult_science": _("Adults: science"),
    "adult_sport": _("Adults: sport"),
    "child_culture": _("Children: culture"),
    "child_education": _("Children: courses"),
    "child_science": _("Children: science"),
    "child_sport": _("Children: sport"),
    "uses_total": _("Uses in all"),
    "municipalities": _("Municipalities"),
    "assistants": pgettext_lazy("figures", "Assistants"),
    "workers": pgettext_lazy("figures", "Workers"),
}
SECTORS = tuple(Sector.values)
MOST_OFFERINGS = 40


# --- the yearly national table ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """The table as one visitor sees it: rows oldest first, as of an instant."""

    rows: Sequence[YearRow]
    as_of: datetime
    live: bool
    national: bool

    @property
    def as_of_words(self) -> str:
        return local_moment(self.as_of) if self.live else local_date(self.as_of)


def visitor(request: Any, now: datetime) -> Actor | None:
    """Who looks at an open page, if signed in and not left alone for too long; the page shows their menu."""
    if not request.user.is_authenticated or idle_ended(request, now):
        return None
    actor = actor_of(request)
    if actor is not None:
        request.actor = actor
        mark_used(request, now)
    return actor


def unkept_for_visitors(view: View) -> View:
    """What an open page shows to the signed in, their menu or the live table, stays in no browser or proxy."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if hasattr(request, "actor"):
            add_never_cache_headers(answer)
        return answer

    return guarded


def table_for(request: HttpRequest) -> Shown:
    """The published table; for the national service the live one, unless it asks for what is published."""
    now = timezone.now()
    actor = visitor(request, now)
    national = actor is not None and actor.role == Role.NATIONAL
    if national and "published" not in request.GET:
        return Shown(live_table(now), now, live=True, national=True)
    return Shown(published_table(now), last_full_month(now), live=False, national=national)


@unkept_for_visitors
def yearly(request: HttpRequest) -> HttpResponse:
    """The national table as a sentence, a chart, tables, and how to cite it."""
    shown = table_for(request)
    answer = {"shown": shown, "rows": shown.rows[::-1], "sectors": SECTORS}
    if shown.rows:
        answer |= {
            "years": year_span(shown.rows),
            "sentence": say_years(shown.rows),
            "bars": [(str(row.year), [(sector, row.uses_of(sector)) for sector in SECTORS]) for row in shown.rows],
            "lines": [(row, state_of(row), [row.uses_of(sector) for sector in SECTORS]) for row in shown.rows[::-1]],
            "running": next((row for row in shown.rows if not row.over), None),
            "cited": cited(shown.rows),
            "notes": revision_notes(),
            "query": "?published" if shown.national and not shown.live else "",
        }
    return render(request, "kaikukortti/figures/yearly.html", answer)


def year_span(rows: Sequence[YearRow]) -> str:
    """`2015–2023`, or one year alone."""
    first, last = rows[0].year, rows[-1].year
    return str(first) if first == last else f"{first}–{last}"


def state_of(row: YearRow) -> str:
    """In words whether a year is closed: what is open may still grow."""
    if row.stored:
        return gettext("closed {day}, revision {n}").format(day=local_date(row.as_of), n=row.revision)
    if row.revision:
        return gettext("as it stands now; closed as revision {n}").format(n=row.revision)
    if not row.over:
        return gettext("still going on, up to {day}").format(day=local_date(row.last_day))
    return gettext("not closed yet")


def cited(rows: Sequence[YearRow]) -> list[str]:
    """What to name when citing: `2015–2022: revision 1`, a line for each run of years in the same state."""

    def state(row: YearRow) -> str:
        return gettext("revision {n}").format(n=row.revision) if row.stored else state_of(row)

    runs = [(words, year_span(list(run))) for words, run in groupby(rows, key=state)]
    return [gettext("{years}: {state}").format(years=span, state=words) for words, span in runs]


def file_name(shown: Shown) -> str:
    return f"kaikukortti-{helsinki_day(shown.as_of):%Y-%m-%d}"


@unkept_for_visitors
def yearly_csv(request: HttpRequest) -> HttpResponse:
    shown = table_for(request)
    return csv_answer(as_csv(shown.rows), file_name(shown))


@unkept_for_visitors
def yearly_json(request: HttpRequest) -> HttpResponse:
    return JsonResponse(as_objects(table_for(request).rows), safe=False)


@unkept_for_visitors
def yearly_excel(request: HttpRequest) -> HttpResponse:
    shown = table_for(request)
    columns = (*COLUMNS, "assistants", "workers")
    about = [
        gettext("Kaiku Card, yearly national table, as of {day}.").format(day=shown.as_of_words),
        *cited(shown.rows),
        *(f"{close.year}, {close.revision}: {close.note}" for close in revision_notes()),
    ]
    return excel_answer(
        [str(HEADINGS[column]) for column in columns],
        [[row[column] for column in columns] for row in shown.rows],
        about=about,
        name=file_name(shown),
        sheet=pgettext("figures", "Uses"),
        notes=pgettext("figures", "About"),
    )


# --- a workplace's own counts -------------------------------------------------------------------------------------

OWN = (Role.VENUE, Role.TICKET_AGENT, Role.ISSUER)


def asked_year(request: HttpRequest, years: Sequence[int]) -> int:
    """The year asked for, the newest by default. Raises Http404 for one there is nothing of."""
    asked = request.GET.get("year", str(max(years)))
    if asked not in map(str, years):
        raise Http404
    return int(asked)


def month_name(month: int) -> str:
    return str(MONTHS[month])


def kind_of(kind: str) -> str:
    return str(OfferingKind(kind).label)


@open_to(*OWN)
def own(request: ActingRequest) -> HttpResponse:
    """A year of the workplace: by month, and for venues and agents by offering."""
    today = helsinki_day(timezone.now())
    place = request.actor.workplace
    years = own_years(place, today=today)
    counts = own_counts(place, asked_year(request, years))
    names = [month_name(month) for month in range(1, last_month(counts, today) + 1)]
    answer = {"place": place, "years": years, "counts": counts}
    if isinstance(counts, IssuerCounts):
        answer |= {
            "sentence": say_issuer(counts, place.name),
            "lines": list(zip(names, counts.months, strict=False)),
            "bars": [
                (name, [("total", one.cards + one.community_cards)])
                for name, one in zip(names, counts.months, strict=False)
            ],
        }
        return render(request, "kaikukortti/figures/own_cards.html", answer)
    answer |= {
        "agent": place.role == Role.TICKET_AGENT,
        "sentence": say_recorder(counts, place.name),
        "lines": list(zip(names, counts.months, strict=False)),
        "bars": [(name, [("total", one.uses)]) for name, one in zip(names, counts.months, strict=False)],
        "offerings": [(one, kind_of(one.kind)) for one in counts.offerings[:MOST_OFFERINGS]],
        "more": len(counts.offerings[MOST_OFFERINGS:]),
    }
    return render(request, "kaikukortti/figures/own_uses.html", answer)


def last_month(counts: RecorderCounts | IssuerCounts, today: date) -> int:
    """The last month to show: of this year the current one, or a later one that already has tickets given ahead."""
    if counts.year != today.year:
        return 12
    known = [place for place, month in enumerate(counts.months, start=1) if month != type(month)()]
    return max(today.month, *known, 1)


@open_to(*OWN)
def own_csv(request: ActingRequest) -> HttpResponse:
    """The same as a file: by month, or with `by=offering` by offering."""
    place = request.actor.workplace
    counts = own_counts(place, asked_year(request, own_years(place, today=helsinki_day(timezone.now()))))
    name = f"kaikukortti-{counts.year}-{place.name}"
    if isinstance(counts, IssuerCounts):
        rows = [(month, one.cards, one.community_cards) for month, one in enumerate(counts.months, start=1)]
        return csv_answer(csv_text(("month", "cards", "community_cards"), rows), name)
    numbers = ("tickets", "children", "clients", "uses", "assistants", "workers", "flagged")
    if request.GET.get("by") == "offering":
        head = ("offering", "kind", "first_day", "venue", *numbers)
        of_offerings = [
            (
                one.name,
                one.kind,
                one.first_day.isoformat() if one.first_day else "",
                one.venue,
                *(getattr(one.counts, number) for number in numbers),
            )
            for one in counts.offerings
        ]
        return csv_answer(csv_text(head, of_offerings), f"{name}-offerings")
    of_months = [
        (month, *(getattr(one, number) for number in numbers)) for month, one in enumerate(counts.months, start=1)
    ]
    return csv_answer(csv_text(("month", *numbers), of_months), name)


# --- the yearly close ---------------------------------------------------------------------------------------------


class CloseForm(forms.Form):
    """The public note; `after` is the newest revision the person saw."""

    note = forms.CharField(
        label=_("What has changed"),
        max_length=500,
        help_text=_("Everyone sees the note beside the figures. Never about a holder."),
        error_messages={"required": CloseRefusal.NOTE_NEEDED.label},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    after = forms.IntegerField(min_value=0, max_value=10_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, revision: int, **options: Any) -> None:
        super().__init__(*args, **{"initial": {"after": revision}, **options})
        if not revision:
            self.fields["note"].required = False
            self.fields["note"].label = _("Note (may be left empty)")
            self.fields["note"].help_text = _("Everyone sees the note beside the figures.")


@open_to(Role.NATIONAL)
def closes(request: ActingRequest) -> HttpResponse:
    """The years that are over: which are closed, and how the ledger has moved since."""
    stored = newest_closes()
    rows = [row for row in live_table(timezone.now())[::-1] if row.over]
    lines = []
    for row in rows:
        before = stored.get(row.year)
        words = gettext("closed, revision {n}").format(n=row.revision) if before else gettext("not closed yet")
        lines.append((row, words, row.uses_total - stored_row(before).uses_total if before else None))
    return render(request, "kaikukortti/figures/closes.html", {"lines": lines})


@open_to(Role.NATIONAL)
def close(request: ActingRequest, year: int) -> HttpResponse:
    """The row to be stored beside the last revision; sending the form stores it."""
    now = timezone.now()
    row = next((row for row in live_table(now) if row.year == year and row.over), None)
    if row is None:
        raise Http404
    form = CloseForm(request.POST or None, revision=row.revision)
    if request.method == "POST" and form.is_valid():
        note, after = form.cleaned_data["note"], form.cleaned_data["after"]
        answer = close_year(year, by=request.actor, now=now, note=note, after=after)
        if not isinstance(answer, CloseRefusal):
            said = gettext("{year} is now closed as revision {n}.").format(year=year, n=answer.revision)
            messages.success(request, said)
            return redirect("closes")
        form.add_error("note" if answer == CloseRefusal.NOTE_NEEDED else None, str(answer.label))
    stored = newest_closes().get(year)
    shown = {
        "row": row,
        "form": form,
        "before": stored,
        "lines": compared(row, stored_row(stored) if stored else None),
        "waiting": waiting_records(year),
    }
    return render(request, "kaikukortti/figures/close.html", shown)


def compared(row: YearRow, before: YearRow | None) -> list[tuple[str, int, int | None, int | None]]:
    """Each column: its heading, the number now, the last revision's, and the change."""
    return [
        (str(words), row[column], before[column] if before else None, row[column] - before[column] if before else None)
        for column, words in HEADINGS.items()
        if column != "year"
    ]
