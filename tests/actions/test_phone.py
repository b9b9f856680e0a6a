"""A card straight onto the phone: made and given at once, carried behind a link that opens one time."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest

from kaikukortti.actions.cards import Holder, Issued
from kaikukortti.actions.codes import code_digests, link_digest, secret_digest
from kaikukortti.actions.looking_after import block_card
from kaikukortti.actions.phone import (
    Carried,
    carry_card,
    forget_old_phone_links,
    forget_phone,
    issue_onto_phone,
    link_again,
    link_waits,
    new_link,
    read_phone,
    replace_onto_phone,
    take_link,
)
from kaikukortti.figures.blanks import blanks_left
from kaikukortti.models import Batch, Card, PhoneCard, PhoneLink, Record
from kaikukortti.rules.codes import read_code, read_secret
from kaikukortti.rules.phone import LINK_LASTS
from kaikukortti.terms.kinds import BatchKind, BlockReason, ReplaceReason, Status
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.states import CardState
from tests.doors import as_text, everything

pytestmark = pytest.mark.database

HOLDER = Holder(birth_year=1980, minors=2, postal_code="87100")


def onto_phone(cast, link=None, holder=HOLDER, id=None):
    return issue_onto_phone(link or new_link(), by=cast.aino, now=cast.now, holder=holder, id=id or uuid4())


def take(link, now) -> Carried:
    """What waits behind the link, taken."""
    carried = take_link(link, now=now)
    assert carried is not None
    return carried


def taken(cast) -> Carried:
    """A card that has come onto its holder's phone."""
    link = new_link()
    assert isinstance(onto_phone(cast, link), Issued)
    return take(link, cast.now)


# --- at the desk --------------------------------------------------------------------------------------------------


def test_a_card_onto_the_phone_is_a_card_like_any_other(cast):
    carried = taken(cast)
    assert read_code(carried.code) == carried.code
    assert read_secret(carried.secret) == carried.secret
    card = Card.objects.get()
    assert card.secret_digest == secret_digest(carried.secret, serial=card.serial)
    assert cast.check(carried.code).allowed
    assert cast.check(carried.code).child_places == 2
    assert cast.use(carried.code, offering=cast.offering()).status == Status.RECORDED


def test_stock_does_not_count_it(cast):
    for _ in range(2):
        onto_phone(cast)
    assert blanks_left(cast.workplaces["office"]) == 0
    batch = Batch.objects.get()  # one a workplace and day
    assert (batch.kind, batch.size) == (BatchKind.PHONE, 2)
    cast.at(cast.now + timedelta(days=1))
    onto_phone(cast)
    assert Batch.objects.count() == 2


def test_the_same_id_gives_one_card(cast):
    link, id = new_link(), uuid4()
    assert onto_phone(cast, link, id=id) == onto_phone(cast, link, id=id)
    assert (Card.objects.count(), PhoneLink.objects.count()) == (1, 1)


def test_a_refusal_leaves_nothing_behind(cast):
    before = everything()
    assert onto_phone(cast, holder=Holder(birth_year=2015, minors=0, postal_code="87100")) == Refusal.HOLDER_TOO_YOUNG
    after = everything()
    assert {table for table in after if after[table] != before[table]} <= {"kaikukortti.PepperCanary"}


@pytest.mark.database(transaction=True)
def test_two_presses_at_once_give_one_card(cast, at_once):
    link, id = new_link(), uuid4()
    answers = at_once(4, lambda _number: onto_phone(cast, link, id=id))
    assert len({answer.card for answer in answers}) == 1, answers
    assert Card.objects.count() == 1


# --- the link -----------------------------------------------------------------------------------------------------


def test_the_link_opens_once_and_for_ten_minutes(cast):
    link = new_link()
    onto_phone(cast, link)
    assert link_waits(link, now=cast.now)
    assert link_waits(link, now=cast.now)  # looking takes nothing
    assert take_link(link, now=cast.now + LINK_LASTS) is None
    assert take_link(link, now=cast.now + LINK_LASTS - timedelta(seconds=1))
    assert take_link(link, now=cast.now) is None
    assert not PhoneLink.objects.exists()


def test_neither_link_nor_code_nor_secret_stands_in_the_database(cast):
    """P13"""
    link = new_link()
    onto_phone(cast, link)
    dump = "\n".join(as_text(value) for rows in everything().values() for row in rows for value in row.values())
    carried = take(link, cast.now)
    dump += "\n".join(as_text(value) for rows in everything().values() for row in rows for value in row.values())
    for kept_nowhere in (link, carried.code, carried.secret, carried.key):
        assert kept_nowhere not in dump
    assert link_digest(link) in dump  # the control


@pytest.mark.database(transaction=True)
def test_of_two_phones_at_once_one_gets_the_card(cast, at_once):
    link = new_link()
    onto_phone(cast, link)
    answers = at_once(4, lambda _number: take_link(link, now=cast.now))
    assert [type(answer) for answer in answers if answer is not None] == [Carried], answers
    assert PhoneCard.objects.count() == 1


@pytest.mark.database(transaction=True)
def test_without_the_lock_several_phones_would_get_it(cast, at_once):
    """The control: looking first and forgetting afterwards."""
    link = new_link()
    onto_phone(cast, link)

    def carelessly(_number):
        row = PhoneLink.objects.filter(digest=link_digest(link)).first()
        time.sleep(0.2)
        PhoneLink.objects.filter(digest=link_digest(link)).delete()
        return row

    assert sum(row is not None for row in at_once(3, carelessly)) > 1


def test_a_new_link_in_place_of_one_that_did_not_work(cast):
    first, second = new_link(), new_link()
    issued = onto_phone(cast, first)
    later = cast.now + timedelta(hours=1)  # it ran out, and is not tidied yet
    for _press in range(2):
        assert link_again(first, second, by=cast.aino, now=later) == Card.objects.get(pk=issued.card)
    assert take_link(first, now=later) is None
    carried = take(second, later)
    assert cast.check(carried.code).allowed
    assert link_again(second, new_link(), by=cast.aino, now=later) is None


def test_another_workplace_makes_no_new_link(cast):
    link = new_link()
    onto_phone(cast, link)
    assert link_again(link, new_link(), by=cast.actor("other"), now=cast.now) is None
    assert link_waits(link, now=cast.now)


def test_a_blocked_card_comes_onto_no_phone(cast):
    link = new_link()
    issued = onto_phone(cast, link)
    card = Card.objects.get(pk=issued.card)
    block_card(card, reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    assert take_link(link, now=cast.now + timedelta(minutes=1)) is None


def test_links_that_ran_out_are_forgotten(cast):
    onto_phone(cast)
    assert forget_old_phone_links(now=cast.now) == 0
    assert forget_old_phone_links(now=cast.now + timedelta(minutes=11)) == 1


# --- paper and phone ----------------------------------------------------------------------------------------------


def test_from_paper_to_phone_last_day_and_counters_go_along(cast):
    paper, offering = cast.card(issued=cast.now - timedelta(days=100)), cast.offering()
    assert cast.use(paper, offering=offering).status == Status.RECORDED
    card, link = Card.objects.get(holder__isnull=False), new_link()
    last = cast.now.date() - timedelta(days=100)
    issued = replace_onto_phone(card, link, reason=ReplaceReason.OTHER_FORM, by=cast.aino, now=cast.now)
    assert isinstance(issued, Issued)
    assert issued.last_valid_day == last.replace(year=last.year + 1) - timedelta(days=1)
    assert replace_onto_phone(card, link, reason=ReplaceReason.OTHER_FORM, by=cast.aino, now=cast.now) == issued
    carried = take(link, cast.now)
    assert cast.check(paper).refusal == Refusal.CARD_REPLACED
    assert cast.use(carried.code, offering=offering).status == Status.ALREADY_RECORDED
    assert Record.objects.count() == 1
    again = replace_onto_phone(card, new_link(), reason=ReplaceReason.LOST, by=cast.aino, now=cast.now)
    assert again == Refusal.CARD_REPLACED


def test_the_holder_puts_the_paper_cards_own_code_on_the_phone(cast):
    mine, foreign = cast.card(), cast.card()
    card = Card.objects.get(digest__in=code_digests(mine))
    assert carry_card(card, foreign, now=cast.now) == Refusal.CARD_UNKNOWN
    assert carry_card(card, mine[:-1], now=cast.now) == Refusal.CARD_CODE_TYPO
    carried = carry_card(card, mine.lower(), now=cast.now)
    assert isinstance(carried, Carried)
    assert (carried.code, carried.secret) == (mine, "")
    assert read_phone(carried.key, now=cast.now).valid
    block_card(card, reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    assert carry_card(card, mine, now=cast.now) == Refusal.CARD_BLOCKED


# --- what the phone may ask ---------------------------------------------------------------------------------------


def test_a_phone_learns_the_state_of_its_card_and_nothing_else(cast):
    carried = taken(cast)
    face = read_phone(carried.key, now=cast.now)
    assert (face.state, face.child_places) == (CardState.ACTIVE, 2)
    assert face.last_day == cast.now.date().replace(year=2027) - timedelta(days=1)
    year_on = read_phone(carried.key, now=cast.now + timedelta(days=365))
    assert (year_on.state, year_on.last_day, year_on.child_places) == (CardState.EXPIRED, face.last_day, 0)
    block_card(carried.card, reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    blocked = read_phone(carried.key, now=cast.now)
    assert (blocked.state, blocked.last_day, blocked.child_places) == (CardState.BLOCKED, None, 0)


def test_an_erased_card_and_no_phone_at_all_look_the_same(cast):
    carried = taken(cast)
    forget_phone(carried.key)
    forget_phone(carried.key)
    assert read_phone(carried.key, now=cast.now) == read_phone("nothing", now=cast.now)
    assert read_phone("nothing", now=cast.now).state is None
