"""Building the network: regions, their phases, municipalities and policies, and the workplaces (rules 14, 15).

Every change is a dated row with its author. A plan may be taken back until its day; what is in force is followed by a
new row. Each action asks the rules first (NotAllowed), returns why not as a value where a form may run into it, and
moves the network's version in the same transaction, so that every server sees it with its next request.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, models, transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.people import granter_of, need_none
from kaikukortti.actions.trail import note
from kaikukortti.models import Municipality, NetworkVersion, PolicyRow, Region, RegionMembership, RegionPhase, Workplace
from kaikukortti.rules.people import refuse_making, refuse_policy, refuse_region, refuse_workplace
from kaikukortti.rules.planning import refuse_membership, refuse_phase, refuse_policy_row, refuse_taking_back
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase
from kaikukortti.terms.trail import Act

log = logging.getLogger("kaikukortti.network")


class SlugTaken(Exception):
    """Another region has this address already."""


# --- regions ----------------------------------------------------------------------------------------------------


@transaction.atomic
def make_region(slug: str, *, texts: Mapping[str, str], by: Actor) -> Region:
    """A new region, without a phase yet: it issues and accepts nothing until one is planned. Raises SlugTaken."""
    by.need(Role.NATIONAL)
    try:
        with transaction.atomic():
            region = Region.objects.create(slug=slug, **texts)
    except IntegrityError as taken:
        raise SlugTaken from taken
    NetworkVersion.bump()
    return region


@transaction.atomic
def edit_region(region: Region, *, texts: Mapping[str, str], by: Actor) -> None:
    """Names and texts of the public page; the address stays, since people have it on paper."""
    need_none(refuse_region(granter_of(by), region.pk))
    Region.objects.filter(pk=region.pk).update(**texts)
    NetworkVersion.bump()


@transaction.atomic
def plan_phase(region: Region, *, phase: Phase, since: date, by: Actor, now: datetime) -> WhyNot | None:
    by.need(Role.NATIONAL)
    why_not = refuse_phase(by.network, region.pk, phase, since=since)
    return why_not or _add(RegionPhase(region=region, phase=phase, since=since), by=by, now=now)


@transaction.atomic
def plan_membership(
    municipality: str, *, region: Region | None, since: date, by: Actor, now: datetime
) -> WhyNot | None:
    """From the day on the municipality belongs to the region, or to none."""
    by.need(Role.NATIONAL)
    why_not = refuse_membership(by.network, municipality, region.pk if region else None, since=since)
    row = RegionMembership(municipality_id=municipality, region=region, since=since)
    return why_not or _add(row, by=by, now=now)


def _add(row: RegionPhase | RegionMembership, *, by: Actor, now: datetime) -> WhyNot | None:
    row.entered_at = now
    row.by = by.user
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return WhyNot.DAY_TAKEN
    NetworkVersion.bump()
    note(Act.NETWORK_CHANGED, by=by, now=now, subject=row.pk)
    return None


@transaction.atomic
def take_back(row: RegionPhase | RegionMembership | PolicyRow, *, by: Actor, now: datetime) -> WhyNot | None:
    """Take a planned change back before its day."""
    if isinstance(row, PolicyRow):
        _need_policy(by, Policy(row.key), row.region_id, row.venue_id)
    else:
        by.need(Role.NATIONAL)
    why_not = refuse_taking_back(row.since, today=helsinki_day(now))
    if why_not:
        return why_not
    log.info("user %s takes back %s %s of %s", by.user and by.user.pk, type(row).__name__, row.pk, row.since)
    act, number = (Act.POLICY_CHANGED if isinstance(row, PolicyRow) else Act.NETWORK_CHANGED), row.pk
    row.delete()
    NetworkVersion.bump()
    note(act, by=by, now=now, subject=number)
    return None


# --- policies ---------------------------------------------------------------------------------------------------


def _need_policy(by: Actor, key: Policy, region: int | None, venue: int | None) -> None:
    facts = by.network.workplaces[venue] if venue else None
    need_none(refuse_policy(granter_of(by), key, region=region, venue=facts))


@transaction.atomic
def set_policy(
    key: Policy,
    value: Any,
    *,
    since: date,
    reason: str,
    by: Actor,
    now: datetime,
    region: Region | None = None,
    venue: Workplace | None = None,
) -> WhyNot | None:
    """From the day on this value in this scope; None takes the scope's own rule away, so that the wider one holds."""
    numbers = {"region": region.pk if region else None, "venue": venue.pk if venue else None}
    _need_policy(by, key, **numbers)
    why_not = refuse_policy_row(by.network, key, value, **numbers, since=since)
    if why_not:
        return why_not
    # First, so that two who set it at once queue here: no constraint keeps two rows of a day apart, a scope being null.
    NetworkVersion.bump()
    if PolicyRow.objects.filter(key=key, **numbers, since=since).exists():
        return WhyNot.DAY_TAKEN
    row = PolicyRow.objects.create(
        key=key,
        # JSON's null, not the column's: the row says that there is no rule.
        value=models.Value(None, models.JSONField()) if value is None else value,
        since=since,
        region=region,
        venue=venue,
        reason=reason,
        entered_at=now,
        by=by.user,
    )
    note(Act.POLICY_CHANGED, by=by, now=now, subject=row.pk)
    return None


# --- workplaces -------------------------------------------------------------------------------------------------


@transaction.atomic
def make_workplace(
    role: Role,
    *,
    facts: Mapping[str, Any],
    by: Actor,
    regions: Iterable[int] = (),
    municipalities: Iterable[Municipality] = (),
) -> Workplace:
    """A workplace of a role, with its regions; a coordinator makes issuers, venues and agents of the own region."""
    home = facts["home_region"]
    served = set(regions) | ({home.pk} if home else set())
    need_none(refuse_making(granter_of(by), role, served))
    _need_national_for_pop_ups(facts, by=by)
    workplace = Workplace.objects.create(role=role, **facts)
    workplace.regions.set(served)
    workplace.municipalities.set(list(municipalities))
    NetworkVersion.bump()
    return workplace


@transaction.atomic
def edit_workplace(
    workplace: Workplace,
    *,
    facts: Mapping[str, Any],
    by: Actor,
    regions: Iterable[int] = (),
    municipalities: Iterable[Municipality] = (),
) -> None:
    """A coordinator adds and takes away only the own regions; what others have granted stays."""
    _need_workplace(by, workplace)
    home = facts["home_region"]
    served = set(regions) | ({home.pk} if home else set())
    now_served = by.network.workplaces[workplace.pk].regions
    if by.role != Role.NATIONAL:
        changed = (served ^ now_served) | ({home.pk if home else None} - {workplace.home_region_id})
        need_none(None if changed <= by.facts.regions else WhyNot.NOT_YOURS)
    if any(facts.get(name) != getattr(workplace, name) for name in ("admitted_since", "admitted_until")):
        _need_national_for_pop_ups(facts, by=by)
    for name, value in facts.items():
        setattr(workplace, name, value)
    workplace.save()
    workplace.regions.set(served)
    workplace.municipalities.set(list(municipalities))
    NetworkVersion.bump()


def _need_workplace(by: Actor, workplace: Workplace) -> None:
    need_none(refuse_workplace(granter_of(by), by.network.workplaces[workplace.pk]))


def _need_national_for_pop_ups(facts: Mapping[str, Any], *, by: Actor) -> None:
    """A venue outside every region is admitted by the national service, with dates (rule 14)."""
    if facts.get("admitted_since"):
        by.need(Role.NATIONAL)


@transaction.atomic
def end_workplace(workplace: Workplace, *, until: date | None, by: Actor) -> None:
    """The workplace's last day, or (None) no end after all. What it has recorded and given stays."""
    _need_workplace(by, workplace)
    Workplace.objects.filter(pk=workplace.pk).update(until=until)
    NetworkVersion.bump()


@transaction.atomic
def sell_for(agent: Workplace, venue: Workplace, *, sells: bool, by: Actor) -> None:
    """Whether a ticket agent sells for a venue; who says so looks after both (nobody grants what they lack)."""
    _need_workplace(by, agent)
    _need_workplace(by, venue)
    if sells:
        agent.venues.add(venue)
    else:
        agent.venues.remove(venue)
    NetworkVersion.bump()
