"""Renewing a card: whether it can be done is said at once; the holder chooses between the same card and a new one."""

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateformat import format as format_day
from django.utils.translation import get_language, gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from kaikukortti.actions.cards import IdReused, Issued
from kaikukortti.actions.renewal import Outlook, Renewed, newest_spell, renew_card, renewal_outlook
from kaikukortti.models import Card
from kaikukortti.templatetags.look import LANGUAGE_NAMES, local_date
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.cards import own
from kaikukortti.web.desk import SPOKEN, as_uuid, words_to_say
from kaikukortti.web.holder_forms import in_words
from kaikukortti.web.kept_forms import RenewForm


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER, card_rows=True)
def renew(request: ActingRequest, number: int) -> HttpResponse:
    """Possible or why not, the holder's choice to read aloud, and what may have changed, all in one step."""
    one, now = own(request, number), timezone.now()
    outlook = renewal_outlook(one, by=request.actor, now=now)
    sent = request.POST if request.method == "POST" else None
    personal = hasattr(one, "holder")
    form = RenewForm(sent, by=request.actor, now=now, card=one) if personal else None
    press = as_uuid(request.POST.get("id", "")) or uuid4()
    if sent is not None and (form is None or form.is_valid()):
        try:
            answer = renew_card(one, by=request.actor, now=now, holder=form.holder() if form else None, id=press)
        except IdReused:
            return redirect("renew-card", number=number)
        if isinstance(answer, Renewed):
            return redirect("card-renewed", number=number)
        if form is not None and answer == Refusal.MUNICIPALITY_NOT_IN_NETWORK:
            form.refuse_residence(why_not(Outlook(answer)))
        else:
            outlook = Outlook(answer, outlook.begins)
    # Where the holder may have moved back into the network, the form is the way to say so.
    possible = outlook.refusal is None or (personal and outlook.refusal == Refusal.MUNICIPALITY_NOT_IN_NETWORK)
    context = {
        "card": one,
        "form": form,
        "id": press,
        "outlook": outlook,
        "possible": possible,
        "why_not": why_not(outlook),
        "opened": {"alone": form.stands_alone if form else False},
    } | choice_to_say(request, one, outlook)
    return render(request, "kaikukortti/desk/renew.html", context, status=422 if form and form.errors else 200)


def why_not(outlook: Outlook) -> str:
    """Why the card is not renewed today, with the day from which it can be where there is one."""
    if outlook.refusal is None:
        return ""
    if outlook.refusal == Refusal.TOO_EARLY_TO_RECORD:
        return gettext("It can be renewed from {day} on.").format(day=local_date(outlook.begins))
    if outlook.refusal == Refusal.MUNICIPALITY_NOT_IN_NETWORK:
        return gettext("The municipality is not in the network now. The card stays valid to its last day.")
    if outlook.refusal == Refusal.CARD_BLOCKED:
        return gettext("The card is blocked. A blocked card is not renewed; a new one is given in its place.")
    return in_words(outlook.refusal)


def choice_to_say(request: ActingRequest, card: Card, outlook: Outlook) -> dict[str, object]:
    """The holder's choice in words to read aloud, in the language asked for."""
    say = request.GET.get("say", "")
    say = say if say in LANGUAGE_NAMES else str(get_language())
    if card.community or outlook.until is None:
        return {"say": say}
    with override(say):
        day = format_day(outlook.until, SPOKEN[say])
        keep = gettext(
            "You can keep this card: then it is valid until {day}, and what has been used with it stays together."
        )
        sentences = [
            gettext("Your card can go on for another year, and you choose how."),
            keep.format(day=day),
            gettext("Or you can take a new card: it starts today, and nothing tells that it follows this one."),
        ]
    return {"say": say, "words": " ".join(sentences), "languages": LANGUAGE_NAMES.items()}


@never_cache
@open_to(Role.ISSUER, card_rows=True)
def renewed(request: ActingRequest, number: int) -> HttpResponse:
    """The same card for another year: what to write on it and what to say."""
    one = own(request, number)
    spell = newest_spell(one)
    if spell is None:
        return redirect("card", number=number)
    say = request.GET.get("say", "")
    say = say if say in LANGUAGE_NAMES else str(get_language())
    issued = Issued(spell.serial, spell.last_valid_day, spell.minors, spell.card)
    with override(say):
        words = words_to_say(issued, first=gettext("Your card goes on for another year."))
    context = {"issued": issued, "community": one.community, "say": say, "words": words, "card": one}
    return render(request, "kaikukortti/desk/renewed.html", context | {"languages": LANGUAGE_NAMES.items()})
