"""What the calling venue or ticket agent may record for."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from kaikukortti.actions.fields import EMPTY_IS_MISSING, Day, Form, Text
from kaikukortti.actions.places import places_key, places_now
from kaikukortti.api.answers import answer
from kaikukortti.api.auth import Bearer, acting
from kaikukortti.api.described import errors, example
from kaikukortti.models import Offering
from kaikukortti.rules.situation import Places
from kaikukortti.terms.days import helsinki_day, in_utc
from kaikukortti.terms.kinds import OfferingKind, Sector
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.terms.sellers import Scope

MOST_OFFERINGS = 500

router = Router(tags=["offerings"])


class OfferingsWanted(Form):
    model_config = ConfigDict(extra="ignore")
    day: Annotated[Day | None, EMPTY_IS_MISSING] = Field(
        default=None, description=gettext_noop("Offerings of this day; today, unless an external id is given.")
    )
    external_id: Annotated[Text | None, EMPTY_IS_MISSING] = Field(
        default=None, description=gettext_noop("The seller's own number of the offering.")
    )


class Names(BaseModel):
    model_config = ConfigDict(extra="forbid")
    fi: str
    sv: str
    en: str


class OfferingOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: UUID
    external_id: str | None
    names: Names
    venue: Names
    kind: OfferingKind
    sector: Sector
    day: str = Field(
        json_schema_extra={"format": "date"},
        description=gettext_noop("An event's day, the first day of a course, the asked day of open admission."),
    )
    first_day: str = Field(json_schema_extra={"format": "date"})
    last_day: str = Field(json_schema_extra={"format": "date"})
    starts_at: str | None = Field(json_schema_extra={"format": "date-time"})
    place: str
    price_cents: int | None = Field(description=gettext_noop("List price in cents; null when not told."))
    places_left: int | None = Field(description=gettext_noop("Kaiku Card places left; null without a cap."))
    children_places_left: int | None = Field(description=gettext_noop("Of them for children; null without a cap."))
    cancelled: bool


class OfferingsOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    offerings: list[OfferingOut]


def _told(one: Offering, day: date, places: Places) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "external_id": one.external_id or None,
        "names": one.in_three,
        "venue": one.venue.in_three,
        "kind": one.kind,
        "sector": one.sector,
        "day": day.isoformat(),
        "first_day": one.first_day.isoformat(),
        "last_day": one.last_day.isoformat(),
        "starts_at": in_utc(one.starts_at),
        "place": one.place,
        "price_cents": one.price_cents,
        "places_left": places.left,
        "children_places_left": places.children_left,
        "cancelled": one.cancelled_at is not None,
    }


@router.get(
    "/offerings",
    auth=Bearer(*RECORDERS, scope=Scope.OFFERINGS),
    url_name="offerings",
    operation_id="list_offerings",
    summary=gettext_noop("List offerings"),
    description=gettext_noop(
        "The published offerings of the calling venue, or those of a ticket agent's venues that agents sell, with the "
        "places left. At most 500."
    ),
    response={200: OfferingsOut, **errors(401, 403, 422, 503)},
    openapi_extra=example(
        None,
        {
            "offerings": [
                {
                    "id": "9f3f6f6e-5a52-4c0c-8a51-3f2b8f0f6a11",
                    "external_id": "L-2031",
                    "names": {"fi": "Syyskonsertti", "sv": "Höstkonsert", "en": "Autumn concert"},
                    "venue": {"fi": "Kaupunginteatteri", "sv": "Stadsteatern", "en": "City Theatre"},
                    "kind": "event",
                    "sector": "culture",
                    "day": "2026-10-31",
                    "first_day": "2026-10-31",
                    "last_day": "2026-10-31",
                    "starts_at": "2026-10-31T17:00:00+00:00",
                    "place": "Suuri näyttämö",
                    "price_cents": 2800,
                    "places_left": 12,
                    "children_places_left": None,
                    "cancelled": False,
                }
            ]
        },
    ),
)
def offerings(request: HttpRequest, wanted: Annotated[OfferingsWanted, Query()]) -> HttpResponse:
    now = timezone.now()
    today = helsinki_day(now)
    rows = Offering.objects.recordable_by(acting(request).workplace).filter(published_at__lte=now)
    if wanted.external_id:
        rows = rows.filter(external_id=wanted.external_id)
    day = wanted.day or (None if wanted.external_id else today)
    if day:
        rows = rows.on(day)
    found = [one for one in rows.select_related("venue")[:MOST_OFFERINGS] if day is None or one.facts.offered_on(day)]
    of_day = day or today
    places = places_now([(one.facts, one.places) for one in found], {of_day}, now=now)
    told = []
    for one in found:
        key = places_key(one.facts, of_day)
        told.append(_told(one, key[1], places.get(key, Places())))
    return answer({"offerings": told})
