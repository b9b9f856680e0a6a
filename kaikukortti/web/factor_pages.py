"""Asking for the second factor, and coming back to where the person was going."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kaikukortti.actions.second_factor import has_factor
from kaikukortti.models import User
from kaikukortti.web import passkeys, providers
from kaikukortti.web.acting import signed_in
from kaikukortti.web.idle import idle_ended
from kaikukortti.web.second_factor import confirmed, factor_form, is_answered, shown
from kaikukortti.web.ways import go, next_address


@never_cache
@sensitive_post_parameters()
@signed_in
def second_factor(request: Any) -> HttpResponse:
    """ "Confirm that it is you": with the app, a passkey, a recovery code, or through the organisation once more."""
    wanted = next_address(request)
    if confirmed(request, timezone.now()):
        return redirect(wanted or "start")
    if not has_factor(request.user) and not providers.of_session(request):
        return go(request, "own-sign-in", next=wanted)
    form = factor_form(request)
    if is_answered(request, form):
        return redirect(wanted or "start")
    return shown(request, form, next=wanted)


@never_cache
@require_POST
def passkey_challenge(request: HttpRequest) -> HttpResponse:
    """What a script on the sign-in page, or on the page that asks, hands to the browser."""
    here = isinstance(request.user, User) and not idle_ended(request, timezone.now())
    return JsonResponse(passkeys.challenge(request.user if here and isinstance(request.user, User) else None))
