"""Who calls: the workplace's token in the Authorization header, known with one query."""

from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.codes import link_digest
from kaikukortti.actions.look_ups import gathered
from kaikukortti.api.problems import ENDED, Stop
from kaikukortti.models.callers import read_caller
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.roles import Role


class Bearer(HttpBearer):
    """Opens a call to workplaces of these roles: no or bad token 401, another role 403, before the body is read."""

    def __init__(self, *roles: Role) -> None:
        super().__init__()
        self.roles = roles

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        actor = caller(token)
        if actor is not None and actor.role not in self.roles:
            raise NotAllowed(actor.role)
        return actor


class OptionalBearer(HttpBearer):
    """Open to everyone; a token that is sent must be a good one."""

    def __call__(self, request: HttpRequest) -> Any:
        if "Authorization" not in request.headers:
            return True
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return caller(token)


def caller(token: str) -> Actor | None:
    """The workplace a token speaks for; None when the token is unknown or revoked."""
    now = timezone.now()
    found = read_caller(link_digest(token))
    if found is None:
        return None
    if found.workplace.until is not None and found.workplace.until < helsinki_day(now):
        raise Stop(ENDED)
    gathered.token_used(found.pk, now)
    return Actor(workplace=found.workplace, token=found, network_version=found.network_version)


def acting(request: HttpRequest) -> Actor:
    """The workplace that calls; only behind `Bearer`."""
    return cast(Actor, request.auth)  # type: ignore[attr-defined]


def national(request: HttpRequest) -> bool:
    actor = getattr(request, "auth", None)
    return isinstance(actor, Actor) and actor.role == Role.NATIONAL
