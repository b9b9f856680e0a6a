"""Is the process up, and can the register write and read? For load balancers and monitors."""

import logging

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from kaikukortti.actions.heartbeat import beat

log = logging.getLogger("kaikukortti.health")


def _plain(text: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return _plain("up")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """A row is really written, committed and read back; 503 says in words what does not work."""
    now = timezone.now()
    try:
        seen = beat(now=now)
    except DatabaseError as error:
        log.error("not ready: %s", type(error).__name__, exc_info=error)
        return _plain("not ready: the database does not take writes", status=503)
    if seen < now:
        return _plain("not ready: the database gave back an older row than was written", status=503)
    return _plain("ready: the database wrote and read a row")
