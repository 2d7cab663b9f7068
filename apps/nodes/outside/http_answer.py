"""An answer to a request: read whole within its limit, unpacked, and what it says it is."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.files import file_name, plain_media_type
from apps.nodes.formats.packed import PackedError, unpacked
from apps.nodes.formats.text_files import encoding_named
from apps.nodes.outside.egress import told_url

MAX_CONTAINERS = 1_000_000
CONTAINER_BYTES = 100
_FRAMED = {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"}
_WITHOUT_BODY = {204, 304}


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer, read whole and unpacked.

    Header names are in small letters, several of a name are joined; those that only framed the
    answer on its way are left out. `url` is where it came from in the end.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str = ""
    has_body: bool = True
    """False where an answer of its kind never has one: to HEAD, 204, 304."""

    @property
    def weight(self) -> int:
        """About how many bytes it and what is read of it take: lists and objects take most."""
        return len(self.content) + CONTAINER_BYTES * self._containers

    @property
    def _containers(self) -> int:
        return self.content.count(b"[") + self.content.count(b"{")

    @property
    def media_type(self) -> str:
        """What it says it is, or nothing where that is no media type."""
        return plain_media_type(self.headers.get("content-type", ""))

    @property
    def is_json(self) -> bool:
        return self.media_type.endswith(("/json", "+json"))

    @property
    def charset(self) -> str:
        """The codec for its text: what it says it is written in, if pages are, else UTF-8."""
        match = re.search(r"(?i)charset=\"?([\w.:-]+)", self.headers.get("content-type", ""))
        try:
            return encoding_named(match[1] if match else "utf-8")
        except ValueError:
            return "utf-8"

    @property
    def text(self) -> str:
        return self.content.decode(self.charset, "replace")

    @property
    def excerpt(self) -> str:
        """Its beginning on one line, for messages."""
        return " ".join(self.content[:500].decode("utf-8", "replace").split())

    @property
    def file_name(self) -> str:
        """The name that it gives itself as a file, else the last part of its address, or nothing.

        Never a path: what it writes before a slash is left out.
        """
        message = Message()
        message["content-disposition"] = self.headers.get("content-disposition", "")[:2_000]
        try:
            named = message.get_filename() or ""
        except (ValueError, LookupError):
            named = ""
        named = named or (httpx.URL(self.url).path if self.url else "")
        return file_name(named)

    def retry_after_s(self, now: datetime) -> float | None:
        """Seconds for which it asks not to be asked again, if it does."""
        told = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"[0-9]{1,9}", told):
            return float(told)
        try:
            return max(0.0, (parsedate_to_datetime(told) - now).total_seconds())
        except (ValueError, TypeError, OverflowError):
            return None  # also a date without a zone

    def json(self) -> Json:
        """Read it as JSON.

        Raises NotJsonError, also where it holds more lists and objects than memory should.
        """
        if self._containers > MAX_CONTAINERS:
            raise NotJsonError(f"It holds more than {MAX_CONTAINERS:,} lists and objects.")
        return read_json(self.content)


def _unpacked(answer: httpx.Response) -> Iterator[bytes]:
    assert isinstance(answer.stream, httpx.SyncByteStream)
    try:
        yield from unpacked(answer.stream, answer.headers.get("content-encoding", ""))
    except PackedError as error:
        hint = "Where its server always sends it so, send the header Accept-Encoding: identity."
        raise NodeError("bad_response", f"The answer {error}.", hint) from None


def read_answer(
    answer: httpx.Response, request: httpx.Request, limit: int, until: float
) -> HttpResponse:
    """Read an answer to its end, which must come before that moment of the monotonic clock.

    Raises httpcore's errors, NodeError `response_too_large`, `bad_response`.
    """
    content = bytearray()
    for part in _unpacked(answer):
        content += part
        if len(content) > limit:
            told = f"{limit / 2**20:.4g} MB" if limit >= 2**20 else f"{limit:,} bytes"
            raise NodeError(
                "response_too_large",
                f"The answer of {told_url(str(request.url))} is over {told}.",
            )
        if time.monotonic() > until:
            raise httpcore.ReadTimeout("the answer came too slowly")
    headers: dict[str, str] = {}
    for name, value in answer.headers.multi_items():
        if name not in _FRAMED:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return HttpResponse(
        answer.status_code,
        headers,
        bytes(content),
        str(request.url),
        has_body=request.method != "HEAD" and answer.status_code not in _WITHOUT_BODY,
    )
