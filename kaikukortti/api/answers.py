"""Answers as JSON. Their words are made once per status and reason; in three languages they cost more than a rule."""

import json
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.http import HttpResponse

from kaikukortti.actions.checks import CheckAnswer
from kaikukortti.actions.uses import Answer
from kaikukortti.terms.kinds import Status
from kaikukortti.terms.messages import Message, refusal_message, status_message, valid_message
from kaikukortti.terms.refusals import Refusal


def answer(body: Any, *, status: int = 200) -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, status=status, content_type="application/json")


@lru_cache(maxsize=1024)
def _status_said(status: Status, refusal: Refusal | None, day: date | None, minute: datetime | None) -> Message:
    return status_message(status, refusal, day=day, time=minute)


@lru_cache(maxsize=1024)
def _refusal_said(refusal: Refusal, day: date | None, minute: datetime | None) -> Message:
    return refusal_message(refusal, day=day, time=minute)


@lru_cache(maxsize=64)
def _valid_said(child_places: int, community: bool) -> Message:
    return valid_message(child_places, community=community)


def _minute(time: datetime | None) -> datetime | None:
    """Words name the minute at most, so rows of the same minute share them."""
    return time.replace(second=0, microsecond=0) if time else None


def check_answer(checked: CheckAnswer) -> dict[str, Any]:
    """Exactly five keys, in every state (P5)."""
    return {
        "allowed": checked.allowed,
        "refusal": checked.refusal,
        "child_places": checked.child_places,
        "assistant": checked.assistant,
        "message": _refusal_said(checked.refusal, checked.day, _minute(checked.time))
        if checked.refusal
        else _valid_said(checked.child_places, checked.community),
    }


def use_answer(row: Answer) -> dict[str, Any]:
    """One row's answer; the cents only where a policy covers a maximum (rule 21)."""
    told: dict[str, Any] = {
        "id": str(row.id),
        "status": row.status,
        "refusal": row.refusal,
        "message": _status_said(row.status, row.refusal, row.day, _minute(row.time)),
    }
    if row.covered_cents is not None:
        told |= {"covered_cents": row.covered_cents, "remainder_cents": row.remainder_cents}
    return told
