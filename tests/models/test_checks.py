"""A column nobody has accounted for stops a migration (P19), and free text has no place near a holder (P2)."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, models

from kaikukortti.models import Card, HolderData, checks
from kaikukortti.models.checks import all_tables, check_catalogue, columns_of, differences, free_texts
from kaikukortti.terms.fields import Whose, catalogued, tables_of


def test_every_column_is_accounted_for():
    """P19, P2: also as Django runs it."""
    assert check_catalogue() == []
    assert [found for found in run_checks() if found.id and found.id.startswith("kaikukortti.")] == []


def test_relation_tables_and_sessions_are_looked_at():
    names = {name for name, _field in columns_of(all_tables())}
    assert {"Workplace_venues.to_workplace", "sessions.Session.session_data", "HolderData.birth_year"} <= names


def test_a_new_column_is_noticed():
    names = [name for name, _field in columns_of(all_tables())]
    (found,) = differences([*names, "HolderData.first_name"], names)
    assert found.id == "kaikukortti.E001"
    assert "HolderData.first_name" in found.msg


def test_a_column_that_went_is_noticed():
    names = [name for name, _field in columns_of(all_tables())]
    (found,) = differences([name for name in names if name != "Card.serial"], names)
    assert (found.id, found.msg) == (
        "kaikukortti.E002",
        "The field catalogue names Card.serial, and there is no such column.",
    )


def test_a_column_named_twice_is_noticed():
    (found,) = differences(["Card.serial"], ["Card.serial", "Card.serial"])
    assert found.id == "kaikukortti.E003"


@pytest.mark.database
@pytest.mark.parametrize("command", [["migrate"], ["makemigrations", "--dry-run"]])
def test_an_unaccounted_column_stops_the_command(monkeypatch, command):
    """The control: with one column taken out of the catalogue, both commands refuse."""
    call_command(*command, skip_checks=False, verbosity=0)
    left_out = [(name, said) for name, said in catalogued() if name != "HolderData.birth_year"]
    monkeypatch.setattr(checks, "catalogued", lambda: iter(left_out))
    with pytest.raises(SystemCheckError, match=r"HolderData\.birth_year is not in the field catalogue"):
        call_command(*command, skip_checks=False, verbosity=0)


@pytest.mark.parametrize(
    "field",
    [
        models.TextField(),
        models.CharField(),
        models.CharField(max_length=500),
        models.JSONField(),
        models.BinaryField(),
    ],
    ids=["text", "endless", "long", "json", "bytes"],
)
def test_free_text_near_a_holder_is_noticed(field):
    """P2"""
    (found,) = free_texts([("HolderData.remarks", field)])
    assert found.id == "kaikukortti.E004"


def test_free_text_about_a_place_is_fine():
    assert free_texts([("Region.intro_fi", models.TextField())]) == []


@pytest.mark.database
def test_the_database_itself_bounds_every_text_of_holders_and_uses():
    """P2, as the database has it: on PostgreSQL no `text` column but the two lists of values."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite keeps no lengths; the models hold them")
    tables = [f"kaikukortti_{name.lower()}" for name in tables_of(Whose.HOLDER)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_name = ANY(%s) AND "
            "(data_type IN ('text', 'json', 'jsonb') OR data_type = 'character varying' AND "
            "(character_maximum_length IS NULL OR character_maximum_length > %s))",
            [tables, checks.LONGEST_TEXT],
        )
        assert sorted(cursor.fetchall()) == [
            ("kaikukortti_cardfact", "corrected"),
            ("kaikukortti_countedfact", "life_situations"),
        ]


def test_the_holders_table_is_as_small_as_the_rules_say():
    """Section 4: the trio, its coarse forms, and the card; until when it is exact, and whether to remind."""
    rest = {"exact_until", "may_remind"}
    names = {field.name for field in HolderData._meta.local_concrete_fields}
    assert names == {"card", "birth_year", "birth_band", "postal_code", "municipality", "minors", *rest}
    assert {field.name for field in Card._meta.local_concrete_fields if isinstance(field, models.DateField)} == set()
