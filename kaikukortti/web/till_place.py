"""Where the till stands: today's offering, chosen once and kept in the session, or the venue's own open admission."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.places import places_key, places_now
from kaikukortti.models import Offering, Workplace
from kaikukortti.templatetags.look import local_time
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.policies import EVENT_DAYS
from kaikukortti.terms.roles import RECORDERS, Role
from kaikukortti.web.acting import ActingRequest, open_to

CHOSEN = "till"  # session: the id of the chosen offering, "" for the venue's own open admission
ROWS = 20


@dataclass(frozen=True)
class Place:
    """An offering, or the venue's own open admission, and the day records belong to (rule 33)."""

    venue: Workplace
    day: date
    offering: Offering | None = None

    @property
    def name(self) -> str:
        """What is on, as the till's heading says it."""
        if self.offering is None:
            return gettext("{venue}, open admission").format(venue=self.venue)
        begins = self.offering.starts_at
        return f"{self.offering}, {local_time(begins)}" if begins else str(self.offering)

    @property
    def offering_id(self) -> UUID | None:
        return self.offering.pk if self.offering else None

    @property
    def kind(self) -> OfferingKind:
        return OfferingKind(self.offering.kind) if self.offering else OfferingKind.OPEN


def find_place(actor: Actor, chosen: str, now: datetime) -> Place | None:
    """The chosen offering if the actor may record it, else None; a ticket agent always needs one (rule 32)."""
    today = helsinki_day(now)
    if not chosen:
        return Place(actor.workplace, today) if actor.role == Role.VENUE else None
    try:
        number = UUID(chosen)
    except ValueError:
        return None
    offering = Offering.objects.recordable_by(actor.workplace).select_related("venue").filter(pk=number).first()
    if offering is None:
        return None
    return Place(offering.venue, offering.first_day if offering.kind == OfferingKind.EVENT else today, offering)


def places_left(place: Place) -> int | None:
    """Places left for records of the place's day; None without a cap."""
    if place.offering is None:
        return None
    facts = place.offering.facts
    here = [(facts, place.offering.places)]
    places = places_now(here, [place.day], now=timezone.now()).get(places_key(facts, place.day))
    return places.left if places else None


def chosen_place(request: ActingRequest, now: datetime) -> Place | None:
    """Where this browser's till stands, or None: choose. A venue that has nothing to choose from needs not choose."""
    chosen = request.session.get(CHOSEN)
    if chosen is None and request.actor.role == Role.VENUE and not _anything(request.actor, now):
        chosen = request.session[CHOSEN] = ""
    place = find_place(request.actor, chosen, now) if chosen is not None else None
    if place is None or place.offering is None:
        return place
    over = place.kind == OfferingKind.OPEN and not place.offering.facts.offered_on(place.day)
    return None if over else place


# --- choosing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class On:
    """What may be chosen: today's offerings, the proposed one first."""

    proposed: Offering | None
    others: list[Offering]


def _recordable(actor: Actor, now: datetime) -> Any:
    rows = Offering.objects.recordable_by(actor.workplace).published()
    return rows.filter(cancelled_at__isnull=True, published_at__lte=now).select_related("venue")


def _anything(actor: Actor, now: datetime) -> bool:
    """Whether there is anything to choose between."""
    since = helsinki_day(now) - timedelta(days=EVENT_DAYS)
    return bool(_recordable(actor, now).filter(last_day__gte=since).exists())


def on_today(actor: Actor, now: datetime) -> On:
    """Today's offerings. Proposed is the event that runs now or begins next, else open admission, else a course."""
    today = helsinki_day(now)
    rows = [one for one in _recordable(actor, now).on(today)[: ROWS * 2] if one.facts.offered_on(today)]
    proposed = min(rows, key=lambda one: _distance(one, now), default=None)
    return On(proposed, [one for one in rows if one is not proposed])


def _distance(one: Offering, now: datetime) -> tuple[int, float]:
    """Doors open before an event begins and late-comers are let in: two hours either way beat open admission."""
    if one.kind == OfferingKind.EVENT and one.starts_at:
        away = abs((one.starts_at - now).total_seconds())
        return (0 if away <= 2 * 3600 else 2, away)
    return ({OfferingKind.EVENT: 1, OfferingKind.OPEN: 1, OfferingKind.COURSE: 3}[OfferingKind(one.kind)], 0)


@never_cache
@open_to(*RECORDERS, at_kept_till=True)
def choose(request: ActingRequest) -> HttpResponse:
    """Today's offerings with the running one proposed; coming ones for tickets given in advance; earlier ones."""
    now, actor = timezone.now(), request.actor
    if request.method == "POST":
        chosen = request.POST.get("offering", "")
        if find_place(actor, chosen, now) is None:
            return redirect("till-offering")
        request.session[CHOSEN] = chosen
        return redirect("till")
    today, when = helsinki_day(now), request.GET.get("when")
    if when not in ("coming", "earlier"):
        on = on_today(actor, now)
        return render(
            request, "kaikukortti/till/choose.html", {"on": on, "today": today, "own": actor.role == Role.VENUE}
        )
    rows = _recordable(actor, now)
    if when == "coming":
        rows = rows.filter(kind__in=[OfferingKind.EVENT, OfferingKind.COURSE], first_day__gt=today)
    else:
        since = today - timedelta(days=EVENT_DAYS)
        rows = rows.filter(kind=OfferingKind.EVENT, first_day__lt=today, first_day__gte=since).order_by("-first_day")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    return render(request, "kaikukortti/till/choose.html", {"page_obj": page, "when": when, "query": f"when={when}"})
