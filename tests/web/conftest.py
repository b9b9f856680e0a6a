"""Signing the cast in."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from kaikukortti.models import Membership
from kaikukortti.web.second_factor import CONFIRMED
from tests.cast import NOW, Cast


@pytest.fixture
def evening(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the story."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def signed_in(cast: Cast, evening: None) -> Callable[..., Client]:
    """`signed_in("office")` is a browser of that workplace's person, who has just confirmed the second factor;
    `signed_in("office", factor=False)` came in with the password alone."""

    def come_in(name: str, *, factor: bool = True) -> Client:
        membership = Membership.objects.select_related("user").filter(workplace=cast.workplaces[name]).earliest("pk")
        client = Client()
        client.force_login(membership.user)
        session = client.session
        session["membership"] = membership.pk
        if factor:
            session[CONFIRMED] = NOW.timestamp()
        session.save()
        return client

    return come_in
