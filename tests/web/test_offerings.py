"""A venue's offerings in the browser: enter, edit, copy, publish, cancel."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kaikukortti.models import Offering, Record
from kaikukortti.terms.kinds import OfferingKind
from tests.cast import NOW, TODAY
from tests.web.pages import text

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("evening")]

LIST = "/en/offerings/"
EVENT = {"name_fi": "Ilta", "first_day": "2026-12-01", "starts": "19.00", "sector": "culture"}


@pytest.fixture
def ville(cast, signed_in):
    return signed_in("routa")


def test_an_event_is_entered_and_published_at_once(cast, ville):
    page = ville.get(LIST + "new/event/")
    assert "A new event" in text(page)
    sent = EVENT | {
        "name_sv": "Kväll",
        "price_cents": "12,50",
        "cap": "20",
        "children_welcome": "on",
        "accessibility": ["step-free", "hearing-loop"],
        "municipality": "290",
        "publish": "1",
    }
    page = ville.post(LIST + "new/event/", sent, follow=True)
    assert "Published: Ilta, Tue 1 December." in text(page)
    made = Offering.objects.get()
    assert (made.price_cents, made.cap, made.municipality_id) == (1250, 20, "290")
    assert (made.accessibility, made.children_welcome, made.sold_by_agents) == (
        ["step-free", "hearing-loop"],
        True,
        False,
    )
    assert str(made.starts_at) == "2026-12-01 17:00:00+00:00"
    assert made.last_day == made.first_day


def test_open_admission_has_weekdays_and_a_course_community_cards(cast, ville):
    days = {"name_fi": "Näyttely", "first_day": "2026-12-01", "last_day": "24.12.2026", "sector": "culture"}
    ville.post(LIST + "new/open/", days | {"weekdays": ["0", "6"]})
    ville.post(LIST + "new/course/", days | {"community_welcome": "on", "sector": "education"})
    course, opened = Offering.objects.order_by("kind")
    assert (opened.weekdays, opened.starts_at, opened.published_at) == (0b1000001, None, None)
    assert (course.kind, course.community_welcome, str(course.last_day)) == ("course", True, "2026-12-24")
    assert "community" not in text(ville.get(LIST + "new/event/")).lower()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name_fi": ""}, "Give the name in one language at least."),
        ({"first_day": "soon"}, "Write the day like this: 24.11.2026."),
        ({"starts": "evening"}, "Write the time like this: 19:00."),
        ({"price_cents": "-1"}, "Write the price like this: 12.50."),
        ({"price_cents": "1e3"}, "Write the price like this: 12.50."),
        ({"price_cents": "NaN"}, "Write the price like this: 12.50."),
        ({"price_cents": "12.505"}, "Write the price like this: 12.50."),
        ({"cap": "many"}, "Write a whole number."),
        ({"external_id": "taken"}, "Another offering of yours has this number."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_written_stays(cast, ville, change, sentence):
    cast.offering(external_id="taken")
    page = ville.post(LIST + "new/event/", EVENT | {"place": "Iso sali"} | change)
    assert page.status_code == 422
    assert sentence in text(page)
    assert "Fix one thing" in text(page)
    assert "Iso sali" in page.content.decode()
    assert Offering.objects.count() == 1


def test_an_offering_is_edited_and_shows_what_it_says(cast, ville):
    event = cast.offering(price_cents=1250)
    address = f"{LIST}{event.pk}/"
    assert 'value="12.50"' in ville.get(address).content.decode()
    assert 'value="12,50"' in ville.get(address.replace("/en/", "/fi/")).content.decode()
    cast.use(cast.card(), offering=event)
    page = ville.post(address, EVENT)
    assert "There are records already, so the first day stays." in text(page)
    page = ville.post(address, EVENT | {"first_day": TODAY.isoformat(), "name_fi": "Uusi nimi"}, follow=True)
    assert "Saved." in text(page)
    assert Offering.objects.get().name_fi == "Uusi nimi"


def test_a_copy_is_a_draft_that_is_published_by_a_press(cast, ville):
    event = cast.offering()
    page = ville.get(f"{LIST}{event.pk}/copy/")
    assert 'value="2026-12-01"' in page.content.decode()
    page = ville.post(f"{LIST}{event.pk}/copy/", {"first_day": "2026-12-05", "starts": "15:00"}, follow=True)
    assert "Copied as a draft." in text(page)
    copied = Offering.objects.get(first_day="2026-12-05")
    assert copied.published_at is None
    ville.post(f"{LIST}{copied.pk}/publish/")
    copied.refresh_from_db()
    assert copied.published_at == NOW
    assert ville.post(f"{LIST}{event.pk}/copy/", {"first_day": ""}).status_code == 422


def test_cancelling_says_first_how_many_records_it_reverses(cast, ville):
    event = cast.offering()
    for _ in range(2):
        cast.use(cast.card(), offering=event)
    assert "2 records are reversed" in text(ville.get(f"{LIST}{event.pk}/cancel/"))
    assert Record.objects.standing().count() == 2
    page = ville.post(f"{LIST}{event.pk}/cancel/", follow=True)
    assert "Cancelled. 2 records were reversed." in text(page)
    assert not Record.objects.standing().exists()
    page = ville.get(f"{LIST}{event.pk}/")
    assert "Save" not in text(page)


def test_what_has_been_open_is_not_cancelled_and_says_why(cast, ville):
    hall = cast.offering("routa", OfferingKind.OPEN, first_day=TODAY - timedelta(days=5))
    cast.use(cast.card(issued=NOW - timedelta(days=9)), offering=hall, day=TODAY - timedelta(days=1), happened=True)
    page = ville.post(f"{LIST}{hall.pk}/cancel/")
    assert page.status_code == 422
    assert "Choose an earlier last day" in text(page)


def test_another_venues_offering_is_not_there(cast, ville, signed_in):
    hall = cast.offering("hall", OfferingKind.OPEN)
    for step in ("", "copy/", "cancel/"):
        assert ville.get(f"{LIST}{hall.pk}/{step}").status_code == 404
    assert ville.post(f"{LIST}{hall.pk}/publish/").status_code == 404
    assert ville.get(LIST + "new/concert/").status_code == 404
    assert signed_in("luukku").get(LIST).status_code == 403


def test_the_list_asks_the_same_for_one_and_for_many(cast, ville):
    def asked():
        with CaptureQueriesContext(connection) as captured:
            assert ville.get(LIST).status_code == 200
        return len(captured)

    cast.offering()
    ville.get(LIST)
    one = asked()
    for _ in range(4):
        cast.offering(cap=3)
    assert asked() == one <= 6
    assert "0 of 3 places given" in text(ville.get(LIST))
    cast.offering(first_day=TODAY - timedelta(days=1), name_en="Yesterday's")
    assert "Yesterday's" not in text(ville.get(LIST))
    assert "Yesterday's" in text(ville.get(LIST + "?when=past"))


def test_a_long_list_is_paged(cast, ville):
    for _ in range(26):
        cast.offering()
    page = ville.get(LIST)
    assert "Page 1 of 2" in text(page)
    assert len(page.content) <= 60_000
    assert len(ville.get(LIST + "new/event/").content) <= 60_000
