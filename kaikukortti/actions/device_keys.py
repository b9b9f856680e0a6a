"""What the register's `till` key makes: the token's mark, a device's share, digests, and the opening of sealed codes.

Nothing of it is stored. Whoever reads the database has neither share nor token nor code (docs/decisions/0024).
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kaikukortti import keys
from kaikukortti.rules.codes import read_code
from kaikukortti.rules.devices import Presented

_CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_POINT, _NONCE, _TAG = 65, 12, 16
_TOKEN = re.compile(r"([0-9a-f-]{36})\.([0-9]{1,9})\.[0-9A-Za-z_-]{16}\.([0-9a-f]{64})")


def _mac(purpose: str, *parts: object) -> str:
    return hmac.new(keys.key("till"), "|".join(map(str, (purpose, *parts))).encode(), sha256).hexdigest()


def b64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def from_b64url(text: str) -> bytes:
    """Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- what a device shows ----------------------------------------------------------------------------------------


def enrolment_digest(text: str) -> str:
    """The digest of a one-time code as typed, or of a gate pass's secret."""
    return _mac("enrol", read_code(text) or text.strip())


def proof_digest(device: UUID, proof: bytes) -> str:
    return _mac("proof", device, proof.hex())


def share_of(device: UUID) -> bytes:
    """The register's part of the key that lets a device speak for itself."""
    return bytes.fromhex(_mac("share", device))


# --- tokens -----------------------------------------------------------------------------------------------------


def make_token(device: UUID, number: int) -> str:
    """`<device>.<number>.<nonce>.<mark>`."""
    head = f"{device}.{number}.{secrets.token_urlsafe(12)}"
    return f"{head}.{_mac('token', head)}"


def read_token(text: str) -> tuple[UUID, Presented] | None:
    """The device a token speaks for; None when the register did not make it. Asks nothing of the database."""
    parts = _TOKEN.fullmatch(text)
    if parts is None or not hmac.compare_digest(_mac("token", text.rpartition(".")[0]), parts[3]):
        return None
    return UUID(parts[1]), Presented(int(parts[2]), sha256(text.encode()).hexdigest())


# --- sealed codes -----------------------------------------------------------------------------------------------


@cache
def _private(key: bytes) -> ec.EllipticCurvePrivateKey:
    wide = HKDF(SHA256(), 48, salt=None, info=b"kaikukortti till seal").derive(key)
    return ec.derive_private_key(int.from_bytes(wide, "big") % (_CURVE_ORDER - 1) + 1, ec.SECP256R1())


def seal_key() -> bytes:
    """The public key that tills seal codes to (P-256, SubjectPublicKeyInfo)."""
    public = _private(keys.key("till")).public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def open_sealed(sealed: str, *, device: UUID, row: UUID) -> str | None:
    """The code that a device sealed for this row; None when it was sealed for another, or not by this rule."""
    try:
        box = from_b64url(sealed)
        point, nonce, closed = box[:_POINT], box[_POINT : _POINT + _NONCE], box[_POINT + _NONCE :]
        if len(closed) <= _TAG:
            return None
        other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        shared = _private(keys.key("till")).exchange(ec.ECDH(), other)
        key = HKDF(SHA256(), 32, salt=point, info=b"kaikukortti till row").derive(shared)
        return AESGCM(key).decrypt(nonce, closed, f"{device}|{row}".encode()).decode()
    except (ValueError, InvalidTag):
        return None
