"""Slack: posts one message for each item."""

import re
from typing import Any, Literal

from pydantic import Field

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Answer, Example, node
from apps.nodes.outside.http_answer import HttpResponse
from apps.nodes.params import LiteralText, ParamsModel, json_text
from apps.nodes.requests.auth import secret_url

POST_MESSAGE = "https://slack.com/api/chat.postMessage"
CREDENTIALS = ("slack",)
MAX_TEXT = 40_000
MAX_BLOCKS = 50
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


class Params(ParamsModel):
    credential: LiteralText = Field(
        title="Credential",
        min_length=1,
        description="The id of a credential.",
        json_schema_extra={"x-widget": "credential"},
    )
    send_by: Literal["bot", "webhook"] = Field(
        "bot", title="Send by", description="The bot of the credential, or its incoming webhook."
    )
    channel: str = Field(
        "", title="Channel", description="Of the bot: id or name.", examples=["C0123456789"]
    )
    text: str = Field("", title="Text", json_schema_extra={"x-widget": "textarea"})
    markup: bool = Field(
        False,
        title="Text holds links and mentions",
        description="As <https://…|words>, <@U0123>, <!here>. Else these signs are shown.",
    )
    blocks: Any = Field(None, title="Blocks", json_schema_extra={"x-widget": "json"})
    thread_ts: str = Field("", title="Thread", description="The ts of the message to answer to.")
    username: str = Field("", title="Shown as", description="Needs the scope chat:write.customize.")
    icon: str = Field("", title="Icon", examples=[":robot_face:", "https://example.org/icon.png"])


@node(
    type="slack",
    label="Slack",
    group="actions",
    icon="brand-slack",
    kind=Kind.EFFECT,
    each="item",
    on_crash="fail",
    credentials=CREDENTIALS,
    examples=[
        Example(
            title="Tell a channel",
            params={
                "credential": "bot",
                "channel": "C0123456789",
                "text": "=Order {{ $json.order }} is paid.",
            },
            takes=[{"order": 7}],
            http=[Answer(200, {"ok": True, "channel": "C0123456789", "ts": "1700000000.000100"})],
            gives=[{"ok": True, "channel": "C0123456789", "ts": "1700000000.000100"}],
        ),
        Example(
            title="By an incoming webhook",
            params={"credential": "hook", "send_by": "webhook", "text": "The shop is open."},
            http=[Answer(200, b"ok")],
            gives=[{"ok": True}],
        ),
        Example(
            title="A channel that the bot is not in",
            params={"credential": "bot", "channel": "C0", "text": "Hello?"},
            http=[Answer(200, {"ok": False, "error": "not_in_channel"})],
            fails="slack_refused",
        ),
    ],
)
def slack(item: Item, params: Params, ctx: StepContext) -> Item:
    """Posts one message for each item, as a bot or by an incoming webhook.

    Gives what Slack answers: `channel` and `ts` name the message, and with that `ts` as *Thread*
    the next one answers to it. What stands in the text is shown as it is, so that data can ring
    nobody; with *Text holds links and mentions* it is read as Slack's markup. Blocks are the JSON
    of Slack's Block Kit, and the text is then what notifications show.
    """
    values = ctx.credential(params.credential, CREDENTIALS).values
    content = json_text(_message(params)).encode()
    if params.send_by == "webhook":
        url = _value(values["webhook_url"], "webhook_url")
        return item.with_json(_by_webhook(url, content, ctx))
    token = _value(values["bot_token"], "bot_token")
    return item.with_json(_by_bot(token, content, ctx))


def _value(value: str, name: str) -> str:
    if not value:
        raise NodeError("credential_incomplete", f"The credential has no value “{name}”.")
    return value


def _by_bot(token: str, content: bytes, ctx: StepContext) -> dict[str, Json]:
    secret = {"Authorization": f"Bearer {token}"}
    response = ctx.http.request(
        "POST", POST_MESSAGE, headers=JSON_TYPE, secrets=secret, content=content, max_redirects=0
    )
    _require_taken(response, ctx)
    return _answer(response)


def _by_webhook(url: str, content: bytes, ctx: StepContext) -> dict[str, Json]:
    with secret_url("the incoming webhook"):
        response = ctx.http.request(
            "POST", url, headers=JSON_TYPE, content=content, max_redirects=0
        )
    _require_taken(response, ctx)
    if response.status != 200:
        raise _refused(response.excerpt)
    return {"ok": True}


def _message(params: Params) -> dict[str, Json]:
    """The body of the request. Raises NodeError where Slack could not take it."""
    blocks = _blocks(params.blocks)
    text = params.text if params.markup else _escaped(params.text)
    if not text and not blocks:
        raise NodeError("empty_message", "text: a message needs a text or blocks.")
    if len(text) > MAX_TEXT:
        raise NodeError("text_too_long", f"text: Slack takes at most {MAX_TEXT:,} characters.")
    message: dict[str, Json] = {"text": text, "blocks": blocks, "thread_ts": params.thread_ts}
    if params.send_by == "bot":
        if not params.channel.strip():
            raise NodeError("no_channel", "channel: a bot must be told where to post.")
        message["channel"] = params.channel.strip()
    message["username"] = params.username
    message["icon_emoji" if params.icon.startswith(":") else "icon_url"] = params.icon
    return {name: value for name, value in message.items() if value}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(written: Json) -> list[Json]:
    """Blocks as a list, as text, or as Slack's Block Kit Builder gives them."""
    if isinstance(written, str) and written.strip():
        try:
            written = read_json(written.encode("utf-8", "replace"))
        except NotJsonError as error:
            raise NodeError("invalid_blocks", f"blocks: it is not JSON. {error.message}") from None
    blocks = written.get("blocks") if isinstance(written, dict) else written
    if not blocks:
        return []
    if not isinstance(blocks, list) or not all(
        isinstance(block, dict) and isinstance(block.get("type"), str) for block in blocks
    ):
        raise NodeError("invalid_blocks", "blocks: it must be a list of objects with a “type”.")
    if len(blocks) > MAX_BLOCKS:
        raise NodeError("invalid_blocks", f"blocks: Slack takes at most {MAX_BLOCKS}.")
    return blocks


def _require_taken(response: HttpResponse, ctx: StepContext) -> None:
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
