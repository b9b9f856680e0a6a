"""Coming in through an organisation's own sign-in, tying it, and making it the only way for a workplace (section 5)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kaikukortti.actions.organisations import IdentityTaken, come_in_through, set_provider, tie, user_of
from kaikukortti.actions.people import LinkGone, granter_of, open_link
from kaikukortti.models import User
from kaikukortti.rules.people import refuse_provider
from kaikukortti.terms.roles import Role
from kaikukortti.web import second_factor
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.own_sign_in import not_yet
from kaikukortti.web.providers import (
    SESSION_PROVIDER,
    Identity,
    NotThrough,
    Provider,
    begin,
    finish,
    provider_of,
    providers,
    signed_in_afresh,
    take_state,
)
from kaikukortti.web.second_factor import confirm
from kaikukortti.web.sign_in import enter
from kaikukortti.web.team import cared_for, is_here
from kaikukortti.web.ways import next_address

SIGN_IN, LINK, TIE, CONFIRM = "sign-in", "link", "tie", "confirm"


def _provider(name: str) -> Provider:
    provider = provider_of(name)
    if provider is None:
        raise Http404
    return provider


@never_cache
@require_POST
def organisation(request: HttpRequest, provider: str) -> HttpResponse:
    """To the organisation's sign-in: to come in, with a one-time link, to tie the identity, or to confirm."""
    there, now = _provider(provider), timezone.now()
    state: dict[str, Any] = {"purpose": SIGN_IN, "next": next_address(request)}
    here = isinstance(request.user, User) and is_here(request, now)
    if secret := request.POST.get("link"):
        link = open_link(secret, now=now)
        if link is None or link.user_id:
            return render(request, "kaikukortti/team/link_gone.html", status=404)
        state |= {"purpose": LINK, "link": link.pk}
    elif request.POST.get("purpose") in (TIE, CONFIRM) and here:
        state |= {"purpose": request.POST["purpose"], "user": request.user.pk}
        elsewhere = not_yet(request) if state["purpose"] == TIE else None
        if elsewhere:
            return elsewhere
    try:
        return redirect(begin(request, there, now=now, afresh=state["purpose"] == CONFIRM, **state))
    except NotThrough:
        return _not_through(request, there)


def _not_through(request: HttpRequest, provider: Provider) -> HttpResponse:
    return render(request, "kaikukortti/sign_in/not_through.html", {"through": provider}, status=403)


@never_cache
def organisation_back(request: HttpRequest, provider: str) -> HttpResponse:
    """Back from the organisation, on an address that is the same in every language."""
    there = _provider(provider)
    try:
        state = take_state(request, there)
        with translation.override(state["language"]):
            return _came_back(request, there, state)
    except NotThrough:
        return _not_through(request, there)


def _came_back(request: HttpRequest, provider: Provider, state: dict[str, Any]) -> HttpResponse:
    try:
        identity = finish(request, provider, state)
    except NotThrough:
        return _not_through(request, provider)
    if state["purpose"] == TIE:
        return _tied(request, provider, identity, state)
    user = user_of(provider.id, identity.digest)
    if state["purpose"] == LINK:
        try:
            member = come_in_through(state["link"], provider=provider.id, identity=identity.digest, now=timezone.now())
        except LinkGone:
            return render(request, "kaikukortti/team/link_gone.html", status=404)
        return _enter(request, member.user, provider, identity, "")
    if user is None:
        return render(request, "kaikukortti/sign_in/not_known.html", {"through": provider}, status=403)
    if state["purpose"] == CONFIRM:
        return _confirmed(request, user, identity, state)
    return _enter(request, user, provider, identity, state["next"])


def _enter(request: HttpRequest, user: User, provider: Provider, identity: Identity, wanted: str) -> HttpResponse:
    answer = enter(request, user, wanted)
    request.session[SESSION_PROVIDER] = provider.id
    # Who has been signed in there since this morning has shown nothing here now: it counts from then.
    if identity.with_factor and identity.signed_in_at:
        confirm(request, min(identity.signed_in_at, timezone.now()))
    return answer


def _tied(request: HttpRequest, provider: Provider, identity: Identity, state: dict[str, Any]) -> HttpResponse:
    now, user = timezone.now(), request.user
    if not isinstance(user, User) or user.pk != state["user"] or not is_here(request, now):
        return _not_through(request, provider)
    try:
        tie(user, provider=provider.id, identity=identity.digest, now=now)
    except IdentityTaken:
        messages.warning(request, gettext("Somebody else comes in with this identity already."))
    else:
        messages.success(request, gettext("You can now come in through {name}.").format(name=provider.name))
    return redirect("own-sign-in")


def _confirmed(request: HttpRequest, user: User, identity: Identity, state: dict[str, Any]) -> HttpResponse:
    """The organisation has asked the person anew, and by more than a password."""
    itself = isinstance(request.user, User) and request.user.pk == user.pk == state["user"]
    if itself and identity.with_factor and signed_in_afresh(identity, state):
        confirm(request, timezone.now())
        return redirect(state["next"] or "start")
    messages.warning(
        request, gettext("The organisation did not ask for more than a password. Set up a second factor of your own.")
    )
    return redirect("own-sign-in")


# --- a workplace's only way ---------------------------------------------------------------------------------------


class ProviderForm(forms.Form):
    provider = forms.ChoiceField(label=_("How people sign in"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["provider"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", gettext("With the register's own sign-in, or any other way")),
            *((one.id, gettext("Only through {name}").format(name=one.name)) for one in providers()),
        ]


@never_cache
@open_to(*Role)
def workplace_provider(request: ActingRequest, workplace: int) -> HttpResponse:
    """Its contact person or the national service says whether people must come through an organisation's sign-in."""
    place = cared_for(request, workplace)
    why_not = refuse_provider(granter_of(request.actor), request.actor.network.workplaces[place.pk])
    if why_not:
        messages.warning(request, why_not.label)
        return redirect("team-of", workplace)
    elsewhere = second_factor.ask(request)
    if elsewhere:
        return elsewhere
    form = ProviderForm(request.POST if "provider" in request.POST else None, initial={"provider": place.provider})
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["provider"]
        own = place.pk == request.actor.workplace.pk
        if wanted and own and request.session.get(SESSION_PROVIDER) != wanted:
            form.add_error("provider", gettext("Come in through it yourself first, so that you stay able to come in."))
        else:
            set_provider(place, wanted, by=request.actor, now=timezone.now())
            messages.success(request, gettext("This is in force with everybody's next page."))
            return redirect("team-of", workplace)
    answer = {"form": form, "place": place, "none": not providers()}
    return render(request, "kaikukortti/team/provider.html", answer, status=422 if form.errors else 200)
