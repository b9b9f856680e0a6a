"""kill -9 under load: no acknowledged use is lost, none is stored twice (R1); the control shows that the test can fail.

The production server runs on a database of its own. Eight tills record; again and again the server and all its
workers are killed in the middle of it and started anew; a till that got no answer sends the same id again.
"""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from tools.with_postgres import cluster

ROOT = Path(__file__).resolve().parent.parent
TILLS = 8
KILLS = 3

pytestmark = pytest.mark.database(transaction=True)


@pytest.fixture
def stage(tmp_path):
    """A register of its own, with the cast on it, in the database the suite runs on; gone afterwards."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kaikukortti.settings",
        "KAIKUKORTTI_DATA": str(tmp_path / "data"),
        "KAIKUKORTTI_SECRETS": str(tmp_path / "secrets"),
        "PYTHONPATH": str(ROOT),
    }
    with ExitStack() as own:
        if connection.vendor == "postgresql":
            # Durable, unlike the suite's: the server refuses to start on one that may lose what it acknowledged (R16).
            environment["DATABASE_URL"] = own.enter_context(cluster(durable=True))
        yield on_stage("make", environment), environment


def on_stage(what, environment):
    """What a process of the stage tells."""
    command = [sys.executable, "-m", "tests.crash_stage", what]
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def free_port():
    """A port outside those that the system lends: while the server is down, a browser of a test beside this one must
    not be lent it."""
    for port in random.sample(range(20_000, 32_000), 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no port is free")


def start(command, environment):
    return subprocess.Popen(
        command, env=environment, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def live_through(command, stage, port):
    """Every row is sent until it is answered; says the ids that were acknowledged."""
    told, environment = stage
    rows = [{"id": str(uuid4()), "code": code, "day": told["day"]} for code in told["codes"]]
    acknowledged, lock, over = set(), threading.Lock(), threading.Event()

    def till(number):
        for row in rows[number::TILLS]:
            while row["id"] not in acknowledged and not over.is_set():
                try:
                    till_sends(row)
                except (OSError, http.client.HTTPException):
                    time.sleep(0.05)

    def till_sends(row):
        call = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        headers = {"Authorization": f"Bearer {told['token']}", "Content-Type": "application/json"}
        call.request("POST", "/api/v1/uses", json.dumps({"uses": [row]}), headers)
        answer = call.getresponse()
        if answer.status == 200:
            assert json.loads(answer.read())["results"][0]["status"] == "recorded"
            with lock:
                acknowledged.add(row["id"])

    server = start(command, environment)
    tills = [threading.Thread(target=till, args=(number,)) for number in range(TILLS)]
    for one in tills:
        one.start()
    try:
        for kill in range(1, KILLS + 1):
            # The next kill comes when a share of the rows has been answered, so that it always hits a busy server.
            deadline = time.monotonic() + 60
            while len(acknowledged) < len(rows) * kill / (KILLS + 2) and time.monotonic() < deadline:
                assert server.poll() is None, "the server does not start"
                time.sleep(0.005)
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            server = start(command, environment)
        for one in tills:
            one.join(timeout=120)
    finally:
        over.set()
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    return [row["id"] for row in rows], acknowledged


def stored(stage):
    """The ids in the register, as often as they stand there."""
    _told, environment = stage
    return on_stage("stored", environment)


def test_no_acknowledged_use_is_lost_or_stored_twice(stage):
    port = free_port()
    serve = [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "2"]
    sent, acknowledged = live_through(serve, stage, port)
    assert sorted(acknowledged) == sorted(sent)
    assert sorted(stored(stage)) == sorted(sent)


def test_control_a_server_that_answers_before_it_commits_loses_uses(stage):
    port = free_port()
    hasty = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    sent, acknowledged = live_through([*hasty, "tests.crash_stage:hasty"], stage, port)
    assert sorted(acknowledged) == sorted(sent)
    assert set(stored(stage)) < set(sent)
