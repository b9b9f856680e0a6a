"""Why a person may not grant, change or end something: values with a sentence each, blame-free, next step included."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class WhyNot(TextChoices):
    NOT_CONTACT = "not-contact", _("The contact person of the workplace does this.")
    CONTACT_INVITES = "contact-invites", _("This workplace has a contact person, who lets its people in.")
    CONTACT_RESETS = (
        "contact-resets",
        _("This workplace has a contact person, who resets second factors. The national service does it too."),
    )
    NOT_YOURS = "not-yours", _("This workplace belongs to another region. Its own coordinator does this.")
    NATIONAL_ONLY = "national-only", _("The national service does this.")
    LAST_CONTACT = (
        "last-contact",
        _("This is the only contact person of the workplace. Make another member a contact person first."),
    )
    WORKS_ELSEWHERE_TOO = (
        "works-elsewhere-too",
        _(
            "This person acts for another workplace too, and a new password opens both. "
            "The national service makes the link."
        ),
    )
    NO_TOKENS_HERE = "no-tokens-here", _("A workplace of this kind makes no calls, so it has no tokens.")
    NOT_FOR_VENUES = "not-for-venues", _("Only a region or the whole country sets this.")
    ONLY_FOR_ISSUERS = "only-for-issuers", _("Cards are made for issuing workplaces.")
    YEAR_CLOSED = "year-closed", _("The year of this day is closed. Choose a later day.")
    DAY_TAKEN = "day-taken", _("There is already a change on this day. Take it back first, or choose another day.")
    IN_FORCE = "in-force", _("This is already in force. Add a new row from a later day on instead.")
    NOT_THEN = "not-then", _("The municipality does not exist on this day. Choose the one it has merged into.")
    NO_CHANGE = "no-change", _("On this day that is how things stand already.")
