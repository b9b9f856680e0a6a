"""Pages for everyone: what the card is, how to get one, where it is valid, why to join, and how to give feedback.

They read the network as it stands today and store nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, override
from django.views.decorators.http import require_safe

from kaikukortti.actions.places import places_now
from kaikukortti.models import Municipality, Offering, Region, Workplace
from kaikukortti.models.snapshot import network
from kaikukortti.rules.holds import seats_are_out
from kaikukortti.rules.network import Network
from kaikukortti.rules.situation import Places
from kaikukortti.templatetags.look import local_date, local_time
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import Accessibility, OfferingKind, Sector
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.roles import Role
from kaikukortti.web.figures import visitor
from kaikukortti.web.previews import listed
from kaikukortti.web.privacy import controller_on
from kaikukortti.web.public_words import (
    Standing,
    by_name,
    say_crossing,
    say_exceptions,
    say_other_exceptions,
    say_planned_crossing,
    say_standing,
    say_weekdays,
    switches,
)

SOON = timedelta(days=13)  # the coming two weeks, today included
MOST_COMING = 30
MOST_OPEN = 10  # of those, open admission
MANY_PLACES = 80  # of more than these the page tells name and municipality; their own pages tell the rest
READ = 200  # so many are read to find them; a venue of several regions may have some on elsewhere


# --- regions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Area:
    """A region as the public meets it."""

    region: Region
    standing: Standing
    municipalities: list[Municipality]
    crossing: str = ""  # said where the region is closed one way or the other

    @property
    def name(self) -> str:
        return self.region.name

    @property
    def phase(self) -> str:
        return self.standing.phase.value

    @property
    def state(self) -> str:
        return self.standing.sentence

    @property
    def url(self) -> str:
        return reverse("area", args=[self.region.slug])

    @property
    def counted(self) -> str:
        """How many municipalities, where they are several."""
        number = len(self.municipalities)
        return ngettext("{n} municipality", "{n} municipalities", number).format(n=number) if number > 1 else ""

    @property
    def lines(self) -> list[str]:
        return [line for line in (self.standing.line, self.counted, self.crossing) if line]


def areas_on(known: Network, today: date) -> list[Area]:
    """Every region with something to say, sorted by its name in the page's language."""
    members: dict[int, list[Municipality]] = {}
    for one in Municipality.objects.valid_on(today):
        number = known.region_of_municipality(one.code, today)
        if number is not None:
            members.setdefault(number, []).append(one)
    found = []
    for region in Region.objects.all():
        standing = say_standing(known.phases.get(region.pk, ()), today)
        if standing is not None:
            its_own = sorted(members.get(region.pk, []), key=lambda one: by_name(one.name))
            closed = standing.open and switches(known, region.pk, today) != (True, True)
            crossing = say_crossing(known, region.pk, today) if closed else ""
            found.append(Area(region, standing, its_own, crossing))
    return sorted(found, key=lambda area: by_name(area.name))


def _network_words(areas: Sequence[Area]) -> dict[str, Any]:
    """The list of areas with what is said above it."""
    open_now = [area for area in areas if area.standing.open]
    number = sum(len(area.municipalities) for area in open_now)
    phases = {area.standing.phase for area in areas}
    return {
        "areas": areas,
        "open_areas": open_now,
        "exceptions": say_exceptions([area.name for area in open_now if area.crossing]) if open_now else "",
        "reach": ngettext("Taking part now: {n} municipality.", "Taking part now: {n} municipalities.", number).format(
            n=number
        )
        if number
        else "",
        "with_ended": "ended" in phases,
        "with_interested": "interested" in phases,
    }


def _here() -> tuple[Network, datetime, date]:
    now = timezone.now()
    return network(), now, helsinki_day(now)


# --- pages --------------------------------------------------------------------------------------------------------


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    known, now, today = _here()
    visitor(request, now)
    return render(request, "kaikukortti/public/front.html", _network_words(areas_on(known, today)))


@require_safe
def how(request: HttpRequest) -> HttpResponse:
    known, now, today = _here()
    visitor(request, now)
    answer = _network_words(areas_on(known, today)) | {"child_age": known.policy(Policy.CHILD_AGE, today)}
    return render(request, "kaikukortti/public/how.html", answer)


@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """Every region, every municipality, and the venues that stand outside the regions for a time (rule 14)."""
    known, now, today = _here()
    visitor(request, now)
    found = areas_on(known, today)
    places = [(one, area) for area in found if area.standing.open for one in area.municipalities]
    outside = Workplace.objects.filter(role=Role.VENUE, admitted_since__lte=today, admitted_until__gte=today)
    answer = _network_words(found) | {
        "places": sorted(places, key=lambda pair: by_name(pair[0].name)),
        "outside": outside.active_on(today).select_related("municipality"),
    }
    return render(request, "kaikukortti/public/areas.html", answer)


@require_safe
def area(request: HttpRequest, slug: str) -> HttpResponse:
    """One region: who gives cards, where they are valid, what is on, and who answers."""
    known, now, today = _here()
    visitor(request, now)
    found = areas_on(known, today)
    here = next((one for one in found if one.region.slug == slug), None)
    if here is None:
        raise Http404
    workplaces = _workplaces(here.region, today)
    venues = [one for one in workplaces if one.role == Role.VENUE]
    others = [one.name for one in found if one.crossing and one is not here]
    crossing = say_crossing(known, here.region.pk, today)
    if not here.crossing and others:
        crossing = f"{crossing} {say_other_exceptions(others)}"
    answer = {
        "area": here,
        "crossing": crossing if here.standing.open else "",
        "planned_crossing": say_planned_crossing(known, here.region.pk, today),
        "after_the_end": here.standing.phase == "ended" and switches(known, here.region.pk, today)[0],
        "joining": _joining(known, here, today),
        "brief": len(workplaces) > MANY_PLACES,
        "issuers": [one for one in workplaces if one.role == Role.ISSUER],
        "sectors": _by_sector(venues),
        "coordinators": [one for one in workplaces if one.role == Role.COORDINATOR],
        "coming": coming(known, here.region.pk, venues, now) if here.standing.open else Coming(),
        "today": today,
    }
    return render(request, "kaikukortti/public/area.html", answer)


@require_safe
def partners(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    visitor(request, now)
    return render(request, "kaikukortti/public/partners.html", {"controller": controller_on(now)})


@require_safe
def feedback(request: HttpRequest) -> HttpResponse:
    """Where feedback goes: links only. A form here would sooner or later hold a holder's name."""
    known, now, today = _here()
    visitor(request, now)
    answer = {
        "areas": [one for one in areas_on(known, today) if one.standing.open],
        "controller": controller_on(now),
    }
    return render(request, "kaikukortti/public/feedback.html", answer)


# --- what a region's page shows -----------------------------------------------------------------------------------


def _workplaces(region: Region, today: date) -> list[Workplace]:
    """The region's issuers, venues and coordinators of today; a venue comes with those who sell for it."""
    agents = Workplace.objects.filter(role=Role.TICKET_AGENT).active_on(today)
    rows = (
        Workplace.objects.filter(Q(home_region=region) | Q(regions=region))
        .filter(role__in=[Role.ISSUER, Role.VENUE, Role.COORDINATOR])
        .active_on(today)
        .select_related("municipality")
        .prefetch_related(Prefetch("agents", queryset=agents))
        .distinct()
    )
    return sorted(rows, key=lambda one: by_name(one.name))


def _by_sector(venues: Sequence[Workplace]) -> list[tuple[Sector, list[Workplace]]]:
    found = [(sector, [one for one in venues if one.sector == sector]) for sector in Sector]
    return [(sector, rows) for sector, rows in found if rows]


def _joining(known: Network, here: Area, today: date) -> list[str]:
    """Municipalities that are going to join or leave."""
    planned = [
        (since, code, region == here.region.pk)
        for code, rows in known.memberships.items()
        for since, region in rows
        if since > today and (region == here.region.pk) != (known.region_of_municipality(code, today) == here.region.pk)
    ]
    names = {one.code: one.name for one in Municipality.objects.filter(code__in=[code for _, code, _ in planned])}
    return [
        (gettext("From {day} on also {name}.") if joins else gettext("{name} until {day}.")).format(
            day=local_date(since if joins else since - timedelta(days=1)), name=names[code]
        )
        for since, code, joins in sorted(planned)
    ]


@dataclass(frozen=True, slots=True)
class On:
    """One offering as the public reads it."""

    offering: Offering
    when: str
    accessibility: str
    full: bool
    # Tonight's empty seats were released to everyone.
    free_tonight: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """The region's offerings of the next two weeks: what is open day after day, and the rest by day."""

    open: list[On] = field(default_factory=list)
    days: list[tuple[date, list[On]]] = field(default_factory=list)
    more: bool = False


def coming(known: Network, region: int, venues: Sequence[Workplace], now: datetime) -> Coming:
    """Published, not cancelled, in this region, at most thirty in all (two questions to the database)."""
    today = helsinki_day(now)
    rows = (
        Offering.objects.published()
        .filter(venue__in=venues, cancelled_at__isnull=True, published_at__lte=now)
        .filter(first_day__lte=today + SOON, last_day__gte=today)
        .select_related("venue__municipality", "municipality")
    )
    open_rows = rows.filter(kind=OfferingKind.OPEN).order_by("venue__name_fi", "name_fi", "pk")[:READ]
    dated_rows = (
        rows.exclude(kind=OfferingKind.OPEN)
        .filter(first_day__gte=today)
        .exclude(starts_at__lt=now)
        .order_by("first_day", "starts_at", "name_fi", "pk")[:READ]
    )
    doors = [_on(one, now) for one in open_rows if _is_here(known, one, region, today) and _opens(one, today)]
    coming_rows = [one for one in dated_rows if _is_here(known, one, region, today)]
    # Asked anew where places are kept: what has run out keeps nothing.
    places = places_now([(one.facts, one.places) for one in coming_rows], [], now=now)
    dated = [_on(one, now, places.get((one.pk, one.first_day))) for one in coming_rows]
    dated.sort(key=lambda one: (one.offering.first_day, not one.free_tonight))  # what is free tonight comes first
    doors, more = doors[:MOST_OPEN], len(doors) > MOST_OPEN
    shown = dated[: MOST_COMING - len(doors)]
    by_day = [(day, list(rows)) for day, rows in groupby(shown, key=lambda one: one.offering.first_day)]
    return Coming(doors, by_day, more or len(shown) < len(dated))


def _is_here(known: Network, one: Offering, region: int, today: date) -> bool:
    """Whether the place of use lies in the region (rules 14, 16)."""
    venue = known.workplaces.get(one.venue_id)
    if venue is None:
        return False
    return known.region_at(venue, one.municipality_id or venue.municipality, today) == region


def _opens(one: Offering, today: date) -> bool:
    """Whether its doors open within the two weeks at all."""
    days = (today + timedelta(days=ahead) for ahead in range(SOON.days + 1))
    return any(one.facts.offered_on(day) for day in days)


def _on(one: Offering, now: datetime, places: Places | None = None) -> On:
    if one.kind == OfferingKind.OPEN:
        when = say_weekdays(one.weekdays)
        if one.last_day < one.first_day + timedelta(days=360):
            when = gettext("{days}, until {day}").format(days=when, day=local_date(one.last_day))
    elif one.starts_at:
        when = local_time(one.starts_at)
    else:
        when = gettext("Course begins") if one.kind == OfferingKind.COURSE else ""
    labels = [str(Accessibility(value).label) for value in one.accessibility if value in Accessibility.values]
    said = listed(labels)
    left = places.left if places else None
    free_tonight = left != 0 and seats_are_out(one.facts, one.released_at, now=now)
    return On(one, when, said[:1].upper() + said[1:], full=left == 0, free_tonight=free_tonight)


# --- for search engines -------------------------------------------------------------------------------------------

LANGUAGES = ("fi", "sv", "en")
PAGES = ("front", "how", "areas", "near", "partners", "feedback", "yearly", "accessibility", "privacy")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """A demo asks not to be found; a register asks to be found without its one-time links."""
    if settings.DEMO:
        lines = ["User-agent: *", "Disallow: /"]
    else:
        hidden = [f"Disallow: /{language}/{page}/" for language in LANGUAGES for page in ("come-in", "my")]
        lines = [
            "User-agent: *",
            *hidden,
            "Disallow: /my/",
            "Disallow: /api/",
            f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
        ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page in its three languages."""
    known, _now, today = _here()
    slugs = [one.region.slug for one in areas_on(known, today)]
    places: list[dict[str, str]] = []
    for name, args in [*((name, []) for name in PAGES), *(("area", [slug]) for slug in slugs)]:
        place = {}
        for language in LANGUAGES:
            with override(language):
                place[language] = request.build_absolute_uri(reverse(name, args=args))
        places.append(place)
    return render(request, "kaikukortti/public/sitemap.xml", {"places": places}, content_type="application/xml")
