"""What's on near me: this week in a municipality, for everyone. Nothing is remembered but the page's own address.

Where nothing is on, what is on close by stands in: the rest of the card's area, then the areas around it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from kaikukortti.actions.places import places_key, places_now
from kaikukortti.models import Municipality, Offering
from kaikukortti.models.snapshot import network
from kaikukortti.paper.pdf import draw_pdf
from kaikukortti.rules.holds import seats_are_out
from kaikukortti.rules.network import Network
from kaikukortti.rules.situation import Places
from kaikukortti.templatetags.look import local_date, local_number, local_time
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import Accessibility, OfferingKind
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.figures import visitor
from kaikukortti.web.previews import listed
from kaikukortti.web.public_words import by_name, say_weekdays

WEEK = timedelta(days=6)  # today and the six days after it
MOST = 40  # so many are shown on a page, and half as many on a slip
READ = 200  # so many are read to find them
FEW = 5  # so many places or fewer are "a few": the page tells no numbers


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page's address asks for."""

    municipality: str = ""
    children: bool = False
    accessible: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> "Wish":
        asked = request.GET
        return cls(asked.get("municipality", "")[:3], asked.get("children") == "1", asked.get("accessible") == "1")

    @property
    def address(self) -> str:
        chosen = {"municipality": self.municipality}
        chosen |= {name: "1" for name in ("children", "accessible") if getattr(self, name)}
        return urlencode(chosen)


@dataclass(frozen=True, slots=True)
class On:
    """One offering as a holder reads it. `places`: "" where no limit is set, else yes, few or none."""

    offering: Offering
    day: date
    when: str
    places: str
    accessibility: str
    price: str
    # Tonight's empty seats were released to everyone.
    free_tonight: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The week: what is open day after day, and the rest by day. `wider` says that it is from further off."""

    open: list[On] = field(default_factory=list)
    days: list[tuple[date, list[On]]] = field(default_factory=list)
    wider: bool = False
    more: bool = False

    def __bool__(self) -> bool:
        return bool(self.open or self.days)


def open_municipalities(known: Network, today: date) -> list[Municipality]:
    """Where the card is valid today, in the order of the page's language."""
    rows = Municipality.objects.valid_on(today)
    return sorted((one for one in rows if _is_open(known, one.code, today)), key=lambda one: by_name(one.name))


def _is_open(known: Network, code: str, today: date) -> bool:
    return known.open_on(known.region_of_municipality(code, today), today)


def close_by(known: Network, places: Sequence[Municipality], here: Municipality, today: date) -> list[str]:
    """The municipalities of the same area, of the same province and of the same wellbeing area, where the card is
    valid: the register knows no map."""
    region = known.region_of_municipality(here.code, today)
    return [
        one.code
        for one in places
        if one != here
        and (
            known.region_of_municipality(one.code, today) == region
            or one.province_id == here.province_id
            or one.wellbeing_area_id == here.wellbeing_area_id
        )
    ]


def week_in(codes: Iterable[str], wish: Wish, now: datetime, *, most: int = MOST) -> Found:
    """Published and not cancelled, from now until the week's end (three questions to the database at most)."""
    today = helsinki_day(now)
    codes = list(codes)
    rows = (
        Offering.objects.published()
        .filter(Q(municipality__in=codes) | Q(municipality__isnull=True, venue__municipality__in=codes))
        .filter(cancelled_at__isnull=True, published_at__lte=now)
        .filter(first_day__lte=today + WEEK, last_day__gte=today)
        .filter(Q(venue__until__isnull=True) | Q(venue__until__gte=today), venue__since__lte=today + WEEK)
        .filter(Q(kind=OfferingKind.OPEN) | Q(first_day__gte=today))
        .exclude(starts_at__lt=now)
        .select_related("venue__municipality", "municipality")
        .order_by("first_day", "starts_at", "name_fi", "pk")
    )
    if wish.children:
        rows = rows.filter(children_welcome=True)
    found = [
        (one, day)
        for one in rows[:READ]
        if (day := next_day(one, today)) and (one.accessibility or not wish.accessible)
    ]
    shown, more = _fitting(found, most)
    places = places_now([(one.facts, one.places) for one, _day in shown], {day for _one, day in shown}, now=now)
    on = [_on(one, day, places, now) for one, day in shown]
    dated = [one for one in on if one.offering.kind != OfferingKind.OPEN]
    dated.sort(key=lambda one: (one.day, not one.free_tonight))  # what is free tonight comes first
    by_day = [(day, list(rows)) for day, rows in groupby(dated, key=lambda one: one.day)]
    return Found([one for one in on if one.offering.kind == OfferingKind.OPEN], by_day, more=more)


def _fitting(found: Sequence[tuple[Offering, date]], most: int) -> tuple[list[tuple[Offering, date]], bool]:
    """At most so many, of which a third are open day after day: those are there next week too."""
    doors = [pair for pair in found if pair[0].kind == OfferingKind.OPEN]
    dated = [pair for pair in found if pair[0].kind != OfferingKind.OPEN]
    room = max(most // 3, most - len(dated))
    return [*doors[:room], *dated[: most - len(doors[:room])]], len(doors) > room or len(doors[:room]) + len(
        dated
    ) > most


def next_day(one: Offering, today: date) -> date | None:
    """Its first day within the week."""
    days = (today + timedelta(days=ahead) for ahead in range(WEEK.days + 1))
    return next((day for day in days if one.facts.offered_on(day)), None)


def _on(one: Offering, day: date, places: dict[Any, Places], now: datetime) -> On:
    known = places.get(places_key(one.facts, day))
    left = known.left if known else None
    if one.kind == OfferingKind.OPEN:
        when = say_weekdays(one.weekdays)
        if one.last_day < day + timedelta(days=60):
            when = gettext("{days}, until {day}").format(days=when, day=local_date(one.last_day))
    elif one.starts_at:
        when = local_time(one.starts_at)
    else:
        when = gettext("Course begins") if one.kind == OfferingKind.COURSE else ""
    labels = [str(Accessibility(value).label) for value in one.accessibility if value in Accessibility.values]
    said = listed(labels)
    return On(
        one,
        day,
        when,
        places="" if left is None else "none" if not left else "few" if left <= FEW else "yes",
        accessibility=said[:1].upper() + said[1:],
        price=_price(one),
        free_tonight=left != 0 and seats_are_out(one.facts, one.released_at, now=now),
    )


def _price(one: Offering) -> str:
    if not one.price_cents:
        return ""
    whole = one.price_cents % 100 == 0
    return gettext("{price} € without the card").format(price=local_number(one.price_cents / 100, 0 if whole else 2))


def look_round(known: Network, places: Sequence[Municipality], wish: Wish, now: datetime, *, most: int = MOST) -> Found:
    """The week in the chosen municipality, or close by where nothing is on there."""
    here = next((one for one in places if one.code == wish.municipality), None)
    if here is None:
        return Found()
    found = week_in([here.code], wish, now, most=most)
    if found:
        return found
    wider = week_in(close_by(known, places, here, helsinki_day(now)), wish, now, most=most)
    return Found(wider.open, wider.days, wider=True, more=wider.more)


@require_safe
def near(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    known, today = network(), helsinki_day(now)
    visitor(request, now)
    wish = Wish.of(request)
    places = open_municipalities(known, today)
    chosen = next((one for one in places if one.code == wish.municipality), None)
    context = {
        "wish": wish,
        "places": places,
        "chosen": chosen,
        "found": look_round(known, places, wish, now) if chosen else Found(),
        "today": today,
        "last": today + WEEK,
    }
    return render(request, "kaikukortti/near/near.html", context)


@open_to(Role.ISSUER, Role.COORDINATOR, Role.NATIONAL)
def slip(request: ActingRequest) -> HttpResponse:
    """The same week on an A5 for the next meeting. It names no card and nobody."""
    now = timezone.now()
    known, today = network(), helsinki_day(now)
    wish = Wish.of(request)
    if not wish.municipality:
        wish = Wish(request.actor.workplace.municipality_id, wish.children, wish.accessible)
    places = open_municipalities(known, today)
    chosen = next((one for one in places if one.code == wish.municipality), None)
    if chosen is None:
        return redirect(f"{reverse('near')}?{wish.address}")
    context = {
        "chosen": chosen,
        "found": look_round(known, places, wish, now, most=MOST // 2),
        "today": today,
        "last": today + WEEK,
        "address": request.build_absolute_uri(f"{reverse('near')}?{wish.address}"),
    }
    drawn = draw_pdf("kaikukortti/paper/near_slip.html", context, language=get_language() or "fi")
    response = HttpResponse(drawn, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="kaikukortti-{slugify(chosen.name)}-{today:%Y-%m-%d}.pdf"'
    return response
