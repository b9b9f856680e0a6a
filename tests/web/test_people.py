"""Signing in, the team page, one-time links and tokens, as a browser sees them."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from kaikukortti.actions.people import invite_person, reset_password
from kaikukortti.actions.sign_in import PAIR
from kaikukortti.models import Membership, Token, User, Workplace
from tests.cast import NOW

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("evening")]

PASSWORD = "kolme sinistä venettä"


@pytest.fixture
def aino(cast):
    user = cast.aino.user
    user.password = make_password(PASSWORD)
    user.save()
    return user


def sign_in(client, username="aino", password=PASSWORD, **more):
    return client.post("/en/sign-in/", {"username": username, "password": password, **more})


def more_members(cast, name, number):
    for one in range(number):
        user = User.objects.create(username=f"more{one}", name=f"Member {one}", made_at=NOW)
        Membership.objects.create(user=user, workplace=cast.workplaces[name], since=NOW)


# --- who may act ---


@pytest.mark.parametrize(("name", "page"), [("office", "/en/desk/"), ("kainuu", "/en/team/"), ("routa", "/en/till/")])
def test_nobody_acts_for_a_workplace_after_its_last_day(signed_in, cast, name, page):
    """As its tokens do not (rule 14)."""
    person, place = signed_in(name), Workplace.objects.filter(pk=cast.workplaces[name].pk)
    place.update(until=NOW.date())
    assert person.get(page).status_code == 200 or person.get(page, follow=True).status_code == 200
    place.update(until=NOW.date() - timedelta(days=1))
    assert person.get(page).headers["Location"] == "/en/workplace/"
    chosen = person.post("/en/workplace/", {"membership": cast.actor(name).membership.pk})
    assert "You are not a member of any workplace at the moment." in chosen.content.decode()
    assert person.get(page).headers["Location"] == "/en/workplace/"


# --- signing in ---


def test_one_workplace_is_chosen_at_once(client, aino):
    assert sign_in(client).headers["Location"] == "/en/start/"
    assert client.get("/en/start/").headers["Location"] == "/en/desk/"
    assert "/en/workplace/" not in client.get("/en/desk/").content.decode()


def test_one_comes_back_to_where_one_was_going(client, aino):
    answer = client.get("/en/team/")
    assert answer.headers["Location"] == "/en/sign-in/?next=%2Fen%2Fteam%2F"
    assert 'value="/en/team/"' in client.get(answer.headers["Location"]).content.decode()
    assert sign_in(client, next="/en/team/").headers["Location"] == "/en/team/"


def test_nobody_is_sent_to_another_site(client, aino):
    assert sign_in(client, next="https://example.org/").headers["Location"] == "/en/start/"
    assert sign_in(client, next="//example.org/").headers["Location"] == "/en/start/"


@pytest.mark.parametrize("before", ["http://testserver//example.org/", "http://[x", "x", "http://testserver/en/till/"])
def test_nor_by_the_page_a_form_stood_on(signed_in, cast, before):
    ville = signed_in("routa")
    session = ville.session
    del session["membership"]
    session.save()
    assert ville.post("/en/till/check/", headers={"Referer": before}).headers["Location"] == "/en/workplace/"
    by_htmx = ville.get("/en/till/", headers={"HX-Request": "true", "HX-Current-URL": before})
    assert by_htmx.headers["HX-Redirect"] == "/en/workplace/"
    ville.post("/en/till/check/", headers={"Referer": before})
    there = ville.post("/en/workplace/", {"membership": cast.ville.membership.pk}).headers["Location"]
    assert there == ("/en/till/" if before.endswith("/till/") else "/en/start/")


def test_with_several_workplaces_one_chooses(client, cast, aino):
    second = Membership.objects.create(user=aino, workplace=cast.workplaces["hall"], since=NOW)
    assert sign_in(client, next="/en/team/").headers["Location"] == "/en/workplace/"
    assert "Kajaanin uimahalli" in client.get("/en/workplace/").content.decode()
    assert client.post("/en/workplace/", {"membership": second.pk}).headers["Location"] == "/en/team/"
    assert 'href="/en/workplace/"' in client.get("/en/team/").content.decode()
    assert client.get("/en/start/").headers["Location"] == "/en/till/"
    others = cast.ville.membership.pk
    for number in (others, "", "x", "9" * 30):
        assert client.post("/en/workplace/", {"membership": number}).status_code == 200
    assert client.get("/en/start/").headers["Location"] == "/en/till/"


@pytest.mark.parametrize(("username", "password"), [("aino", "wrong"), ("nobody", PASSWORD)])
def test_a_failure_says_the_same_whether_the_name_exists_or_not(client, aino, username, password):
    answer = sign_in(client, username, password)
    assert answer.status_code == 422
    assert "This user name and password do not go together." in answer.content.decode()
    assert f'value="{username}"' in answer.content.decode()
    assert password not in answer.content.decode()


def test_guessing_takes_a_break(client, aino):
    for _ in range(PAIR):
        sign_in(client, password="wrong")
    assert "Signing in takes a short break." in sign_in(client).content.decode()


def test_signing_out(client, aino):
    sign_in(client)
    assert client.post("/en/sign-out/").headers["Location"] == "/en/sign-in/"
    assert client.get("/en/team/").status_code == 302
    assert client.get("/en/sign-out/").status_code == 405


def test_a_session_ends_after_half_an_hour_without_use(client, aino, monkeypatch):
    sign_in(client)
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=29))
    assert client.post("/en/session/", headers={"X-Requested-With": "idle"}).status_code == 204
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=58))
    assert client.get("/en/team/").status_code == 200
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=89))
    answer = client.get("/en/team/")
    assert answer.headers["Location"] == "/en/sign-in/?next=%2Fen%2Fteam%2F&idle=1"
    assert "signed out" in client.get(answer.headers["Location"]).content.decode()
    assert sign_in(client, next="/en/team/").headers["Location"] == "/en/team/"


def test_who_is_removed_or_closed_is_out_with_the_next_request(signed_in, cast):
    ville = signed_in("routa")
    assert ville.get("/en/team/").status_code == 200
    Membership.objects.filter(pk=cast.ville.membership.pk).update(ended_at=NOW)
    assert ville.get("/en/team/").headers["Location"] == "/en/workplace/"
    assert "not a member of any workplace" in ville.get("/en/workplace/").content.decode()
    salla = signed_in("hall")
    User.objects.filter(pk=cast.salla.user.pk).update(is_active=False)
    assert salla.get("/en/team/").status_code == 302


def test_each_role_has_its_main_page(signed_in, cast):
    pages = {name: signed_in(name).get("/en/start/").headers["Location"] for name in cast.workplaces}
    assert pages["national"] == pages["kainuu"] == "/en/network/"
    assert pages["office"] == "/en/desk/"
    assert pages["routa"] == pages["luukku"] == "/en/till/"


# --- the team ---


def team_of(cast, name):
    return f"/en/team/{cast.workplaces[name].pk}/"


def shown_link(answer):
    (link,) = re.findall(r'<p class="code long">http://testserver(\S+)</p>', answer.content.decode())
    return link


def test_a_contact_person_lets_somebody_in(signed_in, cast):
    ville = signed_in("routa")
    answer = ville.post(team_of(cast, "routa") + "invite/", {"name": "Maija"})
    link = shown_link(answer)
    assert "<svg viewBox=" in answer.content.decode()
    assert "Maija" in ville.get("/en/team/").content.decode()
    maija = Client()
    assert "Routa Company" in maija.get(link).content.decode()
    weak = maija.post(link, {"username": "a b", "password": "short"})
    assert weak.status_code == 422
    assert "Fix two things" in weak.content.decode()
    assert maija.post(link, {"username": "maija", "password": PASSWORD}).headers["Location"] == "/en/start/"
    assert maija.get("/en/start/").headers["Location"] == "/en/till/"
    assert maija.get(link).status_code == 404
    assert "does not work any more" in maija.get(link).content.decode()


def test_a_taken_user_name_is_asked_again(signed_in, cast):
    made = invite_person(cast.workplaces["routa"], name="Maija", by=cast.ville, now=NOW)
    answer = Client().post(f"/en/come-in/{made.secret}/", {"username": "Aino", "password": PASSWORD})
    assert answer.status_code == 422
    assert "Somebody has this user name already" in answer.content.decode()


@pytest.mark.parametrize("name", ["İ" * 60, "\ufdfa" * 4])
def test_a_user_name_is_judged_as_it_is_stored(signed_in, cast, name):
    """One sign becomes several when the ways of writing are made one: longer than a name may be, or with spaces."""
    made = invite_person(cast.workplaces["routa"], name="Maija", by=cast.ville, now=NOW)
    answer = Client().post(f"/en/come-in/{made.secret}/", {"username": name, "password": PASSWORD})
    assert answer.status_code == 422
    assert not User.objects.filter(name="Maija").exists()


def test_a_kept_till_joins_nobody_to_another_workplace(signed_in, cast):
    """Whoever stands by a kept till may not be who signed in (S14); nor after half an hour away."""
    made = invite_person(cast.workplaces["hall"], name="Ville", by=cast.salla, now=NOW, is_contact=True)
    ville = signed_in("routa")
    ville.post("/en/till/keep/")
    assert ville.post(f"/en/come-in/{made.secret}/", {"join": "1"}).status_code == 422
    assert Membership.objects.filter(workplace=cast.workplaces["hall"]).count() == 1


def test_somebody_who_signs_in_already_joins(signed_in, cast):
    made = invite_person(cast.workplaces["routa"], name="Aino", by=cast.ville, now=NOW)
    aino = signed_in("office")
    assert "Join as" in aino.get(f"/en/come-in/{made.secret}/").content.decode()
    assert aino.post(f"/en/come-in/{made.secret}/", {"join": "1"}).headers["Location"] == "/en/workplace/"
    assert Membership.objects.current().filter(user=cast.aino.user).count() == 2


def test_a_new_password_by_link(signed_in, cast):
    more_members(cast, "routa", 1)
    member = Membership.objects.latest("pk")
    ville = signed_in("routa")
    link = shown_link(ville.post(f"{team_of(cast, 'routa')}members/{member.pk}/password/"))
    person = Client()
    assert "more0" in person.get(link).content.decode()
    assert person.post(link, {"password": PASSWORD}).headers["Location"] == "/en/start/"
    assert sign_in(Client(), "more0").headers["Location"] == "/en/start/"


def test_a_new_password_for_who_works_elsewhere_is_explained(signed_in, cast):
    more_members(cast, "routa", 1)
    member = Membership.objects.latest("pk")
    Membership.objects.create(user=member.user, workplace=cast.workplaces["tapiola"], since=NOW)
    answer = signed_in("routa").post(f"{team_of(cast, 'routa')}members/{member.pk}/password/", follow=True)
    assert "acts for another workplace too" in answer.content.decode()
    assert "tapiola" not in answer.content.decode().lower()


def test_removing_asks_once_more_and_the_last_contact_person_stays(signed_in, cast):
    more_members(cast, "routa", 1)
    ville = signed_in("routa")
    address = f"{team_of(cast, 'routa')}members/{Membership.objects.latest('pk').pk}/remove/"
    assert "Remove Member 0?" in ville.get(address).content.decode()
    assert "no longer a member" in ville.post(address, follow=True).content.decode()
    assert ville.get(address).status_code == 404
    own = f"{team_of(cast, 'routa')}members/{cast.ville.membership.pk}/remove/"
    assert "only contact person" in ville.post(own, follow=True).content.decode()


def test_a_second_contact_person(signed_in, cast):
    more_members(cast, "routa", 1)
    ville = signed_in("routa")
    address = f"{team_of(cast, 'routa')}members/{Membership.objects.latest('pk').pk}/contact/"
    assert "Member 0 is a contact person." in ville.post(address, {"is_contact": "1"}, follow=True).content.decode()
    own = f"{team_of(cast, 'routa')}members/{cast.ville.membership.pk}/contact/"
    assert ville.post(own, {"is_contact": "0"}).headers["Location"] == "/en/team/"
    assert "Invite a person" not in ville.get("/en/team/").content.decode()
    assert ville.get(team_of(cast, "routa") + "invite/").status_code == 404


def test_a_token_is_shown_once_listed_and_revoked(signed_in, cast):
    ville = signed_in("routa")
    made = ville.post(team_of(cast, "routa") + "tokens/", {"label": "Ticket shop"})
    (secret,) = re.findall(r"kaiku_[\w-]+", made.content.decode())
    assert "no-store" in made["Cache-Control"]
    page = ville.get("/en/team/").content.decode()
    assert "Ticket shop" in page
    assert secret not in page
    token = Token.objects.get()
    answer = ville.post(f"{team_of(cast, 'routa')}tokens/{token.pk}/revoke/", follow=True)
    assert "revoked" in answer.content.decode()
    token.refresh_from_db()
    assert token.revoked_at


def test_a_link_is_taken_back(signed_in, cast):
    made = invite_person(cast.workplaces["routa"], name="Maija", by=cast.ville, now=NOW)
    address = f"{team_of(cast, 'routa')}links/{made.invitation.pk}/take-back/"
    assert "taken back" in signed_in("routa").post(address, follow=True).content.decode()
    assert Client().get(f"/en/come-in/{made.secret}/").status_code == 404


@pytest.mark.parametrize(
    ("who", "whose", "status"),
    [
        ("national", "routa", 200),
        ("national", "national", 200),
        ("kainuu", "routa", 200),
        ("kainuu", "tapiola", 404),
        ("kainuu", "national", 404),
        ("kainuu", "luukku", 404),
        ("routa", "routa", 200),
        ("routa", "hall", 404),
        ("office", "routa", 404),
        ("luukku", "routa", 404),
        ("analyst", "routa", 404),
    ],
)
def test_who_sees_whose_team(signed_in, cast, who, whose, status):
    client = signed_in(who)
    assert client.get(team_of(cast, whose)).status_code == status
    assert client.get(team_of(cast, whose) + "invite/").status_code == status


def test_a_member_of_another_workplace_is_not_reached_through_the_own_one(signed_in, cast):
    ville, salla = signed_in("routa"), cast.salla.membership
    for end in ("remove", "password", "contact"):
        assert ville.post(f"{team_of(cast, 'routa')}members/{salla.pk}/{end}/").status_code == 404
    salla.refresh_from_db()
    assert salla.ended_at is None


def test_the_team_page_asks_the_same_for_one_and_three(signed_in, cast, django_assert_num_queries):
    ville = signed_in("routa")
    ville.get("/en/team/")
    with django_assert_num_queries(7):
        ville.get("/en/team/")
    more_members(cast, "routa", 2)
    for number in range(2):
        invite_person(cast.workplaces["routa"], name=f"M{number}", by=cast.ville, now=NOW)
        reset_password(Membership.objects.latest("pk"), by=cast.ville, now=NOW)
        Token.objects.create(workplace=cast.workplaces["routa"], label="x", digest=f"{number}", made_at=NOW)
    with django_assert_num_queries(7):
        ville.get("/en/team/")


def test_a_large_team_is_paged(signed_in, cast):
    more_members(cast, "routa", 60)
    for number in range(25):
        invite_person(cast.workplaces["routa"], name=f"M{number}", by=cast.ville, now=NOW)
    answer = signed_in("routa").get("/fi/team/")
    assert "?page=2" in answer.content.decode()
    assert len(answer.content) < 60_000


# --- in the browser ---


@pytest.mark.parametrize(("language", "width", "dark"), [("fi", 320, True), ("sv", 320, False), ("en", 1280, False)])
def test_pages_are_accessible(cast, signed_in, open_page, axe, language, width, dark):
    made = invite_person(cast.workplaces["routa"], name="Maija", by=cast.ville, now=NOW)
    Token.objects.create(workplace=cast.workplaces["routa"], label="Till 2", digest="x", made_at=NOW)
    key = signed_in("routa").session.session_key
    number = cast.workplaces["routa"].pk
    page = open_page(f"/{language}/workplace/", width=width, dark=dark, session=key)
    for address in (
        "workplace/",
        "team/",
        f"team/{number}/invite/",
        f"team/{number}/tokens/",
        f"team/{number}/members/{cast.ville.membership.pk}/remove/",
        "come-in/nothing/",
        f"come-in/{made.secret}/",
        "sign-in/",
    ):
        if address.startswith("come-in"):
            page.context.clear_cookies()
        page.goto(f"/{language}/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        axe(page)


def test_the_idle_warning_is_shown_and_one_press_goes_on(cast, signed_in, open_page, axe):
    page = open_page("/en/team/", session=signed_in("routa").session.session_key)
    page.close()
    context = page.context
    page = context.new_page()
    page.clock.install()
    page.goto("/en/team/")
    warning = page.get_by_role("alertdialog")
    assert not warning.is_visible()
    page.clock.fast_forward("27:01")
    assert warning.is_visible()
    axe(page)
    assert page.evaluate("document.activeElement.id") == "idle-heading"
    warning.get_by_role("button").click()
    warning.wait_for(state="hidden")
