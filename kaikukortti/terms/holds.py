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
