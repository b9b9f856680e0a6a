"""Where a shop may be told, how often it is tried, and how a message is signed (Standard Webhooks).

The register is asked to call an address that somebody else chose. So it calls public addresses only, and asks again of
the very address it is about to connect to: a name may mean another machine a moment later.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

LONGEST_ADDRESS = 300
SECRET_MARK = "whsec_"
# After each try in vain the next one waits so long: eight tries within two days.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
MOST_TRIES = len(WAITS) + 1
# The shop says that it wants nothing more at this address.
GONE = 410
_NAT64 = IPv6Network("64:ff9b::/96")
# Special networks that Python's own list, which changes from version to version, may take for open ones.
_SPECIAL = [
    ip_network(one)
    for one in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "100::/64", "2001::/23", "3fff::/20", "5f00::/16")
]
_PORTS_BELOW = 1024
HTTPS = 443


class AddressProblem(StrEnum):
    """Why an address is not one to tell."""

    NOT_AN_ADDRESS = "not-an-address"
    NOT_HTTPS = "not-https"
    NOT_PUBLIC = "not-public"
    NO_NAME = "no-name"
    ENOUGH = "enough"


def problem_with_address(url: str, *, loopback: bool = False) -> AddressProblem | None:
    """What is wrong with an address as it is written; its name has not been looked up yet. `loopback`: a demo or a test
    may tell a shop on the same machine, without TLS."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return AddressProblem.NOT_AN_ADDRESS
    host = parts.hostname or ""
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_ADDRESS
    if not plain or not host or parts.username is not None or parts.password is not None or "#" in url:
        return AddressProblem.NOT_AN_ADDRESS
    here = loopback and _is_here(host)
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        return AddressProblem.NOT_HTTPS
    if here:
        return None
    if port is not None and port != HTTPS and port < _PORTS_BELOW:
        return AddressProblem.NOT_PUBLIC
    if _number(host) is not None:
        return refuse_addresses([host])
    # A name of one word is one of the own network; a number written some other way is a name to nobody but a resolver.
    last = host.rstrip(".").rsplit(".", 1)
    if len(last) < 2 or not last[1][:1].isalpha() or last[1] in ("local", "localhost", "internal", "arpa", "onion"):
        return AddressProblem.NOT_PUBLIC
    return None


def _is_here(host: str) -> bool:
    number = _number(host)
    return host == "localhost" or (number is not None and number.is_loopback)


def _number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open network: not private, loopback, link-local, shared, reserved or many
    machines' at once, and not one of those written inside an IPv6 address."""
    number = _number(address.split("%")[0])
    if number is None or "%" in address:
        return False
    if isinstance(number, IPv6Address):
        inside = number.ipv4_mapped or number.sixtofour
        if inside is None and number in _NAT64:
            inside = IPv4Address(int(number) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(str(inside))
        if number.teredo is not None or number.is_site_local:
            return False
    if any(number in special for special in _SPECIAL):
        return False
    return number.is_global and not (number.is_multicast or number.is_reserved or number.is_unspecified)


def refuse_addresses(addresses: Iterable[str], *, loopback: bool = False) -> AddressProblem | None:
    """What a name means may be told only if all of it is public: one private address among them is a trap."""
    found = list(addresses)
    if not found:
        return AddressProblem.NO_NAME
    if loopback and all(_is_here(one) for one in found):
        return None
    return None if all(is_public(one) for one in found) else AddressProblem.NOT_PUBLIC


def next_try(tries: int, *, now: datetime) -> datetime | None:
    """When to try again after so many tries in vain; None when that was the last."""
    return now + WAITS[tries - 1] if tries < MOST_TRIES else None


def arrived(status: int) -> bool:
    return 200 <= status < 300


def write_secret(random: bytes) -> str:
    return SECRET_MARK + b64encode(random).decode()


def signature(secret: str, *, id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 HMAC-SHA256 of "id.timestamp.body" under the secret's bytes."""
    key = b64decode(secret.removeprefix(SECRET_MARK))
    return "v1," + b64encode(hmac.digest(key, f"{id}.{timestamp}.".encode() + body, sha256)).decode()
