"""Words for ticket sellers' machines: what a token may do, and what a webhook tells."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Scope(TextChoices):
    """What a token may be used for; a token made without a choice may do all its role can."""

    CHECK = "check", _("check cards")
    RECORD = "record", _("record and reverse uses")
    OFFERINGS = "offerings", _("read offerings")
    CODES = "codes", _("make and redeem one-time codes")
    SETTLEMENT = "settlement", _("read settlement files")
    CARDS = "cards", _("issue and block cards")
    FIGURES = "figures", _("read figures")


class WebhookEvent(TextChoices):
    """What a seller is told of offerings it already holds codes or records of."""

    CANCELLED = "offering.cancelled", _("an offering was cancelled")
    ALLOTMENT = "offering.allotment", _("the allotment of an offering changed")
    VOIDED = "one-time-code.voided", _("a one-time code became void")
    TEST = "test", _("a test")
