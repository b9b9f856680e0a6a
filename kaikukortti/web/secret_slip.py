"""A new secret for a card's holder, on the screen and as a slip to print. It is shown while this page is open, and
never again."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from kaikukortti.actions.cards import life_of
from kaikukortti.actions.giving_secret import give_secret, is_secret_of
from kaikukortti.models import Card
from kaikukortti.paper.printing import OWN_PAGES
from kaikukortti.paper.slips import Slip, draw_slips
from kaikukortti.rules.codes import read_secret, shown
from kaikukortti.rules.secret import refuse_secret
from kaikukortti.terms.messages import next_step, refusal_fact
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.cards import own


@never_cache
@sensitive_variables()
@open_to(Role.ISSUER, card_rows=True)
def give_card_secret(request: ActingRequest, number: int) -> HttpResponse:
    """Asks first, for the secret before stops working; then shows the new one."""
    card, now = own(request, number), timezone.now()
    refusal = refuse_secret(life_of(card), now, community=card.community)
    if request.method != "POST" or refusal:
        return _ask(request, card, refusal)
    given = give_secret(card, by=request.actor, now=now)
    if isinstance(given, Refusal):
        return _ask(request, card, given)
    address = request.get_host() + OWN_PAGES
    return render(
        request,
        "kaikukortti/desk/secret.html",
        {"card": card, "secret": given, "address": address, "grouped": shown(given)},
    )


def _ask(request: ActingRequest, card: Card, refusal: Refusal | None) -> HttpResponse:
    said = f"{refusal_fact(refusal)} {next_step(refusal)}" if refusal else ""
    answer = {"card": card, "said": said}
    return render(request, "kaikukortti/desk/secret_ask.html", answer, status=422 if refusal else 200)


@require_POST
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
@open_to(Role.ISSUER, card_rows=True)
def slip(request: ActingRequest, number: int) -> HttpResponse:
    """The slip as a PDF, for whoever still has the page with the secret open."""
    card, secret = own(request, number), request.POST.get("secret", "")
    if not is_secret_of(card, secret):
        raise Http404
    drawn = draw_slips(
        [Slip(card.serial, read_secret(secret) or "")],
        address=request.get_host() + OWN_PAGES,
        title="Kaikukortti",
        language=get_language() or "fi",
        large="large" in request.POST,
    )
    answer = HttpResponse(drawn, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="kaikukortti.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
