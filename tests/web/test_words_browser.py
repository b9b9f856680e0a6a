"""The page of words in a browser, also from right to left."""

import pytest

pytestmark = pytest.mark.database(transaction=True)


@pytest.mark.parametrize(
    ("language", "say", "width", "dark"),
    [("fi", "ar", 1280, False), ("sv", "ar", 320, True), ("en", "fi-easy", 320, False)],
)
def test_the_words_are_accessible_in_both_directions(cast, signed_in, open_page, axe, language, say, width, dark):
    session = signed_in("office").cookies["sessionid"].value
    page = open_page(f"/{language}/words/?say={say}", session=session, width=width, dark=dark)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    aloud = page.locator(".aloud p").first.evaluate("(one) => getComputedStyle(one).direction")
    assert aloud == ("rtl" if say == "ar" else "ltr")
