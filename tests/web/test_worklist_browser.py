"""The worklist in a browser: in Finnish with the keyboard alone, and as a screen reader meets it."""

import re

import pytest

from tests.web.test_worklist import SERIALS, drawn

pytestmark = pytest.mark.database(transaction=True)
__all__ = ["drawn"]


@pytest.fixture
def list_page(cast, signed_in, open_page):
    def come_to(language="fi", path="worklist/", **how):
        session = signed_in("office").cookies["sessionid"].value
        return open_page(f"/{language}/{path}", session=session, **how)

    return come_to


def press_until(page, name, key="Tab"):
    """Tab until what has focus is called so."""
    for _ in range(40):
        page.keyboard.press(key)
        focused = page.evaluate("(document.activeElement.textContent || '').trim()")
        if focused == name:
            return
    raise AssertionError(f"{name} was not reached")


def test_from_the_menu_to_the_copied_serials_by_keyboard_in_finnish(list_page, drawn):
    drawn(6, 5)
    page = list_page(path="cards/", permissions=["clipboard-read", "clipboard-write"])
    page.keyboard.press("Shift+Tab")
    page.evaluate("document.activeElement.blur()")
    press_until(page, "Muistutukset")
    page.keyboard.press("Enter")
    page.wait_for_url("**/worklist/")
    press_until(page, "Tulosta luettelo (PDF)")
    press_until(page, "Kopioi sarjanumerot")
    page.keyboard.press("Enter")
    press_until(page, "Kopioi")
    page.keyboard.press("Enter")
    page.locator("[role=status]", has_text="Kopioitu").first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()").split() == sorted(SERIALS)


def test_a_screen_reader_meets_headings_tables_and_rows_in_order(list_page, drawn):
    """Names, roles and order of the accessibility tree."""
    drawn(5, 5)
    tree = list_page().locator("main").aria_snapshot()
    lines = [line.strip(" -'") for line in tree.splitlines()]
    wanted = [
        'heading "Muistutettavat kortit" [level=1]',
        'link "Tulosta luettelo (PDF)"',
        'region "Käyttämättä"',
        'heading "Käyttämättä" [level=2]',
        'region "Käyttämättä: 5 korttia"',
        'table "Käyttämättä: 5 korttia"',
        'columnheader "Sarjanumero"',
        'columnheader "Miksi se on tässä"',
        'rowheader "1234 5678"',
        'heading "Sano asiakkaalle" [level=3]',
        'region "Päättymässä tai päättynyt"',
        'table "Päättymässä tai päättynyt: 5 korttia"',
    ]
    places = []
    for one in wanted:
        found = [place for place, line in enumerate(lines) if re.sub("\N{NO-BREAK SPACE}", " ", line).startswith(one)]
        assert found, (one, tree)
        places.append(found[0])
    assert places == sorted(places)


@pytest.mark.parametrize(("language", "width", "dark"), [("fi", 1280, False), ("sv", 320, True), ("en", 320, False)])
def test_the_list_is_accessible_full_and_empty(cast, list_page, drawn, axe, language, width, dark):
    page = list_page(language, width=width, dark=dark)
    for unused in (None, 0, 6):
        if unused is not None:
            drawn(unused)
            page.reload()
        for fold in page.locator("details summary").all():
            fold.click()
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
