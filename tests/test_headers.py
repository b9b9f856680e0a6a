"""Every answer, also what went wrong, carries its security headers (S19, S20), sets no cookie but our own three and
asks no third party for anything (P20)."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from kaikukortti.terms.roles import Role
from tests.doors import WORKPLACES, address, call, machine, person, routes
from tests.test_house import ROOT, tracked
from tests.test_matrix import CALL, EVERYONE, HOME_FOR, MATRIX, PAGES, Stage, asked, stage

__all__ = ["stage"]

COOKIES = {"sessionid", "csrftoken", "django_language"}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
# What a content security policy must say, and must not.
STRICT = ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'")
LOOSE = ("unsafe-inline", "unsafe-eval", "http:", "https:", " *", "blob:")


def judge(answer: Any, where: object) -> None:
    for name, value in HEADERS.items():
        assert answer.headers.get(name) == value, (where, name)
    policy = answer.headers.get("Content-Security-Policy", "")
    if policy.startswith("default-src 'none'"):
        assert "frame-ancestors 'none'" in policy, where
    else:
        assert [rule for rule in STRICT if rule not in policy] == [], where
    if (
        isinstance(where, tuple) and where[0] == "till-app"
    ):  # its scanner is WebAssembly, which runs no text as a script
        policy = policy.replace("'wasm-unsafe-eval'", "")
    assert [rule for rule in LOOSE if rule in policy] == [], where
    assert "Server" not in answer.headers, where
    assert "X-Powered-By" not in answer.headers, where
    assert set(answer.cookies) <= COOKIES, where
    for name, cookie in answer.cookies.items():
        assert cookie["samesite"] == "Lax", where
        assert cookie["httponly"] or name == "django_language", where
    if answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
        assert strays(answer.content.decode()) == [], where


# --- third parties and what the policy would block ------------------------------------------------------------------


class Strays(HTMLParser):
    """What a page would fetch from elsewhere, and scripts and styles that stand in the page itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        for name, value in attrs:
            value = value or ""
            linked = tag == "a" and name == "href"
            if name in ("src", "href", "action", "formaction", "poster", "data", "xlink:href", "srcset", "content"):
                parts = urlsplit(value.strip())
                if parts.scheme == "javascript" or ((parts.netloc or parts.scheme == "http") and not linked):
                    self.found.append(f"<{tag} {name}={value}>")
            if re.fullmatch(r"(hx-)?on[a-z:-]+|style", name):
                self.found.append(f"<{tag} {name}>")
        if tag == "style" or (tag == "script" and not given.get("src") and given.get("type") in (None, "", "module")):
            self.found.append(f"<{tag}> in the page")
        if tag == "a" and given.get("target") == "_blank" and "noopener" not in (given.get("rel") or ""):
            self.found.append(f"<a target=_blank href={given.get('href')}>")


def strays(html: str) -> list[str]:
    parser = Strays()
    parser.feed(html)
    return parser.found


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.example.org/x.js"></script>',
        '<link href="//fonts.example.org/a.css" rel="stylesheet">',
        "<script>go()</script>",
        '<button onclick="go()">',
        '<p style="color: red">',
        '<form action="https://example.org/">',
        '<a href="javascript:go()">',
    ],
)
def test_the_judge_sees_what_it_should(html):
    """The control."""
    assert strays(html)


def test_a_link_that_a_person_follows_is_no_third_party():
    assert strays('<a href="https://tietosuoja.fi" rel="noreferrer">tietosuoja.fi</a> <img src="/static/a.svg">') == []


NAMESPACES = re.compile(r"https?://www\.w3\.org/[\w/.-]+")


def test_no_static_file_of_ours_names_another_host():
    found = []
    for path in tracked("kaikukortti/static/**"):
        if path.suffix not in (".css", ".js", ".svg", ".json", ".html", ".webmanifest"):
            continue
        text = NAMESPACES.sub("", path.read_text())
        asks = r"url\(\s*[\"']?(?:https?:)?//[^)]+|@import\s+[^;]+"
        pattern = asks if "vendor" in path.parts else rf"{asks}|https?://\S+|sourceMappingURL=\S+"
        found += [f"{path.relative_to(ROOT)}: {hit}" for hit in re.findall(pattern, text)]
    assert found == []


# --- every route --------------------------------------------------------------------------------------------------


@pytest.mark.database
def test_every_page_has_its_headers_for_everyone_who_asks(stage: Stage) -> None:
    """Each page asked by nobody, by a role that may, and by one that may not."""
    clients = {role: person(stage.cast, WORKPLACES[role]) for role in Role}
    for name in PAGES:
        who_may = MATRIX[name]
        everyone = isinstance(who_may, str)  # a holder's page answers every role alike: it asks for card and secret
        allowed = next(role for role in Role if everyone or role in who_may)
        refused = next((role for role in Role if not everyone and role not in who_may), None)
        path = address(name, **stage.of(HOME_FOR.get(name) or WORKPLACES[allowed], name))
        if name == "sign-out":  # last, for it ends what the others need
            continue
        for role in (None, allowed, refused):
            for method, answer in asked(clients[role] if role else Client(), path).items():
                judge(answer, (name, str(role), method))
    judge(clients[Role.VENUE].post(address("sign-out")), "sign-out")


@pytest.mark.database
def test_every_call_has_its_headers(stage: Stage) -> None:
    for name, (method, body) in CALL.items():
        for workplace in (None, "routa", "office"):
            token = machine(stage.cast, workplace) if workplace else None
            answer = call(token, method, address(name, **stage.of(workplace or "routa", name)), body(stage))
            judge(answer, (name, workplace))
            assert answer.headers["Cache-Control"] == "no-store"
            assert not answer.cookies


@pytest.mark.database
def test_what_is_shown_to_the_signed_in_is_not_kept_by_the_browser(stage: Stage) -> None:
    """After signing out, "back" shows nothing of a card, a use or a colleague."""
    for role in Role:
        client = person(stage.cast, WORKPLACES[role])
        for name in PAGES:
            if MATRIX[name] == EVERYONE or role not in MATRIX[name]:
                continue
            path = address(name, **stage.of(HOME_FOR.get(name) or WORKPLACES[role], name))
            answer = client.get(path)
            assert answer.status_code != 200 or "no-store" in answer.get("Cache-Control", ""), (name, str(role))


@pytest.mark.database
def test_public_pages_set_no_cookie_unless_they_hold_a_form(stage: Stage) -> None:
    """P20"""
    for name in PAGES:
        if MATRIX[name] == EVERYONE:
            answer = Client().get(address(name, **stage.of("routa", name)))
            form = answer.status_code == 200 and not answer.streaming and b"csrfmiddlewaretoken" in answer.content
            assert set(answer.cookies) <= ({"csrftoken"} if form else set()), name


# --- what went wrong ------------------------------------------------------------------------------------------------


def mistakes(stage: Stage) -> Iterator[tuple[str, int, Any]]:
    nobody, venue = Client(), person(stage.cast, "routa")
    strict = person(stage.cast, "routa", enforce_csrf_checks=True)
    yield "no page", 404, nobody.get("/fi/nothing-here/")
    yield "no page, no language", 404, nobody.get("/nothing-here")
    yield "no page, no known language", 404, nobody.get("/de/nothing-here/")
    yield "no call", 404, call(None, "GET", "/api/v1/nothing")
    yield "another role", 403, venue.get(address("desk"))
    yield "form from elsewhere", 403, strict.post(address("till-check"), {"code": "x"})
    yield "wrong method", 405, nobody.delete(address("healthz"))
    yield "wrong method of a page", 405, nobody.post(address("privacy"))
    yield "wrong method of a call", 405, call(machine(stage.cast, "routa"), "PUT", address("api:check"))
    yield "another host", 400, nobody.get(address("privacy"), headers={"Host": "elsewhere.example"})
    yield "another host of a call", 400, nobody.get("/healthz", headers={"Host": "elsewhere.example"})
    yield "not JSON", 415, call_text(stage, "text/plain", "hello")
    yield "broken JSON", 422, call_text(stage, "application/json", "{")


def call_text(stage: Stage, kind: str, text: str) -> Any:
    token = machine(stage.cast, "routa")
    return Client().generic(
        "POST", address("api:check"), text, content_type=kind, headers={"Authorization": f"Bearer {token}"}
    )


@pytest.mark.database
def test_what_went_wrong_has_its_headers_too(stage: Stage) -> None:
    for where, status, answer in mistakes(stage):
        assert answer.status_code == status or (where == "broken JSON" and answer.status_code == 400), where
        judge(answer, where)
        assert "Traceback" not in answer.content.decode(), where


@pytest.mark.database
@pytest.mark.parametrize("name", ["privacy", "api:figures-yearly", "healthz"])
def test_a_crash_has_its_headers_and_tells_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def crash(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("7KM9QX2TR7 1957 87100")

    pattern = routes()[name]
    path = address(name)
    if name.startswith("api:"):
        monkeypatch.setattr("kaikukortti.api.figures.published_table", crash, raising=False)
        monkeypatch.setattr("ninja.operation.PathView._sync_view", crash)
    monkeypatch.setattr(pattern, "callback", crash)
    answer = Client(raise_request_exception=False).get(path)
    assert answer.status_code == 500
    judge(answer, name)
    assert not re.search(r"7KM9QX2TR7|RuntimeError|Traceback", answer.content.decode())


@pytest.mark.database
def test_behind_tls_cookies_are_secure_and_browsers_come_back_by_tls(cast, settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    for path in (address("sign-in"), "/healthz"):
        answer = Client().get(path, secure=True)
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert all(cookie["secure"] for cookie in answer.cookies.values())
    assert Client().get(address("sign-in"), secure=True).cookies


def test_no_route_takes_a_card_in_its_address():
    """S19: codes, birth years and postal codes travel in bodies; an address holds numbers and names of things."""
    words = re.compile(r"code|birth|postal|minors|digest|pin")
    assert [name for name, route in routes().items() for part in route.pattern.converters if words.search(part)] == []
