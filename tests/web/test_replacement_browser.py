"""Replacing and renewing in a browser: in Finnish by keyboard alone, on a phone, and as a screen reader has it."""

from datetime import timedelta

import pytest

from kaikukortti.models import Card, CardFact, HolderData
from kaikukortti.terms.kinds import CardFactKind
from kaikukortti.terms.refusals import Refusal
from tests.cast import NOW

pytestmark = pytest.mark.database(transaction=True)


@pytest.fixture
def work(cast, signed_in, open_page):
    def come_to(path, language="fi", **how):
        session = signed_in("office").cookies["sessionid"].value
        return open_page(f"/{language}/{path}", session=session, **how)

    return come_to


def name_of_focus(page):
    """What a screen reader says of where the focus is: its text, or the text of its label."""
    return page.evaluate(
        """() => {
            const here = document.activeElement;
            return (here.labels && here.labels.length ? here.labels[0].textContent : here.textContent).trim();
        }"""
    )


def tab_to(page, words, most=12):
    for _ in range(most):
        if words in name_of_focus(page):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{words} is not reached; the focus is at {name_of_focus(page)}")


def test_a_lost_card_is_replaced_in_finnish_with_the_keyboard_alone(cast, work):
    """From the serial number in the client file to the new card in hand (rule 10, S9, A2)."""
    old, new = cast.card(issued=NOW - timedelta(days=100)), cast.blank()
    card = Card.objects.get(holder__isnull=False)
    page = work("cards/")
    page.keyboard.type(card.serial)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cards/{card.pk}/")
    tab_to(page, "Vaihda kortti")
    page.keyboard.press("Enter")
    page.wait_for_url("**/replace/")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert "kadonnut" in name_of_focus(page)
    page.keyboard.press("Enter")
    assert name_of_focus(page) == "Uuden kortin koodi"
    page.keyboard.type(new)
    page.keyboard.press("Enter")
    # A scanner's Enter replaces nothing: the button is pressed for itself.
    assert name_of_focus(page) == "Estä vanha kortti, anna uusi"
    assert not CardFact.objects.filter(kind=CardFactKind.REPLACED).exists()
    page.keyboard.press("Enter")
    page.wait_for_selector(".done")
    assert page.inner_text("h1") == "Uusi kortti on käytössä, vanha ei"
    assert cast.check(old).refusal == Refusal.CARD_REPLACED
    assert cast.check(new).refusal is None
    page.keyboard.press("Enter")
    page.wait_for_url("**/fi/desk/")


def test_a_card_is_renewed_on_a_phone_with_the_keyboard_alone(cast, work, axe):
    cast.card(issued=NOW - timedelta(days=330))
    HolderData.objects.update(birth_year=None, postal_code="", exact_until=None)
    card = Card.objects.get(holder__isnull=False)
    page = work(f"cards/{card.pk}/renew/", width=320)
    axe(page)
    tab_to(page, "Alaikäi")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert name_of_focus(page) == "Jatka tämän kortin voimassaoloa"
    page.keyboard.press("Enter")
    page.wait_for_selector(".done")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    assert HolderData.objects.get().minors == 3


@pytest.mark.parametrize(("language", "width", "dark"), [("fi", 320, False), ("sv", 320, True), ("en", 1280, False)])
def test_every_state_is_accessible(cast, work, axe, language, width, dark):
    def judge():
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    new = cast.blank()
    cast.card(issued=NOW - timedelta(days=330))
    card = Card.objects.get(holder__isnull=False)
    page = work(f"cards/{card.pk}/renew/", language, width=width, dark=dark)
    judge()
    page.fill("#id_minors", "21")
    page.click(".actions button")
    page.wait_for_selector("#sum-up")
    judge()
    page.goto(f"/{language}/cards/{card.pk}/replace/")
    page.click(".actions button >> nth=0")
    page.wait_for_selector("#sum-up")
    judge()
    page.check("#id_reason_0")
    page.click("[name=later]")
    page.wait_for_selector(".card-state.blocked")
    judge()
    page.goto(f"/{language}/cards/{card.pk}/renew/")
    judge()
    page.goto(f"/{language}/cards/{card.pk}/replace/")
    page.fill("#id_code", new)
    page.click(".actions button >> nth=0")
    page.wait_for_selector(".done")
    judge()


# --- as a screen reader has it --------------------------------------------------------------------------------------


def heard(page):
    """The tree a screen reader reads: role and name of every node that has a name, in order."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    nodes = {node["nodeId"]: node for node in tree}
    order, waiting = [], [tree[0]["nodeId"]]
    while waiting:
        node = nodes[waiting.pop(0)]
        waiting = [child for child in node.get("childIds", []) if child in nodes] + waiting
        name = node.get("name", {}).get("value", "").strip()
        if not node.get("ignored") and name:
            order.append((node["role"]["value"], name))
    return order


READ = ("heading", "textbox", "radio", "radiogroup", "group", "checkbox", "combobox", "button", "DisclosureTriangle")


def controls(page):
    return [
        (role, name) for role, name in heard(page) if role in READ and name not in ("Suomi", "Svenska", "English", "")
    ]


def in_order(whole, part):
    """Whether the part's nodes stand in the whole in this order."""
    left = iter(whole)
    return all(any(node == one for one in left) for node in part)


def test_the_desk_reads_in_the_order_it_is_done(cast, work):
    page = work("desk/", "en")
    told = controls(page)
    assert in_order(
        told,
        [
            ("heading", "Give a Kaiku Card"),
            ("textbox", "Card code"),
            ("textbox", "Birth year"),
            ("textbox", "Postal code"),
            ("textbox", "Minor children or grandchildren"),
            ("checkbox", "Yes, we may remind of the card"),
            ("button", "Skip the voluntary ones and go on"),
            ("heading", "This will be stored"),
        ],
    ), told
    # What changes while typing is announced by itself.
    assert page.locator("#code-said").get_attribute("aria-live") == "polite"
    assert page.locator("#residence").get_attribute("aria-live") == "polite"
    for name, words in (("code", "Read the bar code"), ("may_remind", "A no is just as good.")):
        described = page.locator(f"#id_{name}").get_attribute("aria-describedby")
        assert words in page.locator(f"#{described}").inner_text()


def test_the_replacement_reads_in_the_order_it_is_done(cast, work):
    cast.card()
    card = Card.objects.get(holder__isnull=False)
    page = work(f"cards/{card.pk}/replace/", "en")
    told = controls(page)
    assert in_order(
        told,
        [
            ("heading", "Replace the card"),
            ("group", "What has happened to the card?"),
            ("radio", "lost"),
            ("radio", "stolen"),
            ("radio", "broken"),
            ("radio", "wrong data"),
            ("textbox", "Code of the new card"),
            ("button", "Block the old card, give the new one"),
            ("button", "Block now, new card later"),
        ],
    ), told
    page.click(".actions button >> nth=0")
    page.wait_for_selector("#sum-up")
    # The focus is at what is to be mended, and every wrong field says so and why.
    assert page.title().startswith("Fix two things")
    assert page.evaluate("document.activeElement.id") == "sum-up"
    assert page.locator("#id_code").get_attribute("aria-invalid") == "true"
    assert "id_code_error" in page.locator("#id_code").get_attribute("aria-describedby")
