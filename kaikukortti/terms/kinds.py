"""The kinds of things: offerings, records, sources, reasons."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Sector(TextChoices):
    CULTURE = "culture", _("culture")
    EDUCATION = "education", _("courses")
    SCIENCE = "science", _("science")
    SPORT = "sport", _("sport")


class OfferingKind(TextChoices):
    EVENT = "event", _("event")
    OPEN = "open", _("open admission")
    COURSE = "course", _("course")


class RecordKind(TextChoices):
    TICKET = "ticket", _("ticket")
    COURSE = "course", _("course place")
    SEASON = "season", _("season pass")


# Which records an offering takes; no offering is one open admission of the venue that day (rule 33).
KINDS_OF_OFFERING = {
    OfferingKind.EVENT: (RecordKind.TICKET,),
    OfferingKind.OPEN: (RecordKind.TICKET, RecordKind.SEASON),
    OfferingKind.COURSE: (RecordKind.COURSE,),
}


def usual_kind(offering: OfferingKind) -> RecordKind:
    """What is recorded at an offering unless something else is asked for."""
    return KINDS_OF_OFFERING[offering][0]


class Source(TextChoices):
    ONLINE = "online", _("online")
    OFFLINE = "offline", _("offline till")
    PAPER = "paper", _("paper list")
    IMPORT = "import", _("import")


class Status(TextChoices):
    """The answer to one record."""

    RECORDED = "recorded", _("recorded")
    ALREADY_RECORDED = "already-recorded", _("already recorded")
    REFUSED = "refused", _("not recorded")
    FLAGGED = "flagged", _("recorded and flagged")
    PENDING = "pending", _("waiting for the card's registration")
    CONFLICT = "conflict", _("conflict")


# The answers that stand for a stored row.
STORED = (Status.RECORDED, Status.FLAGGED, Status.PENDING)


class ChangeKind(TextChoices):
    """What may be appended to a record."""

    REVERSED = "reversed", _("reversed")
    SETTLED = "settled", _("settled")
    REGISTERED = "registered", _("card registered")
    VOIDED = "voided", _("void, the card was not registered in time")
    DISPUTED = "disputed", _("the holder says it is not theirs")
    INVOICED = "invoiced", _("the course's invoice is settled")
    UNINVOICED = "uninvoiced", _("the course's invoice is open again")


class ReversalReason(TextChoices):
    """Rule 30."""

    WRONG_CARD = "wrong-card", _("wrong card")
    WRONG_EVENT = "wrong-event", _("wrong event")
    WRONG_COUNT = "wrong-count", _("wrong number")
    DUPLICATE = "duplicate", _("recorded twice")
    EVENT_CANCELLED = "event-cancelled", _("event cancelled")
    TEST = "test", _("test")
    OTHER = "other", _("other")


class CardFactKind(TextChoices):
    """The dated rows a card's state is computed from (rule 7)."""

    MADE = "made", _("made")
    PRINTED = "printed", _("printed, on its way to the workplace")
    RECEIVED = "received", _("received by the workplace")
    REGISTERED = "registered", _("registered")
    VALID = "valid", _("valid")
    ENDED = "ended", _("ended early")
    BLOCKED = "blocked", _("blocked")
    REPLACED = "replaced", _("replaced")
    VOIDED = "voided", _("void")
    CORRECTED = "corrected", _("corrected")
    MOVED = "moved", _("moved to another workplace")
    SECRET = "secret", _("given a new secret")


class BatchKind(TextChoices):
    """Where the cards of a batch come from."""

    LISTED = "listed", _("made at once, without printing")
    PRINTED = "printed", _("printed cards, in use when the workplace has received them")
    PHONE = "phone", _("a card made straight onto a phone")
    SERIES = "series", _("an older printed series")


class CardLayout(TextChoices):
    """What a batch of cards is printed on."""

    CARDS = "cards", _("cards for a printing house, ten to a sheet, with crop marks")
    OFFICE = "office", _("sheets for an office printer, to cut and fold")


class BlockReason(TextChoices):
    """Rule 10."""

    LOST = "lost", _("lost")
    STOLEN = "stolen", _("stolen")
    BROKEN = "broken", _("broken")
    WRONG_DATA = "wrong-data", _("wrong data")


class ReplaceReason(TextChoices):
    """Why a card is replaced by a new one: rule 10's reasons, or from paper to phone and back."""

    LOST = BlockReason.LOST.value, BlockReason.LOST.label
    STOLEN = BlockReason.STOLEN.value, BlockReason.STOLEN.label
    BROKEN = BlockReason.BROKEN.value, BlockReason.BROKEN.label
    WRONG_DATA = BlockReason.WRONG_DATA.value, BlockReason.WRONG_DATA.label
    OTHER_FORM = "other-form", _("from paper to phone, or from phone to paper")


class MoveReason(TextChoices):
    """Why a coordinator lets another workplace look after a card (rule 9)."""

    WORKPLACE_CLOSED = "closed", _("the workplace has closed")
    HOLDER_MOVED = "holder-moved", _("the holder has moved")
    SERVICE_CHANGED = "service", _("the holder's service has changed")


class Milestone(TextChoices):
    """When a card comes to the activation worklist of its workplace."""

    UNUSED_30 = "unused-30", _("unused for 30 days")
    UNUSED_60 = "unused-60", _("unused for 60 days")
    UNUSED_90 = "unused-90", _("unused for 90 days")
    EXPIRING = "expiring", _("expires within 45 days")
    EXPIRED = "expired", _("expired and not renewed")


class CountedKind(TextChoices):
    """Facts of a card's life that figures count."""

    REGISTRATION = "registration", _("card registered")
    RENEWAL = "renewal", _("card renewed")
    BLOCK = "block", _("card blocked")
    EARLY_END = "early-end", _("card ended early")
    TAKEN_INTO_USE = "taken-into-use", _("card taken into use")


class Gender(TextChoices):
    WOMAN = "woman", _("woman")
    MAN = "man", _("man")
    OTHER = "other", _("other")
    NOT_SAID = "not-said", _("prefers not to say")


class LifeSituation(TextChoices):
    UNEMPLOYED = "unemployed", _("unemployed")
    STUDENT = "student", _("student")
    WORKING = "working", _("working")
    PENSIONER = "pensioner", _("pensioner")
    SICK_LEAVE = "sick-leave", _("on sick leave or in rehabilitation")
    CARER = "carer", _("at home with children or caring for someone")
    ASYLUM_SEEKER = "asylum-seeker", _("asylum seeker")
    NONE = "none", _("none of these")
    NOT_SAID = "not-said", _("prefers not to say")


class HomeLanguage(TextChoices):
    FINNISH = "fi", _("Finnish")
    SWEDISH = "sv", _("Swedish")
    SAMI = "se", _("a Sámi language")
    ENGLISH = "en", _("English")
    RUSSIAN = "ru", _("Russian")
    UKRAINIAN = "uk", _("Ukrainian")
    ESTONIAN = "et", _("Estonian")
    ARABIC = "ar", _("Arabic")
    SOMALI = "so", _("Somali")
    SIGN_LANGUAGE = "sign", _("a sign language")
    OTHER = "other", _("another language")
    NOT_SAID = "not-said", _("prefers not to say")


class Accessibility(TextChoices):
    STEP_FREE = "step-free", _("step-free entrance")
    TOILET = "toilet", _("accessible toilet")
    WHEELCHAIR_SEATS = "wheelchair-seats", _("wheelchair places")
    HEARING_LOOP = "hearing-loop", _("induction loop")
    SIGN_LANGUAGE = "sign-language", _("sign language interpretation")
    AUDIO_DESCRIPTION = "audio-description", _("audio description")
    EASY_LANGUAGE = "easy-language", _("easy language")
    RELAXED = "relaxed", _("relaxed performance")


class Period(TextChoices):
    """Calendar periods a cap is counted over (rule 17)."""

    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    YEAR = "year", _("year")
