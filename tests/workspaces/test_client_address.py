"""Whose word counts about where a request comes from."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from apps.workspaces.client_address import client_address


@pytest.mark.parametrize(
    ("connected", "forwarded", "expected"),
    [
        ("203.0.113.1", None, "203.0.113.1"),
        # who is no proxy of ours says of itself what it likes
        ("203.0.113.1", "198.51.100.7", "203.0.113.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        # what was said before our proxy wrote is not believed
        ("10.0.0.1", "192.0.2.66, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        # a socket that takes both kinds names the older ones so
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "2001:DB8::0007", "2001:db8::7"),
        ("fe80::1%eth0", None, "fe80::1"),
        ("", "198.51.100.7", ""),
    ],
)
def test_only_trusted_proxies_are_believed(
    settings: Settings, connected: str, forwarded: str | None, expected: str
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", REMOTE_ADDR=connected, headers=headers)
    assert client_address(request) == expected
