"""Paper lists through the doors: sheets, the grid, lists of one's own. No name comes in by any of them."""

# mypy: disable-error-code="assignment"

import json
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import serializers
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kaikukortti.actions.holds import Wish, keep_places
from kaikukortti.actions.sheets import make_sheet
from kaikukortti.models import Record, Sheet
from kaikukortti.rules.codes import shown
from kaikukortti.terms.kinds import OfferingKind, Source
from tests.tables import sent, workbook

pytestmark = pytest.mark.database


@pytest.fixture
def venue(signed_in):
    return signed_in("routa")


@pytest.fixture
def sheet(cast):
    event = cast.offering(cap=20)
    return make_sheet(event, day=event.first_day, rows=40, by=cast.ville, now=cast.now)


def grid(sheet, **cells):
    """`code_3="…"` is the code's cell of row 3."""
    return {name.replace("_", "-"): value for name, value in cells.items()}


def words(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


# --- sheets and the grid ------------------------------------------------------------------------------------------


def test_a_sheet_is_made_opened_by_its_number_and_printed(cast, venue):
    event = cast.offering(first_day=cast.now.date() + timedelta(days=6))
    page = venue.get("/en/paper/")
    assert "An evening of contemporary dance" in page.content.decode()
    made = venue.post("/en/paper/", {"offering": str(event.pk), "rows": "20"})
    sheet = Sheet.objects.get()
    assert (made.status_code, made["Location"]) == (302, f"/en/paper/{sheet.number}/")
    assert (sheet.offering, sheet.day, sheet.rows) == (event, event.first_day, 20)
    found = venue.get("/en/paper/", {"number": f"{sheet.number[:4].lower()} {sheet.number[4:]}"})
    assert found["Location"] == f"/en/paper/{sheet.number}/"
    assert "Compare it with the paper" in words(venue.get("/en/paper/", {"number": "S1234567"}))
    for say in ("fi", "sv", "en"):
        answer = venue.get(f"/en/paper/{sheet.number}/{say}.pdf")
        assert answer.content.startswith(b"%PDF-")
    assert venue.get(f"/en/paper/{sheet.number}/ru.pdf").status_code == 404


def test_a_sheet_for_the_open_day(cast, signed_in):
    pool = signed_in("hall")
    pool.post("/en/paper/", {"offering": "open", "day": "2026-11-23", "rows": "20"})
    sheet = Sheet.objects.get()
    assert (sheet.offering, sheet.day.isoformat()) == (None, "2026-11-23")


def test_rows_are_typed_in_and_stand_there_afterwards(cast, venue, sheet):
    code, other = cast.card(), cast.card()
    path = f"/en/paper/{sheet.number}/"
    answer = venue.post(path, grid(sheet, code_1=shown(code).lower(), clock_1="18.40", children_1="2", code_3=other))
    assert answer.status_code == 302
    page = words(venue.get(path))
    assert "1 ticket and 2 children" in page
    assert Record.objects.filter(source=Source.PAPER, happened=True).count() == 2
    assert code not in venue.get(path).content.decode()
    # The same again, from another browser or by a double press: nothing more.
    venue.post(path, grid(sheet, code_1=shown(code), clock_1="18.40", children_1="2", code_3=other))
    assert Record.objects.count() == 2


def test_what_is_wrong_keeps_its_cells_and_the_rest_is_recorded(cast, venue, sheet):
    good, typo = cast.card(), shown(cast.card())[:-1] + "0"
    cells = grid(sheet, code_1=good, code_2=typo, children_2="1", code_3=cast.card(), clock_3="25.00", code_4="K-9")
    page = venue.post(f"/en/paper/{sheet.number}/", cells)
    assert page.status_code == 422
    html = page.content.decode()
    assert [value in html for value in (f'value="{typo}"', 'value="25.00"', 'value="K-9"')] == [True] * 3
    assert Record.objects.count() == 1
    assert "3 rows wait for you" in words(page)
    assert "keep-2" in html
    assert "keep-3" not in html


def test_a_code_that_nobody_can_read_is_kept_without_one(cast, venue, sheet):
    typo = shown(cast.card())[:-1] + "0"
    cells = grid(sheet, code_2=typo, children_2="1", keep_2="yes", code_5="?", holder_6="17", children_6="9")
    assert venue.post(f"/en/paper/{sheet.number}/", cells).status_code == 302
    rows = [(row.holder, row.children, row.card_id, row.refusal) for row in Record.objects.order_by("pk")]
    assert rows == [
        (1, 1, None, "card-code-typo"),
        (1, 0, None, "card-code-typo"),
        (17, 9, None, "card-code-typo"),
    ]
    page = words(venue.get(f"/en/paper/{sheet.number}/"))
    assert "Some rows wait for your word" in page


def test_a_name_in_a_cell_is_neither_kept_nor_shown(cast, venue, sheet):
    cells = grid(sheet, code_1="Maija Virtanen", children_1="2", code_2=cast.card())
    page = venue.post(f"/en/paper/{sheet.number}/", cells)
    assert (page.status_code, Record.objects.count()) == (422, 1)
    assert "Virtanen" not in page.content.decode()
    assert "may be somebody&#x27;s name" in page.content.decode()


def test_k_numbers_in_the_grid(cast, venue, sheet):
    keep_places(cast.card(), Wish(), by=cast.ville, now=cast.now, offering=sheet.offering.pk, day=sheet.day)
    assert venue.post(f"/en/paper/{sheet.number}/", grid(sheet, code_1="k17")).status_code == 422
    assert venue.post(f"/en/paper/{sheet.number}/", grid(sheet, code_1="k1")).status_code == 302
    assert Record.objects.get().card is not None


def test_what_the_register_refuses_is_said_with_what_helps(cast, venue, sheet, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: cast.now - timedelta(days=3))
    page = venue.post(f"/en/paper/{sheet.number}/", grid(sheet, code_1=cast.card(issued=cast.now - timedelta(days=5))))
    assert page.status_code == 422
    assert not Record.objects.exists()


def test_a_sheet_of_another_workplace_is_not_there(cast, signed_in, sheet):
    other = signed_in("tapiola")
    for path in (f"/en/paper/{sheet.number}/", f"/en/paper/{sheet.number}/fi.pdf", "/en/paper/S0000000/"):
        assert other.get(path).status_code == 404


def test_pages_ask_no_more_of_the_database_with_more_rows(cast, venue, sheet):

    def asked():
        with CaptureQueriesContext(connection) as queries:
            venue.get(f"/en/paper/{sheet.number}/")
            venue.get("/en/paper/")
        return len(queries)

    venue.post(f"/en/paper/{sheet.number}/", grid(sheet, code_1=cast.card()))
    one = asked()
    venue.post(f"/en/paper/{sheet.number}/", grid(sheet, code_2=cast.card(), code_3=cast.card()))
    assert asked() == one


# --- lists of one's own -------------------------------------------------------------------------------------------


@pytest.fixture
def event(cast):
    return cast.offering(cap=50)


def look(client, event, text="", **more):
    return client.post("/en/paper/list/", {"offering": str(event.pk), "text": text, "act": "look", **more})


def carried(page):
    html = page.content.decode()
    return html.partition('<textarea name="packed" hidden>')[2].partition("</textarea>")[0]


def record(client, event, page, act="record"):
    asked = {"offering": str(event.pk), "packed": carried(page), "act": act}
    return client.post("/en/paper/list/", asked)


def test_a_pasted_list_is_looked_at_recorded_and_reported(cast, venue, event):
    code, twice = cast.card(), cast.card()
    cast.use(twice, offering=event)
    text = f"Koodi\tKlo\tLapsia\n{shown(code)}\t18.40\t2\n{twice}\t\t\n\t\t9\n7KM-9QX-2TR8\t\t\nK-3\t\t\n{code}\tx\t\n"
    page = look(venue, event, text)
    assert page.status_code == 200
    assert not Record.objects.exclude(source=Source.ONLINE).exists()
    said = words(page)
    assert "Rows with a code 3" in said
    assert "Rows without a code 2" in said
    assert "Rows to mend 1" in said
    assert "These rows have a code that cannot be read: 5" in said

    report = record(venue, event, page)
    said = words(report)
    assert "4 rows have been recorded" in said
    assert "Likely a double" in said
    assert "No places are kept here under this K-number" in said
    assert Record.objects.filter(source=Source.IMPORT).count() == 4

    again = record(venue, event, look(venue, event, text))
    assert "These rows are in the register already" in words(again)
    assert "4 rows were in the register before" in words(again)
    assert Record.objects.filter(source=Source.IMPORT).count() == 4


def test_the_report_is_a_file_without_a_code(cast, venue, event):
    code = cast.card()
    page = look(venue, event, f"Koodi\n{code}\n?\n")
    record(venue, event, page)
    file = record(venue, event, page, act="file")
    text = file.content.decode()
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert text.splitlines()[0] == 'Row,How many,Answer,"Why, and what helps"'
    assert text.splitlines()[1] == "2,1 ticket,Recorded before,"
    assert "3,1 ticket,Recorded with a note,The code could not be read." in text
    assert code not in text
    assert Record.objects.count() == 2


@pytest.mark.parametrize("kind", ["xlsx", "csv in Finnish Excel", "csv in UTF-8", "pasted"])
def test_the_same_list_in_every_form(cast, venue, event, kind):
    code = cast.card()
    rows = [["Käyttö 24.11."], ["Koodi", "Lapsia", "Tunnus"], [code, 2, 5]]
    text = "\r\n".join(";".join(map(str, row)) for row in rows)
    more: dict[str, Any] = {
        "xlsx": {"file": sent(workbook(*rows))},
        "csv in Finnish Excel": {"file": sent(text.encode("latin-1"), "lista.csv")},
        "csv in UTF-8": {"file": sent(text.encode("utf-8-sig"), "lista.csv")},
        "pasted": {"text": text.replace(";", "\t")},
    }[kind]
    page = venue.post("/en/paper/list/", {"offering": str(event.pk), "act": "look", "text": "", **more})
    assert "Left out, since nothing says what they are: C" in words(page)
    assert "Käyttö" not in page.content.decode()  # what was not read is not given back
    record(venue, event, page)
    assert Record.objects.values_list("holder", "children").get() == (1, 2)


def test_broken_files_and_empty_forms_are_said(cast, venue, event):
    for content, said in (
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "older kind"),
        (b"PK\x03\x04 and no more", "no list that can be read"),
        (b"\0\1\2", "no list that can be read"),
        (workbook(["Koodi"], ["=A1"]), "formulas without their results"),
        (workbook(*(["K-1"] for _ in range(2_001))), "too many rows for one time"),
        (b"", "nothing to read"),
    ):
        page = look(venue, event, file=sent(content))
        assert (page.status_code, said in page.content.decode()) == (422, True), said
    assert look(venue, event).status_code == 422
    assert "No codes and no numbers" in words(look(venue, event, "5;6\n7;8\n"))
    huge = look(venue, event, file=sent(b"K-1\n" * 700_000))
    assert (huge.status_code, "larger than 2 MB" in words(huge)) == (422, True)
    without = venue.post("/en/paper/list/", {"text": "K-1", "act": "look"})
    assert (without.status_code, "K-1" in without.content.decode()) == (422, True)
    assert not Record.objects.exists()


NAMES = "Maija Mehiläinen"
PERSONAL = [
    f"Nimi;Kaikukortti;Lapsia\n{NAMES};K-1;2\n",
    f"Kaikukortti;Lapsia\n{NAMES};2\n",
    f"{NAMES}\n",
    "Koodi;Yhteys\nK-1;mehilainen@example.org\n",
    "Koodi;Yhteys\nK-1;040 765 4321\n",
    "Koodi;Tunnus\nK-1;010190-765A\n",
    f"Koodi;Huom\nK-1;{NAMES} tulee myöhässä\n",
]
TRACES = ("Maija", "Mehil", "mehilainen", "765 4321", "010190")


@pytest.mark.parametrize("text", PERSONAL)
def test_a_list_of_people_is_refused_as_a_whole_and_nothing_of_it_stays(cast, venue, event, text, caplog):
    """The P1 scan: the answer, the database, the sessions and the logs hold nothing of it (section 3)."""
    caplog.set_level(logging.DEBUG)
    rows = [line.split(";") for line in text.splitlines()]
    ways = [
        {"text": text},
        {"text": text.replace(";", "\t")},
        {"file": sent(text.encode(), "lista.csv")},
        {"file": sent(workbook(*rows))},
        {"packed": text.replace(";", "\t"), "act": "record"},
    ]
    everything = ""
    for how in ways:
        page = venue.post("/en/paper/list/", {"offering": str(event.pk), "act": "look", **how})
        html = page.content.decode()
        assert page.status_code == 422
        assert "It was not taken in, and nothing of it was kept" in html
        assert str(event.pk) in html  # the evening stays chosen
        everything += html
    assert not Record.objects.exists()
    everything += caplog.text + stored()
    assert not [word for word in TRACES if word in everything]


def stored():
    """Every row of every table, and what the sessions hold."""
    rows = [serializers.serialize("json", model._default_manager.all()) for model in apps.get_models()]
    sessions = [json.dumps(one.get_decoded(), ensure_ascii=False) for one in Session.objects.all()]
    return "".join(rows + sessions)


def test_the_scan_would_find_a_name(cast):
    cast.workplaces["routa"].name_fi = NAMES
    cast.workplaces["routa"].save()
    assert "Mehil" in stored()


def test_names_beside_a_form_that_is_not_filled_in_stay_nowhere_either(cast, venue):
    page = venue.post("/en/paper/list/", {"offering": "", "text": PERSONAL[0], "act": "look"})
    assert (page.status_code, "Maija" in page.content.decode()) == (422, False)
    above = venue.post("/en/paper/list/", {"offering": "", "text": f"{NAMES}\nKoodi\nK-1\n", "act": "look"})
    assert ("Maija" in above.content.decode(), "K-1" in above.content.decode()) == (False, True)


def test_open_admission_by_its_days(cast, signed_in):
    pool = cast.offering("hall", kind=OfferingKind.OPEN, first_day=cast.now.date() - timedelta(days=9))
    client, code = signed_in("hall"), cast.card(issued=cast.now - timedelta(days=20))
    page = look(client, pool, f"Koodi;Pvm\n{code};20.11.\n{code};\n", day="2026-11-23")
    asked = {"offering": str(pool.pk), "packed": carried(page), "act": "record", "day": "2026-11-23"}
    assert "2 rows have been recorded" in words(client.post("/en/paper/list/", asked))
    assert [row.day.day for row in Record.objects.order_by("pk")] == [20, 23]


def test_two_thousand_rows(cast, venue, event):
    event.cap = None
    event.save()
    page = look(venue, event, "Aikuisia;Lapsia\n" + "1;1\n" * 1_999)
    assert "1,999 rows" in words(page) or "1999 rows" in words(page)
    assert "1999 rows have been recorded" in words(record(venue, event, page))
    assert Record.objects.count() == 1_999


def test_a_pair_to_decide_shows_both_rows(cast, venue, event):
    code = cast.card()
    cast.use(code, offering=event, children=1)
    record(venue, event, look(venue, event, f"Koodi;Klo\n{code};18.50\n"))
    page = words(venue.get("/en/day/settle/"))
    assert "This record 1 ticket, 24 November 2026 at 18:50 (import)" in page
    assert "The other record 1 ticket and 1 child , 24 November 2026 at 18:55 (online)" in page


# --- moving rows --------------------------------------------------------------------------------------------------


def test_rows_are_moved_after_a_look(cast, venue):
    wrong, right = cast.offering(name_en="Small stage"), cast.offering(name_en="Large stage")
    for _n in range(3):
        cast.use(cast.card(), offering=wrong, children=1)
    choose = words(venue.get("/en/day/move/?day=2026-11-24"))
    assert "Small stage, 19:00 3 rows" in choose
    assert "Large stage" not in choose
    at = f"/en/day/move/?day=2026-11-24&place={wrong.pk}"
    page = venue.get(at)
    assert "3 rows, 3 tickets and 3 children" in words(page)
    rows = [str(row.reference) for row in Record.objects.order_by("pk")]
    asked = {"day": "2026-11-24", "place": str(wrong.pk), "to": str(right.pk), "rows": rows[:2]}
    done = venue.post("/en/day/move/", asked)
    assert (done.status_code, done["Location"]) == (302, "/en/day/?on=2026-11-24")
    assert "2 rows have been moved to Large stage" in words(venue.get(done["Location"]))
    assert Record.objects.standing().filter(offering=right).count() == 2
    assert venue.post("/en/day/move/", asked | {"rows": rows[2:]}).status_code == 302
    assert "no rows on this day that could be moved" not in words(venue.get("/en/day/move/?day=2026-11-24"))
    assert venue.post("/en/day/move/", asked | {"rows": []}).status_code == 422
    assert venue.post("/en/day/move/", asked | {"to": ""}).status_code == 422


def test_what_moves_with_a_note_is_told(cast, venue):
    wrong, right = cast.offering(), cast.offering(name_en="Large stage")
    code = cast.card()
    cast.use(code, offering=wrong)
    cast.use(code, offering=right)
    row = Record.objects.get(offering=wrong)
    asked = {"day": "2026-11-24", "place": str(wrong.pk), "to": str(right.pk), "rows": [str(row.reference)]}
    page = venue.post("/en/day/move/", asked)
    assert page.status_code == 200
    assert "Likely a double" in words(page)


def test_another_venues_rows_and_offerings_are_not_there(cast, signed_in):
    wrong, elsewhere = cast.offering(), cast.offering("tapiola")
    cast.use(cast.card(), offering=wrong)
    row = Record.objects.get()
    asked = {"day": "2026-11-24", "place": str(wrong.pk), "to": str(elsewhere.pk), "rows": [str(row.reference)]}
    assert signed_in("tapiola").post("/en/day/move/", asked).status_code == 422
    assert signed_in("routa").post("/en/day/move/", asked).status_code == 422
    assert Record.objects.standing().get().offering == wrong
