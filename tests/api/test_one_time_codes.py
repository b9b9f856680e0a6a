"""One-time codes as a shop uses them: claimed with a card, redeemed once, released, made anew, run out (rule 24)."""

import time
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from kaikukortti.actions import misses
from kaikukortti.actions import one_time_codes as module
from kaikukortti.actions.codes import one_time_digest
from kaikukortti.actions.holds import Wish, keep_places
from kaikukortti.actions.looking_after import block_card
from kaikukortti.actions.offerings import cancel_offering
from kaikukortti.models import Card, Hold, Misses, NetworkVersion, Offering, Record, Workplace
from kaikukortti.models.snapshot import network
from kaikukortti.rules.one_time_codes import read_one_time_code
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import BlockReason, OfferingKind, RecordKind

pytestmark = pytest.mark.database


@pytest.fixture
def shop(caller):
    """The shop of Lippuluukku."""
    return caller("luukku")


def claim(shop, code, offering, **more):
    answered = shop.post("/one-time-codes", {"id": str(uuid4()), "code": code, "offering": str(offering.pk), **more})
    assert answered.status == 200, answered.body
    return answered.body


def made(shop, code, offering, **more):
    told = claim(shop, code, offering, **more)
    assert told["status"] == "made", told
    return told["one_time_code"]


def redeem(shop, one_time_code, offering, **more):
    body = {"id": str(uuid4()), "one_time_code": one_time_code, "offering": str(offering.pk), **more}
    answered = shop.post("/one-time-codes/redeem", body)
    assert answered.status == 200, answered.body
    return answered.body


# --- one code, once -----------------------------------------------------------------------------------------------


def test_a_card_becomes_a_code_and_the_code_a_use(cast, shop):
    event = cast.offering(cap=5)
    code = made(shop, cast.card(), event, children=2)
    assert (code["places"], code["children"], code["number"]) == (3, 2, "K-1")
    assert read_one_time_code(code["code"]) is not None
    assert Offering.objects.get().held == 3
    told = redeem(shop, code["code"].lower(), event)
    assert (told["status"], told["places"], told["one_time_code"]) == ("recorded", 3, code["id"])
    record = Record.objects.get()
    assert (record.holder, record.children, record.recorder, record.venue) == (
        1,
        2,
        cast.workplaces["luukku"],
        cast.workplaces["routa"],
    )
    assert Hold.objects.get().record == record
    event.refresh_from_db()
    assert (event.taken, event.held) == (3, 0)
    again = redeem(shop, code["code"], event)
    assert (again["status"], again["refusal"]) == ("refused", "code-already-used")
    assert Record.objects.count() == 1


def test_where_no_places_are_counted_a_code_counts_once_too(cast, shop):
    event = cast.offering()
    code = made(shop, cast.card(), event)
    assert redeem(shop, code["code"], event)["status"] == "recorded"
    assert redeem(shop, code["code"], event)["refusal"] == "code-already-used"


def test_the_same_id_gives_the_same_answer(cast, shop):
    event, card = cast.offering(cap=5), cast.card()
    first = claim(shop, card, event, id=str(uuid4()))
    again = claim(shop, card, event, id=first["id"])
    assert again == first
    assert Hold.objects.count() == 1
    assert claim(shop, cast.card(), event, id=first["id"])["status"] == "conflict"
    id = str(uuid4())
    told = redeem(shop, first["one_time_code"]["code"], event, id=id)
    assert redeem(shop, first["one_time_code"]["code"], event, id=id) == told
    other = made(shop, cast.card(), event)
    assert redeem(shop, other["code"], event, id=id)["status"] == "conflict"
    assert Record.objects.count() == 1


def test_the_code_stands_nowhere_and_tells_nothing_of_the_card(cast, shop):
    card = cast.card()
    code = read_one_time_code(made(shop, card, cast.offering())["code"]) or ""
    hold = Hold.objects.get()
    assert hold.code_digest == one_time_digest(code)
    assert code not in str(Hold.objects.values())
    # Typed at a till, a one-time code is a typo; a card's code in the discount field too.
    assert shop.check(code)["refusal"] in ("card-code-typo", "offering-unknown")
    assert read_one_time_code(card) is None


def test_a_course_place_and_a_community_cards_group(cast, shop):
    course = cast.offering(kind=OfferingKind.COURSE, price_cents=5000, first_day=cast.now.date() + timedelta(days=9))
    code = made(shop, cast.card(), course)
    told = redeem(shop, code["code"], course)
    assert told["status"] == "recorded", told
    assert Record.objects.get().kind == RecordKind.COURSE
    event = cast.offering(cap=20)
    code = made(shop, cast.community_card(), event, clients=4, workers=1)
    assert (code["places"], code["children"]) == (5, 4)
    assert redeem(shop, code["code"], event, assistants=1)["status"] == "recorded"
    record = Record.objects.latest("pk")
    assert (record.holder, record.clients, record.workers, record.assistants) == (0, 4, 1, 1)


def test_children_who_come_later_have_a_code_of_their_own(cast, shop):
    event, card = cast.offering(cap=5), cast.card(minors=2)
    assert redeem(shop, made(shop, card, event)["code"], event)["status"] == "recorded"
    code = made(shop, card, event, holder=0, children=2)
    assert redeem(shop, code["code"], event)["status"] == "recorded"
    assert redeem(shop, code["code"], event)["refusal"] == "code-already-used"
    event.refresh_from_db()
    assert event.taken == 3


# --- what a card is refused for -----------------------------------------------------------------------------------


def test_a_card_that_would_get_no_ticket_gets_no_code(cast, shop):
    event = cast.offering()
    card = cast.card()
    cast.use(card, offering=event)
    told = claim(shop, card, event)
    assert (told["status"], told["refusal"], told["one_time_code"]) == ("refused", "already-recorded", None)
    assert claim(shop, cast.card(), cast.offering("hall"))["refusal"] == "offering-unknown"
    assert claim(shop, cast.card(), cast.offering(sold_by_agents=False))["refusal"] == "offering-unknown"
    old = cast.card(issued=cast.now - timedelta(days=400))
    assert claim(shop, old, event)["refusal"] == "card-expired"
    assert not Hold.objects.exists()


def test_a_card_that_is_blocked_meanwhile_is_refused_and_its_code_goes_on_waiting(cast, shop):
    event, card = cast.offering(cap=1), cast.card()
    code = made(shop, card, event)
    block_card(Card.objects.get(holds__isnull=False), reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    assert redeem(shop, code["code"], event)["refusal"] == "card-blocked"
    assert Hold.objects.get().end == ""


def test_six_codes_of_one_card_wait_at_most(cast, shop):
    card = cast.card()
    for _ in range(6):
        made(shop, card, cast.offering())
    assert claim(shop, card, cast.offering())["refusal"] == "limit-per-period"


# --- made anew, released, run out ---------------------------------------------------------------------------------


def test_a_new_code_makes_the_former_void(cast, shop):
    event, card = cast.offering(cap=2), cast.card()
    first = made(shop, card, event, children=1)
    second = made(shop, card, event, children=1)
    assert first["code"] != second["code"]
    assert redeem(shop, first["code"], event)["refusal"] == "code-already-used"
    assert redeem(shop, second["code"], event)["status"] == "recorded"
    assert sorted(Hold.objects.values_list("end", flat=True)) == ["fetched", "reissued"]


def test_places_kept_at_the_desk_go_behind_the_code(cast, shop):
    event, card = cast.offering(cap=1), cast.card()
    kept = keep_places(card, Wish(), by=cast.ville, now=cast.now, offering=event.pk, day=event.first_day)
    assert kept.hold
    code = made(shop, card, event)
    assert redeem(shop, code["code"], event)["status"] == "recorded"


def test_a_wish_for_more_than_there_is_leaves_the_former_code_standing(cast, shop):
    event, card = cast.offering(cap=2), cast.card(minors=3)
    first = made(shop, card, event, children=1)
    assert claim(shop, card, event, children=3)["refusal"] == "codes-run-out"
    assert redeem(shop, first["code"], event)["status"] == "recorded"


def test_when_the_codes_have_run_out_there_is_the_wait_list(cast, shop):
    event = cast.offering(cap=1)
    made(shop, cast.card(), event)
    told = claim(shop, cast.card(), event)
    assert (told["status"], told["refusal"]) == ("refused", "codes-run-out")
    assert told["wait_list"]["sv"] == f"/sv/my/codes/{event.pk}/"


def test_released_and_expired_codes_give_their_places_back(cast, shop):
    event = cast.offering(cap=1, first_day=cast.now.date() + timedelta(days=10))
    code = made(shop, cast.card(), event)
    released = shop.post(f"/one-time-codes/{code['id']}/release", None)
    assert (released.status, released.body["state"]) == (200, "released")
    assert shop.post(f"/one-time-codes/{code['id']}/release", None).body["state"] == "released"
    code = made(shop, cast.card(), event)
    cast.at(cast.now + timedelta(days=3, minutes=1))
    told = redeem(shop, code["code"], event)
    assert told["refusal"] == "code-already-used"
    assert made(shop, cast.card(), event)
    assert shop.post(f"/one-time-codes/{code['id']}/release", None).body["state"] == "expired"


def test_a_code_for_tonight_returns_before_the_start(cast, shop):
    cast.at(datetime(2026, 11, 24, 12, tzinfo=HELSINKI))
    code = made(shop, cast.card(), cast.offering(cap=1))
    assert datetime.fromisoformat(code["expires_at"]) == datetime(2026, 11, 24, 18, 30, tzinfo=HELSINKI)


# --- whose it is --------------------------------------------------------------------------------------------------


def test_unknown_foreign_and_mistyped_codes_look_alike_and_are_misses(cast, caller, shop):
    event = cast.offering(cap=5)
    agent = Workplace.objects.get(pk=cast.workplaces["luukku"].pk)
    foreign = caller("tapiola")
    code = made(shop, cast.card(), event)["code"]
    unknown = redeem(shop, "0000000001", event)
    for told in (redeem(shop, "A" * 64, event), redeem(foreign, code, event), redeem(shop, code, cast.offering())):
        assert {**told, "id": ""} == {**unknown, "id": ""}
    assert unknown["refusal"] == "card-unknown"
    assert sorted(Misses.objects.values_list("number", flat=True)) == [1, 3]
    assert agent.role == "ticket_agent"
    assert Record.objects.count() == 0


def test_thirty_unknown_codes_pause_the_shop(cast, shop):
    event = cast.offering()
    code = made(shop, cast.card(), event)["code"]
    for _ in range(misses.DEVICE_AN_HOUR):
        redeem(shop, "0000000001", event)
    assert redeem(shop, code, event)["refusal"] == "too-many-tries"
    assert claim(shop, cast.card(), event)["refusal"] == "too-many-tries"


def test_the_venue_redeems_every_sellers_code_and_a_seller_its_own(cast, caller, shop):
    event, venue = cast.offering(), caller("routa")
    assert redeem(venue, made(shop, cast.card(), event)["code"], event)["status"] == "recorded"
    # What the venue had made any of its sellers redeems.
    assert redeem(shop, made(venue, cast.card(), event)["code"], event)["status"] == "recorded"
    other = Workplace.objects.create(
        role="ticket_agent", name_fi="Toinen", municipality_id="091", since=cast.now.date()
    )
    other.venues.add(cast.workplaces["routa"])
    cast.workplaces["another"] = other
    NetworkVersion.bump()
    code = made(shop, cast.card(), event)
    assert redeem(caller("another"), code["code"], event)["refusal"] == "card-unknown"
    assert caller("another").post(f"/one-time-codes/{code['id']}/release", None).status == 404
    assert caller("routa").post(f"/one-time-codes/{code['id']}/release", None).body["state"] == "released"


def test_a_cancelled_offering_says_so(cast, shop):
    event = cast.offering(cap=3)
    code = made(shop, cast.card(), event)["code"]
    cancel_offering(event, by=cast.ville, now=cast.now)
    assert redeem(shop, code, event)["refusal"] == "offering-cancelled"


def test_a_real_register_has_no_sandbox(cast, caller):
    for workplace in ("routa", "luukku"):
        assert caller(workplace).get("/sandbox").status == 404
        assert caller(workplace).post("/sandbox/reset", None).status == 404
    assert caller("office").get("/sandbox").status == 403


# --- a broken form ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "field"),
    [({"holder": 2}, "holder"), ({"holder": 0}, "holder"), ({"children": -1}, "children"), ({"surplus": 1}, None)],
)
def test_a_broken_form_says_where(cast, shop, more, field):
    body = {"id": str(uuid4()), "code": cast.card(), "offering": str(cast.offering().pk), **more}
    answered = shop.post("/one-time-codes", body)
    assert (answered.status, answered.body["refusal"]) == (422, None)
    if field:
        assert answered.body["field"] == field


# --- at once ------------------------------------------------------------------------------------------------------

TILLS = 8


def eight_at_once(cast, caller, at_once, before, *, children):
    """One code at eight tills: children only, so that nothing but the code itself keeps them apart."""
    event, card = cast.offering(cap=50, children_cap=50), cast.card(minors=20)
    tills = [caller("luukku") for _ in range(TILLS)]
    cast.use(card, offering=event)
    code = made(tills[0], card, event, holder=0, children=children)["code"]
    network()

    def till(number):
        before()
        return redeem(tills[number], code, event)

    return at_once(TILLS, till)


def one_use(answers):
    told = [one.get("refusal") if isinstance(one, dict) else str(one) for one in answers]
    return (
        sorted(str(one) for one in told) == ["None", *["code-already-used"] * (TILLS - 1)]
        and Record.objects.filter(children=2).count() == 1
        and Offering.objects.get().taken == 3
    )


@pytest.mark.database(transaction=True)
def test_one_code_at_eight_tills_at_once_is_one_use(cast, caller, at_once):
    answers = eight_at_once(cast, caller, at_once, lambda: None, children=2)
    assert one_use(answers), answers


@pytest.mark.database(transaction=True)
def test_control_one_code_at_eight_tills_without_the_lock_is_noticed(cast, caller, at_once, monkeypatch):
    def unlocked(hold):
        read = Hold.objects.select_related("offering", "card").get(pk=hold.pk)
        time.sleep(0.3)
        return read

    monkeypatch.setattr(module, "_lock", unlocked)

    def deferred():
        setattr(connection, "transaction_mode", "DEFERRED")  # noqa: B010  (the type knows only PostgreSQL)

    assert not one_use(eight_at_once(cast, caller, at_once, deferred, children=2))
