"""Slack: posts one message for each item."""

from typing import Any, Literal

from pydantic import Field

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Answer, Example, node
from apps.nodes.params import LiteralText, ParamsModel, when
from apps.nodes.requests.slack import CREDENTIALS, escaped, post_as_bot, post_by_webhook

MAX_BLOCKS = 50


class Params(ParamsModel):
    credential: LiteralText = Field(
        title="Credential",
        min_length=1,
        json_schema_extra={"x-widget": "credential"},
    )
    send_by: Literal["bot", "webhook"] = Field(
        "bot", title="Send by", description="The bot of the credential, or its incoming webhook."
    )
    channel: str = Field(
        "",
        title="Channel",
        description="Of the bot: id or name.",
        examples=["C0123456789"],
        json_schema_extra=when(send_by="bot"),
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
    keywords=("chat", "message"),
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
    post = post_by_webhook if params.send_by == "webhook" else post_as_bot
    return item.with_json(post(_message(params), values, ctx))


def _message(params: Params) -> dict[str, Json]:
    """The body of the request. Raises NodeError where Slack could not take it."""
    blocks = _blocks(params.blocks)
    text = params.text if params.markup else escaped(params.text)
    if not text and not blocks:
        raise NodeError("empty_message", "text: a message needs a text or blocks.")
    message: dict[str, Json] = {"text": text, "blocks": blocks, "thread_ts": params.thread_ts}
    if params.send_by == "bot":
        if not params.channel.strip():
            raise NodeError("no_channel", "channel: a bot must be told where to post.")
        message["channel"] = params.channel.strip()
    message["username"] = params.username
    message["icon_emoji" if params.icon.startswith(":") else "icon_url"] = params.icon
    return {name: value for name, value in message.items() if value}


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
