"""The house itself: what is carried from elsewhere, under which licence, and what no file may contain."""

import ast
import re
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from packaging.markers import Marker

from tools import vendor

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; (?P<marker>.+?))? \\$")

# Licences that go with EUPL-1.2: permissive ones, and the copyleft ones that its appendix or their own terms allow to
# be used beside it unchanged.
COMPATIBLE = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CNRI-Python",
    "ISC",
    "LGPL-2.1-or-later",
    "LGPL-3.0-only",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "OFL-1.1",
    "PSF-2.0",
    "Unlicense",
}
# Tools that are run and never shipped may also be under the GPL.
FOR_TOOLS = {"GPL-3.0-or-later"}
# Offered under one of several licences: the one we take it under.
CHOSEN = {"pyphen": {"LGPL-2.1-or-later"}}
# What packages write where a licence identifier belongs.
SAID_AS = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd-3-clause, apache-2.0, dependency licenses": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.1-or-later",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}


def pins(path: Path) -> list[re.Match[str]]:
    return [pin for line in path.read_text().splitlines() if (pin := PIN.match(line))]


def tracked(*patterns: str) -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("folder", vendor.FOLDERS, ids=lambda folder: folder.parent.name)
def test_carried_files_are_what_was_fetched(folder):
    assert vendor.differences(folder) == []


@pytest.mark.parametrize("folder", vendor.FOLDERS, ids=lambda folder: folder.parent.name)
def test_carried_files_have_a_compatible_licence(folder):
    assert {package["licence"] for package in vendor.packages(folder)} <= COMPATIBLE
    assert list(folder.glob("*.LICENSE.txt"))


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_are_pinned_with_hashes_and_name_no_address(path):
    blocks = re.split(r"\n(?=\S)", path.read_text())
    assert len(blocks) == len(pins(path)) > 10
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert not re.search(r"https?://|--index|--find-links|--extra|file:", path.read_text())


def licence(name: str) -> set[str]:
    """The identifiers that a package gives for itself, in whichever of the three ways it does."""
    if name in CHOSEN:
        return CHOSEN[name]
    about: Any = metadata.metadata(name)
    classifiers = [line.split(" :: ")[-1] for line in about.get_all("Classifier", []) if line.startswith("License ::")]
    said = about.get("License-Expression") or " AND ".join(classifiers) or about.get("License") or "nothing said"
    return {SAID_AS.get(part.lower(), part.strip("()")) for part in re.split(r" (?:AND|OR) ", said)}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [(REQUIREMENTS[0], COMPATIBLE), (REQUIREMENTS[1], COMPATIBLE | FOR_TOOLS)],
    ids=["runtime", "tools"],
)
def test_packages_have_a_compatible_licence(path, allowed):
    here = [pin["name"] for pin in pins(path) if pin["marker"] is None or Marker(pin["marker"]).evaluate()]
    licences = {name: licence(name) for name in here}
    assert {name: given for name, given in licences.items() if not given <= allowed} == {}


def test_licence_is_carried():
    lines = (ROOT / "LICENSE").read_text().splitlines()
    assert lines[0] == "EUROPEAN UNION PUBLIC LICENCE v. 1.2"
    assert {"1.Definitions", "15.Applicable Law", "Appendix"} <= {line.strip() for line in lines}


def test_no_file_names_a_place_on_somebodys_machine_or_a_package_index():
    own = Path(__file__).name
    folders, hosts = "home|root|work|Users", "pypi.org|registry.npmjs|pythonhosted|deb.debian"
    places = re.compile(rf"(?<![\w.])/(?:{folders})/\w|{hosts}")
    found = []
    for path in tracked():
        if path.name == own or "vendor" in path.parts:
            continue
        try:
            found += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in places.finditer(path.read_text())]
        except UnicodeDecodeError:
            continue
    assert found == []


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_rules_and_terms_know_neither_database_nor_web():
    """The linters watch our own floors; of Django itself these two use translation and choices only."""
    used = {name for floor in ("rules", "terms") for path in tracked(f"kaikukortti/{floor}") for name in imports(path)}
    allowed = ("django.utils.translation.", "django.utils.functional.", "django.db.models.TextChoices")
    assert {name for name in used if name.startswith("django") and not name.startswith(allowed)} == set()


def test_nobody_listens_to_signals():
    used = {name for path in tracked("kaikukortti/*.py") for name in imports(path)}
    assert {name for name in used if "signals" in name or name.startswith("django.dispatch")} == set()


@pytest.mark.database
def test_the_database_is_a_real_one(settings):
    """A database in memory would let parallel connections share what in use they do not."""
    if connection.vendor == "sqlite":
        assert Path(connection.settings_dict["NAME"]).is_file()
        with connection.cursor() as cursor:
            assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)
    else:
        assert connection.vendor == "postgresql"
