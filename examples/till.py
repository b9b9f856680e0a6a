#!/usr/bin/env python3
"""A till in plain Python: check a card, record its ticket, and never twice or not at all.

    TOKEN=… python3 examples/till.py 7KM9QX2TR7 [--children 2] [--offering <id>]

What matters here is in `Till.record`: the row gets its id *before* it is sent and is kept in a file until the answer is
there. If the answer is lost, the program killed or the network gone, `Till.send_kept` sends the same rows with the same
ids again, and the register answers what it answered the first time. Standard library only.
"""

import argparse
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

TRIES = 5
SECONDS = 10
# Worth another try: the register is busy, something in between is, or it went wrong on the other side.
AGAIN = {429, 500, 502, 503, 504}


class NoAnswer(Exception):
    """The register could not be reached; what was to be sent is still kept."""


class Problem(Exception):
    """The register says what is wrong with the request (RFC 9457)."""

    def __init__(self, problem):
        super().__init__(problem.get("detail", "?"))
        self.problem = problem


class Till:
    """One till. `kept` is the file of rows that have no answer yet."""

    def __init__(self, register, token, kept, *, language="en"):
        self.register, self.token, self.kept, self.language = register.rstrip("/"), token, Path(kept), language

    def call(self, method, path, body=None):
        """One call, tried again while trying again is safe: every call here is, since each record has its id."""
        request = urllib.request.Request(
            f"{self.register}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        for number in range(TRIES):
            try:
                with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as refused:
                if refused.code not in AGAIN:
                    raise Problem(json.load(refused)) from None
            except (OSError, http.client.HTTPException, ValueError):
                pass  # no connection, a time-out, half an answer
            if number < TRIES - 1:
                time.sleep(min(2**number, 8) / 4)
        raise NoAnswer

    def check(self, code, *, offering=None):
        return self.call("POST", "/check", {"code": code, "offering": offering})

    def record(self, code, *, offering=None, day=None, children=0):
        """Record one ticket; its answer, or None when it waits in the file to be sent later."""
        today = datetime.now(ZoneInfo("Europe/Helsinki")).date().isoformat()
        row = {"id": str(uuid4()), "code": code, "offering": offering, "day": day or today, "children": children}
        self._keep([*self._rows(), row])
        try:
            return self.send_kept().get(row["id"])
        except NoAnswer:
            return None

    def send_kept(self):
        """Send every row that has no answer yet; the answers by id."""
        rows = self._rows()
        if not rows:
            return {}
        try:
            answers = {one["id"]: one for one in self.call("POST", "/uses", {"uses": rows})["results"]}
        except Problem as wrong:
            # One row that cannot be read stops the whole request. Set it aside and send the rest.
            broken = wrong.problem.get("row")
            if broken is None:
                raise
            self._set_aside(rows.pop(broken))
            self._keep(rows)
            return self.send_kept()
        # A paused till keeps its rows and sends them again in a quarter of an hour.
        self._keep([row for row in rows if answers[row["id"]]["refusal"] == "too-many-tries"])
        return answers

    def reverse(self, id, reason="wrong-count"):
        return self.call("POST", f"/uses/{id}/reverse", {"reason": reason})

    def say(self, answer):
        """What the person at the till reads: the register's own words."""
        return answer["message"][self.language]

    def _rows(self):
        return json.loads(self.kept.read_text()) if self.kept.exists() else []

    def _keep(self, rows):
        """Written whole and moved into place, so that a power cut leaves the old file or the new one."""
        if not rows:
            self.kept.unlink(missing_ok=True)
            return
        new = self.kept.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(rows, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.kept)

    def _set_aside(self, row):
        with self.kept.with_suffix(".aside").open("a") as file:
            file.write(json.dumps(row) + "\n")


def main():
    parser = argparse.ArgumentParser(description="Check a card and record its ticket.")
    parser.add_argument("code")
    parser.add_argument("--offering")
    parser.add_argument("--children", type=int, default=0)
    parser.add_argument("--language", choices=["fi", "sv", "en"], default="en")
    parser.add_argument("--kept", default="till-rows.json", help="file of rows without an answer")
    asked = parser.parse_args()
    register = os.environ.get("REGISTER", "http://127.0.0.1:8000")
    till = Till(register, os.environ["TOKEN"], asked.kept, language=asked.language)
    try:
        checked = till.check(asked.code, offering=asked.offering)
    except NoAnswer:
        sys.exit("No connection. Nothing is known of this card.")
    print(till.say(checked))
    if not checked["allowed"]:
        sys.exit(1)
    answer = till.record(asked.code, offering=asked.offering, children=asked.children)
    if answer is None:
        sys.exit("No answer. The ticket is kept and sent with the next one.")
    print(answer["status"], till.say(answer))


if __name__ == "__main__":
    main()
