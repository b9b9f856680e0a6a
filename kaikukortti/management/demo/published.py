"""The nine years of the programme's published national table, as a register that counts back to exactly that table.

The numbers are the programme's (kaikukortti.fi, statistics page). Which municipality joined when, who used what and on
which day is invented: only Espoo, Kainuu and the places of 2018 stand where they were.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.db import transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.network import make_region, make_workplace, plan_membership, plan_phase
from kaikukortti.actions.simulation import InventedCard, InventedUse, Stage, Written, stage, write_cards
from kaikukortti.management.demo.history import Told
from kaikukortti.management.demo.network import KAINUU
from kaikukortti.management.demo.plans import Plans
from kaikukortti.models import Municipality
from kaikukortti.rules.network import WorkplaceFacts
from kaikukortti.terms.kinds import Sector, Source
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase

CHUNK = 1000
SECTORS = (Sector.CULTURE, Sector.EDUCATION, Sector.SCIENCE, Sector.SPORT)
MOST_CHILDREN = 3


@dataclass(frozen=True, slots=True)
class Year:
    """A row of the table: adults and children by sector in the order of its columns."""

    year: int
    registered: int
    taken_into_use: int
    adults: tuple[int, int, int, int]
    children: tuple[int, int, int, int]
    municipalities: int


TABLE = (
    Year(2015, 1000, 180, (586, 0, 0, 0), (24, 0, 0, 0), 1),
    Year(2016, 2003, 1457, (1980, 42, 0, 0), (95, 0, 0, 0), 9),
    Year(2017, 3913, 824, (2699, 91, 82, 20), (52, 0, 3, 0), 11),
    Year(2018, 4528, 1261, (3985, 528, 710, 120), (218, 5, 544, 0), 14),
    Year(2019, 6095, 1667, (5904, 541, 1959, 810), (534, 2, 1412, 365), 21),
    Year(2020, 5984, 959, (2452, 97, 1175, 3559), (281, 0, 998, 1273), 38),
    Year(2021, 10731, 4363, (3592, 847, 983, 17105), (628, 1, 759, 2653), 50),
    Year(2022, 11689, 4433, (9829, 1183, 1708, 21685), (1330, 11, 4048, 1368), 54),
    Year(2023, 14789, 5608, (16193, 2043, 1986, 22524), (2414, 27, 1432, 4569), 61),
)
# The regions that joined in a year, with their municipalities; from 2019 on by regions of Finland, as many as it takes.
JOINED: dict[int, tuple[tuple[str, tuple[str, ...]], ...]] = {
    2015: (("Espoo", ("049",)),),
    2016: (("Kainuu", KAINUU),),
    2017: (("Lappeenranta", ("405",)), ("Savonlinna", ("740",))),
    2018: (("Karkkila", ("224",)), ("Kemi", ("240",)), ("Oulu", ("564",))),
}
# Codes of regions of Finland: Ostrobothnia, North Savo, Päijät-Häme, Pirkanmaa, Southwest Finland.
LATER = {2019: "15", 2020: "11", 2021: "06", 2022: "16", 2023: "02"}


def write_published(by: Actor, *, now: datetime, told: Told) -> Written:
    """Fill an empty register with the nine years, chunk by chunk."""
    build_network(by, now=now)
    on, done = stage(), Written()
    for row in TABLE:
        plans = Plans(on, first=date(row.year, 1, 1), last=date(row.year, 12, 31), seed=f"published {row.year}")
        chunk: list[InventedCard] = []
        for card in _Cards(row, plans, on).draw():
            chunk.append(card)
            if len(chunk) == CHUNK:
                _write(chunk, on, done, told)
                chunk = []
        _write(chunk, on, done, told)
    return done


def _write(chunk: list[InventedCard], on: Stage, done: Written, told: Told) -> None:
    written = write_cards(chunk, on=on)
    done.add(written)
    told(written)


# --- the network ------------------------------------------------------------------------------------------------


@transaction.atomic
def build_network(by: Actor, *, now: datetime) -> None:
    """Regions as they joined, each with an issuing workplace and a venue of every sector."""
    for year, regions in _regions().items():
        since = date(year, 1, 1)
        for name, municipalities in regions:
            region = make_region(f"alue-{municipalities[0]}", texts={"name_fi": name}, by=_fresh(by))
            plan_phase(region, phase=Phase.PILOT, since=since, by=_fresh(by), now=now)
            for code in municipalities:
                plan_membership(code, region=region, since=since, by=_fresh(by), now=now)
            for role, sector, what in (
                (Role.ISSUER, Sector.CULTURE, "kortinjakaja"),
                (Role.VENUE, Sector.CULTURE, "teatteri"),
                (Role.VENUE, Sector.EDUCATION, "opisto"),
                (Role.VENUE, Sector.SCIENCE, "tiedemuseo"),
                (Role.VENUE, Sector.SPORT, "uimahalli"),
            ):
                facts = {
                    "name_fi": f"{name}: {what}",
                    "municipality_id": municipalities[0],
                    "home_region": region,
                    "sector": sector,
                    "since": since,
                }
                make_workplace(role, facts=facts, by=_fresh(by))


def _fresh(by: Actor) -> Actor:
    return Actor(by.workplace, user=by.user, membership=by.membership)


def _regions() -> dict[int, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Who joined each year: as many municipalities as the table's numbers ask for."""
    joined, total = dict(JOINED), sum(len(codes) for regions in JOINED.values() for _name, codes in regions)
    for row in TABLE:
        if row.year in LATER:
            province = LATER[row.year]
            rows = Municipality.objects.filter(province_id=province, until=None, since__lte=date(2015, 1, 1))
            codes = list(rows.order_by("code").values_list("code", flat=True)[: row.municipalities - total])
            joined[row.year] = ((str(rows[0].province.name_fi), tuple(codes)),)
            total += len(codes)
        assert sum(len(c) for y, regions in joined.items() if y <= row.year for _n, c in regions) == row.municipalities
    return joined


# --- a year -----------------------------------------------------------------------------------------------------


class _Cards:
    """The cards of one year: those taken into use first share its records between them, the rest stay in the drawer."""

    def __init__(self, row: Year, plans: Plans, on: Stage) -> None:
        self.row, self.plans, self.random = row, plans, plans.random
        self.last = date(row.year, 12, 31)
        self.venues: dict[tuple[int | None, Sector], list[WorkplaceFacts]] = {}
        for one in on.network.workplaces.values():
            if one.role == Role.VENUE and one.since <= self.last:
                self.venues.setdefault((one.home_region, Sector(one.sector)), []).append(one)

    def draw(self) -> Iterator[InventedCard]:
        records = list(tickets(self.row, self.random))
        hands: list[list[tuple[Sector, int]]] = [[one] for one in records[: self.row.taken_into_use]]
        for one in records[self.row.taken_into_use :]:
            self.random.choice(hands).append(one)
        for hand in hands:
            yield self._card(hand)
        for _unused in range(self.row.registered - len(hands)):
            yield self.plans.card(tickets=0)

    def _card(self, hand: list[tuple[Sector, int]]) -> InventedCard:
        """A card whose uses all fall in its year; the register knows as many children as ever come along."""
        latest = self.last - timedelta(days=60)
        card = self.plans.card(tickets=0, day=self.plans.day(date(self.row.year, 1, 1), latest))
        assert card.holder is not None
        minors = max([card.holder.minors, *(children for _sector, children in hand)])
        card.holder = replace(card.holder, minors=minors)
        card.blocked_at = None
        card.tickets = None
        card.uses = list(self._uses(card, hand))
        return card

    def _uses(self, card: InventedCard, hand: list[tuple[Sector, int]]) -> Iterator[InventedUse]:
        """Each on a day and at a venue of its own, as an old list would tell it: without an offering."""
        first = card.issued_at.date() + timedelta(days=1)
        region = self.plans.on.network.workplaces[card.issuer].home_region
        taken: set[tuple[int, date]] = set()
        for sector, children in hand:
            venue = self.random.choice(self.venues[region, sector]).id
            day = self.plans.day(first, self.last)
            while (venue, day) in taken:
                day = self.plans.day(first, self.last)
            taken.add((venue, day))
            yield InventedUse(
                UUID(int=self.random.getrandbits(128), version=4),
                venue,
                day,
                self.plans.moment(day, 20, 23),
                source=Source.IMPORT,
                happened=True,
                children=children,
            )


def tickets(row: Year, draw: Random) -> Iterator[tuple[Sector, int]]:
    """The year's records in any order: the sector, and the children who came along with the holder."""
    records: list[tuple[Sector, int]] = []
    for sector, adults, children in zip(SECTORS, row.adults, row.children, strict=True):
        along = [0] * adults
        left = children
        for number in range(adults):
            # What is left must still fit with the adults that are left.
            least = max(0, left - MOST_CHILDREN * (adults - number - 1))
            most = min(MOST_CHILDREN, left)
            along[number] = min(most, max(least, _about(left / (adults - number), draw)))
            left -= along[number]
        records += [(sector, number) for number in along]
    draw.shuffle(records)
    yield from records


def _about(mean: float, draw: Random) -> int:
    """A whole number with this mean; few children come in twos and threes, for most holders come alone."""
    if mean < 1:
        return draw.randint(1, MOST_CHILDREN) if draw.random() < mean / 2 else 0
    return int(mean + draw.random())
