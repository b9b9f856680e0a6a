"""The day's records of a venue or an agent: what was recorded, how it stands, and putting it right (rules 28, 30).

A venue also sees and reverses what agents recorded for it. No part of a code is ever here: a record is named by its
reference, which tells nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.corrections import reverse_use, settle_use
from kaikukortti.models import Record, RecordChange
from kaikukortti.models.ledger import RecordQuerySet
from kaikukortti.rules.corrections import can_settle, refuse_reversal
from kaikukortti.templatetags.look import local_date, local_moment
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import ChangeKind, ReversalReason, Status
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.policies import PENDING_DAYS
from kaikukortti.terms.refusals import COUNT_WHEN_SETTLED, Refusal
from kaikukortti.terms.roles import RECORDERS, Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.counts import spoken_counts
from kaikukortti.web.day_field import DayField
from kaikukortti.web.till_screen import spoken_money

ROWS = 50
ROWS_TO_SETTLE = 25
# What a venue says when it puts a record right; a cancelled event is cancelled on its own page.
REASONS = [choice for choice in ReversalReason.choices if choice[0] != ReversalReason.EVENT_CANCELLED]


class DayForm(forms.Form):
    on = DayField(label=_("Day"))


class ReverseForm(forms.Form):
    """The reason; within a day it may be left out."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the reason."), "invalid_choice": _("Choose the reason from the list.")},
    )

    def __init__(self, data: Any = None, *, needed: bool) -> None:
        super().__init__(data)
        self.fields["reason"].required = needed
        self.fields["reason"].widget.attrs = {}
        if not needed:
            self.fields["reason"].help_text = gettext("Within 24 hours no reason is needed.")


# What is said of a record afterwards, where the till's own sentence speaks to the one at the door.
AFTERWARDS = {
    Refusal.ALREADY_RECORDED: _("Likely a double: the ticket had been given already."),
    Refusal.CARD_CODE_TYPO: _("The code could not be read."),
    Refusal.CARD_UNKNOWN: _("The code is not in the register."),
}


# --- rows in words ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A record as the page shows it. `pair` is the record that a likely duplicate doubles; `disputed` says that the
    holder's word waits for the venue's."""

    record: Record
    counts: str
    state: str
    ended: bool
    waits: bool
    pair: Record | None = None
    disputed: bool = False

    @property
    def pair_counts(self) -> str:
        return spoken_counts(self.pair) if self.pair else ""


def seen_by(actor: Actor) -> RecordQuerySet:
    """What is recorded at a venue, whoever recorded it; an agent sees what it recorded (who sees what)."""
    rows = Record.objects.all()
    return rows.at_venue(actor.workplace) if actor.role == Role.VENUE else rows.recorded_by(actor.workplace)


def with_story(rows: RecordQuerySet) -> RecordQuerySet:
    changes = Prefetch("changes", RecordChange.objects.order_by("pk"))
    return rows.select_related("offering", "recorder", "by").prefetch_related(changes)


def waiting(rows: RecordQuerySet) -> RecordQuerySet:
    """Likely duplicates and unreadable codes that nobody has settled yet (rule 28), and uses whose holder has said
    since the last settlement that they are not theirs."""
    settled = RecordChange.objects.filter(kind=ChangeKind.SETTLED)
    said = settled.filter(record=OuterRef("pk"))
    disputed = RecordChange.objects.filter(record=OuterRef("pk"), kind=ChangeKind.DISPUTED)
    answered = settled.filter(record=OuterRef("record"), pk__gt=OuterRef("pk"))
    unsettled = Q(refusal__in=COUNT_WHEN_SETTLED) & ~Exists(said)
    return rows.standing().filter(unsettled | Q(Exists(disputed.filter(~Exists(answered)))))


def in_words(record: Record) -> tuple[str, bool, bool]:
    """How a record stands: the sentence, whether it has ended, whether it waits for the venue's word."""
    changes = {change.kind: change for change in record.changes.all()}
    if reversed_ := changes.get(ChangeKind.REVERSED):
        said = gettext("Reversed {moment}").format(moment=local_moment(reversed_.at))
        return (f"{said}: {reversed_.get_reason_display()}" if reversed_.reason else said), True, False
    if ChangeKind.VOIDED in changes:
        return gettext("Void: the card was not registered in time."), True, False
    if waits_for_word(record):
        return gettext("The holder says that this use is not theirs. Reverse it, or say that it stands."), False, True
    if record.status == Status.PENDING:
        if ChangeKind.REGISTERED in changes:
            return gettext("Recorded. The card has been registered."), False, False
        until = helsinki_day(record.entered_at + timedelta(days=PENDING_DAYS))
        return gettext("Waits for the card's registration until {day}.").format(day=local_date(until)), False, False
    if not record.refusal:
        return gettext("Recorded"), False, False
    refusal = Refusal(record.refusal)
    said = str(AFTERWARDS.get(refusal) or refusal_fact(refusal))
    if not can_settle(record.refusal):
        return said, False, False
    settled = changes.get(ChangeKind.SETTLED)
    if settled is None:
        return f"{said} {_unsettled()}", False, True
    return f"{said} {_counts(bool(settled.counts))}", False, False


def waits_for_word(record: Record) -> bool:
    """Whether the holder disputes the use and the venue has said nothing since."""
    kinds = [change.kind for change in record.changes.all()]
    return ChangeKind.DISPUTED in kinds and ChangeKind.SETTLED not in kinds[kinds.index(ChangeKind.DISPUTED) :]


def _unsettled() -> str:
    return gettext("It counts when you say so.")


def _counts(yes: bool) -> str:
    return gettext("Settled: it counts.") if yes else gettext("Settled: it does not count.")


def rows_of(records: Sequence[Record], *, seen: RecordQuerySet) -> list[Row]:
    """`seen` is what the reader may see: the other record of a pair is told only from there."""
    pairs = pairs_of(records, seen=seen)
    return [
        Row(one, spoken_counts(one), *in_words(one), pair=pairs.get(one.pk), disputed=waits_for_word(one))
        for one in records
    ]


def pairs_of(records: Iterable[Record], *, seen: RecordQuerySet) -> dict[int, Record]:
    """For each likely duplicate the standing record that holds the own ticket, in one query; an agent is not told of
    one that the venue or another agent has made (who sees what)."""
    doubles = [one for one in records if one.refusal == Refusal.ALREADY_RECORDED and one.line_id]
    if not doubles:
        return {}
    days = [one.day for one in doubles]
    holding = seen.filter(
        line__in={one.line_id for one in doubles},
        venue__in={one.venue_id for one in doubles},
        own_day__isnull=False,
        day__range=(min(days) - timedelta(days=366), max(days)),
    ).select_related("recorder")
    pairs = {}
    for double in doubles:
        for one in holding:
            same = (one.line_id, one.venue_id, one.offering_id) == (double.line_id, double.venue_id, double.offering_id)
            if same and one.pk != double.pk and one.day <= double.day <= (one.until or double.day):
                pairs[double.pk] = one
    return pairs


# --- pages --------------------------------------------------------------------------------------------------------


@never_cache
@open_to(*RECORDERS)
def day(request: ActingRequest) -> HttpResponse:
    """The records of one day, newest first."""
    today = helsinki_day(timezone.now())
    form = DayForm(request.GET if "on" in request.GET else {"on": today.isoformat()})
    on: date = form.cleaned_data["on"] if form.is_valid() else today
    rows = with_story(seen_by(request.actor).on(on)).order_by("-entered_at", "-pk")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    facts = {
        "form": form,
        "on": on,
        "today": today,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "page_obj": page,
        "rows": rows_of(list(page.object_list), seen=seen_by(request.actor)),
        "query": f"on={on.isoformat()}",
        "waiting": waiting(seen_by(request.actor)).count(),
    }
    return render(request, "kaikukortti/day/day.html", facts)


@never_cache
@open_to(*RECORDERS)
def to_settle(request: ActingRequest) -> HttpResponse:
    """Every record that waits for the venue's word, oldest first."""
    rows = with_story(waiting(seen_by(request.actor))).order_by("day", "pk")
    page = Paginator(rows, ROWS_TO_SETTLE).get_page(request.GET.get("page"))
    facts = {"page_obj": page, "rows": rows_of(list(page.object_list), seen=seen_by(request.actor))}
    return render(request, "kaikukortti/day/to_settle.html", facts)


def _record(request: ActingRequest, reference: UUID) -> Record:
    return get_object_or_404(with_story(seen_by(request.actor)), reference=reference)


@never_cache
@open_to(*RECORDERS)
def day_record(request: ActingRequest, reference: UUID) -> HttpResponse:
    """One record: its facts, its reference to read out, and what can be put right."""
    return _show(request, _record(request, reference))


def _show(request: ActingRequest, record: Record, form: ReverseForm | None = None) -> HttpResponse:
    (row,) = rows_of([record], seen=seen_by(request.actor))
    refuse = partial(
        refuse_reversal,
        entered_at=record.entered_at,
        now=timezone.now(),
        coordinating=False,
        year_closed=record.day.year in request.actor.network.closed_years,
    )
    needed, refusal = refuse("") == Refusal.REASON_NEEDED, refuse(ReversalReason.OTHER)
    facts = {
        "row": row,
        "record": record,
        "money": spoken_money(_money(record)),
        "form": form or ReverseForm(needed=needed),
        "settles": can_settle(record.refusal) and not row.ended and not row.disputed,
        "disputed": row.disputed and not row.ended,
        "reverses": not row.ended and refusal is None,
        "why_not": "" if row.ended or refusal is None else refusal_fact(refusal),
        "next_step": "" if row.ended or refusal is None else next_step(refusal),
    }
    return render(request, "kaikukortti/day/record.html", facts, status=422 if form else 200)


def _money(record: Record) -> tuple[int, int] | None:
    if record.covered_cents is None or record.remainder_cents is None:
        return None
    return record.covered_cents, record.remainder_cents


@require_POST
@open_to(*RECORDERS)
def reverse_record(request: ActingRequest, reference: UUID) -> HttpResponse:
    """Reverse a record, freely within a day, then with a reason (rule 30)."""
    now, record = timezone.now(), _record(request, reference)
    form = ReverseForm(request.POST, needed=False)
    if form.is_valid():
        reversal = reverse_use(record, by=request.actor, now=now, reason=form.cleaned_data["reason"])
        if reversal.refusal is None:
            messages.success(request, gettext("Reversed: {counts}.").format(counts=spoken_counts(record)))
            return redirect(_of_day(record))
        form = ReverseForm(request.POST, needed=True)
        form.is_valid()
        if not form.errors:
            form.add_error(None, refusal_fact(reversal.refusal))
    return _show(request, record, form)


@require_POST
@open_to(*RECORDERS)
def settle_record(request: ActingRequest, reference: UUID) -> HttpResponse:
    """Say whether a likely duplicate or an unreadable code counts (rule 28)."""
    record, answer = _record(request, reference), request.POST.get("counts")
    if answer not in ("yes", "no"):
        return redirect("day-record", reference=reference)
    disputed = waits_for_word(record)
    settled = settle_use(record, counts=answer == "yes", by=request.actor, now=timezone.now())
    if settled:
        messages.success(request, gettext("You have said that it stands.") if disputed else _counts(answer == "yes"))
    return redirect("to-settle" if request.POST.get("back") == "to-settle" else _of_day(record))


def _of_day(record: Record) -> str:
    return f"{reverse('day')}?on={record.day.isoformat()}"
