"""The second factor of a session: when it was last confirmed, and when it is asked for again.

A password alone opens no card's row (section 5). The session says when the person last confirmed that they are who
signed in; after a pause they are asked once more.
"""

from datetime import datetime, timedelta
from typing import Any

CONFIRMED = "factor"  # session: seconds since 1970 of the last confirmation
STEP_UP = timedelta(minutes=30)


def confirmed(request: Any, now: datetime) -> bool:
    """Whether the person confirmed the second factor in this session, and not too long ago."""
    at = request.session.get(CONFIRMED)
    return at is not None and now.timestamp() - at < STEP_UP.total_seconds()


def confirm(request: Any, now: datetime) -> None:
    """Note a confirmation. The session gets a new key: one that was copied before opens no more than before."""
    request.session.cycle_key()
    request.session[CONFIRMED] = now.timestamp()
