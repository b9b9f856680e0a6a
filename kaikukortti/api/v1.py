"""Version 1 of the calls, put together. Fields may be added to answers; nothing here is renamed or taken away."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_noop
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from kaikukortti.api import cards, figures, offerings, one_time_codes, sandbox, settlement, uses
from kaikukortti.api.problems import answer_to

calls = NinjaAPI(
    title="Kaikukortti",
    version="1",
    description=gettext_noop(
        "The calls of the Kaiku Card register for ticket sellers, venues and issuing workplaces. Every call that acts "
        "needs the workplace's own token. A refusal comes with a reason and with words in Finnish, Swedish and English."
    ),
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
)


def _answer_to(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Exception)
    return answer_to(request, error)


# Each kind that ninja would answer by itself, and everything else.
for kind in (Exception, Http404, HttpError, AuthenticationError, ValidationError):
    calls.add_exception_handler(kind, _answer_to)

for topic in (uses, offerings, one_time_codes, settlement, cards, figures, sandbox):
    calls.add_router("", topic.router)
