"""The whole suite: what is marked `database` on a PostgreSQL of its own first, then everything on SQLite.

A browser sees the same pages whatever the database, so its tests run once.

Arguments are pytest's: python tools/test.py tests/actions -x. A failure in either run is a failure.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import with_postgres  # noqa: E402

NOTHING_MARKED = 5


def main(arguments: list[str]) -> int:
    pytest = [sys.executable, "-m", "pytest", *(() if {"-n", "--pdb"} & {*arguments} else ("-n", "2")), *arguments]
    os.chdir(ROOT)
    os.environ.pop("DATABASE_URL", None)
    on_postgres = 0
    if with_postgres.programs():
        print("tests: on PostgreSQL, what is marked `database`", flush=True)
        on_postgres = with_postgres.run([*pytest, "-m", "database and not browser"])
        if on_postgres == NOTHING_MARKED and arguments:
            on_postgres = 0
    elif os.environ.get("CI"):
        raise SystemExit("tests: PostgreSQL is missing")
    print("tests: on SQLite, everything", flush=True)
    on_sqlite = subprocess.run(pytest, check=False).returncode
    if on_postgres and not on_sqlite:
        print("tests: FAILED on PostgreSQL, see the first run above", file=sys.stderr, flush=True)
    return on_postgres or on_sqlite


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
