"""What the till app says, by the name its scripts know it by; in the language its page is drawn in."""

from django.utils.translation import gettext


def texts() -> dict[str, str]:
    return {"name": gettext("Kaiku Card till")}
