"""What is asked of every holder and how it is read: at the issue, at a correction, at a renewal (section 4)."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.cards import Holder, MunicipalityNeeded, refuse_holder, residence_of
from kaikukortti.models import Municipality
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.policies import MINORS_TO_CONFIRM, MOST_MINORS, YOUNGEST
from kaikukortti.terms.refusals import Refusal

# Finnish and Swedish sort å, ä, ö last in this order; in the character set ä comes first.
_LAST_LETTERS = str.maketrans("ÅÄÖåäö", "ÅÆØåæø")


def in_words(refusal: Refusal) -> str:
    """A refusal as the desk says it: the fact, then how to mend it."""
    return f"{refusal_fact(refusal)} {next_step(refusal)}"


def municipality_names() -> dict[str, str]:
    """Every municipality's name in the active language, by code, in alphabetical order."""
    names = {one.code: one.name for one in Municipality.objects.all()}
    return dict(sorted(names.items(), key=lambda pair: pair[1].translate(_LAST_LETTERS)))


def typed(**attributes: Any) -> forms.TextInput:
    """A short text that a browser must not remember; Enter moves on from it (desk.js)."""
    return forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-stop": ""} | attributes)


def digits(**attributes: Any) -> forms.TextInput:
    return typed(inputmode="numeric", **attributes)


def live(name: str, *, trigger: str, target: str) -> dict[str, Any]:
    """Attributes that let a field ask for a part of the page while the form is filled in (htmx)."""
    return {"hx-post": reverse_lazy(name), "hx-trigger": trigger, "hx-target": target}


class ActingForm(forms.Form):
    """A form somebody fills in for a workplace on a day. `mend` says under a field's name what its link says."""

    use_required_attribute = False
    mend: dict[str, str | Promise] = {}

    def __init__(self, *args: Any, by: Actor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.now, self.today = by, now, helsinki_day(now)
        for name, words in self.mend.items():
            if name in self.fields:
                setattr(self.fields[name], "mend", words)  # noqa: B010 -- read by the error summary

    def refuse(self, field: str | None, refusal: Refusal) -> None:
        self.add_error(field, in_words(refusal))

    def only_errors_of(self, *names: str) -> None:
        """Leave out what has not been filled in yet."""
        for name in list(self.errors):
            if name not in names:
                del self.errors[name]


class HolderForm(ActingForm):
    """What is asked of everyone (section 4). The municipality comes from the postal code, or is given alone."""

    birth_year = forms.IntegerField(label=_("Birth year"), widget=digits())
    postal_code = forms.CharField(
        label=_("Postal code"),
        required=False,
        max_length=20,
        help_text=_("If there is no address or it is not disclosed, choose the municipality alone."),
        widget=digits(**live("desk-residence", trigger="input changed delay:200ms", target="#residence")),
    )
    municipality = forms.CharField(
        label=_("Which municipality?"),
        required=False,
        max_length=3,
        help_text=_("The postal code lies in several."),
        widget=forms.RadioSelect,
    )
    only_municipality = forms.CharField(
        label=_("Municipality"), required=False, max_length=3, widget=forms.Select(attrs={"autocomplete": "off"})
    )
    minors = forms.IntegerField(
        label=_("Minor children or grandchildren"),
        help_text=_("Own, grandchildren or living in the same household, under 18. If there are none, type 0."),
        widget=digits(),
    )
    minors_sure = forms.BooleanField(label=_("The number of children is right"), required=False)
    # One key: the space bar says yes, and going on without it is a no.
    may_remind = forms.BooleanField(
        label=_("Yes, we may remind of the card"),
        required=False,
        help_text=_(
            "Ask: may we tell you at our next meeting if the card lies unused or runs out soon? A no is just as good."
        ),
        widget=forms.CheckboxInput(attrs={"data-stop": ""}),
    )

    mend = {
        "birth_year": _("Check the birth year"),
        "postal_code": _("Check the postal code"),
        "municipality": _("Choose the municipality"),
        "only_municipality": _("Check the municipality"),
        "minors": _("Check the number of children"),
        "minors_sure": _("Confirm the number of children"),
    }

    def __init__(self, *args: Any, issued_on: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = issued_on or self.today
        self.names = municipality_names()
        self.candidates: list[str] = []
        # The municipality once it is known and fits, and its name also where it does not; a form that shows stored data
        # begins with the stored one.
        self.residence: str | None = self.initial.get("municipality")
        self.place = self.names.get(self.residence or "", "")
        self._say(self.fields["birth_year"], Refusal.BIRTH_YEAR_IMPLAUSIBLE, gettext("Type the birth year."))
        self._say(self.fields["minors"], Refusal.MINORS_IMPLAUSIBLE, gettext("Type the number of children; 0 if none."))
        self._say(self.fields["postal_code"], Refusal.POSTAL_CODE_UNKNOWN)
        self.fields["birth_year"].help_text = gettext(
            "Four digits, for example 1980. The card is for those born in {year} or earlier."
        ).format(year=self.day.year - YOUNGEST)
        offered = [(code, self.names[code]) for code in self.names if self.offers(code)]
        self.fields["only_municipality"].widget.choices = [("", gettext("Choose a municipality")), *offered]

    def offers(self, municipality: str) -> bool:
        """Whether the municipality can be chosen alone: a card is given to those who live in the network (rule 2)."""
        return self.by.network.open_on(self.by.network.region_of_municipality(municipality, self.day), self.day)

    @staticmethod
    def _say(field: forms.Field, refusal: Refusal, required: str = "") -> None:
        """The field's own errors in the refusal's words."""
        for key in ("invalid", "max_length"):
            field.error_messages[key] = in_words(refusal)
        if required:
            field.error_messages["required"] = required

    def clean_postal_code(self) -> str:
        return "".join(str(self.cleaned_data["postal_code"]).split())

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not data.get("postal_code") and not data.get("only_municipality") and "postal_code" not in self.errors:
            self._ask_residence()
        if self.asks_minors and not data.get("minors_sure"):
            words = gettext("That is more than {number} children. Check the number, and tick here if it is right.")
            self.add_error("minors_sure", words.format(number=MINORS_TO_CONFIRM))
        self._ask_rules()
        return data

    def _ask_residence(self) -> None:
        self.add_error("postal_code", gettext("Type the postal code, or choose the municipality alone."))

    @property
    def asks_minors(self) -> bool:
        """Above eight the page asks to confirm (rule 4)."""
        minors = self.cleaned_data.get("minors") if hasattr(self, "cleaned_data") else None
        return isinstance(minors, int) and MINORS_TO_CONFIRM < minors <= MOST_MINORS

    def _ask_rules(self) -> None:
        """Every refusal of what was typed in, under its field. What is missing has been said already."""
        data = dict(self.cleaned_data)
        alone = data.get("only_municipality") or None
        where = Holder(
            birth_year=data.get("birth_year", self.day.year - YOUNGEST),
            minors=data.get("minors", 0),
            postal_code=None if alone else data.get("postal_code") or None,
            municipality=alone,
        )
        picked: str | None = None
        self.residence = None
        try:
            found = residence_of(where, by=self.by, day=self.day)
            self.residence = None if isinstance(found, Refusal) else found
        except MunicipalityNeeded as several:
            self.candidates = sorted(several.codes, key=list(self.names).index)
            picked = self.residence = data["municipality"] if data.get("municipality") in self.candidates else None
            if picked is None:
                self.add_error("municipality", gettext("Choose the municipality: this postal code lies in several."))
        # The widget's choices, not the field's: what is picked for another postal code is simply left out.
        if "municipality" in self.fields:
            self.fields["municipality"].widget.choices = [(c, self.names[c]) for c in self.candidates]
        whole = replace(where, municipality=alone or picked or next(iter(self.candidates), None))
        for field, refusal in self.judge(whole).items():
            name = "only_municipality" if field == "municipality" else field
            if data.get(name) not in (None, ""):
                self.refuse(name, refusal)
        self.place = self.names.get(self.residence or "", "")
        if {"postal_code", "only_municipality"} & set(self.errors):
            self.residence = None

    def judge(self, holder: Holder) -> dict[str, Refusal]:
        """Every refusal by field, as the action will say it."""
        return refuse_holder(holder, by=self.by, day=self.day)

    def holder(self) -> Holder:
        """What was typed in, once it is valid."""
        data = self.cleaned_data
        alone = data["only_municipality"] or None
        return Holder(
            birth_year=data.get("birth_year"),
            minors=data["minors"],
            postal_code=None if alone else data.get("postal_code"),
            municipality=alone or (self.residence if self.candidates else None),
            may_remind=data["may_remind"],
        )


class AnywhereForm(HolderForm):
    """The same, wherever the holder lives: it is not asked whether the municipality takes part."""

    def offers(self, municipality: str) -> bool:
        return True

    def judge(self, holder: Holder) -> dict[str, Refusal]:
        refusals = super().judge(holder)
        return {name: refusal for name, refusal in refusals.items() if refusal != Refusal.MUNICIPALITY_NOT_IN_NETWORK}
