"""What went wrong, as RFC 9457 problem+json: always a `refusal` (or null) and a `message` in three languages.

No problem repeats what was sent: a code, a birth year or a postal code never comes back in an error.
"""

import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig, SuspiciousOperation
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext, gettext_noop
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, ConfigDict, Field

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.terms.messages import Message, in_three, refusal_message
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.sellers import Scope

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 100

log = logging.getLogger("kaikukortti.calls")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem; `slug` is its anchor on the human page, `says` its sentence (translated)."""

    slug: str
    status: int
    title: str
    says: str

    @property
    def type(self) -> str:
        return f"/api/v1/docs#problem-{self.slug}"


NO_TOKEN = Kind(
    "no-token",
    401,
    gettext_noop("Token missing or not valid"),
    gettext_noop("Send the workplace's own token in the Authorization header. A revoked token opens nothing."),
)
NOT_OPEN = Kind(
    "not-open",
    403,
    gettext_noop("Not open to this workplace"),
    gettext_noop("This call is meant for workplaces with another role."),
)
ENDED = Kind(
    "workplace-ended",
    403,
    gettext_noop("The workplace has left the network"),
    gettext_noop("The workplace of this token has left the network. The area's coordinator can tell more."),
)
OUTSIDE_SCOPE = Kind(
    "outside-scope",
    403,
    gettext_noop("The token is not meant for this"),
    gettext_noop("This token was made for other calls; scope names what it would need. Make another token for this."),
)
UNREADABLE = Kind(
    "unreadable",
    400,
    gettext_noop("The request could not be read"),
    gettext_noop("The request could not be read to its end. Send it again."),
)
NOT_FOUND = Kind(
    "not-found",
    404,
    gettext_noop("Not found"),
    gettext_noop("There is nothing at this address, or it belongs to another workplace."),
)
WRONG_METHOD = Kind(
    "wrong-method",
    405,
    gettext_noop("Another method is needed"),
    gettext_noop("This address takes another method; the Allow header names it."),
)
ID_REUSED = Kind(
    "id-reused",
    409,
    gettext_noop("The id was used before"),
    gettext_noop("This id was used before for another card. Nothing was changed."),
)
TOO_LARGE = Kind(
    "too-large",
    413,
    gettext_noop("The request is too large"),
    gettext_noop("Send at most 500 records in one request."),
)
NOT_JSON = Kind(
    "not-json",
    415,
    gettext_noop("Another media type is needed"),
    gettext_noop("Send the body as application/json in UTF-8."),
)
BROKEN = Kind(
    "broken-form",
    422,
    gettext_noop("The form is not complete or not right"),
    gettext_noop("Something in the request is missing or not right. Nothing was written."),
)
REFUSED = Kind(
    "refused",
    422,
    gettext_noop("Refused"),
    gettext_noop("A rule says no; refusal tells which. Nothing was written."),
)
WENT_WRONG = Kind(
    "went-wrong",
    500,
    gettext_noop("Something went wrong here"),
    gettext_noop("Something went wrong on our side. Send the same request again; the id keeps it from counting twice."),
)
BUSY = Kind(
    "busy",
    503,
    gettext_noop("The register cannot answer right now"),
    gettext_noop(
        "The register cannot answer right now. Send the same request again in a moment; nothing counts twice."
    ),
)
KINDS = (
    UNREADABLE,
    NO_TOKEN,
    NOT_OPEN,
    OUTSIDE_SCOPE,
    ENDED,
    NOT_FOUND,
    WRONG_METHOD,
    ID_REUSED,
    TOO_LARGE,
    NOT_JSON,
    BROKEN,
    REFUSED,
    WENT_WRONG,
    BUSY,
)

# What a field must be, by the name of the error (pydantic's own or ours).
FIELD_RULES = {
    "missing": gettext_noop("this is needed"),
    "extra_forbidden": gettext_noop("this name is not known here"),
    "code": gettext_noop("1 to 64 printable characters"),
    "text": gettext_noop("a short text of printable characters"),
    "day": gettext_noop("a day as YYYY-MM-DD"),
    "instant": gettext_noop("an instant as RFC 3339, with its time zone"),
    "count": gettext_noop("a whole number from 0 to 100"),
    "number": gettext_noop("a whole number"),
    "one_holder": gettext_noop("one holder at most"),
    "flag": gettext_noop("true or false"),
    "id": gettext_noop("a UUID"),
    "choice": gettext_noop("one of the listed values"),
    "rows": gettext_noop("a list of 1 to 500 records"),
    "object": gettext_noop("a JSON object"),
    "no_counts": gettext_noop("at least one count must be more than zero"),
    "season_only": gettext_noop("only for a season pass"),
    "season_needs": gettext_noop("a season pass needs its last day, at most 366 days after its first"),
    "holder_only": gettext_noop("not for a community card"),
    "municipality": gettext_noop("the postal code lies in several municipalities: give one of them"),
    "json": gettext_noop("a JSON text in UTF-8"),
}
_PYDANTIC = {
    "missing": "missing",
    "extra_forbidden": "extra_forbidden",
    "enum": "choice",
    "literal_error": "choice",
    "bool_type": "flag",
    "bool_parsing": "flag",
    "list_type": "rows",
    "too_long": "rows",
    "too_short": "rows",
    "model_type": "object",
    "model_attributes_type": "object",
    "dict_type": "object",
    "string_type": "text",
    "string_too_short": "text",
    "string_too_long": "text",
    "string_pattern_mismatch": "text",
    "greater_than_equal": "count",
    "less_than_equal": "count",
}


class ThreeLanguages(BaseModel):
    """A sentence for the person at the till, in Finnish, Swedish and English."""

    model_config = ConfigDict(extra="forbid")
    fi: str = Field(examples=["Kortti käy. Oma lippu ja enintään 2 lasta."])
    sv: str = Field(examples=["Kortet gäller. Egen biljett och högst 2 barn."])
    en: str = Field(examples=["The card is valid. Own ticket and up to 2 children."])


class FieldError(BaseModel):
    model_config = ConfigDict(extra="forbid")
    row: int | None = Field(description=gettext_noop("Place of the row in `uses`, counted from 0; null outside a row."))
    field: str | None = Field(description=gettext_noop("Name of the field; null when it is the whole body."))
    rule: str = Field(description=gettext_noop("What the field must be, in English."))


PROBLEM_EXAMPLE: dict[str, Any] = {
    "type": "/api/v1/docs#problem-refused",
    "title": "Refused",
    "status": 422,
    "detail": "This card is already in use. Take another blank card.",
    "refusal": "card-already-registered",
    "message": {
        "fi": "Tämä kortti on jo käytössä. Ota toinen tyhjä kortti.",
        "sv": "Det här kortet är redan i bruk. Ta ett annat tomt kort.",
        "en": "This card is already in use. Take another blank card.",
    },
}


class Problem(BaseModel):
    """An error as RFC 9457 problem+json."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROBLEM_EXAMPLE]})
    type: str = Field(description=gettext_noop("Address of the explanation of this kind of problem."))
    title: str
    status: int
    detail: str
    refusal: Refusal | None = Field(description=gettext_noop("The reason as a value; null when no rule was asked."))
    message: ThreeLanguages
    row: int | None = Field(
        default=None, description=gettext_noop("Broken form: the first row that is not right, counted from 0.")
    )
    field: str | None = Field(default=None, description=gettext_noop("Broken form: its field."))
    errors: list[FieldError] | None = Field(
        default=None, description=gettext_noop("Broken form: everything that is not right, at most 100.")
    )
    scope: Scope | None = Field(
        default=None, description=gettext_noop("Token made for other calls: the scope that this one needs.")
    )
    municipalities: list[str] | None = Field(
        default=None, description=gettext_noop("Codes of the municipalities that the postal code lies in.")
    )


class Refused(Exception):
    """A rule said no outside the calls that answer refusals with 200."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class Broken(Exception):
    """One field is not right, found out after the form was read."""

    def __init__(self, field: str, rule: str, **more: Any) -> None:
        super().__init__(field, rule)
        self.field, self.rule, self.more = field, rule, more


class OutsideScope(Exception):
    """The token was made for other calls than this one."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.scope = scope


class Stop(Exception):
    """Answer with a kind of problem and no more."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind.slug)
        self.kind = kind


@lru_cache(maxsize=64)
def said(text: str) -> Message:
    """One of our own sentences in three languages."""
    return in_three(lambda: gettext(text))


@lru_cache(maxsize=64)
def refusal_said(refusal: Refusal) -> Message:
    return refusal_message(refusal)


@lru_cache(maxsize=512)
def _field_said(field: str | None, rule: str) -> Message:
    def say() -> str:
        must = gettext(FIELD_RULES[rule])
        if field is None:
            return gettext("Check the request: {rule}.").format(rule=must)
        return gettext("Check {field}: {rule}.").format(field=field, rule=must)

    return in_three(say)


def problem(kind: Kind, *, message: Message | None = None, refusal: Refusal | None = None, **more: Any) -> HttpResponse:
    message = message or said(kind.says)
    body = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": message["en"],
        "refusal": refusal,
        "message": message,
        **more,
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=kind.status, content_type=MEDIA_TYPE)
    if kind is NO_TOKEN:
        response["WWW-Authenticate"] = 'Bearer realm="Kaikukortti"'
    if kind is BUSY:
        response["Retry-After"] = "2"
    return response


def refused(refusal: Refusal) -> HttpResponse:
    return problem(REFUSED, refusal=refusal, message=refusal_said(refusal))


def _rule_of(error: dict[str, Any]) -> str:
    kind = error["type"]
    return kind if kind in FIELD_RULES else _PYDANTIC.get(kind, "text")


def _place_of(error: dict[str, Any]) -> tuple[int | None, str | None]:
    """Row and field of a pydantic error: `("body", "form", "uses", 3, "code")` is row 3, field `code`."""
    where = list(error["loc"])[1:]
    if where and where[0] == "form":
        where = where[1:]
    row = where[1] if where[:1] == ["uses"] and len(where) > 1 and isinstance(where[1], int) else None
    names = [part for part in where[2 if row is not None else 0 :] if isinstance(part, str)]
    field = (error.get("ctx") or {}).get("field") or (names[0] if names else None)
    # A name that the sender made up is not repeated: it may be anything, a code too.
    if error["type"] == "extra_forbidden" and not _plain(field):
        field = None
    return row, field


def _plain(name: str | None) -> bool:
    return name is not None and len(name) <= 30 and name.replace("_", "").isalpha() and name.isascii()


def broken(errors: list[dict[str, Any]]) -> HttpResponse:
    """A form that cannot be read: the first error in row and field, all of them in `errors`."""
    found: dict[tuple[int | None, str | None], str] = {}
    for error in errors:
        found.setdefault(_place_of(error), _rule_of(error))
    (row, field), rule = next(iter(found.items()))
    listed = [
        {"row": row, "field": field, "rule": FIELD_RULES[rule]}
        for (row, field), rule in list(found.items())[:MOST_ERRORS]
    ]
    return problem(BROKEN, message=_field_said(field, rule), row=row, field=field, errors=listed)


def broken_field(field: str | None, rule: str, **more: Any) -> HttpResponse:
    errors = [{"row": None, "field": field, "rule": FIELD_RULES[rule]}]
    return problem(BROKEN, message=_field_said(field, rule), row=None, field=field, errors=errors, **more)


def answer_to(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The problem that an exception is answered with; what nobody expected is logged without its values."""
    match error:
        case Stop():
            return problem(error.kind)
        case Refused():
            return refused(error.refusal)
        case Broken():
            return broken_field(error.field, error.rule, **error.more)
        case OutsideScope():
            return problem(OUTSIDE_SCOPE, scope=error.scope)
        case NotAllowed():
            return problem(NOT_OPEN)
        case Http404():
            return problem(NOT_FOUND)
        case ValidationError():
            if any(one["loc"][0] == "path" for one in error.errors):
                return problem(NOT_FOUND)
            return broken(error.errors)
        case AuthenticationError():
            return problem(NO_TOKEN)
        case HttpError():
            return broken_field(None, "json")
        case RequestDataTooBig():
            return problem(TOO_LARGE)
        case UnreadablePostError() | DisallowedHost() | SuspiciousOperation():
            return problem(UNREADABLE)
        case DatabaseError():
            log.error("the database did not answer: %s", type(error).__name__, exc_info=error)
            return problem(BUSY)
    log.error("a call went wrong: %s", type(error).__name__, exc_info=error)
    return problem(WENT_WRONG)
