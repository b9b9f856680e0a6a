"""The example programs, run against a live server: what they promise to whoever copies them is true."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from kaikukortti.actions import webhooks
from kaikukortti.actions.codes import link_digest
from kaikukortti.actions.holds import Wish
from kaikukortti.actions.one_time_codes import claim_code
from kaikukortti.actions.webhooks import MadeWebhook, make_webhook, send_due, tell_test
from kaikukortti.models import DemoMark, Hold, Record, Token
from kaikukortti.rules.codes import shown
from tests.api.test_check import unknown_code

pytestmark = pytest.mark.database(transaction=True)
ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples"


def program(name):
    """An example as a module."""
    if str(EXAMPLES) not in sys.path:
        sys.path.insert(0, str(EXAMPLES))
    return import_module(name)


@pytest.fixture(autouse=True)
def evening(cast):
    """Today, at the hour it is: the examples read the clock themselves."""
    cast.at(timezone.now())


@pytest.fixture
def token(cast):
    def make(workplace):
        secret = f"example-{workplace}"
        Token.objects.create(
            workplace=cast.workplaces[workplace], label="example", digest=link_digest(secret), made_at=cast.now
        )
        return secret

    return make


@pytest.fixture
def surroundings(live_server, token):
    return os.environ | {"REGISTER": live_server.url, "TOKEN": token("routa")}


def run(surroundings, *command):
    return subprocess.run(command, env=surroundings, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


# --- curl ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_curl_till_records_once_and_takes_back(cast, surroundings):
    done = run(surroundings, "sh", "examples/till.sh", cast.card())
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert answers[0]["allowed"] is True
    assert answers[1] == answers[2]
    assert answers[1]["results"][0]["status"] == "recorded"
    assert answers[3]["reason"] == "test"
    assert Record.objects.count() == 1
    assert surroundings["TOKEN"] not in done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_curl_till_ends_with_the_problem(surroundings):
    done = run(surroundings | {"TOKEN": "not-a-token"}, "sh", "examples/till.sh", "7KM9QX2TR7")
    assert done.returncode != 0
    assert "no-token" in done.stdout


# --- Python -------------------------------------------------------------------------------------------------------


def test_the_python_till_checks_and_records(cast, surroundings, tmp_path):
    kept = str(tmp_path / "rows.json")
    done = run(surroundings, sys.executable, "examples/till.py", cast.card(), "--children", "2", "--kept", kept)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "The card is valid. Own ticket and up to 2 children.\nrecorded Recorded.\n"
    assert Record.objects.get().children == 2
    refused = run(surroundings, sys.executable, "examples/till.py", unknown_code(), "--kept", kept)
    assert refused.returncode == 1
    assert "not in the register" in refused.stdout


@contextmanager
def weak_line(register, *, losing):
    """A line to the register that loses the first answers on their way back."""
    lost: list[int] = []

    class Line(BaseHTTPRequestHandler):
        def do_POST(self):
            parts = urlsplit(register)
            body = self.rfile.read(int(self.headers["content-length"]))
            onward = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
            headers = {name: self.headers[name] for name in ("authorization", "content-type")}
            onward.request("POST", self.path, body=body, headers=headers)
            answer = onward.getresponse()
            text = answer.read()
            if len(lost) < losing:
                lost.append(answer.status)
                self.wfile.write(b'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"resu')  # half an answer
                self.close_connection = True
                return
            self.send_response(answer.status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Line)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", lost
    finally:
        server.shutdown()
        server.server_close()


def test_lost_answers_make_no_second_record(cast, live_server, token, tmp_path):
    till_module = program("till")
    with weak_line(live_server.url, losing=3) as (line, lost):
        till = till_module.Till(line, token("routa"), tmp_path / "rows.json")
        assert till.record(cast.card())["status"] == "recorded"
        assert lost == [200, 200, 200]
    assert Record.objects.count() == 1
    assert not till.kept.exists()


def test_a_till_without_a_line_keeps_its_rows_and_sends_them_later(cast, live_server, token, tmp_path, monkeypatch):
    till_module = program("till")
    monkeypatch.setattr(till_module, "TRIES", 1)
    secret, kept = token("routa"), tmp_path / "rows.json"
    alone = till_module.Till("http://127.0.0.1:9", secret, kept)
    assert alone.record(cast.card()) is None
    assert kept.stat().st_mode & 0o777 == 0o600
    later = till_module.Till(live_server.url, secret, kept)
    answer = later.record(cast.card())
    assert answer["status"] == "recorded"
    assert Record.objects.count() == 2
    assert not kept.exists()


def test_a_row_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(cast, live_server, token, tmp_path):
    till_module = program("till")
    till = till_module.Till(live_server.url, token("routa"), tmp_path / "rows.json")
    broken = {"id": "no id", "code": "x", "day": "2026-11-24"}
    till._keep([broken])
    assert till.record(cast.card())["status"] == "recorded"
    assert json.loads((tmp_path / "rows.aside").read_text()) == broken
    assert not till.kept.exists()


# --- a shop's orders ----------------------------------------------------------------------------------------------


RECORDED = {
    name: json.loads((EXAMPLES / "requests" / f"{name}.json").read_text()) for name in ("paid", "changed", "cancelled")
}
BUYER = ("Made Up", "made.up@example.org", "+358000000000", "Made up answer", "made-up-secret")


@pytest.fixture
def shop(cast, live_server, token, tmp_path):
    """The program with its ear open, a shop to ask, and two codes in its discount field."""
    shop_orders = program("shop_orders")
    event = cast.offering(cap=10)
    codes = {}
    for voucher in (401, 402):
        id = cast.offering().pk
        made = claim_code(cast.card(), Wish(), id=id, by=cast.luukku, now=cast.now, offering=event.pk)
        codes[f"vouchers/{voucher}/"] = {"id": voucher, "code": shown(made.code)}
    said = {"order": RECORDED["paid"]["order"]}

    def ask(path):
        return codes[path] if path in codes else said["order"]

    till = program("till").Till(live_server.url, token("luukku"), tmp_path / "rows.json")
    book = tmp_path / "book.sqlite3"
    orders = shop_orders.Orders(till, shop_orders.Book(book), ask, {"7": str(event.pk)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), shop_orders.ear(orders, "s3cret"))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def hear(name, *, secret="s3cret", body=None):
        said["order"] = RECORDED[name]["order"]
        line = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
        line.request("POST", f"/{secret}", body=body or json.dumps(RECORDED[name]["webhook"]))
        return line.getresponse().status

    yield hear, event, book
    server.shutdown()
    server.server_close()


def standing():
    return Record.objects.standing().count()


def test_an_order_is_recorded_changed_and_taken_back(cast, shop, capsys):
    hear, event, book = shop
    assert hear("paid") == 200
    assert standing() == 2
    assert hear("paid") == 200  # the same news again
    assert Record.objects.count() == 2
    assert hear("changed") == 200
    assert standing() == 1
    assert hear("cancelled") == 200
    assert standing() == 0
    event.refresh_from_db()
    assert (event.taken, event.held) == (0, 0)
    # News that comes too late: the codes have been used, so a person makes new ones.
    assert hear("paid") == 200
    assert standing() == 0
    told = capsys.readouterr()
    assert "needs a new code" in told.out
    kept = book.read_bytes().decode("latin-1") + told.out + told.err
    assert [part for part in BUYER if part in kept] == []
    assert not any(shown in kept for shown in Hold.objects.values_list("code_digest", flat=True))


def test_news_of_nobody_knows_whom_changes_nothing(shop):
    hear, _event, _book = shop
    assert hear("paid", secret="wrong") == 404
    assert hear("paid", body="not JSON") == 400
    assert hear("paid", body=json.dumps({"notification_id": 1})) == 400
    assert standing() == 0


def test_while_the_register_is_away_the_shop_is_asked_to_tell_again(shop, monkeypatch):
    hear, _event, _book = shop
    till = sys.modules["till"]
    monkeypatch.setattr(till, "TRIES", 1)
    monkeypatch.setattr(till.urllib.request, "urlopen", lambda *_, **__: (_ for _ in ()).throw(OSError))
    assert hear("paid") == 503
    monkeypatch.undo()
    assert hear("paid") == 200
    assert standing() == 2


# --- hearing messages ---------------------------------------------------------------------------------------------


def test_the_shop_hears_a_genuine_message_once(cast, monkeypatch):
    DemoMark.objects.create(digest="0" * 64, made_at=cast.now)
    hearing, heard = program("hear"), []
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    made = make_webhook(url, by=cast.luukku, now=cast.now)
    assert isinstance(made, MadeWebhook)
    server.RequestHandlerClass = hearing.ear(made.secret, lambda id, message: heard.append((id, message["type"])))
    message = tell_test(made.webhook, by=cast.luukku, now=cast.now)
    assert send_due(now=timezone.now).delivered == 1
    assert heard == [(str(message.pk), "test")]
    # Somebody else's message, and one that was heard before.
    monkeypatch.setattr(webhooks, "secret_of", lambda webhook: "whsec_" + "A" * 44)
    tell_test(made.webhook, by=cast.luukku, now=cast.now)
    assert send_due(now=timezone.now).in_vain == 1
    assert len(heard) == 1
    server.shutdown()
    server.server_close()


def test_an_old_message_is_not_believed():
    hearing = program("hear")
    headers = {"webhook-id": "1", "webhook-timestamp": "1000", "webhook-signature": "v1,"}
    assert not hearing.is_genuine(headers, b"{}", "whsec_" + "A" * 44, now=2000.0)


def test_examples_need_nothing_but_python():
    """What they import comes with Python, so that they can be copied as they are."""
    for path in EXAMPLES.glob("*.py"):
        for line in path.read_text().splitlines():
            words = line.split()
            if words[:1] in (["import"], ["from"]):
                assert words[1].split(".")[0] in {*sys.stdlib_module_names, "till"}, (path.name, line)
