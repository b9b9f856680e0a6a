"""One card's life as a story through the browser, in Finnish: ordered, printed, received, given, used, blocked by its
holder, replaced, used again, made coarse, renewed, cut from its uses, erased. No figure moves; the trail is whole."""

import io
import re
import time
import zipfile
from datetime import datetime, timedelta

import pypdfium2
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from kaikukortti.actions.look_ups import gathered
from kaikukortti.actions.trail_check import check_trail
from kaikukortti.models import Card, CountedFact, Erasure, HolderData, LookUps, PersonLine, Record, TrailEntry
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.trail import Act
from kaikukortti.web.second_factor import CONFIRMED
from tests.cast import NOW, Cast
from tests.paper.conftest import pages, read_codes
from tests.web.pages import text
from tests.web.test_own import opened
from tests.web.test_till import check, choose, record, state

SECOND = 1.0  # until a block is in force at every till
SERIAL = re.compile(r"\b\d{4}\s?\d{4}\b")
SECRET = re.compile(r"\b[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}\b")
OFFICE, HALL = "Kajaanin sosiaalitoimisto", "Kajaanin uimahalli"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, cast: Cast, evening: None) -> None:
    monkeypatch.setattr(timezone, "now", lambda: cast.now)


@pytest.fixture
def seat(cast: Cast, signed_in):
    """`seat("office")` is a session of that workplace's person, who has confirmed the second factor just now."""

    def sit_down(name: str) -> Client:
        client: Client = signed_in(name)
        session = client.session
        session[CONFIRMED] = cast.now.timestamp()
        session.save()
        return client

    return sit_down


@pytest.fixture
def at_work(seat, open_page):
    """`at_work("office", "desk/")` is a page in that person's browser."""

    def come_to(name, path):
        return open_page(f"/fi/{path}", session=seat(name).cookies["sessionid"].value)

    return come_to


@pytest.fixture
def at_till(at_work):
    """`at_till("hall")` is that venue's till, ready for a card, with what the till proposes."""

    def stand(name):
        page = at_work(name, "till/")
        if page.url.endswith("/offering/"):
            sent(page)  # what is proposed has the focus
        page.wait_for_selector("#code")
        return page

    return stand


@pytest.fixture
def at_home(open_page):
    """`at_home(serial, secret)` is the holder's browser, a phone, where these two have been sent."""

    def try_both(serial, secret):
        page = open_page("/fi/my/", width=390, height=844)
        page.locator("#id_name").fill(serial)
        page.locator("#id_secret").fill(secret)
        sent(page)
        return page

    return try_both


# --- what people do in the browser ----------------------------------------------------------------------------------


def main(page):
    """The words of the page, one space between them."""
    return " ".join(page.inner_text("main").split())


def sent(page):
    """Enter sends the form or follows the link; then the next page is there."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tab_to(page, words):
    """Go on with the tabulator to the button or link that says so."""
    for _ in range(40):
        here = page.evaluate("[document.activeElement.tagName, document.activeElement.textContent]")
        if here[0] in ("A", "BUTTON") and words in here[1]:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{words} is not reached")


def find(desk, serial):
    """From the page that finds a card to the card."""
    desk.keyboard.type(serial)
    sent(desk)


def done(desk):
    """What the desk says when a card has been given, and the card's serial number."""
    desk.wait_for_selector(".done")
    said = main(desk)
    number = SERIAL.search(said)
    assert number, said
    return said, "".join(number[0].split())


def scan(till, code, says):
    """A till's scanner types the code and Enter; the verdict says so."""
    till.keyboard.type(code)
    till.keyboard.press("Enter")
    till.locator(".verdict", has_text=says).wait_for()


def write_down(till, says):
    """Enter on the empty field, once a bounce can no longer be meant: what is recorded is repeated."""
    till.wait_for_timeout(450)
    till.keyboard.press("Enter")
    till.locator("#echoes li", has_text=says).wait_for()


def own_page(page, name):
    page.goto(f"/fi/my/{name}/")
    return main(page)


def choose_own(page):
    """The first opening: the middle one of three is written down and typed in."""
    page.wait_for_url("**/my/secret/")
    mine = page.locator(".suggestions li").nth(1).inner_text().strip()
    page.locator("#id_secret").fill(mine)
    sent(page)
    assert "Lappuun painettu ei enää avaa mitään." in main(page)
    return mine


def close(page):
    page.get_by_role("button", name="Sulje vuosi").click()
    page.wait_for_url("**/figures/close/")


def night():
    """What the operators' command says after a night."""
    said = io.StringIO()
    call_command("retain", stdout=said)
    return said.getvalue()


def on_paper(archive: zipfile.ZipFile) -> tuple[list[str], dict[str, str]]:
    """The codes of the cards as a scanner reads them, and each serial's secret as it stands on its slip."""
    codes: list[str] = []
    secrets: dict[str, str] = {}
    for name in archive.namelist():
        if "cards" in name:
            codes += [code for page in pages(archive.read(name)) for code in read_codes(page).get("QRCode", [])]
            continue
        with pypdfium2.PdfDocument(archive.read(name)) as document:
            words = "\n".join(page.get_textpage().get_text_range() for page in document)
        serials = ["".join(serial.split()) for serial in SERIAL.findall(words)]
        secrets |= dict(zip(serials, SECRET.findall(words), strict=True))
    return codes, secrets


# --- the story ------------------------------------------------------------------------------------------------------


@pytest.mark.database(transaction=True)
def test_one_cards_life(cast: Cast, seat, at_work, at_till, at_home):
    cast.offering()

    def figures():
        """The national table and everybody's own counts of 2026 and this year, as files."""
        own = [f"own.csv?year={year}" for year in (2026, cast.now.year)]
        asked = [("national", "yearly.csv")] + [(name, path) for name in ("office", "routa", "hall") for path in own]
        return {(name, path): seat(name).get(f"/fi/figures/{path}").content.decode() for name, path in asked}

    # Kaisa orders three cards for Aino's office and has them printed.
    kaisa = at_work("kainuu", "network/stock/")
    kaisa.get_by_role("link", name=OFFICE).click()
    kaisa.locator("#id_size").fill("3")
    sent(kaisa)
    tab_to(kaisa, "Tee koodit ja hae tiedostot")
    with kaisa.expect_download() as fetched:
        kaisa.keyboard.press("Enter")
    with zipfile.ZipFile(fetched.value.path()) as archive:
        codes, slips = on_paper(archive)
    assert (len(codes), len(slips)) == (3, 3)
    code, new_code, _left = codes

    # On its way a card is good for nothing.
    ville = at_till("routa")
    scan(ville, code, "Ei käy tänään")

    # Aino confirms that she has them and gives the first one; the holder may be reminded.
    aino = at_work("office", "cards/stock/")
    tab_to(aino, "Nämä kortit ovat meillä")
    sent(aino)
    aino.goto("/fi/desk/")
    for typed in (code, "1980", "87100", "2"):
        aino.keyboard.type(typed)
        aino.keyboard.press("Enter")
    aino.keyboard.press("Space")
    aino.keyboard.press("Enter")
    aino.wait_for_selector(".summary")
    aino.keyboard.press("Tab")
    aino.keyboard.press("Enter")
    said, serial = done(aino)
    assert "Viimeinen voimassaolopäivä 23.11.2027" in said
    assert HolderData.objects.get().may_remind

    # Ville checks it and records a ticket and a child.
    scan(ville, code, "Kortti käy")
    ville.keyboard.press("+")
    write_down(ville, "1 lippu ja 1 lapsi kirjattu")
    gathered.write()

    # At home the holder opens the card's pages with the slip, chooses a secret, and sees the use and who looked.
    holder = at_home(serial, slips[serial])
    secret = choose_own(holder)
    assert "Routa Company 24.11.2026 · Nykytanssi-ilta 1 lippu ja 1 lapsi" in own_page(holder, "uses")
    assert "24.11.2026 kohde 2" in own_page(holder, "looks")
    assert "Tämä lappu on avattu 24.11.2026" in main(at_home(serial, slips[serial]))

    # The card is lost: the holder blocks it, and the next till knows.
    holder.goto("/fi/my/block/")
    tab_to(holder, "Estä korttini")
    sent(holder)
    scan(ville, code, "Kortti on nyt estetty.")
    assert "Estit sen 24.11.2026 klo 18.55." in main(holder)

    # Two days later Aino gives the second one in its place: the last day stays.
    cast.at(NOW + timedelta(days=2))
    aino = at_work("office", "cards/")
    find(aino, serial)
    assert "Haltija on estänyt" in main(aino)
    tab_to(aino, "Anna uusi kortti sen tilalle")
    sent(aino)
    aino.locator("#id_code").focus()
    aino.keyboard.type(new_code)
    aino.keyboard.press("Enter")  # a scanner's Enter moves to the button
    aino.keyboard.press("Enter")
    said, new_serial = done(aino)
    assert "Viimeinen voimassaolopäivä 23.11.2027 Lapsia mukaan enintään 2" in said
    assert {serial, new_serial} < set(slips)

    # Salla at the swimming hall: the old card has been replaced, the new one is used.
    salla = at_till("hall")
    scan(salla, code, "Kortti on korvattu uudella.")
    scan(salla, new_code, "Kortti käy")
    write_down(salla, "1 lippu kirjattu")
    gathered.write()
    assert "Tämän kortin tilalla on uusi kortti." in main(at_home(serial, secret))
    holder = at_home(new_serial, slips[new_serial])
    secret = choose_own(holder)
    uses = own_page(holder, "uses")
    assert f"{HALL} 26.11.2026 1 lippu" in uses
    assert "Routa Company" not in uses  # who gave the card knows its slip, and learns of no use before it (P7)
    assert "26.11.2026 kohde 1" in own_page(holder, "looks")

    # In spring birth year and postal code have become coarse. 2026 is closed.
    cast.at(datetime(2027, 3, 2, 12, tzinfo=HELSINKI))
    before = figures()
    assert "\n2026,1,1,1,0,0,1,1,0,0,0,3,4\n" in before["national", "yearly.csv"]
    assert "\n11,1,0\n" in before["office", "own.csv?year=2026"]
    assert "\n11,1,1,0,2,0,0,0\n" in before["routa", "own.csv?year=2026"]
    assert "\n11,1,0,0,1,0,0,0\n" in before["hall", "own.csv?year=2026"]
    assert "birth years and postal codes made coarse: 1\n" in night()
    assert figures() == before
    assert "Syntymävuosi 1980–1984 Postinumero ei tallenneta" in own_page(at_home(new_serial, secret), "data")
    close(at_work("national", "figures/close/2026/"))

    # In October the same card is renewed, and used once more.
    cast.at(datetime(2027, 10, 5, 12, tzinfo=HELSINKI))
    aino = at_work("office", "cards/")
    find(aino, new_serial)
    tab_to(aino, "Jatka kortin voimassaoloa")
    sent(aino)
    assert "Sen voi uusia nyt: voimassa 24.11.2027 – 23.11.2028." in main(aino)
    tab_to(aino, "Jatka tämän kortin voimassaoloa")
    aino.keyboard.press("Enter")
    said, same_serial = done(aino)
    assert ("23.11.2028" in said, same_serial) == (True, new_serial)
    salla = at_till("hall")
    scan(salla, new_code, "Kortti käy")
    write_down(salla, "1 lippu kirjattu")

    # When 2027 has been closed, the uses of 2026 are cut from the card.
    cast.at(datetime(2028, 2, 1, 12, tzinfo=HELSINKI))
    close(at_work("national", "figures/close/2027/"))
    before = figures()
    assert "\n2027,0,0,0,0,0,1,0,0,0,0,1,4\n" in before["national", "yearly.csv"]
    assert "uses cut from their cards: 2\n" in night()
    assert figures() == before
    holder = at_home(new_serial, secret)
    uses = own_page(holder, "uses")
    assert (f"{HALL} 5.10.2027" in uses, "26.11.2026 1 lippu" in uses) == (True, False)

    # The holder asks to be erased, takes it back, and asks again.
    for press, words in (
        ("Poista kaikki", "Kaikki poistetaan 8.2.2028."),
        ("Älä poista", "Mitään ei poisteta. Kortti jatkaa ennallaan."),
        ("Poista kaikki", "Kaikki poistetaan 8.2.2028."),
    ):
        holder.goto("/fi/my/erase/")
        tab_to(holder, press)
        sent(holder)
        assert words in main(holder)
        assert Erasure.objects.exists() == (press == "Poista kaikki")
    cast.at(datetime(2028, 2, 7, 12, tzinfo=HELSINKI))
    assert "holders erased at their wish: 0\n" in night()
    cast.at(datetime(2028, 2, 8, 12, tzinfo=HELSINKI))
    trail_ids = set(Card.objects.filter(holder__isnull=False).values_list("trail_id", flat=True))
    assert "holders erased at their wish: 1\n" in night()

    # Nothing of the holder is left but numbers, and they are the same.
    assert figures() == before
    scan(at_till("hall"), new_code, "Tätä koodia ei ole rekisterissä.")
    assert "eivät sovi yhteen" in main(at_home(new_serial, secret))
    proofs = main(at_work("national", "figures/retention/"))
    assert proofs.count("todistettu: kaikki summat ovat ennallaan") == 3
    assert not HolderData.objects.exists()
    assert not LookUps.objects.exists()
    assert Card.objects.count() == PersonLine.objects.count() == 1  # the blank one in Aino's drawer
    assert not Record.objects.exclude(card=None, line=None, content="").exists()
    assert not CountedFact.objects.exclude(card=None, line=None).exists()

    # The trail is whole, tells it all, and its names of the two cards lead nowhere any more.
    assert check_trail().found == []
    entries = list(TrailEntry.objects.order_by("number"))
    assert [entry.act for entry in entries if entry.act not in (Act.CARD_OPENED, Act.RETENTION_RUN)] == [
        Act.BATCH_MADE,
        Act.BATCH_PRINTED,
        Act.BATCH_RECEIVED,
        Act.CARD_ISSUED,
        Act.HOLDER_OPENED,
        Act.HOLDER_BLOCKED,
        Act.CARD_FOUND,
        Act.CARD_REPLACED,
        Act.HOLDER_OPENED,
        Act.YEAR_CLOSED,
        Act.CARD_FOUND,
        Act.CARD_RENEWED,
        Act.YEAR_CLOSED,
        Act.HOLDER_ASKED_ERASURE,
        Act.HOLDER_UNDID_ERASURE,
        Act.HOLDER_ASKED_ERASURE,
        Act.HOLDER_ERASED,
        Act.HOLDER_ERASED,
    ]
    subjects = {entry.subject for entry in entries}
    assert {str(trail_id) for trail_id in trail_ids} < subjects
    assert not Card.objects.filter(trail_id__in=[subject for subject in subjects if "-" in subject]).exists()
    secrets = [one.replace("-", "") for one in (*slips.values(), secret)]
    told = " ".join(subjects)
    assert [word for word in (*codes, *slips, *slips.values(), *secrets) if word in told] == []


@pytest.mark.database
def test_block_is_in_force_within_a_second(cast: Cast, seat):
    """S8: at the next till, and where the card was read a moment before; the uses recorded before stand."""
    code = cast.card()
    holder = opened(code, cast)
    ville, salla = seat("routa"), seat("hall")
    choose(ville)
    choose(salla)
    record(salla, check(salla, code))
    on_screen = check(ville, code)
    assert state(on_screen) == "valid"
    begun = time.monotonic()
    assert holder.post("/fi/my/block/").status_code == 302
    assert "The card is now blocked." in text(check(salla, code))
    took = time.monotonic() - begun
    assert "The card is now blocked." in text(record(ville, on_screen))
    assert Record.objects.get().venue == cast.workplaces["hall"]
    assert took < SECOND, took
