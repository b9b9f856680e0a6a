"""A checked card as the till's page carries it in hidden fields, with an id made together with its verdict."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms

from kaikukortti.actions.known import Use
from kaikukortti.terms.kinds import RecordKind
from kaikukortti.terms.policies import SEASON_DAYS
from kaikukortti.web.acting import ActingRequest
from kaikukortti.web.day_field import DayField

LONGEST_CODE = 64
MOST_LEFT = 5


class HeldForm(forms.Form):
    """A checked card as the page carries it: id, code, where it was checked, and the chosen numbers."""

    id = forms.UUIDField()
    held = forms.CharField(max_length=LONGEST_CODE)
    place = forms.UUIDField(required=False)
    day = DayField()
    kind = forms.ChoiceField(choices=RecordKind.choices)
    adding = forms.BooleanField(required=False)
    children = forms.IntegerField(min_value=0, max_value=100, required=False)
    more = forms.IntegerField(min_value=0, max_value=100, required=False)
    assistants = forms.IntegerField(min_value=0, max_value=100, required=False)
    clients = forms.IntegerField(min_value=0, max_value=100, required=False)
    workers = forms.IntegerField(min_value=0, max_value=100, required=False)
    until = DayField(required=False)


@dataclass(frozen=True)
class Held:
    """A checked card that waits to be recorded. `adding`: its own ticket has been given, others may be added.

    A last day makes it a season pass.
    """

    id: UUID
    code: str
    place: UUID | None
    day: date
    kind: RecordKind
    adding: bool = False
    children: int = 0
    assistants: int = 0
    clients: int = 0
    workers: int = 0
    until: date | None = None
    # A number or the last day could not be read; nothing is recorded before it is mended.
    wrong: bool = False

    @property
    def holder(self) -> int:
        """For saying what a record would hold; a community card's own kind is decided by the rules."""
        return 0 if self.adding or self.clients or self.workers else 1

    @property
    def use(self) -> Use:
        """`holder` is left to the card's kind unless only others are added."""
        return Use(
            id=self.id,
            code=self.code,
            day=self.day,
            offering=self.place,
            kind=self.kind,
            holder=0 if self.adding else None,
            children=self.children,
            assistants=self.assistants,
            clients=self.clients,
            workers=self.workers,
            until=self.until,
        )

    @property
    def empty(self) -> bool:
        return self.adding and not (self.children or self.assistants)

    def packed(self) -> str:
        """As one hidden field, for the list of cards that were left unrecorded."""
        return json.dumps(
            {
                "id": str(self.id),
                "held": self.code,
                "place": str(self.place or ""),
                "day": self.day.isoformat(),
                "kind": self.kind,
                "adding": self.adding,
                "children": self.children,
                "assistants": self.assistants,
                "clients": self.clients,
                "workers": self.workers,
                "until": self.until.isoformat() if self.until else "",
            }
        )


CORE = ("id", "held", "place", "day", "kind")


def read_held(posted: Mapping[str, Any]) -> Held | None:
    """The checked card of a form that was sent; None when there is none, or no page of ours made it."""
    form = HeldForm(posted)
    if not form.is_valid() and any(name in form.errors for name in CORE):
        return None
    asked = form.cleaned_data
    day, until = asked["day"], asked.get("until")
    return Held(
        id=asked["id"],
        code=asked["held"],
        place=asked["place"],
        day=day,
        kind=RecordKind.SEASON if until else RecordKind(asked["kind"]),
        adding=asked["adding"],
        children=asked.get("more") or asked.get("children") or 0,
        assistants=asked.get("assistants") or 0,
        clients=asked.get("clients") or 0,
        workers=asked.get("workers") or 0,
        until=until,
        wrong=bool(form.errors) or bool(until and not day <= until <= day + timedelta(days=SEASON_DAYS)),
    )


def read_left(request: ActingRequest) -> list[Held]:
    """The cards that were checked and not recorded, oldest first."""
    left = []
    for packed in request.POST.getlist("left")[-MOST_LEFT:]:
        held = read_held(_unpacked(packed))
        left += [held] if held else []
    return left


def _unpacked(packed: str) -> dict[str, Any]:
    """What `packed` wrote, each value as a form would send it; nothing where no page of ours wrote it."""
    try:
        known = json.loads(packed)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {name: value if isinstance(value, bool) else str(value) for name, value in known.items()}
