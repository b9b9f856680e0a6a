"""Letting people in and out: one-time links, memberships, contact persons, passwords, tokens for machines.

Every action asks `rules.people` first and raises NotAllowed with the reason; what a form may run into comes back as a
value. Links and tokens exist in clear only in the answer that shows them; their digest is stored.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.codes import link_digest
from kaikukortti.actions.sign_in import username_of
from kaikukortti.actions.trail import note
from kaikukortti.models import Invitation, Membership, NetworkVersion, Token, User, Workplace
from kaikukortti.rules.people import (
    Granter,
    refuse_invitation,
    refuse_leaving,
    refuse_people,
    refuse_reset,
    refuse_token,
)
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.roles import Role
from kaikukortti.terms.sellers import SCOPES_OF, Scope
from kaikukortti.terms.trail import Act

LINK_DAYS = timedelta(days=7)
MARK = "kaiku_"  # so that a token left in a file or a chat is recognised for what it is


class UsernameTaken(Exception):
    """Somebody has this user name already."""


class LinkGone(Exception):
    """The link is used, too old or taken back."""


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A one-time link's secret, shown once, and what it is for."""

    secret: str
    invitation: Invitation


def granter_of(by: Actor) -> Granter:
    return Granter(by.facts, is_contact=by.membership is not None and by.membership.is_contact)


def need_none(why_not: WhyNot | None) -> None:
    """Raise NotAllowed with the reason, if there is one."""
    if why_not:
        raise NotAllowed(why_not)


def _need_people(by: Actor, workplace_id: int) -> None:
    need_none(refuse_people(granter_of(by), by.network.workplaces[workplace_id]))


def why_no_invitation(workplace: Workplace, *, by: Actor) -> WhyNot | None:
    """Why the actor may not let another person in, or None."""
    outside = workplace.pk != by.workplace.pk
    has_contact = outside and Membership.objects.current().filter(workplace=workplace, is_contact=True).exists()
    return refuse_invitation(granter_of(by), by.network.workplaces[workplace.pk], has_contact=has_contact)


# --- one-time links ---------------------------------------------------------------------------------------------


@transaction.atomic
def invite_person(
    workplace: Workplace, *, name: str, by: Actor, now: datetime, is_contact: bool = False, side: str = ""
) -> MadeLink:
    """A printable link with which a person comes in for the first time; valid for seven days, once. Who is let in from
    outside is the workplace's first contact person."""
    need_none(why_no_invitation(workplace, by=by))
    from_outside = workplace.role == Role.ISSUER and workplace.pk != by.workplace.pk
    made = _make_link(
        workplace,
        name=name,
        is_contact=is_contact or from_outside,
        side=side if workplace.role == Role.COORDINATOR else "",
        by=by.user,
        now=now,
    )
    note(Act.PERSON_INVITED, by=by, now=now, subject=made.invitation.pk)
    return made


@transaction.atomic
def invite_first(*, name: str, municipality: str, now: datetime) -> MadeLink:
    """The link for a contact person of the national service, made by who runs the server: in a new register nobody
    can grant it yet. Makes the national service's workplace if there is none."""
    workplace = Workplace.objects.filter(role=Role.NATIONAL).active_on(helsinki_day(now)).order_by("pk").first()
    if workplace is None:
        workplace = Workplace.objects.create(
            role=Role.NATIONAL,
            name_fi="Kaikukeskus",
            name_sv="Kaikucentret",
            name_en="Kaikukeskus",
            municipality_id=municipality,
            since=helsinki_day(now),
        )
        NetworkVersion.bump()
    made = _make_link(workplace, name=name, is_contact=True, by=None, now=now)
    note(Act.PERSON_INVITED, by=None, now=now, subject=made.invitation.pk)
    return made


def _make_link(
    workplace: Workplace,
    *,
    name: str,
    now: datetime,
    by: User | None,
    user: User | None = None,
    is_contact: bool = False,
    side: str = "",
) -> MadeLink:
    secret = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        workplace=workplace,
        user=user,
        name=name,
        is_contact=is_contact,
        side=side,
        digest=link_digest(secret),
        made_at=now,
        made_by=by,
        expires_at=now + LINK_DAYS,
    )
    return MadeLink(secret, invitation)


@transaction.atomic
def reset_password(membership: Membership, *, by: Actor, now: datetime) -> MadeLink | WhyNot:
    """A printable link with which a member chooses a new password. The old password works until then.

    Only who may look after every workplace of the person: a password opens them all.
    """
    _need_people(by, membership.workplace_id)
    places = Membership.objects.current().filter(user=membership.user).values_list("workplace_id", flat=True)
    why_not = refuse_reset(granter_of(by), [by.network.workplaces[pk] for pk in places])
    if why_not:
        return why_not
    user = membership.user
    _end_links(user=user, now=now)
    made = _make_link(membership.workplace, user=user, name=user.name, by=by.user, now=now)
    note(Act.PASSWORD_LINK, by=by, now=now, subject=user.pk)
    return made


def _end_links(*, now: datetime, **which: object) -> None:
    Invitation.objects.filter(used_at__isnull=True, **which).update(expires_at=now)


@transaction.atomic
def take_back_link(invitation: Invitation, *, by: Actor, now: datetime) -> None:
    _need_people(by, invitation.workplace_id)
    _end_links(pk=invitation.pk, now=now)
    note(Act.LINK_TAKEN_BACK, by=by, now=now, subject=invitation.pk)


def _open_links(*, now: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(used_at__isnull=True, expires_at__gt=now)


def open_link(secret: str, *, now: datetime) -> Invitation | None:
    """The unused, valid link of this secret. A new password only while the person is a member where it was made."""
    return _still_good(_open_links(now=now).filter(digest=link_digest(secret)))


def _still_good(links: QuerySet[Invitation]) -> Invitation | None:
    link = links.select_related("workplace", "user", "made_by").first()
    if link and link.user_id:
        still = Membership.objects.current().filter(user=link.user_id, workplace=link.workplace_id)
        return link if still.exists() else None
    return link


def _use_link(secret: str, *, now: datetime) -> Invitation:
    return _take(open_link(secret, now=now), now=now)


def use_link_of(number: int, *, now: datetime) -> Invitation:
    """Take the link of this number, which the session remembers while its holder signs in elsewhere. Raises
    LinkGone."""
    return _take(_still_good(_open_links(now=now).filter(pk=number)), now=now)


def _take(link: Invitation | None, *, now: datetime) -> Invitation:
    """Of two who come at once, one. Raises LinkGone."""
    if link is None or not _open_links(now=now).filter(pk=link.pk).update(used_at=now):
        raise LinkGone
    return link


@transaction.atomic
def come_in(secret: str, *, username: str, password: str, now: datetime) -> Membership:
    """A new person chooses user name and password. Raises LinkGone, UsernameTaken."""
    link = _use_link(secret, now=now)
    if link.user_id:
        raise LinkGone
    try:
        with transaction.atomic():
            user = User.objects.create(
                username=username_of(username), name=link.name, password=make_password(password), made_at=now
            )
    except IntegrityError as taken:
        raise UsernameTaken from taken
    return join(user, link, now=now)


@transaction.atomic
def join_too(secret: str, *, user: User, now: datetime) -> Membership:
    """Somebody who signs in already joins one more workplace. Raises LinkGone.

    Links to a new password that others hold for this person end: they were made before the person could do this much.
    """
    link = _use_link(secret, now=now)
    if link.user_id:
        raise LinkGone
    _end_links(user=user, now=now)
    return join(user, link, now=now)


def join(user: User, link: Invitation, *, now: datetime) -> Membership:
    place, _made = Membership.objects.get_or_create(
        user=user,
        workplace=link.workplace,
        ended_at=None,
        defaults={"since": now, "is_contact": link.is_contact, "side": link.side},
    )
    if link.is_contact and not place.is_contact:
        place.is_contact = True
        place.save(update_fields=["is_contact"])
    note(Act.PERSON_CAME_IN, by=None, now=now, subject=user.pk, user=user, workplace=link.workplace)
    return place


@transaction.atomic
def choose_password(secret: str, *, password: str, now: datetime) -> User:
    """Use a link to a new password. Raises LinkGone. Sessions of the old password end."""
    link = _use_link(secret, now=now)
    if link.user is None:
        raise LinkGone
    link.user.password = make_password(password)
    # Whoever made the link may hold it too. Where there is no second factor yet, they must not set up the first one.
    link.user.factor_closed = link.user.factor_closed or _made_outside(link)
    link.user.save(update_fields=["password", "factor_closed"])
    note(Act.PASSWORD_CHOSEN, by=None, now=now, subject=link.user.pk, user=link.user, workplace=link.workplace)
    return link.user


def _made_outside(link: Invitation) -> bool:
    """Whether the link was made by somebody who is at no workplace of the person, who has no second factor."""
    if Authenticator.objects.filter(user=link.user_id).exists():
        return False
    places = Membership.objects.current().filter(user=link.user_id).values("workplace")
    return not Membership.objects.current().filter(user=link.made_by_id, workplace__in=places).exists()


def forget_old_links(*, now: datetime) -> int:
    """Links that have run out, used or not, are kept no longer: they name a worker. Says how many went."""
    return Invitation.objects.filter(expires_at__lt=now).delete()[0]


# --- members ----------------------------------------------------------------------------------------------------


def _lock_member(membership: Membership) -> tuple[Membership, int] | None:
    """The current membership and the number of other contact persons, with the workplace locked: two contact persons
    who remove each other at the same moment do not leave the workplace alone."""
    # Not the key: rows that point to the workplace may be written meanwhile, whoever is waited for at the trail's head.
    Workplace.objects.select_for_update(no_key=True).get(pk=membership.workplace_id)
    current = Membership.objects.current().filter(workplace=membership.workplace_id)
    member = current.select_related("user", "workplace").filter(pk=membership.pk).first()
    if member is None:
        return None
    return member, current.filter(is_contact=True).exclude(pk=member.pk).count()


@transaction.atomic
def remove_member(membership: Membership, *, by: Actor, now: datetime) -> WhyNot | None:
    """In force at once: every page asks for the membership anew. Links the person has made end with it, also those to
    other workplaces that a coordinator or the national service may let people into, unless the person is a contact
    person there."""
    _need_people(by, membership.workplace_id)
    locked = _lock_member(membership)
    if locked is None:
        return None
    member, other_contacts = locked
    why_not = refuse_leaving(is_contact=member.is_contact, other_contacts=other_contacts)
    if why_not:
        return why_not
    member.ended_at = now
    member.save(update_fields=["ended_at"])
    still = Membership.objects.current().filter(user=member.user, is_contact=True).values("workplace")
    _open_links(now=now).filter(made_by=member.user).exclude(workplace__in=still).update(expires_at=now)
    note(Act.PERSON_REMOVED, by=by, now=now, subject=member.user_id)
    return None


@transaction.atomic
def change_contact(membership: Membership, *, is_contact: bool, by: Actor, now: datetime) -> WhyNot | None:
    """Make a member a contact person, or no longer one. The last contact person stays."""
    _need_people(by, membership.workplace_id)
    locked = _lock_member(membership)
    if locked is None:
        return None
    member, other_contacts = locked
    if not is_contact:
        why_not = refuse_leaving(is_contact=member.is_contact, other_contacts=other_contacts)
        if why_not:
            return why_not
        _end_links(workplace=member.workplace, made_by=member.user, now=now)
    member.is_contact = is_contact
    member.save(update_fields=["is_contact"])
    note(Act.CONTACT_CHANGED, by=by, now=now, subject=member.user_id)
    return None


# --- tokens -----------------------------------------------------------------------------------------------------


@transaction.atomic
def make_token(
    workplace: Workplace, *, label: str, by: Actor, now: datetime, scopes: Sequence[Scope | str] = ()
) -> str:
    """A token for a workplace's machine, in clear this once; without scopes it may do all that its role can."""
    need_none(refuse_token(granter_of(by), by.network.workplaces[workplace.pk]))
    secret = MARK + secrets.token_urlsafe(32)
    digest = link_digest(secret)
    chosen = [scope.value for scope in SCOPES_OF[Role(workplace.role)] if scope in scopes]
    token = Token.objects.create(
        workplace=workplace, label=label, digest=digest, made_at=now, made_by=by.user, scopes=chosen
    )
    note(Act.TOKEN_MADE, by=by, now=now, subject=token.pk)
    return secret


@transaction.atomic
def revoke_token(token: Token, *, by: Actor, now: datetime) -> None:
    """In force at once; a second time changes nothing."""
    _need_people(by, token.workplace_id)
    if Token.objects.current().filter(pk=token.pk).update(revoked_at=now):
        note(Act.TOKEN_REVOKED, by=by, now=now, subject=token.pk)
