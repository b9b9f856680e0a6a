"""`manage.py simulate`: invented rows are what the actions would have written, and their number is what was asked."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.cards import Holder, Issued, issue_card, own_card
from kaikukortti.actions.codes import make_code
from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.demo import RealRegister
from kaikukortti.actions.known import Use
from kaikukortti.actions.looking_after import block_card
from kaikukortti.actions.making import make_cards
from kaikukortti.actions.simulation import InventedCard, InventedUse, RulesSayNo, Written, stage, write_cards
from kaikukortti.actions.uses import record_uses
from kaikukortti.figures.yearly import live_table, municipalities_on
from kaikukortti.management.demo import published
from kaikukortti.models import (
    Card,
    CardFact,
    CountedFact,
    DemoMark,
    HolderData,
    PersonLine,
    Record,
    RecordChange,
    Workplace,
)
from kaikukortti.models.snapshot import forget, network
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import BlockReason, OfferingKind, RecordKind, ReversalReason, Source
from tests.figures.published import TOTALS, YEARS, differences

pytestmark = pytest.mark.database

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=HELSINKI)
FRESH = {"id", "card", "line", "record", "reference", "figure_key", "transaction", "batch", "pepper"}


def at(month, day, hour=10, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=HELSINKI)


@pytest.fixture
def marked(cast):
    """The cast's register, declared a demo's."""
    DemoMark.objects.create(pk=1, digest="", made_at=NOW)
    return cast


# --- the same rows ------------------------------------------------------------------------------------------------


def plan(cast):
    """Two people and a group: tickets of every kind, one from paper, one reversed, an earlier one entered late."""
    routa, hall = cast.workplaces["routa"].pk, cast.workplaces["hall"].pk
    office = cast.workplaces["office"].pk
    event = cast.offering(first_day=date(2026, 3, 20), published_at=at(1, 10)).facts
    swim = cast.offering("hall", OfferingKind.OPEN, first_day=date(2026, 1, 1), published_at=at(1, 1))
    swim.last_day = date(2026, 12, 31)
    swim.save()
    course = cast.offering("routa", OfferingKind.COURSE, first_day=date(2026, 4, 1), published_at=at(1, 1)).facts
    number = iter(range(1, 100))

    def use(venue, entered_at, **facts):
        return InventedUse(UUID(int=next(number)), venue, facts.pop("day", entered_at.date()), entered_at, **facts)

    return [
        InventedCard(
            "",
            office,
            at(2, 1, 9),
            Holder(
                birth_year=1984,
                minors=2,
                postal_code="87100",
                municipality="205",
                gender="woman",
                life_situations=["student"],
                home_language="sv",
            ),
            uses=[
                use(hall, at(3, 2), offering=swim.facts, children=2, assistants=1),
                use(routa, at(3, 10), day=date(2026, 3, 20), offering=event, children=1),
                use(routa, at(3, 12), offering=course, kind=RecordKind.COURSE),
                use(hall, at(3, 15), day=date(2026, 3, 14), source=Source.PAPER, happened=True),
                use(hall, at(3, 16), source=Source.OFFLINE, happened=True, offering=swim.facts),
                use(hall, at(3, 17), offering=swim.facts, reversed_at=at(3, 17, 10, 20)),
                use(hall, at(3, 18), day=date(2026, 2, 27), source=Source.PAPER, happened=True, offering=swim.facts),
            ],
            blocked_at=at(9, 1),
        ),
        InventedCard(
            "",
            office,
            at(2, 3, 9),
            Holder(birth_year=1950, minors=0, postal_code="02100", municipality="049"),
            uses=[use(routa, at(3, 2))],
        ),
        InventedCard("", office, at(2, 2, 9), None, uses=[use(routa, at(3, 4), clients=4, workers=1)]),
    ]


def do(cast, cards):
    """The same by the actions that people's doors call, in the order of time."""
    by = Actor(cast.workplaces["office"])
    steps: list[tuple[datetime, Callable[[], object]]] = []

    def give(card):
        answer = issue_card(card.code, by=by, now=card.issued_at, holder=card.holder)
        assert isinstance(answer, Issued), answer

    def block(card):
        own = own_card(card.code, by=by)
        assert isinstance(own, Card)
        block_card(own, reason=BlockReason.LOST, by=by, now=card.blocked_at)

    def record(card, use):
        row = Use(
            id=use.id,
            code=card.code,
            day=use.day,
            offering=UUID(use.offering.id) if use.offering else None,
            kind=use.kind,
            at=use.entered_at if use.source == Source.OFFLINE else None,
            source=use.source,
            happened=use.happened,
            children=use.children,
            assistants=use.assistants,
            clients=use.clients,
            workers=use.workers,
        )
        record_uses([row], by=Actor(Workplace.objects.get(pk=use.venue)), now=use.entered_at)

    def reverse(use):
        row = Record.objects.get(client_id=use.id)
        reverse_use(row, by=Actor(row.venue), now=use.reversed_at, reason=ReversalReason.WRONG_COUNT)

    for card in cards:
        steps.append((card.issued_at, partial(give, card)))
        if card.blocked_at:
            steps.append((card.blocked_at, partial(block, card)))
        for use in card.uses:
            steps.append((use.entered_at, partial(record, card, use)))
            if use.reversed_at:
                steps.append((use.reversed_at, partial(reverse, use)))
    made_at = min(card.issued_at for card in cards) - timedelta(days=30)
    codes = [make_code(card.code, random_tag=True) for card in cards]
    make_cards(cast.workplaces["office"], size=len(cards), by=None, now=made_at, codes=codes)
    for _when, step in sorted(steps, key=lambda step: step[0]):
        step()


def told(model):
    """Every row in words that two registers share: cards by their digest, records by their id, nothing random."""
    digests = dict(Card.objects.values_list("pk", "digest"))
    lines = dict(Card.objects.values_list("line_id", "digest"))
    records = dict(Record.objects.values_list("pk", "client_id"))
    rows = []
    for row in model.objects.values():
        words = {name: value for name, value in row.items() if name.removesuffix("_id") not in FRESH}
        words["card"] = digests.get(row.get("card_id"))
        words["line"] = lines.get(row.get("line_id") if model is not PersonLine else row["id"])
        words["record"] = records.get(row.get("record_id"))
        rows.append({name: str(value) for name, value in words.items() if name not in ("serial", "sealed_tag")})
    return sorted(rows, key=repr)


@pytest.mark.parametrize("model", [Card, PersonLine, HolderData, CardFact, CountedFact, Record, RecordChange])
def test_invented_rows_are_what_the_actions_write(marked, model):
    cards = plan(marked)
    for card, code in zip(cards, [make_code(random_tag=True).code for _ in cards], strict=True):
        card.code = code
        card.tickets = None if card.holder else 9
    with transaction.atomic():
        do(marked, cards)
        by_hand = told(model)
        transaction.set_rollback(True)
    forget()
    assert Record.objects.count() == 0
    written = write_cards(cards, on=stage())
    ours = told(model)
    assert by_hand
    if model is Card:
        for row in (*ours, *by_hand):
            row.pop("tag_digest")
            row.pop("trail_id")  # random for each card
    assert ours == by_hand
    assert (written.cards, written.records) == (3, 9)
    # Adults 7 without the reversed one, children 3, clients 4.
    assert written.uses == 14


def test_what_the_rules_refuse_is_not_written(marked):
    card = plan(marked)[1]
    card.code = make_code(random_tag=True).code
    card.uses = [*card.uses, *[InventedUse(UUID(int=99), card.uses[0].venue, date(2026, 3, 2), at(3, 2, 12))]]
    with pytest.raises(RulesSayNo):
        write_cards([card], on=stage())
    assert not Record.objects.exists()
    card.tickets = 5
    assert write_cards([card], on=stage()) == Written(cards=1, records=1, uses=1)


def test_nothing_invented_comes_into_a_real_register(cast, capsys):
    with pytest.raises(RealRegister):
        write_cards([], on=stage())
    for how in ({}, {"published": True}):
        with pytest.raises(CommandError):
            call_command("simulate", cards=5, uses=5, **how)
    assert not Card.objects.exists()
    assert not DemoMark.objects.exists()


# --- the numbers --------------------------------------------------------------------------------------------------


@pytest.fixture
def invent(monkeypatch, capsys):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    forget()

    def run(**how):
        call_command("simulate", **how)
        return capsys.readouterr().out

    yield run
    forget()


def sums():
    return Record.objects.counting().aggregate(adults=Sum("holder"), children=Sum(F("children") + F("clients")))


def test_as_many_cards_and_uses_as_asked_and_the_same_seed_invents_the_same(invent):
    with transaction.atomic():
        invent(cards=60, uses=400, years=2, seed=7)
        first = sums()
        days = list(Record.objects.order_by("pk").values_list("day", "client_id"))
        transaction.set_rollback(True)
    forget()
    said = invent(cards=60, uses=400, years=2, seed=7)
    assert sums() == first
    assert list(Record.objects.order_by("pk").values_list("day", "client_id")) == days
    assert first["adults"] + first["children"] == 400
    table = live_table(NOW)
    assert sum(row.cards_registered for row in table) == 60
    assert sum(row.uses_total for row in table) == 400
    assert "400 uses" in said
    # Again, on top: the same seed, other cards.
    invent(cards=5, uses=20, years=1, seed=7)
    assert sum(row.cards_registered for row in live_table(NOW)) == 65


def test_sizes_that_make_no_sense_are_refused():
    for how in ({"cards": 0}, {"uses": -1}, {"years": 0}):
        with pytest.raises(CommandError):
            call_command("simulate", **how)


# --- the published years ------------------------------------------------------------------------------------------


def test_the_table_is_the_published_one():
    assert {
        row.year: ((row.registered, row.taken_into_use), row.adults, row.children, row.municipalities)
        for row in published.TABLE
    } == YEARS
    assert tuple(sum(row.adults) + sum(row.children) for row in published.TABLE) == TOTALS


@pytest.mark.parametrize("row", published.TABLE, ids=lambda row: str(row.year))
def test_tickets_add_up_to_a_year(row):
    drawn = list(published.tickets(row, Random(row.year)))
    for sector, adults, children in zip(published.SECTORS, row.adults, row.children, strict=True):
        along = [number for one, number in drawn if one == sector]
        assert (len(along), sum(along)) == (adults, children)
        assert all(0 <= number <= published.MOST_CHILDREN for number in along)


def test_the_municipalities_of_every_year(invent, monkeypatch):
    """With the test above and the whole of the first two years below, the nine years hold."""
    monkeypatch.setattr(published, "write_cards", lambda cards, on: Written())
    invent(published=True)
    known = network()
    assert {year: municipalities_on(known, date(year, 12, 31)) for year in YEARS} == {
        year: row[3] for year, row in YEARS.items()
    }


def test_the_first_years_count_back_to_what_was_published(invent, monkeypatch):
    monkeypatch.setattr(published, "TABLE", published.TABLE[:2])
    monkeypatch.setattr(published, "LATER", {})
    invent(published=True)
    assert [line for line in differences(live_table(NOW)) if "2015" in line or "2016" in line] == []


def test_published_years_need_an_empty_register(invent):
    invent(cards=2, uses=2)
    with pytest.raises(CommandError, match="other invented data"):
        invent(published=True)
