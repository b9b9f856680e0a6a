"""Signing the cast in."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from kaikukortti.models import Membership
from tests.cast import NOW, Cast


@pytest.fixture
def evening(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the story."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def signed_in(cast: Cast, evening: None) -> Callable[[str], Client]:
    """`signed_in("office")` is a browser of that workplace's person."""

    def come_in(name: str) -> Client:
        membership = Membership.objects.select_related("user").filter(workplace=cast.workplaces[name]).earliest("pk")
        client = Client()
        client.force_login(membership.user)
        session = client.session
        session["membership"] = membership.pk
        session.save()
        return client

    return come_in
