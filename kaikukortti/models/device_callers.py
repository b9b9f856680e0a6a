"""Which till calls: device, workplace and network version in one statement, as models/callers.py does for tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from kaikukortti.models.devices import Device
from kaikukortti.models.network import Workplace
from kaikukortti.models.statements import instant

# In the order of the models' own fields, which `from_db` reads them in.
_DEVICE = (
    "id",
    "workplace_id",
    "kind",
    "label",
    "offering_id",
    "expires_at",
    "token_number",
    "token_digest",
    "paused_until",
    "stopped_at",
    "stop",
)
_WORKPLACE = ("id", "role", "municipality_id", "home_region_id", "until")
_CALLER = """
SELECT device.id, device.workplace_id, device.kind, device.label, device.offering_id, device.expires_at,
    device.token_number, device.token_digest, device.paused_until, device.stopped_at, device.stop,
    workplace.id, workplace.role, workplace.municipality_id, workplace.home_region_id, workplace.until,
    (SELECT number FROM kaikukortti_networkversion WHERE id = 1)
FROM kaikukortti_device device JOIN kaikukortti_workplace workplace ON workplace.id = device.workplace_id
WHERE device.id = %s AND device.enrolled_at IS NOT NULL
"""


def read_device(key: UUID, *, lock: bool = False) -> Device | None:
    """An enrolled device with its workplace and `network_version`, stopped or not; None when there is no such one."""
    postgresql = connection.vendor == "postgresql"
    sql = _CALLER + ("FOR UPDATE OF device" if lock and postgresql else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, [key if postgresql else key.hex])
        row = cursor.fetchone()
    if row is None:
        return None
    device = Device.from_db(connection.alias, _DEVICE, tuple(map(_read, row[:11])))
    device.pk, device.offering_id = _uuid(row[0]), _uuid(row[4])
    device.workplace = Workplace.from_db(connection.alias, _WORKPLACE, row[11:16])
    device.network_version = row[16]
    return device


def _read(value: Any) -> Any:
    return instant(value) if isinstance(value, datetime) else value


def _uuid(value: Any) -> Any:
    return UUID(value) if isinstance(value, str) else value
