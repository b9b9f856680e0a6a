"""Which evening a paper list belongs to: an offering of the last weeks, a coming one to print for, or the open day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kaikukortti.actions.actor import Actor
from kaikukortti.models import Offering
from kaikukortti.rules.paper import MOST_ROWS_OF_SHEET, ROWS_OF_SHEET, readable_as
from kaikukortti.rules.series import read_listed
from kaikukortti.templatetags.look import local_day, local_time
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.policies import EVENT_DAYS
from kaikukortti.terms.roles import Role
from kaikukortti.web.day_field import DayField

OPEN_DAY = "open"  # the venue's own open admission
AHEAD = 30  # days: sheets are printed before the evening
MOST = 200


@dataclass(frozen=True)
class Evening:
    """An offering and its day, or with None the venue's own open admission."""

    offering: Offering | None
    day: date
    venue: str

    @property
    def name(self) -> str:
        if self.offering is None:
            return gettext("{venue}, open admission").format(venue=self.venue)
        return str(self.offering)

    @property
    def starts_at(self) -> datetime | None:
        return self.offering.starts_at if self.offering else None


def offerings_near(actor: Actor, now: datetime, *, ahead: int = 0) -> list[Offering]:
    """What may have a paper list: published, and on within the days that can still be recorded, newest first."""
    today = helsinki_day(now)
    rows = Offering.objects.recordable_by(actor.workplace).published().select_related("venue")
    rows = rows.filter(
        cancelled_at__isnull=True,
        published_at__lte=now,
        last_day__gte=today - timedelta(days=EVENT_DAYS),
        first_day__lte=today + timedelta(days=ahead),
    )
    return list(rows.order_by("-first_day", "-starts_at", "pk")[:MOST])


def spoken_offering(one: Offering, *, with_venue: bool) -> str:
    """`ti 24.11. klo 19.00 Nykytanssi-ilta`; what goes on for days has its name first."""
    name = f"{one}, {one.venue}" if with_venue else str(one)
    if one.kind != OfferingKind.EVENT:
        return f"{name} ({one.get_kind_display()})"
    begins = f" {local_time(one.starts_at)}" if one.starts_at else ""
    return f"{local_day(one.first_day)}{begins}: {name}"


class EveningForm(forms.Form):
    """The offering, and the day where it is on for many days."""

    offering = forms.ChoiceField(
        label=_("What was on"),
        error_messages={"required": _("Choose what was on."), "invalid_choice": _("Choose from the list.")},
    )
    day = DayField(
        label=_("Day"),
        required=False,
        help_text=_("Needed for open admission and courses. An event has its own day."),
    )

    def __init__(self, data: Any = None, *, actor: Actor, now: datetime, ahead: int = 0, **options: Any) -> None:
        super().__init__(data, **options)
        self.actor, self.today = actor, helsinki_day(now)
        self.offerings = {str(one.pk): one for one in offerings_near(actor, now, ahead=ahead)}
        agent = actor.role == Role.TICKET_AGENT
        own = [] if agent else [(OPEN_DAY, gettext("{venue}, open admission").format(venue=actor.workplace))]
        choices = [(key, spoken_offering(one, with_venue=agent)) for key, one in self.offerings.items()]
        chosen: Any = self.fields["offering"]
        chosen.choices = choices + own
        self.any = bool(choices or own)
        self.fields["day"].initial = self.today.isoformat()

    @property
    def evening(self) -> Evening:
        """What was chosen, once the form is valid."""
        offering = self.offerings.get(self.cleaned_data["offering"])
        day = self.cleaned_data.get("day") or self.today
        if offering is not None and offering.kind == OfferingKind.EVENT:
            day = offering.first_day
        return Evening(offering, day, str(self.actor.workplace))


class SheetForm(EveningForm):
    """A new sheet: also how many rows it has."""

    rows = forms.TypedChoiceField(
        label=_("Rows"),
        coerce=int,
        choices=[(n, str(n)) for n in range(ROWS_OF_SHEET, MOST_ROWS_OF_SHEET + 1, ROWS_OF_SHEET)],
        help_text=_("Twenty rows fit on one page."),
        error_messages={"required": _("Choose from the list."), "invalid_choice": _("Choose from the list.")},
    )


def reads(actor: Actor) -> Callable[[str], bool]:
    """Whether a cell is a code of a card, of ours or of an older series, or a K-number. What has no digit is a code
    only with a right check character: a name is no code of an older series."""
    series = actor.network.series

    def codes(text: str) -> bool:
        return read_listed(text, series if any(sign.isdigit() for sign in text) else ()) is not None

    return readable_as(codes)
