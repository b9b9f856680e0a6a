"""`manage.py retain` over a simulated register of five years: what everyone is shown is the same before and after.

On one database only: the actions are tested on both, and counting all own counts of so many workplaces takes its time.
"""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from kaikukortti.actions import retention
from kaikukortti.actions.actor import Actor
from kaikukortti.actions.closes import close_year
from kaikukortti.models import HolderData, Record, RetentionRun, Workplace, YearClose
from kaikukortti.models.snapshot import forget
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.roles import Role
from tests.actions.test_retention import at, published

pytestmark = pytest.mark.django_db


def test_a_simulated_register_of_five_years_shows_the_same_before_and_after(monkeypatch, capsys):
    now = at(2026, 11, 24)
    monkeypatch.setattr(timezone, "now", lambda: now)
    forget()
    call_command("simulate", cards=300, uses=1500, years=5)
    national = Actor(Workplace.objects.filter(role=Role.NATIONAL).earliest("pk"))
    for year in range(2021, 2026):
        assert isinstance(close_year(year, by=national, now=now), YearClose)
    before = published(now, years=range(2020, 2028))
    records, trios = Record.objects.filter(day__year__lte=2024).count(), HolderData.objects.count()
    assert records > 400

    call_command("retain", "--dry-run")
    assert published(now, years=range(2020, 2028)) == before
    assert Record.objects.filter(line=None).count() == 0
    capsys.readouterr()

    call_command("retain")
    assert capsys.readouterr().out.endswith("is proved.\n")
    assert published(now, years=range(2020, 2028)) == before
    run = RetentionRun.objects.get()
    assert Record.objects.filter(line=None).count() == run.links
    # Season passes and courses that ended in 2025 are still linked.
    linked = Record.objects.filter(day__year__lte=2024, line__isnull=False)
    assert run.links == records - linked.count() > records * 0.9
    assert all(
        (record.until or record.day).year == 2025 or record.offering_kind == OfferingKind.COURSE for record in linked
    )
    assert 0 < run.trios <= trios
    assert run.cards > 50
    assert not HolderData.objects.filter(exact_until__lt=now.date()).exists()
    forget()


def test_a_run_that_is_not_proved_says_so_and_what_to_do(cast, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: cast.now)
    monkeypatch.setattr(retention, "digest_of_sums", lambda at: "x" if RetentionRun.objects.exists() else "y")
    with pytest.raises(CommandError, match="look into it"):
        call_command("retain")
