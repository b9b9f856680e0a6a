"""Refusals: the reasons why not, as values, with words for the till, for the holder, and the next step.

The card is the subject, never the person; day before cause; next step last. `{day}` and `{time}` are filled in by
`terms.messages`. Section 6 of the domain lists the values; docs/refusals.md shows each with its three languages.
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(TextChoices):
    CARD_UNKNOWN = "card-unknown"
    CARD_CODE_TYPO = "card-code-typo"
    CARD_UNREGISTERED = "card-unregistered"
    CARD_ALREADY_REGISTERED = "card-already-registered"
    CARD_EXPIRED = "card-expired"
    CARD_ENDS_BEFORE = "card-ends-before"
    CARD_BLOCKED = "card-blocked"
    CARD_REPLACED = "card-replaced"
    CARD_VOID = "card-void"
    HOLDER_TOO_YOUNG = "holder-too-young"
    BIRTH_YEAR_IMPLAUSIBLE = "birth-year-implausible"
    MINORS_IMPLAUSIBLE = "minors-implausible"
    POSTAL_CODE_UNKNOWN = "postal-code-unknown"
    MUNICIPALITY_NOT_IN_NETWORK = "municipality-not-in-network"
    REGION_CLOSED_OUT = "region-closed-out"
    REGION_CLOSED_IN = "region-closed-in"
    VENUE_NOT_ACTIVE = "venue-not-active"
    OFFERING_UNKNOWN = "offering-unknown"
    OFFERING_NOT_OPEN = "offering-not-open"
    OFFERING_CANCELLED = "offering-cancelled"
    OFFERING_FULL = "offering-full"
    DAY_NOT_OFFERED = "day-not-offered"
    TOO_EARLY_TO_RECORD = "too-early-to-record"
    TOO_LATE_TO_RECORD = "too-late-to-record"
    LIMIT_PER_EVENT = "limit-per-event"
    LIMIT_PER_PERIOD = "limit-per-period"
    CHILDREN_NOT_ON_COURSES = "children-not-on-courses"
    CHILDREN_NEED_HOLDER = "children-need-holder"
    TOO_MANY_CHILDREN = "too-many-children"
    COMMUNITY_CARD_NEEDS_CLIENTS = "community-card-needs-clients"
    COMMUNITY_CARD_NOT_HERE = "community-card-not-here"
    COUNTS_NOT_FOR_THIS_CARD = "counts-not-for-this-card"
    KIND_NOT_HERE = "kind-not-here"
    ALREADY_RECORDED = "already-recorded"
    NOT_TOGETHER = "not-together"
    CODE_ALREADY_USED = "code-already-used"
    CODES_RUN_OUT = "codes-run-out"
    PERIOD_CLOSED = "period-closed"
    REASON_NEEDED = "reason-needed"
    NOT_YOUR_WORKPLACE = "not-your-workplace"
    TOO_MANY_TRIES = "too-many-tries"
    LIST_TOO_OLD = "list-too-old"


# Rows that happened and carry one of these count only when the venue has settled them (rule 28).
COUNT_WHEN_SETTLED = (Refusal.ALREADY_RECORDED, Refusal.CARD_UNKNOWN, Refusal.CARD_CODE_TYPO)
# Reasons for which even a row that happened is not stored (rule 28).
NEVER_STORED = (
    Refusal.NOT_YOUR_WORKPLACE,
    Refusal.OFFERING_UNKNOWN,
    Refusal.TOO_EARLY_TO_RECORD,
    Refusal.PERIOD_CLOSED,
    Refusal.TOO_MANY_TRIES,
)


@dataclass(frozen=True, slots=True)
class Words:
    """One refusal in words. `till` is said at the door, `holder` stands on the holder's own page, `next_step` mends.

    `dated` is what the till says when the day or time is known.
    """

    till: str | Promise
    holder: str | Promise
    next_step: str | Promise
    dated: str | Promise = ""


WORDS: dict[Refusal, Words] = {
    Refusal.CARD_UNKNOWN: Words(
        _("This code is not in the register."),
        _("The register does not know this code."),
        _("Check the code on the card, or ask where the card was given."),
    ),
    Refusal.CARD_CODE_TYPO: Words(
        _("Check the code: one character seems to differ."),
        _("One character of the code seems to differ."),
        _("Read the code again or type it as it stands on the card."),
    ),
    Refusal.CARD_UNREGISTERED: Words(
        _("The card has not been registered yet."),
        _("Your card has not been registered yet."),
        _("The workplace that gave the card registers it in a moment."),
    ),
    Refusal.CARD_ALREADY_REGISTERED: Words(
        _("This card is already in use."),
        _("This card is already in use."),
        _("Take another blank card."),
    ),
    Refusal.CARD_EXPIRED: Words(
        _("The card has run out."),
        _("Your card has run out."),
        _("It can be renewed where it was given."),
        _("The card ran out on {day}."),
    ),
    Refusal.CARD_ENDS_BEFORE: Words(
        _("The card is valid today and ends before this date."),
        _("Your card ends before this date."),
        _("Renew the card first where it was given."),
        _("The card is valid today and ends on {day}, before this date."),
    ),
    Refusal.CARD_BLOCKED: Words(
        _("The card is now blocked."),
        _("Your card is now blocked."),
        _("A new one is given at the same place."),
    ),
    Refusal.CARD_REPLACED: Words(
        _("The card has been replaced by a new one."),
        _("This card has been replaced by a new one."),
        _("Use the new card; the old one can be thrown away."),
    ),
    Refusal.CARD_VOID: Words(
        _("The card has been taken out of use."),
        _("This card has been taken out of use."),
        _("A new one is given at the same place."),
    ),
    Refusal.HOLDER_TOO_YOUNG: Words(
        _("The card can be given in the year when the person turns 16."),
        _("You can get a card in the year when you turn 16."),
        _("Check the birth year. A younger child comes along with an adult's card."),
    ),
    Refusal.BIRTH_YEAR_IMPLAUSIBLE: Words(
        _("The birth year does not look right."),
        _("The birth year does not look right."),
        _("Type four digits, for example 1980."),
    ),
    Refusal.MINORS_IMPLAUSIBLE: Words(
        _("The number of children is from 0 to 20."),
        _("The number of children is from 0 to 20."),
        _("Check the number; type 0 if there are none."),
    ),
    Refusal.POSTAL_CODE_UNKNOWN: Words(
        _("The postal code was not found."),
        _("The postal code was not found."),
        _("Check the number or choose the municipality alone."),
    ),
    Refusal.MUNICIPALITY_NOT_IN_NETWORK: Words(
        _("The municipality is not in the network yet."),
        _("Your municipality is not in the network yet."),
        _("Check the postal code. The areas are listed on the front page."),
    ),
    Refusal.REGION_CLOSED_OUT: Words(
        _("The card is valid only in its own area."),
        _("Your card is valid only in its own area."),
        _("The card's own area lists its venues on its page."),
    ),
    Refusal.REGION_CLOSED_IN: Words(
        _("This area takes only its own cards for now."),
        _("This area takes only its own cards for now."),
        _("The card is valid in the other areas."),
    ),
    Refusal.VENUE_NOT_ACTIVE: Words(
        _("The venue is not in the network on this day."),
        _("The venue is not in the network on this day."),
        _("Ask the area's coordinator for the dates."),
    ),
    Refusal.OFFERING_UNKNOWN: Words(
        _("This offering was not found among yours."),
        _("This offering was not found."),
        _("Choose the offering from the list."),
    ),
    Refusal.OFFERING_NOT_OPEN: Words(
        _("This offering has not been published yet."),
        _("This offering has not been published yet."),
        _("Publish it first, then record."),
    ),
    Refusal.OFFERING_CANCELLED: Words(
        _("This offering has been cancelled."),
        _("This event has been cancelled."),
        _("See what else is on."),
    ),
    Refusal.OFFERING_FULL: Words(
        _("The Kaiku Card places have all been given."),
        _("The Kaiku Card places have all been given."),
        _("See the next one."),
    ),
    Refusal.DAY_NOT_OFFERED: Words(
        _("The offering is not on this day."),
        _("It is not on this day."),
        _("Check the day or choose another offering."),
    ),
    Refusal.TOO_EARLY_TO_RECORD: Words(
        _("This day has not come yet."),
        _("This day has not come yet."),
        _("Record on the day itself."),
    ),
    Refusal.TOO_LATE_TO_RECORD: Words(
        _("This day is no longer open for recording here."),
        _("This day is no longer open for recording."),
        _("Ask the area's coordinator to enter it."),
    ),
    Refusal.LIMIT_PER_EVENT: Words(
        _("The card gives one own ticket to each event."),
        _("Your card gives one own ticket to each event."),
        _("A companion needs a card of their own."),
    ),
    Refusal.LIMIT_PER_PERIOD: Words(
        _("The tickets of this period have been given."),
        _("The tickets of this period have been given."),
        _("The card gives tickets again when the next period begins."),
        _("The tickets of this period have been given. The next period begins on {day}."),
    ),
    Refusal.CHILDREN_NOT_ON_COURSES: Words(
        _("A course place is for the card's holder only."),
        _("A course place is for you only."),
        _("Record the course without children."),
    ),
    Refusal.CHILDREN_NEED_HOLDER: Words(
        _("Children come in together with the holder's own ticket."),
        _("Children come in together with your own ticket."),
        _("Record the own ticket first."),
    ),
    Refusal.TOO_MANY_CHILDREN: Words(
        _("There are more children than the register says."),
        _("There are more children than the register says."),
        _("The number can be corrected where the card was given."),
    ),
    Refusal.COMMUNITY_CARD_NEEDS_CLIENTS: Words(
        _("A community card is for a worker with clients under 16."),
        _("A community card is for a worker with clients under 16."),
        _("Give the number of clients."),
    ),
    Refusal.COMMUNITY_CARD_NOT_HERE: Words(
        _("A community card gives no course places here."),
        _("A community card gives no course places here."),
        _("Use a personal card for the course."),
    ),
    Refusal.COUNTS_NOT_FOR_THIS_CARD: Words(
        _("These numbers do not belong to this kind of card."),
        _("These numbers do not belong to this kind of card."),
        _("Personal card: own ticket and children. Community card: workers and clients."),
    ),
    Refusal.KIND_NOT_HERE: Words(
        _("This offering gives another kind of place."),
        _("This offering gives another kind of place."),
        _("Choose ticket, course place or season pass as the offering says."),
    ),
    Refusal.ALREADY_RECORDED: Words(
        _("The ticket has been given. Welcome in, nothing to record."),
        _("The ticket has been given."),
        _("Children can still be added."),
        _("The ticket was given at {time}. Welcome in, nothing to record."),
    ),
    Refusal.NOT_TOGETHER: Words(
        _("Nothing was recorded, since one of the group could not be."),
        _("Nothing was recorded, since one of the group could not be."),
        _("Settle that one first or record the others one by one."),
    ),
    Refusal.CODE_ALREADY_USED: Words(
        _("This one-time code has been used, replaced or has run out."),
        _("This one-time code has been used, replaced or has run out."),
        _("Make a new one-time code."),
    ),
    Refusal.CODES_RUN_OUT: Words(
        _("The one-time codes have run out."),
        _("The one-time codes have run out."),
        _("On the wait list the phone card tells when places come free."),
    ),
    Refusal.PERIOD_CLOSED: Words(
        _("The year has been closed."),
        _("The year has been closed."),
        _("The area's coordinator enters it as a correction."),
    ),
    Refusal.REASON_NEEDED: Words(
        _("After a day a correction needs its reason."),
        _("After a day a correction needs its reason."),
        _("Choose the reason from the list."),
    ),
    Refusal.NOT_YOUR_WORKPLACE: Words(
        _("This belongs to another workplace."),
        _("This belongs to another workplace."),
        _("Ask that workplace."),
    ),
    Refusal.TOO_MANY_TRIES: Words(
        _("Many codes in a row were unknown, so this till takes a short break."),
        _("Many codes in a row were unknown, so there is a short break."),
        _("Try again in a while. Other tills go on as usual."),
    ),
    Refusal.LIST_TOO_OLD: Words(
        _("The list on this till is too old to tell."),
        _("The list on this till is too old to tell."),
        _("Connect the till to the network."),
    ),
}
