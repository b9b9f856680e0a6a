"""The network as a value, read once and kept in memory until its version number moves.

The number rides along with the query that knows the caller (token or membership), so every app server sees a change
with its next request and a check costs no query for regions, policies and workplaces.
"""

from collections import defaultdict
from typing import Any

from django.db import connection

from kaikukortti.models.cards import Series
from kaikukortti.models.ledger import YearClose
from kaikukortti.models.network import NetworkVersion, PolicyRow, RegionMembership, RegionPhase, Workplace
from kaikukortti.models.reference import Municipality
from kaikukortti.rules.network import MunicipalityFacts, Network, WorkplaceFacts
from kaikukortti.rules.series import SeriesFacts
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase

_kept: dict[str, Network] = {}


def network(version: int | None = None) -> Network:
    """The network at a version (None asks the database for the newest)."""
    if version is None:
        version = NetworkVersion.now().values_list("number", flat=True).first() or 1
    name = str(connection.settings_dict["NAME"])
    kept = _kept.get(name)
    if kept is None or kept.version != version:
        kept = _kept[name] = _read(version)
    return kept


def forget() -> None:
    """Drop what is kept (after a restore, and between tests)."""
    _kept.clear()


def _read(version: int) -> Network:
    phases: dict[int, list[tuple[Any, Any]]] = defaultdict(list)
    for row in RegionPhase.objects.order_by("since"):
        phases[row.region_id].append((row.since, Phase(row.phase)))
    memberships: dict[str, list[tuple[Any, Any]]] = defaultdict(list)
    for membership in RegionMembership.objects.order_by("since"):
        memberships[membership.municipality_id].append((membership.since, membership.region_id))
    policies: dict[tuple[int | None, int | None, str], list[tuple[Any, Any]]] = defaultdict(list)
    for policy in PolicyRow.objects.order_by("since", "pk"):
        policies[(policy.region_id, policy.venue_id, policy.key)].append((policy.since, policy.value))
    served: dict[int, set[int]] = defaultdict(set)
    for workplace_id, region_id in Workplace.regions.through.objects.values_list("workplace_id", "region_id"):
        served[workplace_id].add(region_id)
    sells: dict[int, set[int]] = defaultdict(set)
    for agent_id, venue_id in Workplace.venues.through.objects.values_list("from_workplace_id", "to_workplace_id"):
        sells[agent_id].add(venue_id)
    return Network(
        version=version,
        municipalities={
            code: MunicipalityFacts(code, area, until, successor)
            for code, area, until, successor in Municipality.objects.values_list(
                "code", "wellbeing_area_id", "until", "successor_id"
            )
        },
        memberships=dict(memberships),
        phases=dict(phases),
        policies=dict(policies),
        workplaces={one.pk: workplace_facts(one, served[one.pk], sells[one.pk]) for one in Workplace.objects.all()},
        closed_years=frozenset(YearClose.objects.values_list("year", flat=True)),
        series=tuple(
            SeriesFacts(one.pk, one.prefix, one.alphabet, one.length, one.guessable)
            for one in Series.objects.order_by("pk")
        ),
    )


def workplace_facts(one: Workplace, served: set[int], sells_for: set[int]) -> WorkplaceFacts:
    """A workplace serves its home region always."""
    admitted = (one.admitted_since, one.admitted_until) if one.admitted_since and one.admitted_until else None
    return WorkplaceFacts(
        id=one.pk,
        role=Role(one.role),
        municipality=one.municipality_id,
        sector=one.sector,
        since=one.since,
        until=one.until,
        home_region=one.home_region_id,
        regions=frozenset(served | {one.home_region_id} if one.home_region_id else served),
        admitted=admitted,
        sells_for=frozenset(sells_for),
    )
