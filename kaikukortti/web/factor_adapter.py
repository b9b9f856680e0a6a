"""What allauth asks of us about second factors: how secrets are sealed, and what a passkey is made for."""

import ipaddress
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.utils.translation import gettext

from kaikukortti.actions.second_factor import seal, unseal


def own_name() -> str:
    """The host name people know the register by, without the port."""
    return str(context.request.get_host()).rsplit(":", 1)[0]


def passkeys_work(host: str) -> bool:
    """Browsers make no passkey for an address made of numbers."""
    try:
        ipaddress.ip_address(host.rsplit(":", 1)[0].strip("[]"))
    except ValueError:
        return True
    return False


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return gettext("Kaiku Card")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": own_name(), "name": gettext("Kaiku Card")}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """What the person sees when they choose among passkeys; the register's number of the person comes back."""
        return {"id": user_pk_to_url_str(user).encode(), "name": user.username, "display_name": user.name}
