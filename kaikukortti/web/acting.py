"""Who is signed in and for which workplace they act: `request.actor`, and the decorator that opens a page to roles."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django_htmx.middleware import HtmxDetails

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.models import Membership
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.roles import Role
from kaikukortti.web import second_factor
from kaikukortti.web.idle import TILL_UNTIL, idle_ended, mark_used
from kaikukortti.web.providers import SESSION_PROVIDER, may_lead_to, provider_of
from kaikukortti.web.ways import go, where

SESSION_KEY = "membership"


class ActingRequest(HttpRequest):
    """A request of someone who acts for a workplace."""

    actor: Actor
    htmx: HtmxDetails


def actor_of(request: HttpRequest) -> Actor | None:
    """The signed-in person at the workplace they chose; None when nobody is signed in, or the membership or the
    workplace has ended."""
    number = request.session.get(SESSION_KEY)
    if number is None or not request.user.is_authenticated:
        return None
    membership = (
        Membership.objects.at_work_on(helsinki_day(timezone.now()))
        .with_network_version()
        .with_elsewhere()
        .select_related("workplace", "user")
        .filter(pk=number, user=request.user.pk)
        .first()
    )
    if membership is None:
        return None
    return Actor(
        workplace=membership.workplace,
        user=membership.user,
        membership=membership,
        network_version=membership.network_version,
    )


View = Callable[..., HttpResponse]


def _to_sign_in(request: Any) -> HttpResponse | None:
    """Nobody signed in, or left alone for too long: to the sign-in page and back."""
    if request.user.is_authenticated and not idle_ended(request, timezone.now()):
        return None
    idle = "1" if request.user.is_authenticated else ""
    wanted = where(request)
    logout(request)
    return go(request, "sign-in", next=wanted, idle=idle)


def _kept_as_till(request: Any) -> HttpResponse | None:
    """A browser kept as a till opens nothing else: whoever stands by it may not be who signed in (S14)."""
    if TILL_UNTIL not in request.session:
        return None
    until = datetime.fromtimestamp(request.session[TILL_UNTIL], UTC)
    return (
        go(request, "till")
        if request.htmx
        else render(request, "kaikukortti/till/kept.html", {"until": until}, status=403)
    )


def _only_through(request: Any, actor: Actor) -> HttpResponse:
    """The workplace's people come through their organisation's own sign-in, and the person came by another way."""
    through = provider_of(actor.workplace.provider)
    answer = {"through": through, "place": actor.workplace, "next": where(request), "signed_in": True}
    # Nothing of the workplace may show: the menu and the till's name come with an actor.
    del request.actor
    page = render(request, "kaikukortti/sign_in/only_through.html", answer, status=403)
    return may_lead_to(page, through)


def open_to(*roles: Role, at_kept_till: bool = False, card_rows: bool = False) -> Callable[[View], View]:
    """Open a page to people of these roles. Nobody signed in: to the sign-in page and back; another role: 403.

    Only pages `at_kept_till` open in a browser that is kept as a till. A page that shows `card_rows` asks for a second
    factor.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            elsewhere = _to_sign_in(request)
            if elsewhere is not None:
                return elsewhere
            kept = None if at_kept_till else _kept_as_till(request)
            if kept is not None:
                return kept
            actor = actor_of(request)
            if actor is None:
                request.session["wanted"] = where(request)
                return go(request, "choose-workplace")
            request.actor = actor
            if actor.role not in roles:
                raise PermissionDenied
            if (wanted := actor.workplace.provider) and request.session.get(SESSION_PROVIDER) != wanted:
                return _only_through(request, actor)
            mark_used(request, timezone.now())
            asked = second_factor.ask(request) if card_rows else None
            if asked is not None:
                return asked
            try:
                return view(request, *args, **kwargs)
            except NotAllowed as not_allowed:
                raise PermissionDenied from not_allowed

        guarded.roles = roles  # type: ignore[attr-defined]  # the matrix of roles and routes is generated from this
        guarded.card_rows = card_rows  # type: ignore[attr-defined]
        # What is shown to the signed in stays in no browser: "back" after signing out shows nothing.
        return never_cache(guarded)

    return decorate


def signed_in(view: View) -> View:
    """Open a page to anybody who has signed in, also before a workplace is chosen."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        elsewhere = _to_sign_in(request)
        elsewhere = elsewhere or _kept_as_till(request)
        if elsewhere is not None:
            return elsewhere
        mark_used(request, timezone.now())
        return view(request, *args, **kwargs)

    guarded.roles = tuple(Role)  # type: ignore[attr-defined]
    return never_cache(guarded)
