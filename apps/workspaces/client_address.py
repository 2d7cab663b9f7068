"""Where a request comes from: the one place that believes proxies."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address


def client_address(request: HttpRequest) -> str:
    """The address of who asks; empty where it is unknown.

    `X-Forwarded-For` counts only as far as TRUSTED_PROXIES wrote it: read from its end, the first
    address that is none of theirs.
    """
    return address_of(
        request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")
    )


def address_of(peer: str, forwarded_for: str) -> str:
    """The same of a request's peer and its `X-Forwarded-For`."""
    address = _read(peer)
    forwarded = forwarded_for.split(",")
    while address and forwarded and _is_trusted(address):
        before = _read(forwarded.pop())
        if before is None:
            break
        address = before
    return str(address or "")


def _is_trusted(address: Address) -> bool:
    return any(address in _network(text) for text in settings.TRUSTED_PROXIES)


_network = lru_cache(maxsize=256)(ip_network)


@lru_cache(maxsize=256)
def _read(text: str) -> Address | None:
    """An address without the interface it came by; an IPv4 one that a socket for both kinds wrapped
    as itself."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
