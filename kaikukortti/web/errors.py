"""Pages for what went wrong: one sentence of fact, one next step."""

import logging
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kaikukortti.logs import route

log = logging.getLogger("kaikukortti.errors")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "kaikukortti/errors/csrf.html", status=403)


def not_allowed(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "kaikukortti/errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "kaikukortti/errors/404.html", status=404)


def went_wrong(request: HttpRequest) -> HttpResponse:
    """The number on the page stands in the log beside the error: random, so that it tells nothing of anyone."""
    number = f"{secrets.randbelow(10**6):06}"
    log.error("number %s: %s %s", number, request.method, route(request))
    return render(request, "kaikukortti/errors/500.html", {"number": number}, status=500)
