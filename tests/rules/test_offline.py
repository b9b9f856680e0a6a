"""What a till without a network says, by examples that JavaScript is held to as well (tests/till_vectors.py)."""

import json
import re
from datetime import date, datetime, timedelta

import pytest

from kaikukortti.rules.cards import CardLife
from kaikukortti.rules.network import MunicipalityFacts, Network, WorkplaceFacts
from kaikukortti.rules.offline import ListFacts, SheetOffering, offline_verdict
from kaikukortti.rules.situation import Ask, CardHere, OfferingFacts, Places, Situation
from kaikukortti.rules.till_list import Entry
from kaikukortti.rules.uses import child_places, judge
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import OfferingKind, Source, usual_kind
from kaikukortti.terms.offline import CodeKind, OfflineState
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase
from tests.till_vectors import FOLDER, MADE, written

VERDICTS = FOLDER.parents[1] / "kaikukortti" / "static" / "kaikukortti" / "js" / "till" / "verdicts.js"
NOW = datetime(2026, 11, 24, 18, 55, tzinfo=HELSINKI)
TODAY = NOW.date()
FACTS = ListFacts(NOW - timedelta(hours=5), NOW + timedelta(hours=67))


@pytest.mark.parametrize("name", sorted(MADE))
def test_the_examples_are_the_ones_that_python_gives(name):
    """Changed on purpose: python -m tests.till_vectors."""
    assert (FOLDER / f"{name}.json").read_text() == written(name)


def test_the_examples_meet_every_state():
    cases = json.loads((FOLDER / "offline.json").read_text())["cases"]
    assert {case["answer"]["state"] for case in cases} == set(OfflineState)


def test_the_till_app_has_words_for_every_state():
    """Words and form of a state are chosen in verdicts.js; what is stopped says its refusal."""
    known = set(re.findall(r'case "([a-z-]+)":', VERDICTS.read_text()))
    assert set(OfflineState) - known == {OfflineState.STOP, OfflineState.TYPO}


def test_nothing_is_ever_called_valid():
    """S24: only the register says it."""
    assert "valid" not in set(OfflineState)


@pytest.mark.parametrize("past", [timedelta(0), timedelta(microseconds=1), timedelta(days=1), timedelta(days=900)])
@pytest.mark.parametrize("found", [None, Entry(TODAY + timedelta(days=300), 1, 2), Entry(TODAY - timedelta(days=1))])
def test_past_its_time_a_list_calls_no_card_valid(past, found):
    said = offline_verdict(CodeKind.OWN, found=found, facts=FACTS, now=FACTS.usable_until + past, day=TODAY, region=1)
    assert (said.state == OfflineState.LIST_TOO_OLD) == bool(past)


@pytest.mark.parametrize("hours", [-26, -5, 0, 5, 26])
def test_a_wrong_device_clock_changes_nothing_once_the_register_has_told_the_time(hours):
    """The day is that of the register's time: the device's clock and the offset heard at the last sync (R9)."""
    device_clock = NOW + timedelta(hours=hours)
    offset = NOW - device_clock
    said = offline_verdict(
        CodeKind.OWN, found=Entry(TODAY, 1, 2), facts=FACTS, now=device_clock + offset, day=TODAY, region=1
    )
    assert (said.state, said.child_places) == (OfflineState.VALID_AS_OF, 2)


@pytest.mark.parametrize("last", [TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)])
@pytest.mark.parametrize("ahead", [0, 1])
@pytest.mark.parametrize("kind", list(OfferingKind))
@pytest.mark.parametrize("cap", [None, 0, 1, 2, 5])
@pytest.mark.parametrize("cancelled", [False, True])
def test_what_the_till_knows_it_says_as_the_register_does(as_the_register_sees, last, ahead, kind, cap, cancelled):
    """With nothing unknown (a fresh list, no other till), the offline verdict refuses for the register's reason."""
    day = TODAY + timedelta(days=ahead)
    first = TODAY + timedelta(days=ahead if kind == OfferingKind.EVENT else -10)
    last_day = first if kind == OfferingKind.EVENT else TODAY + timedelta(days=30)
    offering = SheetOffering(kind, first, last_day, cancelled=cancelled, cap_left=cap)
    here = offline_verdict(
        CodeKind.OWN, found=Entry(last, 1, 3), facts=FACTS, now=NOW, day=day, region=1, offering=offering
    )
    situation = as_the_register_sees(offering, last=last, cap=cap)
    ask = Ask("x", "7KM9QX2TR7", day, "offering", kind=usual_kind(kind), source=Source.ONLINE)
    there = judge(ask, situation)
    assert here.refusal == there.refusal
    if there.refusal is None:
        assert here.child_places == child_places(ask, situation)


@pytest.fixture
def as_the_register_sees():
    """The same card and offering as the register sees them."""
    long_ago = date(2015, 1, 1)
    venue = WorkplaceFacts(1, Role.VENUE, "205", "culture", long_ago, None, 1, frozenset({1}))
    network = Network(
        version=1,
        municipalities={"205": MunicipalityFacts("205", "18", None, None)},
        memberships={"205": [(long_ago, 1)]},
        phases={1: [(long_ago, Phase.PERMANENT)]},
        policies={},
        workplaces={1: venue},
    )

    def situation(offering, *, last, cap):
        facts = OfferingFacts(
            id="offering",
            venue=1,
            kind=offering.kind,
            sector="culture",
            first_day=offering.first_day,
            last_day=offering.last_day,
            starts_at=None,
            weekdays=127,
            municipality=None,
            price_cents=None,
            published_at=NOW - timedelta(days=30),
            cancelled_at=NOW if offering.cancelled else None,
            community_welcome=False,
            sold_by_agents=False,
        )
        life = CardLife(registered_at=NOW - timedelta(days=300), spells=((last - timedelta(days=364), last),))
        return Situation(
            now=NOW,
            network=network,
            venue=venue,
            offering=facts,
            card=CardHere(life, False, 1, 3),
            places=Places(cap=cap),
        )

    return situation


def test_a_card_that_ran_out_says_on_which_day():
    last = TODAY - timedelta(days=3)
    said = offline_verdict(CodeKind.OWN, found=Entry(last, 1, 2), facts=FACTS, now=NOW, day=TODAY, region=1)
    assert (said.refusal, said.day) == (Refusal.CARD_EXPIRED, last)
