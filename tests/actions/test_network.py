"""Building the network: dated rows, their authors, and who may (rules 14, 15)."""

from datetime import date, timedelta
from typing import Any

import pytest

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.batches import make_batch
from kaikukortti.actions.cards import own_card
from kaikukortti.actions.looking_after import block_card
from kaikukortti.actions.network import (
    SlugTaken,
    edit_region,
    edit_workplace,
    end_workplace,
    make_region,
    make_workplace,
    plan_membership,
    plan_phase,
    sell_for,
    set_policy,
    take_back,
)
from kaikukortti.figures.effects import cards_ending_after, valid_cards_by_region, valid_cards_of_residents
from kaikukortti.models import Card, PolicyRow, RegionMembership, RegionPhase, Workplace
from kaikukortti.models.snapshot import network
from kaikukortti.rules.codes import read_code
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.database

NEW_YEAR = date(2027, 1, 1)


def facts(cast, **more):
    region = cast.regions["kainuu"]
    return {"name_fi": "Kuhmon kirjasto", "municipality_id": "290", "home_region": region, "since": TODAY} | more


# --- regions ---


def test_a_new_region_opens_with_its_first_phase(cast):
    oulu = make_region("oulu", texts={"name_fi": "Oulu", "name_sv": "Uleåborg"}, by=cast.nelli)
    assert not network().open_on(oulu.pk, NEW_YEAR)
    assert plan_phase(oulu, phase=Phase.PILOT, since=NEW_YEAR, by=cast.nelli, now=NOW) is None
    assert network().open_on(oulu.pk, NEW_YEAR)
    assert not network().open_on(oulu.pk, NEW_YEAR - timedelta(days=1))
    assert RegionPhase.objects.get(region=oulu).by == cast.nelli.user


def test_an_address_is_one_regions(cast):
    with pytest.raises(SlugTaken):
        make_region("kainuu", texts={"name_fi": "X"}, by=cast.nelli)


def test_regions_phases_and_municipalities_are_the_national_services(cast):
    kainuu = cast.regions["kainuu"]
    for act in (
        lambda: make_region("oulu", texts={"name_fi": "Oulu"}, by=cast.kaisa),
        lambda: plan_phase(kainuu, phase=Phase.ENDED, since=NEW_YEAR, by=cast.kaisa, now=NOW),
        lambda: plan_membership("091", region=kainuu, since=NEW_YEAR, by=cast.kaisa, now=NOW),
        lambda: edit_region(cast.regions["espoo"], texts={"intro_fi": "x"}, by=cast.kaisa),
    ):
        with pytest.raises(NotAllowed):
            act()
    edit_region(kainuu, texts={"intro_fi": "Tervetuloa"}, by=cast.kaisa)
    kainuu.refresh_from_db()
    assert kainuu.intro_fi == "Tervetuloa"


def test_a_plan_is_taken_back_until_its_day(cast):
    kainuu = cast.regions["kainuu"]
    plan_phase(kainuu, phase=Phase.ENDED, since=NEW_YEAR, by=cast.nelli, now=NOW)
    row = RegionPhase.objects.get(since=NEW_YEAR)
    assert take_back(row, by=cast.nelli, now=NOW + timedelta(days=60)) == WhyNot.IN_FORCE
    assert take_back(row, by=cast.nelli, now=NOW) is None
    assert network().phase_on(kainuu.pk, NEW_YEAR) == Phase.PERMANENT


def test_one_change_a_day(cast):
    kainuu = cast.regions["kainuu"]
    plan_phase(kainuu, phase=Phase.ENDED, since=NEW_YEAR, by=cast.nelli, now=NOW)
    again = plan_phase(kainuu, phase=Phase.PILOT, since=NEW_YEAR, by=cast.nelli, now=NOW)
    assert again == WhyNot.DAY_TAKEN


def test_a_municipality_moves(cast):
    assert plan_membership("290", region=cast.regions["espoo"], since=NEW_YEAR, by=cast.nelli, now=NOW) is None
    assert network().region_of_municipality("290", NEW_YEAR) == cast.regions["espoo"].pk
    assert plan_membership("290", region=None, since=date(2027, 6, 1), by=cast.nelli, now=NOW) is None
    assert network().region_of_municipality("290", date(2027, 6, 1)) is None
    assert take_back(RegionMembership.objects.get(since=NEW_YEAR), by=cast.nelli, now=NOW) is None


# --- policies ---


def test_a_policy_holds_from_its_day(cast):
    espoo = cast.regions["espoo"]
    cap = Policy.TICKETS_PER_MONTH
    assert set_policy(cap, 4, region=espoo, since=NEW_YEAR, reason="Talks", by=cast.nelli, now=NOW) is None
    assert network().policy(cap, NEW_YEAR, region=espoo.pk) == 4
    assert network().policy(cap, TODAY, region=espoo.pk) is None


def test_a_rule_is_taken_away_by_a_row_of_its_own(cast):
    set_policy(Policy.CHILD_AGE, 16, since=TODAY, reason="x", by=cast.nelli, now=NOW)
    later = TODAY + timedelta(days=10)
    assert set_policy(Policy.CHILD_AGE, None, since=later, reason="x", by=cast.nelli, now=NOW) is None
    assert network().policy(Policy.CHILD_AGE, TODAY) == 16
    assert network().policy(Policy.CHILD_AGE, later) == 18
    assert PolicyRow.objects.filter(key=Policy.CHILD_AGE, since=later).get().value is None


def test_who_sets_which_policy(cast):
    kainuu, espoo = cast.regions["kainuu"], cast.regions["espoo"]
    cap = Policy.TICKETS_PER_DAY
    how: dict[str, Any] = {"since": NEW_YEAR, "reason": "x", "now": NOW}
    assert set_policy(cap, 2, region=kainuu, by=cast.kaisa, **how) is None
    assert set_policy(cap, 1, venue=cast.workplaces["routa"], by=cast.ville, **how) is None
    for act in (
        lambda: set_policy(cap, 3, by=cast.kaisa, **how),
        lambda: set_policy(cap, 3, region=espoo, by=cast.kaisa, **how),
        lambda: set_policy(cap, 3, venue=cast.workplaces["tapiola"], by=cast.ville, **how),
        lambda: set_policy(Policy.CARDS_GO_OUT, False, venue=cast.workplaces["routa"], by=cast.ville, **how),
        lambda: take_back(PolicyRow.objects.get(region=kainuu), by=cast.ville, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()


# --- workplaces ---


def test_a_coordinator_makes_a_workplace_of_the_own_region(cast):
    made = make_workplace(Role.ISSUER, facts=facts(cast), by=cast.kaisa)
    assert list(made.regions.all()) == [cast.regions["kainuu"]]
    assert network().workplaces[made.pk].regions == {cast.regions["kainuu"].pk}


def test_nobody_grants_what_they_lack(cast):
    espoo = cast.regions["espoo"]
    routa = cast.workplaces["routa"]
    mine = facts(cast)
    for act in (
        lambda: make_workplace(Role.ISSUER, facts=facts(cast, home_region=espoo), by=cast.kaisa),
        lambda: make_workplace(Role.ISSUER, facts=mine, regions=[espoo.pk], by=cast.kaisa),
        lambda: make_workplace(Role.COORDINATOR, facts=mine, by=cast.kaisa),
        lambda: make_workplace(Role.NATIONAL, facts=facts(cast, home_region=None), by=cast.kaisa),
        lambda: make_workplace(Role.ISSUER, facts=mine, by=cast.aino),
        lambda: edit_workplace(routa, facts=mine, regions=[espoo.pk], by=cast.kaisa),
        lambda: edit_workplace(routa, facts=facts(cast, home_region=espoo), by=cast.kaisa),
        lambda: edit_workplace(cast.workplaces["tapiola"], facts=mine, by=cast.kaisa),
        lambda: end_workplace(cast.workplaces["tapiola"], until=TODAY, by=cast.kaisa),
        lambda: end_workplace(cast.workplaces["kainuu"], until=TODAY, by=cast.kaisa),
        lambda: sell_for(cast.workplaces["luukku"], routa, sells=False, by=cast.kaisa),
        lambda: make_batch(cast.workplaces["other"], size=1, by=cast.kaisa, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_what_another_region_has_granted_stays(cast):
    routa = cast.workplaces["routa"]
    edit_workplace(routa, facts=facts(cast), regions=[cast.regions["espoo"].pk], by=cast.nelli)
    edit_workplace(
        routa, facts=facts(cast, name_fi="Routa"), regions=[one.pk for one in routa.regions.all()], by=cast.kaisa
    )
    with pytest.raises(NotAllowed):
        edit_workplace(routa, facts=facts(cast), regions=[], by=cast.kaisa)
    assert {one.slug for one in routa.regions.all()} == {"kainuu", "espoo"}


def test_a_pop_up_venue_is_admitted_by_the_national_service(cast):
    dates = {"home_region": None, "admitted_since": TODAY, "admitted_until": NEW_YEAR}
    made = make_workplace(Role.VENUE, facts=facts(cast, **dates), by=cast.nelli)
    assert network().workplaces[made.pk].admitted_on(TODAY)
    with pytest.raises(NotAllowed):
        edit_workplace(
            cast.workplaces["routa"], facts=facts(cast, admitted_since=TODAY, admitted_until=NEW_YEAR), by=cast.kaisa
        )


def test_the_last_day_of_a_workplace(cast):
    routa = cast.workplaces["routa"]
    end_workplace(routa, until=TODAY, by=cast.kaisa)
    assert not network().workplaces[routa.pk].active_on(NEW_YEAR)
    end_workplace(routa, until=None, by=cast.kaisa)
    assert network().workplaces[routa.pk].active_on(NEW_YEAR)


def test_an_agent_sells_for_a_venue(cast):
    agent, hall = cast.workplaces["luukku"], cast.workplaces["hall"]
    sell_for(agent, hall, sells=True, by=cast.nelli)
    assert hall.pk in network().workplaces[agent.pk].sells_for
    sell_for(agent, hall, sells=False, by=cast.nelli)
    assert hall.pk not in network().workplaces[agent.pk].sells_for


def test_a_batch_of_blank_cards(cast):
    made = make_batch(cast.workplaces["office"], size=3, by=cast.kaisa, now=NOW)
    assert len({one.code for one in made}) == 3
    assert all(read_code(one.code) == one.code for one in made)
    assert Card.objects.of_workplace(cast.workplaces["office"]).blank().count() == 3
    assert Workplace.objects.get(role=Role.NATIONAL).batches.count() == 0


@pytest.mark.database(transaction=True)
def test_two_who_set_the_same_policy_from_the_same_day_are_one(cast, at_once):
    kainuu, by = cast.regions["kainuu"], [cast.kaisa, cast.nelli]

    def work(number):
        return set_policy(
            Policy.TICKETS_PER_DAY, number + 1, since=NEW_YEAR, reason="r", by=by[number], now=NOW, region=kainuu
        )

    answers = at_once(2, work)
    assert sorted(map(str, answers)) == ["None", WhyNot.DAY_TAKEN.value], answers
    assert PolicyRow.objects.filter(key=Policy.TICKETS_PER_DAY).count() == 1


# --- how many cards a plan touches ---


def test_valid_cards_are_counted_for_the_day(cast):
    kainuu = cast.regions["kainuu"].pk
    cast.card()
    cast.card(postal_code="88900", issued=NOW - timedelta(days=360))
    cast.card(issued=NOW - timedelta(days=370))
    cast.blank()
    assert valid_cards_by_region(TODAY) == {kainuu: 2}
    assert valid_cards_by_region(NEW_YEAR) == {kainuu: 1}
    assert valid_cards_by_region(NEW_YEAR + timedelta(days=365)) == {}
    assert valid_cards_of_residents("205", TODAY) == 1
    assert valid_cards_of_residents("290", TODAY) == 1
    assert cards_ending_after(kainuu, TODAY, last=NEW_YEAR) == 1


def test_a_blocked_card_is_not_counted(cast):
    card = own_card(cast.card(), by=cast.aino)
    assert isinstance(card, Card)
    block_card(card, reason="lost", by=cast.aino, now=NOW)
    assert valid_cards_by_region(NEW_YEAR) == {}
