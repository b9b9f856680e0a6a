"""Why the register must not start: one clear sentence for each reason, an empty list when it may (R16, S25)."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kaikukortti import keys
from kaikukortti.actions.codes import foreign_peppers
from kaikukortti.models import DemoMark

SQLITE_FULL = 2


def reasons_not_to_start(host: str) -> list[str]:
    """What is asked of the database is asked only when the keys and the settings are right."""
    found = [*_settings(), *_keys()]
    if found:
        return found
    try:
        return [*_database()] or [*_demo(host)]
    except DatabaseError as error:
        return [f"The database does not answer ({type(error).__name__}). Check DATABASE_URL and that it runs."]


def loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _settings() -> Iterator[str]:
    if settings.DEBUG:
        yield "KAIKUKORTTI_DEBUG is on: error pages would show data. Unset it."
    if inside := lists_in_data():
        yield inside
    if settings.PROVIDERS_FILE and Path(settings.PROVIDERS_FILE).stat().st_mode & 0o077:
        yield "Others than the owner can read the file of KAIKUKORTTI_PROVIDERS. Run: chmod 600 on it."


def secrets_in_data() -> str | None:
    """The keys must not lie where the data lies: a copied data folder would open itself (rule 13)."""
    folder = keys.folder().resolve()
    data = Path(settings.DATA_DIR).resolve()
    if folder == data or data in folder.parents:
        return "The secrets folder lies inside the data folder. Move it out and set KAIKUKORTTI_SECRETS."
    return None


def lists_in_data() -> str | None:
    """A dump of the database and a list beside it would confirm codes: they are kept and copied apart (decision 25)."""
    folder, data = Path(settings.LISTS_DIR).resolve(), Path(settings.DATA_DIR).resolve()
    if folder == data or data in folder.parents:
        return "The folder of till lists lies inside the data folder. Move it out and set KAIKUKORTTI_LISTS."
    return None


def _keys() -> Iterator[str]:
    inside = secrets_in_data()
    if inside:
        yield inside
    missing = keys.missing()
    if missing:
        names = ", ".join(f"{name}.key" for name in missing)
        yield f"Keys are missing: {names}. Run: python manage.py make_keys"
        return
    folder = keys.folder()
    if folder.stat().st_mode & 0o077:
        yield "Others than the owner can read the secrets folder. Run: chmod 700 on it."
    for path in sorted(folder.glob("*.key")):
        if path.stat().st_mode & 0o077:
            yield f"Others than the owner can read {path.name}. Run: chmod 600 on it."
        if not _good(path):
            yield f"{path.name} is not a key: it must be 64 hexadecimal digits. Bring it back from its backup."


def _good(path: Path) -> bool:
    try:
        return len(bytes.fromhex(path.read_text().strip())) == 32
    except (ValueError, OSError):
        return False


def _database() -> Iterator[str]:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield "Migrations have not been applied. Run: python manage.py migrate"
        return
    for number in foreign_peppers():
        yield (
            f"pepper-{number}.key is missing or belongs to another database: every card made with it would be "
            "unknown. Bring the right key back from its backup."
        )
    yield from _not_durable()


def _not_durable() -> Iterator[str]:
    """An acknowledged record must survive a power cut (R1, R2)."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                cursor.execute(f"SHOW {name}")
                if cursor.fetchone()[0] == "off":
                    yield f"PostgreSQL runs with {name} off: a power cut would lose recorded uses. Turn it on."
        else:
            cursor.execute("PRAGMA synchronous")
            if cursor.fetchone()[0] < SQLITE_FULL:
                yield "SQLite runs with synchronous below FULL: a power cut would lose recorded uses."


def _demo(host: str) -> Iterator[str]:
    """A demo's passwords are printed: it listens on this machine only and never becomes a real register."""
    marked = DemoMark.objects.exists()
    if not marked and not (keys.folder() / f"{keys.DEMO}.key").exists() and not settings.DEMO:
        return
    if not settings.DEMO:
        yield (
            "This register holds a demo's sign-ins, whose passwords are printed. Start it with KAIKUKORTTI_DEMO=1, "
            "or use an empty database and new keys."
            if marked
            else "These keys were made for a demo. Make new ones in another folder: python manage.py make_keys"
        )
    if not loopback(host):
        yield f"A demo listens on this machine only, not on {host}. Leave --host out."
