"""To fetch a feed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.confined import Confined
from apps.nodes.outside.egress import told_url
from apps.nodes.outside.http import RETRYABLE
from apps.nodes.outside.http_answer import HttpResponse
from apps.nodes.requests.auth import Sender, send_authorised

MAX_BYTES = 8 * 1024 * 1024
MAX_MARK = 500
"""Of what a server calls a state of a feed; a longer one is not kept."""
ACCEPTED = (
    "application/atom+xml, application/rss+xml, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)


@dataclass(frozen=True, slots=True)
class Feed:
    """The entries of a feed, and the headers by which a request asks for what differs from it."""

    entries: list[dict[str, Json]]
    unless: dict[str, str]


def fetch_feed(
    ctx: Sender,
    url: str,
    read: Confined,
    *,
    timeout_s: float,
    credential: str | None = None,
    limit: int | None = None,
    unless: Mapping[str, str] | None = None,
) -> Feed | None:
    """The feed at a URL, read by the task `formats.feeds:read_feed`; None: it is as it was."""
    response = send_authorised(
        ctx,
        credential,
        "GET",
        url,
        headers={"Accept": ACCEPTED, **(unless or {})},
        timeout_s=timeout_s,
        max_bytes=MAX_BYTES,
    )
    ctx.http.release(response)
    if response.status == 304 and unless:
        return None
    if response.status >= 400:
        raise NodeError(
            "http_status",
            f"{told_url(url)} answered {response.status}: {response.excerpt}",
            retryable=response.status in RETRYABLE,
            retry_after_s=response.retry_after_s(datetime.now(UTC)),
        )
    # Links may be read in relation to the address, which may bear a credential.
    address = ctx.http.masked(response.url)
    media_type = response.headers.get("content-type", "")
    wanted = {"url": address, "content_type": media_type, "limit": limit}
    return Feed(read(wanted, response.content), _unless(response))


def _unless(response: HttpResponse) -> dict[str, str]:
    told = {
        "If-None-Match": response.headers.get("etag", ""),
        "If-Modified-Since": response.headers.get("last-modified", ""),
    }
    return {
        name: value
        for name, value in told.items()
        if value and len(value) <= MAX_MARK and value.isascii() and value.isprintable()
    }
