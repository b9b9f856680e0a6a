"""The workplace's own cards: find one, see its state and data, correct the data, block it. Never a use."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kaikukortti.actions.cards import find_own_card, life_of
from kaikukortti.actions.looking_after import block_card, correct_holder
from kaikukortti.models import Card, CardFact
from kaikukortti.rules.cards import BAND_YEARS, STATE_REFUSALS, CardLife, card_state, refuse_block
from kaikukortti.rules.codes import normalise
from kaikukortti.templatetags.look import local_date
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import BlockReason, CardFactKind
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import CardState
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.desk_forms import HolderForm, in_words, typed

SERIAL_DIGITS = 8
CORRECTED = {
    "birth_year": _("birth year"),
    "postal_code": _("postal code"),
    "municipality": _("municipality"),
    "minors": _("number of children"),
}


class FindForm(forms.Form):
    use_required_attribute = False

    wanted = forms.CharField(
        label=_("Serial number or card code"),
        max_length=60,
        help_text=_("The serial number stands in small print on the back of the card. A lost card is found by it."),
        error_messages={"required": _("Type the serial number, or read or type the code.")},
        widget=typed(autocapitalize="characters"),
    )


class BlockForm(forms.Form):
    use_required_attribute = False

    reason = forms.ChoiceField(
        label=_("Why is the card blocked?"),
        choices=BlockReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason."), "invalid_choice": _("Choose a reason.")},
    )


def own(request: ActingRequest, number: int) -> Card:
    """The workplace's own card; another's is as unknown as none at all."""
    cards = Card.objects.of_workplace(request.actor.workplace).select_related("holder__municipality")
    return get_object_or_404(cards.prefetch_related("facts__successor"), pk=number)


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def find_card(request: ActingRequest) -> HttpResponse:
    form = FindForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        found = look_for(form.cleaned_data["wanted"], request)
        if isinstance(found, Card):
            return redirect("card", number=found.pk)
        form.add_error("wanted", in_words(found))
    form.fields["wanted"].widget.attrs |= {} if form.errors else {"autofocus": True}
    return render(request, "kaikukortti/desk/find.html", {"form": form}, status=422 if form.errors else 200)


def look_for(wanted: str, request: ActingRequest) -> Card | Refusal:
    text = normalise(wanted)
    if text.isdecimal() and len(text) == SERIAL_DIGITS:
        card = Card.objects.of_workplace(request.actor.workplace).filter(serial=text).first()
        return card or Refusal.CARD_UNKNOWN
    return find_own_card(wanted, by=request.actor, now=timezone.now())


@never_cache
@open_to(Role.ISSUER, card_rows=True)
def card(request: ActingRequest, number: int) -> HttpResponse:
    """State, dates and what is stored, fit to be shown to the client."""
    one, now = own(request, number), timezone.now()
    life = life_of(one)
    state = card_state(life, now)
    holder = getattr(one, "holder", None)
    context = {
        "card": one,
        "holder": holder,
        "band": (holder.birth_band, holder.birth_band + BAND_YEARS - 1) if holder else None,
        "state": state,
        "state_word": state.label,
        "sentence": state_in_words(life, state, now),
        "last_day": life.last_day,
        "events": list(events(one)),
        "may_block": refuse_block(state) is None and state != CardState.BLOCKED,
    }
    return render(request, "kaikukortti/desk/card.html", context)


def state_in_words(life: CardLife, state: CardState, now: datetime) -> str:
    if state == CardState.BLANK:
        return gettext("The card is blank: it waits in the drawer for its holder.")
    if state == CardState.ACTIVE:
        return gettext("The card is valid until {day}.").format(day=local_date(life.last_day))
    refusal = STATE_REFUSALS[state]
    day = life.last_day_before(helsinki_day(now))
    return f"{refusal_fact(refusal, day=day)} {next_step(refusal)}"


def events(card: Card) -> Iterator[tuple[datetime, str, Card | None]]:
    """The card's dated facts in words, in the order they were entered; a replaced card names its successor."""
    for fact in sorted(card.facts.all(), key=lambda fact: fact.pk):
        yield fact.entered_at, fact_in_words(fact), fact.successor


def fact_in_words(fact: CardFact) -> str:
    kind = CardFactKind(fact.kind)
    if kind == CardFactKind.REGISTERED:
        return gettext("Registered, given on {day}").format(day=local_date(fact.at))
    if kind == CardFactKind.VALID:
        return gettext("Valid {since} – {until}").format(since=local_date(fact.since), until=local_date(fact.until))
    if kind == CardFactKind.ENDED:
        return gettext("Ends early, on {day}").format(day=local_date(fact.until))
    if kind == CardFactKind.BLOCKED:
        return gettext("Blocked: {reason}").format(reason=fact.get_reason_display())
    if kind == CardFactKind.REPLACED:
        return gettext("Replaced by a new card: {reason}").format(reason=fact.get_reason_display())
    if kind == CardFactKind.CORRECTED:
        names = ", ".join(str(CORRECTED.get(name, name)) for name in fact.corrected or [])
        return gettext("Corrected: {names}").format(names=names)
    return gettext("Taken out of use") if kind == CardFactKind.VOIDED else gettext("Made as a blank card")


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER, card_rows=True)
def correct_card(request: ActingRequest, number: int) -> HttpResponse:
    """Correct what was typed in; only what is there can be corrected."""
    one, now = own(request, number), timezone.now()
    if not hasattr(one, "holder"):
        return redirect("card", number=number)
    sent = request.POST if request.method == "POST" else None
    form = HolderForm(sent, by=request.actor, now=now, issued_on=issue_day(one), initial=stored(one))
    if request.method == "POST" and form.is_valid():
        refusals = correct_holder(one, holder=form.holder(), by=request.actor, now=now)
        if not refusals:
            messages.success(request, gettext("The register now holds what you typed."))
            return redirect("card", number=number)
        for name, refusal in refusals.items():
            form.refuse(name if name in form.fields else None, refusal)
    alone = bool(form["only_municipality"].value()) or "only_municipality" in form.errors
    context = {"form": form, "card": one, "opened": {"alone": alone}}
    return render(request, "kaikukortti/desk/correct.html", context, status=422 if form.errors else 200)


def issue_day(card: Card) -> date:
    """The first day of the card's first spell: its data are judged as on that day."""
    return min(since for since, _until in life_of(card).spells)


def stored(card: Card) -> dict[str, Any]:
    """What the register holds, as the form shows it. Without a postal code the municipality stands alone."""
    holder = card.holder
    return {
        "birth_year": holder.birth_year,
        "postal_code": holder.postal_code,
        "municipality": holder.municipality_id,
        "only_municipality": "" if holder.postal_code else holder.municipality_id,
        "minors": holder.minors,
    }


@never_cache
@open_to(Role.ISSUER, card_rows=True)
def block(request: ActingRequest, number: int) -> HttpResponse:
    """Block a card: a reason, then a second page that says what happens."""
    one, now = own(request, number), timezone.now()
    state = card_state(life_of(one), now)
    if refuse_block(state) or state == CardState.BLOCKED:
        return redirect("card", number=number)
    form = BlockForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if "sure" in request.POST:
            refusal = block_card(one, reason=form.cleaned_data["reason"], by=request.actor, now=now)
            words = in_words(refusal or Refusal.CARD_BLOCKED)
            messages.add_message(request, messages.WARNING if refusal else messages.SUCCESS, words)
            return redirect("card", number=number)
        if "change" not in request.POST:
            reason = BlockReason(form.cleaned_data["reason"])
            context = {"form": form, "card": one, "reason": reason.label}
            return render(request, "kaikukortti/desk/block_sure.html", context)
    status = 422 if form.errors else 200
    return render(request, "kaikukortti/desk/block.html", {"form": form, "card": one}, status=status)
