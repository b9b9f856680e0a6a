"""Older printed series come in by a file, and every door reads their codes (rule 12)."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from kaikukortti.actions.cards import Holder, Issued, issue_card
from kaikukortti.actions.giving_secret import give_secret
from kaikukortti.actions.misses import DEVICE_AN_HOUR
from kaikukortti.models import Batch, Card, Misses, Series
from kaikukortti.models.snapshot import forget
from kaikukortti.rules.codes import ALPHABET
from kaikukortti.rules.series import GUESS
from kaikukortti.terms.kinds import BatchKind, Status
from kaikukortti.terms.refusals import Refusal
from tests.cast import NOW, Cast
from tests.doors import call, machine

HOLDER = Holder(birth_year=1980, minors=2, postal_code="87100")


@pytest.fixture
def bring(cast: Cast, tmp_path, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)

    def bring_in(*lines: str, **options) -> str:
        file, said = tmp_path / "codes.csv", StringIO()
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        shape = {"name": "Espoo 2015", "prefix": "ESP-", "alphabet": "0123456789", "length": 6}
        given = {**shape, "workplace": cast.workplaces["office"].pk, **options}
        call_command("import_series", str(file), stdout=said, **given)
        return said.getvalue()

    return bring_in


@pytest.mark.database
def test_an_imported_code_lives_through_desk_till_and_calls(cast, bring):
    said = bring("code,serial", "ESP-000017,10000017", "ESP-000018,")
    assert "2 imported, 0 there already, 0 refused, of 2" in said
    assert cast.check("ESP-000017").refusal == Refusal.CARD_UNREGISTERED
    assert isinstance(issue_card("esp 000017", by=cast.aino, now=NOW, holder=HOLDER), Issued)
    card = Card.objects.get(serial="10000017")
    assert (card.series and card.series.name, card.batch.kind) == ("Espoo 2015", BatchKind.SERIES)
    assert cast.check("*ESP000017*").allowed
    assert cast.use("ESP-O00017").status == Status.RECORDED
    answer = call(machine(cast, "routa"), "POST", "/api/v1/check", {"code": "esp-000017"})
    assert answer.json()["refusal"] == Refusal.ALREADY_RECORDED
    assert issue_card("ESP-000018", by=cast.actor("other"), now=NOW, holder=HOLDER) == Refusal.CARD_UNKNOWN
    assert isinstance(give_secret(card, by=cast.aino, now=NOW), str)


@pytest.mark.database
def test_the_same_file_again_changes_nothing_and_a_dry_run_stores_nothing(cast, bring):
    lines = ("code", "ESP-000017", "ESP-000018")
    assert "2 would be imported" in bring(*lines, dry_run=True)
    assert (Card.objects.count(), Series.objects.count(), Batch.objects.count()) == (0, 0, 0)
    forget()
    bring(*lines)
    assert "0 imported, 2 there already, 0 refused, of 2" in bring(*lines)
    assert (Card.objects.count(), Batch.objects.get().size) == (2, 2)


@pytest.mark.database
def test_every_refused_row_is_told_with_its_reason(cast, bring):
    bring("code,serial", "ESP-000017,10000017")
    said = bring(
        "code,serial",
        "ESP-000018,",
        "ESP-00018,",
        "ESP-000018,",
        "ESP-000019,10000017",
        "ESP-000020,17",
        ",",
    )
    assert "line 3: not the shape of the series" in said
    assert "line 4: stands twice in the file" in said
    assert "line 5: the serial number belongs to another card" in said
    assert "line 6: the serial number has not eight digits" in said
    assert "1 imported, 0 there already, 5 refused, of 6" in said


@pytest.mark.database
def test_a_code_that_another_would_be_read_for_is_refused(cast, bring):
    shape = {"prefix": "", "alphabet": ALPHABET, "length": 10}
    said = bring("code", "7KM9QX2TR7", "7KM9QX2TR8", name="Ten", **shape)
    assert "line 2: reads as a code of ours" in said
    forget()
    assert "line 2: reads as a code of another series" in bring("code", "7KM9QX2TR9", name="Ten again", **shape)
    with pytest.raises(CommandError):
        bring("code", "ESP-000017", name="Ten")
    with pytest.raises(CommandError):
        bring("number", "ESP-000017")
    with pytest.raises(CommandError):
        bring("code", "ESP-000017", workplace=cast.workplaces["routa"].pk)


@pytest.mark.database
def test_guessing_at_a_guessable_series_brings_a_break_sooner(cast, bring):
    bring("code", "ESP-000017")
    cast.card()
    tries = 0
    while cast.check(f"ESP-1{tries:05}", by=cast.ville).refusal != Refusal.TOO_MANY_TRIES:
        tries += 1
        assert tries <= DEVICE_AN_HOUR
    assert tries == DEVICE_AN_HOUR // GUESS
    assert Misses.objects.get().number == DEVICE_AN_HOUR
    cast.at(NOW + timedelta(hours=1))
    assert cast.check("ESP-000017", by=cast.ville).refusal == Refusal.CARD_UNREGISTERED
