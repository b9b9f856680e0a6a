"""What the installed till asks: JSON without cookies, authorised by the device's own token, so that no other site can
use it. No code is in an address or a log, and no answer names who gave a card."""

import json
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache, wraps
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import ValidationError

from kaikukortti.actions import till_list
from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.checks import CheckAnswer, check_card
from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.day_sheet import day_sheet
from kaikukortti.actions.device_keys import b64url, from_b64url, seal_key
from kaikukortti.actions.device_rows import hand_over, record_rows
from kaikukortti.actions.devices import (
    CodeGone,
    NotKnown,
    SaysOfItself,
    Stopped,
    WrongProof,
    enrol,
    move_on,
    speaks,
    unlock,
)
from kaikukortti.actions.fields import Code, Day, Flag, Form, Id, Instant, Number, Text
from kaikukortti.actions.sign_in import TooManyTries, count_till_code, forgive_till_code
from kaikukortti.actions.uses import MOST_ROWS, Answer
from kaikukortti.models import Record
from kaikukortti.rules.corrections import UnknownReason
from kaikukortti.terms.days import in_utc
from kaikukortti.terms.kinds import Status
from kaikukortti.terms.messages import Message, in_three, refusal_message, status_message
from kaikukortti.terms.policies import FREE_REVERSAL_HOURS
from kaikukortti.terms.refusals import Refusal
from kaikukortti.web.sign_in import caller_address

PROOF_BYTES = 32
CODE_GONE = gettext_noop("This code makes no till: it has been used, or its time is over. Ask for a new one.")
MANY_TRIES = gettext_noop("Too many codes have been tried from here. Wait a quarter of an hour.")
TOO_LATE = gettext_noop("A till undoes its own records for a day. Undo this one among the day's records.")
UNDONE = gettext_noop("Reversed.")

log = logging.getLogger("kaikukortti.calls")


class Unreadable(Exception):
    """The body is not what this call takes."""


# --- forms ------------------------------------------------------------------------------------------------------


class EnrolForm(Form):
    code: Text
    proof: Text
    passkey_proof: Text | None = None


class UnlockForm(Form):
    device: Id
    proof: Text


class SyncForm(Form):
    rows: list[Any]
    waiting: Number = 0
    waiting_since: Instant | None = None
    storage_kept: Flag | None = None
    list: Text | None = None
    sheet: Text | None = None


class CheckForm(Form):
    code: Code
    offering: Id | None = None
    day: Day | None = None


class ReverseForm(Form):
    reason: str | None = None


class HandOverForm(Form):
    device: Id
    proof: Text
    rows: list[Any]


Sent = TypeVar("Sent", bound=Form)


def _read(form: type[Sent], request: HttpRequest) -> Sent:
    try:
        return form.model_validate(json.loads(request.body))
    except (ValueError, ValidationError, RecursionError, UnreadablePostError):
        raise Unreadable from None


def _proof(text: str) -> bytes:
    try:
        proof = from_b64url(text)
    except ValueError:
        raise Unreadable from None
    if len(proof) != PROOF_BYTES:
        raise Unreadable
    return proof


def _rows(rows: list[Any]) -> list[Any]:
    if len(rows) > MOST_ROWS:
        raise Unreadable
    return rows


# --- the way in -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _said(text: str) -> Message:
    return in_three(lambda: gettext(text))


def _why_not(error: Exception) -> HttpResponse:
    match error:
        case Stopped():
            return JsonResponse({"stopped": error.stop}, status=403)
        case NotKnown():
            return JsonResponse({"not_known": True}, status=401)
        case WrongProof():
            return JsonResponse({"tries_left": error.left}, status=403)
        case CodeGone():
            return JsonResponse({"message": _said(CODE_GONE)}, status=404)
        case TooManyTries():
            return JsonResponse({"message": _said(MANY_TRIES)}, status=429)
        case NotAllowed():
            return JsonResponse({"not_allowed": True}, status=403)
        case Unreadable():
            return JsonResponse({"broken": True}, status=422)
        case RequestDataTooBig():
            return JsonResponse({"broken": True}, status=413)
    log.error("the database did not answer a till: %s", type(error).__name__, exc_info=error)
    return JsonResponse({"busy": True}, status=503)


View = Callable[..., HttpResponse]


def call(view: View) -> View:
    """A call of the till. What nobody expected is the server's own 500, which a till takes as no answer."""

    @csrf_exempt
    @never_cache
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (
            Stopped,
            NotKnown,
            WrongProof,
            CodeGone,
            TooManyTries,
            NotAllowed,
            Unreadable,
            RequestDataTooBig,
            DatabaseError,
        ) as error:
            return _why_not(error)

    answered.device = True  # type: ignore[attr-defined]  # the matrix of roles and routes is made from this
    return answered


def _token(request: HttpRequest) -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


# --- becoming a till, and opening it ----------------------------------------------------------------------------


@require_POST
@call
def become_till(request: HttpRequest) -> HttpResponse:
    form, now, address = _read(EnrolForm, request), timezone.now(), caller_address(request)
    proof, passkey = _proof(form.proof), _proof(form.passkey_proof) if form.passkey_proof else None
    count_till_code(address, now=now)
    made = enrol(form.code, proof=proof, passkey_proof=passkey, now=now)
    forgive_till_code(address, now=now)
    told = {
        "device": str(made.device.pk),
        "label": made.device.label,
        "kind": made.device.kind,
        "workplace": made.device.workplace.in_three,
        "token": made.token,
        "share": b64url(made.share),
        "seal_key": b64url(seal_key()),
        "list_key": b64url(till_list.list_key()),
        "expires_at": in_utc(made.device.expires_at),
    }
    return JsonResponse(told)


@require_POST
@call
def unlock_till(request: HttpRequest) -> HttpResponse:
    form = _read(UnlockForm, request)
    share = unlock(form.device, _proof(form.proof), now=timezone.now())
    return JsonResponse({"share": b64url(share)})


# --- sending ----------------------------------------------------------------------------------------------------


@require_POST
@call
def sync(request: HttpRequest) -> HttpResponse:
    """The token moves on first, then the rows are recorded in one transaction. Whatever is lost after that, the same
    token and the same rows come again and get the same answers."""
    form, now = _read(SyncForm, request), timezone.now()
    rows = _rows(form.rows)
    news = SaysOfItself(min(max(form.waiting, 0), 10**6), form.waiting_since, form.storage_kept)
    contact = move_on(_token(request), news, now=now)
    answers = record_rows(rows, by=contact.actor, now=now, ended=contact.ended)
    told: dict[str, Any] = {
        "token": contact.token,
        "now": in_utc(now),
        "answers": [row_answer(row, answer) for row, answer in zip(rows, answers, strict=True)],
        "sheet": None,
        "list": None,
    }
    if not contact.ended:
        sheet = day_sheet(by=contact.actor, now=now)
        told["sheet"] = None if sheet["etag"] == form.sheet else sheet
        told["list"] = _list_news(form.list, now)
    return JsonResponse(told)


@lru_cache(maxsize=1024)
def _row_said(status: Status, refusal: Refusal | None, day: date | None, minute: datetime | None) -> Message:
    return status_message(status, refusal, day=day, time=minute)


def row_answer(row: Any, answer: Answer | None) -> dict[str, Any]:
    """One row's answer. A till that takes a break after many unknown codes keeps its rows and sends them again."""
    sent = row.get("id") if isinstance(row, dict) else None
    if answer is None:
        told = {"status": "broken", "refusal": None, "message": None, "day": None, "time": None}
        return {"id": sent if isinstance(sent, str) and len(sent) <= 36 else None, **told}
    waits = answer.refusal == Refusal.TOO_MANY_TRIES
    # A stored row says the same for ever; when the ticket was given stands in a refusal alone.
    day, time = (answer.day, answer.time) if answer.record is None else (None, None)
    minute = time.replace(second=0, microsecond=0) if time else None
    return {
        "id": sent,
        "status": "keep" if waits else answer.status,
        "refusal": answer.refusal,
        "message": _row_said(answer.status, answer.refusal, day, minute),
        "day": day.isoformat() if day else None,
        "time": in_utc(time),
    }


# --- asking, and undoing ----------------------------------------------------------------------------------------


@require_POST
@call
def check(request: HttpRequest) -> HttpResponse:
    form, now = _read(CheckForm, request), timezone.now()
    by = speaks(_token(request), now=now)
    return JsonResponse(_check_answer(check_card(form.code, by=by, now=now, offering=form.offering, day=form.day)))


def _check_answer(checked: CheckAnswer) -> dict[str, Any]:
    return {
        "allowed": checked.allowed,
        "refusal": checked.refusal,
        "child_places": checked.child_places,
        "assistant": checked.assistant,
        "message": checked.message,
        "time": in_utc(checked.time),
        "day": checked.day.isoformat() if checked.day else None,
        "places_left": checked.places_left,
        "community": checked.community,
        "pending": checked.pending,
    }


@require_POST
@call
def reverse_row(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take back one of the device's own rows, within a day."""
    form, now = _read(ReverseForm, request), timezone.now()
    by = speaks(_token(request), now=now)
    record = Record.objects.filter(recorder=by.workplace, device=by.device, client_id=id).first()
    if record is None:
        return JsonResponse({"not_known": True}, status=404)
    if now - record.entered_at > timedelta(hours=FREE_REVERSAL_HOURS):
        return JsonResponse({"refusal": Refusal.TOO_LATE_TO_RECORD, "message": _said(TOO_LATE)}, status=422)
    return _reversed(record, form.reason or "", by=by, now=now)


def _reversed(record: Record, reason: str, *, by: Actor, now: datetime) -> HttpResponse:
    try:
        reversal = reverse_use(record, by=by, now=now, reason=reason)
    except UnknownReason:
        raise Unreadable from None
    if reversal.refusal:
        return JsonResponse({"refusal": reversal.refusal, "message": refusal_message(reversal.refusal)}, status=422)
    told = {
        "id": str(record.client_id),
        "reversed_at": in_utc(reversal.at),
        "reason": reversal.reason or None,
        "refusal": None,
        "message": _said(UNDONE),
    }
    return JsonResponse(told)


# --- the list ---------------------------------------------------------------------------------------------------


def _list_news(has: str | None, now: datetime) -> dict[str, Any] | None:
    """What a till fetches to have the current list. Without a list rows come in all the same: null, ask again."""
    try:
        newest = till_list.current(now)
        if has == newest.sha256:
            return {"same": True}
        if has and till_list.difference(has, now) is not None:
            address = reverse("till-app-list-difference", args=[has, newest.sha256])
            return {"kind": "difference", "to": newest.sha256, "url": address}
    except OSError as trouble:
        log.error("the list of offline tills could not be drawn: %s", type(trouble).__name__, exc_info=trouble)
        return None
    return {"kind": "full", "to": newest.sha256, "url": reverse("till-app-list", args=[newest.sha256])}


@require_http_methods(["GET", "POST"])
@call
def whole_list(request: HttpRequest, to: str) -> HttpResponse:
    """The current list, signed; it may have been drawn anew since the sync that named it."""
    now = timezone.now()
    speaks(_token(request), now=now)
    return _bytes(till_list.current(now).content, "full")


@require_http_methods(["GET", "POST"])
@call
def list_difference(request: HttpRequest, since: str, to: str) -> HttpResponse:
    """What turns the till's list into the current one; the whole where that is no larger."""
    now = timezone.now()
    speaks(_token(request), now=now)
    made = till_list.difference(since, now)
    return _bytes(made, "difference") if made is not None else _bytes(till_list.current(now).content, "full")


def _bytes(content: bytes, kind: str) -> HttpResponse:
    return HttpResponse(content, content_type="application/octet-stream", headers={"X-List-Kind": kind})


# --- a stopped till ---------------------------------------------------------------------------------------------


@require_POST
@call
def leave_rows(request: HttpRequest) -> HttpResponse:
    """A till that has been stopped leaves what it has; a person of its workplace takes it or not."""
    form = _read(HandOverForm, request)
    kept = hand_over(form.device, _proof(form.proof), _rows(form.rows), now=timezone.now())
    return JsonResponse({"answers": [{"id": one.id, "status": one.status} for one in kept]})
