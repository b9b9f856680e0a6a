"""Codes, passwords and tokens made of the demo key: the same whenever they are printed, stored nowhere in clear."""

from base64 import urlsafe_b64encode

from kaikukortti.actions.demo import demo_digest
from kaikukortti.actions.people import MARK
from kaikukortti.rules.codes import ALPHABET, RANDOM_CHARACTERS, SECRET_CHARACTERS, check_character


def _characters(name: str, number: int) -> str:
    """So many characters of the card alphabet; 32 divides 256, so each is as likely as another."""
    return "".join(ALPHABET[byte % 32] for byte in demo_digest(name)[:number])


def code(name: str) -> str:
    """A card's code with its check character."""
    characters = _characters(f"code {name}", RANDOM_CHARACTERS)
    return characters + check_character(characters)


def secret(name: str) -> str:
    """The secret on the slip of a card, with its check character."""
    characters = _characters(f"secret {name}", SECRET_CHARACTERS)
    return characters + check_character(characters)


def misread_code(name: str) -> str:
    """A code whose check character is wrong."""
    right = code(name)
    return right[:-1] + ALPHABET[(ALPHABET.index(right[-1]) + 1) % len(ALPHABET)]


def password(username: str) -> str:
    """Three groups of four, easy to type: 60 bits."""
    text = _characters(f"password {username}", 12).lower()
    return "-".join((text[:4], text[4:8], text[8:]))


def token(workplace: str) -> str:
    return MARK + urlsafe_b64encode(demo_digest(f"token {workplace}")).decode().rstrip("=")


def seed(name: str) -> str:
    """The seed of what is invented for this demo."""
    return demo_digest(f"seed {name}").hex()
