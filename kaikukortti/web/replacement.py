"""Replacing a card on one page (rule 10): why, and the new code; the old one is out of use in the same second."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kaikukortti.actions.cards import IdReused, Issued, issued_answer, life_of
from kaikukortti.actions.looking_after import block_card, replace_card
from kaikukortti.models import Card
from kaikukortti.rules.cards import card_state, refuse_giving_up
from kaikukortti.templatetags.look import LANGUAGE_NAMES
from kaikukortti.terms.kinds import BlockReason, CardFactKind, ReplaceReason
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import CardState
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.cards import own
from kaikukortti.web.desk import as_uuid, has_slip, words_to_say
from kaikukortti.web.desk_forms import BlankCodeForm
from kaikukortti.web.holder_forms import in_words


class ReplaceForm(BlankCodeForm):
    """Why the card is replaced and the code of the new one. A blocked card has said why already."""

    reason = forms.ChoiceField(
        label=_("What has happened to the card?"),
        choices=ReplaceReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason."), "invalid_choice": _("Choose a reason.")},
    )

    field_order = ("reason", "code")
    mend = {"reason": _("Choose what has happened"), **BlankCodeForm.mend}

    def __init__(self, *args: Any, known: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        self.fields["code"].label = gettext("Code of the new card")
        if known:
            del self.fields["reason"]

    def why(self) -> str:
        return self.known or str(self.cleaned_data.get("reason", ""))


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER, card_rows=True)
def replace(request: ActingRequest, number: int) -> HttpResponse:
    """One page: the reason and the new code, or only the block where no blank card is at hand."""
    one, now = own(request, number), timezone.now()
    state = card_state(life_of(one), now)
    press = as_uuid(request.POST.get("id", "")) or uuid4()
    replayed = one.facts.filter(kind=CardFactKind.REPLACED, successor__facts__client_id=press).first()
    if replayed is not None:
        return redirect("card-replaced", number=replayed.successor_id)
    if refuse_giving_up(life_of(one), now):
        return redirect("card", number=number)
    sent = request.POST if request.method == "POST" else None
    form = ReplaceForm(sent, by=request.actor, now=now, known=blocked_for(one) if state == CardState.BLOCKED else "")
    if sent is not None and "later" in sent:
        return _block_now(request, one, form)
    if sent is not None and form.is_valid():
        try:
            code = form.cleaned_data["code"]
            answer = replace_card(one, code, reason=form.why(), by=request.actor, now=now, id=press)
        except IdReused:
            return redirect("replace-card", number=number)
        if isinstance(answer, Issued):
            return redirect("card-replaced", number=answer.card)
        form.refuse("code", answer)
    return show(request, one, form, press=press)


def show(request: ActingRequest, card: Card, form: ReplaceForm, **more: object) -> HttpResponse:
    context = {
        "card": card,
        "form": form,
        "blocked": bool(form.known),
        "last_day": life_of(card).last_day,
        "minors": None if card.community else card.holder.minors,
    }
    return render(request, "kaikukortti/desk/replace.html", context | more, status=422 if form.errors else 200)


def blocked_for(card: Card) -> str:
    """Why a blocked card was blocked: it is not asked twice. A holder's own block says no reason: it was lost."""
    block = card.facts.filter(kind=CardFactKind.BLOCKED).order_by("pk").first()
    return (block.reason if block else "") or ReplaceReason.LOST


def _block_now(request: ActingRequest, card: Card, form: ReplaceForm) -> HttpResponse:
    """No blank card at hand: the old one is blocked in this second, and its successor is given when there is one."""
    form.is_valid()
    form.only_errors_of("reason")
    reason = form.why()
    if not form.errors and reason not in BlockReason.values:
        form.add_error("reason", gettext("From one form to another the old card works until the new one is there."))
    if form.errors:
        return show(request, card, form, press=uuid4())
    refusal = block_card(card, reason=reason, by=request.actor, now=timezone.now())
    words = gettext("The card is blocked. The new one is given in its place when there is a blank card.")
    messages.add_message(
        request, messages.WARNING if refusal else messages.SUCCESS, in_words(refusal) if refusal else words
    )
    return redirect("card", number=card.pk)


@never_cache
@open_to(Role.ISSUER, card_rows=True)
def replaced(request: ActingRequest, number: int) -> HttpResponse:
    """The new card is in hand: what to write on it and what to say."""
    one = own(request, number)
    state = card_state(life_of(one), timezone.now())
    if not one.later or state == CardState.BLANK or not (one.community or hasattr(one, "holder")):
        return redirect("card", number=number)
    issued = issued_answer(one)
    say = request.GET.get("say", "")
    say = say if say in LANGUAGE_NAMES else str(get_language())
    with override(say):
        words = words_to_say(
            issued,
            first=" ".join(
                (
                    gettext("Here is your new card. The old one no longer works."),
                    gettext("Everything else goes on as before. If you find the old card, you can throw it away."),
                )
            ),
        )
    context = {"issued": issued, "community": one.community, "say": say, "words": words, "card": one}
    context |= {"languages": LANGUAGE_NAMES.items(), "slip": has_slip(one)}
    return render(request, "kaikukortti/desk/replaced.html", context)
