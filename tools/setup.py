"""Everything the other targets need: the virtual environment, its pinned packages, Debian's programs, translations.

Runs on nothing but Python 3.11; does nothing twice, so every target may call it first.
"""

import ctypes.util
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import with_postgres  # noqa: E402

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
REQUIREMENTS = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")


def say(line: str) -> None:
    print(f"setup: {line}", file=sys.stderr, flush=True)


def missing_programs() -> dict[str, str]:
    """Debian package → what does not work without it."""
    missing = {}
    if not shutil.which("chromium"):
        missing["chromium"] = "browser tests are skipped"
    if not with_postgres.programs():
        missing["postgresql"] = "tests run on SQLite only and there are no benchmarks"
    if not shutil.which("xgettext"):
        missing["gettext"] = "`make messages` and `make check` cannot collect texts"
    if not shutil.which("tsc"):
        missing["node-typescript"] = "`make check` skips the types of the till's scripts"
    if not ctypes.util.find_library("pangoft2-1.0"):
        missing["libpangoft2-1.0-0"] = "no cards, slips or leaflets can be printed"
    if not Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").exists():
        missing["fonts-dejavu-core"] = "leaflets in Arabic or Cyrillic letters print as boxes"
    return missing


def apt_install(*packages: str) -> bool:
    """Whether Debian's packages could be installed; only root can."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"installing {' '.join(packages)}")
    quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, **quiet)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    return subprocess.run(install, env=environment, **quiet).returncode == 0


def install_programs() -> None:
    if missing := missing_programs():
        apt_install(*missing)
    if missing := missing_programs():
        without = ", ".join(f"{package} ({effect})" for package, effect in missing.items())
        say(f"everything else works, but not installed: {without}. As root: apt-get install {' '.join(missing)}")


def install_packages() -> None:
    """The pinned packages, in a virtual environment; skipped while the pins are the same."""
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in REQUIREMENTS)).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return
    if not importlib.util.find_spec("ensurepip") and not apt_install("python3-venv"):
        raise SystemExit("setup: Python's venv module is missing. As root: apt-get install python3-venv")
    say("installing the pinned packages into .venv (about a minute)")
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    install = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes"]
    for path in REQUIREMENTS:
        install += ["-r", str(path)]
    if subprocess.run(install).returncode:
        raise SystemExit("setup: the packages could not be installed; see above")
    STAMP.write_text(wanted)


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - only the virtual environment is sure to be new enough
        raise SystemExit(f"setup: Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    install_packages()
    install_programs()
    subprocess.run([str(PYTHON), str(ROOT / "tools/messages.py"), "compile"], check=True)


if __name__ == "__main__":
    main()
