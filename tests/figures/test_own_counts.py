"""A workplace's own counts: complete for itself, and nothing of anybody else (section 7, who sees what)."""

from dataclasses import fields
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kaikukortti.actions.cards import find_own_card
from kaikukortti.actions.corrections import reverse_use, settle_use
from kaikukortti.actions.looking_after import replace_card
from kaikukortti.figures.own_counts import Counts, IssuerMonth, issuer_counts, own_counts, own_years, recorder_counts
from kaikukortti.models import Card, Record
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import BlockReason, OfferingKind, RecordKind, Source
from tests.cast import NOW
from tests.figures.published import ledger_row

pytestmark = pytest.mark.database


def counted(counts: Counts) -> dict[str, int]:
    return {one.name: getattr(counts, one.name) for one in fields(Counts) if getattr(counts, one.name)}


def test_a_venue_counts_all_that_happened_at_its_place_whoever_recorded_it(cast):
    event = cast.offering()
    cast.use(cast.card(), offering=event, children=2, assistants=1)
    cast.use(cast.card(), offering=event, by=cast.luukku)
    cast.use(cast.community_card(), clients=3, workers=1)
    cast.use(cast.card(), by=cast.salla)

    routa = recorder_counts(cast.workplaces["routa"], 2026)
    assert counted(routa.total) == {"tickets": 2, "children": 2, "clients": 3, "assistants": 1, "workers": 1}
    assert routa.total.uses == 7
    assert counted(routa.months[10]) == counted(routa.total)
    assert [counted(month) for month in routa.months[:10]] == [{}] * 10
    assert [(one.name, one.counts.uses) for one in routa.offerings] == [(event.name, 4), ("", 3)]
    assert counted(recorder_counts(cast.workplaces["hall"], 2026).total) == {"tickets": 1}
    assert counted(recorder_counts(cast.workplaces["routa"], 2025).total) == {}


def test_an_agent_counts_what_it_recorded(cast):
    event = cast.offering()
    cast.use(cast.card(), offering=event)
    cast.use(cast.card(), offering=event, by=cast.luukku)
    luukku = recorder_counts(cast.workplaces["luukku"], 2026)
    assert counted(luukku.total) == {"tickets": 1}
    assert [(one.name, one.venue) for one in luukku.offerings] == [(event.name, "Routa Company")]


def test_flagged_uses_are_shown_as_of_which_and_unsettled_ones_wait(cast):
    code = cast.card()
    cast.use(code)
    cast.use(code, happened=True, source=Source.PAPER)
    duplicate = Record.objects.latest("pk")
    cast.use(cast.card(issued=NOW - timedelta(days=500)), happened=True, source=Source.PAPER)

    routa = recorder_counts(cast.workplaces["routa"], 2026)
    assert (counted(routa.total), routa.waiting) == ({"tickets": 2, "flagged": 1}, 1)
    settle_use(duplicate, counts=True, by=cast.ville, now=NOW)
    routa = recorder_counts(cast.workplaces["routa"], 2026)
    assert (counted(routa.total), routa.waiting) == ({"tickets": 3, "flagged": 2}, 0)
    reverse_use(duplicate, by=cast.ville, now=NOW)
    routa = recorder_counts(cast.workplaces["routa"], 2026)
    assert (counted(routa.total), routa.waiting) == ({"tickets": 2, "flagged": 1}, 0)


def test_a_reversed_row_that_waited_waits_no_more(cast):
    code = cast.card()
    cast.use(code)
    cast.use(code, happened=True, source=Source.PAPER)
    reverse_use(Record.objects.latest("pk"), by=cast.ville, now=NOW)
    assert recorder_counts(cast.workplaces["routa"], 2026).waiting == 0


def test_season_passes_are_uses_and_named_apart(cast):
    hall = cast.offering("hall", OfferingKind.OPEN)
    until = NOW.date() + timedelta(days=30)
    cast.use(cast.card(), offering=hall, by=cast.salla, kind=RecordKind.SEASON, until=until)
    assert counted(recorder_counts(cast.workplaces["hall"], 2026).total) == {"tickets": 1, "seasons": 1}


def test_an_issuer_counts_its_cards_by_month_and_its_blanks_and_never_a_use(cast):
    for month in (9, 9, 10):
        cast.card(issued=datetime(2026, month, 5, 12, tzinfo=HELSINKI))
    cast.community_card()
    lost = find_own_card(cast.card(), by=cast.aino, now=NOW)
    assert isinstance(lost, Card)
    replace_card(lost, cast.blank(), reason=BlockReason.LOST, by=cast.aino, now=NOW)
    cast.use(cast.card())

    office = issuer_counts(cast.workplaces["office"], 2026)
    assert [(place, month) for place, month in enumerate(office.months, 1) if month != IssuerMonth()] == [
        (9, IssuerMonth(2, 0)),
        (10, IssuerMonth(1, 0)),
        (11, IssuerMonth(2, 1)),
    ]
    assert (office.total, office.blanks) == (IssuerMonth(5, 1), 20 - 7)
    assert {one.name for one in fields(office)} == {"year", "months", "blanks"}
    assert issuer_counts(cast.workplaces["other"], 2026).total == IssuerMonth()


def test_a_role_without_own_counts_has_none(cast):
    with pytest.raises(ValueError, match="national"):
        own_counts(cast.workplaces["national"], 2026)


def test_the_years_reach_from_the_first_use_to_this_year(cast):
    venue = cast.workplaces["routa"]
    assert own_years(venue, today=NOW.date()) == [2026]
    Record.objects.bulk_create([ledger_row(venue, date(2024, 2, 1)), ledger_row(venue, date(2027, 1, 5))])
    assert own_years(venue, today=NOW.date()) == [2027, 2026, 2025, 2024]
    cast.card(issued=datetime(2025, 1, 1, 0, 30, tzinfo=HELSINKI))
    assert own_years(cast.workplaces["office"], today=NOW.date()) == [2026, 2025]


@pytest.mark.parametrize("offerings", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("routa", 3), ("luukku", 3), ("office", 3)])
def test_the_number_of_queries_is_fixed(cast, name, offerings, queries):
    for _ in range(offerings):
        cast.use(cast.card(), offering=cast.offering(), by=cast.luukku)
    with CaptureQueriesContext(connection) as asked:
        own_counts(cast.workplaces[name], 2026)
    assert len(asked) == queries
