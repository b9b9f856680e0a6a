"""Look-ups are gathered in memory and written later; the check itself writes nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kaikukortti.actions.look_ups import KEPT_DAYS, forget_old_look_ups, gathered
from kaikukortti.models import Card, LookUps

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def _nothing_gathered():
    gathered.write()
    yield
    gathered.write()


def test_a_check_writes_nothing(cast):
    code, event, ville = cast.card(), cast.offering(), cast.ville
    with CaptureQueriesContext(
        connection,
    ) as queries:
        cast.check(code, offering=event, by=ville)
    assert len(queries) == 3
    assert all(query["sql"].lstrip().startswith("SELECT") for query in queries)


def test_look_ups_are_tallied_by_kind_of_workplace_and_day(cast):
    code = cast.card()
    for _ in range(2):
        cast.check(code)
    cast.check(code, by=cast.luukku, offering=cast.offering())
    gathered.write()
    cast.check(code)
    gathered.write()
    assert sorted(LookUps.objects.values_list("role", "day", "number")) == [
        ("ticket_agent", cast.now.date(), 1),
        ("venue", cast.now.date(), 3),
    ]


def test_many_cards_are_written_in_a_few_statements(cast):
    codes = [cast.card() for _ in range(12)]
    for code in [*codes, *codes[:4], codes[0]]:
        cast.check(code)
    with CaptureQueriesContext(connection) as queries:
        gathered.write()
    assert len(queries) <= 10
    assert sorted(LookUps.objects.values_list("number", flat=True)) == [1] * 8 + [2] * 3 + [3]


def test_a_card_erased_meanwhile_is_left_out(cast):
    cast.check(cast.card())
    LookUps.objects.all().delete()
    Card.objects.all().delete()
    gathered.write()
    assert not LookUps.objects.exists()


def test_look_ups_are_kept_ninety_days(cast):
    cast.check(cast.card())
    gathered.write()
    assert forget_old_look_ups(now=cast.now + timedelta(days=KEPT_DAYS)) == 0
    assert forget_old_look_ups(now=cast.now + timedelta(days=KEPT_DAYS + 1)) == 1
