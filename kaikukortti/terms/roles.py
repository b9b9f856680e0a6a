"""Who acts. A role belongs to a workplace; a person signs in and acts for one workplace at a time."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    NATIONAL = "national", _("national service")
    COORDINATOR = "coordinator", _("coordinator")
    ISSUER = "issuer", _("issuing workplace")
    VENUE = "venue", _("venue")
    TICKET_AGENT = "ticket_agent", _("ticket agent")
    ANALYST = "analyst", _("analyst")


class Side(TextChoices):
    """A region is run by a pair, one from each side."""

    CULTURE = "culture", _("culture")
    SOCIAL = "social", _("social and health care")


# Roles that record uses, and so are told a card's state (who sees what).
RECORDERS = (Role.VENUE, Role.TICKET_AGENT)
