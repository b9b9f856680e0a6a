"""The sandbox of a demo: every refusal that a till can meet as ready-made calls, and a clean table."""

from typing import Any, Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field

from kaikukortti.actions.sandbox import Case, NoSandbox, lay_sandbox, not_here, sandbox_cases
from kaikukortti.api.answers import answer
from kaikukortti.api.auth import Bearer, acting
from kaikukortti.api.described import errors, example
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.terms.sellers import Scope

router = Router(tags=["sandbox"])


class StepOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    method: Literal["GET", "POST"]
    path: str
    body: dict[str, Any] | None


class CaseOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    refusal: Refusal
    says: str = Field(description=gettext_noop("What the case is, in English."))
    steps: list[StepOut] = Field(description=gettext_noop("Calls to send in this order; the last one is refused."))
    repeat: int = Field(ge=1, description=gettext_noop("How often the steps are sent."))


class CasesOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    cases: list[CaseOut]
    not_here: list[Refusal] = Field(
        description=gettext_noop(
            "Refusals that this token does not meet: lay the sandbox out first, or take the ticket agent's token."
        )
    )


class LaidOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reversed: int
    released: int
    offerings: int = Field(description=gettext_noop("Offerings entered for the sandbox; 0 when they stood already."))


def _case(case: Case) -> dict[str, Any]:
    steps = [{"method": step.method, "path": step.path, "body": step.body} for step in case.steps]
    return {"refusal": case.refusal, "says": case.says, "steps": steps, "repeat": case.repeat}


@router.get(
    "/sandbox",
    auth=Bearer(*RECORDERS, scope=Scope.CHECK),
    url_name="sandbox",
    operation_id="sandbox",
    summary=gettext_noop("List the cases of the sandbox"),
    description=gettext_noop(
        "Only in a demo: for each refusal that a till can meet the calls that bring it about, with stable cards. Lay "
        "the sandbox out first; the ids are new each time."
    ),
    response={200: CasesOut, **errors(401, 403, 404, 503)},
    openapi_extra=example(
        None,
        {
            "cases": [
                {
                    "refusal": "card-blocked",
                    "says": "It was reported lost.",
                    "steps": [
                        {
                            "method": "POST",
                            "path": "/api/v1/check",
                            "body": {"code": "7KM9QX2TR7", "offering": None},
                        }
                    ],
                    "repeat": 1,
                }
            ],
            "not_here": ["region-closed-in"],
        },
    ),
)
def sandbox(request: HttpRequest) -> HttpResponse:
    try:
        cases = sandbox_cases(by=acting(request), now=timezone.now())
    except NoSandbox:
        raise Http404 from None
    return answer({"cases": [_case(case) for case in cases], "not_here": not_here(cases)})


@router.post(
    "/sandbox/reset",
    auth=Bearer(*RECORDERS, scope=Scope.RECORD),
    url_name="reset-sandbox",
    operation_id="reset_sandbox",
    summary=gettext_noop("Lay the sandbox out anew"),
    description=gettext_noop(
        "Only in a demo: reverses today's records of the calling workplace, releases its one-time codes, ends a pause "
        "after unknown codes, and enters the sandbox's offerings of today where they are missing."
    ),
    response={200: LaidOut, **errors(401, 403, 404, 413, 415, 503)},
    openapi_extra=example(None, {"reversed": 3, "released": 1, "offerings": 7}),
)
def reset(request: HttpRequest) -> HttpResponse:
    try:
        laid = lay_sandbox(by=acting(request), now=timezone.now())
    except NoSandbox:
        raise Http404 from None
    return answer({"reversed": laid.reversed, "released": laid.released, "offerings": laid.offerings})
