"""RSS Read: gives the entries of a feed."""

from collections.abc import Iterator

from pydantic import Field

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items
from apps.engine.outcomes import Kind
from apps.nodes.confined import Confined
from apps.nodes.context import StepContext
from apps.nodes.contract import Answer, Example, node
from apps.nodes.params import LiteralText, ParamsModel
from apps.nodes.requests.auth import HTTP_CREDENTIALS
from apps.nodes.requests.feeds import fetch_feed

FEED = b"""<?xml version="1.0"?>
<rss version="2.0"><channel><title>News</title>
<item><title>One</title><link>https://news.test/1</link><guid isPermaLink="false">1</guid>
<pubDate>Sun, 01 Mar 2026 12:00:00 +0200</pubDate><author>Ada</author>
<category>maths</category><description>First &lt;b&gt;words&lt;/b&gt;</description></item>
<item><title>Two</title><link>https://news.test/2</link></item>
</channel></rss>"""


class Params(ParamsModel):
    url: str = Field(title="URL", min_length=1, examples=["https://news.test/feed.xml"])
    limit: int | None = Field(
        None, title="Entries at most", description="The first ones of the feed.", ge=1
    )
    timeout_s: float = Field(30, title="Timeout in seconds", gt=0, le=3600, allow_inf_nan=False)
    credential: LiteralText | None = Field(
        None,
        title="Credential",
        json_schema_extra={"x-widget": "credential"},
    )


@node(
    type="rss_read",
    label="RSS Read",
    group="actions",
    icon="rss",
    keywords=("feed", "atom"),
    kind=Kind.EFFECT,
    each="results",
    credentials=HTTP_CREDENTIALS,
    examples=[
        Example(
            title="The first entry",
            params={"url": "https://news.test/feed.xml", "limit": 1},
            http=[Answer(200, FEED, {"content-type": "application/rss+xml"})],
            gives=[
                {
                    "title": "One",
                    "link": "https://news.test/1",
                    "id": "1",
                    "published": "2026-03-01T10:00:00Z",
                    "updated": None,
                    "author": "Ada",
                    "summary": "First <b>words</b>",
                    "content": None,
                    "categories": ["maths"],
                    "enclosures": [],
                }
            ],
        ),
        Example(
            title="A page that is no feed",
            params={"url": "https://news.test/"},
            http=[Answer(200, b"<html><body>News</body></html>", {"content-type": "text/html"})],
            fails="not_a_feed",
        ),
    ],
)
def rss_read(items: Items, params: list[Params], ctx: StepContext) -> Iterator[Items | NodeError]:
    """Gives the entries of a feed: RSS or Atom.

    Each entry is an item with `title`, `link`, `id`, `published` and `updated` in UTC, `author`,
    `summary`, `content`, `categories` and `enclosures`; what a feed leaves out is null, and an
    entry without a date of publication has that of its last change. HTML in it is rid of scripts.
    A feed may have 8 MB; one that wants a password is read with a credential. To see only what is
    new, put a *Remove duplicates* behind.
    """
    with ctx.confined("apps.nodes.formats.feeds:read_feed") as read:
        for place, (item, of_item) in enumerate(zip(items, params, strict=True)):
            try:
                yield _entries(item, of_item, ctx.for_item(place), read)
            except NodeError as error:
                yield error


def _entries(item: Item, params: Params, ctx: StepContext, read: Confined) -> Items:
    feed = fetch_feed(
        ctx,
        params.url,
        read,
        credential=params.credential,
        timeout_s=params.timeout_s,
        limit=params.limit,
    )
    return [Item(entry, paired=item.paired) for entry in (feed.entries if feed else ())]
