"""One card's dates by its serial, for the coordinator whom a holder asks; and, where the workplace that gave the card
cannot renew it, another one that may (rule 9). Nothing of the holder, of who gave the card, or of its uses."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from kaikukortti.actions.look_ups import gathered
from kaikukortti.actions.looking_after import move_card
from kaikukortti.actions.trail import note
from kaikukortti.models import Card, Membership, Workplace, card_life
from kaikukortti.rules.cards import card_state
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import MoveReason
from kaikukortti.terms.roles import Role
from kaikukortti.terms.trail import Act
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.network import CARING, own_regions, workplaces_of
from kaikukortti.web.regions import NamedChoice


class SerialForm(forms.Form):
    serial = forms.RegexField(
        r"^\d{8}\Z",
        label=_("Serial number of the card"),
        help_text=_("Eight digits, printed small on the card."),
        error_messages={
            "required": _("Write the serial number."),
            "invalid": _("The serial number has eight digits."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


class MoveForm(forms.Form):
    """Which workplace looks after the card from now on, and why."""

    use_required_attribute = False

    to = NamedChoice(
        queryset=Workplace.objects.none(),
        label=_("Issuing workplace"),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose a workplace."), "invalid_choice": _("Choose a workplace.")},
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=MoveReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason."), "invalid_choice": _("Choose a reason.")},
    )

    def __init__(self, *args: Any, request: ActingRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        today, regions = helsinki_day(timezone.now()), own_regions(request)
        at_work = workplaces_of(request).filter(Q(until__isnull=True) | Q(until__gte=today), role=Role.ISSUER)
        if regions is not None:
            at_work = at_work.filter(home_region__in=regions)
        # Not where the actor works too: moving a card there would open its holder's data to them.
        own = Membership.objects.current().filter(user=request.actor.user)
        at_work = at_work.exclude(pk__in=own.values("workplace"))
        field.queryset = at_work.order_by("name_fi", "pk")


def card_of_serial(serial: str, request: ActingRequest) -> Card | None:
    """A card in use, of the actor's own regions."""
    cards = Card.objects.filter(serial=serial, region__isnull=False)
    regions = own_regions(request)
    if regions is not None:
        cards = cards.filter(region__in=regions)
    return cards.prefetch_related("facts").first()


@never_cache
@open_to(*CARING, card_rows=True)
def card_dates(request: ActingRequest) -> HttpResponse:
    """The dates. That they were read, and what was done, is in the audit trail."""
    sent = request.POST if request.method == "POST" else None
    form: forms.Form = SerialForm(sent)
    page: dict[str, object] = {"form": form}
    if sent is not None and form.is_valid():
        card = card_of_serial(form.cleaned_data["serial"], request)
        if card is None:
            form.add_error("serial", gettext("No card of your region has this serial number."))
        else:
            now = timezone.now()
            note(Act.DATES_READ, by=request.actor, now=now, subject=card.trail_id)
            gathered.look_up(card.pk, role=request.actor.role, day=helsinki_day(now))
            move = MoveForm(sent if "move" in sent else None, request=request)
            if "move" in sent and move.is_valid():
                moved = _move(request, card, move)
                move = MoveForm(request=request) if moved else move
            life = card_life(list(card.facts.all()))
            page |= {"serial": card.serial, "life": life, "state": card_state(life, timezone.now()).label}
            page |= {"form": move, "moving": bool(move.errors)}
    form = page["form"]  # type: ignore[assignment]
    return render(request, "kaikukortti/network/card_dates.html", page, status=422 if form.errors else 200)


def _move(request: ActingRequest, card: Card, form: MoveForm) -> bool:
    place = form.cleaned_data["to"]
    why_not = move_card(card, place, reason=form.cleaned_data["reason"], by=request.actor, now=timezone.now())
    if why_not:
        form.add_error("to", str(why_not.label))
        return False
    words = gettext("{workplace} looks after the card from now on and can renew it.")
    messages.success(request, words.format(workplace=place))
    return True
