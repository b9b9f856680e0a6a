"""The holder's own pages: who has opened them in this browser, for how long, and closing them.

A holder has no account. Card and secret open a session of their own, which names the card and nothing else; it never
stands beside a worker's sign-in in the same browser.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from kaikukortti.actions.cards import life_of
from kaikukortti.actions.codes import session_mark
from kaikukortti.models import Card
from kaikukortti.rules.cards import CardLife, card_state
from kaikukortti.terms.states import CardState

IDLE = timedelta(minutes=10)
WARNING = timedelta(minutes=2)
# In the session: the card's number, what its secrets were then, seconds since 1970 of the last use, easy language.
CARD, MARK, SEEN, EASY = "own_card", "own_mark", "own_seen", "own_easy"
# A card in one of these states has a holder who may look after it here.
OPEN_STATES = (CardState.ACTIVE, CardState.EXPIRED, CardState.BLOCKED)

View = Callable[..., HttpResponse]


class HolderRequest(HttpRequest):
    """A request of someone who has opened a card with its secret."""

    card: Card
    life: CardLife
    state: CardState


def open_holder_session(request: HttpRequest, card: Card, now: datetime) -> None:
    """Open the card's own pages in this browser: a new session under a new number, with nothing of the one before; a
    worker who was signed in here is signed out."""
    easy = request.session.get(EASY, False)
    logout(request)
    rotate_token(request)
    request.session.cycle_key()
    request.session[CARD] = card.pk
    request.session[MARK] = session_mark(card)
    request.session[SEEN] = int(now.timestamp())
    request.session[EASY] = easy


def close_holder_session(request: HttpRequest) -> None:
    """Forget everything of this browser but the choice of easy language."""
    easy = request.session.get(EASY, False)
    request.session.flush()
    if easy:
        request.session[EASY] = easy


def opened_card(request: HttpRequest, now: datetime) -> Card | None:
    """The card whose pages are open in this browser. None when none is, when it was left alone for ten minutes, when
    its secret has changed since, or when somebody has signed in for work."""
    number = request.session.get(CARD)
    if number is None or request.user.is_authenticated:
        return None
    if now.timestamp() - request.session.get(SEEN, 0) > IDLE.total_seconds():
        return None
    cards = Card.objects.select_related("holder__municipality", "access", "line", "workplace")
    card = cards.prefetch_related("facts").filter(pk=number, community=False).first()
    return card if card and session_mark(card) == request.session.get(MARK) else None


def holder_page(view: View) -> View:
    """Open a page to whoever has opened a card with its secret: `request.card`, with its life and state. Everybody
    else goes to the page that asks for it."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        card = opened_card(request, now)
        life = life_of(card) if card else CardLife()
        state = card_state(life, now)
        if card is None or state not in OPEN_STATES:
            was_open = CARD in request.session and not request.user.is_authenticated
            if was_open:
                close_holder_session(request)
            return redirect(reverse("own-open") + ("?closed=1" if was_open else ""))
        choose_language_style(request)
        request.card, request.life, request.state = card, life, state
        mark_used(request, now)
        return view(request, *args, **kwargs)

    guarded.holder = True  # type: ignore[attr-defined]  # the matrix of roles and routes is generated from this
    # Nothing of a holder's stays in the browser: "back" after closing shows nothing.
    return never_cache(guarded)


def mark_used(request: HttpRequest, now: datetime) -> None:
    """Note the use, at most every half minute: a page view need not write."""
    if now.timestamp() - request.session.get(SEEN, 0) >= 30:
        request.session[SEEN] = int(now.timestamp())


def choose_language_style(request: HttpRequest) -> None:
    """`?easy=1` turns easy language on and `?easy=0` off, until the browser is closed."""
    wanted = request.GET.get("easy")
    if wanted in ("0", "1") and request.session.get(EASY, False) != (wanted == "1"):
        request.session[EASY] = wanted == "1"
