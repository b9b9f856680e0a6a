"""A signed-in session ends after half an hour without use; a till kept for the evening ends at its own hour (A8)."""

from datetime import datetime, timedelta

from django.http import HttpRequest

IDLE = timedelta(minutes=30)
WARNING = timedelta(minutes=3)
SEEN = "seen"  # session: seconds since 1970 of the last use, to the minute
TILL_UNTIL = "till_until"  # session: seconds since 1970 until which this browser is kept as a till


def idle_ended(request: HttpRequest, now: datetime) -> bool:
    """Whether the session has been left alone for too long. A session without a mark has just begun."""
    if TILL_UNTIL in request.session:
        return bool(request.session[TILL_UNTIL] <= now.timestamp())
    seen = request.session.get(SEEN)
    return seen is not None and now.timestamp() - seen > IDLE.total_seconds()


def mark_used(request: HttpRequest, now: datetime) -> None:
    """Note the use, at most once a minute: a page view need not write."""
    if now.timestamp() - request.session.get(SEEN, 0) >= 60:
        request.session[SEEN] = int(now.timestamp())
