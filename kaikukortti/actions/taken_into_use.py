"""The *taken into use* fact of a person line: the day of its earliest counting record (section 7).

It moves when that record is reversed or an earlier one is entered: the old fact is withdrawn at an instant and a new
one written, so that any past release can be counted again. Community cards have none.

When retention cuts the fact's link, it is frozen: the line keeps, instead of the day, that it was taken into use before
every day there is. So no record is earlier, nothing moves the fact, and the line gets no second one, whatever comes.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from kaikukortti.models import CountedFact, PersonLine, Record
from kaikukortti.rules.retention import TAKEN_LONG_AGO
from kaikukortti.terms.kinds import CountedKind


def take_into_use(records: Iterable[Record], *, since: Mapping[int, date | None], now: datetime) -> None:
    """Note new counting records; `since` is the day each line was taken into use. Free where it was by then."""
    earliest: dict[int, Record] = {}
    for record in records:
        line = record.line_id
        if line is None:
            continue
        known = earliest[line].day if line in earliest else since[line]
        if known is None or record.day < known:
            earliest[line] = record
    if not earliest:
        return
    moved = [line for line in earliest if since[line] is not None]
    if moved:
        _withdraw(moved, now=now)
    CountedFact.objects.bulk_create(taken_fact(record, now=now) for record in earliest.values())
    if len(earliest) == 1:
        ((line, record),) = earliest.items()
        PersonLine.objects.filter(pk=line).update(taken_on=record.day)
    else:
        lines = [PersonLine(pk=line, taken_on=record.day) for line, record in earliest.items()]
        PersonLine.objects.bulk_update(lines, ["taken_on"])


def look_again(line: PersonLine, *, now: datetime) -> None:
    """After a reversal or settlement: the earliest record that still counts is the fact. A frozen one stays."""
    if line.taken_on == TAKEN_LONG_AGO:
        return
    records = Record.objects.counting().filter(line=line, community=False)
    record = records.select_related(None).order_by("day", "entered_at", "pk").first()
    current = CountedFact.objects.filter(line=line, kind=CountedKind.TAKEN_INTO_USE, withdrawn_at__isnull=True).first()
    if (record and record.pk) == (current and current.record_id):
        return
    _withdraw([line.pk], now=now)
    line.taken_on = record.day if record else None
    line.save(update_fields=["taken_on"])
    if record:
        taken_fact(record, now=now).save()


def _withdraw(lines: list[int], *, now: datetime) -> None:
    CountedFact.objects.filter(line__in=lines, kind=CountedKind.TAKEN_INTO_USE, withdrawn_at__isnull=True).update(
        withdrawn_at=now
    )


def taken_fact(record: Record, *, now: datetime) -> CountedFact:
    return CountedFact(
        kind=CountedKind.TAKEN_INTO_USE,
        day=record.day,
        entered_at=now,
        region_id=record.card_region_id,
        residence_id=record.residence_id,
        residence_area_id=record.residence_area_id,
        age_band=record.age_band,
        later_card=record.later_card,
        record=record,
        card_id=record.card_id,
        line_id=record.line_id,
    )


def freeze(records: Iterable[int]) -> None:
    """Cut the facts of these records from their lines, for good; the caller holds the lines and cuts the records."""
    facts = CountedFact.objects.filter(kind=CountedKind.TAKEN_INTO_USE, record__in=records)
    current = facts.filter(withdrawn_at__isnull=True, line__isnull=False)
    PersonLine.objects.filter(pk__in=list(current.values_list("line", flat=True))).update(taken_on=TAKEN_LONG_AGO)
    facts.update(card=None, line=None)
