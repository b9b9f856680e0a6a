"""The pages for everyone: what they say of dated facts, what they keep quiet, what they weigh and how they look."""

import logging
import re
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from pytest_django.live_server_helper import LiveServer

from kaikukortti.models import (
    Municipality,
    NetworkVersion,
    Offering,
    PolicyRow,
    Region,
    RegionMembership,
    RegionPhase,
    Workplace,
)
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import Accessibility, OfferingKind, Sector
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase
from kaikukortti.web.public_words import by_name, say_standing, say_weekdays
from tests.cast import LONG_AGO, NOW, TODAY
from tests.web.pages import asked, text

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("evening")]

LANGUAGES = ("fi", "sv", "en")
PATHS = ("", "how/", "areas/", "areas/kainuu/", "areas/savonlinna/", "areas/kemi/", "partners/", "feedback/")
A_DAY = timedelta(days=1)
MOST_HTML, MOST_FIRST_LOAD, MOST_STYLES = 60_000, 250_000, 13_000


def read(path, language="fi", client=None):
    answer = (client or Client()).get(f"/{language}/{path}")
    assert answer.status_code == 200
    return text(answer).replace("\xa0", " ")


def plan(cast, slug, phase, since):
    RegionPhase.objects.create(region=cast.regions[slug], phase=phase, since=since, entered_at=NOW)
    NetworkVersion.bump()


# --- dated facts in words -----------------------------------------------------------------------------------------

PILOT, PERMANENT = (date(2025, 3, 1), Phase.PILOT), (date(2026, 1, 1), Phase.PERMANENT)


@pytest.mark.parametrize(
    ("rows", "fi", "sv", "line"),
    [
        ([PILOT, PERMANENT], "Pysyvä vuodesta 2026", "Permanent sedan 2026", ""),
        (
            [PERMANENT, (date(2027, 1, 1), Phase.ENDED)],
            "Pysyvä vuodesta 2026",
            "Permanent sedan 2026",
            "Kortti käy täällä 31.12.2026 asti.",
        ),
        ([PILOT, (date(2027, 1, 1), Phase.ENDED)], "Kokeilu 31.12.2026 asti", "Försök till och med 31.12.2026", ""),
        (
            [PILOT, (date(2027, 1, 1), Phase.PERMANENT)],
            "Kokeilu 31.12.2026 asti",
            "Försök till och med 31.12.2026",
            "Pysyvä 1.1.2027 alkaen.",
        ),
        ([PILOT], "Kokeilu alkoi 1.3.2025", "Försök sedan 1.3.2025", ""),
        (
            [(date(2026, 8, 1), Phase.PREPARING), (date(2027, 2, 1), Phase.PILOT)],
            "Kokeilua valmistellaan",
            "Ett försök förbereds",
            "Kortteja aletaan jakaa 1.2.2027.",
        ),
        (
            [(date(2027, 2, 1), Phase.PERMANENT)],
            "Kortin käyttöönottoa valmistellaan",
            "Kortet förbereds",
            "Kortteja aletaan jakaa 1.2.2027.",
        ),
        (
            [(LONG_AGO, Phase.INTERESTED)],
            "Alue on kiinnostunut kortista",
            "Området är intresserat av kortet",
            "Mitään ei ole vielä päätetty.",
        ),
        ([PILOT, (date(2026, 11, 1), Phase.ENDED)], "Päättynyt 31.10.2026", "Avslutades 31.10.2026", ""),
    ],
)
def test_a_phase_is_said_with_its_dates(rows, fi, sv, line):
    for language, sentence in (("fi", fi), ("sv", sv)):
        with override(language):
            standing = say_standing(rows, TODAY)
            assert standing
            assert standing.sentence.replace("\xa0", " ") == sentence
    with override("fi"):
        standing = say_standing(rows, TODAY)
        assert standing
        assert standing.line.replace("\xa0", " ") == line


def test_a_region_of_which_nothing_is_known_is_not_shown():
    assert say_standing([], TODAY) is None
    assert say_standing([(TODAY + A_DAY, Phase.INTERESTED)], TODAY) is None


@pytest.mark.parametrize(
    ("weekdays", "fi", "en"),
    [
        (0b1111111, "Joka päivä", "Every day"),
        (0b1111110, "Ti–su", "Tue–Sun"),
        (0b0000101, "Ma, ke", "Mon, Wed"),
        (0b1100000, "La, su", "Sat, Sun"),
        (0b1010111, "Ma–ke, pe, su", "Mon–Wed, Fri, Sun"),
    ],
)
def test_weekdays_are_said_in_runs(weekdays, fi, en):
    for language, said in (("fi", fi), ("en", en)):
        with override(language):
            assert say_weekdays(weekdays) == said


def test_names_sort_as_in_finland():
    names = ["Öja", "Äänekoski", "Åbo", "Zone", "espoo", "Aura"]
    assert sorted(names, key=by_name) == ["Aura", "espoo", "Zone", "Åbo", "Äänekoski", "Öja"]


# --- the front page -----------------------------------------------------------------------------------------------


def test_the_bare_address_leads_to_a_language(cast, client):
    assert client.get("/").url == "/fi/"
    assert client.get("/", headers={"Accept-Language": "sv"}).url == "/sv/"


def test_the_front_page_tells_what_for_whom_where_and_how(cast):
    said = read("")
    for must in (
        "Kaikukortilla maksutta sisään",
        "Minne kortilla pääsee",
        "Kenelle?",
        "Todistuksia ei tarvita.",
        "Ainoa poikkeus on Savonlinna.",
        "Pysyvä vuodesta 2015",
        "2 kuntaa",
        "Tämän alueen kortti käy vain täällä, eivätkä muiden alueiden kortit käy täällä.",
        "Kortinhaltija Espoosta, 2016",
        "Miksi mukaan?",
    ):
        assert must in said, must
    assert "Käännetty" not in said
    assert "Översatt från finska." in read("", "sv")
    assert "Translated from Finnish." in read("", "en")


def test_the_exception_follows_the_policies(cast):
    PolicyRow.objects.filter(region=cast.regions["savonlinna"]).delete()
    NetworkVersion.bump()
    assert "poikkeus" not in read("")
    cast.policy(Policy.OTHERS_COME_IN, False, region="espoo")
    cast.policy(Policy.CARDS_GO_OUT, False, region="kainuu")
    assert "Poikkeuksia ovat Espoo ja Kainuu." in read("")
    assert "Muiden alueiden kortit eivät käy täällä." in read("areas/espoo/")
    assert "Muiden alueiden kortit käyvät myös täällä." in read("areas/kainuu/")


def test_without_any_area_the_page_says_so(cast):
    RegionPhase.objects.all().delete()
    NetworkVersion.bump()
    for path in ("", "how/", "areas/", "feedback/"):
        assert "Savonlinna" not in read(path)
    assert "Mikään alue ei ole vielä aloittanut." in read("")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_titles_tell_nothing_of_anyones_life(cast, path, language):
    """P21"""
    page = Client().get(f"/{language}/{path}").content.decode()
    titles = " ".join(re.findall(r"<(?:title|h1[^>]*)>(.*?)</(?:title|h1)>", page, re.DOTALL))
    assert "Kaiku" in titles
    assert not re.search(
        r"sosiaali|social|raha|tiuk|pengar|money|tulo|income|terveys|hälso|health", titles, re.IGNORECASE
    )


# --- areas --------------------------------------------------------------------------------------------------------


def test_every_municipality_leads_to_its_area_in_the_order_of_the_language(cast):
    page = Client().get("/sv/areas/").content.decode().partition("municipalities")[2]
    links = re.findall(r'<a href="/sv/areas/([a-z]+)/">([^<]+)</a>', page)
    assert links == [("espoo", "Esbo"), ("kainuu", "Kajana"), ("kainuu", "Kuhmo"), ("savonlinna", "Nyslott")]


def test_a_venue_outside_every_region_is_shown_while_it_is_admitted(cast):
    circus = Workplace.objects.create(
        role=Role.VENUE,
        name_fi="Kiertävä sirkus",
        municipality_id="091",
        since=TODAY - A_DAY,
        admitted_since=TODAY - A_DAY,
        admitted_until=TODAY,
    )
    assert "Kiertävä sirkus Helsinki · 24.11.2026 asti" in read("areas/")
    circus.admitted_until = TODAY - A_DAY
    circus.save()
    assert "Kiertävä sirkus" not in read("areas/")


# --- one area -----------------------------------------------------------------------------------------------------


def test_an_area_shows_who_gives_cards_and_where_they_are_valid(cast):
    Workplace.objects.filter(pk=cast.workplaces["hall"].pk).update(
        street="Opintie 1", website="https://uimahalli.example/", how_fi="Näytä kortti kassalla."
    )
    said = read("areas/kainuu/")
    for must in (
        "Pysyvä vuodesta 2015",
        "Kajaani, Kuhmo",
        "Kajaanin sosiaalitoimisto",
        "Kajaanin uimahalli Opintie 1, Kajaani Näytä kortti kassalla.",
        "Lippuja saa myös: Lippuluukku",
        "Tämän alueen kortti käy myös muilla alueilla",
        "Ainoa poikkeus on Savonlinna.",
        "Kirjoitathan asiasta, et ihmisistä",
        "Alueen vastuuhenkilöt vastaavat: Kainuun alue",
    ):
        assert must in said, must
    assert "Tapiola Sinfonietta" not in said
    assert said.index("Kulttuuri") < said.index("Routa Company") < said.index("Liikunta") < said.index("uimahalli")


def test_a_workplace_that_has_left_is_gone(cast):
    Workplace.objects.filter(pk=cast.workplaces["routa"].pk).update(until=TODAY - A_DAY)
    assert "Routa Company" not in read("areas/kainuu/")


def test_an_area_in_preparation_gives_and_accepts_nothing_yet(cast):
    plan(cast, "kemi", Phase.PILOT, date(2027, 2, 1))
    said = read("areas/kemi/")
    assert "Kokeilua valmistellaan Kortteja aletaan jakaa 1.2.2027." in said
    assert "Täällä ei vielä jaeta kortteja" in said
    assert "Näin kysyt korttia" not in said


def test_an_area_that_has_ended_says_what_its_cards_still_open(cast):
    plan(cast, "espoo", Phase.ENDED, date(2026, 11, 1))
    assert "Täällä annetut kortit käyvät muilla alueilla viimeiseen voimassaolopäiväänsä asti." in read("areas/espoo/")
    plan(cast, "savonlinna", Phase.ENDED, date(2026, 11, 1))
    assert "Täällä annetut kortit" not in read("areas/savonlinna/")


def test_what_is_planned_is_told_with_its_day(cast):
    for code, region in (("091", "kainuu"), ("290", None)):
        RegionMembership.objects.create(
            municipality_id=code,
            region=cast.regions[region] if region else None,
            since=date(2027, 1, 1),
            entered_at=NOW,
        )
    for key in (Policy.CARDS_GO_OUT, Policy.OTHERS_COME_IN):
        PolicyRow.objects.create(
            region=cast.regions["savonlinna"], key=key, value=True, since=date(2027, 1, 1), reason="x", entered_at=NOW
        )
    NetworkVersion.bump()
    said = read("areas/kainuu/")
    assert "1.1.2027 alkaen myös Helsinki." in said
    assert "Kuhmo 31.12.2026 asti." in said
    assert "1.1.2027 alkaen: Tämän alueen kortti käy myös muilla alueilla" in read("areas/savonlinna/")


def test_an_area_without_a_page_is_not_found(cast):
    assert Client().get("/fi/areas/atlantis/").status_code == 404


def test_a_text_that_is_missing_in_a_language_stands_in_finnish_and_says_so(cast):
    Region.objects.filter(slug="kainuu").update(intro_fi="Kainuun oma\nesittely <b>", intro_sv="")
    page = Client().get("/sv/areas/kainuu/").content.decode()
    assert '<span lang="fi">Kainuun oma<br>esittely &lt;b&gt;</span>' in page
    assert '<span lang="fi">Kainuun' not in Client().get("/fi/areas/kainuu/").content.decode()


# --- what is on ---------------------------------------------------------------------------------------------------


def test_the_coming_two_weeks_show_what_anyone_may_come_to(cast):
    def event(name, **facts):
        return cast.offering(name_fi=name, name_sv=name, name_en=name, **facts)

    event("Tänään", accessibility=[Accessibility.STEP_FREE, Accessibility.WHEELCHAIR_SEATS])
    event("Viimeinen päivä", first_day=TODAY + 13 * A_DAY, children_welcome=False)
    event("Täynnä", first_day=TODAY + A_DAY, cap=5, taken=5)
    event("Liian kaukana", first_day=TODAY + 14 * A_DAY)
    event("Eilen", first_day=TODAY - A_DAY)
    event("Alkoi jo", starts_at=NOW - timedelta(hours=1))
    event("Luonnos", published_at=None)
    event("Julkaistaan huomenna", published_at=NOW + A_DAY)
    event("Peruttu", cancelled_at=NOW)
    cast.offering("tapiola", name_fi="Espoossa")
    cast.offering("hall", OfferingKind.OPEN, name_fi="Uinti", weekdays=0b0011111, opening_fi="klo 9–20")
    cast.offering("hall", OfferingKind.OPEN, name_fi="Päättyy ennen avautumista", last_day=TODAY, weekdays=0b1)
    cast.offering("routa", OfferingKind.COURSE, name_fi="Alkava kurssi", first_day=TODAY + 2 * A_DAY)
    cast.offering("routa", OfferingKind.COURSE, name_fi="Käynnissä oleva kurssi", first_day=TODAY - A_DAY)
    said = read("areas/kainuu/").partition("Seuraavat kaksi viikkoa")[2]
    assert "Ma–pe, 22.2.2027 asti Uinti Kajaanin uimahalli, Kajaani · klo 9–20" in said
    assert "klo 19.00 Tänään Routa Company, Kajaani Lapset tervetulleita Esteetön sisäänkäynti ja pyörä" in said
    assert "Täynnä Routa Company" in said
    assert said.count("Kaikki Kaikukortti-paikat on annettu.") == 1
    assert "ma 7.12. klo 19.00 Viimeinen päivä" in said
    assert "Kurssi alkaa Alkava kurssi" in said
    for missing in (
        "Liian kaukana",
        "Eilen",
        "Alkoi jo",
        "Luonnos",
        "Julkaistaan",
        "Peruttu",
        "Espoossa",
        "Päättyy ennen",
        "Käynnissä",
    ):
        assert missing not in said


def test_an_event_is_on_where_it_is_held(cast):
    """A venue of two regions: its guest performance stands on the other region's page."""
    cast.workplaces["routa"].regions.add(cast.regions["espoo"])
    cast.offering(name_fi="Vierailunäytäntö", municipality_id="049", place="Kulttuurikeskus")
    NetworkVersion.bump()
    assert "Vierailunäytäntö" not in read("areas/kainuu/")
    assert "Kulttuurikeskus, Espoo" in read("areas/espoo/")


def test_at_most_thirty_are_shown_and_the_rest_is_mentioned(cast):
    for number in range(32):
        cast.offering(name_fi=f"Ilta {number}", first_day=TODAY + number % 14 * A_DAY)
    cast.offering("hall", OfferingKind.OPEN, name_fi="Uinti")
    page = Client().get("/fi/areas/kainuu/").content.decode()
    assert page.count('<p class="when">') == 30
    assert "Kaikki ei mahdu tähän" in page
    Offering.objects.filter(name_fi__in=["Ilta 0", "Ilta 1", "Ilta 2"]).delete()
    assert "Kaikki ei mahdu tähän" not in read("areas/kainuu/")


# --- feedback, robots ---------------------------------------------------------------------------------------------


def test_feedback_stores_nothing_and_leads_to_those_who_answer(cast):
    Region.objects.filter(slug="espoo").update(contact_url="https://espoo.example/kaikukortti")
    page = Client().get("/fi/feedback/").content.decode()
    main = page.partition("<main")[2].partition("</main>")[0]
    assert not re.search(r"<(form|input|textarea|select)", main)
    assert 'href="https://espoo.example/kaikukortti"' in main
    assert 'href="/fi/areas/kainuu/#feedback"' in main
    assert "Kirjoitathan asiasta, et ihmisistä." in read("feedback/")


def test_a_demo_asks_not_to_be_found_and_a_register_to_be(cast, client, settings):
    settings.DEMO = True
    assert client.get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"
    settings.DEMO = False
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert "Disallow: /fi/come-in/" in lines
    assert "Disallow: /" not in lines
    assert lines[-1] == "Sitemap: http://testserver/sitemap.xml"
    found = re.findall(r"<loc>http://testserver(.*?)</loc>", client.get("/sitemap.xml").content.decode())
    assert {"/fi/", "/sv/areas/kainuu/", "/en/feedback/"} <= set(found)
    assert len(found) == len(set(found))
    assert {client.get(address).status_code for address in found} == {200}


def test_who_works_here_keeps_the_own_menu(cast, signed_in):
    page = signed_in("office").get("/fi/").content.decode()
    assert "Anna kortti" in page
    assert "Työntekijän kirjautuminen" not in page


def test_the_page_of_our_own_faults_names_a_number_that_the_log_knows(cast, client, monkeypatch, caplog):
    def broken(*_args):
        raise RuntimeError("87100")

    monkeypatch.setattr("kaikukortti.web.public.areas_on", broken)
    client.raise_request_exception = False
    monkeypatch.setattr(logging.getLogger("kaikukortti"), "propagate", True)
    answer = client.get("/fi/")
    assert answer.status_code == 500
    (number,) = re.findall(r'<span class="code">(\d{6})</span>', answer.content.decode())
    assert f"number {number}: GET front" in caplog.text


# --- what pages cost ----------------------------------------------------------------------------------------------


def more_of_everything(cast, number):
    """So many more regions, municipalities, workplaces and offerings; all in Kainuu but the regions."""
    start = Region.objects.count()
    for one in range(start, start + number):
        region = Region.objects.create(slug=f"alue{one}", name_fi=f"Alue {one}", name_sv=f"Område {one}")
        RegionPhase.objects.create(region=region, since=LONG_AGO, phase=Phase.PERMANENT, entered_at=NOW)
        town = Municipality.objects.create(
            code=f"9{one:02}",
            name_fi=f"Kunta {one}",
            name_sv=f"Kommun {one}",
            since=LONG_AGO,
            province_id="18",
            wellbeing_area_id="18",
        )
        home = cast.regions["kainuu"]
        RegionMembership.objects.create(municipality=town, since=LONG_AGO, region=home, entered_at=NOW)
        RegionMembership.objects.create(municipality=town, since=date(2027, 1, 1), region=region, entered_at=NOW)
        for role in (Role.ISSUER, Role.VENUE, Role.COORDINATOR):
            place = Workplace.objects.create(
                role=role, name_fi=f"Paikka {one}", municipality=town, home_region=home, since=LONG_AGO
            )
            if role == Role.VENUE:
                cast.workplaces["luukku"].venues.add(place)
                for kind in OfferingKind:
                    facts = {"first_day": TODAY + A_DAY} if kind != OfferingKind.OPEN else {}
                    cast.workplaces["new"] = place
                    cast.offering("new", kind, municipality=town, **facts)
    NetworkVersion.bump()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_asks_the_same_for_one_and_three(cast, client, path):
    def cost():
        client.get(f"/fi/{path}")  # the network is read once and kept
        return asked(client.get, f"/fi/{path}")

    more_of_everything(cast, 1)
    once = cost()
    more_of_everything(cast, 3)
    assert cost() == once <= 9


def towns(number, region):
    for one in range(number):
        town = Municipality.objects.create(
            code=f"{'ABCD'[one // 100]}{one % 100:02}",
            name_fi=f"Pitkäniminen kunta {one}",
            name_sv=f"Kommun {one}",
            since=LONG_AGO,
            province_id="18",
            wellbeing_area_id="18",
        )
        RegionMembership.objects.create(municipality=town, since=LONG_AGO, region=region, entered_at=NOW)


@pytest.mark.parametrize(("municipalities", "venues"), [(20, 40), (60, 160)])
def test_a_large_region_stays_light(cast, client, municipalities, venues):
    """Far larger than any of today; with so many venues each one's own page tells how it gives its tickets."""
    kainuu, kajaani = cast.regions["kainuu"], Municipality.objects.get(code="205")
    towns(municipalities, kainuu)
    for number in range(50):
        region = Region.objects.create(slug=f"alue-{number}", name_fi=f"Kaukainen alue {number}", name_sv="Område")
        RegionPhase.objects.create(region=region, since=LONG_AGO, phase=Phase.PERMANENT, entered_at=NOW)
    Workplace.objects.bulk_create(
        Workplace(
            role=Role.ISSUER if number < 40 else Role.VENUE,
            name_fi=f"Kaupungin hyvinvointipalvelujen toimipiste {number}",
            municipality=kajaani,
            home_region=kainuu,
            sector=list(Sector)[number % 4],
            since=LONG_AGO,
            street=f"Pitkäkatu {number}",
            website=f"https://toimipiste-{number}.example/kaikukortti",
            how_fi="Näytä kortti lipunmyynnissä tai ovella hyvissä ajoin ennen esityksen alkua.",
        )
        for number in range(40 + venues)
    )
    NetworkVersion.bump()
    for number in range(40):
        cast.offering(
            name_fi=f"Kamarimusiikin ilta {number}",
            first_day=TODAY + number % 14 * A_DAY,
            place="Kuhmo-talo",
            how_fi="Varaa lippu soittamalla lipunmyyntiin.",
            accessibility=[Accessibility.STEP_FREE, Accessibility.HEARING_LOOP, Accessibility.WHEELCHAIR_SEATS],
        )
    sizes = {path: len(client.get(f"/fi/{path}").content) for path in PATHS}
    assert max(sizes.values()) <= MOST_HTML, sizes


@pytest.fixture
def packed_server(transactional_db, settings, tmp_path, monkeypatch):
    """A live server that serves its files as the production server does: gathered, with checksums, compressed.

    Django's own live server hands them out as they lie in the source tree; here they pass it by and WhiteNoise answers.
    """
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    (tmp_path / "static").mkdir()
    call_command("collectstatic", interactive=False, verbosity=0)
    monkeypatch.setattr(StaticFilesHandler, "_should_handle", lambda self, path: False)
    server = LiveServer("127.0.0.1")
    yield server
    server.stop()


@pytest.mark.database(transaction=True)
@pytest.mark.parametrize(
    ("path", "workplace"), [("", None), ("areas/kainuu/", None), ("till/", "hall"), ("desk/", "office")]
)
def test_the_first_load_is_light(packed_server, cast, chromium, signed_in, path, workplace):
    """Head and body of every answer as they went over the wire, fonts and scripts included, with an empty cache."""
    for number in range(10):
        cast.offering(name_fi=f"Ilta {number}")
    context = chromium.new_context(base_url=packed_server.url)
    if workplace:
        session = signed_in(workplace).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": packed_server.url}])
    page = context.new_page()
    answers = []
    page.on("requestfinished", lambda request: answers.append(request))
    page.goto(f"/fi/{path}", wait_until="networkidle")
    loaded = {}
    for request in answers:
        sizes = request.sizes()
        loaded[request.url] = sizes["responseHeadersSize"] + sizes["responseBodySize"]
        assert request.response().status == 200, request.url
    styles = [request for request in answers if request.url.endswith(".css")]
    assert styles
    assert {request.response().header_value("content-encoding") for request in styles} <= {"br", "gzip"}
    assert sum(loaded[request.url] for request in styles) <= MOST_STYLES + 500 * len(styles)  # their heads
    assert any(request.url.endswith(".woff2") for request in answers)
    print(f"/fi/{path}: {sum(loaded.values())} bytes in {len(loaded)} answers")
    assert sum(loaded.values()) <= MOST_FIRST_LOAD, loaded
    context.close()


# --- how it looks -------------------------------------------------------------------------------------------------


@pytest.mark.database(transaction=True)
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible_and_fits(cast, open_page, axe, language, dark, width):
    plan(cast, "kemi", Phase.PILOT, date(2027, 2, 1))
    Region.objects.filter(slug="kainuu").update(intro_fi="Kainuun oma esittely", contact_url="https://kainuu.example/")
    Workplace.objects.filter(pk=cast.workplaces["hall"].pk).update(website="https://uimahalli.example/", how_fi="Näytä")
    cast.offering(accessibility=list(Accessibility), cap=1, taken=1)
    cast.offering("hall", OfferingKind.OPEN, opening_fi="klo 9–20")
    page = open_page(f"/{language}/", width=width, dark=dark)
    for path in PATHS:
        page.goto(f"/{language}/{path}")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.database(transaction=True)
def test_an_areas_page_prints_without_what_only_works_on_a_screen(cast, open_page):
    cast.offering()
    page = open_page("/fi/areas/kainuu/")
    page.emulate_media(media="print")
    for hidden in (".menu", ".foot", ".languages", "text=Kaikki alueet"):
        assert page.locator(hidden).first.is_hidden()
    assert page.get_by_text("Tilanne 24.11.2026:").is_visible()
    assert page.locator(".places .name").first.is_visible()


@pytest.mark.parametrize("name", ["front", "how", "areas", "partners", "feedback"])
def test_the_three_languages_stand_at_the_same_addresses(cast, client, name):
    for language in LANGUAGES:
        with override(language):
            assert client.get(reverse(name)).status_code == 200


def test_times_are_finnish_whatever_the_clock(cast):
    """An event just after midnight in Finland belongs to its Finnish day."""
    cast.offering(name_fi="Yö", first_day=TODAY + A_DAY, starts_at=datetime(2026, 11, 25, 0, 30, tzinfo=HELSINKI))
    assert "ke 25.11. klo 0.30 Yö" in read("areas/kainuu/")
