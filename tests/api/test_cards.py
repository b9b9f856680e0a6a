"""Issuing and blocking by calls."""

from datetime import timedelta
from uuid import uuid4

import pytest

from kaikukortti.models import Card, CountedFact, HolderData
from tests.api.test_check import typo, unknown_code

pytestmark = pytest.mark.database


def form(code, /, **more):
    return {"code": code, "birth_year": 1980, "postal_code": "87100", "minors": 2} | more


def test_a_card_is_issued_for_a_year(cast, caller):
    code = cast.blank()
    answered = caller("office").post("/cards", form(code))
    assert answered.status == 201
    assert answered.body == {"serial": Card.objects.exclude(region=None).get().serial, "last_valid_day": "2027-11-23"}
    assert caller("routa").check(code)["child_places"] == 2


def test_the_whole_form_is_read(cast, caller):
    whole = form(
        cast.blank(),
        id=str(uuid4()),
        municipality=None,
        gender="not-said",
        life_situations=["student", "carer", "student"],
        home_language="uk",
        issued_on="2026-11-20",
        community=False,
    )
    answered = caller("office").post("/cards", whole)
    assert (answered.status, answered.body["last_valid_day"]) == (201, "2027-11-19")
    fact = CountedFact.objects.get()
    assert (fact.gender, fact.life_situations, fact.home_language) == ("not-said", ["student", "carer"], "uk")


def test_a_retry_with_the_same_id_gives_the_same_answer(cast, caller):
    office, asked = caller("office"), form(cast.blank(), id=str(uuid4()))
    first = office.post("/cards", asked)
    assert first.status == 201
    assert office.post("/cards", asked).body == first.body
    assert HolderData.objects.count() == 1
    reused = office.post("/cards", {**asked, "code": cast.blank()})
    assert (reused.status, reused.body["refusal"]) == (409, None)
    without = office.post("/cards", form(asked["code"]))
    assert (without.status, without.body["refusal"]) == (422, "card-already-registered")


def test_a_community_card_takes_no_holder_data(cast, caller):
    office, code = caller("office"), cast.blank()
    broken = office.post("/cards", {"code": code, "community": True, "minors": 1})
    assert (broken.status, broken.body["field"], broken.body["refusal"]) == (422, "minors", None)
    answered = office.post("/cards", {"code": code, "community": True})
    assert answered.status == 201
    assert answered.body.keys() == {"serial", "last_valid_day"}
    assert not HolderData.objects.exists()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"birth_year": 2011}, "holder-too-young"),
        ({"birth_year": 1850}, "birth-year-implausible"),
        ({"birth_year": -(10**30)}, "birth-year-implausible"),
        ({"birth_year": 2027}, "birth-year-implausible"),
        ({"postal_code": "99999"}, "postal-code-unknown"),
        ({"postal_code": "x"}, "postal-code-unknown"),
        ({"postal_code": "94100"}, "municipality-not-in-network"),
        ({"postal_code": None, "municipality": "240"}, "municipality-not-in-network"),
        ({"postal_code": None, "municipality": "999"}, "postal-code-unknown"),
        ({"minors": 21}, "minors-implausible"),
        ({"minors": -1}, "minors-implausible"),
        ({"issued_on": "2026-11-25"}, "too-early-to-record"),
        ({"issued_on": "2026-01-01"}, "too-late-to-record"),
    ],
)
def test_a_rule_that_says_no(cast, caller, change, refusal):
    answered = caller("office").post("/cards", form(cast.blank(), **change))
    assert (answered.status, answered.body["refusal"]) == (422, refusal)
    assert not HolderData.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"birth_year": None}, "birth_year"),
        ({"birth_year": "1980"}, "birth_year"),
        ({"birth_year": 1980.0}, "birth_year"),
        ({"minors": None}, "minors"),
        ({"minors": True}, "minors"),
        ({"postal_code": None}, "postal_code"),
        ({"postal_code": ""}, "postal_code"),
        ({"postal_code": 87100}, "postal_code"),
        ({"postal_code": "871\u000000"}, "postal_code"),
        ({"gender": "x"}, "gender"),
        ({"life_situations": ["x"]}, "life_situations"),
        ({"life_situations": "student"}, "life_situations"),
        ({"home_language": "xx"}, "home_language"),
        ({"issued_on": "yesterday"}, "issued_on"),
        ({"id": "1"}, "id"),
        ({"code": ""}, "code"),
        ({"name": "Maija Meikäläinen"}, "name"),
        ({"ssn": "010180-123A"}, "ssn"),
    ],
)
def test_a_broken_form_names_the_field(cast, caller, change, field):
    answered = caller("office").post("/cards", form(cast.blank(), **change))
    assert (answered.status, answered.body["field"], answered.body["refusal"]) == (422, field, None)
    assert "Maija" not in answered.response.content.decode()
    assert "010180" not in answered.response.content.decode()


def test_a_border_code_asks_for_the_municipality(cast, caller):
    office, code = caller("office"), cast.blank()
    asked = office.post("/cards", form(code, postal_code="88999"))
    assert (asked.status, asked.body["field"], asked.body["refusal"]) == (422, "municipality", None)
    assert asked.body["municipalities"] == ["205", "290"]
    assert office.post("/cards", form(code, postal_code="88999", municipality="290")).status == 201


def test_only_the_own_drawer_is_known(cast, caller):
    other = caller("other")
    for code in (cast.blank(), cast.card(), unknown_code()):
        answered = other.post("/cards", form(code))
        assert (answered.status, answered.body["refusal"]) == (422, "card-unknown")
        assert other.post("/cards/block", {"code": code, "reason": "lost"}).body["refusal"] == "card-unknown"
    assert other.post("/cards", form(typo(cast.blank()))).body["refusal"] == "card-code-typo"


def test_a_block_is_in_force_at_once_and_calm_the_second_time(cast, caller):
    office, code = caller("office"), cast.card()
    first = office.post("/cards/block", {"code": code, "reason": "stolen"})
    assert (first.status, first.body.keys()) == (200, {"serial", "message"})
    assert caller("routa").check(code)["refusal"] == "card-blocked"
    assert office.post("/cards/block", {"code": code, "reason": "lost"}).body == first.body
    blank = office.post("/cards/block", {"code": cast.blank(), "reason": "lost"})
    assert (blank.status, blank.body["refusal"]) == (422, "card-unregistered")
    assert office.post("/cards/block", {"code": code, "reason": "bored"}).body["field"] == "reason"


def test_guessing_codes_of_cards_pauses_the_token(cast, caller):
    office, code = caller("office"), cast.card()
    for _ in range(30):
        office.post("/cards/block", {"code": unknown_code(), "reason": "lost"})
    answered = office.post("/cards/block", {"code": code, "reason": "lost"})
    assert (answered.status, answered.body["refusal"]) == (422, "too-many-tries")
    assert caller("office").post("/cards/block", {"code": code, "reason": "lost"}).status == 200
    cast.at(cast.now + timedelta(minutes=16))
    assert office.post("/cards/block", {"code": code, "reason": "lost"}).status == 200
