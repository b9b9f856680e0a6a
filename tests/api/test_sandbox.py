"""The sandbox of a demo: each case is refused for what it says, the table is laid anew; a real register has none."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from kaikukortti.actions import misses
from kaikukortti.actions.look_ups import gathered
from kaikukortti.actions.sandbox import MET_AT_TILLS, VOID_CARD
from kaikukortti.management.demo import derived
from kaikukortti.models import Hold, Offering, Record
from kaikukortti.models.snapshot import forget
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.refusals import Refusal
from tests.api.conftest import Caller
from tests.management.demo_document import load_demo

pytestmark = pytest.mark.database
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=HELSINKI)
# There is no closed year in this demo.
EVERYWHERE = {refusal.value for refusal in MET_AT_TILLS} - {Refusal.PERIOD_CLOSED.value}


@pytest.fixture(scope="module")
def document(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        forget()
        yield load_demo(NOON, patch)
        transaction.set_rollback(True)
    forget()


@pytest.fixture
def machine(document, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    monkeypatch.setattr(gathered, "_start", lambda: None)
    forget()
    return lambda name: Caller(derived.token(name))


def played(caller, case):
    """The refusal that the last answer of a case carries."""
    for _ in range(case["repeat"]):
        for step in case["steps"]:
            answered = caller(step["method"], step["path"].removeprefix("/api/v1"), step["body"])
    body = answered.body
    if "results" in body:
        return body["results"][0]["refusal"]
    return body["refusal"]


def told_apart(caller):
    """Each case with what it is refused for, on a table laid anew each time."""
    wrong = {}
    caller.post("/sandbox/reset", None)
    for number in range(len(caller.get("/sandbox").body["cases"])):
        assert caller.post("/sandbox/reset", None).status == 200
        case = caller.get("/sandbox").body["cases"][number]
        said = played(caller, case)
        if said != case["refusal"]:
            wrong[case["refusal"], case["says"]] = said
    caller.post("/sandbox/reset", None)
    return wrong


def test_the_ticket_agent_meets_every_refusal_that_a_till_can_meet(machine):
    agent = machine("agent")
    agent.post("/sandbox/reset", None)
    listed = agent.get("/sandbox").body
    missing = EVERYWHERE - {case["refusal"] for case in listed["cases"]}
    assert missing <= {Refusal.REASON_NEEDED.value}, missing  # an agent without a past has no old record
    assert set(listed["not_here"]) == missing | {Refusal.PERIOD_CLOSED.value}
    assert told_apart(agent) == {}


def test_a_venue_meets_what_can_happen_at_its_own_till(machine):
    venue = machine("routa")
    assert told_apart(venue) == {}
    met = {case["refusal"] for case in venue.get("/sandbox").body["cases"]}
    assert EVERYWHERE - met <= {"region-closed-in", "venue-not-active", "limit-per-period", "reason-needed"}


def test_before_the_table_is_laid_a_venue_can_try_the_cards(machine):
    hall = machine("hall")
    cases = {case["refusal"] for case in hall.get("/sandbox").body["cases"]}
    assert {"card-blocked", "card-void", "card-expired"} <= cases
    assert not Offering.objects.filter(
        external_id__startswith="demo-sandbox-", venue__name_fi__contains="uima"
    ).exists()
    assert {played(hall, case) for case in hall.get("/sandbox").body["cases"] if case["repeat"] == 1} <= cases


def test_laying_anew_reverses_todays_records_of_that_workplace_only(machine):
    venue, hall = machine("routa"), machine("hall")
    venue.post("/sandbox/reset", None)
    code = derived.code("active-without-children")
    for place in (venue, hall):
        place.use({"id": str(uuid4()), "code": code, "day": NOON.date().isoformat()})
    before = Record.objects.standing().filter(entered_at=NOON).count()
    assert venue.post("/sandbox/reset", None).body == {"reversed": 1, "released": 0, "offerings": 0}
    assert Record.objects.standing().filter(entered_at=NOON).count() == before - 1
    hall.post("/sandbox/reset", None)


def test_laying_anew_ends_a_pause_and_releases_codes(machine):
    agent = machine("agent")
    agent.post("/sandbox/reset", None)
    for _ in range(misses.DEVICE_AN_HOUR):
        agent.check(derived.code("unknown-code"))
    assert agent.check(derived.code("blocked"))["refusal"] == "too-many-tries"
    agent.post("/sandbox/reset", None)
    cases = agent.get("/sandbox").body["cases"]
    claim = next(case for case in cases if case["refusal"] == "code-already-used")["steps"][0]
    assert agent.post("/one-time-codes", claim["body"]).body["status"] == "made"
    assert agent.post("/sandbox/reset", None).body["released"] == 1
    assert not Hold.objects.standing(NOON).filter(code_digest__isnull=False).exists()


def test_the_void_card_is_no_listed_case(document):
    assert VOID_CARD not in {card["case"] for card in document["cards"]}
