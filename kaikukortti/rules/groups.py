"""A group: a worker plans it, the venue lets it in with one press (rules 18–20)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kaikukortti.rules.situation import Ask, Judgement, OfferingFacts, Situation
from kaikukortti.rules.uses import judge
from kaikukortti.terms.days import HELSINKI, day_end, day_start
from kaikukortti.terms.kinds import OfferingKind, Status
from kaikukortti.terms.refusals import Refusal

MOST_CARDS = 60
MOST_OF_A_COUNT = 100
NOON = time(12)


class Problem(TextChoices):
    """Why a plan cannot be made as it stands; each says how to mend it."""

    NOBODY = "nobody", _("Add at least one card, or a community card and its clients.")
    NEEDS_COMMUNITY = "needs-community", _("Clients under 16 and workers come with a community card. Add its code.")
    TOO_MANY = "too-many", _("A group has at most 60 cards. Plan two groups.")
    TOO_LATE = "too-late", _("It has begun already. Go to the door with the cards.")
    OVER = "over", _("The group has been let in already.")


@dataclass(frozen=True, slots=True)
class Group:
    """Who comes: how many children with each own card, and the numbers of a community card (0 without one)."""

    children: Sequence[int] = ()
    community: bool = False
    clients: int = 0
    workers: int = 0
    assistants: int = 0

    @property
    def places(self) -> int:
        """As rule 17 counts them: assistants stand outside."""
        return len(self.children) + sum(self.children) + self.clients + self.workers

    @property
    def young(self) -> int:
        """Those who take children's places."""
        return sum(self.children) + self.clients


def problem_with_group(group: Group) -> Problem | None:
    if not group.community and (group.clients or group.workers):
        return Problem.NEEDS_COMMUNITY
    if not group.children and not group.community:
        return Problem.NOBODY
    return Problem.TOO_MANY if len(group.children) > MOST_CARDS else None


def problem_with_day(offering: OfferingFacts, day: date, *, now: datetime) -> Problem | None:
    """A plan is made and changed until the event starts, or the day of open admission ends."""
    return Problem.TOO_LATE if ends_at(offering, day) <= now else None


def ends_at(offering: OfferingFacts, day: date) -> datetime:
    """Until when a group's places are kept."""
    if offering.kind == OfferingKind.EVENT and offering.starts_at is not None:
        return offering.starts_at
    return day_end(day)


def at_the_door(offering: OfferingFacts, day: date, *, now: datetime) -> datetime:
    """The instant the group is expected: the event's start, else noon of the day; never before now."""
    starts = offering.starts_at if offering.kind == OfferingKind.EVENT else None
    expected = starts or max(day_start(day), datetime.combine(day, NOON, HELSINKI))
    return max(expected, now)


def foresee(ask: Ask, s: Situation, offering: OfferingFacts) -> Judgement:
    """What the door would say of a card, as if the day had come. What the card was used for is not asked: who plans
    must not learn it (P7), and the door asks anyway."""
    then = replace(s, now=at_the_door(offering, ask.day, now=s.now), past=())
    judgement = judge(ask, then)
    if judgement.status == Status.FLAGGED and judgement.refusal == Refusal.TOO_MANY_CHILDREN:
        return Judgement(Status.REFUSED, Refusal.TOO_MANY_CHILDREN)
    return judgement
