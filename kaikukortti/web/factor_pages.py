"""Asking for the second factor, and coming back to where the person was going."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kaikukortti.web.acting import signed_in


@signed_in
def second_factor(request: HttpRequest) -> HttpResponse:
    return render(request, "kaikukortti/sign_in/factor.html", {"signed_in": True})
