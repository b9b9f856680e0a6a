"""Drawing the worklists: frozen for the month, once a card and list, and never a word of a use."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kaikukortti import keys
from kaikukortti.actions import worklist
from kaikukortti.actions.cards import Holder, issue_card
from kaikukortti.actions.codes import code_digests, make_code
from kaikukortti.actions.looking_after import block_card, replace_card
from kaikukortti.actions.making import make_cards
from kaikukortti.actions.worklist import draw_worklists, lot_of, worklist_of
from kaikukortti.models import Card, Erasure, HolderData, WorklistDraw, WorklistRow
from kaikukortti.rules.codes import read_code
from kaikukortti.rules.worklist import ALL_LOTS, left_out
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import Milestone
from tests.cast import Cast

pytestmark = pytest.mark.database

FIRST = datetime(2026, 12, 1, 4, 20, tzinfo=HELSINKI)
IN_OCTOBER = datetime(2026, 10, 20, 12, tzinfo=HELSINKI)  # 30 days are full in November, 42 at the drawing


@pytest.fixture
def everyone(monkeypatch):
    """No card is left out by lot, so that a story can be told."""
    monkeypatch.setattr(worklist, "left_out", lambda _lot: frozenset())


@pytest.fixture
def cards(cast):
    """`cards(6, issued)` gives the codes of so many cards whose holders said yes."""

    def give(number=6, issued=IN_OCTOBER, *, yes=True, office="office"):
        codes = [make_code(random_tag=True) for _ in range(number)]
        make_cards(cast.workplaces[office], size=number, by=None, now=issued - timedelta(days=9), codes=codes)
        holder = Holder(birth_year=1980, minors=1, postal_code="87100", may_remind=yes)
        for one in codes:
            issue_card(one.code, by=cast.actor(office), now=issued, holder=holder)
        return [one.code for one in codes]

    return give


def card_of(code):
    return Card.objects.get(digest__in=code_digests(read_code(code) or ""))


def serials(codes):
    return {card_of(code).serial for code in codes}


def lists_of(cast, office="office"):
    lists = worklist_of(cast.workplaces[office])
    assert lists is not None
    return lists


def unused(cast, office="office"):
    return {serial for serial, _milestone in lists_of(cast, office).unused}


# --- who is on it -------------------------------------------------------------------------------------------------


def test_only_cards_whose_holder_said_yes(cast, cards, everyone):
    said_yes = cards()
    cards(6, yes=False)
    assert draw_worklists(now=FIRST) == 6
    assert unused(cast) == serials(said_yes)
    assert set(WorklistRow.objects.values_list("milestone", flat=True)) == {Milestone.UNUSED_30}


def test_a_card_moves_through_its_milestones_and_then_leaves(cast, cards, everyone):
    cards()
    stood = []
    for month in (11, 12, 13, 14, 15):
        draw_worklists(now=datetime(2026 + (month > 12), (month - 1) % 12 + 1, 1, 5, tzinfo=HELSINKI))
        stood.append(set(WorklistRow.objects.values_list("milestone", flat=True)))
    assert stood == [set(), {Milestone.UNUSED_30}, {Milestone.UNUSED_60}, {Milestone.UNUSED_90}, set()]


def test_used_blocked_and_erased_cards_are_not_drawn(cast, cards, everyone):
    used, blocked, erasing, *rest = cards(8)
    cast.at(IN_OCTOBER + timedelta(days=3))
    cast.use(used)
    block_card(card_of(blocked), reason="lost", by=cast.aino, now=cast.now)
    Erasure.objects.create(line=card_of(erasing).line, asked_at=cast.now, due_on=FIRST.date())
    draw_worklists(now=FIRST)
    assert unused(cast) == serials(rest)


def test_a_use_that_was_taken_back_is_no_use(cast, cards, everyone):
    codes = cards()
    line = card_of(codes[0]).line
    line.taken_on = None
    line.save()
    draw_worklists(now=FIRST)
    assert unused(cast) == serials(codes)


def test_a_replaced_card_begins_no_new_course(cast, cards, everyone):
    """Else a second lot, or a second time on the same list, would tell more."""
    code, *rest = cards()
    lot = lot_of(card_of(code).line_id)
    cast.at(datetime(2026, 11, 10, 12, tzinfo=HELSINKI))
    new = cast.blank()
    replace_card(card_of(code), new, reason="lost", by=cast.aino, now=cast.now)
    draw_worklists(now=FIRST)
    assert unused(cast) == serials([new, *rest])
    draw_worklists(now=datetime(2027, 1, 1, 5, tzinfo=HELSINKI))
    assert WorklistRow.objects.get(serial=card_of(new).serial).milestone == Milestone.UNUSED_60
    assert lot_of(card_of(new).line_id) == lot


def test_cards_that_run_out_and_have_run_out(cast, cards, everyone):
    soon = cards(3, datetime(2025, 12, 20, 12, tzinfo=HELSINKI))
    gone = cards(3, datetime(2025, 6, 1, 12, tzinfo=HELSINKI))
    cards(2, datetime(2024, 11, 1, 12, tzinfo=HELSINKI))  # run out over a year ago
    draw_worklists(now=FIRST)
    lists = lists_of(cast)
    assert lists.unused == []
    assert dict(lists.validity) == dict.fromkeys(serials(soon), Milestone.EXPIRING) | dict.fromkeys(
        serials(gone), Milestone.EXPIRED
    )
    assert [serial for serial, _ in lists.validity] == sorted(serials(soon + gone))


def test_a_use_changes_nothing_on_the_lists_of_validity(cast, cards, everyone):
    codes = cards(5, datetime(2025, 12, 20, 12, tzinfo=HELSINKI))
    cast.at(datetime(2026, 3, 1, 12, tzinfo=HELSINKI))
    cast.use(codes[0])
    draw_worklists(now=FIRST)
    assert {serial for serial, _ in lists_of(cast).validity} == serials(codes)


# --- frozen, five or none -----------------------------------------------------------------------------------------


def test_a_month_is_drawn_once_and_stays_as_it_was(cast, cards, everyone):
    used, withdrawn, erased, *_rest = codes = cards()
    draw_worklists(now=FIRST)
    before = worklist_of(cast.workplaces["office"])
    cast.at(datetime(2026, 12, 10, 12, tzinfo=HELSINKI))
    cast.use(used)
    HolderData.objects.filter(card=card_of(withdrawn)).update(may_remind=False)
    gone = card_of(erased).serial
    card_of(erased).facts.all().delete()
    HolderData.objects.filter(card__serial=gone).delete()
    for day in (10, 31):
        assert draw_worklists(now=datetime(2026, 12, day, 12, tzinfo=HELSINKI)) is None
        assert worklist_of(cast.workplaces["office"]) == before
    cards(3, datetime(2026, 11, 10, 12, tzinfo=HELSINKI))  # three more to remind of, so that the list is long enough
    draw_worklists(now=datetime(2027, 1, 1, 5, tzinfo=HELSINKI))
    left = unused(cast)
    assert serials(codes[3:]) < left, "used, withdrawn and erased leave alike, with the next drawing"
    assert not left & {card_of(used).serial, card_of(withdrawn).serial, gone}
    assert WorklistDraw.objects.count() == 1, "and the old lists are deleted"


@pytest.mark.parametrize(("number", "shown"), [(4, 0), (5, 5)])
def test_five_or_none(cast, cards, everyone, number, shown):
    cards(number)
    draw_worklists(now=FIRST)
    assert (WorklistRow.objects.count(), len(unused(cast))) == (shown, shown)


def test_cards_that_run_out_do_not_fill_up_the_list_of_unused_ones(cast, cards, everyone):
    """Whoever knows which cards run out could take them away from a common list."""
    cards(1)
    cards(4, datetime(2025, 12, 20, 12, tzinfo=HELSINKI))
    draw_worklists(now=FIRST)
    assert not WorklistRow.objects.exists()


def test_every_workplace_has_its_own(cast, cards, everyone):
    mine = cards(5)
    codes = [make_code(random_tag=True) for _ in range(5)]
    make_cards(cast.workplaces["other"], size=5, by=None, now=IN_OCTOBER, codes=codes)
    for one in codes:
        holder = Holder(birth_year=1980, minors=1, postal_code="02100", may_remind=True)
        issue_card(one.code, by=cast.actor("other"), now=IN_OCTOBER, holder=holder)
    draw_worklists(now=FIRST)
    assert (unused(cast), unused(cast, "other")) == (serials(mine), serials([one.code for one in codes]))


# --- lots ---------------------------------------------------------------------------------------------------------


def test_a_quarter_of_ten_thousand_is_left_out():
    left = Counter(milestone for line in range(10_000) for milestone in left_out(lot_of(line)))
    assert len(left) == 3
    for number in left.values():
        assert abs(number / 10_000 - 0.25) < 0.02


def test_a_lot_is_fixed_and_keyed(monkeypatch):
    lots = [lot_of(line) for line in range(50)]
    assert lots == [lot_of(line) for line in range(50)]
    assert set(lots) <= set(range(ALL_LOTS))
    monkeypatch.setattr(keys, "key", lambda name: b"another key of the same length.." if name == "worklist" else b"")
    assert lots != [lot_of(line) for line in range(50)]


def test_two_registers_that_differ_in_one_use_give_lists_that_are_both_possible(cast, cards, monkeypatch):
    """Each list of the register in which the card was used also comes from the one in which it was not, with other
    lots; so no list proves the use."""
    codes = cards(12)
    chosen = card_of(codes[0])
    lot = {"chosen": 0}
    others = lot_of
    monkeypatch.setattr(worklist, "lot_of", lambda line: lot["chosen"] if line == chosen.line_id else others(line))
    days = [FIRST, datetime(2027, 1, 1, 5, tzinfo=HELSINKI), datetime(2027, 2, 1, 5, tzinfo=HELSINKI)]

    def every(taken_on):
        """The courses over all lots, the card used on a day."""
        found = set()
        for number in range(0, ALL_LOTS, 3):  # each kind of lot has at least three of them
            lot["chosen"] = number
            seen = []
            for day in days:
                chosen.line.taken_on = taken_on if taken_on and taken_on < day.date() else None
                chosen.line.save()
                draw_worklists(now=day)
                seen.append(frozenset(unused(cast)))
            WorklistDraw.objects.all().delete()
            found.add(tuple(seen))
        return found

    never = every(None)
    for used_on in (date(2026, 11, 3), date(2026, 12, 5), date(2027, 1, 20)):
        used = every(used_on)
        assert used <= never
        assert any(chosen.serial not in seen[-1] for seen in used)


# --- at scale -----------------------------------------------------------------------------------------------------


def test_each_thousand_asks_the_same_few_statements(cast, cards, everyone, monkeypatch):
    monkeypatch.setattr(worklist, "CARDS", 5)

    def asked():
        WorklistDraw.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            draw_worklists(now=FIRST)
        return len([one for one in queries if "SAVEPOINT" not in one["sql"]])

    cards(5)
    one = asked()
    cards(10)
    assert asked() - one == 2 * 3, "the cards, their dated rows, and the insert"
    assert one <= 10


def test_a_killed_drawing_leaves_the_old_lists_and_begins_anew(cast, cards, everyone, monkeypatch):
    cards()
    draw_worklists(now=FIRST)
    before, later = worklist_of(cast.workplaces["office"]), datetime(2027, 1, 1, 5, tzinfo=HELSINKI)
    monkeypatch.setattr(worklist, "CARDS", 2)
    heard = []

    def kill(done, total):
        heard.append((done, total))
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw_worklists(now=later, told=kill)
    assert heard == [(2, 6), (4, 6)]
    assert worklist_of(cast.workplaces["office"]) == before
    assert draw_worklists(now=later) == 6


def test_the_command_and_the_daily_tidying_draw_once(cast, cards, everyone, monkeypatch, capsys):
    cards()
    monkeypatch.setattr(timezone, "now", lambda: FIRST)
    call_command("tidy")
    assert WorklistRow.objects.count() == 6
    call_command("draw_worklists")
    assert "drawn already this month" in capsys.readouterr().out
    monkeypatch.setattr(timezone, "now", lambda: datetime(2027, 1, 1, 5, tzinfo=HELSINKI))
    call_command("draw_worklists")
    assert "cards on the lists: 6" in capsys.readouterr().out
    call_command("tidy")
    assert WorklistDraw.objects.get().month == date(2027, 1, 1)


def test_nothing_is_shown_before_the_first_drawing(cast: Cast) -> None:
    assert worklist_of(cast.workplaces["office"]) is None
