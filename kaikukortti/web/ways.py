"""Ways between pages: where the person was going, and how they get there from a whole page or a part of one."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect


def where(request: Any) -> str:
    """The page to come back to: after a form that was sent, the page it stood on."""
    if request.method == "GET" and not request.htmx:
        return str(request.get_full_path())
    try:
        if request.htmx:
            return request.htmx.current_url_abs_path or ""
        before = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # a header that is no address at all
        return ""
    ours = before.netloc == request.get_host() and url_has_allowed_host_and_scheme(before.path, None)
    return before.path if ours else ""


def go(request: Any, name: str, **query: str) -> HttpResponse:
    """To another page, also when only a part of the page was asked for."""
    query = {key: value for key, value in query.items() if value}
    address = reverse(name) + (f"?{urlencode(query)}" if query else "")
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def next_address(request: HttpRequest) -> str:
    """Where the person was going, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else ""
