"""Plausible lives of cards: who gets one, and what it is used for. Everything is drawn from a seed.

Plans only propose. Whether a use was possible is decided by the rules when it is written (actions/simulation.py).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from kaikukortti.actions.cards import Holder
from kaikukortti.actions.simulation import InventedCard, InventedUse, Stage
from kaikukortti.management.demo.offerings import LISTED
from kaikukortti.models import Offering, PostalCode
from kaikukortti.rules.codes import ALPHABET, RANDOM_CHARACTERS, check_character
from kaikukortti.rules.network import WorkplaceFacts, refuse_crossing
from kaikukortti.rules.situation import OfferingFacts
from kaikukortti.terms.days import HELSINKI, one_year_on
from kaikukortti.terms.kinds import Gender, HomeLanguage, LifeSituation, OfferingKind, RecordKind, Sector, Source
from kaikukortti.terms.roles import Role

# Swimming halls and gyms are the everyday case (section 7).
SECTORS = {Sector.SPORT: 44, Sector.CULTURE: 38, Sector.SCIENCE: 11, Sector.EDUCATION: 7}
MINORS = (0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 4)
USED_SHARE = 0.62
TRIES_A_USE = 12
OFFLINE, PAPER, IN_ADVANCE, AT_HOME = 0.03, 0.02, 0.35, 0.85
ASSISTED, WITH_CHILDREN, REVERSED, BLOCKED, ONE_COMMUNITY_IN = 0.03, 0.6, 0.005, 0.02, 200
LANGUAGES = [*[HomeLanguage.FINNISH] * 12, *HomeLanguage]

KAJAANI = "205"


@dataclass(slots=True)
class Programme:
    """What one venue had on, in order of days."""

    venue: WorkplaceFacts
    opens: list[OfferingFacts] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    dated: list[OfferingFacts] = field(default_factory=list)


class Plans:
    """Draws cards and uses for the days from `first` to `last`, both included."""

    def __init__(self, on: Stage, *, first: date, last: date, seed: str) -> None:
        self.on, self.first, self.last = on, first, last
        self.random = Random(seed)  # nosec B311: invented people need no secrecy
        self.postal_codes = _postal_codes()
        self.programmes = self._programmes()
        self.issuers = [
            one
            for one in on.network.workplaces.values()
            if one.role == Role.ISSUER and one.home_region and on.network.open_on(one.home_region, last)
        ]
        self.municipalities = [code for code in on.network.memberships if code in self.postal_codes]
        self._reach: dict[int, dict[Sector, tuple[list[Programme], list[Programme]]]] = {}

    def _programmes(self) -> list[Programme]:
        venues = {one.id: Programme(one) for one in self.on.network.workplaces.values() if one.role == Role.VENUE}
        rows = Offering.objects.published().filter(cancelled_at=None, cap=None, children_cap=None)
        rows = rows.filter(first_day__lte=self.last, last_day__gte=self.first).exclude(external_id__startswith=LISTED)
        for offering in rows.order_by("first_day").iterator(chunk_size=2000):
            facts, programme = offering.facts, venues[offering.venue_id]
            if facts.kind == OfferingKind.OPEN:
                programme.opens.append(facts)
            else:
                programme.days.append(facts.first_day)
                programme.dated.append(facts)
        return [one for one in venues.values() if one.opens or one.dated]

    # --- cards --------------------------------------------------------------------------------------------------

    def code(self) -> str:
        characters = "".join(self.random.choices(ALPHABET, k=RANDOM_CHARACTERS))
        return characters + check_character(characters)

    def moment(self, day: date, first_hour: int, last_hour: int) -> datetime:
        minutes = self.random.randrange(first_hour * 60, last_hour * 60)
        return datetime.combine(day, time(minutes // 60, minutes % 60, self.random.randrange(60)), HELSINKI)

    def day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.random.randint(0, max(0, (last - first).days)))

    def card(self, *, tickets: int, day: date | None = None, everywhere: bool = False) -> InventedCard:
        """A personal card with so many tickets. `everywhere`: a whole year where the most is on, and never blocked."""
        issuer = self.random.choice(self.issuers)
        if everywhere:
            day, issuer = self.first, max(self.issuers, key=self._days_at_home)
        began = max(self.first, self._opened(issuer))
        issued = day or self.day(began, self.last)
        if issued < began:
            issuer = next(one for one in self.issuers if self._opened(one) <= issued)
        issued_at = self.moment(issued, 9, 16)
        holder = self.holder(issuer, issued)
        last_day = min(self.last, one_year_on(issued) - timedelta(days=1))
        blocked_at = None
        if self.random.random() < BLOCKED and issued < last_day and not everywhere:
            blocked_at = self.moment(self.day(issued + timedelta(days=1), last_day), 9, 16)
        card = InventedCard(self.code(), issuer.id, issued_at, holder, tickets=tickets, blocked_at=blocked_at)
        until = blocked_at.date() - timedelta(days=1) if blocked_at else last_day
        card.uses = self.uses(issuer, issued + timedelta(days=1), until, minors=holder.minors, tickets=tickets)
        return card

    def waiting(self, issued: date) -> InventedCard:
        """A card of Kajaani's social office that lies in a drawer, its holder glad to be reminded."""
        issuer = next(one for one in self.issuers if one.municipality == KAJAANI)
        issued_at = self.moment(issued, 9, 16)
        holder = replace(self.holder(issuer, issued), may_remind=True)
        return InventedCard(self.code(), issuer.id, issued_at, holder, tickets=0)

    def community_card(self, *, tickets: int) -> InventedCard:
        """An issuing workplace's own card for small groups."""
        issuer = self.random.choice(self.issuers)
        issued = self.day(max(self.first, self._opened(issuer)), self.last)
        until = min(self.last, one_year_on(issued) - timedelta(days=1))
        uses = self.uses(issuer, issued + timedelta(days=1), until, minors=None, tickets=tickets)
        return InventedCard(self.code(), issuer.id, self.moment(issued, 9, 16), None, uses=uses, tickets=tickets)

    def _days_at_home(self, issuer: WorkplaceFacts) -> tuple[bool, int]:
        """Whether the issuer gave cards from the first day on, and how many days its own region has something on."""
        homes = [one for home, _away in self._reached(issuer).values() for one in home]
        return self._opened(issuer) <= self.first, sum(365 if one.opens else len(one.dated) for one in homes)

    def _opened(self, issuer: WorkplaceFacts) -> date:
        """The first day on which the issuer's region was open."""
        assert issuer.home_region is not None
        phases = self.on.network.phases[issuer.home_region]
        return next(since for since, _phase in phases if self.on.network.open_on(issuer.home_region, since))

    def holder(self, issuer: WorkplaceFacts, day: date) -> Holder:
        """A resident of the issuer's region; half of them answered the voluntary questions."""
        draw, region = self.random, issuer.home_region
        at_home = [code for code in self.municipalities if self.on.network.region_of_municipality(code, day) == region]
        municipality = issuer.municipality if issuer.municipality in at_home and draw.random() < 0.7 else None
        municipality = municipality or draw.choice(at_home)
        answered = draw.random() < 0.5
        birth_year = day.year - round(draw.triangular(16, 88, 38))
        return Holder(
            birth_year=birth_year,
            # Two in three said yes; taken from the year, so that the same seed goes on inventing the same.
            may_remind=birth_year % 3 > 0,
            minors=draw.choice(MINORS),
            postal_code=draw.choice(self.postal_codes[municipality]),
            municipality=municipality,
            gender=draw.choice(Gender.values) if answered else None,
            life_situations=[draw.choice(LifeSituation.values)] if answered else None,
            home_language=draw.choice(LANGUAGES).value if answered else None,
        )

    # --- uses ---------------------------------------------------------------------------------------------------

    def _reached(self, issuer: WorkplaceFacts) -> dict[Sector, tuple[list[Programme], list[Programme]]]:
        """The venues that take the region's cards, by sector: at home and elsewhere."""
        region = issuer.home_region
        assert region is not None
        if region not in self._reach:
            found: dict[Sector, tuple[list[Programme], list[Programme]]] = defaultdict(lambda: ([], []))
            for programme in self.programmes:
                place = self.on.network.region_at(programme.venue, programme.venue.municipality, self.last)
                if not refuse_crossing(self.on.network, card_region=region, place_region=place, day=self.last):
                    found[Sector(programme.venue.sector)][place != region].append(programme)
            self._reach[region] = dict(found)
        return self._reach[region]

    def uses(
        self, issuer: WorkplaceFacts, first: date, last: date, *, minors: int | None, tickets: int
    ) -> Iterator[InventedUse]:
        """Uses that a card may have on its valid days, some of them impossible; without `minors` a group's."""
        reached = self._reached(issuer)
        sectors = [sector for sector in SECTORS if sector in reached]
        weights = [SECTORS[sector] for sector in sectors]
        if first > last or not sectors:
            return
        for _try in range(tickets * TRIES_A_USE):
            home, away = reached[self.random.choices(sectors, weights)[0]]
            programmes = home if home and (not away or self.random.random() < AT_HOME) else away
            use = self._one_use(self.random.choice(programmes), first, last)
            if use is not None:
                self._company(use, minors)
                yield use

    def _one_use(self, programme: Programme, first: date, last: date) -> InventedUse | None:
        wanted = self.day(first, last)
        id = UUID(int=self.random.getrandbits(128), version=4)
        if programme.opens:
            offering = next((one for one in programme.opens if one.offered_on(wanted)), None)
            if offering is None:
                return None
            use = InventedUse(id, programme.venue.id, wanted, self.moment(wanted, 9, 20), offering)
            return self._late(use)
        number = bisect_left(programme.days, wanted)
        if number == len(programme.days):
            number -= 1
        offering = programme.dated[number]
        if offering.kind == OfferingKind.COURSE:
            day = self.day(max(first, offering.first_day - timedelta(days=30)), min(last, offering.last_day))
            at = self.moment(day, 9, 16)
            return InventedUse(id, programme.venue.id, day, at, offering, RecordKind.COURSE)
        if not first <= offering.first_day <= last or offering.starts_at is None:
            return None
        at = offering.starts_at - timedelta(seconds=self.random.randrange(60, 2400))
        if self.random.random() < IN_ADVANCE:
            at = max(datetime.combine(first, time(9), HELSINKI), at - timedelta(days=self.random.randint(1, 20)))
        return self._late(InventedUse(id, programme.venue.id, offering.first_day, at, offering))

    def _late(self, use: InventedUse) -> InventedUse:
        """A few come from a till without a connection or from a paper list, some days later."""
        chance = self.random.random()
        if use.entered_at.date() != use.day:
            return use
        if chance < OFFLINE:
            use.happened, use.source = True, Source.OFFLINE
        elif chance < OFFLINE + PAPER:
            entered = min(use.day + timedelta(days=self.random.randint(1, 3)), self.last)
            use.happened, use.source = True, Source.PAPER
            use.entered_at = max(use.entered_at, self.moment(entered, 20, 22))
        return use

    def _company(self, use: InventedUse, minors: int | None) -> None:
        course = use.kind == RecordKind.COURSE
        if minors is None:
            use.clients, use.workers = self.random.randint(2, 7), self.random.randint(1, 2)
        elif minors and not course and self.random.random() < WITH_CHILDREN:
            use.children = self.random.randint(1, minors)
        use.assistants = int(self.random.random() < ASSISTED)
        if self.random.random() < REVERSED:
            use.reversed_at = use.entered_at + timedelta(minutes=self.random.randint(1, 30))


def _postal_codes() -> dict[str, list[str]]:
    """Municipality → its postal codes, without those that lie in several municipalities."""
    links: dict[str, list[str]] = defaultdict(list)
    for code, municipality in PostalCode.municipalities.through.objects.order_by("pk").values_list(
        "postalcode_id", "municipality_id"
    ):
        links[code].append(municipality)
    codes: dict[str, list[str]] = defaultdict(list)
    for code, municipalities in links.items():
        if len(municipalities) == 1:
            codes[municipalities[0]].append(code)
    return dict(codes)
