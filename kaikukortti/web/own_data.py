"""What the register holds of a holder, and what they may change of it themselves: reminders, voluntary answers, and
being erased with everything."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from kaikukortti.actions.holder import allow_reminding, ask_erasure, erase_voluntary, keep_after_all, voluntary_answers
from kaikukortti.models import Card, Erasure
from kaikukortti.rules.cards import BAND_YEARS
from kaikukortti.rules.holder import erasure_due
from kaikukortti.templatetags.look import local_date
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import Gender, HomeLanguage, LifeSituation
from kaikukortti.terms.policies import ERASURE_DAYS
from kaikukortti.web.own import HolderRequest, holder_page, own_context


@holder_page
def data(request: HolderRequest) -> HttpResponse:
    holder = request.card.holder
    context = {
        **own_context(request),
        "card": request.card,
        "holder": holder,
        "band": (holder.birth_band, holder.birth_band + BAND_YEARS - 1),
        "answers": answers(request.card),
        "erasure": wish(request),
    }
    return render(request, "kaikukortti/own/data.html", context)


def answers(card: Card) -> dict[str, Any] | None:
    """The voluntary answers as their holder reads them; None when there are none, or nothing leads to them any more."""
    fact = voluntary_answers(card)
    if fact is None:
        return None
    situations = [str(LifeSituation(value).label) for value in fact.life_situations or []]
    return {
        "gender": str(Gender(fact.gender).label) if fact.gender else "",
        "situations": ", ".join(situations),
        "language": str(HomeLanguage(fact.home_language).label) if fact.home_language else "",
    }


def wish(request: HolderRequest) -> Erasure | None:
    return Erasure.objects.filter(line=request.card.line_id).first()


@require_POST
@holder_page
def remind(request: HolderRequest) -> HttpResponse:
    """May the workplace remind of the card? On or off, in one press."""
    yes = request.POST.get("may") == "yes"
    allow_reminding(request.card, yes, now=timezone.now())
    said = (
        gettext("Your workplace may now remind you of the card.")
        if yes
        else gettext("Nobody reminds you of the card any more.")
    )
    messages.success(request, said)
    return redirect("own-data")


@holder_page
def erase_answers(request: HolderRequest) -> HttpResponse:
    """Erase the voluntary answers: the card is just as good without them."""
    said = answers(request.card)
    if said is None:
        return redirect("own-data")
    if request.method == "POST":
        erase_voluntary(request.card, now=timezone.now())
        messages.success(request, gettext("Your voluntary answers are erased."))
        return redirect("own-data")
    context = {**own_context(request), "answers": said}
    return render(request, "kaikukortti/own/erase_answers.html", context)


@holder_page
def erase(request: HolderRequest) -> HttpResponse:
    """Ask to be erased with everything: it waits a week and can be taken back."""
    now = timezone.now()
    asked = wish(request)
    if request.method == "POST" and asked is None:
        asked = ask_erasure(request.card, now=now)
        if asked is not None:
            said = gettext("Everything is erased on {day}. Until then you can take it back here.")
            messages.success(request, said.format(day=local_date(asked.due_on)))
        return redirect("own")
    context = {
        **own_context(request),
        "erasure": asked,
        "due_on": erasure_due(helsinki_day(now)),
        "days": ERASURE_DAYS,
    }
    return render(request, "kaikukortti/own/erase.html", context)


@require_POST
@holder_page
def keep(request: HolderRequest) -> HttpResponse:
    """Take the wish to be erased back."""
    if keep_after_all(request.card, now=timezone.now()):
        messages.success(request, gettext("Nothing is erased. The card goes on as before."))
    return redirect("own")
