"""Going through the audit trail: whether every entry still is what was appended, and none is missing (S17).

An edit, a deletion and a swap break the chain. A cut tail does not fit the head. A tail cut together with a rewound
head does not fit the anchors, which are kept outside the database.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Max

from kaikukortti.actions.trail import HEAD, ROOT, chain_digest
from kaikukortti.models import TrailEntry, TrailHead
from kaikukortti.models.trail import missing_guards
from kaikukortti.terms.trail import Act

AT_A_TIME = 2000


class Fault(StrEnum):
    """What may be wrong with the trail, in words for whoever runs the register."""

    CHANGED = "the entry is not what was appended, or what stood before it has changed"
    MISSING = "entries are missing"
    TAIL_CUT = "the newest entries are missing: the head says there were more"
    HEAD_GONE = "the head is gone"
    HEAD_REWOUND = "the head is not at the newest entry"
    BEGINNING_CUT = "the beginning is missing: no entry says that it was forgotten"
    NOT_THE_ANCHOR = "the trail was something else when this anchor was set"
    BEHIND_THE_ANCHOR = "the trail ends before an anchor that was set: its newest entries are missing"
    NOT_GUARDED = "the table has lost its triggers"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head as it stood at some moment, kept outside the database."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Found:
    """One fault: where it begins and ends, by number of entry; a table's name where it is no entry."""

    fault: Fault
    first: int = 0
    last: int = 0
    table: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    first: int
    last: int
    entries: int
    anchors: int
    found: list[Found]


def head_now() -> Anchor | None:
    """The chain's end; None before the first entry."""
    head = TrailHead.objects.filter(pk=HEAD).first()
    return Anchor(head.number, head.digest) if head and head.number else None


def _root() -> Anchor:
    root = TrailHead.objects.filter(pk=ROOT).first()
    return Anchor(root.number, root.digest) if root else Anchor(0, "")


def fits(anchor: Anchor) -> bool:
    """Whether the trail still holds this anchor: asked before a new one is set. Forgotten entries fit."""
    digest = TrailEntry.objects.filter(pk=anchor.number).values_list("digest", flat=True).first()
    return digest == anchor.digest or (digest is None and anchor.number <= _root().number)


def check_trail(anchors: Iterable[Anchor] = (), *, tick: Callable[[int], object] = lambda _entries: None) -> Report:
    """Go through the whole chain; `tick` is told how many entries were read since it was told last. The register may
    serve meanwhile: when old entries are forgotten in the middle of it, it begins again."""
    anchors = list(anchors)
    while True:
        root = _root()
        report = _check_from(root, anchors, tick)
        if _root() == root:
            return report


def _check_from(root: Anchor, anchors: list[Anchor], tick: Callable[[int], object]) -> Report:
    # In this order: whoever appends meanwhile moves the head after the newest entry was read, never before.
    newest = TrailEntry.objects.aggregate(newest=Max("number"))["newest"] or root.number
    head = head_now() or Anchor(0, "")
    found = [Found(Fault.NOT_GUARDED, table=table) for table in missing_guards()]
    expected, before, forgotten, read = root.number + 1, root.digest, 0, 0
    digests = {root.number: root.digest}
    asked = {anchor.number for anchor in anchors}
    entries = TrailEntry.objects.filter(number__lte=max(newest, head.number)).order_by("number")
    for entry in entries.iterator(AT_A_TIME):
        read += 1
        if read % AT_A_TIME == 0:
            tick(AT_A_TIME)
        if entry.number > expected:
            found.append(Found(Fault.MISSING, expected, entry.number - 1))
        elif entry.number < expected or entry.digest != chain_digest(before, entry):
            found.append(Found(Fault.CHANGED, entry.number, entry.number))
        elif entry.act == Act.TRAIL_PRUNED:
            forgotten = int(entry.subject)
        if entry.number in asked:
            digests[entry.number] = entry.digest
        expected, before = entry.number + 1, entry.digest
    last = expected - 1
    found += _check_ends(root, head, Anchor(last, before), forgotten)
    for anchor in anchors:
        if anchor.number > last:
            found.append(Found(Fault.BEHIND_THE_ANCHOR, last + 1, anchor.number))
        elif digests.get(anchor.number, anchor.digest) != anchor.digest:
            found.append(Found(Fault.NOT_THE_ANCHOR, anchor.number, anchor.number))
    tick(read % AT_A_TIME)
    return Report(root.number + 1, last, read, len(anchors), found)


def _check_ends(root: Anchor, head: Anchor, last: Anchor, forgotten: int) -> list[Found]:
    """The chain's end against its head, and its beginning against the entry that says what was forgotten."""
    found = []
    if not TrailHead.objects.filter(pk=HEAD).exists():
        if last.number:
            found.append(Found(Fault.HEAD_GONE))
    elif head.number > last.number:
        found.append(Found(Fault.TAIL_CUT, last.number + 1, head.number))
    elif head != last:
        found.append(Found(Fault.HEAD_REWOUND, head.number, last.number))
    if root.number != forgotten:
        found.append(Found(Fault.BEGINNING_CUT, 1, root.number))
    return found
