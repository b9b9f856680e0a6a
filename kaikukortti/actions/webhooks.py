"""Telling shops: news is written in the transaction of what happened and sent afterwards, signed, until it arrives.

`tell` writes; `send_due` sends what is due, each message as a try of its own, so that a sender that dies in the middle
loses nothing: at worst a shop hears the same thing twice, under the same id. A shop is told of what it holds already,
offerings and one-time codes by their ids, and never of a card (docs/decisions/0028-sellers.md).
"""

import http.client
import json
import logging
import secrets
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction
from django.db.models import F, Q, QuerySet

from kaikukortti import keys
from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.models import DemoMark, Hold, Offering, Record, Webhook, WebhookMessage, Workplace
from kaikukortti.rules.webhooks import (
    GONE,
    AddressProblem,
    arrived,
    next_try,
    problem_with_address,
    refuse_addresses,
    signature,
    write_secret,
)
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.terms.sellers import WebhookEvent

SECRET_BYTES = 32
MOST_WEBHOOKS = 3  # of one workplace
CONNECT_SECONDS, WHOLE_SECONDS = 5.0, 12.0
MOST_OF_AN_ANSWER = 4096
# A try that is under way belongs to its sender for so long; then another may take it.
LEASE = timedelta(minutes=2)
KEPT = timedelta(days=90)
USER_AGENT = "Kaikukortti-webhooks/1"

log = logging.getLogger("kaikukortti.webhooks")


# --- writing ------------------------------------------------------------------------------------------------------


def tell(
    event: WebhookEvent,
    offering: Offering,
    *,
    now: datetime,
    only: Workplace | int | None = None,
    **more: Any,
) -> int:
    """Write a piece of news for the shops that hold something of this offering, in the caller's transaction; says how
    many messages were written. `only` names the one workplace whom it concerns; `more` joins the message's data."""
    data = {"offering": {"id": str(offering.pk), "external_id": offering.external_id or None}, **more}
    waiting = [
        WebhookMessage(webhook=one, event=event, body=_body(event, data, now), made_at=now, next_at=now)
        for one in _listeners(offering, only)
    ]
    WebhookMessage.objects.bulk_create(waiting)
    return len(waiting)


def _body(event: WebhookEvent, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {"type": event.value, "timestamp": now.astimezone(UTC).isoformat(timespec="seconds"), "data": data}


def _listeners(offering: Offering, only: Workplace | int | None) -> QuerySet[Webhook]:
    """Shops of workplaces that have records or places kept there, and that still sell for the venue."""
    here = Webhook.objects.filter(ended_at__isnull=True).filter(
        Q(workplace=offering.venue_id) | Q(workplace__venues=offering.venue_id)
    )
    if only is not None:
        return here.filter(workplace=only).distinct()
    holding = Q(workplace__in=Hold.objects.filter(offering=offering).exclude(workplace=None).values("workplace"))
    recording = Q(workplace__in=Record.objects.filter(offering=offering).values("recorder"))
    return here.filter(holding | recording).distinct()


# --- a shop's address ---------------------------------------------------------------------------------------------


def may_set_webhooks(by: Actor) -> bool:
    """The contact persons of a workplace that records say where its shop is."""
    return by.role in RECORDERS and by.membership is not None and by.membership.is_contact


def _may(by: Actor) -> None:
    if not may_set_webhooks(by):
        raise NotAllowed(by.role)


def tells_here() -> bool:
    """A demo may tell a shop on the same machine; a register of real people never."""
    return DemoMark.objects.exists()


@dataclass(frozen=True, slots=True)
class MadeWebhook:
    """The webhook, and its secret in clear this once."""

    webhook: Webhook
    secret: str


def make_webhook(url: str, *, by: Actor, now: datetime) -> MadeWebhook | AddressProblem:
    """From now on the shop is told at this address. Raises NotAllowed but for a contact person."""
    _may(by)
    if _own(by).count() >= MOST_WEBHOOKS:
        return AddressProblem.ENOUGH
    loopback = tells_here()
    problem = problem_with_address(url, loopback=loopback) or refuse_addresses(look_up(url), loopback=loopback)
    if problem:
        return problem
    secret = write_secret(secrets.token_bytes(SECRET_BYTES))
    webhook = Webhook.objects.create(
        workplace=by.workplace, url=url, sealed_secret=_seal(secret), made_by=by.user, made_at=now
    )
    return MadeWebhook(webhook, secret)


def change_secret(webhook: Webhook, *, by: Actor) -> str:
    """A new secret, in clear this once; what waits is signed with it."""
    _may(by)
    secret = write_secret(secrets.token_bytes(SECRET_BYTES))
    _own(by).filter(pk=webhook.pk).update(sealed_secret=_seal(secret))
    return secret


@transaction.atomic
def end_webhook(webhook: Webhook, *, by: Actor, now: datetime) -> None:
    """Nothing more is told there; what waited is not sent any more."""
    _may(by)
    if _own(by).filter(pk=webhook.pk).update(ended_at=now):
        WebhookMessage.objects.filter(webhook=webhook, next_at__isnull=False).update(next_at=None, dead_at=now)


def tell_test(webhook: Webhook, *, by: Actor, now: datetime) -> WebhookMessage:
    """A message to try the shop's own side with."""
    _may(by)
    body = _body(WebhookEvent.TEST, {"message": "A test. Nothing has happened."}, now)
    return WebhookMessage.objects.create(
        webhook=_own(by).get(pk=webhook.pk), event=WebhookEvent.TEST, body=body, made_at=now, next_at=now
    )


def send_again(message: WebhookMessage, *, by: Actor, now: datetime) -> None:
    """Begin anew with a message that could not be delivered, or that the shop wants once more, under its id."""
    _may(by)
    WebhookMessage.objects.filter(pk=message.pk, webhook__in=_own(by)).update(
        tries=0, next_at=now, dead_at=None, delivered_at=None
    )


def _own(by: Actor) -> QuerySet[Webhook]:
    return Webhook.objects.filter(workplace=by.workplace, ended_at__isnull=True)


def _seal(secret: str) -> bytes:
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(keys.key("webhooks")).encrypt(nonce, secret.encode(), None)


def secret_of(webhook: Webhook) -> str:
    sealed = bytes(webhook.sealed_secret)
    return AESGCM(keys.key("webhooks")).decrypt(sealed[:12], sealed[12:], None).decode()


# --- sending ------------------------------------------------------------------------------------------------------

Deliver = Callable[[str, dict[str, str], bytes], int]


@dataclass(frozen=True, slots=True)
class Sent:
    """What one round did."""

    delivered: int = 0
    in_vain: int = 0
    dead: int = 0

    @property
    def any(self) -> bool:
        return bool(self.delivered or self.in_vain or self.dead)


def send_due(*, now: Callable[[], datetime], most: int = 100, deliver: Deliver | None = None) -> Sent:
    """Send what is due, oldest first. Several senders may run at once: each try is taken by one of them."""
    send = deliver or (lambda url, headers, body: post(url, headers, body, loopback=tells_here()))
    due = WebhookMessage.objects.filter(next_at__lte=now()).order_by("next_at").select_related("webhook")[:most]
    delivered = in_vain = dead = 0
    for message in due:
        if not _take(message, now()):
            continue
        status = _try(message, send, now())
        match _write_down(message, status, now()):
            case True:
                delivered += 1
            case False:
                in_vain += 1
            case None:
                dead += 1
    return Sent(delivered, in_vain, dead)


def _take(message: WebhookMessage, now: datetime) -> bool:
    """Whether the try is ours: counted before it begins, so that a sender that dies has used it up."""
    mine = WebhookMessage.objects.filter(pk=message.pk, next_at=message.next_at)
    taken = mine.update(next_at=now + LEASE, tries=F("tries") + 1)
    message.tries += taken
    return bool(taken)


def _try(message: WebhookMessage, send: Deliver, now: datetime) -> int:
    """The status that the shop answered with; 0 where nobody answered."""
    body = json.dumps(message.body, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "webhook-id": str(message.pk),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret_of(message.webhook), id=str(message.pk), timestamp=timestamp, body=body),
    }
    try:
        return send(message.webhook.url, headers, body)
    except (OSError, http.client.HTTPException, ValueError) as error:
        log.info("webhook %s: nobody answered: %s", message.webhook_id, type(error).__name__)
        return 0


def _write_down(message: WebhookMessage, status: int, now: datetime) -> bool | None:
    """True when it arrived, False when it is tried again, None when it is given up."""
    here = WebhookMessage.objects.filter(pk=message.pk)
    if arrived(status):
        here.update(last_status=status, delivered_at=now, next_at=None)
        return True
    again = None if status == GONE else next_try(message.tries, now=now)
    here.update(last_status=status, next_at=again, dead_at=None if again else now)
    if again is None:
        log.warning("webhook %s: a message was given up after %s tries", message.webhook_id, message.tries)
    return False if again else None


class NotPublic(OSError):
    """The name means a machine that is not one of the open network."""


def look_up(url: str) -> list[str]:
    """The IP addresses that the name in an address means now; none when nobody knows it."""
    parts = urlsplit(url)
    with suppress(OSError, UnicodeError):
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(one[4][0]) for one in found))
    return []


class _Checked(http.client.HTTPConnection):
    """A connection to the very address that was checked; with TLS the name is still the one that was asked for."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=CONNECT_SECONDS)
        self.address, self.context = address, context

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.context is not None:
            self.sock = self.context.wrap_socket(self.sock, server_hostname=self.host)


def post(url: str, headers: dict[str, str], body: bytes, *, loopback: bool = False) -> int:
    """Send a body and give the answer's status. Nothing is followed and next to nothing of the answer is read; a shop
    that dawdles is left. Raises OSError, HTTPException."""
    problem = problem_with_address(url, loopback=loopback)
    addresses = [] if problem else look_up(url)
    problem = problem or refuse_addresses(addresses, loopback=loopback)
    if problem:
        raise NotPublic(problem.value)
    parts = urlsplit(url)
    context = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if context else 80)
    connection = _Checked(parts.hostname or "", port, addresses[0], context)
    left = Timer(WHOLE_SECONDS, _leave, [connection])
    left.daemon = True
    left.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=body, headers=headers)
        response = connection.getresponse()
        response.read(MOST_OF_AN_ANSWER)
        return response.status
    finally:
        left.cancel()
        connection.close()


def _leave(connection: http.client.HTTPConnection) -> None:
    """Whoever waits for the shop's next byte is woken with an end of file."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def forget_old_messages(*, now: datetime) -> int:
    """Messages are kept for three months, for whoever asks what a shop was told; says how many went."""
    return WebhookMessage.objects.filter(made_at__lt=now - KEPT, next_at__isnull=True).delete()[0]
