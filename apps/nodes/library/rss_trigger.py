"""RSS Trigger: starts a run for each new entry of a feed."""

from apps.engine.items import Item
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.polls.feed import FeedParams
from apps.nodes.requests.auth import HTTP_CREDENTIALS

ENTRY = {
    "title": "One",
    "link": "https://news.test/1",
    "id": "1",
    "published": "2026-03-01T10:00:00Z",
    "updated": None,
    "author": "Ada",
    "summary": "First words",
    "content": None,
    "categories": ["maths"],
    "enclosures": [],
}


@node(
    type="rss_trigger",
    label="RSS Trigger",
    group="triggers",
    icon="rss",
    keywords=("feed", "atom"),
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    credentials=HTTP_CREDENTIALS,
    examples=[
        Example(
            title="A new entry",
            params={"url": "https://news.test/feed.xml", "every_minutes": 15},
            takes=[ENTRY],
            gives=[ENTRY],
        )
    ],
)
def rss_trigger(item: Item, params: FeedParams, ctx: StepContext) -> Item:
    """Starts a run for each new entry of a feed: RSS or Atom.

    What is in the feed at the first look, right after the workflow was activated, is not new. An
    entry is known by its id, so that one which is changed later is not new either. The item has
    what *RSS Read* gives. A feed that wants a password is read with a credential.
    """
    return item
