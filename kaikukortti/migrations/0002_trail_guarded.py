"""The audit trail is only appended to: triggers refuse everything else, on SQLite and on PostgreSQL (S17).

They stop mistakes, ours and an operator's. Who may drop a trigger is stopped by nobody, and is noticed by the chain
(`manage.py check_trail`). Entries up to the row 2 of the heads may be deleted: they have been forgotten in good order.

A later migration that alters one of the two tables must lay the triggers anew: SQLite builds the table again.
"""

from typing import Any

from django.db import migrations, models

ENTRY, HEAD = "kaikukortti_trailentry", "kaikukortti_trailhead"
REFUSAL = "the audit trail is only appended to"
ROOT = f"COALESCE((SELECT number FROM {HEAD} WHERE id = 2), 0)"
# INSERT OR REPLACE deletes without a word to the delete trigger, so SQLite asks at the insert too.
SQLITE = {
    "trail_no_update": f"BEFORE UPDATE ON {ENTRY}",
    "trail_no_delete": f"BEFORE DELETE ON {ENTRY} WHEN OLD.number > {ROOT}",
    "trail_no_replace": f"BEFORE INSERT ON {ENTRY} WHEN EXISTS (SELECT 1 FROM {ENTRY} WHERE number = NEW.number)",
    "trail_head_forward": f"BEFORE UPDATE ON {HEAD} WHEN NEW.id <> OLD.id OR NEW.number <= OLD.number"
    " OR (OLD.id = 1 AND NEW.number <> OLD.number + 1)",
    "trail_head_no_delete": f"BEFORE DELETE ON {HEAD}",
    "trail_head_no_replace": f"BEFORE INSERT ON {HEAD} WHEN EXISTS (SELECT 1 FROM {HEAD} WHERE id = NEW.id)",
}
FUNCTION = f"""
CREATE FUNCTION kaikukortti_trail_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = '{ENTRY}' AND TG_OP = 'DELETE' THEN
        IF OLD.number <= {ROOT} THEN
            RETURN OLD;
        END IF;
    ELSIF TG_TABLE_NAME = '{HEAD}' AND TG_OP = 'UPDATE' THEN
        IF NEW.id = OLD.id AND NEW.number > OLD.number AND (OLD.id <> 1 OR NEW.number = OLD.number + 1) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


def laid(vendor: str) -> list[str]:
    """The statements that lay the triggers."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            for name, when in SQLITE.items()
        ]
    return [
        FUNCTION,
        *(
            statement
            for table in (ENTRY, HEAD)
            for statement in (
                f"CREATE TRIGGER trail_no_change BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION kaikukortti_trail_guard()",
                f"CREATE TRIGGER trail_no_truncate BEFORE TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION kaikukortti_trail_guard()",
            )
        ),
    ]


def lifted(vendor: str) -> list[str]:
    """The statements that take the triggers away."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE]
    return ["DROP FUNCTION IF EXISTS kaikukortti_trail_guard() CASCADE"]


def begin(apps: Any, schema_editor: Any) -> None:
    apps.get_model("kaikukortti", "TrailHead").objects.get_or_create(pk=1, defaults={"number": 0, "digest": ""})


def lay(apps: Any, schema_editor: Any) -> None:
    for statement in laid(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def lift(apps: Any, schema_editor: Any) -> None:
    for statement in lifted(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("kaikukortti", "0001_first")]

    operations = [
        migrations.AlterField(
            "trailentry",
            "by",
            models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="+",
                to="kaikukortti.user",
            ),
        ),
        migrations.AlterField(
            "trailentry",
            "workplace",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="+",
                to="kaikukortti.workplace",
            ),
        ),
        migrations.AddIndex(
            "trailentry", models.Index(fields=["workplace", "number"], name="trail_of_workplace")
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.RunPython(lay, lift),
    ]
