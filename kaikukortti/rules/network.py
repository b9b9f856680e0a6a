"""The network as a value: regions, memberships, policies and workplaces with their dates (rules 2, 14–16).

Everything here is dated rows of (since, value): the newest row on or before a day is the one in force, so two rows can
never overlap and nothing needs an end date of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kaikukortti.rules.series import SeriesFacts
from kaikukortti.terms.kinds import Period
from kaikukortti.terms.policies import SHAPES, TICKET_CAPS, Policy
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import OPEN_PHASES, Phase

Dated = Sequence[tuple[date, Any]]


def in_force(rows: Dated, day: date) -> Any:
    """The value of the newest row on or before the day, or None. Rows come sorted by their day."""
    value = None
    for since, candidate in rows:
        if since > day:
            break
        value = candidate
    return value


@dataclass(frozen=True, slots=True)
class WorkplaceFacts:
    """What the rules need to know of a workplace. A pop-up venue stands outside every region, admitted with dates."""

    id: int
    role: Role
    municipality: str
    sector: str
    since: date
    until: date | None
    home_region: int | None
    regions: frozenset[int]
    admitted: tuple[date, date] | None = None
    sells_for: frozenset[int] = frozenset()

    def active_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def admitted_on(self, day: date) -> bool:
        return self.admitted is not None and self.admitted[0] <= day <= self.admitted[1]


@dataclass(frozen=True, slots=True)
class MunicipalityFacts:
    code: str
    wellbeing_area: str
    until: date | None
    successor: str | None


@dataclass(frozen=True, slots=True)
class Cap:
    """So many own tickets or courses a period, counted over the scope that set the cap (rules 17, 21)."""

    most: int
    period: Period
    courses: bool = False
    region: int | None = None
    venue: int | None = None


@dataclass(frozen=True, slots=True)
class Network:
    version: int
    municipalities: Mapping[str, MunicipalityFacts]
    memberships: Mapping[str, Dated]
    phases: Mapping[int, Dated]
    policies: Mapping[tuple[int | None, int | None, str], Dated]
    workplaces: Mapping[int, WorkplaceFacts]
    closed_years: frozenset[int] = field(default=frozenset())
    # Older printed series, in the order they are asked in (rule 12).
    series: tuple[SeriesFacts, ...] = ()

    def municipality_on(self, code: str, day: date) -> MunicipalityFacts | None:
        """The municipality, or the one it has merged into by the day."""
        facts = self.municipalities.get(code)
        while facts is not None and facts.until is not None and facts.until < day and facts.successor:
            facts = self.municipalities.get(facts.successor)
        return facts

    def region_of_municipality(self, code: str, day: date) -> int | None:
        facts = self.municipality_on(code, day)
        return in_force(self.memberships.get(facts.code, ()), day) if facts else None

    def phase_on(self, region: int, day: date) -> Phase | None:
        phase: Phase | None = in_force(self.phases.get(region, ()), day)
        return phase

    def open_on(self, region: int | None, day: date) -> bool:
        """Only pilot and permanent regions issue and accept (rule 15)."""
        return region is not None and self.phase_on(region, day) in OPEN_PHASES

    def region_at(self, workplace: WorkplaceFacts, municipality: str, day: date) -> int | None:
        """The region of the municipality if the workplace serves it, else the workplace's home region (rule 14)."""
        region = self.region_of_municipality(municipality, day)
        return region if region in workplace.regions else workplace.home_region

    def policy(self, key: Policy, day: date, *, region: int | None = None, venue: int | None = None) -> Any:
        """The value in force on the day: the venue's, else the region's, else the country's, else the default."""
        for scope in ((None, venue), (region, None), (None, None)):
            if scope == (None, None) or any(part is not None for part in scope):
                value = in_force(self.policies.get((*scope, key), ()), day)
                if value is not None:
                    return value
        return SHAPES[key].default

    def caps(self, day: date, *, region: int | None, venue: int) -> list[Cap]:
        """Every cap on persons in force at a venue on a day, each in its own scope."""
        caps = []
        for scope_region, scope_venue in dict.fromkeys(((None, None), (region, None), (None, venue))):
            for key, period in (*TICKET_CAPS.items(), (Policy.COURSES_PER_YEAR, Period.YEAR)):
                most = in_force(self.policies.get((scope_region, scope_venue, key), ()), day)
                if most is not None:
                    courses = key == Policy.COURSES_PER_YEAR
                    caps.append(Cap(most, period, courses=courses, region=scope_region, venue=scope_venue))
        return caps


def refuse_residence(network: Network, workplace: WorkplaceFacts, municipality: str, *, day: date) -> Refusal | None:
    """A card is given to a resident of a municipality in an open region (rules 2, 15)."""
    region = network.region_of_municipality(municipality, day)
    if not network.open_on(region, day):
        return Refusal.MUNICIPALITY_NOT_IN_NETWORK
    own = network.region_at(workplace, municipality, day)
    return None if network.open_on(own, day) else Refusal.MUNICIPALITY_NOT_IN_NETWORK


def refuse_venue(network: Network, venue: WorkplaceFacts, *, region: int | None, day: date) -> Refusal | None:
    """A venue accepts while it is active and its region is open, or while it is admitted by itself (rules 14, 15)."""
    if venue.active_on(day) and (network.open_on(region, day) or venue.admitted_on(day)):
        return None
    return Refusal.VENUE_NOT_ACTIVE


def refuse_crossing(
    network: Network, *, card_region: int | None, place_region: int | None, day: date
) -> Refusal | None:
    """A use outside the card's own region needs both switches, judged on the event day (rule 14)."""
    if card_region is None or card_region == place_region:
        return None
    if not network.policy(Policy.CARDS_GO_OUT, day, region=card_region):
        return Refusal.REGION_CLOSED_OUT
    if place_region is not None and not network.policy(Policy.OTHERS_COME_IN, day, region=place_region):
        return Refusal.REGION_CLOSED_IN
    return None
