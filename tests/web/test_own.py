"""The holder's own pages: opened with card and secret, beside no sign-in, on old phones and in easy language."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from kaikukortti.actions.codes import code_digests, random_secret, secret_digest
from kaikukortti.actions.holder import carry_out_erasures
from kaikukortti.actions.look_ups import gathered
from kaikukortti.actions.looking_after import replace_card
from kaikukortti.actions.opening import choose_secret, suggest_secrets, suggestion_seal
from kaikukortti.models import Card, CardFact, CountedFact, Erasure, HolderAccess, HolderData, LookUps, Record
from kaikukortti.rules.holder import PAIR
from kaikukortti.terms.kinds import CardFactKind, ChangeKind, ReplaceReason
from kaikukortti.terms.refusals import Refusal
from kaikukortti.web.own import IDLE
from tests.cast import Cast
from tests.test_house import ROOT
from tests.web.pages import asked, text

pytestmark = pytest.mark.database

OPEN, SECRET, CARD, USES, DATA = "/en/my/", "/en/my/secret/", "/en/my/card/", "/en/my/uses/", "/en/my/data/"


@pytest.fixture(autouse=True)
def clock(monkeypatch, cast):
    monkeypatch.setattr(timezone, "now", lambda: cast.now)


def slip(code: str) -> tuple[str, str]:
    """Serial and printed secret, as they stand on the slip."""
    card, secret = Card.objects.get(digest__in=code_digests(code)), random_secret()
    card.secret_digest = secret_digest(secret, serial=card.serial)
    card.save(update_fields=["secret_digest"])
    return card.serial, secret


def own_secret(code: str, cast: Cast) -> tuple[str, str]:
    """Serial and the secret the holder has chosen."""
    card, secret = Card.objects.get(digest__in=code_digests(code)), suggest_secrets()[0]
    assert choose_secret(card, secret, seal=suggestion_seal(secret, card=card), now=cast.now)
    return card.serial, secret


def opened(code: str, cast: Cast) -> Client:
    """A browser in which the card's pages are open."""
    browser = Client()
    serial, secret = own_secret(code, cast)
    answer = browser.post(OPEN, {"name": serial, "secret": secret})
    assert (answer.status_code, answer["Location"]) == (302, CARD)
    return browser


def suggestions(page) -> list[str]:
    return re.findall(r'name="suggested"\s+value="([^"]+)"', page.content.decode())


# --- opening ------------------------------------------------------------------------------------------------------


def test_the_first_opening_chooses_a_secret_and_kills_the_printed_one(cast: Cast):
    serial, printed = slip(cast.card())
    browser = Client()
    answer = browser.post(
        OPEN, {"name": f"{serial[:4]} {serial[4:]}", "secret": f"{printed[:3]}-{printed[3:].lower()}"}
    )
    assert answer["Location"] == SECRET
    assert browser.get(CARD)["Location"] == SECRET
    page = browser.get(SECRET)
    first = suggestions(page)
    assert len(first) == 3
    others = suggestions(browser.post(SECRET, {"suggested": first, "others": "1"}))
    assert not set(first) & set(others)
    answer = browser.post(SECRET, {"suggested": others, "secret": random_secret()})
    assert answer.status_code == 422
    assert "This is none of the three." in text(answer)
    assert suggestions(answer) == others
    mine = others[1].partition(":")[0]
    assert browser.post(SECRET, {"suggested": others, "secret": mine.lower()})["Location"] == CARD
    assert "Your card is valid" in text(browser.get(CARD))
    again = Client().post(OPEN, {"name": serial, "secret": printed})
    assert again.status_code == 422
    assert "This slip was opened on 24 November 2026, and a new secret was chosen then." in text(again)
    assert Client().post(OPEN, {"name": serial, "secret": mine})["Location"] == CARD


def test_a_secret_that_nobody_suggested_cannot_be_chosen(cast: Cast):
    serial, printed = slip(cast.card())
    browser = Client()
    browser.post(OPEN, {"name": serial, "secret": printed})
    thought_up = random_secret()
    made_up = [f"{thought_up}:{'0' * 64}"] * 3
    browser.post(SECRET, {"suggested": made_up, "secret": thought_up})
    assert not HolderAccess.objects.exists()


def test_the_code_alone_opens_nothing_and_what_does_not_open_looks_alike(cast: Cast):
    """P16: unknown, wrong and without a secret get the same page but for what was typed."""
    code = cast.card()
    serial, _printed = slip(code)
    without = Card.objects.get(digest__in=code_digests(cast.card())).serial
    said = set()
    for name in (serial, code, without, "12345678", "7KM9QX2TR7"):
        answer = Client().post(OPEN, {"name": name, "secret": random_secret()})
        assert answer.status_code == 422
        said.add(re.sub(r'value="[^"]*"', "", answer.content.decode()))
    assert len(said) == 1
    assert "do not belong together" in said.pop()
    assert "Write the secret from the slip." in text(Client().post(OPEN, {"name": code, "secret": ""}))


def test_a_typo_is_told_as_one_and_not_counted(cast: Cast):
    serial, printed = slip(cast.card())
    wrong = printed[:-1] + ("A" if printed[-1] != "A" else "B")
    for _ in range(PAIR.free * 3):
        answer = Client().post(OPEN, {"name": serial, "secret": wrong})
        assert "Check the secret" in text(answer)
        assert "Check the number" in text(Client().post(OPEN, {"name": "1234567", "secret": printed}))
    assert Client().post(OPEN, {"name": serial, "secret": printed})["Location"] == SECRET


def test_who_guesses_waits_and_then_comes_in(cast: Cast):
    serial, printed = slip(cast.card())
    for _ in range(PAIR.free + 2):
        Client().post(OPEN, {"name": serial, "secret": random_secret()})
    answer = Client().post(OPEN, {"name": serial, "secret": printed})
    assert answer.status_code == 429
    assert "Wait one second, then try again." in text(answer)
    cast.at(cast.now + timedelta(seconds=1))
    assert Client().post(OPEN, {"name": serial, "secret": printed})["Location"] == SECRET


def test_neither_code_nor_secret_is_sent_back_or_stands_in_an_address(cast: Cast):
    """S19: what was typed as a secret comes back to nobody; no address of these pages holds a code or a secret."""
    code = cast.card()
    serial, secret = own_secret(code, cast)
    answer = Client().post(OPEN, {"name": serial, "secret": random_secret()}, follow=True)
    assert not re.search(r'id="id_secret"[^>]*value=', answer.content.decode())
    browser = Client()
    chain = browser.post(OPEN, {"name": code, "secret": secret}, follow=True).redirect_chain
    assert [address for address, _status in chain] == [CARD]


# --- the session --------------------------------------------------------------------------------------------------


def test_the_session_gets_a_new_number_and_holds_the_card_alone(cast: Cast):
    code = cast.card()
    serial, secret = own_secret(code, cast)
    browser = Client()
    browser.get(f"{OPEN}?easy=1")
    before = browser.session.session_key
    browser.post(OPEN, {"name": serial, "secret": secret})
    assert browser.session.session_key != before
    assert set(browser.session.keys()) == {"own_card", "own_mark", "own_seen", "own_easy"}


def test_a_worker_is_signed_out_by_opening_and_a_holder_by_signing_in(cast: Cast, signed_in):
    code = cast.card()
    serial, secret = own_secret(code, cast)
    aino = signed_in("office")
    assert "Opening a card's own pages signs them out." in text(aino.get(OPEN))
    aino.post(OPEN, {"name": serial, "secret": secret})
    assert "Your card is valid" in text(aino.get(CARD))
    assert "_auth_user_id" not in aino.session
    aino.force_login(cast.aino.user)
    assert aino.get(CARD)["Location"].startswith(OPEN)
    assert "own_card" not in aino.session


def test_ten_minutes_without_use_close_the_pages_and_going_on_keeps_them(cast: Cast):
    browser = opened(cast.card(), cast)
    cast.at(cast.now + timedelta(minutes=9))
    assert browser.post("/en/my/stay/", headers={"X-Requested-With": "idle"}).status_code == 204
    cast.at(cast.now + IDLE)
    assert browser.get(CARD).status_code == 200
    cast.at(cast.now + IDLE + timedelta(seconds=1))
    assert browser.get(CARD)["Location"] == f"{OPEN}?closed=1"
    assert "Your pages have closed." in text(browser.get(f"{OPEN}?closed=1"))
    assert browser.get(CARD)["Location"] == OPEN


def test_nothing_of_a_holders_stays_in_the_browser(cast: Cast):
    browser = opened(cast.card(), cast)
    for page in ("card", "uses", "looks", "data", "erase", "block"):
        assert "no-store" in browser.get(f"/en/my/{page}/")["Cache-Control"]


def test_closing_leaves_nothing(cast: Cast):
    browser = opened(cast.card(), cast)
    page = browser.post("/en/my/close/", follow=True)
    assert "Your pages are closed." in text(page)
    assert browser.get(CARD)["Location"] == OPEN


@pytest.mark.parametrize("how", ["a new secret", "replaced", "erased"])
def test_open_pages_close_when_the_secret_or_the_card_goes(cast: Cast, how):
    code = cast.card()
    browser = opened(code, cast)
    card = Card.objects.get(digest__in=code_digests(code))
    if how == "a new secret":
        slip(code)
    elif how == "replaced":
        replace_card(card, cast.blank(), reason=ReplaceReason.STOLEN, by=cast.aino, now=cast.now)
    else:
        Erasure.objects.create(line=card.line, asked_at=cast.now, due_on=cast.now.date())
        carry_out_erasures(now=cast.now)
    assert browser.get(DATA)["Location"] == f"{OPEN}?closed=1"


# --- the pages ----------------------------------------------------------------------------------------------------


def test_the_card_says_whether_it_is_valid_and_why_not(cast: Cast):
    code = cast.card(minors=3)
    page = text(opened(code, cast).get(CARD))
    assert "Your card is valid The last valid day is 23 November 2027." in page
    assert "Children along, at most 3" in page
    assert "If the number of children has changed, Kajaanin sosiaalitoimisto puts it right." in page
    old = opened(cast.card(issued=cast.now - timedelta(days=20)), cast)
    cast.at(cast.now + timedelta(days=360))
    browser = opened(cast.card(issued=cast.now - timedelta(days=25)), cast)
    assert "It can be renewed now." not in text(browser.get(CARD))
    assert old.get(CARD)["Location"].startswith(OPEN)


def test_an_expired_card_says_where_it_is_renewed(cast: Cast):
    code = cast.card(issued=cast.now - timedelta(days=20))
    cast.at(cast.now + timedelta(days=360))
    page = text(opened(code, cast).get(CARD))
    assert "Your card has run out The last valid day was 3 November 2027." in page
    assert "It can be renewed where you got it: Kajaanin sosiaalitoimisto." in page


def test_blocked_from_the_slip_at_home(cast: Cast):
    """S8, and the workplace sees that its holder did it."""
    code = cast.card()
    browser = opened(code, cast)
    assert "You get a new one at Kajaanin sosiaalitoimisto." in text(browser.get("/en/my/block/"))
    assert not CardFact.objects.filter(kind=CardFactKind.BLOCKED).exists()
    page = text(browser.post("/en/my/block/", follow=True))
    assert "You blocked it on 24 November 2026 at 18:55." in page
    assert "Block my card" not in page
    assert cast.check(code).refusal == Refusal.CARD_BLOCKED
    assert browser.get("/en/my/block/")["Location"] == CARD


def test_own_uses_with_place_day_and_counts(cast: Cast):
    code = cast.card()
    cast.use(code, offering=cast.offering(), children=2)
    cast.use(cast.card(), by=cast.salla)
    page = text(opened(code, cast).get(USES))
    assert "Routa Company 24 November 2026 · An evening of contemporary dance 1 ticket and 2 children" in page
    assert "Kajaanin uimahalli" not in page


def test_a_page_of_uses_asks_the_same_of_one_and_of_three(cast: Cast):
    code, many = cast.card(), cast.card()
    cast.use(code)
    for by in (cast.ville, cast.salla, cast.actor("tapiola")):
        cast.use(many, by=by)
    one, three = opened(code, cast), opened(many, cast)
    assert asked(one.get, USES) == asked(three.get, USES)


def test_uses_from_before_a_new_secret_are_not_shown_and_the_page_says_why(cast: Cast):
    """P7"""
    code = cast.card(issued=cast.now - timedelta(days=9))
    cast.use(code)
    cast.at(cast.now + timedelta(days=2))
    card = Card.objects.get(digest__in=code_digests(code))
    CardFact.objects.create(card=card, kind=CardFactKind.SECRET, at=cast.now, entered_at=cast.now)
    page = text(opened(code, cast).get(USES))
    assert "Routa Company" not in page
    assert "Only what has happened since 26 November 2026 is shown" in page
    assert "Only what has happened" not in text(opened(cast.card(), cast).get(USES))


def test_a_use_is_disputed_once_and_the_venue_learns_nothing_else(cast: Cast, signed_in):
    code = cast.card()
    cast.use(code)
    record = Record.objects.get()
    browser, ville = opened(code, cast), signed_in("routa")
    address = f"{USES}{record.reference}/"
    assert "1 ticket" in text(browser.get(address))
    page = text(browser.post(address, follow=True))
    assert "You have said that this is not yours. The place looks into it." in page
    assert browser.get(address)["Location"] == USES
    assert [change.kind for change in record.changes.all()] == [ChangeKind.DISPUTED]
    settle = text(ville.get("/en/day/settle/"))
    assert "The holder says that this use is not theirs." in settle
    assert "1 record waits for your word" in text(ville.get("/en/day/"))
    page = text(ville.post(f"/en/day/{record.reference}/settle/", {"counts": "yes"}, follow=True))
    assert "You have said that it stands." in page
    assert "The place has looked into it and says that it stands." in text(browser.get(USES))
    assert "Nothing waits for your word." in text(ville.get("/en/day/settle/"))


def test_anothers_use_is_not_found(cast: Cast):
    cast.use(cast.card())
    browser = opened(cast.card(), cast)
    assert browser.post(f"{USES}{Record.objects.get().reference}/").status_code == 404


def test_who_looked_by_kind_day_and_times(cast: Cast):
    code = cast.card()
    card = Card.objects.get(digest__in=code_digests(code))
    LookUps.objects.create(card=card, role="venue", day=cast.now.date(), number=3)
    page = text(opened(code, cast).get("/en/my/looks/"))
    assert "24 November 2026 a venue 3" in page
    assert "Routa" not in page


def test_the_workplace_and_the_coordinator_are_seen_looking(cast: Cast, signed_in):
    gathered.write()  # what other stories have left in memory is of no card of this one
    code = cast.card()
    card = Card.objects.get(digest__in=code_digests(code))
    assert signed_in("office").get(f"/en/cards/{card.pk}/").status_code == 200
    dates = text(signed_in("kainuu").post("/en/network/corrections/card/", {"serial": card.serial}))
    assert f"{card.serial[:4]} {card.serial[4:]}" in dates.replace("\xa0", " ")
    gathered.write()
    page = text(opened(code, cast).get("/en/my/looks/"))
    assert "24 November 2026 an area's coordinator 1" in page
    assert "24 November 2026 a workplace that gives cards 1" in page


def test_what_the_register_holds_exact_and_coarse(cast: Cast):
    code = cast.card()
    browser = opened(code, cast)
    page = text(browser.get(DATA))
    assert "Birth year 1980 Postal code 87100 Municipality Kajaani" in page
    assert "kept until 22 February 2027" in page
    assert "Only Kajaanin sosiaalitoimisto can put it right." in page
    HolderData.objects.update(birth_year=None, postal_code="", exact_until=None)
    page = text(browser.get(DATA))
    assert "Birth year 1980–1984 Postal code not stored Municipality Kajaani" in page
    assert "Your birth year has become a span of five years" in page


def test_reminders_are_switched_in_one_press(cast: Cast):
    code = cast.card()
    browser = opened(code, cast)
    assert "You have not said yes." in text(browser.get(DATA))
    page = browser.post("/en/my/reminders/", {"may": "yes"}, follow=True)
    assert "You have said yes." in text(page)
    assert HolderData.objects.get().may_remind
    browser.post("/en/my/reminders/", {"may": "no"})
    assert not HolderData.objects.get().may_remind


def test_voluntary_answers_are_shown_to_their_holder_and_erased(cast: Cast):
    browser = opened(cast.card(gender="woman", life_situations=["student", "carer"], home_language="sv"), cast)
    page = text(browser.get(DATA))
    assert "Gender woman" in page
    assert "Home language Swedish" in page
    assert "student, at home with children or caring for someone" in text(browser.get("/en/my/answers/"))
    page = text(browser.post("/en/my/answers/", follow=True))
    assert "Your voluntary answers are erased." in page
    assert "Gender" not in page
    assert set(CountedFact.objects.values_list("gender", "life_situations", "home_language")) == {(None, None, None)}
    assert browser.get("/en/my/answers/")["Location"] == DATA


def test_erasing_everything_waits_is_shown_and_can_be_taken_back(cast: Cast):
    code = cast.card()
    browser = opened(code, cast)
    assert "It happens in 7 days, on 1 December 2026." in text(browser.get("/en/my/erase/"))
    page = text(browser.post("/en/my/erase/", follow=True))
    assert "Everything is erased on 1 December 2026, as you asked." in page
    assert "Everything is erased on 1 December 2026, as you asked." in text(browser.get(DATA))
    page = text(browser.post("/en/my/keep/", follow=True))
    assert "Nothing is erased." in page
    assert not Erasure.objects.exists()
    browser.post("/en/my/erase/")
    cast.at(cast.now + timedelta(days=7))
    carry_out_erasures(now=cast.now)
    assert cast.check(code).refusal == Refusal.CARD_UNKNOWN


# --- easy language ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_easy_language_is_kept_and_its_sentences_are_short(cast: Cast, language):
    """L7: at most twelve words a sentence, one sentence a paragraph."""
    browser = opened(cast.card(), cast)
    browser.get(f"/{language}/my/card/?easy=1")
    for page in ("card", "uses", "looks", "data", "erase", "block"):
        body = browser.get(f"/{language}/my/{page}/").content.decode()
        assert 'class="easy"' in body, page
        main = body.split("<main")[1].split("</main>")[0]
        for paragraph in re.findall(r"<p(?![^>]*soft)[^>]*>(.*?)</p>", main, re.DOTALL):
            plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", paragraph)).strip()
            for sentence in re.split(r"(?<=[.?!]) ", plain):
                assert len(sentence.split()) <= 14, (page, sentence)
    browser.get(f"/{language}/my/card/?easy=0")
    assert 'class="easy"' not in browser.get(f"/{language}/my/card/").content.decode()


# --- old phones ---------------------------------------------------------------------------------------------------

CSS = ROOT / "kaikukortti" / "static" / "kaikukortti" / "css"
# Chrome 80 and Safari of iOS 13 know none of these.
TOO_NEW = (
    r"@layer|@container|@supports|@property|:has\(|:is\(|:where\(|:focus-visible|clamp\(|\bmin\(|\bmax\(|inset|"
    r"(?:margin|padding)-(?:inline|block)|\bgap:|text-wrap|accent-color|aspect-ratio|clip-path|color-mix|&|light-dark"
)


def test_the_styles_use_nothing_that_old_phones_do_not_know():
    rules = re.sub(r"/\*.*?\*/", "", (CSS / "own.css").read_text(), flags=re.DOTALL)
    assert re.findall(TOO_NEW, rules) == []
    assert not re.search(r"{[^}@]*{", re.sub(r"@(?:media|font-face)[^{]*{", "", rules)), "nested rules"


def test_colours_and_letters_come_from_files_that_old_phones_read():
    """tokens.css may name what they do not know: a custom property is only read where it is used."""
    fonts = re.sub(r"/\*.*?\*/", "", (CSS / "fonts.css").read_text(), flags=re.DOTALL)
    assert re.findall(TOO_NEW, fonts) == []
    tokens = re.sub(r"/\*.*?\*/", "", (CSS / "tokens.css").read_text(), flags=re.DOTALL)
    unknown = {name for name, value in re.findall(r"(--[\w-]+):\s*([^;]+);", tokens) if re.search(TOO_NEW, value)}
    used = set(re.findall(r"var\((--[\w-]+)", (CSS / "own.css").read_text()))
    assert not used & unknown


NOT_KNOWN = re.compile(rf"[^{{}};]*(?:{TOO_NEW})[^{{}};]*;?")


@pytest.mark.database(transaction=True)
def test_a_phone_of_2019_shows_the_same_pages_without_scripts(cast: Cast, open_page):
    """What an old phone does not know is cut out of every style, scripts are off: the pages look the same, and the card
    is blocked with nothing but links and buttons. The control: a page of the other styles does not look the same."""
    code = cast.card(gender="woman")
    cast.use(code)
    key = opened(code, cast).session.session_key
    pictures: dict[bool, list[bytes]] = {False: [], True: []}
    for old, seen in pictures.items():
        page = open_page("/fi/my/", width=320, session=key, java_script_enabled=not old)
        if old:
            page.route("**/*.css", without_what_is_new)
        page.goto("/fi/how/")
        control = page.screenshot(full_page=True)
        for name in ("card", "uses", "looks", "data", "erase", "block"):
            page.goto(f"/fi/my/{name}/")
            seen.append(page.screenshot(full_page=True))
        pictures[old] = [control, *seen]
    assert pictures[False][0] != pictures[True][0]
    assert pictures[False][1:] == pictures[True][1:]
    page.get_by_role("button", name="Estä korttini").click()
    assert page.get_by_text("Korttisi on estetty").is_visible()
    assert cast.check(code).refusal == Refusal.CARD_BLOCKED


def without_what_is_new(route):
    """The style sheet as an old browser reads it. From the file: an answer may be gone with the page that asked."""
    found = finders.find(urlsplit(route.request.url).path.removeprefix("/static/"))
    assert found
    route.fulfill(content_type="text/css", body=NOT_KNOWN.sub("", Path(found).read_text()))


@pytest.mark.database(transaction=True)
@pytest.mark.parametrize("state", ["opening", "typo", "choosing", "expired", "blocked", "erased soon"])
def test_every_state_is_clean_at_320_pixels(cast: Cast, open_page, axe, state):
    """A1, A6: in Finnish and easy Swedish, light and dark."""
    code = cast.card(issued=cast.now - timedelta(days=20))
    cast.use(code)
    browser = Client()
    if state == "choosing":
        serial, printed = slip(code)
        browser.post(OPEN, {"name": serial, "secret": printed})
    elif state not in ("opening", "typo"):
        browser = opened(code, cast)
    if state == "blocked":
        browser.post("/en/my/block/")
    elif state == "erased soon":
        browser.post("/en/my/erase/")
    elif state == "expired":
        cast.at(cast.now + timedelta(days=400))
        browser = opened_again(code, cast)
    where = {"opening": "", "typo": "", "choosing": "secret/"}.get(state, "card/")
    key = browser.session.session_key or ""
    for language, dark in (("fi", False), ("sv", True)):
        page = open_page(f"/{language}/my/{where}?easy={int(dark)}", width=320, dark=dark, session=key)
        if state == "typo":
            page.locator("#id_name").fill("1234567")
            page.locator("#id_secret").press("Enter")
            assert page.locator("#sum-up").evaluate("box => box === document.activeElement")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 320


def opened_again(code: str, cast: Cast) -> Client:
    """The same card, opened later with a secret that was chosen meanwhile."""
    HolderAccess.objects.update(digest="")
    return opened(code, cast)
