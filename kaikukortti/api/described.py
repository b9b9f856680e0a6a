"""What the OpenAPI document says of every call beyond its forms: the problems it may answer with, and examples."""

from typing import Any

from kaikukortti.api.problems import Problem


def errors(*statuses: int) -> dict[int, Any]:
    return dict.fromkeys(statuses, Problem)


def example(sent: Any, answered: Any, *, status: int = 200) -> dict[str, Any]:
    """A request and its answer, for the document and the human page; the tests hold them to their schemas."""
    more: dict[str, Any] = {"responses": {status: {"content": {"application/json": {"example": answered}}}}}
    if sent is not None:
        more["requestBody"] = {"content": {"application/json": {"example": sent}}}
    return more
