"""The words of the phone card, in three languages at once: its page changes its language without a network."""

from datetime import date
from functools import partial

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.rules.cards import STATE_REFUSALS
from kaikukortti.rules.phone import PhoneFace
from kaikukortti.templatetags.look import weekday
from kaikukortti.terms.days import spoken_day
from kaikukortti.terms.messages import LANGUAGES, Message, in_three, next_step, refusal_fact
from kaikukortti.terms.refusals import WORDS, Refusal
from kaikukortti.terms.states import CardState

# What the page says, by the name its script knows it by. {day}, {when} are filled in on the phone.
SAID = {
    "mine": _("My card"),
    "name": _("Kaiku Card"),
    "picture": _("The card's code as a picture for the till"),
    "last_day": _("Last valid day"),
    "children": _("Children along, at most"),
    "fresh": _("As of {when}. The card also works without a connection."),
    "known": _("As of {when}, as far as we know: there is no connection right now."),
    "told": _("As of {when}."),
    "ended": _("The card ran out on {day}."),
    "ended_next": _("It can be renewed where you got it."),
    "stop": _("Not valid now"),
    "none": _("There is no card on this phone yet."),
    "none_next": _("Open your own pages with your card and its secret, and put the card here."),
    "carry": _("Put my card on this phone"),
    "near": _("What's on near me this week"),
    "own": _("My own pages: uses and reminders"),
    "block": _("Block the card if it is lost"),
    "remove": _("Take the card off this phone"),
    "remove_sure": _("Take it off now"),
    "remove_not": _("Keep it"),
    "remove_what": _(
        "The card itself stays valid. To put it back you need its code and your secret, or the workplace."
    ),
    "removed": _("The card is off this phone."),
    "home": _("Put this page on your home screen: then the card opens with one touch, also without a connection."),
    "languages": _("Language"),
    "news": _("Places"),
}
MONTHS = range(1, 13)


def words_of(face: PhoneFace) -> Message:
    """The card's state in words, as its holder reads it."""
    return in_three(partial(_say, face))


def _say(face: PhoneFace) -> str:
    if face.state is None:
        return gettext("The register no longer has this card, or this phone no longer carries it.")
    if face.state == CardState.ACTIVE:
        return gettext("The card is valid.")
    refusal = STATE_REFUSALS[face.state]
    fact = refusal_fact(refusal, day=face.last_day) if refusal == Refusal.CARD_EXPIRED else str(WORDS[refusal].holder)
    return f"{fact} {next_step(refusal)}"


def texts() -> dict[str, dict[str, object]]:
    """Everything the page says, by language, with the names of days and months that its script needs."""
    said: dict[str, dict[str, object]] = {language: {} for language in LANGUAGES}
    for name, text in SAID.items():
        for language, words in in_three(partial(str, text)).items():
            said[language][name] = words
    for language, names in _calendar().items():
        said[language] |= names
    return said


def _calendar() -> dict[str, dict[str, object]]:
    days = in_three(lambda: " ".join(weekday(number) for number in range(7)))
    months = in_three(lambda: " ".join(_month(number) for number in MONTHS))
    return {
        language: {"weekdays": days[language].split(), "months": months[language].split()} for language in LANGUAGES
    }


def _month(number: int) -> str:
    """How a date of that month ends: `.11.` or ` November`, without its year."""
    spoken = spoken_day(date(2026, number, 1), get_language() or "fi")
    return spoken.split()[1] if " " in spoken else str(number)
