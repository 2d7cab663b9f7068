"""Feeds (RSS, Atom) read as plain entries; runs in a process of its own."""

import io
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import feedparser
from feedparser.mixin import _FeedParserMixin

from apps.engine.errors import NodeError
from apps.engine.items import Json

# An id is a name, also where it looks like part of an address: it stays as it is written.
_FeedParserMixin.can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}


def read_feed(wanted: Mapping[str, Any], content: bytes) -> list[Json]:
    """The entries of a feed, as it orders them. Raises NodeError `not_a_feed`."""
    headers = {"content-type": wanted["content_type"], "content-location": wanted["url"]}
    # From a stream: feedparser takes text for the address of a page, or the name of a file.
    feed = feedparser.parse(io.BytesIO(content), response_headers=headers)
    if not feed.get("version"):
        raise NodeError("not_a_feed", "The answer is no feed: neither RSS nor Atom.")
    return [_entry(entry, wanted["url"]) for entry in feed.entries[: wanted["limit"]]]


def _entry(entry: dict[str, Any], url: str) -> dict[str, Json]:
    # Past feedparser's own `get`, for which a date of publication is one of change too.
    updated = dict.get(entry, "updated_parsed")
    link = _absolute(entry.get("link"), url)
    contents = [part.get("value") for part in entry.get("content") or ()]
    return {
        "title": entry.get("title"),
        "link": link,
        "id": entry.get("id") or link,
        "published": _moment(dict.get(entry, "published_parsed") or updated),
        "updated": _moment(updated),
        "author": entry.get("author"),
        "summary": entry.get("summary"),
        "content": contents[0] if contents else None,
        "categories": [tag.get("term") for tag in entry.get("tags") or () if tag.get("term")],
        "enclosures": [
            {"url": file.get("href"), "type": file.get("type"), "length": file.get("length")}
            for file in entry.get("enclosures") or ()
        ],
    }


def _absolute(link: str | None, url: str) -> str | None:
    """The address that a link means; of an entry without one it is its id, as written."""
    try:
        return urljoin(url, link) if link else link
    except ValueError:
        return link


def _moment(told: Any) -> str | None:
    """Feedparser's own form of a date, which is in UTC, as ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", told) if told else None
