"""What the till's page carries in hidden fields comes back through the browser: anything at all may stand there."""

import json
from uuid import uuid4

import pytest
from django.utils import timezone

from kaikukortti.models import Record
from kaikukortti.terms.policies import Policy

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def clock(monkeypatch, cast, evening):
    monkeypatch.setattr(timezone, "now", lambda: cast.now)


def card(**fields):
    return {"id": str(uuid4()), "held": "7KM9QX2TR7", "place": "", "day": "2026-11-24", "kind": "ticket"} | fields


@pytest.mark.parametrize(
    "packed",
    [
        "5",
        "[1]",
        '"x"',
        "null",
        "[" * 20_000,
        json.dumps(card(day=[1])),
        json.dumps(card(day=5)),
        json.dumps(card(day="9999-12-31", until="9999-12-31")),
        json.dumps(card(children={"a": 1}, adding=[], place=None)),
    ],
)
def test_a_card_left_aside_that_no_page_of_ours_packed(signed_in, packed):
    answer = signed_in("routa").post("/en/till/check/", {"offering": "", "code": "7KM9QX2TR7", "left": packed})
    assert answer.status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-01", "9999-12-31"])
def test_a_day_beyond_the_calendar(cast, signed_in, day):
    cast.policy(Policy.TICKETS_PER_MONTH, 5)
    code, ville = cast.card(), signed_in("routa")
    for sent in (card(held=code, day=day), card(held=code, day=day, until=day)):
        assert ville.post("/en/till/record/", {"offering": "", **sent}).status_code == 200
    assert not Record.objects.exists()


def test_a_card_left_aside_comes_back(cast, signed_in):
    code, ville = cast.card(), signed_in("routa")
    left = json.dumps(card(held=code, adding=False, children=1, assistants=0, clients=0, workers=0, until=""))
    ville.post("/en/till/record/", {"offering": "", "left": left, "too": json.loads(left)["id"]})
    assert Record.objects.get().children == 1
