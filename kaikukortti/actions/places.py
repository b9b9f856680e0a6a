"""Places of capped offerings: read under the offering's lock, written in the same transaction (rule 17)."""

from collections.abc import Container, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import F, Sum

from kaikukortti.models import Offering, OpenDay, Record
from kaikukortti.rules.uses import OfferingFacts, Places
from kaikukortti.terms.kinds import OfferingKind

Key = tuple[UUID, date]


def open_days(caps: Mapping[UUID, Places], days: Iterable[date]) -> dict[Key, Places]:
    """What is taken of capped open admission on the days asked; the caller holds the offerings' locks when it means to
    write."""
    wanted = list(days)
    rows = OpenDay.objects.filter(offering__in=caps, day__in=wanted)
    found = {(row.offering_id, row.day): row for row in rows}
    places = {}
    for key, cap in caps.items():
        for day in wanted:
            row = found.get((key, day))
            taken = (row.taken, row.children_taken, row.held) if row else (0, 0, 0)
            places[(key, day)] = Places(cap.cap, cap.children_cap, *taken)
    return places


def load_places(offerings: Iterable[tuple[OfferingFacts, Places]], days: Iterable[date]) -> dict[Key, Places]:
    """Places by offering and day, of capped offerings only: an event or course has them once, with its row; what is
    taken of open admission is read for the days asked."""
    once, by_the_day = {}, {}
    for facts, places in offerings:
        if not places.capped:
            continue
        if facts.kind == OfferingKind.OPEN:
            by_the_day[UUID(facts.id)] = places
        else:
            once[places_key(facts, facts.first_day)] = places
    return once | open_days(by_the_day, days) if by_the_day else once


def places_key(offering: OfferingFacts, day: date) -> Key:
    """Open admission counts its places by the day, an event or course once."""
    return UUID(offering.id), day if offering.kind == OfferingKind.OPEN else offering.first_day


def save_places(before: Mapping[Key, Places], after: Mapping[Key, Places], *, by_the_day: Container[UUID]) -> None:
    """Write the places that changed: one statement for events and courses, one for open admission."""
    events, days = [], []
    for key, places in after.items():
        if places == before[key]:
            continue
        if key[0] in by_the_day:
            days.append(
                OpenDay(offering_id=key[0], day=key[1], taken=places.taken, children_taken=places.children_taken)
            )
        else:
            events.append(Offering(pk=key[0], taken=places.taken, children_taken=places.children_taken))
    if len(events) == 1:
        change = {"taken": events[0].taken, "children_taken": events[0].children_taken}
        Offering.objects.filter(pk=events[0].pk).update(**change)
    elif events:
        Offering.objects.bulk_update(events, ["taken", "children_taken"])
    if days:
        OpenDay.objects.bulk_create(
            days,
            update_conflicts=True,
            unique_fields=["offering", "day"],
            update_fields=["taken", "children_taken"],
        )


def give_back(record: Record, *, sign: int = -1) -> None:
    """Give a record's places back (or, with `sign=1`, take them): the caller holds the offering's lock."""
    offering = record.offering
    if offering is None or not offering.places.capped:
        return
    number = sign * (record.holder + record.children + record.clients + record.workers)
    children = sign * (record.children + record.clients)
    change = {"taken": F("taken") + number, "children_taken": F("children_taken") + children}
    if offering.kind != OfferingKind.OPEN:
        Offering.objects.filter(pk=offering.pk).update(**change)
        return
    OpenDay.objects.get_or_create(offering=offering, day=record.day)
    OpenDay.objects.filter(offering=offering, day=record.day).update(**change)


def count_places(offering: Offering) -> None:
    """Count what is taken from the ledger: called under the lock when a cap is set."""
    rows = Record.objects.counting().filter(offering=offering)
    number = Sum(F("holder") + F("children") + F("clients") + F("workers"))
    children = Sum(F("children") + F("clients"))
    if offering.kind != OfferingKind.OPEN:
        total = rows.aggregate(n=number, c=children)
        offering.taken, offering.children_taken = total["n"] or 0, total["c"] or 0
        offering.save(update_fields=["taken", "children_taken"])
        return
    # A day whose records were reversed while no cap was set has no sum below.
    OpenDay.objects.filter(offering=offering).update(taken=0, children_taken=0)
    OpenDay.objects.bulk_create(
        [
            OpenDay(offering=offering, day=row["day"], taken=row["n"], children_taken=row["c"])
            for row in rows.values("day").annotate(n=number, c=children).order_by("day")
        ],
        update_conflicts=True,
        unique_fields=["offering", "day"],
        update_fields=["taken", "children_taken"],
    )
