"""Who may grant what. One sentence stands over all of it: nobody grants what they lack.

Each question is answered by why not, or None. A contact person looks after the own workplace, a coordinator after the
issuers, venues and ticket agents of the own region, the national service after everybody. The national service's own
team is looked after by its contact persons alone: whoever could come in there could do everything.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date

from kaikukortti.rules.network import WorkplaceFacts
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.policies import NOT_FOR_VENUES, Policy
from kaikukortti.terms.roles import Role

# What coordinators make and look after; the other roles reach beyond a region.
OF_A_REGION = (Role.ISSUER, Role.VENUE, Role.TICKET_AGENT)
# Whose machines have calls to make.
WITH_TOKENS = (Role.ISSUER, Role.VENUE, Role.TICKET_AGENT, Role.NATIONAL)


@dataclass(frozen=True, slots=True)
class Granter:
    """Who wants to grant: for which workplace they act, and whether they are its contact person."""

    workplace: WorkplaceFacts
    is_contact: bool

    @property
    def role(self) -> Role:
        return self.workplace.role


def refuse_people(granter: Granter, workplace: WorkplaceFacts) -> WhyNot | None:
    """May the granter invite, remove and reset people of this workplace, and make its tokens?"""
    if granter.workplace.id == workplace.id:
        return None if granter.is_contact else WhyNot.NOT_CONTACT
    if granter.role == Role.NATIONAL:
        return WhyNot.NOT_CONTACT if workplace.role == Role.NATIONAL and not granter.is_contact else None
    return refuse_workplace(granter, workplace)


def refuse_invitation(granter: Granter, workplace: WorkplaceFacts, *, has_contact: bool) -> WhyNot | None:
    """May the granter let another person in? From outside, an issuer's first contact person and nobody else: whoever
    let in others could let in themselves, and read holders' data that they lack."""
    why_not = refuse_people(granter, workplace)
    if why_not or granter.workplace.id == workplace.id or workplace.role != Role.ISSUER:
        return why_not
    return WhyNot.CONTACT_INVITES if has_contact else None


def refuse_workplace(granter: Granter, workplace: WorkplaceFacts) -> WhyNot | None:
    """May the granter edit and end this workplace, or have cards made for it?"""
    if granter.role == Role.NATIONAL:
        return None
    if granter.role != Role.COORDINATOR:
        return WhyNot.NATIONAL_ONLY
    if workplace.role not in OF_A_REGION:
        return WhyNot.NATIONAL_ONLY
    # A workplace of several regions is looked after by the coordinator of its home.
    return None if workplace.home_region in granter.workplace.regions else WhyNot.NOT_YOURS


def refuse_reset(granter: Granter, workplaces: Iterable[WorkplaceFacts]) -> WhyNot | None:
    """A new password opens every workplace of the person: only who may look after all of them makes the link."""
    why_nots = [refuse_people(granter, workplace) for workplace in workplaces]
    if not why_nots or None not in why_nots:
        return why_nots[0] if why_nots else WhyNot.NOT_YOURS
    return WhyNot.WORKS_ELSEWHERE_TOO if any(why_nots) else None


def refuse_factor_reset(
    granter: Granter, workplaces: Iterable[WorkplaceFacts], *, with_contact: Container[int]
) -> WhyNot | None:
    """May the granter take away the second factor of somebody who is at these workplaces? The contact person does it.
    From outside, nobody who could not let people into an issuer: who resets both a password and a factor is let in."""
    workplaces = list(workplaces)
    why_not = refuse_reset(granter, workplaces)
    if why_not or granter.role == Role.NATIONAL:
        return why_not
    theirs = [one for one in workplaces if one.role == Role.ISSUER and one.id != granter.workplace.id]
    return WhyNot.CONTACT_RESETS if any(one.id in with_contact for one in theirs) else None


def refuse_provider(granter: Granter, workplace: WorkplaceFacts) -> WhyNot | None:
    """May the granter say through which organisation's sign-in the workplace's people come? Its contact person and the
    national service: who chooses the door could choose one that they hold the key of."""
    if granter.workplace.id == workplace.id or granter.role == Role.NATIONAL:
        return refuse_people(granter, workplace)
    return WhyNot.NOT_CONTACT


def refuse_leaving(*, is_contact: bool, other_contacts: int) -> WhyNot | None:
    """A workplace without a contact person has nobody to let the next one in."""
    return WhyNot.LAST_CONTACT if is_contact and not other_contacts else None


def refuse_token(granter: Granter, workplace: WorkplaceFacts) -> WhyNot | None:
    if workplace.role not in WITH_TOKENS:
        return WhyNot.NO_TOKENS_HERE
    return refuse_people(granter, workplace)


def refuse_cards(granter: Granter, workplace: WorkplaceFacts) -> WhyNot | None:
    """Blank cards are made for an issuer by its region's coordinator or the national service."""
    return refuse_workplace(granter, workplace) or (None if workplace.role == Role.ISSUER else WhyNot.ONLY_FOR_ISSUERS)


def refuse_move(granter: Granter, *, region: int | None, to: WorkplaceFacts, day: date) -> WhyNot | None:
    """May the granter let another workplace look after a card of this region (rule 9)? A coordinator within the own
    regions, the national service everywhere; only an issuer that is at work can do it."""
    if to.role != Role.ISSUER or not to.active_on(day):
        return WhyNot.ONLY_FOR_ISSUERS
    if granter.role == Role.COORDINATOR and region not in granter.workplace.regions:
        return WhyNot.NOT_YOURS
    return refuse_workplace(granter, to)


def refuse_making(granter: Granter, role: Role, regions: Iterable[int]) -> WhyNot | None:
    """May the granter make a workplace of this role that serves these regions? All of them must be the granter's."""
    if granter.role == Role.NATIONAL:
        return None
    if granter.role != Role.COORDINATOR or role not in OF_A_REGION:
        return WhyNot.NATIONAL_ONLY
    wanted = set(regions)
    return None if wanted and wanted <= granter.workplace.regions else WhyNot.NOT_YOURS


def refuse_region(granter: Granter, region: int) -> WhyNot | None:
    """May the granter edit the region's texts and set its policies?"""
    if granter.role == Role.NATIONAL:
        return None
    if granter.role == Role.COORDINATOR and region in granter.workplace.regions:
        return None
    return WhyNot.NOT_YOURS if granter.role == Role.COORDINATOR else WhyNot.NATIONAL_ONLY


def refuse_policy(
    granter: Granter, policy: Policy, *, region: int | None = None, venue: WorkplaceFacts | None = None
) -> WhyNot | None:
    """The whole country: the national service. A region: its coordinator too. A venue: its contact person too."""
    if venue is not None:
        if policy in NOT_FOR_VENUES:
            return WhyNot.NOT_FOR_VENUES
        if granter.workplace.id == venue.id:
            return None if granter.is_contact else WhyNot.NOT_CONTACT
        return refuse_workplace(granter, venue)
    if region is not None:
        return refuse_region(granter, region)
    return None if granter.role == Role.NATIONAL else WhyNot.NATIONAL_ONLY
