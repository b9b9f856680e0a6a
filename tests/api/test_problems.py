"""Whatever is sent, a machine can read the answer: problem+json, three languages, nothing of what was sent (S22)."""

import json
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client

from kaikukortti.api import uses
from kaikukortti.models import Record, Token
from kaikukortti.terms.roles import Role
from tests.api.test_uses import row

CALLS = [
    ("POST", "/check"),
    ("POST", "/uses"),
    ("GET", "/uses/0b7a1a52-4f6e-4f0a-9a55-0d6d3b0f6f10"),
    ("POST", "/uses/0b7a1a52-4f6e-4f0a-9a55-0d6d3b0f6f10/reverse"),
    ("GET", "/offerings"),
    ("POST", "/cards"),
    ("POST", "/cards/block"),
]
pytestmark = pytest.mark.database


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_no_token_or_a_bad_one_is_401_before_anything_is_read(cast, caller, nobody, method, path):
    revoked = caller("routa")
    Token.objects.update(revoked_at=cast.now)
    bad = ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic cm91dGE6eA==", "Bearer \u00e4", f"Bearer {revoked.token}"]
    for header in [None, *bad]:
        answered = nobody(method, path, "not even json", **({"Authorization": header} if header is not None else {}))
        assert answered.status == 401, header
        assert answered.response["WWW-Authenticate"].startswith("Bearer")
        assert answered.body["refusal"] is None


OPEN_TO = {
    "/check": {Role.VENUE, Role.TICKET_AGENT},
    "/uses": {Role.VENUE, Role.TICKET_AGENT},
    "/offerings": {Role.VENUE, Role.TICKET_AGENT},
    "/cards": {Role.ISSUER},
}


@pytest.mark.parametrize("workplace", ["national", "kainuu", "office", "routa", "luukku", "analyst"])
@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_role_without_the_call_is_403_whatever_the_body(cast, caller, workplace, method, path):
    answered = caller(workplace)(method, path, "not even json")
    allowed = OPEN_TO["/" + path.split("/")[1]]
    if Role(cast.workplaces[workplace].role) in allowed:
        assert answered.status in (200, 404, 422)
    else:
        assert (answered.status, answered.body["refusal"]) == (403, None)


def test_a_workplace_that_has_ended_is_403(cast, caller):
    routa = caller("routa")
    workplace = cast.workplaces["routa"]
    workplace.until = cast.now.date()
    workplace.save()
    assert routa.get("/offerings").status == 200
    workplace.until = cast.now.date().replace(day=23)
    workplace.save()
    answered = routa.get("/offerings")
    assert (answered.status, answered.body["type"]) == (403, "/api/v1/docs#problem-workplace-ended")


def broken(cast):
    """Name, body and field of forms that cannot be read."""
    good = row(cast, "7KM9QX2TR7")

    def one(**change):
        return {"uses": [good, {**row(cast, "7KM9QX2TR7"), **change}]}

    yield "no uses", {}, None, "uses"
    yield "empty", {"uses": []}, None, "uses"
    yield "a list", [], None, None
    yield "null", None, None, None
    yield "uses is an object", {"uses": {"0": good}}, None, "uses"
    yield "501 rows", {"uses": [row(cast, "7KM9QX2TR7") for _ in range(501)]}, None, "uses"
    yield "together is text", {"uses": [good], "together": "yes"}, None, "together"
    yield "row is null", {"uses": [good, None]}, 1, None
    yield "row is text", {"uses": [good, "x"]}, 1, None
    for name, change, field in (
        ("no id", {"id": None}, "id"),
        ("bad id", {"id": "7"}, "id"),
        ("id is a number", {"id": 7}, "id"),
        ("id of another script", {"id": "٠b7a1a52-4f6e-4f0a-9a55-0d6d3b0f6f10"}, "id"),
        ("id with an underscore", {"id": "0b7a1a52_f6e4f0a9a550d6d3b0f6f10"}, "id"),
        ("id with its hyphens elsewhere", {"id": "0b7a1a52-4f6e4f0a-9a55-0d6d3b0f6f1-0"}, "id"),
        ("no code", {"code": None}, "code"),
        ("empty code", {"code": ""}, "code"),
        ("long code", {"code": "7" * 65}, "code"),
        ("NUL in code", {"code": "7KM\u00009QX"}, "code"),
        ("tab in code", {"code": "7KM\t9QX"}, "code"),
        ("half a character", {"code": "\ud800"}, "code"),
        ("code is a number", {"code": 7}, "code"),
        ("no day", {"day": None}, "day"),
        ("impossible day", {"day": "2026-02-30"}, "day"),
        ("day of another form", {"day": "24.11.2026"}, "day"),
        ("day with time", {"day": "2026-11-24T00:00:00Z"}, "day"),
        ("year 1", {"day": "0001-01-01"}, "day"),
        ("year 9999", {"day": "9999-12-31"}, "day"),
        ("day is a number", {"day": 20261124}, "day"),
        ("bad offering", {"offering": "none"}, "offering"),
        ("bad kind", {"kind": "visit"}, "kind"),
        ("bad source", {"source": "till"}, "source"),
        ("instant without zone", {"at": "2026-11-24T10:00:00"}, "at"),
        ("impossible instant", {"at": "2026-11-24T25:00:00Z"}, "at"),
        ("instant of year 1", {"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ("instant is a number", {"at": 1}, "at"),
        ("negative count", {"children": -1}, "children"),
        ("count over 100", {"children": 101}, "children"),
        ("huge count", {"children": 10**400}, "children"),
        ("half a child", {"children": 1.5}, "children"),
        ("whole float", {"children": 1.0}, "children"),
        ("count is text", {"children": "1"}, "children"),
        ("count is true", {"holder": True}, "holder"),
        ("infinite count", {"holder": float("inf")}, "holder"),
        ("nobody at all", {"holder": 0}, "holder"),
        ("flag is text", {"happened": "true"}, "happened"),
        ("until without season", {"until": "2026-12-24"}, "until"),
        ("season without until", {"kind": "season"}, "until"),
        ("season ends before", {"kind": "season", "until": "2026-11-23"}, "until"),
        ("endless season", {"kind": "season", "until": "2029-01-01"}, "until"),
        ("misspelt count", {"childrn": 1}, "childrn"),
        ("unknown name that may be a code", {"7KM9QX2TR7": 1}, None),
    ):
        yield name, one(**change), 1, field


def test_a_broken_form_is_422_with_row_and_field_and_nothing_is_written(cast, caller):
    routa = caller("routa")
    for name, body, row_number, field in broken(cast):
        answered = routa.post("/uses", json.dumps(body))
        assert answered.status == 422, name
        assert answered.body["refusal"] is None, name
        assert (answered.body["row"], answered.body["field"]) == (row_number, field), name
        assert answered.body["errors"][0]["row"] == row_number, name
        assert "7KM9QX2TR7" not in answered.response.content.decode(), name
    assert not Record.objects.exists()


def test_every_row_that_is_not_right_is_listed(cast, caller):
    rows = [row(cast, "7KM9QX2TR7", children=count) for count in (0, -1, 0, 200)]
    answered = caller("routa").post("/uses", {"uses": rows})
    assert [(one["row"], one["field"]) for one in answered.body["errors"]] == [(1, "children"), (3, "children")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{]",
        b"\xff\xfe\x00",
        b'{"code": "\xe4"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"code": ' + b"9" * 10_000 + b"}",
        b"nonsense",
        b"\x00",
    ],
    ids=["empty", "half", "wrong", "not UTF-8", "latin-1", "deep list", "deep object", "huge number", "text", "NUL"],
)
def test_what_is_not_json_is_422(cast, caller, body):
    answered = caller("routa").post("/check", body)
    assert (answered.status, answered.body["refusal"], answered.body["row"]) == (422, None, None)


def test_the_limits_of_the_form_are_inside(cast, caller):
    routa = caller("routa")
    assert routa.use(row(cast, "7" * 64))["refusal"] == "card-code-typo"
    assert routa.use(row(cast, "ä😀"))["refusal"] == "card-code-typo"
    assert routa.use(row(cast, cast.card(), assistants=100, holder=0))["status"] == "recorded"
    assert routa.use(row(cast, cast.card()) | {"day": "2199-12-31"})["refusal"] == "card-ends-before"
    assert routa.use(row(cast, cast.card(), at="2026-11-24t10:00:00.123456789z"))["status"] == "recorded"
    assert routa.use(row(cast, cast.card(), kind="season", until="2027-11-20"))["status"] == "recorded"


def test_too_large_wrong_type_wrong_method_unknown_path(cast, caller):
    routa = caller("routa")
    assert routa.post("/uses", b'{"uses": "' + b"x" * 3_000_000 + b'"}').status == 413
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"):
        headers = {"Authorization": f"Bearer {routa.token}"}
        response = Client(headers=headers).generic("POST", "/api/v1/check", b"{}", content_type=kind)
        assert (response.status_code, response["Content-Type"]) == (415, "application/problem+json")
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answered = routa(method, "/check")
        assert (answered.status, answered.response["Allow"]) == (405, "POST"), method
    for path in ("", "/", "/nothing", "/check/", "/check/x", "/uses/", "/../v2/check", "/%ff", "/%00"):
        assert routa("GET", path).status == 404, path
    for path in ("/api/", "/api/v2/check", "/api/v1"):
        assert Client().get(path).status_code == 404


def test_every_answer_of_a_call_has_its_headers(cast, caller):
    for answered in (caller("routa").get("/offerings"), caller("routa").get("/nothing")):
        headers = answered.response.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert "Set-Cookie" not in headers
        assert not answered.response.cookies


def test_head_is_get_without_a_body(cast, caller):
    response = Client(headers={"Authorization": f"Bearer {caller('routa').token}"}).head("/api/v1/offerings")
    assert (response.status_code, response.content) == (200, b"")
    assert int(response["Content-Length"]) > 10


def test_an_unknown_host_is_refused(nobody):
    assert nobody.get("/offerings", Host="evil.example").status == 400


def test_a_database_that_does_not_answer_is_503_and_never_a_valid_card(cast, caller, monkeypatch):
    """S24, R17: without an answer from the register nothing is called valid, and the sender is told to try again."""
    routa, code = caller("routa"), cast.card()

    def down(*args, **kwargs):
        raise OperationalError("server closed the connection; birth year 1980")

    monkeypatch.setattr(uses, "check_card", down)
    monkeypatch.setattr(uses, "record_uses", down)
    for answered in (routa.post("/check", {"code": code}), routa.post("/uses", {"uses": [row(cast, code)]})):
        assert (answered.status, answered.response["Retry-After"]) == (503, "2")
        assert "1980" not in answered.response.content.decode()
    monkeypatch.setattr(uses, "check_card", lambda *a, **k: 1 / 0)
    assert routa.post("/check", {"code": code}).status == 500


def test_log_lines_name_the_route_and_hold_nothing_of_what_was_sent(cast, caller, caplog, monkeypatch):
    monkeypatch.setattr("kaikukortti.api.door.log.propagate", True)
    routa, code, number = caller("routa"), cast.card(), str(uuid4())
    with caplog.at_level("INFO"):
        routa.check(code)
        routa.post(f"/check?code={code}", {"code": code, "childrn": 1})
        routa.get(f"/uses/{number}?code={code}")
        routa.get(f"/nothing/{code}")
    lines = [record.getMessage() for record in caplog.records if record.name == "kaikukortti.requests"]
    assert [line.rsplit(" ", 2)[0] for line in lines] == [
        "POST api:check 200",
        "POST api:check 422",
        "GET api:use 404",
        "GET - 404",
    ]
    assert code not in "\n".join(lines)
