"""What the desk asks for and how it is read: the holder's data, the voluntary answers, the card's code."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.cards import (
    Holder,
    MunicipalityNeeded,
    find_own_card,
    life_of,
    refuse_holder,
    residence_of,
    validity,
)
from kaikukortti.models import Municipality
from kaikukortti.rules.cards import card_state, refuse_issue_day, refuse_registration
from kaikukortti.rules.codes import read_code
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import Gender, HomeLanguage, LifeSituation
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.policies import BACKDATED_ISSUE_DAYS, MINORS_TO_CONFIRM, MOST_MINORS, YOUNGEST
from kaikukortti.terms.refusals import Refusal
from kaikukortti.web.day_field import DayField

VOLUNTARY = ("gender", "life_situations", "home_language")
NOT_ASKED = ("", _("not asked"))
# Answers that stand alone: next to another situation they would contradict it.
STANDING_ALONE = {LifeSituation.NONE, LifeSituation.NOT_SAID}
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
        open_ones = [
            (code, name)
            for code, name in self.names.items()
            if self.by.network.open_on(self.by.network.region_of_municipality(code, self.day), self.day)
        ]
        self.fields["only_municipality"].widget.choices = [("", gettext("Choose a municipality")), *open_ones]

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
            self.add_error("postal_code", gettext("Type the postal code, or choose the municipality alone."))
        if self.asks_minors and not data.get("minors_sure"):
            words = gettext("That is more than {number} children. Check the number, and tick here if it is right.")
            self.add_error("minors_sure", words.format(number=MINORS_TO_CONFIRM))
        self._ask_rules()
        return data

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
        self.fields["municipality"].widget.choices = [(c, self.names[c]) for c in self.candidates]
        whole = replace(where, municipality=alone or picked or next(iter(self.candidates), None))
        for field, refusal in refuse_holder(whole, by=self.by, day=self.day).items():
            name = "only_municipality" if field == "municipality" else field
            if data.get(name) not in (None, ""):
                self.refuse(name, refusal)
        self.place = self.names.get(self.residence or "", "")
        if {"postal_code", "only_municipality"} & set(self.errors):
            self.residence = None

    def holder(self) -> Holder:
        """What was typed in, once it is valid."""
        data = self.cleaned_data
        alone = data["only_municipality"] or None
        return Holder(
            birth_year=data["birth_year"],
            minors=data["minors"],
            postal_code=None if alone else data["postal_code"],
            municipality=alone or (self.residence if self.candidates else None),
        )


class CodeForm(ActingForm):
    """The card's code, and the day of a paper form that is typed in later. Alone it gives a community card."""

    code = forms.CharField(
        label=_("Card code"),
        max_length=60,
        help_text=_("Read the bar code or type the code from the card."),
        error_messages={"required": _("Read or type the code of a blank card.")},
        widget=typed(autocapitalize="characters", **live("desk-code", trigger="change", target="#code-said")),
    )
    issued_on = DayField(
        label=_("The day the card was given"),
        required=False,
        help_text=_("Only for a card that was given earlier with a paper form, at most 30 days ago."),
    )

    mend = {"code": _("Check the card code"), "issued_on": _("Check the day")}

    def __init__(self, *args: Any, look_up: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.look_up = look_up
        earliest = self.today - timedelta(days=BACKDATED_ISSUE_DAYS)
        self.fields["issued_on"].widget.attrs |= {"min": earliest.isoformat(), "max": self.today.isoformat()}
        self.fields["code"].error_messages["max_length"] = in_words(Refusal.CARD_CODE_TYPO)

    def clean_code(self) -> str:
        """The ten characters; with `look_up` the card must be a blank one of this workplace."""
        code = str(self.cleaned_data["code"])
        read = read_code(code)
        if not self.look_up:
            if read is None:
                raise ValidationError(in_words(Refusal.CARD_CODE_TYPO))
            return read
        card = find_own_card(code, by=self.by, now=self.now)
        if isinstance(card, Refusal):
            raise ValidationError(in_words(card))
        refusal = refuse_registration(card_state(life_of(card), self.now))
        if refusal:
            raise ValidationError(in_words(refusal))
        assert read is not None
        return read

    def clean_issued_on(self) -> date | None:
        day: date | None = self.cleaned_data["issued_on"]
        if day is None or day == self.today:
            return None
        refusal = refuse_issue_day(day, today=self.today)
        if refusal:
            raise ValidationError(in_words(refusal))
        return day

    @property
    def region(self) -> int | None:
        return self.by.facts.home_region

    @property
    def last_valid_day(self) -> date:
        day = getattr(self, "cleaned_data", {}).get("issued_on") or self.today
        return validity(by=self.by, region=self.region, day=day)

    def answer(self, refusal: Refusal) -> None:
        """Put an action's refusal under the field that mends it."""
        days = (Refusal.TOO_EARLY_TO_RECORD, Refusal.TOO_LATE_TO_RECORD)
        self.refuse("issued_on" if refusal in days else "code", refusal)


class DeskForm(CodeForm, HolderForm):
    """The whole desk: the card, the holder, and the voluntary answers, where nothing chosen is "not asked" (null)."""

    gender = forms.ChoiceField(
        label=_("Gender"), required=False, choices=[NOT_ASKED, *Gender.choices], widget=forms.RadioSelect
    )
    life_situations = forms.MultipleChoiceField(
        label=_("Life situation"),
        required=False,
        choices=LifeSituation.choices,
        help_text=_("Several may apply. If it is not asked, leave all empty."),
        widget=forms.CheckboxSelectMultiple,
    )
    home_language = forms.ChoiceField(
        label=_("Home language"), required=False, choices=[NOT_ASKED, *HomeLanguage.choices]
    )

    field_order = (
        "code",
        "birth_year",
        "postal_code",
        "municipality",
        "only_municipality",
        "minors",
        "minors_sure",
        *VOLUNTARY,
        "issued_on",
    )
    mend = {**HolderForm.mend, **CodeForm.mend, "life_situations": _("Check the life situation")}

    def clean_life_situations(self) -> list[str]:
        answers: list[str] = self.cleaned_data["life_situations"]
        if len(answers) > 1 and STANDING_ALONE & set(answers):
            raise ValidationError(gettext("Choose the situations that apply, or one of the two last ones alone."))
        return answers

    def clean(self) -> dict[str, Any]:
        self.day = self.cleaned_data.get("issued_on") or self.today
        return super().clean()

    @property
    def region(self) -> int | None:
        if self.residence is None:
            return super().region
        return self.by.network.region_at(self.by.facts, self.residence, self.day)

    def holder(self) -> Holder:
        data = self.cleaned_data
        return replace(
            super().holder(),
            gender=data["gender"] or None,
            life_situations=data["life_situations"] or None,
            home_language=data["home_language"] or None,
        )

    def answer(self, refusal: Refusal) -> None:
        if refusal == Refusal.MUNICIPALITY_NOT_IN_NETWORK:
            self.refuse("only_municipality" if self.cleaned_data.get("only_municipality") else "postal_code", refusal)
        else:
            super().answer(refusal)


def labels(form: forms.Form, name: str, values: Iterable[str]) -> str:
    """The chosen answers in words."""
    words = dict(form.fields[name].choices)  # type: ignore[attr-defined]
    return ", ".join(str(words[value]) for value in values)
