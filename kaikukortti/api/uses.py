"""The till's calls: check, record, read back, reverse."""

from datetime import UTC
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field

from kaikukortti.actions.checks import check_card
from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.fields import Code, Day, Flag, Form, Id
from kaikukortti.actions.sent_uses import UseForm
from kaikukortti.actions.uses import MOST_ROWS, first_answer, record_uses
from kaikukortti.api.answers import answer, check_answer, use_answer
from kaikukortti.api.auth import Bearer, acting, forget_if_missed
from kaikukortti.api.described import errors, example
from kaikukortti.api.problems import Broken, Refused, ThreeLanguages, said
from kaikukortti.models import Record
from kaikukortti.rules.corrections import UnknownReason
from kaikukortti.terms.kinds import ReversalReason, Status
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.terms.sellers import Scope

router = Router(tags=["uses"])
checkers = Bearer(*RECORDERS, scope=Scope.CHECK)
recorders = Bearer(*RECORDERS, scope=Scope.RECORD)


class CheckForm(Form):
    code: Code = Field(description=gettext_noop("The card's code as typed or scanned."))
    offering: Id | None = Field(
        default=None, description=gettext_noop("The offering; without one, the venue's open admission today.")
    )
    day: Day | None = Field(default=None, description=gettext_noop("Today (default) or a day of the offering."))


class CheckOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    allowed: bool
    refusal: Refusal | None = Field(description=gettext_noop("Null exactly when the card is allowed."))
    child_places: int = Field(ge=0, description=gettext_noop("Children that can be let in now."))
    assistant: bool = Field(description=gettext_noop("Whether an assistant or interpreter comes in free."))
    message: ThreeLanguages


class UsesForm(Form):
    together: Flag | None = Field(
        default=None,
        description=gettext_noop("True: if any row is refused or conflicts, nothing is written (a family, a group)."),
    )
    uses: list[UseForm] = Field(min_length=1, max_length=MOST_ROWS, description=gettext_noop("1 to 500 records."))


class UseOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: UUID
    status: Status
    refusal: Refusal | None
    message: ThreeLanguages
    covered_cents: int | None = Field(
        default=None, ge=0, description=gettext_noop("What local policy covers of a course; only where one does.")
    )
    remainder_cents: int | None = Field(
        default=None, ge=0, description=gettext_noop("What the holder pays of it; only where a policy covers a part.")
    )


class UsesOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    results: list[UseOut] = Field(description=gettext_noop("In the order of the rows."))


class ReverseForm(Form):
    reason: str | None = Field(
        default=None,
        description=gettext_noop("Needed after 24 hours."),
        json_schema_extra={"enum": [*ReversalReason.values, None]},
    )


NO_REASON = ReverseForm()


class ReverseOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: UUID
    reversed_at: str = Field(json_schema_extra={"format": "date-time"})
    reason: ReversalReason | None
    message: ThreeLanguages


@router.post(
    "/check",
    auth=checkers,
    url_name="check",
    operation_id="check",
    summary=gettext_noop("Check a card"),
    description=gettext_noop(
        "May this card's own ticket be recorded here now? A refusal is an answer, not an error. Nothing is recorded."
    ),
    response={200: CheckOut, **errors(401, 403, 413, 415, 422, 503)},
    openapi_extra=example(
        {"code": "7KM-9QX-2TR7", "offering": None},
        {
            "allowed": True,
            "refusal": None,
            "child_places": 2,
            "assistant": True,
            "message": {
                "fi": "Kortti käy. Oma lippu ja enintään 2 lasta.",
                "sv": "Kortet gäller. Egen biljett och högst 2 barn.",
                "en": "The card is valid. Own ticket and up to 2 children.",
            },
        },
    ),
)
def check(request: HttpRequest, form: CheckForm) -> HttpResponse:
    checked = check_card(form.code, by=acting(request), now=timezone.now(), offering=form.offering, day=form.day)
    forget_if_missed(request, [checked.refusal])
    return answer(check_answer(checked))


@router.post(
    "/uses",
    auth=recorders,
    url_name="record-uses",
    operation_id="record_uses",
    summary=gettext_noop("Record uses"),
    description=gettext_noop(
        "Records 1 to 500 uses; one ticket at the till is a batch of one. Each row gets its own answer, in the order "
        "of the rows. Sending the same rows again is safe: an id that is known gives its first answer."
    ),
    response={200: UsesOut, **errors(401, 403, 413, 415, 422, 503)},
    openapi_extra=example(
        {
            "uses": [
                {
                    "id": "0b7a1a52-4f6e-4f0a-9a55-0d6d3b0f6f10",
                    "code": "7KM9QX2TR7",
                    "offering": None,
                    "day": "2026-10-31",
                    "children": 2,
                }
            ]
        },
        {
            "results": [
                {
                    "id": "0b7a1a52-4f6e-4f0a-9a55-0d6d3b0f6f10",
                    "status": "recorded",
                    "refusal": None,
                    "message": {"fi": "Kirjattu.", "sv": "Registrerat.", "en": "Recorded."},
                }
            ]
        },
    ),
)
def uses(request: HttpRequest, form: UsesForm) -> HttpResponse:
    rows = record_uses(
        [row.as_use() for row in form.uses], by=acting(request), now=timezone.now(), together=form.together or False
    )
    forget_if_missed(request, (row.refusal for row in rows))
    return answer({"results": [use_answer(row) for row in rows]})


def _own_record(request: HttpRequest, id: UUID) -> Record:
    """A record of the calling workplace by the id it made; another workplace's is as good as none."""
    record = Record.objects.recorded_by(acting(request).workplace).filter(client_id=id).first()
    if record is None:
        raise Http404
    return record


@router.get(
    "/uses/{id}",
    auth=recorders,
    url_name="use",
    operation_id="read_use",
    summary=gettext_noop("Read a record's answer"),
    description=gettext_noop("The answer that one of your own records got, by the id you made."),
    response={200: UseOut, **errors(401, 403, 404, 503)},
    openapi_extra=example(
        None,
        {
            "id": "0b7a1a52-4f6e-4f0a-9a55-0d6d3b0f6f10",
            "status": "recorded",
            "refusal": None,
            "message": {"fi": "Kirjattu.", "sv": "Registrerat.", "en": "Recorded."},
        },
    ),
)
def use(request: HttpRequest, id: UUID) -> HttpResponse:
    return answer(use_answer(first_answer(_own_record(request, id))))


@router.post(
    "/uses/{id}/reverse",
    auth=recorders,
    url_name="reverse-use",
    operation_id="reverse_use",
    summary=gettext_noop("Reverse a record"),
    description=gettext_noop(
        "Takes back one of your own records: freely for 24 hours, with a reason for 30 days. Asked again, it gives the "
        "first answer. Children that were added later stand until they are reversed too."
    ),
    response={200: ReverseOut, **errors(401, 403, 404, 413, 415, 422, 503)},
    openapi_extra=example(
        {"reason": "wrong-count"},
        {
            "id": "0b7a1a52-4f6e-4f0a-9a55-0d6d3b0f6f10",
            "reversed_at": "2026-10-31T17:05:12.480215+00:00",
            "reason": "wrong-count",
            "message": {"fi": "Peruttu.", "sv": "Återtaget.", "en": "Reversed."},
        },
    ),
)
def reverse(request: HttpRequest, id: UUID, form: ReverseForm = NO_REASON) -> HttpResponse:
    record = _own_record(request, id)
    if form.reason == "":
        raise Broken("reason", "choice")
    try:
        reversal = reverse_use(record, by=acting(request), now=timezone.now(), reason=form.reason or "")
    except UnknownReason:
        raise Broken("reason", "choice") from None
    if reversal.refusal:
        raise Refused(reversal.refusal)
    assert reversal.at is not None
    told: dict[str, Any] = {
        "id": str(id),
        "reversed_at": reversal.at.astimezone(UTC).isoformat(),
        "reason": reversal.reason or None,
        "message": said(gettext_noop("Reversed.")),
    }
    return answer(told)
