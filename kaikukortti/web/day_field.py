"""A day in a form: the browser's own date field, also as people type it (24.11.2026)."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DayField(forms.DateField):
    """A day from 2015 to 2100; anything else is asked again."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("input_formats", ["%Y-%m-%d", "%d.%m.%Y"])
        options.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        words = {
            "required": _("Choose a day."),
            "invalid": _("Write the day like this: 24.11.2026."),
        }
        options["error_messages"] = words | options.get("error_messages", {})
        super().__init__(**options)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not 2015 <= value.year <= 2100:
            raise forms.ValidationError(_("Choose a day between 2015 and 2100."))
