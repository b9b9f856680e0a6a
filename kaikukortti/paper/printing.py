"""A batch as files for printing, drawn a hundred cards at a time and let go of at once: memory stays flat, and no file
with codes or secrets is ever left anywhere by the register.

Cards and slips are files of their own: they go to different hands, and no sheet carries a code beside a secret.
"""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from kaikukortti.actions.codes import MadeCode
from kaikukortti.paper.cards import draw_cards
from kaikukortti.paper.slips import draw_slips
from kaikukortti.terms.days import HELSINKI

# Where the holder's own pages are, behind the register's name.
OWN_PAGES = "/my"


def batch_files(
    hundreds: Iterable[Sequence[MadeCode]], *, number: int, layout: str, address: str
) -> Iterator[tuple[str, bytes, int]]:
    """The name and content of each file of a batch, and how many cards it finishes."""
    first = 1
    for made in hundreds:
        last = first + len(made) - 1
        title = f"Kaikukortti {number} · {first}–{last}"
        stem = f"kaikukortti-{number}-{first:05}-{last:05}"
        yield f"{stem}-cards.pdf", draw_cards(made, layout=layout, title=title), 0
        yield f"{stem}-slips.pdf", draw_slips(made, address=address, title=title), len(made)
        first = last + 1


def as_zip(files: Iterable[tuple[str, bytes, int]], *, now: datetime) -> Iterator[bytes]:
    """The files as one ZIP, handed over piece by piece as they are drawn."""
    outlet = _Outlet()
    moment = now.astimezone(HELSINKI).timetuple()[:6]
    with zipfile.ZipFile(outlet, "w") as archive:
        for name, content, _finished in files:
            # A PDF is compressed already.
            archive.writestr(zipfile.ZipInfo(name, moment), content)
            yield outlet.take()
    yield outlet.take()


class _Outlet:
    """What ZipFile writes to when nobody can go back in it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken
