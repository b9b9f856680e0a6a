"""Courses in August: the list, places by code and course, the invoice, and giving a place back."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.courses import bring_courses, give_place, plan_courses, settle_invoice, withdraw_place
from kaikukortti.actions.holds import Wish, keep_places
from kaikukortti.actions.offerings import cancel_offering
from kaikukortti.models import Hold, Offering, Record, RecordChange
from kaikukortti.rules.courses import RowProblem, read_courses
from kaikukortti.rules.offerings import Problem
from kaikukortti.rules.tables import read_text
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.holds import HoldEnd
from kaikukortti.terms.kinds import ChangeKind, OfferingKind, RecordKind, ReversalReason, Status
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal
from tests.actions.test_all_or_nothing import cut_everywhere

pytestmark = pytest.mark.database

AUGUST = datetime(2026, 8, 17, 9, 0, tzinfo=HELSINKI)
HEAD = "Numero;Nimi;Alkaa;Päättyy;Hinta;Paikat;Paikka\n"
ENGLISH = "110101;Englanti 1;7.9.2026;11.12.2026;45,00;5;Opisto\n"
CLAY = "110102;Keramiikka;14.9.2026;4.12.2026;20,00;;Savipaja\n"


@pytest.fixture
def august(cast):
    return cast.at(AUGUST)


def listed(*rows, head=HEAD):
    return read_courses(read_text(head + "".join(rows)))


def bring(cast, *rows, head=HEAD, publish=True):
    return bring_courses(listed(*rows, head=head), by=cast.ville, now=cast.now, publish=publish)


def sizes(plan):
    return len(plan.new), len(plan.changed), len(plan.same), len(plan.wrong), len(plan.missing)


def course(cast, number="110101", **fields):
    first = fields.pop("first_day", date(2026, 9, 7))
    facts = {"last_day": date(2026, 12, 11), "price_cents": 4500, "external_id": number}
    return cast.offering(kind=OfferingKind.COURSE, first_day=first, **{**facts, **fields})


def give(cast, code, where, **how):
    return give_place(code, where.pk, by=cast.ville, now=cast.now, id=how.pop("id", uuid4()), **how)


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_same_list_again_changes_nothing(august):
    assert sizes(bring(august, ENGLISH, CLAY)) == (2, 0, 0, 0, 0)
    english = Offering.objects.get(external_id="110101")
    assert (english.kind, english.sector, english.price_cents, english.cap, english.place) == (
        "course",
        "education",
        4500,
        5,
        "Opisto",
    )
    assert (english.name_fi, english.published_at) == ("Englanti 1", AUGUST)
    before = list(Offering.objects.order_by("pk").values())
    assert sizes(bring(august, ENGLISH, CLAY)) == (0, 0, 2, 0, 0)
    assert list(Offering.objects.order_by("pk").values()) == before


def test_a_changed_row_edits_and_a_missing_one_stays(august):
    bring(august, ENGLISH, CLAY)
    plan = bring(august, ENGLISH.replace("45,00;5", "50,00;8"))
    assert sizes(plan) == (0, 1, 0, 0, 1)
    assert plan.changed[0].changes == {"price_cents": (4500, 5000), "cap": (5, 8)}
    assert [one.external_id for one in plan.missing] == ["110102"]
    english = Offering.objects.get(external_id="110101")
    assert (english.price_cents, english.cap, Offering.objects.count()) == (5000, 8, 2)


def test_a_preview_writes_nothing_and_says_what_the_act_does(august):
    plan = plan_courses(listed(ENGLISH, CLAY), by=august.ville, now=AUGUST)
    assert (sizes(plan), Offering.objects.count()) == ((2, 0, 0, 0, 0), 0)


def test_columns_that_the_list_does_not_have_stay_as_they_are(august):
    bring(august, ENGLISH)
    bring(august, "110101;Englanti A1;7.9.2026;11.12.2026\n", head="Numero;Nimi;Alkaa;Päättyy\n")
    english = Offering.objects.get()
    assert (english.name_fi, english.price_cents, english.cap, english.place) == ("Englanti A1", 4500, 5, "Opisto")


def test_an_office_that_writes_swedish_renames_its_course(august):
    head = "Kursnummer;Namn;Börjar;Slutar\n"
    bring(august, "7;Keramik;7.9.2026;8.9.2026\n", head=head)
    bring(august, "7;Keramik på morgonen;7.9.2026;8.9.2026\n", head=head)
    one = Offering.objects.get()
    assert (one.name_fi, one.name_sv) == ("Keramik på morgonen", "Keramik på morgonen")


def test_a_course_with_a_place_given_keeps_its_first_day(august):
    bring(august, ENGLISH, CLAY)
    english = Offering.objects.get(external_id="110101")
    assert give(august, august.card(), english).status == Status.RECORDED
    later = ENGLISH.replace("7.9.2026", "8.9.2026")
    plan = bring(august, later, CLAY.replace("14.9.2026", "15.9.2026"))
    assert [(one.row, one.problem) for one in plan.wrong] == [(2, Problem.FIRST_DAY_FIXED)]
    assert [one.row.number for one in plan.changed] == ["110102"]
    english.refresh_from_db()
    assert english.first_day == date(2026, 9, 7)


def test_places_are_counted_anew_when_a_cap_comes(august):
    bring(august, CLAY)
    clay = Offering.objects.get()
    for _ in range(2):
        give(august, august.card(), clay)
    clay.refresh_from_db()
    assert clay.taken == 0  # without a cap nothing is counted
    bring(august, CLAY.replace(";;", ";3;"))
    clay.refresh_from_db()
    assert (clay.cap, clay.taken) == (3, 2)
    assert give(august, august.card(), clay).status == Status.RECORDED
    assert give(august, august.card(), clay).refusal == Refusal.OFFERING_FULL


def test_drafts_are_published_when_the_list_is_brought_again(august):
    bring(august, ENGLISH, publish=False)
    english = Offering.objects.get()
    assert english.published_at is None
    assert give(august, august.card(), english).refusal == Refusal.OFFERING_NOT_OPEN
    plan = bring(august, ENGLISH, publish=True)
    assert [one.pk for one in plan.drafts] == [english.pk]
    english.refresh_from_db()
    assert english.published_at == AUGUST


def test_a_cancelled_course_and_a_number_of_something_else_are_rows_to_mend(august):
    bring(august, ENGLISH)
    cancel_offering(Offering.objects.get(), by=august.ville, now=AUGUST)
    august.offering(external_id="110102")
    august.offering("hall", OfferingKind.COURSE, external_id="9")  # another venue's number is nobody's business
    plan = bring(august, ENGLISH, CLAY, "9;Uinti;7.9.2026;8.9.2026;;;\n")
    assert [one.problem for one in plan.wrong] == [Problem.CANCELLED, RowProblem.NOT_A_COURSE]
    assert [row.number for row in plan.new] == ["9"]


def test_only_a_venue_brings_a_list(august):
    for actor in (august.aino, august.luukku, august.kaisa):
        with pytest.raises(NotAllowed):
            bring_courses(listed(ENGLISH), by=actor, now=AUGUST, publish=True)


def test_five_hundred_courses_cost_a_bounded_number_of_statements(august):
    rows = [f"{n};Kurssi {n};7.9.2026;11.12.2026;45,00;5;Opisto\n" for n in range(500)]
    with CaptureQueriesContext(
        connection,
    ) as first:
        assert sizes(bring(august, *rows)) == (500, 0, 0, 0, 0)
    with CaptureQueriesContext(connection) as again:
        assert sizes(bring(august, *rows)) == (0, 0, 500, 0, 0)
    changed = [row.replace("45,00", "50,00") for row in rows]
    with CaptureQueriesContext(connection) as third:
        assert sizes(bring(august, *changed)) == (0, 500, 0, 0, 0)
    # SQLite takes a thousand values a statement, so that writing 500 rows is a few dozen; reading is always the same.
    assert (len(first) <= 40, len(again) <= 10, len(third) <= 40) == (True, True, True), (
        len(first),
        len(again),
        len(third),
    )


@pytest.mark.database(transaction=True)
def test_two_windows_bring_the_same_list_at_once(august, at_once):
    plans = at_once(2, lambda _n: bring(august, ENGLISH, CLAY))
    assert sorted(sizes(plan)[:3] for plan in plans) == [(0, 0, 2), (2, 0, 0)]
    assert Offering.objects.count() == 2


def test_a_list_comes_in_whole_or_not_at_all(august):
    bring(august, ENGLISH, CLAY, publish=False)
    give(august, august.card(), Offering.objects.get(external_id="110101"))
    rows = [ENGLISH.replace("45,00;5", "50,00;8"), CLAY, "3;Ranska;7.9.2026;8.9.2026;;;\n"]
    assert cut_everywhere(lambda: bring(august, *rows, publish=True)) >= 3


@pytest.mark.database(transaction=True)
def test_places_given_while_the_list_comes_in_are_counted_once(august, at_once):
    bring(august, CLAY)
    clay, codes = Offering.objects.get(), [august.card() for _ in range(5)]
    with_cap = CLAY.replace(";;", ";4;")

    def one(n):
        return bring(august, with_cap) if n == 5 else give(august, codes[n], clay)

    answers = at_once(6, one)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    clay.refresh_from_db()
    assert (clay.cap, clay.taken) == (4, Record.objects.count())


# --- places -------------------------------------------------------------------------------------------------------


def test_a_place_says_what_is_covered_and_what_is_left_to_pay(august):
    august.policy(Policy.COURSE_COVERED, 2500, region="kainuu")
    answer = give(august, august.card(), course(august))
    assert (answer.status, answer.covered_cents, answer.remainder_cents, answer.card_ends) == (
        Status.RECORDED,
        2500,
        2000,
        None,
    )
    record = Record.objects.get()
    assert (record.kind, record.day, record.own_day) == (RecordKind.COURSE, AUGUST.date(), date(2026, 9, 7))


def test_enter_twice_gives_one_place(august):
    code, where, row = august.card(), course(august, cap=5), uuid4()
    first, second = give(august, code, where, id=row), give(august, code, where, id=row)
    assert (first.status, first.record) == (second.status, second.record)
    where.refresh_from_db()
    assert (Record.objects.count(), where.taken) == (1, 1)


def test_a_card_that_ends_before_the_course_is_judged_today_and_says_so(august):
    code = august.card(issued=AUGUST - timedelta(days=300))  # until 20 October
    row, where = uuid4(), course(august)
    answer = give(august, code, where, id=row)
    assert (answer.status, answer.card_ends) == (Status.RECORDED, date(2026, 10, 20))
    assert give(august, code, where, id=row) == answer
    expired = august.card(issued=AUGUST - timedelta(days=400))
    assert give(august, expired, where).refusal == Refusal.CARD_EXPIRED


def test_two_courses_a_year_count_in_the_year_a_course_begins(august):
    august.policy(Policy.COURSES_PER_YEAR, 2, region="kainuu")
    autumn = [course(august, str(n)) for n in range(3)]
    spring = [course(august, f"1{n}", first_day=date(2027, 1, 11), last_day=date(2027, 4, 30)) for n in range(3)]
    code = august.card()
    answers = [give(august, code, where) for where in (*autumn, *spring)]
    assert [answer.refusal for answer in answers] == [
        None,
        None,
        Refusal.LIMIT_PER_PERIOD,
        None,
        None,
        Refusal.LIMIT_PER_PERIOD,
    ]
    # The year that is full is the course's, not today's.
    assert [answer.day for answer in answers if answer.day] == [date(2027, 1, 1), date(2028, 1, 1)]


@pytest.mark.database(transaction=True)
def test_courses_for_one_card_at_the_same_moment_keep_the_cap(august, at_once):
    august.policy(Policy.COURSES_PER_YEAR, 2, region="kainuu")
    courses, code = [course(august, str(n)) for n in range(4)], august.card()
    answers = at_once(4, lambda n: give(august, code, courses[n]))
    assert sorted(str(answer.refusal) for answer in answers) == ["None"] * 2 + [str(Refusal.LIMIT_PER_PERIOD)] * 2


def test_a_community_card_where_the_venue_opens_the_course(august):
    code = august.community_card()
    assert give(august, code, course(august, "1"), clients=2, workers=1).refusal == Refusal.COMMUNITY_CARD_NOT_HERE
    where = course(august, "2", community_welcome=True, cap=4)
    assert give(august, code, where).refusal == Refusal.COMMUNITY_CARD_NEEDS_CLIENTS
    assert give(august, code, where, clients=2, workers=1).status == Status.RECORDED
    where.refresh_from_db()
    assert where.taken == 3


@pytest.mark.parametrize("cap", [1, None])
def test_a_hold_number_stands_where_a_code_would(august, cap):
    where = course(august, cap=cap)
    code = august.card()
    kept = keep_places(code, Wish(), by=august.ville, now=AUGUST, offering=where.pk, day=AUGUST.date())
    assert kept.hold is not None
    number = kept.hold.number
    assert give(august, f"K-{number}", where, id=uuid4()).status == Status.RECORDED
    hold = Hold.objects.get()
    assert (hold.end, hold.record_id) == (HoldEnd.FETCHED, Record.objects.get().pk)
    # Once more under the same number: the card has its place.
    assert give(august, f"k{number}", where).status == Status.ALREADY_RECORDED
    assert give(august, "K-99", where).refusal == Refusal.CARD_CODE_TYPO
    assert give(august, f"K-{number}", course(august, "2")).refusal == Refusal.CARD_CODE_TYPO


def test_a_place_costs_what_a_record_costs(august):
    where, other = course(august, "1"), course(august, "2")
    codes = [august.card() for _ in range(3)]
    august.use(codes[0], offering=where, kind=RecordKind.COURSE)
    with CaptureQueriesContext(connection) as a_record:
        august.use(codes[1], offering=other, kind=RecordKind.COURSE)
    with CaptureQueriesContext(connection) as a_place:
        give(august, codes[2], other)
    assert len(a_place) == len(a_record)


# --- the invoice, and giving back ---------------------------------------------------------------------------------


def given(cast, **fields):
    where = course(cast, **fields)
    answer = give(cast, cast.card(), where)
    return where, Record.objects.get(pk=answer.record)


def test_the_newest_word_on_an_invoice_says(august):
    _where, record = given(august)
    for settled, said in ((True, True), (True, False), (False, True), (False, False), (True, True)):
        assert settle_invoice(record, settled=settled, by=august.ville, now=AUGUST) == said
    kinds = list(RecordChange.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [ChangeKind.INVOICED, ChangeKind.UNINVOICED, ChangeKind.INVOICED]
    assert RecordChange.objects.earliest("pk").by == august.ville.user


def test_only_the_venue_ticks_and_withdraws_its_own_course(august):
    _where, record = given(august)
    ticket = Record.objects.get(pk=august.use(august.card()).record)
    for actor, one in ((august.salla, record), (august.aino, record), (august.luukku, record), (august.ville, ticket)):
        with pytest.raises(NotAllowed):
            settle_invoice(one, settled=True, by=actor, now=AUGUST)
        with pytest.raises(NotAllowed):
            withdraw_place(one, by=actor, now=AUGUST)


def test_a_withdrawn_place_is_free_and_counts_in_no_cap(august):
    august.policy(Policy.COURSES_PER_YEAR, 1, region="kainuu")
    where, other, code = course(august, "1", cap=1), course(august, "2"), august.card()
    record = Record.objects.get(pk=give(august, code, where).record)
    assert give(august, code, other).refusal == Refusal.LIMIT_PER_PERIOD
    reversal = withdraw_place(record, by=august.ville, now=AUGUST + timedelta(days=29))
    assert (reversal.refusal, reversal.reason) == (None, ReversalReason.OTHER)
    assert settle_invoice(record, settled=True, by=august.ville, now=AUGUST) is False
    assert give(august, code, other).status == Status.RECORDED
    assert give(august, august.card(), where).status == Status.RECORDED


def test_after_thirty_days_the_coordinator_withdraws(august):
    _where, record = given(august)
    late = AUGUST + timedelta(days=30)
    assert withdraw_place(record, by=august.ville, now=late).refusal == Refusal.TOO_LATE_TO_RECORD
