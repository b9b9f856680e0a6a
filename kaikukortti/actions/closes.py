"""The yearly close: the row is stored and the year locked; a later revision says what has changed (rule 31)."""

from datetime import datetime

from django.db import transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.trail import note as note_act
from kaikukortti.figures.yearly import STORED, count_year
from kaikukortti.models import NetworkVersion, YearClose
from kaikukortti.rules.closes import refuse_close
from kaikukortti.terms.closes import CloseRefusal
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.roles import Role
from kaikukortti.terms.trail import Act


@transaction.atomic
def close_year(
    year: int, *, by: Actor, now: datetime, note: str = "", after: int | None = None
) -> YearClose | CloseRefusal:
    """Store the year as the ledger stands now: revision 1, later n + 1 with a note that everyone sees.

    `after` is the newest revision that was seen: a form sent twice, or by two people, closes once.
    From the first close on, venues' records and reversals of the year's days are refused `period-closed`; a
    coordinator enters them as corrections, and they are published with the next revision. Raises NotAllowed for
    anyone but the national service.
    """
    by.need(Role.NATIONAL)
    # First, so that two closes queue here and the second one sees the first. It also tells every app server, which
    # is why the network is not read again before the close is stored.
    NetworkVersion.bump()
    newest = YearClose.objects.filter(year=year).order_by("-revision").first()
    revision = newest.revision if newest else 0
    row = count_year(year, at=now, network=by.network) if year < helsinki_day(now).year else None
    refusal = refuse_close(
        year, today=helsinki_day(now), known=row is not None, newest_revision=revision, note=note, after=after
    )
    if refusal is not None or row is None:
        transaction.set_rollback(True)
        return refusal or CloseRefusal.NOTHING_KNOWN
    close = YearClose.objects.create(
        year=year,
        revision=revision + 1,
        as_of=now,
        by=by.user,
        note=note.strip(),
        **{column: row[column] for column in STORED},
    )
    note_act(Act.YEAR_CLOSED, by=by, now=now, subject=close.pk)
    return close
