"""The field catalogue's check: a column nobody has accounted for stops `migrate` and `makemigrations` (P19).

It also keeps free text away from holders and uses (P2): what a worker could type there, a name could be.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

from kaikukortti.terms.fields import Whose, catalogued, tables_of

# Django's and allauth's tables that the register has, beside its own.
OWN, USED = "kaikukortti", ("account", "auth", "contenttypes", "mfa", "sessions", "socialaccount")
LONGEST_TEXT = 200
# JSON that holds values of a list only: the doors take nothing else.
VALUES_ONLY = ("CardFact.corrected", "CountedFact.life_situations")


def table_of(model: type[models.Model]) -> str:
    """As the catalogue names it: `Card`, `sessions.Session`."""
    return model._meta.object_name if model._meta.app_label == OWN else model._meta.label  # type: ignore[return-value]


def columns_of(tables: Iterable[type[models.Model]]) -> Iterator[tuple[str, Any]]:
    """Every column as `Table.column` with its field; relation tables included, proxies have none of their own."""
    for model in tables:
        if not model._meta.proxy:
            yield from ((f"{table_of(model)}.{field.name}", field) for field in model._meta.local_concrete_fields)


def all_tables() -> list[type[models.Model]]:
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.app_label in (OWN, *USED) and model._meta.managed]


def differences(columns: Iterable[str], named: Sequence[str]) -> list[CheckMessage]:
    """What stands in the database and not in the catalogue, the other way round, and what is named twice."""
    standing = set(columns)
    found: list[CheckMessage] = [
        Error(
            f"{column} is not in the field catalogue.",
            hint="Say in kaikukortti/terms/fields.py for what purpose, how long and on what basis the register holds "
            "it, or of what kind it is if it tells of no person.",
            id="kaikukortti.E001",
        )
        for column in sorted(standing - set(named))
    ]
    found += [
        Error(f"The field catalogue names {column}, and there is no such column.", id="kaikukortti.E002")
        for column in sorted(set(named) - standing)
    ]
    found += [
        Error(f"The field catalogue names {column} more than once.", id="kaikukortti.E003")
        for column, times in Counter(named).items()
        if times > 1
    ]
    return found


def free_texts(columns: Iterable[tuple[str, Any]]) -> list[CheckMessage]:
    """Columns of holders and uses that would take a text of any length."""
    holders = tables_of(Whose.HOLDER)
    return [
        Error(
            f"{column} could hold free text about a holder or a use.",
            hint="Use values of a list, or a text of a bounded length.",
            id="kaikukortti.E004",
        )
        for column, field in columns
        if column.partition(".")[0] in holders and column not in VALUES_ONLY and _unbounded(field)
    ]


def _unbounded(field: Any) -> bool:
    if isinstance(field, models.CharField | models.BinaryField):
        return not field.max_length or field.max_length > LONGEST_TEXT
    return isinstance(field, models.TextField | models.FileField | models.JSONField)


@register("models")
def check_catalogue(app_configs: Sequence[AppConfig] | None = None, **how: Any) -> list[CheckMessage]:
    columns = list(columns_of(all_tables()))
    named = [column for column, _said in catalogued()]
    return differences((column for column, _field in columns), named) + free_texts(columns)
