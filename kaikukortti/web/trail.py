"""The audit trail as a workplace's contact person reads it: who opened or changed which card, record or right, when.

Own entries only: neither the national service nor a coordinator learns here which workplace opened which card.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.trail import note
from kaikukortti.models import Card, TrailEntry, User
from kaikukortti.terms.days import day_end, day_start, helsinki_day
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.roles import Role
from kaikukortti.terms.trail import Act, Subject, subject_of
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.day_field import DayField

READERS = (Role.NATIONAL, Role.ISSUER)
A_PAGE = 50
GROUPS = (
    (Subject.CARD, pgettext_lazy("trail", "Cards")),
    (Subject.RECORD, pgettext_lazy("trail", "Uses")),
    (Subject.PERSON, pgettext_lazy("trail", "People")),
    (Subject.OTHER, pgettext_lazy("trail", "Other")),
)


class FilterForm(forms.Form):
    use_required_attribute = False

    act = forms.ChoiceField(label=_("What was done"), required=False)
    on = DayField(label=_("Day"), required=False)

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        field = self.fields["act"]
        assert isinstance(field, forms.ChoiceField)
        of_kind = {kind: [(act.value, act.label) for act in Act if subject_of(act) == kind] for kind, _words in GROUPS}
        groups = [(words, of_kind[kind]) for kind, words in GROUPS]
        field.choices = [("", pgettext_lazy("trail", "everything")), *groups]

    def among(self, entries: QuerySet[TrailEntry]) -> QuerySet[TrailEntry]:
        """The entries that were asked for; what cannot be read is not asked."""
        asked = self.cleaned_data if self.is_bound else {}
        if asked.get("act"):
            entries = entries.filter(act=asked["act"])
        if asked.get("on"):
            entries = entries.filter(at__gte=day_start(asked["on"]), at__lt=day_end(asked["on"]))
        return entries

    def query(self) -> str:
        asked = {"act": self.cleaned_data.get("act") or "", "on": self.cleaned_data.get("on") or ""}
        return urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words. `begins` is the day when it is the first line of it; `card` is what the page can lead to."""

    begins: date | None
    at: datetime
    act: str
    who: str
    which: str
    card: int | None


@never_cache
@open_to(*READERS, card_rows=True)
def trail(request: ActingRequest) -> HttpResponse:
    membership = request.actor.membership
    if membership is None or not membership.is_contact:
        raise NotAllowed(WhyNot.NOT_CONTACT)
    form = FilterForm(request.GET if {"act", "on"} & set(request.GET) else None)
    form.is_valid()
    entries = TrailEntry.objects.filter(workplace=request.actor.workplace).select_related("by").order_by("-number")
    page_obj = Paginator(form.among(entries), A_PAGE).get_page(request.GET.get("page"))
    answer = {
        "form": form,
        "page_obj": page_obj,
        "query": form.query() if form.is_bound else "",
        "lines": lines(list(page_obj), own_cards=request.actor.role == Role.ISSUER),
    }
    shown = render(request, "kaikukortti/trail/trail.html", answer, status=422 if form.errors else 200)
    note(Act.TRAIL_READ, by=request.actor, now=timezone.now())
    return shown


def lines(entries: list[TrailEntry], *, own_cards: bool) -> list[Line]:
    """The entries in words, with one query for their cards and one for their people."""
    cards = {str(card.trail_id): card for card in _cards(entries)}
    people = {str(user.pk): user for user in User.objects.filter(pk__in=_numbers(entries))}
    told: list[Line] = []
    day: date | None = None
    for entry in entries:
        act, on = Act(entry.act), helsinki_day(entry.at)
        card = cards.get(entry.subject)
        elsewhere = bool(card and own_cards and card.workplace_id != entry.workplace_id)
        which = {
            Subject.CARD: _which(card, elsewhere=elsewhere),
            Subject.RECORD: entry.subject,
            Subject.PERSON: str(people.get(entry.subject, "")),
            Subject.OTHER: "",
        }[subject_of(act)]
        own = card.pk if card and own_cards and not elsewhere else None
        told.append(Line(on if on != day else None, entry.at, str(act.label), _who(entry), which, own))
        day = on
    return told


def _which(card: Card | None, *, elsewhere: bool) -> str:
    """An issuer knows the serials of its own cards only."""
    if card is None:
        return gettext("a card that has been erased")
    return gettext("a card that another workplace looks after") if elsewhere else card.serial


def _who(entry: TrailEntry) -> str:
    return entry.by.name if entry.by else gettext("a program with a token")


def _cards(entries: Iterable[TrailEntry]) -> QuerySet[Card]:
    names = {UUID(entry.subject) for entry in entries if subject_of(Act(entry.act)) == Subject.CARD and entry.subject}
    return Card.objects.filter(trail_id__in=names).only("trail_id", "serial", "workplace_id")


def _numbers(entries: Iterable[TrailEntry]) -> set[int]:
    return {int(entry.subject) for entry in entries if subject_of(Act(entry.act)) == Subject.PERSON and entry.subject}
