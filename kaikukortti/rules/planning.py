"""Planning a dated change of the network: may it begin on that day, and what the network is like with it (rule 15)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from kaikukortti.rules.network import Dated, Network, in_force
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.states import Phase

Key = TypeVar("Key")


def refuse_since(network: Network, rows: Dated, since: date, value: Any) -> WhyNot | None:
    """A change begins on a day of an open year that has no change yet, and changes something.

    A past day is allowed: what is recorded keeps the facts of its day, and only rows that come late see the change.
    """
    if since.year in network.closed_years:
        return WhyNot.YEAR_CLOSED
    if any(day == since for day, _value in rows):
        return WhyNot.DAY_TAKEN
    return WhyNot.NO_CHANGE if in_force(rows, since) == value else None


def refuse_taking_back(since: date, *, today: date) -> WhyNot | None:
    """Only a plan is taken back; what is in force was lived by."""
    return WhyNot.IN_FORCE if since <= today else None


def refuse_phase(network: Network, region: int, phase: Phase, *, since: date) -> WhyNot | None:
    return refuse_since(network, network.phases.get(region, ()), since, phase)


def refuse_membership(network: Network, municipality: str, region: int | None, *, since: date) -> WhyNot | None:
    facts = network.municipality_on(municipality, since)
    if facts is None or facts.code != municipality:
        return WhyNot.NOT_THEN
    return refuse_since(network, network.memberships.get(municipality, ()), since, region)


def refuse_policy_row(
    network: Network, key: Policy, value: Any, *, region: int | None, venue: int | None, since: date
) -> WhyNot | None:
    return refuse_since(network, network.policies.get((region, venue, key), ()), since, value)


def with_phase(network: Network, region: int, phase: Phase, *, since: date) -> Network:
    return replace(network, phases=_with(network.phases, region, since, phase))


def with_membership(network: Network, municipality: str, region: int | None, *, since: date) -> Network:
    return replace(network, memberships=_with(network.memberships, municipality, since, region))


def with_policy(
    network: Network, key: Policy, value: Any, *, region: int | None, venue: int | None, since: date
) -> Network:
    return replace(network, policies=_with(network.policies, (region, venue, str(key)), since, value))


def _with(rows: Mapping[Key, Dated], key: Key, since: date, value: Any) -> dict[Key, Dated]:
    return {**rows, key: sorted([*rows.get(key, ()), (since, value)], key=lambda row: row[0])}
