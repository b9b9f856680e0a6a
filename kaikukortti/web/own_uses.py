"""What the holder's card was used for, who looked it up, and saying that a use is not theirs."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.actions.holder import dispute_use, hidden_before, own_look_ups, own_uses
from kaikukortti.models import Record, RecordChange
from kaikukortti.models.ledger import RecordQuerySet
from kaikukortti.terms.kinds import ChangeKind, ReversalReason, Status
from kaikukortti.terms.refusals import COUNT_WHEN_SETTLED
from kaikukortti.terms.roles import Role
from kaikukortti.web.counts import spoken_counts
from kaikukortti.web.own import HolderRequest, holder_page, own_context

ROWS = 25
# Who looked, as a holder says it.
LOOKED = {
    Role.VENUE: _("a venue"),
    Role.TICKET_AGENT: _("a ticket seller"),
    Role.ISSUER: _("a workplace that gives cards"),
    Role.COORDINATOR: _("an area's coordinator"),
    Role.NATIONAL: _("the national service"),
}


@dataclass(frozen=True)
class Use:
    """A record as its holder reads it."""

    record: Record
    counts: str
    said: str
    ended: bool
    may_dispute: bool


def with_story(uses: RecordQuerySet) -> RecordQuerySet:
    changes = Prefetch("changes", RecordChange.objects.order_by("pk"))
    return uses.select_related("venue", "offering").prefetch_related(changes)


def use_of(record: Record) -> Use:
    kinds = [change.kind for change in record.changes.all()]
    ended = ChangeKind.REVERSED in kinds or ChangeKind.VOIDED in kinds
    disputed = ChangeKind.DISPUTED in kinds
    settled = disputed and ChangeKind.SETTLED in kinds[kinds.index(ChangeKind.DISPUTED) :]
    said = ""
    if any(change.reason == ReversalReason.EVENT_CANCELLED for change in record.changes.all()):
        said = gettext("The event was cancelled. It does not count.")
    elif ended:
        said = gettext("Taken back. It does not count.")
    elif settled:
        said = gettext("You said that this is not yours. The place has looked into it and says that it stands.")
    elif disputed:
        said = gettext("You have said that this is not yours. The place looks into it.")
    elif record.status == Status.PENDING and ChangeKind.REGISTERED not in kinds:
        said = gettext("It counts once the card's registration has come.")
    elif record.refusal in COUNT_WHEN_SETTLED and ChangeKind.SETTLED not in kinds:
        said = gettext("The place has yet to say whether it counts.")
    return Use(record, spoken_counts(record), said, ended, may_dispute=not ended and not disputed)


@holder_page
def uses(request: HolderRequest) -> HttpResponse:
    """The holder's uses, newest first."""
    rows = with_story(own_uses(request.card)).order_by("-day", "-entered_at", "-pk")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {
        **own_context(request),
        "page_obj": page,
        "uses": [use_of(record) for record in page.object_list],
        "hidden_before": hidden_before(request.card),
    }
    return render(request, "kaikukortti/own/uses.html", context)


@holder_page
def dispute(request: HolderRequest, reference: UUID) -> HttpResponse:
    """Say that a use is not theirs, once."""
    record = get_object_or_404(with_story(own_uses(request.card)), reference=reference)
    use = use_of(record)
    if not use.may_dispute:
        return redirect("own-uses")
    if request.method == "POST":
        if dispute_use(record, card=request.card, now=timezone.now()):
            messages.success(
                request, gettext("It is said. The place sees it and settles it, and learns nothing of you.")
            )
        return redirect("own-uses")
    return render(request, "kaikukortti/own/dispute.html", {**own_context(request), "use": use})


@holder_page
def looks(request: HolderRequest) -> HttpResponse:
    """Who looked the card up: kind of workplace, day, how many times."""
    page = Paginator(own_look_ups(request.card), ROWS).get_page(request.GET.get("page"))
    context = {
        **own_context(request),
        "page_obj": page,
        "looks": [(row.day, LOOKED.get(Role(row.role), row.role), row.number) for row in page.object_list],
        "hidden_before": hidden_before(request.card),
    }
    return render(request, "kaikukortti/own/looks.html", context)
