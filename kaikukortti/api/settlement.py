"""The settlement file of an offering: what a seller and its venue compare their books by."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from kaikukortti.actions.fields import Form, Id
from kaikukortti.actions.settlement import (
    Mismatch,
    Settlement,
    Totals,
    as_csv,
    as_row,
    find_to_settle,
    in_utc,
    settlement_of,
)
from kaikukortti.api.answers import answer
from kaikukortti.api.auth import Bearer, acting
from kaikukortti.api.described import errors, example
from kaikukortti.api.offerings import Names
from kaikukortti.rules.one_time_codes import CodeState
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.terms.sellers import Scope

router = Router(tags=["settlement"])


class SettlementWanted(Form):
    model_config = ConfigDict(extra="ignore")
    offering: Id = Field(description=gettext_noop("The offering to settle."))
    format: Literal["json", "csv"] = Field(default="json", description=gettext_noop("JSON by default."))


class ReturnedOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    released: int
    expired: int
    reissued: int
    cancelled: int


class SellerOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    seller: Names
    issued: int
    waiting: int
    redeemed: int
    returned: ReturnedOut
    places: int = Field(description=gettext_noop("Places of the redeemed codes whose use stands."))
    children: int
    mismatches: dict[Mismatch, int]


class LineOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    seller: str
    one_time_code: UUID | None = Field(description=gettext_noop("Null for a use that came without a code."))
    issued_at: str | None = Field(json_schema_extra={"format": "date-time"})
    state: CodeState | None
    ended_at: str | None = Field(json_schema_extra={"format": "date-time"})
    places: int
    children: int
    use: UUID | None = Field(description=gettext_noop("The id that the seller made for the record."))
    mismatch: Mismatch | None


class SettlementOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    offering: UUID
    external_id: str | None
    names: Names
    as_of: str = Field(json_schema_extra={"format": "date-time"})
    sellers: list[SellerOut]
    lines: list[LineOut]


def _seller(one: Totals) -> dict[str, Any]:
    return {
        "seller": one.seller.in_three,
        "issued": one.issued,
        "waiting": one.waiting,
        "redeemed": one.redeemed,
        "returned": one.returned,
        "places": one.places,
        "children": one.children,
        "mismatches": one.mismatches,
    }


def _told(settlement: Settlement) -> dict[str, Any]:
    return {
        "offering": str(settlement.offering.pk),
        "external_id": settlement.offering.external_id or None,
        "names": settlement.offering.in_three,
        "as_of": in_utc(settlement.as_of),
        "sellers": [_seller(one) for one in settlement.sellers],
        "lines": [as_row(line) for line in settlement.lines],
    }


EVENT = "9f3f6f6e-5a52-4c0c-8a51-3f2b8f0f6a11"


@router.get(
    "/settlement",
    auth=Bearer(*RECORDERS, scope=Scope.SETTLEMENT),
    url_name="settlement",
    operation_id="settlement",
    summary=gettext_noop("Settle an offering"),
    description=gettext_noop(
        "Every one-time code of an offering with what became of it, in JSON or CSV: of all sellers for the venue, else "
        "the calling seller's own. Mismatches are redeemed codes whose use was reversed later and a ticket agent's "
        "uses that came without a code. No card stands in it."
    ),
    response={200: SettlementOut, **errors(401, 403, 404, 422, 503)},
    openapi_extra=example(
        None,
        {
            "offering": EVENT,
            "external_id": "L-2031",
            "names": {"fi": "Syyskonsertti", "sv": "Höstkonsert", "en": "Autumn concert"},
            "as_of": "2026-11-01T08:00:00+00:00",
            "sellers": [
                {
                    "seller": {"fi": "Lippuluukku", "sv": "Lippuluukku", "en": "Lippuluukku"},
                    "issued": 1,
                    "waiting": 0,
                    "redeemed": 1,
                    "returned": {"released": 0, "expired": 0, "reissued": 0, "cancelled": 0},
                    "places": 3,
                    "children": 2,
                    "mismatches": {"redeemed-and-reversed": 0, "use-without-a-code": 0, "redeemed-by-another": 0},
                }
            ],
            "lines": [
                {
                    "seller": "Lippuluukku",
                    "one_time_code": "c1f7a3de-2d54-4e6f-9a0b-6a1f0e6d9b21",
                    "issued_at": "2026-10-30T09:12:04+00:00",
                    "state": "redeemed",
                    "ended_at": "2026-10-30T09:15:40+00:00",
                    "places": 3,
                    "children": 2,
                    "use": "0b7a1a52-4f6e-4f0a-9a55-0d6d3b0f6f10",
                    "mismatch": None,
                }
            ],
        },
    ),
)
def settlement(request: HttpRequest, wanted: Annotated[SettlementWanted, Query()]) -> HttpResponse:
    here = acting(request).workplace
    offering = find_to_settle(wanted.offering, workplace=here)
    if offering is None:
        raise Http404
    made = settlement_of(offering, workplace=here, now=timezone.now())
    if wanted.format == "csv":
        return HttpResponse(as_csv(made.lines), content_type="text/csv; charset=utf-8")
    return answer(_told(made))
