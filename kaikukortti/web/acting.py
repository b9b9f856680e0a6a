"""Who is signed in and for which workplace they act: `request.actor`, and the decorator that opens a page to roles."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from kaikukortti.actions.actor import Actor
from kaikukortti.models import Membership
from kaikukortti.terms.roles import Role

SESSION_KEY = "membership"


class ActingRequest(HttpRequest):
    """A request of someone who acts for a workplace."""

    actor: Actor
    htmx: HtmxDetails


def actor_of(request: HttpRequest) -> Actor | None:
    """The signed-in person at the workplace they chose; None when nobody is signed in or the membership has ended."""
    number = request.session.get(SESSION_KEY)
    if number is None or not request.user.is_authenticated:
        return None
    membership = (
        Membership.objects.current()
        .with_network_version()
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


def open_to(*roles: Role) -> Callable[[View], View]:
    """Open a page to people of these roles. Nobody signed in: to the sign-in page and back; another role: 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = actor_of(request)
            if actor is None:
                return redirect_to_login(request.get_full_path())
            if actor.role not in roles:
                raise PermissionDenied
            request.actor = actor
            return view(request, *args, **kwargs)

        guarded.roles = roles  # type: ignore[attr-defined]  # the matrix of roles and routes is generated from this
        return guarded

    return decorate
