"""Paper lists in a browser: by keyboard, by scanner, without a script, narrow, and as axe sees them."""

import pytest

from kaikukortti.actions.sheets import make_sheet
from kaikukortti.models import Record
from kaikukortti.rules.codes import shown
from kaikukortti.terms.kinds import Source

pytestmark = pytest.mark.database(transaction=True)


@pytest.fixture
def venue(signed_in, open_page):
    def come_to(path, language="fi", **how):
        return open_page(f"/{language}/{path}", session=signed_in("routa").cookies["sessionid"].value, **how)

    return come_to


@pytest.fixture
def sheet(cast):
    event = cast.offering(cap=20)
    return make_sheet(event, day=event.first_day, rows=20, by=cast.ville, now=cast.now)


def focused(page):
    return page.evaluate("document.activeElement.name")


def no_wider_than_its_screen(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_evening_is_typed_in_by_keyboard(cast, venue, sheet, axe):
    """The number is scanned; a code, a time, two children; the next row; a code that was written down wrong."""
    codes = [cast.card() for _n in range(3)]
    page = venue("paper/")
    page.focus("#number")
    page.keyboard.type(sheet.number)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-keys]:not([hidden])")  # the script is there
    assert focused(page) == "code-1"
    page.keyboard.type(shown(codes[0]).lower())
    page.keyboard.press("Enter")
    page.keyboard.type("1840")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("2")
    assert focused(page) == "children-1"
    for _n in range(4):
        page.keyboard.press("Enter")
    assert focused(page) == "code-2"
    page.keyboard.type(codes[1])
    page.keyboard.press("ArrowDown")
    assert focused(page) == "code-3"
    wrong = codes[2][:3] + ("A" if codes[2][3] != "A" else "B") + codes[2][4:]
    page.keyboard.type(wrong)
    page.keyboard.press("Tab")
    page.get_by_text("Vertaa tätä koodia listaan.").wait_for()
    assert page.get_attribute("[name=code-3]", "aria-invalid") == "true"
    axe(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#sum-up")
    page.wait_for_selector("[data-keys]:not([hidden])")
    assert Record.objects.filter(source=Source.PAPER).count() == 2
    assert page.input_value("[name=code-3]") == wrong
    axe(page)
    page.fill("[name=code-3]", codes[2])
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#sum-up", state="detached")
    assert Record.objects.filter(source=Source.PAPER, holder=1).count() == 3
    assert page.locator(".sheet-grid tr.in").count() == 3
    assert focused(page) == "code-4"


def test_everything_works_without_a_script(cast, venue, sheet):
    code = cast.card()
    page = venue(f"paper/{sheet.number}/", java_script_enabled=False)
    page.fill("[name=code-1]", code)
    page.click(".sheet-form button[type=submit]")
    page.wait_for_selector(".sheet-grid tr.in")
    page.goto("/fi/paper/list/")
    page.select_option("#id_offering", str(sheet.offering.pk))
    page.fill("#id_text", f"Koodi;Lapsia\n{cast.card()};1\n;3\n")
    page.click("main button[type=submit]")
    page.click("button[value=record]")
    page.get_by_role("heading", name="2 riviä on kirjattu").wait_for()
    page.goto(f"/fi/day/move/?day=2026-11-24&place={sheet.offering.pk}")
    assert page.locator(".move-rows input[type=checkbox]").count() == 3
    assert Record.objects.count() == 3


@pytest.mark.parametrize(("width", "dark", "language"), [(1280, False, "sv"), (320, False, "fi"), (320, True, "en")])
def test_every_page_is_accessible_and_fits_its_screen(cast, venue, sheet, axe, width, dark, language):
    code = cast.card()
    cast.use(code, offering=sheet.offering)
    cast.offering(name_en="Large stage")
    page = venue("paper/", language, width=width, dark=dark)

    def well():
        axe(page)
        assert no_wider_than_its_screen(page), page.url

    well()
    page.goto(f"/{language}/paper/{sheet.number}/")
    page.fill("[name=code-1]", code)
    page.fill("[name=code-2]", "7KM-9QX-2TR8")
    page.fill("[name=code-4]", "?")
    page.click(".sheet-form button[type=submit]")
    page.wait_for_selector("#sum-up")
    well()
    page.goto(f"/{language}/paper/list/")
    page.select_option("#id_offering", str(sheet.offering.pk))
    page.fill("#id_text", "Nimi;Kaikukortti\nMaija Mehiläinen;K-1")
    page.click("main button[type=submit]")
    page.wait_for_selector(".field-error")
    assert page.input_value("#id_text") == ""
    well()
    page.fill(
        "#id_text",
        f"Koodi;Klo;Lapsia;Aikuisia;Paikka\n{cast.card()};18.50;1;;5\n;;9;17;\n7KM9QX2TR8;;;;\nK-4;;;;\n?;x;;;",
    )
    page.click("main button[type=submit]")
    page.wait_for_selector(".list-numbers")
    well()
    page.click("button[value=record]")
    page.wait_for_selector(".done")
    well()
    for path in ("day/settle/", "day/move/?day=2026-11-24", f"day/move/?day=2026-11-24&place={sheet.offering.pk}"):
        page.goto(f"/{language}/{path}")
        well()


def test_a_file_is_dropped_on_the_form(cast, venue, sheet):
    page = venue("paper/list/")
    page.evaluate(
        """([text]) => {
          const carried = new DataTransfer();
          carried.items.add(new File([text], "lista.csv", { type: "text/csv" }));
          const drop = new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true });
          document.querySelector("[data-drop]").dispatchEvent(drop);
        }""",
        [f"Koodi;Lapsia\n{cast.card()};2\n"],
    )
    page.select_option("#id_offering", str(sheet.offering.pk))
    page.click("main button[type=submit]")
    page.click("button[value=record]")
    page.wait_for_selector(".done")
    assert Record.objects.values_list("holder", "children").get() == (1, 2)
