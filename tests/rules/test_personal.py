"""Names and their like are noticed in whatever column they stand (section 3)."""

import pytest

from kaikukortti.rules.codes import read_code
from kaikukortti.rules.paper import readable_as
from kaikukortti.rules.personal import Personal, looks_personal, personal_columns
from kaikukortti.rules.tables import read_text

readable = readable_as(lambda text: read_code(text) is not None)


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("Maija Meikäläinen", Personal.NAMES),
        ("MEIKÄLÄINEN", Personal.NAMES),
        ("meikäläinen, m.", Personal.NAMES),
        ("Virtanen", Personal.NAMES),
        ("Åsa Öberg-Lång", Personal.NAMES),
        ("O'Connor", Personal.NAMES),
        ("Мария Иванова", Personal.NAMES),
        ("محمد", Personal.NAMES),
        ("Li Wu", Personal.NAMES),
        ("Virtanen 2 lasta", Personal.NAMES),
        ("Virtanen 7KM-9QX-2TR7", Personal.NAMES),
        ("tulee äidin kanssa", Personal.NAMES),
        ("maija@example.org", Personal.EMAILS),
        ("www.example.org/maija", Personal.EMAILS),
        ("040 123 4567", Personal.PHONES),
        ("+358401234567", Personal.PHONES),
        ("(08) 615 541", Personal.PHONES),
        ("010190-123A", Personal.IDENTITY),
        ("010105A123B", Personal.IDENTITY),
        ("hetu 010190+123A", Personal.IDENTITY),
        ("7KM-9QX-2TR7", None),
        ("7km 9qx 2tr8", None),
        ("abc 9qx 2tr8", None),
        ("K-17", None),
        ("k 4", None),
        ("", None),
        ("?", None),
        ("-", None),
        ("x", None),
        ("2", None),
        ("18.40", None),
        ("klo 18.40", None),
        ("24.11.2026", None),
        ("01-12-2026", None),
        ("2026-11-24 18:40", None),
        ("ei koodia", Personal.NAMES),
        ("ei", None),
        ("saknas", None),
        ("2 aikuista, 1 lapsi", None),
        ("12,50", None),
    ],
)
def test_cells(cell, what):
    assert looks_personal(cell, readable=readable) == what


def columns(text):
    head, *rows = read_text(text)
    return [(one.column, one.what) for one in personal_columns(rows, head=head, readable=readable)]


def test_a_column_is_named_once_and_by_its_head_where_it_has_one():
    text = "Nimi;Kaikukortti;Puh;Lapsia\nMaija;7KM9QX2TR7;0401234567;2\nKalle;K-2;0501234567;\n"
    assert columns(text) == [(0, Personal.NAMES), (2, Personal.PHONES)]


def test_a_head_tells_even_where_the_cells_do_not():
    assert columns("Syntymäaika;Koodi\n1.1.1990;7KM9QX2TR7\n") == [(0, Personal.BIRTHS)]
    assert columns("Nimi;Koodi\n1;7KM9QX2TR7\n") == [(0, Personal.NAMES)]


def test_an_empty_column_with_such_a_head_is_nothing():
    assert columns("Nimi;Koodi\n;7KM9QX2TR7\n;K-4\n") == []


def test_one_name_among_the_codes_is_enough():
    assert columns("Koodi;Lapsia\n7KM9QX2TR7;2\nVirtanen;\n") == [(0, Personal.NAMES)]
