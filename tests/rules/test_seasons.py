"""The usual periods of a season pass."""

from datetime import date

import pytest

from kaikukortti.rules.seasons import UsualPeriod, last_day_of, usual_periods


@pytest.mark.parametrize(
    ("first", "month", "season", "half"),
    [
        (date(2026, 11, 24), date(2026, 12, 23), date(2026, 12, 31), date(2027, 5, 23)),
        (date(2026, 1, 1), date(2026, 1, 31), date(2026, 5, 31), date(2026, 6, 30)),
        (date(2026, 1, 31), date(2026, 2, 28), date(2026, 5, 31), date(2026, 7, 30)),
        (date(2026, 8, 31), date(2026, 9, 30), date(2026, 12, 31), date(2027, 2, 28)),
        (date(2028, 1, 30), date(2028, 2, 29), date(2028, 5, 31), date(2028, 7, 29)),
        (date(2026, 12, 31), date(2027, 1, 30), date(2026, 12, 31), date(2027, 6, 30)),
    ],
)
def test_each_ends_where_people_expect_it(first, month, season, half):
    ends = [last_day_of(period, first=first) for period in UsualPeriod]
    assert ends == [month, season, half]


def test_two_that_end_on_the_same_day_are_one():
    assert usual_periods(date(2026, 12, 1)) == [
        (UsualPeriod.MONTH, date(2026, 12, 31)),
        (UsualPeriod.HALF_YEAR, date(2027, 5, 31)),
    ]
