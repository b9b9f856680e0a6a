"""August morning: a queue at the desk and on the phone, ten codes and courses by keyboard alone; and the pages of a
course office on every width, with and without a script."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from kaikukortti.models import Offering, Record
from kaikukortti.rules.courses import short_reference
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import OfferingKind, RecordKind
from kaikukortti.terms.policies import Policy

pytestmark = pytest.mark.database(transaction=True)

AUGUST = datetime(2026, 8, 17, 9, 0, tzinfo=HELSINKI)
LIST = """Kurssinumero;Nimi;Alkaa;Päättyy;Hinta;Paikat;Opettaja
110101;Englanti 1;7.9.2026;11.12.2026;45,00;5;Opettaja A
110102;Englanti 2;8.9.2026;11.12.2026;45,00;5;Opettaja B
220201;Keramiikka;14.9.2026;4.12.2026;20,00;2;Opettaja C
220202;Akvarelli;syksyllä;4.12.2026;20,00;;Opettaja D
330301;Venäjä, kevät;11.1.2027;30.4.2027;60,00;;Opettaja E
"""


@pytest.fixture(autouse=True)
def clock(monkeypatch, cast, evening):
    cast.at(AUGUST)
    monkeypatch.setattr(timezone, "now", lambda: cast.now)


@pytest.fixture
def office(cast, signed_in, open_page):
    """`office("courses/give/", "fi", …)` opens a page of Ville's, who runs a course office today."""
    cast.workplaces["routa"].sector = "education"
    cast.workplaces["routa"].save()
    cast.policy(Policy.COURSE_COVERED, 2500, region="kainuu")
    cast.policy(Policy.COURSES_PER_YEAR, 2, region="kainuu")

    def open_at(path, language="en", **how):
        session = signed_in("routa").cookies["sessionid"].value
        return open_page(f"/{language}/{path}", session=session, **how)

    return open_at


def courses(cast):
    for number, name, cap in (("110101", "Englanti 1", 5), ("110102", "Englanti 2", 5), ("220201", "Keramiikka", 2)):
        cast.offering(
            kind=OfferingKind.COURSE,
            external_id=number,
            name_fi=name,
            name_sv="",
            name_en="",
            first_day=date(2026, 9, 7),
            last_day=date(2026, 12, 11),
            price_cents=4500,
            cap=cap,
        )


def row(page, code, course):
    """A code and Enter, a course and Enter: focus is then on the next row."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.keyboard.type(course)
    page.keyboard.press("Enter")


def answers(page, number):
    """The words of the answered rows, once there are so many."""
    page.wait_for_function("n => document.querySelectorAll('.grid-row[data-say]').length >= n", arg=number)
    return page.locator(".grid-row[data-say] b").all_inner_texts()


def focused(page):
    return page.evaluate("document.activeElement.name")


def test_august_morning(cast, office, axe):
    # The list of the office comes in, one row is left to mend.
    page = office("courses/list/")
    page.focus("#text")
    page.evaluate("text => document.querySelector('#text').value = text", LIST)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('What changes')")
    assert "Row 5" in page.inner_text("main")
    assert "Columns left out: Opettaja" in page.inner_text("main")
    axe(page)
    page.locator("main form button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Brought in: 4 new courses")
    axe(page)
    # The queue.
    page.goto("/en/courses/give/")
    assert focused(page) == "code"
    codes = [cast.card() for _ in range(6)]
    ending = cast.card(issued=AUGUST - timedelta(days=300))
    queue = [
        (codes[0], "110101"),
        (codes[0], "220201"),
        (codes[0], "110102"),  # a third course of the year
        (codes[0], "330301"),  # begins next year
        (codes[1], "220201"),
        (codes[2], "keram"),  # full by now
        (ending, "110101"),
        (codes[3], "110101"),
        (codes[3], "110101"),  # the same again
        (codes[4], "110102"),
    ]
    for code, course in queue:
        row(page, code, course)
    said = answers(page, 10)
    assert said == [
        "Place given",
        "Place given",
        "The year's courses are used",
        "Place given",
        "Place given",
        "The course is full",
        "Place given",
        "Place given",
        "Place given before",
        "Place given",
    ]
    main = page.inner_text("main")
    assert "The card ends on 20 October 2026, before the course ends; the place stands." in main
    assert "The card covers 25.00\N{NO-BREAK SPACE}€. 20.00\N{NO-BREAK SPACE}€ is left to pay." in main
    assert "The card covers 20.00\N{NO-BREAK SPACE}€. Nothing is left to pay." in main
    assert Record.objects.count() == 7
    # No code of a place given is left on the page.
    html = page.content() + " ".join(page.evaluate("[...document.querySelectorAll('input')].map((one) => one.value)"))
    assert [code for code in (codes[1], codes[3], codes[4], ending) if code in html] == []
    assert focused(page) == "code"
    axe(page)
    # A mistake is undone where it was made, and the place is free for the one who found the course full.
    page.locator(".grid-row.given").nth(3).locator("button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".grid-row.undone")
    page.locator(".grid-row.stop input[name=course]").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.grid-row.given').length === 7")
    # The list of one course: tick, and print.
    place = Record.objects.filter(offering__external_id="110101").earliest("pk")
    page.goto(f"/en/courses/{place.offering_id}/")
    page.focus(f"#tick-{place.reference}")
    page.keyboard.press("Enter")
    page.wait_for_selector(".settled")
    assert short_reference(place.reference) in page.inner_text("table")
    axe(page)
    page.emulate_media(media="print")
    assert page.locator("td.tick form").first.is_hidden()
    assert page.locator("td.tick .settled").is_visible()


def test_courses_are_chosen_from_the_list_by_arrow_keys(cast, office):
    courses(cast)
    page = office("courses/give/")
    page.keyboard.type(cast.card())
    page.keyboard.press("Enter")
    page.keyboard.type("engl")
    page.wait_for_selector("[role=option] >> nth=1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("[role=option][aria-selected=true]").inner_text().startswith("110102 Englanti 2")
    page.keyboard.press("Enter")
    assert answers(page, 1) == ["Place given"]
    assert Record.objects.values_list("offering__external_id", flat=True).get() == "110102"


def test_a_scanner_that_bounces_and_a_lost_answer_give_one_place(cast, office):
    courses(cast)
    page = office("courses/give/")
    page.keyboard.type(cast.card())
    for _ in range(2):
        page.keyboard.press("Enter")
    page.keyboard.type("110101")
    sent = []

    def lose_the_answer(route):
        sent.append(route.request.method)
        route.fetch()
        route.abort()

    page.route("**/courses/give/", lose_the_answer)
    page.keyboard.press("Enter")
    page.wait_for_selector("#trouble:not([hidden])")
    assert (sent, Record.objects.count()) == (["POST"], 1)
    page.unroute("**/courses/give/")
    page.locator("input[name=course]").first.focus()
    page.keyboard.press("Enter")
    assert answers(page, 1) == ["Place given"]
    assert Record.objects.count() == 1


def test_a_community_card_is_asked_how_many_in_its_row(cast, office, axe):
    courses(cast)
    Offering.objects.filter(external_id="110101").update(community_welcome=True)
    page = office("courses/give/")
    row(page, cast.community_card(), "110101")
    page.wait_for_selector("input[name=clients]:focus")
    axe(page)
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    page.wait_for_selector(".grid-row.given")
    assert Record.objects.values_list("clients", "workers").get() == (3, 1)


@pytest.mark.parametrize("dark", [False, True])
def test_narrow_pages_are_whole_and_accessible(cast, office, axe, dark):
    courses(cast)
    where = Offering.objects.get(external_id="110101")
    cast.use(cast.card(), offering=where, kind=RecordKind.COURSE)
    page = office("courses/give/", "fi", width=320, dark=dark)
    row(page, cast.card(), "110101")
    page.wait_for_selector(".grid-row.given")
    paths = [None, "courses/", "courses/list/", f"courses/{where.pk}/", "season-passes/"]
    paths.append(f"courses/places/{Record.objects.earliest('pk').reference}/")
    for path in paths:
        if path:
            page.goto(f"/fi/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        axe(page)


def test_without_a_script_one_row_at_a_time(cast, office):
    courses(cast)
    page = office("courses/give/", java_script_enabled=False)
    for course in ("110101", "220201"):
        page.locator("input[name=code]").last.fill(cast.card())
        page.locator("input[name=course]").last.fill(course)
        page.locator("input[name=course]").last.press("Enter")
        page.wait_for_selector(".grid-row.given")
    assert Record.objects.count() == 2
