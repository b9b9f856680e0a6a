"""How a card's code is read (rule 12)."""

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36 as hybrid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARACTERS = 9
SECRET_CHARACTERS = 8
ROW_CHARACTERS = 7
ROW_LETTER = "K"
# Stands where a paper row has no code, or one that nobody can read: kept as an unidentified record (rule 28).
NO_CODE = "?"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", " ": "", "-": "", "*": "", "\u00a0": "", "\t": ""})


def check_character(characters: str) -> str:
    """ISO 7064 hybrid system, MOD 33,32, over the code alphabet."""
    return hybrid.calc_check_digit(characters, alphabet=ALPHABET)


def normalise(text: str) -> str:
    """What was typed or scanned, without case, spaces, hyphens and Code 39's asterisks; O reads as 0, I and L as 1."""
    return text.upper().translate(_READ_AS)


def read_code(text: str) -> str | None:
    """The ten characters of a code of ours, or None for a typo (`card-code-typo`)."""
    return _read(text, RANDOM_CHARACTERS)


def read_secret(text: str) -> str | None:
    """The nine characters of a holder's secret, or None for a typo."""
    return _read(text, SECRET_CHARACTERS)


def read_row(text: str) -> str | None:
    """The number of a paper form's row, K and eight characters, or None for a typo."""
    row = normalise(text)
    rest = _read(row[1:], ROW_CHARACTERS)
    return row if row.startswith(ROW_LETTER) and rest else None


def _read(text: str, random_characters: int) -> str | None:
    code = normalise(text)
    if len(code) != random_characters + 1:
        return None
    try:
        hybrid.validate(code, alphabet=ALPHABET)
    except (ValidationError, ValueError):
        return None
    return code


def shown(code: str) -> str:
    """The code in groups, 3-3-4, as it stands on the card; a secret in 3-3-3; an older series' code as it is."""
    if len(code) not in (SECRET_CHARACTERS + 1, RANDOM_CHARACTERS + 1):
        return code
    return f"{code[:3]}-{code[3:6]}-{code[6:]}"
