"""Batches of blank cards: ordered here, printed once as a plain list, never shown again (rules 12, 13)."""

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from kaikukortti.actions.batches import MOST_CARDS, make_batch
from kaikukortti.actions.people import granter_of
from kaikukortti.models import Batch, Card, Workplace
from kaikukortti.rules.people import refuse_cards
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.network import CARING

A_PAGE = 50


class BatchForm(forms.Form):
    size = forms.IntegerField(
        label=_("How many cards"),
        min_value=1,
        max_value=MOST_CARDS,
        help_text=_("At most 1,000 at a time; a thousand take about a quarter of a minute."),
        error_messages={
            "required": _("Write how many cards."),
            "invalid": _("Write a whole number."),
            "min_value": _("Write a number from 1 to 1,000."),
            "max_value": _("Write a number from 1 to 1,000."),
        },
    )


@never_cache
@open_to(*CARING)
def batches(request: ActingRequest, workplace: int) -> HttpResponse:
    """The batches of an issuer and the blanks left; making one answers with its codes, this once."""
    facts = request.actor.network.workplaces.get(workplace)
    if facts is None or refuse_cards(granter_of(request.actor), facts):
        raise Http404
    place = get_object_or_404(Workplace, pk=workplace)
    form = BatchForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = make_batch(place, size=form.cleaned_data["size"], by=request.actor, now=timezone.now())
        return render(request, "kaikukortti/network/codes.html", {"place": place, "made": made})
    made_before = Batch.objects.filter(workplace=place).select_related("by").order_by("-made_at", "-pk")
    answer = {
        "form": form,
        "place": place,
        "blank": Card.objects.of_workplace(place).blank().count(),
        "page_obj": Paginator(made_before, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "kaikukortti/network/batches.html", answer, status=422 if form.errors else 200)
