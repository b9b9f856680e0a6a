"""Days of Helsinki and calendar periods (rules 17, 33)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaikukortti.terms.days import day_end, day_start, helsinki_day, period_of, spoken_day, spoken_time
from kaikukortti.terms.kinds import Period

days = st.dates(date(2015, 1, 1), date(2099, 12, 30))


def test_midnight_is_that_of_helsinki():
    assert helsinki_day(datetime(2026, 11, 24, 22, 30, tzinfo=UTC)) == date(2026, 11, 25)
    assert helsinki_day(datetime(2026, 6, 24, 21, 30, tzinfo=UTC)) == date(2026, 6, 25)


@given(days)
def test_a_day_runs_from_its_start_to_its_end(day):
    """Also on the nights when the clock is moved (R9)."""
    assert helsinki_day(day_start(day)) == helsinki_day(day_end(day)) == day
    assert helsinki_day(day_end(day) + timedelta(microseconds=1)) == day + timedelta(days=1)


@given(days, st.sampled_from(Period))
def test_a_period_holds_its_day_and_meets_the_next(day, period):
    first, last = period_of(day, period)
    assert first <= day <= last
    assert period_of(last + timedelta(days=1), period)[0] == last + timedelta(days=1)
    assert period_of(first, period) == (first, last)


def test_quarters_and_weeks():
    assert period_of(date(2026, 11, 24), Period.QUARTER) == (date(2026, 10, 1), date(2026, 12, 31))
    assert period_of(date(2026, 11, 24), Period.WEEK) == (date(2026, 11, 23), date(2026, 11, 29))


@pytest.mark.parametrize(
    ("language", "day", "time"),
    [("fi", "31.10.2026", "14.05"), ("sv", "31.10.2026", "14.05"), ("en", "31 October 2026", "14:05")],
)
def test_days_and_times_as_they_are_said(language, day, time):
    assert spoken_day(date(2026, 10, 31), language) == day
    assert spoken_time(datetime(2026, 10, 31, 12, 5, tzinfo=UTC), language) == time
