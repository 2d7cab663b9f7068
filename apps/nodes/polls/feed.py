"""What is new in a feed. The cursor is the keys of the entries that were seen, and how to ask."""

import hashlib
from collections.abc import Sequence

from pydantic import Field

from apps.engine.encoding import encode
from apps.engine.items import Item, Json
from apps.nodes.confined import Confined
from apps.nodes.polls.found import Found, PollParams, Way
from apps.nodes.requests.feeds import fetch_feed

KEPT = 1_000
"""Keys that are kept beside those of the feed itself: some feeds leave entries out for a while."""
AT_ONCE = 100


class FeedParams(PollParams):
    url: str = Field(title="URL", min_length=1, examples=["https://news.test/feed.xml"])
    credential: str | None = Field(
        None,
        title="Credential",
        json_schema_extra={"x-widget": "credential"},
    )


def look_at_feed(params: FeedParams, cursor: Json, way: Way) -> Found:
    """Read the feed, and tell what was not in it before. The first look finds nothing new.

    Nor does one at another feed. Raises NodeError, and RevokedError where the attempt's time is
    over.
    """
    known = cursor if cursor and cursor["url"] == params.url else None
    with Confined("apps.nodes.formats.feeds:read_feed", way.attempt) as read:
        feed = fetch_feed(
            way,
            params.url,
            read,
            credential=params.credential,
            timeout_s=way.attempt.remaining_s(),
            unless=known and known["unless"],
        )
    if feed is None:
        return Found([], cursor)
    new, seen, has_more = new_entries(feed.entries, known and known["seen"])
    # With more to come the next look must be given the same feed once more.
    unless = {} if has_more else feed.unless
    return Found(new, {"url": params.url, "unless": unless, "seen": seen}, has_more)


def new_entries(
    entries: Sequence[dict[str, Json]], seen: Sequence[str] | None
) -> tuple[list[Item], list[str], bool]:
    """Those that were not seen, in the order in which they came: a feed begins with the last.

    No more than `AT_ONCE`, and whether others stay new; and what is seen by now.
    """
    keyed = {_key(entry): entry for entry in reversed(entries)}
    if seen is None:
        return [], list(keyed), False
    known = set(seen)
    new = [key for key in keyed if key not in known]
    told, left = new[:AT_ONCE], set(new[AT_ONCE:])
    gone = [key for key in seen if key not in keyed][-KEPT:]
    by_now = [*gone, *(key for key in keyed if key not in left)]
    return [Item(keyed[key]) for key in told], by_now, bool(left)


def _key(entry: dict[str, Json]) -> str:
    """An entry is known by its id, or by all of it where it has none."""
    known_by = entry["id"] or encode(entry).decode()
    return hashlib.sha256(known_by.encode(errors="surrogatepass")).hexdigest()[:32]
