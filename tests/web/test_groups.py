"""Planning a group at the social office and letting it in at the theatre, page by page."""

from datetime import timedelta

import pytest

from kaikukortti.actions.codes import code_digests
from kaikukortti.actions.looking_after import block_card
from kaikukortti.models import Card, PlannedGroup, Record
from kaikukortti.terms.kinds import BlockReason, OfferingKind
from tests.web.pages import asked, text

pytestmark = pytest.mark.database


def rows(*codes, children=()):
    """The plan's form as a browser sends it."""
    sent = {"card-TOTAL_FORMS": str(max(8, len(codes))), "card-INITIAL_FORMS": "8"}
    for place, code in enumerate(codes):
        sent[f"card-{place}-code"] = code
    for place, number in enumerate(children):
        sent[f"card-{place}-children"] = str(number)
    return sent


def address_of(offering):
    return f"/en/groups/new/{offering.pk}/{offering.first_day.isoformat()}/"


@pytest.fixture
def aino(signed_in):
    return signed_in("office")


@pytest.fixture
def ville(signed_in):
    return signed_in("routa")


def test_from_the_list_of_offerings_to_the_number_for_the_door(cast, aino, ville):
    offering = cast.offering(first_day=cast.now.date() + timedelta(days=2), cap=20)
    listed = aino.get(f"/en/groups/new/?on={offering.first_day.isoformat()}&name=")
    assert "20 places left" in text(listed)
    assert address_of(offering) in listed.content.decode()

    mine = cast.card()
    looked = aino.post(address_of(offering), rows(mine, children=[2]) | {"check": "1"})
    assert (looked.status_code, PlannedGroup.objects.count()) == (200, 0)
    assert "Everybody can come." in text(looked)

    kept = aino.post(address_of(offering), rows(mine, children=[2]) | {"keep": "1"})
    visit = PlannedGroup.objects.get()
    assert (kept.status_code, kept["Location"]) == (302, f"/en/groups/{visit.pk}/")
    page = aino.get(kept["Location"])
    assert "K-1" in text(page)
    assert "3 places are kept" in text(page)
    assert mine not in page.content.decode()


def test_one_card_ends_too_early_and_one_is_not_ours(cast, aino):
    offering = cast.offering(first_day=cast.now.date() + timedelta(days=10))
    short = cast.card(issued=cast.now - timedelta(days=362))
    page = aino.post(address_of(offering), rows(short, "7KM9QX2TR7") | {"keep": "1"})
    assert (page.status_code, PlannedGroup.objects.count()) == (422, 0)
    assert "The card's last day is 26 November 2026, before the group goes. Renew it first." in text(page)
    assert "This is no card of your workplace." in text(page)
    assert f'value="{short}"' in page.content.decode()


def test_more_rows_keep_what_was_read(cast, aino):
    offering, code = cast.offering(), cast.card()
    page = aino.post(address_of(offering), rows(code) | {"more": "1"})
    assert page.content.decode().count('name="card-') - page.content.decode().count("card-0-code") >= 16
    assert f'value="{code}"' in page.content.decode()


@pytest.mark.parametrize("number", ["-1", "101", "x"])
def test_a_number_that_cannot_be_is_asked_again(cast, aino, number):
    page = aino.post(address_of(cast.offering()), rows(cast.card()) | {"clients": number, "keep": "1"})
    assert page.status_code == 422
    assert PlannedGroup.objects.count() == 0


def test_broken_forms_and_days_are_answered(cast, aino):
    offering = cast.offering()
    assert aino.post(address_of(offering), {"keep": "1"}).status_code in (200, 422)
    assert aino.post(address_of(offering), {"more": "1", "card-TOTAL_FORMS": "9" * 30}).status_code == 200
    assert aino.get(f"/en/groups/new/{offering.pk}/2026-02-30/").status_code == 404
    assert aino.get("/en/groups/new/?on=yesterday").status_code == 422


def test_the_door_sees_numbers_and_no_workplace(cast, aino, ville):
    offering = cast.offering(cap=30)
    own = cast.card()
    community = cast.community_card()
    aino.post(
        address_of(offering),
        rows(own, children=[1]) | {"community_code": community, "clients": "5", "workers": "2", "keep": "1"},
    )
    visit = PlannedGroup.objects.get()
    page = ville.get("/en/till/groups/")
    assert "K-1" in text(page)
    for hidden in (own, community, "sosiaalitoimisto", Card.objects.get(digest__in=code_digests(own)).serial):
        assert hidden not in page.content.decode()
    prefix = str(visit.pk)[:8]
    done = ville.post(f"/en/till/groups/{visit.pk}/", {f"{prefix}-clients": "4", f"{prefix}-workers": "2"})
    assert done["Location"] == "/en/till/groups/"
    assert "Let in at 18:55." in text(ville.get("/en/till/groups/"))
    assert sorted(Record.objects.values_list("holder", "children", "clients", "workers")) == [
        (0, 0, 4, 2),
        (1, 1, 0, 0),
    ]

    told = text(aino.get(f"/en/groups/{visit.pk}/"))
    assert "Came in" in told
    assert "These numbers are of this group alone." in told
    assert "Came in" in text(aino.get("/en/groups/"))


def test_one_is_blocked_meanwhile_and_comes_in_all_the_same(cast, aino, ville):
    offering, lost = cast.offering(), cast.card()
    aino.post(address_of(offering), rows(cast.card(), lost) | {"keep": "1"})
    visit = PlannedGroup.objects.get()
    block_card(Card.objects.get(digest__in=code_digests(lost)), reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    ville.post(f"/en/till/groups/{visit.pk}/")
    page = text(ville.get("/en/till/groups/"))
    assert "Card 2 of the group was not recorded." in page
    member = visit.members.order_by("pk")[1]
    ville.post(f"/en/till/groups/{visit.pk}/members/{member.pk}/")
    assert "was not recorded" not in text(ville.get("/en/till/groups/"))
    assert Record.objects.filter(status="flagged").count() == 1


def test_taking_one_out_and_taking_the_group_off(cast, aino):
    offering = cast.offering(cap=10)
    aino.post(address_of(offering), rows(cast.card(), cast.card()) | {"keep": "1"})
    visit = PlannedGroup.objects.get()
    aino.post(f"/en/groups/{visit.pk}/members/{visit.members.order_by('pk')[0].pk}/leave/")
    assert "1 place is kept" in text(aino.get(f"/en/groups/{visit.pk}/"))
    aino.post(f"/en/groups/{visit.pk}/cancel/")
    assert "You have taken this group off." in text(aino.get(f"/en/groups/{visit.pk}/"))
    offering.refresh_from_db()
    assert offering.held == 0


def test_another_office_sees_none_of_it(cast, aino, signed_in):
    aino.post(address_of(cast.offering()), rows(cast.card()) | {"keep": "1"})
    visit = PlannedGroup.objects.get()
    oskari = signed_in("other")
    assert oskari.get(f"/en/groups/{visit.pk}/").status_code == 404
    assert oskari.post(f"/en/groups/{visit.pk}/cancel/").status_code == 404


def test_looking_at_cards_asks_for_the_second_factor(cast, signed_in):
    aino = signed_in("office", factor=False)
    assert aino.get(address_of(cast.offering())).status_code in (302, 403)


@pytest.mark.parametrize("number", [1, 3])
def test_the_lists_cost_the_same_with_one_group_and_three(cast, aino, ville, number):
    offering = cast.offering()
    for _one in range(number):
        aino.post(address_of(offering), rows(cast.card()) | {"keep": "1"})
    assert asked(aino.get, "/en/groups/") <= 8
    assert asked(ville.get, "/en/till/groups/") <= 9
    assert asked(aino.get, f"/en/groups/new/?on={offering.first_day.isoformat()}") <= 9


def test_a_swimming_hall_has_its_groups_by_the_day(cast, aino):
    hall = cast.offering("hall", OfferingKind.OPEN)
    on = cast.now.date() + timedelta(days=3)
    aino.post(f"/en/groups/new/{hall.pk}/{on.isoformat()}/", rows(cast.card()) | {"keep": "1"})
    assert PlannedGroup.objects.get().day == on
