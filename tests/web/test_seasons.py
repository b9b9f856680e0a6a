"""Season passes: the usual periods in one press, entering within the period, and how many are in force (rule 22)."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kaikukortti.actions.corrections import reverse_use
from kaikukortti.figures.seasons import seasons_in_force
from kaikukortti.models import Record
from kaikukortti.terms.kinds import OfferingKind, RecordKind, Status
from tests.cast import NOW, TODAY
from tests.web.pages import text

pytestmark = pytest.mark.database


@pytest.fixture(autouse=True)
def clock(monkeypatch, cast, evening):
    monkeypatch.setattr(timezone, "now", lambda: cast.now)


def hall(cast, **fields):
    return cast.offering("hall", OfferingKind.OPEN, name_fi="Uimahalli", name_en="Swimming hall", **fields)


def season(cast, code, where=None, *, until=TODAY + timedelta(days=29)):
    return cast.use(code, offering=where, by=cast.salla, kind=RecordKind.SEASON, until=until)


def test_the_till_offers_a_month_the_season_and_half_a_year(cast, signed_in):
    where, client = hall(cast), signed_in("hall")
    client.post("/en/till/offering/", {"offering": str(where.pk)})
    code = cast.card()
    page = client.post("/en/till/check/", {"offering": str(where.pk), "code": code})
    said = text(page)
    for words in (
        "A month until 23 December 2026",
        "The season until 31 December 2026",
        "Half a year until 23 May 2027",
    ):
        assert words in said
    held = {"id": str(uuid4()), "held": code, "place": str(where.pk), "day": TODAY.isoformat(), "kind": "ticket"}
    client.post("/en/till/record/", {**held, "until": ["", "2026-12-31"]})
    row = Record.objects.get()
    assert (row.kind, row.until) == (RecordKind.SEASON, date(2026, 12, 31))


def test_entering_within_the_period_is_calm_and_says_until_when(cast, signed_in):
    where, code = hall(cast), cast.card()
    season(cast, code, where)
    cast.at(NOW + timedelta(days=10))
    answer = cast.use(code, offering=where, by=cast.salla)
    assert (answer.status, answer.day) == (Status.ALREADY_RECORDED, TODAY + timedelta(days=29))
    said = "The season pass is valid until 23 December 2026. Welcome in, nothing to record."
    assert answer.message["en"].startswith(said)
    client = signed_in("hall")
    client.post("/en/till/offering/", {"offering": str(where.pk)})
    page = client.post("/en/till/check/", {"offering": str(where.pk), "code": code})
    assert "Season pass is valid Until 23 December 2026. Welcome in, nothing to record." in text(page)
    # After its last day the card gets a ticket as any other.
    cast.at(NOW + timedelta(days=30))
    assert cast.use(code, offering=where, by=cast.salla).status == Status.RECORDED


def test_a_ticket_given_today_still_says_its_time(cast):
    code = cast.card()
    cast.use(code)
    assert "18:55" in cast.use(code).message["en"]


def test_in_force_are_those_that_stand_by_offering(cast):
    where = hall(cast)
    for days in (29, 3):
        season(cast, cast.card(), where, until=TODAY + timedelta(days=days))
    season(cast, cast.card())
    gone = Record.objects.get(pk=season(cast, cast.card(), where).record)
    reverse_use(gone, by=cast.salla, now=NOW)
    rows = seasons_in_force(cast.workplaces["hall"], on=TODAY)
    found = [(row.offering and row.offering.pk, row.in_force, row.begun_this_month, row.ending_soon) for row in rows]
    assert found == [(where.pk, 2, 2, 1), (None, 1, 1, 0)]
    later = seasons_in_force(cast.workplaces["hall"], on=TODAY + timedelta(days=10))
    assert [(row.in_force, row.begun_this_month) for row in later] == [(1, 0), (1, 0)]
    assert seasons_in_force(cast.workplaces["routa"], on=TODAY) == []


def test_the_page_tells_numbers_at_the_same_cost(cast, signed_in):
    client = signed_in("hall")
    assert "No season pass is in force." in text(client.get("/en/season-passes/"))
    season(cast, cast.card(), hall(cast))
    client.get("/en/season-passes/")
    with CaptureQueriesContext(connection) as one:
        assert "1 season pass is in force" in text(client.get("/en/season-passes/"))
    for _ in range(2):
        season(cast, cast.card(), hall(cast))
    with CaptureQueriesContext(connection) as three:
        assert "3 season passes are in force" in text(client.get("/en/season-passes/"))
    assert len(one) == len(three)
