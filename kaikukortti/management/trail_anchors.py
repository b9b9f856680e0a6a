"""Anchors of the audit trail: its head, written day by day to a file of the owner's outside the database, and to the
log. Who can cut the trail and rewind its head in the database cannot cut these with it (S17)."""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from kaikukortti.actions.trail_check import Anchor, fits, head_now

log = logging.getLogger("kaikukortti.trail")


def path() -> Path:
    return Path(settings.DATA_DIR) / "trail-anchors.txt"


def anchor_of(text: str) -> Anchor:
    """`123:0f3a…`, as the log and the file have it. Raises ValueError."""
    number, _colon, digest = text.partition(":")
    if len(digest) != 64:
        raise ValueError(text)
    return Anchor(int(number), digest)


def kept_anchors() -> list[Anchor]:
    """Those of the file, the oldest first. Raises ValueError for a line that is none."""
    try:
        lines = path().read_text().splitlines()
    except FileNotFoundError:
        return []
    return [anchor_of(line.split()[-1]) for line in lines if line.strip()]


def set_anchor(*, now: datetime) -> int | None:
    """Write the head down unless it stands there already; says at which entry. Where the trail does not fit the last
    anchor nothing is written, or the next night would bury what happened: the log says so instead."""
    kept, head = kept_anchors(), head_now()
    if kept and not fits(kept[-1]):
        log.error("the audit trail does not fit its anchor at entry %s: run manage.py check_trail", kept[-1].number)
        return None
    if head is None or (kept and kept[-1] == head):
        return head.number if head else 0
    descriptor = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as file:
        file.write(f"{now.astimezone(UTC):%Y-%m-%dT%H:%MZ} {head.number}:{head.digest}\n")
    log.info("anchor of the audit trail %s:%s", head.number, head.digest)
    return head.number
