"""Slack: posts a message, as the bot of a credential or by its incoming webhook."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from apps.engine.encoding import NotJsonError
from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.outside.http import Http
from apps.nodes.outside.http_answer import HttpResponse
from apps.nodes.params import json_text
from apps.nodes.requests.auth import secret_url

POST_MESSAGE = "https://slack.com/api/chat.postMessage"
CREDENTIALS = ("slack",)
MAX_TEXT = 40_000
JSON_TYPE = {"Content-Type": "application/json; charset=utf-8"}
# What passes by itself: Slack's own trouble, and its wish to be left alone for a while.
PASSING = {
    "fatal_error", "internal_error", "ratelimited", "rate_limited", "request_timeout",
    "service_unavailable", "team_added_to_org",
}  # fmt: skip
HINTS = {
    "not_in_channel": "Invite the bot to the channel.",
    "channel_not_found": "Name the channel by its id; the bot must be in a private one.",
    "missing_scope": "Give the bot the scope chat:write, and install it anew.",
    "invalid_auth": "The bot token is not valid: look at the credential.",
    "token_revoked": "The bot token was revoked: look at the credential.",
    "no_service": "The incoming webhook was removed: look at the credential.",
}


class Poster(Protocol):
    """Who posts: a step, or what tells operators."""

    @property
    def http(self) -> Http: ...

    @property
    def now(self) -> datetime: ...


def post_as_bot(
    message: Mapping[str, Json], values: Mapping[str, str], ctx: Poster
) -> dict[str, Json]:
    """Post to the message's `channel`, and give what Slack says of it. Raises NodeError."""
    secret = {"Authorization": f"Bearer {_value(values, 'bot_token')}"}
    response = ctx.http.request(
        "POST",
        POST_MESSAGE,
        headers=JSON_TYPE,
        secrets=secret,
        content=_content(message),
        max_redirects=0,
    )
    _require_taken(response, ctx)
    return _answer(response)


def post_by_webhook(
    message: Mapping[str, Json], values: Mapping[str, str], ctx: Poster
) -> dict[str, Json]:
    """Post where the incoming webhook leads to. Raises NodeError."""
    url = _value(values, "webhook_url")
    with secret_url("the incoming webhook"):
        response = ctx.http.request(
            "POST", url, headers=JSON_TYPE, content=_content(message), max_redirects=0
        )
    _require_taken(response, ctx)
    if response.status != 200:
        raise _refused(response.excerpt)
    return {"ok": True}


def escaped(text: str) -> str:
    """Text that is shown as it is: data can ring nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _content(message: Mapping[str, Json]) -> bytes:
    if len(str(message.get("text", ""))) > MAX_TEXT:
        raise NodeError("text_too_long", f"text: Slack takes at most {MAX_TEXT:,} characters.")
    return json_text(message).encode()


def _value(values: Mapping[str, str], name: str) -> str:
    if not values[name]:
        raise NodeError("credential_incomplete", f"The credential has no value “{name}”.")
    return values[name]


def _require_taken(response: HttpResponse, ctx: Poster) -> None:
    """Raises where Slack could not even look at the message, which may pass."""
    if response.status == 429 or response.status >= 500:
        raise NodeError(
            "http_status",
            f"Slack answered {response.status}.",
            retryable=True,
            retry_after_s=response.retry_after_s(ctx.now),
        )


def _answer(response: HttpResponse) -> dict[str, Json]:
    """What Slack says of the message. Raises NodeError where it did not take it."""
    try:
        answer = response.json()
    except NotJsonError:
        answer = None
    if not isinstance(answer, dict):
        raise NodeError("slack_refused", f"Slack answered {response.status}, and no JSON.")
    if answer.get("ok") is not True:
        raise _refused(str(answer.get("error")))
    return answer


def _refused(why: str) -> NodeError:
    """Slack's own word for what is wrong, such as `channel_not_found`."""
    word = why if re.fullmatch(r"[a-z_]{1,64}", why) else why[:100]
    return NodeError(
        "slack_refused",
        f"Slack did not take the message: {word}.",
        HINTS.get(word),
        retryable=word in PASSING,
    )
