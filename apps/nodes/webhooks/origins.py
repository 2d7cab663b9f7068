"""Where requests come from: the networks that may send, and the web pages that may read answers."""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9._-]+(?::[0-9]{1,5})?|\*")


def plain_network(text: str) -> str:
    """The network as it is written; ValueError where it is none."""
    try:
        ip_network(text)
    except ValueError:
        raise ValueError(
            "It must be an address or a network, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32, "
            "without bits behind its mask."
        ) from None
    return text


def plain_origin(text: str) -> str:
    """The origin in small letters, as browsers send it; ValueError where it is none."""
    origin = text.lower()
    if not _ORIGIN.fullmatch(origin):
        raise ValueError(
            "An origin is a scheme and a host, such as https://shop.example, with a port where "
            "that is not the usual one, and no path; or “*” for all."
        )
    return origin


def is_within(address: str, networks: Sequence[str]) -> bool:
    """Whether the address is of one of the networks; one that is unknown is of none."""
    if not address:
        return False
    asked = ip_address(address)
    return any(asked in network for network in _networks(tuple(networks)))


@lru_cache(maxsize=256)
def _networks(texts: tuple[str, ...]) -> list[Network]:
    return [ip_network(text) for text in texts]


def shared_with(origin: str, allowed: Sequence[str]) -> dict[str, str]:
    """The headers of an answer that let a page of this origin read it; none where it may not."""
    if "*" in allowed:
        return {"access-control-allow-origin": "*"}
    if not allowed:
        return {}
    # Where the answer depends on the origin, a cache must not give it to another.
    is_allowed = origin.lower() in allowed
    return {"vary": "Origin"} | ({"access-control-allow-origin": origin} if is_allowed else {})
