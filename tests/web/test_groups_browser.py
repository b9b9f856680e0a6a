"""A group planned with a scanner and let in at the door, in a browser; narrow, in three languages, judged by axe."""

from datetime import timedelta

import pytest

from kaikukortti.models import PlannedGroup, Record

pytestmark = pytest.mark.database(transaction=True)


@pytest.fixture
def come(cast, signed_in, open_page):
    """`come("office", "fi", "groups/")` opens a page for that workplace's person."""

    def open_for(name, language, path, **how):
        session = signed_in(name).cookies["sessionid"].value
        return open_page(f"/{language}/{path}", session=session, **how)

    return open_for


def wide(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_a_group_is_read_in_with_a_scanner(cast, come, axe):
    offering = cast.offering(cap=20)
    page = come("office", "en", f"groups/new/?on={offering.first_day.isoformat()}&name=")
    page.get_by_role("link", name="An evening of contemporary dance").click()
    for code in (cast.card(), cast.card()):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Look at the cards").last.click()
    page.get_by_text("Everybody can come.").wait_for()
    axe(page)
    page.get_by_role("button", name="Keep the places").click()
    page.get_by_text("2 places are kept under this number.").wait_for()
    axe(page)

    door = come("routa", "en", "till/groups/")
    axe(door)
    door.get_by_role("button", name="Let the group in").click()
    door.get_by_text("Let in at").wait_for()
    assert Record.objects.count() == 2


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_group_pages_fit_a_narrow_screen(cast, come, axe, language):
    offering = cast.offering(first_day=cast.now.date() + timedelta(days=3), cap=4)
    community = cast.community_card()
    path = f"groups/new/{offering.pk}/{offering.first_day.isoformat()}/"
    page = come("office", language, path, width=320)
    page.fill("#id_card-0-code", "7KM9QX2TR8")
    page.fill("#id_community_code", community)
    page.fill("#id_clients", "9")
    page.locator("button[name=keep]").click()
    page.get_by_role("status").wait_for()
    assert wide(page) <= 0
    axe(page)
    page.fill("#id_card-0-code", "")
    page.fill("#id_clients", "2")
    page.fill("#id_workers", "1")
    page.locator("button[name=keep]").click()
    page.locator(".group-number").wait_for()
    assert wide(page) <= 0
    axe(page)
    for where in ("groups/", f"groups/new/?on={offering.first_day.isoformat()}&name="):
        page.goto(f"/{language}/{where}")
        assert wide(page) <= 0, where
    PlannedGroup.objects.update(day=cast.now.date())
    door = come("routa", language, "till/groups/", width=320)
    assert wide(door) <= 0
    axe(door)
