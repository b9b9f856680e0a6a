"""What a holder does alone: block, dispute, take back, be erased (P7, P16, P17, S8)."""

from datetime import timedelta
from typing import Any

import pytest

from kaikukortti.actions.cards import Holder, life_of
from kaikukortti.actions.codes import code_digests
from kaikukortti.actions.corrections import reverse_use, settle_use
from kaikukortti.actions.erasure import erase_line
from kaikukortti.actions.holder import (
    allow_reminding,
    ask_erasure,
    block_own_card,
    carry_out_erasures,
    dispute_use,
    erase_voluntary,
    hidden_before,
    keep_after_all,
    own_look_ups,
    own_uses,
    voluntary_answers,
)
from kaikukortti.actions.look_ups import gathered
from kaikukortti.actions.looking_after import correct_holder, replace_card
from kaikukortti.figures.yearly import live_table
from kaikukortti.models import (
    Card,
    CardFact,
    CountedFact,
    Erasure,
    HolderAccess,
    HolderData,
    LookUps,
    PersonLine,
    PhoneCard,
    Record,
    TrailEntry,
)
from kaikukortti.rules.cards import card_state
from kaikukortti.terms.kinds import CardFactKind, ChangeKind, CountedKind, ReplaceReason, ReversalReason
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.states import CardState
from kaikukortti.terms.trail import Act
from tests.cast import Cast
from tests.doors import as_text, everything

pytestmark = pytest.mark.database


def own(code: str) -> Card:
    """The card of a holder who has opened their pages."""
    card = Card.objects.select_related("holder").get(digest__in=code_digests(code))
    facts = list(card.facts.all())
    since = min(fact.at for fact in facts if fact.kind == CardFactKind.REGISTERED)
    HolderAccess.objects.create(card=card, digest=f"own {card.pk}", opened_at=since, uses_since=since.date())
    return Card.objects.select_related("holder", "access").prefetch_related("facts").get(pk=card.pk)


def acts() -> list[str]:
    return list(TrailEntry.objects.order_by("number").values_list("act", flat=True))


# --- the card -----------------------------------------------------------------------------------------------------


def test_a_card_blocked_at_home_is_blocked_at_the_next_till(cast: Cast):
    """S8: in force at once."""
    code = cast.card()
    card = own(code)
    assert cast.check(code).allowed
    assert block_own_card(card, now=cast.now)
    assert cast.check(code).refusal == Refusal.CARD_BLOCKED
    assert cast.use(code).refusal == Refusal.CARD_BLOCKED
    fact = CardFact.objects.get(kind=CardFactKind.BLOCKED)
    assert (fact.by_holder, fact.by, fact.workplace, fact.reason) == (True, None, None, "")
    counted = CountedFact.objects.get(kind=CountedKind.BLOCK)
    assert (counted.day, counted.residence_id, counted.age_band) == (cast.now.date(), "205", 1980)
    assert not block_own_card(card, now=cast.now)
    assert CardFact.objects.filter(kind=CardFactKind.BLOCKED).count() == 1
    assert acts()[-1] == Act.HOLDER_BLOCKED


@pytest.mark.database(transaction=True)
def test_two_presses_at_once_block_once(cast: Cast, at_once):
    card = own(cast.card())
    assert sorted(at_once(4, lambda number: block_own_card(card, now=cast.now))) == [False, False, False, True]
    assert CountedFact.objects.filter(kind=CountedKind.BLOCK).count() == 1


def test_a_card_that_ran_out_can_be_blocked_too(cast: Cast):
    """It might be renewed."""
    card = own(cast.card(issued=cast.now - timedelta(days=20)))
    cast.at(cast.now + timedelta(days=400))
    assert card_state(life_of(card), cast.now) == CardState.EXPIRED
    assert block_own_card(card, now=cast.now)


def test_reminding_is_the_holders_word(cast: Cast):
    card = own(cast.card())
    allow_reminding(card, True, now=cast.now)
    allow_reminding(card, True, now=cast.now)
    assert HolderData.objects.get(card=card).may_remind
    allow_reminding(card, False, now=cast.now)
    assert not HolderData.objects.get(card=card).may_remind
    assert acts().count(Act.REMINDING_CHANGED) == 2


def test_voluntary_answers_go_from_every_fact_and_no_sum_changes(cast: Cast):
    answered: dict[str, Any] = {"gender": "woman", "life_situations": ["student"], "home_language": "fi"}
    card = own(cast.card(**answered))
    other = own(cast.card(**answered))
    changed = Holder(birth_year=1981, minors=2, postal_code="87100")
    assert not correct_holder(card, holder=changed, by=cast.aino, now=cast.now)
    before = live_table(cast.now)
    said = voluntary_answers(card)
    assert said
    assert said.gender == "woman"
    assert erase_voluntary(card, now=cast.now)
    assert voluntary_answers(card) is None
    left = CountedFact.objects.exclude(gender=None, life_situations=None, home_language=None)
    assert [fact.card_id for fact in left] == [other.pk]
    assert live_table(cast.now) == before
    assert not erase_voluntary(card, now=cast.now)
    assert acts().count(Act.ANSWERS_ERASED) == 1


# --- uses ---------------------------------------------------------------------------------------------------------


def test_no_use_from_before_the_secret_is_shown(cast: Cast):
    """P7: whoever gave the new secret learns nothing of the time before it."""
    code = cast.card(issued=cast.now - timedelta(days=40))
    cast.use(code)
    card = own(code)
    assert own_uses(card).count() == 1
    assert hidden_before(card) is None
    cast.at(cast.now + timedelta(hours=1))
    CardFact.objects.create(card=card, kind=CardFactKind.SECRET, at=cast.now, entered_at=cast.now)
    HolderAccess.objects.filter(card=card).update(uses_since=cast.now.date())
    card = Card.objects.select_related("access").get(pk=card.pk)
    assert not own_uses(card).exists()
    assert hidden_before(card) == cast.now.date()
    cast.at(cast.now + timedelta(hours=1))
    cast.use(code, by=cast.salla)
    assert [use.venue.name_fi for use in own_uses(card)] == ["Kajaanin uimahalli"]


def test_no_use_of_the_card_it_replaced_is_shown(cast: Cast):
    """P7: nor one of the same day, nor a place booked ahead; whoever replaced the card may have read its slip."""
    code, new = cast.card(), cast.blank()
    cast.use(code)
    cast.use(code, offering=cast.offering(first_day=cast.now.date() + timedelta(days=5)))
    cast.at(cast.now + timedelta(minutes=5))
    old = Card.objects.get(digest__in=code_digests(code))
    replace_card(old, new, reason=ReplaceReason.LOST, by=cast.aino, now=cast.now)
    card = own(new)
    assert not own_uses(card).exists()
    assert hidden_before(card) == cast.now.date()
    cast.use(new, by=cast.salla)
    assert [use.venue.name_fi for use in own_uses(card)] == ["Kajaanin uimahalli"]


def test_look_ups_of_the_day_of_a_new_secret_are_not_shown(cast: Cast):
    """P7: they are counted by the day, and the morning's tell of a use in the morning."""
    card = own(cast.card())
    today = cast.now.date()
    for day in (today, today + timedelta(days=1)):
        LookUps.objects.create(card=card, role="venue", day=day, number=day.day)
    CardFact.objects.create(card=card, kind=CardFactKind.SECRET, at=cast.now, entered_at=cast.now)
    card = Card.objects.select_related("access").get(pk=card.pk)
    assert [row.day for row in own_look_ups(card)] == [today + timedelta(days=1)]


def test_without_an_own_secret_there_are_no_uses(cast: Cast):
    code = cast.card()
    cast.use(code)
    card = Card.objects.get(digest__in=code_digests(code))
    assert not own_uses(card).exists()
    assert not own_look_ups(card).exists()


def test_a_look_up_from_before_tells_of_no_use_either(cast: Cast):
    code = cast.card()
    card = own(code)
    LookUps.objects.create(card=card, role="venue", day=cast.now.date() - timedelta(days=1), number=1)
    LookUps.objects.create(card=card, role="venue", day=cast.now.date(), number=2)
    assert [row.number for row in own_look_ups(card)] == [2]


def test_a_disputed_use_is_settled_by_its_venue(cast: Cast):
    code = cast.card()
    card = own(code)
    cast.use(code)
    record = Record.objects.get()
    before = live_table(cast.now)
    assert dispute_use(record, card=card, now=cast.now)
    assert not dispute_use(record, card=card, now=cast.now)
    change = record.changes.get()
    assert (change.kind, change.by, change.workplace) == (ChangeKind.DISPUTED, None, None)
    # It counts until the venue has said otherwise, and taking it back is a reversal, not a settlement.
    assert live_table(cast.now) == before
    assert not settle_use(record, counts=False, by=cast.ville, now=cast.now)
    assert settle_use(record, counts=True, by=cast.ville, now=cast.now)
    assert live_table(cast.now) == before
    assert reverse_use(record, by=cast.ville, now=cast.now, reason=ReversalReason.WRONG_CARD).refusal is None
    assert live_table(cast.now)[-1].uses_total == 0
    assert live_table(cast.now)[-1].cards_taken_into_use == 0


def test_an_undisputed_use_is_still_nothing_to_settle(cast: Cast):
    cast.use(cast.card())
    assert not settle_use(Record.objects.get(), counts=True, by=cast.ville, now=cast.now)


def test_nobody_disputes_anothers_use_or_one_that_has_ended(cast: Cast):
    code = cast.card()
    cast.use(code)
    record = Record.objects.get()
    assert not dispute_use(record, card=own(cast.card()), now=cast.now)
    reverse_use(record, by=cast.ville, now=cast.now)
    assert not dispute_use(record, card=own(code), now=cast.now)
    assert set(record.changes.values_list("kind", flat=True)) == {ChangeKind.REVERSED}


# --- erasing everything -------------------------------------------------------------------------------------------


def test_everything_goes_a_week_later_and_the_sums_stay(cast: Cast):
    code = cast.card(gender="woman", issued=cast.now - timedelta(days=30))
    card = own(code)
    cast.use(code, children=2)
    cast.check(code)
    gathered.write()
    PhoneCard.objects.create(card=card, digest="a phone", made_at=cast.now)
    other = cast.card()
    cast.use(other)
    before = live_table(cast.now)
    wish = ask_erasure(card, now=cast.now)
    assert wish is not None
    assert ask_erasure(card, now=cast.now + timedelta(days=1)) == wish
    assert carry_out_erasures(now=cast.now + timedelta(days=6)) == 0
    cast.at(cast.now + timedelta(days=7))
    assert carry_out_erasures(now=cast.now) == 1
    assert carry_out_erasures(now=cast.now) == 0
    assert cast.check(code).refusal == Refusal.CARD_UNKNOWN
    assert live_table(cast.now) == [
        type(row)(**{name: getattr(row, name) for name in row.__slots__} | {"as_of": cast.now}) for row in before
    ]
    rows = {table: rows for table, rows in everything().items() if table != "TrailEntry"}
    left = [f"{table}.{column}" for table, row, column in cells(rows) if str(card.trail_id.hex) in as_text(row[column])]
    assert left == []
    assert not Card.objects.filter(serial=card.serial).exists()
    assert not Erasure.objects.exists()
    assert not PhoneCard.objects.exists()
    assert not LookUps.objects.filter(card=card.pk).exists()
    cut = Record.objects.get(children=2)
    assert (cut.card, cut.line, cut.content, cut.own_day) == (None, None, "", None)
    assert Card.objects.filter(digest__in=code_digests(other)).exists()
    assert acts()[-1] == Act.HOLDER_ERASED


def cells(rows):
    for table, some in rows.items():
        for row in some:
            for column in row:
                yield table, row, column


def test_the_wish_can_be_taken_back(cast: Cast):
    code = cast.card()
    card = own(code)
    ask_erasure(card, now=cast.now)
    assert keep_after_all(card, now=cast.now)
    assert not keep_after_all(card, now=cast.now)
    assert carry_out_erasures(now=cast.now + timedelta(days=30)) == 0
    assert cast.check(code).allowed
    assert acts()[-2:] == [Act.HOLDER_ASKED_ERASURE, Act.HOLDER_UNDID_ERASURE]


@pytest.mark.database(transaction=True)
@pytest.mark.parametrize("round", range(3))
def test_taken_back_at_the_last_moment_it_is_erased_or_kept_never_both(cast: Cast, at_once, round):
    card, later = own(cast.card()), cast.now + timedelta(days=7)
    ask_erasure(card, now=cast.now)
    work = [lambda: keep_after_all(card, now=later), lambda: carry_out_erasures(now=later)]
    kept, erased = at_once(2, lambda number: work[number]())
    assert (kept, erased) in ((True, 0), (False, 1))
    assert Card.objects.filter(pk=card.pk).exists() == kept == PersonLine.objects.filter(pk=card.line_id).exists()


def test_erased_from_a_list_read_before_both_would_happen(cast: Cast):
    """The control: the wish is asked for once, and not again under the line's lock."""
    card, later = own(cast.card()), cast.now + timedelta(days=7)
    ask_erasure(card, now=cast.now)
    due = list(PersonLine.objects.filter(erasure__due_on__lte=later.date()))
    assert keep_after_all(card, now=later)
    for line in due:
        erase_line(line, now=later)
    assert not Card.objects.filter(pk=card.pk).exists()


@pytest.mark.database(transaction=True)
@pytest.mark.parametrize("round", range(3))
def test_a_use_at_the_same_moment_is_stored_or_refused_never_half(cast: Cast, at_once, round):
    """Recorded first: it stays as a count. Erased first: the code is unknown."""
    code = cast.card()
    card = own(code)
    answer, _erased = at_once(2, lambda number: erase_line(card.line, now=cast.now) if number else cast.use(code))
    assert answer.refusal in (None, Refusal.CARD_UNKNOWN), answer
    assert not Card.objects.filter(pk=card.pk).exists()
    assert not Record.objects.exclude(card=None, line=None, content="").exists()


def test_a_disputed_use_of_an_erased_card_is_settled_all_the_same(cast: Cast):
    """The fact of being taken into use is frozen with the link: neither a settlement nor a reversal breaks on it."""
    code = cast.card()
    card = own(code)
    cast.use(code)
    cast.use(code, by=cast.salla)
    first, second = Record.objects.order_by("pk")
    for record in (first, second):
        dispute_use(record, card=card, now=cast.now)
    erase_line(card.line, now=cast.now)
    assert settle_use(first, counts=True, by=cast.ville, now=cast.now)
    assert reverse_use(second, by=cast.salla, now=cast.now).refusal is None
    (row,) = live_table(cast.now)
    assert (row.uses_total, row.cards_taken_into_use) == (1, 1)
