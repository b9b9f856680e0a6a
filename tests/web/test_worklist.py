"""The month's list on the screen and on paper: by serial alone, for its own workplace, calm when there is none."""

import ctypes
import io
import re
from datetime import datetime

import pypdfium2
import pypdfium2.raw
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kaikukortti.models import WorklistDraw, WorklistRow
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import Milestone

pytestmark = pytest.mark.database

SERIALS = ["40219377", "51120034", "12345678", "77001122", "30309999", "90000001"]


@pytest.fixture
def drawn(cast):
    """`drawn(5)`: November's list with so many unused cards of the office, and with cards that run out."""

    def draw(unused=6, validity=0, office="office"):
        one, _made = WorklistDraw.objects.get_or_create(
            month=cast.now.date().replace(day=1),
            defaults={"drawn_at": datetime(2026, 11, 1, 4, 20, tzinfo=HELSINKI)},
        )
        kinds = [Milestone.UNUSED_30, Milestone.UNUSED_60, Milestone.UNUSED_90]
        for number, serial in enumerate(SERIALS[:unused]):
            place = cast.workplaces[office]
            WorklistRow.objects.create(draw=one, workplace=place, milestone=kinds[number % 3], serial=serial)
        for number in range(validity):
            place, kind = cast.workplaces[office], [Milestone.EXPIRING, Milestone.EXPIRED][number % 2]
            WorklistRow.objects.create(draw=one, workplace=place, milestone=kind, serial=f"2000000{number}")

    return draw


def words(answer):
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ").split())


def test_serials_stand_in_their_order_and_may_be_copied(signed_in, drawn):
    drawn()
    page = words(signed_in("office").get("/en/worklist/"))
    shown = [f"{serial[:4]} {serial[4:]}" for serial in sorted(SERIALS)]
    places = [page.index(f">{serial}<") for serial in shown]
    assert places == sorted(places)
    assert " ".join(sorted(SERIALS)) in page
    assert "Not used yet: 6 cards" in page
    assert "Drawn on 1 November 2026." in page


def test_another_workplaces_list_is_its_own(cast, signed_in, drawn):
    drawn()
    drawn(0, 5, office="other")
    ours, theirs = (words(signed_in(name).get("/en/worklist/")) for name in ("office", "other"))
    assert SERIALS[0] in ours
    assert "20000000" not in ours
    assert "20000000" in theirs
    assert not any(serial in theirs for serial in SERIALS)


@pytest.mark.parametrize(
    ("language", "none", "few"),
    [
        (
            "fi",
            "Luetteloa ei ole vielä muodostettu.",
            "Tässä kuussa tällaisia kortteja on alle 5, joten luetteloa ei näytetä.",
        ),
        (
            "sv",
            "Ingen lista har gjorts ännu.",
            "Den här månaden finns det färre än 5 sådana kort, så ingen lista visas.",
        ),
        ("en", "No list has been drawn yet.", "There are fewer than 5 such cards this month, so no list is shown."),
    ],
)
def test_there_may_be_no_list(signed_in, drawn, language, none, few):
    client = signed_in("office")
    assert none in words(client.get(f"/{language}/worklist/"))
    drawn(0)
    assert words(client.get(f"/{language}/worklist/")).count(few) == 2
    assert client.get(f"/{language}/worklist/print/").status_code == 302


def test_the_page_asks_the_same_few_statements_for_any_number_of_cards(signed_in, drawn):
    client = signed_in("office")
    own = []
    for number in (1, 3, 6):
        WorklistDraw.objects.all().delete()
        drawn(number, number)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/fi/worklist/").status_code == 200
        own.append([one["sql"] for one in queries if "kaikukortti_worklist" in one["sql"]])
        total = len(queries)
    assert [len(one) for one in own] == [1, 1, 1]
    assert total <= 11, "who is signed in, the menu, the trail, and one for the list"


@pytest.mark.parametrize(("language", "heading"), [("fi", "Muistutettavat kortit"), ("sv", "Kort att påminna om")])
def test_the_sheet_is_a_tagged_pdf_in_the_workers_language(signed_in, drawn, language, heading):
    drawn(6, 5)
    answer = signed_in("office").get(f"/{language}/worklist/print/")
    assert answer["Content-Type"] == "application/pdf"
    sheet = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    text = " ".join(page.get_textpage().get_text_range() for page in sheet).replace("\N{NO-BREAK SPACE}", " ")
    assert heading in text
    assert "1234 5678" in text
    assert sheet.get_metadata_value("Title") == heading
    assert sheet.is_tagged()
    assert language_of(sheet) == language


def language_of(sheet):
    buffer = (ctypes.c_ushort * 64)()
    pypdfium2.raw.FPDFCatalog_GetLanguage(sheet, buffer, 64)
    return bytes(buffer).decode("utf-16-le").partition("\0")[0]


def test_only_issuers_with_their_second_factor_see_it(cast, signed_in, drawn):
    drawn()
    for name in ("routa", "kainuu", "national", "analyst", "luukku"):
        assert signed_in(name).get("/fi/worklist/").status_code == 403
    assert SERIALS[0] not in words(signed_in("office", factor=False).get("/fi/worklist/", follow=True))


def test_a_slip_for_the_meeting_may_be_printed_for_each_municipality_of_the_area(cast, signed_in, drawn):
    client = signed_in("office")
    assert "near/slip" not in words(client.get("/fi/worklist/"))
    drawn()
    page = words(client.get("/fi/worklist/"))
    links = re.findall(r'href="(/fi/near/slip/[^"]*)">(\w+)<', page)
    assert links == [("/fi/near/slip/?municipality=205", "Kajaani"), ("/fi/near/slip/?municipality=290", "Kuhmo")]


def test_it_is_in_the_menu(signed_in):
    assert 'href="/fi/worklist/"' in words(signed_in("office").get("/fi/cards/"))
