"""Opening a card's own pages with its secret, choosing one's own secret the first time, and closing the pages."""

from collections.abc import Sequence
from hmac import compare_digest
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kaikukortti.actions.opening import (
    SUGGESTIONS,
    Answer,
    Opening,
    choose_secret,
    read_name,
    suggest_secrets,
    suggestion_seal,
    try_secret,
)
from kaikukortti.models import Card
from kaikukortti.rules.codes import read_secret, shown
from kaikukortti.templatetags.look import local_date
from kaikukortti.terms.kinds import BatchKind, CardFactKind
from kaikukortti.web.own import (
    EASY,
    HolderRequest,
    choose_easy,
    close_holder_session,
    has_own_secret,
    holder_page,
    mark_used,
    open_holder_session,
    opened_card,
    own_context,
    to_opening,
)
from kaikukortti.web.sign_in import caller_address


class OpenForm(forms.Form):
    use_required_attribute = False

    name = forms.CharField(
        label=_("Serial number or card code"),
        max_length=60,
        help_text=_("The serial number has eight digits. It stands on the slip, and small on the card."),
        error_messages={
            "required": _("Write the serial number or the code."),
            "max_length": _("Check the number: a serial number has eight digits, a code ten characters."),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    secret = forms.CharField(
        label=_("Secret"),
        max_length=60,
        help_text=_("Nine characters: the one you chose, or the first time the one printed on the slip."),
        error_messages={
            "required": _("Write the secret from the slip."),
            "max_length": _("Check the secret: it has nine characters, and one of them seems to differ."),
        },
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_name(self) -> str:
        return _read(read_name(self.cleaned_data["name"]), self.fields["name"])

    def clean_secret(self) -> str:
        return _read(read_secret(self.cleaned_data["secret"]), self.fields["secret"])


class SecretForm(forms.Form):
    """The one of the suggestions that the holder has written down."""

    use_required_attribute = False

    secret = forms.CharField(
        label=_("Write here the one you chose"),
        max_length=60,
        error_messages={
            "required": _("Write here one of the three."),
            "max_length": _("Check the secret: it has nine characters, and one of them seems to differ."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def __init__(self, data: Any, *, suggested: Sequence[str]) -> None:
        super().__init__(data)
        self.suggested = suggested

    def clean_secret(self) -> str:
        secret = _read(read_secret(self.cleaned_data["secret"]), self.fields["secret"])
        if secret not in self.suggested:
            raise ValidationError(gettext("This is none of the three. Write one of them here."))
        return secret


def _read(read: str | None, field: forms.Field) -> str:
    """A typo is told as one: the check character says so, nothing is looked up, and nothing is counted."""
    if read is None:
        raise ValidationError(field.error_messages["max_length"])
    return read


@never_cache
@sensitive_post_parameters()
def open_own(request: HttpRequest) -> HttpResponse:
    """Serial or code, and the secret; neither opens anything without the other."""
    now = timezone.now()
    choose_easy(request)
    if request.method != "POST" and opened_card(request, now):
        return redirect("own")
    form = OpenForm(request.POST if request.method == "POST" else None)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        answer = try_secret(given["name"], given["secret"], address=caller_address(request), now=now)
        if answer.card is not None:
            open_holder_session(request, answer.card, now)
            return redirect("own" if answer.opening == Opening.OPEN else "own-secret")
        form.add_error(None, in_words(answer, easy=request.session.get(EASY, False)))
        status = 429 if answer.opening == Opening.WAIT else 422
    context = {
        **own_context(request),
        "form": form,
        "closed": request.GET.get("closed") == "1" and not form.errors,
        "at_work": request.user.is_authenticated,
    }
    return render(request, "kaikukortti/own/open.html", context, status=status)


def in_words(answer: Answer, *, easy: bool = False) -> str:
    """What a try that opened nothing says: what is so, and what to do."""
    if answer.opening == Opening.WAIT:
        minutes = -(-answer.seconds // 60)
        if answer.seconds < 60:
            return ngettext(
                "There have been many tries. Wait one second, then try again.",
                "There have been many tries. Wait {n} seconds, then try again.",
                answer.seconds,
            ).format(n=answer.seconds)
        return ngettext(
            "There have been many tries. Wait a minute, then try again.",
            "There have been many tries. Wait {n} minutes, then try again.",
            minutes,
        ).format(n=minutes)
    if answer.opening == Opening.OPENED_BEFORE:
        return gettext(
            "This slip was opened on {day}, and a new secret was chosen then. Use the secret you chose. If it was not "
            "you, ask for a new one where you got the card."
        ).format(day=local_date(answer.day))
    if answer.opening == Opening.NOT_YET:
        return gettext("This card is not in use yet. It opens here once its workplace has given it to you.")
    if answer.opening == Opening.REPLACED:
        return gettext("A new card has come in this one's place. Open these pages with the slip of the new card.")
    if answer.opening == Opening.COMMUNITY:
        return gettext("This is a community card. The workplace that holds it looks after it.")
    if easy:
        return gettext(
            "These two do not belong together. Look at the slip and write again. Ask for a new secret if you need one. "
            "You get it where you got the card."
        )
    return gettext(
        "This number and this secret do not belong together. Look at the slip and write both again. If the slip is "
        "lost, you get a new secret where you got the card."
    )


@never_cache
@sensitive_post_parameters()
def own_secret(request: HttpRequest) -> HttpResponse:
    """The first opening: choose one of three suggestions, write it down, and write it here once."""
    now = timezone.now()
    card = opened_card(request, now)
    if card is None:
        return to_opening(request)
    if has_own_secret(card):
        return redirect("own")
    choose_easy(request)
    mark_used(request, now)
    suggested = _suggested(request, card)
    sent = request.POST if suggested and request.method == "POST" and "others" not in request.POST else None
    if sent is None:
        suggested = {one: suggestion_seal(one, card=card) for one in suggest_secrets()}
    form = SecretForm(sent, suggested=list(suggested))
    if sent is not None and form.is_valid():
        secret = form.cleaned_data["secret"]
        if not choose_secret(card, secret, seal=suggested[secret], now=now):
            return to_opening(request)  # another browser was quicker
        open_holder_session(request, card, now)
        on_phone = never_had_a_slip(card)
        messages.success(
            request,
            gettext("Your own secret is in use.")
            if on_phone
            else gettext("Your own secret is in use. The one printed on the slip opens nothing any more."),
        )
        return redirect("own")
    context = {
        **own_context(request),
        "form": form,
        "suggested": [(shown(one), f"{one}:{seal}") for one, seal in suggested.items()],
        "secret_open": True,
        "on_phone": never_had_a_slip(card),
    }
    return render(request, "kaikukortti/own/secret.html", context, status=422 if form.errors else 200)


def never_had_a_slip(card: Card) -> bool:
    """Whether the card was made straight for a phone: there is no slip to speak of."""
    return card.batch.kind == BatchKind.PHONE and not card.facts.filter(kind=CardFactKind.SECRET).exists()


def _suggested(request: HttpRequest, card: Card) -> dict[str, str]:
    """The suggestions that the page carried, with their seals; those that were never made for this card are left out.
    The register keeps none of them: what is in clear anywhere is in its rows too (P13)."""
    found = {}
    for carried in request.POST.getlist("suggested")[:SUGGESTIONS]:
        secret, _colon, seal = carried.partition(":")
        if compare_digest(seal.encode(), suggestion_seal(secret, card=card).encode()):
            found[secret] = seal
    return found if len(found) == SUGGESTIONS else {}


@require_POST
def close_own(request: HttpRequest) -> HttpResponse:
    """Close the pages; a worker's sign-in in the same browser is not what is closed here."""
    if not request.user.is_authenticated:
        close_holder_session(request)
        messages.success(request, gettext("Your pages are closed."))
    return redirect("own-open")


@require_POST
@holder_page
def stay(request: HolderRequest) -> HttpResponse:
    """ "Go on": the request itself is the use. Without a script the button leads back to the pages."""
    if request.headers.get("X-Requested-With") == "idle":
        return HttpResponse(status=204)
    return redirect("own")
