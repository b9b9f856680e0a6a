"""The register's settings for a test run: keys and data in a folder of its own that goes when the run ends."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from kaikukortti import keys

if "KAIKUKORTTI_TESTS" not in os.environ:  # parallel workers share the folder of the process that started them
    os.environ["KAIKUKORTTI_TESTS"] = tempfile.mkdtemp(prefix="kaikukortti-tests-")
    atexit.register(shutil.rmtree, os.environ["KAIKUKORTTI_TESTS"], ignore_errors=True)
_FOLDER = Path(os.environ["KAIKUKORTTI_TESTS"])

os.environ["KAIKUKORTTI_DATA"] = str(_FOLDER / "data")
os.environ["KAIKUKORTTI_SECRETS"] = str(_FOLDER / "secrets")
os.environ["KAIKUKORTTI_LISTS"] = str(_FOLDER / "lists")
os.environ["KAIKUKORTTI_PLAIN_STATIC"] = "1"
# A file and not memory: only then do parallel connections meet each other as they do in use.
os.environ["KAIKUKORTTI_TEST_SQLITE"] = str(_FOLDER / "test.sqlite3")
keys.make_missing(*keys.NAMES, keys.DEMO)

from kaikukortti.settings import *  # noqa: E402
from kaikukortti.settings import STATIC_ROOT  # noqa: E402

STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# Signing in is slow on purpose; a hundred tests that sign in need not be.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
