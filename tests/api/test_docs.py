"""The OpenAPI document and the page for people: complete, true, and readable in three languages."""

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
from django.test import Client
from django.utils import translation

from kaikukortti.api.docs import calls_with_roles, document
from kaikukortti.api.one_time_codes import MADE, RELEASED
from kaikukortti.api.problems import FIELD_RULES, KINDS, said
from kaikukortti.management.commands.list_refusals import page
from kaikukortti.terms.kinds import Status
from kaikukortti.terms.messages import refusal_message, status_message, valid_message
from kaikukortti.terms.refusals import Refusal

ROOT = Path(__file__).resolve().parent.parent.parent
# What the contract promises, by name.
PROMISED = {
    ("post", "/api/v1/check"): ("venue", "ticket_agent"),
    ("post", "/api/v1/uses"): ("venue", "ticket_agent"),
    ("get", "/api/v1/uses/{id}"): ("venue", "ticket_agent"),
    ("post", "/api/v1/uses/{id}/reverse"): ("venue", "ticket_agent"),
    ("get", "/api/v1/offerings"): ("venue", "ticket_agent"),
    ("post", "/api/v1/one-time-codes"): ("venue", "ticket_agent"),
    ("post", "/api/v1/one-time-codes/redeem"): ("venue", "ticket_agent"),
    ("post", "/api/v1/one-time-codes/{id}/release"): ("venue", "ticket_agent"),
    ("get", "/api/v1/settlement"): ("venue", "ticket_agent"),
    ("get", "/api/v1/sandbox"): ("venue", "ticket_agent"),
    ("post", "/api/v1/sandbox/reset"): ("venue", "ticket_agent"),
    ("post", "/api/v1/cards"): ("issuer",),
    ("post", "/api/v1/cards/block"): ("issuer",),
    ("get", "/api/v1/figures/yearly"): (),
}
OPERATIONS = [
    pytest.param(method, path, call, id=f"{method} {path}")
    for path, methods in document()["paths"].items()
    for method, call in methods.items()
]


def test_the_document_is_openapi_3_1_and_needs_no_token():
    response = Client().get("/api/v1/openapi.json")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    read = json.loads(response.content)
    assert read == document()
    assert read["openapi"].startswith("3.1")
    assert "http" not in json.dumps(read["servers"])
    assert read["components"]["securitySchemes"] == {"Bearer": {"type": "http", "scheme": "bearer"}}


def test_every_call_of_the_contract_is_there_with_its_roles_and_no_other():
    assert {(one.method, one.path): one.roles for one in calls_with_roles()} == PROMISED
    assert {(method, path) for path, methods in document()["paths"].items() for method in methods} == set(PROMISED)


@pytest.mark.parametrize(("method", "path", "call"), OPERATIONS)
def test_every_call_is_described_with_examples_that_fit_their_schemas(method, path, call):
    assert call["summary"]
    assert call["description"]
    assert call["tags"]
    parts = [call.get("requestBody")] if "requestBody" in call else []
    parts += [answer for status, answer in call["responses"].items() if int(status) < 300]
    for part in parts:
        content = part["content"]["application/json"]
        schema = {**content["schema"], "components": document()["components"]}
        jsonschema_rs.validator_for(schema).validate(content["example"])
    for status, answer in call["responses"].items():
        if int(status) >= 400:
            assert list(answer["content"]) == ["application/problem+json"]
            assert answer["description"]


def test_every_field_of_a_form_is_described():
    schemas = document()["components"]["schemas"]
    for name in ("CheckForm", "UseForm", "UsesForm", "CardForm", "BlockForm", "ReverseForm"):
        assert [field for field, about in schemas[name]["properties"].items() if not about.get("description")] == []


def test_the_problem_example_fits_too():
    schema = {**document()["components"]["schemas"]["Problem"], "components": document()["components"]}
    jsonschema_rs.validator_for(schema).validate(schema["examples"][0])


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.database
def test_the_page_tells_every_call_problem_and_reason_in_each_language(language):
    with translation.override(language):
        shown = Client(headers={"Accept-Language": language}).get("/api/v1/docs").content.decode()
    assert f'<html lang="{language}"' in shown
    for (method, path), roles in PROMISED.items():
        assert f"{method.upper()} {path}" in shown
        assert all(f"<code>{role}</code>" in shown for role in roles)
    for kind in KINDS:
        assert f'id="problem-{kind.slug}"' in shown
    for refusal in Refusal:
        assert f"<code>{refusal.value}</code>" in shown
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", shown)
    for other in ("fi", "sv", "en"):
        assert f'href="/{other}/calls/"' in shown
    assert Client().get(f"/{language}/calls/").status_code == 200


@pytest.mark.database(transaction=True)
@pytest.mark.parametrize("path", ["/fi/calls/", "/sv/calls/", "/en/calls/", "/api/v1/docs"])
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (320, True)])
def test_the_page_is_accessible(open_page, axe, path, width, dark):
    opened = open_page(path, width=width, dark=dark)
    axe(opened)
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


# --- the guides ---------------------------------------------------------------------------------------------------


def test_the_guide_names_every_call_and_every_problem():
    guide = (ROOT / "docs" / "api.md").read_text()
    for method, path in PROMISED:
        assert f"{method.upper()} {path}" in guide
    for kind in KINDS:
        assert f"`{kind.slug}`" in guide


def test_every_refusal_has_its_place_in_the_list_as_the_vocabulary_says_it():
    assert (ROOT / "docs" / "refusals.md").read_text() == page()


def test_the_words_of_the_examples_are_the_words_that_are_said():
    calls = document()["paths"]

    def example(path, method="post", status="200"):
        return calls[path][method]["responses"][status]["content"]["application/json"]["example"]

    assert example("/api/v1/check")["message"] == valid_message(2)
    assert example("/api/v1/one-time-codes")["message"] == said(MADE)
    assert example("/api/v1/one-time-codes/{id}/release")["message"] == said(RELEASED)
    assert example("/api/v1/uses")["results"][0]["message"] == status_message(Status.RECORDED, None)
    assert example("/api/v1/uses/{id}/reverse")["message"] == said("Reversed.")
    assert example("/api/v1/cards/block")["message"] == said("The card is now blocked.")
    problem = document()["components"]["schemas"]["Problem"]["examples"][0]
    assert problem["message"] == refusal_message(Refusal.CARD_ALREADY_REGISTERED)


def test_every_sentence_of_a_problem_is_said_in_three_different_languages():
    for text in [kind.says for kind in KINDS] + [kind.title for kind in KINDS] + list(FIELD_RULES.values()):
        assert len(set(said(text).values())) >= (2 if text == "a UUID" else 3), text
