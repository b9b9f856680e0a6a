"""What a holder does alone, with card and secret: block the card, say what may be reminded, dispute a use, take back
voluntary answers, and be erased with everything (P16, P17). No worker stands behind any of it."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from kaikukortti.actions.cards import life_of
from kaikukortti.actions.corrections import lock_record
from kaikukortti.actions.erasure import erase_line
from kaikukortti.actions.trail import note
from kaikukortti.models import (
    Card,
    CardFact,
    CountedFact,
    Erasure,
    HolderData,
    LookUps,
    PersonLine,
    Record,
    RecordChange,
)
from kaikukortti.models.ledger import RecordQuerySet
from kaikukortti.models.snapshot import network
from kaikukortti.rules.holder import erasure_due, may_block
from kaikukortti.terms.days import day_start, helsinki_day
from kaikukortti.terms.kinds import CardFactKind, ChangeKind, CountedKind
from kaikukortti.terms.trail import Act


def _lock(card: Card) -> Card | None:
    """The card as it is once its person line is held; None when it has been erased or has joined another line."""
    held = PersonLine.objects.select_for_update().filter(pk=card.line_id).first()
    return Card.objects.select_related("holder", "line").filter(pk=card.pk, line=held).first() if held else None


# --- the card -----------------------------------------------------------------------------------------------------


def block_own_card(card: Card, *, now: datetime) -> bool:
    """Block the card, in force at the next till at once (S8). False when there is nothing to block any more."""
    with transaction.atomic():
        locked = _lock(card)
        if locked is None or not may_block(life_of(locked), now):
            return False
        residence = locked.holder.municipality_id
        CardFact.objects.create(card=locked, kind=CardFactKind.BLOCKED, at=now, entered_at=now, by_holder=True)
        CountedFact.objects.create(
            kind=CountedKind.BLOCK,
            day=helsinki_day(now),
            entered_at=now,
            region_id=locked.region_id,
            residence_id=residence,
            residence_area_id=network().municipalities[residence].wellbeing_area,
            age_band=locked.holder.birth_band,
            later_card=locked.later,
            card=locked,
            line_id=locked.line_id,
        )
        note(Act.HOLDER_BLOCKED, by=None, now=now, subject=locked.trail_id)
    return True


def allow_reminding(card: Card, yes: bool, *, now: datetime) -> None:
    """Whether the card may stand on its workplace's list of cards to remind of."""
    with transaction.atomic():
        _lock(card)
        if HolderData.objects.filter(card=card.pk).exclude(may_remind=yes).update(may_remind=yes):
            note(Act.REMINDING_CHANGED, by=None, now=now, subject=card.trail_id)


# --- voluntary answers --------------------------------------------------------------------------------------------


def _answered(card: Card) -> QuerySet[CountedFact]:
    said = Q(gender__isnull=False) | Q(life_situations__isnull=False) | Q(home_language__isnull=False)
    return CountedFact.objects.filter(said, kind=CountedKind.REGISTRATION, line=card.line_id)


def voluntary_answers(card: Card) -> CountedFact | None:
    """The fact that carries the holder's voluntary answers, while it is linked to the card and there are any."""
    return _answered(card).filter(withdrawn_at__isnull=True).order_by("-pk").first()


def erase_voluntary(card: Card, *, now: datetime) -> bool:
    """Set every voluntary answer of the holder to "not asked", on facts that were withdrawn too. False when there is
    none. No published sum is counted from them."""
    with transaction.atomic():
        _lock(card)
        erased = _answered(card).update(gender=None, life_situations=None, home_language=None)
        if erased:
            note(Act.ANSWERS_ERASED, by=None, now=now, subject=card.trail_id)
    return bool(erased)


# --- uses ---------------------------------------------------------------------------------------------------------


def own_uses(card: Card) -> RecordQuerySet:
    """The holder's uses that these pages show: none from before the card was given or got a new secret, since whoever
    gave it could look (P7); nor any entered before that for a later day, as places booked ahead are. Without a secret
    of the holder's own there are none."""
    access = getattr(card, "access", None)
    uses = Record.objects.filter(line=card.line_id, community=False)
    if access is None or access.uses_since is None:
        return uses.none()
    # A later card comes with the uses of the one it replaced, which its slip must not open.
    began = {CardFactKind.SECRET, CardFactKind.REGISTERED} if card.later else {CardFactKind.SECRET}
    given = [fact.at for fact in card.facts.all() if fact.kind in began]
    uses = uses.filter(day__gte=access.uses_since)
    return uses.filter(entered_at__gte=max(given)) if given else uses


def shown_since(card: Card) -> datetime | None:
    """From which instant on these pages show what was done for the card: as with uses, nothing from before it was given
    or got a new secret, since whoever gave it could look (P7). None: nothing is shown."""
    access = getattr(card, "access", None)
    if access is None or access.uses_since is None:
        return None
    began = {CardFactKind.SECRET, CardFactKind.REGISTERED} if card.later else {CardFactKind.SECRET}
    given = [fact.at for fact in card.facts.all() if fact.kind in began]
    return max([day_start(access.uses_since), *given])


def own_look_ups(card: Card) -> QuerySet[LookUps]:
    """How often the card was looked up, newest day first; from as early as the uses are shown, for a look-up at a
    venue tells of a use as well."""
    rows = LookUps.objects.filter(card=card.pk).order_by("-day", "role")
    since = _looks_since(card)
    return rows.filter(day__gte=since) if since else rows.none()


def _looks_since(card: Card) -> date | None:
    """They are counted by the day: of the day of a new secret nobody can tell what came before it."""
    access = getattr(card, "access", None)
    since: date | None = access.uses_since if access else None
    return since + timedelta(days=1) if since and _given_again(card) else since


def hidden_before(card: Card) -> date | None:
    """The first day shown, if the person had a use before it could be shown: then the page says why."""
    access = getattr(card, "access", None)
    if access is None or access.uses_since is None:
        return None
    return access.uses_since if card.later or _given_again(card) else None


def _given_again(card: Card) -> bool:
    return any(fact.kind == CardFactKind.SECRET for fact in card.facts.all())


def dispute_use(record: Record, *, card: Card, now: datetime) -> bool:
    """The holder says that a use is not theirs: its venue settles it and learns nothing else. Once a record; False
    when it has been said before, or the record has ended."""
    with transaction.atomic():
        locked = lock_record(record.pk)
        said = [ChangeKind.DISPUTED, ChangeKind.REVERSED, ChangeKind.VOIDED]
        if locked.line_id != card.line_id or locked.changes.filter(kind__in=said).exists():
            return False
        RecordChange.objects.create(record=locked, kind=ChangeKind.DISPUTED, at=now)
        note(Act.RECORD_DISPUTED, by=None, now=now, subject=locked.reference)
    return True


# --- erasing everything -------------------------------------------------------------------------------------------


def ask_erasure(card: Card, *, now: datetime) -> Erasure | None:
    """Ask to be erased with everything. It waits and can be taken back; asked again, the first day stands."""
    with transaction.atomic():
        locked = _lock(card)
        if locked is None:
            return None
        due = erasure_due(helsinki_day(now))
        wish, made = Erasure.objects.get_or_create(line_id=locked.line_id, defaults={"asked_at": now, "due_on": due})
        if made:
            note(Act.HOLDER_ASKED_ERASURE, by=None, now=now, subject=locked.trail_id)
    return wish


def keep_after_all(card: Card, *, now: datetime) -> bool:
    """Take the wish to be erased back."""
    with transaction.atomic():
        _lock(card)
        taken_back = Erasure.objects.filter(line=card.line_id).delete()[0]
        if taken_back:
            note(Act.HOLDER_UNDID_ERASURE, by=None, now=now, subject=card.trail_id)
    return bool(taken_back)


def carry_out_erasures(*, now: datetime) -> int:
    """Erase the person lines whose wish is due; says how many. Safe to run twice and to stop anywhere: each line is
    erased as a whole or not at all."""
    today, number = helsinki_day(now), 0
    for pk in list(Erasure.objects.filter(due_on__lte=today).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            line = PersonLine.objects.select_for_update().filter(pk=pk).first()
            # Asked again under the lock: the holder may have taken it back a moment ago.
            if line is None or not Erasure.objects.filter(line=line, due_on__lte=today).exists():
                continue
            named = list(Card.objects.filter(line=line).order_by("pk").values_list("trail_id", flat=True))
            erase_line(line, now=now)
            number += 1
            for trail_id in named:
                note(Act.HOLDER_ERASED, by=None, now=now, subject=trail_id)
    return number
