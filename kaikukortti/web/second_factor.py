"""The second factor of a session: when it was last confirmed, and asking for it (section 5).

A password alone opens no card's row. The session says when the person last confirmed that they are who signed in;
after a pause they are asked once more. A form that was sent meanwhile is kept: it stands in the page that asks, and is
sent again with the code.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.actions.demo import demo_code
from kaikukortti.actions.second_factor import check_code, factors_of, has_factor, use_passkey
from kaikukortti.actions.sign_in import TooManyTries
from kaikukortti.models import User
from kaikukortti.web import passkeys, providers
from kaikukortti.web.factor_adapter import passkeys_work
from kaikukortti.web.ways import go, where

CONFIRMED = "factor"  # session: seconds since 1970 of the last confirmation
STEP_UP = timedelta(minutes=30)
FIELDS = "factor"  # the names of the fields begin with it, so that they meet no field of the page that was asked for


def confirmed(request: Any, now: datetime) -> bool:
    """Whether the person confirmed the second factor in this session, not too long ago, and not before somebody took
    their factors away."""
    at = request.session.get(CONFIRMED)
    if at is None or now.timestamp() - at >= STEP_UP.total_seconds():
        return False
    reset = request.user.factor_reset_at
    return reset is None or datetime.fromtimestamp(at, UTC) > reset


def confirm(request: Any, now: datetime) -> None:
    """Note a confirmation. The session gets a new key: one that was copied before opens no more than before."""
    request.session.cycle_key()
    request.session[CONFIRMED] = now.timestamp()


class FactorForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        required=False,
        help_text=_("Six digits from your app, or eight from one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )
    passkey = forms.CharField(max_length=10_000, required=False, widget=forms.HiddenInput)

    def clean(self) -> None:
        if not (self.cleaned_data.get("code") or self.cleaned_data.get("passkey") or self.errors):
            self.add_error("code", gettext("Write the code."))


def factor_form(request: Any) -> FactorForm:
    """Bound when the request answers the question."""
    sent = request.method == "POST" and f"{FIELDS}-code" in request.POST
    return FactorForm(request.POST if sent else None, prefix=FIELDS)


def is_answered(request: Any, form: FactorForm) -> bool:
    """Whether the form confirms who it is; if not, it says why."""
    if not form.is_bound or not form.is_valid():
        return False
    now, user = timezone.now(), request.user
    if form.cleaned_data["passkey"]:
        found = passkeys.answered(request, form.cleaned_data["passkey"], user=user)
        if found:
            use_passkey(found[1], now=now)
            confirm(request, now)
            return True
        form.add_error(None, gettext("The passkey did not answer. Try once more, or write a code."))
        return False
    try:
        right = check_code(user, form.cleaned_data["code"], now=now)
    except TooManyTries:
        form.add_error(
            None,
            gettext("Codes take a short break. Try again in a quarter of an hour; a passkey works at once."),
        )
        return False
    if right:
        confirm(request, now)
    else:
        form.add_error(
            "code",
            gettext("This code is not the one the app shows now, or it has been used. Wait for the next one."),
        )
    return right


def shown(request: Any, form: FactorForm, **more: Any) -> HttpResponse:
    """The page that asks."""
    kinds = {factor.type for factor in factors_of(request.user)}
    through = providers.of_session(request)
    answer: dict[str, Any] = {
        "form": form,
        "with_passkey": "webauthn" in kinds and passkeys_work(request.get_host()),
        "through": through,
        "demo_code": demo_code(request.user, now=timezone.now()) if settings.DEMO else "",
        "signed_in": True,
        "minutes": int(STEP_UP.total_seconds() // 60),
    }
    status = 422 if form.errors else more.pop("status", 200)
    page = render(request, "kaikukortti/sign_in/factor.html", answer | more, status=status)
    return providers.may_lead_to(page, through)


def ask(request: Any) -> HttpResponse | None:
    """None when the person has confirmed who they are, or does so with this very request; else what to answer."""
    if confirmed(request, timezone.now()):
        return None
    assert isinstance(request.user, User)
    kept = request.method == "POST" and not request.htmx and not request.FILES and has_factor(request.user)
    if not kept:
        return go(request, "second-factor", next=where(request))
    form = factor_form(request)
    if is_answered(request, form):
        return None
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and not name.startswith(f"{FIELDS}-")
    ]
    return shown(request, form, kept=fields, status=403)
