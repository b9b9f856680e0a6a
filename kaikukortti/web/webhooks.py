"""A workplace's own shop: where it is told what happened, what it was told, and what could not be delivered."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kaikukortti.actions.actor import NotAllowed
from kaikukortti.actions.webhooks import (
    MadeWebhook,
    change_secret,
    end_webhook,
    make_webhook,
    may_set_webhooks,
    send_again,
    tell_test,
)
from kaikukortti.models import Webhook, WebhookMessage
from kaikukortti.rules.webhooks import LONGEST_ADDRESS, AddressProblem
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.web.acting import ActingRequest, open_to

A_PAGE = 25
PROBLEMS = {
    AddressProblem.NOT_AN_ADDRESS: _("Write the whole address, as https://shop.example.fi/kaikukortti."),
    AddressProblem.NOT_HTTPS: _("The address must begin with https://, so that nobody on the way can read along."),
    AddressProblem.NOT_PUBLIC: _("The register only tells shops on the open internet, not in an own network."),
    AddressProblem.NO_NAME: _("No machine is found under this name just now. Check the address."),
    AddressProblem.ENOUGH: _("Three addresses are enough. End one that is not needed any more."),
}


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=_("Address of your shop"),
        max_length=LONGEST_ADDRESS,
        help_text=_("Where your shop takes messages. The register calls it, never the other way round."),
        error_messages={"required": _("Write the address.")},
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def _need_contact(request: ActingRequest) -> None:
    if not may_set_webhooks(request.actor):
        raise NotAllowed(request.actor.role)


def _own(request: ActingRequest, webhook: int) -> Webhook:
    _need_contact(request)
    return get_object_or_404(Webhook, pk=webhook, workplace=request.actor.workplace, ended_at__isnull=True)


@never_cache
@open_to(*RECORDERS)
def webhooks(request: ActingRequest) -> HttpResponse:
    """Addresses and messages; the form adds one, and its answer shows the secret this once."""
    _need_contact(request)
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = make_webhook(form.cleaned_data["url"], by=request.actor, now=timezone.now())
        if isinstance(made, MadeWebhook):
            return _show_secret(request, made.webhook, made.secret)
        form.add_error("url", PROBLEMS[made])
    told = WebhookMessage.objects.filter(webhook__workplace=request.actor.workplace).select_related("webhook")
    dead = told.filter(dead_at__isnull=False)
    answer: dict[str, Any] = {
        "form": form,
        "addresses": Webhook.objects.filter(workplace=request.actor.workplace, ended_at__isnull=True).order_by("pk"),
        "dead": dead.filter(webhook__ended_at__isnull=True).count(),
        "page_obj": Paginator(told.order_by("-made_at", "pk"), A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "kaikukortti/sellers/webhooks.html", answer, status=422 if form.errors else 200)


def _show_secret(request: ActingRequest, webhook: Webhook, secret: str) -> HttpResponse:
    return render(request, "kaikukortti/sellers/secret.html", {"webhook": webhook, "secret": secret})


@never_cache
@require_POST
@open_to(*RECORDERS)
def webhook_secret(request: ActingRequest, webhook: int) -> HttpResponse:
    """A new secret; the answer shows it this once."""
    one = _own(request, webhook)
    return _show_secret(request, one, change_secret(one, by=request.actor))


@require_POST
@open_to(*RECORDERS)
def webhook_test(request: ActingRequest, webhook: int) -> HttpResponse:
    tell_test(_own(request, webhook), by=request.actor, now=timezone.now())
    messages.success(request, gettext("A test is on its way. What came of it stands below in a moment."))
    return redirect("webhooks")


@open_to(*RECORDERS)
def webhook_end(request: ActingRequest, webhook: int) -> HttpResponse:
    """Asks once more, then ends; what waits is not sent any more."""
    one = _own(request, webhook)
    if request.method == "POST":
        end_webhook(one, by=request.actor, now=timezone.now())
        messages.success(request, gettext("Nothing more is told there."))
        return redirect("webhooks")
    return render(request, "kaikukortti/sellers/end.html", {"webhook": one})


@require_POST
@open_to(*RECORDERS)
def webhook_again(request: ActingRequest, message: UUID) -> HttpResponse:
    """Begin anew with a message, under its id."""
    _need_contact(request)
    one = WebhookMessage.objects.filter(pk=message, webhook__workplace=request.actor.workplace)
    told = one.filter(webhook__ended_at__isnull=True).first()
    if told is None:
        raise Http404
    send_again(told, by=request.actor, now=timezone.now())
    messages.success(request, gettext("The message is on its way again."))
    return redirect("webhooks")
