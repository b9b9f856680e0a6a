"""The till: type or scan; one verdict, one button, and the next person.

A check is answered where it was asked and writes nothing. A card that has been checked stands in the page's hidden
fields with an id made with its verdict, so a double click or a bouncing scanner records once; no code is kept
anywhere else, and none is ever in an address. Everything works by plain forms; with htmx only the parts change.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from kaikukortti.actions.checks import check_card
from kaikukortti.actions.corrections import reverse_use
from kaikukortti.actions.uses import Answer, record_uses
from kaikukortti.models import Record
from kaikukortti.rules.codes import normalise
from kaikukortti.terms.days import HELSINKI
from kaikukortti.terms.kinds import STORED, usual_kind
from kaikukortti.terms.roles import RECORDERS
from kaikukortti.web.acting import ActingRequest, open_to
from kaikukortti.web.idle import TILL_UNTIL
from kaikukortti.web.till_held import LONGEST_CODE, MOST_LEFT, Held, read_held, read_left
from kaikukortti.web.till_place import Place, chosen_place, find_place
from kaikukortti.web.till_screen import Said, Screen, last_records, recorded, show, undone

KEPT_UNTIL = time(4)
SAID = "till_said"  # session: what the till says after a plain form was sent; no code, no card


@never_cache
@open_to(*RECORDERS, at_kept_till=True)
def till(request: ActingRequest) -> HttpResponse:
    """Ready for the next card; where nothing is chosen yet, choose first."""
    place = chosen_place(request, timezone.now())
    if place is None:
        return redirect("till-offering")
    screen = Screen(place)
    if SAID in request.session:
        screen.say(Said(*request.session.pop(SAID)))
    return show(request, screen)


def _place_of_page(request: ActingRequest, now: datetime) -> Place | None:
    """Where the page that was sent stands: another window may have chosen otherwise meanwhile."""
    return find_place(request.actor, request.POST.get("offering", ""), now)


def _to_till(request: ActingRequest) -> HttpResponse:
    """Nothing to answer here (an address typed, an offering gone): the till starts anew."""
    return HttpResponseClientRedirect(reverse("till")) if request.htmx else redirect("till")


@never_cache
@sensitive_post_parameters()
@open_to(*RECORDERS, at_kept_till=True)
def check(request: ActingRequest) -> HttpResponse:
    """A code was read: the verdict. With an empty field the card that stands there is recorded."""
    now = timezone.now()
    place = _place_of_page(request, now) if request.method == "POST" else None
    if place is None:
        return _to_till(request)
    code = request.POST.get("code", "").strip()[:LONGEST_CODE]
    held = read_held(request.POST)
    if not code:
        return _record(request, held, now)
    left = read_left(request)
    if held is None or not _still(held, code, place):
        left += [held] if held and not held.empty else []
        held = Held(uuid4(), code, place.offering_id, place.day, usual_kind(place.kind))
    return _face(request, Screen(place, left=left[-MOST_LEFT:]), held, now)


def _still(held: Held, code: str, place: Place) -> bool:
    """Whether the same card is read again here: it keeps its id and what has been chosen."""
    return normalise(held.code) == normalise(code) and (held.place, held.day) == (place.offering_id, place.day)


def _face(request: ActingRequest, screen: Screen, held: Held, now: datetime) -> HttpResponse:
    """Ask about a card and show what was answered."""
    answer = check_card(held.code, by=request.actor, now=now, offering=held.place, day=held.day)
    screen.face(answer, held, request.actor)
    return show(request, screen)


@never_cache
@sensitive_post_parameters()
@open_to(*RECORDERS, at_kept_till=True)
def record(request: ActingRequest) -> HttpResponse:
    """Record the card that stands there, its whole family, or with `too` one that was left before it."""
    now = timezone.now()
    if request.method != "POST":
        return _to_till(request)
    held = read_held(request.POST)
    for left in read_left(request):
        if str(left.id) == request.POST.get("too"):
            return _record(request, left, now, standing=held)
    family = request.POST.get("family", "")
    if held is not None and family.isdecimal() and len(family) < 3:
        held = replace(held, children=int(family))
    return _record(request, held, now)


def _record(request: ActingRequest, held: Held | None, now: datetime, *, standing: Held | None = None) -> HttpResponse:
    """Record a card; `standing` is the one whose verdict stays on the page meanwhile."""
    left = [one for one in read_left(request) if held is None or one.id != held.id]
    if held is None or held.empty or held.wrong:
        place = _place_of_page(request, now)
        if place is None:
            return _to_till(request)
        screen = Screen(place, left=left)
        if held is None:
            return show(request, screen)
        screen.note = gettext("Check the numbers and the last day of the season pass.") if held.wrong else ""
        return _face(request, screen, held, now)
    (answer,) = record_uses([held.use], by=request.actor, now=now)
    echoes = last_records(request.actor, held.day)
    place = _place_of(answer, echoes) or find_place(request.actor, str(held.place or ""), now)
    if place is None:
        return _to_till(request)
    screen = Screen(replace(place, day=held.day), left=left, echoes=echoes)
    if answer.status in STORED:
        return _after(request, screen, recorded(answer, held), standing, now)
    again = check_card(held.code, by=request.actor, now=now, offering=held.place, day=held.day)
    screen.face_refused(answer, again, held, request.actor)
    if standing is not None and screen.held is None:
        screen.note = screen.says
        return _face(request, screen, standing, now)
    screen.left += [standing] if standing else []
    return show(request, screen)


def _place_of(answer: Answer, echoes: list[Record]) -> Place | None:
    """Where a record was made, with the places left after it: it has just been read among the last ones."""
    return next((Place(one.venue, one.day, one.offering) for one in echoes if one.pk == answer.record), None)


def _after(request: ActingRequest, screen: Screen, said: Said, standing: Held | None, now: datetime) -> HttpResponse:
    """After an act: ready for the next card, or back to the one that stood there. Plain forms get a page to reload."""
    if standing is not None:
        screen.note = said.note or f"{said.word}: {said.fact}"
        return _face(request, screen, standing, now)
    if not request.htmx and not screen.left:
        request.session[SAID] = said
        return redirect("till")
    screen.say(said)
    return show(request, screen)


@never_cache
@sensitive_post_parameters()
@require_POST
@open_to(*RECORDERS, at_kept_till=True)
def undo(request: ActingRequest) -> HttpResponse:
    """Reverse one of the person's own last records (rule 30)."""
    now = timezone.now()
    rows = Record.objects.filter(recorder=request.actor.workplace, by=request.actor.user)
    try:
        row = rows.filter(reference=UUID(request.POST.get("undo", ""))).first()
    except ValueError as broken:
        raise Http404 from broken
    place = _place_of_page(request, now)
    if row is None or place is None:
        raise Http404
    reversal = reverse_use(row, by=request.actor, now=now)
    screen = Screen(place, left=read_left(request))
    return _after(request, screen, undone(row, reversal), read_held(request.POST), now)


# --- keeping the browser as a till --------------------------------------------------------------------------------


def next_end(now: datetime) -> datetime:
    """The next four o'clock in the morning in Finland."""
    local = now.astimezone(HELSINKI)
    end = datetime.combine(local.date(), KEPT_UNTIL, HELSINKI)
    return end if local < end else datetime.combine(local.date() + timedelta(days=1), KEPT_UNTIL, HELSINKI)


@require_POST
@open_to(*RECORDERS, at_kept_till=True)
def keep(request: ActingRequest) -> HttpResponse:
    """Keep this browser as a till until 04:00: check, record and undo own rows, nothing else (S14)."""
    if TILL_UNTIL not in request.session:
        until = next_end(timezone.now())
        request.session[TILL_UNTIL] = int(until.timestamp())
        request.session.set_expiry(until)
    return redirect("till")
