"""A thief with a copy of everything a till has stored (S10, S11): before the PIN, and once its six digits are guessed.

Decision 25 says what this yields; what the list itself yields is in tests/test_till_attack.py.
"""

from collections.abc import Callable
from datetime import timedelta
from hashlib import pbkdf2_hmac
from typing import Any

import pytest
from playwright.sync_api import Page

from kaikukortti.actions.codes import TAG_ROUNDS, make_code, tag_salt
from kaikukortti.actions.devices import make_code as make_till_code
from kaikukortti.actions.making import make_cards
from tests.cast import NOW, Cast

pytestmark = pytest.mark.database(transaction=True)

PIN = "135790"
MODULES = "/static/kaikukortti/js/till"
# A till that works: enrolled, its list here, at its offering.
ENROL = f"""async ([code, pin, offering]) => {{
  const {{ openTill }} = await import("{MODULES}/till.js");
  window.till = await openTill();
  await till.enrol(code, {{ pin }});
  await new Promise((here) => till.watch((state) => state.list && here()));
  till.choose(offering);
}}"""
RECORD = """async ([code, children]) => {
  const verdict = await till.check(code);
  return (await till.record({ ...verdict.held, children }, verdict)).where;
}"""

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
def codes(cast: Cast, evening: None) -> list[str]:
    made = [make_code() for _ in range(4)]
    make_cards(cast.workplaces["office"], size=0, by=None, now=NOW - timedelta(days=700), codes=made)
    cast.blanks = [one.code for one in made]
    return [cast.card() for _ in made]


@pytest.fixture
def till(cast: Cast, codes: list[str], open_page: Callable[..., Page]) -> Page:
    """A till that was cut off in the middle of an evening: two cards in the register, two that wait on the device."""
    page = open_page("/till/fi/")
    secret = make_till_code("Box office", by=cast.ville, now=cast.now).secret
    page.evaluate(ENROL, [secret, PIN, str(cast.offering().pk)])
    assert [page.evaluate(RECORD, [code, 1]) for code in codes[:2]] == ["register"] * 2
    page.context.set_offline(True)
    assert [page.evaluate(RECORD, [code, 2]) for code in codes[2:]] == ["device"] * 2
    return page


def test_before_the_pin_nothing_of_a_card_is_readable(till: Page, codes: list[str]) -> None:
    stored = till.evaluate(STORED).lower()
    for code in codes:
        written = full_tag(code)
        for secret in (code, code[:9], code.encode().hex(), code[:9].encode().hex(), written[:8]):
            assert secret.lower() not in stored
    assert PIN not in stored
    assert tag_salt().hex() not in stored


def test_after_the_pin_nothing_confirms_a_code(till: Page, codes: list[str]) -> None:
    """What is left of a card is the 32 bits that stand on the list anyway. Codes that wait are sealed to the register,
    differently each time, and the device cannot speak for itself."""
    opened: dict[str, Any] = till.evaluate(OPENED, PIN)
    assert (opened["token"], opened["opens"]) == (None, None)
    assert {"list", "sheet"} <= set(opened["blobs"])
    rows = opened["rows"]
    assert len(rows) == 4
    everything = (str(rows) + "".join(opened["blobs"].values())).lower()
    tags = {full_tag(code)[:8] for code in codes}
    for code in codes:
        # Not a bit of the pad either: nine digits would be 36 bits.
        for secret in (code, code[:9], code.encode().hex(), code[:9].encode().hex(), full_tag(code)[:9]):
            assert secret.lower() not in everything
    assert {row["tag"] for row in rows} == tags
    sealed = [row["sealed"] for row in rows if row["sealed"]]
    # Each box begins with a point of its own (65 bytes), whose other half was thrown away.
    assert len({one[:80] for one in sealed}) == len(sealed) >= 2
