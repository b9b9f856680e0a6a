"""Signing in with user name and password, held against guessing without keeping who tried or from where."""

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import F

from kaikukortti import keys
from kaikukortti.models import SignInTries, User

WINDOW = timedelta(minutes=15)
# Failed tries a window: of one name from one address, of one name from everywhere, from one address.
PAIR, NAME, ADDRESS = 10, 60, 120
# Codes that make a browser a till, from one address a window; and hand-overs with a wrong PIN, of one stopped till.
TILL_CODES, HAND_OVERS = 30, 10
# Failed codes of a second factor: of one person a window, and a day. Six digits are guessed in no less than a lifetime.
CODES, CODES_A_DAY = 5, 30


class TooManyTries(Exception):
    """Signing in takes a break for this name or address; it says the same whether the name exists or not."""


def username_of(typed: str) -> str:
    """User names are the same in any case and in any way of writing an ö."""
    return User.normalize_username(typed.strip()).lower()


def _digest(*parts: str) -> str:
    return hmac.new(keys.key("django"), "\0".join(("sign-in", *parts)).encode(), sha256).hexdigest()


def _window(now: datetime) -> datetime:
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)


def _day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def check_password(typed: str, password: str, *, address: str, now: datetime) -> User | None:
    """The user of this name and password, or None. Raises TooManyTries.

    The try is counted before the password is looked at, so that a hundred tries at once are a hundred tries.
    """
    username = username_of(typed)
    limits = {
        _digest("pair", username, address): PAIR,
        _digest("name", username): NAME,
        _digest("address", address): ADDRESS,
    }
    if _count_try(limits, since=_window(now), now=now):
        raise TooManyTries
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        return None
    _take_back(limits, since=_window(now))
    return user


def count_code(user: User, *, now: datetime) -> None:
    """Count a try at a code of the person's second factor, before it is looked at. Raises TooManyTries."""
    digest, a_day = _codes_of(user)
    too_many = _count_try({digest: CODES}, since=_window(now), now=now)
    if _count_try({a_day: CODES_A_DAY}, since=_day(now), now=now) or too_many:
        raise TooManyTries


def forgive_code(user: User, *, now: datetime) -> None:
    """The code was right, so it was no guess."""
    digest, a_day = _codes_of(user)
    _take_back([digest], since=_window(now))
    _take_back([a_day], since=_day(now))


def count_till_code(address: str, *, now: datetime) -> None:
    """Count a try at a till's one-time code from an address, before it is looked at. Raises TooManyTries."""
    if _count_try({_digest("till-code", address): TILL_CODES}, since=_window(now), now=now):
        raise TooManyTries


def forgive_till_code(address: str, *, now: datetime) -> None:
    _take_back([_digest("till-code", address)], since=_window(now))


def count_hand_over(device: UUID, *, now: datetime) -> None:
    """Count a try at the PIN of a till that has been stopped. Raises TooManyTries."""
    if _count_try({_digest("hand-over", str(device)): HAND_OVERS}, since=_window(now), now=now):
        raise TooManyTries


def forgive_hand_over(device: UUID, *, now: datetime) -> None:
    _take_back([_digest("hand-over", str(device))], since=_window(now))


def _codes_of(user: User) -> tuple[str, str]:
    return _digest("factor", str(user.pk)), _digest("factor-day", str(user.pk))


def _take_back(digests: Iterable[str], *, since: datetime) -> None:
    SignInTries.objects.filter(digest__in=list(digests), since=since, number__gt=0).update(number=F("number") - 1)


@transaction.atomic
def _count_try(limits: dict[str, int], *, since: datetime, now: datetime) -> bool:
    """Count one more try for each digest; True when one has had too many."""
    SignInTries.objects.filter(since__lt=now - timedelta(days=1)).delete()
    SignInTries.objects.bulk_create(
        [SignInTries(digest=digest, since=since) for digest in sorted(limits)], ignore_conflicts=True
    )
    rows = SignInTries.objects.filter(digest__in=limits, since=since)
    rows.update(number=F("number") + 1)
    return any(number > limits[digest] for digest, number in rows.values_list("digest", "number"))
