"""The yearly national table as stories: what counts, since when, what changes nothing (section 7, rules 16, 28–31)."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kaikukortti.actions.cards import find_own_card
from kaikukortti.actions.corrections import reverse_use, settle_use
from kaikukortti.actions.looking_after import replace_card
from kaikukortti.figures.yearly import (
    COLUMNS,
    as_csv,
    as_objects,
    last_full_month,
    live_table,
    municipalities_on,
    published_table,
)
from kaikukortti.models import (
    Card,
    CardFact,
    CountedFact,
    HolderData,
    Municipality,
    NetworkVersion,
    Offering,
    Record,
    RecordChange,
    RegionPhase,
    YearClose,
)
from kaikukortti.models.snapshot import forget, network
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import BlockReason, ChangeKind, OfferingKind, Sector, Source, Status
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.states import Phase
from tests.cast import NOW, Cast
from tests.figures.published import TOTALS, YEARS, differences, fill_network, fill_published, ledger_row

pytestmark = pytest.mark.database

THIS_YEAR = NOW.year


def this_year(cast: Cast, **numbers: int) -> None:
    """This year's live row shows these numbers, and nothing but zeros beside them and the municipalities."""
    row = next((row for row in live_table(cast.now) if row.year == THIS_YEAR), None)
    shown = {column: row[column] for column in (*COLUMNS[1:-2], "assistants", "workers")} if row else {}
    assert {column: number for column, number in shown.items() if number} == numbers


def the_record() -> Record:
    return Record.objects.latest("pk")


# --- what counts ------------------------------------------------------------------------------------------------


def test_nothing_recorded_is_no_row_and_not_a_row_of_zeros(cast):
    assert live_table(cast.now) == []
    assert published_table(cast.now) == []


def test_a_card_its_holder_the_children_and_an_assistant(cast):
    code = cast.card(minors=2)
    cast.use(code, children=2, assistants=1)
    this_year(cast, cards_registered=1, cards_taken_into_use=1, adult_culture=1, child_culture=2, assistants=1)


def test_clients_are_children_and_workers_stand_apart(cast):
    cast.use(cast.community_card(), clients=5, workers=1)
    this_year(cast, child_culture=5, workers=1)


def test_the_sector_is_the_offerings_else_the_venues(cast):
    code = cast.card()
    cast.use(code, by=cast.salla)
    this_year(cast, cards_registered=1, cards_taken_into_use=1, adult_sport=1)
    cast.use(cast.card(), offering=cast.offering(kind=OfferingKind.COURSE), kind="course")
    this_year(cast, cards_registered=2, cards_taken_into_use=2, adult_sport=1, adult_education=1)


def test_a_card_is_taken_into_use_once(cast):
    code = cast.card()
    cast.use(code)
    cast.use(code, by=cast.salla)
    this_year(cast, cards_registered=1, cards_taken_into_use=1, adult_culture=1, adult_sport=1)


def test_a_replacement_is_no_new_card_and_no_new_person(cast):
    code = cast.card()
    cast.use(code)
    successor = cast.blank()
    card = find_own_card(code, by=cast.aino, now=cast.now)
    assert isinstance(card, Card)
    replace_card(card, successor, reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    cast.use(successor, by=cast.salla)
    this_year(cast, cards_registered=1, cards_taken_into_use=1, adult_culture=1, adult_sport=1)


def test_a_reversed_use_counts_for_nothing(cast):
    code = cast.card()
    cast.use(code, children=1)
    reverse_use(the_record(), by=cast.ville, now=cast.now)
    this_year(cast, cards_registered=1)


def test_the_first_use_moves_to_the_next_one_when_it_is_reversed(cast):
    code = cast.card(issued=NOW - timedelta(days=20))
    cast.at(NOW - timedelta(days=3)).use(code)
    first = the_record()
    cast.at(NOW).use(code)
    reverse_use(first, by=cast.ville, now=cast.now, reason="wrong-card")
    this_year(cast, cards_registered=1, cards_taken_into_use=1, adult_culture=1)
    assert CountedFact.objects.get(kind="taken-into-use", withdrawn_at=None).day == NOW.date()


def test_a_likely_duplicate_counts_only_when_the_venue_says_so(cast):
    code = cast.card()
    cast.use(code)
    answer = cast.use(code, happened=True, source=Source.PAPER)
    assert (answer.status, answer.refusal) == (Status.FLAGGED, Refusal.ALREADY_RECORDED)
    this_year(cast, cards_registered=1, cards_taken_into_use=1, adult_culture=1)
    settle_use(the_record(), counts=True, by=cast.ville, now=cast.now)
    this_year(cast, cards_registered=1, cards_taken_into_use=1, adult_culture=2)
    settle_use(the_record(), counts=False, by=cast.ville, now=cast.now)
    this_year(cast, cards_registered=1, cards_taken_into_use=1, adult_culture=1)


def test_another_flag_counts_at_once(cast):
    code = cast.card(issued=NOW - timedelta(days=500))
    answer = cast.use(code, happened=True, source=Source.PAPER)
    assert (answer.status, answer.refusal) == (Status.FLAGGED, Refusal.CARD_EXPIRED)
    this_year(cast, cards_taken_into_use=1, adult_culture=1)


def test_a_waiting_use_counts_when_the_card_is_registered(cast):
    cast.policy(Policy.PENDING_USE, True)
    code = cast.blank()
    assert cast.use(code).status == Status.PENDING
    this_year(cast)
    waiting = the_record()
    RecordChange.objects.create(record=waiting, kind=ChangeKind.REGISTERED, at=cast.now)
    this_year(cast, adult_culture=1)


def test_a_ticket_in_advance_is_a_use_when_its_day_has_come(cast):
    code = cast.card()
    tomorrow = NOW.date() + timedelta(days=1)
    cast.use(code, offering=cast.offering(first_day=tomorrow))
    this_year(cast, cards_registered=1)
    cast.at(NOW + timedelta(days=1))
    this_year(cast, cards_registered=1, cards_taken_into_use=1, adult_culture=1)


def test_a_use_belongs_to_its_finnish_day(cast):
    """Half past midnight on New Year's Day in Helsinki is still the old year in UTC."""
    new_year = datetime(THIS_YEAR + 1, 1, 1, 0, 30, tzinfo=HELSINKI)
    cast.at(new_year).use(cast.card(issued=NOW))
    years = {row.year: row for row in live_table(new_year)}
    assert years[THIS_YEAR].uses_total == 0
    assert years[THIS_YEAR + 1].adult_culture == 1


# --- municipalities ----------------------------------------------------------------------------------------------


def test_municipalities_are_those_of_pilot_and_permanent_regions_on_the_day(cast):
    """Kajaani, Kuhmo, Espoo and Savonlinna; Kemi is still preparing, Helsinki in no region."""
    assert municipalities_on(network(), NOW.date()) == 4
    RegionPhase.objects.create(
        region=cast.regions["kemi"], since=date(THIS_YEAR, 12, 31), phase=Phase.PILOT, entered_at=NOW
    )
    NetworkVersion.bump()
    assert municipalities_on(network(), NOW.date()) == 4
    assert municipalities_on(network(), date(THIS_YEAR, 12, 31)) == 5


def test_a_merged_municipality_is_not_counted_twice(cast):
    Municipality.objects.filter(code="290").update(until=date(2025, 12, 31), successor="205")
    NetworkVersion.bump()
    assert municipalities_on(network(), date(2025, 12, 31)) == 4
    assert municipalities_on(network(), date(2026, 1, 1)) == 3


# --- what is published -------------------------------------------------------------------------------------------


def test_last_full_month_ends_at_finnish_midnight():
    assert last_full_month(NOW) == datetime(2026, 10, 31, 23, 59, 59, 999999, tzinfo=HELSINKI)
    assert last_full_month(datetime(2026, 1, 1, tzinfo=HELSINKI)).astimezone(HELSINKI).date() == date(2025, 12, 31)


def test_everyone_sees_the_ledger_as_it_stood_when_the_last_month_ended(cast):
    october = datetime(2026, 10, 30, 12, tzinfo=HELSINKI)
    code = cast.card(issued=october)
    cast.at(october).use(code, children=1)
    kept = the_record()
    cast.at(october).use(code, by=cast.salla)
    reversed_later = the_record()
    # November: a reversal, a settlement, a late row of October, and uses of its own.
    cast.at(NOW)
    reverse_use(reversed_later, by=cast.salla, now=NOW, reason="test")
    cast.use(code, happened=True, day=date(2026, 10, 30), source=Source.PAPER)
    settle_use(the_record(), counts=True, by=cast.ville, now=NOW)
    cast.use(cast.card())

    (row,) = published_table(NOW)
    assert (row.adult_culture, row.child_culture, row.adult_sport) == (1, 1, 1)
    assert (row.cards_registered, row.cards_taken_into_use, row.municipalities) == (1, 1, 4)
    assert (row.last_day, row.over) == (date(2026, 10, 31), False)
    (now,) = live_table(NOW)
    assert (now.adult_culture, now.child_culture, now.adult_sport) == (3, 1, 0)
    (december,) = published_table(datetime(2026, 12, 1, tzinfo=HELSINKI))
    assert december.uses_total == now.uses_total
    assert kept.changes.count() == 0


def test_a_first_use_that_moved_is_published_as_it_stood(cast):
    september = datetime(2026, 9, 10, 12, tzinfo=HELSINKI)
    code = cast.card(issued=september)
    cast.at(september).use(code)
    reverse_use(the_record(), by=cast.kaisa, now=NOW, reason="test")
    assert published_table(NOW)[0].cards_taken_into_use == 1
    assert live_table(NOW)[0].cards_taken_into_use == 0


def test_a_repeated_answer_costs_one_query_for_a_few_minutes_or_until_the_network_moves(cast):
    venue = cast.workplaces["routa"]
    Record.objects.bulk_create([ledger_row(venue, date(2026, 5, 1))])
    published_table(NOW)
    with CaptureQueriesContext(connection) as queries:
        published_table(NOW + timedelta(minutes=1))
    assert len(queries) == 1
    # What comes in with an old date of entry, by an import, is seen a little later.
    Record.objects.bulk_create([ledger_row(venue, date(2026, 5, 2))])
    assert published_table(NOW + timedelta(minutes=1))[0].uses_total == 1
    assert published_table(NOW + timedelta(minutes=6))[0].uses_total == 2
    Record.objects.bulk_create([ledger_row(venue, date(2026, 5, 3))])
    NetworkVersion.bump()
    assert published_table(NOW + timedelta(minutes=6))[0].uses_total == 3


def test_another_month_is_another_table(cast):
    Record.objects.bulk_create([ledger_row(cast.workplaces["routa"], NOW.date())])
    assert published_table(NOW) == []
    assert [row.uses_total for row in published_table(datetime(2026, 12, 1, tzinfo=HELSINKI))] == [1]
    assert published_table(NOW) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_is_fixed(cast, rows):
    venue = cast.workplaces["routa"]
    for year in range(2020, 2020 + rows):
        Record.objects.bulk_create([ledger_row(venue, date(year, 5, 1), sector=sector) for sector in Sector])
        YearClose.objects.create(**stored(year, 1))
    Record.objects.bulk_create([ledger_row(venue, date(2026, 5, day)) for day in range(1, rows + 1)])
    forget()
    with CaptureQueriesContext(connection) as published:
        published_table(NOW)
    with CaptureQueriesContext(connection) as live:
        live_table(NOW)
    read = [query["sql"] for query in published if "networkversion" not in query["sql"]]
    counted = [sql for sql in read if "record" in sql or "countedfact" in sql or "yearclose" in sql]
    # The closes are read once more with the network, which is kept in memory.
    assert len(counted) == 4
    assert len(live) <= 4


def stored(year: int, revision: int, **numbers: int) -> dict:
    columns = [field.name for field in YearClose._meta.fields if field.name not in ("id", "by", "note", "as_of")]
    return {**dict.fromkeys(columns, 0), "year": year, "revision": revision, "as_of": NOW, **numbers}


# --- what changes nothing ----------------------------------------------------------------------------------------


def test_erasing_a_card_and_cutting_the_link_change_no_sum(cast):
    code = cast.card(issued=datetime(2026, 10, 1, 12, tzinfo=HELSINKI))
    cast.at(datetime(2026, 10, 2, 12, tzinfo=HELSINKI)).use(code, children=2)
    cast.use(code, by=cast.salla)
    before = as_csv(live_table(NOW)), as_csv(published_table(NOW))

    Record.objects.update(card=None, line=None, content="", own_day=None)
    CountedFact.objects.update(card=None, line=None)
    HolderData.objects.all().delete()
    CardFact.objects.all().delete()
    card = cast.workplaces["office"].cards.exclude(line__made_at=None).first()
    card.line.cards.all().delete()
    forget()

    assert (as_csv(live_table(NOW)), as_csv(published_table(NOW))) == before
    assert "2026,1,1,1,0,0,1,2,0,0,0,4,4" in before[0]


def test_an_offering_renamed_or_moved_to_another_sector_changes_no_past_sum(cast):
    event = cast.offering()
    cast.use(cast.card(), offering=event)
    before = as_csv(live_table(NOW))
    Offering.objects.update(sector=Sector.SPORT)
    assert as_csv(live_table(NOW)) == before


# --- files and the nine published years --------------------------------------------------------------------------


def test_files_have_the_published_columns_in_their_order(cast):
    cast.use(cast.card())
    rows = live_table(NOW)
    assert as_csv(rows).splitlines() == [
        "year,cards_registered,cards_taken_into_use,adult_culture,adult_education,adult_science,adult_sport,"
        "child_culture,child_education,child_science,child_sport,uses_total,municipalities",
        "2026,1,1,1,0,0,0,0,0,0,0,1,4",
    ]
    assert list(as_objects(rows)[0]) == list(COLUMNS)


def test_a_register_with_the_published_uses_gives_back_the_published_table(cast):
    RegionPhase.objects.all().delete()
    fill_network(Municipality.objects.get(code="205"))
    fill_published(cast.workplaces["routa"])
    assert differences(live_table(NOW)) == []
    assert differences(published_table(NOW)) == []
    assert tuple(row.uses_total for row in live_table(NOW)) == TOTALS
    assert [row.year for row in published_table(NOW)] == list(YEARS)


def test_the_comparison_names_what_differs(cast):
    Record.objects.bulk_create([ledger_row(cast.workplaces["routa"], date(2015, 3, 1), holder=585)])
    found = differences(live_table(NOW))
    assert "2015 adult_culture: 585 instead of 586" in found
    assert "2016: no row" in found
