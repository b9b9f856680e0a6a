"""The page of retention's proofs, for the national service."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kaikukortti.models import HolderCount, RetentionRun
from tests.cast import NOW

pytestmark = pytest.mark.database


def run(**numbers):
    proved = {"started_at": NOW, "finished_at": NOW, "sums_before": "a" * 64, "sums_after": "a" * 64}
    return RetentionRun.objects.create(**(proved | numbers))


def test_without_runs_it_says_who_starts_them(signed_in):
    page = signed_in("national").get("/en/figures/retention/")
    assert page.status_code == 200
    assert b"starts the command every night" in page.content


def test_runs_say_what_they_did_and_whether_it_is_proved(signed_in):
    run(trios=1204, links=50, cards=3, erased=1)
    run(finished_at=None, sums_after="", trios=7)
    run()
    run(started_at=NOW + timedelta(days=1))
    HolderCount.objects.create(year=2024, cube="all:total", period="2024", cell="", holders=9)
    HolderCount.objects.create(year=2024, cube="all:total", period="2024-H1", cell="", holders=9)
    page = signed_in("national").get("/en/figures/retention/").content.decode()
    assert "1,204" in page
    assert "aaaaaaaa" in page
    assert page.count("proved: every sum is the same") == 2
    assert "not finished; the next run goes on" in page
    assert "differs" not in page
    assert page.count("2024,") == 0
    # Of the runs that found nothing only the newest is shown.
    assert len(page.split('<th scope="row">')) - 1 == 3


def test_a_sum_that_differs_is_told_loudly_and_for_good(signed_in):
    run(sums_after="b" * 64)
    run()
    page = signed_in("national").get("/fi/figures/retention/").content.decode()
    assert "notice warning" in page
    assert "bbbbbbbb" in page


def test_the_number_of_queries_is_the_same_for_one_run_and_for_three(signed_in):
    national = signed_in("national")
    national.get("/en/figures/retention/")
    numbers = []
    for more in (1, 2):
        for _ in range(more):
            run(trios=1)
        with CaptureQueriesContext(connection) as asked:
            national.get("/en/figures/retention/")
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]
