"""Appending to the audit trail: a chain of keyed digests, one entry an act, in the transaction of the act (S17, S18).

The head is locked last, after person lines, offerings and whatever else an action locks, and nothing is locked after
it: call `note` as an action's last statement. What tills do all evening is not in it: the ledger keeps that already.
"""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction

from kaikukortti import keys
from kaikukortti.actions.actor import Actor
from kaikukortti.models import TrailEntry, TrailHead, User, Workplace
from kaikukortti.terms.trail import Act

HEAD = 1  # the chain's end
ROOT = 2  # where the chain begins once old entries have been forgotten; no row until then
KEPT = timedelta(days=2 * 365)


class TrailBroken(Exception):
    """The chain's head is gone while entries are there. Nothing is appended; `check_trail` says what is wrong."""


def chain_digest(before: str, entry: TrailEntry) -> str:
    """What an entry's digest must be after the digest `before`. Every column stands in it; none can hold a bar."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    by, workplace = entry.by_id or "", entry.workplace_id or ""
    text = f"{before}|{entry.number}|{at}|{entry.act}|{by}|{workplace}|{entry.subject}"
    return hmac.new(keys.key("trail"), text.encode(), sha256).hexdigest()


def lock_head() -> TrailHead:
    """The chain's end, locked until the transaction ends. In a new register it is made with the first entry.

    PostgreSQL checks foreign keys at the end and then locks what they point to. That is asked for here, before the
    head: who holds the head waits for nobody.
    """
    if connection.vendor == "postgresql":
        connection.check_constraints()
    head = TrailHead.objects.select_for_update().filter(pk=HEAD).first()
    if head is None:
        TrailHead.objects.get_or_create(pk=HEAD, defaults={"number": 0, "digest": ""})
        head = TrailHead.objects.select_for_update().get(pk=HEAD)
        if head.number == 0 and TrailEntry.objects.exists():
            raise TrailBroken
    return head


def note(
    act: Act,
    *,
    by: Actor | None,
    now: datetime,
    subject: str | int | UUID = "",
    user: User | None = None,
    workplace: Workplace | None = None,
) -> TrailEntry:
    """Append one act. `subject` is a card's trail_id, a record's reference or another row's number, never a code or a
    serial; `user` and `workplace` say who acts where there is no actor yet. Raises TrailBroken."""
    with transaction.atomic(savepoint=False):
        head = lock_head()
        entry = TrailEntry(
            number=head.number + 1,
            at=now,
            act=Act(act),
            by=by.user if by else user,
            workplace=by.workplace if by else workplace,
            subject=str(subject),
        )
        entry.digest = chain_digest(head.digest, entry)
        entry.save(force_insert=True)
        TrailHead.objects.filter(pk=HEAD).update(number=entry.number, digest=entry.digest)
    return entry


@transaction.atomic
def forget_old_entries(*, now: datetime) -> int:
    """Entries older than two years are forgotten; says how many. The last of them stays as the chain's root, and an
    entry of its own says up to which number: who cuts the chain's beginning otherwise cannot write that entry."""
    lock_head()
    first_kept = TrailEntry.objects.filter(at__gte=now - KEPT).order_by("number").first()
    old = TrailEntry.objects.filter(number__lt=first_kept.number) if first_kept else TrailEntry.objects.all()
    last = old.order_by("-number").first()
    if last is None:
        return 0
    root, made = TrailHead.objects.get_or_create(pk=ROOT, defaults={"number": last.number, "digest": last.digest})
    if not made:
        TrailHead.objects.filter(pk=root.pk).update(number=last.number, digest=last.digest)
    forgotten, _by_table = TrailEntry.objects.filter(number__lte=last.number).delete()
    note(Act.TRAIL_PRUNED, by=None, now=now, subject=last.number)
    return forgotten
