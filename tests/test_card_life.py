"""A card's life in any order, on both databases: make, issue, use, block, replace, renew, correct, reverse, give back,
erase, coarsen, and days that pass. Beside the register stands a plain model of what the rules say; after every step
states, counters, ledger and figures must be what the model says."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytest
from django.db import transaction
from django.db.models import Count
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kaikukortti.actions.cards import Holder, Issued, issue_card, life_of
from kaikukortti.actions.closes import close_year
from kaikukortti.actions.codes import code_digests
from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.erasure import erase_line
from kaikukortti.actions.looking_after import block_card, correct_holder, end_card, replace_card
from kaikukortti.actions.renewal import renew_card
from kaikukortti.actions.retention import retain
from kaikukortti.figures.yearly import live_table
from kaikukortti.models import Card, HolderData, PersonLine, Record, YearClose
from kaikukortti.rules.cards import card_state, last_valid_day
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import BlockReason, ReplaceReason, ReversalReason, Status
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.states import CardState
from tests.cast import Cast, gather

pytestmark = pytest.mark.database

BEGINS = datetime(2025, 10, 20, 12, tzinfo=HELSINKI)
# What ends a card's story is drawn less often than what goes on with it.
RARELY = st.sampled_from([False, False, False, True])
SECTORS = {"routa": "culture", "hall": "sport"}


@dataclass
class Use:
    """What the model knows of a recorded use."""

    id: int
    line: int
    day: date
    entered: datetime
    venue: str
    children: int
    reversed: bool = False
    cut: bool = False


@dataclass
class Known:
    """What the model knows of a card."""

    code: str
    line: int
    minors: int
    spells: list[tuple[date, date]]
    blocked: bool = False
    replaced: bool = False
    erased: bool = False

    def state(self, day: date) -> CardState | None:
        if self.erased:
            return None
        if self.replaced:
            return CardState.REPLACED
        if self.blocked:
            return CardState.BLOCKED
        valid = any(since <= day <= until for since, until in self.spells)
        return CardState.ACTIVE if valid else CardState.EXPIRED

    @property
    def last(self) -> date:
        """The last valid day; long ago for a card given back on its first day."""
        return max((until for _since, until in self.spells), default=date.min)


@dataclass
class Expected:
    """The whole register as the model sees it."""

    cards: list[Known] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    registered: Counter[int] = field(default_factory=Counter)
    # Lines whose fact of being taken into use no longer moves: line → its year.
    frozen: dict[int, int] = field(default_factory=dict)

    def standing(self, line: int) -> list[Use]:
        return [use for use in self.uses if use.line == line and not use.reversed]

    def taken(self) -> Counter[int]:
        years = Counter(self.frozen.values())
        for line in {use.line for use in self.uses} - set(self.frozen):
            days = [use.day for use in self.standing(line)]
            if days:
                years[min(days).year] += 1
        return years


class CardLife(RuleBasedStateMachine):
    cards = Bundle("cards")

    def __init__(self) -> None:
        super().__init__()
        self.before = transaction.savepoint()
        self.cast: Cast = gather().at(BEGINS)
        self.expected = Expected()

    def teardown(self) -> None:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(self.before)

    @property
    def today(self) -> date:
        return self.cast.now.date()

    def row(self, known: Known) -> Card:
        return Card.objects.get(digest__in=code_digests(known.code))

    # --- steps ---

    @initialize(target=cards)
    def the_first_card(self):
        return self._issue(2, 1980, used=True)

    @rule(target=cards, minors=st.integers(0, 3), birth_year=st.integers(1930, 2008), used=st.booleans())
    def issue(self, minors, birth_year, used):
        return self._issue(minors, birth_year, used=used)

    def _issue(self, minors, birth_year, *, used):
        code = self.cast.blank()
        answer = issue_card(
            code, by=self.cast.aino, now=self.cast.now, holder=Holder(birth_year, minors, postal_code="87100")
        )
        assert isinstance(answer, Issued)
        line = Card.objects.get(pk=answer.card).line_id
        known = Known(code, line, minors, [(self.today, last_valid_day(self.today))])
        self.expected.cards.append(known)
        self.expected.registered[self.today.year] += 1
        if used:
            self.use(known, "hall", 1)
        return known

    @rule(known=cards)
    def cannot_be_issued_again(self, known):
        holder = Holder(1980, 0, postal_code="87100")
        answer = issue_card(known.code, by=self.cast.aino, now=self.cast.now, holder=holder)
        assert isinstance(answer, Refusal)

    @rule(known=cards, venue=st.sampled_from(sorted(SECTORS)), children=st.integers(0, 3))
    def used(self, known, venue, children):
        self.use(known, venue, children)

    def use(self, known, venue, children):
        by = self.cast.actor(venue)
        answer = self.cast.use(known.code, by=by, children=children)
        here = [use for use in self.expected.standing(known.line) if (use.venue, use.day) == (venue, self.today)]
        if known.state(self.today) != CardState.ACTIVE:
            assert answer.status == Status.REFUSED
            return
        if [use for use in here if not use.cut]:
            assert answer.status == Status.ALREADY_RECORDED
            return
        assert answer.status == (Status.FLAGGED if children > known.minors else Status.RECORDED), answer
        assert answer.record is not None
        use = Use(answer.record, known.line, self.today, self.cast.now, venue, children)
        self.expected.uses.append(use)

    @precondition(lambda self: self.expected.uses)
    @rule(data=st.data())
    def reverse(self, data):
        use = data.draw(st.sampled_from(self.expected.uses))
        if use.reversed:
            return
        by = self.cast.actor(use.venue)
        record = Record.objects.get(pk=use.id)
        answer = reverse_use(record, by=by, now=self.cast.now, reason=ReversalReason.WRONG_CARD)
        closed = YearClose.objects.filter(year=use.day.year).exists()
        late = self.cast.now - use.entered >= timedelta(days=30)
        if closed or late:
            assert answer.refusal in (Refusal.PERIOD_CLOSED, Refusal.TOO_LATE_TO_RECORD)
            return
        assert answer.refusal is None
        use.reversed = True

    @rule(known=cards, really=RARELY)
    def block(self, known, really):
        if known.erased or not really:
            return
        answer = block_card(self.row(known), reason=BlockReason.LOST, by=self.cast.aino, now=self.cast.now)
        if known.state(self.today) == CardState.REPLACED:
            assert answer == Refusal.CARD_REPLACED
        else:
            assert answer is None
            known.blocked = True

    @rule(target=cards, known=cards, reason=st.sampled_from(list(ReplaceReason)))
    def replace(self, known, reason):
        if known.erased:
            return known
        code = self.cast.blank()
        answer = replace_card(self.row(known), code, reason=reason, by=self.cast.aino, now=self.cast.now)
        valid = any(since <= self.today <= until for since, until in known.spells)
        if known.replaced or not valid:
            assert isinstance(answer, Refusal)
            return known
        assert isinstance(answer, Issued)
        assert answer.last_valid_day == known.last
        known.replaced = True
        successor = Known(code, known.line, known.minors, [(self.today, known.last)])
        self.expected.cards.append(successor)
        return successor

    @rule(known=cards)
    def renew_in_time(self, known):
        """A month before the last day."""
        if not known.erased and known.last > self.today + timedelta(days=30):
            self.cast.at(datetime.combine(known.last - timedelta(days=30), time(12), HELSINKI))
        self.renew(known)

    @rule(known=cards)
    def renew(self, known):
        if known.erased:
            return
        answer = renew_card(self.row(known), by=self.cast.aino, now=self.cast.now)
        may = known.state(self.today) in (CardState.ACTIVE, CardState.EXPIRED)
        if not may or (known.last - self.today).days > 60:
            assert isinstance(answer, Refusal), answer
            return
        assert not isinstance(answer, Refusal), answer
        since = max(known.last + timedelta(days=1), self.today)
        known.spells.append((since, last_valid_day(since)))
        self.use(known, "routa", 0)

    @rule(known=cards, really=RARELY)
    def give_back(self, known, really):
        if known.erased or known.state(self.today) != CardState.ACTIVE or not really:
            return
        end_card(self.row(known), by=self.cast.aino, now=self.cast.now)
        known.spells = [
            (since, min(until, self.today - timedelta(days=1)))
            for since, until in known.spells
            if since <= self.today - timedelta(days=1)
        ]

    @rule(known=cards, minors=st.integers(0, 3))
    def correct(self, known, minors):
        if known.erased or known.replaced:
            return
        holder = HolderData.objects.get(card=self.row(known))
        if holder.birth_year is None:
            return  # coarse: corrected in the story of coarse data
        refusals = correct_holder(
            self.row(known),
            holder=Holder(holder.birth_year, minors, postal_code=holder.postal_code),
            by=self.cast.aino,
            now=self.cast.now,
        )
        assert refusals == {}
        known.minors = minors

    @rule(known=cards, really=RARELY)
    def erase(self, known, really):
        if known.erased or not really:
            return
        erase_line(PersonLine.objects.get(pk=known.line), now=self.cast.now)
        self._freeze({known.line})
        for card in self.expected.cards:
            if card.line == known.line:
                card.erased = True

    @rule(days=st.sampled_from([1, 1, 1, 7, 31, 95, 310]))
    def days_pass(self, days):
        day = self.today + timedelta(days=days)
        self.cast.at(datetime.combine(day, time(12), HELSINKI))

    @rule(really=RARELY)
    def the_year_turns(self, really):
        """In January the year before is closed."""
        if really:
            self._turn_the_year()

    def _turn_the_year(self):
        self.cast.at(datetime(self.today.year + 1, 1, 15, 12, tzinfo=HELSINKI))
        assert isinstance(close_year(self.today.year - 1, by=self.cast.nelli, now=self.cast.now), (YearClose, str))

    @rule(really=st.booleans())
    def two_years_turn(self, really):
        """Then what was used in the year before them is cut."""
        if really:
            self._turn_the_year()
            self._turn_the_year()
            self.keep()

    @precondition(lambda self: self.today.year > BEGINS.year)
    @rule()
    def keep_no_longer_than_needed(self):
        self.keep()

    def keep(self):
        retain(now=self.cast.now)
        assert not HolderData.objects.filter(exact_until__lt=self.today).exists()
        gone = set(PersonLine.objects.values_list("pk", flat=True))
        cut = set(Record.objects.filter(line__isnull=True).values_list("pk", flat=True))
        lines = set()
        for use in self.expected.uses:
            if use.id in cut and not use.cut:
                # Only what the rule says: the year after the use is closed.
                if any(card.line == use.line and not card.erased for card in self.expected.cards):
                    assert YearClose.objects.filter(year=use.day.year + 1).exists()
                lines.add(use.line)
                use.cut = True
        self._freeze(lines, only_cut=True)
        for card in self.expected.cards:
            card.erased = (
                card.erased
                or card.line not in gone
                or not Card.objects.filter(digest__in=code_digests(card.code)).exists()
            )

    def _freeze(self, lines, *, only_cut=False):
        for line in lines - set(self.expected.frozen):
            days = [use.day for use in self.expected.standing(line)]
            first = [use for use in self.expected.standing(line) if days and use.day == min(days)]
            if first and (not only_cut or any(use.cut for use in first)):
                self.expected.frozen[line] = min(days).year
        if not only_cut:
            for use in self.expected.uses:
                use.cut = use.cut or use.line in lines

    # --- what must hold after every step ---

    @invariant()
    def states_are_what_the_facts_say(self):
        rows = {card.digest: card for card in Card.objects.exclude(region=None).prefetch_related("facts")}
        for known in self.expected.cards:
            card = rows.get(code_digests(known.code)[-1])
            state = card_state(life_of(card), self.cast.now) if card else None
            assert state == known.state(self.today), known

    @invariant()
    def figures_are_what_happened(self):
        table = {row.year: row for row in live_table(self.cast.now)}
        taken = self.expected.taken()
        uses: Counter[tuple[int, str]] = Counter()
        for use in self.expected.uses:
            if not use.reversed:
                uses[(use.day.year, f"adult_{SECTORS[use.venue]}")] += 1
                uses[(use.day.year, f"child_{SECTORS[use.venue]}")] += use.children
        for year in {*table, *self.expected.registered, *taken}:
            row = table.get(year)
            assert (row.cards_registered if row else 0) == self.expected.registered[year]
            assert (row.cards_taken_into_use if row else 0) == taken[year]
            for sector in SECTORS.values():
                for column in (f"adult_{sector}", f"child_{sector}"):
                    assert (row[column] if row else 0) == uses[(year, column)], (year, column)

    @invariant()
    def nobody_has_two_own_tickets_a_day(self):
        own = Record.objects.filter(own_day__isnull=False, line__isnull=False)
        assert not own.values("line", "venue", "own_day").annotate(n=Count("pk")).filter(n__gt=1).exists()

    @invariant()
    def nothing_exact_outlives_its_day_without_a_date(self):
        exact = HolderData.objects.filter(birth_year__isnull=False)
        assert not exact.filter(exact_until__isnull=True).exists()


def test_any_order_of_a_cards_life_leaves_everything_in_step(db):
    run_state_machine_as_test(
        CardLife,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            # A failing order is told as it was found: shrinking one takes minutes.
            phases=[Phase.explicit, Phase.generate],
            report_multiple_bugs=False,
        ),
    )
