"""Words for the client: what to read aloud, the leaflet, and the paper form for a day without network."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from kaikukortti.paper.form import MOST_ROWS, ROWS, draw_paper_form
from kaikukortti.paper.words import NOT_REVIEWED_FI, all_words, draw_leaflet, words_in
from kaikukortti.templatetags.look import LANGUAGE_NAMES
from kaikukortti.terms.roles import Role
from kaikukortti.web.acting import ActingRequest, open_to

# Who hands out cards, and who teaches them how.
TELLERS = (Role.ISSUER, Role.COORDINATOR, Role.NATIONAL)


@require_safe
@open_to(*TELLERS)
def words(request: ActingRequest) -> HttpResponse:
    """The explanation to read aloud, in the client's language (`?say=`)."""
    say = request.GET.get("say", "")
    languages = all_words()
    chosen = next((one for one in languages if one.code == say), None) or words_in(str(get_language()))
    context = {
        "words": chosen,
        "languages": languages,
        "not_reviewed_fi": NOT_REVIEWED_FI,
        "forms": LANGUAGE_NAMES.items(),
    }
    return render(request, "kaikukortti/words/words.html", context)


@require_safe
@open_to(*TELLERS)
def leaflet(request: ActingRequest, say: str) -> HttpResponse:
    """The leaflet as a PDF. It names no card and nobody."""
    try:
        chosen = words_in(say)
    except KeyError:
        raise Http404 from None
    return _pdf(draw_leaflet(chosen), f"kaikukortti-{say}.pdf")


@require_safe
@open_to(*TELLERS)
def paper_form(request: ActingRequest, say: str) -> HttpResponse:
    """The paper form with rows of its own at every opening; `?rows=` says how many."""
    if say not in LANGUAGE_NAMES:
        raise Http404
    wanted = request.GET.get("rows", "")
    rows = min(int(wanted), MOST_ROWS) if wanted.isdecimal() and int(wanted) else ROWS
    return _pdf(draw_paper_form(rows, language=say), f"kaikukortti-form-{say}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
