"""Places in any order, on both databases: keep, record, fetch smaller and bigger, let go, undo, wait, raise and lower
caps, release and take back seats, rows that happened, and hours that pass. Beside the register stands what the rules
promise: what is taken and kept together never goes over the cap but by rows that happened, and whoever has places kept
gets in."""

# mypy: disable-error-code="misc"

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.holds import Wish, keep_places, prolong_hold, release_hold, return_places
from kaikukortti.actions.offerings import edit_offering
from kaikukortti.actions.places import places_now
from kaikukortti.actions.seats import release_seats, take_back_seats
from kaikukortti.actions.waiting import leave_list, see_to, wait_for_places
from kaikukortti.models import Hold, Offering, Record, Waiting
from kaikukortti.rules.offerings import Problem
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.holds import HoldKind
from kaikukortti.terms.kinds import Source, Status
from kaikukortti.terms.refusals import Refusal
from tests.actions.test_cards import card_of
from tests.actions.test_offerings import said
from tests.actions.test_waiting import phone
from tests.cast import TODAY, gather

pytestmark = pytest.mark.database

BEGINS = datetime(2026, 11, 24, 12, tzinfo=HELSINKI)
CARDS = st.integers(min_value=0, max_value=5)
FEW = st.integers(min_value=0, max_value=2)
RARELY = st.sampled_from([False, False, True])
CAPS = st.one_of(st.none(), st.integers(min_value=0, max_value=8))


class PlacesGiven(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.cast = gather()
        self.cast.at(BEGINS)
        # By so much more is given than the caps say, children apart, and whether the last step may have added to it.
        self.excess, self.may_exceed = (0, 0), False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(cap=st.integers(min_value=1, max_value=4), children_cap=st.one_of(st.none(), FEW))
    def an_evening(self, cap, children_cap):
        self.event = self.cast.offering(cap=cap, children_cap=children_cap)
        # Every other card is on its holder's phone.
        self.codes = [phone(self.cast, minors=2) if n % 2 else self.cast.card(minors=2) for n in range(6)]

    # --- what may happen ---

    @rule(card=CARDS, children=FEW, minutes=st.one_of(st.none(), st.integers(min_value=5, max_value=400)))
    def keep(self, card, children, minutes):
        until = self.cast.now + timedelta(minutes=minutes) if minutes else None
        before = self.places()
        answer = self.kept(self.codes[card], children, until)
        if answer.hold and not answer.before and before.left is not None:
            assert answer.hold.places <= before.left

    def kept(self, code, children, until=None):
        return keep_places(
            code,
            Wish(children=children),
            by=self.cast.ville,
            now=self.cast.now,
            offering=self.event.pk,
            day=TODAY,
            until=until,
        )

    @rule(card=CARDS, children=FEW)
    def record(self, card, children):
        """Without places of one's own only what is left is given; whoever has some kept gets in with as many."""
        before, hold = self.places(), self.hold_of(card)
        answer = self.cast.use(self.codes[card], offering=self.event, children=children)
        if hold and 1 + children <= hold.places and children <= hold.children:
            assert answer.status in (Status.RECORDED, Status.ALREADY_RECORDED), answer
        if not hold and answer.status == Status.RECORDED and before.left is not None:
            assert 1 + children <= before.left

    @rule(card=CARDS, another=CARDS)
    def fetched_smaller_the_rest_taken_and_undone(self, card, another):
        """A family's hold fetched by one alone, what came back recorded by others, the first undone."""
        if self.kept(self.codes[card], 2).hold is None:
            return
        first = self.cast.use(self.codes[card], offering=self.event)
        self.cast.use(self.codes[another], offering=self.event, children=1)
        if first.status == Status.RECORDED:
            reverse_use(Record.objects.get(pk=first.record), by=self.cast.ville, now=self.cast.now)

    @rule(which=CARDS, children=FEW)
    def fetch(self, which, children):
        """Somebody comes for what was kept, and is asked for the number."""
        rows = list(Hold.objects.standing(self.cast.now).order_by("number"))
        if not rows:
            return
        hold = rows[which % len(rows)]
        own = hold.places > hold.children
        row = {"children": children} if own else {"holder": 0, "children": max(1, children)}
        answer = self.cast.use(f"K-{hold.number}", offering=self.event, **row)
        assert answer.refusal != Refusal.CARD_CODE_TYPO
        if own and children <= hold.children:
            assert answer.status == Status.RECORDED, answer

    @rule(card=CARDS, children=FEW, really=RARELY)
    def happened(self, card, children, really):
        """A gate without network let somebody in."""
        if not really:
            return
        self.may_exceed = True
        held = Hold.objects.standing(self.cast.now).order_by("number").first()
        self.cast.use(
            self.codes[card],
            offering=self.event,
            children=children,
            happened=True,
            source=Source.OFFLINE,
            at=self.cast.now,
        )
        # Whoever has places kept gets in all the same.
        still = held and Hold.objects.standing(self.cast.now).filter(pk=held.pk).first()
        if still and still.places > still.children:
            answer = self.cast.use(f"K-{still.number}", offering=self.event, children=still.children)
            assert answer.status == Status.RECORDED, answer

    @rule(which=CARDS)
    def undo(self, which):
        rows = list(Record.objects.standing().order_by("pk"))
        if rows:
            reverse_use(rows[which % len(rows)], by=self.cast.ville, now=self.cast.now)

    @rule(which=CARDS)
    def let_go(self, which):
        rows = list(Hold.objects.standing(self.cast.now).order_by("number"))
        if rows:
            release_hold(rows[which % len(rows)], by=self.cast.ville, now=self.cast.now)

    @rule(which=CARDS, minutes=st.integers(min_value=1, max_value=200))
    def prolong(self, which, minutes):
        rows = list(Hold.objects.filter(ended_at=None).order_by("number"))
        if rows:
            until = self.cast.now + timedelta(minutes=minutes)
            prolong_hold(rows[which % len(rows)], until, by=self.cast.ville, now=self.cast.now)

    @rule(card=CARDS, children=FEW)
    def wait(self, card, children):
        wait_for_places(
            self.codes[card],
            Wish(children=children),
            by=self.cast.ville,
            now=self.cast.now,
            offering=self.event.pk,
            day=TODAY,
        )

    @rule(which=CARDS)
    def leave(self, which):
        rows = list(Waiting.objects.filter(ended_at=None).order_by("pk"))
        if rows:
            leave_list(rows[which % len(rows)], now=self.cast.now)

    @rule(cap=CAPS, children_cap=st.one_of(st.none(), FEW), really=RARELY)
    def change_caps(self, cap, children_cap, really):
        if not really:
            return
        self.event.refresh_from_db()
        before = self.places()
        details = replace(said(self.event), cap=cap, children_cap=children_cap)
        answer = edit_offering(self.event, details, by=self.cast.ville, now=self.cast.now)
        if isinstance(answer, Problem):
            assert answer == Problem.CAP_BELOW_KEPT
            assert before.held or not before.capped
            self.event.refresh_from_db()
        else:
            after = self.places()
            if after.held and after.cap is not None and (before.cap is None or after.cap < before.cap):
                assert after.taken + after.held <= after.cap
            # A cap may fall below what is given, while nothing is kept: what stands stands.
            self.may_exceed = True

    @rule(card=CARDS)
    def promised_and_then_too_few(self, card):
        """A cap does not fall below what has just been promised."""
        if self.kept(self.codes[card], 0).hold is None or self.places().cap is None:
            return
        self.event.refresh_from_db()
        details = replace(said(self.event), cap=0)
        assert edit_offering(self.event, details, by=self.cast.ville, now=self.cast.now) == Problem.CAP_BELOW_KEPT

    @rule(seats=st.integers(min_value=0, max_value=4), really=RARELY)
    def release(self, seats, really):
        if really:
            release_seats(self.event, seats=seats, by=self.cast.ville, now=self.cast.now)

    @rule()
    def take_back(self):
        take_back_seats(self.event, by=self.cast.ville, now=self.cast.now)

    @rule(minutes=st.integers(min_value=1, max_value=90))
    @precondition(lambda self: self.cast.now < BEGINS + timedelta(hours=9))
    def time_passes(self, minutes):
        self.cast.at(self.cast.now + timedelta(minutes=minutes))

    @rule(tidied=st.booleans())
    def come_back(self, tidied):
        if tidied:
            return_places(now=self.cast.now)
            assert not Hold.objects.filter(ended_at=None, expires_at__lte=self.cast.now).exists()
        else:
            see_to(self.event.pk, TODAY, now=self.cast.now)

    # --- what holds whatever happened ---

    def places(self):
        event = Offering.objects.get(pk=self.event.pk)
        places = places_now([(event.facts, event.places)], [TODAY], now=self.cast.now)
        return places.get((event.pk, TODAY), event.places)

    def excess_now(self):
        places = self.places()
        return (
            max(0, places.taken + places.held - places.cap) if places.cap is not None else 0,
            max(0, places.children_taken + places.children_held - places.children_cap)
            if places.children_cap is not None
            else 0,
        )

    def hold_of(self, card):
        row = card_of(self.codes[card], self.cast)
        return Hold.objects.standing(self.cast.now).filter(card=row).first()

    @invariant()
    def nothing_goes_over_the_cap_but_what_happened(self):
        if hasattr(self, "event"):
            before, self.excess = self.excess, self.excess_now()
            assert self.may_exceed or (self.excess[0] <= before[0] and self.excess[1] <= before[1])
            self.may_exceed = False

    @invariant()
    def what_is_counted_is_what_stands(self):
        if not hasattr(self, "event"):
            return
        event = Offering.objects.get(pk=self.event.pk)
        standing = Hold.objects.standing(self.cast.now).filter(offering=event)
        places = self.places()
        if places.capped:
            counting = Record.objects.counting().filter(offering=event)
            assert places.taken == sum(row.holder + row.children for row in counting)
            assert places.held == sum(hold.places for hold in standing)
        # The hint never says that nothing is kept while something is.
        assert event.held or not standing.exists()

    @invariant()
    def nobody_has_places_twice(self):
        lines = list(Hold.objects.standing(self.cast.now).values_list("card__line", flat=True))
        assert len(lines) == len(set(lines))
        waits = Waiting.objects.filter(ended_at=None, hold=None).values_list("card__line", flat=True)
        assert len(waits) == len(set(waits))
        called = Hold.objects.filter(kind=HoldKind.WAITING)
        assert Waiting.objects.filter(hold__in=called).count() == called.count()


def test_any_order_of_an_evening_gives_each_place_once(db):
    run_state_machine_as_test(
        PlacesGiven,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
            report_multiple_bugs=False,
        ),
    )
