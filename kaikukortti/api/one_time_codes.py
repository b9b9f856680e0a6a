"""One-time codes for a shop's discount field: made for a card, redeemed once, released (rule 24)."""

from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop, override
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from kaikukortti.actions.fields import Code, Count, Day, Form, Id
from kaikukortti.actions.holds import Wish
from kaikukortti.actions.one_time_codes import MadeCode, claim_code, code_of_seller, redeem_code, release_code
from kaikukortti.api.answers import answer, use_answer
from kaikukortti.api.auth import Bearer, acting, forget_if_missed
from kaikukortti.api.described import errors, example
from kaikukortti.api.problems import ThreeLanguages, said
from kaikukortti.models import Hold
from kaikukortti.rules.codes import shown
from kaikukortti.rules.holds import say_number
from kaikukortti.rules.one_time_codes import CodeState, code_state
from kaikukortti.terms.days import in_utc
from kaikukortti.terms.kinds import Status
from kaikukortti.terms.messages import LANGUAGES, in_three, refusal_message
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.terms.sellers import Scope

router = Router(tags=["one-time-codes"])
sellers = Bearer(*RECORDERS, scope=Scope.CODES)
MADE = gettext_noop("Here is the one-time code. It works once.")
ID_OF_ANOTHER = gettext_noop("This id was used before for another record. Nothing was changed.")
NOT_KNOWN = gettext_noop("This one-time code is not known here. Check its characters, or ask for a new one.")
RELEASED = gettext_noop("The places have been given back. The code opens nothing any more.")
NOT_RELEASED = gettext_noop("The code had come to its end before. Nothing was changed.")


class ClaimStatus(StrEnum):
    MADE = "made"
    REFUSED = "refused"
    CONFLICT = "conflict"


class ClaimForm(Form):
    id: Id = Field(
        description=gettext_noop("Made by the sender, new for each code. The same id again gives the same code.")
    )
    code: Code = Field(description=gettext_noop("The card's code as typed or scanned."))
    offering: Id = Field(description=gettext_noop("The offering that the code is for, and no other."))
    day: Day | None = Field(default=None, description=gettext_noop("An event's own day by default; else today."))
    holder: Count | None = Field(
        default=None, description=gettext_noop("1 by default; 0 for children who come later, and on a community card.")
    )
    children: Count | None = Field(default=None, description=gettext_noop("Children who come along, 0 by default."))
    clients: Count | None = Field(default=None, description=gettext_noop("Community card: clients under 16."))
    workers: Count | None = Field(default=None, description=gettext_noop("Community card: the workplace's workers."))

    @model_validator(mode="after")
    def whole(self) -> Self:
        if self.holder is not None and self.holder > 1:
            raise PydanticCustomError("one_holder", "one_holder", {"field": "holder"})
        if not self.wish().places:
            raise PydanticCustomError("no_counts", "no_counts", {"field": "holder"})
        return self

    def wish(self) -> Wish:
        clients, workers = self.clients or 0, self.workers or 0
        own = self.holder == 1 if self.holder is not None else not (clients or workers)
        return Wish(children=self.children or 0, own=own, clients=clients, workers=workers)


class OneTimeCodeOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: UUID = Field(description=gettext_noop("What the code is called in settlements and webhooks; it opens nothing."))
    code: str = Field(description=gettext_noop("For the shop's discount field; spaces, hyphens and case don't matter."))
    number: str = Field(description=gettext_noop("The hold's short number, for a list on paper."))
    places: int = Field(ge=1)
    children: int = Field(ge=0)
    expires_at: str = Field(json_schema_extra={"format": "date-time"})


class Addresses(BaseModel):
    model_config = ConfigDict(extra="forbid")
    fi: str
    sv: str
    en: str


class ClaimOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: UUID
    status: ClaimStatus
    refusal: Refusal | None
    message: ThreeLanguages
    one_time_code: OneTimeCodeOut | None = Field(description=gettext_noop("Only when one was made."))
    wait_list: Addresses | None = Field(
        description=gettext_noop("When the codes have run out: where the holder joins the wait list.")
    )


class RedeemForm(Form):
    id: Id = Field(
        description=gettext_noop("Made by the sender, new for each record. The same id again gives the first answer.")
    )
    one_time_code: Code = Field(description=gettext_noop("What the buyer wrote into the discount field."))
    offering: Id = Field(description=gettext_noop("The offering that is being bought."))
    assistants: Count | None = Field(
        default=None, description=gettext_noop("Assistants or interpreters, always free and outside every limit.")
    )


class RedeemOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: UUID
    status: Status
    refusal: Refusal | None
    message: ThreeLanguages
    one_time_code: UUID | None = Field(description=gettext_noop("The id of the code; null when it is not known here."))
    places: int = Field(ge=0, description=gettext_noop("How many tickets the code stands for, children's included."))
    children: int = Field(ge=0)
    covered_cents: int | None = Field(
        default=None, ge=0, description=gettext_noop("What local policy covers of a course; only where one does.")
    )
    remainder_cents: int | None = Field(
        default=None, ge=0, description=gettext_noop("What the holder pays of it; only where a policy covers a part.")
    )


class ReleaseOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: UUID
    state: CodeState
    message: ThreeLanguages


EVENT = "9f3f6f6e-5a52-4c0c-8a51-3f2b8f0f6a11"
HOLD = "c1f7a3de-2d54-4e6f-9a0b-6a1f0e6d9b21"


@router.post(
    "/one-time-codes",
    auth=sellers,
    url_name="claim-code",
    operation_id="claim_code",
    summary=gettext_noop("Get a one-time code for a card"),
    description=gettext_noop(
        "A neutral code for a shop's discount field, bound to the offering and the number of places, which are kept "
        "until it is used, released or runs out. A card that has a code waiting for this offering gets a new one, and "
        "the former opens nothing any more. A refusal is an answer, not an error."
    ),
    response={200: ClaimOut, **errors(401, 403, 413, 415, 422, 503)},
    openapi_extra=example(
        {"id": "3f0c8f8e-54f4-4f1e-8d8d-0a6d1c1f7b10", "code": "7KM9QX2TR7", "offering": EVENT, "children": 2},
        {
            "id": "3f0c8f8e-54f4-4f1e-8d8d-0a6d1c1f7b10",
            "status": "made",
            "refusal": None,
            "message": {
                "fi": "Tässä on kertakoodi. Se toimii kerran.",
                "sv": "Här är engångskoden. Den fungerar en gång.",
                "en": "Here is the one-time code. It works once.",
            },
            "one_time_code": {
                "id": HOLD,
                "code": "4TZ-8WN-K2QX",
                "number": "K-17",
                "places": 3,
                "children": 2,
                "expires_at": "2026-10-31T16:30:00+00:00",
            },
            "wait_list": None,
        },
    ),
)
def claim(request: HttpRequest, form: ClaimForm) -> HttpResponse:
    made = claim_code(
        form.code,
        form.wish(),
        id=form.id,
        by=acting(request),
        now=timezone.now(),
        offering=form.offering,
        day=form.day,
    )
    forget_if_missed(request, [made.refusal])
    return answer(_claim_answer(form.id, form.offering, made))


def _claim_answer(id: UUID, offering: UUID, made: MadeCode) -> dict[str, Any]:
    if made.conflict:
        status, message = ClaimStatus.CONFLICT, said(ID_OF_ANOTHER)
    elif made.problem is not None:
        label = made.problem.label
        status, message = ClaimStatus.REFUSED, in_three(lambda: str(label))
    elif made.refusal:
        status, message = ClaimStatus.REFUSED, refusal_message(made.refusal, day=made.day, time=made.time)
    else:
        status, message = ClaimStatus.MADE, said(MADE)
    return {
        "id": str(id),
        "status": status,
        "refusal": made.refusal or (Refusal.TOO_LATE_TO_RECORD if made.problem else None),
        "message": message,
        "one_time_code": _code_told(made.code, made.hold) if made.hold else None,
        "wait_list": wait_list(offering) if made.refusal == Refusal.CODES_RUN_OUT else None,
    }


def _code_told(code: str, hold: Hold) -> dict[str, Any]:
    return {
        "id": str(hold.pk),
        "code": shown(code),
        "number": say_number(hold.number),
        "places": hold.places,
        "children": hold.children,
        "expires_at": in_utc(hold.expires_at),
    }


def wait_list(offering: UUID) -> dict[str, str]:
    """Where a holder joins the wait list, with card and secret: the news goes to the phone card only."""
    told = {}
    for language in LANGUAGES:
        with override(language):
            told[language] = reverse("own-code", args=[offering])
    return told


@router.post(
    "/one-time-codes/redeem",
    auth=sellers,
    url_name="redeem-code",
    operation_id="redeem_code",
    summary=gettext_noop("Take in a one-time code"),
    description=gettext_noop(
        "Records the use that the code stands for: the card, the places and the offering are the code's. It works "
        "once; sending the same id again is safe and gives the first answer."
    ),
    response={200: RedeemOut, **errors(401, 403, 413, 415, 422, 503)},
    openapi_extra=example(
        {
            "id": "0b7a1a52-4f6e-4f0a-9a55-0d6d3b0f6f10",
            "one_time_code": "4TZ-8WN-K2QX",
            "offering": EVENT,
        },
        {
            "id": "0b7a1a52-4f6e-4f0a-9a55-0d6d3b0f6f10",
            "status": "recorded",
            "refusal": None,
            "message": {"fi": "Kirjattu.", "sv": "Registrerat.", "en": "Recorded."},
            "one_time_code": HOLD,
            "places": 3,
            "children": 2,
        },
    ),
)
def redeem(request: HttpRequest, form: RedeemForm) -> HttpResponse:
    redeemed = redeem_code(
        form.one_time_code,
        id=form.id,
        by=acting(request),
        now=timezone.now(),
        offering=form.offering,
        assistants=form.assistants or 0,
    )
    forget_if_missed(request, [redeemed.answer.refusal])
    told, hold = use_answer(redeemed.answer), redeemed.hold
    if hold is None and redeemed.answer.refusal == Refusal.CARD_UNKNOWN:
        told["message"] = said(NOT_KNOWN)
    told["one_time_code"] = str(hold.pk) if hold else None
    told["places"], told["children"] = (hold.places, hold.children) if hold else (0, 0)
    return answer(told)


@router.post(
    "/one-time-codes/{id}/release",
    auth=sellers,
    url_name="release-code",
    operation_id="release_code",
    summary=gettext_noop("Release a one-time code"),
    description=gettext_noop(
        "Gives the places of a code back: the basket was emptied, the buyer left. Asked again, it tells what has "
        "become of the code."
    ),
    response={200: ReleaseOut, **errors(401, 403, 404, 413, 415, 503)},
    openapi_extra=example(
        None,
        {
            "id": HOLD,
            "state": "released",
            "message": {
                "fi": "Paikat on palautettu. Koodi ei enää avaa mitään.",
                "sv": "Platserna har lämnats tillbaka. Koden öppnar inte längre något.",
                "en": "The places have been given back. The code opens nothing any more.",
            },
        },
    ),
)
def release(request: HttpRequest, id: UUID) -> HttpResponse:
    by, now = acting(request), timezone.now()
    hold = code_of_seller(id, by=by)
    if hold is None:
        raise Http404
    state = code_state(hold.end, expires_at=hold.expires_at, now=now)
    if state == CodeState.WAITING:
        state = release_code(hold, by=by, now=now)
    message = said(RELEASED if state == CodeState.RELEASED else NOT_RELEASED)
    return answer({"id": str(hold.pk), "state": state, "message": message})
