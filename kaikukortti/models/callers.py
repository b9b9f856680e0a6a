"""Who calls: token, workplace and network version in one statement, in SQL like the others of the hot path.

Every call asks this first (docs/decisions/0004-statements.md); what it does not read is loaded when asked for.
"""

import json

from django.db import connection

from kaikukortti.models.network import Workplace
from kaikukortti.models.people import Token
from kaikukortti.models.statements import instant

# In the order of the models' own fields, which `from_db` reads them in.
_TOKEN = ("id", "workplace_id", "paused_until", "scopes")
_WORKPLACE = ("id", "role", "municipality_id", "home_region_id", "until")
_CALLER = """
SELECT token.id, token.workplace_id, token.paused_until, token.scopes,
    workplace.id, workplace.role, workplace.municipality_id, workplace.home_region_id, workplace.until,
    (SELECT number FROM kaikukortti_networkversion WHERE id = 1)
FROM kaikukortti_token token JOIN kaikukortti_workplace workplace ON workplace.id = token.workplace_id
WHERE token.digest = %s AND token.revoked_at IS NULL
"""


def read_caller(digest: str) -> Token | None:
    """The token with this digest, its workplace and `network_version`; None when unknown or revoked."""
    with connection.cursor() as cursor:
        cursor.execute(_CALLER, [digest])
        row = cursor.fetchone()
    if row is None:
        return None
    token = Token.from_db(connection.alias, _TOKEN, (row[0], row[1], instant(row[2]), json.loads(row[3])))
    token.workplace = Workplace.from_db(connection.alias, _WORKPLACE, row[4:9])
    token.network_version = row[9]
    return token
