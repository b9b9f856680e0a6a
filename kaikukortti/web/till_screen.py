"""What the till shows: one verdict, what may be recorded, what was left, what was recorded last."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext, pgettext
from django_htmx.http import trigger_client_event

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.checks import CheckAnswer
from kaikukortti.actions.corrections import Reversal
from kaikukortti.actions.places import Kept
from kaikukortti.actions.uses import Answer
from kaikukortti.models import Record
from kaikukortti.rules.holds import read_number, say_number
from kaikukortti.rules.network import Network, WorkplaceFacts
from kaikukortti.rules.seasons import usual_periods
from kaikukortti.rules.situation import OfferingFacts
from kaikukortti.rules.uses import course_money, more_children_stored
from kaikukortti.templatetags.look import VERDICTS, local_number
from kaikukortti.terms.days import spoken_day
from kaikukortti.terms.kinds import KINDS_OF_OFFERING, OfferingKind, RecordKind, Status
from kaikukortti.terms.messages import next_step, refusal_fact, valid_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest
from kaikukortti.web.counts import Counted, join_counts, spoken_count, spoken_counts
from kaikukortti.web.idle import TILL_UNTIL
from kaikukortti.web.till_held import Held
from kaikukortti.web.till_place import Place, places_left

MOST_BUTTONS = 6
ECHOES = 3

# The big word for a card that cannot be recorded here now, where "not valid today" does not say it.
WORDS = {
    Refusal.CARD_UNKNOWN: gettext_lazy("Check the code"),
    Refusal.CARD_CODE_TYPO: gettext_lazy("Check the code"),
    Refusal.CARD_UNREGISTERED: gettext_lazy("Not registered yet"),
    Refusal.CARD_ENDS_BEFORE: gettext_lazy("Not valid on that day"),
    Refusal.REGION_CLOSED_OUT: gettext_lazy("Not valid here"),
    Refusal.REGION_CLOSED_IN: gettext_lazy("Not valid here"),
    Refusal.VENUE_NOT_ACTIVE: gettext_lazy("Not in use here"),
    Refusal.OFFERING_UNKNOWN: gettext_lazy("Choose the offering"),
    Refusal.OFFERING_NOT_OPEN: gettext_lazy("Not published yet"),
    Refusal.OFFERING_CANCELLED: gettext_lazy("Cancelled"),
    Refusal.OFFERING_FULL: gettext_lazy("All places given"),
    Refusal.DAY_NOT_OFFERED: gettext_lazy("Not on this day"),
    Refusal.TOO_EARLY_TO_RECORD: gettext_lazy("Not on this day"),
    Refusal.TOO_LATE_TO_RECORD: gettext_lazy("Not on this day"),
    Refusal.PERIOD_CLOSED: gettext_lazy("Not on this day"),
    Refusal.LIMIT_PER_PERIOD: gettext_lazy("Tickets given"),
    Refusal.TOO_MANY_CHILDREN: gettext_lazy("Not everyone fits"),
    Refusal.COMMUNITY_CARD_NEEDS_CLIENTS: gettext_lazy("How many clients?"),
    Refusal.COMMUNITY_CARD_NOT_HERE: gettext_lazy("Not on this course"),
    Refusal.COUNTS_NOT_FOR_THIS_CARD: gettext_lazy("Check the numbers"),
    Refusal.KIND_NOT_HERE: gettext_lazy("Check the numbers"),
    Refusal.TOO_MANY_TRIES: gettext_lazy("A short break"),
}
# The code may be mistyped: it stays in the field, selected.
KEEP_CODE = (Refusal.CARD_CODE_TYPO, Refusal.CARD_UNKNOWN, Refusal.TOO_MANY_TRIES)
# Somebody may have found the card: what to do with it stands one press away.
FOUND = (Refusal.CARD_UNKNOWN, Refusal.CARD_BLOCKED, Refusal.CARD_REPLACED, Refusal.CARD_VOID)


class Said(NamedTuple):
    """What is said after an act."""

    word: str
    fact: str
    next_step: str = ""
    sound: str = ""
    note: str = ""


@dataclass
class Screen:
    """One verdict, what may be recorded, what was left. `code` stays in the field; `note` stands above the verdict."""

    place: Place
    state: str = "idle"
    word: str = ""
    fact: str = ""
    next_step: str = ""
    sound: str = ""
    code: str = ""
    note: str = ""
    found: bool = False
    held: Held | None = None
    answer: CheckAnswer | None = None
    left: list[Held] = field(default_factory=list)
    echoes: list[Record] | None = None

    def say(self, said: Said) -> None:
        self.word, self.fact, self.next_step, self.sound, _note = said

    def stop(self, refusal: Refusal, *, day: date | None = None) -> None:
        self.state = self.sound = "typo" if refusal in (Refusal.CARD_CODE_TYPO, Refusal.CARD_UNKNOWN) else "stop"
        self.word = str(WORDS.get(refusal, ""))
        self.fact = said_under(self.spoken_word, refusal_fact(refusal, day=day))
        self.next_step = next_step(refusal)
        self.found = refusal in FOUND

    def face(self, answer: CheckAnswer, held: Held, actor: Actor) -> None:
        """The verdict on a card."""
        self.answer = answer
        kept = say_kept(answer.kept)
        if answer.refusal == Refusal.CARD_CODE_TYPO and read_number(held.code) is not None:
            self._no_such_number(held.code)
        elif answer.refusal == Refusal.ALREADY_RECORDED:
            self.held = held if held.adding else replace(held, adding=True, children=0, assistants=0)
            self.state = self.sound = "already"
            if answer.day:
                self.word = gettext("Season pass is valid")
                said = gettext("Until {day}. Welcome in, nothing to record.")
                self.fact = said.format(day=spoken_day(answer.day, (get_language() or "fi")[:2]))
            else:
                self.fact = said_under(self.spoken_word, refusal_fact(answer.refusal, time=answer.time))
            self.next_step = kept
        elif answer.refusal:
            self.stop(answer.refusal, day=answer.day)
            self.code = held.code if answer.refusal in KEEP_CODE else ""
        else:
            # A card that stood there for more children, and whose own ticket has been undone meanwhile: whole again.
            self.held = with_kept(replace(held, id=uuid4(), adding=False) if held.adding else held, answer)
            self.state = self.sound = "valid"
            self.fact = self._valid_fact(answer, held)
            more = self._pending() if answer.pending else self._money(actor)
            self.next_step = " ".join(part for part in (kept, more) if part)

    def face_refused(self, answer: Answer, again: CheckAnswer, held: Held, actor: Actor) -> None:
        """A record was not stored: say why, and where it can be mended keep the card with what fits now."""
        self.face(again, replace(held, children=0), actor)
        if answer.status == Status.CONFLICT:
            self.note = answer.message[(get_language() or "fi")[:2]]
            self.held = replace(self.held, id=uuid4()) if self.held else None
        elif again.allowed and answer.refusal:
            self.stop(answer.refusal)
            if answer.refusal == Refusal.OFFERING_FULL:
                self.word = gettext("Not everyone fits")
                self.fact = f"{spoken_places(again.places_left)}."
                self.next_step = gettext("Choose how many come in now.")

    def _no_such_number(self, code: str) -> None:
        """A hold's number that nobody has here, in place of a card's code."""
        self.state = self.sound = "typo"
        self.word, self.code = gettext("Check the number"), code
        self.fact = gettext("No places are kept here under {number}.").format(number=normalised(code))
        self.next_step = gettext("Look at your list, or read the card.")

    def _valid_fact(self, answer: CheckAnswer, held: Held) -> str:
        if held.kind == RecordKind.COURSE and not answer.community:
            return gettext("A course place.")
        return valid_fact(answer.child_places if self.children_welcome else 0, community=answer.community)

    def _pending(self) -> str:
        return gettext("Its registration is on the way. The record counts when that arrives.")

    def _money(self, actor: Actor) -> str:
        return spoken_money(course_money(*where(self.place, actor)))

    @property
    def children_welcome(self) -> bool:
        return self.place.offering is None or self.place.offering.children_welcome

    @property
    def spoken_word(self) -> str:
        return self.word or str(VERDICTS[self.state][1])

    @property
    def says(self) -> str:
        """What a screen reader says once: the word and the sentences."""
        word = self.spoken_word
        parts = (self.note, word if word.endswith("?") else f"{word}.", self.fact, self.next_step)
        return " ".join(part for part in parts if part)


# --- words --------------------------------------------------------------------------------------------------------


def recorded(answer: Answer, held: Held) -> Said:
    """What is said of a record that was stored."""
    more = ""
    if answer.status == Status.FLAGGED and answer.refusal:
        more = " ".join((gettext("Recorded with a note."), refusal_fact(answer.refusal), next_step(answer.refusal)))
    elif answer.status == Status.PENDING:
        more = gettext("It counts once the card is registered, within seven days.")
    elif answer.covered_cents is not None and answer.remainder_cents is not None:
        more = spoken_money((answer.covered_cents, answer.remainder_cents))
    word = gettext("Recorded")
    return Said(word, _done(held), more, "recorded", f"{word}: {spoken_counts(held)}.")


def undone(row: Record, reversal: Reversal) -> Said:
    if reversal.refusal:
        mend = gettext("It can be corrected on the page of the day's records.")
        return Said(gettext("Not undone"), refusal_fact(reversal.refusal), mend)
    word = gettext("Undone")
    return Said(word, _done(row), "", "recorded", f"{word}: {spoken_counts(row)}.")


def _done(counted: Counted) -> str:
    read_next = gettext("Read the next card.")
    return f"{spoken_counts(counted)}. {read_next}"


def said_under(word: str, sentence: str) -> str:
    """A sentence under the large word: without the word where it begins with it, so that it is heard once."""
    repeated = sentence.startswith((f"{word}: ", f"{word}. ", f"{word} "))
    rest = sentence[len(word) :].lstrip(":. ") if repeated else sentence
    return rest[:1].upper() + rest[1:]


def normalised(code: str) -> str:
    """A hold's number as it is written: K-17."""
    return say_number(read_number(code) or 0)


def say_kept(kept: Kept | None) -> str:
    """ "3 places are kept, K-17." """
    if kept is None:
        return ""
    said = ngettext("{n} place is kept, {number}.", "{n} places are kept, {number}.", kept.places)
    return said.format(n=kept.places, number=say_number(kept.number))


def with_kept(held: Held, answer: CheckAnswer) -> Held:
    """What was kept is chosen beforehand, as far as it fits, so that one press fetches it whole."""
    kept = answer.kept
    if kept is None or held.children or held.clients or held.workers:
        return held
    if answer.community:
        return replace(held, clients=kept.children, workers=kept.places - kept.children)
    return replace(held, children=min(kept.children, answer.child_places))


def spoken_places(left: int | None) -> str:
    return "" if left is None else ngettext("{n} place left", "{n} places left", left).format(n=left)


def spoken_money(parts: tuple[int, int] | None) -> str:
    """What is covered and what is left to pay, in cents, as a sentence."""
    if parts is None:
        return ""
    paid, rest = (f"{local_number(cents / 100, 2)}\N{NO-BREAK SPACE}€" for cents in parts)
    if not parts[1]:
        return gettext("The card covers {paid}. Nothing is left to pay.").format(paid=paid)
    return gettext("The card covers {paid}. {rest} is left to pay.").format(paid=paid, rest=rest)


def where(place: Place, actor: Actor) -> tuple[Network, WorkplaceFacts, OfferingFacts | None, date]:
    """Where the till stands, as the rules ask for it."""
    facts = place.offering.facts if place.offering else None
    return actor.network, actor.network.workplaces[place.venue.pk], facts, place.day


# --- what may be chosen -------------------------------------------------------------------------------------------


def choices(screen: Screen, actor: Actor) -> dict[str, Any]:
    """What may be chosen for the card; nothing is chosen beforehand. More children than registered can be given only
    where policy stores them (rule 18)."""
    held, answer, place = screen.held, screen.answer, screen.place
    if held is None or answer is None:
        return {}
    if answer.community:
        return {"community": True}
    children = answer.child_places if screen.children_welcome else 0
    own = "" if held.adding else spoken_count("holder", 1, held.kind)
    exceeds = more_children_stored(*where(place, actor)) or children > MOST_BUTTONS
    return {
        "own": own,
        "children": _options("children", min(children, MOST_BUTTONS)) if children else [],
        "assistants": _options("assistants", 2) if answer.assistant else [],
        "family": children if own and children else 0,
        "family_counts": join_counts([own, spoken_count("children", children)]),
        "more": exceeds and screen.children_welcome and place.kind != OfferingKind.COURSE,
        "season": bool(own) and RecordKind.SEASON in KINDS_OF_OFFERING[place.kind],
        "periods": usual_periods(place.day),
    }


def _options(what: str, most: int) -> list[dict[str, Any]]:
    """0 … most: what stands on the button and how the record says it."""
    none = pgettext("assistants", "None") if what == "assistants" else pgettext("children", "None")
    first = {"value": 0, "label": none, "part": ""}
    return [first] + [{"value": n, "label": n, "part": spoken_count(what, n)} for n in range(1, most + 1)]


def last_records(actor: Actor, day: date) -> list[Record]:
    """The person's own last records of a day, newest first, with what the till needs to stand where they were made."""
    venues = actor.facts.sells_for if actor.role == Role.TICKET_AGENT else {actor.workplace.pk}
    rows = Record.objects.filter(venue__in=venues, day=day, recorder=actor.workplace, by=actor.user)
    return list(rows.with_standing().select_related("venue", "offering").order_by("-pk")[:ECHOES])


def show(request: ActingRequest, screen: Screen) -> HttpResponse:
    """The whole page, or with htmx the parts that change; a check changes no records, so it does not read them."""
    if screen.state == "idle" and not screen.fact:
        screen.fact = gettext("Read the next card.")
    echoes = screen.echoes
    if echoes is None and not (request.htmx and screen.answer and not screen.note):
        echoes = last_records(request.actor, screen.place.day)
    left_over = screen.answer.places_left if screen.answer and screen.answer.allowed else places_left(screen.place)
    until = request.session.get(TILL_UNTIL)
    facts = {
        "screen": screen,
        "place": screen.place,
        "places_say": spoken_places(left_over),
        "choices": choices(screen, request.actor),
        "left": [{"packed": one.packed(), "held": one, "counts": spoken_counts(one)} for one in screen.left],
        "echoes": None if echoes is None else [{"record": one, "counts": spoken_counts(one)} for one in echoes],
        "title_word": screen.spoken_word if screen.state != "idle" else "",
        "kept_until": datetime.fromtimestamp(until, UTC) if until else None,
    }
    if not request.htmx:
        return render(request, "kaikukortti/till/till.html", facts)
    response = render(request, "kaikukortti/till/parts.html", facts)
    detail = {"sound": screen.sound, "keep": bool(screen.code)}
    return trigger_client_event(response, "till", detail, after="swap")
