"""Planned changes: when they may begin, and which cards they touch (rule 15)."""

from dataclasses import replace
from datetime import date

from kaikukortti.rules.network import MunicipalityFacts, Network, WorkplaceFacts
from kaikukortti.rules.planning import (
    refuse_membership,
    refuse_phase,
    refuse_taking_back,
    with_membership,
    with_phase,
    with_policy,
)
from kaikukortti.rules.reach import Reach, effect_on_regions, effect_on_venues
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase

KAINUU, ESPOO, OULU, KEMI = 1, 2, 3, 4
LONG_AGO, NEW_YEAR = date(2015, 1, 1), date(2027, 1, 1)
CARDS = {KAINUU: 100, ESPOO: 300, OULU: 12}
ROUTA = 7


def net() -> Network:
    venue = WorkplaceFacts(ROUTA, Role.VENUE, "205", "culture", LONG_AGO, None, KAINUU, frozenset({KAINUU, ESPOO}))
    return Network(
        version=1,
        municipalities={
            "205": MunicipalityFacts("205", "18", None, None),
            "049": MunicipalityFacts("049", "03", None, None),
            "999": MunicipalityFacts("999", "18", date(2020, 12, 31), "205"),
        },
        memberships={"205": [(LONG_AGO, KAINUU)], "049": [(LONG_AGO, ESPOO)]},
        phases={
            KAINUU: [(LONG_AGO, Phase.PERMANENT)],
            ESPOO: [(LONG_AGO, Phase.PERMANENT)],
            OULU: [(LONG_AGO, Phase.PILOT)],
            KEMI: [(LONG_AGO, Phase.PREPARING)],
        },
        policies={},
        workplaces={ROUTA: venue},
        closed_years=frozenset({2025}),
    )


def test_a_region_that_ends_loses_every_card_that_could_be_used_there():
    after = with_phase(net(), OULU, Phase.ENDED, since=NEW_YEAR)
    effect = effect_on_regions(net(), after, CARDS, day=NEW_YEAR)
    assert effect.lost == (Reach(412, (KAINUU, ESPOO, OULU), (OULU,)),)
    assert effect.gained == ()


def test_the_day_before_nothing_changes():
    after = with_phase(net(), OULU, Phase.ENDED, since=NEW_YEAR)
    effect = effect_on_regions(net(), after, CARDS, day=date(2026, 12, 31))
    assert effect.lost == effect.gained == ()


def test_a_region_that_opens_is_gained():
    after = with_phase(net(), KEMI, Phase.PILOT, since=NEW_YEAR)
    assert effect_on_regions(net(), after, CARDS, day=NEW_YEAR).gained == (Reach(412, (KAINUU, ESPOO, OULU), (KEMI,)),)


def test_from_pilot_to_permanent_touches_no_card():
    after = with_phase(net(), OULU, Phase.PERMANENT, since=NEW_YEAR)
    effect = effect_on_regions(net(), after, CARDS, day=NEW_YEAR)
    assert effect.lost == effect.gained == ()


def test_others_no_longer_come_in_own_cards_do():
    after = with_policy(net(), Policy.OTHERS_COME_IN, False, region=OULU, venue=None, since=NEW_YEAR)
    assert effect_on_regions(net(), after, CARDS, day=NEW_YEAR).lost == (Reach(400, (KAINUU, ESPOO), (OULU,)),)


def test_own_cards_no_longer_go_out():
    after = with_policy(net(), Policy.CARDS_GO_OUT, False, region=OULU, venue=None, since=NEW_YEAR)
    assert effect_on_regions(net(), after, CARDS, day=NEW_YEAR).lost == (Reach(12, (OULU,), (KAINUU, ESPOO)),)


def test_a_switch_that_a_shut_other_side_hides_takes_nothing_more():
    shut = with_policy(net(), Policy.OTHERS_COME_IN, False, region=OULU, venue=None, since=LONG_AGO)
    after = with_policy(shut, Policy.CARDS_GO_OUT, False, region=ESPOO, venue=None, since=NEW_YEAR)
    (lost,) = effect_on_regions(shut, after, CARDS, day=NEW_YEAR).lost
    assert lost == Reach(300, (ESPOO,), (KAINUU,))


def test_a_municipality_that_leaves_takes_its_venues_to_their_home_region():
    open_both = effect_on_venues(net(), with_membership(net(), "205", None, since=NEW_YEAR), CARDS, day=NEW_YEAR)
    assert open_both.lost == ()
    ended = with_phase(net(), KAINUU, Phase.ENDED, since=LONG_AGO)
    moved = with_membership(ended, "205", ESPOO, since=NEW_YEAR)
    assert effect_on_venues(ended, moved, CARDS, day=NEW_YEAR).gained == (Reach(412, (KAINUU, ESPOO, OULU), (ROUTA,)),)


def test_when_a_plan_may_begin():
    assert refuse_phase(net(), OULU, Phase.ENDED, since=NEW_YEAR) is None
    assert refuse_phase(net(), OULU, Phase.ENDED, since=date(2025, 5, 1)) == WhyNot.YEAR_CLOSED
    assert refuse_phase(net(), OULU, Phase.ENDED, since=LONG_AGO) == WhyNot.DAY_TAKEN
    assert refuse_phase(net(), OULU, Phase.PILOT, since=NEW_YEAR) == WhyNot.NO_CHANGE
    assert refuse_membership(net(), "205", ESPOO, since=NEW_YEAR) is None
    assert refuse_membership(net(), "205", KAINUU, since=NEW_YEAR) == WhyNot.NO_CHANGE
    assert refuse_membership(net(), "999", KAINUU, since=NEW_YEAR) == WhyNot.NOT_THEN
    assert refuse_membership(net(), "nil", KAINUU, since=NEW_YEAR) == WhyNot.NOT_THEN


def test_only_a_plan_is_taken_back():
    today = date(2026, 11, 24)
    assert refuse_taking_back(NEW_YEAR, today=today) is None
    assert refuse_taking_back(today, today=today) == WhyNot.IN_FORCE


def test_a_plan_leaves_the_network_as_it_was():
    network = net()
    with_phase(network, OULU, Phase.ENDED, since=NEW_YEAR)
    assert network == replace(net())
