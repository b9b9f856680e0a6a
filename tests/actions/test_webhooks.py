"""Telling shops: what is told to whom, delivered to the address that was checked, tried again, given up, sent again."""

import json
import socket
import time
from base64 import b64decode, b64encode
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from hmac import digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.db import transaction

from kaikukortti.actions import webhooks
from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.holds import Wish
from kaikukortti.actions.offerings import cancel_offering
from kaikukortti.actions.one_time_codes import claim_code, code_of_seller, release_code
from kaikukortti.actions.webhooks import (
    MadeWebhook,
    change_secret,
    end_webhook,
    forget_old_messages,
    make_webhook,
    post,
    secret_of,
    send_again,
    send_due,
    tell,
    tell_test,
)
from kaikukortti.models import DemoMark, Webhook, WebhookMessage
from kaikukortti.rules.webhooks import MOST_TRIES, AddressProblem
from kaikukortti.terms.sellers import WebhookEvent

pytestmark = pytest.mark.database


# --- a shop on this machine ---------------------------------------------------------------------------------------


class Shop(ThreadingHTTPServer):
    """Notes what it is told and answers with `status`."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Ear)
        self.told, self.status, self.headers, self.pause, self.text = [], 200, {}, 0.0, b"ok"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/in?shop=1"


class Ear(BaseHTTPRequestHandler):
    server: Any  # the shop

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.told.append((self.path, dict(self.headers), body))
        time.sleep(self.server.pause)
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(self.server.text)))
        self.end_headers()
        self.wfile.write(self.server.text)

    def log_message(self, *_):
        pass


@contextmanager
def open_shop():
    shop = Shop()
    Thread(target=shop.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield shop
    finally:
        shop.shutdown()
        shop.server_close()


@pytest.fixture
def shop():
    with open_shop() as one:
        yield one


@pytest.fixture
def demo(cast):
    """A register of invented people, which may tell a shop on the same machine."""
    DemoMark.objects.create(digest="0" * 64, made_at=cast.now)


@pytest.fixture
def public(monkeypatch):
    """Names mean a public address here; nothing is connected to."""
    monkeypatch.setattr(webhooks, "look_up", lambda url: ["93.184.216.34"])


def listening(cast, name, url="https://shop.example.fi/in"):
    made = make_webhook(url, by=cast.actor(name), now=cast.now)
    assert isinstance(made, MadeWebhook), made
    return made


def told(cast):
    return list(WebhookMessage.objects.order_by("pk").values_list("webhook__workplace__name_fi", "event"))


# --- whom, and of what --------------------------------------------------------------------------------------------


def test_a_shop_is_told_of_what_it_holds_and_of_nothing_else(cast, public):
    listening(cast, "luukku")
    listening(cast, "tapiola")
    listening(cast, "hall")
    sold, other = cast.offering(cap=5), cast.offering(cap=5)
    cast.use(cast.card(), offering=sold, by=cast.luukku)
    cast.use(cast.card(), offering=other)
    for offering in (sold, other):
        tell(WebhookEvent.CANCELLED, offering, now=cast.now)
    assert told(cast) == [("Lippuluukku", "offering.cancelled")]
    body = WebhookMessage.objects.get().body
    assert body == {
        "type": "offering.cancelled",
        "timestamp": "2026-11-24T16:55:00+00:00",
        "data": {"offering": {"id": str(sold.pk), "external_id": None}},
    }


def test_a_code_that_waits_is_reason_enough(cast, public):
    listening(cast, "luukku")
    event = cast.offering(cap=5)
    made = claim_code(cast.card(), Wish(), id=event.pk, by=cast.luukku, now=cast.now, offering=event.pk)
    assert made.hold
    assert tell(WebhookEvent.ALLOTMENT, event, now=cast.now) == 1


def test_who_no_longer_sells_for_the_venue_is_told_nothing(cast, public):
    listening(cast, "luukku")
    event = cast.offering()
    cast.use(cast.card(), offering=event, by=cast.luukku)
    cast.workplaces["luukku"].venues.clear()
    assert tell(WebhookEvent.CANCELLED, event, now=cast.now) == 0


def test_a_code_made_anew_and_one_released_by_another_are_news(cast, public):
    listening(cast, "luukku")
    event, card = cast.offering(cap=5), cast.card()

    def claim(id):
        return claim_code(card, Wish(), id=id, by=cast.luukku, now=cast.now, offering=event.pk)

    def its(made, by):
        hold = code_of_seller(made.hold.pk, by=by)
        assert hold
        return hold

    first, second = claim(event.pk), claim(cast.offering().pk)
    (message,) = WebhookMessage.objects.all()
    assert message.event == WebhookEvent.VOIDED
    assert message.body["data"]["one_time_code"] == {"id": str(first.hold.pk), "state": "reissued"}
    release_code(its(second, cast.luukku), by=cast.luukku, now=cast.now)
    assert WebhookMessage.objects.count() == 1  # the seller knows what it did itself
    third = claim(cast.offering().pk)
    release_code(its(third, cast.ville), by=cast.ville, now=cast.now)
    assert WebhookMessage.objects.count() == 2


def test_cancelling_tells_the_shops(cast, public):
    listening(cast, "luukku")
    event = cast.offering()
    cast.use(cast.card(), offering=event, by=cast.luukku)
    cancel_offering(event, by=cast.ville, now=cast.now)
    assert ("Lippuluukku", "offering.cancelled") in told(cast)


def test_news_of_what_was_taken_back_is_never_written(cast, public):
    listening(cast, "luukku")
    event = cast.offering()
    cast.use(cast.card(), offering=event, by=cast.luukku)
    with transaction.atomic():
        tell(WebhookEvent.CANCELLED, event, now=cast.now)
        transaction.set_rollback(True)
    assert not WebhookMessage.objects.exists()


# --- where --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("means", "problem"),
    [
        (["10.1.2.3"], AddressProblem.NOT_PUBLIC),
        (["93.184.216.34", "::ffff:127.0.0.1"], AddressProblem.NOT_PUBLIC),
        ([], AddressProblem.NO_NAME),
    ],
)
def test_a_name_that_means_a_private_address_is_not_saved(cast, monkeypatch, means, problem):
    monkeypatch.setattr(webhooks, "look_up", lambda url: means)
    assert make_webhook("https://shop.example.fi/", by=cast.luukku, now=cast.now) == problem
    assert not Webhook.objects.exists()


def test_a_real_register_tells_no_shop_on_its_own_machine(cast, shop):
    assert make_webhook(shop.url, by=cast.luukku, now=cast.now) == AddressProblem.NOT_HTTPS
    with pytest.raises(OSError, match="not-https"):
        post(shop.url, {}, b"{}")
    assert shop.told == []


def test_a_name_that_means_another_machine_later_is_not_connected_to(cast, public, monkeypatch):
    made = listening(cast, "luukku")
    tell_test(made.webhook, by=cast.luukku, now=cast.now)
    monkeypatch.setattr(webhooks, "look_up", lambda url: ["127.0.0.1"])
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("connected"))
    assert send_due(now=lambda: cast.now).in_vain == 1
    assert WebhookMessage.objects.get().last_status == 0


def test_the_connection_goes_to_the_very_address_that_was_checked(monkeypatch):
    """The name is looked up once: what it means a moment later matters no more."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    asked = []
    monkeypatch.setattr(webhooks, "look_up", lambda url: next(answers))

    def connect(address, *_):
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ConnectionRefusedError):
        post("https://shop.example.fi/in", {}, b"{}")
    assert asked == [("93.184.216.34", 443)]


def test_only_a_contact_person_says_where(cast, public):
    made = listening(cast, "luukku")
    liisa = cast.luukku
    liisa.membership.is_contact = False
    for act in (
        lambda: make_webhook("https://shop.example.fi/", by=liisa, now=cast.now),
        lambda: change_secret(made.webhook, by=liisa),
        lambda: end_webhook(made.webhook, by=liisa, now=cast.now),
        lambda: tell_test(made.webhook, by=liisa, now=cast.now),
        lambda: make_webhook("https://shop.example.fi/", by=cast.aino, now=cast.now),
        lambda: make_webhook("https://shop.example.fi/", by=Actor(cast.workplaces["luukku"]), now=cast.now),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_three_addresses_are_enough(cast, public):
    for _ in range(3):
        listening(cast, "luukku")
    assert make_webhook("https://shop.example.fi/", by=cast.luukku, now=cast.now) == AddressProblem.ENOUGH


def test_a_secret_is_sealed_changed_and_never_stored_in_clear(cast, public):
    made = listening(cast, "luukku")
    assert made.secret.startswith("whsec_")
    assert len(b64decode(made.secret.removeprefix("whsec_"))) == 32
    assert made.secret.encode() not in bytes(made.webhook.sealed_secret)
    assert secret_of(made.webhook) == made.secret
    other = change_secret(made.webhook, by=cast.luukku)
    made.webhook.refresh_from_db()
    assert secret_of(made.webhook) == other != made.secret


def at_instant(now):
    return send_due(now=lambda: now)


# --- delivering ---------------------------------------------------------------------------------------------------


def test_a_message_arrives_signed(cast, demo, shop):
    made = listening(cast, "luukku", shop.url)
    tell_test(made.webhook, by=cast.luukku, now=cast.now)
    assert send_due(now=lambda: cast.now).delivered == 1
    ((path, headers, body),) = shop.told
    message = WebhookMessage.objects.get()
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = b64decode(made.secret.removeprefix("whsec_"))
    assert headers["webhook-signature"] == "v1," + b64encode(digest(key, signed, sha256)).decode()
    assert (path, headers["webhook-id"], json.loads(body)) == ("/in?shop=1", str(message.pk), message.body)
    assert int(headers["webhook-timestamp"]) == int(cast.now.timestamp())
    assert (message.last_status, message.delivered_at, message.next_at) == (200, cast.now, None)
    assert send_due(now=lambda: cast.now) == webhooks.Sent()


def test_what_does_not_arrive_is_tried_eight_times_and_then_given_up(cast, demo, shop):
    made = listening(cast, "luukku", shop.url)
    tell_test(made.webhook, by=cast.luukku, now=cast.now)
    shop.status, now, rounds = 500, cast.now, 0
    while not WebhookMessage.objects.get().dead_at:
        now = WebhookMessage.objects.get().next_at or cast.now
        assert at_instant(now - timedelta(seconds=1)) == webhooks.Sent()
        at_instant(now)
        rounds += 1
    message = WebhookMessage.objects.get()
    assert (rounds, message.tries, message.last_status, message.next_at) == (MOST_TRIES, MOST_TRIES, 500, None)
    assert message.dead_at - cast.now < timedelta(days=2)
    assert len({headers["webhook-id"] for _path, headers, _body in shop.told}) == 1
    # The shop answers again, and a person sends it again.
    shop.status = 204
    send_again(message, by=cast.luukku, now=now)
    assert send_due(now=lambda: now).delivered == 1
    message.refresh_from_db()
    assert message.dead_at is None
    assert message.delivered_at


def test_gone_means_never_again(cast, demo, shop):
    made = listening(cast, "luukku", shop.url)
    tell_test(made.webhook, by=cast.luukku, now=cast.now)
    shop.status = 410
    assert send_due(now=lambda: cast.now).dead == 1


def test_a_redirection_is_not_followed(cast, demo, shop):
    with open_shop() as elsewhere:
        made = listening(cast, "luukku", shop.url)
        tell_test(made.webhook, by=cast.luukku, now=cast.now)
        shop.status, shop.headers = 302, {"location": elsewhere.url}
        assert send_due(now=lambda: cast.now).in_vain == 1
        assert elsewhere.told == []
    assert WebhookMessage.objects.get().last_status == 302


def test_a_shop_that_dawdles_is_left(cast, demo, shop, monkeypatch):
    monkeypatch.setattr(webhooks, "WHOLE_SECONDS", 0.2)
    made = listening(cast, "luukku", shop.url)
    tell_test(made.webhook, by=cast.luukku, now=cast.now)
    shop.pause = 3
    begun = time.monotonic()
    assert send_due(now=lambda: cast.now).in_vain == 1
    assert time.monotonic() - begun < 2


def test_of_a_long_answer_little_is_read(cast, demo, shop):
    made = listening(cast, "luukku", shop.url)
    tell_test(made.webhook, by=cast.luukku, now=cast.now)
    shop.text = b"x" * 5_000_000
    begun = time.monotonic()
    assert send_due(now=lambda: cast.now).delivered == 1
    assert time.monotonic() - begun < 2


def test_a_sender_that_died_has_used_up_a_try_and_another_goes_on(cast, public):
    made = listening(cast, "luukku")
    tell_test(made.webhook, by=cast.luukku, now=cast.now)

    def dies(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_due(now=lambda: cast.now, deliver=dies)
    assert send_due(now=lambda: cast.now, deliver=lambda *_: 200) == webhooks.Sent()
    later = cast.now + webhooks.LEASE
    assert send_due(now=lambda: later, deliver=lambda *_: 200).delivered == 1
    assert WebhookMessage.objects.get().tries == 2


def test_an_ended_address_is_told_nothing_more(cast, public):
    made = listening(cast, "luukku")
    tell_test(made.webhook, by=cast.luukku, now=cast.now)
    end_webhook(made.webhook, by=cast.luukku, now=cast.now)
    assert send_due(now=lambda: cast.now, deliver=lambda *_: pytest.fail("sent")) == webhooks.Sent()
    event = cast.offering()
    cast.use(cast.card(), offering=event, by=cast.luukku)
    assert tell(WebhookEvent.CANCELLED, event, now=cast.now) == 0


def test_messages_are_kept_for_three_months(cast, public):
    made = listening(cast, "luukku")
    tell_test(made.webhook, by=cast.luukku, now=cast.now)
    later = cast.now + timedelta(days=91)
    assert forget_old_messages(now=later) == 0  # it has not been delivered yet
    send_due(now=lambda: cast.now, deliver=lambda *_: 200)
    assert forget_old_messages(now=later) == 1


@pytest.mark.database(transaction=True)
def test_four_senders_at_once_deliver_each_message_once(cast, public, at_once):
    made = listening(cast, "luukku")
    for _ in range(10):
        tell_test(made.webhook, by=cast.luukku, now=cast.now)
    sent = []

    def deliver(_url, headers, _body):
        sent.append(headers["webhook-id"])
        time.sleep(0.01)
        return 200

    at_once(4, lambda _n: send_due(now=lambda: cast.now, deliver=deliver))
    assert len(sent) == len(set(sent)) == 10
