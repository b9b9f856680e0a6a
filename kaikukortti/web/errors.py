"""Pages for what went wrong: one sentence of fact, one next step."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "kaikukortti/errors/csrf.html", status=403)


def not_allowed(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "kaikukortti/errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "kaikukortti/errors/404.html", status=404)


def went_wrong(request: HttpRequest) -> HttpResponse:
    return render(request, "kaikukortti/errors/500.html", status=500)
