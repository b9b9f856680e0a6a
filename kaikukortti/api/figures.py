"""The yearly national table, for everyone."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from kaikukortti.actions.fields import Form
from kaikukortti.api.answers import answer
from kaikukortti.api.auth import OptionalBearer, national
from kaikukortti.api.described import errors, example
from kaikukortti.figures.yearly import COLUMNS, as_csv, as_objects, live_table, published_table
from kaikukortti.terms.sellers import Scope

router = Router(tags=["figures"])


class FiguresWanted(Form):
    model_config = ConfigDict(extra="ignore")
    format: Literal["json", "csv"] = Field(default="json", description=gettext_noop("JSON by default."))


class YearOut(BaseModel):
    """A year of the national table, its columns in the order of the published one."""

    model_config = ConfigDict(extra="forbid")
    year: int
    cards_registered: int
    cards_taken_into_use: int
    adult_culture: int
    adult_education: int
    adult_science: int
    adult_sport: int
    child_culture: int
    child_education: int
    child_science: int
    child_sport: int
    uses_total: int
    municipalities: int


EXAMPLE = (2023, 16812, 6404, 20113, 1822, 1203, 22524, 4211, 12, 801, 3410, 54096, 95)


@router.get(
    "/figures/yearly",
    auth=OptionalBearer(scope=Scope.FIGURES),
    url_name="figures-yearly",
    operation_id="yearly_figures",
    summary=gettext_noop("The yearly national table"),
    description=gettext_noop(
        "One object or line a year. Without a token: closed years as stored at the close, every other year as the "
        "register stood at the end of the last full month. With the national service's token: as it stands now."
    ),
    response={200: list[YearOut], **errors(401, 403, 422, 503)},
    openapi_extra=example(None, [dict(zip(COLUMNS, EXAMPLE, strict=True))]),
)
def yearly(request: HttpRequest, wanted: Annotated[FiguresWanted, Query()]) -> HttpResponse:
    now = timezone.now()
    rows = live_table(now) if national(request) else published_table(now)
    if wanted.format == "csv":
        return HttpResponse(as_csv(rows), content_type="text/csv; charset=utf-8")
    return answer(as_objects(rows))
