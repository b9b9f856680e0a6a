"""A record's counts in words: `1 ticket and 2 children`, as the till repeats them."""

from collections.abc import Callable
from typing import Protocol

from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from kaikukortti.terms.kinds import RecordKind


class Counted(Protocol):
    """What has a record's counts."""

    @property
    def kind(self) -> str: ...

    @property
    def holder(self) -> int: ...

    @property
    def children(self) -> int: ...

    @property
    def assistants(self) -> int: ...

    @property
    def clients(self) -> int: ...

    @property
    def workers(self) -> int: ...


def _own(kind: str, n: int) -> str:
    if kind == RecordKind.COURSE:
        return ngettext("{n} course place", "{n} course places", n)
    if kind == RecordKind.SEASON:
        return ngettext("{n} season pass", "{n} season passes", n)
    return ngettext("{n} ticket", "{n} tickets", n)


_WORDS: dict[str, Callable[[int], str]] = {
    "workers": lambda n: ngettext("{n} worker", "{n} workers", n),
    "clients": lambda n: ngettext("{n} client", "{n} clients", n),
    "children": lambda n: ngettext("{n} child", "{n} children", n),
    "assistants": lambda n: ngettext("{n} assistant", "{n} assistants", n),
}


def spoken_count(what: str, n: int, kind: str = RecordKind.TICKET) -> str:
    """One count with its word; nothing for none."""
    if not n:
        return ""
    return (_own(kind, n) if what == "holder" else _WORDS[what](n)).format(n=n)


def spoken_counts(record: Counted) -> str:
    """All counts of a record, joined as a sentence joins them."""
    parts = [spoken_count("holder", record.holder, record.kind)]
    parts += [spoken_count(what, getattr(record, what)) for what in _WORDS]
    return join_counts(parts)


def join_counts(parts: list[str]) -> str:
    """`a, b and c`, empty parts left out."""
    return str(get_text_list([part for part in parts if part], gettext("and")))
