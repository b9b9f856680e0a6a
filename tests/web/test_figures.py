"""The pages of the figures: what everyone sees, what one's own workplace sees, and closing a year on a page."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from openpyxl import load_workbook

from kaikukortti.actions.closes import close_year
from kaikukortti.figures.yearly import COLUMNS, YearRow
from kaikukortti.models import Record, YearClose
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import Sector, Source
from kaikukortti.web.figure_files import plain
from kaikukortti.web.figure_sentences import say_change, say_part, say_years
from tests.cast import NOW
from tests.figures.published import YEARS, ledger_row

pytestmark = pytest.mark.database


@pytest.fixture
def years(cast):
    """2024 and 2025 closed, 2026 going on."""
    venue = cast.workplaces["routa"]
    Record.objects.bulk_create(
        [
            ledger_row(venue, date(2024, 5, 1), holder=80),
            ledger_row(venue, date(2025, 5, 1), holder=60, sector=Sector.SPORT),
            ledger_row(venue, date(2025, 5, 1), holder=30, children=10, assistants=2),
            ledger_row(venue, date(2026, 5, 1), holder=7),
            ledger_row(venue, date(2026, 11, 20), holder=3),
        ]
    )
    for year in (2024, 2025):
        close_year(year, by=cast.nelli, now=datetime(2026, 1, 15, 12, tzinfo=HELSINKI))
    return cast


def published_row(year: int) -> YearRow:
    cards, adults, children, municipalities = YEARS[year]
    numbers: dict[str, Any] = dict(zip([f"adult_{sector}" for sector in Sector.values], adults, strict=True))
    numbers |= dict(zip([f"child_{sector}" for sector in Sector.values], children, strict=True))
    return YearRow(year=year, as_of=NOW, municipalities=municipalities, cards_registered=cards[0], **numbers)


# --- the sentence ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "fi",
            "Vuonna 2023 Kaikukortilla haettiin 51\xa0188 lippua tai kurssipaikkaa, noin neljänneksen enemmän kuin "
            "vuonna 2022, ja yli puolet niistä käytettiin liikuntaan.",
        ),
        (
            "sv",
            "År 2023 gav Kaikukortet 51\xa0188 biljetter och kursplatser, omkring en fjärdedel fler än år 2022; över "
            "hälften av dem gällde idrott.",
        ),
        (
            "en",
            "In 2023 the Kaiku Card gave 51,188 tickets and course places, about a quarter more than in 2022; over "
            "half of them were for sport.",
        ),
    ],
)
def test_the_sentence_says_what_the_chart_shows(language, sentence):
    with translation.override(language):
        assert say_years([published_row(year) for year in YEARS]) == sentence


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (1000, 1000, "about as many as in 2022"),
        (1020, 1000, "about as many as in 2022"),
        (1050, 1000, "5 per cent more than in 2022"),
        (1100, 1000, "about a tenth more than in 2022"),
        (1500, 1000, "about half as many again as in 2022"),
        (2000, 1000, "about twice as many as in 2022"),
        (2600, 1000, "more than twice as many as in 2022"),
        (9000, 1000, "more than twice as many as in 2022"),
        (500, 1000, "about half as many as in 2022"),
        (850, 1000, "15 per cent fewer than in 2022"),
        (1, 1000, "100 per cent fewer than in 2022"),
    ],
)
def test_a_change_is_said_as_people_say_it(now, before, words):
    with translation.override("en"):
        assert say_change(now, before, year=2022) == words


def test_one_ticket_is_said_in_the_singular():
    row = YearRow(year=2015, adult_culture=1, as_of=NOW)
    with translation.override("fi"):
        assert say_years([row]) == (
            "Vuonna 2015 Kaikukortilla haettiin 1 lippu tai kurssipaikka, ja kaikki niistä käytettiin kulttuuriin."
        )


def test_a_year_that_goes_on_says_up_to_when():
    row = YearRow(year=2026, adult_sport=3, adult_culture=2, adult_science=2, as_of=NOW)
    with translation.override("en"):
        assert say_years([row]) == (
            "By 24\xa0November\xa02026 the Kaiku Card had given 7 tickets and course places in 2026; "
            "the largest share of them were for sport."
        )


def test_two_thirds_and_half_are_told_apart():
    with translation.override("en"):
        assert say_part(YearRow(year=2015, adult_sport=7, child_culture=3, as_of=NOW)).startswith("over two thirds")
        assert say_part(YearRow(year=2015, adult_sport=6, child_culture=4, as_of=NOW)).startswith("over half")
        assert say_part(YearRow(year=2015, adult_sport=5, child_culture=5, as_of=NOW)).startswith("the largest")


# --- the yearly page ---------------------------------------------------------------------------------------------


def test_everyone_sees_closed_years_and_the_rest_up_to_the_last_full_month(years, evening):
    page = Client().get("/en/figures/").content.decode()
    assert "In 2025 the Kaiku Card gave 100 tickets and course places, about a quarter more than in 2024" in page
    assert "closed 15\xa0January\xa02026, revision 1" in page
    assert "still going on, up to 31\xa0October\xa02026" in page
    assert "as of 31\xa0October\xa02026" in page
    assert "2024–2025: revision 1" in page
    assert page.index('<th scope="row">2026</th>') < page.index('<th scope="row">2024</th>')
    assert "viewBox" not in page[page.index('<div class="chart') : page.index("<table")]


def test_the_national_service_sees_the_register_as_it_stands_and_what_others_see(years, signed_in):
    nelli = signed_in("national")
    live = nelli.get("/en/figures/yearly.json").json()
    others = nelli.get("/en/figures/yearly.json?published").json()
    assert [row["uses_total"] for row in live] == [80, 100, 10]
    assert [row["uses_total"] for row in others] == [80, 100, 7]
    assert "as it stands now; closed as revision 1" in nelli.get("/en/figures/").content.decode()
    assert "This is what others see" in nelli.get("/en/figures/?published").content.decode()


@pytest.mark.parametrize("file", ["", "yearly.csv", "yearly.json", "yearly.xlsx"])
def test_the_live_table_stays_in_no_browser(years, signed_in, client, file):
    assert "no-store" in signed_in("national").get(f"/en/figures/{file}").headers["Cache-Control"]
    assert "Cache-Control" not in client.get(f"/en/figures/{file}").headers


@pytest.mark.parametrize("name", ["kainuu", "office", "routa", "luukku", "analyst"])
def test_other_roles_see_what_everyone_sees(years, signed_in, name):
    assert signed_in(name).get("/en/figures/yearly.json").json() == Client().get("/en/figures/yearly.json").json()


def test_a_session_left_alone_sees_what_everyone_sees(years, signed_in, monkeypatch):
    nelli = signed_in("national")
    nelli.get("/en/figures/")
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=31))
    assert [row["uses_total"] for row in nelli.get("/en/figures/yearly.json").json()] == [80, 100, 7]


def test_the_files_hold_the_same_numbers(years, evening):
    objects = json.loads(Client().get("/sv/figures/yearly.json").content)
    answer = Client().get("/fi/figures/yearly.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="kaikukortti-2026-10-31.csv"'
    assert not answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [{column: int(cell) for column, cell in line.items()} for line in lines] == objects
    assert tuple(objects[0]) == COLUMNS
    book = load_workbook(io.BytesIO(Client().get("/en/figures/yearly.xlsx").content))
    sheet = book.worksheets[0]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[: len(COLUMNS)] for row in cells] == [list(one.values()) for one in objects]
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row} == {"n"}
    assert book.worksheets[1]["A1"].value == "Kaiku Card, yearly national table, as of 31\xa0October\xa02026."


def test_revisions_are_never_silent(years, evening):
    Record.objects.bulk_create([ledger_row(years.workplaces["routa"], date(2025, 6, 1), holder=5)])
    close_year(2025, by=years.nelli, now=NOW, note="A hall <was> late.")
    page = Client().get("/fi/figures/").content.decode()
    assert "2024: tarkistus 1; 2025: tarkistus 2" in page
    assert "A hall &lt;was&gt; late." in page


def test_an_empty_register_says_so(cast, evening):
    page = Client().get("/en/figures/").content.decode()
    assert "There are no figures yet." in page
    assert Client().get("/en/figures/yearly.json").json() == []


def test_the_page_asks_the_same_few_questions_whatever_its_length(years, evening):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page = Client().get("/fi/figures/")
        assert len(page.content) < 60_000
        return len(queries)

    Client().get("/fi/figures/")
    first = asked()
    Record.objects.bulk_create([ledger_row(years.workplaces["routa"], date(year, 1, 1)) for year in range(2015, 2024)])
    YearClose.objects.filter(year=2024).update(note="x")
    assert asked() == first <= 2


# --- own counts --------------------------------------------------------------------------------------------------


def test_a_venue_sees_its_own_counts(cast, signed_in):
    code = cast.card()
    cast.use(code, offering=cast.offering(), children=2)
    cast.use(code, happened=True, source=Source.PAPER)
    cast.use(code, happened=True, source=Source.PAPER)
    page = signed_in("routa").get("/en/figures/own/").content.decode()
    assert "Routa Company, 2026: 4 uses." in page
    assert "1 record does not count yet" in page
    assert "An evening of contemporary dance" in page
    assert "Admission without an offering" in page
    assert "Routa" not in signed_in("hall").get("/en/figures/own/").content.decode()


def test_an_agent_and_an_issuer_see_theirs(cast, signed_in):
    event = cast.offering()
    cast.use(cast.card(), offering=event, by=cast.luukku)
    assert "Lippuluukku, 2026: 1 use." in signed_in("luukku").get("/en/figures/own/").content.decode()
    page = signed_in("office").get("/en/figures/own/").content.decode()
    assert "Kajaanin sosiaalitoimisto, 2026: 1 card registered; today 19 blank cards left." in page
    assert "contemporary dance" not in page


def test_a_year_is_picked_from_those_there_are(cast, signed_in):
    Record.objects.bulk_create([ledger_row(cast.workplaces["routa"], date(2025, 3, 1), holder=5)])
    ville = signed_in("routa")
    assert "Routa Company, 2025: 5 uses." in ville.get("/en/figures/own/?year=2025").content.decode()
    for wrong in ("2024", "2027", "x", "99999999999999999999", "-1", ""):
        assert ville.get(f"/en/figures/own/?year={wrong}").status_code == 404


def test_own_counts_as_a_file_cannot_become_formulas(cast, signed_in):
    event = cast.offering(name_en="=1+1", name_fi="=1+1", name_sv="=1+1")
    cast.use(cast.card(), offering=event, assistants=1)
    ville = signed_in("routa")
    months = list(csv.DictReader(io.StringIO(ville.get("/en/figures/own.csv").content.decode())))
    assert [int(line["uses"]) for line in months] == [0] * 10 + [1, 0]
    (line,) = csv.DictReader(io.StringIO(ville.get("/en/figures/own.csv?by=offering").content.decode()))
    assert line == {
        "offering": "'=1+1",
        "kind": "event",
        "first_day": "2026-11-24",
        "venue": "Routa Company",
        "tickets": "1",
        "children": "0",
        "clients": "0",
        "uses": "1",
        "assistants": "1",
        "workers": "0",
        "flagged": "0",
    }
    cards = csv.DictReader(io.StringIO(signed_in("office").get("/en/figures/own.csv").content.decode()))
    assert [int(line["cards"]) for line in cards] == [0] * 10 + [1, 0]


@pytest.mark.parametrize("cell", ["=x", "+x", "-x", "@x", "\tx", "\rx"])
def test_a_text_that_looks_like_a_formula_is_made_plain(cell):
    assert plain(cell) == f"'{cell}"
    assert (plain("Kino"), plain(-3)) == ("Kino", -3)


@pytest.mark.parametrize(
    ("cell", "made"),
    [("a;=x", "a;'=x"), ("a; @x", "a;' @x"), ('a;"=x', "a;'\"=x"), ("a\n-x", "a\n'-x"), ("=x;+y", "'=x;'+y")],
)
def test_nor_does_a_formula_begin_where_a_spreadsheet_parts_the_line(cell, made):
    """A Finnish Excel parts a line at semicolons."""
    assert plain(cell) == made
    assert plain("Kino; sali 2 - iltapäivä") == "Kino; sali 2 - iltapäivä"


def test_a_long_list_of_offerings_is_cut_and_the_file_has_the_rest(cast, signed_in):
    venue = cast.workplaces["routa"]
    rows = [ledger_row(venue, NOW.date(), offering=cast.offering()) for _ in range(43)]
    Record.objects.bulk_create(rows)
    ville = signed_in("routa")
    page = ville.get("/en/figures/own/")
    assert "3 more offerings are in the file." in page.content.decode()
    assert len(page.content) < 60_000
    assert len(ville.get("/en/figures/own.csv?by=offering").content.decode().splitlines()) == 44


@pytest.mark.parametrize("name", ["national", "kainuu", "analyst"])
def test_roles_without_own_counts_are_not_let_in(cast, signed_in, name):
    assert signed_in(name).get("/en/figures/own/").status_code == 403


# --- closing -----------------------------------------------------------------------------------------------------


def test_the_national_service_closes_a_year_and_makes_a_revision(years, signed_in):
    nelli = signed_in("national")
    venue = years.workplaces["routa"]
    Record.objects.bulk_create([ledger_row(venue, date(2023, 6, 1), holder=5), ledger_row(venue, date(2025, 7, 1))])
    listed = nelli.get("/en/figures/close/").content.decode()
    assert "/en/figures/close/2023/" in listed
    assert "/en/figures/close/2026/" not in listed

    assert "Close the year 2023" in nelli.get("/en/figures/close/2023/").content.decode()
    answer = nelli.post("/en/figures/close/2023/", {"after": 0, "note": ""}, follow=True)
    assert "2023 is now closed as revision 1." in answer.content.decode()

    shown = nelli.get("/en/figures/close/2025/").content.decode()
    assert "2025 was closed as revision 1 on 15\xa0January\xa02026." in shown
    assert "+1" in shown
    missing = nelli.post("/en/figures/close/2025/", {"after": 1, "note": " "})
    assert "Write what has changed" in missing.content.decode()
    twice = nelli.post("/en/figures/close/2025/", {"after": 0, "note": "x"})
    assert "Somebody has just closed this year." in twice.content.decode()
    nelli.post("/en/figures/close/2025/", {"after": 1, "note": "One came late."})
    assert YearClose.objects.get(year=2025, revision=2).adult_culture == 31


@pytest.mark.parametrize("year", [2026, 2027, 1999, 0, 99999])
def test_a_year_that_cannot_be_closed_has_no_page(years, signed_in, year):
    assert signed_in("national").get(f"/en/figures/close/{year}/").status_code == 404


@pytest.mark.parametrize("name", ["kainuu", "office", "routa", "luukku", "analyst"])
def test_nobody_else_closes(years, signed_in, name):
    for path in ("/en/figures/close/", "/en/figures/close/2025/"):
        assert signed_in(name).get(path).status_code == 403
        assert signed_in(name).post(path, {"after": 1, "note": "x"}).status_code == 403
    assert YearClose.objects.count() == 2


# --- as people see it --------------------------------------------------------------------------------------------


@pytest.mark.database(transaction=True)
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_pages_are_accessible_and_fit_a_phone(years, open_page, axe, language, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    sessions = {name: session_of(years, name) for name in ("routa", "office", "national")}
    paths = [("", "figures/"), ("routa", "figures/own/"), ("office", "figures/own/"), ("national", "figures/close/")]
    for name, path in [*paths, ("national", "figures/close/2025/")]:
        for width, dark in ((320, True), (1280, False)):
            page = open_page(f"/{language}/{path}", width=width, dark=dark, session=sessions.get(name, ""))
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def session_of(cast, name: str) -> str:
    client = Client()
    membership = cast.actor(name).membership
    client.force_login(membership.user)
    session = client.session
    session["membership"] = membership.pk
    session.save()
    return str(session.session_key)
