"""`record_uses`: the one way a use comes into the register, whatever the door (rules 6, 17–34).

One record is a batch of one. Right → replay of ids → lock the person lines, then the offerings → every rule in the
order of rule 34 on facts in memory → write; one transaction, the same few queries for one record and for five hundred.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.codes import content_digest
from kaikukortti.actions.holds import serve_waiting
from kaikukortti.actions.kept_numbers import claim_numbers, names_no_card
from kaikukortti.actions.known import Known, LinesMoved, Use, ask_of, load_known, situation_of
from kaikukortti.actions.misses import count_misses, misses_left
from kaikukortti.actions.places import places_key, save_places
from kaikukortti.actions.taken_into_use import take_into_use
from kaikukortti.models import Hold, Record, SeasonDay
from kaikukortti.models.statements import CardRow, ReplayRow
from kaikukortti.rules.codes import normalise, read_code
from kaikukortti.rules.corrections import counts_at_once
from kaikukortti.rules.courses import ends_before_course
from kaikukortti.rules.network import MunicipalityFacts, Network, WorkplaceFacts
from kaikukortti.rules.series import misses_counted, read_listed
from kaikukortti.rules.situation import Ask, Judgement, Past, Places, Situation
from kaikukortti.rules.uses import course_money, holds_own_ticket, judge, own_day
from kaikukortti.terms.holds import HoldEnd
from kaikukortti.terms.kinds import STORED, OfferingKind, RecordKind, Status
from kaikukortti.terms.messages import Message, status_message
from kaikukortti.terms.refusals import COUNT_WHEN_SETTLED, Refusal
from kaikukortti.terms.roles import RECORDERS, Role

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What a row is told. `record` is the stored row's number, None when nothing was stored."""

    id: UUID
    status: Status
    refusal: Refusal | None = None
    day: date | None = None
    time: datetime | None = None
    covered_cents: int | None = None
    remainder_cents: int | None = None
    record: int | None = None
    # A course place: the card's last day where that comes before the course's. The place stands (rule 21).
    card_ends: date | None = None
    # The stored row's reference, with a new row only: a repetition is the same answer without it.
    reference: UUID | None = field(default=None, compare=False)

    @property
    def message(self) -> Message:
        return status_message(self.status, self.refusal, day=self.day, time=self.time)


def record_uses(
    uses: Sequence[Use], *, by: Actor, now: datetime, together: bool = False, at_venue: WorkplaceFacts | None = None
) -> list[Answer]:
    """Record 1 … 500 uses; answers come in the order of the rows.

    `together`: if any row is refused or conflicts, nothing is written (a family, a group). `at_venue`: a coordinator
    or the national service enters a correction for that venue, also in a closed year (rules 28, 31).
    Raises NotAllowed for a role that does not record.
    """
    by.need(*((Role.COORDINATOR, Role.NATIONAL) if at_venue else RECORDERS))
    if by.paused(now):
        return [Answer(use.id, Status.REFUSED, Refusal.TOO_MANY_TRIES) for use in uses]
    for attempt in range(3):
        try:
            with transaction.atomic():
                answers, missed = _record(uses, by=by, now=now, together=together, at_venue=at_venue)
            break
        except (IntegrityError, LinesMoved):
            # Another connection stored the same id, or the same person's ticket through another card, between our
            # reading and our writing, or gave the person another card; the second reading sees it.
            if attempt == 2:
                raise
    if missed:
        count_misses(missed, by=by, now=now)
    return answers


def _record(
    uses: Sequence[Use], *, by: Actor, now: datetime, together: bool, at_venue: WorkplaceFacts | None
) -> tuple[list[Answer], int]:
    uses = claim_numbers(uses, by=by)
    codes = {use.code: read_listed(use.code, by.network.series) for use in uses if use.card is None}
    known = load_known(uses, codes, by=by, now=now, lock=True, at_venue=at_venue)
    before = dict(known.places)
    answers: list[Answer] = []
    new: list[tuple[int, Record]] = []
    missed, allowance, stopped = 0, None, False
    for use in uses:
        code = use.key(codes)
        card = known.cards.get(code or "")
        replay = known.replays.get(use.id)
        if replay is not None:
            answers.append(replace(replayed(use, replay), card_ends=card_ends(use, card, known)))
            continue
        if card is None and not stopped:
            missed += 0 if names_no_card(use.code) else misses_counted(code, by.network.series)
            allowance = misses_left(by=by, now=now) if allowance is None else allowance
            stopped = missed > allowance
        if stopped:
            # The device takes a break from here on, known cards included: else what is refused otherwise would tell
            # which of the rest exist (S5).
            answers.append(Answer(use.id, Status.REFUSED, Refusal.TOO_MANY_TRIES))
            continue
        ask = ask_of(use, code, community=card is not None and card.community)
        situation = situation_of(ask, use, card, known, by=by, now=now, at_venue=at_venue)
        if at_venue and situation and not _of_own_region(situation, ask.day, by=by):
            answers.append(Answer(use.id, Status.REFUSED, Refusal.NOT_YOUR_WORKPLACE))
            continue
        judgement = judge(ask, situation) if situation else Judgement(Status.REFUSED, Refusal.OFFERING_UNKNOWN)
        answer = Answer(use.id, judgement.status, judgement.refusal, judgement.day, judgement.time)
        if situation and judgement.status in STORED:
            record = record_row(ask, use, card, situation, judgement, by=by)
            answer = replace(
                answer,
                covered_cents=record.covered_cents,
                remainder_cents=record.remainder_cents,
                card_ends=card_ends(use, card, known),
            )
            new.append((len(answers), record))
            if judgement.refusal not in COUNT_WHEN_SETTLED:
                fetch(use, card, ask, known, position=len(answers))
            remember(record, ask, situation, known)
        answers.append(answer)
    if together and any(answer.status in (Status.REFUSED, Status.CONFLICT) for answer in answers):
        return [_not_together(answer) for answer in answers], missed
    let_go_of_rest(known)
    write(new, known, before, now=now)
    for position, record in new:
        answers[position] = replace(answers[position], record=record.pk, reference=record.reference)
    for hold, position in known.fetched.items():
        end = {"ended_at": now, "end": HoldEnd.FETCHED, "record_id": answers[position].record}
        Hold.objects.filter(pk=hold).update(**end)
    for offering, day in sorted(known.returned):
        serve_waiting(offering, day, now=now)
    return answers, missed


def card_ends(use: Use, card: CardRow | None, known: Known) -> date | None:
    """The last day of a card that runs out before the course it gives a place on does."""
    offering = known.offering(use)
    return ends_before_course(card.life, offering) if card and offering else None


def _of_own_region(s: Situation, day: date, *, by: Actor) -> bool:
    """A coordinator enters what happened in its own regions, as it reverses there; the national service anything."""
    return by.role == Role.NATIONAL or s.region_on(day) in by.facts.regions


def _not_together(answer: Answer) -> Answer:
    if answer.status in (Status.REFUSED, Status.CONFLICT) or answer.record is not None:
        return answer
    return Answer(answer.id, Status.REFUSED, Refusal.NOT_TOGETHER)


# --- replays ----------------------------------------------------------------------------------------------------


def content_of(ask: Ask, code: str) -> str:
    """The content of a record, for recognising a repetition; it covers the code and is keyed (rule 26)."""
    parts = (
        read_code(code) or normalise(code),
        ask.offering,
        ask.kind,
        ask.day,
        ask.at.timestamp() if ask.at else None,
        ask.source,
        ask.holder,
        ask.children,
        ask.assistants,
        ask.clients,
        ask.workers,
        ask.until,
        ask.happened,
    )
    return content_digest("|".join(map(str, parts)))


def replayed(use: Use, first: ReplayRow) -> Answer:
    """The same id with the same content gets its first answer; other content is a conflict (rule 26). After the link
    is cut the id alone gives the first answer."""
    ask = ask_of(use, None, community=first.community)
    if first.content and first.content != content_of(ask, use.code):
        return Answer(use.id, Status.CONFLICT)
    return first_answer(first)


def first_answer(first: ReplayRow | Record) -> Answer:
    """The stored answer."""
    return Answer(
        first.client_id,
        Status(first.status),
        Refusal(first.refusal) if first.refusal else None,
        covered_cents=first.covered_cents,
        remainder_cents=first.remainder_cents,
        record=first.id,
    )


# --- writing ----------------------------------------------------------------------------------------------------


def residence_on(card: CardRow, day: date, network: Network) -> MunicipalityFacts | None:
    """The municipality of residence on the day; a community card's is its workplace's (rule 20)."""
    if card.community:
        return network.municipality_on(network.workplaces[card.workplace].municipality, day)
    return network.municipality_on(card.municipality, day) if card.municipality else None


def record_row(ask: Ask, use: Use, card: CardRow | None, s: Situation, judgement: Judgement, *, by: Actor) -> Record:
    """The ledger row with the facts of the day (section 7)."""
    region = s.region_on(ask.day)
    place = s.network.municipality_on(s.municipality, ask.day)
    residence = residence_on(card, ask.day, s.network) if card else None
    paid = course_money(s.network, s.venue, s.offering, ask.day)
    return Record(
        recorder_id=by.workplace.pk,
        client_id=use.id,
        by_id=by.user.pk if by.user else None,
        token_id=by.token.pk if by.token else None,
        device_id=by.device.pk if by.device else None,
        figure_key=secrets.randbits(32),
        venue_id=s.venue.id,
        offering_id=use.offering,
        kind=ask.kind,
        day=ask.day,
        until=ask.until,
        at=ask.at,
        entered_at=s.now,
        source=ask.source,
        happened=ask.happened,
        holder=ask.holder,
        children=ask.children,
        assistants=ask.assistants,
        clients=ask.clients,
        workers=ask.workers,
        covered_cents=paid[0] if paid else None,
        remainder_cents=paid[1] if paid else None,
        status=judgement.status,
        refusal=judgement.refusal or "",
        community=bool(card and card.community),
        card_region_id=card.region if card else None,
        residence_id=residence.code if residence else None,
        residence_area_id=residence.wellbeing_area if residence else None,
        age_band=card.birth_band if card else None,
        later_card=card.later if card and card.region else None,
        place_region_id=region,
        place_id=place.code if place else None,
        place_area_id=place.wellbeing_area if place else None,
        sector=s.offering.sector if s.offering else s.venue.sector,
        offering_kind=s.offering.kind if s.offering else OfferingKind.OPEN,
        card_id=card.id if card else None,
        line_id=card.line if card else None,
        content=content_of(ask, use.code),
        own_day=own_day(ask, s.offering) if holds_own_ticket(ask, s.card, judgement.refusal) else None,
    )


def fetch(use: Use, card: CardRow | None, ask: Ask, known: Known, *, position: int) -> None:
    """The row fetches the places kept for it, if there are any; a likely duplicate or an unreadable code, which count
    for nothing yet, leave them."""
    kept = known.hold(use, card)
    if kept is None:
        return
    known.fetched.setdefault(kept.id, position)
    places, children = kept.part_for(ask.places, ask.children + ask.clients)
    if places > ask.places:
        known.returned.add(kept.key)
    kept.places, kept.children = kept.places - places, kept.children - children
    if kept.key in known.places:
        known.places[kept.key] = known.places[kept.key].without_kept(places, children)


def let_go_of_rest(known: Known) -> None:
    """What a group did not need of its places returns."""
    for kept in known.kept:
        if kept.id in known.fetched and kept.key in known.places:
            known.places[kept.key] = known.places[kept.key].without_kept(kept.places, kept.children)


def remember(record: Record, ask: Ask, s: Situation, known: Known) -> None:
    """Let the rows that follow in the batch see this one."""
    known.replays[record.client_id] = ReplayRow(
        record.pk,
        record.client_id,
        record.status,
        record.refusal,
        record.community,
        record.content,
        record.covered_cents,
        record.remainder_cents,
    )
    if record.line_id and record.refusal != Refusal.ALREADY_RECORDED:
        known.past[record.line_id].append(
            Past(
                kind=ask.kind,
                offering=ask.offering,
                venue=s.venue.id,
                region=record.place_region_id,
                day=ask.day,
                own_day=record.own_day,
                until=ask.until,
                holder=ask.holder,
                children=ask.children,
                given_at=ask.at or s.now,
            )
        )
    if s.offering and counts_at_once(record.status, record.refusal):
        key = places_key(s.offering, ask.day)
        if key in known.places:
            known.places[key] = known.places[key].with_taken(ask)


def write(
    new: Sequence[tuple[int, Record]], known: Known, before: Mapping[tuple[UUID, date], Places], *, now: datetime
) -> None:
    """Insert the rows, take their places, and note lines taken into use."""
    records = [record for _position, record in new]
    if not records:
        return
    Record.objects.bulk_create(records)
    seasons = [day for record in records if record.kind == RecordKind.SEASON for day in season_days(record)]
    if seasons:
        SeasonDay.objects.bulk_create(seasons)
    by_the_day = {key for key, offering in known.offerings.items() if offering.facts.kind == OfferingKind.OPEN}
    save_places(before, known.places, by_the_day=by_the_day)
    take_into_use(
        [record for record in records if not record.community and counts_at_once(record.status, record.refusal)],
        since={card.line: card.taken_on for card in known.cards.values()},
        now=now,
    )


def season_days(record: Record) -> Iterable[SeasonDay]:
    """The days of a season pass after its first, which the record itself holds."""
    if record.own_day is None or record.until is None or record.line_id is None:
        return
    for ahead in range(1, (record.until - record.own_day).days + 1):
        yield SeasonDay(
            record=record,
            line_id=record.line_id,
            venue_id=record.venue_id,
            offering_id=record.offering_id,
            day=record.own_day + timedelta(days=ahead),
        )
