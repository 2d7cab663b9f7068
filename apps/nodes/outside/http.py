"""Requests that nodes send: checked, bounded, each with its idempotency key, redirects vetted.

Only httpx's transport and its reader of answers are used: its client would take proxies from the
environment, keep cookies and follow redirects by itself.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpcore
import httpx

from apps.engine.errors import NodeError
from apps.engine.ports import Attempt
from apps.nodes.outside.egress import InvalidUrlError, parse_url, told_url
from apps.nodes.outside.http_answer import HttpResponse, read_answer
from apps.nodes.outside.pinned import INSECURE, Moment, TlsError

MAX_REDIRECTS = 10
RETRYABLE = (408, 425, 429, 500, 502, 503, 504)
"""Statuses after which the same request may succeed a little later."""
KEY_HEADER = "Idempotency-Key"
USER_AGENT = "FlowForge/0.1"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_FRAMING = {
    "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer",
    "transfer-encoding", "upgrade",
}  # fmt: skip
_FOR_ANY_ORIGIN = {
    "accept", "accept-charset", "accept-encoding", "accept-language", "content-encoding",
    "content-language", "content-type", "user-agent",
}  # fmt: skip
_OF_BODY = {"content-encoding", "content-language", "content-type"}
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What the operator lets requests of nodes do."""

    response_bytes: int = 16 * 2**20
    """Of one answer, unpacked."""
    step_bytes: int = 256 * 2**20
    """Of all the answers that one step holds, with what is read of them."""
    insecure_tls: bool = False
    """Whether a node may talk to a server whose certificate nobody vouches for."""


class HeldBytes:
    """How much of answers a step holds, over all the threads that it sends from."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        """Count what was read, or take off what is no longer held. Raises `response_too_large`."""
        with self._lock:
            is_over = self._held + count > self._limit
            self._held += 0 if is_over else count
        if is_over:
            limit = f"{self._limit / 2**20:.4g} MB"
            raise NodeError(
                "response_too_large",
                f"The answers of this step take over {limit} of memory together.",
                "Let it read fewer items or pages at a time, in a Loop.",
            )


class Http:
    """Sends the requests of one step, or of one of its items. No cookie outlives a request."""

    def __init__(
        self,
        attempt: Attempt,
        transport: httpx.BaseTransport,
        next_key: Callable[[], str],
        limits: HttpLimits,
        held: HeldBytes,
    ) -> None:
        self._attempt = attempt
        self.next_key = next_key
        self._limits = limits
        self._held = held
        self._transport = transport

    def hide(self, secrets: Iterable[str]) -> None:
        """Mask these values, which are sent now, in all that is told of it."""
        self._attempt.hide(secrets)

    def masked(self, text: str) -> str:
        """A text of a service, without what it was sent that must not be seen."""
        return self._attempt.masked(text.encode(errors="replace")).decode()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        content: bytes = b"",
        key: str | None = None,
        timeout_s: float = 60,
        max_redirects: int = MAX_REDIRECTS,
        max_bytes: int | None = None,
        verify_tls: bool = True,
        vet: Callable[[str], None] | None = None,
    ) -> HttpResponse:
        """Send a request and read its answer, following redirects. Any status is an answer.

        `secrets` are headers too. To another origin a redirect takes only headers that tell what
        is sent and wanted, none of `secrets`. A 303 is followed with GET, as is the redirect of a
        POST by 301 or 302; others go on with their method and body. The `key` is that of a request
        which is sent again, else the next one. `vet` is asked about each URL before a request goes
        to it, and raises where none may. With `max_redirects` 0 a redirect is an answer like
        others. The timeout is that of the whole exchange. Errors tell no query.

        Raises NodeError: egress_refused, invalid_url, invalid_header, name_not_resolved, connect,
        tls, insecure_tls_refused, timeout, connection_lost, bad_response, too_many_redirects,
        response_too_large.
        """
        if not verify_tls and not self._limits.insecure_tls:
            raise NodeError(
                "insecure_tls_refused",
                "Certificates must be checked here.",
                "An operator can allow it with the setting ALLOW_INSECURE_TLS.",
            )
        hidden = checked_headers(secrets or {})
        sent = checked_headers(headers or {}) | hidden
        sent.setdefault("user-agent", USER_AGENT)
        sent.setdefault("accept", "*/*")
        sent.setdefault("accept-encoding", "gzip, deflate")
        sent.setdefault(KEY_HEADER.lower(), key or self.next_key())
        limit = min(max_bytes or self._limits.response_bytes, self._limits.response_bytes)
        until = Moment(time.monotonic() + timeout_s)
        timeouts = {"connect": until, "read": until, "write": until, "pool": timeout_s}
        extensions = {"timeout": timeouts, INSECURE: not verify_tls}
        for _ in range(max_redirects + 1):
            if vet is not None:
                vet(url)
            request = _request(method, url, sent, content, extensions)
            try:
                response, location = self._once(request, until, limit, max_redirects > 0)
            except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as e:
                self._attempt.check()  # a revoked attempt's connections fail because we cut them
                raise _told(e, request, timeout_s) from e
            if location is None:
                self._held.add(response.weight)
                return response
            target = _joined(url, location)
            if parse_url(target).origin != parse_url(url).origin:
                sent = {
                    name: value
                    for name, value in sent.items()
                    if name in _FOR_ANY_ORIGIN and name not in hidden
                }
            if _is_followed_by_get(response.status, method):
                method, content = "GET", b""
                sent = {name: value for name, value in sent.items() if name not in _OF_BODY}
            url = target
        raise NodeError(
            "too_many_redirects", f"{told_url(url)} redirected more than {max_redirects} times."
        )

    def release(self, response: HttpResponse) -> None:
        """Say that the content of an answer is no longer held: it went to a file, or away."""
        self._held.add(-response.weight)

    @contextmanager
    def holding(self, response: HttpResponse) -> Iterator[None]:
        """Read an answer: where that fails it is no longer held."""
        try:
            yield
        except NodeError:
            self.release(response)
            raise

    def _once(
        self, request: httpx.Request, until: Moment, limit: int, follows: bool
    ) -> tuple[HttpResponse, str | None]:
        """Send one request; gives the answer, and where it redirects to."""
        self._attempt.check()
        answer = self._transport.handle_request(request)
        try:
            location = answer.headers.get("location")
            if follows and answer.status_code in _REDIRECTS and location:
                return HttpResponse(answer.status_code, {}, b""), location
            return read_answer(answer, request, limit, until), None
        finally:
            answer.close()

    def close(self) -> None:
        self._transport.close()


def _request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    content: bytes,
    extensions: dict[str, Any],
) -> httpx.Request:
    try:
        return httpx.Request(
            method,
            str(parse_url(url)),
            headers=[(name.encode(), value.encode()) for name, value in headers.items()],
            content=content,
            extensions=extensions,
        )
    except httpx.InvalidURL as error:
        raise InvalidUrlError(url, str(error)) from None


def _joined(url: str, location: str) -> str:
    try:
        return str(httpx.URL(url).join(location))
    except httpx.InvalidURL:
        raise InvalidUrlError(location, f"{told_url(url)} redirected to it") from None


def _is_followed_by_get(status: int, method: str) -> bool:
    """Whether the request that follows a redirect fetches, whatever was sent: as in browsers."""
    if status == 303:
        return method not in ("GET", "HEAD")
    return status in (301, 302) and method == "POST"


def with_query(url: str, pairs: Sequence[tuple[str, str]]) -> str:
    """The URL with more names and values in its query."""
    if not pairs:
        return url
    rest, hash, fragment = url.partition("#")
    mark = "&" if "?" in rest else "?"
    return f"{rest}{mark}{urlencode(pairs, errors='replace')}{hash}{fragment}"


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that may be sent, by small name: framing is ours, no value leaves its line."""
    checked = {}
    for name, value in headers.items():
        value = value.strip(" \t")
        if not _TOKEN.fullmatch(name):
            raise NodeError("invalid_header", f"{name[:80]!r} is no name of a header.")
        if name.lower() in _FRAMING or name.lower().startswith("proxy-"):
            raise NodeError("invalid_header", f"The header “{name}” is set by FlowForge itself.")
        if not value.replace("\t", " ").isprintable():
            raise NodeError(
                "invalid_header", f"The value of the header “{name}” holds control characters."
            )
        checked[name.lower()] = value
    return checked


def _told(error: Exception, sent: httpx.Request, timeout_s: float) -> NodeError:
    """The error of a request that got no answer, by what it means for another attempt."""
    request = f"{sent.method} {told_url(str(sent.url))}"
    if isinstance(error, httpcore.TimeoutException):
        return NodeError(
            "timeout", f"{request} was not answered within {timeout_s:g} s.", retryable=True
        )
    if isinstance(error, TlsError):
        return NodeError("tls", f"{request}: the secure connection failed: {error}.")
    if isinstance(error, httpcore.ConnectError):
        return NodeError("connect", f"{request}: no connection: {error}.", retryable=True)
    return NodeError(
        "connection_lost", f"{request}: the connection broke off: {error}.", retryable=True
    )
