"""Reading a page as a person does, and sending its form on as a browser does."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def text(response: Any) -> str:
    """What a person reads: no tags, one space between words."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def hidden_fields(response: Any, action: str) -> dict[str, list[str]]:
    """The hidden fields of the form that goes to an address."""
    form = response.content.decode().split(action)[1].split("</form>")[0]
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]+>", form):
        field = dict(re.findall(r'(name|value)="([^"]*)"', tag))
        sent.setdefault(field["name"], []).append(unescape(field.get("value", "")))
    return sent


def asked(call: Callable[..., Any], *args: Any) -> int:
    """How often a call asks the database, transactions aside."""
    with CaptureQueriesContext(connection) as seen:
        call(*args)
    return sum("SAVEPOINT" not in query["sql"] for query in seen)
