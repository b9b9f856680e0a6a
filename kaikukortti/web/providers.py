"""Organisations' own sign-ins by OpenID Connect: the way there, and what comes back, checked (section 5, decision 21).

allauth finds the organisation's addresses, keeps the state and fetches the token; the checks that the token is signed
by the organisation, made for this register, for this browser and just now stand here.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.socialaccount.internal import jwtkit, statekit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from requests import RequestException

from kaikukortti.actions.organisations import identity_digest

SESSION_PROVIDER = "provider"  # session: the organisation through whose sign-in the person came
SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
CLOCKS_APART = timedelta(minutes=2)
MOST_AGO = timedelta(minutes=30)  # as long as a confirmation holds


class NotThrough(Exception):
    """The organisation's sign-in did not lead back as it should: cancelled, out of reach, or not what it must be."""


@dataclass(frozen=True, slots=True)
class Provider:
    id: str
    name: str
    issuer: str
    client_id: str
    acr: tuple[str, ...]  # the levels of assurance that stand for a second factor
    signs_in_at: tuple[str, ...]  # origins its sign-in pages stand on


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the organisation says it is, as the register stores it."""

    digest: str
    with_factor: bool
    signed_in_at: datetime | None


def providers() -> list[Provider]:
    found = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return [
        Provider(
            id=app["provider_id"],
            name=app["name"],
            issuer=app["settings"]["server_url"],
            client_id=app["client_id"],
            acr=tuple(app["settings"].get("acr", ())),
            signs_in_at=tuple(app["settings"].get("signs_in_at", ())),
        )
        for app in found
    ]


def provider_of(name: str) -> Provider | None:
    return next((one for one in providers() if one.id == name), None)


def of_session(request: HttpRequest) -> Provider | None:
    return provider_of(request.session.get(SESSION_PROVIDER, ""))


def may_lead_to(answer: HttpResponse, *through: Provider | None) -> HttpResponse:
    """A form of this page may lead to these organisations, and nowhere else (the content security policy)."""
    origins = [origin for one in through if one for origin in (origin_of(one.issuer), *one.signs_in_at)]
    if origins:
        answer._csp_update = {"form-action": origins}  # type: ignore[attr-defined]
    return answer


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


class Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's, with a way back to a page of ours."""

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return request.build_absolute_uri(reverse("organisation-back", args=[self.provider_id]))


def begin(request: HttpRequest, provider: Provider, *, now: datetime, afresh: bool = False, **state: Any) -> str:
    """The address of the organisation's sign-in. `state` comes back with the person; `afresh` asks it to sign the
    person in anew. Raises NotThrough."""
    adapter = Adapter(request, provider.id)
    nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    try:
        config, app = _config(adapter, provider), adapter.get_provider().app
        caller = adapter.get_client(request, app)
        address = config["authorization_endpoint"]
    except (RequestException, ValueError, KeyError) as error:
        raise NotThrough from error
    kept = {"nonce": nonce, "verifier": verifier, "began": now.timestamp(), "language": get_language(), **state}
    caller.state = statekit.stash_state(request, provider_id=provider.id, state=kept)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256"}
    if provider.acr:
        asked["acr_values"] = " ".join(provider.acr)
    # Asked for how long a sign-in there may be ago, the organisation says when it was.
    asked |= {"prompt": "login", "max_age": "0"} if afresh else {"max_age": str(int(MOST_AGO.total_seconds()))}
    return str(caller.get_redirect_url(address, ["openid"], asked))


def _config(adapter: Adapter, provider: Provider) -> dict[str, Any]:
    """What the organisation says of its sign-in; that of another issuer is not believed."""
    config = adapter.openid_config
    if config.get("issuer") != provider.issuer:
        raise ValueError("the issuer is another")
    return dict(config)


def take_state(request: HttpRequest, provider: Provider) -> dict[str, Any]:
    """What was kept when this browser left for the organisation: good once, ten minutes. Raises NotThrough."""
    state = statekit.unstash_state(request, provider_id=provider.id, state_id=request.GET.get("state", ""))
    if state is None:
        raise NotThrough("state")
    return dict(state)


def finish(request: HttpRequest, provider: Provider, state: dict[str, Any]) -> Identity:
    """Who came back. Raises NotThrough."""
    code = request.GET.get("code")
    if "error" in request.GET or not code:
        raise NotThrough("cancelled")
    adapter = Adapter(request, provider.id)
    try:
        config, app = _config(adapter, provider), adapter.get_provider().app
        answer = adapter.get_client(request, app).get_access_token(code, pkce_code_verifier=state["verifier"])
        claims = _claims(answer["id_token"], provider, config)
    except (RequestException, OAuth2Error, jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
        raise NotThrough(str(type(error).__name__)) from error
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), state["nonce"].encode()):
        raise NotThrough("nonce")
    return Identity(
        digest=identity_digest(provider.issuer, str(claims["sub"])),
        with_factor="mfa" in _listed(claims.get("amr")) or claims.get("acr") in provider.acr,
        signed_in_at=_instant(claims.get("auth_time")),
    )


def _claims(id_token: str, provider: Provider, config: dict[str, Any]) -> dict[str, Any]:
    """What the token says, once it is known to be the organisation's, for this register, and not too old."""
    if jwt.get_unverified_header(id_token).get("alg") not in SIGNED_WITH:
        raise OAuth2Error("alg")
    claims = jwtkit.verify_and_decode(
        credential=id_token,
        keys_url=config["jwks_uri"],
        issuer=provider.issuer,
        audience=provider.client_id,
        lookup_kid=jwtkit.lookup_kid_jwk,
    )
    if not {"exp", "iat", "sub"} <= set(claims) or not claims["sub"]:
        raise OAuth2Error("claims")
    others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if others else provider.client_id) != provider.client_id:
        raise OAuth2Error("azp")
    return dict(claims)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _instant(value: Any) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else None


def signed_in_afresh(identity: Identity, state: dict[str, Any]) -> bool:
    """Whether the organisation asked the person anew, as it was told to."""
    at = identity.signed_in_at
    return at is not None and at.timestamp() >= state["began"] - CLOCKS_APART.total_seconds()
