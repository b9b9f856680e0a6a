"""How long the month's worklists take: `make bench` runs it after the servers, or by itself
`tools/with_postgres.py python tools/bench_worklist.py`. With BENCH_WORKLIST_CARDS=400000 the register holds two million
rows. It is made by the database, a statement a table."""

import os
import resource
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

CARDS = int(os.environ.get("BENCH_WORKLIST_CARDS", "100000"))
ROOT = Path(__file__).resolve().parent.parent

work = tempfile.TemporaryDirectory(prefix="kaikukortti-bench-")
os.environ.setdefault("KAIKUKORTTI_DATA", f"{work.name}/data")
os.environ.setdefault("KAIKUKORTTI_SECRETS", f"{work.name}/secrets")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kaikukortti.settings")
sys.path.insert(0, str(ROOT))

# Two years of cards of two workplaces: half unused, two in three with a yes, each registered and valid once.
REGISTER = """
INSERT INTO kaikukortti_personline (id, made_at, taken_on)
 SELECT n, now(), CASE WHEN n % 2 = 0 THEN date '2026-01-01' END FROM generate_series(1, {cards}) n;
INSERT INTO kaikukortti_card (id, digest, pepper, sealed_tag, tag_digest, serial, secret_digest, trail_id, batch_id,
 workplace_id, community, line_id, later)
 SELECT n, 'd' || n, 1, '', 't' || n, (10000000 + n)::text, '', gen_random_uuid(), {batch},
 (ARRAY[{workplaces}])[1 + n % {number}], false, n, false FROM generate_series(1, {cards}) n;
INSERT INTO kaikukortti_holderdata (card_id, birth_band, postal_code, municipality_id, minors, may_remind)
 SELECT n, 1980, '', '205', 1, n % 3 > 0 FROM generate_series(1, {cards}) n;
INSERT INTO kaikukortti_cardfact (transaction, card_id, kind, at, reason, entered_at, by_holder)
 SELECT 0, n, 'registered', day, '', day, false
 FROM generate_series(1, {cards}) n, LATERAL (SELECT timestamptz '{now}' - n % 730 * interval '1 day' AS day) d;
INSERT INTO kaikukortti_cardfact (transaction, card_id, kind, at, since, until, reason, entered_at, by_holder)
 SELECT 0, n, 'valid', day, day::date, (day + interval '364 days')::date, '', day, false
 FROM generate_series(1, {cards}) n, LATERAL (SELECT timestamptz '{now}' - n % 730 * interval '1 day' AS day) d;
ANALYZE;
"""


def main() -> None:
    if not os.environ.get("DATABASE_URL"):
        raise SystemExit("The benchmark needs PostgreSQL: make bench starts one.")
    import django

    from kaikukortti import keys

    keys.make_missing()
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from kaikukortti.actions.making import make_cards
    from kaikukortti.actions.worklist import CARDS as CHUNK
    from kaikukortti.actions.worklist import draw_worklists, worklist_of
    from kaikukortti.models import Batch
    from kaikukortti.terms.days import HELSINKI
    from tests.cast import gather

    call_command("migrate", verbosity=0)
    cast = gather()
    now = datetime(2026, 12, 1, 4, 20, tzinfo=HELSINKI)
    make_cards(cast.workplaces["office"], size=1, by=None, now=now)
    offices = [cast.workplaces["office"].pk, cast.workplaces["other"].pk]
    values = {
        "cards": CARDS + 1000,
        "batch": Batch.objects.earliest("pk").pk,
        "workplaces": ", ".join(map(str, offices)),
        "number": len(offices),
        "now": now.isoformat(),
    }
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE kaikukortti_personline, kaikukortti_card CASCADE")
        for statement in REGISTER.format(**values).split(";\n"):
            if statement.strip():
                cursor.execute(statement)
    before, seen, asked = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, [0, 0], [0]

    def told(done: int, total: int) -> None:
        seen[:] = [done, total]

    def count(execute: Any, *statement: Any) -> Any:
        asked[0] += 1
        return execute(*statement)

    started = time.perf_counter()
    with connection.execute_wrapper(count):
        rows = draw_worklists(now=now, told=told)
    took = time.perf_counter() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"worklists of {CARDS:,} cards: {seen[1]:,} looked at, {rows:,} listed, {took:.1f} s, {grown:.0f} MB more")
    print(f"{asked[0]} statements, {asked[0] / -(-seen[1] // CHUNK):.2f} for each {CHUNK:,} cards", flush=True)
    started = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        worklist_of(cast.workplaces["office"])
    print(f"one workplace's list: {len(queries)} statement, {1000 * (time.perf_counter() - started):.0f} ms")


if __name__ == "__main__":
    main()
