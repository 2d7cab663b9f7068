"""Requests that nodes send: checked, bounded, each with its idempotency key, redirects vetted.

Only httpx's transport and its reader of answers are used: its client would take proxies from the
environment, keep cookies and follow redirects by itself.
"""

import codecs
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import httpcore
import httpx

from apps.engine.errors import NodeError
from apps.engine.ports import Attempt
from apps.nodes.egress import InvalidUrlError, parse_url, told_url
from apps.nodes.pinned import TlsError

MAX_REDIRECTS = 10
KEY_HEADER = "Idempotency-Key"
USER_AGENT = "FlowForge/0.1"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_FRAMING = {
    "connection", "content-length", "expect", "host", "keep-alive", "te", "trailer",
    "transfer-encoding", "upgrade",
}  # fmt: skip
_HOP_BY_HOP = {
    "connection",
    "content-encoding",
    "content-length",
    "keep-alive",
    "transfer-encoding",
}
_SECRET = re.compile(r"(?i)authorization|cookie|idempotency-key|proxy-|token|secret|api-?key|auth")
# Python's other codecs are no charsets of the web, and punycode takes hours for some megabytes.
_CHARSET = re.compile(
    r"ascii|utf-(8|16|32)(-[bl]e)?|iso8859-\d+|cp\d+|mac-\w+|koi8-\w|tis-620"
    r"|shift_jis\w*|euc_\w+|iso2022_\w+|gb\w+|hz|big5\w*|johab"
)
_WITH_BODY = {307, 308}
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer, read whole and unpacked.

    Header names are in small letters, several of a name are joined; those that only framed the
    answer on its way are left out.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The codec for its text: what it says it is written in, if pages are, else UTF-8."""
        match = re.search(r"(?i)charset=\"?([\w.:-]+)", self.headers.get("content-type", ""))
        try:
            name = codecs.lookup(match[1]).name if match else ""
        except LookupError:
            name = ""
        return name if _CHARSET.fullmatch(name) else "utf-8"


class Http:
    """Sends the requests of one step. No cookie, no connection outlives it."""

    def __init__(
        self,
        attempt: Attempt,
        transport: httpx.BaseTransport,
        next_key: Callable[[], str],
        response_bytes: int,
    ) -> None:
        self._attempt = attempt
        self._next_key = next_key
        self._response_bytes = response_bytes
        self._transport = transport

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        content: bytes = b"",
        timeout_s: float = 60,
    ) -> HttpResponse:
        """Send a request and read its answer, following redirects. Any status is an answer.

        `secrets` are headers too; they, and what looks like a secret, go to no other origin. Errors
        tell no query.

        Raises NodeError: egress_refused, invalid_url, invalid_header, name_not_resolved, connect,
        tls, timeout, connection_lost, too_many_redirects, response_too_large.
        """
        hidden = _checked(secrets or {})
        sent = _checked(headers or {}) | hidden
        sent.setdefault("user-agent", USER_AGENT)
        sent.setdefault("accept", "*/*")
        sent.setdefault("accept-encoding", "gzip, deflate")
        sent.setdefault(KEY_HEADER.lower(), self._next_key())
        for _ in range(MAX_REDIRECTS + 1):
            response, location = self._once(method, url, sent, content, timeout_s)
            if location is None:
                return response
            target = _joined(url, location)
            if parse_url(target).origin != parse_url(url).origin:
                sent = {
                    name: value
                    for name, value in sent.items()
                    if name not in hidden and not _SECRET.search(name)
                }
            if response.status not in _WITH_BODY and method not in ("GET", "HEAD"):
                method, content = "GET", b""
                sent.pop("content-type", None)
            url = target
        raise NodeError(
            "too_many_redirects", f"{told_url(url)} redirected more than {MAX_REDIRECTS} times."
        )

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes, timeout_s: float
    ) -> tuple[HttpResponse, str | None]:
        """Send one request; gives the answer, and where it redirects to."""
        request = httpx.Request(
            method,
            str(parse_url(url)),
            headers=[(name.encode(), value.encode()) for name, value in headers.items()],
            content=content,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), timeout_s)},
        )
        self._attempt.check()
        try:
            answer = self._transport.handle_request(request)
            try:
                return self._read(answer, url, time.monotonic() + timeout_s)
            finally:
                answer.close()
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            self._attempt.check()  # a revoked attempt's connections fail because we cut them
            raise _told(error, method, url, timeout_s) from error
        except httpx.DecodingError as error:
            raise NodeError(
                "bad_response", f"The answer of {told_url(url)} cannot be unpacked."
            ) from error

    def _read(
        self, answer: httpx.Response, url: str, deadline: float
    ) -> tuple[HttpResponse, str | None]:
        location = answer.headers.get("location")
        if answer.status_code in _REDIRECTS and location:
            return HttpResponse(answer.status_code, {}, b""), location
        read = bytearray()
        for part in answer.iter_bytes():
            read += part
            if len(read) > self._response_bytes:
                limit = f"{self._response_bytes / 2**20:g} MB"
                raise NodeError(
                    "response_too_large", f"The answer of {told_url(url)} is over {limit}."
                )
            if time.monotonic() > deadline:
                raise httpcore.ReadTimeout("the answer came too slowly")
        headers: dict[str, str] = {}
        for name, value in answer.headers.multi_items():
            if name in _HOP_BY_HOP:
                continue
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return HttpResponse(answer.status_code, headers, bytes(read)), None

    def close(self) -> None:
        self._transport.close()


def _joined(url: str, location: str) -> str:
    try:
        return str(httpx.URL(url).join(location))
    except httpx.InvalidURL:
        raise InvalidUrlError(location, f"{told_url(url)} redirected to it") from None


def with_query(url: str, pairs: Sequence[tuple[str, str]]) -> str:
    """The URL with more names and values in its query."""
    if not pairs:
        return url
    rest, hash, fragment = url.partition("#")
    mark = "&" if "?" in rest else "?"
    return f"{rest}{mark}{urlencode(pairs, errors='replace')}{hash}{fragment}"


def _checked(headers: Mapping[str, str]) -> dict[str, str]:
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


def _told(error: Exception, method: str, url: str, timeout_s: float) -> NodeError:
    """The error of a request that got no answer, by what it means for another attempt."""
    request = f"{method} {told_url(url)}"
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
