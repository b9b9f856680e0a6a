"""The news of kept places as the phone card tells it, in three languages at once."""

from datetime import date, datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext, ngettext

from kaikukortti.actions.waiting import News
from kaikukortti.models import Hold, Offering, Waiting
from kaikukortti.rules.holds import kept_at_most, say_number
from kaikukortti.templatetags.look import local_day, local_time
from kaikukortti.terms.days import day_end
from kaikukortti.terms.holds import HoldKind
from kaikukortti.terms.messages import in_three
from kaikukortti.web.holds import spoken_until


def news_words(news: News) -> list[dict[str, Any]]:
    """Each piece of news: its words by language, the number to say at the door, until when it is news."""
    told = [_told(partial(_say_cancelled, one), until=day_end(one.first_day)) for one in news.cancelled]
    told += [_told(partial(_say_kept, one), until=one.expires_at, number=say_number(one.number)) for one in news.holds]
    told += [
        _told(partial(_say_waiting, one), until=kept_at_most(one.offering.facts, day=one.day)) for one in news.waits
    ]
    return told


def _told(say: Any, *, until: datetime, number: str = "") -> dict[str, Any]:
    return {"words": in_three(say), "number": number, "until": int(until.timestamp())}


def _what(offering: Offering, day: date) -> str:
    """ "An evening of contemporary dance, Routa Company, Tue 24 November at 19:00" """
    parts = [str(offering), str(offering.venue), local_day(day)]
    said = ", ".join(parts)
    return f"{said} {local_time(offering.starts_at)}" if offering.starts_at else said


def _say_kept(hold: Hold) -> str:
    what = _what(hold.offering, hold.day)
    first = gettext("Places came free: {what}.") if hold.kind == HoldKind.WAITING else gettext("Kept for you: {what}.")
    then = ngettext(
        "{n} place is kept until {moment}. Show the card or say the number.",
        "{n} places are kept until {moment}. Show the card or say the number.",
        hold.places,
    )
    return f"{first.format(what=what)} {then.format(n=hold.places, moment=spoken_until(hold.expires_at, hold.day))}"


def _say_waiting(row: Waiting) -> str:
    said = gettext("You are on the wait list: {what}. If places come free, it is told here.")
    return said.format(what=_what(row.offering, row.day))


def _say_cancelled(offering: Offering) -> str:
    said = gettext("Cancelled: {what}. Nothing has been used of your card.")
    return said.format(what=_what(offering, offering.first_day))
