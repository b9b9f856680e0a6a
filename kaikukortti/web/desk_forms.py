"""What the desk asks for and how it is read: the card's code, the holder's data, the voluntary answers."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.actions.cards import Holder, card_of_row, find_own_card, life_of, validity
from kaikukortti.models import Card
from kaikukortti.rules.cards import card_state, refuse_issue_day, refuse_registration
from kaikukortti.rules.codes import read_code, read_row
from kaikukortti.rules.series import read_listed
from kaikukortti.terms.kinds import Gender, HomeLanguage, LifeSituation
from kaikukortti.terms.policies import BACKDATED_ISSUE_DAYS
from kaikukortti.terms.refusals import Refusal
from kaikukortti.web.day_field import DayField
from kaikukortti.web.holder_forms import ActingForm, HolderForm, in_words, live, typed

VOLUNTARY = ("gender", "life_situations", "home_language")
NOT_ASKED = ("", _("not asked"))
# Answers that stand alone: next to another situation they would contradict it.
STANDING_ALONE = {LifeSituation.NONE, LifeSituation.NOT_SAID}
ROW_TYPO = _("Check the row number: one character seems to differ. Type it as it stands on the form.")
# A printed card is void until then, but nothing that was taken out of use: the worker can mend it at once.
NOT_RECEIVED = _(
    "Nobody has confirmed yet that this card has come. First press “We have these cards” on the page of blank cards."
)


class BlankCodeForm(ActingForm):
    """The code of a card that is about to be given."""

    code = forms.CharField(
        label=_("Card code"),
        max_length=60,
        help_text=_("Read the bar code or type the code from the card."),
        error_messages={"required": _("Read or type the code of a blank card.")},
        widget=typed(autocapitalize="characters", **live("desk-code", trigger="change", target="#code-said")),
    )

    mend = {"code": _("Check the card code")}

    def __init__(self, *args: Any, look_up: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.look_up = look_up
        if "code" in self.fields:
            self.fields["code"].error_messages["max_length"] = in_words(Refusal.CARD_CODE_TYPO)

    def clean_code(self) -> str:
        """The ten characters, or an older series' code as it was typed; with `look_up` the card must be a blank one of
        this workplace."""
        code = str(self.cleaned_data["code"])
        read = read_code(code) or code.strip()
        if not self.look_up:
            if read_listed(code, self.by.network.series) is None:
                raise ValidationError(in_words(Refusal.CARD_CODE_TYPO))
            return read
        card = find_own_card(code, by=self.by, now=self.now)
        if isinstance(card, Refusal):
            raise ValidationError(in_words(card))
        life = life_of(card)
        refusal = refuse_registration(card_state(life, self.now))
        if refusal == Refusal.CARD_VOID and life.voided_at is None:
            raise ValidationError(NOT_RECEIVED)
        if refusal:
            raise ValidationError(in_words(refusal))
        return read


class CodeForm(BlankCodeForm):
    """The card's code, and the day and row of a paper form that is typed in later. Alone it gives a community card."""

    issued_on = DayField(
        label=_("The day the card was given"),
        required=False,
        help_text=_("Only for a card that was given earlier with a paper form, at most 30 days ago."),
    )

    row = forms.CharField(
        label=_("Row number of the paper form"),
        required=False,
        max_length=20,
        help_text=_("It begins with K. A row that is typed in twice is stored once."),
        widget=typed(autocapitalize="characters"),
    )

    mend = {**BlankCodeForm.mend, "issued_on": _("Check the day"), "row": _("Check the row number")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        earliest = self.today - timedelta(days=BACKDATED_ISSUE_DAYS)
        self.fields["issued_on"].widget.attrs |= {"min": earliest.isoformat(), "max": self.today.isoformat()}
        self.fields["row"].error_messages["max_length"] = ROW_TYPO
        # The card that the row of the paper form has given already.
        self.typed_in: Card | None = None

    def clean_issued_on(self) -> date | None:
        day: date | None = self.cleaned_data["issued_on"]
        if day is None or day == self.today:
            return None
        refusal = refuse_issue_day(day, today=self.today)
        if refusal:
            raise ValidationError(in_words(refusal))
        return day

    def clean_row(self) -> str:
        typed_row = str(self.cleaned_data["row"])
        if not typed_row.strip():
            return ""
        row = read_row(typed_row)
        if row is None:
            raise ValidationError(ROW_TYPO)
        self.typed_in = card_of_row(row, by=self.by)
        return row

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
        "may_remind",
        *VOLUNTARY,
        "issued_on",
        "row",
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
