"""Signing in with user name and password, held against guessing without keeping who tried or from where."""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import F

from kaikukortti import keys
from kaikukortti.models import SignInTries, User

WINDOW = timedelta(minutes=15)
# Failed tries a window: of one name from one address, of one name from everywhere, from one address.
PAIR, NAME, ADDRESS = 10, 60, 120


class TooManyTries(Exception):
    """Signing in takes a break for this name or address; it says the same whether the name exists or not."""


def username_of(typed: str) -> str:
    """User names are the same in any case and in any way of writing an ö."""
    return User.normalize_username(typed.strip()).lower()


def _digest(*parts: str) -> str:
    return hmac.new(keys.key("django"), "\0".join(("sign-in", *parts)).encode(), sha256).hexdigest()


def _window(now: datetime) -> datetime:
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)


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
    if _count_try(limits, now=now):
        raise TooManyTries
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        return None
    SignInTries.objects.filter(digest__in=limits, since=_window(now), number__gt=0).update(number=F("number") - 1)
    return user


@transaction.atomic
def _count_try(limits: dict[str, int], *, now: datetime) -> bool:
    """Count one more try for each digest; True when one has had too many."""
    since = _window(now)
    SignInTries.objects.filter(since__lt=now - timedelta(days=1)).delete()
    SignInTries.objects.bulk_create(
        [SignInTries(digest=digest, since=since) for digest in sorted(limits)], ignore_conflicts=True
    )
    rows = SignInTries.objects.filter(digest__in=limits, since=since)
    rows.update(number=F("number") + 1)
    return any(number > limits[digest] for digest, number in rows.values_list("digest", "number"))
