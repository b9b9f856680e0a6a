"""Second factors: codes from an app, passkeys, recovery codes (section 5, decision 21).

The rows are allauth's; what is secret in them is sealed with the key `factor`. A code is used once: the last step of
time that was accepted stands with the secret, so that no app server takes it again.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import Fernet, InvalidToken
from django.db import transaction

from kaikukortti import keys
from kaikukortti.actions.actor import Actor
from kaikukortti.actions.people import granter_of
from kaikukortti.actions.sign_in import count_code, forgive_code
from kaikukortti.actions.trail import note
from kaikukortti.models import Membership, User
from kaikukortti.rules.people import refuse_factor_reset
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.trail import Act

STEP = 30  # seconds a code of an app stands for
STEPS_OFF = 1  # how far an app's clock may be off, in steps
TOTP_DIGITS, RECOVERY_DIGITS, RECOVERY_CODES = 6, 8, 10
NAME_LENGTH = 40

Kind = Authenticator.Type


class FactorClosed(Exception):
    """The password was reset from outside before there was a factor: the person's workplace opens the way first."""


# --- sealing ------------------------------------------------------------------------------------------------------


def derived_key(purpose: str) -> bytes:
    """32 bytes for one purpose, from the key `factor`."""
    return hmac.new(keys.key("factor"), purpose.encode(), sha256).digest()


def seal(text: str) -> str:
    """Unreadable without the key `factor`, and told if it was changed."""
    return Fernet(urlsafe_b64encode(derived_key("seal"))).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    return Fernet(urlsafe_b64encode(derived_key("seal"))).decrypt(sealed.encode()).decode()


# --- what a person has ----------------------------------------------------------------------------------------------


def factors_of(user: User) -> list[Authenticator]:
    """The app and the passkeys, oldest first; recovery codes only stand in for them."""
    return list(Authenticator.objects.filter(user=user).exclude(type=Kind.RECOVERY_CODES).order_by("pk"))


def has_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user).exclude(type=Kind.RECOVERY_CODES).exists())


def recovery_codes_left(user: User) -> int:
    row = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    return RECOVERY_CODES - int(row.data["used_mask"]).bit_count() if row else 0


# --- codes ----------------------------------------------------------------------------------------------------------


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def code_at(secret: str, step: int) -> str:
    """The six digits an app shows in this step of time."""
    return str(format_hotp_value(hotp_value(secret, step)))


def _accepted_step(secret: str, code: str, *, after: int, now: datetime) -> int | None:
    """The step the code stands for, later than the last one that was accepted."""
    here = step_of(now)
    for step in range(max(here - STEPS_OFF, after + 1), here + STEPS_OFF + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def digits(typed: str) -> str:
    """What was typed without the spaces and dashes that codes are shown with."""
    return re.sub(r"[\s-]", "", typed)


def check_code(user: User, typed: str, *, now: datetime) -> bool:
    """Whether it is the person's code, from the app or one of the recovery codes; each is good once. Raises
    TooManyTries."""
    count_code(user, now=now)
    code = digits(typed)
    right = False
    if code.isascii() and code.isdecimal():
        with suppress(InvalidToken):  # sealed with a key that has been lost: nothing confirms it any more
            right = _use_app_code(user, code, now=now) or _use_recovery(user, code, now)
    if right:
        forgive_code(user, now=now)
    return right


@transaction.atomic
def _use_app_code(user: User, code: str, *, now: datetime) -> bool:
    if len(code) != TOTP_DIGITS:
        return False
    row = Authenticator.objects.select_for_update().filter(user=user, type=Kind.TOTP).first()
    if row is None:
        return False
    step = _accepted_step(unseal(row.data["secret"]), code, after=row.data.get("last_step", 0), now=now)
    if step is None:
        return False
    row.data["last_step"] = step
    row.last_used_at = now
    row.save(update_fields=["data", "last_used_at"])
    return True


@transaction.atomic
def _use_recovery(user: User, code: str, now: datetime) -> bool:
    if len(code) != RECOVERY_DIGITS:
        return False
    row = Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).first()
    if row is None or not RecoveryCodes(row).validate_code(code):
        return False
    Authenticator.objects.filter(pk=row.pk).update(last_used_at=now)
    return True


def use_passkey(passkey: Authenticator, *, now: datetime) -> None:
    Authenticator.objects.filter(pk=passkey.pk).update(last_used_at=now)


# --- setting up -----------------------------------------------------------------------------------------------------


def _begin(user: User, *, confirmed: bool, now: datetime) -> None:
    """Noted in the audit trail; two browsers that set up at once come one after the other. Raises FactorClosed."""
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if locked.factor_closed and not confirmed:
        raise FactorClosed
    User.objects.filter(pk=user.pk).update(factor_closed=False)
    note(Act.FACTOR_SET, by=None, now=now, subject=user.pk, user=locked)


@transaction.atomic
def set_up_app(user: User, secret: str, code: str, *, confirmed: bool, now: datetime) -> bool:
    """Take the app's secret once a code shows that the app has it; an app that was there is replaced. `confirmed`:
    the session has just confirmed another factor. Raises FactorClosed."""
    step = _accepted_step(secret, digits(code), after=0, now=now)
    if step is None:
        return False
    _begin(user, confirmed=confirmed, now=now)
    Authenticator.objects.filter(user=user, type=Kind.TOTP).delete()
    data = {"secret": seal(secret), "last_step": step}
    Authenticator.objects.create(user=user, type=Kind.TOTP, data=data, created_at=now, last_used_at=now)
    return True


@transaction.atomic
def add_passkey(user: User, *, name: str, credential: Any, confirmed: bool, now: datetime) -> Authenticator:
    """Keep the public half of a passkey; the secret half never leaves the person's device. Raises FactorClosed."""
    _begin(user, confirmed=confirmed, now=now)
    data = {"name": name[:NAME_LENGTH], "credential": credential}
    return Authenticator.objects.create(user=user, type=Kind.WEBAUTHN, data=data, created_at=now, last_used_at=now)


@transaction.atomic
def rename_passkey(passkey: Authenticator, *, name: str) -> None:
    row = Authenticator.objects.select_for_update().get(pk=passkey.pk)
    row.data["name"] = name[:NAME_LENGTH]
    row.save(update_fields=["data"])


@transaction.atomic
def remove_factor(factor: Authenticator, *, now: datetime) -> None:
    """The recovery codes go with the last factor: they stand in for one."""
    user = User.objects.select_for_update(no_key=True).get(pk=factor.user_id)
    factor.delete()
    if not has_factor(user):
        Authenticator.objects.filter(user=user).delete()
    note(Act.FACTOR_RESET, by=None, now=now, subject=user.pk, user=user)


@transaction.atomic
def make_recovery_codes(user: User, *, now: datetime) -> list[str]:
    """Ten codes in place of those there were, in clear this once."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=Kind.RECOVERY_CODES).delete()
    made = RecoveryCodes.activate(user)
    Authenticator.objects.filter(pk=made.instance.pk).update(created_at=now)
    return list(made.generate_codes())


# --- what others do -------------------------------------------------------------------------------------------------


@transaction.atomic
def reset_factor(membership: Membership, *, by: Actor, now: datetime) -> WhyNot | None:
    """Take a member's factors away, so that new ones are set up; told when the person signs in next, and their sessions
    open no card's row any more. An identity of an organisation stays: the organisation answers for it."""
    places = Membership.objects.current().filter(user=membership.user).values_list("workplace_id", flat=True)
    contacts = Membership.objects.current().filter(workplace__in=list(places), is_contact=True)
    with_contact = set(contacts.values_list("workplace_id", flat=True))
    workplaces = [by.network.workplaces[pk] for pk in places]
    why_not = refuse_factor_reset(granter_of(by), workplaces, with_contact=with_contact)
    if why_not:
        return why_not
    user = User.objects.select_for_update(no_key=True).get(pk=membership.user_id)
    Authenticator.objects.filter(user=user).delete()
    user.factor_reset_at, user.factor_reset_by, user.factor_reset_told = now, by.user, False
    user.factor_closed = False
    user.save(update_fields=["factor_reset_at", "factor_reset_by", "factor_reset_told", "factor_closed"])
    note(Act.FACTOR_RESET, by=by, now=now, subject=user.pk)
    return None


def note_told(user: User) -> None:
    User.objects.filter(pk=user.pk).update(factor_reset_told=True)
