"""What is said of a column: whose data it holds, for what purpose, how long and on what basis.

`{trio_days}` and `{link_years}` stand for the policies of those names; the privacy notice fills them in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Whose(StrEnum):
    """Whose data a column holds."""

    HOLDER = "holder"
    WORKER = "worker"


class Kind(StrEnum):
    """What a column that tells of no person is."""

    ROW = "row"  # the row's own number, or its place in a sequence
    REFERENCE = "reference"  # municipalities, postal codes, areas
    NETWORK = "network"  # regions, workplaces, policies
    OFFERING = "offering"  # what venues offer, and the places it has
    FIGURE = "figure"  # published sums
    MACHINE = "machine"  # tokens, keys' canaries, the pulse of the register
    FRAMEWORK = "framework"  # tables Django makes and the register leaves empty of people


Columns = Mapping[str, Mapping[str, str | Promise]]


@dataclass(frozen=True, slots=True)
class Purpose:
    """Personal columns that stand for one purpose: table → column → what it says, in words for a reader."""

    name: str
    whose: Whose
    title: str | Promise
    purpose: str | Promise
    lifetime: str | Promise
    basis: str | Promise
    columns: Columns

    @property
    def contents(self) -> list[str]:
        """What the columns say, each said once, in the order they stand here."""
        said = (str(label) for columns in self.columns.values() for label in columns.values())
        return list(dict.fromkeys(said))


PUBLIC_TASK = _(
    "A task in the public interest: Article 6(1)(e) of the General Data Protection Regulation and section 4 of the "
    "Finnish Data Protection Act (1050/2018)."
)
CONSENT = _(
    "Your consent: Article 6(1)(a) and, where an answer tells of health, Article 9(2)(a) of the General Data "
    "Protection Regulation. Each question can be left out, and the card is just as good."
)
INTEREST = _(
    "The controller's legitimate interest in knowing who acts in the register and in keeping it safe: Article 6(1)(f) "
    "of the General Data Protection Regulation."
)
WITH_CARD = _("Until the year after the card's last day has been closed, and as long as a use is linked to the card.")
WITH_LINK = _("The link is cut when the year of the use has been closed, plus {link_years}.")
ROW_STAYS = _(
    "The row stays for the figures. Its link to the card is cut when the year of the use has been closed, plus "
    "{link_years}; after that nothing in the register leads from the row to a card."
)
WITH_WORK = _("As long as you work with the register. After that your name stays only beside what you have done in it.")
WITH_ACT = _("As long as the row itself, so that a mistake can be traced and put right.")
