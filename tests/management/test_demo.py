"""`manage.py demo`: the document that acceptance checks rely on, again and again, tomorrow too."""

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction

from kaikukortti.actions import demo
from kaikukortti.actions.actor import Actor
from kaikukortti.actions.cards import Holder, Issued, issue_card
from kaikukortti.actions.checks import check_card
from kaikukortti.actions.codes import code_digests, link_digest
from kaikukortti.actions.known import Use
from kaikukortti.actions.opening import Opening, try_secret
from kaikukortti.actions.uses import record_uses
from kaikukortti.management.demo.cards import days_back
from kaikukortti.models import Card, CountedFact, Offering, Record, Token, User
from kaikukortti.models.snapshot import forget
from kaikukortti.rules.cards import last_valid_day
from kaikukortti.rules.codes import read_code
from kaikukortti.rules.network import in_force
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import CountedKind, OfferingKind, RecordKind, Status
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from tests.management.demo_document import load_demo, rows

pytestmark = pytest.mark.database

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=HELSINKI)
# The contract's cases, what the first venue is told of each, and how many children come along.
TOLD = {
    "active-without-children": (True, None, 0),
    "active-two-children": (True, None, 2),
    "valid-today-only": (True, None, 1),
    "expired-yesterday": (False, Refusal.CARD_EXPIRED, 0),
    "issued-on-29-february": (False, Refusal.CARD_EXPIRED, 0),
    "blocked": (False, Refusal.CARD_BLOCKED, 0),
    "replaced": (False, Refusal.CARD_REPLACED, 0),
    "replaced-successor": (True, None, 3),
    "unregistered": (False, Refusal.CARD_UNREGISTERED, 0),
    "unknown-code": (False, Refusal.CARD_UNKNOWN, 0),
    "wrong-check-character": (False, Refusal.CARD_CODE_TYPO, 0),
    "pilot-closed-both-ways": (False, Refusal.REGION_CLOSED_OUT, 0),
    "community": (True, None, 0),
}


@pytest.fixture(scope="module")
def first(django_db_setup, django_db_blocker):
    """The demo as it was first loaded, once for this module; each test then goes on from there."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        forget()
        yield load_demo(NOON, patch)
        transaction.set_rollback(True)
    forget()


@pytest.fixture
def load(first, monkeypatch):
    """Load the demo again at an instant and read its document."""
    forget()
    return lambda now=NOON: load_demo(now, monkeypatch)


def by_token(document, role):
    """Who the first token of a role acts for."""
    secret = next(one["token"] for one in document["tokens"] if one["role"] == role)
    token = Token.objects.current().select_related("workplace").get(digest=link_digest(secret))
    return Actor(token.workplace, token=token)


def is_told(document, now):
    venue = by_token(document, Role.VENUE)
    return {card["case"]: check_card(card["code"], by=venue, now=now) for card in document["cards"]}


def test_the_document_is_the_contracts(load):
    document = load()
    assert list(document) == ["accounts", "tokens", "cards", "blank_codes", "slips", "offerings"]
    assert {one["role"] for one in document["accounts"]} == set(Role.values)
    assert {one["role"] for one in document["tokens"]} == {"venue", "issuer", "ticket_agent", "national"}
    assert [set(one) for one in document["accounts"]] == [{"role", "workplace", "username", "password", "totp"}] * len(
        document["accounts"]
    )
    assert {frozenset(one) for one in document["tokens"]} == {frozenset({"role", "workplace", "token"})}
    assert [list(card) for card in document["cards"]] == [["code", "case", "allowed", "refusal", "child_places"]] * len(
        TOLD
    )
    listed = {
        card["case"]: (card["allowed"], card["refusal"] and Refusal(card["refusal"]), card["child_places"])
        for card in document["cards"]
    }
    assert listed == TOLD
    assert [(one["case"], one["kind"]) for one in document["offerings"]] == [
        ("open", "open"),
        ("full", "event"),
        ("cancelled", "event"),
        ("course", "course"),
        ("limit-2", "event"),
    ]
    venues = {one["workplace"] for one in document["tokens"] if one["role"] == "venue"}
    assert {one["venue"] for one in document["offerings"]} <= venues


def test_what_the_document_says_of_cards_is_what_the_first_venue_is_told(load):
    answers = is_told(load(), NOON)
    assert {case: (answer.allowed, answer.refusal, answer.child_places) for case, answer in answers.items()} == TOLD


def test_codes_are_what_their_cases_say(load):
    cards = {card["case"]: card["code"] for card in load()["cards"]}
    unreadable = {case for case, code in cards.items() if read_code(code) is None}
    unknown = {case for case, code in cards.items() if not Card.objects.filter(digest__in=code_digests(code)).exists()}
    assert unreadable == {"wrong-check-character"}
    assert unknown == {"wrong-check-character", "unknown-code"}

    def card(case):
        return Card.objects.get(digest__in=code_digests(cards[case]))

    assert card("replaced").line_id == card("replaced-successor").line_id
    leap = card("issued-on-29-february").facts.get(kind="valid")
    assert (leap.since, leap.until) == (date(2024, 2, 29), date(2025, 2, 28))
    assert card("community").community
    assert card("valid-today-only").facts.get(kind="valid").until == NOON.date()
    assert card("expired-yesterday").facts.get(kind="valid").until == NOON.date() - timedelta(days=1)


@pytest.mark.parametrize("postal_code", ["87100", "02100"])
def test_a_card_given_today_lasts_a_year_and_is_taken_at_every_listed_offering(load, postal_code):
    document = load()
    code = document["blank_codes"][0]
    issued = issue_card(
        code,
        by=by_token(document, Role.ISSUER),
        now=NOON,
        holder=Holder(birth_year=1980, minors=1, postal_code=postal_code),
    )
    assert isinstance(issued, Issued)
    assert issued.last_valid_day == last_valid_day(NOON.date())
    venue = by_token(document, Role.VENUE)
    assert check_card(code, by=venue, now=NOON).allowed
    answers = {}
    for listed in document["offerings"]:
        offering = Offering.objects.select_related("venue").get(pk=listed["id"])
        kind = RecordKind.COURSE if listed["kind"] == "course" else RecordKind.TICKET
        use = Use(id=uuid4(), code=code, day=NOON.date(), offering=UUID(listed["id"]), kind=kind)
        (answers[listed["case"]],) = record_uses([use], by=Actor(offering.venue), now=NOON)
    assert {case: (answer.status, answer.refusal) for case, answer in answers.items()} == {
        "open": (Status.RECORDED, None),
        "full": (Status.REFUSED, Refusal.OFFERING_FULL),
        "cancelled": (Status.REFUSED, Refusal.OFFERING_CANCELLED),
        "course": (Status.RECORDED, None),
        "limit-2": (Status.RECORDED, None),
    }


def test_two_places_are_left_where_the_case_says_two(load):
    document = load()
    listed = next(one for one in document["offerings"] if one["case"] == "limit-2")
    codes_of = {card["case"]: card["code"] for card in document["cards"]}
    by = Actor(Offering.objects.get(pk=listed["id"]).venue)
    cases = ("active-without-children", "valid-today-only", "replaced-successor")
    uses = [Use(id=uuid4(), code=codes_of[case], day=NOON.date(), offering=UUID(listed["id"])) for case in cases]
    statuses = [answer.status for answer in record_uses(uses, by=by, now=NOON)]
    assert statuses == [Status.RECORDED, Status.RECORDED, Status.REFUSED]


def test_events_start_today_and_only_the_course_is_a_course(load):
    for hour in (0, 12, 23):
        now = datetime.combine(NOON.date() + timedelta(days=hour), time(hour, 59), HELSINKI)
        document = load(now)
        for listed in document["offerings"]:
            offering = Offering.objects.get(pk=listed["id"])
            assert offering.facts.offered_on(now.date())
            assert (listed["case"] == "course") == (offering.kind == OfferingKind.COURSE)
            if offering.kind == OfferingKind.EVENT:
                assert offering.starts_at
                assert offering.starts_at.astimezone(HELSINKI).date() == now.date()


def test_the_first_venue_has_no_caps_and_its_neighbours_neither(load):
    document = load()
    venue = by_token(document, Role.VENUE)
    for listed in document["offerings"]:
        place = Offering.objects.get(pk=listed["id"]).venue_id
        assert venue.network.caps(NOON.date(), region=venue.facts.home_region, venue=place) == []


def test_blank_codes_are_of_the_first_issuer_and_filled_up(load):
    document = load()
    issuer = by_token(document, Role.ISSUER)
    digests = [code_digests(code)[-1] for code in document["blank_codes"]]
    assert len(digests) >= 500
    assert Card.objects.blank().filter(workplace=issuer.workplace, digest__in=digests).count() == len(digests)
    for code in document["blank_codes"][:130]:
        issue_card(code, by=issuer, now=NOON)
    again = load()["blank_codes"]
    assert len(again) >= 400
    assert again[:390] == document["blank_codes"][130:]


def test_everyone_can_sign_in_and_every_token_opens(load):
    document = load()
    for one in document["accounts"]:
        user = authenticate(username=one["username"], password=one["password"])
        assert user is not None
        assert [place.workplace.role for place in user.memberships.current()] == [one["role"]]
    for one in document["tokens"]:
        token = Token.objects.current().get(digest=link_digest(one["token"]))
        assert (token.workplace.role, token.workplace.name_fi) == (one["role"], one["workplace"])


def test_again_on_the_same_day_adds_nothing(load):
    first = load()
    before = rows()
    assert load(NOON + timedelta(hours=3)) == first
    assert rows() == before


@pytest.mark.parametrize("later", [timedelta(days=1), timedelta(days=45), timedelta(days=800)])
def test_on_a_later_day_the_cases_are_of_that_day_and_nothing_is_lost(load, later):
    first = load()
    code = next(card["code"] for card in first["cards"] if card["case"] == "valid-today-only")
    use = Use(id=uuid4(), code=code, day=NOON.date())
    (answer,) = record_uses([use], by=by_token(first, Role.VENUE), now=NOON)
    before = rows()
    then = NOON + later
    document = load(then)
    for name, numbers in rows().items():
        # The month's worklists are drawn anew, and the old ones go: that is their rule.
        assert before[name] <= numbers or name.startswith("Worklist"), name
    assert Record.objects.get(client_id=answer.id).day == NOON.date()
    assert [(card["case"], card["code"]) for card in document["cards"]] == [
        (card["case"], card["code"]) for card in first["cards"]
    ]
    assert (document["accounts"], document["tokens"]) == (first["accounts"], first["tokens"])
    told = is_told(document, then)
    assert {case: (one.allowed, one.refusal, one.child_places) for case, one in told.items()} == TOLD
    cards = {card["case"]: Card.objects.get(digest__in=code_digests(card["code"])) for card in document["cards"][:5]}
    assert cards["valid-today-only"].facts.filter(kind="valid").latest("until").until == then.date()
    assert cards["expired-yesterday"].facts.filter(kind="valid").latest("until").until == then.date() - timedelta(1)
    ids = {one["case"]: one["id"] for one in first["offerings"]}
    assert all(one["id"] != ids[one["case"]] for one in document["offerings"] if one["kind"] == "event")


def test_on_every_day_a_card_ran_out_yesterday_or_is_near_enough():
    """No card's last day is 28 February of a leap year; loading the demo adds the day that is missing."""
    missing = set()
    for ahead in range(4 * 366):
        last = NOON.date() + timedelta(days=ahead)
        today = last + timedelta(days=1)
        until = last_valid_day(today - timedelta(days=days_back(today, last=last)))
        missing |= {last} if until != last else set()
        assert last - timedelta(days=1) <= until <= last
    assert missing == {date(2028, 2, 28)}


def test_nothing_printed_stands_in_the_register(load):
    document = load()
    printed = {card["code"] for card in document["cards"]} | set(document["blank_codes"][:50])
    printed |= {one["secret"] for one in document["slips"]}
    printed |= {one["password"] for one in document["accounts"]} | {one["token"] for one in document["tokens"]}
    for model in apps.get_app_config("kaikukortti").get_models():
        for row in model._default_manager.values_list():
            text = repr(row)
            assert not [secret for secret in printed if secret in text], model


def test_the_slips_of_the_listed_cards_open_their_own_pages(load):
    document = load()
    opened = {
        one["case"]: try_secret(one["serial"], one["secret"], address="127.0.0.1", now=NOON).opening
        for one in document["slips"]
    }
    assert set(opened) < {card["case"] for card in document["cards"]}
    assert opened.pop("replaced") == Opening.REPLACED
    assert set(opened.values()) == {Opening.FIRST}
    assert load()["slips"] == document["slips"]


def test_history_keeps_away_from_what_is_listed(load):
    document = load()
    listed = [code_digests(card["code"])[-1] for card in document["cards"]]
    listed += [code_digests(code)[-1] for code in document["blank_codes"]]
    assert Record.objects.count() > 1000
    assert not Record.objects.filter(card__digest__in=listed).exists()
    assert not Record.objects.filter(day__gte=NOON.date()).exists()
    assert set(Record.objects.values_list("sector", flat=True)) == {"culture", "education", "science", "sport"}


def test_many_cards_stay_in_the_drawer(load):
    """As in the published years, so that the figures have something to show."""
    load()
    registered = CountedFact.objects.filter(kind=CountedKind.REGISTRATION, community=False).count()
    taken = CountedFact.objects.filter(kind=CountedKind.TAKEN_INTO_USE, withdrawn_at=None).count()
    assert 0.4 < taken / registered < 0.75


def test_regions_stand_where_the_brochure_has_them_in_todays_time(load):
    load()
    network = by_token(load(), Role.VENUE).network
    phases = {}
    for region, dated in network.phases.items():
        phases[region] = (in_force(dated, NOON.date()), dated[-1][0] > NOON.date())
    found = sorted((str(phase), planned) for phase, planned in phases.values())
    assert found == [
        ("permanent", False),
        ("permanent", False),
        ("permanent", False),
        ("pilot", False),
        ("pilot", True),
        ("preparing", True),
        ("preparing", True),
    ]


def test_another_demo_key_gets_no_demo(load, monkeypatch):
    load()
    before = rows()
    monkeypatch.setattr(demo, "demo_digest", lambda text: b"another")
    with pytest.raises(CommandError, match="other demo keys"):
        load()
    assert rows() == before


def test_a_changed_password_and_a_removed_person_come_back(load):
    document = load()
    aino = User.objects.get(username="aino")
    aino.set_password("something else entirely")
    aino.save()
    User.objects.get(username="ville").memberships.update(ended_at=NOON)
    load()
    for name in ("aino", "ville"):
        password = next(one["password"] for one in document["accounts"] if one["username"] == name)
        user = authenticate(username=name, password=password)
        assert user is not None
        assert user.memberships.current().count() == 1


def test_for_people_it_prints_who_can_sign_in_and_a_tour_in_three_languages(load, capsys):
    document = load()
    call_command("demo")
    printed = capsys.readouterr().out
    for one in document["accounts"]:
        assert one["username"] in printed
        assert one["password"] in printed
    for words in ("Kymmenen minuuttia", "Tio minuter", "Ten minutes"):
        assert words in printed
