"""Examples that Python and JavaScript are held to: `python -m tests.till_vectors` writes tests/vectors anew.

No code here was ever made for a card, and the key is this file's own.
"""

import base64
import json
import random
from datetime import UTC, date, datetime, timedelta
from hashlib import pbkdf2_hmac
from itertools import product
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kaikukortti.rules import till_list as rules
from kaikukortti.rules.codes import ALPHABET, check_character
from kaikukortti.rules.offline import Here, ListFacts, SheetOffering, offline_verdict, read_any
from kaikukortti.rules.series import SeriesFacts
from kaikukortti.rules.till_list import Entry, TillList
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.offline import CodeKind

FOLDER = Path(__file__).resolve().parent / "vectors"
KEY = ec.derive_private_key(0x4B61696B756B6F727474692074657374, ec.SECP256R1())
SLOT_KEY = bytes(range(32))
SALT, ROUNDS = b"kaikukortti till list example", 50_000
SERIES = (
    SeriesFacts(3, "KK-", "0123456789", 6),
    SeriesFacts(4, "", "ABCDEFGHÄÖ", 4),
    SeriesFacts(7, "s", "abcdef0123", 5),
)
AS_OF = datetime(2026, 11, 24, 14, 0, tzinfo=HELSINKI)

Case = dict[str, Any]


def sign(body: bytes) -> bytes:
    """Always the same signature, so that the examples stay as they are."""
    r, s = utils.decode_dss_signature(KEY.sign(body, ec.ECDSA(SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(signature: bytes, body: bytes) -> bool:
    der = utils.encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    try:
        KEY.public_key().verify(der, body, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def some_code(chance: random.Random) -> str:
    characters = "".join(chance.choice(ALPHABET) for _ in range(9))
    return characters + check_character(characters)


# --- codes ------------------------------------------------------------------------------------------------------------


def codes() -> Case:
    """Well-formed codes in every way of writing, every single wrong character, series, numbers of kept places."""
    chance = random.Random(5)
    good = [some_code(chance) for _ in range(6)] + ["7KM9QX2TR7"]
    texts = [*good]
    for code in good:
        texts += [code.lower(), f"{code[:3]}-{code[3:6]}-{code[6:]}", f" {code[:3]} {code[3:6]}\u00a0{code[6:]}\t"]
        texts += [f"*{code}*", code.replace("0", "O").replace("1", "l"), code.replace("1", "I"), code[:-1], code + "0"]
    for position, other in product(range(10), "0Z"):
        texts.append(good[0][:position] + other + good[0][position + 1 :])
    texts += [good[1][:4] + good[1][5] + good[1][4] + good[1][6:], "U" + good[2][1:], "", " ", "ß" * 10, "é7KM9QX2TR"]
    texts += ["KK-123456", "kk 12-34 56", "KK-I2O456", "KK-12345", "KK-1234567", "äbcd", "ABCÖ", "ABCI", "sabc01"]
    texts += ["Sabc01", "sABC01", "sabcO1", "sabcl1", "?", " ? ", "??", "K-17", "k17", "K 017", " K-000123456 ", "K-0"]
    texts += ["K--1", "K-1234567", "K 1 2", "17", "K-17a"]
    return {
        "series": [[one.id, one.prefix, one.alphabet, one.length] for one in SERIES],
        "cases": [
            {"text": text, "code": code, "kind": kind} for text in texts for code, kind in [read_any(text, SERIES)]
        ],
    }


# --- the list ---------------------------------------------------------------------------------------------------------


def till_list() -> Case:
    chance = random.Random(7)
    listed = [some_code(chance) for _ in range(40)]
    others = [some_code(chance) for _ in range(3)]
    key = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    regions = rules.make_slots({0: 1, 1: 600, 2: 300, 9: 5}, size=rules.REGION_SLOTS, key=SLOT_KEY, spare=True)
    children = rules.make_slots(
        dict(enumerate(rules.USUAL_CHILDREN)), size=rules.CHILD_SLOTS, key=SLOT_KEY, spare=False
    )
    before = _list(AS_OF, regions, children)
    for number, code in enumerate(listed):
        last = AS_OF.date() + timedelta(days=(number * 13) % 480 - 60)
        _put(before, code, Entry(last, (0, 1, 1, 2, 9)[number % 5], number % 22), regions, children)
    for code in listed[30:34]:
        _block(before, code)
    # Fifteen hours later: a region has joined, and each kind of change has happened.
    later = regions.with_later([12])
    after = _list(AS_OF + timedelta(hours=15), later, children, switches=[[12, [["2026-12-01", 0]], []]])
    after.active, after.blocked = dict(before.active), set(before.blocked)
    for number, code in enumerate(listed[:4]):
        _put(after, code, Entry(date(2027, 11, 24), 12, number), later, children)
    for code in listed[4:7]:
        _block(after, code)
    after.active.pop(_tag(listed[7])[0])
    after.blocked.discard(_tag(listed[30])[0])
    _put(after, listed[31], Entry(date(2027, 1, 31), 1, 2), later, children)
    rules.drop_old(after)
    old, new = rules.seal(rules.pack(before), sign), rules.seal(rules.pack(after), sign)
    return {
        "key": b64(key),
        "salt": SALT.hex(),
        "rounds": ROUNDS,
        "list": b64(old),
        "sha256": rules.digest(old[:-64]),
        "difference": b64(rules.difference(old, new, sign)),
        "merged": b64(new),
        "cases": [
            {"code": code, "tag": tag, "pad": pad, "before": _found(before, tag, pad), "after": _found(after, tag, pad)}
            for code in [*listed, *others]
            for tag, pad in [_tag(code)]
        ],
    }


def _list(as_of: datetime, regions: rules.Slots, children: rules.Slots, switches: Any = ()) -> TillList:
    series = [[one.id, one.prefix, one.alphabet, one.length] for one in SERIES]
    return TillList(
        rules.make_header(
            as_of=as_of,
            regions=regions,
            children=children,
            switches=switches,
            series=series,
            salt=SALT,
            rounds=ROUNDS,
        )
    )


def _tag(code: str) -> tuple[int, int]:
    made = pbkdf2_hmac("sha256", code[:9].encode(), SALT, ROUNDS, 6)
    return int.from_bytes(made[:4], "big"), int.from_bytes(made[4:], "big") & rules.PAD


def _put(one: TillList, code: str, entry: Entry, regions: rules.Slots, children: rules.Slots) -> None:
    tag, pad = _tag(code)
    one.blocked.discard(tag)
    one.active[tag] = rules.encode(entry, tag=tag, pad=pad, regions=regions, children=children, key=SLOT_KEY)


def _block(one: TillList, code: str) -> None:
    tag, _pad = _tag(code)
    one.active.pop(tag, None)
    one.blocked.add(tag)


def _found(one: TillList, tag: int, pad: int) -> Case:
    """As JavaScript says it."""
    entry = one.find(tag, pad)
    if entry is None or entry.last_day is None:
        kind = "none" if entry is None else "blocked"
        return {"found": kind, "lastDay": None, "region": 0, "children": 0, "community": False}
    community = entry.children == rules.COMMUNITY
    return {
        "found": "active",
        "lastDay": entry.last_day.isoformat(),
        "region": entry.region,
        "children": 0 if community else entry.children,
        "community": community,
    }


# --- verdicts ---------------------------------------------------------------------------------------------------------

TODAY = date(2026, 11, 24)
NOBODY: Case = {"found": "none", "lastDay": None, "region": 0, "children": 0, "community": False}
CARD: Case = {"found": "active", "lastDay": "2027-03-01", "region": 1, "children": 2, "community": False}
EVENT: Case = {
    "kind": "event",
    "first_day": "2026-11-24",
    "last_day": "2026-11-24",
    "weekdays": 127,
    "cancelled": False,
    "community_welcome": False,
    "cap_left": None,
    "children_left": None,
}
SWITCHES = [[5, [["2018-01-01", 0], ["2026-12-01", 1]], [["2018-01-01", 0]]], [6, [], [["2026-11-25", 0]]]]


def instant(text: str) -> int:
    """Milliseconds of a moment in Finland."""
    return int(datetime.fromisoformat(text).replace(tzinfo=HELSINKI).timestamp() * 1000)


BASE: Case = {
    "read": "own",
    "found": CARD,
    "list": {"asOf": instant("2026-11-24 14:00"), "usableUntil": instant("2026-11-27 14:00"), "switches": SWITCHES},
    "now": instant("2026-11-24 18:55"),
    "day": "2026-11-24",
    "place": {"region": 1, "open": True},
    "offering": EVENT,
    "here": {"own": False, "children": 0, "at": None},
}


def offline() -> Case:
    return {"cases": [{"name": name, "question": q, "answer": answer(q)} for name, q in questions().items()]}


def asked(**changed: Any) -> Case:
    """The question of the evening with something else in it; dictionaries are changed in part."""
    return {
        name: {**value, **changed[name]}
        if isinstance(value, dict) and isinstance(changed.get(name), dict)
        else changed.get(name, value)
        for name, value in BASE.items()
    }


def questions() -> dict[str, Case]:
    """One question for each way to an answer, and the meeting of two of them where the order decides."""
    open_ = {"kind": "open", "first_day": "2026-11-01", "last_day": "2027-05-31"}
    course = {"kind": "course", "first_day": "2027-01-11", "last_day": "2027-04-30"}
    community = {"community": True, "children": 0}
    here = {"own": True, "at": "2026-11-24T16:10:00Z"}
    tomorrow = {"first_day": "2026-11-25", "last_day": "2026-11-25"}
    blocked = {"found": "blocked", "lastDay": None, "region": 0, "children": 0}
    return {
        "valid as far as the list knows": asked(),
        "the last valid day": asked(found={"lastDay": "2026-11-24"}),
        "ran out yesterday": asked(found={"lastDay": "2026-11-23"}),
        "valid today and ends before the event": asked(
            found={"lastDay": "2026-11-24"}, day="2026-11-25", offering=tomorrow
        ),
        "ran out before today, asked for tomorrow": asked(
            found={"lastDay": "2026-11-23"}, day="2026-11-25", offering=tomorrow
        ),
        "ran out today, asked for yesterday's event": asked(
            found={"lastDay": "2026-11-23"},
            day="2026-11-23",
            offering={"first_day": "2026-11-23", "last_day": "2026-11-23"},
        ),
        "blocked": asked(found=blocked),
        "blocked on an old list": asked(found=blocked, now=instant("2026-12-24 18:55")),
        "blocked and recorded here": asked(found=blocked, here=here),
        "not on the list": asked(found=NOBODY),
        "not asked of the list": asked(found=None),
        "not on the list, event cancelled": asked(found=NOBODY, offering={"cancelled": True}),
        "typo": asked(read="typo", found=None),
        "typo beats everything": asked(read="typo", found=None, here=here, list=None),
        "older series": asked(read="series", found=None),
        "older series, recorded here": asked(read="series", found=None, here=here),
        "older series, full": asked(read="series", found=None, offering={"cap_left": 0}),
        "number of kept places": asked(read="hold", found=None),
        "no code": asked(read="none", found=None),
        "no code, wrong day": asked(read="none", found=None, offering=tomorrow),
        "no list yet": asked(list=None, found=None),
        "no list yet, cancelled": asked(list=None, found=None, offering={"cancelled": True}),
        "list usable to the last moment": asked(now=instant("2026-11-27 14:00"), day="2026-11-24"),
        "list too old": asked(now=instant("2026-11-27 14:00") + 1),
        "list too old, ran out on it": asked(now=instant("2026-11-28 14:00"), found={"lastDay": "2026-11-20"}),
        "list too old, recorded here": asked(now=instant("2026-11-28 14:00"), here=here),
        "list too old, cancelled": asked(now=instant("2026-11-28 14:00"), offering={"cancelled": True}),
        "clock a little behind the list": asked(now=instant("2026-11-24 13:55")),
        "clock set back behind the list": asked(now=instant("2026-11-24 13:55") - 1),
        "clock 26 hours behind": asked(now=instant("2026-11-23 16:55")),
        "clock 26 hours ahead": asked(now=instant("2026-11-25 20:55")),
        "clock four days ahead": asked(now=instant("2026-11-28 18:55")),
        "recorded here": asked(here=here),
        "recorded here with one child": asked(here={**here, "children": 1}),
        "recorded here, all children in": asked(here={**here, "children": 2}),
        "children alone recorded here": asked(here={"children": 1}),
        "recorded here, full": asked(here=here, offering={"cap_left": 0}),
        "recorded here, one place left": asked(here=here, offering={"cap_left": 1}),
        "venue not open": asked(place={"open": False}),
        "venue not open, ran out": asked(place={"open": False}, found={"lastDay": "2026-11-20"}),
        "venue not open, not on the list": asked(place={"open": False}, found=NOBODY),
        "card of a region that is closed": asked(found={"region": 5}),
        "card of a region that opens on the day": asked(
            found={"region": 5},
            day="2026-12-01",
            offering={"first_day": "2026-12-01", "last_day": "2026-12-01"},
        ),
        "at home in a closed region": asked(found={"region": 5}, place={"region": 5}),
        "place of a region that is closed": asked(place={"region": 5}),
        "place that closes tomorrow, today": asked(place={"region": 6}),
        "place that closes tomorrow, tomorrow": asked(place={"region": 6}, day="2026-11-25", offering=tomorrow),
        "place outside every region": asked(place={"region": None}),
        "closed both ways": asked(found={"region": 5}, place={"region": 6}, day="2026-11-25", offering=tomorrow),
        "region not told": asked(found={"region": 0}, place={"region": 5}),
        "closed, not on the list": asked(found=NOBODY, place={"region": 5}),
        "cancelled": asked(offering={"cancelled": True}),
        "another day": asked(offering=tomorrow),
        "no offering": asked(offering=None),
        "no offering, tomorrow": asked(offering=None, day="2026-11-25"),
        "open admission": asked(offering=open_),
        "open admission, not on this weekday": asked(offering={**open_, "weekdays": 0b1111101}),
        "open admission, on this weekday": asked(offering={**open_, "weekdays": 0b0000010}),
        "open admission, over": asked(offering={**open_, "last_day": "2026-11-23"}),
        "open admission tomorrow": asked(offering=open_, day="2026-11-25"),
        "course before it begins": asked(offering=course),
        "course over": asked(offering={**course, "last_day": "2026-11-23"}),
        "course, community card": asked(offering=course, found=community),
        "course open to community cards": asked(offering={**course, "community_welcome": True}, found=community),
        "community card": asked(found=community),
        "community card, recorded before": asked(found=community, here=here),
        "community card, full": asked(found=community, offering={"cap_left": 0}),
        "full": asked(offering={"cap_left": 0}),
        "over full": asked(offering={"cap_left": -3}),
        "last place": asked(offering={"cap_left": 1}),
        "two places": asked(offering={"cap_left": 2}),
        "one child's place": asked(offering={"children_left": 1}),
        "no child's place": asked(offering={"children_left": 0}),
        "full on another day": asked(offering={**tomorrow, "cap_left": 0}),
        "no children": asked(found={"children": 0}),
        "twenty children": asked(found={"children": 20}),
        "before midnight": asked(
            now=instant("2026-11-24 23:59:59"), offering=None, day="2026-11-24", found={"lastDay": "2026-11-24"}
        ),
        "after midnight": asked(
            now=instant("2026-11-25 00:00"), offering=None, day="2026-11-25", found={"lastDay": "2026-11-24"}
        ),
        "after midnight, last night's event": asked(now=instant("2026-11-25 00:20"), found={"lastDay": "2026-11-24"}),
        "night of 25 hours, before the change": _night("2026-10-25", instant("2026-10-25 02:30")),
        "night of 25 hours, the hour twice": _night("2026-10-25", instant("2026-10-25 02:30") + 2 * 3_600_000),
        "night of 25 hours, its last minute": _night("2026-10-25", instant("2026-10-25 23:59")),
        "night of 25 hours, tomorrow is too early": _night("2026-10-26", instant("2026-10-25 23:59")),
        "night of 23 hours": _night("2027-03-28", instant("2027-03-28 04:10")),
        "night of 23 hours, tomorrow is too early": _night("2027-03-29", instant("2027-03-28 23:59")),
        "29 February": _night("2028-02-29", instant("2028-02-29 00:00")),
    }


def _night(day: str, now: int) -> Case:
    listed = {"asOf": now - 3_600_000, "usableUntil": now + 71 * 3_600_000}
    return asked(list=listed, now=now, day=day, offering=None, found={"lastDay": day})


def answer(q: Case) -> Case:
    """What Python says, in JavaScript's names."""
    found, listed, offering, here = q["found"], q["list"], q["offering"], q["here"]
    said = offline_verdict(
        CodeKind(q["read"]),
        found=_entry(found) if found else None,
        facts=ListFacts(_moment(listed["asOf"]), _moment(listed["usableUntil"]), listed["switches"])
        if listed
        else None,
        now=_moment(q["now"]),
        day=date.fromisoformat(q["day"]),
        region=q["place"]["region"],
        venue_open=q["place"]["open"],
        offering=_offering(offering) if offering else None,
        here=Here(here["own"], here["children"], datetime.fromisoformat(here["at"]) if here["at"] else None),
    )
    return {
        "state": said.state,
        "refusal": said.refusal,
        "day": said.day.isoformat() if said.day else None,
        "time": here["at"] if said.time else None,
        "childPlaces": said.child_places,
        "community": said.community,
    }


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _entry(found: Case) -> Entry | None:
    if found["found"] == "none":
        return None
    last = date.fromisoformat(found["lastDay"]) if found["lastDay"] else None
    return Entry(last, found["region"], rules.COMMUNITY if found["community"] else found["children"])


def _offering(one: Case) -> SheetOffering:
    days = {name: date.fromisoformat(one[name]) for name in ("first_day", "last_day")}
    return SheetOffering(**{**one, **days, "kind": OfferingKind(one["kind"])})


# --- files ------------------------------------------------------------------------------------------------------------

MADE = {"codes": codes, "offline": offline, "till_list": till_list}


def written(name: str) -> str:
    """One example a line, so that a change shows what it changed."""
    made = MADE[name]()
    lines = [
        f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in made.items() if key != "cases"
    ]
    cases = ",\n".join(f"    {json.dumps(case, ensure_ascii=False)}" for case in made["cases"])
    return "{\n" + ",\n".join([*lines, f'  "cases": [\n{cases}\n  ]']) + "\n}\n"


if __name__ == "__main__":
    for vector in MADE:
        (FOLDER / f"{vector}.json").write_text(written(vector))
