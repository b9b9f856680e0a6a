"""Loading the demo in a test, and reading what it prints and leaves."""

import io
import json

from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from kaikukortti.actions import codes


def load_demo(now, patch):
    """The document of `demo --json` at an instant; nothing else on standard output. Offline tags are not stretched."""
    patch.setattr(codes, "TAG_ROUNDS", 1)
    patch.setattr(timezone, "now", lambda: now)
    out = io.StringIO()
    call_command("demo", json=True, stdout=out)
    return json.loads(out.getvalue())


def rows():
    """Every table's keys, to see what came and that nothing went."""
    models = apps.get_app_config("kaikukortti").get_models()
    return {model.__name__: set(model._default_manager.values_list("pk", flat=True)) for model in models}
