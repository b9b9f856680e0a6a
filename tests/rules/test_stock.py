"""How long blank cards last, and how many to order."""

from hypothesis import given
from hypothesis import strategies as st

from kaikukortti.rules.stock import FEWEST, MOST, Stock


def test_the_pace_of_eight_weeks_says_how_long_the_drawer_lasts():
    stock = Stock(drawer=30, given=200, recently=80)
    assert (stock.pace, stock.weeks_left, stock.soon_out) == (10, 3, True)
    assert stock.to_order == 130
    assert not Stock(drawer=50, recently=80).soon_out


def test_a_new_workplace_is_judged_by_the_weeks_it_has_had():
    assert Stock(drawer=10, recently=10, weeks=2).weeks_left == 2
    assert Stock(drawer=10, recently=10, weeks=0.1).weeks_left == 1


def test_without_a_pace_nobody_can_tell():
    quiet = Stock(drawer=5, given=40)
    assert (quiet.pace, quiet.weeks_left, quiet.soon_out, quiet.to_order) == (None, None, False, FEWEST)


def test_an_empty_drawer_is_empty_whatever_the_pace():
    assert Stock().weeks_left == 0
    assert Stock().soon_out
    assert not Stock(on_the_way=100).soon_out


@given(st.builds(Stock, drawer=st.integers(0, 10**5), recently=st.integers(0, 10**5), weeks=st.floats(0, 8)))
def test_what_one_press_orders_can_always_be_ordered(stock):
    assert FEWEST <= stock.to_order <= MOST
    assert stock.to_order % 10 == 0
