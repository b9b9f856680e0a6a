"""The page of the audit trail: a contact person reads the own workplace's entries, and nobody else any (S17, S18)."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kaikukortti.actions.codes import code_digests
from kaikukortti.actions.trail import note
from kaikukortti.models import Card, Membership, TrailEntry
from kaikukortti.terms.kinds import BlockReason
from kaikukortti.terms.trail import Act
from tests.cast import NOW
from tests.web.pages import asked, text

pytestmark = pytest.mark.django_db


def at(name: str, *args: object, language: str = "en") -> str:
    with translation.override(language):
        return reverse(name, args=args)


@pytest.fixture
def aino(signed_in: Any) -> Any:
    return signed_in("office")


def card_of(code: str) -> Card:
    return Card.objects.get(digest=code_digests(code)[-1])


def on_paper(card: Card) -> str:
    """The serial number as card and screens group it."""
    return f"{card.serial[:4]} {card.serial[4:]}"


def acts() -> list[tuple[str, str]]:
    return list(TrailEntry.objects.order_by("number").values_list("act", "subject"))


def test_a_card_that_is_found_opened_and_blocked_is_three_entries(aino: Any, cast: Any):
    card = card_of(cast.card())
    named = str(card.trail_id)
    before = len(acts())
    aino.post(at("find-card"), {"wanted": card.serial}, follow=True)
    aino.post(at("block-card", card.pk), {"reason": BlockReason.LOST, "sure": "1"})
    assert acts()[before:] == [("card-found", named), ("card-opened", named), ("card-blocked", named)]
    entry = TrailEntry.objects.order_by("number").last()
    assert entry is not None
    assert entry.by is not None
    assert (entry.by.name, entry.workplace) == ("Aino", cast.workplaces["office"])


def test_the_contact_person_reads_who_opened_which_card_and_when(aino: Any, cast: Any):
    card = card_of(cast.card())
    aino.get(at("card", card.pk))
    page = aino.get(at("trail"))
    said = text(page)
    assert f"18:55 card opened {on_paper(card)} Aino" in said
    assert f"card given {on_paper(card)} Aino" in said
    assert at("card", card.pk) in page.content.decode()
    # Reading is an entry too.
    assert acts()[-1] == ("trail-read", "")
    assert "audit trail read" in text(aino.get(at("trail")))


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_it_speaks_the_reader_s_language(aino: Any, cast: Any, language: str):
    cast.card()
    said = text(aino.get(at("trail", language=language)))
    assert {"fi": "kortti annettu", "sv": "kort utdelat"}[language] in said


def test_the_team_page_leads_the_contact_person_there(aino: Any, signed_in: Any):
    assert at("trail") in aino.get(at("team")).content.decode()
    assert at("trail") not in signed_in("routa").get(at("team")).content.decode()


def test_nobody_but_a_contact_person_reads_it(aino: Any, cast: Any):
    Membership.objects.filter(workplace=cast.workplaces["office"]).update(is_contact=False)
    assert aino.get(at("trail")).status_code == 403
    assert not TrailEntry.objects.filter(act=Act.TRAIL_READ).exists()


def test_a_workplace_reads_its_own_entries_only(aino: Any, signed_in: Any, cast: Any):
    """The national service does not learn here which workplace gave a card (who sees what)."""
    card = card_of(cast.card())
    aino.get(at("card", card.pk))
    for name in ("national", "other"):
        said = text(signed_in(name).get(at("trail")))
        assert on_paper(card) not in said
        assert "Aino" not in said
        assert "There is no entry of this kind." in said


def test_by_act_and_by_day(aino: Any, cast: Any):
    note(Act.CARD_FOUND, by=cast.aino, now=NOW - timedelta(days=3), subject=card_of(cast.card()).trail_id)
    note(Act.BATCH_RECEIVED, by=cast.aino, now=NOW, subject=12)
    table = text(aino.get(at("trail"), {"act": "card-found"})).split("By whom")[1]
    assert "card found" in table
    assert "cards received" not in table
    that_day = text(aino.get(at("trail"), {"on": "2026-11-21"})).split("By whom")[1]
    assert "21 November 2026" in that_day.replace("\xa0", " ")
    assert "cards received" not in that_day
    assert "There is no entry of this kind." in text(aino.get(at("trail"), {"on": "2026-11-01"}))
    assert aino.get(at("trail"), {"on": "yesterday"}).status_code == 422
    assert aino.get(at("trail"), {"act": "nonsense"}).status_code == 422


def test_an_erased_card_is_named_no_more(aino: Any, cast: Any):
    card = card_of(cast.blank())
    serial = on_paper(card)
    aino.get(at("card", card.pk))
    assert serial in text(aino.get(at("trail")))
    card.facts.all().delete()
    card.delete()
    said = text(aino.get(at("trail")))
    assert serial not in said
    assert "card opened a card that has been erased Aino" in said


def test_the_page_asks_as_often_for_one_entry_as_for_three(aino: Any, cast: Any):
    aino.get(at("card", card_of(cast.card()).pk))
    aino.get(at("trail"))
    once = asked(aino.get, at("trail"))
    for _number in range(3):
        aino.get(at("card", card_of(cast.card()).pk))
    assert asked(aino.get, at("trail")) == once


def test_many_entries_come_page_by_page(aino: Any, cast: Any):
    for number in range(60):
        note(Act.BATCH_RECEIVED, by=cast.aino, now=NOW, subject=number)
    page = aino.get(at("trail"), {"act": "batch-received"})
    assert "Page 1 of 2" in text(page)
    assert "act=batch-received&amp;page=2" in page.content.decode()
    assert len(page.content) < 60_000
