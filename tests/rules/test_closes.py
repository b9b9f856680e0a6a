"""May a year be closed (rule 31)."""

from datetime import date

import pytest

from kaikukortti.rules.closes import refuse_close
from kaikukortti.terms.closes import CloseRefusal

JANUARY = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({}, None),
        ({"today": date(2026, 12, 31)}, CloseRefusal.YEAR_NOT_OVER),
        ({"today": date(2025, 6, 1)}, CloseRefusal.YEAR_NOT_OVER),
        ({"known": False}, CloseRefusal.NOTHING_KNOWN),
        ({"newest_revision": 1}, CloseRefusal.NOTE_NEEDED),
        ({"newest_revision": 1, "note": "Kajaani was late."}, None),
        ({"newest_revision": 1, "note": "Kajaani was late.", "after": 1}, None),
        ({"newest_revision": 2, "note": "Kajaani was late.", "after": 1}, CloseRefusal.CLOSED_MEANWHILE),
        ({"after": 0}, None),
    ],
)
def test_a_year_is_closed_when_it_is_over_and_later_with_a_note(asked, answer):
    facts = {"today": JANUARY, "known": True, "newest_revision": 0, "note": "", **asked}
    assert refuse_close(2026, **facts) == answer
