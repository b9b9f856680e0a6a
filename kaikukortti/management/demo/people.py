"""The demo's people: one for each role and workplace, a pair for each region; first names only, all invented."""

from dataclasses import dataclass
from datetime import datetime

from kaikukortti.actions.actor import Actor
from kaikukortti.actions.demo import demo_secret, give_demo_app, make_demo_token, open_demo
from kaikukortti.actions.people import MadeLink, choose_password, come_in, invite_person, join_too, reset_password
from kaikukortti.management.demo import derived
from kaikukortti.models import Membership, User, Workplace
from kaikukortti.terms.roles import Side

HELSINKI = "091"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    workplace: str
    side: str = ""

    @property
    def username(self) -> str:
        return self.name.lower()


NELLI = Person("Nelli", "national")
# The first of each role is the one the tour speaks of.
PEOPLE = (
    NELLI,
    Person("Kaisa", "kainuu-area", Side.CULTURE),
    Person("Sari", "kainuu-area", Side.SOCIAL),
    Person("Eeva", "espoo-area", Side.CULTURE),
    Person("Sofia", "espoo-area", Side.SOCIAL),
    Person("Lauri", "lappeenranta-area", Side.CULTURE),
    Person("Saara", "lappeenranta-area", Side.SOCIAL),
    Person("Olli", "savonlinna-area", Side.CULTURE),
    Person("Sirpa", "savonlinna-area", Side.SOCIAL),
    Person("Kirsi", "karkkila-area", Side.CULTURE),
    Person("Seppo", "karkkila-area", Side.SOCIAL),
    Person("Meri", "kemi-area", Side.CULTURE),
    Person("Otso", "oulu-area", Side.SOCIAL),
    Person("Aino", "office"),
    Person("Pekka", "workshop"),
    Person("Oskari", "families"),
    Person("Nora", "youth"),
    Person("Timo", "association"),
    Person("Inka", "savonlinna-office"),
    Person("Kalle", "karkkila-office"),
    Person("Ville", "routa"),
    Person("Salla", "hall"),
    Person("Katri", "institute"),
    Person("Martti", "kuhmo"),
    Person("Tarja", "tapiola"),
    Person("Hanna", "hevosenkenka"),
    Person("Astrid", "arbis"),
    Person("Leo", "gym"),
    Person("Lasse", "lusto"),
    Person("Senja", "senkka"),
    Person("Liisa", "agent"),
    Person("Anna", "analyst"),
)
# Whose machines have a token, in the order `demo --json` lists them.
WITH_TOKENS = (
    "routa",
    "hall",
    "institute",
    "tapiola",
    "gym",
    "lusto",
    "office",
    "families",
    "savonlinna-office",
    "agent",
    "national",
)


def begin(*, now: datetime) -> Actor:
    """The national service's contact person, who makes the rest."""
    password = derived.password(NELLI.username)
    workplace = open_demo(person=NELLI.name, username=NELLI.username, password=password, municipality=HELSINKI, now=now)
    return actor(workplace)


def actor(workplace: Workplace) -> Actor:
    """Who acts for the workplace: its first contact person."""
    members = Membership.objects.current().filter(workplace=workplace).select_related("user")
    member = members.order_by("-is_contact", "pk").first()
    return Actor(workplace, user=member.user if member else None, membership=member)


def let_in(workplaces: dict[str, Workplace], *, now: datetime) -> None:
    """Everyone comes in by a one-time link, as people do; whoever was removed or changed their password is let in
    again, so that what is printed holds."""
    national = actor(workplaces["national"])
    users = {user.username: user for user in User.objects.filter(username__in=[one.username for one in PEOPLE])}
    places = Membership.objects.current().filter(user__in=users.values()).select_related("user", "workplace")
    members = {(one.user.username, one.workplace_id): one for one in places}
    for person in PEOPLE:
        workplace, user = workplaces[person.workplace], users.get(person.username)
        member = members.get((person.username, workplace.pk))
        password = derived.password(person.username)
        if member is None:
            link = invite_person(
                workplace, name=person.name, is_contact=True, side=person.side, by=national, now=now
            ).secret
            if user is None:
                come_in(link, username=person.username, password=password, now=now)
                continue
            member = join_too(link, user=user, now=now)
        if not member.user.check_password(password):
            _give_password_back(member, password, by=national, now=now)


def give_apps(*, now: datetime) -> None:
    """A second factor for everyone; the page that asks for its code tells the code."""
    for user in User.objects.filter(username__in=[one.username for one in PEOPLE]):
        give_demo_app(user, now=now)


def _give_password_back(member: Membership, password: str, *, by: Actor, now: datetime) -> None:
    made = reset_password(member, by=by, now=now)
    if isinstance(made, MadeLink):
        choose_password(made.secret, password=password, now=now)


def give_tokens(workplaces: dict[str, Workplace], *, now: datetime) -> None:
    national = actor(workplaces["national"])
    for key in WITH_TOKENS:
        make_demo_token(workplaces[key], label="demo", secret=derived.token(key), by=national, now=now)


def accounts(workplaces: dict[str, Workplace]) -> list[dict[str, str]]:
    """Who can sign in, as the contract lists them."""
    return [
        {
            "role": workplaces[person.workplace].role,
            "workplace": workplaces[person.workplace].name_fi,
            "username": person.username,
            "password": derived.password(person.username),
            "totp": demo_secret(person.username),
        }
        for person in PEOPLE
    ]


def tokens(workplaces: dict[str, Workplace]) -> list[dict[str, str]]:
    return [
        {"role": workplaces[key].role, "workplace": workplaces[key].name_fi, "token": derived.token(key)}
        for key in WITH_TOKENS
    ]
