"""The proof reports of retention, for the national service: what each run did, and that every published sum stayed."""

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
        "lines": [(run, *state_of(run)) for run in page],
        "years": years_kept(),
        "differs": RetentionRun.objects.filter(_differs()).exists(),
    }
    return render(request, "kaikukortti/retention/runs.html", answer)


def _differs() -> Q:
    """Runs after which a sum was not what it was before."""
    return Q(finished_at__isnull=False) & ~Q(sums_before=F("sums_after"))


def state_of(run: RetentionRun) -> tuple[str, str]:
    """The state of a run as an icon and in words."""
    if run.finished_at is None:
        return "half", gettext("not finished; the next run goes on")
    if run.sums_before == run.sums_after:
        return "valid", pgettext("retention", "proved: every sum is the same")
    return "stop", gettext("a sum differs: ask whoever runs the register")
