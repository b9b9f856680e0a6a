"""The demo is loaded, a monkey walks through every door of every role and types codes, secrets and names wherever text
can be typed; then the whole dump is read: the database's own file or its dump, every row, every log line (P1, P13)."""

import random
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import override

from kaikukortti.actions import batches, codes, phone
from kaikukortti.actions.look_ups import gathered
from kaikukortti.models import (
    Card,
    CardFact,
    HolderAccess,
    HolderData,
    Membership,
    PhoneLink,
    Record,
    Token,
    Workplace,
)
from kaikukortti.models.checks import all_tables, columns_of, table_of
from kaikukortti.models.snapshot import forget
from kaikukortti.rules.codes import shown
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.fields import Whose, catalogued, tables_of
from kaikukortti.terms.roles import Role
from kaikukortti.web.second_factor import CONFIRMED
from tests.doors import as_text, call, everything
from tests.management.demo_document import load_demo
from tests.test_privacy import IDENTIFIERS, Ear, ear
from tools.with_postgres import programs

__all__ = ["ear"]

NOON = datetime(2026, 11, 24, 12, tzinfo=HELSINKI)
WALKED = (Role.ISSUER, Role.VENUE, Role.TICKET_AGENT, Role.COORDINATOR, Role.NATIONAL)
LOOKS, TRIES = 2, 4  # of one route, and sendings to one address
LEFT_ALONE = {"sign-out", "set_language", "choose-workplace", "own-factor", "own-close"}
# Pages that take nothing in, and papers that are slow to draw and drawn elsewhere in the suite.
ONLY_READ = {"front", "how", "areas", "area", "partners", "calls", "accessibility", "privacy", "yearly", "yearly-csv"}
ONLY_READ |= {"paper-form", "leaflet", "worklist-pdf", "near-slip", "own-counts-csv", "near"}
# Where cards, their holders and their uses are dealt with: there codes and secrets are typed into every field too.
CARD_DOORS: tuple[str, ...] = (
    "desk",
    "find",
    "card",
    "correct",
    "block",
    "renew",
    "replace",
    "end-card",
    "show",
    "give",
    "till",
    "day",
)
CARD_DOORS += ("to-settle", "own", "phone", "enter", "found", "stock", "receive", "worklist", "trail", "sign-in")
# What tells of the network and of those who work in it is written by hand, by people who say so themselves and for
# everyone to read: an odd name in these is a name of a place, a reason or a user.
BY_HAND = {
    "Device.label",
    "Invitation.name",
    "Offering.",
    "PolicyRow.reason",
    "Region.",
    "Series.name",
    "Token.label",
    "User.username",
    "User.name",
    "Workplace.",
    "YearClose.note",
}


# --- pages as a monkey sees them ----------------------------------------------------------------------------------


@dataclass
class Form:
    action: str
    method: str = "get"
    fields: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # name → (kind, value)


class Page(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, text: str, address: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in found:
            self.links.append(urljoin(self.address, unescape(found["href"])))
        elif tag == "form":
            self.forms.append(Form(urljoin(self.address, found.get("action", "")), found.get("method", "get").lower()))
        elif self.forms and found.get("name") and tag in ("input", "textarea", "button"):
            kind = found.get("type", "text" if tag != "button" else "submit")
            self.forms[-1].fields.setdefault(found["name"], []).append((kind, unescape(found.get("value", ""))))
        elif self.forms and tag == "select":
            self._select = found.get("name", "")
        elif self.forms and tag == "option" and self._select:
            self.forms[-1].fields.setdefault(self._select, []).append(("choice", unescape(found.get("value", ""))))


@dataclass
class Monkey:
    """Looks at every page it is shown the way to, and fills in whatever form it finds."""

    chance: random.Random
    made: list[codes.MadeCode]
    clock: Any
    looked: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    typed: set[str] = field(default_factory=set)
    chosen: list[str] = field(default_factory=list)  # holders' own secrets
    by_hand: bool = False
    given: list[codes.MadeCode] = field(default_factory=list)
    blank: list[codes.MadeCode] = field(default_factory=list)

    def at(self, workplace: Workplace | None) -> None:
        """What lies in the drawer there, and which cards are in use (anywhere, or given by it)."""
        by_serial = {one.serial: one for one in self.made}
        here = Card.objects.all() if workplace is None or workplace.role != Role.ISSUER else workplace.cards.all()
        self.blank = [by_serial[one] for one in here.blank().values_list("serial", flat=True) if one in by_serial]
        used = here.filter(facts__kind="valid", facts__until__gte=self.clock.now.date()).distinct()
        self.given = [by_serial[one] for one in used.values_list("serial", flat=True) if one in by_serial]

    def card(self, name: str) -> codes.MadeCode:
        """A card to hold in the hand: from the drawer at the desk, mostly one in use elsewhere."""
        many = self.blank if name.startswith(("desk", "replace", "to-")) and self.chance.random() < 0.9 else self.given
        return self.chance.choice(many or self.made)

    def walk(self, browser: Client, *begin: str) -> None:
        waiting = list(begin)
        looked: Counter[str] = Counter()
        while waiting:
            address = waiting.pop(0)
            name = self.route(address)
            if not name or name in LEFT_ALONE | ONLY_READ or looked[name] >= LOOKS:
                continue
            looked[name] += 1
            page = self.seen(browser.get(address), address)
            if page is None:
                continue
            waiting += page.links
            for form in page.forms:
                waiting += self.fill(browser, form)
        self.looked += looked

    def route(self, address: str) -> str:
        """The route's name; nothing for other languages, other hosts and files."""
        parts = urlsplit(address)
        if parts.netloc or not parts.path.startswith("/fi/"):
            return ""
        try:
            with override("fi"):
                return str(resolve(parts.path).url_name)
        except Resolver404:
            return ""

    def seen(self, answer: Any, address: str) -> Page | None:
        assert answer.status_code < 500, (address, answer.status_code)
        if answer.status_code in (301, 302):
            return Page(f'<a href="{answer["Location"]}"></a>', address)
        if "text/html" not in answer.get("Content-Type", ""):
            if answer.streaming:
                list(answer)  # printed cards are made while they are sent
            return None
        return Page(answer.content.decode(), address)

    def fill(self, browser: Client, form: Form) -> Iterator[str]:
        """Send a form a few times: as it is meant, and with what does not belong there. Gives where that leads."""
        name = self.route(form.action)
        if not name or name in LEFT_ALONE:
            return
        for round_ in range(3):
            if self.tried[form.action] >= TRIES or self.tried[name] >= 4 * TRIES:
                return
            self.tried[form.action] += 1
            self.tried[name] += 1
            self.by_hand = not name.startswith(CARD_DOORS)
            sent = self.filled(form, self.card(name), odd=round_ > 0)
            self.clock.now += timedelta(seconds=100)
            answer = browser.post(form.action, sent) if form.method == "post" else browser.get(form.action, sent)
            page = self.seen(answer, form.action)
            if page is not None:
                yield from page.links
                for inner in page.forms:
                    if inner.action != form.action or answer.status_code == 200:
                        target = self.route(inner.action)
                        if target and self.tried[target] < 4 * TRIES:
                            yield from self.fill(browser, inner)

    def filled(self, form: Form, one: codes.MadeCode, *, odd: bool) -> dict[str, Any]:
        sent: dict[str, Any] = {}
        for name, several in form.fields.items():
            kinds = {kind for kind, _value in several}
            if kinds <= {"hidden"}:
                sent[name] = [value for _kind, value in several]
            elif kinds <= {"checkbox"}:
                sent[name] = [value or "on" for _kind, value in several if self.chance.random() < 0.5]
            elif kinds & {"radio", "choice", "submit"}:
                value = self.chance.choice(several)[1]
                if not kinds & {"submit"} or self.chance.random() < 0.5:
                    sent[name] = value
            else:
                sent[name] = self.text(name, several[0][1], one, odd=odd and self.chance.random() < 0.7)
        return sent

    def text(self, name: str, value: str, one: codes.MadeCode, *, odd: bool) -> str:
        """What belongs into a field as far as its name tells, or what does not."""
        if odd:
            words = [*IDENTIFIERS, one.code, shown(one.code), one.secret or one.code]
            # Where people write for everyone to read, a code is not looked for: they may write what they like.
            typed = self.chance.choice(IDENTIFIERS if self.by_hand else words)
            self.typed.add(typed)
            return typed
        if self.by_hand:
            return value or "3"
        if "secret" in name:
            return one.secret
        if name in ("code", "new_code", "blank", "card"):
            return self.chance.choice([one.code, shown(one.code), one.code.lower()])
        if name in ("name", "wanted", "serial"):
            return self.chance.choice([one.serial, one.code])
        return {"birth_year": "1957", "postal_code": "87100", "minors": "2", "children": "1", "size": "3"}.get(
            name, value
        )


# --- the run ------------------------------------------------------------------------------------------------------


@dataclass
class Clock:
    now: datetime = NOON


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def made(monkeypatch):
    """Every code and secret that is made, in clear, whoever makes it."""
    made: list[codes.MadeCode] = []
    make_code = codes.make_code

    def heard(*args: Any, **how: Any) -> codes.MadeCode:
        made.append(make_code(*args, **how))
        return made[-1]

    from kaikukortti.actions import making, simulation
    from kaikukortti.management.demo import cards

    for module in (codes, making, simulation, batches, phone, cards):
        if hasattr(module, "make_code"):
            monkeypatch.setattr(module, "make_code", heard)
    monkeypatch.setattr(codes, "SECRET_ROUNDS", 1)
    return made


def run(monkey: Monkey, document: dict[str, Any]) -> None:
    """Every role's doors, the holder's own, and the calls."""
    for role in WALKED:
        membership = (
            Membership.objects.filter(workplace__role=role, ended_at=None).select_related("user").earliest("pk")
        )
        browser = Client()
        browser.force_login(membership.user)
        session = browser.session
        session["membership"] = membership.pk
        session[CONFIRMED] = (monkey.clock.now + timedelta(days=2)).timestamp()
        session.save()
        monkey.at(membership.workplace)
        monkey.walk(browser, "/fi/start/", "/fi/desk/", "/fi/cards/", "/fi/till/", "/fi/network/corrections/")
    monkey.tried.clear()
    held = HolderData.objects.filter(card__later=False, card__community=False, card__access=None)
    serials = set(held.values_list("card__serial", flat=True))
    monkey.at(None)
    holders = [one for one in monkey.given if one.secret and one.serial in serials]
    for one in monkey.chance.sample(holders, min(3, len(holders))):
        browser = Client()
        page = monkey.seen(browser.get("/fi/my/"), "/fi/my/")
        assert page is not None
        form = next(form for form in page.forms if any("secret" in name for name in form.fields))
        sent = monkey.filled(form, one, odd=False)
        for name in form.fields:
            if "secret" in name:
                sent[name] = one.secret
            elif name in ("name", "code", "card", "serial", "wanted"):
                sent[name] = shown(one.code)
        browser.post(form.action, sent)
        page = monkey.seen(browser.get("/fi/my/secret/"), "/fi/my/secret/")
        assert page is not None
        offered = [value for form in page.forms for _kind, value in form.fields.get("suggested", [])]
        if not offered:
            continue  # the monkey has blocked it, or tried too often
        monkey.chosen.append(offered[0].partition(":")[0])
        for typed in (IDENTIFIERS[0], shown(one.code), monkey.chosen[-1]):
            browser.post("/fi/my/secret/", {"suggested": offered, "secret": typed})
        monkey.walk(browser, "/fi/my/card/", "/fi/my/uses/", "/fi/my/data/", "/fi/my/phone/")
    calls(monkey)
    gathered.write()


def calls(monkey: Monkey) -> None:
    chance = monkey.chance
    for role in (Role.ISSUER, Role.VENUE, Role.TICKET_AGENT):
        secret = f"machine of {role}"
        workplace = Membership.objects.filter(workplace__role=role, ended_at=None).earliest("pk").workplace
        Token.objects.create(
            workplace=workplace, label="machine", digest=codes.link_digest(secret), made_at=monkey.clock.now
        )
        monkey.at(workplace)
        for round_ in range(8):
            monkey.clock.now += timedelta(minutes=10)
            one = chance.choice(monkey.given)
            blank = monkey.blank[round_].code if len(monkey.blank) > round_ else one.code
            odd = chance.choice([*IDENTIFIERS, one.code, one.secret])
            row: dict[str, Any] = {
                "id": str(uuid4()),
                "code": chance.choice([one.code, shown(one.code), odd, one.code + odd]),
            }
            row |= {"day": str(monkey.clock.now.date()), "happened": chance.random() < 0.7, "source": "paper"}
            holder = {"code": blank, "birth_year": 1957, "postal_code": "87100", "minors": 1}
            for method, path, body in (
                ("POST", "check", {"code": row["code"]}),
                ("POST", "uses", {"uses": [row]}),
                ("POST", "uses", {"uses": [row | {chance.choice(list(row)): odd}]}),
                ("POST", "uses", {"uses": [row | {odd: odd}]}),
                ("POST", f"uses/{row['id']}/reverse", {"reason": odd}),
                ("POST", "uses", {"uses": [row | {"id": str(uuid4()), "code": one.code}]}),
                ("POST", "cards", holder | {chance.choice(list(holder)): odd}),
                ("POST", "cards", holder | {"name": odd}),
                ("POST", "cards", holder),
                ("POST", "cards/block", {"code": one.code, "reason": odd}),
                ("POST", "cards/block", {"code": one.code if round_ == 0 else "", "reason": "lost"}),
            ):
                answer = call(secret, method, f"/api/v1/{path}", body)
                assert answer.status_code < 500, (path, answer.status_code)


# --- the dump -----------------------------------------------------------------------------------------------------


def dumped() -> bytes:
    """The database as whoever steals it has it: SQLite's file with what stands beside it, or a pg_dump."""
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        beside = [path.with_name(path.name + ending) for ending in ("", "-wal")]
        return b"".join(one.read_bytes() for one in beside if one.exists())
    where = programs()
    assert where is not None
    kept = connection.settings_dict
    host = kept["HOST"] or kept["OPTIONS"]["host"]
    command = [str(where / "pg_dump"), "-h", host, "-U", kept["USER"], "-p", kept["PORT"] or "5432", kept["NAME"]]
    return subprocess.run(command, check=True, capture_output=True).stdout


def codes_in(text: bytes, wanted: set[str]) -> set[str]:
    """Those of the codes and secrets that stand in a text: in any grouping and case, and without the last character."""
    found = set()
    upper = text.upper()
    for one in (upper, re.sub(rb"(?<=[0-9A-Z])[ *-](?=[0-9A-Z])", b"", upper)):
        for run in re.finditer(rb"[0-9A-Z]{9,}", one):
            word = run[0].decode()
            found |= {word[at : at + 9] for at in range(len(word) - 8)} & wanted
    return found


def names_in(text: bytes) -> set[str]:
    return {one for one in IDENTIFIERS if one.encode() in text}


def not_by_hand(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(where, value) for where, value in rows if not any(where.startswith(known) for known in BY_HAND)]


def rows() -> Iterator[tuple[str, str]]:
    for table, several in everything().items():
        for row in several:
            for column, value in row.items():
                if value is not None:
                    yield f"{table}.{column.removesuffix('_id')}", as_text(value)


@pytest.mark.database(transaction=True)
def test_a_dump_after_a_fuzzed_run_holds_no_code_no_secret_and_no_name(clock, made, ear: Ear, monkeypatch) -> None:
    forget()
    document = load_demo(NOON, monkeypatch)
    monkeypatch.setattr(timezone, "now", lambda: clock.now)  # loading has stopped the clock
    monkey = Monkey(random.Random(4), made, clock)
    run(monkey, document)
    kinds = Counter(CardFact.objects.filter(entered_at__gte=NOON).values_list("kind", flat=True))
    # It has really been somewhere and done something.
    assert len(monkey.looked) > 60
    assert Record.objects.filter(entered_at__gte=NOON).count() > 5
    assert kinds["registered"] > 1
    assert kinds["blocked"]
    assert kinds["printed"]
    assert PhoneLink.objects.exists()
    assert HolderAccess.objects.exclude(digest="").exists()

    # A code is known by its first nine characters, a secret has nine.
    wanted = {one.code[:9] for one in made} | {one.secret for one in made if one.secret} | set(monkey.chosen)
    assert len(wanted) > 300
    assert [where for where, value in rows() if codes_in(value.encode(), wanted)] == []
    assert codes_in(dumped(), wanted) == set()
    lines = "\n".join(ear.lines).encode()
    assert codes_in(lines, wanted) == set()
    assert names_in(lines) == set()
    found = [(where, value) for where, value in rows() if names_in(value.encode())]
    assert not_by_hand(found) == []
    assert not {where.partition(".")[0] for where, _value in found} & tables_of(Whose.HOLDER)
    assert uncatalogued() == []

    # The control: the same scan finds a planted code, secret and name, in the file and in the rows.
    planted = next(one for one in made if one.secret)
    Token.objects.create(
        workplace=Membership.objects.earliest("pk").workplace,
        label=f"{shown(planted.code)} {planted.secret.lower()}",
        digest="planted",
        made_at=NOON,
    )
    CardFact.objects.filter(pk=CardFact.objects.latest("pk").pk).update(corrected=[IDENTIFIERS[1]])
    assert codes_in(dumped(), wanted) == {planted.code[:9], planted.secret}
    assert not_by_hand((where, value) for where, value in rows() if names_in(value.encode())) == [
        ("CardFact.corrected", f'["{IDENTIFIERS[1]}"]')
    ]


def uncatalogued() -> list[tuple[str, str]]:
    """Columns of the database itself that the catalogue does not name."""
    named = {name for name, _said in catalogued()}
    columns = {
        (model._meta.db_table, column.column): f"{table_of(model)}.{column.name}"
        for model in all_tables()
        for _name, column in columns_of([model])
    }
    with connection.cursor() as cursor:
        return [
            (table, column.name)
            for table in connection.introspection.table_names(cursor)
            if table != "django_migrations"
            for column in connection.introspection.get_table_description(cursor, table)
            if columns.get((table, column.name)) not in named
        ]
