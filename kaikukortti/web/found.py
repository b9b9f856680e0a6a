"""What to do with a found card: for everyone, with no code asked and nothing told."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def found(request: HttpRequest) -> HttpResponse:
    return render(request, "kaikukortti/desk/found.html")
