"""An issuing workplace's stock: what lies in the drawer, how long it lasts, what is on its way, and ordering more."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from kaikukortti.actions.batches import MOST_PRINTED, NotWhole, ask_for_cards, receive_batch, waiting_orders
from kaikukortti.figures.stock import batches_with_counts, stock_of
from kaikukortti.models import Batch
from kaikukortti.rules.stock import Stock
from kaikukortti.templatetags.look import local_number
from kaikukortti.terms.kinds import BatchKind
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to

A_PAGE = 20
NUMBER_WORDS = {
    "required": _("Write how many cards."),
    "invalid": _("Write a whole number."),
    "min_value": _("Write a number from 1 to 10,000."),
    "max_value": _("Write a number from 1 to 10,000."),
}


class OrderForm(forms.Form):
    size = forms.IntegerField(
        label=_("How many cards"), min_value=1, max_value=MOST_PRINTED, error_messages=NUMBER_WORDS
    )


@open_to(Role.ISSUER)
def stock(request: ActingRequest) -> HttpResponse:
    """The workplace's own stock page."""
    return _page(request, OrderForm(initial={"size": own_stock(request).to_order}))


def own_stock(request: ActingRequest) -> Stock:
    number = request.actor.workplace.pk
    return stock_of([number], now=timezone.now())[number]


def _page(request: ActingRequest, form: OrderForm) -> HttpResponse:
    place = request.actor.workplace
    here = own_stock(request)
    batches = batches_with_counts(place)
    answer = {
        "stock": here,
        "lasts": lasts(here),
        "form": form,
        "waiting": waiting_orders().filter(workplace=place).first(),
        "coming": [batch for batch in batches.filter(**ON_THE_WAY) if whole(batch)],
        "page_obj": Paginator(batches, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "kaikukortti/desk/stock.html", answer, status=422 if form.errors else 200)


ON_THE_WAY = {"kind": BatchKind.PRINTED, "received_at": None, "voided_at": None, "printed_at__isnull": False}


def whole(batch: Batch) -> bool:
    """Whether every card of a batch (with its counts) was printed; else the printing was cut off, or still runs."""
    return bool(cast(Any, batch).made >= batch.size)


def lasts(stock: Stock) -> str:
    """How long the drawer lasts, in a sentence that claims no more than the counts say."""
    if not stock.drawer:
        return gettext("The drawer is empty.")
    weeks = stock.weeks_left
    if weeks is None:
        return gettext("No card was given in the last eight weeks, so there is no telling how long these last.")
    if weeks == 0:
        return gettext("They last less than a week at your pace.")
    words = ngettext("At your pace they last {n} week.", "At your pace they last {n} weeks.", weeks)
    return words.format(n=local_number(weeks))


@require_POST
@open_to(Role.ISSUER)
def order_cards(request: ActingRequest) -> HttpResponse:
    """More cards in one press: the order waits for whoever looks after the workplace."""
    form = OrderForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    ask_for_cards(size=form.cleaned_data["size"], by=request.actor, now=timezone.now())
    messages.success(request, gettext("The cards are ordered. Whoever looks after your area has them printed."))
    return redirect("stock")


@require_POST
@open_to(Role.ISSUER)
def receive(request: ActingRequest, batch: int) -> HttpResponse:
    """The batch is here: one press, and its cards may be given."""
    one = get_object_or_404(Batch, pk=batch, workplace=request.actor.workplace)
    try:
        receive_batch(one, by=request.actor, now=timezone.now())
    except NotWhole:
        messages.warning(request, gettext("This batch is not in use: its printing was cut off, or it was voided."))
    else:
        words = ngettext("{n} card is now in your drawer.", "{n} cards are now in your drawer.", one.size)
        messages.success(request, words.format(n=local_number(one.size)))
    return redirect("stock")
