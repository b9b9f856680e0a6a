"""What a venue or ticket agent may record for."""

from datetime import timedelta

import pytest

from kaikukortti.terms.kinds import OfferingKind
from tests.api.test_uses import row

pytestmark = pytest.mark.database


def listed(answered):
    assert answered.status == 200, answered.body
    return answered.body["offerings"]


def test_a_venue_sees_its_own_of_today(cast, caller):
    event = cast.offering(external_id="L-1", cap=10, price_cents=2800, place="Suuri sali")
    cast.offering("hall")
    cast.offering(published_at=None)
    cast.offering(first_day=cast.now.date() + timedelta(days=1))
    caller("routa").use(row(cast, cast.card(), offering=str(event.pk), children=2))
    assert listed(caller("routa").get("/offerings")) == [
        {
            "id": str(event.pk),
            "external_id": "L-1",
            "names": {"fi": event.name_fi, "sv": event.name_sv, "en": event.name_en},
            "venue": {"fi": "Routa Company", "sv": "Routa Company", "en": "Routa Company"},
            "kind": "event",
            "sector": "culture",
            "day": "2026-11-24",
            "first_day": "2026-11-24",
            "last_day": "2026-11-24",
            "starts_at": "2026-11-24T17:00:00+00:00",
            "place": "Suuri sali",
            "price_cents": 2800,
            "places_left": 7,
            "children_places_left": None,
            "cancelled": False,
        }
    ]


def test_day_and_external_id_choose(cast, caller):
    tomorrow = cast.now.date() + timedelta(days=1)
    event = cast.offering(first_day=tomorrow, external_id="L-2")
    routa = caller("routa")
    assert listed(routa.get("/offerings")) == []
    assert [one["id"] for one in listed(routa.get(f"/offerings?day={tomorrow}"))] == [str(event.pk)]
    assert [one["id"] for one in listed(routa.get("/offerings?external_id=L-2"))] == [str(event.pk)]
    assert listed(routa.get("/offerings?external_id=L-2&day=2026-11-24")) == []
    assert listed(routa.get("/offerings?external_id=L-3")) == []
    assert listed(routa.get(f"/offerings?day={tomorrow}&whatever=1")) != []


def test_a_parameter_left_empty_is_left_out(cast, caller):
    event = cast.offering(external_id="L-2")
    for query in (
        "?day=&external_id=",
        "?day=",
        "?external_id=",
        "?day=2026-11-24&external_id=",
        "?day=&external_id=L-2",
    ):
        assert [one["id"] for one in listed(caller("routa").get(f"/offerings{query}"))] == [str(event.pk)], query


def test_open_admission_counts_its_places_by_the_day(cast, caller):
    hall = caller("hall")
    swim = cast.offering("hall", OfferingKind.OPEN, cap=3, weekdays=0b0000011)
    hall.use(row(cast, cast.card(), offering=str(swim.pk)))
    (today,) = listed(hall.get("/offerings"))
    assert (today["day"], today["places_left"], today["starts_at"]) == ("2026-11-24", 2, None)
    assert listed(hall.get("/offerings?day=2026-11-25")) == []
    (monday,) = listed(hall.get("/offerings?day=2026-11-30"))
    assert (monday["day"], monday["places_left"]) == ("2026-11-30", 3)


def test_a_cancelled_one_says_so(cast, caller):
    cast.offering(cancelled_at=cast.now)
    assert [one["cancelled"] for one in listed(caller("routa").get("/offerings"))] == [True]


def test_a_ticket_agent_sees_what_agents_sell_of_its_venues(cast, caller):
    event = cast.offering()
    cast.offering(sold_by_agents=False)
    cast.offering("hall")
    assert [one["id"] for one in listed(caller("luukku").get("/offerings"))] == [str(event.pk)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("day=yesterday", "day"),
        ("day=0001-01-01", "day"),
        ("external_id=%00", "external_id"),
        (f"external_id={'x' * 81}", "external_id"),
    ],
)
def test_a_broken_question_names_the_field(cast, caller, query, field):
    answered = caller("routa").get(f"/offerings?{query}")
    assert (answered.status, answered.body["field"], answered.body["row"]) == (422, field, None)
    assert caller("routa").get("/offerings?external_id=%FF%FE").status == 200


def test_the_same_queries_for_one_and_for_three(cast, caller, django_assert_num_queries):
    routa = caller("routa")
    routa.get("/offerings")  # reads the network, once
    for number in (1, 2):
        for _ in range(number):
            cast.offering("routa", OfferingKind.OPEN, cap=3)
        with django_assert_num_queries(3):
            assert len(listed(routa.get("/offerings"))) == (1, 3)[number - 1]
