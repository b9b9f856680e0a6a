"""The calls' own short way in: `/api/`, `/healthz` and `/readyz` skip sessions, languages, messages and forms.

This middleware stands first. A call goes straight to its function and gets security headers and, whatever happens, an
answer that a machine can read; a page goes on through the whole chain (docs/decisions tells why). Both leave one line
in the log: method, name of the route, status and time, never an address, a query or a body.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

from kaikukortti.api.problems import NOT_FOUND, NOT_JSON, WRONG_METHOD, answer_to, problem
from kaikukortti.logs import route

PREFIXES = ("/api/", "/healthz", "/readyz")
# The human page of the calls is a page like the others.
PAGES = ("/api/v1/docs",)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
log = logging.getLogger("kaikukortti.requests")
Chain = Callable[[HttpRequest], HttpResponseBase]


def door(pages: Chain) -> Chain:
    """Django's middleware protocol: `pages` is the rest of the chain."""

    def enter(request: HttpRequest) -> HttpResponseBase:
        start = time.monotonic()
        path = request.path_info
        if path.startswith(PREFIXES) and path not in PAGES:
            response: HttpResponseBase = _call(request)
        else:
            response = pages(request)
        if log.isEnabledFor(logging.INFO):
            milliseconds = (time.monotonic() - start) * 1000
            log.info("%s %s %d %.0f ms", request.method, route(request), response.status_code, milliseconds)
        return response

    return enter


def _call(request: HttpRequest) -> HttpResponse:
    head = request.method == "HEAD"
    if head:
        request.method = "GET"
    response = _answer(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if settings.SECURE_HSTS_SECONDS and request.is_secure():
        response.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    response.headers["Content-Length"] = str(len(response.content))
    if head:
        response.content = b""
    return response


def _answer(request: HttpRequest) -> HttpResponse:
    try:
        request.get_host()
        match = request.resolver_match = resolve(request.path_info)
        if request.method == "POST" and not _json(request):
            return problem(NOT_JSON)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except (Resolver404, Http404):
        return problem(NOT_FOUND)
    except Exception as error:
        return answer_to(request, error)
    if response.status_code == 405:
        wrong = problem(WRONG_METHOD)
        wrong["Allow"] = response["Allow"]
        return wrong
    return response


def _json(request: HttpRequest) -> bool:
    """A body that says what it is must say JSON; a body that says nothing is read as JSON, and none is none."""
    if request.META.get("CONTENT_LENGTH") == "0":
        return True
    kind = (request.content_type or "").lower()
    return kind in ("", "application/json") or kind.endswith("+json")
