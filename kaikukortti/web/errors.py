"""Pages for what went wrong: one sentence of fact, one next step."""

import logging
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import is_valid_path

from kaikukortti.logs import route

LANGUAGE_ONLY = 2  # slashes of /fi/
log = logging.getLogger("kaikukortti.errors")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A holder who has just taken the card and pulls the page down sends the form again: the card is on the phone,
    and the link's own page leads to it."""
    if request.resolver_match and request.resolver_match.url_name == "phone-link":
        return redirect(request.path)
    return render(request, "kaikukortti/errors/csrf.html", status=403)


def back_to_a_page(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The address of an answer that cannot be opened by itself, as when somebody changes the language on new recovery
    codes, leads up to the page it belongs to instead of an empty window. Only when a person goes there in a browser."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.headers.get("Sec-Fetch-Mode") != "navigate":
            return response
        above = request.path.rstrip("/").rpartition("/")[0] + "/"
        while above.count("/") > LANGUAGE_ONLY and not is_valid_path(above):
            above = above.rstrip("/").rpartition("/")[0] + "/"
        return redirect(above) if is_valid_path(above) else response

    return answer


def not_allowed(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "kaikukortti/errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "kaikukortti/errors/404.html", status=404)


def went_wrong(request: HttpRequest) -> HttpResponse:
    """The number on the page stands in the log beside the error: random, so that it tells nothing of anyone."""
    number = f"{secrets.randbelow(10**6):06}"
    log.error("number %s: %s %s", number, request.method, route(request))
    return render(request, "kaikukortti/errors/500.html", {"number": number}, status=500)
