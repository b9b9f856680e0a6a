"""Signing in and out, choosing the workplace, and the start page that leads each role to its main page."""

from ipaddress import IPv6Address, IPv6Network
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kaikukortti.actions.second_factor import note_told, use_passkey
from kaikukortti.actions.sign_in import TooManyTries, check_password
from kaikukortti.actions.trail import note
from kaikukortti.models import Membership, User
from kaikukortti.models.people import MembershipQuerySet
from kaikukortti.templatetags.look import local_date
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.roles import Role
from kaikukortti.terms.trail import Act
from kaikukortti.web import passkeys
from kaikukortti.web.acting import SESSION_KEY, ActingRequest, open_to, signed_in
from kaikukortti.web.factor_adapter import passkeys_work
from kaikukortti.web.idle import mark_used
from kaikukortti.web.providers import SESSION_PROVIDER, may_lead_to, providers
from kaikukortti.web.second_factor import CONFIRMED, confirm
from kaikukortti.web.ways import next_address

MAIN_PAGE = {
    Role.NATIONAL: "network",
    Role.COORDINATOR: "network",
    Role.ISSUER: "desk",
    Role.VENUE: "till",
    Role.TICKET_AGENT: "till",
    Role.ANALYST: "yearly",
}


class SignInForm(forms.Form):
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        error_messages={"required": _("Write your user name.")},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        error_messages={"required": _("Write your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def caller_address(request: HttpRequest) -> str:
    """The caller's address: behind a proxy that ends TLS, what the proxy added last. Of IPv6 the network, for every
    home has more addresses there than limits on guessing could count."""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
    address = forwarded if settings.BEHIND_TLS and forwarded else request.META.get("REMOTE_ADDR", "")
    try:
        there = IPv6Address(address)
    except ValueError:
        return str(address)
    return str(there.ipv4_mapped or IPv6Network((int(there), 64), strict=False))


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            user = check_password(
                form.cleaned_data["username"],
                form.cleaned_data["password"],
                address=caller_address(request),
                now=timezone.now(),
            )
        except TooManyTries:
            form.add_error(None, gettext("Signing in takes a short break. Try again in a quarter of an hour."))
        else:
            if user is not None:
                return enter(request, user, next_address(request))
            form.add_error(
                None,
                gettext(
                    "This user name and password do not go together. Write them again, or ask your workplace's contact "
                    "person for a link to a new password."
                ),
            )
    return sign_in_page(request, form)


def sign_in_page(request: HttpRequest, form: SignInForm) -> HttpResponse:
    """The page with all ways in: password, passkey, the organisations' own."""
    ways = providers()
    answer = {
        "form": form,
        "next": next_address(request),
        "idle": request.GET.get("idle") == "1",
        "providers": ways,
        "with_passkeys": passkeys_work(request.get_host()),
    }
    page = render(request, "kaikukortti/sign_in/sign_in.html", answer, status=422 if form.errors else 200)
    return may_lead_to(page, *ways)


@never_cache
@require_POST
@sensitive_post_parameters("passkey")
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """A passkey says who it is and that its owner is there: name, password and second factor in one."""
    found = passkeys.answered(request, request.POST.get("passkey", ""), user=None)
    if found is None:
        form = SignInForm({})
        form.errors.clear()
        form.add_error(None, gettext("The passkey did not answer. Try once more, or sign in with your password."))
        return sign_in_page(request, form)
    user, passkey = found
    use_passkey(passkey, now=timezone.now())
    answer = enter(request, user, next_address(request))
    confirm(request, timezone.now())
    return answer


def places_of(user: Any) -> MembershipQuerySet:
    """Where the person may act today."""
    return Membership.objects.at_work_on(helsinki_day(timezone.now())).filter(user=user.pk)


def enter(request: HttpRequest, user: User, wanted: str = "") -> HttpResponse:
    """Begin the session; with one workplace act for it at once, with several choose."""
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    # Of the way the person came before nothing counts, also when it was the same person.
    request.session.pop(CONFIRMED, None)
    request.session.pop(SESSION_PROVIDER, None)
    mark_used(request, timezone.now())
    tell_of_reset(request, user)
    places = list(places_of(user).select_related("workplace", "user")[:2])
    if len(places) == 1:
        begin_at(request, places[0])
        return redirect(wanted or "start")
    request.session["wanted"] = wanted
    return redirect("choose-workplace")


def begin_at(request: HttpRequest, place: Membership) -> None:
    """Act for the workplace from now on; its audit trail tells who came in."""
    request.session[SESSION_KEY] = place.pk
    note(Act.SIGNED_IN, by=None, now=timezone.now(), subject=place.user_id, user=place.user, workplace=place.workplace)


def tell_of_reset(request: HttpRequest, user: User) -> None:
    """Somebody else took the person's second factor away: they learn it when they come in."""
    if user.factor_reset_told:
        return
    told = gettext(
        "{name} took away your second factor on {day}. If you did not ask for that, tell the national service at once."
    )
    by = user.factor_reset_by.name if user.factor_reset_by else gettext("Somebody")
    messages.warning(request, told.format(name=by, day=local_date(user.factor_reset_at)))
    note_told(user)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, gettext("You have signed out."))
    return redirect("sign-in")


@never_cache
@signed_in
def choose_workplace(request: HttpRequest) -> HttpResponse:
    """The workplaces of the person; one acts for one at a time and may change later."""
    places = places_of(request.user).select_related("workplace", "user")
    places = places.order_by("workplace__name_fi", "pk")
    if request.method == "POST":
        chosen = request.POST.get("membership", "")
        place = places.filter(pk=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 18 else None
        if place is not None:
            wanted = request.session.pop("wanted", "")
            begin_at(request, place)
            return redirect(wanted or "start")
    current = request.session.get(SESSION_KEY)
    answer = {"places": places, "current": current, "signed_in": True}
    return render(request, "kaikukortti/sign_in/workplaces.html", answer)


@open_to(*Role)
def start(request: ActingRequest) -> HttpResponse:
    return redirect(MAIN_PAGE[request.actor.role])


@require_POST
@open_to(*Role)
def keep_session(request: ActingRequest) -> HttpResponse:
    """ "Keep me signed in": the request itself is the use. Without a script the button leads back to the page."""
    if request.headers.get("X-Requested-With") == "idle":
        return HttpResponse(status=204)
    return redirect(next_address(request) or "start")
