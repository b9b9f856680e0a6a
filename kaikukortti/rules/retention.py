"""How long what the register knows of a person is kept (P14): which uses are cut from their cards, which cards go."""

from collections.abc import Collection, Iterable
from datetime import date

from kaikukortti.rules.network import Network
from kaikukortti.terms.policies import Policy

# A line whose *taken into use* fact is frozen says so by this day, before every day there is (section 7).
TAKEN_LONG_AGO = date(1, 1, 1)


def link_years(network: Network, year: int, *, region: int | None, today: date) -> int:
    """How many further years must be closed before a year's uses are cut from cards of a region.

    The rule of the year's last day was the promise when the cards were used: a rule made longer later breaks it for no
    one. A rule made shorter holds for everyone at once.
    """
    days = (date(year, 12, 31), today)
    return max(0, min(int(network.policy(Policy.LINK_YEARS, day, region=region)) for day in days))


def link_is_over(network: Network, year: int, *, region: int | None, today: date) -> bool:
    """Whether the year is closed and so is each of the years that its links wait for."""
    last = year + link_years(network, year, region=region, today=today)
    return network.closed_years.issuperset(range(year, last + 1))


def years_to_cut(
    network: Network, regions: Iterable[int | None], *, today: date
) -> dict[frozenset[int], list[int | None]]:
    """Regions of cards (None: unknown) by the years whose uses are cut from them; regions with none are left out."""
    found: dict[frozenset[int], list[int | None]] = {}
    for region in regions:
        years = frozenset(
            year for year in network.closed_years if link_is_over(network, year, region=region, today=today)
        )
        if years:
            found.setdefault(years, []).append(region)
    return found


def last_years_to_erase(closed_years: Collection[int]) -> list[int]:
    """A card goes when the year after the year of its last day has been closed: the years that last day may lie in."""
    return sorted(year - 1 for year in closed_years)
