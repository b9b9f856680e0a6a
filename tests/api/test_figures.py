"""The yearly table by calls: published for everyone, live for the national service."""

import csv
import io
from datetime import timedelta

import pytest

from kaikukortti.api.figures import YearOut
from kaikukortti.figures import yearly

pytestmark = pytest.mark.database
COLUMNS = (
    "year,cards_registered,cards_taken_into_use,adult_culture,adult_education,adult_science,adult_sport,"
    "child_culture,child_education,child_science,child_sport,uses_total,municipalities"
)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(yearly, "_published", yearly._Published())


def test_live_for_the_national_service_and_the_last_full_month_for_everyone(cast, caller, nobody):
    cast.use(cast.card(), children=2)
    everyone = nobody.get("/figures/yearly")
    assert (everyone.status, everyone.body) == (200, [])
    (live,) = caller("national").get("/figures/yearly").body
    assert ",".join(live) == COLUMNS
    assert (live["year"], live["adult_culture"], live["child_culture"], live["uses_total"]) == (2026, 1, 2, 3)
    assert caller("routa").get("/figures/yearly").body == []
    yearly._published = yearly._Published()
    cast.at(cast.now + timedelta(days=10))
    assert nobody.get("/figures/yearly?format=json").body == [live]


def test_csv_has_one_header_line_no_bom_and_commas(cast, caller):
    cast.use(cast.card())
    answered = caller("national").get("/figures/yearly?format=csv").response
    assert answered["Content-Type"] == "text/csv; charset=utf-8"
    text = answered.content.decode("utf-8")
    assert text.splitlines()[0] == COLUMNS
    assert len(list(csv.reader(io.StringIO(text)))) == 2


def test_the_answer_is_what_the_document_says():
    assert tuple(YearOut.model_fields) == yearly.COLUMNS


def test_a_bad_token_is_not_taken_for_no_token(cast, nobody):
    assert nobody.get("/figures/yearly", Authorization="Bearer x").status == 401


@pytest.mark.parametrize("query", ["format=xml", "format=", "format=JSON"])
def test_another_format_is_a_broken_question(cast, nobody, query):
    answered = nobody.get(f"/figures/yearly?{query}")
    assert (answered.status, answered.body["field"]) == (422, "format")
