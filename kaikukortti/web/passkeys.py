"""Passkeys between the browser and allauth: a challenge that is good once, and what a device answers to it."""

import json
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import InvalidSignature
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from kaikukortti.models import User

# What an answer that was tampered with, or made for another site, may run into on its way through.
NOT_GOOD = (ValidationError, ValueError, TypeError, KeyError, AttributeError, InvalidSignature, RecursionError)


def challenge(user: User | None) -> dict[str, Any]:
    """What the browser asks a device: one of the person's passkeys, or, before anybody has signed in, any."""
    return auth.begin_authentication(user)  # type: ignore[no-any-return]


def answered(request: HttpRequest, text: str, *, user: User | None) -> tuple[User, Authenticator] | None:
    """Whose passkey answered the challenge, and which; None when it is not good. The challenge is used up."""
    try:
        answer = json.loads(text)
        auth.parse_authentication_response(answer)
        person = user or auth.extract_user_from_response(answer)
        passkey = auth.complete_authentication(person, answer)
    except NOT_GOOD:
        return None
    finally:
        request.session.pop(auth.STATE_SESSION_KEY, None)
    return (person, passkey) if person.is_active else None


def registration(user: User) -> dict[str, Any]:
    """What the browser asks a device so that it makes a passkey with which the person can also sign in."""
    return auth.begin_registration(user, passwordless=True)  # type: ignore[no-any-return]


def registered(request: HttpRequest, text: str) -> Any | None:
    """The device's answer, fit to be kept; None when it is not good."""
    try:
        credential = json.loads(text)
        auth.parse_registration_response(credential)
        made = auth.complete_registration(credential)
    except NOT_GOOD:
        return None
    finally:
        request.session.pop(auth.STATE_SESSION_KEY, None)
    return credential if made.is_user_verified() else None
