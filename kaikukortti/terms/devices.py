"""Words for the devices that are tills."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DeviceKind(TextChoices):
    TILL = "till", _("till")
    GATE = "gate", _("gate pass")


class DeviceStop(TextChoices):
    """Why a device is no till any more."""

    REVOKED = "revoked", _("taken out of use")
    COPIED = "copied", _("stopped, because its contents were used on another device too")
    PIN = "pin", _("stopped after many wrong PINs")
    ENDED = "ended", _("its event is over")
