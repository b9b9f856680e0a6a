"""The register's keys: files that only their owner can read, outside the database and the data folder (rule 13).

`django` signs sessions, `pepper-1` turns codes into digests, `content` recognises the content of a repeated record
(rule 26), `seal` keeps offline tags unreadable in a dump, `secret` turns holders' secrets into digests, `worklist`
decides which unused cards a worklist leaves out, `trail` chains the audit trail, `factor` seals workers' second
factors, `till` opens what offline tills have sealed, `lists` signs the list they carry, `webhooks` seals the secrets
that webhooks are signed with, `figures` mixes figure keys, `demo` makes the demo's codes.
A lost pepper makes every card unknown; back the folder up apart from the database (docs/operations.md).
"""

import os
import secrets
from functools import cache
from pathlib import Path

NAMES = (
    "django",
    "pepper-1",
    "content",
    "seal",
    "secret",
    "worklist",
    "trail",
    "factor",
    "till",
    "lists",
    "webhooks",
    "figures",
)
DEMO = "demo"


class MissingKey(Exception):
    """A key file is missing; says which and how to mend it."""


def folder() -> Path:
    return Path(os.environ.get("KAIKUKORTTI_SECRETS", Path(__file__).resolve().parent.parent / "secrets"))


def _path(name: str) -> Path:
    return folder() / f"{name}.key"


@cache
def key(name: str) -> bytes:
    """32 random bytes by name. Raises MissingKey."""
    try:
        return bytes.fromhex(_path(name).read_text().strip())
    except FileNotFoundError as missing:
        raise MissingKey(f"{_path(name).name} is missing. Run: python manage.py make_keys") from missing


@cache
def peppers() -> dict[int, bytes]:
    """Every pepper by its number: the newest makes digests, all of them read."""
    numbers = sorted(int(path.stem.removeprefix("pepper-")) for path in folder().glob("pepper-*.key"))
    if not numbers:
        raise MissingKey("pepper-1.key is missing. Run: python manage.py make_keys")
    return {number: key(f"pepper-{number}") for number in numbers}


def missing() -> list[str]:
    return [name for name in NAMES if not _path(name).exists()]


def make_missing(*names: str) -> list[str]:
    """Make the keys that are not there yet, readable by the owner only; says which were made."""
    made = []
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in names or NAMES:
        try:
            descriptor = os.open(_path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        made.append(name)
    key.cache_clear()
    peppers.cache_clear()
    return made
