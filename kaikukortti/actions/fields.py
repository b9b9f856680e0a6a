"""The fields of what is sent, whatever the door: what each may be, and how it is read. A missing key and null both take
the default."""

import re
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

# Days that a form may name; rules say which of them can be recorded.
DAY = r"^(19|20|21)\d\d-\d\d-\d\d$"
_DAY = re.compile(DAY)
# Python's own reading also takes underscores, other scripts' digits and hyphens anywhere.
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-?)[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{4}\1[0-9A-Fa-f]{12}")
_INSTANT = re.compile(r"^(19|20|21)\d\d-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$")
LONGEST_CODE = 64
LONGEST_TEXT = 80
MOST_OF_A_COUNT = 100


class Form(BaseModel):
    """A body. A name that is not known is an error: a misspelt count must not be lost in silence."""

    model_config = ConfigDict(extra="forbid")


def _wrong(rule: str, **context: Any) -> PydanticCustomError:
    return PydanticCustomError(rule, rule, context or None)


def printable(text: str) -> bool:
    # A space that does not break is what a code copied from a document may hold; reading drops it (rule 12).
    return text.replace("\u00a0", " ").isprintable()


def _code(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_CODE or not printable(value):
        raise _wrong("code")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT or not printable(value):
        raise _wrong("text")
    return value


def _day(value: Any) -> date:
    if not isinstance(value, str) or not _DAY.match(value):
        raise _wrong("day")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _wrong("day") from None


def _instant(value: Any) -> datetime:
    if not isinstance(value, str) or not _INSTANT.match(value):
        raise _wrong("instant")
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        raise _wrong("instant") from None


def _id(value: Any) -> UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise _wrong("id")
    return UUID(value)


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MOST_OF_A_COUNT:
        raise _wrong("count")
    return value


def _number(value: Any) -> int:
    if type(value) is not int:
        raise _wrong("number")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong("flag")
    return value


def _or_none(value: Any) -> Any:
    return None if value == "" else value


# For a query: a parameter with nothing behind it (`?day=`) is one that was left out.
EMPTY_IS_MISSING = BeforeValidator(_or_none)
Code = Annotated[
    str,
    PlainValidator(_code),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_CODE, "examples": ["7KM-9QX-2TR7"]}),
]
Text = Annotated[
    str, PlainValidator(_text), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT})
]
Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date", "pattern": DAY})]
Instant = Annotated[datetime, PlainValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
Id = Annotated[UUID, PlainValidator(_id), WithJsonSchema({"type": "string", "format": "uuid"})]
Count = Annotated[
    int, PlainValidator(_count), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MOST_OF_A_COUNT})
]
Number = Annotated[int, PlainValidator(_number), WithJsonSchema({"type": "integer"})]
Flag = Annotated[bool, PlainValidator(_flag), WithJsonSchema({"type": "boolean"})]
