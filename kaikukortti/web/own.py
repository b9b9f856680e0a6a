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
from kaikukortti.rules.holder import OPEN_STATES
from kaikukortti.terms.states import CardState

IDLE = timedelta(minutes=10)
WARNING = timedelta(minutes=2)
# In the session: the card's number, what its secrets were then, seconds since 1970 of the last use, easy language.
CARD, MARK, SEEN, EASY = "own_card", "own_mark", "own_seen", "own_easy"

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
    its secret has changed since, when it has been replaced, or when somebody has signed in for work."""
    number = request.session.get(CARD)
    if number is None or request.user.is_authenticated:
        return None
    if now.timestamp() - request.session.get(SEEN, 0) > IDLE.total_seconds():
        return None
    cards = Card.objects.select_related("holder__municipality", "access", "line", "workplace")
    card = cards.prefetch_related("facts").filter(pk=number, community=False).first()
    if card is None or session_mark(card) != request.session.get(MARK):
        return None
    return card if card_state(life_of(card), now) in OPEN_STATES else None


def holder_page(view: View) -> View:
    """Open a page to whoever has opened a card with a secret of their own: `request.card`, with its life and state.
    With the printed secret alone one chooses one's own first; everybody else goes to the page that asks for it."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        card = opened_card(request, now)
        if card is None:
            return to_opening(request)
        choose_easy(request)
        mark_used(request, now)
        if not has_own_secret(card):
            return redirect("own-secret")
        request.card, request.life = card, life_of(card)
        request.state = card_state(request.life, now)
        return view(request, *args, **kwargs)

    guarded.holder = True  # type: ignore[attr-defined]  # the matrix of roles and routes tells these pages apart
    # Nothing of a holder's stays in the browser: "back" after closing shows nothing.
    return never_cache(guarded)


def has_own_secret(card: Card) -> bool:
    access = getattr(card, "access", None)
    return bool(access and access.digest)


def to_opening(request: HttpRequest) -> HttpResponse:
    """To the page that asks for card and secret; it says so when these pages were open a while ago."""
    was_open = CARD in request.session
    if was_open and request.user.is_authenticated:  # a worker has signed in here since
        del request.session[CARD]
    elif was_open:
        close_holder_session(request)
    return redirect(reverse("own-open") + ("?closed=1" if was_open else ""))


def mark_used(request: HttpRequest, now: datetime) -> None:
    """Note the use, at most every half minute: a page view need not write."""
    if now.timestamp() - request.session.get(SEEN, 0) >= 30:
        request.session[SEEN] = int(now.timestamp())


def choose_easy(request: HttpRequest) -> None:
    """`?easy=1` turns easy language on and `?easy=0` off, until the browser is closed."""
    wanted = request.GET.get("easy")
    if wanted in ("0", "1") and request.session.get(EASY, False) != (wanted == "1"):
        request.session[EASY] = wanted == "1"


def own_context(request: HttpRequest) -> dict[str, Any]:
    """What every page of a holder's knows: easy language or not, the address of the other, and how long it waits."""
    easy = bool(request.session.get(EASY, False))
    query = request.GET.copy()
    query["easy"] = "0" if easy else "1"
    return {
        "easy": easy,
        "other_style": f"?{query.urlencode()}",
        "own_seconds": int(IDLE.total_seconds()),
        "own_warning": int(WARNING.total_seconds()),
    }
