"""To fetch a feed."""

from datetime import UTC, datetime

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.confined import Confined
from apps.nodes.outside.egress import told_url
from apps.nodes.outside.http import RETRYABLE, Http

MAX_BYTES = 8 * 1024 * 1024
ACCEPTED = (
    "application/atom+xml, application/rss+xml, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)


def fetch_feed(
    http: Http,
    url: str,
    read: Confined,
    *,
    timeout_s: float,
    limit: int | None = None,
    now: datetime | None = None,
) -> list[dict[str, Json]]:
    """The entries of the feed at a URL, read by the task `formats.feeds:read_feed`."""
    response = http.request(
        "GET", url, headers={"Accept": ACCEPTED}, timeout_s=timeout_s, max_bytes=MAX_BYTES
    )
    http.release(response)
    if response.status >= 400:
        raise NodeError(
            "http_status",
            f"{told_url(url)} answered {response.status}: {response.excerpt}",
            retryable=response.status in RETRYABLE,
            retry_after_s=response.retry_after_s(now or datetime.now(UTC)),
        )
    media_type = response.headers.get("content-type", "")
    wanted = {"url": response.url, "content_type": media_type, "limit": limit}
    entries: list[dict[str, Json]] = read(wanted, response.content)
    return entries
