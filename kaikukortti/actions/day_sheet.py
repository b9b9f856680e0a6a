"""The day sheet of a till: what is on from yesterday to three days ahead, with places and policies, as plain values.

It holds nothing about any card. A bounded number of statements, however much is on.
"""

import json
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.places import places_key, places_now
from kaikukortti.models import Offering, Workplace
from kaikukortti.rules.network import refuse_venue
from kaikukortti.rules.situation import region_of_use
from kaikukortti.rules.uses import more_children_stored
from kaikukortti.terms.days import helsinki_day, in_utc
from kaikukortti.terms.kinds import OfferingKind, usual_kind
from kaikukortti.terms.policies import REFUSED as NOT_STORED
from kaikukortti.terms.policies import STORED, Policy
from kaikukortti.terms.roles import Role

BEFORE, AHEAD = 1, 3
MOST_OFFERINGS = 200


def day_sheet(*, by: Actor, now: datetime) -> dict[str, Any]:
    """The sheet of the actor's device; `etag` changes with anything on it but the instant it was made."""
    today = helsinki_day(now)
    days = [today + timedelta(days=ahead) for ahead in range(-BEFORE, AHEAD + 1)]
    only = by.device.offering_id if by.device else None
    venue, net = by.facts, by.network
    region = region_of_use(net, venue, None, today)
    sheet: dict[str, Any] = {
        "workplace": Workplace.objects.only("name_fi", "name_sv", "name_en").get(pk=by.workplace.pk).in_three,
        "today": today.isoformat(),
        "days": [_day(by, day) for day in days],
        "offerings": _offerings(by, days, only=only, now=now),
        "policies": {
            "children_above": STORED if more_children_stored(net, venue, None, today) else NOT_STORED,
            "pending_use": bool(net.policy(Policy.PENDING_USE, today, region=region)),
        },
        "unlisted": net.policy(Policy.UNLISTED, today, region=region, venue=venue.id),
        "series": [
            {"id": one.id, "prefix": one.prefix, "alphabet": one.alphabet, "length": one.length} for one in net.series
        ],
        "gate_offering": str(only) if only else None,
        "ends_at": in_utc(by.device.expires_at) if by.device else None,
    }
    text = json.dumps(sheet, ensure_ascii=False, sort_keys=True)
    return {"etag": sha256(text.encode()).hexdigest()[:32], "as_of": in_utc(now), **sheet}


def _day(by: Actor, day: date) -> dict[str, Any]:
    """A day of the venue's own open admission; a ticket agent has none."""
    region = region_of_use(by.network, by.facts, None, day)
    own = by.role == Role.VENUE and not (by.device and by.device.offering_id)
    open_here = own and refuse_venue(by.network, by.facts, region=region, day=day) is None
    return {"day": day.isoformat(), "region": region, "venue_open": open_here}


def _offerings(by: Actor, days: list[date], *, only: UUID | None, now: datetime) -> list[dict[str, Any]]:
    rows = Offering.objects.recordable_by(by.workplace).filter(
        published_at__lte=now, first_day__lte=days[-1], last_day__gte=days[0]
    )
    if only is not None:
        rows = rows.filter(pk=only)
    rows = rows.order_by("first_day", "starts_at", "name_fi", "pk")
    found = [one for one in rows[:MOST_OFFERINGS] if any(one.facts.offered_on(day) for day in days)]
    today = days[BEFORE]
    places = places_now([(one.facts, one.places) for one in found], [today], now=now)
    told = []
    for one in found:
        facts = one.facts
        here = by.network.workplaces[facts.venue]
        left = places.get(places_key(facts, today))
        on = [day for day in days if facts.offered_on(day)]
        regions = {day: region_of_use(by.network, here, facts, day) for day in on}
        told.append(
            {
                "id": facts.id,
                "name": one.in_three,
                "kind": facts.kind,
                "first_day": facts.first_day.isoformat(),
                "last_day": facts.last_day.isoformat(),
                "starts_at": in_utc(facts.starts_at),
                "weekdays": facts.weekdays if facts.kind == OfferingKind.OPEN else 127,
                "cancelled": facts.cancelled_at is not None,
                "cap_left": left.left if left else None,
                "children_left": left.children_left if left else None,
                "region_by_day": {day.isoformat(): region for day, region in regions.items()},
                "open_by_day": {
                    day.isoformat(): refuse_venue(by.network, here, region=region, day=day) is None
                    for day, region in regions.items()
                },
                "usual_kind": usual_kind(facts.kind),
                "community_welcome": facts.community_welcome,
                "place": one.place,
            }
        )
    return told
