"""Cards for an issuing workplace: ordered, printed as a stream that is never shown again, voided and made again, moved.

For coordinators, who look after the workplaces of their region, and the national service.
"""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kaikukortti.actions.batches import (
    MOST_CARDS,
    MOST_PRINTED,
    AlreadyPrinted,
    begin_printing,
    make_batch,
    order_batch,
    print_hundreds,
    void_batch,
)
from kaikukortti.actions.people import granter_of
from kaikukortti.figures.stock import batches_with_counts, stock_of
from kaikukortti.models import Batch, Workplace
from kaikukortti.paper.printing import OWN_PAGES, as_zip, batch_files
from kaikukortti.rules.people import refuse_cards
from kaikukortti.templatetags.look import local_number
from kaikukortti.terms.kinds import BatchKind, CardLayout
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.network import CARING
from kaikukortti.web.stock import NUMBER_WORDS, lasts, whole

A_PAGE = 50


class LayoutForm(forms.Form):
    layout = forms.ChoiceField(
        label=_("Printed on"),
        choices=CardLayout.choices,
        initial=CardLayout.CARDS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the cards are printed on.")},
    )


class PrintedForm(LayoutForm):
    size = forms.IntegerField(
        label=_("How many cards"),
        min_value=1,
        max_value=MOST_PRINTED,
        help_text=_("At most 10,000 at a time. A hundred take about ten seconds to draw."),
        error_messages=NUMBER_WORDS,
    )


class ListForm(forms.Form):
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


def cared_for(request: ActingRequest, workplace: int) -> Workplace:
    """A workplace that the actor has cards made for; any other is as unknown as none."""
    facts = request.actor.network.workplaces.get(workplace)
    if facts is None or refuse_cards(granter_of(request.actor), facts):
        raise Http404
    return get_object_or_404(Workplace, pk=workplace)


def own_batch(request: ActingRequest, number: int) -> Batch:
    """A printed batch of a workplace that the actor looks after, with its counts."""
    place = cared_for(request, get_object_or_404(Batch, pk=number, kind=BatchKind.PRINTED).workplace_id)
    return get_object_or_404(batches_with_counts(place), pk=number)


@never_cache
@open_to(*CARING)
def batches(request: ActingRequest, workplace: int) -> HttpResponse:
    """The stock of an issuing workplace and its batches; orders a new one to be printed."""
    place = cared_for(request, workplace)
    form = PrintedForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        batch = order_batch(place, **form.cleaned_data, by=request.actor, now=timezone.now())
        return redirect("batch", batch=batch.pk)
    stock = stock_of([place.pk], now=timezone.now())[place.pk]
    answer = {
        "form": form,
        "place": place,
        "stock": stock,
        "lasts": lasts(stock),
        "page_obj": Paginator(batches_with_counts(place), A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "kaikukortti/network/batches.html", answer, status=422 if form.errors else 200)


# Codes in clear are worth what a card's row is: a password alone shows none of them.
@never_cache
@open_to(*CARING, card_rows=True)
def listed_cards(request: ActingRequest, workplace: int) -> HttpResponse:
    """Cards without printing: answers with a plain list of codes, this once."""
    place = cared_for(request, workplace)
    form = ListForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = make_batch(place, size=form.cleaned_data["size"], by=request.actor, now=timezone.now())
        return render(request, "kaikukortti/network/codes.html", {"place": place, "made": made})
    answer = {"form": form, "place": place}
    return render(request, "kaikukortti/network/listed_cards.html", answer, status=422 if form.errors else 200)


@never_cache
@open_to(*CARING, card_rows=True)
def batch(request: ActingRequest, batch: int) -> HttpResponse:
    """One printed batch: where it is, and what can be done about it.

    The second factor is asked for here, before the press: a question that is answered with a file would stay on the
    screen, and whoever answers it again would read that the batch was printed once already."""
    one = own_batch(request, batch)
    answer = {
        "batch": one,
        "place": one.workplace,
        "whole": whole(one),
        "form": LayoutForm(initial={"layout": one.layout}),
        "again": Batch.objects.filter(again=one).order_by("pk").first(),
        "to_void": max(0, cast(Any, one).made - cast(Any, one).used - cast(Any, one).gone),
    }
    return render(request, "kaikukortti/network/batch.html", answer)


@require_POST
@open_to(*CARING, card_rows=True)
def print_batch(request: ActingRequest, batch: int) -> HttpResponse:
    """The one printing of a batch: a ZIP that is drawn while it is sent and kept nowhere."""
    one, now = own_batch(request, batch), timezone.now()
    try:
        one = begin_printing(one, by=request.actor, now=now, layout=layout_of(request))
    except AlreadyPrinted:
        messages.warning(request, gettext("This batch was printed once already. Its codes cannot be shown again."))
        return redirect("batch", batch=batch)
    files = batch_files(
        print_hundreds(one, by=request.actor, now=now),
        number=one.pk,
        layout=one.layout,
        address=request.get_host() + OWN_PAGES,
    )
    answer = StreamingHttpResponse(
        (piece for piece in as_zip(files, now=now) if piece),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="kaikukortti-{one.pk}.zip"'},
    )
    answer["Cache-Control"] = "no-store"
    return cast(HttpResponse, answer)  # the decorators ask for nothing that a stream has not


def layout_of(request: ActingRequest) -> str | None:
    wanted = request.POST.get("layout")
    return wanted if wanted in CardLayout.values else None


@never_cache
@open_to(*CARING)
def void(request: ActingRequest, batch: int) -> HttpResponse:
    """Void a spoiled or lost batch, after saying what that does; with `again`, order the same number anew."""
    one = own_batch(request, batch)
    if request.method != "POST":
        number = max(0, cast(Any, one).made - cast(Any, one).used - cast(Any, one).gone)
        return render(request, "kaikukortti/network/void_batch.html", {"batch": one, "to_void": number})
    now = timezone.now()
    size = one.size - cast(Any, one).used
    number = void_batch(one, by=request.actor, now=now)
    words = ngettext("{n} card is void.", "{n} cards are void.", number)
    messages.success(request, words.format(n=local_number(number)))
    made_again = Batch.objects.filter(again=one).order_by("pk").first()
    if "again" in request.POST and size > 0:
        made_again = made_again or order_batch(
            one.workplace, size=size, layout=one.layout, by=request.actor, now=now, again=one
        )
        return redirect("batch", batch=made_again.pk)
    return redirect("batch", batch=batch)
