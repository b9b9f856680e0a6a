"""The paper form for a day without network: what the desk asks, to be typed in later and then destroyed."""

import secrets

from kaikukortti.paper.pdf import draw_pdf
from kaikukortti.rules.codes import ALPHABET, ROW_CHARACTERS, ROW_LETTER, check_character, shown
from kaikukortti.terms.kinds import Gender, HomeLanguage, LifeSituation
from kaikukortti.terms.policies import BACKDATED_ISSUE_DAYS

ROWS = 6  # two sheets of A4
MOST_ROWS = 60


def random_rows(number: int) -> list[str]:
    """So many different row numbers: K, seven random characters of the code's alphabet and their check. They are stored
    nowhere; a row that is typed in twice is recognised by its own."""
    made: set[str] = set()
    while len(made) < number:
        characters = "".join(secrets.choice(ALPHABET) for _ in range(ROW_CHARACTERS))
        made.add(ROW_LETTER + characters + check_character(characters))
    return list(made)


def draw_paper_form(rows: int, *, language: str) -> bytes:
    """The form as a PDF with so many rows, three to a sheet."""
    context = {
        "rows": [shown(row).replace("-", " ") for row in random_rows(rows)],
        "genders": Gender,
        "life_situations": LifeSituation,
        "home_languages": HomeLanguage,
        "days": BACKDATED_ISSUE_DAYS,
    }
    return draw_pdf("kaikukortti/paper/form.html", context, language=language)
