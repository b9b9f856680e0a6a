"""An answer in the three languages: what a till shows and a caller gets as `message`."""

from collections.abc import Callable
from datetime import date, datetime

from django.utils.translation import get_language, gettext, ngettext, override

from kaikukortti.terms.days import spoken_day, spoken_time
from kaikukortti.terms.kinds import Status
from kaikukortti.terms.refusals import WORDS, Refusal

LANGUAGES = ("fi", "sv", "en")
Message = dict[str, str]


def in_three(say: Callable[[], str]) -> Message:
    """What a function says in each language."""
    message = {}
    for language in LANGUAGES:
        with override(language):
            message[language] = say()
    return message


def refusal_fact(refusal: Refusal, *, day: date | None = None, time: datetime | None = None) -> str:
    """The till's sentence of fact in the active language, with the day or time where one is known."""
    words = WORDS[refusal]
    language = get_language() or "fi"
    dated = str(words.dated)
    if refusal == Refusal.ALREADY_RECORDED and day:
        said = gettext("The season pass is valid until {day}. Welcome in, nothing to record.")
        return said.format(day=spoken_day(day, language))
    if day and "{day}" in dated:
        return dated.format(day=spoken_day(day, language))
    if time and "{time}" in dated:
        return dated.format(time=spoken_time(time, language))
    return str(words.till)


def next_step(refusal: Refusal) -> str:
    return str(WORDS[refusal].next_step)


def refusal_message(refusal: Refusal, *, day: date | None = None, time: datetime | None = None) -> Message:
    """Fact and next step."""
    return in_three(lambda: f"{refusal_fact(refusal, day=day, time=time)} {next_step(refusal)}")


def valid_fact(child_places: int, *, community: bool = False) -> str:
    """What a valid card gives here, in the active language."""
    if community:
        return gettext("A worker and clients under 16 together.")
    if not child_places:
        return gettext("Own ticket.")
    return ngettext("Own ticket and one child.", "Own ticket and up to {n} children.", child_places).format(
        n=child_places
    )


def valid_message(child_places: int, *, community: bool = False) -> Message:
    return in_three(lambda: gettext("The card is valid.") + " " + valid_fact(child_places, community=community))


def status_message(
    status: Status, refusal: Refusal | None, *, day: date | None = None, time: datetime | None = None
) -> Message:
    """The answer to one record. A stored row's words depend on nothing but status and refusal, so that the same id
    gets the same answer for ever (rule 26)."""
    if status == Status.RECORDED:
        return in_three(lambda: gettext("Recorded."))
    if status == Status.PENDING:
        return in_three(lambda: gettext("Recorded. It counts once the card is registered, within seven days."))
    if status == Status.CONFLICT or refusal is None:
        return in_three(lambda: gettext("This id was used before for another record. Nothing was changed."))
    if status == Status.FLAGGED:
        return in_three(lambda: gettext("Recorded with a note.") + " " + refusal_fact(refusal))
    return refusal_message(refusal, day=day, time=time)
