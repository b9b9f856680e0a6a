"""The daily tidying: what has run out ends, what is kept no longer goes."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from kaikukortti.models import Card, Invitation, LookUps, Misses, RecordChange
from kaikukortti.terms.policies import Policy

pytestmark = pytest.mark.database


def test_what_has_run_out_ends_and_the_rest_stays(cast, monkeypatch, capsys):
    monkeypatch.setattr(timezone, "now", lambda: cast.now)
    cast.policy(Policy.PENDING_USE, True, region="kainuu")
    cast.use(cast.blank())
    cast.check("0000000000")
    Invitation.objects.create(
        workplace=cast.workplaces["routa"],
        name="Uusi",
        digest="x",
        made_at=cast.now,
        expires_at=cast.now + timedelta(7),
    )
    cast.card()
    LookUps.objects.create(card=Card.objects.get(records__isnull=False), role="venue", day=cast.now.date(), number=3)

    call_command("tidy")
    assert (Misses.objects.count(), Invitation.objects.count(), LookUps.objects.count()) == (1, 1, 1)
    assert not RecordChange.objects.exists()

    cast.at(cast.now + timedelta(days=8))
    call_command("tidy")
    assert (Misses.objects.count(), Invitation.objects.count(), LookUps.objects.count()) == (0, 0, 1)
    assert RecordChange.objects.get().kind == "voided"

    cast.at(cast.now + timedelta(days=90))
    capsys.readouterr()
    call_command("tidy")
    assert LookUps.objects.count() == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        "uses void, their card was not registered in seven days: 0",
        "tallies of look-ups older than 90 days: 1",
    ]
