"""Regions, policies, workplaces, blank cards and corrections, as coordinators and the national service see them."""

import re
from datetime import date, timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from kaikukortti.actions import batches
from kaikukortti.actions.cards import own_card
from kaikukortti.actions.codes import make_code, random_code
from kaikukortti.actions.looking_after import block_card, replace_card
from kaikukortti.models import (
    Batch,
    Card,
    Membership,
    NetworkVersion,
    Offering,
    PolicyRow,
    Record,
    RecordChange,
    Region,
    RegionMembership,
    RegionPhase,
    TrailEntry,
    User,
    Workplace,
    YearClose,
)
from kaikukortti.models.snapshot import network
from kaikukortti.rules.codes import read_code
from kaikukortti.terms.kinds import Source
from kaikukortti.terms.policies import SHAPES, Policy, Value
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase
from kaikukortti.terms.trail import Act
from tests.cast import LONG_AGO, NOW, TODAY

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("evening")]


def at(name, *args, language="en"):
    with override(language):
        return reverse(name, args=args)


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def nelli(signed_in):
    return signed_in("national")


@pytest.fixture
def kaisa(signed_in):
    return signed_in("kainuu")


# --- regions and plans ---


def test_a_phase_is_previewed_before_it_is_planned(nelli, cast):
    cast.card()
    espoo = cast.regions["espoo"].pk
    plan = {"phase": "ended", "since": "2027-01-01"}
    preview = nelli.post(at("plan-phase", espoo), plan)
    assert "On 1 January 2027 fewer than five cards (Kainuu) lose Espoo." in text(preview)
    for _ in range(4):
        cast.card()
    assert "On 1 January 2027 5 cards (Kainuu) lose Espoo." in text(nelli.post(at("plan-phase", espoo), plan))
    assert not RegionPhase.objects.filter(phase=Phase.ENDED).exists()
    again = nelli.post(at("plan-phase", espoo), plan | {"step": "edit"})
    assert 'value="2027-01-01"' in again.content.decode()
    assert nelli.post(at("plan-phase", espoo), plan | {"step": "do"}).headers["Location"] == at("region", espoo)
    row = RegionPhase.objects.get(phase=Phase.ENDED)
    assert "1 January 2027" in text(nelli.get(at("region", espoo))).replace("\xa0", " ")
    assert "Espoo: ended" in text(nelli.get(at("network")))
    assert nelli.post(at("take-back-phase", espoo, row.pk)).status_code == 302
    assert not RegionPhase.objects.filter(pk=row.pk).exists()


def test_a_plan_on_a_taken_day_or_in_a_closed_year_is_explained(nelli, cast):
    espoo = cast.regions["espoo"].pk
    taken = nelli.post(at("plan-phase", espoo), {"phase": "ended", "since": LONG_AGO})
    assert taken.status_code == 422
    assert "There is already a change on this day." in text(taken)
    broken = nelli.post(at("plan-phase", espoo), {"phase": "sleeping", "since": "31.2.2027", "step": "do"})
    assert broken.status_code == 422
    assert "Write the day like this: 24.11.2026." in text(broken)


def test_a_past_day_is_said_to_be_past(nelli, cast):
    preview = nelli.post(at("plan-phase", cast.regions["espoo"].pk), {"phase": "ended", "since": "1.10.2026"})
    assert "This day is past." in text(preview)


def test_a_municipality_leaves_and_its_residents_keep_their_cards(nelli, cast):
    cast.card(postal_code="88900")
    kainuu = cast.regions["kainuu"].pk
    plan = {"municipality": "290", "joins": "0", "since": "2027-01-01"}
    assert "Residents of Kuhmo have fewer than five cards that are valid then" in text(
        nelli.post(at("plan-municipality", kainuu), plan)
    )
    nelli.post(at("plan-municipality", kainuu), plan | {"step": "do"})
    row = RegionMembership.objects.get(since=date(2027, 1, 1))
    assert "Kuhmo leaves" in text(nelli.get(at("region", kainuu)))
    nelli.post(at("take-back-municipality", kainuu, row.pk))
    assert network().region_of_municipality("290", date(2027, 1, 1)) == kainuu


def test_a_municipality_that_is_elsewhere_cannot_leave_here(nelli, cast):
    plan = {"municipality": "049", "joins": "0", "since": "2027-01-01"}
    answer = nelli.post(at("plan-municipality", cast.regions["kainuu"].pk), plan)
    assert "does not belong to this region" in text(answer)


def test_a_region_is_made_and_its_texts_written(nelli, kaisa, cast):
    texts = {"name_fi": "Oulu", "name_sv": "Uleåborg", "slug": "Oulu"}
    answer = nelli.post(at("new-region"), texts)
    oulu = Region.objects.get(slug="oulu")
    assert answer.headers["Location"] == at("region", oulu.pk)
    taken = nelli.post(at("new-region"), texts | {"name_sv": ""})
    assert "Write the name in Swedish." in text(taken)
    taken = nelli.post(at("new-region"), texts)
    assert "Another region has this address." in text(taken)
    assert kaisa.get(at("edit-region", oulu.pk)).status_code == 404
    kainuu = cast.regions["kainuu"]
    kaisa.post(at("edit-region", kainuu.pk), {"name_fi": "Kainuu", "name_sv": "Kajanaland", "intro_fi": "Hei"})
    kainuu.refresh_from_db()
    assert (kainuu.name_sv, kainuu.intro_fi) == ("Kajanaland", "Hei")


# --- policies ---


def test_a_switch_is_previewed_with_the_cards_it_shuts_out(kaisa, cast):
    cast.card()
    scope = f"region-{cast.regions['kainuu'].pk}"
    plan = {"value": "no", "since": "2027-01-01", "reason": "The year's agreement"}
    preview = kaisa.post(at("plan-policy", scope, "cards-go-out"), plan)
    assert "On 1 January 2027 fewer than five cards (Kainuu) lose Espoo." in text(preview)
    assert "until then yes, from 1 January 2027 on no." in text(preview)
    done = kaisa.post(at("plan-policy", scope, "cards-go-out"), plan | {"step": "do"})
    assert done.headers["Location"] == at("policies-of", scope)
    page = text(kaisa.get(at("policies-of", scope)))
    assert "The year's agreement" in page.replace("&#x27;", "'")
    assert "Kaisa" in page
    row = PolicyRow.objects.get(since=date(2027, 1, 1))
    kaisa.post(at("take-back-policy", row.pk))
    assert not PolicyRow.objects.filter(pk=row.pk).exists()


SAMPLES = {Value.SWITCH: ("yes", True), Value.NUMBER: ("7", 7), Value.DAY: ("2027-06-30", "2027-06-30")}


@pytest.mark.parametrize("key", list(Policy))
def test_every_policy_can_be_set_for_the_country(nelli, cast, key):
    choice = SHAPES[key].choices[-1:] or ("",)
    typed, stored = SAMPLES.get(SHAPES[key].value, choice * 2)
    plan = {"value": typed, "since": "2027-01-01", "reason": "x", "step": "do"}
    assert nelli.post(at("plan-policy", "country", key), plan).status_code == 302
    assert PolicyRow.objects.get(key=key, since=date(2027, 1, 1)).value == stored
    gone = plan | {"value": "", "since": "2027-02-01"}
    assert nelli.post(at("plan-policy", "country", key), gone).status_code == 302
    assert nelli.get(at("policies-of", "country", language="sv")).status_code == 200


@pytest.mark.parametrize(("typed", "said"), [("-1", "greater"), ("99999999", "less"), ("x", "whole number")])
def test_a_number_out_of_bounds_is_asked_again(nelli, cast, typed, said):
    plan = {"value": typed, "since": "2027-01-01", "reason": "x"}
    answer = nelli.post(at("plan-policy", "country", "tickets-per-day"), plan)
    assert answer.status_code == 422
    assert said in text(answer)


def test_a_venues_contact_person_sets_its_caps(signed_in, cast):
    ville = signed_in("routa")
    scope = f"venue-{cast.workplaces['routa'].pk}"
    assert "Own tickets a month" in text(ville.get(at("policies-of", scope)))
    plan = {"value": "4", "since": "2027-01-01", "reason": "Small house", "step": "do"}
    assert ville.post(at("plan-policy", scope, "tickets-per-month"), plan).status_code == 302
    assert ville.get(at("plan-policy", scope, "cards-go-out")).status_code == 404
    other = f"venue-{cast.workplaces['tapiola'].pk}"
    assert ville.get(at("policies-of", other)).status_code == 404
    assert ville.get(at("policies-of", "country")).status_code == 404
    assert ville.get(at("policies")).status_code == 403


@pytest.mark.parametrize("scope", ["x", "region-", "region-x", "region-999999", "venue-1", "region-" + "9" * 30])
def test_a_scope_that_is_none_is_not_found(nelli, cast, scope):
    assert nelli.get(at("policies-of", scope)).status_code == 404
    assert nelli.get(at("plan-policy", scope, "child-age")).status_code == 404
    assert nelli.get(at("plan-policy", "country", "no-such")).status_code == 404


# --- workplaces ---


def filled(cast, **more):
    kainuu = cast.regions["kainuu"].pk
    return {
        "name_fi": "Kuhmon kirjasto",
        "municipality": "290",
        "home_region": kainuu,
        "since": "2026-11-24",
        "sector": "culture",
    } | more


def test_a_workplace_is_made_edited_and_ended(kaisa, cast):
    answer = kaisa.post(at("new-workplace", "venue"), filled(cast))
    made = Workplace.objects.get(name_fi="Kuhmon kirjasto")
    assert answer.headers["Location"] == at("workplace", made.pk)
    assert "no contact person" in text(kaisa.get(at("workplaces") + "?q=kuhmo"))
    kaisa.post(at("edit-workplace", made.pk), filled(cast, name_fi="Kuhmo-talo", sector="science"))
    made.refresh_from_db()
    assert (made.name_fi, made.sector) == ("Kuhmo-talo", "science")
    kaisa.post(at("end-workplace", made.pk), {"until": "31.12.2026"})
    made.refresh_from_db()
    assert made.until == date(2026, 12, 31)
    early = kaisa.post(at("end-workplace", made.pk), {"until": "2020-01-01"})
    assert "The last day comes before the first." in text(early)


def test_a_form_with_gaps_is_asked_again_and_keeps_what_was_written(kaisa, cast):
    answer = kaisa.post(at("new-workplace", "issuer"), {"name_fi": "", "street": "Kauppakatu 1", "since": "x"})
    page = text(answer)
    assert answer.status_code == 422
    for said in ("Write the name in Finnish.", "Choose a municipality.", "Write the day like this", "Fix four things"):
        assert said in page
    assert "Kauppakatu 1" in answer.content.decode()


def test_a_coordinator_sees_and_changes_only_the_own_region(kaisa, cast):
    page = text(kaisa.get(at("workplaces")))
    assert "Routa Company" in page
    assert "Tapiola Sinfonietta" not in page
    assert "Kaikukeskus" not in page
    for name in ("workplace", "edit-workplace", "end-workplace"):
        assert kaisa.get(at(name, cast.workplaces["tapiola"].pk)).status_code == 404
    assert kaisa.get(at("new-workplace", "national")).status_code == 404
    assert kaisa.get(at("batches", cast.workplaces["other"].pk)).status_code == 404
    foreign = kaisa.post(at("new-workplace", "venue"), filled(cast, home_region=cast.regions["espoo"].pk))
    assert foreign.status_code == 422


def test_a_pop_up_venue(nelli, kaisa, cast):
    dates = {"home_region": "", "admitted_since": "2026-12-01", "admitted_until": "2026-12-31"}
    nelli.post(at("new-workplace", "venue"), filled(cast, **dates))
    made = Workplace.objects.get(name_fi="Kuhmon kirjasto")
    assert (made.home_region, made.admitted_until) == (None, date(2026, 12, 31))
    assert "Admitted outside every region" in text(nelli.get(at("workplace", made.pk)))
    half = nelli.post(at("new-workplace", "venue"), filled(cast, **(dates | {"admitted_until": ""})))
    assert "Give both days, or neither." in text(half)
    assert "admitted" not in kaisa.get(at("new-workplace", "venue")).content.decode()


def test_an_agents_venues_are_found_added_and_taken_away(nelli, cast):
    agent, hall = cast.workplaces["luukku"], cast.workplaces["hall"]
    address = at("sold-venues", agent.pk)
    assert "Kajaanin uimahalli" in text(nelli.get(address + "?q=uima"))
    assert "Kajaanin uimahalli" in text(nelli.get(address + "?q=%00uima"))  # PostgreSQL takes no such sign
    nelli.post(address, {"venue": hall.pk, "sells": "1"})
    assert hall in agent.venues.all()
    nelli.post(address, {"venue": hall.pk, "sells": "0"})
    assert hall not in agent.venues.all()
    assert nelli.post(address, {"venue": "x", "sells": "1"}).status_code == 404
    assert nelli.get(at("sold-venues", hall.pk)).status_code == 404


# --- blank cards ---


def test_codes_are_shown_once(kaisa, cast):
    address = at("listed-cards", cast.workplaces["office"].pk)
    answer = kaisa.post(address, {"size": "3"})
    shown = re.findall(r"<b>(\w{3} \w{3} \w{4})</b>(\d{8})", answer.content.decode())
    assert len(shown) == 3
    assert "no-store" in answer["Cache-Control"]
    assert {serial for _code, serial in shown} == set(Card.objects.values_list("serial", flat=True))
    assert all(read_code(code) for code, _serial in shown)
    page = kaisa.get(at("batches", cast.workplaces["office"].pk)).content.decode()
    assert "3 blank cards are in the drawer." in page
    assert not any(code in page for code, _serial in shown)


@pytest.mark.parametrize("size", ["0", "1001", "-3", "x", ""])
def test_a_batch_of_an_odd_size_is_asked_again(kaisa, cast, size):
    assert kaisa.post(at("listed-cards", cast.workplaces["office"].pk), {"size": size}).status_code == 422
    assert Batch.objects.count() == 0


def test_a_list_of_a_thousand_codes_is_a_small_page(kaisa, cast, monkeypatch):
    monkeypatch.setattr(batches, "make_code", lambda: make_code(random_tag=True))
    answer = kaisa.post(at("listed-cards", cast.workplaces["office"].pk), {"size": "1000"})
    assert answer.content.count(b"<li><b>") == 1000
    assert len(answer.content) < 60_000


# --- corrections ---


@pytest.fixture
def record(cast):
    """An own ticket with a child at Routa Company today."""
    answer = cast.use(cast.card(), children=1)
    return Record.objects.get(pk=answer.record)


def test_a_record_is_opened_by_its_reference_and_reversed(kaisa, record):
    asked = kaisa.post(at("corrections"), {"reference": str(record.reference)})
    assert asked.headers["Location"] == at("correction", record.reference)
    page = kaisa.get(asked.headers["Location"])
    assert "Routa Company" in text(page)
    read = TrailEntry.objects.get(act=Act.RECORD_READ)
    assert read.by
    assert (read.by.name, read.subject) == ("Kaisa", str(record.reference))
    assert "Choose a reason." in text(kaisa.post(asked.headers["Location"], {}))
    assert "has been reversed" in text(kaisa.post(asked.headers["Location"], {"reason": "wrong-count"}, follow=True))
    assert RecordChange.objects.get(record=record).reason == "wrong-count"
    assert TrailEntry.objects.get(act=Act.RECORD_REVERSED).subject == str(record.reference)


def test_the_page_of_a_record_tells_nothing_of_the_card(kaisa, record):
    page = kaisa.get(at("correction", record.reference)).content.decode()
    card = record.card
    for told in (card.serial, card.digest, "87100", "1980", "Kajaanin sosiaalitoimisto"):
        assert told not in page


def test_records_of_other_regions_are_not_found(kaisa, nelli, cast):
    answer = cast.use(cast.card(), by=cast.actor("tapiola"))
    foreign = Record.objects.get(pk=answer.record)
    assert "No record of your region has this reference." in text(
        kaisa.post(at("corrections"), {"reference": str(foreign.reference)})
    )
    assert kaisa.get(at("correction", foreign.reference)).status_code == 404
    assert nelli.get(at("correction", foreign.reference)).status_code == 200
    assert kaisa.get(at("correction", uuid4())).status_code == 404
    assert kaisa.post(at("corrections"), {"reference": "x"}).status_code == 422


def test_the_dates_of_one_card_by_its_serial(kaisa, cast):
    cast.card(issued=NOW - timedelta(days=10))
    card = Card.objects.get(facts__kind="registered")
    answer = kaisa.post(at("card-dates"), {"serial": card.serial})
    assert "14 November 2026 – 13 November 2027" in text(answer).replace("\xa0", " ")
    read = TrailEntry.objects.get(act=Act.DATES_READ)
    assert read.by
    assert (read.by.name, read.workplace, read.subject) == ("Kaisa", cast.workplaces["kainuu"], str(card.trail_id))
    # Every issuer of the region stands among those the card can be moved to; nothing says which of them gave it.
    page = re.sub(r"<select.*?</select>", "", answer.content.decode(), flags=re.DOTALL)
    for told in ("87100", "1980", "Kajaanin sosiaalitoimisto"):
        assert told not in page
    assert "selected>Kajaanin" not in answer.content.decode()


def test_another_workplace_may_look_after_a_card(kaisa, cast):
    """The coordinator's override, with a reason; to the old workplace the card is then unknown (rule 9)."""
    cast.card(issued=NOW - timedelta(days=330))
    card = Card.objects.get(facts__kind="registered")
    office = Workplace.objects.create(
        role="issuer",
        name_fi="Kuhmon terveysasema",
        municipality_id="290",
        home_region=cast.regions["kainuu"],
        since=card.batch.made_at.date(),
    )
    NetworkVersion.bump()
    sent = {"serial": card.serial, "move": "1"}
    assert kaisa.post(at("card-dates"), sent).status_code == 422
    assert (
        kaisa.post(at("card-dates"), sent | {"to": cast.workplaces["other"].pk, "reason": "closed"}).status_code == 422
    )
    answer = kaisa.post(at("card-dates"), sent | {"to": office.pk, "reason": "closed"})
    assert "Kuhmon terveysasema looks after the card from now on and can renew it." in text(answer)
    card.refresh_from_db()
    assert card.workplace == office


def test_cards_of_other_regions_and_blanks_are_not_found(kaisa, cast):
    code = cast.card()
    Card.objects.filter(facts__kind="registered").update(region=cast.regions["espoo"])
    card = Card.objects.get(facts__kind="registered")
    blank = Card.objects.exclude(pk=card.pk).earliest("pk")
    for serial in (card.serial, blank.serial, "00000000", "x", code):
        assert kaisa.post(at("card-dates"), {"serial": serial}).status_code == 422


def entry(cast, day="2026-11-20", venue="routa"):
    return f"{at('enter-use')}?venue={cast.workplaces[venue].pk}&day={day}"


def test_a_use_that_was_left_out_is_entered(kaisa, cast):
    code = cast.card(issued=NOW - timedelta(days=100))
    use = {"id": str(uuid4()), "code": code, "holder": "1", "children": "2"}
    answer = kaisa.post(entry(cast), use)
    record = Record.objects.get()
    assert answer.headers["Location"] == at("correction", record.reference)
    assert (record.day, record.children, record.source, record.happened) == (date(2026, 11, 20), 2, Source.PAPER, True)
    assert record.recorder == cast.workplaces["kainuu"]
    assert kaisa.post(entry(cast), use).headers["Location"] == answer.headers["Location"]
    assert Record.objects.count() == 1


def test_a_use_of_a_closed_year_is_entered_as_a_correction(kaisa, cast):
    fields = {field.name: 0 for field in YearClose._meta.fields if field.name not in ("id", "by", "note", "as_of")}
    YearClose.objects.create(**fields | {"year": 2025, "revision": 1}, as_of=NOW)
    code = cast.card(issued=NOW - timedelta(days=360))
    page = kaisa.get(entry(cast, "2025-12-10"))
    assert page.status_code == 200
    kaisa.post(entry(cast, "2025-12-10"), {"id": str(uuid4()), "code": code, "holder": "1"})
    assert Record.objects.get().day == date(2025, 12, 10)


@pytest.mark.parametrize("case", ["blank", "blocked", "replaced", "unknown", "other", "children"])
def test_who_enters_a_use_learns_nothing_of_the_card(kaisa, cast, case):
    """A code opens nothing to a coordinator: the venue sees what the note is (who sees what)."""
    code = (
        cast.blank()
        if case == "blank"
        else random_code()
        if case == "unknown"
        else cast.card(minors=1, issued=NOW - timedelta(days=9))
    )
    if case in ("blocked", "replaced"):
        card = own_card(code, by=cast.aino)
        assert isinstance(card, Card)
        block_card(card, reason="lost", by=cast.aino, now=NOW - timedelta(days=2))
        if case == "replaced":
            replace_card(card, cast.blank(), reason="lost", by=cast.aino, now=NOW - timedelta(days=2))
    if case == "other":
        cast.use(code)
    sent = {"id": str(uuid4()), "code": code, "holder": "1", "children": "2" if case == "children" else "0"}
    page = text(kaisa.post(entry(cast, "2026-11-24"), sent, follow=True))
    assert "Recorded with a note. The venue sees the note in its day's records." in unescape(page)
    for told in (
        "blocked",
        "replaced",
        "not been registered",
        "not in the register",
        "has been given",
        "more children",
    ):
        assert told not in page
    assert Record.objects.latest("pk").refusal


def test_what_the_entry_itself_is_about_is_told(kaisa, cast):
    cast.offering(cap=0, first_day=TODAY)
    event = Offering.objects.get()
    sent = {"id": str(uuid4()), "code": cast.card(), "holder": "1", "offering": str(event.pk)}
    page = text(kaisa.post(entry(cast, "2026-11-24"), sent, follow=True))
    assert "Recorded with a note. The Kaiku Card places have all been given." in page


def test_an_entry_with_gaps_is_asked_again(kaisa, cast):
    assert kaisa.get(at("enter-use")).status_code == 200
    assert kaisa.get(entry(cast, "2027-01-01")).status_code == 422
    assert kaisa.get(entry(cast, venue="tapiola")).status_code == 422
    empty = kaisa.post(entry(cast), {"id": str(uuid4()), "code": "", "holder": "0"})
    assert "Write the code of the card." in text(empty)
    nobody = kaisa.post(entry(cast), {"id": str(uuid4()), "code": "7KM9QX2TR7", "holder": "0"})
    assert "Write at least one number above zero." in text(nobody)
    assert kaisa.post(entry(cast), {"id": "x", "code": "7KM9QX2TR7", "holder": "1"}).status_code == 422


# --- who, how many queries, how it looks ---


def addresses(cast):
    """Every page of the network that opens without a form, as (name, arguments)."""
    places, kainuu = cast.workplaces, cast.regions["kainuu"].pk
    return [
        ("network",),
        ("regions",),
        ("region", kainuu),
        ("edit-region", kainuu),
        ("policies",),
        ("policies-of", f"region-{kainuu}"),
        ("plan-policy", f"region-{kainuu}", "cards-go-out"),
        ("workplaces",),
        ("new-workplace", "venue"),
        ("workplace", places["routa"].pk),
        ("edit-workplace", places["routa"].pk),
        ("end-workplace", places["routa"].pk),
        ("batches", places["office"].pk),
        ("corrections",),
        ("card-dates",),
        ("enter-use",),
    ]


def only_national(cast):
    return [
        ("new-region",),
        ("plan-phase", cast.regions["kainuu"].pk),
        ("plan-municipality", cast.regions["kainuu"].pk),
        ("new-workplace", "analyst"),
        ("policies-of", "country"),
        ("sold-venues", cast.workplaces["luukku"].pk),
    ]


def test_who_opens_which_page(signed_in, cast):
    for address in addresses(cast):
        assert signed_in("kainuu").get(at(*address)).status_code == 200, address
        assert signed_in("national").get(at(*address)).status_code == 200, address
        for name in ("office", "luukku", "analyst"):
            assert signed_in(name).get(at(*address)).status_code == 403, (name, address)
    for address in only_national(cast):
        assert signed_in("national").get(at(*address)).status_code == 200, address
        assert signed_in("kainuu").get(at(*address)).status_code in (403, 404), address


def grow(cast, number):
    """More of everything that is listed."""
    for one in range(number):
        region = Region.objects.create(slug=f"more-{one}", name_fi=f"Alue {one}")
        RegionPhase.objects.create(region=region, since=LONG_AGO, phase=Phase.PILOT, entered_at=NOW)
        RegionPhase.objects.create(region=region, since=TODAY + timedelta(9), phase=Phase.ENDED, entered_at=NOW)
        kainuu = cast.regions["kainuu"]
        later = TODAY + timedelta(days=one + 1)
        RegionPhase.objects.create(region=kainuu, since=later, phase=Phase.PILOT, entered_at=NOW, by=cast.nelli.user)
        RegionMembership.objects.create(municipality_id="290", since=later, region=region, entered_at=NOW)
        PolicyRow.objects.create(key=Policy.CHILD_AGE, value=16, since=later, region=kainuu, reason="x", entered_at=NOW)
        place = Workplace.objects.create(
            role=Role.VENUE, name_fi=f"Paikka {one}", municipality_id="205", home_region=kainuu, since=LONG_AGO
        )
        user = User.objects.create(username=f"u{one}", name="U", made_at=NOW)
        Membership.objects.create(user=user, workplace=place, since=NOW)
        Batch.objects.create(workplace=cast.workplaces["office"], size=1, made_at=NOW, by=user)
        cast.workplaces["luukku"].venues.add(place)


def test_lists_ask_the_same_for_one_and_three(signed_in, cast, django_assert_max_num_queries):
    nelli = signed_in("national")
    pages = [*addresses(cast), ("sold-venues", cast.workplaces["luukku"].pk)]

    def counted():
        numbers = {}
        for address in pages:
            nelli.get(at(*address))
            with CaptureQueriesContext(
                connection,
            ) as queries:
                nelli.get(at(*address))
            numbers[address] = len(queries)
        return numbers

    grow(cast, 1)
    few = counted()
    Region.objects.filter(slug__startswith="more-").update(slug="first")
    PolicyRow.objects.filter(since__gt=TODAY).delete()
    RegionPhase.objects.filter(since__gt=TODAY).delete()
    RegionMembership.objects.filter(since__gt=TODAY).delete()
    User.objects.filter(username="u0").update(username="first")
    grow(cast, 3)
    assert counted() == few


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_full_lists_are_small_pages(signed_in, cast, language):
    grow(cast, 120)
    nelli = signed_in("national")
    for name in ("network", "regions", "policies", "workplaces", "enter-use"):
        assert len(nelli.get(at(name, language=language)).content) < 60_000, name
    for name in ("region", "edit-region"):
        assert len(nelli.get(at(name, cast.regions["kainuu"].pk, language=language)).content) < 60_000, name
    assert len(nelli.get(at("new-workplace", "venue", language=language)).content) < 60_000


@pytest.mark.parametrize(("language", "width", "dark"), [("fi", 320, True), ("sv", 320, False), ("en", 1280, False)])
def test_pages_are_accessible(cast, signed_in, open_page, axe, language, width, dark):
    grow(cast, 2)
    key = signed_in("national").session.session_key
    page = open_page(at("start", language=language), width=width, dark=dark, session=key)
    for address in [*addresses(cast), *only_national(cast)]:
        page.goto(at(*address, language=language))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        axe(page)
