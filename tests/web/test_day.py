"""The day's records: how each stands in words, putting it right, and what counts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kaikukortti.actions.corrections import reverse_use, void_pending
from kaikukortti.models import Record
from kaikukortti.terms.kinds import ChangeKind
from kaikukortti.terms.policies import Policy
from tests.cast import NOW
from tests.web.pages import text

pytestmark = pytest.mark.database

DAY = "/en/day/"


@pytest.fixture(autouse=True)
def clock(monkeypatch, cast, evening):
    monkeypatch.setattr(timezone, "now", lambda: cast.now)


@pytest.fixture
def ville(signed_in):
    return signed_in("routa")


def address(record, step=""):
    return f"{DAY}{record.reference}/{step}"


def test_each_record_stands_there_in_words(cast, ville):
    event = cast.offering()
    cast.policy(Policy.PENDING_USE, True)
    cast.use(cast.card(), offering=event, children=2)
    cast.use(cast.card(minors=0), offering=event, children=1)
    cast.use(cast.blank())
    cast.use("7KM9QX2TR8", happened=True)
    page = text(ville.get(DAY))
    assert "5 records" not in page
    assert "4 records" in page
    assert "1 ticket and 2 children An evening of contemporary dance Recorded" in page
    assert "There are more children than the register says." in page
    assert "Waits for the card's registration until 1 December 2026." in page
    assert "The code could not be read. It counts when you say so." in page
    assert "1 record waits for your word" in page


def test_no_part_of_a_code_is_there(cast, ville):
    code = cast.card()
    cast.use(code)
    record = Record.objects.get()
    for page in (ville.get(DAY), ville.get(address(record))):
        body = page.content.decode()
        assert code not in body
        assert f"{code[:3]}-" not in body
        assert str(record.reference)[:8] in body


def test_an_empty_day_says_so_and_a_wrong_day_shows_today(cast, ville):
    assert "There are no records for this day yet." in text(ville.get(DAY + "?on=2026-11-01"))
    for wrong in ("yesterday", "1200-01-01", ""):
        page = ville.get(DAY, {"on": wrong})
        assert page.status_code == 200
        assert "Tue 24 November" in text(page)


def test_a_venue_sees_and_reverses_its_agents_rows_and_an_agent_its_own(cast, ville, signed_in):
    event = cast.offering()
    cast.use(cast.card(), offering=event, by=cast.luukku)
    cast.use(cast.card(), offering=event)
    assert "2 records" in text(ville.get(DAY))
    assert "Lippuluukku" in text(ville.get(DAY))
    luukku = signed_in("luukku")
    assert "1 record" in text(luukku.get(DAY))
    agents, own = Record.objects.order_by("pk")
    assert luukku.get(address(own)).status_code == 404
    assert luukku.post(address(own, "reverse/")).status_code == 404
    assert ville.post(address(agents, "reverse/")).url == "/en/day/?on=2026-11-24"
    assert agents.changes.get().kind == ChangeKind.REVERSED


def test_another_venue_sees_none_of_it(cast, signed_in):
    cast.use(cast.card())
    record = Record.objects.get()
    salla = signed_in("hall")
    assert "There are no records" in text(salla.get(DAY))
    for step in ("", "reverse/", "settle/"):
        assert salla.post(address(record, step), {"counts": "yes"}).status_code == 404


def test_within_a_day_no_reason_is_needed_and_after_it_one_is(cast, ville):
    cast.use(cast.card())
    cast.use(cast.card())
    first, second = Record.objects.order_by("pk")
    assert ville.post(address(first, "reverse/")).status_code == 302
    cast.at(NOW + timedelta(minutes=20))
    Record.objects.filter(pk=second.pk).update(entered_at=NOW - timedelta(hours=25))
    page = ville.post(address(second, "reverse/"))
    assert page.status_code == 422
    assert "Choose the reason." in text(page)
    assert not second.changes.exists()
    assert ville.post(address(second, "reverse/"), {"reason": "made-up"}).status_code == 422
    ville.post(address(second, "reverse/"), {"reason": "wrong-count"})
    assert second.changes.get().reason == "wrong-count"
    assert "Reversed 24 November 2026 at 19:15: wrong number" in text(ville.get(address(second)))


def test_after_thirty_days_the_coordinator_corrects(cast, ville):
    cast.use(cast.card())
    record = Record.objects.get()
    Record.objects.update(entered_at=NOW - timedelta(days=31))
    page = ville.get(address(record))
    assert "Ask the area's coordinator" in text(page)
    assert "Reverse the record" not in text(page)
    assert ville.post(address(record, "reverse/"), {"reason": "other"}).status_code == 422


def test_a_likely_duplicate_is_shown_with_its_pair_and_settled(cast, ville):
    event = cast.offering()
    code = cast.card()
    cast.use(code, offering=event, children=1)
    cast.use(code, offering=event, happened=True)
    first, double = Record.objects.order_by("pk")
    page = text(ville.get(DAY))
    assert "Likely a double: the ticket had been given already. It counts when you say so." in page
    assert "The other record is of 24 November 2026 at 18:55." in page
    assert str(first.reference) in ville.get(address(double)).content.decode()

    assert ville.post(address(double, "settle/"), {"counts": "maybe"}).url == address(double)
    assert ville.post(address(double, "settle/"), {"counts": "no", "back": "to-settle"}).url == "/en/day/settle/"
    assert "Nothing waits for your word." in text(ville.get("/en/day/settle/"))
    assert "Settled: it does not count." in text(ville.get(DAY))
    ville.post(address(double, "settle/"), {"counts": "yes"})  # they may say otherwise later
    assert "Settled: it counts." in text(ville.get(DAY))
    assert Record.objects.counting().count() == 2


def test_an_agent_is_not_told_of_the_record_that_the_venue_made(cast, signed_in):
    """Its own double is to settle; the other record of the pair is the venue's (who sees what)."""
    event, code = cast.offering(), cast.card()
    cast.use(code, offering=event, children=2)
    cast.use(code, offering=event, happened=True, by=cast.luukku)
    own = Record.objects.get(recorder=cast.workplaces["luukku"])
    luukku = signed_in("luukku")
    for page in (luukku.get(address(own)), luukku.get(DAY), luukku.get(f"{DAY}settle/")):
        assert "The other record" not in text(page)
        assert str(Record.objects.exclude(pk=own.pk).get().reference) not in page.content.decode()


def test_what_is_no_duplicate_is_not_settled(cast, ville):
    cast.use(cast.card())
    record = Record.objects.get()
    assert "Does it count?" not in text(ville.get(address(record)))
    ville.post(address(record, "settle/"), {"counts": "no"})
    assert not record.changes.exists()


def test_void_and_registered_records_say_so(cast, ville):
    cast.policy(Policy.PENDING_USE, True)
    cast.use(cast.blank())
    Record.objects.update(entered_at=NOW - timedelta(days=8))
    void_pending(now=NOW)
    assert "Void: the card was not registered in time." in text(ville.get(DAY))
    assert "Reverse the record" not in text(ville.get(address(Record.objects.get())))


def test_a_list_of_many_asks_no_more_than_a_list_of_one(cast, ville):
    event = cast.offering()

    def asked():
        with CaptureQueriesContext(connection) as captured:
            assert ville.get(DAY).status_code == 200
        return len(captured)

    def double():
        code = cast.card()
        cast.use(code, offering=event)
        cast.use(code, offering=event, happened=True)

    double()
    ville.get(DAY)
    one = asked()
    for _ in range(3):
        double()
    reverse_use(Record.objects.earliest("pk"), by=cast.ville, now=NOW)
    assert asked() == one <= 9


def test_a_long_day_is_paged(cast, ville):
    event = cast.offering()
    cast.use("7KM9QX2TR8", offering=event, happened=True)
    one = Record.objects.get()
    facts = {field.attname: getattr(one, field.attname) for field in Record._meta.fields}
    own = {"id": None, "transaction": 0}
    Record.objects.bulk_create(Record(**facts | own | {"client_id": uuid4(), "reference": uuid4()}) for _ in range(50))
    page = ville.get(DAY)
    assert "Page 1 of 2" in text(page)
    assert "Page 2 of 2" in text(ville.get(DAY + "?on=2026-11-24&page=2"))
    assert len(page.content) <= 60_000
    assert len(ville.get("/en/day/settle/").content) <= 60_000
