"""Signing in and out, choosing the workplace, and the start page that leads each role to its main page."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kaikukortti.actions.sign_in import TooManyTries, check_password
from kaikukortti.models import Membership
from kaikukortti.models.people import MembershipQuerySet
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import SESSION_KEY, ActingRequest, open_to, signed_in
from kaikukortti.web.idle import mark_used

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
    """The caller's address: behind a proxy that ends TLS, what the proxy added last."""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
    return forwarded if settings.BEHIND_TLS and forwarded else request.META.get("REMOTE_ADDR", "")


def next_address(request: HttpRequest) -> str:
    """Where the person was going, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else ""


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
    answer = {"form": form, "next": next_address(request), "idle": request.GET.get("idle") == "1"}
    return render(request, "kaikukortti/sign_in/sign_in.html", answer, status=422 if form.errors else 200)


def places_of(user: Any) -> MembershipQuerySet:
    """Where the person may act today."""
    return Membership.objects.at_work_on(helsinki_day(timezone.now())).filter(user=user.pk)


def enter(request: HttpRequest, user: Any, wanted: str = "") -> HttpResponse:
    """Begin the session; with one workplace act for it at once, with several choose."""
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    mark_used(request, timezone.now())
    places = list(places_of(user).values_list("pk", flat=True)[:2])
    if len(places) == 1:
        request.session[SESSION_KEY] = places[0]
        return redirect(wanted or "start")
    request.session["wanted"] = wanted
    return redirect("choose-workplace")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, gettext("You have signed out."))
    return redirect("sign-in")


@never_cache
@signed_in
def choose_workplace(request: HttpRequest) -> HttpResponse:
    """The workplaces of the person; one acts for one at a time and may change later."""
    places = places_of(request.user).select_related("workplace")
    places = places.order_by("workplace__name_fi", "pk")
    if request.method == "POST":
        chosen = request.POST.get("membership", "")
        place = places.filter(pk=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 18 else None
        if place is not None:
            wanted = request.session.pop("wanted", "")
            request.session[SESSION_KEY] = place.pk
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
