"""kill -9 in the middle of retention: the next run ends where one that was left alone ends (R1); the control shows that
the test can fail."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection

from tools.with_postgres import cluster

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.database(transaction=True)


@pytest.fixture(scope="module")
def registers(tmp_path_factory):
    """Three registers alike, in the kind of database the suite runs on: each as the environment of its processes."""
    folder = tmp_path_factory.mktemp("retention")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kaikukortti.settings",
        "KAIKUKORTTI_DATA": str(folder / "data"),
        "KAIKUKORTTI_SECRETS": str(folder / "secrets"),
        "PYTHONPATH": str(ROOT),
    }
    with ExitStack() as own:
        if connection.vendor == "postgresql":
            address = urlsplit(own.enter_context(cluster()))
            environment["DATABASE_URL"] = urlunsplit(address)
            stage("make", environment)
            alike = []
            with psycopg.connect(urlunsplit(address._replace(path="/postgres")), autocommit=True) as database:
                for name in ("killed", "careless"):
                    database.execute(f"CREATE DATABASE {name} TEMPLATE {address.path.strip('/')}")
                    alike.append({**environment, "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}"))})
            yield [environment, *alike]
        else:
            stage("make", environment)
            alike = []
            for name in ("killed", "careless"):
                shutil.copytree(folder / "data", folder / name)
                alike.append({**environment, "KAIKUKORTTI_DATA": str(folder / name)})
            yield [environment, *alike]


def stage(what, environment):
    """What a process of the stage tells in its last line."""
    command = [sys.executable, "-m", "tests.retention_stage", what]
    done = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def killed(what, environment, *, after):
    """Run until so many pieces are done, then kill -9."""
    command = [sys.executable, "-m", "tests.retention_stage", what]
    process = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    for _piece in range(after):
        assert process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    assert process.wait() == -signal.SIGKILL
    assert "{" not in rest, "it was done before it was killed"


def test_a_killed_run_is_taken_up_and_ends_as_if_left_alone(registers):
    alone, again, careless = registers
    expected = stage("run", alone)
    assert (expected["linked"], expected["facts"], expected["exact"], expected["proved"]) == (0, 0, 0, [True])
    assert len(expected["kept"]) > 100

    for pieces in (1, 6, 9):  # among the trios, among the uses, later among them
        killed("run", again, after=pieces)
    assert stage("run", again) == expected

    # The control tells what it did at its end only.
    killed("careless", careless, after=8)
    assert stage("careless", careless) != expected
