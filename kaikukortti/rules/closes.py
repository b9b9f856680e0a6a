"""May a year be closed (rule 31)."""

from datetime import date

from kaikukortti.terms.closes import CloseRefusal


def refuse_close(
    year: int, *, today: date, known: bool, newest_revision: int, note: str, after: int | None = None
) -> CloseRefusal | None:
    """A year is closed when it is over; a later revision says what has changed.

    `known`: whether the ledger holds anything of the year; nothing known is not a row of zeros. `newest_revision`: 0
    before the first close. `after`: the newest revision the person has seen, None when that is not asked.
    """
    if today.year <= year:
        return CloseRefusal.YEAR_NOT_OVER
    if not known:
        return CloseRefusal.NOTHING_KNOWN
    if after is not None and after != newest_revision:
        return CloseRefusal.CLOSED_MEANWHILE
    if newest_revision and not note.strip():
        return CloseRefusal.NOTE_NEEDED
    return None
