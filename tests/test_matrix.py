"""Who may what: every route of the register beside every role, asked for real (S2).

The table below is the promise. A route that is not in it fails, and so does one that opens to somebody else than it
says, or that shows, or lets change, what belongs to another workplace.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from django.utils import timezone

from kaikukortti.actions.codes import code_digests, link_digest
from kaikukortti.actions.groups import Member, Plan, plan_group
from kaikukortti.actions.second_factor import seal
from kaikukortti.actions.uses import Answer
from kaikukortti.api.docs import calls_with_roles
from kaikukortti.models import (
    Batch,
    Card,
    Device,
    Invitation,
    Membership,
    Offering,
    PolicyRow,
    Record,
    RegionMembership,
    RegionPhase,
    Sheet,
    Token,
    User,
    Webhook,
    WebhookMessage,
)
from kaikukortti.models.snapshot import forget
from kaikukortti.rules.paper import sheet_number
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.devices import DeviceKind
from kaikukortti.terms.kinds import BatchKind, OfferingKind, RecordKind
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.roles import RECORDERS, Role
from kaikukortti.terms.sellers import Scope
from kaikukortti.terms.states import Phase
from tests.cast import Cast
from tests.doors import WORKPLACES, address, call, everything, machine, person, routes, takes

EVERYONE = "everyone"
DEVICE = "device"  # a workplace's own till, with its token, its PIN or a code that makes it one
HOLDER = "holder"  # whoever has opened a card with its secret, and no worker
ANYONE_AT_WORK = tuple(Role)
CARING = (Role.NATIONAL, Role.COORDINATOR)
SETTING = (*CARING, Role.VENUE)
COUNTED = (*RECORDERS, Role.ISSUER)

# Route → who may. Pages by session, calls (`api:`) by token.
MATRIX: dict[str, str | tuple[Role, ...]] = {
    # For everyone.
    "openapi": EVERYONE,
    "docs": EVERYONE,
    "calls": EVERYONE,
    "try-calls": EVERYONE,
    "healthz": EVERYONE,
    "readyz": EVERYONE,
    "api:api-root": EVERYONE,
    "api:figures-yearly": EVERYONE,
    "robots": EVERYONE,
    "sitemap": EVERYONE,
    "front": EVERYONE,
    "how": EVERYONE,
    "areas": EVERYONE,
    "area": EVERYONE,
    "partners": EVERYONE,
    "feedback": EVERYONE,
    "card-found": EVERYONE,
    "privacy": EVERYONE,
    "privacy-easy": EVERYONE,
    "accessibility": EVERYONE,
    "yearly": EVERYONE,
    "yearly-csv": EVERYONE,
    "yearly-json": EVERYONE,
    "yearly-excel": EVERYONE,
    "near": EVERYONE,
    "near-slip": (Role.ISSUER, *CARING),
    "till-app": EVERYONE,
    "till-app-worker": EVERYONE,
    "till-app-manifest": EVERYONE,
    "phone-card": EVERYONE,
    "phone-worker": EVERYONE,
    "phone-manifest": EVERYONE,
    "phone-fresh": EVERYONE,  # with a phone's key
    "phone-remove": EVERYONE,
    # The installed till's calls: with a device's own token, PIN or one-time code (tests/web/test_till_app_calls.py).
    "till-app-enrol": DEVICE,
    "till-app-unlock": DEVICE,
    "till-app-sync": DEVICE,
    "till-app-check": DEVICE,
    "till-app-hand-over": DEVICE,
    "till-app-reverse": DEVICE,
    "till-app-list": DEVICE,
    "till-app-list-difference": DEVICE,
    "phone-link": EVERYONE,  # with a link that opens once
    "sign-in": EVERYONE,
    "sign-out": EVERYONE,
    "passkey-sign-in": EVERYONE,
    "passkey-challenge": EVERYONE,
    "organisation": EVERYONE,
    "organisation-back": EVERYONE,
    "come-in": EVERYONE,  # with a link that opens once
    "own-open": EVERYONE,  # it asks for card and secret
    "own-secret": EVERYONE,  # to the page that asks, unless a card has just been opened for the first time
    "own-close": EVERYONE,
    # A holder's own pages: tests/web/test_own.py asks them with cards open.
    "own": HOLDER,
    "phone-carry": HOLDER,
    "own-block": HOLDER,
    "own-uses": HOLDER,
    "own-places": HOLDER,
    "own-release": HOLDER,
    "own-leave": HOLDER,
    "own-dispute": HOLDER,
    "own-looks": HOLDER,
    "own-data": HOLDER,
    "own-remind": HOLDER,
    "own-erase-answers": HOLDER,
    "own-erase": HOLDER,
    "own-keep": HOLDER,
    "own-codes": HOLDER,
    "own-code": HOLDER,
    "own-code-release": HOLDER,
    "own-stay": HOLDER,
    # Signed in.
    "start": ANYONE_AT_WORK,
    "choose-workplace": ANYONE_AT_WORK,
    "keep-session": ANYONE_AT_WORK,
    "second-factor": ANYONE_AT_WORK,
    "own-sign-in": ANYONE_AT_WORK,
    "set-up-app": ANYONE_AT_WORK,
    "recovery-codes": ANYONE_AT_WORK,
    "new-passkey": ANYONE_AT_WORK,
    "passkey-registration": ANYONE_AT_WORK,
    "own-factor": ANYONE_AT_WORK,
    "untie-organisation": ANYONE_AT_WORK,
    "trail": (Role.NATIONAL, Role.ISSUER),  # a contact person, own workplace
    "team": ANYONE_AT_WORK,
    "team-of": ANYONE_AT_WORK,
    "invite": ANYONE_AT_WORK,
    "take-back-link": ANYONE_AT_WORK,
    "new-password": ANYONE_AT_WORK,
    "new-factor": ANYONE_AT_WORK,
    "workplace-provider": ANYONE_AT_WORK,
    "contact": ANYONE_AT_WORK,
    "remove-member": ANYONE_AT_WORK,
    "make-token": ANYONE_AT_WORK,
    "revoke-token": ANYONE_AT_WORK,
    # Issuers: their own cards, never a use.
    "desk": (Role.ISSUER,),
    "desk-community": (Role.ISSUER,),
    "desk-confirm": (Role.ISSUER,),
    "desk-done": (Role.ISSUER,),
    "desk-code": (Role.ISSUER,),
    "desk-echo": (Role.ISSUER,),
    "desk-residence": (Role.ISSUER,),
    "desk-phone": (Role.ISSUER,),
    "desk-phone-echo": (Role.ISSUER,),
    "desk-phone-confirm": (Role.ISSUER,),
    "desk-phone-again": (Role.ISSUER,),
    "desk-phone-state": (Role.ISSUER,),
    "card-to-phone": (Role.ISSUER,),
    "find-card": (Role.ISSUER,),
    "stock": (Role.ISSUER,),
    "order-cards": (Role.ISSUER,),
    "receive-batch": (Role.ISSUER,),
    "give-secret": (Role.ISSUER,),
    "secret-slip": (Role.ISSUER,),
    "words": (Role.ISSUER, *CARING),
    "leaflet": (Role.ISSUER, *CARING),
    "paper-form": (Role.ISSUER, *CARING),
    "worklist": (Role.ISSUER,),
    "worklist-pdf": (Role.ISSUER,),
    "card": (Role.ISSUER,),
    "correct-card": (Role.ISSUER,),
    "block-card": (Role.ISSUER,),
    "show-card": (Role.ISSUER,),
    "renew-card": (Role.ISSUER,),
    "card-renewed": (Role.ISSUER,),
    "replace-card": (Role.ISSUER,),
    "card-replaced": (Role.ISSUER,),
    "end-card": (Role.ISSUER,),
    "groups": (Role.ISSUER,),
    "choose-group-offering": (Role.ISSUER,),
    "plan-group": (Role.ISSUER,),
    "group": (Role.ISSUER,),
    "cancel-group": (Role.ISSUER,),
    "leave-out": (Role.ISSUER,),
    # Venues and their ticket agents: their own rows, never a card.
    "group-door": RECORDERS,
    "let-group-in": RECORDERS,
    "let-one-in": RECORDERS,
    "till": RECORDERS,
    "till-check": RECORDERS,
    "till-record": RECORDERS,
    "till-undo": RECORDERS,
    "till-offering": RECORDERS,
    "till-keep": RECORDERS,
    "devices": RECORDERS,
    "new-device": RECORDERS,
    "gate-passes": RECORDERS,
    "revoke-device": RECORDERS,
    "device-rows": RECORDERS,
    "settle-device-rows": RECORDERS,
    "day": RECORDERS,
    "to-settle": RECORDERS,
    "day-record": RECORDERS,
    "day-reverse": RECORDERS,
    "day-settle": RECORDERS,
    "day-move": RECORDERS,
    "paper": RECORDERS,
    "paper-list": RECORDERS,
    "paper-sheet": RECORDERS,
    "paper-sheet-pdf": RECORDERS,
    "webhooks": RECORDERS,  # contact persons
    "webhook-secret": RECORDERS,
    "webhook-test": RECORDERS,
    "webhook-end": RECORDERS,
    "webhook-again": RECORDERS,
    "settlements": RECORDERS,
    "settlement-of": RECORDERS,
    "settlement-csv": RECORDERS,
    "offerings": (Role.VENUE,),
    "new-offering": (Role.VENUE,),
    "offering": (Role.VENUE,),
    "publish-offering": (Role.VENUE,),
    "copy-offering": (Role.VENUE,),
    "cancel-offering": (Role.VENUE,),
    "places": RECORDERS,
    "release-places": RECORDERS,
    "prolong-places": RECORDERS,
    "places-list": RECORDERS,
    "seats": (Role.VENUE,),
    "courses": (Role.VENUE,),
    "give-places": (Role.VENUE,),
    "find-courses": (Role.VENUE,),
    "bring-courses": (Role.VENUE,),
    "course-places": (Role.VENUE,),
    "course-file": (Role.VENUE,),
    "course-year-file": (Role.VENUE,),
    "course-place": (Role.VENUE,),
    "settle-invoice": (Role.VENUE,),
    "seasons": (Role.VENUE,),
    # Coordinators and the national service.
    "network": CARING,
    "regions": CARING,
    "new-region": (Role.NATIONAL,),
    "region": CARING,
    "edit-region": CARING,
    "plan-phase": (Role.NATIONAL,),
    "take-back-phase": (Role.NATIONAL,),
    "plan-municipality": (Role.NATIONAL,),
    "take-back-municipality": (Role.NATIONAL,),
    "policies": CARING,
    "take-back-policy": SETTING,
    "policies-of": SETTING,
    "plan-policy": SETTING,
    "workplaces": CARING,
    "new-workplace": CARING,
    "workplace": CARING,
    "edit-workplace": CARING,
    "end-workplace": CARING,
    "sold-venues": CARING,
    "batches": CARING,
    "listed-cards": CARING,
    "move-blanks": CARING,
    "batch": CARING,
    "print-batch": CARING,
    "void-batch": CARING,
    "network-stock": CARING,
    "corrections": CARING,
    "card-dates": CARING,
    "enter-use": CARING,
    "correction": CARING,
    # Figures.
    "own-counts": COUNTED,
    "own-counts-csv": COUNTED,
    "closes": (Role.NATIONAL,),
    "retention": (Role.NATIONAL,),
    "close-year": (Role.NATIONAL,),
    # Calls by token.
    "api:check": RECORDERS,
    "api:record-uses": RECORDERS,
    "api:use": RECORDERS,
    "api:reverse-use": RECORDERS,
    "api:offerings": RECORDERS,
    "api:claim-code": RECORDERS,
    "api:redeem-code": RECORDERS,
    "api:release-code": RECORDERS,
    "api:settlement": RECORDERS,
    "api:sandbox": RECORDERS,
    "api:reset-sandbox": RECORDERS,
    "api:issue-card": (Role.ISSUER,),
    "api:block-card": (Role.ISSUER,),
}

PAGES = [name for name in MATRIX if not name.startswith("api:")]
CALLS = [name for name in MATRIX if name.startswith("api:")]


def test_every_route_is_in_the_matrix():
    assert sorted(routes()) == sorted(MATRIX)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_itself_to_whom_it_opens(name):
    view = routes()[name].callback
    alone = next((who for who in (HOLDER, DEVICE) if hasattr(view, who)), EVERYONE)
    said = getattr(view, "roles", alone)
    assert said == MATRIX[name] if isinstance(said, str) else set(said) == set(MATRIX[name])


# --- the stage: a workplace's own things, and the same things of another -------------------------------------------


@dataclass
class Stage:
    """What can stand in addresses, by the cast's name of the workplace it belongs to."""

    cast: Cast
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, workplace: str, name: str) -> dict[str, Any]:
        """The parts of the route's address, of this workplace and its region."""
        here = self.objects[workplace]
        here = here | {key: here[thing] for key, thing in CALLED_SO.get(name, {}).items()} | FIXED.get(name, {})
        return {key: here[key] for key in takes(routes()[name])}


# Routes whose address calls a thing by a name that another route uses for something else.
CALLED_SO = {
    "own-code": {"offering": "number"},
    "own-code-release": {"number": "id"},
    "card": {"number": "card"},
    "correct-card": {"number": "card"},
    "block-card": {"number": "card"},
    "give-secret": {"number": "card"},
    "secret-slip": {"number": "card"},
    "show-card": {"number": "card"},
    "renew-card": {"number": "card"},
    "card-renewed": {"number": "card"},
    "replace-card": {"number": "card"},
    "card-replaced": {"number": "card"},
    "end-card": {"number": "card"},
    "card-to-phone": {"number": "card"},
    "group": {"number": "visit"},
    "cancel-group": {"number": "visit"},
    "leave-out": {"number": "visit"},
    "let-group-in": {"number": "visit"},
    "let-one-in": {"number": "visit"},
    "new-password": {"member": "colleague"},
    "new-factor": {"member": "colleague"},
    "contact": {"member": "colleague"},
    "remove-member": {"member": "colleague"},
    "take-back-phase": {"row": "phase"},
    "take-back-municipality": {"row": "membership"},
    "take-back-policy": {"row": "policy"},
    "course-places": {"number": "course"},
    "course-file": {"number": "course"},
    "course-place": {"reference": "place"},
    "settle-invoice": {"reference": "place"},
}
# Routes whose address names a kind.
FIXED: dict[str, dict[str, Any]] = {
    "phone-manifest": {"spoken": "fi"},
    "till-app": {"spoken": "fi"},
    "till-app-list": {"to": "0" * 64},
    "till-app-list-difference": {"since": "0" * 64, "to": "1" * 64},
    "till-app-manifest": {"spoken": "fi"},
    "plan-group": {"day": "2026-11-24"},
    "new-offering": {"kind": "event"},
    "new-workplace": {"role": "venue"},
    "plan-policy": {"key": Policy.TICKETS_PER_DAY.value},
    "close-year": {"year": 2025},
    "course-year-file": {"year": 2026},
    "leaflet": {"say": "ar"},
    "paper-form": {"say": "fi"},
    "paper-sheet-pdf": {"say": "fi"},
}
ESPOO = ("other", "tapiola")


@pytest.fixture
def stage(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Two of everything: in Kainuu, and in Espoo where none of Kainuu's people has any business."""
    monkeypatch.setattr(timezone, "now", lambda: cast.now)
    stage = Stage(cast)
    cast.workplaces["luukku"].regions.add(cast.regions["kainuu"])
    kainuu = _things(cast, office="office", venue="routa", region="kainuu", joins="091")
    espoo = _things(cast, office="other", venue="tapiola", region="espoo", joins="740")
    for key in cast.workplaces:
        stage.objects[key] = (espoo if key in ESPOO else kainuu) | _people(cast, key)
    sold = Record.objects.get(pk=stored(cast.use(cast.card(), offering=cast.offering("routa"), by=cast.luukku)))
    stage.objects["luukku"] |= {"reference": sold.reference, "id": sold.client_id}
    for key, place in cast.workplaces.items():  # last, for the cast knows one person a workplace
        user = User.objects.create(username=f"colleague-{key}", name="Colleague", made_at=cast.now)
        stage.objects[key]["colleague"] = Membership.objects.create(user=user, workplace=place, since=cast.now).pk
    return stage


def stored(answer: Answer) -> int:
    """The number of the row that an answer stands for."""
    assert answer.record is not None, answer
    return answer.record


def _things(cast: Cast, *, office: str, venue: str, region: str, joins: str) -> dict[str, Any]:
    """A card, an offering with a record, and what is planned for the region."""
    later, area = helsinki_day(cast.now) + timedelta(days=40), cast.regions[region]
    offering = cast.offering(venue)
    record = Record.objects.get(pk=stored(cast.use(cast.card(), offering=offering, by=cast.actor(venue))))
    Card.objects.filter(records=record).update(workplace=cast.workplaces[office])
    policy = PolicyRow.objects.create(
        venue=cast.workplaces[venue], key=Policy.TICKETS_PER_WEEK, value=9, since=later, reason="a", entered_at=cast.now
    )
    phase = RegionPhase.objects.create(region=area, since=later, phase=Phase.ENDED, entered_at=cast.now)
    membership = RegionMembership.objects.create(municipality_id=joins, region=area, since=later, entered_at=cast.now)
    visit, member = _group(cast, offering, office)
    course = cast.offering(venue, OfferingKind.COURSE)
    given = stored(cast.use(cast.card(), offering=course, by=cast.actor(venue), kind=RecordKind.COURSE))
    batch = Batch.objects.create(workplace=cast.workplaces[office], kind=BatchKind.PRINTED, size=1, made_at=cast.now)
    return {
        "batch": batch.pk,
        "visit": visit,
        "member": member,
        "course": course.pk,
        "place": Record.objects.get(pk=given).reference,
        "card": record.card_id,
        "number": offering.pk,
        "reference": record.reference,
        "id": record.client_id,
        "region": area.pk,
        "slug": area.slug,
        "scope": f"venue-{cast.workplaces[venue].pk}",
        "policy": policy.pk,
        "phase": phase.pk,
        "membership": membership.pk,
    }


def _group(cast: Cast, offering: Offering, office: str) -> tuple[Any, int]:
    """A planned group of one card."""
    code = cast.card()
    Card.objects.filter(digest__in=code_digests(code)).update(workplace=cast.workplaces[office])
    answer = plan_group(
        Plan([Member(code)]), by=cast.actor(office), now=cast.now, offering=offering.pk, day=offering.first_day
    )
    assert answer.planned is not None, answer
    return answer.planned.pk, answer.planned.members.get().pk


def _people(cast: Cast, key: str) -> dict[str, Any]:
    """What belongs to the workplace itself: an open link and a token."""
    place = cast.workplaces[key]
    link = Invitation.objects.create(
        workplace=place,
        name="Newcomer",
        digest=link_digest(f"link-{key}"),
        made_at=cast.now,
        expires_at=cast.now + timedelta(days=7),
    )
    sheet = Sheet.objects.create(
        number=sheet_number(f"{place.pk:06}"),
        workplace=place,
        day=helsinki_day(cast.now),
        rows=20,
        made_at=cast.now,
    )
    token = Token.objects.create(workplace=place, label="till", digest=link_digest(f"token-{key}"), made_at=cast.now)
    person = cast.actor(key).user
    factor, _made = Authenticator.objects.get_or_create(
        user=person, type=Authenticator.Type.TOTP, defaults={"data": {"secret": seal("JBSWY3DPEHPK3PXP")}}
    )
    shop = Webhook.objects.create(workplace=place, url="https://shop.example.fi/", sealed_secret=b"", made_at=cast.now)
    message = WebhookMessage.objects.create(webhook=shop, event="test", body={}, made_at=cast.now)
    return {
        "webhook": shop.pk,
        "message": message.pk,
        "workplace": place.pk,
        "link": link.pk,
        "token": token.pk,
        "sheet": sheet.number,
        "secret": f"no-such-link-of-{key}",
        "factor": factor.pk,
        "provider": "no-such-organisation",
        "device": Device.objects.create(
            workplace=place, kind=DeviceKind.TILL, label="Till", made_at=cast.now, code_expires_at=cast.now
        ).pk,
    }


# Whose things a role is asked about where it should find them: those who care for workplaces, one they care for.
HOME = {**WORKPLACES, Role.COORDINATOR: "routa", Role.NATIONAL: "routa"}
HOME_FOR = {"batches": "office", "listed-cards": "office", "move-blanks": "office", "sold-venues": "luukku"}
# Workplaces of these kinds make no calls.
NO_TOKENS = (Role.NATIONAL, Role.COORDINATOR, Role.ANALYST)


# --- pages ---------------------------------------------------------------------------------------------------------


@contextmanager
def undone() -> Iterator[None]:
    """What is done here is taken back, so that the next one asks of the same stage."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    forget()


@pytest.mark.database
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_to_whom_it_should_and_to_nobody_else(stage: Stage, name: str) -> None:
    """Nobody: to signing in. Another role: 403. A role that may: what is its own opens."""
    who_may = MATRIX[name]
    for role in (None, *Role):
        home = HOME_FOR.get(name) or (HOME[role] if role else "routa")
        path = address(name, **stage.of(home, name))
        with undone():
            answers = asked(person(stage.cast, WORKPLACES[role]) if role else Client(), path)
            assert answers, "neither a link nor a form"
            for method, answer in answers.items():
                where = (name, str(role), method, answer.status_code)
                to_sign_in = answer.get("Location", "").startswith("/fi/sign-in/?next")
                assert answer.status_code < 500, where
                if who_may == EVERYONE:
                    assert answer.status_code not in (401, 403), where
                    assert not to_sign_in, where
                elif who_may == DEVICE:
                    assert answer.status_code in (401, 422), where
                elif who_may == HOLDER:
                    assert (answer.status_code, answer["Location"]) == (302, "/fi/my/"), where
                elif role is None:
                    assert answer.status_code == 302, where
                    assert answer["Location"].startswith("/fi/sign-in/"), where
                elif role not in who_may:
                    assert answer.status_code == 403, where
                else:
                    assert answer.status_code in (200, 204, 302, 422) or (name, method) in ASKS_FOR_MORE, where
                    assert not to_sign_in, where


# Open to the role, and 404 when the form names nothing: which record to undo, which venue, which secret; no tokens for
# this kind of workplace; no such year in the ledger.
ASKS_FOR_MORE = {
    ("till-undo", "POST"),
    ("release-places", "POST"),
    ("prolong-places", "POST"),
    ("secret-slip", "POST"),
    ("sold-venues", "POST"),
    ("make-token", "GET"),
    ("make-token", "POST"),
    ("close-year", "GET"),
    ("close-year", "POST"),
    # Everybody finds their own factor, and nobody that of a person whose workplace they look after.
    ("own-factor", "GET"),
    ("own-factor", "POST"),
}

# Roles that are bound to their own things, and whose things they must not reach.
BOUND = {
    Role.ISSUER: "other",
    Role.VENUE: "tapiola",
    Role.TICKET_AGENT: "tapiola",
    Role.COORDINATOR: "tapiola",
    Role.ANALYST: "tapiola",
}
BOUND_FOR = {"batches": "other", "listed-cards": "other", "move-blanks": "other"}
# The address names a kind and not a thing, or a link that opens once.
NOT_BOUND = {
    "course-year-file",
    "plan-group",
    "new-offering",
    "new-workplace",
    "close-year",
    "come-in",
    "untie-organisation",
    "leaflet",
    "paper-form",
}
# Pages of the network that every coordinator may read, of every region.
READABLE = {("region", Role.COORDINATOR)}


def held(name: str) -> list[Role]:
    """The bound roles that a page with a thing in its address opens to."""
    bound = name not in NOT_BOUND and not isinstance(MATRIX[name], str) and takes(routes()[name])
    return [role for role in BOUND if role in MATRIX[name]] if bound else []


@pytest.mark.database
@pytest.mark.parametrize("name", [name for name in PAGES if name in routes() and held(name)])
def test_another_workplaces_things_neither_open_nor_change(stage: Stage, name: str) -> None:
    """Asked with an empty form and with a filled one: a page must ask whose it is before it reads the form."""
    for role in held(name):
        client = person(stage.cast, WORKPLACES[role])
        path = address(name, **stage.of(BOUND_FOR.get(name, BOUND[role]), name))
        before = written()
        for form in ({}, FORM):
            for method, answer in asked(client, path, form).items():
                refused = answer.status_code in (403, 404) or (name, role) in READABLE
                assert refused, (name, str(role), method, answer.status_code)
        assert written() == before


# One form that fits them all.
FORM = {
    "since": "2027-03-01",
    "until": "2027-03-01",
    "reason": "other",
    "phase": "ended",
    "municipality": "049",
    "value": "2",
    "size": "2",
    "label": "machine",
    "name": "Somebody",
    "name_fi": "Somebody",
    "is_contact": "1",
    "counts": "yes",
    "settled": "yes",
    "birth_year": "1990",
    "postal_code": "87100",
    "minors": "0",
    "confirm": "1",
    "sure": "1",
}


def asked(client: Client, path: str, form: dict[str, str] | None = None) -> dict[str, Any]:
    """The answers to the page as a link and as a form; a method that the route does not take is left out."""
    answers = {"GET": client.get(path), "POST": client.post(path, form or {})}
    return {method: answer for method, answer in answers.items() if answer.status_code != 405}


def written() -> dict[str, Any]:
    """All rows but the sessions, which note that somebody was here."""
    return {table: rows for table, rows in everything().items() if not table.startswith(("sessions.", "auth."))}


def test_every_address_with_a_thing_in_it_is_bound_to_its_owner():
    """Only the national service reaches things of every workplace, and only where no other role has business."""
    with_things = {name for name in PAGES if not isinstance(MATRIX[name], str) and takes(routes()[name])} - NOT_BOUND
    assert {name for name in with_things if not held(name) and set(MATRIX[name]) != {Role.NATIONAL}} == set()


# --- calls ---------------------------------------------------------------------------------------------------------


CALL: dict[str, tuple[str, Callable[[Stage], Any]]] = {
    "api:api-root": ("GET", lambda stage: None),
    "api:figures-yearly": ("GET", lambda stage: None),
    "api:check": ("POST", lambda stage: {"code": "7KM9QX2TR7"}),
    "api:record-uses": (
        "POST",
        lambda stage: {"uses": [{"id": str(uuid4()), "code": "7KM9QX2TR7", "day": str(helsinki_day(stage.cast.now))}]},
    ),
    "api:use": ("GET", lambda stage: None),
    "api:reverse-use": ("POST", lambda stage: {"reason": "test"}),
    "api:offerings": ("GET", lambda stage: None),
    "api:claim-code": (
        "POST",
        lambda stage: {"id": str(uuid4()), "code": "7KM9QX2TR7", "offering": str(uuid4())},
    ),
    "api:redeem-code": (
        "POST",
        lambda stage: {"id": str(uuid4()), "one_time_code": "4TZ8WNK2QX", "offering": str(uuid4())},
    ),
    "api:release-code": ("POST", lambda stage: None),
    "api:settlement": ("GET", lambda stage: None),
    "api:sandbox": ("GET", lambda stage: None),
    "api:reset-sandbox": ("POST", lambda stage: None),
    "api:issue-card": ("POST", lambda stage: {"code": stage.cast.blank(), "community": True}),
    "api:block-card": ("POST", lambda stage: {"code": stage.cast.card(), "reason": "lost"}),
}


def test_every_call_is_asked():
    assert sorted(CALL) == sorted(CALLS)


@pytest.mark.database
@pytest.mark.parametrize("name", CALLS)
def test_a_call_opens_to_tokens_of_its_roles(stage: Stage, name: str) -> None:
    """No token or a bad one: 401. Another role: 403."""
    method, body = CALL[name]
    who_may = MATRIX[name]
    for role in Role:
        path = address(name, **stage.of(WORKPLACES[role], name))
        answer = call(machine(stage.cast, WORKPLACES[role]), method, path, body(stage))
        assert answer.status_code < 500
        if who_may == EVERYONE or role in who_may:
            assert answer.status_code not in (401, 403, 405), (name, str(role), answer.status_code)
        else:
            assert answer.status_code == 403, (name, str(role), answer.status_code)
    path = address(name, **stage.of("routa", name))
    for token in (None, "not-a-token", ""):
        answer = call(token, method, path, body(stage))
        expected = 401 if who_may != EVERYONE or (token and name == "api:figures-yearly") else None
        assert expected is None or answer.status_code == expected, (name, token, answer.status_code)


@pytest.mark.database
@pytest.mark.parametrize("name", [name for name in CALLS if MATRIX[name] != EVERYONE])
def test_a_token_made_for_other_calls_opens_none_of_them(stage: Stage, name: str) -> None:
    """403 that says which scope it would need, before anything is read or written; its own scope opens as before."""
    method, body = CALL[name]
    for role in MATRIX[name]:
        assert isinstance(role, Role)
        home = WORKPLACES[role]
        path, needed = address(name, **stage.of(home, name)), scope_of(name)
        others = [scope.value for scope in Scope if scope != needed]
        refused = call(machine(stage.cast, home, scopes=others), method, path, body(stage))
        assert (refused.status_code, refused.json()["scope"]) == (403, needed), (name, str(role))
        opened = call(machine(stage.cast, home, scopes=[needed]), method, path, body(stage))
        assert opened.status_code not in (401, 403, 405), (name, str(role), opened.status_code)


def scope_of(name: str) -> str:
    route = str(routes()[name].pattern).replace("<uuid:", "{").replace("<", "{").replace(">", "}")
    (scope,) = {one.scope for one in calls_with_roles() if one.path.endswith(f"/v1/{route}")}
    assert scope
    return scope


@pytest.mark.database
@pytest.mark.parametrize("name", ["api:use", "api:reverse-use"])
@pytest.mark.parametrize("home", ["routa", "luukku"])
def test_another_workplaces_record_is_not_found(stage: Stage, name: str, home: str) -> None:
    method, body = CALL[name]
    before = written()
    token = machine(stage.cast, home)
    before["Token"] = written()["Token"]
    answer = call(token, method, address(name, **stage.of("tapiola", name)), body(stage))
    assert answer.status_code == 404
    assert written() == before


@pytest.mark.database
def test_a_session_opens_no_call_and_a_token_no_page(stage: Stage) -> None:
    browser = person(stage.cast, "routa")
    path = address("api:check")
    assert browser.post(path, {"code": "x"}, content_type="application/json").status_code == 401
    token = machine(stage.cast, "routa")
    answer = Client().get(address("till"), headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/fi/sign-in/")


@pytest.mark.database
def test_who_has_left_is_out_with_the_next_request(stage: Stage) -> None:
    """S14: a disabled user, an ended membership and a revoked token open nothing."""
    cast = stage.cast
    browser, other, token = person(cast, "routa"), person(cast, "hall"), machine(cast, "routa")
    assert browser.get(address("day")).status_code == other.get(address("day")).status_code == 200
    User.objects.filter(username="ville").update(is_active=False)
    Membership.objects.filter(workplace=cast.workplaces["hall"]).update(ended_at=cast.now)
    Token.objects.update(revoked_at=cast.now)
    assert browser.get(address("day"))["Location"].partition("?")[0] == "/fi/sign-in/"
    assert other.get(address("day"))["Location"] == "/fi/workplace/"
    assert call(token, "GET", address("api:offerings")).status_code == 401
