"""What every page knows: the workplace one acts for, the menu of its role, and how long the session waits."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kaikukortti.actions.actor import Actor
from kaikukortti.figures.blanks import blanks_left
from kaikukortti.terms.kinds import Sector
from kaikukortti.terms.roles import Role
from kaikukortti.web.idle import IDLE, TILL_UNTIL, WARNING

# Menu of each role: the route's name and what the link says.
TILL: tuple[tuple[str, str | Promise], ...] = (
    ("till", _("Till")),
    ("day", _("The day's records")),
    ("offerings", _("Offerings")),
)
MENU: dict[Role, tuple[tuple[str, str | Promise], ...]] = {
    Role.NATIONAL: (
        ("network", _("Network")),
        ("regions", _("Regions")),
        ("workplaces", _("Workplaces")),
        ("network-stock", pgettext_lazy("cards", "Stock")),
        ("policies", _("Policies")),
        ("corrections", _("Corrections")),
        ("yearly", _("Figures")),
        ("team", _("Team")),
    ),
    Role.COORDINATOR: (
        ("network", _("Network")),
        ("regions", _("Regions")),
        ("workplaces", _("Workplaces")),
        ("network-stock", pgettext_lazy("cards", "Stock")),
        ("policies", _("Policies")),
        ("corrections", _("Corrections")),
        ("yearly", _("Figures")),
        ("team", _("Team")),
    ),
    Role.ISSUER: (
        ("desk", _("Give a card")),
        ("find-card", _("Find a card")),
        ("worklist", _("Reminders")),
        ("groups", _("Groups")),
        ("stock", _("Cards left")),
        ("own-counts", _("Figures")),
        ("team", _("Team")),
    ),
    Role.VENUE: (*TILL, ("devices", _("Tills")), ("own-counts", _("Figures")), ("team", _("Team"))),
    Role.TICKET_AGENT: (*TILL[:2], ("devices", _("Tills")), ("own-counts", _("Figures")), ("team", _("Team"))),
    Role.ANALYST: (("yearly", _("Figures")), ("team", _("Team"))),
}


def page(request: HttpRequest) -> dict[str, Any]:
    """`actor`, `workplace`, `menu` (address, label, whether current), `change_workplace`, and the idle seconds."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {"actor": None}
    return {
        "actor": actor,
        "workplace": actor.workplace,
        "menu": SimpleLazyObject(lambda: menu_of(actor, request.path)),
        "change_workplace": actor.membership and actor.membership.elsewhere and reverse("choose-workplace"),
        "idle_seconds": None if TILL_UNTIL in request.session else int(IDLE.total_seconds()),
        "idle_warning": int(WARNING.total_seconds()),
    }


def menu_of(actor: Actor, here: str) -> list[tuple[str, str, bool]]:
    """The role's menu; the longest address that the page stands under is the current one."""
    links = []
    entries = list(MENU[actor.role])
    if actor.role == Role.VENUE and actor.workplace.sector == Sector.EDUCATION:
        # An office of courses; other venues find them from their offerings.
        entries.insert(len(TILL), ("courses", _("Courses")))
    for name, label in entries:
        words = f"{label}: {blanks_left(actor.workplace)}" if name == "stock" else str(label)
        try:
            links.append((reverse(name), words))
        except NoReverseMatch:
            continue
    current = max((address for address, _label in links if here.startswith(address)), key=len, default="")
    return [(address, label, address == current) for address, label in links]
