"""The cast: the same people, places and cards in every test, so that a test reads as a story.

It is Tuesday 24 November 2026, 18.55, in Kajaani. Aino hands out cards at the social office; Ville sells tickets at
Routa Company's box office; Salla sits at the swimming hall; Lippuluukku sells tickets for Routa Company. Kainuu and
Espoo are permanent regions, Savonlinna is a pilot closed both ways, Kemi is still preparing.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.cards import Holder, Issued, issue_card
from kaikukortti.actions.checks import CheckAnswer, check_card
from kaikukortti.actions.codes import make_code
from kaikukortti.actions.known import Use
from kaikukortti.actions.making import make_cards
from kaikukortti.actions.uses import Answer, record_uses
from kaikukortti.models import (
    Membership,
    Municipality,
    NetworkVersion,
    Offering,
    PolicyRow,
    PostalCode,
    Province,
    Region,
    RegionMembership,
    RegionPhase,
    User,
    WellbeingArea,
    Workplace,
)
from kaikukortti.models.snapshot import forget
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import OfferingKind, Sector
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase

NOW = datetime(2026, 11, 24, 18, 55, tzinfo=HELSINKI)
TODAY = NOW.date()
LONG_AGO = date(2015, 1, 1)

# code: (fi, sv, wellbeing area, postal code)
MUNICIPALITIES = {
    "205": ("Kajaani", "Kajana", "18", "87100"),
    "290": ("Kuhmo", "Kuhmo", "18", "88900"),
    "049": ("Espoo", "Esbo", "03", "02100"),
    "740": ("Savonlinna", "Nyslott", "11", "57100"),
    "240": ("Kemi", "Kemi", "21", "94100"),
    "091": ("Helsinki", "Helsingfors", "90", "00100"),
}


@dataclass
class Cast:
    """Everyone and everything; `now` moves with `cast.at(...)`."""

    now: datetime = NOW
    regions: dict[str, Region] = field(default_factory=dict)
    workplaces: dict[str, Workplace] = field(default_factory=dict)
    blanks: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)  # codes taken from the drawer

    # --- who acts ---

    def actor(self, name: str) -> Actor:
        membership = Membership.objects.select_related("user").filter(workplace=self.workplaces[name]).earliest("pk")
        return Actor(workplace=self.workplaces[name], user=membership.user, membership=membership)

    @property
    def aino(self) -> Actor:
        """Hands out cards at Kajaani's social office."""
        return self.actor("office")

    @property
    def ville(self) -> Actor:
        """Sells tickets at Routa Company."""
        return self.actor("routa")

    @property
    def salla(self) -> Actor:
        """Sits at the till of Kajaani's swimming hall."""
        return self.actor("hall")

    @property
    def luukku(self) -> Actor:
        """The ticket agent that sells for Routa Company."""
        return self.actor("luukku")

    @property
    def kaisa(self) -> Actor:
        """Coordinates Kainuu."""
        return self.actor("kainuu")

    @property
    def nelli(self) -> Actor:
        """Works for the national service."""
        return self.actor("national")

    # --- what happens ---

    def at(self, moment: datetime) -> "Cast":
        self.now = moment
        return self

    def blank(self) -> str:
        """A blank card from the social office's drawer."""
        if not self.blanks:
            made = make_cards(
                self.workplaces["office"],
                size=0,
                by=None,
                now=self.now - timedelta(days=700),
                codes=[make_code(random_tag=True) for _ in range(20)],
            )
            self.blanks = [one.code for one in made]
        self.given.append(self.blanks.pop())
        return self.given[-1]

    def card(
        self, *, minors: int = 2, postal_code: str = "87100", issued: datetime | None = None, **holder: Any
    ) -> str:
        """A card in use, issued this morning unless said otherwise."""
        code = self.blank()
        answer = issue_card(
            code,
            by=self.aino,
            now=issued or self.now - timedelta(hours=8),
            holder=Holder(birth_year=1980, minors=minors, postal_code=postal_code, **holder),
        )
        assert isinstance(answer, Issued), answer
        return code

    def community_card(self) -> str:
        code = self.blank()
        assert isinstance(issue_card(code, by=self.aino, now=self.now - timedelta(hours=8)), Issued)
        return code

    def offering(self, name: str = "routa", kind: OfferingKind = OfferingKind.EVENT, **fields: Any) -> Offering:
        """A published offering of today, starting at 19 if it is an event."""
        first = fields.pop("first_day", self.now.date())
        facts: dict[str, Any] = {
            "venue": self.workplaces[name],
            "kind": kind,
            "sector": Sector.EDUCATION if kind == OfferingKind.COURSE else self.workplaces[name].sector,
            "name_fi": "Nykytanssi-ilta",
            "name_sv": "Kväll med nutida dans",
            "name_en": "An evening of contemporary dance",
            "first_day": first,
            "last_day": first if kind == OfferingKind.EVENT else first + timedelta(days=90),
            "starts_at": datetime(first.year, first.month, first.day, 19, tzinfo=HELSINKI)
            if kind == OfferingKind.EVENT
            else None,
            "published_at": self.now - timedelta(days=30),
        }
        return Offering.objects.create(**{**facts, **fields})

    def policy(self, key: Policy, value: Any, *, region: str | None = None, venue: str | None = None) -> None:
        """A policy in force since long ago."""
        PolicyRow.objects.create(
            key=key,
            value=value,
            since=LONG_AGO,
            region=self.regions[region] if region else None,
            venue=self.workplaces[venue] if venue else None,
            reason="test",
            entered_at=self.now,
        )
        NetworkVersion.bump()

    def use(self, code: str, *, offering: Offering | None = None, by: Actor | None = None, **row: Any) -> Answer:
        """Record one use at Routa Company (or where `by` works)."""
        (answer,) = self.uses([self.row(code, offering=offering, **row)], by=by)
        return answer

    def row(self, code: str, *, offering: Offering | None = None, id: UUID | None = None, **row: Any) -> Use:
        day = row.pop(
            "day", offering.first_day if offering and offering.kind == OfferingKind.EVENT else self.now.date()
        )
        return Use(id=id or uuid4(), code=code, day=day, offering=offering.pk if offering else None, **row)

    def uses(self, rows: list[Use], *, by: Actor | None = None, **how: Any) -> list[Answer]:
        return record_uses(rows, by=by or self.ville, now=self.now, **how)

    def check(self, code: str, *, offering: Offering | None = None, by: Actor | None = None, **how: Any) -> CheckAnswer:
        return check_card(code, by=by or self.ville, now=self.now, offering=offering.pk if offering else None, **how)


def gather() -> Cast:
    """Put the cast on the stage; rows are made directly, since the story begins later."""
    forget()
    cast = Cast()
    province = Province.objects.create(code="18", name_fi="Kainuu", name_sv="Kajanaland", name_en="Kainuu")
    for code, (fi, sv, area, postal_code) in MUNICIPALITIES.items():
        WellbeingArea.objects.get_or_create(
            code=area, defaults={"name_fi": f"Alue {area}", "name_sv": f"Område {area}"}
        )
        one = Municipality.objects.create(
            code=code, name_fi=fi, name_sv=sv, since=LONG_AGO, province=province, wellbeing_area_id=area
        )
        PostalCode.objects.create(code=postal_code, name_fi=fi, name_sv=sv).municipalities.add(one)
    # A postal code on the border of two municipalities.
    border = PostalCode.objects.create(code="88999", name_fi="Raja", name_sv="Gränsen")
    border.municipalities.set(Municipality.objects.filter(code__in=["205", "290"]))
    _regions(cast)
    _workplaces(cast)
    NetworkVersion.bump()
    return cast


def _regions(cast: Cast) -> None:
    for slug, name, phase, members in (
        ("kainuu", "Kainuu", Phase.PERMANENT, ["205", "290"]),
        ("espoo", "Espoo", Phase.PERMANENT, ["049"]),
        ("savonlinna", "Savonlinna", Phase.PILOT, ["740"]),
        ("kemi", "Kemi", Phase.PREPARING, ["240"]),
    ):
        region = cast.regions[slug] = Region.objects.create(slug=slug, name_fi=name, name_sv=name, name_en=name)
        RegionPhase.objects.create(region=region, since=LONG_AGO, phase=phase, entered_at=NOW)
        for code in members:
            RegionMembership.objects.create(municipality_id=code, since=LONG_AGO, region=region, entered_at=NOW)
    for key in (Policy.CARDS_GO_OUT, Policy.OTHERS_COME_IN):
        cast.policy(key, False, region="savonlinna")


def _workplaces(cast: Cast) -> None:
    for key, role, name, municipality, region, person in (
        ("national", Role.NATIONAL, "Kaikukeskus", "091", None, "Nelli"),
        ("kainuu", Role.COORDINATOR, "Kainuun alue", "205", "kainuu", "Kaisa"),
        ("office", Role.ISSUER, "Kajaanin sosiaalitoimisto", "205", "kainuu", "Aino"),
        ("other", Role.ISSUER, "Espoon nuorisotyö", "049", "espoo", "Oskari"),
        ("routa", Role.VENUE, "Routa Company", "205", "kainuu", "Ville"),
        ("hall", Role.VENUE, "Kajaanin uimahalli", "205", "kainuu", "Salla"),
        ("tapiola", Role.VENUE, "Tapiola Sinfonietta", "049", "espoo", "Tarja"),
        ("lusto", Role.VENUE, "Kino Lusto", "740", "savonlinna", "Lasse"),
        ("luukku", Role.TICKET_AGENT, "Lippuluukku", "091", None, "Liisa"),
        ("analyst", Role.ANALYST, "Kajaanin hyvinvointi", "205", None, "Anna"),
    ):
        workplace = cast.workplaces[key] = Workplace.objects.create(
            role=role,
            name_fi=name,
            municipality_id=municipality,
            home_region=cast.regions[region] if region else None,
            since=LONG_AGO,
            sector=Sector.SPORT if key == "hall" else Sector.CULTURE,
        )
        user = User.objects.create(username=person.lower(), name=person, made_at=NOW)
        Membership.objects.create(user=user, workplace=workplace, is_contact=True, since=NOW)
    cast.workplaces["luukku"].venues.add(cast.workplaces["routa"])
