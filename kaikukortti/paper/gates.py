"""Gate passes as a PDF, two to a sheet: whoever scans one with a phone makes that phone the till of one event.

The QR holds an address with a secret behind its `#`, which no browser sends: it stands in no server's log. The secret
exists on this paper and nowhere else.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import segno
from django.utils.safestring import SafeString, mark_safe

from kaikukortti.actions.devices import Made
from kaikukortti.models import Offering
from kaikukortti.paper.pdf import draw_pdf

A_SHEET = 2


def draw_gates(gates: Sequence[Made], offering: Offering, *, address: str, language: str) -> bytes:
    """Passes for one offering. `address` is the till app's page in this language; the secret is put behind it."""
    drawn = [
        {"label": one.device.label, "ends": one.device.expires_at, "picture": _picture(address, one.secret)}
        for one in gates
    ]
    context: dict[str, Any] = {
        "sheets": [drawn[start : start + A_SHEET] for start in range(0, len(drawn), A_SHEET)],
        "offering": offering,
        "workplace": gates[0].device.workplace,
    }
    return draw_pdf("kaikukortti/paper/gates.html", context, language=language)


def _picture(address: str, secret: str) -> SafeString:
    made = segno.make_qr(f"{address}#gate={quote(secret)}", error="m")
    # Our own drawing of our own text: digits and marks of an address.
    return mark_safe(made.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True))  # nosec B308 B703
