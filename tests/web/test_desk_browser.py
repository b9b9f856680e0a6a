"""The desk in a browser: by keyboard and scanner, without a script, in three languages, narrow and dark."""

import pytest

from kaikukortti.models import Card, CardFact
from kaikukortti.rules.codes import shown
from kaikukortti.terms.kinds import CardFactKind

pytestmark = pytest.mark.database(transaction=True)

MOST_KEYS = 25


@pytest.fixture
def desk(cast, signed_in, open_page):
    """`desk("fi", …)` opens the desk for Aino."""

    def come_to(language="en", path="desk/", **how):
        session = signed_in("office").cookies["sessionid"].value
        return open_page(f"/{language}/{path}", session=session, **how)

    return come_to


def scan(page, code):
    """A scanner types the code and Enter faster than anyone; it is no key press of the worker's."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def focused(page):
    return page.evaluate("document.activeElement.name || document.activeElement.tagName")


def registered():
    return CardFact.objects.filter(kind=CardFactKind.REGISTERED).count()


def test_an_ordinary_client_takes_at_most_twenty_five_keys(cast, desk):
    code = cast.blank()
    page = desk()
    keys = 0

    def press(*several):
        nonlocal keys
        for key in several:
            page.keyboard.press(key)
            keys += 1

    assert focused(page) == "code"
    scan(page, code)
    assert focused(page) == "birth_year"
    press(*"1980", "Enter")
    assert focused(page) == "postal_code"
    press(*"87100", "Enter")
    assert focused(page) == "minors"
    press("2", "Enter")
    assert focused(page) == "may_remind"
    press("Space", "Enter")
    page.wait_for_selector(".summary")
    assert focused(page) == "H1"
    press("Tab", "Enter")
    page.wait_for_selector(".done")
    assert focused(page) == "H1"
    assert (page.inner_text("h1"), registered()) == ("The card is ready to use", 1)
    press("Enter")  # the next client in one press
    page.wait_for_url("**/desk/")
    assert focused(page) == "code"
    assert keys <= MOST_KEYS
    assert Card.objects.get(holder__isnull=False).holder.may_remind


def test_what_will_be_stored_fills_in_while_typing(cast, desk):
    page = desk()
    scan(page, cast.blank())
    page.get_by_text("The card is blank and ready.").wait_for()
    page.keyboard.type("1980")
    page.fill("#id_postal_code", "88999")
    page.get_by_label("Kuhmo").check()
    page.fill("#id_minors", "2")
    page.locator("#echo dd", has_text="Kuhmo").wait_for()
    page.locator("#echo dd", has_text="88999").wait_for()
    assert "waits" not in page.inner_text("#echo")
    page.fill("#id_postal_code", "87100")
    page.locator("#residence", has_text="Municipality: Kajaani").wait_for()


def test_a_used_card_is_told_before_the_client_is_asked(cast, desk):
    page = desk()
    scan(page, cast.card())
    page.get_by_text("This card is already in use. Take another blank card.").wait_for()


def test_the_primary_button_skips_until_the_block_is_opened(cast, desk):
    page = desk()
    button = page.locator(".actions button:visible")
    assert button.inner_text() == "Skip the voluntary ones and go on"
    page.click(".voluntary > summary")
    assert button.inner_text() == "Go on to the summary"


def test_a_double_click_gives_one_card(cast, desk):
    page = desk()
    scan(page, cast.blank())
    for number in ("1980", "87100", "0"):
        page.keyboard.type(number)
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # no reminders
    page.dblclick("text=Register the card")
    page.wait_for_selector(".done")
    assert registered() == 1


def test_everything_works_without_a_script(cast, desk):
    page = desk(java_script_enabled=False)
    scan(page, cast.blank())
    page.wait_for_selector(".ready")
    page.keyboard.type("1980")
    page.fill("#id_postal_code", "88999")
    page.fill("#id_minors", "0")
    page.keyboard.press("Enter")
    page.get_by_label("Kuhmo").check()
    page.click(".actions button:visible")
    page.click("text=Register the card")
    assert page.inner_text("h1") == "The card is ready to use"
    assert Card.objects.get(holder__isnull=False).holder.municipality_id == "290"
    assert page.locator("text=Print the instructions").is_hidden()


def test_focus_goes_to_the_summary_of_errors_and_from_there_to_the_field(desk):
    page = desk()
    page.click(".actions button:visible")
    page.wait_for_selector("#sum-up")
    assert page.title().startswith("Fix four things")
    assert page.evaluate("document.activeElement.id") == "sum-up"
    page.click("text=Check the postal code")
    assert focused(page) == "postal_code"


@pytest.mark.parametrize(
    ("language", "width", "dark"), [("fi", 1280, False), ("sv", 320, False), ("en", 320, True), ("fi", 1280, True)]
)
def test_every_page_is_accessible_in_each_state(cast, desk, axe, language, width, dark):
    def judge():
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page = desk(language, width=width, dark=dark)
    judge()
    for name, typed in (("code", "7KM9QX2TR8"), ("birth_year", "2012"), ("postal_code", "87999"), ("minors", "12")):
        page.fill(f"#id_{name}", typed)
    page.click(".actions button:visible")
    page.wait_for_selector("#sum-up")
    judge()
    for name, typed in (
        ("code", shown(cast.blank())),
        ("birth_year", "1980"),
        ("postal_code", "88999"),
        ("minors", "2"),
    ):
        page.fill(f"#id_{name}", typed)
    page.locator("#residence input[type=radio]").first.check()
    for fold in (".alone > summary", ".voluntary > summary"):
        page.click(fold)
    judge()
    page.click(".actions button:visible")
    page.wait_for_selector(".summary")
    judge()
    page.click(".actions button >> nth=0")
    page.wait_for_selector(".done")
    judge()
    number = Card.objects.get(holder__isnull=False).pk
    acts = ("", "correct/", "renew/", "replace/", "end/", "show/?say=sv")
    for path in (
        "desk/community/",
        "cards/",
        "cards/stock/",
        "card/found/",
        *(f"cards/{number}/{act}" for act in acts),
    ):
        page.goto(f"/{language}/{path}")
        judge()
    page.goto(f"/{language}/cards/{number}/block/")
    judge()
    page.check("#id_reason_0")
    page.click("form.form .button")
    page.wait_for_selector("[name=sure]")
    judge()
    page.click("[name=sure]")
    page.wait_for_selector(".card-state")
    judge()
