"""A thief with a copy of everything a till has stored (S10, S11): before the PIN, and once its six digits are guessed.

Decision 25 says what this yields; what the list itself yields is in tests/test_till_attack.py.
"""

from hashlib import pbkdf2_hmac
from typing import Any

import pytest

from kaikukortti.actions.codes import TAG_ROUNDS, tag_salt
from tests.cast import Cast
from tests.web.test_till_app_core import MODULES, PIN, Phone, cast, new_phone, phone, till_code

pytestmark = pytest.mark.database(transaction=True)
__all__ = ["cast", "new_phone", "phone"]

# Everything in the three tables, bytes as hexadecimal.
STORED = f"""async () => {{
  const {{ openStore }} = await import("{MODULES}/store.js");
  const store = await openStore();
  const shown = (value) => {{
    if (value instanceof Uint8Array) return Array.from(value, (one) => one.toString(16).padStart(2, "0")).join("");
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shown(one)]));
  }};
  const tables = {{}};
  for (const name of ["device", "rows", "blobs"]) {{
    tables[name] = [...(await store.all(name))].map(([key, value]) => [key, shown(value)]);
  }}
  return JSON.stringify(tables);
}}"""

# The PIN has been guessed: what opens with it alone.
OPENED = f"""async (pin) => {{
  const {{ openStore }} = await import("{MODULES}/store.js");
  const keys = await import("{MODULES}/keys.js");
  const store = await openStore();
  const device = await store.read("device", "device");
  const p = await keys.stretch(pin, device.salt);
  const open = await keys.unwrapOffline(device.wraps, p);
  const rows = [];
  for (const [key, box] of await store.all("rows")) rows.push(await keys.unboxJson(open.rows, box, `rows ${{key}}`));
  const blobs = {{}};
  for (const [key, box] of await store.all("blobs")) {{
    for (const under of [open.rows, open.data]) {{
      const bytes = await keys.unbox(under, box, `blobs ${{key}}`).catch(() => null);
      if (bytes) blobs[key] = Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
    }}
  }}
  const box = await store.read("device", "token");
  const token = await keys.unboxJson(open.data, box, "device token").catch(() => null);
  return {{ rows, blobs, token, opens: open.token }};
}}"""


def full_tag(code: str) -> str:
    """48 bits of a code in hexadecimal: tag and pad. Two bits more than a tag would already tell a code."""
    return pbkdf2_hmac("sha256", code[:9].encode(), tag_salt(), TAG_ROUNDS, 6).hex()


@pytest.fixture
def evening_recorded(cast: Cast, phone: Phone) -> list[str]:
    """A till that was cut off in the middle of an evening: two cards online, two offline, one let in twice."""
    codes = [cast.card() for _ in range(4)]
    offering = cast.offering()
    phone.start()
    phone.enrol(till_code(cast))
    phone.wait("s.list")
    phone.do("choose", str(offering.pk))
    for code in codes[:2]:
        assert phone.card(code, children=1)[1] == "register"
    phone.context.set_offline(True)
    for code in codes[2:]:
        assert phone.card(code, children=2)[1] == "device"
    return codes


def test_before_the_pin_nothing_of_a_card_is_readable(phone: Phone, evening_recorded: list[str]) -> None:
    stored = phone.page.evaluate(STORED).lower()
    for code in evening_recorded:
        written = full_tag(code)
        for secret in (code, code[:9], code.encode().hex(), code[:9].encode().hex(), written[:8]):
            assert secret.lower() not in stored
    assert PIN not in stored
    assert tag_salt().hex() not in stored


def test_after_the_pin_nothing_confirms_a_code(phone: Phone, evening_recorded: list[str]) -> None:
    """What is left of a card is the 32 bits that stand on the list anyway. Codes that wait are sealed to the register,
    differently each time, and the device cannot speak for itself."""
    opened: dict[str, Any] = phone.page.evaluate(OPENED, PIN)
    assert (opened["token"], opened["opens"]) == (None, None)
    assert {"list", "sheet"} <= set(opened["blobs"])
    rows = opened["rows"]
    assert len(rows) == 4
    everything = (str(rows) + "".join(opened["blobs"].values())).lower()
    tags = {full_tag(code)[:8] for code in evening_recorded}
    for code in evening_recorded:
        # Not a bit of the pad either: nine digits would be 36 bits.
        for secret in (code, code[:9], code.encode().hex(), code[:9].encode().hex(), full_tag(code)[:9]):
            assert secret.lower() not in everything
    assert {row["tag"] for row in rows} == tags
    sealed = [row["sealed"] for row in rows if row["sealed"]]
    # Each box begins with a point of its own (65 bytes), whose other half was thrown away.
    assert len({one[:80] for one in sealed}) == len(sealed) >= 2
