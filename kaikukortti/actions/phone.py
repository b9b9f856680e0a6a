"""A card on its holder's phone: straight from the desk, in place of paper, or beside it.

A link puts it there once. What the link carries lies sealed under the link's own secret, which stands on the worker's
screen and nowhere else, so that neither the table nor a backup of it tells a code (P13).
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import transaction
from django.db.models import F

from kaikukortti import keys
from kaikukortti.actions.actor import Actor
from kaikukortti.actions.cards import Holder, IdReused, Issued, issue_card, issued_answer, life_of
from kaikukortti.actions.codes import MadeCode, code_digests, link_digest, make_code, random_secret
from kaikukortti.actions.looking_after import replace_card
from kaikukortti.actions.making import make_cards
from kaikukortti.actions.trail import note
from kaikukortti.models import Batch, Card, CardFact, PhoneCard, PhoneLink, Workplace
from kaikukortti.rules.cards import STATE_REFUSALS, card_state
from kaikukortti.rules.codes import read_code
from kaikukortti.rules.phone import LINK_LASTS, PhoneFace, phone_face
from kaikukortti.terms.days import day_start, helsinki_day
from kaikukortti.terms.kinds import BatchKind
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import CardState
from kaikukortti.terms.trail import Act

LINK_BYTES = 24


class _Refused(Exception):
    """Undoes what was made for a card that cannot be given."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Carried:
    """What a phone is given, once: the code, its key to ask with, and the card's first secret where it has one."""

    card: Card
    code: str
    key: str
    secret: str = ""


def new_link() -> str:
    """A link's secret: 192 random bits. The desk's form carries it, so that a second press finds the first answer."""
    return secrets.token_urlsafe(LINK_BYTES)


# --- from the desk ------------------------------------------------------------------------------------------------


def issue_onto_phone(link: str, *, by: Actor, now: datetime, holder: Holder, id: UUID) -> Issued | Refusal:
    """Make a code, give the card with it, and leave it waiting behind the link. The same `id` again gives the same
    answer; a refusal leaves no card behind. Raises MunicipalityNeeded, IdReused, NotAllowed."""
    by.need(Role.ISSUER)
    holder.need_listed()
    made = make_code(secret=random_secret())
    try:
        with transaction.atomic():
            _lock_workplace(by)
            first = CardFact.objects.filter(client_id=id, workplace=by.workplace).select_related("card__batch").first()
            if first is not None:
                return _issued_before(first.card)
            made = _make(made, by=by, now=now)
            answer = issue_card(made.code, by=by, now=now, holder=holder, id=id)
            if isinstance(answer, Refusal):
                raise _Refused(answer)
            _leave(link, answer.card, code=made.code, secret=made.secret, now=now)
            given = Card.objects.values_list("trail_id", flat=True).get(pk=answer.card)
            note(Act.CARD_TO_PHONE, by=by, now=now, subject=given)
            return answer
    except _Refused as refused:
        return refused.refusal


def _issued_before(card: Card) -> Issued:
    if card.batch.kind != BatchKind.PHONE:
        raise IdReused
    return issued_answer(card)


def replace_onto_phone(card: Card, link: str, *, reason: str, by: Actor, now: datetime) -> Issued | Refusal:
    """A new code onto the phone in the old card's place: last day and counters go along (rule 10). The same link again
    gives the same answer while nobody has taken it."""
    by.need(Role.ISSUER)
    made = make_code(secret=random_secret())
    try:
        with transaction.atomic():
            _lock_workplace(by)
            waiting = waiting_link(link, by=by)
            if waiting is not None:
                return issued_answer(waiting.card)
            made = _make(made, by=by, now=now)
            answer = replace_card(card, made.code, reason=reason, by=by, now=now)
            if isinstance(answer, Refusal):
                raise _Refused(answer)
            _leave(link, answer.card, code=made.code, secret=made.secret, now=now)
            given = Card.objects.values_list("trail_id", flat=True).get(pk=answer.card)
            note(Act.CARD_TO_PHONE, by=by, now=now, subject=given)
            return answer
    except _Refused as refused:
        return refused.refusal


def link_again(old: str, new: str, *, by: Actor, now: datetime) -> Card | None:
    """A fresh link in place of one that nobody has taken, also of one that ran out; None when a phone has taken it."""
    by.need(Role.ISSUER)
    with transaction.atomic():
        _lock_workplace(by)
        waiting = waiting_link(new, by=by)
        if waiting is not None:
            return waiting.card
        before = PhoneLink.objects.select_for_update(of=("self",)).select_related("card")
        row = before.filter(digest=link_digest(old), card__workplace=by.workplace).first()
        if row is None:
            return None
        _leave(new, row.card_id, **_opened(old, row), now=now)
        note(Act.CARD_TO_PHONE, by=by, now=now, subject=row.card.trail_id)
        return row.card


def waiting_link(link: str, *, by: Actor) -> PhoneLink | None:
    """The workplace's own link that no phone has taken yet."""
    links = PhoneLink.objects.filter(digest=link_digest(link), card__workplace=by.workplace)
    return links.select_related("card").first()


def _lock_workplace(by: Actor) -> None:
    """One card onto a phone after the other in a workplace: two presses at once find each other. Rows that merely
    point at the workplace are not kept waiting."""
    list(Workplace.objects.select_for_update(no_key=True).filter(pk=by.workplace.pk).values_list("pk"))


def _make(made: MadeCode, *, by: Actor, now: datetime) -> MadeCode:
    """The day's batch of the workplace takes the new card; the stock of blank cards knows nothing of it."""
    day = day_start(helsinki_day(now))
    batch = Batch.objects.filter(workplace=by.workplace, kind=BatchKind.PHONE, made_at__gte=day).first()
    if batch is None:
        batch = Batch.objects.create(workplace=by.workplace, kind=BatchKind.PHONE, size=0, made_at=now, by=by.user)
    Batch.objects.filter(pk=batch.pk).update(size=F("size") + 1)
    (made,) = make_cards(by.workplace, size=1, by=by, now=now, codes=[made], batch=batch)
    return made


# --- sealed behind the link ---------------------------------------------------------------------------------------


def _key_of(link: str) -> bytes:
    """Without the register's own key an address found in some log opens no old copy of the table."""
    return HKDF(SHA256(), 32, salt=keys.key("seal"), info=b"kaikukortti phone link").derive(link.encode())


def _leave(link: str, card: int, *, code: str, secret: str, now: datetime) -> None:
    """One link waits for a card, never two."""
    nonce = secrets.token_bytes(12)
    text = json.dumps([code, secret]).encode()
    PhoneLink.objects.filter(card=card).delete()
    PhoneLink.objects.create(
        card_id=card,
        digest=link_digest(link),
        sealed=nonce + AESGCM(_key_of(link)).encrypt(nonce, text, str(card).encode()),
        made_at=now,
        expires_at=now + LINK_LASTS,
    )


def _opened(link: str, row: PhoneLink) -> dict[str, str]:
    sealed = bytes(row.sealed)
    text = AESGCM(_key_of(link)).decrypt(sealed[:12], sealed[12:], str(row.card_id).encode())
    code, secret = json.loads(text)
    return {"code": code, "secret": secret}


def forget_old_phone_links(*, now: datetime) -> int:
    """Links that ran out, with what they carry; says how many went."""
    return PhoneLink.objects.filter(expires_at__lt=now).delete()[0]


# --- on the phone -------------------------------------------------------------------------------------------------


def link_waits(link: str, *, now: datetime) -> bool:
    """Whether the link can still be taken; looking takes nothing."""
    return PhoneLink.objects.filter(digest=link_digest(link), expires_at__gt=now).exists()


def take_link(link: str, *, now: datetime) -> Carried | None:
    """Take what waits behind a link, once: of two phones at the same moment one gets it. None: taken, run out, or the
    card is not valid any more."""
    with transaction.atomic():
        waiting = PhoneLink.objects.select_for_update(of=("self",)).select_related("card")
        row = waiting.filter(digest=link_digest(link), expires_at__gt=now).first()
        if row is None:
            return None
        row.delete()
        if card_state(life_of(row.card), now) != CardState.ACTIVE:
            return None
        return Carried(row.card, key=_new_phone(row.card, now=now), **_opened(link, row))


def carry_card(card: Card, code: str, *, now: datetime) -> Carried | Refusal:
    """The holder's own card onto the phone beside its paper: the same code, typed by the holder, who has opened their
    pages with the secret."""
    read = read_code(code)
    if read is None:
        return Refusal.CARD_CODE_TYPO
    if card.digest not in code_digests(read):
        return Refusal.CARD_UNKNOWN
    state = card_state(life_of(card), now)
    if state not in (CardState.ACTIVE, CardState.EXPIRED):
        return STATE_REFUSALS[state]
    return Carried(card, read, _new_phone(card, now=now))


def _new_phone(card: Card, *, now: datetime) -> str:
    key = secrets.token_urlsafe(LINK_BYTES)
    PhoneCard.objects.create(card=card, digest=link_digest(key), made_at=now, seen_on=helsinki_day(now))
    return key


def read_phone(key: str, *, now: datetime) -> PhoneFace:
    """What the phone with this key may know, and nothing else. An erased card and a key of no phone look the same."""
    phones = PhoneCard.objects.select_related("card__holder").prefetch_related("card__facts")
    phone = phones.filter(digest=link_digest(key)).first()
    if phone is None:
        return PhoneFace(None)
    today = helsinki_day(now)
    if phone.seen_on != today:
        PhoneCard.objects.filter(pk=phone.pk).update(seen_on=today)
    return face_of(phone.card, now=now)


def face_of(card: Card, *, now: datetime) -> PhoneFace:
    holder = getattr(card, "holder", None)
    return phone_face(life_of(card), now, minors=holder.minors if holder else 0)


def forget_phone(key: str) -> None:
    """The holder took the card off the phone: its key asks nothing any more."""
    PhoneCard.objects.filter(digest=link_digest(key)).delete()
