"""What the public pages say of dated facts: a region's phase, where its cards are valid, when a door is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.models.offerings import EVERY_DAY
from kaikukortti.rules.network import Dated, Network, in_force
from kaikukortti.templatetags.look import local_date, weekday
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.states import OPEN_PHASES, Phase
from kaikukortti.web.previews import listed

A_DAY = timedelta(days=1)
# å, ä and ö come last, in this order, in Finnish and in Swedish.
_LAST = str.maketrans("åäö", "{|}")


def by_name(name: str) -> str:
    """The key that sorts names as Finnish and Swedish do (L5)."""
    return name.casefold().translate(_LAST)


# --- phases -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How a region stands today: the sign, a short sentence, and what is known of the days to come."""

    phase: Phase
    sentence: str
    line: str = ""

    @property
    def open(self) -> bool:
        return self.phase in OPEN_PHASES


def say_standing(rows: Dated, today: date) -> Standing | None:
    """The phase in force and the next change that is planned (rule 15); None while nothing has begun and nothing is
    planned."""
    phase = in_force(rows, today)
    began = _began(rows, today)
    coming = next(((since, one) for since, one in rows if since > today and one != phase), None)
    if phase == Phase.PERMANENT and began:
        line = gettext("The card is valid here until {day}.").format(day=_last_day(coming)) if coming else ""
        return Standing(Phase.PERMANENT, gettext("Permanent since {year}").format(year=began.year), line)
    if phase == Phase.PILOT and began:
        return _say_pilot(began, coming)
    if phase == Phase.ENDED and began:
        return Standing(Phase.ENDED, gettext("Ended on {day}").format(day=local_date(began - A_DAY)))
    return _say_coming(phase, coming)


def _began(rows: Dated, today: date) -> date | None:
    """Since when the phase of today has been in force without a break."""
    began, before = None, None
    for since, phase in rows:
        if since > today:
            break
        if phase != before:
            began, before = since, phase
    return began


def _last_day(coming: tuple[date, Phase]) -> str:
    return local_date(coming[0] - A_DAY)


def _say_pilot(began: date, coming: tuple[date, Phase] | None) -> Standing:
    if coming is None:
        return Standing(Phase.PILOT, gettext("Pilot since {day}").format(day=local_date(began)))
    sentence = gettext("Pilot until {day}").format(day=_last_day(coming))
    line = gettext("Permanent from {day} on.").format(day=local_date(coming[0])) if coming[1] == Phase.PERMANENT else ""
    return Standing(Phase.PILOT, sentence, line)


def _say_coming(phase: Phase | None, coming: tuple[date, Phase] | None) -> Standing | None:
    """Not open yet."""
    opens = coming if coming and coming[1] in OPEN_PHASES else None
    if phase is None and opens is None:
        return None
    line = gettext("Cards will be given from {day} on.").format(day=local_date(opens[0])) if opens else ""
    if phase == Phase.INTERESTED and opens is None:
        return Standing(Phase.INTERESTED, gettext("Interested in the card"), gettext("Nothing has been decided yet."))
    if opens and opens[1] == Phase.PERMANENT:
        return Standing(Phase.PREPARING, gettext("The card is being prepared"), line)
    return Standing(Phase.PREPARING, gettext("A pilot is being prepared"), line)


# --- across regions -----------------------------------------------------------------------------------------------

# its cards go out, others' cards come in → what that means for people (rule 14)
_CROSSING = {
    (True, True): _("Cards of this area are valid in the other areas too, and their cards are valid here."),
    (False, False): _("Cards of this area are valid only here, and cards of other areas are not valid here."),
    (False, True): _("Cards of this area are valid only here. Cards of other areas are valid here too."),
    (True, False): _("Cards of this area are valid in other areas too. Cards of other areas are not valid here."),
}


def switches(network: Network, region: int, day: date) -> tuple[bool, bool]:
    """Whether the region's cards go out, and whether others' come in."""
    keys = (Policy.CARDS_GO_OUT, Policy.OTHERS_COME_IN)
    out, come_in = (bool(network.policy(key, day, region=region)) for key in keys)
    return out, come_in


def say_crossing(network: Network, region: int, day: date) -> str:
    return str(_CROSSING[switches(network, region, day)])


def say_planned_crossing(network: Network, region: int, today: date) -> str:
    """The next planned change of the two switches, if there is one."""
    now = switches(network, region, today)
    keys = [(scope, None, key) for scope in (region, None) for key in (Policy.CARDS_GO_OUT, Policy.OTHERS_COME_IN)]
    for day in sorted({since for key in keys for since, _value in network.policies.get(key, ()) if since > today}):
        then = switches(network, region, day)
        if then != now:
            return gettext("From {day} on: {sentence}").format(day=local_date(day), sentence=_CROSSING[then])
    return ""


def say_exceptions(names: Sequence[str]) -> str:
    """The card crosses between areas; the ones that are closed are named plainly."""
    if not names:
        return gettext("The card is valid across all areas.")
    sentence = ngettext(
        "The card is valid across all areas. The one exception is {names}.",
        "The card is valid across all areas. The exceptions are {names}.",
        len(names),
    )
    return sentence.format(names=listed(names))


def say_other_exceptions(names: Sequence[str]) -> str:
    """The same on the page of a region that is open itself."""
    sentence = ngettext("The one exception is {names}.", "The exceptions are {names}.", len(names))
    return sentence.format(names=listed(names)) if names else ""


# --- days ---------------------------------------------------------------------------------------------------------


def say_weekdays(weekdays: int) -> str:
    """Every day; Mon–Fri; Mon, Wed. Bit 0 is Monday."""
    if weekdays & EVERY_DAY == EVERY_DAY:
        return gettext("Every day")
    runs: list[list[int]] = []
    for day in (day for day in range(7) if weekdays >> day & 1):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    said = ", ".join(_run(run) for run in runs)
    return said[:1].upper() + said[1:]


def _run(days: list[int]) -> str:
    first, last = weekday(days[0]), weekday(days[-1])
    return {1: first, 2: f"{first}, {last}"}.get(len(days), f"{first}–{last}")
