"""Groups: a worker plans one, its places are kept, and the door lets everybody in at once (rules 17, 18, 20).

Only the workplace's own cards can be planned: of any other it learns no more than of a code nobody knows. The planner
sees what became of this group, in numbers; the venue sees numbers only and no workplace (P6, P7).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.holds import count_held, end_hold, next_number
from kaikukortti.actions.known import Known, Use, ask_of, load_known, situation_of
from kaikukortti.actions.look_ups import gathered
from kaikukortti.actions.misses import count_misses
from kaikukortti.actions.places import places_key
from kaikukortti.actions.trail import note
from kaikukortti.actions.uses import Answer, record_uses
from kaikukortti.models import Card, GroupMember, Hold, Offering, PlannedGroup
from kaikukortti.models.statements import CardRow
from kaikukortti.rules.codes import NO_CODE
from kaikukortti.rules.groups import Group, Problem, ends_at, foresee, problem_with_day, problem_with_group
from kaikukortti.rules.holds import refuse_hold
from kaikukortti.rules.series import misses_counted, read_listed
from kaikukortti.rules.situation import OfferingFacts
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.holds import HoldEnd, HoldKind
from kaikukortti.terms.kinds import STORED, Status, usual_kind
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS, Role
from kaikukortti.terms.trail import Act

KEPT_DAYS = 30
# Why a code is no card of the group at all; any other reason is said of a card of the workplace's own.
NOT_OURS = (Refusal.CARD_CODE_TYPO, Refusal.CARD_UNKNOWN, Refusal.COUNTS_NOT_FOR_THIS_CARD)


@dataclass(frozen=True, slots=True)
class Member:
    """An own card as typed, and how many children come with it."""

    code: str
    children: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A group as its worker plans it."""

    members: Sequence[Member] = ()
    community_code: str = ""
    clients: int = 0
    workers: int = 0
    assistants: int = 0

    @property
    def group(self) -> Group:
        return Group(
            children=[one.children for one in self.members],
            community=bool(self.community_code),
            clients=self.clients,
            workers=self.workers,
            assistants=self.assistants,
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What is foreseen of one card: its position (None is the community card), serial where the card is the
    workplace's own, and why not."""

    position: int | None
    refusal: Refusal | None = None
    day: date | None = None
    serial: str = ""


@dataclass(slots=True)
class PlanAnswer:
    """A plan looked at, or made. Without a problem and a refusal everybody can come."""

    told: list[Told] = field(default_factory=list)
    problem: Problem | None = None
    # The places there are, where they are not enough.
    places_left: int | None = None
    full: bool = False
    planned: PlannedGroup | None = None

    @property
    def fine(self) -> bool:
        return not self.problem and not self.full and not any(one.refusal for one in self.told)


def check_group(plan: Plan, *, by: Actor, now: datetime, offering: UUID, day: date) -> PlanAnswer:
    """Look at every card of a plan in advance, and write nothing but who looked."""
    by.need(Role.ISSUER)
    plan = each_once(plan, by=by)
    answer, _known, _cards = _look(plan, by=by, now=now, offering=offering, day=day, lock=False)
    return answer


def plan_group(plan: Plan, *, by: Actor, now: datetime, offering: UUID, day: date) -> PlanAnswer:
    """Plan a group and keep its places, all or nothing. Raises NotAllowed for who gives no cards."""
    by.need(Role.ISSUER)
    plan = each_once(plan, by=by)
    with transaction.atomic():
        answer, known, cards = _look(plan, by=by, now=now, offering=offering, day=day, lock=True)
        if answer.fine:
            answer.planned = _make(plan, cards, known, by=by, now=now, offering=offering, day=day)
    return answer


def each_once(plan: Plan, *, by: Actor) -> Plan:
    """The plan without cards read twice: a scanner bounces."""
    members: dict[str, Member] = {}
    for one in plan.members:
        key = read_listed(one.code, by.network.series) or one.code
        before = members.get(key)
        members[key] = replace(one, children=max(one.children, before.children)) if before else one
    return replace(plan, members=list(members.values()))


def _uses(plan: Plan, *, offering: UUID, day: date, kind: OfferingFacts) -> list[Use]:
    """The rows the door would record, the community card's last."""
    row = Use(id=UUID(int=0), code="", day=day, offering=offering, kind=usual_kind(kind.kind))
    rows = [replace(row, code=one.code, holder=1, children=one.children) for one in plan.members]
    if plan.community_code:
        rows.append(
            replace(
                row,
                code=plan.community_code,
                clients=plan.clients,
                workers=plan.workers,
                assistants=plan.assistants,
            )
        )
    return rows


def _look(
    plan: Plan, *, by: Actor, now: datetime, offering: UUID, day: date, lock: bool
) -> tuple[PlanAnswer, Known, list[CardRow]]:
    answer, known = PlanAnswer(problem=problem_with_group(plan.group)), Known()
    cards: list[CardRow] = []
    one = Offering.objects.published().filter(pk=offering, cancelled_at__isnull=True).first()
    if one is None or not one.facts.offered_on(day) or (one.published_at and one.published_at > now):
        answer.told = [Told(None, Refusal.OFFERING_UNKNOWN)]
        return answer, known, cards
    answer.problem = answer.problem or problem_with_day(one.facts, day, now=now)
    if answer.problem:
        return answer, known, cards
    venue = by.network.workplaces[one.venue_id]
    uses = _uses(plan, offering=offering, day=day, kind=one.facts)
    codes = {use.code: read_listed(use.code, by.network.series) for use in uses}
    known = load_known(uses, codes, by=by, now=now, lock=lock, at_venue=venue)
    missed = 0
    for position, use in enumerate(uses):
        community = position == len(plan.members)
        card = known.cards.get(codes[use.code] or "")
        told = Told(None if community else position + 1)
        own = card is not None and card.workplace == by.workplace.pk
        if card is None or not own or card.community != community:
            missed += 0 if own else misses_counted(codes[use.code], by.network.series)
            answer.told.append(replace(told, refusal=_refuse_code(codes[use.code], own=own)))
            continue
        cards.append(card)
        ask = ask_of(use, codes[use.code], community=community)
        situation = situation_of(ask, use, card, known, by=by, now=now, at_venue=venue)
        assert situation is not None  # an offering is there, and a venue records its own
        # Whether everybody fits is asked of the whole group.
        judgement = foresee(
            ask, replace(situation, places=replace(situation.places, cap=None, children_cap=None)), one.facts
        )
        fine = judgement.status in (Status.RECORDED, Status.PENDING)
        answer.told.append(replace(told, refusal=None if fine else judgement.refusal, day=judgement.day))
    _note(answer, plan, cards, by=by, now=now)
    places = known.places.get(places_key(one.facts, day))
    if places is not None and refuse_hold(places, wanted=plan.group.places, children=plan.group.young):
        answer.full, answer.places_left = True, places.left
    if missed:
        count_misses(missed, by=by, now=now)
    return answer, known, cards


def _refuse_code(read: str | None, *, own: bool) -> Refusal:
    """Why a code is no card of this group: of a card that is not the workplace's own nothing is told."""
    if own:
        return Refusal.COUNTS_NOT_FOR_THIS_CARD
    return Refusal.CARD_CODE_TYPO if read is None else Refusal.CARD_UNKNOWN


def _note(answer: PlanAnswer, plan: Plan, cards: Sequence[CardRow], *, by: Actor, now: datetime) -> None:
    """That the cards were looked at is in the trail and in their holders' own view; own cards are named by serial."""
    rows = {one.pk: one for one in Card.objects.filter(pk__in=[card.id for card in cards]).only("serial", "trail_id")}
    for card in cards:
        note(Act.CARD_FOUND, by=by, now=now, subject=rows[card.id].trail_id)
        gathered.look_up(card.id, role=by.role, day=helsinki_day(now))
    left = iter(cards)
    answer.told = [
        one if one.refusal in NOT_OURS else replace(one, serial=rows[next(left).id].serial) for one in answer.told
    ]


def _make(
    plan: Plan, cards: Sequence[CardRow], known: Known, *, by: Actor, now: datetime, offering: UUID, day: date
) -> PlannedGroup:
    facts = known.offerings[offering].facts
    where = places_key(facts, day)
    community = cards[-1] if plan.community_code else None
    planned = PlannedGroup.objects.create(
        workplace=by.workplace,
        offering_id=offering,
        day=day,
        community_card_id=community.id if community else None,
        clients=plan.clients,
        workers=plan.workers,
        assistants=plan.assistants,
        made_by=by.user,
        made_at=now,
    )
    GroupMember.objects.bulk_create(
        GroupMember(planned=planned, card_id=card.id, children=one.children)
        for one, card in zip(plan.members, cards, strict=False)
    )
    Hold.objects.create(
        offering_id=where[0],
        day=where[1],
        number=next_number(*where),
        kind=HoldKind.GROUP,
        group=planned,
        places=plan.group.places,
        children=plan.group.young,
        made_at=now,
        expires_at=ends_at(facts, day),
    )
    count_held(*where, now=now)
    return planned


def _own(planned: PlannedGroup, by: Actor) -> None:
    if by.role != Role.ISSUER or planned.workplace_id != by.workplace.pk:
        raise NotAllowed(by.role)


@transaction.atomic
def cancel_group(planned: PlannedGroup, *, by: Actor, now: datetime) -> Problem | None:
    """The group does not come: its places go back. Twice is calm."""
    _own(planned, by)
    locked = PlannedGroup.objects.select_for_update().get(pk=planned.pk)
    if locked.done_at:
        return Problem.OVER
    if locked.cancelled_at is None:
        PlannedGroup.objects.filter(pk=planned.pk).update(cancelled_at=now)
        end_hold(Hold.objects.get(group=planned), end=HoldEnd.RELEASED, now=now)
    return None


@transaction.atomic
def leave_out(member: GroupMember, *, by: Actor, now: datetime) -> Problem | None:
    """One of the group stays away: the places kept for that card go back."""
    planned = PlannedGroup.objects.select_for_update().get(pk=member.planned_id)
    _own(planned, by)
    if planned.done_at or planned.cancelled_at:
        return Problem.OVER
    if planned.members.count() == 1 and planned.community_card_id is None:
        return Problem.NOBODY
    offering = Offering.objects.select_for_update().get(pk=planned.offering_id)
    hold = Hold.objects.get(group=planned)
    if GroupMember.objects.filter(pk=member.pk).delete()[0]:
        Hold.objects.filter(pk=hold.pk).update(
            places=max(1, hold.places - 1 - member.children), children=max(0, hold.children - member.children)
        )
        count_held(offering.pk, hold.day, now=now)
    return None


# --- at the door --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LetIn:
    """What the door is told: the answers of those who are in, and of those to settle one by one."""

    answers: list[Answer]
    not_in: list[tuple[int, Answer]]


def let_group_in(
    planned: PlannedGroup, *, by: Actor, now: datetime, clients: int | None = None, workers: int | None = None
) -> LetIn:
    """Record everybody of the group at once; the venue may say how many of the community card's really came.

    Every row has an id of its own made from the plan, so a second press records nobody twice (rule 26). Who cannot be
    recorded is told by position and why, and is settled by `let_member_in` or at the till. Raises NotAllowed for
    another venue.
    """
    _need_door(planned, by)
    hold = Hold.objects.get(group=planned)
    members = list(planned.members.order_by("pk"))
    uses = [_member_use(planned, one, hold) for one in members]
    if planned.done_at:
        clients = workers = None  # a second press gets the first answers
    came = (planned.clients if clients is None else clients, planned.workers if workers is None else workers)
    if planned.community_card_id:
        uses.append(_community_use(planned, hold, *came))
    answers = record_uses(uses, by=by, now=now)
    with transaction.atomic():
        for member, answer in zip(members, answers, strict=False):
            _remember(member, answer)
        PlannedGroup.objects.filter(pk=planned.pk, done_at__isnull=True).update(
            done_at=now, clients=came[0], workers=came[1]
        )
        if planned.community_card_id:
            PlannedGroup.objects.filter(pk=planned.pk).update(record_id=answers[-1].record)
    return LetIn(answers, [(place, one) for place, one in enumerate(answers, 1) if one.status not in STORED])


def let_member_in(member: GroupMember, *, by: Actor, now: datetime) -> Answer:
    """Let one in all the same: it has happened, so the row is stored and flagged with its reason (rule 28)."""
    planned = member.planned
    _need_door(planned, by)
    use = replace(_member_use(planned, member, Hold.objects.get(group=planned)), happened=True)
    (answer,) = record_uses([use], by=by, now=now)
    _remember(member, answer)
    return answer


def _need_door(planned: PlannedGroup, by: Actor) -> None:
    by.need(*RECORDERS)
    if planned.offering.venue_id != by.workplace.pk and not (
        by.role == Role.TICKET_AGENT and planned.offering.venue_id in by.facts.sells_for
    ):
        raise NotAllowed(by.role)


def _remember(member: GroupMember, answer: Answer) -> None:
    stored = answer.status in STORED
    GroupMember.objects.filter(pk=member.pk).update(
        record_id=answer.record if stored else member.record_id,
        refusal="" if stored else answer.refusal or answer.status,
    )


def _member_use(planned: PlannedGroup, member: GroupMember, hold: Hold) -> Use:
    """An own card's row; where no community card comes along, the first one's holds the assistants."""
    first = planned.members.order_by("pk").values_list("pk", flat=True).first()
    alone = planned.community_card_id is None and member.pk == first
    return Use(
        id=uuid5(planned.pk, str(member.pk)),
        code=NO_CODE,
        day=planned.day,
        offering=planned.offering_id,
        kind=usual_kind(planned.offering.facts.kind),
        holder=1,
        children=member.children,
        assistants=planned.assistants if alone else 0,
        card=member.card_id,
        hold=hold.pk,
    )


def _community_use(planned: PlannedGroup, hold: Hold, clients: int, workers: int) -> Use:
    return Use(
        id=uuid5(planned.pk, "community"),
        code=NO_CODE,
        day=planned.day,
        offering=planned.offering_id,
        kind=usual_kind(planned.offering.facts.kind),
        clients=clients,
        workers=workers,
        assistants=planned.assistants,
        card=planned.community_card_id,
        hold=hold.pk,
    )


def groups_at(offerings: Iterable[UUID], day: date) -> list[PlannedGroup]:
    """The groups of a day at a venue's offerings, for the door; cancelled ones are not told of."""
    rows = PlannedGroup.objects.filter(offering__in=offerings, day=day, cancelled_at__isnull=True)
    return list(rows.select_related("offering", "hold").prefetch_related("members").order_by("made_at"))


def forget_old_groups(*, now: datetime) -> int:
    """Which cards were in a group is kept for 30 days after its day; the numbers stay. Says how many plans went."""
    old = PlannedGroup.objects.filter(day__lt=helsinki_day(now) - timedelta(days=KEPT_DAYS))
    gone = GroupMember.objects.filter(planned__in=old).delete()[0]
    old.filter(community_card__isnull=False).update(community_card=None)
    return gone
