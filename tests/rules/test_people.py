"""Nobody grants what they lack."""

from datetime import date

import pytest

from kaikukortti.rules.network import WorkplaceFacts
from kaikukortti.rules.people import (
    Granter,
    refuse_cards,
    refuse_invitation,
    refuse_leaving,
    refuse_making,
    refuse_people,
    refuse_policy,
    refuse_region,
    refuse_reset,
    refuse_token,
    refuse_workplace,
)
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.policies import NOT_FOR_VENUES, Policy
from kaikukortti.terms.roles import Role

KAINUU, ESPOO = 1, 2


def place(number: int, role: Role, *regions: int) -> WorkplaceFacts:
    return WorkplaceFacts(
        id=number,
        role=role,
        municipality="205",
        sector="culture",
        since=date(2015, 1, 1),
        until=None,
        home_region=regions[0] if regions else None,
        regions=frozenset(regions),
    )


NATIONAL, SECOND_NATIONAL = place(1, Role.NATIONAL), place(2, Role.NATIONAL)
COORDINATOR, OTHER_COORDINATOR = place(3, Role.COORDINATOR, KAINUU), place(4, Role.COORDINATOR, ESPOO)
OFFICE, ROUTA, AGENT = place(5, Role.ISSUER, KAINUU), place(6, Role.VENUE, KAINUU), place(7, Role.TICKET_AGENT, KAINUU)
TAPIOLA, ANALYST, BOTH = place(8, Role.VENUE, ESPOO), place(9, Role.ANALYST), place(10, Role.ISSUER, ESPOO, KAINUU)
EVERYWHERE = [
    NATIONAL, SECOND_NATIONAL, COORDINATOR, OTHER_COORDINATOR, OFFICE, ROUTA, AGENT, TAPIOLA, ANALYST, BOTH
]  # fmt: skip


def contact(workplace: WorkplaceFacts) -> Granter:
    return Granter(workplace, is_contact=True)


def member(workplace: WorkplaceFacts) -> Granter:
    return Granter(workplace, is_contact=False)


@pytest.mark.parametrize(
    ("granter", "looks_after"),
    [
        (contact(NATIONAL), EVERYWHERE),
        (member(NATIONAL), [p for p in EVERYWHERE if p.role != Role.NATIONAL]),
        (contact(COORDINATOR), [COORDINATOR, OFFICE, ROUTA, AGENT]),
        (member(COORDINATOR), [OFFICE, ROUTA, AGENT]),
        (contact(OFFICE), [OFFICE]),
        (member(OFFICE), []),
        (contact(ROUTA), [ROUTA]),
        (contact(AGENT), [AGENT]),
        (contact(ANALYST), [ANALYST]),
    ],
)
def test_who_looks_after_whose_people(granter, looks_after):
    assert [place for place in EVERYWHERE if refuse_people(granter, place) is None] == looks_after


def test_a_new_password_opens_every_workplace_so_one_must_look_after_all():
    assert refuse_reset(contact(ROUTA), [ROUTA]) is None
    assert refuse_reset(contact(ROUTA), [ROUTA, TAPIOLA]) == WhyNot.WORKS_ELSEWHERE_TOO
    assert refuse_reset(contact(ROUTA), [ROUTA, NATIONAL]) == WhyNot.WORKS_ELSEWHERE_TOO
    assert refuse_reset(contact(COORDINATOR), [ROUTA, OFFICE]) is None
    assert refuse_reset(member(NATIONAL), [ROUTA, TAPIOLA]) is None
    assert refuse_reset(member(NATIONAL), [ROUTA, NATIONAL]) == WhyNot.WORKS_ELSEWHERE_TOO
    assert refuse_reset(member(ROUTA), [ROUTA]) == WhyNot.NOT_CONTACT
    assert refuse_reset(contact(NATIONAL), []) == WhyNot.NOT_YOURS


def test_the_last_contact_person_stays():
    assert refuse_leaving(is_contact=True, other_contacts=0) == WhyNot.LAST_CONTACT
    assert refuse_leaving(is_contact=True, other_contacts=1) is None
    assert refuse_leaving(is_contact=False, other_contacts=0) is None


@pytest.mark.parametrize(
    ("granter", "edits"),
    [
        (member(NATIONAL), EVERYWHERE),
        (contact(COORDINATOR), [OFFICE, ROUTA, AGENT]),
        (contact(OFFICE), []),
        (contact(ROUTA), []),
        (contact(ANALYST), []),
    ],
)
def test_who_edits_which_workplace(granter, edits):
    assert [place for place in EVERYWHERE if refuse_workplace(granter, place) is None] == edits


def test_a_coordinator_makes_workplaces_of_the_own_region_only():
    kaisa = contact(COORDINATOR)
    assert refuse_making(kaisa, Role.ISSUER, [KAINUU]) is None
    assert refuse_making(kaisa, Role.VENUE, [KAINUU, ESPOO]) == WhyNot.NOT_YOURS
    assert refuse_making(kaisa, Role.VENUE, []) == WhyNot.NOT_YOURS
    for role in (Role.NATIONAL, Role.COORDINATOR, Role.ANALYST):
        assert refuse_making(kaisa, role, [KAINUU]) == WhyNot.NATIONAL_ONLY
    assert refuse_making(contact(OFFICE), Role.ISSUER, [KAINUU]) == WhyNot.NATIONAL_ONLY
    assert refuse_making(member(NATIONAL), Role.ANALYST, []) is None


def test_cards_are_made_for_issuers():
    assert refuse_cards(contact(COORDINATOR), OFFICE) is None
    assert refuse_cards(contact(COORDINATOR), ROUTA) == WhyNot.ONLY_FOR_ISSUERS
    assert refuse_cards(contact(OTHER_COORDINATOR), OFFICE) == WhyNot.NOT_YOURS
    assert refuse_cards(contact(OFFICE), OFFICE) == WhyNot.NATIONAL_ONLY


def test_tokens_are_for_workplaces_that_make_calls():
    assert refuse_token(contact(ROUTA), ROUTA) is None
    assert refuse_token(contact(ANALYST), ANALYST) == WhyNot.NO_TOKENS_HERE
    assert refuse_token(contact(COORDINATOR), COORDINATOR) == WhyNot.NO_TOKENS_HERE
    assert refuse_token(member(ROUTA), ROUTA) == WhyNot.NOT_CONTACT


def test_who_sets_a_policy_where():
    cap = Policy.TICKETS_PER_DAY
    assert refuse_policy(contact(COORDINATOR), cap) == WhyNot.NATIONAL_ONLY
    assert refuse_policy(member(NATIONAL), cap) is None
    assert refuse_policy(contact(COORDINATOR), cap, region=KAINUU) is None
    assert refuse_policy(contact(COORDINATOR), cap, region=ESPOO) == WhyNot.NOT_YOURS
    assert refuse_policy(contact(ROUTA), cap, region=KAINUU) == WhyNot.NATIONAL_ONLY
    assert refuse_policy(contact(ROUTA), cap, venue=ROUTA) is None
    assert refuse_policy(member(ROUTA), cap, venue=ROUTA) == WhyNot.NOT_CONTACT
    assert refuse_policy(contact(ROUTA), cap, venue=TAPIOLA) == WhyNot.NATIONAL_ONLY
    assert refuse_policy(member(COORDINATOR), cap, venue=ROUTA) is None
    assert refuse_policy(member(COORDINATOR), cap, venue=TAPIOLA) == WhyNot.NOT_YOURS
    assert {refuse_policy(member(NATIONAL), key, venue=ROUTA) for key in NOT_FOR_VENUES} == {WhyNot.NOT_FOR_VENUES}


def test_a_coordinator_edits_the_own_region():
    assert refuse_region(member(COORDINATOR), KAINUU) is None
    assert refuse_region(contact(COORDINATOR), ESPOO) == WhyNot.NOT_YOURS
    assert refuse_region(contact(ROUTA), KAINUU) == WhyNot.NATIONAL_ONLY


def test_nobody_lets_themselves_in_where_holders_are_read():
    """From outside, an issuer's first contact person is let in and nobody else."""
    for granter in (member(NATIONAL), contact(COORDINATOR)):
        assert refuse_invitation(granter, OFFICE, has_contact=False) is None
        assert refuse_invitation(granter, OFFICE, has_contact=True) == WhyNot.CONTACT_INVITES
        assert refuse_invitation(granter, ROUTA, has_contact=True) is None
    assert refuse_invitation(contact(OFFICE), OFFICE, has_contact=True) is None
    assert refuse_invitation(member(OFFICE), OFFICE, has_contact=True) == WhyNot.NOT_CONTACT
