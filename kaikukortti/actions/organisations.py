"""Coming in through an organisation's own sign-in: which of its identities is who (section 5, decision 21).

Stored is a keyed digest of what the organisation calls the person, and nothing else that it says.
"""

import hmac
import secrets
from datetime import datetime
from hashlib import sha256

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.db import transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.people import LinkGone, granter_of, join, use_link_of
from kaikukortti.actions.second_factor import derived_key
from kaikukortti.actions.trail import note
from kaikukortti.models import Membership, User, Workplace
from kaikukortti.rules.people import refuse_provider
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.trail import Act


class IdentityTaken(Exception):
    """Somebody else comes in with this identity of the organisation."""


def identity_digest(issuer: str, subject: str) -> str:
    """An organisation's identity of a person as it is stored: nobody reads a number or an address out of it."""
    return hmac.new(derived_key("identity"), f"{issuer}\0{subject}".encode(), sha256).hexdigest()


def user_of(provider: str, identity: str) -> User | None:
    found = SocialAccount.objects.filter(provider=provider, uid=identity).select_related("user").first()
    return found.user if found and isinstance(found.user, User) and found.user.is_active else None


def identities_of(user: User) -> list[SocialAccount]:
    return list(SocialAccount.objects.filter(user=user).order_by("provider"))


@transaction.atomic
def tie(user: User, *, provider: str, identity: str, now: datetime) -> None:
    """The person comes in through the organisation from now on too, with one identity of each. Raises
    IdentityTaken."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    row, made = SocialAccount.objects.get_or_create(
        provider=provider, uid=identity, defaults={"user": user, "extra_data": {}}
    )
    if row.user_id != user.pk:
        raise IdentityTaken
    SocialAccount.objects.filter(user=user, provider=provider).exclude(pk=row.pk).delete()
    if made:
        note(Act.FACTOR_SET, by=None, now=now, subject=user.pk, user=user)


@transaction.atomic
def untie(user: User, *, provider: str, now: datetime) -> bool:
    """False when it is the only way in that the person has."""
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    others = SocialAccount.objects.filter(user=user).exclude(provider=provider).exists()
    passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists()
    if not (locked.has_usable_password() or others or passkeys):
        return False
    if SocialAccount.objects.filter(user=user, provider=provider).delete()[0]:
        note(Act.FACTOR_RESET, by=None, now=now, subject=user.pk, user=user)
    return True


@transaction.atomic
def come_in_through(link: int, *, provider: str, identity: str, now: datetime) -> Membership:
    """A person with a one-time link comes in through the organisation: as who they are already, or as somebody new
    who has no password. Raises LinkGone."""
    invitation = use_link_of(link, now=now)
    if invitation.user_id:  # a new password is no way to tie somebody else's identity
        raise LinkGone
    user = user_of(provider, identity)
    if user is None:
        user = User.objects.create(
            username=f"{provider}-{secrets.token_hex(6)}"[:60],
            name=invitation.name,
            password=make_password(None),
            made_at=now,
        )
        tie(user, provider=provider, identity=identity, now=now)
    return join(user, invitation, now=now)


@transaction.atomic
def set_provider(workplace: Workplace, provider: str, *, by: Actor, now: datetime) -> WhyNot | None:
    """From now on the workplace's people must come through this organisation's sign-in; empty: through the register's
    own. In force with the next page."""
    why_not = refuse_provider(granter_of(by), by.network.workplaces[workplace.pk])
    if why_not:
        return why_not
    Workplace.objects.filter(pk=workplace.pk).update(provider=provider)
    note(Act.NETWORK_CHANGED, by=by, now=now, subject=workplace.pk)
    return None
