#!/usr/bin/env python3
"""Hearing the register's messages: check the signature (Standard Webhooks), then believe what is said.

    WEBHOOK_SECRET=whsec_… python3 examples/hear.py --port 8200

Standard library only; a ready-made Standard Webhooks library does the same.
"""

import argparse
import hmac
import json
import os
import time
from base64 import b64decode, b64encode
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# An older message may be one that somebody recorded and sends again.
OLDEST_SECONDS = 300
LARGEST = 64_000


def is_genuine(headers, body, secret, *, now):
    """Whether the register has said this, lately and unchanged."""
    id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(now - int(timestamp)) > OLDEST_SECONDS:
        return False
    signed = f"{id}.{timestamp}.".encode() + body
    expected = b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, sha256)).decode()
    signatures = [one.removeprefix("v1,") for one in headers.get("webhook-signature", "").split(" ")]
    return any(hmac.compare_digest(expected, one) for one in signatures)


def ear(secret, hear):
    """`hear(id, message)` is called for each genuine message, each id once while this program runs."""
    heard = set()

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length) if 0 < length <= LARGEST else b""
            genuine = is_genuine(self.headers, body, secret, now=time.time())
            id = self.headers.get("webhook-id", "")
            if genuine and id not in heard:  # the same message may come twice
                hear(id, json.loads(body))
                heard.add(id)
            self.send_response(204 if genuine else 401)
            self.end_headers()

        def log_message(self, *_):
            pass

    return Ear


def main():
    parser = argparse.ArgumentParser(description="Print the register's messages.")
    parser.add_argument("--port", type=int, default=8200)
    asked = parser.parse_args()
    hear = ear(os.environ["WEBHOOK_SECRET"], lambda _id, message: print(json.dumps(message)))
    ThreadingHTTPServer(("127.0.0.1", asked.port), hear).serve_forever()


if __name__ == "__main__":
    main()
