"""An address that only takes forms, opened by itself: up to the page it belongs to, never an empty window."""

import pytest

BY_A_PERSON = {"Sec-Fetch-Mode": "navigate"}


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/fi/own-sign-in/codes/", "/fi/own-sign-in/"),
        ("/sv/cards/stock/5/received/", "/sv/cards/stock/"),
        ("/en/network/batches/5/print/", "/en/network/batches/5/"),
    ],
)
def test_it_leads_up(signed_in, address, page):
    browser = signed_in("kainuu" if "network" in address else "office")
    assert browser.get(address, headers=BY_A_PERSON).headers["Location"] == page


def test_a_program_is_told_what_it_did(signed_in):
    assert signed_in("office").get("/fi/own-sign-in/codes/").status_code == 405
