"""Why a year is not closed: values with words, calm and fit to be read aloud (rule 31)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CloseRefusal(TextChoices):
    YEAR_NOT_OVER = "year-not-over", _("The year is still going on. It can be closed from 1 January on.")
    NOTHING_KNOWN = "nothing-known", _("The register knows nothing of this year, so there is nothing to close.")
    NOTE_NEEDED = "note-needed", _("This year has been closed before. Write what has changed; everyone sees the note.")
    CLOSED_MEANWHILE = "closed-meanwhile", _("Somebody has just closed this year. Look at the new revision first.")
