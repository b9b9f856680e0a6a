"""The holder's card: whether it is valid and why not, whom it lets in, and blocking it from the slip at home."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from kaikukortti.actions.holder import block_own_card
from kaikukortti.models import Erasure
from kaikukortti.rules.cards import CardLife, renewable_from
from kaikukortti.rules.holder import may_block
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import CardFactKind
from kaikukortti.terms.states import CardState
from kaikukortti.web.own import HolderRequest, holder_page, own_context


@holder_page
def own(request: HolderRequest) -> HttpResponse:
    now = timezone.now()
    today = helsinki_day(now)
    context = {
        **own_context(request),
        "card": request.card,
        "state": request.state.value,
        "last_day": last_day(request.life, request.state, today),
        "renewable": renewable(request.life, request.state, today),
        "children": request.card.holder.minors,
        "may_block": may_block(request.life, now),
        "blocked": blocking(request),
        "erasure": Erasure.objects.filter(line=request.card.line_id).first(),
    }
    return render(request, "kaikukortti/own/card.html", context)


def last_day(life: CardLife, state: CardState, today: date) -> date | None:
    """The day the page tells: the last valid one, or the one on which the card ran out."""
    return life.last_day_before(today) if state == CardState.EXPIRED else life.last_day


def renewable(life: CardLife, state: CardState, today: date) -> date | None:
    """From which day a valid card can be renewed, told when that is soon or now."""
    begins = renewable_from(life)
    return begins if state == CardState.ACTIVE and begins is not None and begins <= today else None


def blocking(request: HolderRequest) -> dict[str, Any] | None:
    """When the card was blocked and whether its holder did it."""
    facts = [fact for fact in request.card.facts.all() if fact.kind == CardFactKind.BLOCKED]
    first = min(facts, key=lambda fact: fact.at, default=None)
    return {"at": first.at, "by_holder": first.by_holder} if first else None


@holder_page
def own_block(request: HolderRequest) -> HttpResponse:
    """One page that says what happens, one press that does it."""
    now = timezone.now()
    if not may_block(request.life, now):
        return redirect("own")
    if request.method == "POST":
        if block_own_card(request.card, now=now):
            messages.success(
                request, gettext("The card is blocked. It opens no door any more, not even if it is found.")
            )
        return redirect("own")
    return render(request, "kaikukortti/own/block.html", {**own_context(request), "card": request.card})
