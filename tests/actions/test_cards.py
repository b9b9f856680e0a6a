"""A card is made, issued, corrected, blocked and replaced (rules 1–13)."""

import time
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from kaikukortti.actions.cards import Holder, IdReused, Issued, MunicipalityNeeded, issue_card, own_card
from kaikukortti.actions.codes import foreign_peppers, make_code, open_tag
from kaikukortti.actions.looking_after import block_card, correct_holder, replace_card
from kaikukortti.actions.making import make_cards
from kaikukortti.models import Card, CardFact, CountedFact, HolderData, PepperCanary, Record
from kaikukortti.models.statements import read_cards
from kaikukortti.terms.kinds import CardFactKind, CountedKind, Status
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal

pytestmark = pytest.mark.database
MATTI = Holder(birth_year=1980, minors=2, postal_code="87100")


def card_of(code, cast):
    card = own_card(code, by=cast.aino)
    assert isinstance(card, Card)
    return card


def test_a_batch_keeps_nothing_readable_of_its_codes(cast):
    made = make_cards(cast.workplaces["office"], size=2, by=cast.nelli, now=cast.now)
    assert len({one.code for one in made}) == 2
    for one in made:
        card = Card.objects.get(serial=one.serial)
        assert one.code not in f"{card.digest} {card.tag_digest} {card.serial}"
        assert one.code.encode() not in bytes(card.sealed_tag)
        assert len(open_tag(bytes(card.sealed_tag))) == 6
        assert [fact.kind for fact in card.facts.all()] == [CardFactKind.MADE]


def test_a_code_or_tag_that_exists_is_made_again(cast):
    first = make_code(random_tag=True)
    make_cards(cast.workplaces["office"], size=0, by=None, now=cast.now, codes=[first])
    again = make_cards(cast.workplaces["office"], size=0, by=None, now=cast.now, codes=[first, first])
    assert first.code not in {one.code for one in again}
    assert Card.objects.count() == 3


def test_a_pepper_of_another_database_is_noticed(cast):
    make_cards(cast.workplaces["office"], size=0, by=None, now=cast.now, codes=[make_code(random_tag=True)])
    assert foreign_peppers() == []
    PepperCanary.objects.update(digest="0" * 64)
    assert foreign_peppers() == [1]


def test_a_card_is_issued_for_a_year(cast):
    answer = issue_card(cast.blank(), by=cast.aino, now=cast.now, holder=MATTI)
    assert isinstance(answer, Issued)
    assert answer.last_valid_day == date(2027, 11, 23)
    fact = CountedFact.objects.get()
    assert (fact.kind, fact.residence_id, fact.residence_area_id, fact.age_band) == ("registration", "205", "18", 1980)
    assert (fact.gender, fact.life_situations, fact.home_language) == (None, None, None)


def test_a_printed_code_is_registered_once_and_a_retry_is_safe(cast):
    code, retry = cast.blank(), uuid4()
    first = issue_card(code, by=cast.aino, now=cast.now, holder=MATTI, id=retry)
    assert issue_card(code, by=cast.aino, now=cast.now, holder=MATTI, id=retry) == first
    assert issue_card(code, by=cast.aino, now=cast.now, holder=MATTI) == Refusal.CARD_ALREADY_REGISTERED
    with pytest.raises(IdReused):
        issue_card(cast.blank(), by=cast.aino, now=cast.now, holder=MATTI, id=retry)
    assert CountedFact.objects.count() == 1


def test_another_workplace_is_told_nothing_of_a_card(cast):
    """Unknown, blank, in use and blocked look the same to another issuer (S7)."""
    oskari = cast.actor("other")
    in_use, blocked = cast.card(), cast.card()
    block_card(card_of(blocked, cast), reason="lost", by=cast.aino, now=cast.now)
    for code in (cast.blank(), in_use, blocked, "7KM9QX2TR7"):
        answer = issue_card(code, by=oskari, now=cast.now, holder=Holder(1980, 0, "02100"))
        assert answer == Refusal.CARD_UNKNOWN
    assert issue_card("7KM9QX2TR8", by=oskari, now=cast.now, holder=MATTI) == Refusal.CARD_CODE_TYPO


@pytest.mark.parametrize(
    ("holder", "refusal"),
    [
        (Holder(2011, 0, "87100"), Refusal.HOLDER_TOO_YOUNG),
        (Holder(1880, 0, "87100"), Refusal.BIRTH_YEAR_IMPLAUSIBLE),
        (Holder(1980, 21, "87100"), Refusal.MINORS_IMPLAUSIBLE),
        (Holder(1980, 0, "99999"), Refusal.POSTAL_CODE_UNKNOWN),
        (Holder(1980, 0), Refusal.POSTAL_CODE_UNKNOWN),
        (Holder(1980, 0, municipality="999"), Refusal.POSTAL_CODE_UNKNOWN),
        (Holder(1980, 0, "00100"), Refusal.MUNICIPALITY_NOT_IN_NETWORK),
        (Holder(1980, 0, "94100"), Refusal.MUNICIPALITY_NOT_IN_NETWORK),
    ],
)
def test_who_may_not_get_a_card_is_told_why(cast, holder, refusal):
    code = cast.blank()
    assert issue_card(code, by=cast.aino, now=cast.now, holder=holder) == refusal
    assert isinstance(issue_card(code, by=cast.aino, now=cast.now, holder=MATTI), Issued)


def test_a_border_code_asks_for_the_municipality(cast):
    code = cast.blank()
    with pytest.raises(MunicipalityNeeded) as needed:
        issue_card(code, by=cast.aino, now=cast.now, holder=Holder(1980, 0, "88999"))
    assert needed.value.codes == ["205", "290"]
    assert isinstance(issue_card(code, by=cast.aino, now=cast.now, holder=Holder(1980, 0, "88999", "290")), Issued)
    assert HolderData.objects.get().municipality_id == "290"


def test_the_municipality_alone_is_enough(cast):
    issue_card(cast.blank(), by=cast.aino, now=cast.now, holder=Holder(1980, 0, municipality="290"))
    assert HolderData.objects.get().postal_code == ""


def test_a_policy_ends_validity_on_a_fixed_day(cast):
    cast.policy(Policy.VALIDITY_ENDS, "2026-12-31", region="kainuu")
    answer = issue_card(cast.blank(), by=cast.aino, now=cast.now, holder=MATTI)
    assert isinstance(answer, Issued)
    assert answer.last_valid_day == date(2026, 12, 31)


def test_a_correction_keeps_what_kind_of_data_changed_and_no_old_value(cast):
    card = card_of(cast.card(minors=2), cast)
    assert correct_holder(card, holder=Holder(1985, 3, "88900"), by=cast.aino, now=cast.now) == {}
    fact = CardFact.objects.get(kind=CardFactKind.CORRECTED)
    assert fact.corrected == ["birth_year", "minors", "municipality", "postal_code"]
    counted = CountedFact.objects.filter(kind=CountedKind.REGISTRATION)
    assert [(one.residence_id, one.withdrawn_at is None) for one in counted.order_by("pk")] == [
        ("205", False),
        ("290", True),
    ]
    refused = correct_holder(card, holder=Holder(2020, 3, "99999"), by=cast.aino, now=cast.now)
    assert list(refused) == ["birth_year", "postal_code"]


def test_a_block_is_in_force_at_once_and_twice_is_calm(cast):
    code = cast.card()
    card = card_of(code, cast)
    assert block_card(card, reason="lost", by=cast.aino, now=cast.now) is None
    assert block_card(card, reason="stolen", by=cast.aino, now=cast.now) is None
    assert cast.check(code).refusal == Refusal.CARD_BLOCKED
    assert CardFact.objects.filter(kind=CardFactKind.BLOCKED).count() == 1
    assert (
        block_card(card_of(cast.blank(), cast), reason="lost", by=cast.aino, now=cast.now) == Refusal.CARD_UNREGISTERED
    )


def test_a_replacement_inherits_the_last_day_and_the_counters(cast):
    cast.policy(Policy.TICKETS_PER_YEAR, 1)
    old, new = cast.card(minors=2, issued=cast.now - timedelta(days=100)), cast.blank()
    last = card_of(old, cast).facts.get(kind=CardFactKind.VALID).until
    assert cast.use(old).status == Status.RECORDED

    answer = replace_card(card_of(old, cast), new, reason="lost", by=cast.aino, now=cast.now)

    assert isinstance(answer, Issued)
    assert (answer.last_valid_day, answer.minors) == (last, 2)
    assert cast.check(old).refusal == Refusal.CARD_REPLACED
    assert cast.check(new).refusal == Refusal.ALREADY_RECORDED
    assert cast.check(new, by=cast.salla).refusal == Refusal.LIMIT_PER_PERIOD
    assert CountedFact.objects.filter(kind=CountedKind.REGISTRATION).count() == 1
    assert (
        replace_card(card_of(old, cast), cast.blank(), reason="lost", by=cast.aino, now=cast.now)
        == Refusal.CARD_REPLACED
    )
    assert Record.objects.get().status == Status.RECORDED


def test_a_use_that_waited_on_the_new_card_follows_it(cast):
    cast.policy(Policy.PENDING_USE, True, region="kainuu")
    old, new, event = cast.card(), cast.blank(), cast.offering()
    assert cast.use(new, offering=event).status == Status.PENDING
    assert isinstance(replace_card(card_of(old, cast), new, reason="broken", by=cast.aino, now=cast.now), Issued)
    assert Record.objects.counting().count() == 1
    assert cast.check(new, offering=event).refusal == Refusal.ALREADY_RECORDED


def test_the_till_reads_the_card_as_the_register_holds_it(cast):
    code = cast.card(minors=3)
    (row,) = read_cards([card_of(code, cast).digest]).values()
    assert (row.minors, row.municipality, row.birth_band, row.community) == (3, "205", 1980, False)
    assert row.life.valid_on(cast.now.date())


@pytest.mark.database(transaction=True)
def test_two_tills_that_wait_for_a_replacement_hold_the_line_it_joined(cast, at_once):
    """The successor's own line is gone when they go on: without the one it joined they would both be the first."""
    cast.policy(Policy.TICKETS_PER_DAY, 1)
    code, new = cast.card(issued=cast.now - timedelta(days=9)), cast.blank()
    cast.use(code, day=cast.now.date() - timedelta(days=1), happened=True)
    old = card_of(code, cast)
    aino, ville, events = cast.aino, cast.ville, [cast.offering(), cast.offering()]

    def work(number):
        if number == 2:
            with transaction.atomic():
                replace_card(old, new, reason="lost", by=aino, now=cast.now)
                time.sleep(0.6)
            return None
        time.sleep(0.3)
        return cast.use(new, offering=events[number], by=ville)

    answers = at_once(3, work)
    assert sorted(str(one.status) for one in answers[:2]) == [Status.RECORDED, Status.REFUSED], answers
    assert Record.objects.filter(day=cast.now.date()).count() == 1


@pytest.mark.database(transaction=True)
def test_a_blank_that_becomes_a_successor_meanwhile_is_not_issued(cast, at_once):
    old, new = card_of(cast.card(), cast), cast.blank()
    aino = cast.aino

    def work(number):
        if number == 1:
            with transaction.atomic():
                replace_card(old, new, reason="lost", by=aino, now=cast.now)
                time.sleep(0.6)
            return None
        time.sleep(0.3)
        return issue_card(new, by=aino, now=cast.now)

    assert at_once(2, work)[0] == Refusal.CARD_ALREADY_REGISTERED


@pytest.mark.parametrize(
    "answer", [{"gender": "Matti"}, {"life_situations": ["student", "Kajaanista"]}, {"home_language": "savo"}]
)
def test_a_voluntary_answer_is_a_value_of_its_list_whatever_the_door(cast, answer):
    """No free text about a holder (P2)."""
    holder = Holder(birth_year=1980, minors=0, postal_code="87100", **answer)
    with pytest.raises(ValueError, match="is not a valid"):
        issue_card(cast.blank(), by=cast.aino, now=cast.now, holder=holder)


def test_a_reason_is_a_value_of_its_list_whatever_the_door(cast):
    card = card_of(cast.card(), cast)
    with pytest.raises(ValueError, match="is not a valid"):
        block_card(card, reason="left it", by=cast.aino, now=cast.now)
    with pytest.raises(ValueError, match="is not a valid"):
        replace_card(card, cast.blank(), reason="left it", by=cast.aino, now=cast.now)
