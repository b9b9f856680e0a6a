"""The privacy notice, drawn from the field catalogue, and the accessibility statement (P18, A15)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from kaikukortti.models import Workplace
from kaikukortti.models.snapshot import network
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.fields import PERSONAL, Purpose, Whose
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.roles import Role
from kaikukortti.terms.seeing import WHO_SEES

# When a person last went through the words of each against the register as it is.
NOTICE_READ_ON = date(2026, 11, 25)
STATEMENT_READ_ON = date(2026, 11, 24)


@dataclass(frozen=True, slots=True)
class Told:
    """One purpose as the notice tells it, its lifetime with the policies in force."""

    purpose: Purpose
    lifetime: str


def _lifetimes(now: datetime) -> dict[str, str]:
    """What `{trio_days}` and `{link_years}` stand for in the whole country today."""
    known, day = network(), helsinki_day(now)
    days = known.policy(Policy.TRIO_DAYS, day)
    years = known.policy(Policy.LINK_YEARS, day)
    return {
        "trio_days": ngettext("{n} day", "{n} days", days).format(n=days),
        "link_years": ngettext("{n} year", "{n} years", years).format(n=years),
    }


def _told(whose: Whose, lifetimes: dict[str, str]) -> list[Told]:
    return [Told(one, str(one.lifetime).format(**lifetimes)) for one in PERSONAL if one.whose == whose]


def controller_on(now: datetime) -> Workplace | None:
    """The national service runs the register; its page tells how it is reached."""
    return Workplace.objects.filter(role=Role.NATIONAL).active_on(helsinki_day(now)).order_by("pk").first()


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    lifetimes = _lifetimes(now)
    answer = {
        "controller": controller_on(now),
        "of_holders": _told(Whose.HOLDER, lifetimes),
        "of_workers": _told(Whose.WORKER, lifetimes),
        "who_sees": WHO_SEES,
        "read_on": NOTICE_READ_ON,
    }
    return render(request, "kaikukortti/privacy/notice.html", answer)


@require_safe
def easy(request: HttpRequest) -> HttpResponse:
    """The notice for holders in easy language: the same, in short sentences, without what few ask."""
    now = timezone.now()
    answer = {"controller": controller_on(now), "read_on": NOTICE_READ_ON, **_lifetimes(now)}
    return render(request, "kaikukortti/privacy/easy.html", answer)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    answer = {"controller": controller_on(timezone.now()), "read_on": STATEMENT_READ_ON}
    return render(request, "kaikukortti/privacy/accessibility.html", answer)
