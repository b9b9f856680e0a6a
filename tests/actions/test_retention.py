"""Retention (P14): what is known of a person goes in time, and every published sum stays the same."""

import json
from datetime import date, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db.models import Q
from django.test import Client

from kaikukortti.actions import erasure, retention
from kaikukortti.actions.cards import Issued, find_own_card
from kaikukortti.actions.closes import close_year
from kaikukortti.actions.corrections import reverse_use, settle_use
from kaikukortti.actions.erasure import erase_line
from kaikukortti.actions.looking_after import block_card, replace_card
from kaikukortti.actions.retention import (
    CountsNotKept,
    SumsDiffer,
    begin_run,
    keep_counts,
    retain,
    what_is_due,
)
from kaikukortti.actions.taken_into_use import freeze
from kaikukortti.actions.uses import record_uses
from kaikukortti.figures import yearly
from kaikukortti.figures.holder_counts import counts_are_kept
from kaikukortti.figures.own_counts import own_counts, own_years
from kaikukortti.figures.published_sums import digest_of_sums
from kaikukortti.figures.yearly import live_table, published_table
from kaikukortti.models import (
    Card,
    CardFact,
    CountedFact,
    ErasedCards,
    Erasure,
    HolderAccess,
    HolderCount,
    HolderData,
    LookUps,
    NetworkVersion,
    PersonLine,
    PhoneCard,
    PolicyRow,
    Record,
    RetentionRun,
    SeasonDay,
    TrailEntry,
    Workplace,
    YearClose,
)
from kaikukortti.rules.retention import TAKEN_LONG_AGO
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import BlockReason, CountedKind, OfferingKind, RecordKind, ReversalReason, Source, Status
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS, Role

pytestmark = pytest.mark.database


def at(year, month=6, day=1, hour=12):
    return datetime(year, month, day, hour, tzinfo=HELSINKI)


def card_of(code, cast):
    found = find_own_card(code, by=cast.aino, now=cast.now)
    assert isinstance(found, Card)
    return found


def close(cast, *years):
    for year in years:
        assert isinstance(close_year(year, by=cast.nelli, now=cast.now), YearClose)


def taken(**these):
    return CountedFact.objects.filter(kind=CountedKind.TAKEN_INTO_USE, withdrawn_at__isnull=True, **these)


def published(now, *, years=range(2022, 2030)):
    """Everything anyone is shown, as pages and calls count it, nothing of it kept in memory from before."""
    yearly._published._kept = None
    workplaces = [one for one in Workplace.objects.order_by("pk") if one.role in (*RECORDERS, Role.ISSUER)]
    return {
        "live": live_table(now),
        "published": published_table(now),
        "calls": json.loads(Client().get("/api/v1/figures/yearly?format=json").content),
        "own": {(one.pk, year): own_counts(one, year) for one in workplaces for year in years},
        "years": {one.pk: own_years(one, today=now.date()) for one in workplaces},
    }


@pytest.fixture
def years(cast):
    """Two holders of 2024, one of them on in 2025 and 2026 with a card renewed by replacement, a group; 2024 and 2025
    are closed in June 2026, so that the uses of 2024 are due."""
    cast.at(at(2024))
    event = cast.offering(first_day=date(2024, 6, 1))
    one, two = cast.card(), cast.card(postal_code="88900", minors=0)
    cast.use(one, offering=event, children=2, assistants=1)
    cast.use(two, offering=event)
    cast.use(cast.community_card(), clients=3, workers=1)
    cast.use(one, by=cast.salla)
    cast.at(at(2025, 5, 1))
    replace_card(card_of(one, cast), three := cast.blank(), reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    cast.use(three, by=cast.salla)
    cast.at(at(2026))
    four = cast.card()
    cast.use(four)
    close(cast, 2024, 2025)
    cast.codes = {"one": one, "two": two, "three": three, "four": four}
    return cast


# --- the trio ---------------------------------------------------------------------------------------------------


def test_the_exact_trio_goes_after_its_days_and_the_band_stays(cast):
    code = cast.card()
    holder = HolderData.objects.get()
    assert (holder.birth_year, holder.postal_code) == (1980, "87100")
    until = holder.exact_until
    assert until == cast.now.date() + timedelta(days=90)

    retain(now=at(until.year, until.month, until.day, 23))
    assert HolderData.objects.get().birth_year == 1980

    after = at(until.year, until.month, until.day, 23) + timedelta(hours=2)
    run = retain(now=after)
    holder = HolderData.objects.get()
    assert (holder.birth_year, holder.postal_code, holder.exact_until) == (None, "", None)
    assert (holder.birth_band, holder.municipality_id, holder.minors) == (1980, "205", 2)
    assert run.trios == 1
    cast.at(after)
    assert cast.use(code).status == Status.RECORDED


# --- the link ---------------------------------------------------------------------------------------------------


def test_uses_are_cut_when_the_year_after_theirs_is_closed_and_no_sum_changes(years):
    before = published(years.now)
    run = retain(now=years.now)
    assert published(years.now) == before
    assert run.sums_before == run.sums_after
    assert (run.links, run.finished_at) == (4, years.now)

    cut = Record.objects.filter(day__year=2024)
    links: set[tuple[object, ...]] = set(cut.values_list("card", "line", "content", "own_day"))
    assert links == {(None, None, "", None)}
    kept = Record.objects.filter(day__year__gt=2024)
    assert kept.filter(Q(card=None) | Q(line=None) | Q(content="")).count() == 0
    assert CountedFact.objects.filter(day__year=2024).exclude(card=None, line=None).count() == 0
    assert TrailEntry.objects.get(act="retention-run").subject == str(run.pk)


def test_nothing_is_cut_before_the_close_of_the_year_after(cast):
    cast.at(at(2024)).use(cast.card())
    cast.at(at(2025, 2)).use(cast.card())
    close(cast, 2024)
    retain(now=cast.now)
    assert Record.objects.filter(line=None).count() == 0
    cast.at(at(2026, 2))
    retain(now=cast.now)
    assert Record.objects.filter(line=None).count() == 0
    close(cast, 2025)
    retain(now=cast.now)
    assert [record.day.year for record in Record.objects.filter(line=None)] == [2024]


@pytest.mark.parametrize(
    ("rows", "cut"),
    [
        ([(2015, None, 3)], []),
        ([(2015, "kainuu", 0)], [2024, 2025]),
        ([(2015, "espoo", 0)], [2024]),
        # A longer rule that comes later breaks no promise; a shorter one holds at once.
        ([(2026, None, 5)], [2024]),
        ([(2026, None, 0)], [2024, 2025]),
        ([(2027, None, 0)], [2024]),
    ],
)
def test_how_long_is_a_dated_policy_of_the_cards_region(years, rows, cut):
    for since, region, value in rows:
        PolicyRow.objects.create(
            key=Policy.LINK_YEARS,
            value=value,
            since=date(since, 1, 1),
            region=years.regions[region] if region else None,
            reason="test",
            entered_at=years.now,
        )
    NetworkVersion.bump()
    retain(now=years.now)
    assert sorted({record.day.year for record in Record.objects.filter(line=None)}) == cut


def test_season_passes_and_courses_wait_for_their_last_year(cast):
    cast.at(at(2024, 12, 1))
    hall = cast.offering("hall", OfferingKind.OPEN)
    course = cast.offering("routa", OfferingKind.COURSE, last_day=date(2025, 5, 1), published_at=at(2024, 1))
    cast.use(cast.card(), offering=hall, by=cast.salla, kind=RecordKind.SEASON, until=date(2025, 1, 20))
    cast.use(cast.card(), offering=course, kind=RecordKind.COURSE)
    cast.use(cast.card(), by=cast.salla)
    cast.at(at(2026)).use(cast.card())
    cast.at(at(2025)).use(cast.card())
    cast.at(at(2026))
    close(cast, 2024, 2025)
    days = SeasonDay.objects.count()
    assert days > 0
    retain(now=cast.now)
    assert [record.kind for record in Record.objects.filter(line=None)] == [RecordKind.TICKET]
    assert SeasonDay.objects.count() == days
    cast.at(at(2027, 2))
    close(cast, 2026)
    retain(now=cast.now)
    assert Record.objects.filter(line=None).count() == 4
    assert SeasonDay.objects.count() == 0


def test_after_the_cut_the_id_alone_gives_the_first_answer(cast):
    cast.at(at(2024))
    code, id = cast.card(), uuid4()
    first = cast.uses([cast.row(code, id=id, children=1)])[0]
    assert cast.uses([cast.row(code, id=id, children=2)])[0].status == Status.CONFLICT
    cast.at(at(2025)).use(cast.card())
    cast.at(at(2026))
    close(cast, 2024, 2025)
    retain(now=cast.now)
    again = cast.uses([cast.row(cast.blank(), id=id, children=2)])[0]
    assert (again.status, again.record) == (first.status, first.record)
    assert Record.objects.count() == 2


def test_codes_nobody_knew_lose_their_digest_too(cast):
    cast.at(at(2024)).use("7KM9QX2TR7", happened=True, source=Source.PAPER)
    record = Record.objects.get()
    assert (record.line, bool(record.content)) == (None, True)
    settle_use(record, counts=True, by=cast.ville, now=cast.now)
    cast.at(at(2025)).use(cast.card())
    cast.at(at(2026))
    close(cast, 2024, 2025)
    retain(now=cast.now)
    record.refresh_from_db()
    assert record.content == ""


# --- taken into use ---------------------------------------------------------------------------------------------


def test_a_frozen_line_gets_no_second_fact_and_its_fact_moves_no_more(years):
    line = card_of(years.codes["three"], years).line
    retain(now=years.now)
    line.refresh_from_db()
    assert line.taken_on == TAKEN_LONG_AGO
    before = list(taken().order_by("pk").values())

    # An earlier record, entered late by the national service; then every record that is left is reversed.
    record_uses(
        [years.row(years.codes["three"], day=date(2025, 6, 1), happened=True, source=Source.PAPER)],
        by=years.nelli,
        now=years.now,
        at_venue=years.nelli.network.workplaces[years.workplaces["routa"].pk],
    )
    assert Record.objects.filter(line=line).count() == 2
    for record in Record.objects.filter(line=line):
        reverse_use(record, by=years.nelli, now=years.now, reason=ReversalReason.TEST)
    assert list(taken().order_by("pk").values()) == before


def test_the_fact_stays_when_its_own_record_is_reversed_after_the_cut(years):
    retain(now=years.now)
    number = taken(day__year=2024).count()
    for record in Record.objects.filter(day__year=2024):
        reverse_use(record, by=years.nelli, now=years.now, reason=ReversalReason.OTHER)
    assert taken(day__year=2024).count() == number == 2


def test_a_fact_that_had_moved_on_is_not_frozen_by_the_year_it_left(cast):
    cast.at(at(2024))
    code = cast.card()
    cast.use(code)
    reverse_use(Record.objects.get(), by=cast.ville, now=cast.now)
    cast.at(at(2025, 3)).use(code)
    cast.at(at(2025, 4)).use(code)
    cast.at(at(2026))
    close(cast, 2024, 2025)
    retain(now=cast.now)
    line = card_of(code, cast).line
    assert line.taken_on == date(2025, 3, 1)
    first = Record.objects.get(line=line, day=date(2025, 3, 1))
    reverse_use(first, by=cast.nelli, now=cast.now, reason=ReversalReason.OTHER)
    assert taken(line=line).get().day == date(2025, 4, 1)


def live(cast, seed):
    """Years of issuing, using, entering late, reversing, settling, replacing, closing and retaining in any order: no
    person has two facts, and a fact whose link is cut stays. Says how many were cut."""
    random = Random(seed)
    people: list[list[str]] = []
    person_of: dict[str, int] = {}
    frozen: set[int] = set()

    def issue():
        people.append([cast.card()])

    def use(day=None, **row):
        if people:
            person = random.randrange(len(people))
            id = uuid4()
            person_of[str(id)] = person
            by = random.choice([cast.ville, cast.salla])
            cast.uses([cast.row(people[person][-1], id=id, day=day or cast.now.date(), **row)], by=by)

    def enter():
        if people:
            person, day = random.randrange(len(people)), cast.now.date() - timedelta(days=random.randrange(700))
            id = uuid4()
            person_of[str(id)] = person
            rows = [cast.row(people[person][-1], id=id, day=day, happened=True, source=Source.PAPER)]
            venue = cast.nelli.network.workplaces[cast.workplaces["routa"].pk]
            record_uses(rows, by=cast.nelli, now=cast.now, at_venue=venue)

    def late():
        use(day=cast.now.date() - timedelta(days=random.randrange(30)), happened=True, source=Source.PAPER)

    def reverse():
        records = list(Record.objects.standing().order_by("pk"))
        if records:
            reverse_use(random.choice(records), by=cast.nelli, now=cast.now, reason=ReversalReason.OTHER)

    def settle():
        records = list(Record.objects.waiting().order_by("pk"))
        if records:
            settle_use(random.choice(records), counts=random.random() < 0.7, by=cast.nelli, now=cast.now)

    def replace():
        if people:
            codes = random.choice(people)
            old = find_own_card(codes[-1], by=cast.aino, now=cast.now)
            blank = cast.blank()
            if isinstance(old, Card) and isinstance(
                replace_card(old, blank, reason=BlockReason.LOST, by=cast.aino, now=cast.now), Issued
            ):
                codes.append(blank)

    def some_days():
        cast.at(cast.now + timedelta(days=random.randrange(10, 90)))

    def keep():
        for year in range(2022, cast.now.year):
            if year not in cast.nelli.network.closed_years and random.random() < 0.7:
                close_year(year, by=cast.nelli, now=cast.now)
        retain(now=cast.now + timedelta(hours=2))

    cast.at(at(2023, 1, 15))
    steps = [issue, use, use, use, late, enter, reverse, settle, replace, some_days, some_days, keep]
    while cast.now.year < 2027:
        random.choice(steps)()
        facts = list(taken().select_related("record"))
        persons = [person_of[str(fact.record.client_id)] for fact in facts]
        assert len(persons) == len(set(persons))
        cut = {fact.pk for fact in facts if fact.line_id is None}
        assert frozen <= cut
        frozen = cut
        assert not taken(record__line=None).exclude(line=None).exists()
    return len(frozen)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_in_whatever_order_a_person_is_taken_into_use_once(cast, seed):
    assert live(cast, seed) > 0


def test_control_without_the_mark_on_the_line_a_person_is_taken_into_use_twice(cast, monkeypatch):
    def forgetful(records):
        freeze(records)
        PersonLine.objects.filter(taken_on=TAKEN_LONG_AGO).update(taken_on=date(2024, 7, 1))

    monkeypatch.setattr(retention, "freeze", forgetful)
    with pytest.raises(AssertionError):
        live(cast, 0)


# --- cards ------------------------------------------------------------------------------------------------------


def test_cards_go_when_the_year_after_their_last_day_is_closed_and_no_use_points_at_them(years):
    now = at(2027, 3)
    years.at(now)
    close(years, 2026)
    cards = Card.objects.filter(facts__kind="registered").count()
    one, three, four = (card_of(years.codes[name], years).pk for name in ("one", "three", "four"))
    LookUps.objects.create(card_id=one, role="venue", day=date(2027, 1, 1), number=1)
    before = published(now)
    run = retain(now=now)
    assert published(now) == before
    # Last day in May 2025 and 2026 is closed; the uses of 2025 are cut in the same run.
    assert run.cards == cards - 1 == 4
    assert not Card.objects.filter(pk__in=[one, three]).exists()
    assert Card.objects.filter(pk=four).exists()
    assert Card.objects.blank().count() > 0
    assert not LookUps.objects.exists()
    assert HolderData.objects.count() == 1
    assert set(PersonLine.objects.values_list("pk", flat=True)) == set(Card.objects.values_list("line", flat=True))
    assert ErasedCards.objects.get().cards == 2
    assert ErasedCards.objects.get().community_cards == 1


def test_a_line_keeps_what_is_left_of_it(cast):
    """The replaced card goes with its time; its successor, renewed since, stays and is counted as a successor."""
    cast.at(at(2024))
    one = cast.card()
    replace_card(card_of(one, cast), two := cast.blank(), reason=BlockReason.BROKEN, by=cast.aino, now=cast.now)
    successor = card_of(two, cast)
    CardFact.objects.create(
        card=successor, kind="valid", at=cast.now, since=date(2025, 6, 1), until=date(2028, 5, 31), entered_at=cast.now
    )
    cast.at(at(2025)).use(two)
    cast.at(at(2027, 3)).use(two)
    cast.at(at(2026, 8)).use(cast.card())
    cast.at(at(2027, 3))
    close(cast, 2024, 2025, 2026)
    before = published(cast.now)
    retain(now=cast.now)
    assert published(cast.now) == before
    assert find_own_card(one, by=cast.aino, now=cast.now) == Refusal.CARD_UNKNOWN
    assert Card.objects.get(pk=successor.pk).line_id == successor.line_id
    assert HolderData.objects.filter(card=successor).exists()
    assert cast.check(two, by=cast.salla).allowed


# --- erasing ----------------------------------------------------------------------------------------------------


def test_an_erased_line_leaves_its_counts_and_nothing_else(years):
    before = published(years.now)
    digest = digest_of_sums(years.now)
    line = card_of(years.codes["three"], years).line
    cards = list(line.cards.values_list("pk", flat=True))
    assert len(cards) == 2
    for number, card in enumerate(cards):
        HolderAccess.objects.create(card_id=card, digest="x", opened_at=years.now)
        PhoneCard.objects.create(card_id=card, digest=f"p{number}", made_at=years.now)
        LookUps.objects.create(card_id=card, role="venue", day=years.now.date(), number=1)
    erase_line(line, now=years.now)
    assert published(years.now) == before
    assert digest_of_sums(years.now) == digest
    assert not Card.objects.filter(pk__in=cards).exists()
    assert not PersonLine.objects.filter(pk=line.pk).exists()
    for gone in (HolderAccess, PhoneCard, LookUps):
        assert not gone.objects.exists()
    assert Record.objects.filter(line=None, card=None, content="", own_day=None).count() == 3
    erase_line(line, now=years.now)  # calm
    assert years.check(years.codes["three"]).refusal == "card-unknown"


def test_a_due_wish_is_carried_out_and_an_earlier_one_waits(years):
    lines = [card_of(years.codes[name], years).line for name in ("two", "four")]
    Erasure.objects.create(line=lines[0], asked_at=years.now, due_on=years.now.date())
    Erasure.objects.create(line=lines[1], asked_at=years.now, due_on=years.now.date() + timedelta(days=1))
    assert what_is_due(now=years.now).erased == 1
    run = retain(now=years.now)
    assert run.erased == 1
    assert not PersonLine.objects.filter(pk=lines[0].pk).exists()
    assert PersonLine.objects.filter(pk=lines[1].pk).exists()


# --- holder counts ----------------------------------------------------------------------------------------------


def test_holders_behind_the_cells_are_counted_before_the_first_cut(years):
    retain(now=years.now)
    kainuu = years.regions["kainuu"].pk

    def holders(cube, period, cell):
        found = HolderCount.objects.filter(year=2024, cube=cube, period=period, cell=cell).first()
        return found and found.holders

    assert holders("all:total", "2024", "") == 2
    assert holders("community/all:total", "2024", "") == 1
    assert holders("place:total", "2024", f"place={kainuu}") == 2
    assert holders("card:total", "2024-06", f"card={kainuu}") == 2
    assert holders("home-area:total", "2024-H1", "home-area=18") == 2
    assert holders("place:place*sector", "2024-06", f"place={kainuu};place=205;sector=sport") == 1
    assert holders("place:residence*age*person", "2024-Q2", f"place={kainuu};residence=205;age=1980;person=child") == 1
    assert holders("all:sector*person*kind", "2024", "sector=culture;person=adult;kind=ticket") == 2
    assert holders("all:residence*place*sector", "2024", "residence=290;place=205;sector=culture") == 1
    assert holders("all:total", "2024-H2", "") is None
    assert counts_are_kept(2024)
    assert not counts_are_kept(2025)


def test_no_link_is_cut_while_the_holders_are_not_counted(years, monkeypatch):
    monkeypatch.setattr(retention, "keep_counts", lambda years: None)
    with pytest.raises(CountsNotKept):
        retain(now=years.now)
    assert not Record.objects.filter(line=None).exists()


def test_counts_are_kept_once_whatever_is_cut_since(years):
    keep_counts([2024])
    number = HolderCount.objects.count()
    assert HolderCount.objects.get(cube="all:kind", period="2024", cell="kind=ticket").holders == 2
    Record.objects.filter(day__year=2024).update(line=None)
    keep_counts([2024])
    assert HolderCount.objects.count() == number


# --- the proof --------------------------------------------------------------------------------------------------


def test_a_second_run_finds_nothing_to_do(years):
    retain(now=years.now)
    rows = list(Record.objects.order_by("pk").values()), list(CountedFact.objects.order_by("pk").values())
    due = what_is_due(now=years.now)
    assert due.rows == 0
    again = retain(now=years.now)
    assert (again.trios, again.links, again.cards, again.erased) == (0, 0, 0, 0)
    assert (list(Record.objects.order_by("pk").values()), list(CountedFact.objects.order_by("pk").values())) == rows


def test_a_dry_run_counts_and_changes_nothing(years):
    stood = list(Record.objects.order_by("pk").values()), list(HolderData.objects.order_by("pk").values())
    due = what_is_due(now=years.now)
    assert (due.links, due.years, due.trios) == (4, (2024,), 2)
    assert (list(Record.objects.order_by("pk").values()), list(HolderData.objects.order_by("pk").values())) == stood
    assert not RetentionRun.objects.exists()
    assert not HolderCount.objects.exists()


@pytest.mark.parametrize("what", ["tickets", "facts", "residence"])
def test_control_a_piece_that_would_change_a_sum_is_taken_back_and_stops_the_run(years, monkeypatch, what):
    cut = erasure.cut_records

    def clumsy(these):
        if what == "tickets":
            Record.objects.filter(these, day__year=2024, children=2).update(children=1)
        elif what == "facts":
            CountedFact.objects.filter(record__in=Record.objects.filter(these)).update(withdrawn_at=at(2024, 1))
        else:
            Record.objects.filter(these).update(residence="049")
        return cut(these)

    monkeypatch.setattr(retention, "cut_records", clumsy)
    before = published(years.now)
    with pytest.raises(SumsDiffer):
        retain(now=years.now)
    assert published(years.now) == before
    assert not Record.objects.filter(line=None).exists()
    assert RetentionRun.objects.get().finished_at is None

    monkeypatch.setattr(retention, "cut_records", cut)
    run = retain(now=years.now)
    assert RetentionRun.objects.get() == run
    assert (run.links, run.sums_before) == (4, run.sums_after)


def test_control_a_sum_that_changes_beside_the_pieces_is_told_at_the_end(years):
    begin_run(now=years.now)
    Record.objects.filter(day__year=2025).update(children=9)
    with pytest.raises(SumsDiffer):
        retain(now=years.now)
    run = RetentionRun.objects.get()
    assert run.finished_at
    assert run.sums_before != run.sums_after


def test_what_comes_in_during_the_run_is_no_difference(years, monkeypatch):
    begin_run(now=years.now)
    years.use(years.card(issued=years.now), by=years.salla)
    block_card(card_of(years.codes["four"], years), reason=BlockReason.LOST, by=years.aino, now=years.now)
    run = retain(now=years.now + timedelta(minutes=5))
    assert run.sums_before == run.sums_after


@pytest.mark.database(transaction=True)
def test_tills_go_on_beside_a_run(cast, at_once, monkeypatch):
    """New uses, reversals of old ones and a replacement on the very lines that are being cut, two runs at once."""
    cast.at(at(2024))
    codes = [cast.card() for _ in range(8)]
    for code in codes:
        cast.use(code)
        cast.use(code, by=cast.salla)
    cast.at(at(2025)).use(cast.card())
    cast.at(at(2026))
    close(cast, 2024, 2025)
    monkeypatch.setattr(retention, "ROWS", 3)
    old = list(Record.objects.filter(day__year=2024).order_by("pk"))
    others = [cast.card(issued=cast.now) for _ in range(3)]

    def work(number):
        if number < 2:
            return retain(now=cast.now)
        if number < 5:
            return reverse_use(old[number], by=cast.nelli, now=cast.now, reason=ReversalReason.OTHER)
        return [cast.use(others[number - 5], by=by) for by in (cast.ville, cast.salla)]

    answers = at_once(8, work)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert Record.objects.filter(day__year=2024).exclude(line=None).count() == 0
    assert Record.objects.filter(day__year=2026).count() == 6
    assert taken(line__isnull=False).count() == taken(day__year__gt=2024).count() == 4
    assert sum(RetentionRun.objects.values_list("links", flat=True)) == 16
    assert digest_of_sums(at(2026) - timedelta(hours=1)) == RetentionRun.objects.earliest("pk").sums_before
