from django.apps import AppConfig


class Kaikukortti(AppConfig):
    name = "kaikukortti"

    def ready(self) -> None:
        from kaikukortti.models import checks  # noqa: F401  (registers the field catalogue's check)
