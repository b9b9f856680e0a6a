"""The demo's network: the areas where the Kaiku Card began and the places they named, in today's time.

Regions and public venues are facts; issuing workplaces, the ticket agent and everything that happens are invented.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.network import (
    edit_region,
    make_region,
    make_workplace,
    plan_membership,
    plan_phase,
    sell_for,
    set_policy,
)
from kaikukortti.models import Municipality, Region, RegionMembership, RegionPhase, Workplace
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.kinds import Sector
from kaikukortti.terms.policies import Policy
from kaikukortti.terms.roles import Role
from kaikukortti.terms.states import Phase

BEGUN = date(2015, 1, 1)
KAINUU = ("205", "290", "105", "578", "620", "697", "765", "777")


def month(day: date, ahead: int) -> date:
    """The first day of the month so many months ahead (or, below zero, back)."""
    months = day.year * 12 + day.month - 1 + ahead
    return date(months // 12, months % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Area:
    """A region: its texts (fi, sv, en), municipalities and phases."""

    slug: str
    names: tuple[str, str, str]
    municipalities: tuple[str, ...]
    phases: tuple[tuple[date, Phase], ...]
    intro: tuple[str, str, str]
    ask: tuple[str, str, str]
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A workplace. `key` names it in the demo; a venue's `shows` are what it has on (fi, sv, en)."""

    key: str
    role: Role
    names: tuple[str, str, str]
    municipality: str
    area: str | None = None
    sector: Sector = Sector.CULTURE
    street: str = ""
    how: tuple[str, str, str] = ("", "", "")
    shows: tuple[tuple[str, str, str], ...] = field(default=())
    # Weekday bits of open admission; 0 is a place of events or courses.
    open_on: int = 0


_ASK = (
    "Kysy Kaikukorttia työntekijältä, jonka kanssa asioit. Kortti on maksuton, eikä tuloja kysytä.",
    "Fråga efter Kaikukortet hos den personal du har kontakt med. Kortet är gratis och ingen frågar om inkomster.",
    "Ask for the Kaiku Card where you are already a client. It is free and nobody asks about your income.",
)


def areas(today: date) -> list[Area]:
    """The regions in today's time: three permanent, two pilots, two on their way."""
    savonlinna = month(today, -16)
    return [
        Area(
            "kainuu",
            ("Kainuu", "Kajanaland", "Kainuu"),
            KAINUU,
            ((date(2016, 1, 1), Phase.PILOT), (date(2018, 1, 1), Phase.PERMANENT)),
            (
                "Kainuussa Kaikukortti käy kaikissa kahdeksassa kunnassa: nykytanssissa, kamarimusiikissa, "
                "uimahallissa ja kansalaisopiston kursseilla.",
                "I Kajanaland gäller Kaikukortet i alla åtta kommuner: på nutida dans, kammarmusik, simhall och "
                "medborgarinstitutets kurser.",
                "In Kainuu the Kaiku Card is valid in all eight municipalities: contemporary dance, chamber music, "
                "the swimming hall and adult education.",
            ),
            _ASK,
        ),
        Area(
            "espoo",
            ("Espoo", "Esbo", "Espoo"),
            ("049",),
            ((date(2015, 2, 1), Phase.PILOT), (date(2016, 1, 1), Phase.PERMANENT)),
            (
                "Kaikukortti alkoi Espoosta. Kortilla pääsee konsertteihin, lastenteatteriin, luontotaloon ja "
                "kuntosalille sekä kummankin kansalaisopiston kursseille.",
                "Kaikukortet började i Esbo. Med kortet kommer man in på konserter, barnteater, naturhus och gym samt "
                "på kurser vid båda instituten.",
                "The Kaiku Card began in Espoo: concerts, children's theatre, a nature house, a gym, and courses in "
                "Finnish and Swedish.",
            ),
            _ASK,
        ),
        Area(
            "lappeenranta",
            ("Lappeenranta", "Villmanstrand", "Lappeenranta"),
            ("405",),
            ((date(2018, 1, 1), Phase.PILOT), (date(2019, 1, 1), Phase.PERMANENT)),
            (
                "Lappeenrannassa kortilla pääsee orkesterin konsertteihin ja kesäteatteriin.",
                "I Villmanstrand ger kortet inträde till orkesterns konserter och sommarteatern.",
                "In Lappeenranta the card opens the city orchestra's concerts and the summer theatre.",
            ),
            _ASK,
        ),
        Area(
            "savonlinna",
            ("Savonlinna", "Nyslott", "Savonlinna"),
            ("740",),
            (
                (savonlinna, Phase.PILOT),
                (date(today.year + 2, 1, 1), Phase.ENDED),
            ),
            (
                "Savonlinnan kokeilussa kortti käy vain omalla alueella, eivätkä muiden alueiden kortit käy täällä.",
                "I Nyslotts försök gäller kortet bara i det egna området, och andra områdens kort gäller inte här.",
                "In Savonlinna's pilot the card is valid in its own area only, and other areas' cards are not valid "
                "here.",
            ),
            _ASK,
            closed=True,
        ),
        Area(
            "karkkila",
            ("Karkkila", "Högfors", "Karkkila"),
            ("224",),
            ((month(today, -8), Phase.PILOT),),
            (
                "Karkkilassa kokeillaan Kaikukorttia ruukkimuseossa ja tanssiesityksissä.",
                "I Högfors prövas Kaikukortet på bruksmuseet och på dansföreställningar.",
                "Karkkila tries the Kaiku Card at its ironworks museum and at dance performances.",
            ),
            _ASK,
        ),
        *(
            Area(
                slug,
                names,
                (municipality,),
                ((month(today, -3), Phase.PREPARING), (month(today, ahead), Phase.PILOT)),
                (
                    f"{names[0]} valmistelee Kaikukortin kokeilua.",
                    f"{names[1]} förbereder ett försök med Kaikukortet.",
                    f"{names[2]} is preparing a pilot of the Kaiku Card.",
                ),
                ("", "", ""),
            )
            for slug, names, municipality, ahead in (
                ("kemi", ("Kemi", "Kemi", "Kemi"), "240", 3),
                ("oulu", ("Oulu", "Uleåborg", "Oulu"), "564", 6),
            )
        ),
    ]


_DOOR = (
    "Näytä kortti lipunmyynnissä tai ovella.",
    "Visa kortet i biljettkassan eller vid dörren.",
    "Show the card at the box office or at the door.",
)
_COURSE = (
    "Ilmoittaudu kurssille tavalliseen tapaan ja kerro kortin koodi toimistoon.",
    "Anmäl dig till kursen som vanligt och uppge kortets kod till kansliet.",
    "Enrol as usual and tell the office the card's code.",
)
EVERY_DAY, TUESDAY_TO_SUNDAY = 0b1111111, 0b1111110

# The first venue and the first issuer are the ones that `demo --json` speaks of first.
PLACES: tuple[Place, ...] = (
    Place(
        "routa",
        Role.VENUE,
        ("Routa Company", "Routa Company", "Routa Company"),
        "205",
        "kainuu",
        how=_DOOR,
        shows=(
            ("Nykytanssi-ilta", "Kväll med nutida dans", "An evening of contemporary dance"),
            ("Talven jäljet", "Vinterns spår", "Traces of winter"),
            ("Koko perheen tanssituokio", "Dansstund för hela familjen", "Dance for the whole family"),
        ),
    ),
    Place(
        "hall",
        Role.VENUE,
        ("Kajaanin uimahalli", "Kajana simhall", "Kajaani swimming hall"),
        "205",
        "kainuu",
        Sector.SPORT,
        how=_DOOR,
        shows=(("Uinti", "Simning", "Swimming"),),
        open_on=EVERY_DAY,
    ),
    Place(
        "institute",
        Role.VENUE,
        ("Kajaanin kansalaisopisto", "Kajana medborgarinstitut", "Kajaani adult education centre"),
        "205",
        "kainuu",
        Sector.EDUCATION,
        how=_COURSE,
        shows=(
            ("Akvarellimaalaus", "Akvarellmålning", "Watercolour painting"),
            ("Kuoro aloittelijoille", "Kör för nybörjare", "Choir for beginners"),
            ("Suomea arkeen", "Finska i vardagen", "Everyday Finnish"),
        ),
    ),
    Place(
        "sommelo",
        Role.VENUE,
        ("Musiikkijuhla Sommelo", "Musikfesten Sommelo", "Sommelo music festival"),
        "290",
        "kainuu",
        how=_DOOR,
        shows=(("Kansanmusiikkikonsertti", "Folkmusikkonsert", "Folk music concert"),),
    ),
    Place(
        "kuhmo",
        Role.VENUE,
        ("Kuhmon Kamarimusiikki", "Kuhmo kammarmusik", "Kuhmo Chamber Music"),
        "290",
        "kainuu",
        how=_DOOR,
        shows=(("Kamarimusiikki-ilta", "Kammarmusikkväll", "Chamber music evening"),),
    ),
    Place(
        "tapiola",
        Role.VENUE,
        ("Tapiola Sinfonietta", "Tapiola Sinfonietta", "Tapiola Sinfonietta"),
        "049",
        "espoo",
        how=_DOOR,
        shows=(
            ("Sinfoniakonsertti", "Symfonikonsert", "Symphony concert"),
            ("Perhekonsertti", "Familjekonsert", "Family concert"),
        ),
    ),
    Place(
        "hevosenkenka",
        Role.VENUE,
        ("Teatteri Hevosenkenkä", "Teatern Hevosenkenkä", "Theatre Hevosenkenkä"),
        "049",
        "espoo",
        how=_DOOR,
        shows=(
            ("Lastenteatteria: Pieni lohikäärme", "Barnteater: Den lilla draken", "The little dragon, for children"),
            ("Nukketeatteria", "Dockteater", "Puppet theatre"),
        ),
    ),
    Place(
        "tyovaenopisto",
        Role.VENUE,
        ("Espoon työväenopisto", "Esbo arbetarinstitut (finskt)", "Espoo adult education centre"),
        "049",
        "espoo",
        Sector.EDUCATION,
        how=_COURSE,
        shows=(
            ("Keramiikan perusteet", "Grundkurs i keramik", "Basics of ceramics"),
            ("Kitaransoiton alkeet", "Gitarr för nybörjare", "Guitar for beginners"),
        ),
    ),
    Place(
        "arbis",
        Role.VENUE,
        ("Arbis", "Esbo Arbis", "Arbis"),
        "049",
        "espoo",
        Sector.EDUCATION,
        how=_COURSE,
        shows=(("Ruotsia keskustellen", "Svenska i samtal", "Swedish in conversation"),),
    ),
    Place(
        "nature",
        Role.VENUE,
        ("Espoon luontotalo", "Esbo naturhus", "Espoo nature house"),
        "049",
        "espoo",
        Sector.SCIENCE,
        how=_DOOR,
        shows=(("Luontonäyttely", "Naturutställning", "Nature exhibition"),),
        open_on=TUESDAY_TO_SUNDAY,
    ),
    Place(
        "gym",
        Role.VENUE,
        ("Leppävaaran kuntosali", "Alberga gym", "Leppävaara gym"),
        "049",
        "espoo",
        Sector.SPORT,
        how=_DOOR,
        shows=(("Kuntosali", "Gym", "Gym"),),
        open_on=EVERY_DAY,
    ),
    Place(
        "orchestra",
        Role.VENUE,
        ("Lappeenrannan kaupunginorkesteri", "Villmanstrands stadsorkester", "Lappeenranta City Orchestra"),
        "405",
        "lappeenranta",
        how=_DOOR,
        shows=(("Kaupunginorkesterin konsertti", "Stadsorkesterns konsert", "City orchestra concert"),),
    ),
    Place(
        "summer",
        Role.VENUE,
        ("Lappeenrannan kesäteatteri", "Villmanstrands sommarteater", "Lappeenranta summer theatre"),
        "405",
        "lappeenranta",
        how=_DOOR,
        shows=(("Kesäteatterin näytäntö", "Sommarteaterns föreställning", "Summer theatre performance"),),
    ),
    Place(
        "opera",
        Role.VENUE,
        ("Savonlinnan Oopperajuhlat", "Operafestivalen i Nyslott", "Savonlinna Opera Festival"),
        "740",
        "savonlinna",
        how=_DOOR,
        shows=(("Oopperaa lapsille", "Opera för barn", "Opera for children"),),
    ),
    Place(
        "lusto",
        Role.VENUE,
        ("Kino Lusto", "Kino Lusto", "Kino Lusto"),
        "740",
        "savonlinna",
        how=_DOOR,
        shows=(("Elokuvailta", "Filmkväll", "Film night"),),
    ),
    Place(
        "senkka",
        Role.VENUE,
        ("Ruukkimuseo Senkka", "Bruksmuseet Senkka", "Ironworks museum Senkka"),
        "224",
        "karkkila",
        Sector.SCIENCE,
        how=_DOOR,
        shows=(("Ruukin näyttely", "Bruksutställning", "Ironworks exhibition"),),
        open_on=TUESDAY_TO_SUNDAY,
    ),
    Place(
        "vinha",
        Role.VENUE,
        ("Tanssiopisto Vinha", "Dansinstitutet Vinha", "Dance school Vinha"),
        "224",
        "karkkila",
        how=_DOOR,
        shows=(("Tanssinäytös", "Dansuppvisning", "Dance show"),),
    ),
    Place(
        "kemi-museum",
        Role.VENUE,
        ("Kemin taidemuseo", "Kemi konstmuseum", "Kemi Art Museum"),
        "240",
        "kemi",
        how=_DOOR,
    ),
    Place(
        "office",
        Role.ISSUER,
        ("Kajaanin sosiaalitoimisto", "Socialbyrån i Kajana", "Kajaani social services"),
        "205",
        "kainuu",
    ),
    Place(
        "workshop",
        Role.ISSUER,
        ("Kuhmon nuorten työpaja", "Ungdomsverkstaden i Kuhmo", "Kuhmo youth workshop"),
        "290",
        "kainuu",
    ),
    Place(
        "families",
        Role.ISSUER,
        ("Espoon perhepalvelut", "Esbo familjeservice", "Espoo family services"),
        "049",
        "espoo",
    ),
    Place(
        "youth",
        Role.ISSUER,
        ("Espoon etsivä nuorisotyö", "Esbo uppsökande ungdomsarbete", "Espoo outreach youth work"),
        "049",
        "espoo",
    ),
    Place(
        "association",
        Role.ISSUER,
        ("Lappeenrannan työttömien yhdistys", "Arbetslösas förening i Villmanstrand", "Lappeenranta unemployed people"),
        "405",
        "lappeenranta",
    ),
    Place(
        "savonlinna-office",
        Role.ISSUER,
        ("Savonlinnan aikuissosiaalityö", "Vuxensocialarbetet i Nyslott", "Savonlinna adult social work"),
        "740",
        "savonlinna",
    ),
    Place(
        "karkkila-office",
        Role.ISSUER,
        ("Karkkilan hyvinvointipiste", "Välfärdspunkten i Högfors", "Karkkila wellbeing point"),
        "224",
        "karkkila",
    ),
    Place("agent", Role.TICKET_AGENT, ("Lippuluukku", "Biljettluckan", "Lippuluukku tickets"), "091"),
    Place(
        "analyst",
        Role.ANALYST,
        ("Kainuun hyvinvointikertomus", "Kajanalands välfärdsberättelse", "Kainuu wellbeing report"),
        "205",
    ),
    *(
        Place(f"{slug}-area", Role.COORDINATOR, names, municipality, slug)
        for slug, names, municipality in (
            ("kainuu", ("Kainuun Kaikukortti", "Kaikukortet i Kajanaland", "Kainuu Kaiku Card"), "205"),
            ("espoo", ("Espoon Kaikukortti", "Kaikukortet i Esbo", "Espoo Kaiku Card"), "049"),
            ("lappeenranta", ("Lappeenrannan Kaikukortti", "Kaikukortet i Villmanstrand", ""), "405"),
            ("savonlinna", ("Savonlinnan Kaikukortti", "Kaikukortet i Nyslott", ""), "740"),
            ("karkkila", ("Karkkilan Kaikukortti", "Kaikukortet i Högfors", ""), "224"),
            ("kemi", ("Kemin Kaikukortti", "Kaikukortet i Kemi", ""), "240"),
            ("oulu", ("Oulun Kaikukortti", "Kaikukortet i Uleåborg", ""), "564"),
        )
    ),
)
# An area that takes no other cards and one that has not begun are among them, for the sandbox.
SOLD_BY_AGENT = ("routa", "tapiola", "orchestra", "lusto", "kemi-museum")


class Network:
    """Builds what is missing of the network, by the national service; as often as one likes."""

    def __init__(self, national: Workplace, *, by: Actor, now: datetime) -> None:
        self.by, self.now = by, now
        self.workplaces: dict[str, Workplace] = {"national": national}
        self.regions: dict[str, Region] = {}

    def _actor(self) -> Actor:
        """The national service's contact person, knowing the network as it stands now."""
        return Actor(self.by.workplace, user=self.by.user, membership=self.by.membership)

    @transaction.atomic
    def build(self) -> "Network":
        """All or nothing, so that a demo killed half-way begins again where nothing stands."""
        today = helsinki_day(self.now)
        for area in areas(today):
            self._area(area)
        known = {(one.name_fi, one.role): one for one in Workplace.objects.all()}
        for place in PLACES:
            self.workplaces[place.key] = known.get((place.names[0], place.role)) or self._place(place)
        agent = self.workplaces["agent"]
        sold = set(agent.venues.values_list("pk", flat=True))
        for key in SOLD_BY_AGENT:
            if self.workplaces[key].pk not in sold:
                sell_for(agent, self.workplaces[key], sells=True, by=self._actor())
        self._policies(today)
        return self

    def _area(self, area: Area) -> None:
        region = Region.objects.filter(slug=area.slug).first()
        if region is None:
            region = make_region(area.slug, texts=_named("name", area.names), by=self._actor())
        if not region.intro_fi:
            texts = _named("intro", area.intro) | _named("how_to_ask", area.ask)
            edit_region(region, texts=texts, by=self._actor())
        self.regions[area.slug] = region
        if not RegionPhase.objects.filter(region=region).exists():
            for since, phase in area.phases:
                _done(plan_phase(region, phase=phase, since=since, by=self._actor(), now=self.now))
        for code in area.municipalities:
            if not RegionMembership.objects.filter(municipality=code).exists():
                since = area.phases[0][0]
                _done(plan_membership(code, region=region, since=since, by=self._actor(), now=self.now))
        if area.closed and not region.policies.exists():
            self._close(region, area.phases)

    def _close(self, region: Region, phases: Iterable[tuple[date, Phase]]) -> None:
        """A pilot on its own: closed in both directions, its cards valid to its last day at the latest."""
        (since, _pilot), (ended, _ended) = phases
        rules: tuple[tuple[Policy, Any], ...] = (
            (Policy.CARDS_GO_OUT, False),
            (Policy.OTHERS_COME_IN, False),
            (Policy.VALIDITY_ENDS, (ended - timedelta(days=1)).isoformat()),
        )
        for key, value in rules:
            _done(
                set_policy(
                    key,
                    value,
                    since=since,
                    region=region,
                    reason="Kokeilu omalla alueella",
                    by=self._actor(),
                    now=self.now,
                )
            )

    def _place(self, place: Place) -> Workplace:
        facts: dict[str, Any] = {
            **_named("name", place.names),
            **_named("how", place.how),
            "municipality_id": place.municipality,
            "home_region": self.regions[place.area] if place.area else None,
            "sector": place.sector,
            "since": BEGUN,
        }
        municipalities = Municipality.objects.filter(pk__in=KAINUU if place.role == Role.ANALYST else ())
        return make_workplace(place.role, facts=facts, by=self._actor(), municipalities=municipalities)

    def _policies(self, today: date) -> None:
        """What differs locally, away from the first venue and its neighbours: a monthly cap at the gym, two courses a
        year with a covered maximum in Lappeenranta."""
        since = date(today.year, 1, 1)
        gym, lappeenranta = self.workplaces["gym"], self.regions["lappeenranta"]
        wanted: tuple[tuple[Policy, Any, dict[str, Any]], ...] = (
            (Policy.TICKETS_PER_MONTH, 12, {"venue": gym}),
            (Policy.COURSES_PER_YEAR, 2, {"region": lappeenranta}),
            (Policy.COURSE_COVERED, 2500, {"region": lappeenranta}),
        )
        for key, value, scope in wanted:
            owner = scope.get("venue") or scope["region"]
            if not owner.policies.filter(key=key).exists():
                reason = "Paikallinen sopimus"
                _done(set_policy(key, value, since=since, reason=reason, by=self._actor(), now=self.now, **scope))


def _done(why_not: WhyNot | None) -> None:
    assert why_not is None, why_not  # the demo's own plan always fits an empty network


def _named(column: str, texts: tuple[str, str, str]) -> dict[str, str]:
    return {f"{column}_{language}": text for language, text in zip(("fi", "sv", "en"), texts, strict=True)}
