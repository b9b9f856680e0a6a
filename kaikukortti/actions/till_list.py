"""Drawing the list that offline tills carry, and what a till needs to come from an older one to it.

Every ten minutes from the cards that changed, each night as a whole; both give the same bytes. The files lie in
KAIKUKORTTI_LISTS and nowhere else: beside a dump of the database a list would confirm codes (docs/decisions/0025).
Call it outside a transaction.
"""

import fcntl
import json
import os
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count

from kaikukortti import keys
from kaikukortti.actions.codes import TAG_ROUNDS, open_tag, tag_salt
from kaikukortti.models import Card, CardFact, Region, TillSlots
from kaikukortti.models.sequence import changes_since
from kaikukortti.models.snapshot import network
from kaikukortti.rules import till_list as rules
from kaikukortti.rules.cards import CardLife
from kaikukortti.rules.network import Network, in_force
from kaikukortti.rules.till_list import SIGNATURE, Entry, ListBroken, Slots, TillList
from kaikukortti.terms.kinds import CardFactKind
from kaikukortti.terms.policies import SHAPES, Policy

EVERY = timedelta(minutes=10)
# A whole list is due each night; without the nightly command the first till of the second day waits for it.
WHOLE_EVERY = timedelta(hours=30)
CARDS = 2000
_CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_SHA = re.compile(r"[0-9a-f]{64}")

Told = Callable[[int, int], object]
Cursor = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ListFile:
    """A drawn list: signed, known by the SHA-256 of what is signed."""

    path: Path
    sha256: str
    as_of: datetime

    @property
    def usable_until(self) -> datetime:
        return self.as_of + rules.USABLE

    @property
    def content(self) -> bytes:
        return self.path.read_bytes()


# --- the key ----------------------------------------------------------------------------------------------------


@cache
def _signing_key(key: bytes) -> ec.EllipticCurvePrivateKey:
    wide = HKDF(SHA256(), 48, salt=None, info=b"kaikukortti till list signature").derive(key)
    return ec.derive_private_key(int.from_bytes(wide, "big") % (_CURVE_ORDER - 1) + 1, ec.SECP256R1())


def list_key() -> bytes:
    """The public key that tills know lists by (P-256, SubjectPublicKeyInfo)."""
    public = _signing_key(keys.key("lists")).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def sign(body: bytes) -> bytes:
    """ES256, as WebCrypto reads it: r and s, 32 bytes each."""
    r, s = utils.decode_dss_signature(_signing_key(keys.key("lists")).sign(body, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(signature: bytes, body: bytes) -> bool:
    if len(signature) != SIGNATURE:
        return False
    der = utils.encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        _signing_key(keys.key("lists")).public_key().verify(der, body, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


# --- what a till asks for ---------------------------------------------------------------------------------------


def current(now: datetime) -> ListFile:
    """The list of this ten minutes, drawn if nobody has done so yet. While another draws it, the one before is given
    as long as it is usable."""
    instant = drawing_instant(now)
    slots = _slots(now)
    newest = _newest(slots.mark, instant)
    if newest and newest.as_of == instant:
        return newest
    wait = newest is None or newest.as_of + rules.USABLE <= now
    with _locked("drawing", wait=wait) as mine:
        if not mine and newest:
            return newest
        newest = _newest(slots.mark, instant)
        if newest and newest.as_of == instant:
            return newest
        return _draw(instant, slots, base=newest)


def draw_whole(now: datetime, *, told: Told | None = None) -> ListFile:
    """The list of this ten minutes from every card: erased ones leave with it. `told` hears how many cards of how many
    have been looked at."""
    with _locked("drawing", wait=True):
        return _draw(drawing_instant(now), _slots(now), base=None, told=told)


def difference(from_sha: str, now: datetime) -> bytes | None:
    """What turns a till's list into the current one, signed; None when that list is not here or the whole is no larger:
    then the whole is sent."""
    newest = current(now)
    old = _by_sha(from_sha)
    if old is None or old.sha256 == newest.sha256:
        return None
    kept = newest.path.with_name(f"{newest.path.stem}-{from_sha}.difference")
    with _locked("differences", wait=True):
        if not kept.exists():
            _write(kept, rules.difference(old.content, newest.content, sign))
    made = kept.read_bytes()
    return made if len(made) < newest.path.stat().st_size else None


def drawing_instant(now: datetime) -> datetime:
    """The last full ten minutes: every app server draws for the same instants."""
    step = int(EVERY.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // step * step, UTC)


# --- files ------------------------------------------------------------------------------------------------------


def _folder() -> Path:
    folder = Path(settings.LISTS_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def _locked(name: str, *, wait: bool) -> Iterator[bool]:
    """One at a time over all processes that share the folder; says whether it is ours."""
    with (_folder() / f".{name}").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and only for its owner's eyes."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _file(path: Path) -> ListFile:
    _mark, instant, digest = path.stem.split("-")
    return ListFile(path, digest, datetime.fromtimestamp(int(instant), UTC))


def _newest(mark: str, instant: datetime) -> ListFile | None:
    files = [_file(path) for path in _folder().glob(f"{mark}-*.list")]
    latest = max((one.as_of for one in files if one.as_of <= instant), default=None)
    # Drawn again for the same instant (--whole, when cards have been erased): the later one.
    of_then = [one for one in files if one.as_of == latest]
    return max(of_then, key=lambda one: one.path.stat().st_mtime_ns, default=None)


def _by_sha(digest: str) -> ListFile | None:
    if not _SHA.fullmatch(digest):
        return None
    return next((_file(path) for path in _folder().glob(f"*-*-{digest}.list")), None)


def _forget_old(before: datetime) -> None:
    """Lists that are not usable any more go, whichever register drew them."""
    for path in _folder().glob("*-*-*.*"):
        if datetime.fromtimestamp(int(path.stem.split("-")[1]), UTC) < before:
            path.unlink(missing_ok=True)


# --- drawing ----------------------------------------------------------------------------------------------------


def _draw(instant: datetime, slots: "_Slots", *, base: ListFile | None, told: Told | None = None) -> ListFile:
    begun = _begun(base, instant) if base else None
    drawn, cursor, whole_at = begun or (TillList({}), None, instant)
    drawn.header = _header(instant, slots, network())
    if cursor is None:
        cursor = _end_of_changes(instant)
        _take_all(drawn, slots, instant, told or (lambda done, total: None))
    else:
        cursor = _take_changes(drawn, slots, instant, cursor)
    rules.drop_old(drawn)
    body = rules.pack(drawn)
    name = f"{slots.mark}-{int(instant.timestamp())}-{rules.digest(body)}"
    file = ListFile(_folder() / f"{name}.list", rules.digest(body), instant)
    # First how to go on from it: a list whose own file is there can always be gone on from.
    went_on = {"cursor": cursor, "whole_at": int(whole_at.timestamp())}
    _write(file.path.with_suffix(".cursor"), json.dumps(went_on).encode())
    _write(file.path, rules.seal(body, sign))
    _forget_old(instant - rules.USABLE)
    return file


def _begun(base: ListFile, instant: datetime) -> tuple[TillList, Cursor, datetime] | None:
    """The list to go on from, where to go on in the change sequence, and when it was last drawn whole; None when it
    must be drawn whole now."""
    try:
        went_on = json.loads(base.path.with_suffix(".cursor").read_bytes())
        drawn = rules.unpack(rules.opened(base.content, verify))
    except (OSError, ValueError, ListBroken):
        return None
    whole_at = datetime.fromtimestamp(went_on["whole_at"], UTC)
    cursor: Cursor = tuple(went_on["cursor"])
    if instant - whole_at >= WHOLE_EVERY or cursor > _end_of_changes(instant, late=False):
        # Also after a restore, whose transactions are counted anew.
        return None
    return drawn, cursor, whole_at


def _end_of_changes(instant: datetime, *, late: bool = True) -> Cursor:
    """A place in the change sequence with nothing before it that a drawing begun now could miss. `late`: nor anything
    entered after the instant, which the next drawing takes."""
    facts = CardFact.objects.order_by("transaction", "pk")
    if late and (first := facts.filter(entered_at__gt=instant).values_list("transaction", "pk").first()):
        return first[0], first[1] - 1
    if connection.vendor == "postgresql":
        with connection.cursor() as db:
            db.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            return db.fetchone()[0], 0
    return facts.values_list("transaction", "pk").last() or (0, 0)


def _take_all(drawn: TillList, slots: "_Slots", instant: datetime, told: Told) -> None:
    cards = Card.objects.filter(series__isnull=True, facts__kind=CardFactKind.REGISTERED)
    total, done, last = cards.count(), 0, 0
    while ids := list(cards.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CARDS]):
        _take(drawn, ids, slots, instant)
        done, last = done + len(ids), ids[-1]
        told(done, total)


def _take_changes(drawn: TillList, slots: "_Slots", instant: datetime, cursor: Cursor) -> Cursor:
    """The cards whose facts have changed since the cursor, up to the first fact entered after the instant."""
    while True:
        facts, after = changes_since(CardFact.objects.only("transaction", "card_id", "entered_at"), cursor, limit=CARDS)
        late = next((position for position, fact in enumerate(facts) if fact.entered_at > instant), None)
        taken = facts[:late]
        _take(drawn, sorted({fact.card_id for fact in taken}), slots, instant)
        if late is not None:
            return (taken[-1].transaction, taken[-1].pk) if taken else cursor
        if not facts:
            return cursor
        cursor = after


class _Row(NamedTuple):
    id: int
    sealed_tag: bytes
    region: int | None
    community: bool
    minors: int | None


def _take(drawn: TillList, ids: Collection[int], slots: "_Slots", instant: datetime) -> None:
    """Write what these cards are at the instant into the list."""
    if not ids:
        return
    lives = _lives(ids, instant)
    key = keys.key("lists")
    rows = Card.objects.filter(pk__in=ids, series__isnull=True)
    for row in map(_Row._make, rows.values_list("pk", "sealed_tag", "region", "community", "holder__minors")):
        tag_and_pad = open_tag(row.sealed_tag)
        tag, pad = int.from_bytes(tag_and_pad[:4], "big"), int.from_bytes(tag_and_pad[4:], "big")
        drawn.active.pop(tag, None)
        drawn.blocked.discard(tag)
        there, last_day = rules.listed(lives.get(row.id, CardLife()), instant)
        if there and last_day is None:
            drawn.blocked.add(tag)
        elif there:
            children = rules.COMMUNITY if row.community else row.minors or 0
            entry = Entry(last_day, row.region or rules.NOT_TOLD, children)
            payload = rules.encode(entry, tag=tag, pad=pad, regions=slots.regions, children=slots.children, key=key)
            drawn.active[tag] = payload


def _lives(ids: Collection[int], instant: datetime) -> dict[int, CardLife]:
    """Cards' lives from the facts entered by the instant, so that two app servers draw the same."""
    facts: dict[int, list[tuple[CardFactKind, Any, Any, Any]]] = {}
    entered = CardFact.objects.filter(card__in=ids, entered_at__lte=instant).order_by("pk")
    for card, kind, at, since, until in entered.values_list("card_id", "kind", "at", "since", "until"):
        facts.setdefault(card, []).append((CardFactKind(kind), at, since, until))
    return {card: CardLife.of(rows) for card, rows in facts.items()}


# --- the header -------------------------------------------------------------------------------------------------


def _header(instant: datetime, slots: "_Slots", net: Network) -> dict[str, Any]:
    return rules.make_header(
        as_of=instant,
        regions=slots.regions,
        children=slots.children,
        switches=_switches(net),
        series=[[one.id, one.prefix, one.alphabet, one.length] for one in net.series],
        salt=tag_salt(),
        rounds=TAG_ROUNDS,
    )


def _switches(net: Network) -> list[Any]:
    """The two switches of rule 14 over time, of every region that was ever closed one way."""
    found = []
    for region in sorted(net.phases.keys() | {region for region, _, _ in net.policies if region is not None}):
        out, into = (_over_time(net, key, region) for key in (Policy.CARDS_GO_OUT, Policy.OTHERS_COME_IN))
        if out or into:
            found.append([region, out, into])
    return found


def _over_time(net: Network, key: Policy, region: int) -> list[list[Any]]:
    """[[day, value], …] where the value changes, resolved from the region's and the country's rows; empty while it has
    always been the default."""
    own, country = net.policies.get((region, None, key), ()), net.policies.get((None, None, key), ())
    steps: list[list[Any]] = []
    value = SHAPES[key].default
    for day in sorted({since for since, _ in [*own, *country]}):
        now_in_force = next(
            (one for rows in (own, country) if (one := in_force(rows, day)) is not None), SHAPES[key].default
        )
        if bool(now_in_force) != bool(value):
            value = now_in_force
            steps.append([day.isoformat(), int(bool(value))])
    return steps


# --- slots ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Slots:
    """`mark` tells the lists of this register's tables from those of another one that used the folder before."""

    regions: Slots
    children: Slots
    mark: str


def _slots(now: datetime) -> _Slots:
    """The slots, given once from the cards there are and then frozen; a region that joined later gets spares."""
    regions = list(Region.objects.order_by("pk").values_list("pk", flat=True))
    kept = TillSlots.objects.first()
    if kept is None or not {str(region) for region in regions} <= set(kept.regions["given"]):
        with transaction.atomic():
            TillSlots.objects.get_or_create(pk=1, defaults=_first_slots(regions, now))
            kept = TillSlots.objects.select_for_update().get()
            kept.regions = _as_stored(_as_read(kept.regions).with_later(regions))
            kept.save(update_fields=["regions"])
    mark = sha256(kept.made_at.astimezone(UTC).isoformat().encode()).hexdigest()[:8]
    return _Slots(_as_read(kept.regions), _as_read(kept.children), mark)


def _first_slots(regions: Collection[int], now: datetime) -> dict[str, Any]:
    """In proportion to the cards there are, beside what is usual: an empty register is to have sound slots too."""
    given = Card.objects.filter(series__isnull=True, facts__kind=CardFactKind.REGISTERED).order_by()
    by_region = dict(given.exclude(region=None).values_list("region").annotate(Count("pk")))
    by_minors = dict(given.exclude(holder=None).values_list("holder__minors").annotate(Count("pk")))
    by_minors[rules.COMMUNITY] = given.filter(community=True).count()
    weights = {rules.NOT_TOLD: 1} | {region: 20 + by_region.get(region, 0) for region in regions}
    children = {value: usual + by_minors.get(value, 0) for value, usual in enumerate(rules.USUAL_CHILDREN)}
    key = keys.key("lists")
    return {
        "regions": _as_stored(rules.make_slots(weights, size=rules.REGION_SLOTS, key=key, spare=True)),
        "children": _as_stored(rules.make_slots(children, size=rules.CHILD_SLOTS, key=key, spare=False)),
        "made_at": now,
    }


def _as_stored(slots: Slots) -> dict[str, Any]:
    return {"shown": list(slots.shown), "given": {str(value): list(one) for value, one in slots.given.items()}}


def _as_read(stored: dict[str, Any]) -> Slots:
    given = {int(value): tuple(one) for value, one in stored["given"].items()}
    return Slots(tuple(stored["shown"]), given)
