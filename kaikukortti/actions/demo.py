"""What only a demo may do: mark its register, let in the demo's people, and bring its day-bound cards to today.

A register is marked before the first row is written, and only an empty one can be: so nothing here can ever touch real
people's data, and `serve` knows a demo when it sees one.
"""

import hmac
from base64 import b32encode
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

from allauth.mfa.models import Authenticator
from django.db import transaction

from kaikukortti import keys
from kaikukortti.actions.actor import Actor
from kaikukortti.actions.codes import link_digest
from kaikukortti.actions.people import come_in, granter_of, invite_first, need_none
from kaikukortti.actions.second_factor import code_at, seal, step_of, unseal
from kaikukortti.models import (
    Card,
    CardFact,
    DemoMark,
    Membership,
    Record,
    Region,
    Token,
    User,
    Workplace,
    card_life,
)
from kaikukortti.rules.codes import ALPHABET, RANDOM_CHARACTERS, check_character
from kaikukortti.rules.people import refuse_token
from kaikukortti.terms.days import one_year_on
from kaikukortti.terms.kinds import CardFactKind
from kaikukortti.terms.roles import Role


class RealRegister(Exception):
    """The register holds data that is not a demo's."""


class OtherDemo(Exception):
    """The register was filled with another demo key, or with the other kind of invented data."""


def demo_digest(text: str) -> bytes:
    """What the demo's codes, passwords and tokens are made of: 32 bytes from the demo key. Raises MissingKey."""
    return hmac.new(keys.key(keys.DEMO), text.encode(), sha256).digest()


def demo_characters(name: str, number: int) -> str:
    """So many characters of the card alphabet; 32 divides 256, so each is as likely as another."""
    return "".join(ALPHABET[byte % 32] for byte in demo_digest(name)[:number])


def demo_card_code(name: str) -> str:
    """A demo card's code with its check character."""
    characters = demo_characters(f"code {name}", RANDOM_CHARACTERS)
    return characters + check_character(characters)


def misread_card_code(name: str) -> str:
    """A code whose check character is wrong."""
    right = demo_card_code(name)
    return right[:-1] + ALPHABET[(ALPHABET.index(right[-1]) + 1) % len(ALPHABET)]


def is_empty() -> bool:
    """Whether nothing but reference tables stands in the register."""
    return not any(model._default_manager.exists() for model in (User, Workplace, Region, Card, Record))


def mark_demo(*, now: datetime, published: bool = False) -> bool:
    """Mark an empty register as a demo's and make the keys it needs; True the first time.

    Raises RealRegister, before a key is made, and OtherDemo.
    """
    with transaction.atomic():
        mark = DemoMark.objects.select_for_update().first()
        if mark is None:
            if not is_empty():
                raise RealRegister
            keys.make_missing(*keys.NAMES, keys.DEMO)
            DemoMark.objects.create(pk=1, digest=demo_digest("mark").hex(), published=published, made_at=now)
            return True
    try:
        known = mark.digest == demo_digest("mark").hex()
    except keys.MissingKey:
        known = False
    if not known or mark.published != published:
        raise OtherDemo
    return False


def need_demo() -> None:
    """Raise RealRegister unless the register is marked."""
    if not DemoMark.objects.exists():
        raise RealRegister


@transaction.atomic
def open_demo(*, person: str, username: str, password: str, municipality: str, now: datetime) -> Workplace:
    """The national service with a contact person, by whom everything else is made."""
    need_demo()
    contacts = Membership.objects.current().filter(workplace__role=Role.NATIONAL, is_contact=True)
    contact = contacts.select_related("workplace").order_by("pk").first()
    if contact is None:
        link = invite_first(name=person, municipality=municipality, now=now)
        contact = come_in(link.secret, username=username, password=password, now=now)
    return contact.workplace


@transaction.atomic
def make_demo_token(workplace: Workplace, *, label: str, secret: str, by: Actor, now: datetime) -> None:
    """A token whose secret comes from the demo key, so that it can be printed again; stored as a digest like any."""
    need_demo()
    need_none(refuse_token(granter_of(by), by.network.workplaces[workplace.pk]))
    Token.objects.update_or_create(
        digest=link_digest(secret),
        defaults={"revoked_at": None, "paused_until": None},
        create_defaults={"workplace": workplace, "label": label, "made_at": now, "made_by": by.user},
    )


def demo_secret(username: str) -> str:
    """The secret of the demo person's app, from the demo key."""
    return b32encode(demo_digest(f"app {username}")[:20]).decode()


@transaction.atomic
def give_demo_app(user: User, *, now: datetime) -> None:
    """The demo's people have a second factor, whose codes the demo tells; whoever changed it gets it back."""
    need_demo()
    secret = demo_secret(user.username)
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is not None and unseal(app.data["secret"]) == secret:
        return
    data = {"secret": seal(secret)}
    made = {"data": data, "created_at": now}
    Authenticator.objects.update_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": data}, create_defaults=made
    )


def demo_code(user: User, *, now: datetime) -> str:
    """What the app of a demo person shows, the next code where this one has been used; empty for everybody else, and
    always in a real register."""
    if not DemoMark.objects.exists():
        return ""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    try:
        secret = demo_secret(user.username)
    except keys.MissingKey:
        return ""
    if app is None or unseal(app.data["secret"]) != secret:
        return ""
    return code_at(secret, max(step_of(now), app.data.get("last_step", 0) + 1))


@transaction.atomic
def bring_to_day(
    *, until_today: Sequence[Card], until_yesterday: Sequence[Card], in_use: Sequence[Card], today: date, now: datetime
) -> None:
    """Bring the day-bound cards of a demo to today, by adding days of validity: the facts that stand are kept.

    A real card is never given a day like this: it is renewed (rule 9).
    """
    need_demo()
    yesterday = today - timedelta(days=1)
    for cards, last, enough in (
        (until_today, today, today),
        (until_yesterday, yesterday, yesterday),
        (in_use, one_year_on(today) - timedelta(days=1), today + timedelta(days=30)),
    ):
        for card in cards:
            known = card_life(list(card.facts.all())).last_day
            if known is not None and known < enough:
                _add_days(card, known + timedelta(days=1), last, now=now)


def _add_days(card: Card, since: date, until: date, *, now: datetime) -> None:
    CardFact.objects.create(
        card=card,
        kind=CardFactKind.VALID,
        at=now,
        since=since,
        until=until,
        entered_at=now,
        workplace_id=card.workplace_id,
    )
