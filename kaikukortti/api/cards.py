"""The issuing workplace's calls: issue a card, block one of its own."""

from typing import Self

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_noop
from ninja import Router
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from kaikukortti.actions.cards import Holder, IdReused, MunicipalityNeeded, find_own_card, issue_card
from kaikukortti.actions.fields import Code, Day, Flag, Form, Id, Number, Text
from kaikukortti.actions.looking_after import block_card
from kaikukortti.api.answers import answer
from kaikukortti.api.auth import Bearer, acting, forget_if_missed
from kaikukortti.api.described import errors, example
from kaikukortti.api.problems import ID_REUSED, Broken, Refused, Stop, ThreeLanguages, said
from kaikukortti.terms.kinds import BlockReason, Gender, HomeLanguage, LifeSituation
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.terms.sellers import Scope

router = Router(tags=["cards"])
issuers = Bearer(Role.ISSUER, scope=Scope.CARDS)
HOLDER_FIELDS = (
    "birth_year",
    "postal_code",
    "municipality",
    "minors",
    "gender",
    "life_situations",
    "home_language",
)


class CardForm(Form):
    code: Code = Field(description=gettext_noop("A blank card of the calling workplace."))
    id: Id | None = Field(default=None, description=gettext_noop("Made by the sender, for a safe retry."))
    community: Flag | None = Field(
        default=None, description=gettext_noop("True: a community card of the workplace; it takes no holder data.")
    )
    birth_year: Number | None = Field(default=None, description=gettext_noop("Needed for a personal card."))
    postal_code: Text | None = Field(
        default=None, description=gettext_noop("Five digits; without it the municipality is given alone.")
    )
    municipality: Text | None = Field(
        default=None,
        description=gettext_noop("Its three-digit code: for a postal code of several municipalities, or alone."),
    )
    minors: Number | None = Field(
        default=None,
        description=gettext_noop("Own or same-household children and grandchildren under 18; needed, 0 if none."),
    )
    gender: Gender | None = Field(default=None, description=gettext_noop("Voluntary; null means not asked."))
    life_situations: list[LifeSituation] | None = Field(
        default=None, max_length=len(LifeSituation), description=gettext_noop("Voluntary; several may apply.")
    )
    home_language: HomeLanguage | None = Field(default=None, description=gettext_noop("Voluntary."))
    issued_on: Day | None = Field(
        default=None, description=gettext_noop("Today by default; the day of a paper form that is typed in later.")
    )

    @model_validator(mode="after")
    def whole(self) -> Self:
        """Holder data for a personal card, none for a community card."""
        if self.community:
            for name in HOLDER_FIELDS:
                if getattr(self, name) is not None:
                    raise PydanticCustomError("holder_only", "holder_only", {"field": name})
            return self
        for name in ("birth_year", "minors"):
            if getattr(self, name) is None:
                raise PydanticCustomError("missing", "missing", {"field": name})
        if self.postal_code is None and self.municipality is None:
            raise PydanticCustomError("missing", "missing", {"field": "postal_code"})
        return self

    def holder(self) -> Holder | None:
        if self.community or self.birth_year is None or self.minors is None:
            return None
        situations = self.life_situations
        return Holder(
            birth_year=self.birth_year,
            minors=self.minors,
            postal_code=self.postal_code,
            municipality=self.municipality,
            gender=self.gender,
            life_situations=list(dict.fromkeys(map(str, situations))) if situations is not None else None,
            home_language=self.home_language,
        )


class CardOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    serial: str = Field(
        description=gettext_noop("A random number for the workplace's own client file; it tells nothing.")
    )
    last_valid_day: str = Field(json_schema_extra={"format": "date"})


class BlockForm(Form):
    code: Code = Field(description=gettext_noop("A card of the calling workplace."))
    reason: BlockReason = Field(description=gettext_noop("Why it is blocked."))


class BlockOut(BaseModel):
    model_config = ConfigDict(extra="forbid")
    serial: str
    message: ThreeLanguages


@router.post(
    "/cards",
    auth=issuers,
    url_name="issue-card",
    operation_id="issue_card",
    summary=gettext_noop("Issue a card"),
    description=gettext_noop(
        "Registers a blank card of the calling workplace for a holder, or as a community card. The register never "
        "takes a name, an identity code, an address or any other text about a person."
    ),
    response={201: CardOut, **errors(401, 403, 409, 413, 415, 422, 503)},
    openapi_extra=example(
        {
            "id": "5d0a2f0e-6f5c-4b87-8f5d-0b5b0a1f2f34",
            "code": "7KM9QX2TR7",
            "birth_year": 1980,
            "postal_code": "87100",
            "minors": 2,
        },
        {"serial": "48213907", "last_valid_day": "2027-10-30"},
        status=201,
    ),
)
def issue(request: HttpRequest, form: CardForm) -> HttpResponse:
    try:
        issued = issue_card(
            form.code,
            by=acting(request),
            now=timezone.now(),
            holder=form.holder(),
            issued_on=form.issued_on,
            id=form.id,
        )
    except MunicipalityNeeded as needed:
        raise Broken("municipality", "municipality", municipalities=needed.codes) from None
    except IdReused:
        raise Stop(ID_REUSED) from None
    if isinstance(issued, Refusal):
        forget_if_missed(request, [issued])
        raise Refused(issued)
    return answer({"serial": issued.serial, "last_valid_day": issued.last_valid_day.isoformat()}, status=201)


@router.post(
    "/cards/block",
    auth=issuers,
    url_name="block-card",
    operation_id="block_card",
    summary=gettext_noop("Block a card"),
    description=gettext_noop("Blocks a card of the calling workplace at once. Blocking it again changes nothing."),
    response={200: BlockOut, **errors(401, 403, 413, 415, 422, 503)},
    openapi_extra=example(
        {"code": "7KM9QX2TR7", "reason": "lost"},
        {
            "serial": "48213907",
            "message": {
                "fi": "Kortti on nyt estetty.",
                "sv": "Kortet är nu spärrat.",
                "en": "The card is now blocked.",
            },
        },
    ),
)
def block(request: HttpRequest, form: BlockForm) -> HttpResponse:
    by, now = acting(request), timezone.now()
    card = find_own_card(form.code, by=by, now=now)
    if isinstance(card, Refusal):
        forget_if_missed(request, [card])
        raise Refused(card)
    refusal = block_card(card, reason=form.reason, by=by, now=now)
    if refusal:
        raise Refused(refusal)
    return answer({"serial": card.serial, "message": said(gettext_noop("The card is now blocked."))})
