"""How often a card was looked up, by kind of workplace and day, for the holder's own view: gathered in memory and
written every few seconds, so that a check itself writes nothing. A crash may lose the last few; no figure uses them."""

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from kaikukortti.models import Card, LookUps, Token
from kaikukortti.terms.roles import Role

KEPT_DAYS = 90
FLUSH_SECONDS = 5.0

log = logging.getLogger("kaikukortti.look_ups")


class Gathered:
    """What has been seen since the last write: look-ups by (card, role, day) and the last use of tokens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cards: Counter[tuple[int, str, date]] = Counter()
        self._tokens: dict[int, datetime] = {}
        self._writer: threading.Timer | None = None

    def look_up(self, card: int, *, role: Role, day: date) -> None:
        with self._lock:
            self._cards[(card, role, day)] += 1
            self._start()

    def token_used(self, token: int, at: datetime) -> None:
        with self._lock:
            self._tokens[token] = at
            self._start()

    def _start(self) -> None:
        if self._writer is None:
            self._writer = threading.Timer(FLUSH_SECONDS, self._write_and_close)
            self._writer.daemon = True
            self._writer.start()

    def _write_and_close(self) -> None:
        try:
            self.write()
        except Exception:  # the next look-up starts a new writer; a till must never notice
            log.exception("look-ups could not be written")
        finally:
            connection.close()

    def write(self) -> None:
        """Write what was gathered; cards erased meanwhile are left out."""
        with self._lock:
            cards, self._cards = self._cards, Counter()
            tokens, self._tokens = self._tokens, {}
            self._writer = None
        if not cards and not tokens:
            return
        with transaction.atomic():
            still = set(Card.objects.filter(pk__in={card for card, _role, _day in cards}).values_list("pk", flat=True))
            _tally({one: number for one, number in cards.items() if one[0] in still})
            for token, at in sorted(tokens.items()):
                Token.objects.filter(pk=token).update(last_used_at=at)


def _tally(seen: Mapping[tuple[int, str, date], int]) -> None:
    """Add to the tallies in a few statements, however many cards were looked up: rows that rose by the same number
    rise together. Rows are made and locked in one order, so that two servers never wait for each other in a ring."""
    rows = [LookUps(card_id=card, role=role, day=day, number=0) for card, role, day in sorted(seen)]
    LookUps.objects.bulk_create(rows, ignore_conflicts=True)
    cards, days = {card for card, _role, _day in seen}, {day for _card, _role, day in seen}
    risen: dict[int, list[int]] = defaultdict(list)
    kept = LookUps.objects.filter(card__in=cards, day__in=days).order_by("pk").select_for_update()
    for pk, card, role, day in kept.values_list("pk", "card_id", "role", "day"):
        if number := seen.get((card, role, day)):
            risen[number].append(pk)
    for number, pks in sorted(risen.items()):
        LookUps.objects.filter(pk__in=pks).update(number=F("number") + number)


gathered = Gathered()


def forget_old_look_ups(*, now: datetime) -> int:
    """Look-ups are kept for 90 days."""
    return LookUps.objects.filter(day__lt=(now - timedelta(days=KEPT_DAYS)).date()).delete()[0]
