"""Courses in August: the office's own list comes in by course number, places are given one row at a time, and the tick
that a place's invoice is settled is appended to it (rules 17, 21, 30)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Min, Sum

from kaikukortti.actions.actor import Actor, NotAllowed
from kaikukortti.actions.corrections import Reversal, lock_record, reverse_use
from kaikukortti.actions.known import Use
from kaikukortti.actions.uses import Answer, record_uses
from kaikukortti.models import Offering, Record, RecordChange
from kaikukortti.models.offerings import EVERY_DAY
from kaikukortti.rules.courses import NAMES, CourseList, CourseRow, RowProblem, WrongRow
from kaikukortti.rules.offerings import Problem, problem_with_new_days
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import ChangeKind, OfferingKind, RecordKind, ReversalReason, Sector
from kaikukortti.terms.roles import RECORDERS, Role

COLUMNS = (*NAMES, "first_day", "last_day", "price_cents", "cap", "place")
COUNTED = ("taken", "children_taken")


# --- the office's list --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changed:
    """A course that the list says otherwise: column → what stands there now and what the list says."""

    course: Offering
    row: CourseRow
    changes: dict[str, tuple[Any, Any]]


@dataclass(slots=True)
class Plan:
    """What a list of courses does. `missing` are coming courses that it does not name: they stay as they are."""

    new: list[CourseRow] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    same: list[Offering] = field(default_factory=list)
    wrong: list[WrongRow] = field(default_factory=list)
    missing: list[Offering] = field(default_factory=list)

    @property
    def drafts(self) -> list[Offering]:
        """Courses of the list that are there and not published yet."""
        known = [*self.same, *(one.course for one in self.changed)]
        return [course for course in known if course.published_at is None]


def plan_courses(courses: CourseList, *, by: Actor, now: datetime) -> Plan:
    """What bringing the list in would do now; writes nothing. Raises NotAllowed for other roles."""
    by.need(Role.VENUE)
    return _plan(courses, _named_courses(courses, by=by), by=by, now=now)


def bring_courses(courses: CourseList, *, by: Actor, now: datetime, publish: bool) -> Plan:
    """Bring in every good row in one act and say what was done; the same list again changes nothing.

    A changed course keeps to the rules of an edit: with a place given its first day stays. Places are counted anew
    from the ledger under the lock. With `publish` new courses and drafts of the list are published.
    """
    by.need(Role.VENUE)
    for attempt in range(3):
        try:
            with transaction.atomic():
                plan = _plan(courses, _named_courses(courses, by=by).select_for_update(), by=by, now=now)
                _write(plan, by=by, now=now, publish=publish)
                return plan
        except IntegrityError:
            # Another window brought the same numbers in between our reading and our writing.
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


def _named_courses(courses: CourseList, *, by: Actor) -> Any:
    numbers = [row.number for row in courses.rows]
    return Offering.objects.filter(venue=by.workplace, external_id__in=numbers).order_by("pk")


def _plan(courses: CourseList, named: Iterable[Offering], *, by: Actor, now: datetime) -> Plan:
    known = {one.external_id: one for one in named}
    days = _recorded_days(known.values())
    plan = Plan(wrong=list(courses.wrong))
    for row in courses.rows:
        course = known.get(row.number)
        if course is None:
            plan.new.append(row)
            continue
        changes = _changes(course, row)
        problem = _problem(course, row, recorded=days.get(course.pk))
        if problem:
            plan.wrong.append(WrongRow(row.row, row.number, row.name, problem))
        elif changes:
            plan.changed.append(Changed(course, row, changes))
        else:
            plan.same.append(course)
    plan.wrong.sort(key=lambda one: one.row)
    plan.missing = _missing(courses, by=by, now=now)
    return plan


def _recorded_days(courses: Iterable[Offering]) -> dict[UUID, tuple[date, date]]:
    """The first and last day with a standing record, of the courses that have any: one query."""
    rows = Record.objects.standing().filter(offering__in=[one.pk for one in courses])
    spans = rows.order_by().values("offering").annotate(first=Min("day"), last=Max("day"))
    return {row["offering"]: (row["first"], row["last"]) for row in spans}


def _problem(course: Offering, row: CourseRow, *, recorded: tuple[date, date] | None) -> RowProblem | Problem | None:
    if course.kind != OfferingKind.COURSE:
        return RowProblem.NOT_A_COURSE
    if course.cancelled_at:
        return Problem.CANCELLED
    return problem_with_new_days(
        OfferingKind.COURSE, before=course.first_day, first=row.first_day, last=row.last_day, recorded=recorded
    )


def _wanted(course: Offering | None, row: CourseRow) -> dict[str, Any]:
    """What the list says, under the model's columns; Finnish stands in for a missing language."""
    wanted = {name: getattr(row, name) for name in COLUMNS if name in row.said}
    finnish = "name_fi" in row.said and row.name_fi
    if course is None or "name_fi" in row.said or course.name_fi in (course.name_sv, course.name_en):
        wanted["name_fi"] = finnish or row.name
    return wanted


def _changes(course: Offering, row: CourseRow) -> dict[str, tuple[Any, Any]]:
    wanted = _wanted(course, row)
    return {name: (getattr(course, name), value) for name, value in wanted.items() if getattr(course, name) != value}


def _missing(courses: CourseList, *, by: Actor, now: datetime) -> list[Offering]:
    numbers = [*(row.number for row in courses.rows), *(row.number for row in courses.wrong if row.number)]
    coming = Offering.objects.filter(
        venue=by.workplace, kind=OfferingKind.COURSE, cancelled_at__isnull=True, last_day__gte=helsinki_day(now)
    )
    return list(coming.exclude(external_id__in=numbers))


def _write(plan: Plan, *, by: Actor, now: datetime, publish: bool) -> None:
    published = now if publish else None
    new = [
        Offering(
            venue=by.workplace,
            kind=OfferingKind.COURSE,
            sector=Sector.EDUCATION,
            weekdays=EVERY_DAY,
            external_id=row.number,
            published_at=published,
            **_wanted(None, row),
        )
        for row in plan.new
    ]
    Offering.objects.bulk_create(new)
    for one in plan.changed:
        for name, (_before, value) in one.changes.items():
            setattr(one.course, name, value)
    courses = [one.course for one in plan.changed]
    _count_places(courses)
    if courses:
        Offering.objects.bulk_update(courses, [*COLUMNS, *COUNTED])
    if publish:
        Offering.objects.filter(pk__in=[one.pk for one in plan.drafts]).update(published_at=now)


def _count_places(courses: Sequence[Offering]) -> None:
    """What is taken of each, counted from the ledger in one query: places are kept only where a cap is set."""
    rows = Record.objects.counting().filter(offering__in=[one.pk for one in courses]).order_by().values("offering")
    sums = rows.annotate(
        n=Sum(F("holder") + F("children") + F("clients") + F("workers")), c=Sum(F("children") + F("clients"))
    )
    taken = {row["offering"]: (row["n"], row["c"]) for row in sums}
    for one in courses:
        one.taken, one.children_taken = taken.get(one.pk, (0, 0))


# --- giving a place -----------------------------------------------------------------------------------------------


def give_place(
    code: str, course: UUID, *, by: Actor, now: datetime, id: UUID, clients: int = 0, workers: int = 0
) -> Answer:
    """Give the place of a course to a card by its code, or by the number of a hold (K-17) of that course.

    It is a use like any other: the same road, the same rules, judged on the day the code is given (rule 21).
    Raises NotAllowed for a role that does not record.
    """
    by.need(*RECORDERS)
    use = Use(
        id=id,
        code=code,
        day=helsinki_day(now),
        offering=course,
        kind=RecordKind.COURSE,
        clients=clients,
        workers=workers,
    )
    (answer,) = record_uses([use], by=by, now=now)
    return answer


# --- what becomes of a place --------------------------------------------------------------------------------------


def _own_place(record: Record, by: Actor) -> None:
    by.need(Role.VENUE)
    if record.venue_id != by.workplace.pk or record.offering_kind != OfferingKind.COURSE:
        raise NotAllowed(by.role)


@transaction.atomic
def settle_invoice(record: Record, *, settled: bool, by: Actor, now: datetime) -> bool:
    """Tick that the place's invoice is settled, or take the tick away; the newest word says. False when it was said
    already, or the place has been given back. Raises NotAllowed for another venue's record."""
    _own_place(record, by)
    record = lock_record(record.pk)
    said = list(record.changes.order_by("pk").values_list("kind", flat=True))
    if ChangeKind.REVERSED in said or ChangeKind.VOIDED in said:
        return False
    ticks = [kind for kind in said if kind in (ChangeKind.INVOICED, ChangeKind.UNINVOICED)]
    if (ticks[-1:] == [ChangeKind.INVOICED]) == settled:
        return False
    RecordChange.objects.create(
        record=record,
        kind=ChangeKind.INVOICED if settled else ChangeKind.UNINVOICED,
        at=now,
        by=by.user,
        workplace=by.workplace,
    )
    return True


def withdraw_place(record: Record, *, by: Actor, now: datetime) -> Reversal:
    """Give a course place back: a reversal with the reason *other*, so that the place is free again and no cap counts
    it; freely for a day, with its reason for thirty days, then the coordinator does it (rule 30)."""
    _own_place(record, by)
    return reverse_use(record, by=by, now=now, reason=ReversalReason.OTHER)
