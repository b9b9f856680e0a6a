"""One-time codes on the holder's own pages: for a shop that asks for a code where others pay (rule 24)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kaikukortti.actions.holds import Wish
from kaikukortti.actions.one_time_codes import (
    MadeCode,
    code_for_holder,
    codes_of_card,
    offerings_with_codes,
    release_code,
)
from kaikukortti.actions.waiting import wait_as_holder
from kaikukortti.models import Offering
from kaikukortti.rules.codes import shown
from kaikukortti.rules.one_time_codes import CodeState
from kaikukortti.terms.days import helsinki_day
from kaikukortti.terms.kinds import OfferingKind
from kaikukortti.terms.messages import next_step
from kaikukortti.terms.refusals import WORDS, Refusal
from kaikukortti.terms.states import CardState
from kaikukortti.web.own import HolderRequest, holder_page, own_context

A_PAGE = 20


class CodeForm(forms.Form):
    """How many children come along; `minors` is the registered number, and 0 asks nothing."""

    children = forms.TypedChoiceField(label=_("Children who come along"), coerce=int, required=False)

    def __init__(self, *args: Any, minors: int, **options: Any) -> None:
        super().__init__(*args, **options)
        if not minors:
            del self.fields["children"]
            return
        field = self.fields["children"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(0, gettext("No children"))] + [
            (number, ngettext("{n} child", "{n} children", number).format(n=number)) for number in range(1, minors + 1)
        ]


@holder_page
def codes(request: HolderRequest) -> HttpResponse:
    """Codes that wait, and what new ones can be made for: the own area first, the whole country on demand."""
    now = timezone.now()
    everywhere = request.GET.get("where") == "all"
    rows = offerings_with_codes(now=now)
    if not everywhere:
        rows = rows.filter(venue__home_region=request.card.region_id)
    answer = {
        **own_context(request),
        "usable": request.state == CardState.ACTIVE,
        "waiting": codes_of_card(request.card, now=now),
        "everywhere": everywhere,
        "page_obj": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "kaikukortti/own/codes.html", answer)


@never_cache
@holder_page
def make_code(request: HolderRequest, offering: UUID) -> HttpResponse:
    """Asks how many come along; the answer to the form shows the code this once."""
    now = timezone.now()
    one = get_object_or_404(offerings_with_codes(now=now), pk=offering)
    minors = 0 if one.kind == OfferingKind.COURSE else request.card.holder.minors
    form = CodeForm(request.POST if request.method == "POST" else None, minors=minors)
    answer: dict[str, Any] = {**own_context(request), "offering": one, "form": form}
    former = codes_of_card(request.card, now=now).filter(offering=one)
    if request.method == "POST" and form.is_valid():
        wish = Wish(children=form.cleaned_data.get("children") or 0)
        if request.POST.get("wait"):
            return _join(request, one, wish, now)
        made = code_for_holder(request.card, wish, offering=one, now=now)
        if made.hold is not None:
            answer |= {"code": shown(made.code), "hold": made.hold, "sellers": sellers_of(one)}
            return render(request, "kaikukortti/own/made_code.html", answer)
        answer |= _why_not(made, one)
    answer["former"] = former.exists()
    return render(request, "kaikukortti/own/make_code.html", answer, status=422 if request.method == "POST" else 200)


def sellers_of(offering: Offering) -> list[str]:
    """Whose shops take the code: the venue's, and those of whoever sells for it."""
    agents = offering.venue.agents.order_by("name_fi")
    return [str(agent) for agent in agents]


def _why_not(made: MadeCode, offering: Offering) -> dict[str, Any]:
    refusal = made.refusal or Refusal.OFFERING_FULL
    return {
        "refusal": refusal.value,
        "fact": made.problem.label if made.problem else WORDS[refusal].holder,
        "next_step": "" if made.problem else next_step(refusal),
        "wait_list": refusal == Refusal.CODES_RUN_OUT,
    }


def _join(request: HolderRequest, offering: Offering, wish: Wish, now: datetime) -> HttpResponse:
    """On the wait list; its news goes to the phone card."""
    day = offering.first_day if offering.kind != OfferingKind.OPEN else helsinki_day(now)
    answer = wait_as_holder(request.card, wish, offering=offering, day=day, now=now)
    if answer.waiting is not None:
        messages.success(
            request, gettext("You are on the wait list. Your phone card tells when places are kept for you.")
        )
        return redirect("own-codes")
    why = answer.why_not
    if why is not None and why.problem is not None:
        messages.warning(request, str(why.problem.label))
    elif why is not None and why.refusal is not None:
        messages.warning(request, str(WORDS[why.refusal].holder))
    return redirect("own-code", offering.pk)


@require_POST
@holder_page
def give_back(request: HolderRequest, number: UUID) -> HttpResponse:
    now = timezone.now()
    hold = get_object_or_404(codes_of_card(request.card, now=now), pk=number)
    if release_code(hold, by=None, now=now) == CodeState.RELEASED:
        messages.success(request, gettext("The code opens nothing any more, and its places are free for others."))
    return redirect("own-codes")
