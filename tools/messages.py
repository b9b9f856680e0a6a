"""Translations: python tools/messages.py collect | compile | check.

`collect` gathers the texts into locale/, `compile` makes what the running register reads (without gettext installed),
`check` fails on a text that is not collected, not translated or uncertain in Finnish or Swedish.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("fi", "sv", "en")
# The texts in the code are English, so its catalogue holds plural forms only and may be empty.
COMPLETE = ("fi", "sv")
MAKE = ["--no-location", "--no-obsolete", "--no-wrap", "-i", ".venv", "-i", "data", "-i", "tests", "-i", "tools"]


def catalogue(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def collect(root: Path) -> None:
    (root / "locale").mkdir(exist_ok=True)
    languages = [argument for language in LANGUAGES for argument in ("-l", language)]
    command = [sys.executable, "manage.py", "makemessages", *languages, *MAKE]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)


def compile_changed(root: Path) -> None:
    for language in LANGUAGES:
        source = catalogue(root, language)
        target = source.with_suffix(".mo")
        if source.exists() and not (target.exists() and target.stat().st_mtime > source.stat().st_mtime):
            polib.pofile(str(source)).save_as_mofile(str(target))


def texts(path: Path) -> dict[tuple[str, str, str], polib.POEntry]:
    if not path.exists():
        return {}
    entries = polib.pofile(str(path))
    return {(entry.msgctxt or "", entry.msgid, entry.msgid_plural): entry for entry in entries if not entry.obsolete}


def problems() -> list[str]:
    """One line per text that a reader of Finnish or Swedish would meet in another language."""
    found = []
    with tempfile.TemporaryDirectory() as work:
        copy = Path(work)
        for name in ("kaikukortti", "locale"):
            if (ROOT / name).exists():
                shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
        shutil.copy(ROOT / "manage.py", copy)
        os.environ["KAIKUKORTTI_DATA"] = str(copy / "data")
        collect(copy)
        for language in COMPLETE:
            kept, fresh = texts(catalogue(ROOT, language)), texts(catalogue(copy, language))
            found += [f"{language}: not collected: {key[1]!r}" for key in fresh.keys() - kept.keys()]
            found += [f"{language}: no longer used: {key[1]!r}" for key in kept.keys() - fresh.keys()]
            found += [
                f"{language}: not translated: {key[1]!r}" for key, entry in kept.items() if not entry.translated()
            ]
    return sorted(found)


def main(command: str) -> int:
    if command == "collect":
        collect(ROOT)
        compile_changed(ROOT)
    elif command == "compile":
        compile_changed(ROOT)
    elif command == "check":
        found = problems()
        print("\n".join(found))
        return 1 if found else 0
    else:
        raise SystemExit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
