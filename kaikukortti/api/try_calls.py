"""The page to try each call: drawn from the OpenAPI document, sends to this register and to nowhere else."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from kaikukortti.api.docs import TOPICS, document
from kaikukortti.models import DemoMark


@require_safe
def try_calls(request: HttpRequest) -> HttpResponse:
    """A token is typed by the reader and stays in the page's memory; the page itself knows none."""
    calls = [
        {
            "name": call["operationId"],
            "topic": gettext(TOPICS[call["tags"][0]]),
            "title": gettext(call["summary"]),
            "method": method.upper(),
            "path": path + _query(call),
            "body": _body(call),
            "roles": call["x-roles"],
        }
        for path, methods in document()["paths"].items()
        for method, call in methods.items()
    ]
    words = {
        "sending": gettext("Sending …"),
        "nobody": gettext("The register did not answer."),
        "notJson": gettext("The body is not JSON yet."),
        "done": gettext("Answer {status} in {ms} ms"),
        "steps": gettext("Step {n} of {all}"),
        "sandbox": gettext("Cases of the sandbox: {n}"),
        "noToken": gettext("Write the token first."),
    }
    answer = {"calls": calls, "words": words, "demo": DemoMark.objects.exists()}
    return render(request, "kaikukortti/api/try.html", answer)


def _query(call: dict[str, Any]) -> str:
    """What may stand behind the path, named and empty."""
    names = [one["name"] for one in call.get("parameters", ()) if one["in"] == "query"]
    return "?" + "&".join(f"{name}=" for name in names) if names else ""


def _body(call: dict[str, Any]) -> Any:
    content = call.get("requestBody", {}).get("content", {}).get("application/json", {})
    return content.get("example")
