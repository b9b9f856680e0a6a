"""What the till app says, by the name its scripts know it by; in the language its page is drawn in.

The page is kept on the device and works without a network, so it carries everything the till may have to say: also the
words of every refusal. A plural is a pair: one, and several with {n}. Scripts fill in {names} and %(names)s alike.
"""

from collections.abc import Callable
from datetime import date

from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.templatetags.look import VERDICTS, weekday
from kaikukortti.terms.days import spoken_day
from kaikukortti.terms.devices import DeviceStop
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.refusals import WORDS, Refusal
from kaikukortti.web.till_screen import WORDS as LARGE_WORDS

Said = dict[str, object]

# The till's verdicts and what follows a record.
VERDICT = {
    "read_next": _("Read the next card."),
    "own_ticket": _("Own ticket."),
    "course_place": _("A course place."),
    "community": _("A worker and clients under 16 together."),
    "pending": _("Its registration is on the way. The record counts when that arrives."),
    "by_list": _("According to the list of {when}."),
    "here_already": _("Recorded on this till at {time}. Welcome in, nothing to record."),
    "here_before": _("Recorded on this till. Welcome in, nothing to record."),
    "unlisted": _("The card may be new. The list is of {when}."),
    "unlisted_admit": _("Let the person in and record. The record is checked when the connection is back."),
    "unlisted_ask": _("Follow your venue's instructions. A record is checked when the connection is back."),
    "cannot_check": _("Cannot be checked now"),
    "cannot_check_fact": _("An older card that can only be checked with a connection."),
    "cannot_check_next": _("Look at the last day printed on the card, then record. The register checks it later."),
    "old_list": _("The list is too old"),
    "old_list_fact": _("The list is of {when}. Nobody is turned away because of that."),
    "no_list": _("No list yet"),
    "no_list_fact": _("This till has not fetched its list yet, so it cannot check cards without a connection."),
    "hold": _("Number of kept places"),
    "hold_fact": _("The register finds the card behind the number when the record arrives."),
    "hold_next": _("Choose how many come in, then record."),
    "not_everyone": _("Not everyone fits"),
    "how_many_now": _("Choose how many come in now."),
    "recorded": _("Recorded"),
    "recorded_here": _("Recorded on this till"),
    "sent_later": _("It goes to the register when the connection is back."),
    "with_note": _("Recorded with a note."),
    "counts_later": _("It counts once the card is registered, within seven days."),
    "undone": _("Undone"),
    "not_undone": _("Not undone"),
    "mend_on_day": _("It can be corrected on the page of the day's records."),
    "not_kept": _("Not recorded"),
    "not_kept_fact": _("The device could not keep the record."),
    "not_kept_next": _("Write it on paper, and free space on the device."),
    "check_numbers": _("Check the numbers and the last day of the season pass."),
    "done_record": _("{counts} recorded"),
    "undone_record": _("{counts} undone"),
    "waiting_record": _("{counts}, to be sent"),
    "asking": _("Asking the register …"),
    "try_again": _("That did not work. Read the card again."),
    "left": _("The previous one was not recorded: {counts}"),
    "left_too": _("Record it too"),
    "undo": _("Undo"),
}

# What may be chosen for a card.
CHOICES = {
    "children": _("Children along"),
    "assistants": _("Assistant or interpreter"),
    "clients": _("Clients under 16"),
    "workers": _("Workers"),
    "family": _("The whole family"),
    "add_children": _("Add children"),
    "add_assistant": _("Add an assistant"),
    "more_children": _("More children"),
    "season_or_more": _("Season pass or more children"),
    "until": _("Season pass, last day"),
    "all_children": _("Children, all together"),
    "skip": _("Go on without recording"),
    "came_in": _("The person came in all the same"),
    "came_in_fact": _("What happened is recorded, with a note. The register judges it when the connection is back."),
}

# Camera, sounds, connection, choosing what is on.
TILL = {
    "name": _("Kaiku Card till"),
    "open_admission": _("{venue}, open admission"),
    "own_offering": _("Open admission without an offering"),
    "no_sheet": _("The till fetches what is on as soon as there is a connection."),
    "connected": _("Connected"),
    "connecting": _("Connecting …"),
    "disconnected": _("No connection"),
    "gone_offline": _("There is no connection right now. Records are safe on this device."),
    "back_online": _("The connection is back."),
    "sounds_on": _("Sounds on"),
    "sounds_off": _("Sounds off"),
    "camera_open": _("Read with the camera"),
    "camera_close": _("Close the camera"),
    "camera_starting": _("The camera is starting."),
    "camera_ready": _("Hold the card's square or striped code in front of the camera."),
    "camera_refused": _(
        "The browser does not let this page use the camera. Allow it in the browser's settings for this page, or type "
        "the code."
    ),
    "camera_none": _("No camera was found. Use a reader or type the code."),
    "camera_busy": _("The camera is in use elsewhere. Close the other app and try again, or type the code."),
    "camera_stopped": _("The camera did not start. Try again, or type the code."),
    "camera_number": _("Camera {n}"),
    "torch_on": _("Light on"),
    "torch_off": _("Light off"),
    "no_space": _("This device has no room for new records. Send what waits, and free some space."),
    "clock": _("This device's clock is wrong by {hours}. The till goes by the register's time, but do set it right."),
    "list_old": _("The list is of {when}. Connect the till to the network."),
    "list_of": _("As of {when}"),
    "list_none": _("The till has no list yet. Keep it connected until it has fetched one."),
}

# Opening, locking, enrolling.
DOOR = {
    "gate_lead": _("This phone becomes the till of one event, until it is over. No account and no name are needed."),
    "code_gone": _("This code does not make a till any more. Ask for a new one."),
    "code_needed": _("Type the code for the till."),
    "pin_short": _("Choose at least six digits."),
    "pin_easy": _("Choose digits that are harder to guess: not all the same, and not in a row."),
    "pin_differs": _("The two PINs are not the same. Type the second one again."),
    "pin_wrong": _("This PIN does not open the till."),
    "wait": _("Many wrong PINs in a row. Try again in {minutes}."),
    "pin_needed": _("Type your PIN."),
    "needs_network": _("Making a till needs a connection. Try again when there is one."),
    "server_away": _("The register does not answer right now. Try again in a moment."),
    "passkey_not": _("The passkey was not used. Type the PIN instead."),
    "offline_opens": _("There is no connection. The till opens with the PIN, and records are kept on this device."),
    "offline_shut": _("There is no connection, and this till opens only with one."),
    "kept_until": _("Kept as a till until {time}"),
    "not_kept_till": _("It locks after ten minutes without use."),
}

# The queue.
QUEUE = {
    "all_sent": _("Everything has been sent."),
    "oldest": _("the oldest from {when}"),
    "row_waiting": _("waits"),
    "row_sending": _("is being sent"),
    "row_kept": _("waits for a pause to end"),
    "row_again": _("It is sent again."),
    "aside_count": _("{n} set aside"),
    "aside_unclear": _("The register could not read this row."),
    "again": _("Try again"),
    "take_out": _("Take it out"),
    "undone_too_late": _("It could not be undone any more here. It can be corrected on the page of the day's records."),
    "same_event": _("Choose another event to move them to."),
    "send": _("Send now"),
    "sending": _("Sending …"),
    "sent_now": _("Sent."),
    "send_away": _("There is no connection. The records are safe here and go by themselves when it is back."),
    "moved_none": _("No rows of that event wait on this till."),
    "handed_none": _("Nothing waited on this device."),
    "taken_out": _("Taken out"),
}

# Why the device is no till any more: heading and sentence.
STOPPED = {
    DeviceStop.REVOKED: (
        _("This till has been taken out of use"),
        _("Your workplace has ended it. Cards can no longer be checked or recorded here."),
    ),
    DeviceStop.COPIED: (
        _("This till was stopped to be safe"),
        _("Its contents were used on another device too, so both were stopped. Tell your contact person."),
    ),
    DeviceStop.PIN: (
        _("This till was stopped after many wrong PINs"),
        _("Your workplace can make it a till again with a new code."),
    ),
    DeviceStop.ENDED: (
        _("The event is over, and so is its till"),
        _("Thank you for your evening. Nothing more needs doing once every record has been sent."),
    ),
    "not-accepted": (
        _("The register does not know this till any more"),
        _("Your workplace can make it a till again with a new code."),
    ),
}


def _plurals() -> dict[str, Callable[[int], str]]:
    return {
        "n_children": lambda n: ngettext("Own ticket and one child.", "Own ticket and up to {n} children.", n),
        "n_places": lambda n: ngettext("{n} place left", "{n} places left", n),
        "n_waiting": lambda n: ngettext("{n} record waits", "{n} records wait", n),
        "n_wait_sentence": lambda n: ngettext("{n} record waits to be sent", "{n} records wait to be sent", n),
        "n_news": lambda n: ngettext("{n} record got a note afterwards.", "{n} records got a note afterwards.", n),
        "n_tries": lambda n: ngettext("{n} try is left.", "{n} tries are left.", n),
        "n_hours": lambda n: ngettext("{n} hour", "{n} hours", n),
        "n_minutes": lambda n: ngettext("{n} minute", "{n} minutes", n),
        "n_moved": lambda n: ngettext("{n} record was moved.", "{n} records were moved.", n),
        "n_handed": lambda n: ngettext(
            "{n} record was handed over. A person of your workplace looks at it.",
            "{n} records were handed over. A person of your workplace looks at them.",
            n,
        ),
        "count_ticket": lambda n: ngettext("{n} ticket", "{n} tickets", n),
        "count_course": lambda n: ngettext("{n} course place", "{n} course places", n),
        "count_season": lambda n: ngettext("{n} season pass", "{n} season passes", n),
        "count_children": lambda n: ngettext("{n} child", "{n} children", n),
        "count_assistants": lambda n: ngettext("{n} assistant", "{n} assistants", n),
        "count_clients": lambda n: ngettext("{n} client", "{n} clients", n),
        "count_workers": lambda n: ngettext("{n} worker", "{n} workers", n),
    }


def _refusals() -> Said:
    """Large word, fact, fact with its day or time, and next step, as the till at the desk says them."""
    return {
        str(refusal): {
            "word": str(LARGE_WORDS.get(refusal, "")),
            "fact": str(WORDS[refusal].till),
            "dated": str(WORDS[refusal].dated),
            "next": str(WORDS[refusal].next_step),
        }
        for refusal in Refusal
    }


def _month(number: int) -> str:
    """How a date of that month goes on after its day: `.11.` or ` November`, without the year."""
    language = get_language() or "fi"
    spoken = spoken_day(date(2026, number, 1), language)
    return spoken[1:].rsplit(" " if language == "en" else ".", 1)[0] + ("." if language == "fi" else "")


def texts() -> Said:
    """Everything, in the active language."""
    said: Said = {name: str(text) for part in (VERDICT, CHOICES, TILL, DOOR, QUEUE) for name, text in part.items()}
    said |= {name: [say(1), say(2)] for name, say in _plurals().items()}
    said |= {
        "none_children": pgettext("children", "None"),
        "none_assistants": pgettext("assistants", "None"),
        "record": pgettext("verb", "Record"),
        "add": pgettext("verb", "Add"),
        "kinds": {str(kind): str(kind.label) for kind in OfferingKind},
        "verdicts": {state: str(word) for state, (_sign, word) in VERDICTS.items()},
        "refusals": _refusals(),
        "stopped": {str(stop): [str(part) for part in parts] for stop, parts in STOPPED.items()},
        "weekdays": [weekday(number) for number in range(7)],
        "months": [_month(number) for number in range(1, 13)],
        "at": {"fi": "klo\N{NO-BREAK SPACE}", "sv": "kl.\N{NO-BREAK SPACE}"}.get(get_language() or "fi", ""),
        "at_joint": gettext("{day} at {time}"),
    }
    return said
