"""Lint, types, floors, templates, translations and the rest that needs no running register: python tools/check.py.

Every step runs even when one before it has failed; only what failed prints what it found.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MANAGE: list[str | Path] = [sys.executable, "manage.py"]
TEMPLATES: list[str | Path] = [BIN / "djlint", "kaikukortti/templates"]

STEPS: dict[str, list[str | Path]] = {
    "types (mypy)": [BIN / "mypy"],
    "translations": [sys.executable, "tools/messages.py", "check"],
    "lint (ruff)": [BIN / "ruff", "check", "--quiet"],
    "format (ruff; mend with `make format`)": [BIN / "ruff", "format", "--check", "--quiet"],
    "floors (import-linter)": [BIN / "lint-imports", "--no-cache"],
    "templates (djlint)": [*TEMPLATES, "--lint", "--quiet"],
    "template format (djlint; mend with `make format`)": [*TEMPLATES, "--check", "--quiet"],
    "security (bandit)": [BIN / "bandit", "-q", "-c", "pyproject.toml", "-r", "kaikukortti", "tools"],
    "system checks": [*MANAGE, "check", "--fail-level", "WARNING"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "types of scripts (tsc)": ["tsc", "--project", "jsconfig.json"],
}


def run(name: str) -> tuple[str, bool, float, str]:
    start = time.monotonic()
    if not shutil.which(STEPS[name][0]):
        # Debian's programs may be missing on a machine of one's own; where it counts they may not.
        return name, not os.environ.get("CI"), 0, f"skipped: {STEPS[name][0]} is missing; make setup says how to get it"
    done = subprocess.run(
        STEPS[name], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return name, done.returncode == 0, time.monotonic() - start, done.stdout


def main() -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as data, ThreadPoolExecutor(2) as pool:
        os.environ |= {"KAIKUKORTTI_DATA": data, "KAIKUKORTTI_SECRETS": f"{data}-secrets"}
        os.environ.pop("DATABASE_URL", None)
        for name, passed, seconds, output in pool.map(run, STEPS):
            print(f"{'ok    ' if passed else 'FAILED'} {name} {seconds:.1f} s", flush=True)
            failed += not passed
            if not passed or output.startswith("skipped"):
                print(output, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
