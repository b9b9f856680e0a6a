"""Loading the reference tables: municipalities since 2015, regions of Finland, wellbeing areas, postal codes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import models, transaction

from kaikukortti.actions.reference_tables import AS_OF, Area, ReferenceTables, read_reference, write_reference
from kaikukortti.models import Municipality, NetworkVersion, PostalCode, Province, WellbeingArea

OWN_TABLES = Path(__file__).resolve().parent.parent / "reference"
BATCH = 500

Steps = Callable[[Sequence[Sequence[str]]], Iterable[Sequence[str]]]
AnyModel = TypeVar("AnyModel", bound=models.Model)


@dataclass(frozen=True)
class Change:
    """One value of one row that is new."""

    code: str
    column: str
    was: str
    now: str


@dataclass(frozen=True)
class TableReport:
    """What loading one table did. `vanished` are codes of the database that the tables do not name: they stay."""

    added: tuple[str, ...]
    changed: tuple[Change, ...]
    unchanged: int
    vanished: tuple[str, ...]

    @property
    def changes_nothing(self) -> bool:
        return not self.added and not self.changed


@dataclass(frozen=True)
class ReferenceReport:
    """What loading the tables did, or would do, table by table."""

    as_of: date
    provinces: TableReport
    wellbeing_areas: TableReport
    municipalities: TableReport
    postal_codes: TableReport

    def tables(self) -> dict[str, TableReport]:
        return {
            "provinces": self.provinces,
            "wellbeing areas": self.wellbeing_areas,
            "municipalities": self.municipalities,
            "postal codes": self.postal_codes,
        }

    @property
    def changes_nothing(self) -> bool:
        return all(table.changes_nothing for table in self.tables().values())


def refreshed_tables() -> Path:
    """Where this installation keeps tables that are newer than the project's own."""
    return Path(settings.DATA_DIR) / "reference"


def newest_folder() -> Path:
    """The newer of the installation's refreshed tables and the project's own.

    So an upgrade of the program, which loads the tables again, never takes back what a refresh has brought.
    """
    folders = [folder for folder in (refreshed_tables(), OWN_TABLES) if (folder / AS_OF).exists()]
    return max(folders, key=lambda folder: ((folder / AS_OF).read_text(encoding="utf-8").strip(), folder == OWN_TABLES))


def load_reference(*, folder: Path | None = None, steps: Steps = iter) -> ReferenceReport:
    """Load the tables of a folder (None: the newest there is), all or nothing, as often as one likes.

    No row is ever deleted, for cards and ledger point at them. `steps` wraps the batches of the long part, so that a
    door may show how far it is. Raises BadReferenceError before anything is written.
    """
    return load_tables(read_reference(folder or newest_folder()), steps=steps)


def refresh_reference(tables: ReferenceTables, *, steps: Steps = iter) -> ReferenceReport:
    """Load newer tables and keep them beside the database, so that the next upgrade starts from them."""
    report = load_tables(tables, steps=steps)
    write_reference(tables, refreshed_tables())
    return report


def compare_reference(tables: ReferenceTables) -> ReferenceReport:
    """What loading these tables would change; writes nothing."""
    return _report(tables, _Stored.read())


@transaction.atomic
def load_tables(tables: ReferenceTables, *, steps: Steps = iter) -> ReferenceReport:
    """Load tables that were read and checked; see `load_reference`."""
    stored = _Stored.read()
    report = _report(tables, stored)
    _save(Province, report.provinces, _areas(tables.provinces))
    _save(WellbeingArea, report.wellbeing_areas, _areas(tables.wellbeing_areas))
    _save(Municipality, report.municipalities, _municipalities(tables))
    _save_postal_codes(report.postal_codes, _postal_codes(tables), steps)
    if not (report.municipalities.changes_nothing and report.wellbeing_areas.changes_nothing):
        NetworkVersion.bump()  # the app servers keep the municipalities in memory
    return report


Values = dict[str, str]  # column → value as text, "" for none: what is compared, and what a report shows
Rows = Mapping[str, Values]


@dataclass(frozen=True)
class _Stored:
    """The tables as the database has them, in four queries and one for the links."""

    provinces: Rows
    wellbeing_areas: Rows
    municipalities: Rows
    postal_codes: Rows

    @classmethod
    def read(cls) -> "_Stored":
        links: dict[str, list[str]] = defaultdict(list)
        through = PostalCode.municipalities.through
        for postal_code, municipality in through.objects.order_by("pk").values_list("postalcode_id", "municipality_id"):
            links[postal_code].append(municipality)
        postal_codes = _stored(PostalCode, ["name_fi", "name_sv"])
        for code, values in postal_codes.items():
            values["municipalities"] = " ".join(sorted(links[code]))
        return cls(
            provinces=_stored(Province, ["name_fi", "name_sv", "name_en"]),
            wellbeing_areas=_stored(WellbeingArea, ["name_fi", "name_sv", "name_en"]),
            municipalities=_stored(
                Municipality,
                ["name_fi", "name_sv", "since", "until", "successor_id", "province_id", "wellbeing_area_id"],
            ),
            postal_codes=postal_codes,
        )


def _stored(model: type[models.Model], columns: list[str]) -> dict[str, Values]:
    return {
        str(code): {column: "" if value is None else str(value) for column, value in zip(columns, values, strict=True)}
        for code, *values in model._default_manager.order_by("pk").values_list("pk", *columns)
    }


def _areas(areas: Mapping[str, Area]) -> Rows:
    return {
        code: {"name_fi": area.name_fi, "name_sv": area.name_sv, "name_en": area.name_en}
        for code, area in areas.items()
    }


def _municipalities(tables: ReferenceTables) -> Rows:
    return {
        code: {
            "name_fi": row.name_fi,
            "name_sv": row.name_sv,
            "since": str(row.since),
            "until": str(row.until or ""),
            "successor_id": row.successor,
            "province_id": row.province,
            "wellbeing_area_id": row.wellbeing_area,
        }
        for code, row in tables.municipalities.items()
    }


def _postal_codes(tables: ReferenceTables) -> Rows:
    return {
        code: {
            "name_fi": row.name_fi,
            "name_sv": row.name_sv,
            "municipalities": " ".join(sorted(row.municipalities)),
        }
        for code, row in tables.postal_codes.items()
    }


def _report(tables: ReferenceTables, stored: _Stored) -> ReferenceReport:
    return ReferenceReport(
        as_of=tables.as_of,
        provinces=_table_report(_areas(tables.provinces), stored.provinces),
        wellbeing_areas=_table_report(_areas(tables.wellbeing_areas), stored.wellbeing_areas),
        municipalities=_table_report(_municipalities(tables), stored.municipalities),
        postal_codes=_table_report(_postal_codes(tables), stored.postal_codes),
    )


def _table_report(wanted: Rows, stored: Rows) -> TableReport:
    changed = tuple(
        Change(code, column, stored[code][column], value)
        for code in sorted(wanted.keys() & stored.keys())
        for column, value in wanted[code].items()
        if stored[code][column] != value
    )
    return TableReport(
        added=tuple(sorted(wanted.keys() - stored.keys())),
        changed=changed,
        unchanged=len(wanted.keys() & stored.keys()) - len({change.code for change in changed}),
        vanished=tuple(sorted(stored.keys() - wanted.keys())),
    )


def _save(model: type[AnyModel], report: TableReport, rows: Rows) -> None:
    """Write what is new and what is changed of one table."""
    model._default_manager.bulk_create([_made(model, code, rows[code]) for code in report.added], batch_size=BATCH)
    changed = {change.code for change in report.changed}
    if changed:
        columns = sorted({change.column for change in report.changed})
        model._default_manager.bulk_update(
            [_made(model, code, rows[code]) for code in sorted(changed)], columns, batch_size=BATCH
        )


def _made(model: type[AnyModel], code: str, values: Values) -> AnyModel:
    none_if_empty = {"since", "until", "successor_id"}
    return model(
        code=code,
        **{column: None if column in none_if_empty and not value else value for column, value in values.items()},
    )


def _save_postal_codes(report: TableReport, rows: Rows, steps: Steps) -> None:
    """Write the postal codes and their links, batch by batch: this is the long part."""
    added = set(report.added)
    changed = {change.code for change in report.changed}
    for batch in steps(_batches(sorted(added | changed))):
        named = {code: {column: rows[code][column] for column in ("name_fi", "name_sv")} for code in batch}
        PostalCode.objects.bulk_create([_made(PostalCode, code, named[code]) for code in batch if code in added])
        PostalCode.objects.bulk_update(
            [_made(PostalCode, code, named[code]) for code in batch if code in changed], ["name_fi", "name_sv"]
        )
        _link(batch, rows)


def _link(codes: Sequence[str], rows: Rows) -> None:
    """Make the links of these postal codes exactly what the tables say."""
    through = PostalCode.municipalities.through
    wanted = {(code, municipality) for code in codes for municipality in rows[code]["municipalities"].split()}
    stored = {
        (postal_code, municipality): link
        for link, postal_code, municipality in through.objects.filter(postalcode_id__in=codes).values_list(
            "pk", "postalcode_id", "municipality_id"
        )
    }
    through.objects.filter(pk__in=[stored[pair] for pair in stored.keys() - wanted]).delete()
    through.objects.bulk_create(
        through(postalcode_id=code, municipality_id=municipality)
        for code, municipality in sorted(wanted - stored.keys())
    )


def _batches(codes: Sequence[str]) -> list[Sequence[str]]:
    return [codes[start : start + BATCH] for start in range(0, len(codes), BATCH)]
