"""Limits on guessing: only misses (unknown codes, typos) are counted, so known cards never start a pause (S5, S6).

One device that misses too often takes a break; when a whole workplace misses too often, its devices take a break at
their next miss, and tills that do not miss go on; when the whole register misses too often, operators are told.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Sum

from kaikukortti.actions.actor import Actor
from kaikukortti.models import Device, Membership, Misses, Token

DEVICE_AN_HOUR = 30
WORKPLACE_AN_HOUR = 150
REGISTER_AN_HOUR = 2000
PAUSE = timedelta(minutes=15)
KEPT = timedelta(days=7)

log = logging.getLogger("kaikukortti.guessing")


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _asking(by: Actor) -> dict[str, Any]:
    """Whose misses are counted: the token's, the till's, else the person's at this workplace."""
    if by.token:
        return {"token": by.token}
    return {"device": by.device} if by.device else {"membership": by.membership}


@transaction.atomic
def count_misses(number: int, *, by: Actor, now: datetime) -> bool:
    """Count misses of the actor's device; True when it now takes a break."""
    hour = _hour(now)
    row, _made = Misses.objects.get_or_create(hour=hour, **_asking(by), defaults={"workplace": by.workplace})
    Misses.objects.filter(pk=row.pk).update(number=F("number") + number)
    row.refresh_from_db()
    of_workplace = Misses.objects.filter(hour=hour, workplace=by.workplace).aggregate(n=Sum("number"))["n"]
    of_register = Misses.objects.filter(hour=hour).aggregate(n=Sum("number"))["n"]
    if of_register >= REGISTER_AN_HOUR:
        log.error("guessing alarm: %s unknown codes in the register this hour", of_register)
    if row.number < DEVICE_AN_HOUR and of_workplace < WORKPLACE_AN_HOUR:
        return False
    log.warning("workplace %s: a till takes a break after %s unknown codes", by.workplace.pk, row.number)
    if by.token:
        Token.objects.filter(pk=by.token.pk).update(paused_until=now + PAUSE)
    elif by.device:
        Device.objects.filter(pk=by.device.pk).update(paused_until=now + PAUSE)
    elif by.membership:
        Membership.objects.filter(pk=by.membership.pk).update(paused_until=now + PAUSE)
    return True


def misses_left(*, by: Actor, now: datetime) -> int:
    """How many more misses the actor's device has this hour."""
    row = Misses.objects.filter(hour=_hour(now), **_asking(by)).first()
    return max(0, DEVICE_AN_HOUR - (row.number if row else 0))


def forget_old_misses(*, now: datetime) -> int:
    """Tallies are kept for a week, for whoever looks into an alarm; says how many went."""
    return Misses.objects.filter(hour__lt=now - KEPT).delete()[0]
