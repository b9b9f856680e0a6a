"""Words for places kept: holds, the wait list, one-time codes."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class HoldKind(TextChoices):
    """For whom places are kept."""

    DESK = "desk", _("kept at the desk or by phone")
    WAITING = "waiting", _("kept for the next on the wait list")
    CODE = "code", _("kept behind a one-time code")
    GROUP = "group", _("kept for a group")


class HoldEnd(TextChoices):
    """What became of the places."""

    FETCHED = "fetched", _("fetched")
    RELEASED = "released", _("released")
    EXPIRED = "expired", _("not fetched in time")
    REISSUED = "reissued", _("replaced by a new code")
    CANCELLED = "cancelled", _("event cancelled")


class NotKept(TextChoices):
    """Why no places are kept though the card may come; each says what to do."""

    NOBODY = "nobody", _("Choose at least one place.")
    BEGUN = "begun", _("It has begun already. Record the card at the till instead.")
    PAST = "past", _("That time has passed. Choose a later one, at the latest the start.")
    WHEELCHAIR = (
        "wheelchair",
        _("There are not so many wheelchair places left. Keep the places without, or ask the venue."),
    )
    OVER = "over", _("These places have gone back already. Keep them anew with the card.")
    NOT_FULL = "not-full", _("There are places left, so there is no wait list. Keep places instead.")
    NO_PHONE = (
        "no-phone",
        _("News of the wait list goes to the phone card only, and this card is on no phone yet."),
    )
    NOT_TODAY = "not-today", _("Empty seats are released on the day of the event, until it starts.")
