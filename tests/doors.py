"""Going through the doors in tests: every route, people signed in to the cast's workplaces, machines with their tokens,
and everything the database holds, read back row by row."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.translation import override

from kaikukortti.actions.codes import link_digest
from kaikukortti.models import Membership, Token
from kaikukortti.models.checks import all_tables, table_of
from kaikukortti.terms.roles import Role
from kaikukortti.web.second_factor import CONFIRMED
from tests.cast import Cast

# Who acts for each role, by the cast's name of the workplace.
WORKPLACES = {
    Role.NATIONAL: "national",
    Role.COORDINATOR: "kainuu",
    Role.ISSUER: "office",
    Role.VENUE: "routa",
    Role.TICKET_AGENT: "luukku",
    Role.ANALYST: "analyst",
}


def routes() -> dict[str, URLPattern]:
    """Every page and call by its name; a route without a name, or a second of the same, is a mistake."""
    found: dict[str, URLPattern] = {}
    for name, pattern in _walk(get_resolver().url_patterns):
        assert name, f"a route without a name: {pattern}"
        assert name not in found, f"two routes are called {name}"
        found[name] = pattern
    return found


def _walk(patterns: Any, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name}" if pattern.name else "", pattern


def takes(pattern: URLPattern) -> set[str]:
    """The names of what stands in the route's address."""
    return set(pattern.pattern.converters)


def address(name: str, *, language: str = "fi", **objects: Any) -> str:
    with override(language):
        return reverse(name, kwargs=objects)


def person(cast: Cast, workplace: str, **client: Any) -> Client:
    """A browser of the cast's person at that workplace, signed in with a second factor and acting for it."""
    members = Membership.objects.select_related("user").filter(workplace=cast.workplaces[workplace])
    membership = members.get(is_contact=True)
    browser = Client(**client)
    browser.force_login(membership.user)
    session = browser.session
    session["membership"] = membership.pk
    session[CONFIRMED] = cast.now.timestamp()
    session.save()
    return browser


def machine(cast: Cast, workplace: str, *, scopes: Sequence[str] = ()) -> str:
    """A token of that workplace; without scopes for all that it may do."""
    secret = f"machine-of-{workplace}-{Token.objects.count()}"
    Token.objects.create(
        workplace=cast.workplaces[workplace],
        label="machine",
        digest=link_digest(secret),
        made_at=cast.now,
        scopes=list(scopes),
    )
    return secret


def call(token: str | None, method: str, path: str, body: Any = None, **client: Any) -> Any:
    """A call as a machine makes it."""
    browser = Client(**client)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    text = json.dumps(body) if body is not None else ""
    return browser.generic(method, path, text, content_type="application/json" if text else "", headers=headers)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, columns by name; sessions as what they hold."""
    rows = {table_of(model): list(model._default_manager.order_by("pk").values()) for model in all_tables()}
    for session in rows.get("sessions.Session", []):
        session["session_data"] = SessionStore().decode(session["session_data"])
    return rows


def as_text(value: Any) -> str:
    """A value of a row as a reader of the dump sees it."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    if isinstance(value, Mapping | list):
        return json.dumps(value, default=str)
    return str(value.hex) if isinstance(value, UUID) else str(value)
