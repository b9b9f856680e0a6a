"""A till as the installed app is one: it enrols, keeps its token, seals codes to the register and sends its queue."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from django.test import Client

from kaikukortti.actions.device_keys import b64url, from_b64url
from kaikukortti.models import Offering


def seal(to: bytes, code: str, *, device: str, row: str) -> str:
    """As static/kaikukortti/js/till/keys.js seals it."""
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    public = load_der_public_key(to)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    key = HKDF(SHA256(), 32, salt=point, info=b"kaikukortti till row").derive(own.exchange(ec.ECDH(), public))
    nonce = secrets.token_bytes(12)
    return b64url(point + nonce + AESGCM(key).encrypt(nonce, code.encode(), f"{device}|{row}".encode()))


@dataclass
class Till:
    """One browser. `send` keeps the token of its answer; `copy()` is a thief's copy of all it holds."""

    id: str = ""
    token: str = ""
    share: str = ""
    key: bytes = b""
    proof: str = field(default_factory=lambda: b64url(secrets.token_bytes(32)))
    browser: Client = field(default_factory=Client)

    @classmethod
    def enrolled(cls, code: str) -> "Till":
        till = cls()
        answer = till.post("enrol", {"code": code, "proof": till.proof, "passkey_proof": None})
        assert answer.status_code == 200, answer.content
        said = answer.json()
        till.id, till.token, till.share = said["device"], said["token"], said["share"]
        till.key = from_b64url(said["seal_key"])
        return till

    def copy(self) -> "Till":
        return Till(self.id, self.token, self.share, self.key, self.proof)

    def post(self, call: str, body: Any, *, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.browser.post(f"/till/{call}", json.dumps(body), content_type="application/json", headers=headers)

    def row(self, code: str, *, offering: Offering | None = None, day: str = "2026-11-24", **more: Any) -> Any:
        row: dict[str, Any] = {
            "id": str(uuid4()),
            "offering": str(offering.pk) if offering else None,
            "day": day,
            "at": "2026-11-24T16:50:00Z",
            "kind": "ticket",
            "source": "offline",
            "holder": None,
            "children": 0,
            "assistants": 0,
            "clients": 0,
            "workers": 0,
            "until": None,
            "happened": True,
            **more,
        }
        return {**row, "sealed": seal(self.key, code, device=self.id, row=row["id"])}

    def send(self, rows: Sequence[Any] = (), *, keep: bool = True, **body: Any) -> Any:
        """One sync. With `keep=False` its answer is lost on the way."""
        answer = self.post("sync", {"rows": list(rows), **body}, token=self.token)
        if keep and answer.status_code == 200:
            self.token = answer.json()["token"]
        return answer

    def check(self, code: str, offering: Offering | None = None, **body: Any) -> Any:
        asked = {"code": code, "offering": str(offering.pk) if offering else None, **body}
        return self.post("check", asked, token=self.token)

    def undo(self, row: str | UUID, reason: str | None = None) -> Any:
        return self.post(f"uses/{row}/reverse", {"reason": reason}, token=self.token)

    def unlock(self, proof: str | None = None) -> Any:
        return self.post("unlock", {"device": self.id, "proof": proof or self.proof})

    def hand_over(self, rows: Sequence[Any], proof: str | None = None) -> Any:
        return self.post("hand-over", {"device": self.id, "proof": proof or self.proof, "rows": list(rows)})
