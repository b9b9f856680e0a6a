"""Loading and refreshing the reference tables."""

import csv
import json
import shutil
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from kaikukortti.actions.reference import OWN_TABLES, Change, load_reference, newest_folder
from kaikukortti.actions.reference_tables import (
    BadReferenceError,
    bring_up_to_date,
    read_posti,
    read_reference,
    write_reference,
    written,
)
from kaikukortti.models import Municipality, NetworkVersion, PostalCode, Province, WellbeingArea

pytestmark = pytest.mark.database

TODAY = date(2026, 11, 24)
SHARED = settings.BASE_DIR.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def own_data_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project's tables, to spoil."""
    return Path(shutil.copytree(OWN_TABLES, tmp_path / "copy"))


@pytest.fixture
def posti(tmp_path: Path) -> "PostiFile":
    return PostiFile(tmp_path / "postcodes.json")


class PostiFile:
    """Posti's file in the shape of the npm package, saying what our tables say until something is changed in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        tables = read_reference(OWN_TABLES)
        self.records: dict[str, dict[str, Any]] = {}
        for code, row in tables.postal_codes.items():
            municipality = tables.municipalities[row.municipalities[0]]
            self.records[code] = {
                "date": "20270115",
                "postcode": code,
                "postcode_fi_name": row.name_fi.upper(),
                "postcode_sv_name": row.name_sv.upper(),
                "type_code": "1",
                "ad_area_fi": tables.provinces[municipality.province].name_fi,
                "municipal_code": municipality.code,
                "municipal_name_fi": municipality.name_fi,
                "municipal_name_sv": municipality.name_sv,
            }

    def of_municipality(self, code: str) -> list[dict[str, Any]]:
        return [record for record in self.records.values() if record["municipal_code"] == code]

    def save(self) -> str:
        self.path.write_text(json.dumps(list(self.records.values())), encoding="utf-8")
        return str(self.path)


def refresh(*args: str) -> str:
    out = StringIO()
    call_command("refresh_reference", *args, stdout=out)
    return out.getvalue()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def municipalities_of(postal_code: str) -> set[str]:
    codes = PostalCode.objects.get(code=postal_code).municipalities.values_list("code", flat=True)
    return set(codes)


class TestFacts:
    def test_the_country_of_2026(self) -> None:
        load_reference()
        assert Municipality.objects.count() == 317
        assert Municipality.objects.valid_on(TODAY).count() == 308
        assert Province.objects.count() == 19
        assert WellbeingArea.objects.count() == 23

    @pytest.mark.parametrize(
        ("day", "number"),
        [
            (date(2015, 1, 1), 317),
            (date(2015, 12, 31), 317),
            (date(2016, 1, 1), 313),
            (date(2017, 1, 1), 311),
            (date(2020, 1, 1), 310),
            (date(2021, 1, 1), 309),
            (date(2025, 1, 1), 308),
        ],
    )
    def test_number_of_municipalities_as_statistics_finland_counts_it(self, day: date, number: int) -> None:
        load_reference()
        assert Municipality.objects.valid_on(day).count() == number

    def test_every_chain_of_successors_ends_in_a_municipality_in_force(self) -> None:
        tables = read_reference(OWN_TABLES)
        ended = {code: tables.in_force(code, TODAY) for code, row in tables.municipalities.items() if row.until}
        assert ended == {
            "099": "214",  # Honkajoki, Kankaanpää
            "164": "301",  # Jalasjärvi, Kurikka
            "174": "297",  # Juankoski, Kuopio
            "283": "098",  # Hämeenkoski, Hollola
            "319": "783",  # Köyliö, Säkylä
            "442": "051",  # Luvia, Eurajoki
            "532": "398",  # Nastola, Lahti
            "588": "507",  # Pertunmaa, Mäntyharju
            "911": "541",  # Valtimo, Nurmes
        }
        assert all(tables.municipalities[successor].valid_on(TODAY) for successor in ended.values())

    @pytest.mark.parametrize(
        ("postal_code", "municipalities"),
        [("87100", {"205"}), ("02100", {"049"}), ("02750", {"049", "235"}), ("19430", {"507"})],
    )
    def test_where_a_postal_code_lies(self, postal_code: str, municipalities: set[str]) -> None:
        load_reference()
        assert municipalities_of(postal_code) == municipalities

    def test_kajaani(self) -> None:
        load_reference()
        kajaani = Municipality.objects.get(code="205")
        assert (kajaani.name_fi, kajaani.name_sv) == ("Kajaani", "Kajana")
        assert (kajaani.province.name_fi, kajaani.wellbeing_area.name_fi) == ("Kainuu", "Kainuun hyvinvointialue")

    def test_every_change_made_by_hand_stands_in_the_tables(self) -> None:
        tables = read_reference(OWN_TABLES)
        rows = {"municipalities": tables.municipalities, "postal_codes": tables.postal_codes}
        assert tables.hand_changes
        for change in tables.hand_changes:
            value = getattr(rows[change.table][change.code], change.column)
            assert change.source
            assert change.now == (" ".join(value) if isinstance(value, tuple) else str(value)), change


@pytest.mark.skipif(not SHARED.exists(), reason="the folder of facts to check against does not stand beside")
class TestAgainstTheFactsBeside:
    def test_municipalities(self) -> None:
        load_reference()
        ours = {
            row.code: (row.name_fi, row.name_sv, row.province, row.wellbeing_area)
            for row in Municipality.objects.valid_on(TODAY).select_related("province", "wellbeing_area")
        }
        with (SHARED / "municipalities.csv").open(encoding="utf-8") as file:
            theirs = {row["municipality_code"]: row for row in csv.DictReader(file)}
        assert ours.keys() == theirs.keys()
        for code, (name_fi, name_sv, province, area) in ours.items():
            row = {key: value.strip() for key, value in theirs[code].items()}
            assert (name_fi, name_sv) == (row["name_fi"], row["name_sv"])
            assert (province.code, province.name_fi, province.name_sv, province.name_en) == (
                *(row["region_code"], row["region_fi"], row["region_sv"], row["region_en"]),
            )
            assert (area.code, area.name_fi, area.name_sv, area.name_en) == (
                *(row["wellbeing_code"], row["wellbeing_fi"], row["wellbeing_sv"], row["wellbeing_en"]),
            )

    def test_every_postal_code_is_known_in_its_municipality(self) -> None:
        ours = read_reference(OWN_TABLES).postal_codes
        with (SHARED / "postal_codes.csv").open(encoding="utf-8") as file:
            missing = [
                row["postal_code"]
                for row in csv.DictReader(file)
                if row["postal_code"] not in ours
                or row["municipality_code"] not in ours[row["postal_code"]].municipalities
            ]
        assert missing == []


class TestLoading:
    def test_the_first_time_everything_is_added(self) -> None:
        report = load_reference()
        assert {name: len(table.added) for name, table in report.tables().items()} == {
            "provinces": 19,
            "wellbeing areas": 23,
            "municipalities": 317,
            "postal codes": len(read_reference(OWN_TABLES).postal_codes),
        }

    def test_the_second_time_nothing_changes(self) -> None:
        load_reference()
        NetworkVersion.bump()
        version = NetworkVersion.now().get().number
        report = load_reference()
        assert report.changes_nothing
        assert report.municipalities.unchanged == 317
        assert NetworkVersion.now().get().number == version

    def test_a_changed_name_is_put_right_and_reported(self) -> None:
        load_reference()
        Municipality.objects.filter(code="205").update(name_sv="Kajaani")
        version = NetworkVersion.now().get().number
        report = load_reference()
        assert report.municipalities.changed == (Change("205", "name_sv", "Kajaani", "Kajana"),)
        assert Municipality.objects.get(code="205").name_sv == "Kajana"
        assert NetworkVersion.now().get().number == version + 1

    def test_a_row_the_tables_do_not_name_is_reported_and_stays(self) -> None:
        load_reference()
        tale = PostalCode.objects.create(code="99998", name_fi="Satu", name_sv="Saga")
        tale.municipalities.add(Municipality.objects.get(code="205"))
        report = load_reference()
        assert report.postal_codes.vanished == ("99998",)
        assert municipalities_of("99998") == {"205"}

    def test_links_follow_the_tables(self) -> None:
        load_reference()
        PostalCode.objects.get(code="02750").municipalities.set(Municipality.objects.filter(code__in=["049", "091"]))
        report = load_reference()
        assert report.postal_codes.changed == (Change("02750", "municipalities", "049 091", "049 235"),)
        assert municipalities_of("02750") == {"049", "235"}

    def test_the_number_of_queries_does_not_grow_with_the_number_of_rows(
        self, django_assert_max_num_queries: Any
    ) -> None:
        load_reference()
        with django_assert_max_num_queries(8):
            load_reference()

    def test_the_command_tells_in_a_few_lines(self) -> None:
        out = StringIO()
        call_command("load_reference", stdout=out)
        assert "  municipalities: 317 added, 0 changed, 0 unchanged\n" in out.getvalue()


class TestBadFiles:
    @pytest.mark.parametrize(
        ("file", "old", "new", "said"),
        [
            ("provinces.csv", "name_sv", "namn", "provinces.csv: missing column name_sv"),
            ("municipalities.csv", ",18,20\n", ",99,20\n", "Hyrynsalmi: unknown province '99'"),
            ("municipalities.csv", ",18,20\n", ",18,99\n", "Hyrynsalmi: unknown wellbeing area '99'"),
            ("municipalities.csv", "2024-12-31,507", "2024-12-31,999", "unknown municipality '999' as successor"),
            ("municipalities.csv", "2024-12-31,507", "2024-12-31,588", "the successors go in a circle"),
            ("municipalities.csv", "2024-12-31,507", "2024-12-31,", "one of them is missing"),
            ("municipalities.csv", "2024-12-31,507", "2014-12-31,507", "is before the first day"),
            ("municipalities.csv", "2024-12-31,507", "31.12.2024,507", "a day like 2026-05-26 expected"),
            ("municipalities.csv", "\n009,", "\n005,", "municipalities.csv, line 3: 005 is there twice"),
            ("municipalities.csv", "\n009,Alavieska", "\n009,", "line 3: name_fi is missing"),
            ("municipalities.csv", "\n009,", "\n9,", "line 3: a code of 3 digits expected, not '9'"),
            ("postal_codes.csv", "00002,Helsinki,Helsingfors,091", "00002,Helsinki,Helsingfors", "4 values expected"),
            ("postal_codes.csv", "00002,Helsinki,Helsingfors,091", "00002,Helsinki,Helsingfors,", "no municipality"),
            ("postal_codes.csv", "Helsingfors,091", "Helsingfors,091 091", "a municipality is there twice"),
            ("postal_codes.csv", "Helsingfors,091", "Helsingfors,999", "unknown municipality '999'"),
            ("postal_codes.csv", "Helsingfors,091", "Helsingfors,588", "588 Pertunmaa is not in force any more"),
            ("as_of.txt", "2026", "today", "as_of.txt: should hold one day"),
        ],
    )
    def test_a_spoilt_table_is_refused_and_nothing_is_written(
        self, copy: Path, file: str, old: str, new: str, said: str
    ) -> None:
        edit(copy / file, old, new)
        with pytest.raises(BadReferenceError) as caught:
            load_reference(folder=copy)
        assert said in str(caught.value)
        assert not Province.objects.exists()

    @pytest.mark.parametrize("file", ["provinces.csv", "municipalities.csv", "postal_codes.csv", "as_of.txt"])
    def test_a_missing_table_is_named(self, copy: Path, file: str) -> None:
        (copy / file).unlink()
        with pytest.raises(BadReferenceError, match=f"{file}: not found"):
            load_reference(folder=copy)

    def test_a_table_in_another_encoding(self, copy: Path) -> None:
        (copy / "provinces.csv").write_bytes("code,name_fi,name_sv,name_en\n05,Kanta-Häme,x,x\n".encode("latin-1"))
        with pytest.raises(BadReferenceError, match=r"provinces\.csv: not UTF-8 text"):
            load_reference(folder=copy)

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("code;name", "not a JSON file"),
            ("[]", "a list of postal codes expected"),
            ("3", "a list of postal codes expected"),
            ('{"00100": "HELSINKI"}', "the light list of names cannot be used"),
            ('[{"postcode": "00100"}]', "municipal_code is missing"),
            ('[{"postcode": "100", "municipal_code": "091"}]', "is not a postal code"),
        ],
    )
    def test_a_file_that_is_not_postis(self, tmp_path: Path, content: str, said: str) -> None:
        path = tmp_path / "file.json"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(BadReferenceError, match=said):
            read_posti(path)

    def test_the_command_tells_it_in_one_line(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=r"nowhere\.json: not found"):
            refresh(str(tmp_path / "nowhere.json"))


class TestRefreshing:
    def test_a_newer_file_that_says_the_same_changes_nothing(self, posti: PostiFile) -> None:
        load_reference()
        out = refresh(posti.save())
        assert "renamed" not in out
        assert "  postal codes: 0 added, 0 changed" in out

    def test_what_is_new_renamed_and_gone_is_told_and_loaded(self, posti: PostiFile) -> None:
        load_reference()
        posti.records["87199"] = posti.records["87100"] | {
            "postcode": "87199",
            "postcode_fi_name": "YLI-KAJAANI AS",
            "postcode_sv_name": "KAJANA ST",
        }
        posti.records["02100"]["postcode_fi_name"] = "TAPIOLA"
        del posti.records["87150"]
        out = refresh(posti.save())
        assert "postal codes, added (1):\n  87199\n" in out
        assert "postal codes, renamed (1):\n  02100 Espoo → Tapiola\n" in out
        assert "postal codes, not in the file but still known (1):\n  87150\n" in out
        assert PostalCode.objects.get(code="87199").name_fi == "Yli-Kajaani as"
        assert municipalities_of("87199") == {"205"}
        assert municipalities_of("87150") == {"205"}

    def test_a_dry_run_tells_the_same_and_writes_nothing(self, posti: PostiFile) -> None:
        load_reference()
        posti.records["02100"]["postcode_fi_name"] = "TAPIOLA"
        out = refresh(posti.save(), "--dry-run")
        assert "  02100 Espoo → Tapiola\n" in out
        assert out.endswith("This was a dry run: nothing was written.\n")
        assert PostalCode.objects.get(code="02100").name_fi == "Espoo"
        assert newest_folder() == OWN_TABLES

    def test_a_code_that_moves_without_a_merger_lies_on_a_border(self, posti: PostiFile) -> None:
        load_reference()
        kajaani = posti.records["87100"]
        posti.records["88400"] |= {key: kajaani[key] for key in kajaani if key.startswith("municipal_")}
        assert "postal codes, moved (1):\n  88400 697 → 205 697\n" in refresh(posti.save())
        assert municipalities_of("88400") == {"205", "697"}

    def test_a_municipality_that_ended_is_asked_about(self, posti: PostiFile) -> None:
        load_reference()
        kajaani = posti.records["87100"]
        for record in posti.of_municipality("697"):
            record |= {key: kajaani[key] for key in kajaani if key.startswith("municipal_")}
        question = "Municipality 697 Ristijärvi is no longer in the file. Say into which it merged"
        assert question in refresh(posti.save(), "--dry-run")
        with pytest.raises(CommandError, match=question):
            refresh(posti.save())
        assert Municipality.objects.get(code="697").until is None

        refresh(posti.save(), "--ended", "697=205:2026-12-31")
        ristijarvi = Municipality.objects.get(code="697")
        assert (ristijarvi.until, ristijarvi.successor_id) == (date(2026, 12, 31), "205")
        assert municipalities_of("88400") == {"205"}

    def test_two_municipalities_become_a_new_one(self, posti: PostiFile) -> None:
        load_reference()
        for code in ("697", "105"):
            for record in posti.of_municipality(code):
                record |= {"municipal_code": "900", "municipal_name_fi": "Uusi", "municipal_name_sv": "Nya"}
        assert "Municipality 900 Uusi is new. Say which one ended in it" in refresh(posti.save(), "--dry-run")
        refresh(posti.save(), "--ended", "697=900:2026-12-31", "--ended", "105=900:2026-12-31")
        new = Municipality.objects.get(code="900")
        assert (new.name_fi, new.since, new.province_id, new.wellbeing_area_id) == (
            "Uusi",
            date(2027, 1, 1),
            "18",
            "20",
        )
        assert municipalities_of("88400") == {"900"}

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            ("697", "is not like 588=507:2024-12-31"),
            ("697=205:2026-02-30", "2026-02-30 is not a day"),
            ("999=205:2026-12-31", "999: unknown municipality"),
            ("697=998:2026-12-31", "unknown municipality 998 as successor"),
        ],
    )
    def test_an_answer_that_cannot_be(self, posti: PostiFile, answer: str, said: str) -> None:
        with pytest.raises(CommandError, match=said):
            refresh(posti.save(), "--ended", answer)

    def test_a_correction_made_by_hand_stands_until_the_file_says_a_third_thing(self, posti: PostiFile) -> None:
        load_reference()
        for record in posti.of_municipality("010"):
            record["municipal_name_sv"] = "Alavus"
        refresh(posti.save())
        assert Municipality.objects.get(code="010").name_sv == "Alavo"
        for record in posti.of_municipality("010"):
            record["municipal_name_sv"] = "Alavå"
        refresh(posti.save())
        assert Municipality.objects.get(code="010").name_sv == "Alavå"

    def test_a_parcel_locker_is_no_address(self, posti: PostiFile) -> None:
        posti.records["02105"] = {**posti.records["02100"], "postcode": "02105", "type_code": "6"}
        as_of, rows = read_posti(Path(posti.save()))
        update = bring_up_to_date(read_reference(OWN_TABLES), as_of=as_of, rows=rows, ended={})
        assert "02105" not in update.tables.postal_codes

    def test_an_upgrade_does_not_take_a_refresh_back(self, posti: PostiFile) -> None:
        load_reference()
        posti.records["02100"]["postcode_fi_name"] = "TAPIOLA"
        refresh(posti.save())
        load_reference()
        assert PostalCode.objects.get(code="02100").name_fi == "Tapiola"

    def test_an_older_file_is_refused(self, posti: PostiFile) -> None:
        for record in posti.records.values():
            record["date"] = "20240413"
        with pytest.raises(CommandError, match="older than the tables in force"):
            refresh(posti.save())

    def test_a_folder_of_tables_does_as_well(self, copy: Path) -> None:
        load_reference()
        edit(copy / "as_of.txt", "2026-05-26", "2027-01-01")
        edit(copy / "postal_codes.csv", "02100,Espoo,Esbo,049", "02100,Espoo,Esbo,049 235")
        assert "  02100 049 → 049 235\n" in refresh(str(copy))
        assert municipalities_of("02100") == {"049", "235"}
        edit(copy / "as_of.txt", "2027-01-01", "2026-01-01")
        with pytest.raises(CommandError, match="older than the tables in force"):
            refresh(str(copy))


def test_what_is_written_reads_back_the_same(tmp_path: Path) -> None:
    tables = read_reference(OWN_TABLES)
    write_reference(tables, tmp_path / "again")
    assert read_reference(tmp_path / "again") == tables
    for file in OWN_TABLES.glob("*.csv"):
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("capitals", "company", "ordinary"),
    [
        ("HELSINKI", False, "Helsinki"),
        ("YLI-II", False, "Yli-Ii"),
        ("ALAVUS AS", False, "Alavus as"),
        ("KOSKI TL", False, "Koski Tl"),
        ("HUS", True, "HUS"),
        ("OTAVAMEDIA", True, "Otavamedia"),
        ("Helen", True, "Helen"),
    ],
)
def test_how_a_name_is_written(capitals: str, company: bool, ordinary: str) -> None:
    assert written(capitals, company=company) == ordinary
