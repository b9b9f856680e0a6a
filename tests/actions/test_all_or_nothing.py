"""An action that fails at any of its steps leaves nothing behind (R3); the control proves the test can fail."""

from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from kaikukortti.actions import uses
from kaikukortti.actions.cards import Holder, issue_card, own_card
from kaikukortti.actions.codes import make_code
from kaikukortti.actions.corrections import reverse_use, settle_use
from kaikukortti.actions.looking_after import block_card, replace_card
from kaikukortti.actions.making import make_cards
from kaikukortti.models import Card, Record
from kaikukortti.rules.corrections import can_settle
from kaikukortti.terms.kinds import RecordKind
from kaikukortti.terms.policies import Policy

pytestmark = pytest.mark.database
WRITES = ("INSERT", "UPDATE", "DELETE")


class PowerCutError(Exception):
    """The step at which everything stops."""


@contextmanager
def cut_at(step):
    """Let the first `step - 1` writing statements through and fail at the next one."""
    seen = 0

    def wrapper(execute, sql, params, many, context):
        nonlocal seen
        if sql.lstrip().startswith(WRITES):
            seen += 1
            if seen == step:
                raise PowerCutError
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield


def everything():
    """Every row of the register."""
    return {
        model.__name__: sorted(map(str, model._default_manager.values_list()))
        for model in apps.get_app_config("kaikukortti").get_models()
    }


def cut_everywhere(action):
    """Run an action cut at its first, second … write until it runs through; says at how many steps it was cut."""
    before = everything()
    for step in range(1, 100):
        try:
            with cut_at(step):
                action()
        except PowerCutError:
            assert everything() == before, f"half an action was left behind at step {step}"
        else:
            assert everything() != before
            return step - 1
    raise AssertionError("the action never ran through")


def holder(minors=1):
    return Holder(birth_year=1980, minors=minors, postal_code="87100")


def test_recording(cast):
    event = cast.offering(cap=9)
    rows = [cast.row(cast.card(), offering=event, children=1) for _ in range(3)]
    assert cut_everywhere(lambda: cast.uses(rows, by=cast.ville)) >= 4
    season = cast.row(cast.card(), kind=RecordKind.SEASON, until=cast.now.date().replace(day=30))
    assert cut_everywhere(lambda: cast.uses([season], by=cast.salla)) >= 3


@pytest.mark.database(transaction=True)
def test_control_without_the_transaction_half_a_record_stays(cast, monkeypatch):
    event = cast.offering(cap=9)
    row = cast.row(cast.card(), offering=event)
    monkeypatch.setattr(uses, "transaction", SimpleNamespace(atomic=nullcontext))
    with pytest.raises(AssertionError, match="half an action"):
        cut_everywhere(lambda: cast.uses([row], by=cast.ville))


def test_making_and_issuing(cast):
    cast.policy(Policy.PENDING_USE, True, region="kainuu")
    codes = [make_code(random_tag=True) for _ in range(2)]
    assert (
        cut_everywhere(lambda: make_cards(cast.workplaces["office"], size=0, by=None, now=cast.now, codes=codes)) >= 4
    )
    code = cast.blank()
    cast.use(code, offering=cast.offering(cap=3))
    assert cut_everywhere(lambda: issue_card(code, by=cast.aino, now=cast.now, holder=holder())) >= 6


def test_blocking_and_replacing(cast):
    card, new = own_card(cast.card(), by=cast.aino), cast.blank()
    assert isinstance(card, Card)
    assert cut_everywhere(lambda: block_card(card, reason="lost", by=cast.aino, now=cast.now)) >= 2
    assert cut_everywhere(lambda: replace_card(card, new, reason="lost", by=cast.aino, now=cast.now)) >= 5


def test_reversing_and_settling(cast):
    event = cast.offering(cap=9)
    code = cast.card()
    own = Record.objects.get(pk=cast.use(code, offering=event).record)
    again = Record.objects.get(pk=cast.use(code, offering=event, happened=True).record)
    assert can_settle(again.refusal)
    assert cut_everywhere(lambda: settle_use(again, counts=True, by=cast.ville, now=cast.now)) >= 2
    assert cut_everywhere(lambda: reverse_use(own, by=cast.ville, now=cast.now)) >= 3
