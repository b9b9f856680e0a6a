"""Callers: each workplace of the cast with its token, and the clock of the story."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kaikukortti.actions.codes import link_digest
from kaikukortti.actions.look_ups import gathered
from kaikukortti.models import Token
from tests.cast import Cast

CHECK_KEYS = {"allowed", "refusal", "child_places", "assistant", "message"}
PROBLEM_KEYS = {"type", "title", "status", "detail", "refusal", "message"}


@dataclass
class Answered:
    """A status and a body read from JSON."""

    status: int
    body: Any
    response: Any


@dataclass
class Caller:
    """A machine of one workplace. `token` None calls without one."""

    token: str | None

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answered:
        text = body if isinstance(body, (bytes, str)) or body is None else json.dumps(body)
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        response = Client(headers=headers).generic(
            method, f"/api/v1{path}", text or b"", content_type="application/json" if body is not None else ""
        )
        kind = response.headers.get("Content-Type", "")
        if response.status_code >= 400:
            assert kind == "application/problem+json", (response.status_code, kind)
            body = json.loads(response.content)
            assert body.keys() >= PROBLEM_KEYS
            assert body["status"] == response.status_code
            assert body["message"].keys() == {"fi", "sv", "en"}
            assert all(body["message"].values())
            return Answered(response.status_code, body, response)
        return Answered(response.status_code, json.loads(response.content) if "json" in kind else None, response)

    def get(self, path: str, **headers: str) -> Answered:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answered:
        return self("POST", path, body, **headers)

    def check(self, code: str, **more: Any) -> dict[str, Any]:
        answered = self.post("/check", {"code": code, **more})
        assert answered.status == 200, answered.body
        assert answered.body.keys() == CHECK_KEYS
        assert answered.body["allowed"] == (answered.body["refusal"] is None)
        return dict(answered.body)

    def use(self, row: dict[str, Any], **more: Any) -> dict[str, Any]:
        (result,) = self.uses([row], **more)
        return result

    def uses(self, rows: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
        answered = self.post("/uses", {"uses": rows, **more})
        assert answered.status == 200, answered.body
        assert [result["id"] for result in answered.body["results"]] == [row["id"] for row in rows]
        return list(answered.body["results"])


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The doors read the cast's clock."""
    if "cast" in request.fixturenames:
        cast: Cast = request.getfixturevalue("cast")
        monkeypatch.setattr(timezone, "now", lambda: cast.now)
        # What was gathered in memory belongs to another test's rows.
        monkeypatch.setattr(gathered, "_start", lambda: None)


@pytest.fixture
def caller(cast: Cast) -> Callable[[str], Caller]:
    """`caller("routa")` is a machine of Routa Company with a token of its own."""

    def make(workplace: str) -> Caller:
        count = Token.objects.count()
        secret = f"token-of-{workplace}-{count}"
        Token.objects.create(
            workplace=cast.workplaces[workplace], label="test", digest=link_digest(secret), made_at=cast.now
        )
        return Caller(secret)

    return make


@pytest.fixture
def nobody() -> Caller:
    return Caller(None)
