"""Run a command with a PostgreSQL of its own: python tools/with_postgres.py [--durable] COMMAND …

The cluster lives in a temporary folder, is reached through a socket in it (DATABASE_URL tells the command) and goes
when the command ends, also when this script is stopped or killed. `--durable` keeps fsync on, for measurements.
"""

import ctypes
import getpass
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

NAME = "kaikukortti"
START_SECONDS = 30
SET_PARENT_DEATH_SIGNAL = 1


def programs() -> Path | None:
    """The folder of the newest PostgreSQL server installed; Debian keeps it off the search path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if folders:
        return folders[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _owner() -> str:
    """PostgreSQL refuses to run as root."""
    return "postgres" if os.geteuid() == 0 else getpass.getuser()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGINT)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """A fresh, empty database; gives its address."""
    where = programs()
    if where is None:
        raise SystemExit("PostgreSQL is not installed. As root: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="kaikukortti-postgresql-"))
    owner = _owner()
    as_owner: dict[str, Any] = {}
    if os.geteuid() == 0:
        as_owner = {"user": owner, "group": owner, "extra_groups": []}
    server: subprocess.Popen[bytes] | None = None
    try:
        if as_owner:
            shutil.chown(folder, owner, owner)
        # Whoever can enter the folder may connect; nobody else can.
        options = ["-U", NAME, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        make = [str(where / "initdb"), "-D", str(folder / "data"), *options]
        made = subprocess.run(make, cwd=folder, capture_output=True, text=True, check=False, **as_owner)
        if made.returncode:
            raise SystemExit(made.stderr)
        settings = {"listen_addresses": "", "unix_socket_directories": str(folder), "max_connections": "200"}
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        start = [str(where / "postgres"), "-D", str(folder / "data")]
        for name, value in settings.items():
            start += ["-c", f"{name}={value}"]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                start,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,
                start_new_session=True,
                **as_owner,
            )
        create = [str(where / "createdb"), "-h", str(folder), "-U", NAME, NAME]
        until = time.monotonic() + START_SECONDS
        while subprocess.run(create, cwd=folder, capture_output=True, check=False).returncode:
            if server.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
            time.sleep(0.1)
        yield f"postgresql://{NAME}@/{NAME}?host={folder}"
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def run(command: list[str], *, durable: bool = False) -> int:
    """The command's exit code. A signal to this script reaches the command first, then the cluster is taken down."""
    child: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if child is None:
            raise SystemExit(128 + number)
        child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on)
    with cluster(durable=durable) as url:
        child = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url})
        return child.wait()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    durable = arguments[:1] == ["--durable"]
    sys.exit(run(arguments[durable:], durable=durable))
