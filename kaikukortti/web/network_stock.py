"""Stock of every issuing workplace that a coordinator or the national service looks after, and blanks that move."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from kaikukortti.actions.batches import move_blanks, waiting_orders
from kaikukortti.actions.people import granter_of
from kaikukortti.figures.stock import batches_with_counts, stock_of
from kaikukortti.models import Batch, Card, Workplace
from kaikukortti.rules.people import refuse_cards
from kaikukortti.rules.stock import Stock
from kaikukortti.templatetags.look import local_date, local_number
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import BatchKind
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.batches import cared_for
from kaikukortti.web.network import CARING, workplaces_of

A_PAGE = 50
MOST_SERIALS = 500


def issuers_of(request: ActingRequest, day: date) -> list[Workplace]:
    """The issuing workplaces at work on a day for which the actor has cards made."""
    granter = granter_of(request.actor)
    places = workplaces_of(request).filter(Q(until__isnull=True) | Q(until__gte=day), role=Role.ISSUER, since__lte=day)
    facts = request.actor.network.workplaces
    return [place for place in places.order_by("name_fi", "pk") if not refuse_cards(granter, facts[place.pk])]


@never_cache
@open_to(*CARING)
def network_stock(request: ActingRequest) -> HttpResponse:
    """Who runs out first stands first; orders that wait for printing above."""
    now = timezone.now()
    places = issuers_of(request, helsinki_day(now))
    numbers = [place.pk for place in places]
    stocks = stock_of(numbers, now=now)
    rows = sorted(((place, stocks[place.pk]) for place in places), key=lambda row: _soonest(row[1]))
    answer = {
        "orders": list(waiting_orders().filter(workplace__in=numbers).select_related("workplace", "by")[:A_PAGE]),
        "page_obj": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "kaikukortti/network/stock.html", answer)


def _soonest(stock: Stock) -> tuple[bool, float]:
    """Workplaces without a pace come last."""
    return (stock.weeks_left is None, stock.drawer / stock.pace if stock.pace else 0)


class BatchField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic only to the type checker
    def label_from_instance(self, batch: Batch) -> str:
        return gettext("Batch {number}, ordered {day}").format(number=batch.pk, day=local_date(batch.made_at))


class MoveForm(forms.Form):
    use_required_attribute = False

    to = forms.ModelChoiceField(
        queryset=Workplace.objects.none(),
        label=_("To which workplace"),
        empty_label=_("Choose a workplace"),
        error_messages={
            "required": _("Choose the workplace that gets the cards."),
            "invalid_choice": _("Choose the workplace that gets the cards."),
        },
    )
    batch = BatchField(
        queryset=Batch.objects.none(),
        label=_("All that is left of a batch"),
        required=False,
        empty_label=_("No whole batch"),
        error_messages={"invalid_choice": _("Choose a batch.")},
    )
    serials = forms.CharField(
        label=_("Or single cards, by their serial numbers"),
        required=False,
        max_length=MOST_SERIALS * 12,
        help_text=_("One on each line, as it stands on the back of the card. At most 500."),
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, frm: Workplace, others: list[Workplace], **options: Any) -> None:
        super().__init__(*args, **options)
        self.frm = frm
        to, batch = self.fields["to"], self.fields["batch"]
        assert isinstance(to, forms.ModelChoiceField)
        assert isinstance(batch, forms.ModelChoiceField)
        to.queryset = Workplace.objects.filter(pk__in=[place.pk for place in others])
        left = Card.objects.of_workplace(frm).blank().values("batch")
        batch.queryset = Batch.objects.filter(pk__in=left).exclude(kind=BatchKind.PHONE).order_by("-made_at", "-pk")

    def clean_serials(self) -> list[str]:
        lines = str(self.cleaned_data["serials"]).replace(",", "\n").splitlines()
        serials = ["".join(line.split()) for line in lines]
        serials = list(dict.fromkeys(serial for serial in serials if serial))
        if len(serials) > MOST_SERIALS:
            raise forms.ValidationError(gettext("At most 500 cards at a time."))
        here = Card.objects.of_workplace(self.frm).blank().filter(serial__in=serials)
        known = set(here.values_list("serial", flat=True))
        unknown = [serial for serial in serials if serial not in known]
        if unknown:
            words = gettext("Not in this workplace's drawer: {serials}.").format(serials=", ".join(unknown[:10]))
            raise forms.ValidationError(words)
        return serials

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("batch") and not data.get("serials"):
            self.add_error("serials", gettext("Choose a batch, or write the serial numbers."))
        return data

    def chosen(self) -> Any:
        """The cards that are to move: of the batch, of the serials, or both."""
        data = self.cleaned_data
        wanted = Q(serial__in=data["serials"])
        return Card.objects.filter(wanted | Q(batch=data["batch"]) if data["batch"] else wanted)


@never_cache
@open_to(*CARING)
def move(request: ActingRequest, workplace: int) -> HttpResponse:
    """Blank cards go from one workplace's drawer to another's."""
    place, now = cared_for(request, workplace), timezone.now()
    others = [one for one in issuers_of(request, helsinki_day(now)) if one.pk != place.pk]
    form = MoveForm(request.POST if request.method == "POST" else None, frm=place, others=others)
    if request.method == "POST" and form.is_valid():
        number = move_blanks(form.chosen(), frm=place, to=form.cleaned_data["to"], by=request.actor, now=now)
        words = ngettext("{n} card has moved to {place}.", "{n} cards have moved to {place}.", number)
        messages.success(request, words.format(n=local_number(number), place=form.cleaned_data["to"]))
        return redirect("batches", workplace=place.pk)
    answer = {"form": form, "place": place, "others": others, "batches": batches_with_counts(place).count()}
    return render(request, "kaikukortti/network/move_blanks.html", answer, status=422 if form.errors else 200)
