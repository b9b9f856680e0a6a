"""One row of a batch as it is sent: by a machine of a ticket system, or by a till whose code was sealed."""

from datetime import timedelta
from typing import Self

from django.utils.translation import gettext_noop
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kaikukortti.actions.fields import Code, Count, Day, Flag, Form, Id, Instant
from kaikukortti.actions.known import Use
from kaikukortti.terms.kinds import RecordKind, Source
from kaikukortti.terms.policies import SEASON_DAYS


class UseForm(Form):
    id: Id = Field(
        description=gettext_noop("Made by the sender, new for each record. The same id again gives the first answer.")
    )
    code: Code = Field(description=gettext_noop("The card's code as typed or scanned."))
    day: Day = Field(description=gettext_noop("The event's day, or the day of entry."))
    offering: Id | None = Field(default=None, description=gettext_noop("A ticket agent always names one."))
    kind: RecordKind | None = Field(default=None, description=gettext_noop("Ticket by default."))
    at: Instant | None = Field(default=None, description=gettext_noop("When it happened, for a row sent later."))
    source: Source | None = Field(default=None, description=gettext_noop("Online by default."))
    holder: Count | None = Field(default=None, description=gettext_noop("1 by default, 0 on a community card."))
    children: Count | None = Field(default=None, description=gettext_noop("Children who come along, 0 by default."))
    assistants: Count | None = Field(
        default=None, description=gettext_noop("Assistants or interpreters, always free and outside every limit.")
    )
    clients: Count | None = Field(default=None, description=gettext_noop("Community card: clients under 16."))
    workers: Count | None = Field(default=None, description=gettext_noop("Community card: the workplace's workers."))
    until: Day | None = Field(default=None, description=gettext_noop("Last day of a season pass, only there."))
    happened: Flag | None = Field(
        default=None, description=gettext_noop("True: the person was let in; the row is stored and flagged if need be.")
    )

    @model_validator(mode="after")
    def whole(self) -> Self:
        """What the fields must be together."""
        counts = (self.children, self.assistants, self.clients, self.workers)
        if self.holder == 0 and not any(counts):
            raise PydanticCustomError("no_counts", "no_counts", {"field": "holder"})
        if self.kind != RecordKind.SEASON:
            if self.until is not None:
                raise PydanticCustomError("season_only", "season_only", {"field": "until"})
        elif self.until is None or not self.day <= self.until <= self.day + timedelta(days=SEASON_DAYS):
            raise PydanticCustomError("season_needs", "season_needs", {"field": "until"})
        return self

    def as_use(self) -> Use:
        return Use(
            id=self.id,
            code=self.code,
            day=self.day,
            offering=self.offering,
            kind=self.kind or RecordKind.TICKET,
            at=self.at,
            source=self.source or Source.ONLINE,
            holder=self.holder,
            children=self.children or 0,
            assistants=self.assistants or 0,
            clients=self.clients or 0,
            workers=self.workers or 0,
            until=self.until,
            happened=self.happened or False,
        )
