"""What `demo` prints for people: who can sign in, and ten minutes to spend, in Finnish, Swedish and English."""

import os
from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language, gettext, override

from kaikukortti.rules.codes import shown
from kaikukortti.terms.messages import LANGUAGES
from kaikukortti.terms.roles import Role

Document = dict[str, list[Any]]


def tour(document: Document) -> str:
    """The accounts once, then the tour in each language."""
    parts = [_accounts(document["accounts"])]
    for language in LANGUAGES:
        with override(language):
            parts.append("\n".join(_told(document)))
    return "\n\n".join(parts) + "\n"


def address() -> str:
    """Where `make demo` serves; `make demo PORT=9000` tells its port in the environment."""
    return f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"


def _accounts(accounts: Iterable[dict[str, str]]) -> str:
    rows = [("", "", "")]
    rows += [(one["username"], one["password"], f"{_role(one['role'])}: {one['workplace']}") for one in accounts]
    with override("fi"):
        rows[0] = (gettext("user name"), gettext("password"), gettext("role and workplace"))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(f"{name:<{widths[0]}}  {password:<{widths[1]}}  {what}" for name, password, what in rows)


def _role(role: str) -> str:
    with override("fi"):
        return str(Role(role).label)


def _told(document: Document) -> Iterable[str]:
    codes = {card["case"]: shown(card["code"]) for card in document["cards"]}
    token = next(one["token"] for one in document["tokens"] if one["role"] == Role.VENUE)
    slip = next(one for one in document["slips"] if one["case"] == "active-two-children")
    facts = {
        "url": f"{address()}/{get_language()}/",
        "till": f"{address()}/till/{get_language()}/",
        "docs": f"{address()}/api/v1/docs",
        "calls": f"{address()}/{get_language()}/calls/try/",
        "blank": shown(document["blank_codes"][0]) if document["blank_codes"] else "",
        "family": codes["active-two-children"],
        "expired": codes["expired-yesterday"],
        "blocked": codes["blocked"],
        "pilot": codes["pilot-closed-both-ways"],
        "token": token,
        "serial": slip["serial"],
        "secret": shown(slip["secret"]),
    }
    yield gettext("Ten minutes with the Kaiku Card: real places, invented people and uses.")
    steps = (
        gettext("Open {url} and see where the card is valid and how to ask for one."),
        gettext(
            "Sign in as aino, who hands out cards. Register {blank}: birth year 1980, postal code 87100, 2 children."
        ),
        gettext("Sign in as ville, at Routa Company's box office. Choose tonight's event, type {blank} and record."),
        gettext("Type {blank} again: the ticket has been given, and a child can still be added. Then undo."),
        gettext("Try {expired}, {blocked} and {pilot}: each tells why not and what helps."),
        gettext("Sign in as salla, at the swimming hall, and let in {family} with two children."),
        gettext(
            "As aino, find a card and open it: a code is asked for besides the password. "
            "The demo's page tells the code."
        ),
        gettext(
            "Open {url}my/ as the holder of that card, with the serial number {serial} and the secret {secret}: choose "
            "a secret of your own, then see your uses or block the card."
        ),
        gettext(
            "As ville, open Tills and make a code. Open {till} in another window, type the code and choose a PIN: "
            "a till that goes on without a network. Switch the network off and read {family}."
        ),
        gettext(
            "As aino, open Groups and plan one for tonight with {family}. As ville, let it in from Groups at the door."
        ),
        gettext(
            "As ville, open Paper lists from the day's records: print a sheet for an evening without network, and type "
            "one row in."
        ),
        gettext("Sign in as kaisa, who coordinates Kainuu, and look at the region's workplaces and people."),
        gettext("Sign in as nelli, of the national service: plan a change of a region and see first what it would do."),
        gettext("Look at the yearly figures: the public sees full months, nelli sees today."),
        gettext("Ticket sellers use calls: {docs}. A token to try: {token}. Every call can be tried on {calls}."),
    )
    for number, step in enumerate(steps, 1):
        yield f"{number:>2}. {step.format(**facts)}"
