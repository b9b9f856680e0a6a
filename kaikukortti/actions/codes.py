"""Making codes and finding cards by them. A clear code exists only while it is made or read (rules 12, 13)."""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import pbkdf2_hmac, sha256
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kaikukortti import keys
from kaikukortti.models import Card, PepperCanary
from kaikukortti.rules.codes import (
    ALPHABET,
    RANDOM_CHARACTERS,
    ROW_CHARACTERS,
    ROW_LETTER,
    SECRET_CHARACTERS,
    check_character,
)

TAG_ROUNDS = 50_000
SECRET_ROUNDS = 50_000
CANARY = "kaikukortti"


def _mac(name: str, text: bytes) -> str:
    return hmac.new(keys.key(name), text, sha256).hexdigest()


def code_digests(code: str) -> list[str]:
    """The keyed digest of a code under every pepper, the newest last."""
    return [hmac.new(pepper, code.encode(), sha256).hexdigest() for pepper in keys.peppers().values()]


def newest_pepper() -> int:
    return max(keys.peppers())


def link_digest(secret: str) -> str:
    """The digest of a token or one-time link: long random secrets need no slow hash."""
    return sha256(secret.encode()).hexdigest()


def content_digest(text: str) -> str:
    """What recognises a repeated record's content; keyed, since it covers the code (rule 26)."""
    return _mac("content", text.encode())


@dataclass(frozen=True, slots=True)
class MadeCode:
    """A code and its holder's secret in clear, once, with what is stored of them."""

    code: str
    serial: str
    digest: str
    pepper: int
    sealed_tag: bytes
    tag_digest: str
    secret: str = ""
    secret_digest: str = ""


def random_code() -> str:
    """45 random bits and the check character (rule 12)."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return characters + check_character(characters)


def random_secret() -> str:
    """A holder's secret: 8 random characters of the code's alphabet (40 bits) and the check character."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(SECRET_CHARACTERS))
    return characters + check_character(characters)


def random_row() -> str:
    """The number of one row of a paper form: K, 7 random characters of the code's alphabet and the check character."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(ROW_CHARACTERS))
    return ROW_LETTER + characters + check_character(characters)


def secret_digest(secret: str, *, serial: str) -> str:
    """The stretched, keyed digest of a read secret; the serial is its salt, so that equal secrets look different."""
    stretched = pbkdf2_hmac("sha256", secret.encode(), b"kaikukortti secret " + serial.encode(), SECRET_ROUNDS)
    return _mac("secret", stretched)


def session_mark(card: Card) -> str:
    """What a card's open session remembers of its secrets: it ends when they change. Tells nothing of them."""
    access = getattr(card, "access", None)
    return _mac("secret", f"session {card.secret_digest} {access.digest if access else ''}".encode())


def one_time_seed(workplace: int, id: UUID) -> bytes:
    """What a seller's one-time code is made of: the same for the same id, and nothing without the key."""
    return bytes.fromhex(_mac("secret", f"one-time code {workplace} {id}".encode()))


def one_time_digest(code: str) -> str:
    """The keyed digest that a read one-time code is found by."""
    return _mac("secret", f"one-time digest {code}".encode())


def make_code(
    code: str | None = None, *, serial: str | None = None, random_tag: bool = False, secret: str = ""
) -> MadeCode:
    """A new code with its digest, offline tag, serial, and the digest of its holder's secret, if it gets one.

    `random_tag` skips the slow derivation for cards that no offline till ever meets: simulated ones, and those of
    guessable series, whose codes a lost list would give away.
    """
    code = code or random_code()
    serial = serial or f"{secrets.randbelow(90_000_000) + 10_000_000}"
    tag = secrets.token_bytes(6) if random_tag else _offline_tag(code)
    nonce = secrets.token_bytes(12)
    pepper = newest_pepper()
    return MadeCode(
        code=code,
        serial=serial,
        digest=code_digests(code)[-1],
        pepper=pepper,
        sealed_tag=nonce + AESGCM(keys.key("seal")).encrypt(nonce, tag, None),
        tag_digest=_mac("seal", b"tag" + tag[:4]),
        secret=secret,
        secret_digest=secret_digest(secret, serial=serial) if secret else "",
    )


def tag_salt() -> bytes:
    """The salt of every offline tag, one for ever; the list itself tells it to tills."""
    return b"kaikukortti till list " + bytes.fromhex(_mac("seal", b"installation"))[:8]


def _offline_tag(code: str) -> bytes:
    """Tag and pad of the list an offline till carries: stretched from the random characters."""
    return pbkdf2_hmac("sha256", code[:RANDOM_CHARACTERS].encode(), tag_salt(), TAG_ROUNDS, 6)


def open_tag(sealed: bytes) -> bytes:
    """Tag (4 bytes) and pad (2 bytes) of a card."""
    sealed = bytes(sealed)
    return AESGCM(keys.key("seal")).decrypt(sealed[:12], sealed[12:], None)


def _canaries() -> dict[int, str]:
    return {number: hmac.new(pepper, CANARY.encode(), sha256).hexdigest() for number, pepper in keys.peppers().items()}


def write_canaries() -> None:
    """Remember which peppers belong to this database; called whenever codes are made."""
    for number, digest in _canaries().items():
        PepperCanary.objects.get_or_create(number=number, defaults={"digest": digest})


def foreign_peppers() -> list[int]:
    """Numbers of peppers the database knows that are missing here or differ: the server must not start with them."""
    ours = _canaries()
    return [canary.number for canary in PepperCanary.objects.all() if ours.get(canary.number) != canary.digest]
