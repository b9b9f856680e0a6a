"""The holder's data that the register keeps, as they are corrected or confirmed at a renewal. Only what is there is
asked: once birth year and postal code have been made coarse, the municipality stands alone."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.actions.cards import Holder
from kaikukortti.actions.looking_after import issue_day, refuse_correction
from kaikukortti.models import Card
from kaikukortti.terms.refusals import Refusal
from kaikukortti.web.holder_forms import AnywhereForm, HolderForm

MOVED, TYPED_WRONG = "moved", "typed-wrong"


class KeptForm(AnywhereForm):
    """What is kept, to be seen and changed. A holder may have moved anywhere."""

    def __init__(self, *args: Any, card: Card, **kwargs: Any) -> None:
        self.card, self.kept = card, card.holder
        self.moved_since = True
        kwargs["initial"] = {
            "birth_year": self.kept.birth_year,
            "postal_code": self.kept.postal_code,
            "municipality": self.kept.municipality_id,
            "only_municipality": "" if self.kept.postal_code else self.kept.municipality_id,
            "minors": self.kept.minors,
            "may_remind": self.kept.may_remind,
        }
        super().__init__(*args, **kwargs)
        self.coarse = self.kept.birth_year is None
        if self.coarse:
            for name in ("birth_year", "postal_code", "municipality"):
                del self.fields[name]

    def judge(self, holder: Holder) -> dict[str, Refusal]:
        return refuse_correction(self.card, holder, by=self.by, now=self.now, moved=self.moved_since)

    def _ask_residence(self) -> None:
        if self.coarse:
            self.add_error("only_municipality", gettext("Choose the municipality."))
        else:
            super()._ask_residence()

    @property
    def stands_alone(self) -> bool:
        """Whether the municipality is given without a postal code."""
        return bool(self["only_municipality"].value()) or "only_municipality" in self.errors

    @property
    def elsewhere(self) -> bool:
        """Whether another municipality was given than is kept."""
        return self.residence not in (None, self.kept.municipality_id)


class CorrectForm(KeptForm):
    """A correction. Only where the municipality changes it is asked whether it was wrong from the start: the figures
    keep where the holder lived when the card was given."""

    moved = forms.ChoiceField(
        label=_("Why does the municipality change?"),
        choices=[(MOVED, _("The holder has moved")), (TYPED_WRONG, _("It was typed wrong when the card was given"))],
        required=False,
        widget=forms.RadioSelect,
    )

    mend = {**HolderForm.mend, "moved": _("Say why the municipality changes")}

    asks_moved = False

    def clean(self) -> dict[str, Any]:
        answer = self.cleaned_data.get("moved")
        # Until the question is answered, anywhere is good: whoever has moved need not live in the network.
        self.moved_since = answer != TYPED_WRONG
        self.day = self.today if self.moved_since else issue_day(self.card)
        data = super().clean()
        self.asks_moved = self.elsewhere or not self.moved_since
        if self.elsewhere and not answer:
            self.add_error("moved", gettext("Choose one: it decides what the figures count."))
        return data

    @property
    def has_moved(self) -> bool:
        return self.elsewhere and self.moved_since


class RenewForm(KeptForm):
    """What is confirmed at a renewal: where the holder lives today and how many children there are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("birth_year", None)

    def refuse_residence(self, words: str) -> None:
        """Said under the field that mends it."""
        alone = self.coarse or self.cleaned_data.get("only_municipality")
        self.add_error("only_municipality" if alone else "postal_code", words)
