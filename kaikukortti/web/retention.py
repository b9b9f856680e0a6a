"""The proof reports of retention, for the national service: what each run did, and that every published sum stayed."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, pgettext

from kaikukortti.figures.holder_counts import years_kept
from kaikukortti.models import RetentionRun
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to

A_PAGE = 30


@open_to(Role.NATIONAL)
def runs(request: ActingRequest) -> HttpResponse:
    """The runs that found something to do, the newest first; of the others only the newest matters."""
    newest = RetentionRun.objects.order_by("-pk").values("pk")[:1]
    did = Q(trios__gt=0) | Q(links__gt=0) | Q(cards__gt=0) | Q(erased__gt=0) | Q(finished_at__isnull=True)
    found = RetentionRun.objects.filter(did | _differs() | Q(pk__in=newest)).order_by("-pk")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    answer = {
        "page_obj": page,
        "lines": [line_of(run) for run in page],
        "years": years_kept(),
        "differs": RetentionRun.objects.filter(_differs()).exists(),
    }
    return render(request, "kaikukortti/retention/runs.html", answer)


def _differs() -> Q:
    """Runs after which a sum was not what it was before."""
    return Q(finished_at__isnull=False) & ~Q(sums_before=F("sums_after"))


@dataclass(frozen=True)
class Line:
    """A run as it is shown: what it did, without zeros, and whether that is proved."""

    run: RetentionRun
    icon: str
    state: str
    did: list[tuple[str, int]]
    differs: bool


def line_of(run: RetentionRun) -> Line:
    numbers = [
        (gettext("Birth years and postal codes made coarse"), run.trios),
        (gettext("Uses cut from their cards"), run.links),
        (gettext("Cards erased"), run.cards),
        (gettext("Erased at the holder’s wish"), run.erased),
    ]
    done = [(what, number) for what, number in numbers if number]
    if run.finished_at is None:
        return Line(run, "half", gettext("not finished; the next run goes on"), done, differs=False)
    if run.sums_before == run.sums_after:
        return Line(run, "valid", pgettext("retention", "proved: every sum is the same"), done, differs=False)
    return Line(run, "stop", gettext("a sum differs: ask whoever runs the register"), done, differs=True)
