"""What is new in a feed. The cursor is the keys of the entries that were seen."""

import hashlib
from collections.abc import Sequence
from contextlib import closing

from pydantic import Field

from apps.engine.encoding import encode
from apps.engine.items import Item, Json
from apps.nodes.confined import Confined
from apps.nodes.lone_attempt import lone_http
from apps.nodes.polls.found import Found, PollParams, Way
from apps.nodes.requests.feeds import fetch_feed

KEPT = 1_000
"""Keys that are kept beside those of the feed itself: some feeds leave entries out for a while."""
AT_ONCE = 100


class FeedParams(PollParams):
    url: str = Field(title="URL", min_length=1, examples=["https://news.test/feed.xml"])


def look_at_feed(params: FeedParams, cursor: Json, way: Way) -> Found:
    """Read the feed, and tell what was not in it before. The first look finds nothing new.

    Raises NodeError, and RevokedError where the attempt's time is over.
    """
    task, attempt = "apps.nodes.formats.feeds:read_feed", way.attempt
    with closing(lone_http(way.services, attempt)) as http, Confined(task, attempt) as read:
        entries = fetch_feed(http, params.url, read, timeout_s=attempt.remaining_s())
    return new_entries(entries, cursor)


def new_entries(entries: Sequence[dict[str, Json]], cursor: Json) -> Found:
    """Those that the cursor has not, in the order in which they came: a feed begins with the last.

    No more than `AT_ONCE`; the others stay new.
    """
    keyed = {_key(entry): entry for entry in reversed(entries)}
    if cursor is None:
        return Found([], list(keyed))
    known = set(cursor)
    new = [key for key in keyed if key not in known]
    told, left = new[:AT_ONCE], set(new[AT_ONCE:])
    seen = [key for key in keyed if key not in left]
    gone = [key for key in cursor if key not in keyed][-KEPT:]
    return Found([Item(keyed[key]) for key in told], [*gone, *seen], has_more=bool(left))


def _key(entry: dict[str, Json]) -> str:
    """An entry is known by its id, or by all of it where it has none."""
    known_by = entry["id"] or encode(entry).decode()
    return hashlib.sha256(known_by.encode(errors="surrogatepass")).hexdigest()[:32]
