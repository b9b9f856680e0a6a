"""The bytes of the offline list: found again what was put in, cut or touched bytes noticed, differences merged."""

import random
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaikukortti.rules import till_list as rules
from kaikukortti.rules.till_list import Entry, ListBroken, Slots, TillList
from kaikukortti.terms.days import HELSINKI
from tests.till_vectors import SLOT_KEY, sign, verify

AS_OF = datetime(2026, 11, 24, 14, 0, tzinfo=HELSINKI)
REGIONS = rules.make_slots({0: 1, 1: 500, 2: 300, 3: 20}, size=256, key=SLOT_KEY, spare=True)
CHILDREN = rules.make_slots(dict(enumerate(rules.USUAL_CHILDREN)), size=128, key=SLOT_KEY, spare=False)
TAGS = st.integers(0, 2**32 - 1)


def empty(as_of=AS_OF):
    return TillList(
        rules.make_header(
            as_of=as_of, regions=REGIONS, children=CHILDREN, switches=[], series=[], salt=b"salt", rounds=50_000
        )
    )


def filled(active, blocked, as_of=AS_OF):
    one = empty(as_of)
    one.active, one.blocked = dict(active), set(blocked) - set(active)
    return one


LISTS = st.builds(filled, st.dictionaries(TAGS, st.integers(0, 2**24 - 1), max_size=30), st.sets(TAGS, max_size=10))


@given(one=LISTS)
@settings(max_examples=50, deadline=None)
def test_what_was_packed_is_unpacked(one):
    again = rules.unpack(rules.pack(one))
    assert (again.active, again.blocked, again.header) == (one.active, one.blocked, one.header)


@given(old=LISTS, new=LISTS, later=st.integers(0, 72))
@settings(max_examples=50, deadline=None)
def test_a_difference_turns_any_list_into_any_other(old, new, later):
    new.header["as_of"] += 3600 * later
    before, after = (rules.seal(rules.pack(one), sign) for one in (old, new))
    made = rules.difference(before, after, sign)
    assert rules.merge(before, made, verify) == after


def test_tags_at_the_edges_are_found():
    edges = [0, 1, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFF0000, 0xFFFFFFFF]
    again = rules.unpack(rules.pack(filled({tag: tag & 0xFFFFFF for tag in edges}, {5, 0xFFFFFFFE})))
    assert sorted(again.active) == edges
    assert again.blocked == {5, 0xFFFFFFFE}


@given(
    last=st.integers(-rules.RECENT_DAYS, 366 + 60),
    region=st.sampled_from([0, 1, 2, 3]),
    children=st.integers(0, rules.COMMUNITY),
    tag=TAGS,
    pad=st.integers(0, 0xFFFF),
    later=st.integers(0, 15),
)
@settings(max_examples=200, deadline=None)
def test_an_entry_says_what_was_put_in_also_on_a_list_of_another_day(last, region, children, tag, pad, later):
    day = AS_OF.date() + timedelta(days=last)
    one = empty(AS_OF + timedelta(days=later))
    entry = Entry(day, region, children)
    one.active[tag] = rules.encode(entry, tag=tag, pad=pad, regions=REGIONS, children=CHILDREN, key=SLOT_KEY)
    assert one.find(tag, pad) == entry


def test_touched_or_cut_bytes_are_noticed():
    signed = rules.seal(rules.pack(filled({7: 9}, {8})), sign)
    other = rules.seal(rules.pack(filled({7: 10}, {8})), sign)
    made = rules.difference(signed, other, sign)
    for broken in (b"", signed[:-1], b"X" + signed[1:], signed[:-65] + b"X" + signed[-64:]):
        with pytest.raises(ListBroken):
            rules.opened(broken, verify)
    for broken in (b"", made[:-1], made[:100] + b"X" + made[101:], signed):
        with pytest.raises(ListBroken):
            rules.merge(signed, broken, verify)
    # Signed, and of another list: the whole is asked for.
    with pytest.raises(ListBroken):
        rules.merge(other, made, verify)


@pytest.mark.parametrize("body", [b"", b"KKL1", b"KKL1\0\0\0\1{", b"KKL1\0\0\0\2[]", b"KKL1\0\0\0\2{}" + bytes(9000)])
def test_odd_bytes_are_no_list(body):
    with pytest.raises(ListBroken):
        rules.unpack(body)


def test_slots_stand_in_proportion_and_each_value_has_one():
    shown = {value: CHILDREN.shown.count(value) for value in range(22)}
    assert min(shown.values()) >= 1
    assert sum(shown.values()) == 128
    assert shown[0] > 2 * shown[1] > 2 * shown[5]
    assert sorted(slot for slots in CHILDREN.given.values() for slot in slots) == list(range(128))
    assert REGIONS.shown.count(1) > REGIONS.shown.count(2) > REGIONS.shown.count(3) >= 1


def test_spares_show_a_value_like_any_other_slot():
    given = {slot for slots in REGIONS.given.values() for slot in slots}
    assert 100 < len(given) < 156
    assert all(REGIONS.shown[slot] == value for value, slots in REGIONS.given.items() for slot in slots)
    assert set(REGIONS.shown) == {0, 1, 2, 3}


def test_later_values_take_spares_and_leave_what_was_given():
    later = REGIONS.with_later([1, 2, 8, 9])
    assert all(later.given[value] == slots for value, slots in REGIONS.given.items())
    assert [len(later.given[value]) for value in (8, 9)] == [2, 2]
    assert all(later.shown[slot] == value for value, slots in later.given.items() for slot in slots)
    assert later.with_later([8]) == later


def test_when_the_spares_have_run_out_a_region_is_not_told():
    full = REGIONS.with_later(range(300))
    last = full.given[299]
    assert last == ()
    assert rules.pick(full, 299, tag=1, name="region", key=SLOT_KEY) in full.given[rules.NOT_TOLD]


def test_a_card_of_a_value_may_have_each_of_its_slots():
    picked = {rules.pick(CHILDREN, 2, tag=tag, name="children", key=SLOT_KEY) for tag in range(2000)}
    assert picked == set(CHILDREN.given[2])
    assert isinstance(CHILDREN, Slots)


def test_a_hundred_thousand_cards_fit_in_600_kb():
    chance = random.Random(3)
    tags = chance.sample(range(2**32), 103_000)
    one = filled({tag: chance.randrange(2**24) for tag in tags[:100_000]}, tags[100_000:])
    signed = rules.seal(rules.pack(one), sign)
    assert len(signed) <= 600_000
    # An hour of the register: ten cards issued, two blocked, three corrected or renewed.
    new = filled(one.active, one.blocked, AS_OF + timedelta(hours=1))
    for tag in chance.sample(tags[:100_000], 3):
        new.active[tag] ^= 1
    for tag in chance.sample(tags[:100_000], 2):
        new.active.pop(tag)
        new.blocked.add(tag)
    for _ in range(10):
        new.active[chance.randrange(2**32)] = 0
    assert len(rules.difference(signed, rules.seal(rules.pack(new), sign), sign)) <= 1000


@pytest.mark.parametrize("today", [date(2026, 11, 24), date(2028, 2, 29), date(2026, 10, 25), date(2027, 3, 28)])
def test_days_are_told_apart_from_eighty_days_back_to_431_ahead(today):
    for ahead in (-80, -60, 0, 1, 366, 426, 431):
        day = today + timedelta(days=ahead)
        assert rules.day_of(rules.day_number(day), as_of=today) == day
