"""Requests that nobody would think of, made from the OpenAPI document, with the token of every role (S22).

Whatever comes, the answer is one that the document promises: never a 5xx, every 4xx problem+json, every body of its
schema. Limits on guessing are lifted here, or the first thirty invented codes would hide everything behind a pause.
"""

import copy
from datetime import timedelta
from uuid import uuid4

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kaikukortti.actions import misses
from kaikukortti.actions.holds import Wish
from kaikukortti.actions.one_time_codes import claim_code
from kaikukortti.api.docs import document
from kaikukortti.terms.kinds import OfferingKind
from tests.api.conftest import PROBLEM_KEYS
from tests.api.test_check import unknown_code

pytestmark = pytest.mark.database
HOLDER = {"birth_year": [1980], "postal_code": ["87100", "88999"], "minors": [0, 2], "issued_on": [None]}
CALLERS = ("routa", "luukku", "office", "national", "nobody")
# As many for whoever may ask; the others meet a closed door whatever they send.
EXAMPLES, BEHIND_THE_DOOR = 30, 4
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# A form that is 4xx in the transport itself, before any call is reached.
TRANSPORT = {400, 405}


def operations():
    return [call["operationId"] for methods in document()["paths"].values() for call in methods.values()]


@pytest.fixture
def stage(cast, monkeypatch):
    """Cards and offerings of every case, for requests to hit upon."""
    # As Django's own test client does: a request's end must not close the connection that the test stands on.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    for name in ("DEVICE_AN_HOUR", "WORKPLACE_AN_HOUR", "REGISTER_AN_HOUR"):
        monkeypatch.setattr(misses, name, 10**9)
    codes = [cast.card(), cast.card(minors=0), cast.blank(), cast.blank(), cast.community_card(), unknown_code()]
    codes.append(cast.card(issued=cast.now - timedelta(days=400)))
    offerings = [
        cast.offering(),
        cast.offering(cap=2, children_cap=1),
        cast.offering(kind=OfferingKind.OPEN, cap=3),
        cast.offering(kind=OfferingKind.COURSE, price_cents=5000),
        cast.offering("hall"),
    ]
    made = [uuid4(), uuid4()]
    cast.use(cast.card(), id=made[0])
    cast.use(cast.card(), offering=offerings[0], id=made[1], by=cast.luukku)
    claimed = [
        claim_code(codes[number], Wish(), id=uuid4(), by=cast.luukku, now=cast.now, offering=offerings[number].pk)
        for number in (0, 1)
    ]
    made += [one.hold.pk for one in claimed if one.hold]
    codes += [one.code for one in claimed]
    yield codes, [str(one.pk) for one in offerings], [str(one) for one in made]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def put_on_stage(case, draw, stage, day):
    """Swap some invented values for real ones, so that requests go beyond the first refusal."""
    codes, offerings, records = stage
    if case.path_parameters and draw(st.booleans()):
        case.path_parameters["id"] = draw(st.sampled_from(records))
    body = case.body
    if not isinstance(body, dict):
        return
    rows = body.get("uses")
    for row in [body, *(rows if isinstance(rows, list) else [])]:
        if not isinstance(row, dict):
            continue
        for name, values in {
            "code": codes,
            "one_time_code": codes[-2:],
            "offering": offerings,
            "day": [day],
            **HOLDER,
        }.items():
            if name in row and draw(st.booleans()):
                row[name] = draw(st.sampled_from(values))


def without_security():
    """The document without its security: the token is ours to send, or half the requests would only vary it."""
    made = copy.deepcopy(document())
    made["components"].pop("securitySchemes")
    for methods in made["paths"].values():
        for call in methods.values():
            call.pop("security", None)
    return made


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("operation", operations())
def test_every_answer_is_one_that_the_document_promises(cast, caller, stage, who, operation):
    schema = schemathesis.openapi.from_dict(without_security())
    schema.app = get_wsgi_application()
    call = schema.find_operation_by_id(operation)
    roles = call.definition.raw["x-roles"]
    may = not roles or (who != "nobody" and cast.workplaces[who].role in roles)
    headers = {"Authorization": f"Bearer {caller(who).token}"} if who != "nobody" else {}
    modes = [call.as_strategy(GenerationMode.POSITIVE), call.as_strategy(GenerationMode.NEGATIVE)]

    @given(case=st.one_of(modes), data=st.data())
    @settings(
        max_examples=EXAMPLES if may else BEHIND_THE_DOOR,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case, data):
        put_on_stage(case, data.draw, stage, cast.now.date().isoformat())
        case.headers = {
            name: value for name, value in (case.headers or {}).items() if name.lower() not in ("authorization", "host")
        }
        response = case.call(headers=headers)
        if response.status_code in TRANSPORT:
            return
        case.validate_response(response, checks=CHECKS)
        if response.status_code >= 400:
            assert response.headers["content-type"] == ["application/problem+json"]
            assert response.json().keys() >= PROBLEM_KEYS
            assert all(response.json()["message"].values())

    ask()
