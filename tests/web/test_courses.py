"""The pages of a course office: the list and its preview, one row at a time, the places given, and the file."""

import io
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no types

from kaikukortti.models import Offering, Record
from kaikukortti.rules.courses import short_reference
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import OfferingKind, RecordKind
from kaikukortti.terms.policies import Policy
from tests.web.pages import text

pytestmark = pytest.mark.database

AUGUST = datetime(2026, 8, 17, 9, 0, tzinfo=HELSINKI)
PAGE = "/en/courses/"
HX = {"HX-Request": "true"}


@pytest.fixture
def august(cast, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: cast.now)
    return cast.at(AUGUST)


@pytest.fixture
def office(august, signed_in, monkeypatch):
    """Ville's browser; the clock is August's."""
    client = signed_in("routa")
    monkeypatch.setattr(timezone, "now", lambda: august.now)
    return client


def course(cast, number="110101", name="Englanti 1", **fields):
    first = fields.pop("first_day", date(2026, 9, 7))
    facts = {"last_day": date(2026, 12, 11), "price_cents": 4500, "external_id": number, "name_fi": name}
    names = {"name_sv": "", "name_en": ""}
    return cast.offering(kind=OfferingKind.COURSE, first_day=first, **{**facts, **names, **fields})


def give(client, code, where, **row):
    sent = {"id": str(uuid4()), "code": code, "course": where, **row}
    return client.post(PAGE + "give/", sent, headers=HX)


# --- the list -----------------------------------------------------------------------------------------------------

LIST = "Numero;Nimi;Alkaa;Päättyy;Hinta;Paikat\n110101;Englanti 1;7.9.2026;11.12.2026;45,00;5\n1;;7.9.2026;8.9.2026;;\n"


def carried(page):
    return page.context["text"]


def test_a_file_is_looked_at_and_then_brought_in(office):
    sent = {"file": SimpleUploadedFile("kurssit.csv", LIST.encode("cp1252"))}
    page = office.post(PAGE + "list/", sent)
    said = text(page)
    assert (page.status_code, Offering.objects.count()) == (200, 0)
    assert "Row 3" in said
    assert "Give the name in one language at least." in said
    assert "110101 Englanti 1" in said
    answer = office.post(PAGE + "list/", {"text": carried(page), "bring": "1", "publish": "yes"}, follow=True)
    assert "Brought in: 1 new course, 0 changed, 0 as before, 1 row was left out." in text(answer)
    one = Offering.objects.get()
    assert (one.external_id, one.price_cents, one.cap, one.published_at) == ("110101", 4500, 5, AUGUST)


def test_names_of_people_do_not_travel_along(office):
    pasted = "Opettaja;Numero;Nimi;Alkaa;Päättyy;Osallistuja\nMaija Meri;1;A;7.9.2026;8.9.2026;Pekka Puro\n"
    page = office.post(PAGE + "list/", {"text": pasted})
    assert "Columns left out: Opettaja, Osallistuja" in text(page)
    assert [name for name in ("Maija", "Puro") if name in page.content.decode()] == []
    office.post(PAGE + "list/", {"text": carried(page), "bring": "1", "publish": "no"})
    assert Offering.objects.get().name_fi == "A"


def test_the_rows_keep_their_numbers_on_the_way(office):
    pasted = 'Syksy\n\nNumero;Nimi;Alkaa;Päättyy\n\n1;;7.9.2026;8.9.2026\n2;"A; b";7.9.2026;8.9.2026\n'
    page = office.post(PAGE + "list/", {"text": pasted})
    again = office.post(PAGE + "list/", {"text": carried(page)})
    assert [one.row for one in page.context["wrong"]] == [one.row for one in again.context["wrong"]] == [5]
    assert [one.name for one in again.context["new"]] == ["A; b"]


def test_a_workbook_with_real_days_and_numbers(office):
    content = io.BytesIO()
    book = Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "d.m.yyyy"})
    sheet.write_row(0, 0, ["Kurssinumero", "Nimi", "Alkaa", "Päättyy", "Hinta", "Paikat"])
    sheet.write_row(1, 0, [110101, "Englanti 1"])
    sheet.write_datetime(1, 2, date(2026, 9, 7), day)
    sheet.write_datetime(1, 3, date(2026, 12, 11), day)
    sheet.write_row(1, 4, [45.5, 5])
    book.close()
    page = office.post(PAGE + "list/", {"file": SimpleUploadedFile("kurssit.xlsx", content.getvalue())})
    (row,) = page.context["new"]
    assert (row.number, row.first_day, row.price_cents, row.cap) == ("110101", date(2026, 9, 7), 4550, 5)


def test_changed_and_missing_courses_are_said(august, office):
    course(august, cap=5)
    course(august, "110103", "Saksa")
    said = text(office.post(PAGE + "list/", {"text": LIST.replace("45,00", "50,00")}))
    assert "price: 45.00 € → 50.00 €" in said
    assert "110103 Saksa" in said


@pytest.mark.parametrize("sent", [{}, {"text": "1;2;3"}, {"text": "Numero;Nimi;Alkaa;Päättyy\n"}])
def test_what_is_no_list_is_asked_again(office, sent):
    page = office.post(PAGE + "list/", sent)
    assert page.status_code == 422
    assert sent.get("text", "") in page.content.decode()


# --- one row ------------------------------------------------------------------------------------------------------


def test_a_row_is_answered_at_once_and_keeps_no_code(august, office):
    august.policy(Policy.COURSE_COVERED, 2500, region="kainuu")
    where, code = course(august), august.card()
    page = give(office, code, "110101")
    record = Record.objects.get()
    assert "Place given" in text(page)
    assert short_reference(record.reference) in text(page)
    assert "The card covers 25.00 €. 20.00 € is left to pay." in text(page)
    assert code not in page.content.decode()
    assert (record.offering, record.by) == (where, august.ville.user)


def test_a_card_that_ends_before_the_course_says_so(august, office):
    course(august)
    code = august.card(issued=AUGUST - timedelta(days=300))
    said = text(give(office, code, "englanti"))
    assert "The card ends on 20 October 2026, before the course ends; the place stands." in said


def test_the_course_is_asked_where_several_are_meant(august, office):
    course(august)
    two = course(august, "110102", "Englanti 2")
    code, row = august.card(), str(uuid4())
    page = give(office, code, "englanti", id=row)
    assert "2 courses are meant by it. Choose one." in text(page)
    assert Record.objects.count() == 0
    assert "Place given" in text(give(office, code, "englanti", id=row, chosen=str(two.pk)))
    assert Record.objects.get().offering == two


@pytest.mark.parametrize(
    ("code", "where", "said"),
    [
        ("", "110101", "Read or type the code."),
        ("card", "", "Type the course's number or its name."),
        ("card", "999", "No course of yours has this number or name."),
        ("card", "card", "A card's code stands where the course belongs."),
        ("7KM9QX2TR8", "110101", "Check the code"),
        ("K-9", "110101", "No place is kept on this course under that number."),
    ],
)
def test_what_is_missing_is_said_and_the_row_stays(august, office, code, where, said):
    course(august)
    card = august.card()
    code, where = (card if part == "card" else part for part in (code, where))
    page = give(office, code, where)
    assert said in text(page)
    assert page.context["row"].code == code
    assert Record.objects.count() == 0


def test_why_not_in_the_words_of_a_course_office(august, office):
    august.policy(Policy.COURSES_PER_YEAR, 1, region="kainuu")
    course(august, "1", cap=1)
    course(august, "2")
    code = august.card()
    give(office, code, "1")
    assert "Place given before" in text(give(office, code, "1"))
    said = text(give(office, code, "2"))
    assert "The card has given the courses it gives in 2026." in said
    assert "It gives courses again that begin on 1 January 2027 or later." in said
    assert "The Kaiku Card places have all been given." in text(give(office, august.card(), "1"))


def test_a_community_card_is_asked_how_many(august, office):
    course(august, community_welcome=True)
    code, row = august.community_card(), str(uuid4())
    assert "How many clients?" in text(give(office, code, "110101", id=row))
    assert "Check the numbers" in text(give(office, code, "110101", id=row, clients="x", workers="1"))
    said = text(give(office, code, "110101", id=row, clients="3", workers="1"))
    assert "1 worker and 3 clients." in said


def test_the_same_row_with_another_code_becomes_a_row_of_its_own(august, office):
    course(august)
    row = str(uuid4())
    give(office, august.card(), "110101", id=row)
    page = give(office, august.card(), "110101", id=row)
    assert "This row gave a place before." in text(page)
    assert str(page.context["row"].id) != row


def test_undo_in_the_grid_gives_the_place_back(august, office):
    where = course(august, cap=1)
    give(office, august.card(), "110101")
    record = Record.objects.get()
    page = office.post(f"{PAGE}places/{record.reference}/", {"back": "grid"}, headers=HX)
    assert "The place is free again." in text(page)
    where.refresh_from_db()
    assert where.taken == 0


def test_without_a_script_the_page_is_a_form_of_one_row(august, office):
    course(august)
    page = office.post(PAGE + "give/", {"id": str(uuid4()), "code": august.card(), "course": "110101"})
    assert "Place given" in text(page)
    assert page.content.decode().count('name="code"') == 2  # a free row, and the one in the template
    assert "A place" not in text(office.get(PAGE + "give/"))


def test_a_row_costs_no_more_than_a_record_at_the_till(august, office):
    for n in range(30):
        course(august, str(n))
    codes = [august.card() for _ in range(3)]
    give(office, codes[0], "0")
    place = {"held": codes[1], "place": str(Offering.objects.get(external_id="2").pk), "day": "2026-08-17"}
    with CaptureQueriesContext(connection) as at_the_till:
        office.post("/en/till/record/", {"id": str(uuid4()), "kind": RecordKind.COURSE, **place}, headers=HX)
    with CaptureQueriesContext(connection) as in_the_grid:
        give(office, codes[2], "2")
    assert Record.objects.count() == 3
    assert len(in_the_grid) <= len(at_the_till)


def test_courses_are_suggested_by_a_form_that_is_sent(august, office):
    course(august)
    course(august, "110102", "Englanti 2", published_at=None)
    course(august, "3", "Englanti, ohi", first_day=date(2026, 1, 7), last_day=date(2026, 5, 1))
    found = office.post(PAGE + "find/", {"course": "engl"}).json()
    assert [one["number"] for one in found["courses"]] == ["110101", "110102"]
    assert found["courses"][0]["days"] == "7 September 2026 – 11 December 2026"


# --- places given -------------------------------------------------------------------------------------------------


def placed(cast, number="110101", **fields):
    where = course(cast, number, **fields)
    answer = cast.use(cast.card(), offering=where, kind=RecordKind.COURSE)
    return where, Record.objects.get(pk=answer.record)


def test_the_list_of_a_course_ticks_and_withdraws(august, office):
    august.policy(Policy.COURSE_COVERED, 2500, region="kainuu")
    where, record = placed(august)
    reference = short_reference(record.reference)
    said = text(office.get(f"{PAGE}{where.pk}/"))
    for part in (reference, "17 August 2026", "25.00", "20.00", "1 invoice open"):
        assert part in said
    cell = office.post(f"{PAGE}places/{record.reference}/invoice/", {"settled": "yes"}, headers=HX)
    assert "Ville" in text(cell)
    office.post(f"{PAGE}places/{record.reference}/invoice/", {"settled": "no"})
    assert "1 invoice open" in text(office.get(f"{PAGE}{where.pk}/"))
    answer = office.post(f"{PAGE}places/{record.reference}/", follow=True)
    assert f"Withdrawn: {reference}. The place is free again." in text(answer)
    assert "No place has been given on this course yet." in text(answer)


def test_after_thirty_days_the_page_says_who_withdraws(august, office):
    _where, record = placed(august)
    august.at(AUGUST + timedelta(days=31))
    page = office.get(f"{PAGE}places/{record.reference}/")
    assert "The area's coordinator withdraws it: read out the reference." in text(page)
    assert office.post(f"{PAGE}places/{record.reference}/").status_code == 422


def test_a_place_is_found_by_its_reference_and_a_course_by_its_number(august, office):
    _where, record = placed(august)
    found = office.post(PAGE, {"course": short_reference(record.reference).lower()})
    assert found["Location"].endswith(f"/courses/places/{record.reference}/")
    assert "Englanti 1" in text(office.post(PAGE, {"course": "110101"}))
    assert "has this number, name or reference." in text(office.post(PAGE, {"course": "saksa"}))


def test_the_file_joins_by_number_and_reference_and_holds_no_formula(august, office):
    august.policy(Policy.COURSE_COVERED, 2500, region="kainuu")
    where, record = placed(august, "=1+1")
    _other, gone = placed(august, "7")
    office.post(f"{PAGE}places/{gone.reference}/")
    office.post(f"{PAGE}places/{record.reference}/invoice/", {"settled": "yes"})
    expected = (
        "course_number,reference,day,places,covered_cents,remainder_cents,invoice_settled\n"
        f"'=1+1,{short_reference(record.reference)},2026-08-17,1,2500,2000,yes\n"
    )
    for address in (f"{PAGE}{where.pk}/places.csv", f"{PAGE}places/2026.csv"):
        answer = office.get(address)
        assert (answer["Content-Type"], answer.content.decode()) == ("text/csv; charset=utf-8", expected)
    assert office.get(f"{PAGE}places/2027.csv").content.decode().count("\n") == 1


@pytest.mark.parametrize("address", ["list", "courses", "file"])
def test_pages_cost_the_same_for_one_and_for_three(august, office, address):
    where, _record = placed(august)
    path = {"list": f"{PAGE}{where.pk}/", "courses": PAGE, "file": f"{PAGE}places/2026.csv"}[address]
    office.get(path)
    with CaptureQueriesContext(connection) as one:
        office.get(path)
    for number in ("2", "3"):
        placed(august, number)
        august.use(august.card(), offering=where, kind=RecordKind.COURSE)
    with CaptureQueriesContext(connection) as three:
        office.get(path)
    assert len(one) == len(three)


def test_a_course_office_finds_its_courses_in_the_menu(august, office):
    august.workplaces["routa"].sector = "education"
    august.workplaces["routa"].save()
    assert 'href="/en/courses/"' in office.get("/en/day/").content.decode()
    assert 'href="/en/courses/"' in office.get("/en/offerings/").content.decode()
