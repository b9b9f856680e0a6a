"""Which addresses may be told, when it is tried again, and how a message is signed."""

import hmac
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from kaikukortti.rules.webhooks import (
    MOST_TRIES,
    AddressProblem,
    is_public,
    next_try,
    problem_with_address,
    refuse_addresses,
    signature,
    write_secret,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "64:ff9b:1::1",
        "3fff::1",
        "5f00::1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "fec0::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2002:c0a8:101::1",
        "2001:0:7f00:1::1",
        "2001:db8::1",
        "not an address",
        "",
    ],
)
def test_special_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2a00:1450:400f:80d::200e", "::ffff:8.8.8.8"])
def test_addresses_of_the_open_network_are(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://shop.example.fi/kaikukortti", None),
        ("https://shop.example.fi:8443/in?key=1", None),
        ("https://xn--kauppa-0ua.fi/", None),
        ("http://shop.example.fi/", AddressProblem.NOT_HTTPS),
        ("ftp://shop.example.fi/", AddressProblem.NOT_HTTPS),
        ("javascript:alert(1)", AddressProblem.NOT_AN_ADDRESS),
        ("https://", AddressProblem.NOT_AN_ADDRESS),
        ("shop.example.fi", AddressProblem.NOT_AN_ADDRESS),
        ("https://user:secret@shop.example.fi/", AddressProblem.NOT_AN_ADDRESS),
        ("https://shop.example.fi/#part", AddressProblem.NOT_AN_ADDRESS),
        ("https://shop.example.fi:99999/", AddressProblem.NOT_AN_ADDRESS),
        ("https://shop.example.fi/\r\nHost: other", AddressProblem.NOT_AN_ADDRESS),
        ("https://shöp.example.fi/", AddressProblem.NOT_AN_ADDRESS),
        ("https://" + "a" * 300 + ".fi/", AddressProblem.NOT_AN_ADDRESS),
        ("https://shop.example.fi:22/", AddressProblem.NOT_PUBLIC),
        ("https://localhost/", AddressProblem.NOT_PUBLIC),
        ("https://intranet/", AddressProblem.NOT_PUBLIC),
        ("https://printer.local/", AddressProblem.NOT_PUBLIC),
        ("https://metadata.internal/", AddressProblem.NOT_PUBLIC),
        ("https://127.0.0.1/", AddressProblem.NOT_PUBLIC),
        ("https://[::1]/", AddressProblem.NOT_PUBLIC),
        ("https://2130706433/", AddressProblem.NOT_PUBLIC),
        ("https://0x7f000001/", AddressProblem.NOT_PUBLIC),
        ("https://127.1/", AddressProblem.NOT_PUBLIC),
        ("https://0177.0.0.1/", AddressProblem.NOT_PUBLIC),
        ("https://169.254.169.254/latest/", AddressProblem.NOT_PUBLIC),
    ],
)
def test_an_address_as_it_is_written(url, problem):
    assert problem_with_address(url) == problem


def test_a_demo_may_tell_the_same_machine_and_no_other():
    assert problem_with_address("http://127.0.0.1:9000/in", loopback=True) is None
    assert problem_with_address("http://localhost:9000/in", loopback=True) is None
    assert problem_with_address("http://10.0.0.1:9000/in", loopback=True) == AddressProblem.NOT_HTTPS
    assert problem_with_address("https://10.0.0.1:9000/in", loopback=True) == AddressProblem.NOT_PUBLIC
    assert refuse_addresses(["127.0.0.1", "::1"], loopback=True) is None
    assert refuse_addresses(["127.0.0.1"]) == AddressProblem.NOT_PUBLIC


def test_one_private_address_among_public_ones_is_a_trap():
    assert refuse_addresses(["93.184.216.34"]) is None
    assert refuse_addresses(["93.184.216.34", "10.0.0.1"]) == AddressProblem.NOT_PUBLIC
    assert refuse_addresses([]) == AddressProblem.NO_NAME


def test_eight_tries_within_two_days():
    at, tries = NOW, 1
    while (again := next_try(tries, now=at)) is not None:
        assert again > at
        at, tries = again, tries + 1
    assert tries == MOST_TRIES == 8
    assert timedelta(days=1) < at - NOW < timedelta(days=2)


def test_a_message_is_signed_as_standard_webhooks_say():
    secret = "whsec_" + b64encode(b"0123456789abcdef01234567").decode()
    body = b'{"type":"test"}'
    told = signature(secret, id="msg_1", timestamp=1700000000, body=body)
    expected = hmac.new(b64decode(secret.removeprefix("whsec_")), b"msg_1.1700000000." + body, sha256).digest()
    assert told == "v1," + b64encode(expected).decode()
    assert write_secret(b"\x00" * 32).startswith("whsec_AAAA")
