"""The sandbox of a demo: for each refusal that a till can meet the calls that bring it about, and a clean table.

Nothing of it works in a register of real people. The codes are the demo's own, made of its key; the offerings are
entered for the calling workplace (or, for a ticket agent, at its venues) when the table is laid, not before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.codes import one_time_seed
from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.demo import demo_card_code, misread_card_code
from kaikukortti.actions.offerings import Details, cancel_offering, enter_offering
from kaikukortti.actions.one_time_codes import release_code
from kaikukortti.models import DemoMark, Hold, Membership, Misses, Offering, Record, Token, Workplace
from kaikukortti.rules.network import WorkplaceFacts
from kaikukortti.rules.one_time_codes import write_one_time_code
from kaikukortti.terms.days import HELSINKI, day_start, helsinki_day
from kaikukortti.terms.kinds import OfferingKind, ReversalReason, Sector
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS, Role

# The external ids of the sandbox's offerings begin like those of the demo's listed cases: its history keeps away.
MARK = "demo-sandbox-"
VOID_CARD = "sandbox-void"
# More courses than this nobody tries out by hand.
MOST_COURSES = 3


class NoSandbox(Exception):
    """This is no demo."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call."""

    method: str
    path: str
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """The calls after which the last one's answer carries the refusal; all of them sent `repeat` times."""

    refusal: Refusal
    says: str
    steps: list[Step]
    repeat: int = 1


def need_sandbox(by: Actor) -> None:
    """Raises NoSandbox outside a demo, NotAllowed for a role without a till."""
    if not DemoMark.objects.exists():
        raise NoSandbox
    by.need(*RECORDERS)


# --- laying the table ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Laid:
    """What laying the table anew did."""

    reversed: int
    released: int
    offerings: int


def lay_sandbox(*, by: Actor, now: datetime) -> Laid:
    """Today's records of the workplace are reversed, its waiting codes released, its pause ended, and the sandbox's
    offerings of today entered where they are missing."""
    need_sandbox(by)
    number = 0
    today = Record.objects.standing().recorded_by(by.workplace).filter(entered_at__gte=day_start(helsinki_day(now)))
    for record in today.order_by("-pk"):
        number += reverse_use(record, by=by, now=now, reason=ReversalReason.TEST).refusal is None
    codes = Hold.objects.standing(now).filter(workplace=by.workplace, code_digest__isnull=False)
    released = [release_code(hold, by=by, now=now) for hold in codes.select_related("offering")]
    if by.token is not None:
        Misses.objects.filter(token=by.token).delete()
        Token.objects.filter(pk=by.token.pk).update(paused_until=None)
    return Laid(number, len(released), _enter_missing(by, now=now))


# --- venues -------------------------------------------------------------------------------------------------------


def _venues(by: Actor) -> list[WorkplaceFacts]:
    """The venues that the workplace may record for: itself, or those that the agent sells for."""
    if by.role == Role.VENUE:
        return [by.facts]
    return [by.network.workplaces[pk] for pk in sorted(by.facts.sells_for)]


def _region(venue: WorkplaceFacts, by: Actor, day: date) -> int | None:
    return by.network.region_at(venue, venue.municipality, day)


def _is_open(venue: WorkplaceFacts, by: Actor, day: date) -> bool:
    return by.network.open_on(_region(venue, by, day), day) or venue.admitted_on(day)


def _takes_others(venue: WorkplaceFacts, by: Actor, day: date) -> bool:
    return bool(by.network.policy(Policy.OTHERS_COME_IN, day, region=_region(venue, by, day)))


def _courses_a_year(venue: WorkplaceFacts, by: Actor, day: date) -> int | None:
    """How many courses a year a card has here, where that is few enough to try out."""
    caps = by.network.caps(day, region=_region(venue, by, day), venue=venue.id)
    most = [cap.most for cap in caps if cap.courses and cap.most <= MOST_COURSES]
    return min(most) if most else None


def _main(by: Actor, day: date) -> WorkplaceFacts | None:
    """The venue of the everyday cases: one that takes every area's cards."""
    fine = (one for one in _venues(by) if _is_open(one, by, day) and _takes_others(one, by, day))
    return next(fine, None)


# --- what stands on the table -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An offering of the sandbox: under which name, at which venue, and what is special about it."""

    name: str
    venue: WorkplaceFacts
    kind: OfferingKind = OfferingKind.EVENT
    ahead: int = 0
    cap: int | None = None
    publish: bool = True
    cancel: bool = False

    def external_id(self, today: date) -> str:
        return f"{MARK}{self.name}-{today}"


def _wanted(by: Actor, day: date) -> Iterator[_Wanted]:
    main = _main(by, day)
    if main is not None:
        yield _Wanted("event", main)
        yield _Wanted("tomorrow", main, ahead=1)
        yield _Wanted("old", main, ahead=-45)
        yield _Wanted("full", main, cap=0)
        yield _Wanted("draft", main, publish=False)
        yield _Wanted("cancelled", main, cancel=True)
        yield _Wanted("course", main, OfferingKind.COURSE)
    for venue in _venues(by):
        if not _is_open(venue, by, day):
            yield _Wanted("not-active", venue)
        elif not _takes_others(venue, by, day):
            yield _Wanted("closed-in", venue)
        if most := _courses_a_year(venue, by, day):
            for number in range(most + 1):
                yield _Wanted(f"course-{number + 1}", venue, OfferingKind.COURSE)


def _enter_missing(by: Actor, *, now: datetime) -> int:
    today, number = helsinki_day(now), 0
    for wanted in _wanted(by, today):
        if not Offering.objects.filter(venue=wanted.venue.id, external_id=wanted.external_id(today)).exists():
            _enter(wanted, today, now=now)
            number += 1
    return number


@transaction.atomic
def _enter(wanted: _Wanted, today: date, *, now: datetime) -> None:
    first = today + timedelta(days=wanted.ahead)
    event = wanted.kind == OfferingKind.EVENT
    details = Details(
        name_fi=f"Harjoitus: {wanted.name}",
        name_sv=f"Övning: {wanted.name}",
        name_en=f"Practice: {wanted.name}",
        sector=Sector.CULTURE if event else Sector.EDUCATION,
        first_day=first,
        last_day=first if event else first + timedelta(days=60),
        starts_at=datetime.combine(first, time(23, 30), HELSINKI) if event else None,
        price_cents=2200,
        external_id=wanted.external_id(today),
        cap=wanted.cap,
    )
    by = _at(wanted.venue)
    entered = enter_offering(wanted.kind, details, by=by, now=now, publish=wanted.publish)
    assert isinstance(entered, Offering), entered
    if wanted.cancel:
        cancel_offering(entered, by=by, now=now)


def _at(venue: WorkplaceFacts) -> Actor:
    """Who acts for a venue: its first contact person."""
    members = Membership.objects.current().filter(workplace=venue.id).select_related("user", "workplace")
    member = members.order_by("-is_contact", "pk").first()
    if member is None:
        return Actor(Workplace.objects.get(pk=venue.id))
    return Actor(member.workplace, user=member.user, membership=member)


# --- the cases ----------------------------------------------------------------------------------------------------

CHECK, USES, CODES = "/api/v1/check", "/api/v1/uses", "/api/v1/one-time-codes"
OWN, FAMILY = "active-without-children", "active-two-children"


def sandbox_cases(*, by: Actor, now: datetime) -> list[Case]:
    """The cases that this workplace can meet with what stands on the table today; ids are new each time."""
    need_sandbox(by)
    table = _Table(by, now)
    cases = [*_of_cards(table), *_of_offerings(table), *_of_counts(table), *_of_several(table), *_of_codes(table)]
    return sorted(cases, key=lambda case: list(Refusal).index(case.refusal))


def not_here(cases: list[Case]) -> list[Refusal]:
    """What only another workplace's token meets: the demo's ticket agent meets them all."""
    met = {case.refusal for case in cases}
    return [refusal for refusal in MET_AT_TILLS if refusal not in met]


# What a till's calls can be refused for. Not here: what issuers are told, what a till without a network says by itself,
# and a coordinator's corrections; a closed year and an old record there may be none of.
MET_AT_TILLS = (
    Refusal.CARD_UNKNOWN,
    Refusal.CARD_CODE_TYPO,
    Refusal.CARD_UNREGISTERED,
    Refusal.CARD_EXPIRED,
    Refusal.CARD_ENDS_BEFORE,
    Refusal.CARD_BLOCKED,
    Refusal.CARD_REPLACED,
    Refusal.CARD_VOID,
    Refusal.REGION_CLOSED_OUT,
    Refusal.REGION_CLOSED_IN,
    Refusal.VENUE_NOT_ACTIVE,
    Refusal.OFFERING_UNKNOWN,
    Refusal.OFFERING_NOT_OPEN,
    Refusal.OFFERING_CANCELLED,
    Refusal.OFFERING_FULL,
    Refusal.DAY_NOT_OFFERED,
    Refusal.TOO_EARLY_TO_RECORD,
    Refusal.TOO_LATE_TO_RECORD,
    Refusal.LIMIT_PER_EVENT,
    Refusal.LIMIT_PER_PERIOD,
    Refusal.CHILDREN_NOT_ON_COURSES,
    Refusal.CHILDREN_NEED_HOLDER,
    Refusal.TOO_MANY_CHILDREN,
    Refusal.COMMUNITY_CARD_NEEDS_CLIENTS,
    Refusal.COMMUNITY_CARD_NOT_HERE,
    Refusal.COUNTS_NOT_FOR_THIS_CARD,
    Refusal.KIND_NOT_HERE,
    Refusal.ALREADY_RECORDED,
    Refusal.NOT_TOGETHER,
    Refusal.CODE_ALREADY_USED,
    Refusal.CODES_RUN_OUT,
    Refusal.PERIOD_CLOSED,
    Refusal.REASON_NEEDED,
    Refusal.TOO_MANY_TRIES,
)


class _Table:
    """Today's offerings of the sandbox by name, and the calls' bodies."""

    def __init__(self, by: Actor, now: datetime) -> None:
        self.by, self.now, self.today = by, now, helsinki_day(now)
        venues = [venue.id for venue in _venues(by)]
        rows = Offering.objects.filter(venue__in=venues, external_id__startswith=MARK)
        ending = f"-{self.today}"
        self.offerings = {
            one.external_id.removeprefix(MARK).removesuffix(ending): one
            for one in rows
            if one.external_id.endswith(ending)
        }

    def has(self, *names: str) -> bool:
        return all(name in self.offerings for name in names)

    def check(self, card: str, name: str | None = None, **more: Any) -> Step:
        offering = str(self.offerings[name].pk) if name else None
        code = misread_card_code(card) if card == "wrong-check-character" else demo_card_code(card)
        return Step("POST", CHECK, {"code": code, "offering": offering, **more})

    def row(self, card: str, name: str | None = None, **more: Any) -> dict[str, Any]:
        offering = self.offerings[name] if name else None
        day = offering.first_day if offering and offering.kind == OfferingKind.EVENT else self.today
        row = {"id": str(uuid4()), "code": demo_card_code(card), "offering": str(offering.pk) if offering else None}
        return {**row, "day": day.isoformat(), **more}

    def use(self, card: str, name: str | None = None, **more: Any) -> Step:
        return Step("POST", USES, {"uses": [self.row(card, name, **more)]})


def _of_cards(table: _Table) -> Iterator[Case]:
    name = "event" if table.has("event") else None
    if name is None and table.by.role != Role.VENUE:
        return
    for refusal, card, says in (
        (Refusal.CARD_UNKNOWN, "unknown-code", "A code that reads well and that nobody has."),
        (Refusal.CARD_CODE_TYPO, "wrong-check-character", "One character differs."),
        (Refusal.CARD_UNREGISTERED, "unregistered", "A blank card from a drawer."),
        (Refusal.CARD_EXPIRED, "expired-yesterday", "Its last day was yesterday."),
        (Refusal.CARD_BLOCKED, "blocked", "It was reported lost."),
        (Refusal.CARD_REPLACED, "replaced", "Its holder has another one."),
        (Refusal.CARD_VOID, VOID_CARD, "It was spoiled before it was given to anybody."),
    ):
        yield Case(refusal, says, [table.check(card, name)])
    if not table.has("closed-in") or table.has("event"):
        yield Case(
            Refusal.REGION_CLOSED_OUT,
            "A card of an area whose cards are valid at home only.",
            [table.check("pilot-closed-both-ways", name)],
        )
    yield Case(
        Refusal.TOO_MANY_TRIES,
        "Thirty unknown codes within an hour; laying the sandbox out anew ends the pause.",
        [table.check("unknown-code", name)],
        repeat=31,
    )


def _of_offerings(table: _Table) -> Iterator[Case]:
    for refusal, name, says in (
        (Refusal.REGION_CLOSED_IN, "closed-in", "A venue whose area takes no other area's cards."),
        (Refusal.VENUE_NOT_ACTIVE, "not-active", "A venue whose area has not begun yet."),
        (Refusal.OFFERING_NOT_OPEN, "draft", "An offering that has not been published."),
        (Refusal.OFFERING_CANCELLED, "cancelled", "A cancelled offering."),
        (Refusal.OFFERING_FULL, "full", "An offering without a place left."),
    ):
        if table.has(name):
            yield Case(refusal, says, [table.check(OWN, name)])
    yield Case(
        Refusal.OFFERING_UNKNOWN,
        "An offering that is not there, or another's.",
        [Step("POST", CHECK, {"code": demo_card_code(OWN), "offering": str(uuid4())})],
    )
    if table.has("tomorrow"):
        yield Case(
            Refusal.CARD_ENDS_BEFORE,
            "Valid today, and the event is tomorrow.",
            [table.check("valid-today-only", "tomorrow", day=(table.today + timedelta(days=1)).isoformat())],
        )
    if table.has("event", "course", "old"):
        tomorrow = (table.today + timedelta(days=1)).isoformat()
        says = "The event is on another day."
        yield Case(Refusal.DAY_NOT_OFFERED, says, [table.check(OWN, "event", day=tomorrow)])
        says = "A course place is given on the day of entry."
        yield Case(Refusal.TOO_EARLY_TO_RECORD, says, [table.use(OWN, "course", kind="course", day=tomorrow)])
        says = "The event was more than thirty days ago."
        yield Case(Refusal.TOO_LATE_TO_RECORD, says, [table.use(FAMILY, "old")])
    if years := table.by.network.closed_years:
        day = date(max(years), 12, 31).isoformat()
        yield Case(Refusal.PERIOD_CLOSED, "A day of a closed year.", [table.use(OWN, day=day, happened=True)])


def _of_counts(table: _Table) -> Iterator[Case]:
    if not table.has("event", "course", "tomorrow"):
        return
    yield Case(Refusal.LIMIT_PER_EVENT, "Two own tickets.", [table.use(OWN, "tomorrow", holder=2)])
    says = "Children don't come along to courses."
    yield Case(Refusal.CHILDREN_NOT_ON_COURSES, says, [table.use(FAMILY, "course", kind="course", children=1)])
    says = "Children without the holder's ticket."
    yield Case(Refusal.CHILDREN_NEED_HOLDER, says, [table.use(FAMILY, "tomorrow", holder=0, children=1)])
    says = "More children than registered: recorded, with a note."
    yield Case(Refusal.TOO_MANY_CHILDREN, says, [table.use("replaced-successor", "tomorrow", children=9)])
    says = "A community card with a worker only."
    yield Case(Refusal.COMMUNITY_CARD_NEEDS_CLIENTS, says, [table.use("community", "event", holder=0, workers=1)])
    says = "A community card on a course."
    course = {"kind": "course", "holder": 0, "clients": 3, "workers": 1}
    yield Case(Refusal.COMMUNITY_CARD_NOT_HERE, says, [table.use("community", "course", **course)])
    says = "Clients on a personal card."
    yield Case(Refusal.COUNTS_NOT_FOR_THIS_CARD, says, [table.use(OWN, "tomorrow", clients=1)])
    says = "A course place at an event."
    yield Case(Refusal.KIND_NOT_HERE, says, [table.use(OWN, "tomorrow", kind="course")])


def _of_several(table: _Table) -> Iterator[Case]:
    """Cases of more than one call, or of more than one row."""
    if table.has("event"):
        steps = [table.use(OWN, "event"), table.use(OWN, "event")]
        yield Case(Refusal.ALREADY_RECORDED, "The same card at the same event, twice.", steps)
        rows = [table.row(FAMILY, "event"), table.row("unknown-code", "event")]
        together = Step("POST", USES, {"together": True, "uses": rows})
        yield Case(Refusal.NOT_TOGETHER, "Two rows that come in together, one of them unknown.", [together])
    courses = sorted(name for name in table.offerings if name.startswith("course-"))
    if courses:
        steps = [table.use(OWN, name, kind="course") for name in courses]
        yield Case(Refusal.LIMIT_PER_PERIOD, "One course more than the area gives a year.", steps)
    old = Record.objects.standing().recorded_by(table.by.workplace)
    old = old.filter(entered_at__lt=table.now - timedelta(hours=25)).exclude(
        day__year__in=table.by.network.closed_years
    )
    record = old.order_by("-entered_at").first()
    if record is not None:
        path = f"{USES}/{record.client_id}/reverse"
        says = "A record of yours from before yesterday, reversed without a reason."
        yield Case(Refusal.REASON_NEEDED, says, [Step("POST", path, {})])


def _of_codes(table: _Table) -> Iterator[Case]:
    if table.has("full"):
        offering = str(table.offerings["full"].pk)
        body = {"id": str(uuid4()), "code": demo_card_code(OWN), "offering": offering}
        yield Case(Refusal.CODES_RUN_OUT, "A one-time code where no place is left.", [Step("POST", CODES, body)])
    if table.has("tomorrow"):
        id, offering = uuid4(), str(table.offerings["tomorrow"].pk)
        code = write_one_time_code(one_time_seed(table.by.workplace.pk, id))
        claim = {"id": str(id), "code": demo_card_code(FAMILY), "offering": offering}

        def redeem() -> Step:
            body = {"id": str(uuid4()), "one_time_code": code, "offering": offering}
            return Step("POST", f"{CODES}/redeem", body)

        steps = [Step("POST", CODES, claim), redeem(), redeem()]
        yield Case(Refusal.CODE_ALREADY_USED, "A one-time code that is redeemed a second time.", steps)
