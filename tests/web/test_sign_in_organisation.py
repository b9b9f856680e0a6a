"""Coming in through an organisation's own sign-in: the suite runs one, over HTTP and with signatures (section 5)."""

import json
import re
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from kaikukortti import settings as real_settings
from kaikukortti.actions.organisations import identity_digest, set_provider, tie, user_of
from kaikukortti.actions.people import MadeLink, invite_person, reset_password
from kaikukortti.actions.second_factor import seal
from kaikukortti.models import Card, User, Workplace
from kaikukortti.terms.grants import WhyNot
from kaikukortti.web.idle import TILL_UNTIL
from kaikukortti.web.providers import SESSION_PROVIDER
from kaikukortti.web.second_factor import CONFIRMED
from tests.cast import NOW
from tests.doors import everything
from tests.identity_provider import CLIENT, CLIENT_SECRET, OTHER_KEY, identity_provider

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("evening")]

NAME = "Kainuun hyvinvointialue"
MFA = {"amr": ["pwd", "mfa"]}


@pytest.fixture
def provider(settings):
    with identity_provider() as running:
        said: dict[str, Any] = {"id": "kainuu", "name": NAME, "issuer": running.issuer}
        said |= {"client_id": CLIENT, "client_secret": CLIENT_SECRET, "acr": ["urn:two"]}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [real_settings._provider(said)]}}
        yield running


@pytest.fixture
def aino(cast, provider):
    """Tied to the organisation."""
    user = cast.aino.user
    tie(user, provider="kainuu", identity=identity_digest(provider.issuer, provider.sub), now=NOW)
    return user


@pytest.fixture
def card(cast):
    cast.card()
    return Card.objects.exclude(holder=None).get()


def leave(browser, **form):
    """To the organisation, and the address with which it sends the person back."""
    away = browser.post("/en/sign-in/organisation/kainuu/", form)
    assert away.status_code == 302, away.content.decode()
    back = requests.get(away.headers["Location"], allow_redirects=False, timeout=5)
    return back.headers["Location"]


def there_and_back(browser, **form):
    return browser.get(local(leave(browser, **form)))


def local(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def text(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# --- coming in ------------------------------------------------------------------------------------------------------


def test_a_person_comes_in_through_the_organisation(client, aino, provider):
    page = client.get("/en/sign-in/")
    assert f"Sign in through {NAME}" in text(page)
    assert f"form-action 'self' {provider.issuer}" in page.headers["Content-Security-Policy"]
    came = there_and_back(client, next="/en/team/")
    assert came.headers["Location"] == "/en/team/"
    assert client.get("/en/desk/").status_code == 200
    assert client.session[SESSION_PROVIDER] == "kainuu"


def test_other_pages_name_no_other_place_for_their_forms(client, aino, provider):
    assert provider.issuer not in client.get("/en/privacy/").headers["Content-Security-Policy"]


def test_it_is_asked_for_nothing_but_who_it_is(client, aino, provider):
    there_and_back(client)
    assert provider.asked["scope"] == "openid"
    assert provider.asked["code_challenge_method"] == "S256"
    assert provider.asked["redirect_uri"] == "http://testserver/organisation/kainuu/back/"


@pytest.mark.parametrize(
    ("says", "counts"),
    [
        ({"amr": ["pwd", "mfa"]}, True),
        ({"acr": "urn:two"}, True),
        ({"amr": ["pwd"]}, False),
        ({"acr": "urn:one"}, False),
        ({**MFA, "auth_time": int((NOW - timedelta(minutes=31)).timestamp())}, False),  # signed in there this morning
        ({**MFA, "auth_time": None}, False),  # does not say when
        ({"amr": "mfa"}, False),  # not a list, so not what it looks like
        ({}, False),
    ],
)
def test_what_the_organisation_says_of_a_second_factor_counts(client, aino, provider, card, says, counts):
    provider.says = says
    there_and_back(client)
    assert (client.get(f"/en/cards/{card.pk}/").status_code == 200) is counts


def test_what_it_says_of_the_person_is_not_kept(client, aino, provider):
    provider.says = MFA
    there_and_back(client)
    stored = json.dumps(everything(), default=str)
    for word in ("kajaani.example", "Aino Example", provider.sub, CLIENT_SECRET):
        assert word not in stored
    row = SocialAccount.objects.get()
    assert row.extra_data == {}
    assert re.fullmatch("[0-9a-f]{64}", row.uid)


def test_who_is_not_known_gets_no_account(client, cast, provider):
    before = User.objects.count()
    answer = there_and_back(client)
    assert answer.status_code == 403
    assert "You have no place here yet" in text(answer)
    assert User.objects.count() == before
    assert not SocialAccount.objects.exists()
    assert client.get("/en/desk/").headers["Location"].startswith("/en/sign-in/")


def test_who_has_been_closed_out_stays_out(client, aino, provider):
    User.objects.filter(pk=aino.pk).update(is_active=False)
    assert there_and_back(client).status_code == 403


def test_the_answer_speaks_the_language_one_left_in(client, cast, provider):
    away = client.post("/sv/sign-in/organisation/kainuu/")
    back = requests.get(away.headers["Location"], allow_redirects=False, timeout=5).headers["Location"]
    assert '<html lang="sv"' in client.get(local(back)).content.decode()


# --- what is refused ------------------------------------------------------------------------------------------------


def spoiled(**changes):
    def spoil(provider):
        provider.says = changes

    return spoil


def signed_by_another(provider):
    provider.key = OTHER_KEY


def unsigned(provider):
    provider.spoil = lambda claims: jwt.encode(claims, key="", algorithm="none", headers={"kid": "one"})


def signed_with_the_client_secret(provider):
    provider.spoil = lambda claims: jwt.encode(claims, CLIENT_SECRET * 2, algorithm="HS256", headers={"kid": "one"})


def changed_after_signing(provider):
    def spoil(claims):
        head, _body, signature = provider.sign(claims).split(".")
        return f"{head}.{jwt.encode({**claims, 'sub': 'x'}, 'k' * 32, algorithm='HS256').split('.')[1]}.{signature}"

    provider.spoil = spoil


REFUSED = {
    "another's nonce": spoiled(nonce="another"),
    "no nonce": spoiled(nonce=None),
    "for another register": spoiled(aud="another"),
    "for two, without saying which": spoiled(aud=[CLIENT, "another"]),
    "for two, the other one": spoiled(aud=[CLIENT, "another"], azp="another"),
    "of another issuer": spoiled(iss="https://another.example"),
    "run out": spoiled(exp=int(time.time()) - 60),
    "without an end": spoiled(exp=None),
    "of nobody": spoiled(sub=None),
    "of an empty name": spoiled(sub=""),
    "signed by another": signed_by_another,
    "not signed": unsigned,
    "signed with what the register knows": signed_with_the_client_secret,
    "changed after signing": changed_after_signing,
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_token_that_is_not_right_lets_nobody_in(client, aino, provider, how):
    REFUSED[how](provider)
    answer = there_and_back(client)
    assert provider.tokens == 1  # it was fetched, and refused for what it says
    assert answer.status_code == 403
    assert "did not lead here" in text(answer)
    assert "_auth_user_id" not in client.session


def test_a_right_token_lets_in(client, aino, provider):
    """The control of all of the above, also for two registers at once when it says which."""
    provider.says = {"aud": [CLIENT, "another"], "azp": CLIENT}
    assert there_and_back(client).status_code == 302
    assert "_auth_user_id" in client.session


def test_another_browsers_way_back_leads_nowhere(client, aino, provider):
    """Somebody is made to follow the way back of the one who set out: they would sit in the other's account."""
    back = local(leave(client))
    assert Client().get(back).status_code == 403
    assert provider.tokens == 0
    assert client.get(back).status_code == 302  # the control


def test_a_way_back_is_good_once(client, aino, provider):
    back = local(leave(client))
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 403


@pytest.mark.parametrize("query", ["", "code=x", "state=x&code=x", "error=access_denied"])
def test_a_way_back_without_a_way_there_leads_nowhere(client, aino, provider, query):
    assert client.get(f"/organisation/kainuu/back/?{query}").status_code == 403


def test_who_says_no_there_comes_back_to_a_page(client, aino, provider):
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]
    answer = client.get(f"/organisation/kainuu/back/?error=access_denied&state={state}")
    assert answer.status_code == 403
    assert "was cancelled" in text(answer)


def test_an_issuer_that_says_it_is_another_is_not_followed(client, aino, provider, monkeypatch):
    said = provider.configuration()
    monkeypatch.setattr(provider, "configuration", lambda: {**said, "issuer": "https://another.example"})
    assert client.post("/en/sign-in/organisation/kainuu/").status_code == 403


def test_an_organisation_out_of_reach_is_told_kindly(client, cast, settings):
    with identity_provider() as gone:
        said = {"id": "kainuu", "name": NAME, "issuer": gone.issuer, "client_id": CLIENT, "client_secret": "x"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [real_settings._provider(said)]}}
    answer = client.post("/en/sign-in/organisation/kainuu/")
    assert answer.status_code == 403
    assert f"Signing in through {NAME} was cancelled" in text(answer)


def test_no_other_organisation_is_there(client, cast, provider):
    assert client.post("/en/sign-in/organisation/espoo/").status_code == 404
    assert client.get("/organisation/espoo/back/?state=x").status_code == 404


# --- with a one-time link -------------------------------------------------------------------------------------------


def test_a_new_person_comes_in_with_a_link_and_needs_no_password(client, cast, provider):
    link = invite_person(cast.workplaces["office"], name="Pekka", by=cast.aino, now=NOW)
    assert "Or through your organisation" in text(client.get(f"/en/come-in/{link.secret}/"))
    provider.says = MFA
    there_and_back(client, link=link.secret)
    pekka = User.objects.get(name="Pekka")
    assert not pekka.has_usable_password()
    assert client.get("/en/desk/").status_code == 200
    again = Client()
    assert there_and_back(again).status_code == 302
    assert again.session["_auth_user_id"] == str(pekka.pk)
    # The link is used.
    assert Client().post("/en/sign-in/organisation/kainuu/", {"link": link.secret}).status_code == 404


def test_who_comes_in_already_joins_one_more_workplace(client, cast, aino, provider):
    link = invite_person(cast.workplaces["hall"], name="Aino", by=cast.salla, now=NOW)
    there_and_back(client, link=link.secret)
    assert aino.memberships.current().count() == 2
    assert User.objects.filter(name="Aino").count() == 1


def test_a_link_to_a_new_password_ties_nothing(client, cast, provider):
    """Who made it from outside would come in as the other, with a second factor of their own."""
    link = reset_password(cast.aino.membership, by=cast.kaisa, now=NOW)
    assert isinstance(link, MadeLink)
    assert "through your organisation" not in text(client.get(f"/en/come-in/{link.secret}/"))
    assert client.post("/en/sign-in/organisation/kainuu/", {"link": link.secret}).status_code == 404


def test_the_session_holds_no_link(client, cast, provider):
    link = invite_person(cast.workplaces["office"], name="Pekka", by=cast.aino, now=NOW)
    leave(client, link=link.secret)
    assert link.secret not in json.dumps(everything(), default=str)


# --- tying it to a sign-in that is there ----------------------------------------------------------------------------


def test_who_signed_in_ties_their_organisation(signed_in, cast, provider):
    browser = signed_in("office")
    assert "sign in there once" in text(browser.get("/en/own-sign-in/"))
    assert there_and_back(browser, purpose="tie").headers["Location"] == "/en/own-sign-in/"
    assert user_of("kainuu", SocialAccount.objects.get().uid) == cast.aino.user
    assert f"You come in through {NAME}" in text(browser.get("/en/own-sign-in/"))


def test_a_learned_password_ties_nothing(signed_in, cast, provider):
    Authenticator.objects.create(user=cast.aino.user, type="totp", data={"secret": seal("A" * 32)})
    browser = signed_in("office", factor=False)
    answer = browser.post("/en/sign-in/organisation/kainuu/", {"purpose": "tie"})
    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()


def test_nobody_ties_theirs_at_a_till_that_somebody_else_keeps(signed_in, cast, provider):
    """S14: whoever stands by it may not be who signed in."""
    browser = signed_in("office")
    back = leave(browser, purpose="tie")
    session = browser.session
    session[TILL_UNTIL] = (NOW + timedelta(hours=3)).timestamp()
    session.save()
    assert browser.get(local(back)).status_code == 403
    there_and_back(browser, purpose="tie")
    assert not SocialAccount.objects.exists()


def test_an_identity_belongs_to_one(signed_in, aino, provider):
    browser = signed_in("routa")
    there_and_back(browser, purpose="tie")
    assert "Somebody else comes in with this identity" in text(browser.get("/en/own-sign-in/"))
    assert SocialAccount.objects.get().user_id == aino.pk


def test_who_has_another_way_in_may_untie_it(signed_in, aino, cast, provider):
    aino.set_unusable_password()
    aino.save()
    browser = signed_in("office")
    browser.post("/en/own-sign-in/organisation/kainuu/")
    assert SocialAccount.objects.exists()  # the only way in
    aino.set_password("kolme sinistä venettä")
    aino.save()
    other = signed_in("office")
    other.post("/en/own-sign-in/organisation/kainuu/")
    assert not SocialAccount.objects.exists()


def test_who_comes_through_an_organisation_sets_up_no_factor_with_the_password_alone(signed_in, aino):
    """A learned password would otherwise get a second factor that the organisation's sign-in stands before."""
    answer = signed_in("office", factor=False).get("/en/own-sign-in/app/")
    assert answer.status_code == 403
    assert f"You also come in through {NAME}" in text(answer)


# --- confirming ---------------------------------------------------------------------------------------------------


def test_the_organisation_confirms_it_anew(client, aino, provider, card):
    there_and_back(client)
    page = f"/en/cards/{card.pk}/"
    asked = client.get(page, follow=True)
    assert f"Sign in through {NAME}" in text(asked)
    assert provider.issuer in asked.headers["Content-Security-Policy"]
    provider.says = {**MFA, "auth_time": int(NOW.timestamp())}
    assert there_and_back(client, purpose="confirm", next=page).headers["Location"] == page
    assert provider.asked["prompt"] == "login"
    assert provider.asked["max_age"] == "0"
    assert client.get(page).status_code == 200


@pytest.mark.parametrize(
    "says",
    [
        {**MFA, "auth_time": None},  # does not say when
        {**MFA, "auth_time": int((NOW - timedelta(hours=2)).timestamp())},  # this morning
        {"auth_time": int(NOW.timestamp())},  # by a password alone
    ],
)
def test_an_earlier_sign_in_there_confirms_nothing(client, aino, provider, says):
    there_and_back(client)
    provider.says = says
    there_and_back(client, purpose="confirm")
    assert CONFIRMED not in client.session


def test_nor_does_somebody_elses(client, cast, aino, provider):
    there_and_back(client)
    provider.sub = "employee-4712"
    tie(cast.salla.user, provider="kainuu", identity=identity_digest(provider.issuer, provider.sub), now=NOW)
    provider.says = {**MFA, "auth_time": int(NOW.timestamp())}
    there_and_back(client, purpose="confirm")
    assert CONFIRMED not in client.session


# --- a workplace that lets in nobody else -----------------------------------------------------------------------------


def test_a_workplaces_people_come_through_their_organisation(signed_in, client, aino, cast, provider):
    Workplace.objects.filter(pk=cast.workplaces["office"].pk).update(provider="kainuu")
    by_password = signed_in("office").get("/en/desk/")
    assert by_password.status_code == 403
    assert f"its people sign in through {NAME}" in text(by_password)
    assert provider.issuer in by_password.headers["Content-Security-Policy"]
    assert "Cards left" not in text(by_password)
    there_and_back(client)
    assert client.get("/en/desk/").status_code == 200
    assert signed_in("routa").get("/en/till/", follow=True).status_code == 200


def test_an_organisation_that_is_gone_is_told(signed_in, cast):
    Workplace.objects.filter(pk=cast.workplaces["office"].pk).update(provider="gone")
    answer = signed_in("office").get("/en/desk/")
    assert answer.status_code == 403
    assert "does not know any more" in text(answer)


def test_its_contact_person_decides_having_come_through_it(signed_in, client, aino, cast, provider):
    page = f"/en/team/{cast.workplaces['office'].pk}/sign-in/"
    browser = signed_in("office")
    assert f"Only through {NAME}" in text(browser.get(page))
    refused = browser.post(page, {"provider": "kainuu"})
    assert refused.status_code == 422
    assert "Come in through it yourself first" in text(refused)
    provider.says = MFA
    there_and_back(client)
    assert client.post(page, {"provider": "kainuu"}).status_code == 302
    assert Workplace.objects.get(pk=cast.workplaces["office"].pk).provider == "kainuu"
    assert client.post(page, {"provider": ""}).status_code == 302
    assert client.post(page, {"provider": "another"}).status_code == 422


@pytest.mark.parametrize(
    ("by", "why_not"),
    [("office", None), ("national", None), ("kainuu", WhyNot.NOT_CONTACT), ("routa", WhyNot.NOT_CONTACT)],
)
def test_who_decides_it(cast, by, why_not):
    """Not the coordinator: who chooses the door could choose one that they hold the key of."""
    assert set_provider(cast.workplaces["office"], "kainuu", by=cast.actor(by), now=NOW) == why_not


# --- how it is configured --------------------------------------------------------------------------------------------


def test_the_file_beside_the_keys_is_read(tmp_path, monkeypatch):
    file = tmp_path / "providers.json"
    said = {"id": "kainuu", "name": NAME, "issuer": "https://id.example", "client_id": "x", "client_secret": "y"}
    file.write_text(json.dumps([said]))
    monkeypatch.setattr(real_settings, "PROVIDERS_FILE", str(file))
    assert real_settings._providers()[0]["settings"] == {
        "server_url": "https://id.example",
        "acr": [],
        "signs_in_at": [],
    }
    for wrong in ("", "{", '[{"id": "kainuu"}]', '["x"]'):
        file.write_text(wrong)
        with pytest.raises(ImproperlyConfigured):
            real_settings._providers()
