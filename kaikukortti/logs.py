"""What a log line may hold: which route, which kind of error and where, never an address, a query or a value.

An error's own text is left out on purpose: a database's complaint can repeat the row it refused, birth year and all.
"""

import logging
import traceback
from types import TracebackType
from typing import Any


def route(request: Any) -> str:
    """The name of a request's route; a dash where none was found."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name or match.route) if match else "-"


class Discreet(logging.Formatter):
    """Errors as kind and place, without their words."""

    def formatException(  # noqa: N802  (the name is logging's)
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        parts: list[str] = []
        error = ei[1]
        while error is not None and len(parts) < 5:
            frames = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error)
            parts.append(f"{frames}{kind.__module__}.{kind.__qualname__}")
            error = error.__cause__ or error.__context__
        return "\nbecause of\n".join(parts)


class ByRoute(logging.Filter):
    """Django names the path of a failed request, where somebody may have typed a code: the route's name instead."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None:
            status = getattr(record, "status_code", "-")
            record.msg, record.args = "%s %s %s", (status, getattr(request, "method", "-"), route(request))
        return True
