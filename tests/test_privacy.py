"""A fuzzed day through the doors, and then a look at all that is left of it: every column of the database, every log
line, every address. No code, no name, nothing that a role must not read (P1, P6, P7, P13, S18, S19, P21)."""

import logging
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from kaikukortti.actions.look_ups import gathered
from kaikukortti.models import Card, HolderData, Invitation, Record
from kaikukortti.models.checks import all_tables, columns_of, table_of
from kaikukortti.rules.codes import shown
from kaikukortti.terms.fields import Whose, catalogued, tables_of
from kaikukortti.terms.kinds import BlockReason, Gender, HomeLanguage, LifeSituation, ReversalReason
from kaikukortti.terms.roles import RECORDERS, Role
from tests.cast import Cast
from tests.doors import WORKPLACES, address, as_text, call, everything, machine, person
from tests.test_matrix import EVERYONE, HOME_FOR, MATRIX, PAGES, Stage, stage

__all__ = ["stage"]

# A holder who would be known by these in any text.
BIRTH_YEAR, POSTAL_CODE = 1957, "88900"
# What a worker may be tempted to type where it does not belong (P1).
IDENTIFIERS = [
    "Matti Meikäläinen",
    "131052-308T",
    "13.10.1952",
    "matti@example.org",
    "+358 40 123 4567",
    "Koulukatu 12 A 4",
]


# --- what is heard ------------------------------------------------------------------------------------------------


class Ear(logging.Handler):
    """Every log line as it would be written, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def ear() -> Iterator[Ear]:
    """On the root, and on each logger of ours, which do not pass on; all at their most talkative."""
    ear, changed = Ear(), []
    for name in ("", "kaikukortti", "django.request", "django.security", "django.server"):
        logger = logging.getLogger(name)
        changed.append((logger, logger.level))
        logger.addHandler(ear)
        logger.setLevel(logging.DEBUG if name else logging.INFO)
    yield ear
    for logger, level in changed:
        logger.removeHandler(ear)
        logger.setLevel(level)


# --- the day ------------------------------------------------------------------------------------------------------


@dataclass
class Day:
    """A day in Kajaani, lived through pages and calls by chance; everything asked and answered is kept."""

    cast: Cast
    chance: random.Random
    codes: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)  # (who, text of the answer)

    def __post_init__(self) -> None:
        self.browsers = {name: person(self.cast, name) for name in ("office", "routa", "luukku")}
        self.tokens = {name: machine(self.cast, name) for name in ("office", "routa", "luukku")}

    # --- doors ---

    def send(self, who: str, name: str, form: dict[str, Any] | None = None, **objects: Any) -> Any:
        """A form of a page, or (with none) a look at it."""
        path = address(name, **objects)
        browser = self.browsers[who]
        return self._keep(who, path, browser.get(path) if form is None else browser.post(path, form))

    def ask(self, who: str, name: str, body: Any = None, method: str = "POST", **objects: Any) -> Any:
        path = address(name, **objects)
        return self._keep(who, path, call(self.tokens[who], method, path, body))

    def _keep(self, who: str, path: str, answer: Any) -> Any:
        assert answer.status_code < 500, (path, answer.status_code)
        text = answer.content.decode()
        self.answers.append((who, text))
        self.addresses += [
            path,
            answer.get("Location", ""),
            answer.get("HX-Redirect", ""),
            answer.get("HX-Push-Url", ""),
        ]
        self.addresses += [unescape(found) for found in re.findall(r'(?:href|action|src|hx-\w+)="([^"]*)"', text)]
        return answer

    # --- what people do ---

    def some(self) -> str:
        """A code as it is typed or scanned, mostly right."""
        code = self.chance.choice(self.codes)
        if self.chance.random() < 0.15:
            return self.chance.choice([*IDENTIFIERS, code[:-1], code[::-1], "", "0" * 64])
        return self.chance.choice([code, shown(code), shown(code).replace("-", " "), code.lower(), f"*{code}*"])

    def issue_at_desk(self) -> None:
        code = self.cast.blank()
        self.codes.append(code)
        form = {"code": shown(code), **self._holder(), "voluntary": "open"}
        if self.chance.random() < 0.4:
            self.send("office", "desk", form | {self.chance.choice(list(form)): self.chance.choice(IDENTIFIERS)})
        self.send("office", "desk-echo", form)
        self.send("office", "desk-residence", form)
        summary = self.send("office", "desk", form)
        assert summary.status_code == 200
        done = self.send("office", "desk-confirm", fields_of(summary, "desk-confirm"))
        assert done.status_code == 302, done.content.decode()[:2000]
        self.send("office", "desk-done")

    def issue_by_call(self) -> None:
        code = self.cast.blank()
        self.codes.append(code)
        body = {"code": code, **self._holder(), "birth_year": BIRTH_YEAR, "minors": 2, "life_situations": ["student"]}
        wrong = self.chance.choice(list(body))
        self.ask("office", "api:issue-card", body | {wrong: self.chance.choice(IDENTIFIERS)})
        self.ask("office", "api:issue-card", body | {"name": IDENTIFIERS[0]})
        self.ask("office", "api:issue-card", {**body, "id": str(uuid4())})

    def _holder(self) -> dict[str, Any]:
        return {
            "birth_year": str(BIRTH_YEAR),
            "postal_code": POSTAL_CODE,
            "minors": str(self.chance.randrange(4)),
            "gender": self.chance.choice(Gender.values),
            "life_situations": [LifeSituation.STUDENT.value],
            "home_language": self.chance.choice(HomeLanguage.values),
        }

    def use_at_till(self, who: str) -> None:
        offering = self.chance.choice(self.offerings)
        self.send(who, "till-offering", {"offering": str(offering.pk)})
        self.send(who, "till")
        verdict = self.send(who, "till-check", {"code": self.some(), "offering": str(offering.pk)})
        held = fields_of(verdict, "till-check")
        if held.get("held"):
            self.send(who, "till-record", held | {"children": self.chance.choice(["0", "1", "7", IDENTIFIERS[0]])})
            self.send(who, "till-record", held)
        for name in ("day", "to-settle", "own-counts", "own-counts-csv"):
            self.send(who, name)

    def use_by_call(self, who: str) -> None:
        today = str(self.cast.now.date())
        rows = [
            {"id": str(uuid4()), "code": self.some() or "?", "offering": str(self.chance.choice(self.offerings).pk)}
            | {"day": today, "happened": self.chance.random() < 0.5, "source": self.chance.choice(["online", "paper"])}
            for _ in range(self.chance.randint(1, 5))
        ]
        self.ask(who, "api:check", {"code": self.some() or "?"})
        self.ask(who, "api:record-uses", {"uses": rows})
        self.ask(who, "api:record-uses", {"uses": [rows[0] | {"code": IDENTIFIERS[1], "name": IDENTIFIERS[0]}]})
        self.ask(who, "api:use", method="GET", id=rows[0]["id"])
        self.ask(who, "api:reverse-use", {"reason": self.chance.choice([*ReversalReason.values, IDENTIFIERS[0]])},
                 id=rows[0]["id"])  # fmt: skip

    def correct_and_block(self) -> None:
        card = Card.objects.filter(holder__isnull=False).order_by("?").first()
        assert card is not None
        self.send("office", "find-card", {"wanted": card.serial})
        self.send("office", "find-card", {"wanted": self.some()})
        self.send("office", "card", number=card.pk)
        self.send("office", "correct-card", {**self._holder(), "minors": IDENTIFIERS[0]}, number=card.pk)
        self.send("office", "correct-card", {**self._holder(), "minors": "1"}, number=card.pk)
        if self.chance.random() < 0.5:
            self.send("office", "block-card", {"reason": self.chance.choice([*BlockReason.values, IDENTIFIERS[0]])},
                      number=card.pk)  # fmt: skip
        code = self.chance.choice(self.codes)
        self.ask("office", "api:block-card", {"code": code, "reason": IDENTIFIERS[0]})
        if self.chance.random() < 0.3:
            self.ask("office", "api:block-card", {"code": code, "reason": "lost"})

    def put_right(self, who: str) -> None:
        row = Record.objects.filter(recorder=self.cast.workplaces[who]).order_by("?").first()
        if row is not None:
            self.send(who, "day-record", reference=row.reference)
            self.send(who, "day-settle", {"counts": "yes"}, reference=row.reference)
            self.send(who, "day-reverse", {"reason": self.chance.choice(["", "test", IDENTIFIERS[0]])},
                      reference=row.reference)  # fmt: skip

    def get_lost(self) -> None:
        """Addresses typed by hand, with what does not belong there."""
        code = self.chance.choice(self.codes)
        for path in ("/fi/nothing/", "/api/v1/nothing", "/fi/till/"):
            answer = Client().get(path, headers={"Referer": f"https://elsewhere.example/?code={code}"})
            assert answer.status_code < 500

    def live(self) -> "Day":
        self.offerings = [self.cast.offering("routa", cap=5), self.cast.offering("routa"), self.cast.offering("routa")]
        self.issue_at_desk()
        deeds = (
            self.issue_at_desk,
            self.issue_by_call,
            lambda: self.use_at_till("routa"),
            lambda: self.use_at_till("luukku"),
            lambda: self.use_by_call("routa"),
            lambda: self.use_by_call("luukku"),
            self.correct_and_block,
            lambda: self.put_right(self.chance.choice(["routa", "luukku"])),
            self.get_lost,
        )
        for deed in self.chance.sample(deeds * 2, len(deeds) * 2):
            self.cast.at(self.cast.now + timedelta(minutes=self.chance.randrange(2)))
            deed()
        gathered.write()
        return self


def fields_of(answer: Any, form: str) -> dict[str, Any]:
    """What the page's own form would send: its hidden fields, those that stand several times as lists."""
    text = answer.content.decode()
    path = re.escape(address(form))
    found = re.search(rf'<form[^>]*action="{path}".*?</form>', text, re.DOTALL)
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", found[0] if found else text):
        name, value = re.search(r' name="([^"]*)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and 'type="hidden"' in tag:
            fields.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    return fields


@pytest.fixture
def clock(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: cast.now)


@pytest.fixture(params=[1, 2, 3])
def day(request: pytest.FixtureRequest, cast: Cast, clock: None, ear: Ear) -> Day:
    return Day(cast, random.Random(request.param)).live()


def traces_of(code: str) -> re.Pattern[str]:
    """The code in any grouping, in any case, also without its check character."""
    return re.compile(r"[\s*-]?".join(map(re.escape, code[:9])), re.IGNORECASE)


def dump() -> Iterator[tuple[str, str]]:
    """Every value of every row: where it stands, and as text."""
    for table, rows in everything().items():
        for row in rows:
            for column, value in row.items():
                if value is not None:
                    yield f"{table}.{column.removesuffix('_id')}", as_text(value)


# --- what is left -------------------------------------------------------------------------------------------------


@pytest.mark.database
def test_nothing_is_left_of_the_day_but_what_is_catalogued(day: Day, ear: Ear) -> None:
    """P1, P13, S18, S19: the full dump, the logs and the addresses after a fuzzed day."""
    assert Record.objects.exists()
    assert HolderData.objects.filter(birth_year=BIRTH_YEAR).exists()
    assert len(day.codes) > 3
    codes = re.compile("|".join(traces_of(code).pattern for code in day.codes), re.IGNORECASE)
    names = re.compile("|".join(re.escape(one) for one in IDENTIFIERS), re.IGNORECASE)

    values = list(dump())
    assert [(where, value) for where, value in values if codes.search(value)] == []
    assert [(where, value) for where, value in values if names.search(value)] == []
    # A row's own number may happen to be the same.
    told = [(where, value) for where, value in values if not where.endswith(".id")]
    assert {where for where, value in told if re.search(rf"\b{BIRTH_YEAR}\b", value)} == {"HolderData.birth_year"}
    assert {where for where, value in values if re.search(rf"\b{POSTAL_CODE}\b", value)} == {
        "HolderData.postal_code",
        "PostalCode.code",
        "PostalCode_municipalities.postalcode",
    }

    trio = re.compile(rf"\b({BIRTH_YEAR}|{POSTAL_CODE})\b")
    secrets = re.compile("|".join(re.escape(secret) for secret in day.tokens.values()))
    serials = re.compile(r"\b(" + "|".join(Card.objects.values_list("serial", flat=True)) + r")\b")
    assert ear.lines
    for what, lines in (("log", ear.lines), ("address", day.addresses)):
        for forbidden in (codes, names, trio, secrets, serials):
            assert [line for line in lines if forbidden.search(line)] == [], what


@pytest.mark.database
def test_the_scan_finds_what_it_looks_for(cast: Cast, clock: None, ear: Ear) -> None:
    """The control: a code in a note, in a session or in a log line would be found."""
    code = cast.card()
    found = traces_of(code)
    Invitation.objects.create(
        workplace=cast.workplaces["office"],
        name=f"for {shown(code)}",
        digest="x",
        made_at=cast.now,
        expires_at=cast.now,
    )
    session = person(cast, "office").session
    session["note"] = code.lower()
    session.save()
    logging.getLogger("kaikukortti.till").info("read *%s*", code)
    assert {where for where, value in dump() if found.search(value)} == {
        "Invitation.name",
        "sessions.Session.session_data",
    }
    assert [line for line in ear.lines if found.search(line)]


@pytest.mark.database
def test_the_database_has_no_column_that_the_catalogue_does_not_know(cast: Cast) -> None:
    """P19, as the database itself tells."""
    named = {name for name, _said in catalogued()}
    columns = {
        (model._meta.db_table, field.column): f"{table_of(model)}.{field.name}"
        for model in all_tables()
        for _name, field in columns_of([model])
    }
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table == "django_migrations":
                continue
            for column in connection.introspection.get_table_description(cursor, table):
                assert columns.get((table, column.name)) in named, (table, column.name)


# --- who reads what -----------------------------------------------------------------------------------------------


def forbidden_to(role: Role, stage: Stage) -> re.Pattern[str]:
    """What no page of the role shows (domain, "Who sees what"): as words that would give it away."""
    words = [str(BIRTH_YEAR), POSTAL_CODE] if role != Role.ISSUER else []
    if role != Role.ISSUER:
        words += Card.objects.values_list("serial", flat=True)
    if role in (*RECORDERS, Role.ANALYST):
        words += ["Kajaanin sosiaalitoimisto", "Espoon nuorisotyö"]
    if role == Role.ISSUER:
        words += ["Routa Company", "Nykytanssi-ilta", "Lippuluukku"]
        words += [str(reference) for reference in Record.objects.values_list("reference", flat=True)]
        words += Card.objects.exclude(workplace=stage.cast.workplaces["office"]).values_list("serial", flat=True)
    return re.compile("|".join(map(re.escape, words)))


# What is on this week, on paper: the public page shows the same.
# And a group's own pages name the offering it was planned for, by whoever planned it.
SHOWN_TO_ANYBODY = {"near-slip", "groups", "choose-group-offering", "plan-group", "group"}


def read_whole(answer: Any) -> str:
    """A page's text; of a sheet to print, what stands on it. A row's number in an address is no year of birth."""
    if answer.headers["Content-Type"] != "application/pdf":
        return re.sub(r"/\d+(?=/)", "/…", answer.content.decode())
    return "\n".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(answer.content))


@pytest.mark.database
@pytest.mark.parametrize("role", Role, ids=str)
def test_no_page_of_a_role_shows_what_its_row_forbids(stage: Stage, role: Role) -> None:
    """P6, P7: each page that opens to the role, read whole."""
    HolderData.objects.update(birth_year=BIRTH_YEAR, postal_code=POSTAL_CODE)
    codes = re.compile("|".join(traces_of(code).pattern for code in stage.cast.given), re.IGNORECASE)
    browser, forbidden = person(stage.cast, WORKPLACES[role]), forbidden_to(role, stage)
    read = 0
    for name in PAGES:
        if MATRIX[name] == EVERYONE or role not in MATRIX[name] or name in SHOWN_TO_ANYBODY:
            continue
        answer = browser.get(address(name, **stage.of(HOME_FOR.get(name) or WORKPLACES[role], name)))
        if answer.status_code == 200:
            text = read_whole(answer)
            assert not codes.search(text), name
            assert not (found := forbidden.search(text)), (name, found and found[0])
            read += 1
    assert read


@pytest.mark.database
def test_a_day_of_answers_tells_venues_and_issuers_what_is_theirs(day: Day) -> None:
    """P6, P7: also what the till and the calls answered."""
    serials = "|".join(Card.objects.values_list("serial", flat=True))
    of_venues = re.compile(rf"Kajaanin sosiaalitoimisto|\b{BIRTH_YEAR}\b|\b{POSTAL_CODE}\b|\b({serials})\b")
    of_issuers = re.compile(r"Nykytanssi-ilta|Lippuluukku|Routa Company")
    for who, text in day.answers:
        assert not (of_issuers if who == "office" else of_venues).search(text), (who, text[:200])


@pytest.mark.database
def test_no_word_on_a_page_tells_why_anyone_has_a_card(stage: Stage) -> None:
    """P21: nothing of poverty or of the social services beside a card; titles of pages least of all."""
    telling = re.compile(r"vähävarais|köyh|toimeentulotu|fattig|utkomststöd|\bpoor\b|\bpoverty\b", re.IGNORECASE)
    browser = person(stage.cast, "routa")
    for name in ("till", "day", "offerings"):
        for language in ("fi", "sv", "en"):
            assert not telling.search(browser.get(address(name, language=language)).content.decode())


def test_holders_and_workers_share_no_table():
    """What is held of holders is erased without touching a worker, and the other way round; only acts join them."""
    assert tables_of(Whose.HOLDER) & tables_of(Whose.WORKER) == {
        "CardFact",
        "Hold",
        "PlannedGroup",
        "Record",
        "RecordChange",
    }
