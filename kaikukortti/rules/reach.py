"""What a planned change takes from cards that are valid then, and what it gives (rule 15).

Two networks are compared on one day, without and with the change: which cards could be used where. Cards are counted
by their region; that count is handed in.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from kaikukortti.rules.network import Network, WorkplaceFacts, refuse_crossing, refuse_venue
from kaikukortti.terms.roles import Role


@dataclass(frozen=True, slots=True)
class Reach:
    """So many cards of these regions lose or gain these places. Places are regions, or venues."""

    cards: int
    regions: tuple[int, ...]
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    lost: tuple[Reach, ...]
    gained: tuple[Reach, ...]


Accepts = Callable[[int, int], bool]


def effect_on_regions(before: Network, after: Network, cards: Mapping[int, int], *, day: date) -> Effect:
    """Cards that can be used in a region before and not after, and the other way round."""
    places = {*before.phases, *after.phases}
    return _compare(
        cards,
        places,
        lambda card, place: _accepts(before, card, place, day),
        lambda card, place: _accepts(after, card, place, day),
    )


def _accepts(network: Network, card: int, place: int, day: date) -> bool:
    return network.open_on(place, day) and not refuse_crossing(network, card_region=card, place_region=place, day=day)


def effect_on_venues(before: Network, after: Network, cards: Mapping[int, int], *, day: date) -> Effect:
    """The same venue by venue: what a change of a municipality's region does."""
    venues = {one.id for network in (before, after) for one in network.workplaces.values() if one.role == Role.VENUE}
    return _compare(
        cards,
        venues,
        lambda card, venue: _venue_accepts(before, card, before.workplaces.get(venue), day),
        lambda card, venue: _venue_accepts(after, card, after.workplaces.get(venue), day),
    )


def _venue_accepts(network: Network, card: int, venue: WorkplaceFacts | None, day: date) -> bool:
    if venue is None:
        return False
    region = network.region_at(venue, venue.municipality, day)
    return not refuse_venue(network, venue, region=region, day=day) and not refuse_crossing(
        network, card_region=card, place_region=region, day=day
    )


def _compare(cards: Mapping[int, int], places: set[int], before: Accepts, after: Accepts) -> Effect:
    lost: dict[int, list[int]] = defaultdict(list)
    gained: dict[int, list[int]] = defaultdict(list)
    for place in sorted(places):
        for region in sorted(cards):
            was, will = before(region, place), after(region, place)
            if was != will:
                (lost if was else gained)[place].append(region)
    return Effect(_grouped(lost, cards), _grouped(gained, cards))


def _grouped(found: Mapping[int, list[int]], cards: Mapping[int, int]) -> tuple[Reach, ...]:
    """Places that the same cards lose are told together, the most cards first."""
    together: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for place, regions in found.items():
        together[tuple(regions)].append(place)
    reaches = [
        Reach(sum(cards[region] for region in regions), regions, tuple(places)) for regions, places in together.items()
    ]
    return tuple(sorted(reaches, key=lambda one: -one.cards))
