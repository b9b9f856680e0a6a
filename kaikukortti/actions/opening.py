"""Opening a card's own pages with its secret, held against guessing without keeping who tried or from where (S5, S6).

A try is counted before the secret is looked at, so that a hundred tries at once are a hundred tries. A serial or code
that the register does not know, a wrong secret and a card without one look alike and take the same time.
"""

import hmac
import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from django.db import transaction

from kaikukortti import keys
from kaikukortti.actions.cards import life_of
from kaikukortti.actions.codes import code_digests, random_secret, secret_digest
from kaikukortti.actions.trail import note
from kaikukortti.models import Card, HolderAccess, PersonLine, SecretTries
from kaikukortti.models.snapshot import network
from kaikukortti.rules.cards import card_state
from kaikukortti.rules.codes import normalise, read_secret
from kaikukortti.rules.holder import ADDRESS, CARD, CROWD, MULTITUDE, OPEN_STATES, PAIR, Limit, uses_since
from kaikukortti.rules.series import read_listed
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import CardFactKind
from kaikukortti.terms.states import CardState
from kaikukortti.terms.trail import Act

SERIAL_DIGITS = 8
SUGGESTIONS = 3
KEPT = timedelta(days=1)
# Wrong secrets an hour in the whole register at which operators are told, and told again at every so many more.
ALARM_AN_HOUR = 500
# What is stretched for a card that is not there.
NOBODY = "00000000"

log = logging.getLogger("kaikukortti.guessing")


class Opening(StrEnum):
    """What came of a try."""

    OPEN = "open"  # the holder's own secret
    FIRST = "first"  # the printed one, for the first time: now choose your own
    NOT_YET = "not-yet"  # the card has not been given to anybody yet
    REPLACED = "replaced"
    COMMUNITY = "community"  # its workplace looks after it
    OPENED_BEFORE = "opened-before"  # the printed one, after somebody has chosen another
    NOT_TOGETHER = "not-together"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Answer:
    """`card` only with OPEN and FIRST; `day` on which the slip was opened; `seconds` the next try waits."""

    opening: Opening
    card: Card | None = None
    day: date | None = None
    seconds: int = 0


# --- a try --------------------------------------------------------------------------------------------------------


def read_name(text: str) -> str | None:
    """A serial's eight digits, or a code, also of an older series; None for a typo."""
    plain = normalise(text)
    return plain if plain.isdecimal() and len(plain) == SERIAL_DIGITS else read_listed(text, network().series)


def try_secret(name: str, secret: str, *, address: str, now: datetime) -> Answer:
    """Try a read serial or code with a read secret (`read_name`, `read_secret`): typos never come this far, tell
    nothing and are not counted."""
    card = _card_called(name)
    tries = _Tries.of(card.serial if card else name, address=address, now=now)
    wait = tries.count()
    if wait:
        return Answer(Opening.WAIT, seconds=wait)
    answer = _look(card, secret, now=now)
    if answer.opening != Opening.NOT_TOGETHER:
        tries.take_back()
    return answer


def _card_called(name: str) -> Card | None:
    cards = Card.objects.select_related("access").prefetch_related("facts")
    return cards.filter(serial=name).first() or cards.filter(digest__in=code_digests(name)).first()


def _look(card: Card | None, secret: str, *, now: datetime) -> Answer:
    """One stretch, whatever is there: the serial is the salt of both the printed and the chosen secret."""
    digest = secret_digest(secret, serial=card.serial if card else NOBODY)
    access = getattr(card, "access", None)
    own = access.digest if access else ""
    printed = card.secret_digest if card else ""
    with_own, with_printed = hmac.compare_digest(digest, own), hmac.compare_digest(digest, printed)
    if card is None or not (with_own or with_printed):
        return Answer(Opening.NOT_TOGETHER)
    if card.community:
        return Answer(Opening.COMMUNITY)
    state = card_state(life_of(card), now)
    if state == CardState.REPLACED:
        return Answer(Opening.REPLACED)
    if state not in OPEN_STATES:
        return Answer(Opening.NOT_YET)
    if with_own:
        return Answer(Opening.OPEN, card)
    if access and access.digest:
        return Answer(Opening.OPENED_BEFORE, day=helsinki_day(access.opened_at) if access.opened_at else None)
    return Answer(Opening.FIRST, card)


# --- counting -----------------------------------------------------------------------------------------------------


def _digest(*parts: str) -> str:
    return hmac.new(keys.key("secret"), "\0".join(("tries", *parts)).encode(), sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class _Tries:
    """The three tallies of a try, and the register's own of the hour."""

    pair: str
    card: str
    address: str
    hour: str
    now: datetime

    @classmethod
    def of(cls, name: str, *, address: str, now: datetime) -> "_Tries":
        hour = now.replace(minute=0, second=0, microsecond=0).timestamp()
        return cls(
            pair=_digest("pair", name, address),
            card=_digest("card", name),
            address=_digest("address", address),
            hour=_digest("register", str(hour)),
            now=now,
        )

    @property
    def limits(self) -> dict[str, Limit]:
        return {self.pair: PAIR, self.card: CARD, self.address: ADDRESS}

    @transaction.atomic
    def count(self) -> int:
        """Count the try, or say how many seconds it waits; then it is not looked at and not counted."""
        rows = self._locked()
        wait = self._wait(rows)
        if wait > timedelta(0):
            return max(1, -(-wait // timedelta(seconds=1)))
        for digest, limit in self.limits.items():
            row = rows[digest]
            row.number = limit.left(row.number, since=self.now - row.last_at) + 1
            row.last_at, row.wait_until = self.now, self.now + limit.wait(row.number)
        hour = rows[self.hour]
        hour.number, hour.last_at = hour.number + 1, self.now
        SecretTries.objects.bulk_update(rows.values(), ["number", "last_at", "wait_until"])
        self._tell(rows)
        return 0

    def _locked(self) -> dict[str, SecretTries]:
        """The tallies, made and locked in one order, so that no two tries wait for each other in a ring."""
        digests = sorted([*self.limits, self.hour])
        while True:
            blank = [SecretTries(digest=digest, last_at=self.now) for digest in digests]
            SecretTries.objects.bulk_create(blank, ignore_conflicts=True)
            kept = SecretTries.objects.filter(digest__in=digests).order_by("digest").select_for_update()
            rows = {row.digest: row for row in kept}
            if len(rows) == len(digests):  # else one was forgotten between the two statements
                return rows

    def _wait(self, rows: dict[str, SecretTries]) -> timedelta:
        """Others' tries of a card do not hold up an address that has made none: it may be the holder's."""
        fresh = rows[self.pair].number == 0 and rows[self.card].number < MULTITUDE
        asked = [self.pair, self.address] if fresh else list(self.limits)
        return max((until - self.now for one in asked if (until := rows[one].wait_until)), default=timedelta(0))

    def _tell(self, rows: dict[str, SecretTries]) -> None:
        if rows[self.card].number == CROWD:
            log.warning("wrong secrets of one card: %s within a day", CROWD)
        if rows[self.hour].number % ALARM_AN_HOUR == 0:
            log.error("guessing alarm: %s wrong secrets in the register this hour", rows[self.hour].number)

    @transaction.atomic
    def take_back(self) -> None:
        """The secret was right: this try was no guess. The address goes on waiting if it has to, or whoever holds one
        card could guess at others without a pause."""
        rows = self._locked()
        for digest, row in rows.items():
            row.number = max(0, row.number - 1)
            if digest in (self.pair, self.card):
                row.wait_until = None
        SecretTries.objects.bulk_update(rows.values(), ["number", "wait_until"])


def forget_old_tries(*, now: datetime) -> int:
    """Tallies are forgotten a day after the last try; says how many went."""
    return SecretTries.objects.filter(last_at__lt=now - KEPT).delete()[0]


# --- the holder's own secret --------------------------------------------------------------------------------------


def suggest_secrets() -> list[str]:
    """Fresh secrets to choose from, 40 random bits each: what people think up themselves is guessed."""
    return [random_secret() for _ in range(SUGGESTIONS)]


def suggestion_seal(secret: str, *, card: Card) -> str:
    """What shows that a secret was suggested for this card, so that the page can carry it and the register need not."""
    return _digest("suggested", card.serial, card.secret_digest, secret)


def choose_secret(card: Card, secret: str, *, seal: str, now: datetime) -> bool:
    """Store the holder's own secret, one of those suggested; the printed one opens nothing from now on. False when it
    was not suggested, somebody has chosen another meanwhile, or the workplace has given a new one."""
    read = read_secret(secret)
    if read is None or not hmac.compare_digest(seal.encode(), suggestion_seal(read, card=card).encode()):
        return False
    digest = secret_digest(read, serial=card.serial)
    with transaction.atomic():
        PersonLine.objects.select_for_update().filter(pk=card.line_id).first()
        access = HolderAccess.objects.select_for_update().filter(card=card.pk).first() or HolderAccess(card=card)
        unchanged = Card.objects.filter(pk=card.pk, secret_digest=card.secret_digest).exists()
        if access.digest or not unchanged:
            return False
        given = card.facts.filter(kind=CardFactKind.SECRET).values_list("at", flat=True)
        days = [uses_since(life_of(card), given), access.uses_since]
        access.digest, access.opened_at = digest, now
        access.uses_since = max((day for day in days if day), default=None)
        access.save()
        card.access = access
        note(Act.HOLDER_OPENED, by=None, now=now, subject=card.trail_id)
    return True
