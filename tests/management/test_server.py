"""The production server as it really runs: one process group, no address in its log, a clean end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = "7KM9QX2TR7"


def manage(environment, *arguments):
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAIKUKORTTI", "DATABASE_URL"))}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"KAIKUKORTTI_DATA": str(tmp_path / "data"), "KAIKUKORTTI_SECRETS": str(tmp_path / "secrets")}


def ask(port, path, method="GET", body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def group_of(pid):
    """Every process of a process group, from /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, group = path.read_text().rsplit(")", 1)[1].split()[:3]
        except OSError:
            continue
        if int(group) == pid and state != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.fixture
def served(environment, tmp_path):
    assert manage(environment, "make_keys").returncode == 0
    refused = manage(environment, "serve", "--port", "0")
    assert (refused.returncode, "Migrations have not been applied" in refused.stderr) == (1, True)
    assert manage(environment, "migrate", "--verbosity", "0").returncode == 0
    port = free_port()
    log = (tmp_path / "log").open("w")
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "2"],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + 60
        while True:
            try:
                if ask(port, "/healthz")[0] == 200:
                    break
            except OSError:
                assert server.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < until, (tmp_path / "log").read_text()
                time.sleep(0.2)
        yield server, port, tmp_path / "log"
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def test_the_server_answers_and_logs_no_address(served, tmp_path):
    server, port, log = served
    assert ask(port, "/readyz")[:2] == (200, b"ready: the database wrote and read a row\n")
    status, _body, headers = ask(port, f"/api/v1/check?code={CODE}", "POST", b"{}")
    assert status == 415  # urllib says it is a form
    assert headers["Content-Type"] == "application/problem+json"
    assert ask(port, "/api/v1/openapi.json")[0] == 200
    status, page, _headers = ask(port, "/api/v1/docs")
    assert status == 200
    style = re.search(rb'href="(/static/kaikukortti/css/base\.[0-9a-f]+\.css)"', page)
    assert style, "styles carry their checksum in their name"
    assert ask(port, style[1].decode())[0] == 200
    assert ask(port, f"/{CODE}?code={CODE}")[0] == 404
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(f"GET /{CODE} {CODE} HTTP/9.9\r\n\r\n".encode())
        assert b"400" in raw.recv(1000)
    # Every process stands in the command's own group, and all end with it.
    assert len(group_of(server.pid)) == 3
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=40) == 0
    assert group_of(server.pid) == []
    lines = log.read_text()
    assert "POST api:check 415" in lines
    assert "GET - 404" in lines
    assert CODE not in lines
