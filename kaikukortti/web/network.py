"""The network's first page: what coordinators and the national service look after, and what is coming."""

from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, npgettext

from kaikukortti.models import Membership, PolicyRow, RegionMembership, RegionPhase, Workplace
from kaikukortti.rules.people import OF_A_REGION
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to

CARING = (Role.NATIONAL, Role.COORDINATOR)
MOST_COMING = 20


def own_regions(request: ActingRequest) -> list[int] | None:
    """The regions a coordinator looks after; None for the national service, which looks after all."""
    return None if request.actor.role == Role.NATIONAL else sorted(request.actor.facts.regions)


def workplaces_of(request: ActingRequest) -> QuerySet[Workplace]:
    """The workplaces the actor looks after. A coordinator: what its regions' issuers, venues and agents serve."""
    regions = own_regions(request)
    if regions is None:
        return Workplace.objects.all()
    here = Workplace.regions.through.objects.filter(workplace_id=OuterRef("pk"), region_id__in=regions)
    of_a_region = Workplace.objects.filter(role__in=OF_A_REGION)
    return of_a_region.filter(Q(home_region__in=regions) | Exists(here))


def without_contact(places: QuerySet[Workplace]) -> QuerySet[Workplace]:
    """Workplaces that nobody can be let into (S26)."""
    contact = Membership.objects.current().filter(workplace=OuterRef("pk"), is_contact=True)
    return places.filter(~Exists(contact))


@open_to(*CARING)
def network(request: ActingRequest) -> HttpResponse:
    today = helsinki_day(timezone.now())
    places = workplaces_of(request).filter(Q(until__isnull=True) | Q(until__gte=today))
    numbers = {row["role"]: row["n"] for row in places.values("role").order_by("role").annotate(n=Count("pk"))}
    answer = {
        "counts": [(role.value, counted(role, numbers[role]), numbers[role]) for role in Role if role in numbers],
        "alone": without_contact(places).order_by("name_fi", "pk")[:10],
        "coming": coming_changes(own_regions(request), today),
    }
    return render(request, "kaikukortti/network/network.html", answer)


def counted(role: Role, n: int) -> str:
    """What stands after a number of workplaces of a role."""
    words = {
        Role.NATIONAL: npgettext("counted", "national service", "national services", n),
        Role.COORDINATOR: npgettext("counted", "coordinator", "coordinators", n),
        Role.ISSUER: npgettext("counted", "issuing workplace", "issuing workplaces", n),
        Role.VENUE: npgettext("counted", "venue", "venues", n),
        Role.TICKET_AGENT: npgettext("counted", "ticket agent", "ticket agents", n),
        Role.ANALYST: npgettext("counted", "analyst", "analysts", n),
    }
    return words[role]


def coming_changes(regions: list[int] | None, today: date) -> list[tuple[date, str]]:
    """Planned changes of these regions (None: of all), the next first."""
    phases = RegionPhase.objects.filter(since__gt=today).select_related("region")
    members = RegionMembership.objects.filter(since__gt=today).select_related("region", "municipality")
    policies = PolicyRow.objects.filter(since__gt=today).select_related("region", "venue")
    if regions is not None:
        phases = phases.filter(region__in=regions)
        members = members.filter(Q(region__in=regions) | Q(municipality__memberships__region__in=regions)).distinct()
        policies = policies.filter(Q(region__in=regions) | Q(region__isnull=True, venue__isnull=True))
    coming = [
        (one.since, gettext("{region}: {phase}").format(region=one.region, phase=one.get_phase_display()))
        for one in phases.order_by("since", "pk")[:MOST_COMING]
    ]
    for member in members.order_by("since", "pk")[:MOST_COMING]:
        sentence = gettext("{municipality} joins {region}") if member.region else gettext("{municipality} leaves")
        coming.append((member.since, sentence.format(municipality=member.municipality, region=member.region)))
    for policy in policies.order_by("since", "pk")[:MOST_COMING]:
        scope = policy.region or policy.venue or gettext("whole country")
        coming.append((policy.since, f"{scope}: {policy.get_key_display()}"))
    return sorted(coming)[:MOST_COMING]
