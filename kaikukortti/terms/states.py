"""States that are computed from dated facts (rule 7) or dated themselves (rule 15)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CardState(TextChoices):
    BLANK = "blank", _("not registered yet")
    ACTIVE = "active", _("valid")
    EXPIRED = "expired", _("run out")
    BLOCKED = "blocked", _("blocked")
    REPLACED = "replaced", _("replaced")
    VOID = "void", _("void")


class Phase(TextChoices):
    """A region's phase (rule 15)."""

    INTERESTED = "interested", _("interested")
    PREPARING = "preparing", _("preparing")
    PILOT = "pilot", _("pilot")
    PERMANENT = "permanent", _("permanent")
    ENDED = "ended", _("ended")


# Only these issue cards and accept them (rule 15).
OPEN_PHASES = (Phase.PILOT, Phase.PERMANENT)
