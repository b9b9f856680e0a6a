"""The issuing desk: what the client tells → the summary → the card is in use. What is typed travels in forms only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateformat import format as format_day
from django.utils.translation import get_language, gettext, ngettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kaikukortti.actions.cards import IdReused, Issued, issue_card, issued_answer, row_id
from kaikukortti.models import Card
from kaikukortti.rules.codes import shown
from kaikukortti.templatetags.look import LANGUAGE_NAMES, local_date
from kaikukortti.terms.kinds import BatchKind
from kaikukortti.terms.refusals import Refusal
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.desk_forms import VOLUNTARY, CodeForm, DeskForm, labels
from kaikukortti.web.holder_forms import AnywhereForm, HolderForm

ISSUED = "issued"  # session: the card given last, by its number
SPOKEN = {"fi": "j. E Y", "sv": "j F Y", "en": "j F Y"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the echo: what will be stored, or in soft words what it still waits for."""

    label: str
    value: str = ""
    waiting: str = ""
    code: bool = False


def echo(form: CodeForm) -> list[Line]:
    """What will be stored, in the order given, missing parts said."""
    return list(_echo(form))


def _echo(form: CodeForm) -> Iterator[Line]:
    known: dict[str, Any] = getattr(form, "cleaned_data", {})
    code = known.get("code")
    if "code" in form.fields:
        yield Line(gettext("Card code"), shown(code) if code else "", gettext("waits for the code"), code=True)
    else:
        yield Line(gettext("Kind of card"), gettext("card on the client's phone"))
    if isinstance(form, DeskForm):
        yield from _echo_of_holder(form, known)
    else:
        yield Line(gettext("Kind of card"), gettext("community card"))
    if known.get("row"):
        yield Line(gettext("Row number of the paper form"), known["row"], code=True)
    if known.get("issued_on"):
        yield Line(gettext("The day the card was given"), local_date(known["issued_on"]))
    yield Line(gettext("Last valid day"), local_date(form.last_valid_day))


def _echo_of_holder(form: DeskForm, known: dict[str, Any]) -> Iterator[Line]:
    yield Line(gettext("Birth year"), str(known.get("birth_year", "")), gettext("waits for the birth year"))
    waiting = gettext("waits for the postal code")
    if known.get("only_municipality"):
        yield Line(gettext("Postal code"), gettext("not stored"))
        waiting = ""
    else:
        yield Line(gettext("Postal code"), known.get("postal_code", "") if form.residence else "", waiting)
    yield Line(gettext("Municipality"), form.place if form.residence else "", waiting)
    minors = known.get("minors")
    yield Line(gettext("Children"), "" if minors is None else str(minors), gettext("waits for the number"))
    yield Line(gettext("Reminders"), gettext("yes") if known.get("may_remind") else gettext("no"))
    for name in VOLUNTARY:
        answers = known.get(name)
        if answers:
            chosen = [answers] if isinstance(answers, str) else answers
            yield Line(str(form.fields[name].label), labels(form, name, chosen))


def posted(request: HttpRequest) -> QueryDict:
    """What was sent; "skip the voluntary ones" leaves their answers out, whatever stood in the closed block."""
    data = request.POST.copy()
    if data.get("voluntary") == "skip":
        for name in VOLUNTARY:
            data.pop(name, None)
    return data


def filled(request: ActingRequest, kind: type[CodeForm], *, look_up: bool = True) -> CodeForm:
    return kind(posted(request), by=request.actor, now=timezone.now(), look_up=look_up)


def show_form(request: ActingRequest, form: CodeForm, *, focus: str = "", ready: str = "") -> HttpResponse:
    """The desk with what has been typed; focus in the field to go on from."""
    if focus:
        form.fields[focus].widget.attrs["autofocus"] = True
    name = "desk" if isinstance(form, DeskForm) else "community"
    context = {"form": form, "lines": echo(form), "ready": ready, "opened": opened(form)}
    return render(request, f"kaikukortti/desk/{name}.html", context, status=422 if form.errors else 200)


def opened(form: CodeForm) -> dict[str, bool]:
    """Which folded parts stand open: those that were used."""
    used = {name for name in form.fields if (form[name].value() and name in form.data) or name in form.errors}
    return {
        "voluntary": bool(used & set(VOLUNTARY)),
        "alone": "only_municipality" in used,
        "earlier": bool(used & {"issued_on", "row"}),
    }


def show_summary(request: ActingRequest, form: CodeForm) -> HttpResponse:
    """The echo, to be confirmed. Its id makes a double press calm: the same id gives the same answer."""
    community = not isinstance(form, DeskForm)
    form.auto_id = False  # Two forms of the page carry the same hidden fields; an id stands once on a page.
    context = {"form": form, "lines": echo(form), "id": uuid4(), "community": community}
    return render(request, "kaikukortti/desk/summary.html", context)


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def desk(request: ActingRequest) -> HttpResponse:
    """The form of a personal card; sent, its summary or what to mend."""
    if request.method != "POST":
        return show_form(request, DeskForm(by=request.actor, now=timezone.now()), focus="code")
    form = filled(request, DeskForm)
    form.is_valid()
    if form.typed_in:
        return typed_in_before(request, form.typed_in)
    if "change" in request.POST:
        return show_form(request, form, focus="" if form.errors else "code")
    rest = ("birth_year", "postal_code", "only_municipality", "minors")
    if request.POST.get("code") and not any(request.POST.get(name) for name in rest):
        # A scanner ends the code with Enter, which without a script sends the form: go on from there.
        form.only_errors_of("code")
        ready = "" if form.errors else gettext("The card is blank and ready.")
        return show_form(request, form, focus="" if form.errors else "birth_year", ready=ready)
    return show_summary(request, form) if form.is_valid() else show_form(request, form)


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def community(request: ActingRequest) -> HttpResponse:
    """The form of a community card: the code only."""
    if request.method != "POST":
        return show_form(request, CodeForm(by=request.actor, now=timezone.now()), focus="code")
    form = filled(request, CodeForm)
    form.is_valid()
    if form.typed_in:
        return typed_in_before(request, form.typed_in)
    if form.is_valid() and "change" not in request.POST:
        return show_summary(request, form)
    return show_form(request, form, focus="" if form.errors else "code")


@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def confirm(request: ActingRequest) -> HttpResponse:
    """Issue what the summary showed. Everything is judged anew: the summary travelled through the browser."""
    if request.method != "POST":
        return redirect("desk")
    form = filled(request, CodeForm if "community" in request.POST else DeskForm, look_up=False)
    number = as_uuid(request.POST.get("id", ""))
    if not form.is_valid():
        return show_form(request, form)
    if form.cleaned_data["row"]:
        number = row_id(form.cleaned_data["row"], by=request.actor)
    if number is None:
        return show_summary(request, form)
    try:
        answer = issue_card(
            form.cleaned_data["code"],
            by=request.actor,
            now=form.now,
            holder=form.holder() if isinstance(form, DeskForm) else None,
            issued_on=form.cleaned_data["issued_on"],
            id=number,
        )
    except IdReused:
        # A row of the paper form that another press has given to another card meanwhile.
        return typed_in_before(request, form.typed_in) if form.typed_in else show_summary(request, form)
    if isinstance(answer, Refusal):
        form.answer(answer)
        return show_form(request, form)
    request.session[ISSUED] = answer.card
    return redirect("desk-done")


def typed_in_before(request: ActingRequest, card: Card) -> HttpResponse:
    """The row of the paper form has given its card: said calmly, and nothing is stored twice."""
    serial = f"{card.serial[:4]} {card.serial[4:]}"
    words = gettext("This row of the paper form has been typed in already: card {serial}. Nothing was stored twice.")
    messages.info(request, words.format(serial=serial))
    return redirect("desk")


def as_uuid(text: str) -> UUID | None:
    """What a hidden field sent back, if it is one of ours."""
    try:
        return UUID(text)
    except ValueError:
        return None


@never_cache
@open_to(Role.ISSUER)
def done(request: ActingRequest) -> HttpResponse:
    """The card is in use: what to write on it, what to say, and a sheet to print in the client's language."""
    card = (
        Card.objects.of_workplace(request.actor.workplace)
        .filter(pk=request.session.get(ISSUED, 0))
        .select_related("holder", "batch")
        .prefetch_related("facts")
        .first()
    )
    if card is None or not (card.community or hasattr(card, "holder")):
        return redirect("desk")
    issued = issued_answer(card)
    say = request.GET.get("say", "")
    say = say if say in LANGUAGE_NAMES else str(get_language())
    with override(say):
        words = words_to_say(issued)
    context = {"issued": issued, "community": card.community, "say": say, "words": words}
    context |= {"languages": LANGUAGE_NAMES.items(), "slip": has_slip(card)}
    return render(request, "kaikukortti/desk/done.html", context)


def has_slip(card: Card) -> bool:
    """Whether a slip with the holder's secret was printed with the card and lies in the drawer too."""
    return card.batch.kind == BatchKind.PRINTED and bool(card.secret_digest) and not card.community


def words_to_say(issued: Issued, *, first: str = "") -> str:
    """A few sentences to read aloud, in the active language; `first` is what has just happened, by default an issue."""
    sentences = [first or gettext("The card is yours now. Show it at the till and you get your ticket free of charge.")]
    if issued.minors:
        sentences.append(
            ngettext("One child may come with you.", "Up to {n} children may come with you.", issued.minors).format(
                n=issued.minors
            )
        )
    day = format_day(issued.last_valid_day, SPOKEN[str(get_language())])
    sentences.append(gettext("The card is valid until {day}, and it can be renewed here.").format(day=day))
    return " ".join(sentences)


# --- while typing: parts of the page, asked for by htmx --------------------------------------------------------


@require_POST
@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def desk_echo(request: ActingRequest) -> HttpResponse:
    """The echo column of what has been typed so far. Looks no card up, so that half a code counts as no miss."""
    form = filled(request, CodeForm if "community" in request.POST else DeskForm, look_up=False)
    form.is_valid()
    return render(request, "kaikukortti/desk/echo.html", {"lines": echo(form)})


@require_POST
@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def desk_code(request: ActingRequest) -> HttpResponse:
    """Whether the card just read can be given, said before the client is asked anything."""
    form = filled(request, CodeForm)
    form.is_valid()
    context: dict[str, Any] = {}
    if request.POST.get("code"):
        said = list(form.errors.get("code", ()))
        context = {"said": said, "ready": "" if said else gettext("The card is blank and ready.")}
    return render(request, "kaikukortti/desk/code_said.html", context)


@require_POST
@never_cache
@sensitive_post_parameters()
@open_to(Role.ISSUER)
def residence(request: ActingRequest) -> HttpResponse:
    """The municipality of a postal code, or the pick where it lies in several."""
    # Where data are kept already the holder may have moved anywhere.
    kind = AnywhereForm if "kept" in request.POST else HolderForm
    form = kind(request.POST, by=request.actor, now=timezone.now())
    form.is_valid()
    whole = len(request.POST.get("postal_code", "")) >= 5
    said = list(form.errors.get("postal_code", ())) if whole else []
    form.only_errors_of()
    return render(request, "kaikukortti/desk/residence.html", {"form": form, "said": said})
