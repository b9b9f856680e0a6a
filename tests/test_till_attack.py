"""A thief with the list, and with everything on a device: what it costs and what it yields (S10, S11).

A code has 45 random bits and its tag 32, so 8,192 codes look alike on the list. Nobody can walk through 2⁴⁵ codes here,
so the walks below are through 2¹⁹ codes with tags of 6 bits: the same 8,192 to one. Every number that
docs/decisions/0025-offline-list.md claims is measured or computed here.
"""

import random
import re
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from statistics import mean, median

import pytest

from kaikukortti.actions import codes, misses
from kaikukortti.actions.codes import TAG_ROUNDS, open_tag
from kaikukortti.actions.making import make_cards
from kaikukortti.actions.till_list import current
from kaikukortti.models import Card
from kaikukortti.rules import till_list as rules
from kaikukortti.rules.codes import RANDOM_CHARACTERS
from kaikukortti.rules.till_list import CHILD_SLOTS, PAD, REGION_SLOTS, Entry
from tests.cast import NOW

DECISION = Path(__file__).resolve().parent.parent / "docs" / "decisions" / "0025-offline-list.md"
KEY = bytes(range(32))
CODE_BITS, TAG_BITS = 19, 6
LOOK_ALIKES = 2 ** (CODE_BITS - TAG_BITS)
DAY = date(2027, 6, 1)
# What a register of eight regions looks like; the children as the list assumes.
REGIONS = {1: 0.3, 2: 0.25, 3: 0.2, 4: 0.1, 5: 0.08, 6: 0.04, 7: 0.02, 8: 0.01}
CHILDREN = dict(enumerate(rules.USUAL_CHILDREN))
# HMACs a second of one gaming graphics card of 2023 at PBKDF2 with SHA-256, as hashcat's users publish: 9 thousand
# million rounds.
GPU_ROUNDS = 9e9
STATIC = DECISION.parents[2] / "kaikukortti" / "static" / "kaikukortti" / "js" / "till"


def said(claim):
    """The decision says so, in these words."""
    assert claim in re.sub(r"\s+", " ", DECISION.read_text()), claim


@cache
def slots():
    weights = {0: 1} | {region: round(share * 100_000) for region, share in REGIONS.items()}
    return (
        rules.make_slots(weights, size=REGION_SLOTS, key=KEY, spare=True),
        rules.make_slots(CHILDREN, size=CHILD_SLOTS, key=KEY, spare=False),
    )


@cache
def walk() -> dict[int, list[tuple[int, int]]]:
    """Tag and pad of every code: what the thief computes once."""
    by_tag: dict[int, list[tuple[int, int]]] = {}
    for code in range(2**CODE_BITS):
        made = sha256(code.to_bytes(4, "big")).digest()
        tag = made[0] >> (8 - TAG_BITS)
        by_tag.setdefault(tag, []).append((code, int.from_bytes(made[4:6], "big") & PAD))
    return by_tag


@cache
def cards() -> dict[int, tuple[int, int, int, int]]:
    """One real card to each tag: {tag: (code, pad, region, children)}."""
    chance = random.Random(1)
    found = {}
    for tag, alike in walk().items():
        code, pad = chance.choice(alike)
        (region,) = chance.choices(list(REGIONS), list(REGIONS.values()))
        (children,) = chance.choices(list(CHILDREN), list(CHILDREN.values()))
        found[tag] = (code, pad, region, children)
    return found


def decoded(payload, pad):
    both = (payload ^ pad) & PAD
    return both >> 7, both & CHILD_SLOTS - 1


def payload_of(tag, pad, region, children, given):
    return rules.encode(Entry(DAY, region, children), tag=tag, pad=pad, regions=given[0], children=given[1], key=KEY)


# --- the list alone ---------------------------------------------------------------------------------------------------


def test_eight_thousand_codes_look_alike_to_each_card():
    assert 2 ** (5 * RANDOM_CHARACTERS - 32) == LOOK_ALIKES == 8192
    counts = [len(alike) for alike in walk().values()]
    assert len(counts) == 2**TAG_BITS
    assert mean(counts) == LOOK_ALIKES
    assert min(counts) > 0.94 * LOOK_ALIKES
    said("8,192 codes")


def weights_of(given):
    """How often a slot is met, as the thief knows it: the shares of the values, over the slots that show them."""
    population: tuple[dict[int, float], dict[int, float]] = (REGIONS, {one: float(n) for one, n in CHILDREN.items()})
    totals = [sum(one.values()) for one in population]
    shares = [{value: n / total for value, n in one.items()} for one, total in zip(population, totals, strict=True)]
    return [
        [share.get(value, 0) / table.shown.count(value) for value in table.shown]
        for share, table in zip(shares, given, strict=True)
    ]


def chance_of_the_right_one(given, **known):
    """What a thief who weighs every look-alike by all that the list says gives the right code, on average. `known`:
    what the thief has learned of the card elsewhere."""
    by_region, by_children = (
        [weight * (known.get(name, value) == value) for weight, value in zip(weights, table.shown, strict=True)]
        for name, weights, table in zip(("region", "children"), weights_of(given), given, strict=True)
    )
    posteriors = []
    for tag, (code, pad, region, children) in cards().items():
        payload = payload_of(tag, pad, known.get("region", region), known.get("children", children), given)
        total = right = 0.0
        for other, other_pad in walk()[tag]:
            region_slot, child_slot = decoded(payload, other_pad)
            weight = by_region[region_slot] * by_children[child_slot]
            total += weight
            right = weight if other == code else right
        posteriors.append(right / total)
    return mean(posteriors)


def test_weighing_them_by_what_the_list_says_tells_next_to_nothing():
    """Only that rare numbers of children have a slot, which is more than their share."""
    among = 1 / chance_of_the_right_one(slots())
    assert 7200 < among < 7400
    said("the best guess is one in about 7,300")


def test_spares_that_mean_nothing_would_cross_out_half_of_them():
    """The control: were spares shown as such, a look-alike that meets one is none."""
    given = slots()
    used = {slot for one in given[0].given.values() for slot in one}
    shares = []
    for tag, (_code, pad, region, children) in cards().items():
        payload = payload_of(tag, pad, region, children, given)
        shares.append(mean(decoded(payload, other)[0] in used for _alike, other in walk()[tag]))
    assert 0.45 < mean(shares) < 0.6
    # As they are, each slot means a region that there is.
    assert set(given[0].shown) == {0, *REGIONS}


def test_who_knows_the_region_of_a_card_has_its_share_of_them():
    """A pilot's cards all end on one day, and the day is in clear: then the region is known."""
    left = {region: 1 / chance_of_the_right_one(slots(), region=region) for region in (1, 8)}
    for region, among in left.items():
        assert 0.8 < among / LOOK_ALIKES / slots()[0].shown.count(region) * REGION_SLOTS < 1
    assert 85 < left[8] < 95
    said("of a region with 1 % of the cards about 90 are left")


def test_who_has_the_database_too_has_a_handful_of_look_alikes_for_a_rare_card():
    """Why no list may lie beside a dump: a card whose last day is its own gives its region and children away."""
    common = 1 / chance_of_the_right_one(slots(), region=1, children=0)
    rare = 1 / chance_of_the_right_one(slots(), region=8, children=3)
    assert 1000 < common < 1200
    assert 5 < rare < 9
    said("1,100 look-alikes of a common one, 7 of a rare one")


def test_a_full_tag_would_give_every_code_away():
    """The control: the walk ends at one code for each card where the tag holds all the bits."""
    full: dict[bytes, list[int]] = {}
    for code in range(2**12):
        full.setdefault(sha256(code.to_bytes(4, "big")).digest()[:8], []).append(code)
    assert {len(alike) for alike in full.values()} == {1}


# --- many differences -------------------------------------------------------------------------------------------------


def left_after(history, tag, given):
    """Look-alikes for which every observed change of the child slot is a change of the number."""
    left = 0
    for _code, pad in walk()[tag]:
        numbers = [given[1].shown[decoded(payload, pad)[1]] for payload in history]
        left += all(one != other for one, other in pairwise(numbers))
    return left


def test_each_correction_that_is_seen_crosses_out_a_quarter():
    given = slots()
    once, thrice = [], []
    for tag, (_code, pad, region, _children) in list(cards().items())[:24]:
        history = [payload_of(tag, pad, region, children, given) for children in (0, 1, 2, 0)]
        once.append(left_after(history[:2], tag, given) / LOOK_ALIKES)
        thrice.append(left_after(history, tag, given) / LOOK_ALIKES)
    assert 0.7 < mean(once) < 0.8
    assert 0.4 < mean(thrice) < 0.5
    said("each correction of the number of children that is seen leaves three in four")


def test_an_entry_encoded_anew_each_night_would_be_told_in_a_week():
    """The control: fresh slots for the same values. The right code says the same every night, look-alikes do not."""
    given, chance = slots(), random.Random(2)
    nights = []
    for tag, (_code, pad, region, children) in list(cards().items())[:24]:
        alike, night = walk()[tag], 0
        first: dict[int, tuple[int, int]] = {}
        while len(alike) > 1 and night < 30:
            fresh = chance.choice(given[0].given[region]) << 7 | chance.choice(given[1].given[children])
            says = {code: values(fresh ^ pad, other, given) for code, other in alike}
            first = first or says
            alike = [one for one in alike if says[one[0]] == first[one[0]]]
            night += 1
        nights.append(night)
    assert median(nights) <= 9
    said("the real code of half the cards would have been told within eight nights")


def values(payload, pad, given):
    region_slot, child_slot = decoded(payload, pad)
    return given[0].shown[region_slot], given[1].shown[child_slot]


# --- what it costs ----------------------------------------------------------------------------------------------------


def hours(rounds):
    return rounds / GPU_ROUNDS / 3600


def test_what_the_walks_cost():
    assert TAG_ROUNDS == 50_000
    a_look_alike = 2**32 * TAG_ROUNDS
    assert hours(a_look_alike / 100_000) * 3600 == pytest.approx(0.24, abs=0.01)
    assert hours(a_look_alike) == pytest.approx(6.6, abs=0.1)
    assert hours(2**45 * TAG_ROUNDS) / 24 / 365 == pytest.approx(6.2, abs=0.1)
    assert 10.5 < LOOK_ALIKES / misses.DEVICE_AN_HOUR / 24 < 11.5
    said("at 9 thousand million rounds of HMAC a second")
    for row in ("some look-alike of some card | a quarter of a second", "of one certain card | 7 hours", "| 6 years"):
        said(row)
    said("11 days at one till's 30 misses an hour")


def test_six_digits_hold_a_minute():
    """The till's keys say the same number of rounds."""
    keys = (STATIC / "keys.js").read_text()
    assert "const ROUNDS = 600_000;" in keys
    assert hours(10**6 * 600_000) * 60 == pytest.approx(1.1, abs=0.1)
    said("a PIN of six digits, and with it the list and what waits to be sent, without codes | about a minute")


def test_an_invented_code_seldom_meets_an_entry():
    """Tags are as good as random: so many of a million random ones are on a list of 103,000."""
    chance = random.Random(4)
    listed = set(chance.sample(range(2**32), 103_000))
    met = sum(chance.getrandbits(32) in listed for _ in range(1_000_000))
    assert 10 <= met <= 40
    assert 2.39 < 103_000 / 2**32 * 100_000 < 2.41
    said("An invented code meets an entry in 2.4 of 100,000 cases")


# --- in the register --------------------------------------------------------------------------------------------------


@pytest.mark.database
def test_a_code_whose_tag_exists_is_thrown_away(cast, monkeypatch):
    """Two cards of one tag would answer for each other."""
    derive, calls = codes._offline_tag, []

    def unlucky(code):
        calls.append(code)
        return bytes(6) if len(calls) <= 3 else derive(code)

    monkeypatch.setattr(codes, "_offline_tag", unlucky)
    made = make_cards(cast.workplaces["office"], size=3, by=None, now=NOW)
    tags = [
        open_tag(bytes(card.sealed_tag))[:4] for card in Card.objects.filter(digest__in=[one.digest for one in made])
    ]
    assert len(set(tags)) == 3
    assert tags.count(bytes(4)) == 1
    assert len(calls) == 5
    assert {one.code for one in made} < set(calls)


@pytest.mark.database
def test_the_list_holds_nothing_longer_than_a_tag_of_a_code(cast):
    """No digest, serial or number of a card, and no two entries that could be told to be made of the same code."""
    (made,) = make_cards(cast.workplaces["office"], size=1, by=None, now=NOW - timedelta(days=1))
    cast.blanks = [made.code]
    code = cast.card()
    card = Card.objects.get(digest=made.digest)
    content = current(NOW + timedelta(minutes=10)).content
    tag_and_pad = open_tag(bytes(card.sealed_tag))
    assert tag_and_pad[2:4] in content
    for secret in (
        code.encode(),
        code[:9].encode(),
        card.serial.encode(),
        bytes.fromhex(card.digest)[:8],
        tag_and_pad[3:],
    ):
        assert secret not in content
    assert bytes.fromhex(card.tag_digest)[:8] not in content
