"""Who calls: the workplace's token in the Authorization header, known with one query."""

from collections.abc import Iterable
from time import monotonic
from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.codes import link_digest
from kaikukortti.actions.look_ups import gathered
from kaikukortti.api.problems import ENDED, OutsideScope, Stop
from kaikukortti.models import Token
from kaikukortti.models.callers import read_caller
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.sellers import Scope


class Guard(HttpBearer):
    """What stands before a call; `scope` is what a token must have been made for, if for anything in particular."""

    def __init__(self, *, scope: Scope) -> None:
        super().__init__()
        self.scope = scope


class Bearer(Guard):
    """Opens a call to workplaces of these roles with a token of this scope: no or bad token 401, another role or a
    token made for other things 403, before the body is read."""

    def __init__(self, *roles: Role, scope: Scope) -> None:
        super().__init__(scope=scope)
        self.roles = roles

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        actor = caller(token)
        if actor is not None and actor.role not in self.roles:
            raise NotAllowed(actor.role)
        return _within(actor, self.scope)


def _within(actor: Actor | None, scope: Scope) -> Actor | None:
    """The actor, whose token may be used for this. A token made without a choice may do all its role can."""
    scopes = actor.token.scopes if actor is not None and actor.token is not None else []
    if scopes and scope not in scopes:
        raise OutsideScope(scope)
    return actor


class OptionalBearer(Guard):
    """Open to everyone; a token that is sent must be a good one, and one for this."""

    def __call__(self, request: HttpRequest) -> Any:
        if "Authorization" not in request.headers:
            return True
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return _within(caller(token), self.scope)


# A caller is remembered this long, so that a burst of calls asks once. A revoked token is out, and a change of the
# network in force, within a second; a blocked card is not concerned, cards are read anew every time (S8).
KEPT_SECONDS = 1.0
MOST_KEPT = 1000
_kept: dict[str, tuple[float, Token]] = {}
MISSES = (Refusal.CARD_UNKNOWN, Refusal.CARD_CODE_TYPO)


def _remembered(digest: str) -> Token | None:
    """The caller with this token digest, read at most a second ago."""
    kept = _kept.get(digest)
    if kept is not None and monotonic() - kept[0] < KEPT_SECONDS:
        return kept[1]
    found = read_caller(digest)
    if found is not None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found.digest = digest
        _kept[digest] = (monotonic(), found)
    return found


def forget_if_missed(request: HttpRequest, refusals: Iterable[Refusal | None]) -> None:
    """Ask anew who calls after an unknown code: it may have started a pause, which must hold from the next call on."""
    if any(refusal in MISSES for refusal in refusals):
        token = acting(request).token
        if token is not None:
            _kept.pop(token.digest, None)


def caller(token: str) -> Actor | None:
    """The workplace a token speaks for; None when the token is unknown or revoked."""
    now = timezone.now()
    found = _remembered(link_digest(token))
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
