"""How long and how much memory printing takes: 100 cards in one PDF, and a batch of several hundred as a stream.

Part of `make bench`; alone: `python tools/with_postgres.py python -m tools.bench_print`. Absolute numbers belong to a
machine, so it is told; the aim (decision 16) is at most 5 s and 500 MB for a hundred cards.
"""

import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parent.parent
HUNDREDS = int(os.environ.get("BENCH_HUNDREDS", "5"))

work = tempfile.TemporaryDirectory(prefix="kaikukortti-bench-print-")
os.environ.setdefault("KAIKUKORTTI_DATA", f"{work.name}/data")
os.environ.setdefault("KAIKUKORTTI_SECRETS", f"{work.name}/secrets")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kaikukortti.settings")
sys.path.insert(0, str(ROOT))


def memory() -> int:
    """Megabytes in use now; what was used at most is told by `peak`."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**10


def main() -> None:
    import django

    from kaikukortti import keys

    keys.make_missing()
    django.setup()
    print(f"printing: {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    _one_pdf()
    _a_batch()


def _one_pdf() -> None:
    from kaikukortti.actions.codes import random_code, random_secret
    from kaikukortti.paper.cards import draw_cards
    from kaikukortti.paper.slips import draw_slips

    cards = [SimpleNamespace(code=random_code(), serial="48201993", secret=random_secret()) for _ in range(100)]
    drawings: dict[str, Callable[[], bytes]] = {
        "100 cards": lambda: draw_cards(cards, layout="cards", title="Kaikukortti"),
        "100 cards for an office printer": lambda: draw_cards(cards, layout="office", title="Kaikukortti"),
        "100 slips": lambda: draw_slips(cards, address="cards.example.fi/my", title="Kaikukortti"),
    }
    for name, draw in drawings.items():
        began, computed = time.perf_counter(), time.process_time()
        size = len(draw())
        took, computed = time.perf_counter() - began, time.process_time() - computed
        print(
            f"  {name:32} {took:6.1f} s ({computed:.1f} s of a processor)  {size / 1024:5.0f} kB  peak {peak():4} MB"
            "   aim 5 s, 500 MB"
        )


def _a_batch() -> None:
    from django.core.management import call_command
    from django.utils import timezone

    from kaikukortti.actions.batches import begin_printing, order_batch, print_hundreds
    from kaikukortti.models import Batch, Card
    from kaikukortti.paper.printing import as_zip, batch_files
    from tests.cast import gather

    call_command("migrate", verbosity=0)
    if not Batch.objects.exists():
        cast = gather()
        place = cast.workplaces["office"]
    else:  # beside the other benchmarks, in their register
        place = Batch.objects.select_related("workplace").earliest("pk").workplace
    now = timezone.now()
    batch = order_batch(place, size=100 * HUNDREDS, layout="cards", by=None, now=now)
    batch = begin_printing(batch, by=None, now=now)
    files = batch_files(
        print_hundreds(batch, by=None, now=now), number=batch.pk, layout=batch.layout, address="cards.example.fi/my"
    )
    began, sent, after = time.perf_counter(), 0, []
    for number, piece in enumerate(as_zip(files, now=now), start=1):
        sent += len(piece)
        if number % 2 == 0:
            after.append(memory())
    took = time.perf_counter() - began
    assert Card.objects.filter(batch=batch).count() == batch.size
    print(f"  a batch of {batch.size}: {took:.0f} s, {took / HUNDREDS:.1f} s a hundred, {sent / 2**20:.1f} MB sent")
    told = ", ".join(str(number) for number in after)
    print(
        f"  memory after each hundred: {told} MB; the last / the first: {after[HUNDREDS - 1] / after[0]:.2f}, flat is 1"
    )


if __name__ == "__main__":
    main()
