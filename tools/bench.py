"""Benchmarks on PostgreSQL, as ratios against their baselines in the same run: `make bench`.

Three servers answer the same eight clients in turn, five rounds over: the register through its production server, a
plain Django project with the same statements (tools/bench_plain.py), and the bare transaction by pgbench. Machines are
noisy: the medians of ratios within a round are what counts, and the spread is printed beside them.
"""

import http.client
import itertools
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
CLIENTS = 8
WORKERS = 2
CARDS = 1600
EVENTS = 60
BATCH = 100
REGISTER, PLAIN = 8765, 8766
RUN = (sys.executable,)
ROOT = Path(__file__).resolve().parent.parent

work = tempfile.TemporaryDirectory(prefix="kaikukortti-bench-")
os.environ.setdefault("KAIKUKORTTI_DATA", f"{work.name}/data")
os.environ.setdefault("KAIKUKORTTI_SECRETS", f"{work.name}/secrets")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kaikukortti.settings")
sys.path.insert(0, str(ROOT))

from kaikukortti import keys  # noqa: E402
from kaikukortti.management.server import THREADS  # noqa: E402

keys.make_missing()


@contextmanager
def server(*command: str, port: int, **environment: str) -> Iterator[None]:
    """A server of its own process group, ready to answer."""
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(150):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.2)
        else:
            raise SystemExit(f"{' '.join(command)} did not start")
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


class Stage:
    """A venue with events of today, an issuer's cards in use, and a token; made through the actions."""

    def __init__(self) -> None:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        self._cast()

    def _cast(self) -> None:
        from django.utils import timezone

        from kaikukortti.actions.cards import Holder, issue_card
        from kaikukortti.actions.codes import code_digests, link_digest, make_code
        from kaikukortti.actions.making import make_cards
        from kaikukortti.models import Token
        from kaikukortti.rules.codes import read_code
        from kaikukortti.terms.days import helsinki_day
        from tests.cast import gather

        now = timezone.now()
        today = helsinki_day(now)
        cast = gather()
        cast.now = now
        made = make_cards(
            cast.workplaces["office"],
            size=0,
            by=None,
            now=now,
            codes=[make_code(random_tag=True) for _ in range(CARDS)],
        )
        aino = cast.aino
        for one in made:
            issue_card(one.code, by=aino, now=now, holder=Holder(birth_year=1980, minors=2, postal_code="87100"))
        self.codes = [one.code for one in made]
        # Nine uses in ten are not a card's first: each card has been used before.
        first = cast.offering(first_day=today)
        for start in range(0, CARDS, 500):
            cast.uses([cast.row(code, offering=first, day=today) for code in self.codes[start : start + 500]])
        self.digests = [code_digests(read_code(code) or "")[-1] for code in self.codes]
        self.events = [str(cast.offering(first_day=today).pk) for _ in range(EVENTS)]
        self.untouched = str(cast.offering(first_day=today).pk)
        self.queues = [str(cast.offering(first_day=today).pk) for _ in range(EVENTS)]
        self.venue = cast.workplaces["routa"].pk
        self.day = today.isoformat()
        self.token = "bench-token"
        Token.objects.create(
            workplace=cast.workplaces["routa"], label="bench", digest=link_digest(self.token), made_at=now
        )
        self._next, self._batches = itertools.count(), itertools.count()

    def fresh(self) -> tuple[int, str]:
        """A card and an event that have not met; tills that ask one after the other stand at different events."""
        number = next(self._next)
        return number % CARDS, self.events[(number + number // CARDS) % EVENTS]

    def record(self) -> tuple[str, str]:
        return "/api/v1/uses", json.dumps({"uses": [self._use(*self.fresh())]})

    def batch(self) -> tuple[str, str]:
        """A till's queue: so many cards at one event; queues that come together have other cards and other events."""
        number = next(self._batches)
        queue, round_ = number % (CARDS // BATCH), number // (CARDS // BATCH)
        event = self.queues[(round_ + 3 * queue) % EVENTS]
        cards = range(queue * BATCH, (queue + 1) * BATCH)
        return "/api/v1/uses", json.dumps({"uses": [self._use(card, event) for card in cards]})

    def _use(self, card: int, event: str) -> dict[str, Any]:
        return {"id": str(uuid4()), "code": self.codes[card], "offering": event, "day": self.day}

    def check(self) -> tuple[str, str]:
        card, _event = self.fresh()
        return "/api/v1/check", json.dumps({"code": self.codes[card], "offering": self.untouched})

    def plain_record(self) -> tuple[str, str]:
        card, event = self.fresh()
        return "/record", json.dumps(
            {"digest": self.digests[card], "venue": self.venue, "offering": event, "day": self.day}
        )

    def plain_check(self) -> tuple[str, str]:
        card, _event = self.fresh()
        return "/check", json.dumps({"digest": self.digests[card]})


def rate(port: int, ask: Callable[[], tuple[str, str]], token: str) -> float:
    """Answers a second of eight clients, each on its own kept connection. Any answer but 200 stops the run."""
    ends = time.perf_counter() + SECONDS
    counts = [0] * CLIENTS
    wrong: list[str] = []

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        while time.perf_counter() < ends and not wrong:
            path, body = ask()
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 200 or b'"refused"' in content or b'"already-recorded"' in content:
                wrong.append(f"{path}: {answer.status} {content[:300]!r}")
            counts[number] += 1

    started = time.perf_counter()
    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(wrong[0])
    return sum(counts) / (time.perf_counter() - started)


BARE_RECORD = """\\set id random(1, {cards})
BEGIN;
SELECT * FROM kaikukortti_card WHERE id = :id + {first};
INSERT INTO kaikukortti_record (recorder_id, client_id, reference, figure_key, venue_id, offering_id, kind, day,
 entered_at, source, happened, holder, children, assistants, clients, workers, status, refusal, community, sector,
 offering_kind, card_id, content) VALUES ({venue}, gen_random_uuid(), gen_random_uuid(), 1, {venue}, '{event}',
 'ticket', '{day}', now(), 'online', false, 1, 0, 0, 0, 0, 'recorded', '', false, 'culture', 'event',
 :id + {first}, '');
COMMIT;
"""
BARE_CHECK = "\\set id random(1, {cards})\nSELECT * FROM kaikukortti_card WHERE id = :id + {first};\n"


def bare(script: str, stage: Stage) -> float:
    """Transactions a second of pgbench with as many clients."""
    from django.db.models import Min

    from kaikukortti.models import Card

    first = (Card.objects.aggregate(n=Min("pk"))["n"] or 1) - 1
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script.format(cards=CARDS, first=first, venue=stage.venue, event=stage.events[0], day=stage.day))
        file.flush()
        pgbench = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))), Path("pgbench"))
        done = subprocess.run(
            [
                pgbench,
                "-n",
                "-c",
                str(CLIENTS),
                "-j",
                "2",
                "-T",
                str(max(1, int(SECONDS))),
                "-f",
                file.name,
                os.environ["DATABASE_URL"],
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found, done.stdout
    return float(found.group(1))


def told(name: str, ratios: list[float], aim: str) -> str:
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    return f"{name:58} {middle:7.1%}   ({low:.1%} – {high:.1%})   {aim}"


def main() -> None:
    if not os.environ.get("DATABASE_URL"):
        raise SystemExit("The benchmark needs PostgreSQL: make bench starts one.")
    stage = Stage()
    keys_of = ("record", "plain record", "bare record", "check", "plain check", "bare check", "batch")
    rates: dict[str, list[float]] = {key: [] for key in keys_of}
    with ExitStack() as servers:
        servers.enter_context(
            server(
                sys.executable, "manage.py", "serve", "--port", str(REGISTER), "--workers", str(WORKERS), port=REGISTER
            )
        )
        servers.enter_context(
            server(
                sys.executable,
                "-m",
                "gunicorn",
                "--bind",
                f"127.0.0.1:{PLAIN}",
                "--workers",
                str(WORKERS),
                "--threads",
                str(THREADS),
                "--worker-class",
                "gthread",
                "tools.bench_plain:application",
                port=PLAIN,
                DJANGO_SETTINGS_MODULE="tools.bench_plain",
            )
        )
        rounds: list[tuple[str, Callable[[], float]]] = [
            ("record", lambda: rate(REGISTER, stage.record, stage.token)),
            ("plain record", lambda: rate(PLAIN, stage.plain_record, "")),
            ("bare record", lambda: bare(BARE_RECORD, stage)),
            ("check", lambda: rate(REGISTER, stage.check, stage.token)),
            ("plain check", lambda: rate(PLAIN, stage.plain_check, "")),
            ("bare check", lambda: bare(BARE_CHECK, stage)),
            ("batch", lambda: BATCH * rate(REGISTER, stage.batch, stage.token)),
        ]
        for number in range(ROUNDS + 1):  # the first round warms up and does not count
            for key, measure in rounds if number % 2 else reversed(rounds):
                result = measure()
                if number:
                    rates[key].append(result)
            print(f"round {number} of {ROUNDS}", file=sys.stderr)

    def ratio(one: str, other: str) -> list[float]:
        return [a / b for a, b in zip(rates[one], rates[other], strict=True)]

    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, PostgreSQL with fsync"
    )
    print(f"{CLIENTS} clients, {WORKERS} workers × {THREADS} threads")
    print(f"{ROUNDS} rounds of {SECONDS:g} s, median (least – most)")
    for key in keys_of:
        print(f"  {key:20} {statistics.median(rates[key]):9.0f} a second")
    print(told("one record / plain Django view", ratio("record", "plain record"), "to reach 60 %"))
    print(told("one record / bare transaction", ratio("record", "bare record"), "aim 15 %"))
    print(told("a batch of 100, per record / bare transaction", ratio("batch", "bare record"), "to reach 100 %"))
    print(told("a check / plain view's look-up", ratio("check", "plain check"), "to reach 60 %"))
    print(told("a check / bare look-up", ratio("check", "bare check"), "aim 5 %"))
    sys.stdout.flush()
    # In a process of its own, whose memory is nobody else's.
    subprocess.run([*RUN, "-m", "tools.bench_print"], cwd=ROOT, check=True)
    subprocess.run([*RUN, "tools/bench_till_list.py"], cwd=ROOT, check=True)
    # Last, for it fills the tables anew; two million rows with BENCH_WORKLIST_CARDS=400000.
    subprocess.run([*RUN, "tools/bench_worklist.py"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
