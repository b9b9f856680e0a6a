"""Recording by calls: replays, conflicts, together, what a ticket agent may do, reversals."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kaikukortti.models import Record
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.policies import Policy
from tests.api.test_check import typo, unknown_code

pytestmark = pytest.mark.database


def row(cast, code, **more):
    return {"id": str(uuid4()), "code": code, "day": cast.now.date().isoformat(), **more}


def test_a_use_is_recorded_and_read_back(cast, caller):
    routa, asked = caller("routa"), row(cast, cast.card(), children=2)
    told = routa.use(asked)
    assert told == {
        "id": asked["id"],
        "status": "recorded",
        "refusal": None,
        "message": {"fi": told["message"]["fi"], "sv": told["message"]["sv"], "en": "Recorded."},
    }
    assert routa.get(f"/uses/{asked['id']}").body == told
    record = Record.objects.get()
    assert (record.holder, record.children, record.source, record.happened) == (1, 2, "online", False)


def test_every_form_of_leaving_out_takes_the_default(cast, caller):
    routa = caller("routa")
    left_out = row(cast, cast.card())
    nulls = dict.fromkeys(
        ("offering", "kind", "at", "source", "holder", "children", "assistants", "clients", "workers", "until")
    )
    spelt_out = {
        "kind": "ticket",
        "source": "online",
        "holder": 1,
        "children": 0,
        "assistants": 0,
        "clients": 0,
        "workers": 0,
        "happened": False,
    }
    assert routa.use(left_out)["status"] == "recorded"
    assert routa.use({**left_out, **nulls, "happened": None})["status"] == "recorded"
    assert routa.use({**left_out, **spelt_out, "code": f"  {left_out['code'].lower()}"})["status"] == "recorded"
    assert Record.objects.count() == 1


def test_the_same_id_gives_the_first_answer_and_other_content_a_conflict(cast, caller):
    routa, asked = caller("routa"), row(cast, cast.card(minors=0), children=2)
    first = routa.use(asked)
    assert (first["status"], first["refusal"]) == ("flagged", "too-many-children")
    assert routa.use(asked) == first
    conflict = routa.use({**asked, "children": 1})
    assert (conflict["status"], conflict["refusal"]) == ("conflict", None)
    assert routa.post(f"/uses/{asked['id']}/reverse", {"reason": "test"}).status == 200
    assert routa.use(asked) == first
    assert caller("routa").use(asked) == first
    assert Record.objects.count() == 1


def test_an_id_belongs_to_the_workplace_that_made_it(cast, caller):
    asked = row(cast, cast.card())
    assert caller("routa").use(asked)["status"] == "recorded"
    assert caller("hall").use(asked)["status"] == "recorded"
    assert caller("tapiola").get(f"/uses/{asked['id']}").status == 404


def test_refusals_store_nothing_and_are_judged_anew(cast, caller):
    routa, code = caller("routa"), cast.blank()
    asked = row(cast, code)
    assert routa.use(asked)["refusal"] == "card-unregistered"
    assert routa.get(f"/uses/{asked['id']}").status == 404
    office = caller("office")
    assert office.post("/cards", {"code": code, "birth_year": 1980, "postal_code": "87100", "minors": 0}).status == 201
    assert routa.use(asked)["status"] == "recorded"


def test_together_writes_all_or_nothing(cast, caller):
    routa = caller("routa")
    good, other, refused = row(cast, cast.card()), row(cast, cast.card()), row(cast, cast.blank())
    answers = routa.uses([good, refused, other], together=True)
    assert [(one["status"], one["refusal"]) for one in answers] == [
        ("refused", "not-together"),
        ("refused", "card-unregistered"),
        ("refused", "not-together"),
    ]
    assert not Record.objects.exists()
    assert [one["status"] for one in routa.uses([good, other], together=True)] == ["recorded", "recorded"]
    new = row(cast, cast.card())
    answers = routa.uses([{**good, "children": 1}, new], together=True)
    assert [(one["status"], one["refusal"]) for one in answers] == [("conflict", None), ("refused", "not-together")]


def test_what_happened_is_stored_and_flagged(cast, caller):
    routa = caller("routa")
    flagged = routa.use(row(cast, cast.blank(), happened=True, source="paper"))
    assert (flagged["status"], flagged["refusal"]) == ("flagged", "card-unregistered")
    assert routa.use(row(cast, unknown_code(), happened=True))["refusal"] == "card-unknown"
    assert routa.use(row(cast, typo(cast.card()), happened=True))["refusal"] == "card-code-typo"
    tomorrow = (cast.now.date() + timedelta(days=1)).isoformat()
    future = routa.use(row(cast, cast.card(), happened=True) | {"day": tomorrow})
    assert (future["status"], future["refusal"]) == ("refused", "too-early-to-record")


def test_a_community_card_counts_clients_and_workers(cast, caller):
    routa, code = caller("routa"), cast.community_card()
    assert routa.use(row(cast, code, clients=4, workers=1))["status"] == "recorded"
    assert routa.use(row(cast, code))["refusal"] == "community-card-needs-clients"
    assert routa.use(row(cast, code, holder=1, clients=4))["refusal"] == "counts-not-for-this-card"
    record = Record.objects.get()
    assert (record.holder, record.clients, record.workers) == (0, 4, 1)


def test_a_community_card_without_anyone_is_not_stored_even_when_it_happened(cast, caller):
    answer = caller("routa").use(row(cast, cast.community_card(), happened=True))
    assert (answer["status"], answer["refusal"]) == ("refused", "community-card-needs-clients")
    assert not Record.objects.exists()


def test_a_ticket_agent_always_names_a_listed_offering(cast, caller):
    luukku, code, event = caller("luukku"), cast.card(), cast.offering()
    assert luukku.use(row(cast, code))["refusal"] == "offering-unknown"
    asked = row(cast, code, offering=str(event.pk))
    assert luukku.use(asked)["status"] == "recorded"
    record = Record.objects.get()
    assert (record.recorder, record.venue) == (cast.workplaces["luukku"], cast.workplaces["routa"])
    assert luukku.get(f"/uses/{asked['id']}").status == 200
    assert caller("routa").get(f"/uses/{asked['id']}").status == 404
    assert caller("routa").post(f"/uses/{asked['id']}/reverse", {"reason": "test"}).status == 404


def test_cents_are_told_only_where_a_policy_covers_a_maximum(cast, caller):
    routa = caller("routa")
    course = cast.offering(kind=OfferingKind.COURSE, price_cents=6000)
    plain = routa.use(row(cast, cast.card(), offering=str(course.pk), kind="course"))
    assert plain.keys() == {"id", "status", "refusal", "message"}
    cast.policy(Policy.COURSE_COVERED, 2500, region="kainuu")
    asked = row(cast, cast.card(), offering=str(course.pk), kind="course")
    told = routa.use(asked)
    assert (told["covered_cents"], told["remainder_cents"]) == (2500, 3500)
    assert routa.use(asked) == told
    assert routa.get(f"/uses/{asked['id']}").body == told
    refused = routa.use(row(cast, cast.blank(), offering=str(course.pk), kind="course"))
    assert refused.keys() == {"id", "status", "refusal", "message"}


def test_a_season_pass_is_one_use(cast, caller):
    hall, code = caller("hall"), cast.card()
    last = (cast.now.date() + timedelta(days=30)).isoformat()
    assert hall.use(row(cast, code, kind="season", until=last))["status"] == "recorded"
    assert hall.use(row(cast, code))["status"] == "already-recorded"


def test_cards_unknown_to_the_caller_pause_after_thirty_rows(cast, caller):
    routa, good = caller("routa"), cast.card()
    rows = [row(cast, unknown_code()) for _ in range(40)]
    answers = routa.uses(rows)
    assert [one["refusal"] for one in answers] == ["card-unknown"] * 30 + ["too-many-tries"] * 10
    assert routa.use(row(cast, good))["refusal"] == "too-many-tries"
    assert caller("routa").use(row(cast, good))["status"] == "recorded"


# --- reversing ----------------------------------------------------------------------------------------------------


def test_a_reversal_is_free_for_a_day_and_gives_its_first_answer_again(cast, caller):
    routa, asked = caller("routa"), row(cast, cast.card())
    routa.use(asked)
    first = routa.post(f"/uses/{asked['id']}/reverse", {"reason": "wrong-count"})
    assert first.status == 200
    assert first.body["reason"] == "wrong-count"
    cast.at(cast.now + timedelta(hours=30))
    assert routa.post(f"/uses/{asked['id']}/reverse", {"reason": "other"}).body == first.body
    for reason in ("because", "", "WRONG-COUNT", "wrong\u0000count", "x" * 500):
        bad = routa.post(f"/uses/{asked['id']}/reverse", {"reason": reason})
        assert (bad.status, bad.body["refusal"], bad.body["field"]) == (422, None, "reason"), reason
    missing = routa.post(f"/uses/{asked['id']}/reverse", {})
    assert (missing.status, missing.body["refusal"]) == (422, "reason-needed")


@pytest.mark.parametrize("body", [{}, {"reason": None}, None])
def test_a_reversal_needs_no_reason_on_the_first_day(cast, caller, body):
    routa, asked = caller("routa"), row(cast, cast.card())
    routa.use(asked)
    answered = routa("POST", f"/uses/{asked['id']}/reverse", body)
    assert (answered.status, answered.body["reason"]) == (200, None)


def test_a_late_reversal_is_the_coordinators(cast, caller):
    routa, asked = caller("routa"), row(cast, cast.card())
    routa.use(asked)
    cast.at(cast.now + timedelta(days=31))
    answered = routa.post(f"/uses/{asked['id']}/reverse", {"reason": "other"})
    assert (answered.status, answered.body["refusal"]) == (422, "too-late-to-record")


def test_a_reversal_gives_the_place_back(cast, caller):
    routa, event = caller("routa"), cast.offering(cap=1)
    asked = row(cast, cast.card(), offering=str(event.pk))
    routa.use(asked)
    other = row(cast, cast.card(), offering=str(event.pk))
    assert routa.use(other)["refusal"] == "offering-full"
    routa.post(f"/uses/{asked['id']}/reverse", {"reason": "wrong-card"})
    assert routa.use(other)["status"] == "recorded"


def test_nothing_is_found_for_another_workplace_or_a_broken_id(cast, caller):
    asked = row(cast, cast.card())
    caller("routa").use(asked)
    hall = caller("hall")
    for path in (f"/uses/{asked['id']}", f"/uses/{uuid4()}", "/uses/nonsense", "/uses/%00"):
        assert hall.get(path).status == 404, path
        assert hall.post(f"{path}/reverse", {"reason": "test"}).status == 404, path


# --- what it costs ------------------------------------------------------------------------------------------------


def queries(work):
    with CaptureQueriesContext(connection) as seen:
        work()
    # A savepoint stands for the transaction that a test already has open.
    return [one["sql"] for one in seen if not one["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


def test_queries_of_one_record_and_of_a_hundred(cast, caller):
    """Over HTTP the caller's own query is one more; a batch of a hundred costs the same few statements, only that
    SQLite takes 999 values a statement and so inserts its rows in pieces."""
    routa, event = caller("routa"), cast.offering(cap=1000)
    cards = [cast.card() for _ in range(101)]
    rows = [row(cast, code, offering=str(event.pk)) for code in cards]
    routa.use(row(cast, cards[0]))
    asked = row(cast, cards[0], offering=str(event.pk))
    one = queries(lambda: routa.use(asked))
    assert len(one) <= 6 + 1, one
    hundred = queries(lambda: routa.uses(rows[1:]))
    assert len(hundred) <= (12 if connection.vendor == "postgresql" else 13), hundred
    assert Record.objects.count() == 102


def test_queries_of_a_check(cast, caller):
    routa, event, code = caller("routa"), cast.offering(), cast.card()
    routa.check(code)
    assert len(queries(lambda: routa.check(code, offering=str(event.pk)))) <= 4
