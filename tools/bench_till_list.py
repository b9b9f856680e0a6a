"""The list of offline tills at 100,000 cards: how large it and an hour of changes are, how long drawing takes, and how
long a till looks a card up in Chromium at a quarter of this machine's speed. `make bench` runs it after the servers, or
by itself `tools/with_postgres.py python tools/bench_till_list.py`; in a database of its own."""

import base64
import http.server
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CARDS = int(os.environ.get("BENCH_LIST_CARDS", "100000"))
SLOWER = 4
LOOK_UPS = 60
# A hundred thousand cards of a year each: as many are issued or renewed in its 2,000 working hours.
ISSUED_AN_HOUR, CORRECTED_AN_HOUR, BLOCKED_AN_HOUR = 50, 3, 3
ROOT = Path(__file__).resolve().parent.parent

work = tempfile.TemporaryDirectory(prefix="kaikukortti-bench-")
os.environ.setdefault("KAIKUKORTTI_DATA", f"{work.name}/data")
os.environ.setdefault("KAIKUKORTTI_SECRETS", f"{work.name}/secrets")
os.environ.setdefault("KAIKUKORTTI_LISTS", f"{work.name}/lists")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kaikukortti.settings")
sys.path.insert(0, str(ROOT))

# A year of cards, each registered and valid once; one in thirty blocked.
REGISTER = """
INSERT INTO kaikukortti_personline (id, made_at) SELECT n, now() FROM generate_series(1, {cards}) n;
INSERT INTO kaikukortti_card (id, digest, pepper, sealed_tag, tag_digest, serial, secret_digest, trail_id, batch_id,
 workplace_id, community, line_id, later, region_id)
 SELECT n, 'd' || n, 1, sealed, 't' || n, (10000000 + n)::text, '', gen_random_uuid(), {batch}, {workplace}, false, n,
 false, (ARRAY[{regions}])[1 + n % {number}] FROM tags;
INSERT INTO kaikukortti_holderdata (card_id, birth_band, postal_code, municipality_id, minors, may_remind)
 SELECT n, 1980, '', '205', n % 3, false FROM generate_series(1, {cards}) n;
INSERT INTO kaikukortti_cardfact (transaction, card_id, kind, at, reason, entered_at, by_holder)
 SELECT 0, n, 'registered', day, '', day, false
 FROM generate_series(1, {cards}) n, LATERAL (SELECT timestamptz '{now}' - n % 365 * interval '1 day' AS day) d;
INSERT INTO kaikukortti_cardfact (transaction, card_id, kind, at, since, until, reason, entered_at, by_holder)
 SELECT 0, n, 'valid', day, day::date, (day + interval '364 days')::date, '', day, false
 FROM generate_series(1, {cards}) n, LATERAL (SELECT timestamptz '{now}' - n % 365 * interval '1 day' AS day) d;
INSERT INTO kaikukortti_cardfact (transaction, card_id, kind, at, reason, entered_at, by_holder)
 SELECT 0, n, 'blocked', timestamptz '{now}', 'lost', timestamptz '{now}', false
 FROM generate_series(1, {cards}) n WHERE n % 30 = 0;
ANALYZE;
"""


def own_database() -> None:
    """Beside the one that the other benchmarks have filled."""
    import psycopg

    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS till_list")
        connection.execute("CREATE DATABASE till_list")
    os.environ["DATABASE_URL"] = urlsplit(url)._replace(path="/till_list").geturl()


def fill(now: datetime) -> list[str]:
    """The register's cards, a few of them with codes that are known here: their tags are real ones."""
    import secrets

    from django.db import connection

    from kaikukortti.actions.codes import make_code
    from kaikukortti.actions.making import make_cards
    from kaikukortti.models import Batch
    from tests.cast import gather

    cast = gather()
    make_cards(cast.workplaces["office"], size=1, by=None, now=now)
    known = [make_code() for _ in range(LOOK_UPS)]
    regions = [one.pk for one in cast.regions.values()]
    values = {
        "cards": CARDS,
        "batch": Batch.objects.earliest("pk").pk,
        "workplace": cast.workplaces["office"].pk,
        "regions": ", ".join(map(str, regions)),
        "number": len(regions),
        "now": now.isoformat(),
    }
    seal = _sealing()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE kaikukortti_personline, kaikukortti_card CASCADE")
        cursor.execute("CREATE TEMPORARY TABLE tags (n bigint, sealed bytea)")
        with cursor.copy("COPY tags FROM STDIN") as rows:
            for number in range(1, CARDS + 1):
                sealed = known[number - 1].sealed_tag if number <= LOOK_UPS else seal(secrets.token_bytes(6))
                rows.write_row((number, sealed))
        for statement in REGISTER.format(**values).split(";\n"):
            if statement.strip():
                cursor.execute(statement)
    return [one.code for one in known]


def _sealing() -> Any:
    """As `actions.codes` seals a tag."""
    import secrets

    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from kaikukortti import keys

    box = AESGCM(keys.key("seal"))

    def seal(tag: bytes) -> bytes:
        nonce = secrets.token_bytes(12)
        return nonce + box.encrypt(nonce, tag, None)

    return seal


def an_hour(now: datetime) -> None:
    """What an hour brings: cards renewed, corrected, blocked."""
    from kaikukortti.models import CardFact, HolderData

    first = CARDS // 2 // 30 * 30 + 1
    renewed = range(first, first + ISSUED_AN_HOUR)
    corrected = range(first + 100, first + 100 + CORRECTED_AN_HOUR)
    last = now.date() + timedelta(days=400)
    facts = [CardFact(card_id=n, kind="valid", at=now, since=now.date(), until=last, entered_at=now) for n in renewed]
    facts += [CardFact(card_id=n, kind="corrected", at=now, entered_at=now) for n in corrected]
    facts += [
        CardFact(card_id=first + 200 + n, kind="blocked", at=now, reason="lost", entered_at=now)
        for n in range(BLOCKED_AN_HOUR)
    ]
    HolderData.objects.filter(card__in=corrected).update(minors=5)
    CardFact.objects.bulk_create(facts)


LOOK_UP = """
async ({ bytes, key, codes }) => {
  const [{ readCode }, list, { offlineVerdict }] = await Promise.all(
    ["codes", "list", "verdict"].map((name) => import(`/${name}.js`)),
  );
  const content = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
  const spki = await list.listKey(key);
  const begun = performance.now();
  const open = await list.openList(content, spki);
  const opening = performance.now() - begun;
  const times = [];
  const states = {};
  for (const text of codes) {
    const start = performance.now();
    const { code, kind } = readCode(text, open.header.series);
    const found = list.findInList(open, await list.tagOf(code, open.header.salt, open.header.rounds));
    const answer = offlineVerdict({
      read: kind, found, list: { ...open, switches: open.header.switches }, now: open.asOf + 60_000,
      day: new Date(open.asOf).toISOString().slice(0, 10), place: { region: null, open: true }, offering: null,
      here: { own: false, children: 0, at: null },
    });
    times.push(performance.now() - start);
    states[answer.state] = (states[answer.state] || 0) + 1;
  }
  return { opening, times, states };
}
"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def look_ups(content: bytes, key: bytes, codes: list[str]) -> None:
    """On a page of the till's modules. The throttle slows the page, not the thread that PBKDF2 runs on, so four times
    the unthrottled time is told beside it."""
    from playwright.sync_api import sync_playwright

    given = {"bytes": base64.b64encode(content).decode(), "key": base64.b64encode(key).decode(), "codes": codes}
    with served(ROOT / "kaikukortti/static/kaikukortti/js/till") as home, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        said = {}
        for rate in (1, SLOWER):
            page = browser.new_page()
            page.goto(home)
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
            said[rate] = page.evaluate(LOOK_UP, given)
        browser.close()
    print(f"opening the list in Chromium at CPU × {SLOWER}: {said[SLOWER]['opening']:.0f} ms")
    for rate, one in said.items():
        times = sorted(one["times"])
        middle, late = statistics.median(times), times[int(0.95 * len(times))]
        print(f"code → verdict at CPU × {rate}: {middle:.0f} ms median, {late:.0f} ms p95 of {len(times)}")
    times = said[1]["times"]
    print(f"  {SLOWER} × the first: {SLOWER * statistics.median(times):.0f} ms; to reach 150 ms", flush=True)


def main() -> None:
    if not os.environ.get("DATABASE_URL"):
        raise SystemExit("The benchmark needs PostgreSQL: make bench starts one.")
    own_database()
    import django

    from kaikukortti import keys

    keys.make_missing()
    django.setup()
    from django.core.management import call_command

    from kaikukortti.actions import till_list
    from kaikukortti.terms.days import HELSINKI

    call_command("migrate", verbosity=0)
    now = datetime(2026, 12, 1, 14, 0, tzinfo=HELSINKI)
    codes = fill(now - timedelta(minutes=5))
    started = time.perf_counter()
    whole = till_list.draw_whole(now)
    took = time.perf_counter() - started
    size = len(whole.content)
    print(f"list of {CARDS:,} cards: {size:,} bytes (to reach 600,000), drawn whole in {took:.1f} s")
    an_hour(now + timedelta(minutes=55))
    started = time.perf_counter()
    later = till_list.current(now + timedelta(hours=1))
    drawn = time.perf_counter() - started
    started = time.perf_counter()
    made = till_list.difference(whole.sha256, now + timedelta(hours=1))
    took = time.perf_counter() - started
    assert made is not None
    print(
        f"an hour of {ISSUED_AN_HOUR + CORRECTED_AN_HOUR + BLOCKED_AN_HOUR} changes: {len(made):,} bytes (to reach "
        f"2,000), drawn in {drawn:.1f} s, told from the list before in {took:.1f} s once",
        flush=True,
    )
    if shutil.which("chromium"):
        look_ups(later.content, till_list.list_key(), codes)


if __name__ == "__main__":
    main()
