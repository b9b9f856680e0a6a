"""The till's question: exactly five keys in every state (P5), and nothing but what a venue may know (P6, S7)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from kaikukortti.actions.cards import own_card
from kaikukortti.actions.looking_after import block_card, replace_card
from kaikukortti.api import auth
from kaikukortti.models import Card, CardFact, Record
from kaikukortti.rules.codes import check_character
from kaikukortti.terms.kinds import CardFactKind, OfferingKind
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal

pytestmark = pytest.mark.database


def unknown_code():
    return "000000000" + check_character("000000000")


def typo(code):
    return code[:-1] + ("A" if code[-1] != "A" else "B")


def own(cast, code):
    card = own_card(code, by=cast.aino)
    assert isinstance(card, Card)
    return card


def block(cast, code):
    block_card(own(cast, code), reason="lost", by=cast.aino, now=cast.now - timedelta(hours=1))


def active(cast):
    return cast.card(), None


def blank(cast):
    return cast.blank(), Refusal.CARD_UNREGISTERED


def expired(cast):
    return cast.card(issued=cast.now - timedelta(days=400)), Refusal.CARD_EXPIRED


def blocked(cast):
    code = cast.card()
    block(cast, code)
    return code, Refusal.CARD_BLOCKED


def replaced(cast):
    code = cast.card()
    replace_card(own(cast, code), cast.blank(), reason="lost", by=cast.aino, now=cast.now)
    return code, Refusal.CARD_REPLACED


def void(cast):
    code = cast.blank()
    CardFact.objects.create(card=own(cast, code), kind=CardFactKind.VOIDED, at=cast.now, entered_at=cast.now)
    return code, Refusal.CARD_VOID


def closed_out(cast):
    return cast.card(), Refusal.REGION_CLOSED_IN


def unknown(cast):
    return unknown_code(), Refusal.CARD_UNKNOWN


def mistyped(cast):
    return typo(cast.card()), Refusal.CARD_CODE_TYPO


STATES = (active, blank, expired, blocked, replaced, void, unknown, mistyped)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_five_keys_in_every_state_of_the_card(cast, caller, state):
    code, refusal = state(cast)
    answered = caller("routa").check(code)
    assert answered["refusal"] == refusal
    assert (answered["child_places"], answered["assistant"]) == ((2, True) if refusal is None else (0, False))
    assert answered["message"].keys() == {"fi", "sv", "en"}


def no_offering(cast):
    return None, None


def event(cast):
    return cast.offering(), None


def full(cast):
    return cast.offering(cap=0), Refusal.OFFERING_FULL


def cancelled(cast):
    return cast.offering(cancelled_at=cast.now), Refusal.OFFERING_CANCELLED


def unpublished(cast):
    return cast.offering(published_at=None), Refusal.OFFERING_NOT_OPEN


def course(cast):
    return cast.offering(kind=OfferingKind.COURSE), None


def another_venues(cast):
    return cast.offering("hall"), Refusal.OFFERING_UNKNOWN


def limit_of_two(cast):
    return cast.offering(cap=2), None


@pytest.mark.parametrize(
    "offered",
    [no_offering, event, full, cancelled, unpublished, course, another_venues, limit_of_two],
    ids=lambda offered: offered.__name__,
)
def test_five_keys_at_every_kind_of_offering(cast, caller, offered):
    offering, refusal = offered(cast)
    answered = caller("routa").check(cast.card(minors=5), offering=str(offering.pk) if offering else None)
    assert answered["refusal"] == refusal
    places = {course: 0, limit_of_two: 1}.get(offered, 5)
    assert (answered["child_places"], answered["assistant"]) == ((places, True) if refusal is None else (0, False))


def test_a_ticket_already_given_keeps_children_and_assistant(cast, caller):
    code = cast.card(minors=3)
    cast.use(code, children=1)
    answered = caller("routa").check(code)
    assert answered["refusal"] == Refusal.ALREADY_RECORDED
    assert (answered["child_places"], answered["assistant"]) == (2, True)
    assert "18.55" in answered["message"]["fi"]
    assert "18:55" in answered["message"]["en"]


def test_a_community_card_has_no_child_places(cast, caller):
    answered = caller("routa").check(cast.community_card())
    assert (answered["allowed"], answered["child_places"], answered["assistant"]) == (True, 0, True)


def test_the_closed_region_says_which_side_says_no(cast, caller):
    assert caller("lusto").check(cast.card())["refusal"] == Refusal.REGION_CLOSED_IN


def test_a_check_records_nothing_and_may_be_asked_for_another_day(cast, caller):
    code = cast.card()
    tomorrow = cast.offering(first_day=cast.now.date() + timedelta(days=1))
    asked = caller("routa").check(code, offering=str(tomorrow.pk), day=tomorrow.first_day.isoformat())
    assert asked["allowed"]
    assert not Record.objects.exists()
    today = caller("routa").check(code, offering=str(tomorrow.pk))
    assert today["refusal"] == Refusal.DAY_NOT_OFFERED


def test_a_code_is_read_as_people_type_it(cast, caller):
    code = cast.card()
    routa = caller("routa")
    for typed in (code.lower(), f"{code[:3]}-{code[3:6]}-{code[6:]}", f"*{code}*", f" {code[:3]} {code[3:]}"):
        assert routa.check(typed)["allowed"], typed


def test_a_ticket_agent_asks_for_listed_offerings_only(cast, caller):
    luukku, code = caller("luukku"), cast.card()
    assert luukku.check(code)["refusal"] == Refusal.OFFERING_UNKNOWN
    assert luukku.check(code, offering=str(uuid4()))["refusal"] == Refusal.OFFERING_UNKNOWN
    assert luukku.check(code, offering=str(cast.offering("hall").pk))["refusal"] == Refusal.OFFERING_UNKNOWN
    assert (
        luukku.check(code, offering=str(cast.offering(sold_by_agents=False).pk))["refusal"] == Refusal.OFFERING_UNKNOWN
    )
    assert luukku.check(code, offering=str(cast.offering().pk))["allowed"]


def test_pending_use_is_allowed_where_the_policy_says_so(cast, caller):
    cast.policy(Policy.PENDING_USE, True, region="kainuu")
    answered = caller("routa").check(cast.blank())
    assert (answered["allowed"], answered["refusal"]) == (True, None)


# --- limits on guessing -------------------------------------------------------------------------------------------


def test_guessing_pauses_the_token_and_other_tills_of_the_venue_go_on(cast, caller):
    guesser, honest, code = caller("routa"), caller("routa"), cast.card()
    for _ in range(30):
        guesser.check(unknown_code())
    assert guesser.check(code)["refusal"] == Refusal.TOO_MANY_TRIES
    assert guesser.check(unknown_code())["refusal"] == Refusal.TOO_MANY_TRIES
    assert honest.check(code)["allowed"]
    row = {"id": str(uuid4()), "code": code, "day": cast.now.date().isoformat()}
    assert guesser.use(row)["refusal"] == Refusal.TOO_MANY_TRIES
    assert honest.use(row)["status"] == "recorded"
    cast.at(cast.now + timedelta(minutes=16))
    assert guesser.check(code)["refusal"] == Refusal.ALREADY_RECORDED


def test_a_pause_holds_from_the_next_call_on_though_callers_are_remembered(cast, caller, monkeypatch):
    monkeypatch.setattr(auth, "KEPT_SECONDS", 1000.0)
    monkeypatch.setattr(auth, "_kept", {})
    guesser, code = caller("routa"), cast.card()
    assert guesser.check(code)["allowed"]
    for _ in range(30):
        guesser.check(unknown_code())
    assert guesser.check(code)["refusal"] == Refusal.TOO_MANY_TRIES


def test_known_cards_never_start_a_pause(cast, caller):
    routa, refused = caller("routa"), expired(cast)[0]
    for _ in range(60):
        assert routa.check(refused)["refusal"] == Refusal.CARD_EXPIRED
