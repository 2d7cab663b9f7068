"""The node types that look at a source, and how each looks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.engine.items import Json
from apps.nodes.polls.feed import FeedParams, look_at_feed
from apps.nodes.polls.found import Found, PollParams, Way
from apps.nodes.polls.mailbox import MailboxParams, look_at_mailbox

Look = Callable[[Any, Json, Way], Found]


@dataclass(frozen=True, slots=True)
class Source:
    """The parameters that name a source, and what looks at it. It raises NodeError."""

    params: type[PollParams]
    look: Look


SOURCES = {
    "rss_trigger": Source(FeedParams, look_at_feed),
    "email_trigger": Source(MailboxParams, look_at_mailbox),
}
"""By node type."""
