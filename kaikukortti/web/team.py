"""The team of a workplace: members, one-time links, contact persons, tokens (section 2, Network)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth import password_validation
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kaikukortti.actions.people import (
    LinkGone,
    MadeLink,
    UsernameTaken,
    change_contact,
    choose_password,
    come_in,
    granter_of,
    invite_person,
    join_too,
    make_token,
    open_link,
    remove_member,
    reset_password,
    revoke_token,
    take_back_link,
    why_no_invitation,
)
from kaikukortti.actions.second_factor import reset_factor
from kaikukortti.actions.sign_in import username_of
from kaikukortti.models import Invitation, Membership, Token, User, Workplace
from kaikukortti.rules.people import WITH_TOKENS, refuse_people, refuse_provider
from kaikukortti.terms.grants import WhyNot
from kaikukortti.terms.roles import RECORDERS, Role, Side
from kaikukortti.terms.sellers import SCOPES_OF, Scope
from kaikukortti.web import second_factor
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.idle import TILL_UNTIL, idle_ended
from kaikukortti.web.providers import may_lead_to, provider_of, providers
from kaikukortti.web.sign_in import enter
from kaikukortti.web.trail import READERS

A_PAGE = 25
MOST = 100  # links and tokens are few; older ones come up when newer ones are gone


class InviteForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        help_text=_("As colleagues know the person."),
        error_messages={"required": _("Write the name that colleagues know.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    side = forms.ChoiceField(
        label=_("Side"),
        choices=Side.choices,
        widget=forms.RadioSelect,
        help_text=_("A region is run by a pair, one person from each side."),
        error_messages={"required": _("Choose a side.")},
    )
    is_contact = forms.BooleanField(
        label=_("Contact person: invites and removes members, makes links and tokens"), required=False
    )

    def __init__(self, *args: Any, workplace: Workplace, **options: Any) -> None:
        super().__init__(*args, **options)
        if workplace.role != Role.COORDINATOR:
            del self.fields["side"]


class TokenForm(forms.Form):
    """`scopes` is asked only where there is something to choose."""

    label = forms.CharField(
        label=_("What the token is for"),
        max_length=60,
        help_text=_("For example: ticket shop, till 2."),
        error_messages={"required": _("Write what the token is for, so that it is known later.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick only what the machine needs. Without a tick it may do everything this workplace can."),
    )

    def __init__(self, *args: Any, place: Workplace, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = [(scope.value, scope.label) for scope in SCOPES_OF[Role(place.role)]]
        if len(offered) < 2:
            del self.fields["scopes"]
            return
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = offered


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        help_text=_("At least 12 characters. Three or four words in a row are easy to remember."),
        error_messages={"required": _("Choose a password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        password_validation.validate_password(password, self.user)
        return password


class ComeInForm(PasswordForm):
    username = forms.RegexField(
        r"^[\w.@+-]{3,60}\Z",
        label=_("User name"),
        max_length=60,
        help_text=_("3–60 letters, digits or the signs . @ + - _"),
        error_messages={
            "required": _("Choose a user name."),
            "invalid": _("Use 3–60 letters, digits or the signs . @ + - _"),
        },
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ["username", "password"]

    def clean_username(self) -> str:
        """Judged again as it is stored: one sign may become many when the ways of writing are made one."""
        field = self.fields["username"]
        assert isinstance(field, forms.RegexField)
        self.user.username = username_of(self.cleaned_data["username"])
        if not field.regex.match(self.user.username):
            raise forms.ValidationError(field.error_messages["invalid"])
        return self.user.username


# Whoever gets into these opens holders' rows, or can let somebody in who does: a password alone lets nobody in there.
OPENS_ROWS = (Role.ISSUER, Role.COORDINATOR, Role.NATIONAL)


def _sure(request: ActingRequest, place: Workplace) -> HttpResponse | None:
    """Asks for the second factor of who lets others in; None when there is nothing to ask."""
    return second_factor.ask(request) if place.role in OPENS_ROWS else None


# --- the team page ----------------------------------------------------------------------------------------------


def cared_for(request: ActingRequest, workplace: int) -> Workplace:
    """A workplace whose people the actor may look after; every other one is not found."""
    facts = request.actor.network.workplaces.get(workplace)
    if facts is None or refuse_people(granter_of(request.actor), facts):
        raise Http404
    return get_object_or_404(Workplace, pk=workplace)


@open_to(*Role)
def team(request: ActingRequest, workplace: int | None = None) -> HttpResponse:
    """Members, open links and tokens. Everybody sees the own team; who may look after it sees the rest too."""
    own = workplace is None or workplace == request.actor.workplace.pk
    place = request.actor.workplace if own else cared_for(request, workplace or 0)
    caring = not refuse_people(granter_of(request.actor), request.actor.network.workplaces[place.pk])
    members = Membership.objects.current().filter(workplace=place).select_related("user").order_by("user__name", "pk")
    answer: dict[str, Any] = {
        "place": place,
        "scope": f"venue-{place.pk}",
        "own": own,
        "caring": caring,
        "with_tokens": place.role in WITH_TOKENS,
        "with_trail": own and caring and place.role in READERS,
        "page_obj": Paginator(members, A_PAGE).get_page(request.GET.get("page")),
    }
    answer["with_shop"] = own and place.role in RECORDERS
    if caring:
        answer["through"] = provider_of(place.provider)
        answer["sets_provider"] = not refuse_provider(
            granter_of(request.actor), request.actor.network.workplaces[place.pk]
        ) and (providers() or place.provider)
        answer["no_invitation"] = why_no_invitation(place, by=request.actor)
        links = Invitation.objects.filter(workplace=place, used_at__isnull=True, expires_at__gt=timezone.now())
        answer["open_links"] = links.order_by("expires_at", "pk")[:MOST]
        tokens = Token.objects.current().filter(workplace=place).order_by("label", "pk")[:MOST]
        answer["tokens"] = [(token, in_words(token.scopes)) for token in tokens]
    return render(request, "kaikukortti/team/team.html", answer)


def _back(workplace: int) -> HttpResponse:
    return redirect("team-of", workplace)


# --- links ------------------------------------------------------------------------------------------------------


@never_cache
@open_to(*Role)
def invite(request: ActingRequest, workplace: int) -> HttpResponse:
    place = cared_for(request, workplace)
    why_not = why_no_invitation(place, by=request.actor)
    if why_not:
        messages.warning(request, why_not.label)
        return _back(workplace)
    if (asked := _sure(request, place)) is not None:
        return asked
    form = InviteForm(request.POST if request.method == "POST" else None, workplace=place)
    if request.method == "POST" and form.is_valid():
        made = invite_person(place, **form.cleaned_data, by=request.actor, now=timezone.now())
        return _show_link(request, made)
    answer = {"form": form, "place": place}
    return render(request, "kaikukortti/team/invite.html", answer, status=422 if form.errors else 200)


def _show_link(request: HttpRequest, made: MadeLink) -> HttpResponse:
    """The printable page with the link, as text and as a picture for a phone's camera. It is shown this once."""
    address = request.build_absolute_uri(reverse("come-in", args=[made.secret]))
    picture = segno.make_qr(address, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True)
    answer = {"link": made.invitation, "address": address, "picture": picture}
    return render(request, "kaikukortti/team/link.html", answer)


@never_cache
@require_POST
@open_to(*Role)
def new_password(request: ActingRequest, workplace: int, member: int) -> HttpResponse:
    membership = _member(request, workplace, member)
    if (asked := _sure(request, membership.workplace)) is not None:
        return asked
    made = reset_password(membership, by=request.actor, now=timezone.now())
    if isinstance(made, WhyNot):
        messages.warning(request, made.label)
        return _back(workplace)
    return _show_link(request, made)


@require_POST
@open_to(*Role)
def take_back(request: ActingRequest, workplace: int, link: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=link, workplace=cared_for(request, workplace))
    take_back_link(invitation, by=request.actor, now=timezone.now())
    messages.success(request, gettext("The link has been taken back. It opens nothing any more."))
    return _back(workplace)


def is_here(request: HttpRequest, now: datetime) -> bool:
    """Whether who signed in may be taken for who holds the link: not at a kept till, nor after half an hour away."""
    return TILL_UNTIL not in request.session and not idle_ended(request, now)


@never_cache
@sensitive_post_parameters("password")
def come_in_page(request: HttpRequest, secret: str) -> HttpResponse:
    """What the link opens: choose user name and password, or a new password, or join with the sign-in one has."""
    now = timezone.now()
    link = open_link(secret, now=now)
    if link is None:
        return render(request, "kaikukortti/team/link_gone.html", status=404)
    signed_in = request.user if isinstance(request.user, User) and is_here(request, now) else None
    user = link.user or User(name=link.name)
    form_class = PasswordForm if link.user else ComeInForm
    joining = request.POST.get("join") == "1" and signed_in is not None and link.user is None
    form = form_class(request.POST if request.method == "POST" and not joining else None, user=user)
    try:
        if joining and signed_in:
            place = join_too(secret, user=signed_in, now=now)
            messages.success(request, gettext("You now belong to {workplace} too.").format(workplace=place.workplace))
            return redirect("choose-workplace")
        if request.method == "POST" and form.is_valid():
            if link.user:
                return enter(request, choose_password(secret, password=form.cleaned_data["password"], now=now))
            return enter(request, come_in(secret, **form.cleaned_data, now=now).user)
    except LinkGone:
        return render(request, "kaikukortti/team/link_gone.html", status=404)
    except UsernameTaken:
        form.add_error("username", gettext("Somebody has this user name already. Choose another."))
    ways = providers() if link.user is None else []
    answer = {"form": form, "link": link, "person": signed_in, "providers": ways, "secret": secret}
    page = render(request, "kaikukortti/team/come_in.html", answer, status=422 if form.errors else 200)
    return may_lead_to(page, *ways)


# --- members ----------------------------------------------------------------------------------------------------


def _member(request: ActingRequest, workplace: int, member: int) -> Membership:
    members = Membership.objects.current().select_related("user", "workplace")
    return get_object_or_404(members, pk=member, workplace=cared_for(request, workplace))


@open_to(*Role)
def remove(request: ActingRequest, workplace: int, member: int) -> HttpResponse:
    """Asks once more, then removes; in force at once."""
    membership = _member(request, workplace, member)
    if request.method == "POST":
        why_not = remove_member(membership, by=request.actor, now=timezone.now())
        if why_not:
            messages.warning(request, why_not.label)
        else:
            done = gettext("{name} is no longer a member. This is in force at once.")
            messages.success(request, done.format(name=membership.user.name))
        itself = membership.user == request.actor.user and not why_not
        return redirect("choose-workplace") if itself else _back(workplace)
    return render(request, "kaikukortti/team/remove.html", {"member": membership})


@never_cache
@open_to(*Role)
def new_factor(request: ActingRequest, workplace: int, member: int) -> HttpResponse:
    """Asks once more, then takes a member's second factor away, so that they set up a new one."""
    membership = _member(request, workplace, member)
    if (asked := second_factor.ask(request)) is not None:
        return asked
    if request.method == "POST":
        why_not = reset_factor(membership, by=request.actor, now=timezone.now())
        if why_not:
            messages.warning(request, why_not.label)
        else:
            done = gettext("{name} sets up a new second factor with the next sign-in.")
            messages.success(request, done.format(name=membership.user.name))
        return _back(workplace)
    return render(request, "kaikukortti/team/new_factor.html", {"member": membership})


@require_POST
@open_to(*Role)
def contact(request: ActingRequest, workplace: int, member: int) -> HttpResponse:
    """Make a member a contact person, or no longer one."""
    wanted = request.POST.get("is_contact") == "1"
    membership = _member(request, workplace, member)
    if (asked := _sure(request, membership.workplace)) is not None:
        return asked
    why_not = change_contact(membership, is_contact=wanted, by=request.actor, now=timezone.now())
    if why_not:
        messages.warning(request, why_not.label)
    else:
        done = gettext("{name} is a contact person.") if wanted else gettext("{name} is no longer a contact person.")
        messages.success(request, done.format(name=membership.user.name))
    return redirect("team") if workplace == request.actor.workplace.pk else _back(workplace)


# --- tokens -----------------------------------------------------------------------------------------------------


def in_words(scopes: Iterable[str]) -> list[str]:
    """What a token may do, as it is said on a page; a scope of a later version stays as it is."""
    return [str(Scope(one).label) if one in Scope.values else one for one in scopes]


@never_cache
@open_to(*Role)
def token(request: ActingRequest, workplace: int) -> HttpResponse:
    """Make a token; the answer shows it this once."""
    place = cared_for(request, workplace)
    if place.role not in WITH_TOKENS:
        raise Http404
    if (asked := _sure(request, place)) is not None:
        return asked
    form = TokenForm(request.POST if request.method == "POST" else None, place=place)
    if request.method == "POST" and form.is_valid():
        secret = make_token(place, **form.cleaned_data, by=request.actor, now=timezone.now())
        answer = {"secret": secret, "place": place, "label": form.cleaned_data["label"]}
        answer["may"] = in_words(form.cleaned_data.get("scopes", []))
        return render(request, "kaikukortti/team/made_token.html", answer)
    answer = {"form": form, "place": place}
    return render(request, "kaikukortti/team/token.html", answer, status=422 if form.errors else 200)


@require_POST
@open_to(*Role)
def revoke(request: ActingRequest, workplace: int, token: int) -> HttpResponse:
    one = get_object_or_404(Token, pk=token, workplace=cared_for(request, workplace))
    revoke_token(one, by=request.actor, now=timezone.now())
    messages.success(request, gettext("The token has been revoked. This is in force at once."))
    return _back(workplace)
