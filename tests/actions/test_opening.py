"""Opening a card's own pages with its secret: what opens, what looks alike, and how guessing is slowed (S5, S6)."""

import logging
from datetime import datetime, timedelta

import pytest

from kaikukortti.actions import opening
from kaikukortti.actions.cards import Issued
from kaikukortti.actions.codes import code_digests, random_code, random_secret, secret_digest
from kaikukortti.actions.looking_after import block_card, replace_card
from kaikukortti.actions.opening import (
    ALARM_AN_HOUR,
    Opening,
    choose_secret,
    forget_old_tries,
    read_name,
    suggest_secrets,
    suggestion_seal,
    try_secret,
)
from kaikukortti.models import Card, CardFact, HolderAccess, SecretTries
from kaikukortti.rules.holder import ADDRESS, CARD, CROWD, PAIR
from kaikukortti.terms.kinds import BlockReason, CardFactKind
from tests.cast import Cast

pytestmark = pytest.mark.database
HOME, LIBRARY = "192.0.2.1", "192.0.2.2"


def with_slip(code: str) -> tuple[Card, str]:
    """The card and the secret that is printed on its slip."""
    card, secret = Card.objects.get(digest__in=code_digests(code)), random_secret()
    card.secret_digest = secret_digest(secret, serial=card.serial)
    card.save(update_fields=["secret_digest"])
    return card, secret


def chosen(card: Card, cast: Cast) -> str:
    """The holder's own secret, chosen now."""
    secret = suggest_secrets()[0]
    assert choose_secret(card, secret, seal=suggestion_seal(secret, card=card), now=cast.now)
    return secret


def opens(cast: Cast, name: str, secret: str, *, address: str = HOME) -> Opening:
    return try_secret(name, secret, address=address, now=cast.now).opening


# --- what opens ---------------------------------------------------------------------------------------------------


def test_the_printed_secret_opens_once_and_then_the_chosen_one_does(cast: Cast):
    code = cast.card()
    card, printed = with_slip(code)
    assert opens(cast, card.serial, printed) == opens(cast, code, printed) == Opening.FIRST
    own = chosen(card, cast)
    assert opens(cast, card.serial, own) == opens(cast, code, own) == Opening.OPEN
    answer = try_secret(card.serial, printed, address=HOME, now=cast.now + timedelta(days=3))
    assert (answer.opening, answer.day, answer.card) == (Opening.OPENED_BEFORE, cast.now.date(), None)


def test_what_does_not_open_looks_alike_and_is_stretched_once(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    code, without = cast.card(), cast.card()
    card, _printed = with_slip(code)
    stretched: list[str] = []

    def stretch(secret: str, *, serial: str) -> str:
        stretched.append(serial)
        return secret_digest(secret, serial=serial)

    monkeypatch.setattr(opening, "secret_digest", stretch)
    unset = Card.objects.get(digest__in=code_digests(without)).serial
    answers = [
        try_secret(name, random_secret(), address=f"198.51.100.{number}", now=cast.now)
        for number, name in enumerate([card.serial, code, unset, without, "12345678", random_code()])
    ]
    assert set(answers) == {opening.Answer(Opening.NOT_TOGETHER)}
    assert len(stretched) == len(answers)


def test_only_a_card_in_somebodys_hands_opens(cast: Cast):
    blank, blank_secret = with_slip(cast.blank())
    assert opens(cast, blank.serial, blank_secret) == Opening.NOT_YET
    community, community_secret = with_slip(cast.community_card())
    assert opens(cast, community.serial, community_secret) == Opening.COMMUNITY
    old, old_secret = with_slip(cast.card())
    assert isinstance(replace_card(old, cast.blank(), reason=BlockReason.STOLEN, by=cast.aino, now=cast.now), Issued)
    # Whoever stole the card may hold its slip as well: what the person did since is not theirs to see.
    assert opens(cast, old.serial, old_secret) == Opening.REPLACED
    blocked, blocked_secret = with_slip(cast.card())
    block_card(blocked, reason=BlockReason.LOST, by=cast.aino, now=cast.now)
    assert opens(cast, blocked.serial, blocked_secret) == Opening.FIRST
    cast.at(cast.now + timedelta(days=500))
    late, late_secret = with_slip(cast.card(issued=cast.now - timedelta(days=400)))
    assert opens(cast, late.serial, late_secret) == Opening.FIRST


def test_a_new_secret_from_the_workplace_ends_the_chosen_one(cast: Cast):
    card, _printed = with_slip(cast.card())
    own = chosen(card, cast)
    HolderAccess.objects.filter(card=card).update(digest="")
    _card, new = with_slip(cast.given[-1])
    assert opens(cast, card.serial, own) == Opening.NOT_TOGETHER
    assert opens(cast, card.serial, new) == Opening.FIRST


@pytest.mark.parametrize(
    ("typed", "read"),
    [("1234 5678", "12345678"), ("1234-5678", "12345678"), ("1234567", None), ("123456789", None), ("", None)],
)
def test_a_serial_is_read_with_spaces_and_hyphens(typed, read):
    assert read_name(typed) == read


def test_a_code_is_read_as_it_is_typed():
    code = random_code()
    assert read_name(f" {code[:3].lower()}-{code[3:6]} {code[6:]}") == code
    assert read_name(code[:-1] + ("A" if code[-1] != "A" else "B")) is None


# --- choosing -----------------------------------------------------------------------------------------------------


def test_only_what_was_suggested_for_this_card_can_be_chosen(cast: Cast):
    card, _printed = with_slip(cast.card())
    other, _printed = with_slip(cast.card())
    secret = suggest_secrets()[0]
    assert not choose_secret(card, secret, seal="", now=cast.now)
    assert not choose_secret(card, secret, seal=suggestion_seal(secret, card=other), now=cast.now)
    assert not choose_secret(card, "AAAAAAAAA", seal=suggestion_seal("AAAAAAAAA", card=card), now=cast.now)
    assert not HolderAccess.objects.exists()


def test_three_fresh_secrets_of_forty_bits(cast: Cast):
    suggested = [suggest_secrets() for _ in range(20)]
    assert len({one for three in suggested for one in three}) == 60
    assert {len(one) for three in suggested for one in three} == {9}


def test_uses_are_shown_from_the_day_the_card_or_its_secret_was_given(cast: Cast):
    """P7"""
    card, _printed = with_slip(cast.card(issued=cast.now - timedelta(days=40)))
    chosen(card, cast)
    assert card.access.uses_since == (cast.now - timedelta(days=40)).date()
    again, _printed = with_slip(cast.card(issued=cast.now - timedelta(days=40)))
    given = cast.now - timedelta(days=2)
    CardFact.objects.create(card=again, kind=CardFactKind.SECRET, at=given, entered_at=given)
    chosen(again, cast)
    assert again.access.uses_since == given.date()


@pytest.mark.database(transaction=True)
def test_of_two_who_choose_at_once_one_does(cast: Cast, at_once):
    card, _printed = with_slip(cast.card())
    secrets = [suggest_secrets()[0] for _ in range(4)]

    def choose(number: int) -> bool:
        one = Card.objects.get(pk=card.pk)
        return choose_secret(one, secrets[number], seal=suggestion_seal(secrets[number], card=one), now=cast.now)

    answers = at_once(4, choose)
    assert sorted(answers) == [False, False, False, True]
    assert opens(cast, card.serial, secrets[answers.index(True)]) == Opening.OPEN


# --- guessing -----------------------------------------------------------------------------------------------------


def guess(cast: Cast, name: str, *, address: str = HOME, times: int = 1) -> list[int]:
    """Seconds of waiting that each guess met."""
    return [try_secret(name, random_secret(), address=address, now=cast.now).seconds for _ in range(times)]


def test_the_first_few_wait_for_nothing_then_one_two_four_seconds_up_to_minutes(cast: Cast):
    card, _printed = with_slip(cast.card())
    assert guess(cast, card.serial, times=PAIR.free + 1) == [0] * (PAIR.free + 1)
    waits: list[int] = []
    for _ in range(14):
        waits.append(*guess(cast, card.serial))
        cast.at(cast.now + timedelta(seconds=waits[-1]))
        assert guess(cast, card.serial) == [0]
    assert waits[:5] == [1, 2, 4, 8, 16]
    assert waits[-1] == PAIR.longest.total_seconds() == 300


def test_a_try_that_waits_is_neither_looked_at_nor_counted(cast: Cast):
    card, printed = with_slip(cast.card())
    guess(cast, card.serial, times=PAIR.free + 2)
    before = list(SecretTries.objects.order_by("digest").values_list("number", flat=True))
    answer = try_secret(card.serial, printed, address=HOME, now=cast.now)
    assert (answer.opening, answer.seconds) == (Opening.WAIT, 1)
    assert list(SecretTries.objects.order_by("digest").values_list("number", flat=True)) == before
    cast.at(cast.now + timedelta(seconds=1))
    assert opens(cast, card.serial, printed) == Opening.FIRST


def test_serial_and_code_are_one_card_and_an_unknown_one_waits_as_well(cast: Cast):
    code = cast.card()
    card, _printed = with_slip(code)
    for one, other in ((card.serial, code), ("12345678", "12345678")):
        guess(cast, one, times=4)
        assert guess(cast, other, times=4) == [0, 0, 1, 1]


def test_from_200_addresses_a_card_is_slowed_and_its_holder_still_comes_in(cast: Cast, caplog, monkeypatch):
    """S6: the crowd waits, an address that has not tried does not, until there are too many of those."""
    card, printed = with_slip(cast.card())
    with caplog.at_level(logging.WARNING, "kaikukortti.guessing"):
        for number in range(CROWD):
            guess(cast, card.serial, address=f"203.0.113.{number}")
    assert guess(cast, card.serial, address="203.0.113.0") == [CARD.longest.total_seconds()]
    assert [record.message for record in caplog.records] == [f"wrong secrets of one card: {CROWD} within a day"]
    cast.at(cast.now + timedelta(seconds=1))
    assert opens(cast, card.serial, printed, address=LIBRARY) == Opening.FIRST
    # From a multitude on everybody waits: a minute, never a day.
    guess(cast, card.serial, address="203.0.113.250")
    monkeypatch.setattr(opening, "MULTITUDE", CROWD)
    answer = try_secret(card.serial, printed, address=LIBRARY, now=cast.now)
    assert (answer.opening, answer.seconds) == (Opening.WAIT, 60)
    cast.at(cast.now + timedelta(seconds=60))
    assert opens(cast, card.serial, printed, address=LIBRARY) == Opening.FIRST


def test_the_holder_is_not_held_up_by_others(cast: Cast):
    card, printed = with_slip(cast.card())
    guess(cast, card.serial, times=PAIR.free + 1)
    for number in range(20):
        guess(cast, card.serial, address=f"203.0.113.{number}")
    assert guess(cast, card.serial, address="203.0.113.0")[0] > 0
    assert opens(cast, card.serial, printed, address=LIBRARY) == Opening.FIRST


def test_one_address_that_tries_many_cards_waits_and_recovers(cast: Cast):
    waits = [guess(cast, f"{20_000_000 + number}")[0] for number in range(ADDRESS.free + 3)]
    assert waits == [0] * (ADDRESS.free + 1) + [1, 1]
    assert guess(cast, "30000000", address=LIBRARY) == [0]
    cast.at(cast.now + timedelta(hours=1))
    assert guess(cast, "30000001", times=1) == [0]


def test_who_holds_one_card_cannot_clear_an_address_by_opening_it(cast: Cast):
    card, printed = with_slip(cast.card())
    for number in range(ADDRESS.free + 2):
        guess(cast, f"{20_000_000 + number}")
    cast.at(cast.now + timedelta(seconds=1))
    guess(cast, "40000000")
    assert try_secret(card.serial, printed, address=HOME, now=cast.now).opening == Opening.WAIT


def test_a_right_secret_is_no_guess(cast: Cast):
    card, printed = with_slip(cast.card())
    for _ in range(100):
        assert opens(cast, card.serial, printed) == Opening.FIRST
    assert set(SecretTries.objects.values_list("number", flat=True)) == {0}


def test_the_whole_register_is_alarmed_once_in_so_many(cast: Cast, caplog, monkeypatch):
    monkeypatch.setattr(opening, "secret_digest", lambda secret, *, serial: "")
    with caplog.at_level(logging.ERROR, "kaikukortti.guessing"):
        for number in range(ALARM_AN_HOUR + 3):
            guess(cast, f"{20_000_000 + number}", address=f"2001:db8::{number:x}")
    said = [record.message for record in caplog.records]
    assert said == [f"guessing alarm: {ALARM_AN_HOUR} wrong secrets in the register this hour"]


def test_neither_card_nor_address_is_kept_and_all_is_forgotten_after_a_day(cast: Cast):
    card, _printed = with_slip(cast.card())
    guess(cast, card.serial, times=3)
    kept = str(list(SecretTries.objects.values()))
    assert card.serial not in kept
    assert HOME not in kept
    assert forget_old_tries(now=cast.now + timedelta(hours=23)) == 0
    assert forget_old_tries(now=cast.now + timedelta(hours=25)) == 4
    assert not SecretTries.objects.exists()


@pytest.mark.database(transaction=True)
def test_a_hundred_tries_at_once_are_a_hundred_tries(cast: Cast, at_once, monkeypatch):
    """Counted before the secret is looked at: of a hundred only the free ones are looked at."""
    card, _printed = with_slip(cast.card())
    looked: list[str] = []

    def look(card: object, secret: str, *, now: datetime) -> opening.Answer:
        looked.append(secret)
        return NOT_TOGETHER

    monkeypatch.setattr(opening, "_look", look)
    at_once(20, lambda number: guess(cast, card.serial, times=5))
    assert len(looked) == PAIR.free + 1


@pytest.mark.database(transaction=True)
def test_counted_after_the_secret_a_hundred_tries_at_once_would_all_be_looked_at(cast: Cast, at_once):
    """The control: the same tries, looked at first and counted afterwards."""
    card, _printed = with_slip(cast.card())
    looked: list[int] = []

    def look_first(number: int) -> None:
        tries = opening._Tries.of(card.serial, address=HOME, now=cast.now)
        if not tries._wait(as_they_stand(tries)):
            looked.append(number)
            tries.count()

    at_once(20, look_first)
    assert len(looked) > PAIR.free + 1


def as_they_stand(tries):
    """The tallies without a lock, and before this try."""
    digests = [*tries.limits, tries.hour]
    rows = {row.digest: row for row in SecretTries.objects.filter(digest__in=digests)}
    return {one: rows.get(one, SecretTries(digest=one, last_at=tries.now)) for one in digests}


NOT_TOGETHER = opening.Answer(Opening.NOT_TOGETHER)
