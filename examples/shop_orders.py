#!/usr/bin/env python3
"""A shop's orders become records: a small program between a shop's webhook and the register.

    SHOP_SECRET=… SHOP_TOKEN=… TOKEN=… python3 examples/shop_orders.py --shop … --offerings products.json

Made for a shop like pretix: its webhook says only *which order changed*; what stands in it is asked of the shop, and
what the buyer wrote into the discount field is the code of the position's voucher. Each paid position with a one-time
code is redeemed once, under an id made of order, position and code: the same news twice, news in the wrong order or a
crash in the middle change nothing. What is cancelled or taken out of the order is reversed. The webhook's address ends
in SHOP_SECRET, since such shops don't sign. Nothing of the buyer is kept or logged: no name, no e-mail address, no
answer to a question. Standard library only.
"""

import argparse
import hmac
import http.client
import json
import os
import sqlite3
import sys
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID, uuid5

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from till import NoAnswer, Problem, Till

# What ids are made in: the same order, position and code give the same id on any machine.
NAMESPACE = UUID("5c1f0c7e-9d0b-4b1e-8a52-2f0d7d3f6a10")
PAID = "p"
LARGEST = 64_000


class Book:
    """What was recorded for which position, so that it can be taken back: order, position, a record's id."""

    TABLE = """CREATE TABLE IF NOT EXISTS redeemed
        (shop_order TEXT, position INTEGER, use_id TEXT PRIMARY KEY, taken_back TEXT)"""

    def __init__(self, path):
        self.rows = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.rows.execute(self.TABLE)

    def of_order(self, order):
        standing = "SELECT position, use_id FROM redeemed WHERE shop_order = ? AND taken_back IS NULL"
        return dict(self.rows.execute(standing, [order]).fetchall())

    def was_taken_back(self, use):
        taken = "SELECT 1 FROM redeemed WHERE use_id = ? AND taken_back IS NOT NULL"
        return self.rows.execute(taken, [use]).fetchone() is not None

    def write(self, order, position, use):
        self.rows.execute("INSERT OR IGNORE INTO redeemed VALUES (?, ?, ?, NULL)", [order, position, use])

    def take_back(self, use):
        now = datetime.now(UTC).isoformat()
        self.rows.execute("UPDATE redeemed SET taken_back = ? WHERE use_id = ?", [now, use])


class Orders:
    """`ask(path)` reads something from the shop; `offerings` maps the shop's products to offerings' ids."""

    def __init__(self, till, book, ask, offerings):
        self.till, self.book, self.ask, self.offerings = till, book, ask, offerings

    def changed(self, order):
        """Bring the register to what the shop's order says now; what happened, position by position."""
        told = self.ask(f"orders/{urllib.parse.quote(order, safe='')}/")
        wanted = dict(self._wanted(order, told))
        done = {}
        for position, use in self.book.of_order(order).items():
            if wanted.get(position, {}).get("id") != use:
                self._reverse(use)
                done[position] = "taken back"
        known = self.book.of_order(order)
        for position, redemption in wanted.items():
            if position not in known:
                done[position] = self._redeem(order, position, redemption)
        return done

    def _wanted(self, order, told):
        """The paid positions with a one-time code. Only what is needed is read; the buyer is not."""
        if told["status"] != PAID:
            return
        for position in told["positions"]:
            voucher, offering = position.get("voucher"), self.offerings.get(str(position["item"]))
            if voucher is None or offering is None or position.get("canceled"):
                continue
            code = self.ask(f"vouchers/{int(voucher)}/")["code"]
            id = uuid5(NAMESPACE, f"{order}/{position['positionid']}/{code}")
            yield position["positionid"], {"id": str(id), "one_time_code": code, "offering": offering}

    def _redeem(self, order, position, redemption):
        if self.book.was_taken_back(redemption["id"]):
            return "needs a new code"  # a code works once, also when its use was taken back
        answer = self.till.call("POST", "/one-time-codes/redeem", redemption)
        if answer["status"] in ("recorded", "flagged", "pending"):
            self.book.write(order, position, redemption["id"])
        # A person looks at what was refused: the ticket has been sold.
        return answer["refusal"] or answer["status"]

    def _reverse(self, use):
        try:
            self.till.reverse(use, "other")
        except Problem as problem:
            if problem.problem["status"] != 404:
                raise
        self.book.take_back(use)


def ear(orders, secret):
    """The shop's webhook: 200 only once the register has answered, so that the shop tries again otherwise."""

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self):
            given = urllib.parse.urlsplit(self.path).path.rsplit("/", 1)[-1]
            length = int(self.headers.get("content-length") or 0)
            if not hmac.compare_digest(given.encode(), secret.encode()) or not 0 < length <= LARGEST:
                return self.answer(404)
            try:
                order = str(json.loads(self.rfile.read(length))["code"])
            except (ValueError, KeyError, TypeError):
                return self.answer(400)
            try:
                done = orders.changed(order)
            except (NoAnswer, Problem, OSError, http.client.HTTPException) as problem:
                print(f"order not settled yet: {type(problem).__name__}", file=sys.stderr)
                return self.answer(503)
            print(json.dumps(sorted(done.items())))
            return self.answer(200)

        def answer(self, status):
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    return Ear


def asking(shop, token):
    """How something is read from the shop: `shop` is the event's address in its API."""

    def ask(path):
        request = urllib.request.Request(f"{shop.rstrip('/')}/{path}", headers={"Authorization": f"Token {token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    return ask


def main():
    parser = argparse.ArgumentParser(description="Turn a shop's orders into records.")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--book", default="shop-orders.sqlite3")
    parser.add_argument("--shop", required=True, help="the event's address in the shop's API")
    parser.add_argument("--offerings", required=True, help='JSON file: {"product": "offering id"}')
    asked = parser.parse_args()
    till = Till(os.environ.get("REGISTER", "http://127.0.0.1:8000"), os.environ["TOKEN"], asked.book + ".rows")
    with open(asked.offerings) as file:
        offerings = json.load(file)
    orders = Orders(till, Book(asked.book), asking(asked.shop, os.environ["SHOP_TOKEN"]), offerings)
    server = ThreadingHTTPServer(("127.0.0.1", asked.port), ear(orders, os.environ["SHOP_SECRET"]))
    server.serve_forever()


if __name__ == "__main__":
    main()
