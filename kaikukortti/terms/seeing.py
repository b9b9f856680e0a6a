"""Who sees what, for a reader: told by the privacy notice and by the drafts for the data-protection officer."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Seeing:
    """Somebody, what they see of cards and uses, and what they never see."""

    who: str | Promise
    sees: str | Promise
    never: str | Promise


WHO_SEES = (
    Seeing(
        _("You, with the card's secret"),
        _("everything that is held of your card: data, uses, and which kind of workplace has looked it up"),
        _("who at a workplace it was; ask there"),
    ),
    Seeing(
        _("The workplace that gave the card"),
        _("the data and the state of its own cards"),
        _("where and when the card is used"),
    ),
    Seeing(
        _("A venue or ticket agent"),
        _("whether the card is valid or why not, and how many children may come along; its own rows"),
        _("who gave the card, your data, what you have used elsewhere"),
    ),
    Seeing(
        _("A coordinator of an area, the national service"),
        _("figures; dates of one card by its serial number or one row by its reference, and the look is logged"),
        _("your data, lists of cards or of uses"),
    ),
    Seeing(
        _("Municipalities, wellbeing areas, researchers and everyone"),
        _("published figures"),
        _("any single card or use"),
    ),
)
