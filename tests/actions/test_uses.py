"""Recording: one card, one venue, one day, and everything that may come between (rules 17–34)."""

from datetime import timedelta

import pytest

from kaikukortti.models import NetworkVersion, Record
from kaikukortti.terms.kinds import OfferingKind, RecordKind, Status
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal

pytestmark = pytest.mark.database


def test_a_card_is_checked_and_its_use_recorded(cast):
    code = cast.card(minors=2)
    event = cast.offering()
    assert cast.check(code, offering=event).allowed
    assert cast.check(code, offering=event).child_places == 2

    answer = cast.use(code, offering=event, children=2)

    assert (answer.status, answer.refusal) == (Status.RECORDED, None)
    record = Record.objects.get()
    assert (record.holder, record.children, record.place_id, record.residence_id) == (1, 2, "205", "205")
    assert cast.check(code, offering=event).refusal == Refusal.ALREADY_RECORDED


def test_the_same_id_gets_the_first_answer_and_other_content_is_a_conflict(cast):
    code = cast.card()
    row = cast.row(code)
    assert [a.status for a in cast.uses([row])] == [Status.RECORDED]
    assert [a.status for a in cast.uses([row])] == [Status.RECORDED]
    import dataclasses

    assert [a.status for a in cast.uses([dataclasses.replace(row, children=1)])] == [Status.CONFLICT]
    assert Record.objects.count() == 1


def test_a_ticket_already_given_answers_calmly(cast):
    code = cast.card()
    cast.use(code)
    answer = cast.use(code)
    assert (answer.status, answer.refusal) == (Status.ALREADY_RECORDED, Refusal.ALREADY_RECORDED)
    assert answer.time == cast.now
    assert Record.objects.count() == 1


def test_children_come_later(cast):
    code = cast.card(minors=2)
    event = cast.offering()
    assert cast.use(code, offering=event, holder=0, children=1).refusal == Refusal.CHILDREN_NEED_HOLDER
    cast.use(code, offering=event, children=1)
    assert cast.use(code, offering=event, holder=0, children=1).status == Status.RECORDED
    answer = cast.use(code, offering=event, holder=0, children=1)
    assert (answer.status, answer.refusal) == (Status.FLAGGED, Refusal.TOO_MANY_CHILDREN)


def test_the_last_place_is_given_once(cast):
    event = cast.offering(cap=2)
    assert cast.use(cast.card(), offering=event, children=1).status == Status.RECORDED
    assert cast.use(cast.card(), offering=event).refusal == Refusal.OFFERING_FULL
    assert cast.use(cast.card(), offering=event, happened=True).status == Status.FLAGGED
    event.refresh_from_db()
    assert event.taken == 3


def test_a_season_pass_holds_every_day(cast):
    code = cast.card()
    hall = cast.offering("hall", OfferingKind.OPEN)
    until = cast.now.date() + timedelta(days=30)
    assert cast.use(code, offering=hall, by=cast.salla, kind=RecordKind.SEASON, until=until).status == Status.RECORDED
    cast.at(cast.now + timedelta(days=3))
    assert cast.use(code, offering=hall, by=cast.salla).status == Status.ALREADY_RECORDED


def test_caps_count_over_the_scope_that_set_them(cast):
    cast.policy(Policy.TICKETS_PER_MONTH, 1, venue="routa")
    code = cast.card()
    assert cast.use(code, offering=cast.offering()).status == Status.RECORDED
    answer = cast.use(code, offering=cast.offering())
    assert (answer.refusal, str(answer.day)) == (Refusal.LIMIT_PER_PERIOD, "2026-12-01")
    assert cast.use(code, by=cast.salla).status == Status.RECORDED


def test_a_closed_pilot_says_which_side_says_no(cast):
    code = cast.card()
    assert cast.use(code, by=cast.actor("lusto")).refusal == Refusal.REGION_CLOSED_IN


def test_what_happened_is_stored_and_flagged(cast):
    answer = cast.use("0000000000", happened=True)
    assert answer.status == Status.FLAGGED
    assert cast.use("7KM9QX2TR8", happened=True).refusal == Refusal.CARD_CODE_TYPO
    assert cast.use("7KM9QX2TR7", happened=True).refusal == Refusal.CARD_UNKNOWN
    assert cast.use(cast.blank(), happened=True).refusal == Refusal.CARD_UNREGISTERED
    assert Record.objects.filter(status=Status.FLAGGED).count() == 4


def test_a_ticket_agent_names_an_offering_of_its_venue(cast):
    code = cast.card()
    assert cast.use(code, by=cast.luukku).refusal == Refusal.OFFERING_UNKNOWN
    assert (
        cast.use(code, by=cast.luukku, offering=cast.offering("hall", OfferingKind.OPEN)).refusal
        == Refusal.OFFERING_UNKNOWN
    )
    assert cast.use(code, by=cast.luukku, offering=cast.offering()).status == Status.RECORDED
    assert Record.objects.get().venue == cast.workplaces["routa"]


def test_together_is_all_or_nothing(cast):
    rows = [cast.row(cast.card()), cast.row(cast.blank())]
    answers = cast.uses(rows, together=True)
    assert [a.refusal for a in answers] == [Refusal.NOT_TOGETHER, Refusal.CARD_UNREGISTERED]
    assert not Record.objects.exists()


def test_a_pending_use_counts_once_the_card_is_registered(cast):
    cast.policy(Policy.PENDING_USE, True, region="kainuu")
    code = cast.blank()
    assert cast.use(code).status == Status.PENDING
    assert not Record.objects.counting().exists()
    from kaikukortti.actions.cards import Holder, issue_card

    issue_card(code, by=cast.aino, now=cast.now, holder=Holder(birth_year=1990, minors=0, postal_code="87100"))
    assert Record.objects.counting().get().residence_id == "205"


def test_a_community_card_brings_clients(cast):
    code = cast.community_card()
    assert cast.check(code).allowed
    assert cast.use(code).refusal == Refusal.COMMUNITY_CARD_NEEDS_CLIENTS
    assert cast.use(code, clients=5, workers=1).status == Status.RECORDED
    assert cast.use(code, clients=5, workers=1).status == Status.RECORDED
    assert cast.use(cast.card(), clients=1).refusal == Refusal.COUNTS_NOT_FOR_THIS_CARD


def test_a_record_costs_few_queries(cast, django_assert_max_num_queries):
    code, event, ville = cast.card(), cast.offering(cap=10), cast.ville
    cast.use(cast.card(), offering=event)
    cast.use(code, by=cast.salla)
    rows = [cast.row(code, offering=event)]
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as queries:
        cast.uses(rows, by=ville)
    asked = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(asked) <= 6, "\n".join(asked)


def test_a_season_pass_entered_late_sees_the_ticket_it_covers(cast):
    """The ticket is of a later day than the pass begins: it is the same own ticket (rule 27)."""
    code, ahead = cast.card(issued=cast.now - timedelta(days=100)), cast.now.date() + timedelta(days=30)
    cast.use(code, day=cast.now.date() - timedelta(days=3), happened=True)
    late = cast.use(code, kind=RecordKind.SEASON, day=cast.now.date() - timedelta(days=10), until=ahead, happened=True)
    assert (late.status, late.refusal) == (Status.FLAGGED, Refusal.ALREADY_RECORDED)


def test_a_coordinator_enters_only_what_happened_in_its_own_regions(cast):
    """Also where the venue serves the coordinator's region and the act lies in another one."""
    tapiola = cast.workplaces["tapiola"]
    tapiola.regions.add(cast.regions["kainuu"])
    NetworkVersion.bump()
    row, kaisa = cast.row(cast.card(), happened=True), cast.kaisa
    answer = cast.uses([row], by=kaisa, at_venue=kaisa.network.workplaces[tapiola.pk])[0]
    assert (answer.status, answer.refusal) == (Status.REFUSED, Refusal.NOT_YOUR_WORKPLACE)
    nelli = cast.nelli
    assert cast.uses([row], by=nelli, at_venue=nelli.network.workplaces[tapiola.pk])[0].status == Status.RECORDED
