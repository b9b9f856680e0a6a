"""What's on near me: a week in a municipality, for anybody, with nothing remembered; and its slip on paper."""

from datetime import timedelta

import pytest
from django.test import Client

from kaikukortti.models import Municipality, NetworkVersion, OpenDay, Province, RegionMembership
from kaikukortti.terms.kinds import OfferingKind
from tests.cast import LONG_AGO, NOW
from tests.web.pages import asked, text

pytestmark = pytest.mark.database


@pytest.fixture
def browser(cast, evening):
    return Client()


def week(browser, municipality="205", language="en", **wish):
    return browser.get(f"/{language}/near/", {"municipality": municipality, **wish})


def show(browser, **wish):
    return text(week(browser, **wish))


def test_nobody_is_asked_anything_and_nothing_is_remembered(browser):
    page = browser.get("/en/near/")
    assert "Choose a municipality" in text(page)
    assert not page.cookies
    assert not week(browser).cookies
    assert "<script" not in page.content.decode()


def test_municipalities_where_the_card_is_valid_can_be_chosen(browser):
    page = browser.get("/sv/near/").content.decode()
    assert all(name in page for name in ("Kajana", "Kuhmo", "Esbo", "Nyslott"))
    assert "Kemi" not in page  # still preparing
    assert "Choose a municipality" in text(week(browser, municipality="240"))
    assert "Choose a municipality" in text(week(browser, municipality="<b>"))


def test_a_week_in_kajaani(cast, browser):
    how = {"how_fi": "Soita.", "how_en": "Call to book.", "place": "The old mill"}
    cast.offering(price_cents=1850, cap=30, accessibility=["step-free"], **how)
    said = show(browser)
    for told in (
        "Kajaani, Tue 24 November – Mon 30 November",
        "19:00 An evening of contemporary dance Routa Company, The old mill, Kajaani",
        "Call to book.",
        "Places left",
        "Children welcome",
        "Step-free entrance",
        "18.50 € without the card",
    ):
        assert told in said
    assert "18,50 € utan kortet" in text(week(browser, language="sv"))


@pytest.mark.parametrize(
    ("taken", "words"), [(0, "Places left"), (25, "A few places left"), (30, "All Kaiku Card places have been given.")]
)
def test_places_are_told_without_a_number(cast, browser, taken, words):
    cast.offering(cap=30, taken=taken)
    assert words in show(browser)


def test_open_admission_counts_the_next_open_days_places(cast, browser):
    hall = cast.offering("hall", OfferingKind.OPEN, name_en="Swimming hall", cap=10)
    OpenDay.objects.create(offering=hall, day=cast.now.date() - timedelta(days=1), taken=10)
    assert "Places left" in show(browser)
    OpenDay.objects.create(offering=hall, day=cast.now.date(), taken=10)
    said = show(browser)
    assert "Open day after day Every day" in said
    assert "All Kaiku Card places have been given." in said


@pytest.mark.parametrize(
    "fields",
    [
        {"published_at": None},
        {"cancelled_at": NOW},
        {"starts_at": NOW - timedelta(hours=2)},
        {"first_day": NOW.date() + timedelta(days=7)},
        {"published_at": NOW + timedelta(hours=1)},
    ],
    ids=["not published", "cancelled", "begun", "next week", "published later"],
)
def test_what_cannot_be_gone_to_is_not_shown(cast, browser, fields):
    cast.offering(**fields)
    assert "An evening" not in show(browser)


def test_wishes_narrow_the_week(cast, browser):
    cast.offering(name_en="For all", accessibility=["step-free"])
    cast.offering(name_en="For adults", children_welcome=False)
    assert "For adults" in show(browser)
    assert "For adults" not in show(browser, children="1")
    assert "For adults" not in show(browser, accessible="1")
    assert "For all" in show(browser, children="1", accessible="1")


def test_where_nothing_is_on_the_places_around_stand_in(cast, browser):
    cast.offering("hall", name_en="Water evening")
    said = show(browser, municipality="290")  # Kuhmo, of the same area
    assert "Nothing is marked here this week. This is on close by: Tue 24 November" in said
    assert "Water evening" in said
    assert "Water evening" not in show(browser, municipality="205", accessible="1")


def test_a_neighbouring_area_is_found_by_province_and_wellbeing_area(cast, browser):
    cast.offering("tapiola", name_en="Symphony")
    assert "Symphony" in show(browser, municipality="205")  # one province in the cast
    elsewhere = Province.objects.create(code="01", name_fi="Uusimaa", name_sv="Nyland", name_en="Uusimaa")
    Municipality.objects.filter(code="049").update(province=elsewhere)
    assert "Nothing is marked here or close by this week." in show(browser, municipality="205")


def test_an_offering_elsewhere_than_its_venue_is_on_where_it_is(cast, browser):
    cast.offering(municipality_id="290", name_en="On tour")
    assert "Kuhmo" in show(browser, municipality="290")
    assert "This is on close by" not in show(browser, municipality="290")


def test_the_page_asks_the_database_the_same_number_of_questions(cast, browser):
    RegionMembership.objects.create(municipality_id="091", since=LONG_AGO, region=cast.regions["espoo"], entered_at=NOW)
    NetworkVersion.bump()
    counts = []
    for number in (1, 3):
        for _ in range(number):
            cast.offering(cap=5)
            cast.offering("hall", OfferingKind.OPEN, cap=5)
        week(browser)
        counts.append(asked(week, browser))
    assert counts[0] == counts[1] <= 6


def test_a_full_week_stays_small(cast, browser):
    for number in range(60):
        cast.offering(
            name_en=f"Evening {number}", how_fi="Soita. " * 20, how_en="Call. " * 20, accessibility=["toilet"]
        )
    page = week(browser)
    assert "There is more than fits here" in text(page)
    assert len(page.content) < 60_000


# --- the slip -----------------------------------------------------------------------------------------------------


def test_the_slip_is_the_workplaces_own_municipality_or_the_one_asked_for(cast, signed_in):
    cast.offering(name_fi="Tanssi-ilta")
    aino = signed_in("office")
    slip = aino.get("/fi/near/slip/")
    assert slip["Content-Type"] == "application/pdf"
    assert slip["Content-Disposition"] == 'inline; filename="kaikukortti-kajaani-2026-11-24.pdf"'
    assert slip.content.startswith(b"%PDF")
    assert "esbo" in aino.get("/sv/near/slip/?municipality=049")["Content-Disposition"]
    assert aino.get("/fi/near/slip/?municipality=240").status_code == 302
    assert Client().get("/fi/near/slip/").status_code == 302
