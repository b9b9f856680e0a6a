"""What the demo's venues have on: a year back for the history, six weeks ahead, and today's listed cases."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.offerings import Details, cancel_offering, enter_offering
from kaikukortti.management.demo.network import PLACES, Place, month
from kaikukortti.management.demo.people import actor
from kaikukortti.models import Offering, Workplace
from kaikukortti.terms.days import HELSINKI, day_start, helsinki_day
from kaikukortti.terms.kinds import Accessibility, OfferingKind, Sector
from kaikukortti.terms.roles import Role

AHEAD, BACK = timedelta(days=42), timedelta(days=400)
LISTED = "demo-"  # how the external ids of the listed cases begin; history keeps away from them
# Months in which a festival plays; the others play all the year.
SEASONS = {"summer": (6, 7, 8), "opera": (7,), "sommelo": (6, 7), "kuhmo": (7,)}


@dataclass(frozen=True, slots=True)
class Planned:
    """One offering to enter, if its external id is not there yet."""

    place: str
    kind: OfferingKind
    details: Details

    @property
    def published(self) -> datetime:
        return day_start(self.details.first_day) - timedelta(days=60)


def enter_programme(workplaces: dict[str, Workplace], *, now: datetime) -> None:
    """Everything the venues have on, but for the listed cases; what is there already is left as it is."""
    today = helsinki_day(now)
    with transaction.atomic():
        by = {key: actor(workplace) for key, workplace in workplaces.items()}
        for one in _missing(workplaces, today - BACK, today + AHEAD):
            _enter(one, by=by[one.place], now=min(one.published, now))


def past_programme(workplaces: dict[str, Workplace], *, first: date, last: date) -> Iterator[Offering]:
    """The same programme of earlier years, for a simulation that writes it in bulk."""
    for one in _missing(workplaces, first, last):
        facts = {each.name: getattr(one.details, each.name) for each in fields(one.details)}
        facts["accessibility"] = list(one.details.accessibility)
        yield Offering(venue=workplaces[one.place], kind=one.kind, published_at=one.published, **facts)


def _missing(workplaces: dict[str, Workplace], first: date, last: date) -> Iterator[Planned]:
    known = set(Offering.objects.exclude(external_id="").values_list("venue", "external_id"))
    venues = [place for place in PLACES if place.role == Role.VENUE and place.shows]
    for number, place in enumerate(venues):
        for one in _programme(place, first, last, weekday=number * 3 % 7):
            if (workplaces[place.key].pk, one.details.external_id) not in known:
                yield one


def _enter(one: Planned, *, by: Actor, now: datetime) -> Offering:
    offering = enter_offering(one.kind, one.details, by=by, now=now, publish=True)
    assert isinstance(offering, Offering), offering
    return offering


def _programme(place: Place, first: date, last: date, *, weekday: int) -> Iterator[Planned]:
    if place.open_on:
        yield from _open(place, first, last)
    elif place.sector == Sector.EDUCATION:
        yield from _courses(place, first, last)
    else:
        yield from _events(place, first, last, weekday=weekday)


def _names(place: Place, number: int) -> dict[str, Any]:
    names = place.shows[number % len(place.shows)]
    return {"name_fi": names[0], "name_sv": names[1], "name_en": names[2]}


def _open(place: Place, first: date, last: date) -> Iterator[Planned]:
    """Open admission, one a calendar year."""
    for year in range(first.year, last.year + 1):
        yield Planned(
            place.key,
            OfferingKind.OPEN,
            Details(
                **_names(place, 0),
                sector=place.sector,
                first_day=date(year, 1, 1),
                last_day=date(year, 12, 31),
                weekdays=place.open_on,
                opening_fi="klo 9–20",
                opening_sv="kl. 9–20",
                opening_en="9 a.m. to 8 p.m.",
                price_cents=850,
                accessibility=(Accessibility.STEP_FREE, Accessibility.TOILET),
                external_id=f"{place.key}-{year}",
            ),
        )


def _events(place: Place, first: date, last: date, *, weekday: int) -> Iterator[Planned]:
    """An event every week on the venue's own weekday, in its season."""
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    while day <= last:
        if day.month in SEASONS.get(place.key, range(1, 13)):
            yield Planned(place.key, OfferingKind.EVENT, event(place, day, number=day.toordinal() // 7))
        day += timedelta(days=7)


def event(place: Place, day: date, *, number: int) -> Details:
    return Details(
        **_names(place, number),
        sector=place.sector,
        first_day=day,
        last_day=day,
        starts_at=datetime.combine(day, time(14 if day.weekday() >= 5 else 19), HELSINKI),
        price_cents=2200,
        accessibility=(Accessibility.STEP_FREE, Accessibility.WHEELCHAIR_SEATS),
        external_id=f"{place.key}-{day}",
    )


def _courses(place: Place, first: date, last: date) -> Iterator[Planned]:
    """Each course in spring and in autumn."""
    for year in range(first.year, last.year + 1):
        for begins, ends in ((date(year, 1, 13), date(year, 4, 30)), (date(year, 8, 25), date(year, 12, 5))):
            if ends < first or begins > last:
                continue
            for number in range(len(place.shows)):
                yield Planned(
                    place.key,
                    OfferingKind.COURSE,
                    Details(
                        **_names(place, number),
                        sector=place.sector,
                        first_day=begins,
                        last_day=ends,
                        price_cents=3800,
                        children_welcome=False,
                        external_id=f"{place.key}-{begins}-{number}",
                    ),
                )


# --- the listed cases -------------------------------------------------------------------------------------------

_CASES = {
    "full": ("Ensi-ilta", "Premiär", "Opening night"),
    "cancelled": ("Keskustelu tekijöiden kanssa", "Samtal med upphovspersonerna", "A talk with the artists"),
    "limit-2": ("Avoin harjoitus", "Öppen repetition", "Open rehearsal"),
}


class Listed:
    """Today's cases of the contract, made when they are not there yet: a new day has new ones."""

    def __init__(self, workplaces: dict[str, Workplace], *, now: datetime) -> None:
        self.workplaces, self.now, self.today = workplaces, now, helsinki_day(now)

    def enter(self) -> list[dict[str, str]]:
        places = {place.key: place for place in PLACES}
        self._tonight(places["routa"])
        cases = {
            "open": self._known("hall", f"hall-{self.today.year}"),
            "full": self._event(places["routa"], "full", cap=0),
            "cancelled": self._event(places["routa"], "cancelled", cap=None),
            "course": self._course(places["institute"]),
            "limit-2": self._event(places["routa"], "limit-2", cap=2),
        }
        if cases["cancelled"].cancelled_at is None:
            cancel_offering(cases["cancelled"], by=actor(self.workplaces["routa"]), now=self.now)
        return [
            {"id": str(one.pk), "venue": one.venue.name_fi, "case": case, "kind": one.kind}
            for case, one in cases.items()
        ]

    def _known(self, key: str, external_id: str) -> Offering:
        return Offering.objects.select_related("venue").get(venue=self.workplaces[key], external_id=external_id)

    def _entered(self, key: str, kind: OfferingKind, details: Details) -> Offering:
        try:
            return self._known(key, details.external_id)
        except Offering.DoesNotExist:
            by = actor(self.workplaces[key])
            return _enter(Planned(key, kind, details), by=by, now=self.now - timedelta(days=30))

    def _starts(self) -> datetime:
        """This evening; in the evening, soon, but still today."""
        soon = (self.now + timedelta(minutes=60)).astimezone(HELSINKI).replace(minute=0, second=0, microsecond=0)
        evening = datetime.combine(self.today, time(19), HELSINKI)
        return min(max(evening, soon), datetime.combine(self.today, time(23, 30), HELSINKI))

    def _details(self, place: Place, external_id: str, **facts: Any) -> Details:
        details: dict[str, Any] = {
            "sector": place.sector,
            "first_day": self.today,
            "last_day": self.today,
            "price_cents": 2200,
            "external_id": external_id,
        }
        return Details(**{**details, **facts})

    def _tonight(self, place: Place) -> None:
        """An event of this evening with room for all, for the tour."""
        details = self._details(place, f"{LISTED}tonight-{self.today}", starts_at=self._starts(), **_names(place, 0))
        self._entered(place.key, OfferingKind.EVENT, details)

    def _event(self, place: Place, case: str, *, cap: int | None) -> Offering:
        fi, sv, en = _CASES[case]
        details = self._details(
            place,
            f"{LISTED}{case}-{self.today}",
            starts_at=self._starts(),
            name_fi=fi,
            name_sv=sv,
            name_en=en,
            cap=cap,
        )
        return self._entered(place.key, OfferingKind.EVENT, details)

    def _course(self, place: Place) -> Offering:
        """A course of this month and the next."""
        first = month(self.today, 0)
        details = self._details(
            place,
            f"{LISTED}course-{first}",
            first_day=first,
            last_day=month(self.today, 2) - timedelta(days=1),
            price_cents=3800,
            children_welcome=False,
            **_names(place, 0),
        )
        return self._entered(place.key, OfferingKind.COURSE, details)
