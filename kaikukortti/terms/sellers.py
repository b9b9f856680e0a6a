"""Words for ticket sellers' machines: what a token may do, and what a webhook tells."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kaikukortti.terms.roles import RECORDERS, Role


class Scope(TextChoices):
    """What a token may be used for; a token made without a choice may do all its role can."""

    CHECK = "check", _("check cards")
    RECORD = "record", _("record and reverse uses")
    OFFERINGS = "offerings", _("read offerings")
    CODES = "codes", _("make and take in one-time codes")
    SETTLEMENT = "settlement", _("read settlement files")
    CARDS = "cards", _("issue and block cards")
    FIGURES = "figures", _("read figures")


# What a workplace's machine can do at all, in the order it is asked about.
SCOPES_OF: dict[Role, tuple[Scope, ...]] = {
    **dict.fromkeys(RECORDERS, (Scope.CHECK, Scope.RECORD, Scope.OFFERINGS, Scope.CODES, Scope.SETTLEMENT)),
    Role.ISSUER: (Scope.CARDS,),
    Role.NATIONAL: (Scope.FIGURES,),
}


class WebhookEvent(TextChoices):
    """What a seller is told of offerings it already holds codes or records of."""

    CANCELLED = "offering.cancelled", _("an offering was cancelled")
    ALLOTMENT = "offering.allotment", _("the allotment of an offering changed")
    VOIDED = "one-time-code.voided", _("a one-time code became void")
    TEST = "test", _("a test")
