"""What a planned change does, in sentences: "412 cards of Espoo lose Oulu on 1 January" (rule 15)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import get_language, gettext, ngettext

from kaikukortti.models import Region, Workplace
from kaikukortti.rules.reach import Effect, Reach
from kaikukortti.terms.days import spoken_day

FEWEST_TOLD = 5
NAMED = 6  # so many places are named; more are counted


@dataclass
class Preview:
    """Sentences, the ones that take something away first."""

    lost: list[str] = field(default_factory=list)
    gained: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def say_day(day: date) -> str:
    return spoken_day(day, get_language() or "fi")


def say_cards(number: int) -> str:
    """How many cards, as a preview may tell: a number below five could tell of one person (P10)."""
    if 0 < number < FEWEST_TOLD:
        return gettext("fewer than five cards")
    return gettext("{n} cards").format(n=number)


def say_effect(effect: Effect, *, day: date, places: Callable[[Sequence[int]], str]) -> Preview:
    names = region_names({region for reach in (*effect.lost, *effect.gained) for region in reach.regions})
    preview = Preview()
    for reach in effect.lost:
        sentence = gettext("On {day} {cards} ({regions}) lose {places}.")
        preview.lost.append(_say(sentence, reach, day, names, places))
    for reach in effect.gained:
        sentence = gettext("On {day} {cards} ({regions}) gain {places}.")
        preview.gained.append(_say(sentence, reach, day, names, places))
    return preview


def _say(sentence: str, reach: Reach, day: date, names: dict[int, str], places: Callable[[Sequence[int]], str]) -> str:
    regions = listed([names[region] for region in reach.regions])
    return sentence.format(day=say_day(day), cards=say_cards(reach.cards), regions=regions, places=places(reach.places))


def listed(names: Sequence[str]) -> str:
    """Espoo, Kainuu and Kemi; a long list is cut: Espoo, Kainuu … and 12 more."""
    if len(names) > NAMED:
        return gettext("{names} and {n} more").format(names=", ".join(names[:NAMED]), n=len(names) - NAMED)
    if len(names) < 2:
        return "".join(names)
    return gettext("{names} and {last}").format(names=", ".join(names[:-1]), last=names[-1])


def region_names(numbers: set[int]) -> dict[int, str]:
    return {region.pk: region.name for region in Region.objects.filter(pk__in=numbers)}


def say_regions(numbers: Sequence[int]) -> str:
    return listed(sorted(region_names(set(numbers)).values()))


def say_venues(numbers: Sequence[int]) -> str:
    """Venues by number and the first names."""
    venues = [venue.name for venue in Workplace.objects.filter(pk__in=list(numbers)[:NAMED]).order_by("name_fi")]
    names = listed([*venues, *[""] * (len(numbers) - len(venues))])
    return ngettext("{n} venue ({names})", "{n} venues ({names})", len(numbers)).format(n=len(numbers), names=names)
