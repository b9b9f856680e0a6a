"""The baseline of the benchmark: a plain Django project with one view that looks a card up, and one that looks it up
and inserts a record, with no rules, no sign-in and no audit. Served like the register itself, on the same database."""

import json
import os
import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tools.bench_plain")

from kaikukortti.settings import DATABASES, INSTALLED_APPS  # noqa: F401

SECRET_KEY = secrets.token_hex()
ROOT_URLCONF = "tools.bench_plain"
ALLOWED_HOSTS = ["127.0.0.1"]
AUTH_USER_MODEL = "kaikukortti.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
# What `startproject` gives.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
urlpatterns: list[Any] = []


def _views() -> None:
    from django.db import transaction
    from django.http import HttpRequest, JsonResponse
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    from kaikukortti.models import Card, Record

    @csrf_exempt
    def check(request: HttpRequest) -> JsonResponse:
        card = Card.objects.get(digest=json.loads(request.body)["digest"])
        return JsonResponse({"allowed": True, "serial": card.serial})

    @csrf_exempt
    def record(request: HttpRequest) -> JsonResponse:
        asked = json.loads(request.body)
        with transaction.atomic():
            card = Card.objects.get(digest=asked["digest"])
            row = Record.objects.create(
                recorder_id=asked["venue"],
                venue_id=asked["venue"],
                offering_id=UUID(asked["offering"]),
                client_id=uuid4(),
                figure_key=1,
                kind="ticket",
                day=asked["day"],
                entered_at=datetime.now(UTC),
                source="online",
                happened=False,
                holder=1,
                children=0,
                assistants=0,
                clients=0,
                workers=0,
                status="recorded",
                community=False,
                sector="culture",
                offering_kind="event",
                card=card,
            )
        return JsonResponse({"id": row.pk})

    urlpatterns.extend([path("check", check), path("record", record)])


if os.environ.get("DJANGO_SETTINGS_MODULE") == "tools.bench_plain":
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    _views()
