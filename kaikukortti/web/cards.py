"""The workplace's own cards: find one, see its state, show what is stored, correct, block, take back. Never a use."""

from collections.abc import Iterator
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kaikukortti.actions.cards import find_own_card, life_of
from kaikukortti.actions.look_ups import gathered
from kaikukortti.actions.looking_after import block_card, correct_holder, end_card
from kaikukortti.actions.renewal import renewal_outlook
from kaikukortti.actions.trail import note
from kaikukortti.models import Card, CardFact
from kaikukortti.rules.cards import (
    BAND_YEARS,
    STATE_REFUSALS,
    CardLife,
    card_state,
    refuse_block,
    refuse_early_end,
    refuse_giving_up,
)
from kaikukortti.rules.codes import normalise
from kaikukortti.templatetags.look import LANGUAGE_NAMES, local_date
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import BlockReason, CardFactKind, MoveReason
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import CardState
from kaikukortti.terms.trail import Act
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.holder_forms import in_words, typed
from kaikukortti.web.kept_forms import CorrectForm

SERIAL_DIGITS = 8
CORRECTED = {
    "birth_year": _("birth year"),
    "postal_code": _("postal code"),
    "municipality": _("municipality"),
    "minors": _("number of children"),
    "may_remind": _("reminders"),
}
# States in which somebody may have found the card and brought it in.
OUT_OF_USE = (CardState.BLOCKED, CardState.REPLACED, CardState.VOID)


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
    """The workplace's own card; another's is as unknown as none at all. That it was opened is in the audit trail."""
    cards = Card.objects.of_workplace(request.actor.workplace).select_related("holder__municipality", "workplace")
    found = get_object_or_404(cards.prefetch_related("facts__successor"), pk=number)
    if request.method != "POST":  # what is done to it is noted by the action
        now = timezone.now()
        note(Act.CARD_OPENED, by=request.actor, now=now, subject=found.trail_id)
        gathered.look_up(found.pk, role=request.actor.role, day=helsinki_day(now))
    return found


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER, card_rows=True)
def find_card(request: ActingRequest) -> HttpResponse:
    form = FindForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        found = look_for(form.cleaned_data["wanted"], request)
        if isinstance(found, Card):
            note(Act.CARD_FOUND, by=request.actor, now=timezone.now(), subject=found.trail_id)
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
    context = stored(one) | {
        "state": state,
        "state_word": state.label,
        "sentence": state_in_words(life, state, now),
        "last_day": life.last_day,
        "events": list(events(one)),
        "found": state in OUT_OF_USE,
        "may_block": refuse_block(state) is None and state != CardState.BLOCKED,
        "may_replace": refuse_giving_up(life, now) is None,
        "may_end": refuse_early_end(life, now) is None,
        "outlook": renewal_outlook(one, by=request.actor, now=now),
    }
    return render(request, "kaikukortti/desk/card.html", context)


def stored(card: Card) -> dict[str, object]:
    """What the register holds of a card's holder, fit to be shown to the client."""
    holder = getattr(card, "holder", None)
    band = (holder.birth_band, holder.birth_band + BAND_YEARS - 1) if holder else None
    return {"card": card, "holder": holder, "band": band}


@never_cache
@open_to(Role.ISSUER, card_rows=True)
def show_card(request: ActingRequest, number: int) -> HttpResponse:
    """What is stored, in large type and in the client's language, on a screen that is turned."""
    one, now = own(request, number), timezone.now()
    life = life_of(one)
    state = card_state(life, now)
    say = request.GET.get("say", "")
    say = say if say in LANGUAGE_NAMES else str(get_language())
    # The way back is the worker's, in the worker's language.
    back = {"back": reverse("card", args=[number]), "back_words": gettext("Back to the card")}
    worker_language = get_language()
    with override(say):
        context = (
            stored(one)
            | back
            | {
                "sentence": state_in_words(life, state, now),
                "worker_language": worker_language,
                "say": say,
                "languages": LANGUAGE_NAMES.items(),
            }
        )
        return render(request, "kaikukortti/desk/show.html", context)


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
        return gettext("Given back, last valid day {day}").format(day=local_date(fact.until))
    if kind == CardFactKind.BLOCKED and fact.by_holder:
        return gettext("Blocked by its holder")
    if kind == CardFactKind.BLOCKED:
        return gettext("Blocked: {reason}").format(reason=fact.get_reason_display())
    if kind == CardFactKind.REPLACED:
        return gettext("Replaced by a new card: {reason}").format(reason=fact.get_reason_display())
    if kind == CardFactKind.CORRECTED:
        names = ", ".join(str(CORRECTED.get(name, name)) for name in fact.corrected or [])
        said = gettext("Changed: {names}") if fact.reason == MoveReason.HOLDER_MOVED else gettext("Corrected: {names}")
        return said.format(names=names)
    if kind == CardFactKind.MOVED:
        return gettext("Moved to this workplace: {reason}").format(reason=fact.get_reason_display())
    return str(OTHER_FACTS[kind])


OTHER_FACTS = {
    CardFactKind.MADE: _("Made as a blank card"),
    CardFactKind.PRINTED: _("Printed"),
    CardFactKind.RECEIVED: _("Received by the workplace"),
    CardFactKind.VOIDED: _("Taken out of use"),
    CardFactKind.SECRET: _("Given a new secret"),
}


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER, card_rows=True)
def correct_card(request: ActingRequest, number: int) -> HttpResponse:
    """Correct what was typed in; only what is there can be corrected."""
    one, now = own(request, number), timezone.now()
    if not hasattr(one, "holder"):
        return redirect("card", number=number)
    form = CorrectForm(request.POST if request.method == "POST" else None, by=request.actor, now=now, card=one)
    if request.method == "POST" and form.is_valid():
        refusals = correct_holder(one, holder=form.holder(), by=request.actor, now=now, moved=form.has_moved)
        if not refusals:
            messages.success(request, gettext("The register now holds what you typed."))
            return redirect("card", number=number)
        for name, refusal in refusals.items():
            form.refuse(name if name in form.fields else None, refusal)
    context = {"form": form, "card": one, "opened": {"alone": form.stands_alone}}
    return render(request, "kaikukortti/desk/correct.html", context, status=422 if form.errors else 200)


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


@never_cache
@open_to(Role.ISSUER, card_rows=True)
def end(request: ActingRequest, number: int) -> HttpResponse:
    """The holder gives the card back: what happens is said first."""
    one, now = own(request, number), timezone.now()
    if refuse_early_end(life_of(one), now):
        return redirect("card", number=number)
    if request.method == "POST":
        refusal = end_card(one, by=request.actor, now=now)
        words = in_words(refusal) if refusal else gettext("The card has been given back. It gives no tickets any more.")
        messages.add_message(request, messages.WARNING if refusal else messages.SUCCESS, words)
        return redirect("card", number=number)
    return render(request, "kaikukortti/desk/end.html", {"card": one})
