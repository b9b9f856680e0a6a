"""Printed batches: void until received, made again when spoiled, moved between workplaces; and a new secret later."""

from datetime import timedelta

import pytest

from kaikukortti.actions import batches
from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.batches import (
    AlreadyPrinted,
    NotWhole,
    ask_for_cards,
    begin_printing,
    move_blanks,
    order_batch,
    print_hundreds,
    receive_batch,
    void_batch,
)
from kaikukortti.actions.cards import Holder, Issued, issue_card, life_of, own_card
from kaikukortti.actions.codes import code_digests, make_code, secret_digest
from kaikukortti.actions.giving_secret import give_secret, is_secret_of
from kaikukortti.figures.blanks import blanks_left
from kaikukortti.figures.stock import batches_with_counts, stock_of
from kaikukortti.models import Batch, Card, CardFact, HolderAccess
from kaikukortti.rules.cards import card_state
from kaikukortti.rules.stock import Stock
from kaikukortti.terms.kinds import CardFactKind, CardLayout
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.states import CardState
from tests.cast import NOW, Cast

HOLDER = Holder(birth_year=1980, minors=1, postal_code="87100")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes without the slow offline tag."""
    monkeypatch.setattr(batches, "make_code", lambda **how: make_code(random_tag=True, **how))


def printed(cast: Cast, size: int = 3, *, name: str = "office", by=None):
    batch = order_batch(cast.workplaces[name], size=size, layout="cards", by=by or cast.kaisa, now=NOW)
    batch = begin_printing(batch, by=by or cast.kaisa, now=NOW)
    return batch, [one for made in print_hundreds(batch, by=by or cast.kaisa, now=NOW) for one in made]


def state(code: str, at=NOW) -> CardState:
    return card_state(life_of(Card.objects.get(digest__in=code_digests(code))), at)


@pytest.mark.database
def test_printed_cards_are_void_until_their_workplace_has_them(cast, quick):
    batch, made = printed(cast)
    assert {state(one.code) for one in made} == {CardState.VOID}
    assert blanks_left(cast.workplaces["office"]) == 0
    assert issue_card(made[0].code, by=cast.aino, now=NOW, holder=HOLDER) == Refusal.CARD_VOID
    assert cast.check(made[0].code).refusal == Refusal.CARD_VOID

    later = NOW + timedelta(days=2)
    receive_batch(batch, by=cast.aino, now=later)
    assert {state(one.code, later) for one in made} == {CardState.BLANK}
    assert blanks_left(cast.workplaces["office"]) == 3
    assert isinstance(issue_card(made[0].code, by=cast.aino, now=later, holder=HOLDER), Issued)
    # A second press, a minute later and after a card was given, is calm.
    again = receive_batch(batch, by=cast.aino, now=later + timedelta(minutes=1))
    assert again.received_at == later
    assert CardFact.objects.filter(kind=CardFactKind.RECEIVED).count() == 3


@pytest.mark.database
def test_what_is_stored_of_a_printed_batch_tells_neither_code_nor_secret(cast, quick):
    _batch, made = printed(cast)
    for one in made:
        card = Card.objects.get(serial=one.serial)
        assert card.secret_digest == secret_digest(one.secret, serial=one.serial)
        assert len(one.secret) == 9
        assert len({one.code, one.secret, one.serial}) == 3
        for stored in (str(value) for value in vars(card).values()):
            assert one.code not in stored
            assert one.secret not in stored


@pytest.mark.database
def test_only_the_own_workplace_says_that_it_has_the_cards(cast, quick):
    batch, _made = printed(cast)
    for who in (cast.actor("other"), cast.kaisa, cast.ville, cast.nelli):
        with pytest.raises(NotAllowed):
            receive_batch(batch, by=who, now=NOW)
    assert Batch.objects.get(pk=batch.pk).received_at is None


@pytest.mark.database
def test_a_printing_that_was_cut_off_leaves_void_cards_and_cannot_be_received(cast, quick, monkeypatch):
    monkeypatch.setattr(batches, "HUNDRED", 2)
    batch = order_batch(cast.workplaces["office"], size=5, layout="cards", by=cast.kaisa, now=NOW)
    batch = begin_printing(batch, by=cast.kaisa, now=NOW)
    hundreds = print_hundreds(batch, by=cast.kaisa, now=NOW)
    first = next(hundreds)
    del hundreds  # whoever listened has gone
    assert batch.cards.count() == 2
    assert {state(one.code) for one in first} == {CardState.VOID}
    with pytest.raises(NotWhole):
        receive_batch(batch, by=cast.aino, now=NOW)
    with pytest.raises(AlreadyPrinted):
        begin_printing(batch, by=cast.kaisa, now=NOW)
    assert void_batch(batch, by=cast.kaisa, now=NOW) == 2


@pytest.mark.database
def test_a_batch_voided_while_it_is_printed_ends_there(cast, quick, monkeypatch):
    monkeypatch.setattr(batches, "HUNDRED", 2)
    batch = begin_printing(
        order_batch(cast.workplaces["office"], size=6, layout="cards", by=cast.kaisa, now=NOW), by=cast.kaisa, now=NOW
    )
    hundreds = print_hundreds(batch, by=cast.kaisa, now=NOW)
    next(hundreds)
    void_batch(batch, by=cast.kaisa, now=NOW)
    assert list(hundreds) == []
    assert batch.cards.count() == 2


@pytest.mark.database
def test_a_spoiled_batch_is_voided_but_for_what_was_given_and_made_again(cast, quick):
    batch, made = printed(cast)
    receive_batch(batch, by=cast.aino, now=NOW)
    issue_card(made[0].code, by=cast.aino, now=NOW, holder=HOLDER)
    assert void_batch(batch, by=cast.nelli, now=NOW) == 2
    assert [state(one.code) for one in made] == [CardState.ACTIVE, CardState.VOID, CardState.VOID]
    assert cast.check(made[0].code).allowed
    assert void_batch(batch, by=cast.nelli, now=NOW) == 0
    again = order_batch(batch.workplace, size=2, layout=batch.layout, by=cast.nelli, now=NOW, again=batch)
    assert again.again == batch
    with pytest.raises(NotAllowed):
        void_batch(again, by=cast.aino, now=NOW)


@pytest.mark.database
def test_an_order_goes_only_where_one_looks_after(cast, quick):
    for who, place in (("kainuu", "other"), ("kainuu", "routa"), ("office", "office"), ("routa", "office")):
        with pytest.raises(NotAllowed):
            order_batch(cast.workplaces[place], size=1, layout="cards", by=cast.actor(who), now=NOW)
    order = order_batch(cast.workplaces["other"], size=99_999, layout="office", by=cast.nelli, now=NOW)
    assert (order.size, order.layout) == (10_000, CardLayout.OFFICE)


@pytest.mark.database
def test_a_workplace_asks_for_more_once_and_its_coordinator_prints(cast, quick):
    order = ask_for_cards(size=20, by=cast.aino, now=NOW)
    assert ask_for_cards(size=30, by=cast.aino, now=NOW + timedelta(seconds=1)) == order
    with pytest.raises(NotAllowed):
        ask_for_cards(size=20, by=cast.ville, now=NOW)
    begin_printing(order, by=cast.kaisa, now=NOW)
    assert ask_for_cards(size=30, by=cast.aino, now=NOW) != order


@pytest.mark.database(transaction=True)
def test_of_two_presses_at_once_one_prints(cast, quick, at_once):
    order = ask_for_cards(size=20, by=cast.aino, now=NOW)
    kaisa = cast.kaisa
    answers = at_once(4, lambda _number: begin_printing(order, by=kaisa, now=NOW))
    assert sum(isinstance(answer, Batch) for answer in answers) == 1
    assert sum(isinstance(answer, AlreadyPrinted) for answer in answers) == 3


@pytest.mark.database(transaction=True)
def test_a_card_that_is_given_while_its_batch_is_voided_is_one_or_the_other(cast, quick, at_once):
    batch, made = printed(cast, 4)
    receive_batch(batch, by=cast.aino, now=NOW)
    aino, kaisa = cast.aino, cast.kaisa

    def work(number: int):
        if number == 0:
            return void_batch(batch, by=kaisa, now=NOW)
        return issue_card(made[number].code, by=aino, now=NOW, holder=HOLDER)

    voided, *given = at_once(4, work)
    issued = [answer for answer in given if isinstance(answer, Issued)]
    assert all(answer == Refusal.CARD_VOID for answer in given if answer not in issued)
    assert voided == 4 - len(issued)
    both = Card.objects.filter(facts__kind=CardFactKind.REGISTERED).filter(facts__kind=CardFactKind.VOIDED)
    assert not both.exists()


@pytest.mark.database
def test_blanks_move_between_workplaces_of_one_coordinator_and_the_receiver_gives_them(cast, quick):
    batch, made = printed(cast, name="other", by=cast.nelli)
    oskari = cast.actor("other")
    receive_batch(batch, by=oskari, now=NOW)
    issue_card(made[0].code, by=oskari, now=NOW, holder=Holder(birth_year=1980, minors=0, postal_code="02100"))
    other, office = cast.workplaces["other"], cast.workplaces["office"]
    with pytest.raises(NotAllowed):
        move_blanks(batch.cards.all(), frm=other, to=office, by=cast.kaisa, now=NOW)
    assert move_blanks(batch.cards.all(), frm=other, to=office, by=cast.nelli, now=NOW) == 2
    assert move_blanks(batch.cards.all(), frm=other, to=office, by=cast.nelli, now=NOW) == 0
    assert issue_card(made[1].code, by=oskari, now=NOW) == Refusal.CARD_UNKNOWN
    assert isinstance(issue_card(made[1].code, by=cast.aino, now=NOW, holder=HOLDER), Issued)
    assert (blanks_left(other), blanks_left(office)) == (0, 1)
    moved = CardFact.objects.filter(kind=CardFactKind.MOVED)
    assert [fact.at for fact in moved] == [NOW, NOW]


@pytest.mark.database
def test_the_stock_counts_what_came_went_and_lies_there(cast, quick, django_assert_num_queries):
    office, other = cast.workplaces["office"], cast.workplaces["other"]
    batch, made = printed(cast, 6)
    printed(cast, 2)
    receive_batch(batch, by=cast.aino, now=NOW)
    for one in made[:2]:
        issue_card(one.code, by=cast.aino, now=NOW, holder=HOLDER)
    with django_assert_num_queries(1):
        stocks = stock_of([office.pk, other.pk], now=NOW + timedelta(days=14))
    assert stocks[other.pk] == Stock()
    here = stocks[office.pk]
    assert (here.received, here.given, here.voided, here.drawer, here.on_the_way) == (6, 2, 0, 4, 2)
    assert (here.recently, here.weeks) == (2, 2)
    assert here.weeks_left == 4
    void_batch(batch, by=cast.kaisa, now=NOW)
    here = stock_of([office.pk], now=NOW + timedelta(days=70))[office.pk]
    assert (here.received, here.given, here.voided, here.drawer, here.recently) == (6, 2, 4, 0, 0)
    counts = [(vars(one)["made"], vars(one)["used"], vars(one)["gone"]) for one in batches_with_counts(office)]
    assert counts == [(2, 0, 0), (6, 2, 4)]


@pytest.mark.database
def test_a_new_secret_opens_the_card_in_the_place_of_all_others(cast):
    card = own_card(cast.card(), by=cast.aino)
    assert isinstance(card, Card)
    HolderAccess.objects.create(card=card, digest="chosen", opened_at=NOW, uses_since=NOW.date() - timedelta(days=90))
    secret = give_secret(card, by=cast.aino, now=NOW)
    assert isinstance(secret, str)
    card.refresh_from_db()
    assert is_secret_of(card, secret.lower())
    assert not is_secret_of(card, "0" * 9)
    access = HolderAccess.objects.get(card=card)
    assert (access.digest, access.opened_at, access.uses_since) == ("", None, NOW.date())
    assert card.facts.filter(kind=CardFactKind.SECRET).count() == 1
    with pytest.raises(NotAllowed):
        give_secret(card, by=cast.actor("other"), now=NOW)
    blank, community = own_card(cast.blank(), by=cast.aino), own_card(cast.community_card(), by=cast.aino)
    assert isinstance(blank, Card)
    assert isinstance(community, Card)
    assert give_secret(blank, by=cast.aino, now=NOW) == Refusal.CARD_UNREGISTERED
    assert give_secret(community, by=cast.aino, now=NOW) == Refusal.COUNTS_NOT_FOR_THIS_CARD
