"""What the audit trail tells of: acts by workers and holders, and what the subject of each is (S17, S18)."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Act(TextChoices):
    """Something that was read or changed. The value is part of the chain and never changes its meaning."""

    # A card's row; the subject is its trail_id.
    CARD_OPENED = "card-opened", _("card opened")
    CARD_FOUND = "card-found", _("card found")
    CARD_ISSUED = "card-issued", _("card given")
    CARD_CORRECTED = "card-corrected", _("card's data corrected")
    CARD_BLOCKED = "card-blocked", _("card blocked")
    CARD_REPLACED = "card-replaced", _("card replaced")
    CARD_RENEWED = "card-renewed", _("card renewed")
    CARD_ENDED = "card-ended", _("card ended early")
    CARD_MOVED = "card-moved", _("card moved to another workplace")
    CARD_SECRET = "card-secret", _("card given a new secret")
    CARD_TO_PHONE = "card-to-phone", _("card put on a phone")
    REMINDING_CHANGED = "reminding-changed", _("answer about reminders changed")
    DATES_READ = "dates-read", _("dates of a card read by its serial number")
    # A use; the subject is its reference.
    RECORD_READ = "record-read", _("record read by its reference")
    RECORD_REVERSED = "record-reversed", _("record reversed by a coordinator")
    RECORD_ENTERED = "record-entered", _("record entered by a coordinator")
    # What a holder did alone; the subject is the card's trail_id.
    HOLDER_OPENED = "holder-opened", _("own pages opened for the first time")
    HOLDER_BLOCKED = "holder-blocked", _("card blocked by its holder")
    HOLDER_ASKED_ERASURE = "holder-asked-erasure", _("erasure asked for by the holder")
    HOLDER_UNDID_ERASURE = "holder-undid-erasure", _("erasure taken back by the holder")
    HOLDER_ERASED = "holder-erased", _("data erased at the holder's wish")
    ANSWERS_ERASED = "answers-erased", _("voluntary answers erased by the holder")
    RECORD_DISPUTED = "record-disputed", _("use disputed by the holder")
    # People; the subject is the user's number.
    SIGNED_IN = "signed-in", _("signed in")
    FACTOR_SET = "factor-set", _("second factor set up")
    FACTOR_RESET = "factor-reset", _("second factor taken away")
    PERSON_INVITED = "person-invited", _("person invited")
    PERSON_CAME_IN = "person-came-in", _("person came in by a link")
    PERSON_REMOVED = "person-removed", _("person removed")
    CONTACT_CHANGED = "contact-changed", _("contact person changed")
    PASSWORD_LINK = "password-link", _("link to a new password made")
    PASSWORD_CHOSEN = "password-chosen", _("new password chosen")
    LINK_TAKEN_BACK = "link-taken-back", _("link taken back")
    TOKEN_MADE = "token-made", _("token made")
    TOKEN_REVOKED = "token-revoked", _("token revoked")
    # A workplace's own tills; the subject is the device's number.
    TILL_CODE_MADE = "till-code-made", _("code for a till made")
    GATE_MADE = "gate-made", _("gate pass made")
    TILL_STOPPED = "till-stopped", _("till or gate pass taken out of use")
    # Cards in numbers; the subject is the batch's or the draw's number.
    BATCH_MADE = "batch-made", _("cards ordered")
    BATCH_PRINTED = "batch-printed", _("cards and slips printed")
    BATCH_RECEIVED = "batch-received", _("cards received")
    BATCH_VOIDED = "batch-voided", _("cards voided")
    BLANKS_MOVED = "blanks-moved", _("blank cards moved to another workplace")
    SERIES_IMPORTED = "series-imported", _("older printed series imported")
    WORKLIST_READ = "worklist-read", _("worklist read")
    # The register itself.
    NETWORK_CHANGED = "network-changed", _("network changed")
    POLICY_CHANGED = "policy-changed", _("policy changed")
    YEAR_CLOSED = "year-closed", _("year closed")
    RETENTION_RUN = "retention-run", _("old data made coarser")
    TRAIL_READ = "trail-read", _("audit trail read")
    TRAIL_PRUNED = "trail-pruned", _("old entries of the audit trail forgotten")


class Subject(StrEnum):
    """What an entry's subject names."""

    CARD = "card"
    RECORD = "record"
    PERSON = "person"
    OTHER = "other"


SUBJECTS: dict[Act, Subject] = {
    **dict.fromkeys(
        (
            Act.CARD_OPENED,
            Act.CARD_FOUND,
            Act.CARD_ISSUED,
            Act.CARD_CORRECTED,
            Act.CARD_BLOCKED,
            Act.CARD_REPLACED,
            Act.CARD_RENEWED,
            Act.CARD_ENDED,
            Act.CARD_MOVED,
            Act.CARD_SECRET,
            Act.CARD_TO_PHONE,
            Act.REMINDING_CHANGED,
            Act.DATES_READ,
            Act.HOLDER_OPENED,
            Act.HOLDER_BLOCKED,
            Act.HOLDER_ASKED_ERASURE,
            Act.HOLDER_UNDID_ERASURE,
            Act.HOLDER_ERASED,
            Act.ANSWERS_ERASED,
        ),
        Subject.CARD,
    ),
    **dict.fromkeys(
        (Act.RECORD_READ, Act.RECORD_REVERSED, Act.RECORD_ENTERED, Act.RECORD_DISPUTED),
        Subject.RECORD,
    ),
    **dict.fromkeys(
        (
            Act.SIGNED_IN,
            Act.FACTOR_SET,
            Act.FACTOR_RESET,
            Act.PERSON_CAME_IN,
            Act.PERSON_REMOVED,
            Act.CONTACT_CHANGED,
            Act.PASSWORD_LINK,
            Act.PASSWORD_CHOSEN,
        ),
        Subject.PERSON,
    ),
}


def subject_of(act: Act) -> Subject:
    return SUBJECTS.get(act, Subject.OTHER)
