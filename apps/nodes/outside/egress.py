"""Where nodes may connect: the one module that resolves, vets and pins every connection out.

A name is resolved here, its addresses are checked, and the socket is opened to an address that was
checked; nothing below resolves again. What is private is refused unless the operator allows it
(`EGRESS_ALLOW`: `host`, `host:port`, `address:port`, `network`).
"""

import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import idna

from apps.engine.errors import NodeError
from apps.nodes.outside.addresses import Address, Network, is_public, unwrapped

Resolver = Callable[[str], Sequence[str]]
"""Gives the addresses of a name. Raises OSError where it has none."""

MAX_URL = 8_192
_UNREADABLE = re.compile("[\x00-\x20\x7f\\\\\ud800-\udfff]")
_URL = re.compile(r"(https?)://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{0,5}))?")
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*"
                   r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")  # fmt: skip
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class EgressRefusedError(NodeError):
    """A connection that nodes may not make."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            "egress_refused",
            f"Connections to {host}:{port} are refused: that is no public address.",
            hint="An operator can allow it with the setting EGRESS_ALLOW.",
        )


class InvalidUrlError(NodeError):
    """A URL that nodes do not follow, though some reader might."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__("invalid_url", f"{told_url(url)!r} is no URL that can be called: {why}.")
        self.why = why


def told_url(url: str) -> str:
    """A URL as messages tell it: the rest of it may bear a secret."""
    return without_user(re.split(r"[?#]", url, maxsplit=1)[0])[:200]


def without_user(url: str) -> str:
    return re.sub(r"//[^/]*@", "//", url)


@dataclass(frozen=True, slots=True)
class Url:
    """A URL of which every reader makes the same: its host is an address or a plain name."""

    scheme: str
    host: str
    port: int
    rest: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.rest}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def system_resolver(host: str) -> Sequence[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class EgressPolicy:
    """Decides where nodes may connect, and connects. Raises NodeErrors where they may not."""

    def __init__(self, allow: Iterable[str] = (), resolve: Resolver = system_resolver) -> None:
        self._resolve = resolve
        self._networks: list[tuple[Network, int | None]] = []
        self._hosts: set[tuple[str, int | None]] = set()
        for entry in allow:
            self._add(entry.strip())

    def _add(self, entry: str) -> None:
        try:
            self._networks.append((ip_network(entry), None))
            return
        except ValueError:
            pass
        match = _AUTHORITY.fullmatch(entry)
        host = plain_host(match[1]) if match and match[1] else None
        port = int(match[2]) if match and match[2] else None
        if host is None or not (port is None or 0 < port < 65536):
            raise ValueError(f"{entry!r} is no host, host:port, address or network")
        try:
            self._networks.append((ip_network(host), port))
        except ValueError:
            self._hosts.add((host, port))

    def vet(self, host: str, port: int, timeout_s: float = 10) -> list[Address]:
        """Resolve a host and keep the addresses that may be connected to, and no others.

        Where none was opened by the operator, one private address refuses the whole name.
        Raises TimeoutError, NodeError.
        """
        addresses = _addresses(host, self._resolve, timeout_s)
        if not addresses:
            raise NodeError(
                "name_not_resolved", f"There is no address for “{host}”.", retryable=True
            )
        if (host, port) in self._hosts or (host, None) in self._hosts:
            return addresses
        opened = [address for address in addresses if self._is_opened(address, port)]
        if not opened and not all(is_public(address) for address in addresses):
            raise EgressRefusedError(host, port)
        return opened or addresses

    def _is_opened(self, address: Address, port: int) -> bool:
        address = unwrapped(address)
        return any(
            address in network and opened_port in (None, port)
            for network, opened_port in self._networks
        )

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """Open a TCP connection to a vetted address of the host. Raises OSError, NodeError."""
        failure: OSError | None = None
        until = time.monotonic() + timeout_s
        addresses = self.vet(host, port, timeout_s)
        for place, address in enumerate(addresses):
            # One that does not answer leaves time for those behind it.
            share = (until - time.monotonic()) / (len(addresses) - place)
            try:
                return _connected(address, port, max(0.001, share))
            except OSError as error:
                failure = error
        assert failure is not None
        raise failure


def _connected(address: Address, port: int, timeout_s: float) -> socket.socket:
    connection = socket.create_connection((str(address), port), timeout_s)
    try:
        peer = ip_address(connection.getpeername()[0])
        if unwrapped(peer) != unwrapped(address):
            raise EgressRefusedError(str(peer), port)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        connection.close()
        raise
    return connection


def _addresses(host: str, resolve: Resolver, timeout_s: float) -> list[Address]:
    """The addresses of a host. A name is asked for twice, and what either answer holds counts:
    a name that changes between two questions is trying to pass the check and then to turn."""
    try:
        return [ip_address(host)]
    except ValueError:
        pass
    answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def ask() -> None:
        found: list[str] = []
        for _ in range(2):
            with suppress(OSError, UnicodeError):
                found += resolve(host)
        answers.put(found)

    # The system's own look-up cannot be told how long to wait, nor be stopped.
    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        found = answers.get(timeout=timeout_s)
    except queue.Empty:
        raise TimeoutError(f"the address of {host} was not told") from None
    return list(dict.fromkeys(ip_address(text.partition("%")[0]) for text in found))


def parse_url(url: str) -> Url:
    """Take a URL apart, refusing what two readers could take apart in two ways."""
    if len(url) > MAX_URL:
        raise InvalidUrlError(url, f"it is longer than {MAX_URL} characters")
    if _UNREADABLE.search(url):
        raise InvalidUrlError(
            url, "it holds spaces, control characters, backslashes or half a character"
        )
    match = _URL.fullmatch(url)
    if not match:
        raise InvalidUrlError(url, "it must begin with http:// or https://")
    scheme, authority, rest = match[1].lower(), match[2], match[3]
    if "@" in authority:
        raise InvalidUrlError(url, "a name or password in it is not sent; use a credential")
    parts = _AUTHORITY.fullmatch(authority)
    if not parts or not parts[1]:
        raise InvalidUrlError(url, "its host or port cannot be read")
    port = int(parts[2]) if parts[2] else _DEFAULT_PORTS[scheme]
    if not 0 < port < 65_536:
        raise InvalidUrlError(url, "its port must be between 1 and 65535")
    host = plain_host(parts[1])
    if host is None:
        raise InvalidUrlError(url, "its host is no plain name or address")
    return Url(scheme, host, port, rest or "/")


def server_host(written: str) -> str:
    """The host of a server as people write it, IPv6 without brackets too. Raises NodeError."""
    host = written.strip()
    is_bare = ":" in host and not (host.startswith("[") and host.endswith("]"))
    plain = plain_host(f"[{host}]" if is_bare else host)
    if plain is None:
        raise NodeError("invalid_host", f"{host[:80]!r} is no plain name or address of a server.")
    return plain


def plain_host(written: str) -> str | None:
    """The host in the one spelling that we accept, or None."""
    try:
        if written.startswith("["):
            return str(IPv6Address(written[1:-1])) if "%" not in written else None
        host = written.lower()
        if not host.isascii() or "xn--" in host:
            host = idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
        host = host.removesuffix(".")
        if not _NAME.fullmatch(host):
            return None
        if _NUMBER.fullmatch(host.rpartition(".")[2]):
            # Readers differ on 0177.1, 0x7f000001, 2130706433: only four plain numbers will do.
            return str(IPv4Address(host))
    except (ValueError, idna.IDNAError):
        return None
    return host
