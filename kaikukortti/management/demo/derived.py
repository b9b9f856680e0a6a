"""Codes, passwords and tokens made of the demo key: the same whenever they are printed, stored nowhere in clear."""

from base64 import urlsafe_b64encode

from kaikukortti.actions.demo import demo_card_code, demo_characters, demo_digest, misread_card_code
from kaikukortti.actions.people import MARK
from kaikukortti.rules.codes import SECRET_CHARACTERS, check_character

code, misread_code = demo_card_code, misread_card_code


def secret(name: str) -> str:
    """The secret on the slip of a card, with its check character."""
    characters = demo_characters(f"secret {name}", SECRET_CHARACTERS)
    return characters + check_character(characters)


def password(username: str) -> str:
    """Three groups of four, easy to type: 60 bits."""
    text = demo_characters(f"password {username}", 12).lower()
    return "-".join((text[:4], text[4:8], text[8:]))


def token(workplace: str) -> str:
    return MARK + urlsafe_b64encode(demo_digest(f"token {workplace}")).decode().rstrip("=")


def seed(name: str) -> str:
    """The seed of what is invented for this demo."""
    return demo_digest(f"seed {name}").hex()
