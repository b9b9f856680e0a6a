"""What counts, and may a record be reversed or settled, and by whom (rules 28, 30, 31)."""

from datetime import datetime, timedelta

from kaikukortti.terms.kinds import ReversalReason, Status
from kaikukortti.terms.policies import FREE_REVERSAL_HOURS, VENUE_REVERSAL_DAYS
from kaikukortti.terms.refusals import COUNT_WHEN_SETTLED, Refusal


class UnknownReason(ValueError):
    """Not one of rule 30's reasons; doors answer 422 with no refusal."""


def refuse_reversal(
    reason: str, *, entered_at: datetime, now: datetime, coordinating: bool, year_closed: bool
) -> Refusal | None:
    """A venue reverses freely for 24 hours, with a reason for 30 days, then the coordinator does; a closed year is
    the coordinator's (rules 30, 31). Raises UnknownReason before anything else."""
    if reason and reason not in ReversalReason.values:
        raise UnknownReason(reason)
    age = now - entered_at
    if not reason and (age >= timedelta(hours=FREE_REVERSAL_HOURS) or coordinating):
        return Refusal.REASON_NEEDED
    if coordinating:
        return None
    if year_closed:
        return Refusal.PERIOD_CLOSED
    return Refusal.TOO_LATE_TO_RECORD if age >= timedelta(days=VENUE_REVERSAL_DAYS) else None


def counts_at_once(status: str, refusal: str | None) -> bool:
    """Whether a new row counts and takes places from its recording on (rules 6, 28)."""
    return status != Status.PENDING and refusal not in COUNT_WHEN_SETTLED


def can_settle(refusal: str) -> bool:
    """Only likely duplicates and unreadable codes wait for the venue's word on whether they count (rule 28)."""
    return refusal in COUNT_WHEN_SETTLED
