"""The OpenAPI document, and the page for people that is drawn from it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from kaikukortti.api.auth import Bearer, Guard
from kaikukortti.api.problems import KINDS, MEDIA_TYPE
from kaikukortti.api.v1 import calls
from kaikukortti.terms.refusals import WORDS

TOPICS = {
    "uses": gettext_noop("Checking and recording"),
    "offerings": gettext_noop("Offerings"),
    "one-time-codes": gettext_noop("One-time codes"),
    "settlement": gettext_noop("Settlement"),
    "cards": gettext_noop("Cards"),
    "figures": gettext_noop("Figures"),
    "sandbox": gettext_noop("Sandbox"),
}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the calls, made once."""
    made: dict[str, Any] = json.loads(json.dumps(calls.get_openapi_schema(path_prefix="api/v1/"), default=str))
    made["info"]["license"] = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}
    made["servers"] = [{"url": "/"}]
    made["tags"] = [{"name": name, "description": title} for name, title in TOPICS.items()]
    for call in _operations(made):
        for status, response in call["responses"].items():
            if int(status) >= 400:
                response["content"] = {MEDIA_TYPE: response["content"]["application/json"]}
                response["description"] = " ".join(kind.says for kind in KINDS if kind.status == int(status))
    for name in [name for name in made["components"]["schemas"] if name.endswith("Wanted")]:
        del made["components"]["schemas"][name]  # their fields are parameters
    for one in calls_with_roles():
        made["paths"][one.path][one.method] |= {"x-roles": list(one.roles), "x-scope": one.scope}
    yearly = made["paths"]["/api/v1/figures/yearly"]["get"]
    yearly["responses"]["200"]["content"]["text/csv"] = {"schema": {"type": "string"}}
    # A token is welcome there and not needed.
    yearly["security"] = [{}, {"Bearer": []}]
    made["components"]["securitySchemes"] = {"Bearer": {"type": "http", "scheme": "bearer"}}
    return made


def _operations(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in made["paths"].values():
        yield from methods.values()


@dataclass(frozen=True, slots=True)
class CallRoles:
    path: str
    method: str
    roles: tuple[str, ...]
    # What a token must have been made for, if it was made for anything in particular.
    scope: str | None


def calls_with_roles() -> list[CallRoles]:
    """Every call with the roles it is open to; none means everyone. The matrix of roles and routes is made of it."""
    found = []
    for bound in calls._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                guard = next((one for one in operation.auth_callbacks if isinstance(one, Guard)), None)
                roles = tuple(str(role) for role in guard.roles) if isinstance(guard, Bearer) else ()
                scope = guard.scope.value if guard else None
                plain = re.sub(r"{[^}:]+:", "{", path)
                found += [CallRoles(f"/api/v1{plain}", method.lower(), roles, scope) for method in operation.methods]
    return found


@require_safe
def openapi_json(request: HttpRequest) -> HttpResponse:
    return HttpResponse(json.dumps(document(), ensure_ascii=False), content_type="application/json")


# --- the page for people ------------------------------------------------------------------------------------------


@dataclass
class FieldRow:
    name: str
    type: str
    needed: bool
    says: str
    choices: list[str] = field(default_factory=list)


@dataclass
class CallPart:
    method: str
    path: str
    anchor: str
    summary: str
    says: str
    roles: list[str]
    scope: str | None
    fields: list[FieldRow]
    answers: list[FieldRow]
    answered: int
    sent: str
    received: str
    errors: list[int]


@dataclass
class Topic:
    name: str
    title: str
    calls: list[CallPart]


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """`/api/v1/docs` speaks the visitor's own language; the page's language links lead to the addresses with one."""
    request.path = reverse("calls")
    made = document()
    topics = {name: Topic(name, title, []) for name, title in TOPICS.items()}
    for path, methods in made["paths"].items():
        for method, call in methods.items():
            topics[call["tags"][0]].calls.append(_call_part(path, method, call, made))
    page = {
        "about": made["info"]["description"],
        "topics": topics.values(),
        "problems": KINDS,
        "refusals": [(refusal.value, words) for refusal, words in WORDS.items()],
    }
    return render(request, "kaikukortti/api/docs.html", page)


def _call_part(path: str, method: str, call: dict[str, Any], made: dict[str, Any]) -> CallPart:
    statuses = [int(status) for status in call["responses"]]
    good = next(status for status in statuses if status < 300)
    answer = call["responses"][str(good)]["content"]["application/json"]
    body = call.get("requestBody", {}).get("content", {}).get("application/json", {})
    fields = [
        FieldRow(
            one["name"],
            _type(one["schema"], made),
            one["required"],
            one.get("description", ""),
            _choices(one["schema"], made),
        )
        for one in call.get("parameters", ())
    ]
    return CallPart(
        method=method.upper(),
        path=path,
        anchor=call["operationId"].replace("_", "-"),
        summary=call["summary"],
        says=call.get("description", ""),
        roles=call.get("x-roles", []),
        scope=call.get("x-scope"),
        fields=fields + list(_rows(body.get("schema", {}), made)),
        answers=list(_rows(answer.get("schema", {}), made)),
        answered=good,
        sent=_pretty(body.get("example")),
        received=_pretty(answer.get("example")),
        errors=[status for status in statuses if status >= 400],
    )


def _pretty(example: Any) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2) if example is not None else ""


def _resolved(schema: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """A schema with its reference followed, and without the null that an optional field may be."""
    for key in ("anyOf", "allOf"):
        if key in schema:
            first: dict[str, Any] = next((one for one in schema[key] if one.get("type") != "null"), {})
            return {**_resolved(first, made), **{k: v for k, v in schema.items() if k == "description"}}
    if "$ref" in schema:
        found: dict[str, Any] = made["components"]["schemas"][schema["$ref"].split("/")[-1]]
        return found
    return schema


def _type(schema: dict[str, Any], made: dict[str, Any]) -> str:
    plain = _resolved(schema, made)
    kind = plain.get("format") or plain.get("type") or "value"
    return str(kind)


def _choices(schema: dict[str, Any], made: dict[str, Any]) -> list[str]:
    plain = _resolved(schema, made)
    if plain.get("type") == "array":
        plain = _resolved(plain.get("items", {}), made)
    return [str(one) for one in plain.get("enum", ()) if one is not None]


def _rows(schema: dict[str, Any], made: dict[str, Any], *, within: str = "") -> Iterator[FieldRow]:
    """The fields of an object, those of the objects of a list under its name."""
    plain = _resolved(schema, made)
    if plain.get("type") == "array":
        yield from _rows(plain.get("items", {}), made, within=within or "[].")
        return
    needed = plain.get("required", ())
    for name, one in plain.get("properties", {}).items():
        inner = _resolved(one, made)
        full = f"{within}{name}"
        choices = [] if name == "refusal" else _choices(one, made)
        yield FieldRow(full, _type(one, made), name in needed, one.get("description", ""), choices)
        if inner.get("type") == "array" and "properties" in _resolved(inner.get("items", {}), made):
            yield from _rows(inner["items"], made, within=f"{full}[].")
