"""Limits on guessing: only misses are counted, and the other tills go on (S5, S6)."""

import logging
from datetime import timedelta

import pytest

from kaikukortti.actions import misses
from kaikukortti.actions.actor import Actor
from kaikukortti.actions.codes import random_code
from kaikukortti.models import Membership, Misses, Record, User
from kaikukortti.terms.kinds import Status
from kaikukortti.terms.refusals import Refusal

pytestmark = pytest.mark.database


def guess(cast, times, **how):
    return [cast.check(random_code(), **how).refusal for _ in range(times)]


def test_a_till_that_guesses_takes_a_break_and_the_others_go_on(cast):
    code = cast.card()
    assert set(guess(cast, misses.DEVICE_AN_HOUR)) == {Refusal.CARD_UNKNOWN}
    assert cast.check(code).refusal == Refusal.TOO_MANY_TRIES
    assert cast.use(code).refusal == Refusal.TOO_MANY_TRIES
    assert cast.check(code, by=cast.salla).allowed
    cast.at(cast.now + misses.PAUSE)
    assert cast.check(code).allowed


def test_known_cards_never_start_a_break(cast):
    code = cast.card()
    for _ in range(misses.DEVICE_AN_HOUR * 2):
        assert cast.check(code).allowed
    assert not Misses.objects.exists()


def test_typos_count_as_misses_and_the_hour_passes(cast):
    for _ in range(misses.DEVICE_AN_HOUR - 1):
        cast.check("7KM9QX2TR8")
    cast.at(cast.now + timedelta(hours=1))
    assert cast.check("7KM9QX2TR8").refusal == Refusal.CARD_CODE_TYPO
    assert cast.check(cast.card()).allowed


def test_a_batch_of_guesses_is_cut_short_and_stores_nothing_of_the_rest(cast):
    rows = [cast.row(random_code(), happened=True) for _ in range(misses.DEVICE_AN_HOUR + 20)]
    answers = cast.uses(rows)
    assert [a.refusal for a in answers].count(Refusal.TOO_MANY_TRIES) == 20
    assert Record.objects.count() == misses.DEVICE_AN_HOUR
    assert cast.uses([cast.row(cast.card())])[0].status == Status.REFUSED


def test_in_a_batch_of_guesses_the_known_cards_after_the_limit_do_not_stand_out(cast):
    """Else one batch would try five hundred codes, and the next one after the break five hundred more."""
    code = cast.card()
    for _ in range(2):
        answers = cast.uses([cast.row(random_code()) for _ in range(misses.DEVICE_AN_HOUR + 1)] + [cast.row(code)])
        assert answers[-1].refusal == Refusal.TOO_MANY_TRIES
        assert answers[misses.DEVICE_AN_HOUR].refusal == Refusal.TOO_MANY_TRIES
        cast.at(cast.now + misses.PAUSE)
    assert not Record.objects.exists()


def test_known_cards_before_the_limit_are_recorded(cast):
    answers = cast.uses([cast.row(cast.card())] + [cast.row(random_code()) for _ in range(misses.DEVICE_AN_HOUR + 1)])
    assert answers[0].status == Status.RECORDED


def test_many_tills_of_one_workplace_are_stopped_at_their_next_miss(cast, monkeypatch):
    monkeypatch.setattr(misses, "WORKPLACE_AN_HOUR", 5)
    routa = cast.workplaces["routa"]
    for number in range(4):
        user = User.objects.create(username=f"till{number}", name="Till", made_at=cast.now)
        Membership.objects.create(user=user, workplace=routa, since=cast.now)

    def tills():
        members = Membership.objects.filter(workplace=routa).select_related("user").order_by("pk")
        return [Actor(workplace=routa, user=one.user, membership=one) for one in members]

    for till in tills():
        guess(cast, 1, by=till)
    assert cast.check(cast.card(), by=tills()[-1]).refusal == Refusal.TOO_MANY_TRIES
    assert cast.check(cast.card(), by=tills()[0]).allowed


def test_a_register_wide_alarm_is_logged_without_any_code(cast, monkeypatch, caplog):
    monkeypatch.setattr(misses, "REGISTER_AN_HOUR", 3)
    with caplog.at_level(logging.ERROR, logger="kaikukortti.guessing"):
        logging.getLogger("kaikukortti").propagate = True
        guess(cast, 3)
    assert "guessing alarm: 3 unknown codes" in caplog.text
