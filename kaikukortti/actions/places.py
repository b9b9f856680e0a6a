"""Places of capped offerings: read under the offering's lock, written in the same transaction (rule 17)."""

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Sum

from kaikukortti.models import Hold, Offering, OpenDay, Record
from kaikukortti.rules.situation import OfferingFacts, Places
from kaikukortti.terms.kinds import OfferingKind

Key = tuple[UUID, date]
COUNTED = ("taken", "children_taken", "held", "children_held")


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
            taken = (row.taken, row.children_taken, row.held, row.children_held) if row else (0, 0, 0, 0)
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


@dataclass(slots=True)
class Kept:
    """A standing hold as recording sees it; what is left of it while a group is let in."""

    id: UUID
    key: Key
    number: int
    # The person line of its card: a hold follows a replacement.
    line: int | None
    group: bool
    places: int
    children: int

    def part_for(self, places: int, children: int) -> tuple[int, int]:
        """How much of it a row fetches: a group's rows their own places, any other all of it; the rest returns."""
        if not self.group:
            return self.places, self.children
        return min(self.places, places), min(self.children, children)


def load_kept(
    places: dict[Key, Places],
    *,
    now: datetime,
    offerings: Iterable[tuple[OfferingFacts, Places]] = (),
    days: Collection[date] = (),
) -> list[Kept]:
    """The standing holds of the offerings asked, and what they keep counted anew into `places`: one that has run out
    keeps nothing. Where nothing is held nothing is asked. Of `offerings` those without a cap are asked too: what they
    keep is not counted, and yet fetched."""
    counted = {key for key, one in places.items() if one.held}
    held = counted | {places_key(facts, day) for facts, one in offerings if one.held and not one.capped for day in days}
    if not held:
        return []
    rows = Hold.objects.standing(now).filter(offering__in={key for key, _day in held}, day__in={day for _, day in held})
    columns = ("pk", "offering", "day", "number", "card__line", "group", "places", "children")
    found = [
        Kept(pk, (offering, day), number, line, group is not None, *counts)
        for pk, offering, day, number, line, group, *counts in rows.order_by("number").values_list(*columns)
    ]
    for key in counted:
        here = [one for one in found if one.key == key]
        total, children = sum(one.places for one in here), sum(one.children for one in here)
        places[key] = replace(places[key], held=total, children_held=children)
    return found


def places_now(
    offerings: Iterable[tuple[OfferingFacts, Places]], days: Iterable[date], *, now: datetime
) -> dict[Key, Places]:
    """Places by offering and day as they stand now, for showing: nothing is locked."""
    places = load_places(offerings, days)
    load_kept(places, now=now)
    return places


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
            days.append(OpenDay(offering_id=key[0], day=key[1], **_counts(places)))
        else:
            events.append(Offering(pk=key[0], **_counts(places)))
    if len(events) == 1:
        Offering.objects.filter(pk=events[0].pk).update(**{name: getattr(events[0], name) for name in COUNTED})
    elif events:
        Offering.objects.bulk_update(events, COUNTED)
    if days:
        OpenDay.objects.bulk_create(
            days,
            update_conflicts=True,
            unique_fields=["offering", "day"],
            update_fields=COUNTED,
        )


def _counts(places: Places) -> dict[str, int]:
    return {name: getattr(places, name) for name in COUNTED}


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
