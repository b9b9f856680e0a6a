"""A person's own ways in: the app, passkeys, recovery codes, the organisation (section 5)."""

from typing import Any

import segno
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kaikukortti.actions.organisations import identities_of, untie
from kaikukortti.actions.second_factor import (
    NAME_LENGTH,
    add_passkey,
    factors_of,
    has_factor,
    make_recovery_codes,
    recovery_codes_left,
    remove_factor,
    rename_passkey,
    seal,
    set_up_app,
    unseal,
)
from kaikukortti.templatetags.look import local_date
from kaikukortti.terms.roles import Role
from kaikukortti.web import passkeys, second_factor
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.factor_adapter import FactorAdapter, passkeys_work
from kaikukortti.web.providers import SESSION_PROVIDER, may_lead_to, provider_of, providers
from kaikukortti.web.ways import next_address

NEW_APP = "new_app"  # session: the sealed secret of an app that is being set up


class AppForm(forms.Form):
    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=20,
        help_text=_("Six digits. They change every half a minute."),
        error_messages={"required": _("Write the code that the app shows.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the passkey"),
        max_length=NAME_LENGTH,
        help_text=_("For example: work phone, key on the key ring."),
        error_messages={"required": _("Write a name by which you know it.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def not_yet(request: Any) -> HttpResponse | None:
    """None when the person may change their ways in; else what to answer. Who has a factor confirms it first; the
    first one is set up by who signed in, unless somebody from outside has just given them the password."""
    user = request.user
    if second_factor.confirmed(request, timezone.now()):
        return None
    if has_factor(user):
        return second_factor.ask(request)
    tied = identities_of(user)
    if tied and request.session.get(SESSION_PROVIDER) not in {one.provider for one in tied}:
        through = provider_of(tied[0].provider)
        page = render(request, "kaikukortti/sign_in/not_yet.html", {"through": through}, status=403)
        return may_lead_to(page, through)
    if user.factor_closed:
        return render(request, "kaikukortti/sign_in/not_yet.html", {"closed": True}, status=403)
    return None


@never_cache
@open_to(*Role)
def own_sign_in(request: ActingRequest) -> HttpResponse:
    """What the person has, and what they may add; a person without a second factor is led here."""
    user = request.user
    tied = {one.provider for one in identities_of(user)}  # type: ignore[arg-type]
    ways = providers()
    factors = factors_of(user)  # type: ignore[arg-type]
    answer = {
        "factors": [described(one) for one in factors],
        "with_app": any(one.type == Authenticator.Type.TOTP for one in factors),
        "codes_left": recovery_codes_left(user),  # type: ignore[arg-type]
        "with_passkeys": passkeys_work(request.get_host()),
        "tied": [one for one in ways if one.id in tied],
        "not_tied": [one for one in ways if one.id not in tied],
        "next": next_address(request),
    }
    return may_lead_to(render(request, "kaikukortti/sign_in/own.html", answer), *ways)


def described(factor: Authenticator) -> dict[str, Any]:
    app = factor.type == Authenticator.Type.TOTP
    name = gettext("App that shows codes") if app else factor.data["name"]
    return {"pk": factor.pk, "app": app, "name": name, "since": factor.created_at, "used": factor.last_used_at}


# --- an app -------------------------------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters()
@open_to(*Role)
def set_up(request: ActingRequest) -> HttpResponse:
    """The secret for the app as a picture and in letters; a code shows that it has arrived."""
    elsewhere = not_yet(request)
    if elsewhere:
        return elsewhere
    now, wanted = timezone.now(), next_address(request)
    sealed = request.session.setdefault(NEW_APP, seal(generate_totp_secret()))
    secret = unseal(sealed)
    sent = request.method == "POST" and "code" in request.POST
    form = AppForm(request.POST if sent else None)
    if sent and form.is_valid():
        sure = second_factor.confirmed(request, now)
        if set_up_app(request.user, secret, form.cleaned_data["code"], confirmed=sure, now=now):  # type: ignore[arg-type]
            del request.session[NEW_APP]
            return _is_set_up(request, gettext("The app is set up."), wanted)
        form.add_error("code", gettext("This is not the code the app shows now. Wait for the next one and write it."))
    adapter = FactorAdapter()
    picture = segno.make_qr(adapter.build_totp_url(request.user, secret), error="m")
    answer = {
        "form": form,
        "picture": picture.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "next": wanted,
    }
    return render(request, "kaikukortti/sign_in/app.html", answer, status=422 if form.errors else 200)


def _is_set_up(request: ActingRequest, done: str, wanted: str) -> HttpResponse:
    """Who sets a factor up has it at hand, so it counts at once; with the first one come the recovery codes."""
    second_factor.confirm(request, timezone.now())
    if not recovery_codes_left(request.user):  # type: ignore[arg-type]
        return _show_codes(request, wanted, done)
    messages.success(request, done)
    return redirect(wanted or "own-sign-in")


def _show_codes(request: ActingRequest, wanted: str = "", done: str = "") -> HttpResponse:
    made = make_recovery_codes(request.user, now=timezone.now())  # type: ignore[arg-type]
    codes = [f"{code[:4]} {code[4:]}" for code in made]
    return render(request, "kaikukortti/sign_in/codes.html", {"codes": codes, "next": wanted, "done": done})


@never_cache
@require_POST
@open_to(*Role)
def recovery_codes(request: ActingRequest) -> HttpResponse:
    """New recovery codes in place of those there were; shown this once."""
    if not has_factor(request.user):  # type: ignore[arg-type]
        return redirect("own-sign-in")
    return not_yet(request) or _show_codes(request)


# --- passkeys ----------------------------------------------------------------------------------------------------


@never_cache
@require_POST
@open_to(*Role)
def passkey_registration(request: ActingRequest) -> HttpResponse:
    """What the page's script hands to the browser."""
    if not_yet(request):
        return JsonResponse({}, status=403)
    return JsonResponse(passkeys.registration(request.user))  # type: ignore[arg-type]


@never_cache
@sensitive_post_parameters()
@open_to(*Role)
def new_passkey(request: ActingRequest) -> HttpResponse:
    elsewhere = not_yet(request)
    if elsewhere:
        return elsewhere
    now, wanted = timezone.now(), next_address(request)
    form = NameForm(request.POST if "passkey" in request.POST else None)
    form.fields["name"].required = False
    if request.method == "POST" and form.is_valid():
        credential = passkeys.registered(request, request.POST.get("passkey", ""))
        if credential is not None:
            name = form.cleaned_data["name"] or gettext("Passkey of {day}").format(day=local_date(now))
            sure = second_factor.confirmed(request, now)
            add_passkey(request.user, name=name, credential=credential, confirmed=sure, now=now)  # type: ignore[arg-type]
            return _is_set_up(request, gettext("The passkey is set up."), wanted)
        form.add_error(None, gettext("The passkey was not made. Try once more, or set up an app."))
    answer = {"form": form, "next": wanted, "works": passkeys_work(request.get_host())}
    return render(request, "kaikukortti/sign_in/new_passkey.html", answer, status=422 if form.errors else 200)


@never_cache
@open_to(*Role)
def own_factor(request: ActingRequest, factor: int) -> HttpResponse:
    """Rename a passkey, or remove it or the app; both ask for a second factor first."""
    mine = Authenticator.objects.filter(user=request.user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    one = get_object_or_404(mine, pk=factor)
    elsewhere = not_yet(request)
    if elsewhere:
        return elsewhere
    app = one.type == Authenticator.Type.TOTP
    if "remove" in request.POST:
        remove_factor(one, now=timezone.now())
        messages.success(request, gettext("It has been removed."))
        return redirect("own-sign-in")
    form = NameForm(request.POST if "name" in request.POST else None, initial={"name": one.data.get("name", "")})
    if not app and form.is_valid():
        rename_passkey(one, name=form.cleaned_data["name"])
        messages.success(request, gettext("The passkey has its new name."))
        return redirect("own-sign-in")
    answer = {"factor": described(one), "form": form, "last": mine.count() == 1}
    return render(request, "kaikukortti/sign_in/one_factor.html", answer, status=422 if form.errors else 200)


# --- the organisation --------------------------------------------------------------------------------------------


@never_cache
@require_POST
@open_to(*Role)
def untie_organisation(request: ActingRequest, provider: str) -> HttpResponse:
    elsewhere = not_yet(request)
    if elsewhere:
        return elsewhere
    if untie(request.user, provider=provider, now=timezone.now()):  # type: ignore[arg-type]
        messages.success(request, gettext("You no longer come in through this organisation."))
    else:
        messages.warning(request, gettext("This is your only way in. Set up a passkey first."))
    return redirect("own-sign-in")
