"""The list an offline till carries: cards as short tags, so that nothing on a device tells a code from its look-alikes.

Bytes in, bytes out; static/kaikukortti/js/till/list.js reads the same bytes. What it protects from, and what not, is
in docs/decisions/0025-offline-list.md.

    list       = "KKL1", header length (4 bytes), header (JSON), bucket bits, 5 bytes a card of A, 4 bytes a card of B,
                 signature (64 bytes)
    A          = cards in force and those that ran out lately, in the order of their tags. The tag's high half is told
                 by the bucket bits (a 1 for each card of a bucket, a 0 at its end); an entry is the tag's low half and
                 the payload: (last valid day mod 512) << 15 | ((region slot << 7 | child slot) XOR pad)
    B          = tags of blocked and replaced cards
    difference = "KKD1", header length, header, 7 bytes an add (tag, payload), 4 bytes a block, 4 bytes a drop,
                 signature of the merged list, signature
"""

import hmac
import json
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from kaikukortti.rules.cards import CardLife
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.policies import MOST_MINORS

LIST, DIFFERENCE = b"KKL1", b"KKD1"
FORMAT = 1
SIGNATURE = 64
# Past this nothing is called valid any more.
USABLE = timedelta(hours=72)
# A card that ran out stays on the list so long, so that the till can say that it did.
RECENT_DAYS = 60
DAYS = 512
# The oldest last day that a list can mean: 512 days from here on are told apart.
OLDEST_DAYS = 80
BUCKETS = 1 << 16
REGION_SLOTS, CHILD_SLOTS = 256, 128
PAD = 0x7FFF
# Values of slots: a region that is not told, and a community card, which has no children of its own.
NOT_TOLD = 0
COMMUNITY = MOST_MINORS + 1
# So many slots a region gets that joins after the slots were given.
LATER_SLOTS = 2
# How often a number of children is met, per thousand, where no card is there yet to count; a community card last.
USUAL_CHILDREN = (560, 150, 135, 70, 35, 18, 9, 5, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 10)

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]


class ListBroken(Exception):
    """The bytes are no list or difference of ours, are cut, or are not signed with the register's key."""


# --- slots: which number stands for which region or number of children ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slots:
    """`shown` is the value of every slot, as a till reads it; `given` are the slots a card of a value may have.

    The rest are spares for values to come. They too show a value, in proportion, so that a code guessed wrongly never
    stands out by meeting a slot that means nothing.
    """

    shown: tuple[int, ...]
    given: Mapping[int, tuple[int, ...]]

    def with_later(self, values: Iterable[int], *, each: int = LATER_SLOTS) -> "Slots":
        """With spares handed to values that have none yet. Slots once given stay as they are, for ever; when the
        spares have run out a value gets none and is not told."""
        shown, given = list(self.shown), dict(self.given)
        for value in sorted(set(values) - set(given)):
            used = {slot for slots in given.values() for slot in slots}
            spare = [slot for slot in range(len(shown)) if slot not in used]
            most = {one: shown.count(one) for one in shown}
            taken = sorted(spare, key=lambda slot: (-most[shown[slot]], slot))[:each]
            for slot in taken:
                shown[slot] = value
            given[value] = tuple(taken)
        return Slots(tuple(shown), given)


def make_slots(weights: Mapping[int, int], *, size: int, key: bytes, spare: bool) -> Slots:
    """Slots in proportion to how often a value is met, one at least; which they are is a keyed shuffle. With `spare`
    half of a value's slots are kept back."""
    total = sum(weights.values())
    free = size - len(weights)
    exact = {value: free * weight / total for value, weight in weights.items()}
    shares = {value: 1 + int(share) for value, share in exact.items()}
    by_rest = sorted(weights, key=lambda value: (int(exact[value]) - exact[value], value))
    for value in by_rest[: size - sum(shares.values())]:
        shares[value] += 1
    order = sorted(range(size), key=lambda slot: hmac.digest(key, b"slot|%d|%d" % (size, slot), "sha256"))
    shown, given, start = [NOT_TOLD] * size, {}, 0
    for value in sorted(weights):
        slots = order[start : start + shares[value]]
        start += shares[value]
        for slot in slots:
            shown[slot] = value
        given[value] = tuple(slots[: -(-len(slots) // 2)] if spare else slots)
    return Slots(tuple(shown), given)


def pick(slots: Slots, value: int, *, tag: int, name: str, key: bytes) -> int:
    """The slot of a card's value: always the same one, without anything being stored."""
    given = slots.given.get(value) or slots.given[NOT_TOLD]
    text = f"{name}|{tag}|{value}".encode()
    return given[int.from_bytes(hmac.digest(key, text, "sha256")[:8], "big") % len(given)]


# --- entries ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A card as the list knows it; `last_day` is None for one that is blocked or replaced."""

    last_day: date | None
    region: int = NOT_TOLD
    children: int = 0


def listed(life: CardLife, at: datetime) -> tuple[bool, date | None]:
    """Whether a card is on the list at an instant, and its last day, None in B. Blank and void cards never are, nor
    those that ran out long ago."""
    if life.registered_at is None or life.registered_at > at:
        return False, None
    if any(ended is not None and ended <= at for ended in (life.blocked_at, life.replaced_at, life.voided_at)):
        return True, None
    # Given back before its first day was over: it had none.
    last = life.last_day or helsinki_day(life.registered_at) - timedelta(days=1)
    today = helsinki_day(at)
    latest = today + timedelta(days=DAYS - OLDEST_DAYS - 1)
    return last >= today - timedelta(days=RECENT_DAYS), min(last, latest)


def day_number(day: date) -> int:
    return day.toordinal() % DAYS


def day_of(number: int, *, as_of: date) -> date:
    """The only day with this number from 80 days before the list's day on."""
    oldest = as_of.toordinal() - OLDEST_DAYS
    return date.fromordinal(oldest + (number - oldest) % DAYS)


def encode(entry: Entry, *, tag: int, pad: int, regions: Slots, children: Slots, key: bytes) -> int:
    """The payload of an entry of A. The day is in clear: with it under the pad, each renewal would tell something."""
    assert entry.last_day is not None
    slots = pick(regions, entry.region, tag=tag, name="region", key=key) << 7
    slots |= pick(children, entry.children, tag=tag, name="children", key=key)
    return day_number(entry.last_day) << 15 | (slots ^ (pad & PAD))


# --- the list ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class TillList:
    """A list as it is worked on: its header, payloads by tag (A), tags (B)."""

    header: dict[str, Any]
    active: dict[int, int] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)

    @property
    def as_of(self) -> datetime:
        return datetime.fromtimestamp(self.header["as_of"], UTC)

    @property
    def usable_until(self) -> datetime:
        return datetime.fromtimestamp(self.header["usable_until"], UTC)

    def find(self, tag: int, pad: int) -> Entry | None:
        """What the list says of a code's tag and pad; None when it is not there."""
        if tag in self.blocked:
            return Entry(None)
        payload = self.active.get(tag)
        if payload is None:
            return None
        slots = (payload ^ pad) & PAD
        last = day_of(payload >> 15, as_of=helsinki_day(self.as_of))
        return Entry(last, self.header["regions"][slots >> 7], self.header["children"][slots & CHILD_SLOTS - 1])


def make_header(
    *,
    as_of: datetime,
    regions: Slots,
    children: Slots,
    switches: Sequence[Any],
    series: Sequence[Any],
    salt: bytes,
    rounds: int,
) -> dict[str, Any]:
    """`switches`: for each region that was ever closed [region, [[since, its cards go out], …], [[since, others come
    in], …]]; `series`: [number, prefix, alphabet, length] of older series, which are never on the list."""
    return {
        "format": FORMAT,
        "as_of": int(as_of.timestamp()),
        "usable_until": int((as_of + USABLE).timestamp()),
        "regions": list(regions.shown),
        "children": list(children.shown),
        "switches": list(switches),
        "series": list(series),
        "salt": salt.hex(),
        "rounds": rounds,
    }


def drop_old(one: TillList) -> None:
    """Entries of A whose last day is long past leave."""
    today = helsinki_day(one.as_of)
    oldest = today - timedelta(days=RECENT_DAYS)
    gone = {number for number in range(DAYS) if day_of(number, as_of=today) < oldest}
    one.active = {tag: payload for tag, payload in one.active.items() if payload >> 15 not in gone}


def digest(body: bytes) -> str:
    """What a list is known by: the SHA-256 of everything but its signature."""
    return sha256(body).hexdigest()


def pack(one: TillList) -> bytes:
    """The list's bytes without signature; equal lists give equal bytes."""
    header = _json(one.header | {"active": len(one.active), "blocked": len(one.blocked)})
    bits = bytearray((BUCKETS + len(one.active) + 7) // 8)
    entries = bytearray()
    for position, tag in enumerate(sorted(one.active)):
        place = (tag >> 16) + position
        bits[place >> 3] |= 0x80 >> (place & 7)
        entries += ((tag & 0xFFFF) << 24 | one.active[tag]).to_bytes(5, "big")
    blocked = sorted(one.blocked)
    return b"".join(
        (LIST, len(header).to_bytes(4, "big"), header, bits, entries, struct.pack(f">{len(blocked)}I", *blocked))
    )


def unpack(body: bytes) -> TillList:
    """The list in the bytes, without signature. Raises ListBroken."""
    header, at = _header(body, LIST)
    try:
        active, blocked = int(header.pop("active")), int(header.pop("blocked"))
    except (KeyError, TypeError, ValueError):
        raise ListBroken from None
    bits = body[at : at + (BUCKETS + active + 7) // 8]
    at += len(bits)
    if len(body) != at + 5 * active + 4 * blocked:
        raise ListBroken
    one = TillList(header)
    place = 0
    for position in range(active):
        while not bits[place >> 3] & 0x80 >> (place & 7):
            place += 1
        entry = int.from_bytes(body[at + 5 * position : at + 5 * position + 5], "big")
        one.active[place - position << 16 | entry >> 24] = entry & 0xFFFFFF
        place += 1
    one.blocked = set(struct.unpack(f">{blocked}I", body[at + 5 * active :]))
    return one


def seal(body: bytes, sign: Sign) -> bytes:
    return body + sign(body)


def opened(signed: bytes, verify: Verify) -> bytes:
    """The bytes that are signed. Raises ListBroken."""
    body, signature = signed[:-SIGNATURE], signed[-SIGNATURE:]
    if not verify(signature, body):
        raise ListBroken
    return body


# --- differences ------------------------------------------------------------------------------------------------------


def difference(old: bytes, new: bytes, sign: Sign) -> bytes:
    """What turns one signed list into another: signed, and with the merged list's signature and SHA-256."""
    before, after = unpack(old[:-SIGNATURE]), unpack(new[:-SIGNATURE])
    adds = sorted(tag for tag, payload in after.active.items() if before.active.get(tag) != payload)
    blocks = sorted(after.blocked - before.blocked)
    drops = sorted((before.active.keys() | before.blocked) - after.active.keys() - after.blocked)
    header = _json(
        {
            "from": digest(old[:-SIGNATURE]),
            "to": digest(new[:-SIGNATURE]),
            "adds": len(adds),
            "blocks": len(blocks),
            "drops": len(drops),
            "header": {name: said for name, said in after.header.items() if before.header.get(name) != said},
        }
    )
    body = b"".join(
        (
            DIFFERENCE,
            len(header).to_bytes(4, "big"),
            header,
            b"".join((tag << 24 | after.active[tag]).to_bytes(7, "big") for tag in adds),
            struct.pack(f">{len(blocks)}I", *blocks),
            struct.pack(f">{len(drops)}I", *drops),
            new[-SIGNATURE:],
        )
    )
    return seal(body, sign)


def merge(old: bytes, signed: bytes, verify: Verify) -> bytes:
    """The signed list that a difference makes of the one at hand. Raises ListBroken: ask for the whole list then."""
    body = opened(signed, verify)
    header, at = _header(body, DIFFERENCE)
    if header.get("from") != digest(old[:-SIGNATURE]):
        raise ListBroken
    adds, blocks, drops = header["adds"], header["blocks"], header["drops"]
    if len(body) != at + 7 * adds + 4 * blocks + 4 * drops + SIGNATURE:
        raise ListBroken
    one = unpack(old[:-SIGNATURE])
    one.header |= header["header"]
    tags = struct.unpack_from(f">{blocks + drops}I", body, at + 7 * adds)
    for tag in tags:
        one.active.pop(tag, None)
        one.blocked.discard(tag)
    one.blocked.update(tags[:blocks])
    for position in range(adds):
        add = int.from_bytes(body[at + 7 * position : at + 7 * position + 7], "big")
        one.active[add >> 24] = add & 0xFFFFFF
        one.blocked.discard(add >> 24)
    merged = pack(one)
    if digest(merged) != header["to"]:
        raise ListBroken
    return merged + body[-SIGNATURE:]


def _json(said: Mapping[str, Any]) -> bytes:
    """The same bytes in Python and JavaScript: names in order, no spaces, letters as they are."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _header(body: bytes, kind: bytes) -> tuple[dict[str, Any], int]:
    """The header and where what follows begins. Raises ListBroken."""
    length = int.from_bytes(body[4:8], "big")
    if body[:4] != kind or len(body) < 8 + length:
        raise ListBroken
    try:
        header = json.loads(body[8 : 8 + length])
    except ValueError:
        raise ListBroken from None
    if not isinstance(header, dict):
        raise ListBroken
    return header, 8 + length
