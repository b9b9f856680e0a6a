"""The second factor: no card's row opens to a password alone, and who resets a password gets no further."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from kaikukortti.actions.demo import demo_secret
from kaikukortti.actions.people import MadeLink, choose_password, come_in, invite_person, reset_password
from kaikukortti.actions.second_factor import (
    add_passkey,
    check_code,
    code_at,
    has_factor,
    make_recovery_codes,
    reset_factor,
    seal,
    set_up_app,
    step_of,
    unseal,
)
from kaikukortti.actions.sign_in import CODES, CODES_A_DAY, TooManyTries
from kaikukortti.models import Batch, Card, DemoMark, Invitation, TrailEntry, User
from kaikukortti.terms.grants import WhyNot
from kaikukortti.web.second_factor import STEP_UP
from kaikukortti.web.sign_in import caller_address
from tests.cast import NOW
from tests.doors import address, call, everything, machine, routes, takes

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("evening")]

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "kolme sinistä venettä"


def code(now=NOW, *, later=0):
    return code_at(SECRET, step_of(now) + later)


@pytest.fixture
def aino(cast):
    """With an app, since yesterday."""
    user = cast.aino.user
    user.password = make_password(PASSWORD)
    user.save()
    Authenticator.objects.create(user=user, type="totp", data={"secret": seal(SECRET)}, created_at=NOW)
    return user


@pytest.fixture
def card(cast):
    cast.card()
    return Card.objects.exclude(holder=None).get()


@pytest.fixture
def at(monkeypatch):
    """`at(minutes=31)` moves the clock of the story."""
    return lambda **later: monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(**later))


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# --- asking -------------------------------------------------------------------------------------------------------


def test_a_password_alone_opens_no_cards_row(signed_in, aino, card):
    browser = signed_in("office", factor=False)
    answer = browser.get(f"/en/cards/{card.pk}/")
    assert answer.headers["Location"] == f"/en/second-factor/?next=%2Fen%2Fcards%2F{card.pk}%2F"
    asked = browser.get(answer.headers["Location"])
    assert "Confirm that it is you" in text(asked)
    assert "87100" not in text(asked)
    there = browser.post("/en/second-factor/", {"factor-code": code(), "next": f"/en/cards/{card.pk}/"})
    assert there.headers["Location"] == f"/en/cards/{card.pk}/"
    assert "87100" in text(browser.get(f"/en/cards/{card.pk}/"))


def test_every_page_of_card_rows_says_so_and_asks(signed_in, aino, cast):
    """Each of them, whatever stands in its address."""
    asking = {name: route for name, route in routes().items() if getattr(route.callback, "card_rows", False)}
    assert {"card", "correct-card", "block-card", "card-dates"} <= set(asking)
    some_id = "6a2f5b0c-0000-4000-8000-000000000000"
    parts = {"number": 1, "reference": some_id, "slug": "x", "link": 1, "draw": 1, "day": "2026-11-24"}
    for name, route in asking.items():
        roles = {role.value for role in getattr(route.callback, "roles", ())}
        browser = signed_in("office" if "issuer" in roles else "kainuu", factor=False)
        here = parts | ({"number": some_id} if name == "plan-group" else {})
        path = address(name, language="en", **{part: here.get(part, 1) for part in takes(route)})
        for answer in (browser.get(path), browser.post(path)):
            asked = answer.status_code == 403 and "Confirm that it is you" in text(answer)
            elsewhere = answer.status_code == 302 and answer.headers["Location"].startswith("/en/second-factor/")
            assert asked or elsewhere or answer.status_code == 405, (name, answer.status_code)


def test_giving_a_card_the_till_and_offerings_stay_open_with_a_password(signed_in, aino, cast):
    for name, path in (("office", "/en/desk/"), ("routa", "/en/day/"), ("routa", "/en/offerings/")):
        assert signed_in(name, factor=False).get(path).status_code == 200
    assert signed_in("routa", factor=False).get("/en/till/", follow=True).status_code == 200


def test_it_is_asked_again_after_a_pause(signed_in, aino, card, at):
    browser, page = signed_in("office"), f"/en/cards/{card.pk}/"
    for minutes in (10, 20, 29):
        at(minutes=minutes)
        assert browser.get(page).status_code == 200
    at(seconds=STEP_UP.total_seconds())
    assert "/second-factor/" in browser.get(page).headers["Location"]


def test_a_form_that_was_sent_meanwhile_is_kept(signed_in, aino, card, at):
    browser, page = signed_in("office"), f"/en/cards/{card.pk}/block/"
    at(minutes=29)
    assert browser.get(page).status_code == 200
    at(minutes=31)
    form = {"reason": "lost", "sure": "1"}
    asked = browser.post(page, form)
    assert asked.status_code == 403
    html = asked.content.decode()
    assert 'name="reason" value="lost"' in html
    assert "What you filled in is kept" in html
    wrong = browser.post(page, {**form, "factor-code": "000000"})
    assert wrong.status_code == 422
    assert 'name="reason" value="lost"' in wrong.content.decode()
    later = NOW + timedelta(minutes=31)
    done = browser.post(page, {**form, "factor-code": code(later)})
    assert done.headers["Location"] == f"/en/cards/{card.pk}/"
    assert card.facts.filter(kind="blocked").exists()


def test_a_password_alone_shows_no_code_of_cards_to_come(signed_in, cast):
    browser, office = signed_in("kainuu", factor=False), cast.workplaces["office"].pk
    listed = browser.post(f"/en/network/workplaces/{office}/cards/list/", {"size": 2})
    assert (listed.status_code, Card.objects.exists()) == (302, False)
    order = browser.post(f"/en/network/workplaces/{office}/cards/", {"size": 2, "layout": "cards"}).headers["Location"]
    printed = browser.post(f"{order}print/")
    assert (printed.status_code, printed.headers["Content-Type"]) == (302, "text/html; charset=utf-8")
    assert Batch.objects.get().printed_at is None


@pytest.mark.parametrize("sent", ["[" * 100_000, '{"id": "\\ud800"}', "null", ""])
def test_what_is_no_passkey_signs_nobody_in(client, db, sent):
    client.post("/en/sign-in/passkey/challenge/")
    assert client.post("/en/sign-in/passkey/", {"passkey": sent}).status_code == 422


@pytest.mark.parametrize(
    ("caller", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_limits_count_a_home_and_not_each_of_its_addresses(rf, caller, counted):
    """S5: one device has more IPv6 addresses than any limit could count."""
    assert caller_address(rf.get("/", REMOTE_ADDR=caller)) == counted


def test_a_confirmation_changes_the_sessions_key(signed_in, aino):
    """Who copied the session before it was confirmed has the password's rights and no more."""
    browser = signed_in("office", factor=False)
    before = browser.session.session_key
    browser.post("/en/second-factor/", {"factor-code": code()})
    assert browser.session.session_key != before
    thief = Client()
    thief.cookies["sessionid"] = before
    assert thief.get("/en/desk/").headers["Location"].startswith("/en/sign-in/")


def test_calls_with_a_token_are_not_asked(cast, aino, card):
    body = {"code": cast.given[-1]}
    assert call(machine(cast, "routa"), "POST", "/api/v1/check", body).status_code in (200, 422)


# --- codes ----------------------------------------------------------------------------------------------------------


def test_a_code_is_good_once(signed_in, aino):
    """Also in another browser, and on another app server: it stands with the secret in the database."""
    assert signed_in("office", factor=False).post("/en/second-factor/", {"factor-code": code()}).status_code == 302
    again = signed_in("office", factor=False).post("/en/second-factor/", {"factor-code": code()})
    assert again.status_code == 422
    assert "it has been used" in text(again)
    assert check_code(aino, code(later=1), now=NOW)  # the control: the next one is good
    assert not check_code(aino, code(), now=NOW)  # and an older one than the last is not


@pytest.mark.parametrize(("later", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_half_a_minute(aino, later, good):
    assert check_code(aino, code(later=later), now=NOW) is good


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "0" * 40])
def test_what_is_no_code_confirms_nothing(signed_in, aino, typed):
    answer = signed_in("office", factor=False).post("/en/second-factor/", {"factor-code": typed})
    assert answer.status_code == 422


def test_a_code_may_be_typed_with_a_space(aino):
    assert check_code(aino, f"{code()[:3]} {code()[3:]}", now=NOW)


def test_guessing_takes_a_break(signed_in, aino):
    browser = signed_in("office", factor=False)
    for _ in range(CODES):
        assert "not the one the app shows" in text(browser.post("/en/second-factor/", {"factor-code": "000000"}))
    answer = browser.post("/en/second-factor/", {"factor-code": code()})
    assert answer.status_code == 422
    assert "Codes take a short break" in text(answer)
    later = NOW + timedelta(minutes=15)
    assert check_code(aino, code(later), now=later)


def test_guessing_has_an_end_in_a_day(aino):
    """A hundred years of guessing would not find it, and a right code counts for none."""
    tried = 0
    for quarter in range(20):
        moment = NOW - timedelta(hours=18) + timedelta(minutes=15 * quarter)
        for _ in range(CODES):
            try:
                check_code(aino, "000000", now=moment)
                tried += 1
            except TooManyTries:
                break
    assert tried == CODES_A_DAY


def test_right_codes_are_no_guesses(aino):
    for step in range(4 * CODES):
        moment = NOW + timedelta(seconds=30 * step)
        assert check_code(aino, code(moment), now=moment)


def test_of_two_at_once_one_code_is_taken(transactional_db, at_once, cast):
    """A code read over a shoulder and typed at the same moment opens one session."""
    user = cast.aino.user
    Authenticator.objects.create(user=user, type="totp", data={"secret": seal(SECRET)}, created_at=NOW)
    results = at_once(4, lambda _number: check_code(user, code(), now=NOW))
    assert sorted(map(str, results)) == ["False", "False", "False", "True"]


def test_a_recovery_code_is_good_once_and_shown_once(signed_in, aino):
    browser = signed_in("office")
    page = browser.post("/en/own-sign-in/codes/")
    codes = re.findall(r"\b\d{4} \d{4}\b", text(page))
    assert len(codes) == 10
    assert not re.search(r"\b\d{4} \d{4}\b", text(browser.get("/en/own-sign-in/")))
    assert check_code(aino, codes[3], now=NOW)
    assert not check_code(aino, codes[3], now=NOW)
    assert "You have 9 codes" in text(browser.get("/en/own-sign-in/"))
    browser.post("/en/own-sign-in/codes/")
    assert not check_code(aino, codes[4], now=NOW)


def test_secrets_are_sealed(aino, cast, signed_in):
    """A copy of the database without the keys makes no code (rule 13)."""
    make_recovery_codes(aino, now=NOW)
    newcomer = signed_in("routa", factor=False)
    page = text(newcomer.get("/en/own-sign-in/app/"))
    shown = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page)
    assert shown
    stored = str(everything())
    assert SECRET not in stored
    assert shown[0].replace(" ", "") not in stored
    sealed = Authenticator.objects.get(user=aino, type="totp").data["secret"]
    assert unseal(sealed) == SECRET
    assert "seed" in Authenticator.objects.get(user=aino, type="recovery_codes").data


def test_a_lost_key_confirms_nothing_and_breaks_no_page(signed_in, aino, monkeypatch):
    make_recovery_codes(aino, now=NOW)
    monkeypatch.setattr("kaikukortti.actions.second_factor.derived_key", lambda purpose: b"another" + bytes(25))
    browser = signed_in("office")
    assert "You have 10 codes" in text(browser.get("/en/own-sign-in/"))
    for typed in (code(), "12345678"):
        answer = signed_in("office", factor=False).post("/en/second-factor/", {"factor-code": typed})
        assert answer.status_code == 422


# --- setting up -----------------------------------------------------------------------------------------------------


def test_who_has_none_is_led_to_set_one_up_and_comes_back(signed_in, cast, card):
    browser = signed_in("office", factor=False)
    page = f"/en/cards/{card.pk}/"
    led = browser.get(page, follow=True)
    assert led.redirect_chain[-1][0] == f"/en/own-sign-in/?next=%2Fen%2Fcards%2F{card.pk}%2F"
    assert "Set up a second factor" in text(led)
    setting = browser.get(f"/en/own-sign-in/app/?next={page}")
    shown = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", text(setting))
    assert shown
    secret = shown[0].replace(" ", "")
    assert "<svg" in setting.content.decode()
    wrong = browser.post("/en/own-sign-in/app/", {"code": "000000", "next": page})
    assert wrong.status_code == 422
    done = browser.post("/en/own-sign-in/app/", {"code": code_at(secret, step_of(NOW)), "next": page})
    assert len(re.findall(r"\b\d{4} \d{4}\b", text(done))) == 10
    assert f'href="{page}"' in done.content.decode()
    assert browser.get(page).status_code == 200
    assert TrailEntry.objects.filter(act="factor-set", subject=str(cast.aino.user.pk)).count() == 1


def test_who_has_one_confirms_it_before_the_next_is_added(signed_in, aino):
    """A learned password adds no passkey and makes no recovery codes."""
    browser = signed_in("office", factor=False)
    factor = Authenticator.objects.get(user=aino).pk
    for path in ("app/", "passkey/", f"factors/{factor}/"):
        assert browser.get(f"/en/own-sign-in/{path}").headers["Location"].startswith("/en/second-factor/")
        assert browser.post(f"/en/own-sign-in/{path}", {"remove": "1", "code": "1"}).status_code == 403
    assert browser.post("/en/own-sign-in/codes/").status_code == 403
    assert browser.post("/en/own-sign-in/passkey/registration/").status_code == 403
    assert Authenticator.objects.get(user=aino).pk == factor


def test_the_last_factor_may_be_removed_by_who_has_confirmed_it(signed_in, aino, card):
    browser = signed_in("office")
    make_recovery_codes(aino, now=NOW)
    factor = Authenticator.objects.get(user=aino, type="totp").pk
    assert "This is the only one you have" in text(browser.get(f"/en/own-sign-in/factors/{factor}/"))
    assert browser.post(f"/en/own-sign-in/factors/{factor}/", {"remove": "1"}).status_code == 302
    assert not Authenticator.objects.filter(user=aino).exists()


def test_a_passkey_gets_another_name(signed_in, aino):
    one = add_passkey(aino, name="Phone", credential={}, confirmed=True, now=NOW)
    browser = signed_in("office")
    browser.post(f"/en/own-sign-in/factors/{one.pk}/", {"name": "Work phone"})
    assert "Work phone" in text(browser.get("/en/own-sign-in/"))
    assert browser.post(f"/en/own-sign-in/factors/{one.pk}/", {"name": ""}).status_code == 422


def test_another_persons_factor_is_not_found(signed_in, aino):
    factor = Authenticator.objects.get(user=aino).pk
    assert signed_in("routa").get(f"/en/own-sign-in/factors/{factor}/").status_code == 404


# --- resets by others -----------------------------------------------------------------------------------------------


def opened_by_link(cast, by, now=NOW):
    """A coordinator makes a link to a new password for Aino, Kajaani's contact person, and uses it."""
    link = reset_password(cast.aino.membership, by=by, now=now)
    assert isinstance(link, MadeLink)
    browser = Client()
    browser.post(f"/en/come-in/{link.secret}/", {"password": PASSWORD})
    return browser


def test_a_new_password_from_outside_opens_no_row_where_there_is_a_factor(cast, aino, card):
    browser = opened_by_link(cast, cast.kaisa)
    assert browser.get("/en/desk/").status_code == 200
    assert "/second-factor/" in browser.get(f"/en/cards/{card.pk}/").headers["Location"]
    assert browser.get("/en/own-sign-in/app/").status_code == 302
    assert has_factor(aino)


def test_nor_where_there_is_none_yet(cast, card):
    """Who holds the link would set up the first factor in the person's name."""
    browser = opened_by_link(cast, cast.kaisa)
    led = browser.get(f"/en/cards/{card.pk}/", follow=True)
    assert led.redirect_chain[-1][0].startswith("/en/own-sign-in/")
    for path in ("app/", "passkey/"):
        refused = browser.get(f"/en/own-sign-in/{path}")
        assert refused.status_code == 403
        assert "somebody who does not work at your workplace" in text(refused)
    assert browser.post("/en/own-sign-in/app/", {"code": "123456"}).status_code == 403
    assert browser.post("/en/own-sign-in/passkey/registration/").status_code == 403


def test_nor_do_they_let_in_somebody_else(cast, card):
    """As the contact person they could invite a second one of themselves, or make a token."""
    browser = opened_by_link(cast, cast.kaisa)
    office = cast.workplaces["office"].pk
    for path in (f"/en/team/{office}/invite/", f"/en/team/{office}/tokens/"):
        assert "/second-factor/" in browser.get(path).headers["Location"]
        browser.post(path, {"name": "Another", "label": "x"})
    assert not Invitation.objects.filter(workplace=office, name="Another").exists()


def test_until_the_national_service_says_that_it_is_them(cast, card):
    browser = opened_by_link(cast, cast.kaisa)
    assert reset_factor(cast.aino.membership, by=cast.kaisa, now=NOW) == WhyNot.CONTACT_RESETS
    assert reset_factor(cast.aino.membership, by=cast.nelli, now=NOW) is None
    assert browser.get("/en/own-sign-in/app/").status_code == 200


def test_a_new_password_from_the_own_contact_person_closes_nothing(cast):
    """They open every row of the workplace already."""
    colleague = User.objects.create(username="pekka", name="Pekka", made_at=NOW)
    member = cast.aino.workplace.memberships.create(user=colleague, since=NOW)
    link = reset_password(member, by=cast.aino, now=NOW)
    assert isinstance(link, MadeLink)
    assert choose_password(link.secret, password=PASSWORD, now=NOW).factor_closed is False


def test_a_new_person_sets_up_the_first_factor(cast):
    link = invite_person(cast.workplaces["office"], name="Pekka", by=cast.aino, now=NOW)
    person = come_in(link.secret, username="pekka", password=PASSWORD, now=NOW).user
    assert set_up_app(person, SECRET, code(), confirmed=False, now=NOW)


def test_the_contact_person_takes_a_members_factor_away_and_the_member_is_told(cast, signed_in, card):
    colleague = User.objects.create(username="pekka", name="Pekka", password=make_password(PASSWORD), made_at=NOW)
    member = cast.aino.workplace.memberships.create(user=colleague, since=NOW)
    set_up_app(colleague, SECRET, code(), confirmed=False, now=NOW)
    pekka = Client()
    pekka.force_login(colleague)
    session = pekka.session
    session["membership"], session["factor"] = member.pk, NOW.timestamp() - 1
    session.save()
    assert pekka.get(f"/en/cards/{card.pk}/").status_code == 200
    page = f"/en/team/{cast.aino.workplace.pk}/members/{member.pk}/factor/"
    browser = signed_in("office")
    assert "New second factor for Pekka?" in text(browser.get(page))
    assert browser.post(page).status_code == 302
    assert not has_factor(colleague)
    # Sessions that were confirmed before open no row any more.
    assert "/second-factor/" in pekka.get(f"/en/cards/{card.pk}/").headers["Location"]
    came = Client()
    came.post("/en/sign-in/", {"username": "pekka", "password": PASSWORD})
    assert "took away your second factor" in text(came.get("/en/desk/"))
    again = Client()
    again.post("/en/sign-in/", {"username": "pekka", "password": PASSWORD})
    assert "took away your second factor" not in text(again.get("/en/desk/"))
    assert TrailEntry.objects.filter(act="factor-reset", subject=str(colleague.pk)).count() == 1


@pytest.mark.parametrize(
    ("by", "whose", "why_not"),
    [
        ("office", "office", None),
        ("kainuu", "office", WhyNot.CONTACT_RESETS),
        ("kainuu", "routa", None),
        ("kainuu", "other", WhyNot.NOT_YOURS),
        ("routa", "office", WhyNot.NATIONAL_ONLY),
        ("national", "office", None),
        ("national", "kainuu", None),
    ],
)
def test_who_takes_a_factor_away(cast, by, whose, why_not):
    assert reset_factor(cast.actor(whose).membership, by=cast.actor(by), now=NOW) == why_not


def test_the_coordinator_does_it_where_an_issuer_has_no_contact_person(cast):
    member = cast.aino.membership
    member.is_contact = False
    member.save()
    assert reset_factor(member, by=cast.kaisa, now=NOW) is None


# --- the demo -------------------------------------------------------------------------------------------------------


@pytest.fixture
def demo_aino(cast):
    """Aino as the demo made her, in a register without the demo's mark."""
    user = cast.aino.user
    data = {"secret": seal(demo_secret(user.username))}
    Authenticator.objects.create(user=user, type="totp", data=data, created_at=NOW)
    return user


@pytest.mark.parametrize(("demo", "marked"), [(False, False), (True, False), (False, True)])
def test_a_real_register_never_tells_a_code(signed_in, demo_aino, settings, demo, marked):
    mark(settings, demo=demo, marked=marked)
    asked = text(signed_in("office", factor=False).get("/en/second-factor/"))
    assert "Demo" not in asked
    assert not re.search(r"\b\d{6}\b", asked)


def test_a_demo_tells_the_code_of_its_own_people(signed_in, demo_aino, settings):
    mark(settings, demo=True, marked=True)
    browser = signed_in("office", factor=False)
    for _ in range(2):  # the second time in the same half minute it is the next one
        told = re.search(r"Demo: the code now is (\d{6})", text(browser.get("/en/second-factor/")))
        assert told
        assert check_code(demo_aino, told[1], now=NOW)


def test_and_not_of_an_app_that_somebody_set_up(signed_in, aino, settings):
    mark(settings, demo=True, marked=True)
    assert "Demo" not in text(signed_in("office", factor=False).get("/en/second-factor/"))


def mark(settings, *, demo, marked):
    settings.DEMO = demo
    if marked:
        DemoMark.objects.create(pk=1, digest="0" * 64, made_at=NOW)


def test_allauths_tables_of_addresses_and_tokens_stay_empty(aino, signed_in):
    signed_in("office").get("/en/own-sign-in/")
    rows = everything()
    empty = (
        "account.EmailAddress",
        "account.EmailConfirmation",
        "socialaccount.SocialApp",
        "socialaccount.SocialToken",
    )
    assert [table for table in empty if rows[table]] == []
    assert not SocialAccount.objects.exists()
