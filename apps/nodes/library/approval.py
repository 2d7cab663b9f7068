"""Approval: asks people whether the run shall go on, and how."""

from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from apps.engine.encoding import storable
from apps.engine.errors import NodeError
from apps.engine.items import Items, Json
from apps.engine.outcomes import Done, Kind, Outcome, Wait
from apps.nodes.context import StepContext
from apps.nodes.contract import Answer, Example, node
from apps.nodes.outside.mail import SMTP_CREDENTIALS, Message
from apps.nodes.outside.mail_addresses import Address, checked_line, read_addresses
from apps.nodes.outside.mail_params import Recipients, sender_of
from apps.nodes.params import LiteralText, ParamsModel, when
from apps.nodes.requests.slack import CREDENTIALS as SLACK_CREDENTIALS
from apps.nodes.requests.slack import escaped, post_as_bot, post_by_webhook
from apps.nodes.values.date_formats import told_time
from apps.nodes.waiting import LONGEST_S, wait_until

MOST_RECIPIENTS = 50
_OUTPUTS: Mapping[Json, str] = {"approve": "approved", "reject": "rejected"}


class Params(ParamsModel):
    question: str = Field(
        title="Question",
        min_length=1,
        max_length=200,
        examples=["Refund order 7?"],
        description="One line: the subject of the message.",
    )
    details: str = Field(
        "", title="Details", max_length=10_000, json_schema_extra={"x-widget": "textarea"}
    )
    ask_by: Literal["email", "slack"] = Field("email", title="Ask by")
    to: Recipients = Field(
        "",
        title="To",
        examples=["Ada <ada@example.org>, grace@example.org"],
        description="Who gets a message with a link of their own; the first to answer decides.",
        json_schema_extra=when(ask_by="email"),
    )
    from_: str = Field(
        "",
        alias="from",
        title="From",
        examples=["Shop <shop@example.org>"],
        json_schema_extra=when(ask_by="email"),
    )
    channel: str = Field(
        "",
        title="Channel",
        max_length=100,
        examples=["C0123456789"],
        description="Of Slack’s bot: id or name. None: that of the credential’s incoming webhook.",
        json_schema_extra=when(ask_by="slack"),
    )
    credential: LiteralText | None = Field(
        None,
        title="Credential",
        description="Of a mail server, where that is not this FlowForge’s own, or of Slack.",
        json_schema_extra={"x-widget": "credential"},
    )
    who_may: Literal["operators", "asked"] = Field(
        "operators",
        title="Who may decide",
        description="Who has a link, and beside them the workspace’s operators, or only those of "
        "“to”.",
    )
    wait_s: float | None = Field(
        None,
        title="Wait at most",
        gt=0,
        le=LONGEST_S,
        allow_inf_nan=False,
        description="In seconds. None: a year.",
    )
    otherwise: Literal["reject", "approve"] = Field(
        "reject", title="Otherwise", description="What counts where nobody decides in that time."
    )

    @model_validator(mode="after")
    def _complete(self) -> "Params":
        if self.ask_by == "slack":
            if not self.credential:
                raise ValueError("credential: Slack needs one.")
            if self.to or self.from_:
                raise ValueError(f"{'to' if self.to else 'from'}: it is used with email only.")
        elif self.channel:
            raise ValueError("channel: it is used with Slack only.")
        return self


def _credentials(params: Mapping[str, Json]) -> tuple[str, ...]:
    return SLACK_CREDENTIALS if params.get("ask_by") == "slack" else SMTP_CREDENTIALS


def resume(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outcome:
    """Go on as it was decided; where nobody did, as the params say."""
    given = ctx.call.signal
    approval: dict[str, Json] = {
        "decision": params.otherwise if given is None else given["decision"],
        "by": "" if given is None else given["by"],
        "comment": "" if given is None else given["comment"],
        "timed_out": given is None,
    }
    output = _OUTPUTS[approval["decision"]]
    if given is None:
        ctx.log("info", f"Nobody decided in time, so it counts as {output}.")
    else:
        ctx.log("info", f"{output.capitalize()} by {given['by'] or 'who had the link'}.")
    return Done(
        {output: [item.with_json({**item.json, "approval": approval}) for item in inputs["main"]]}
    )


@node(
    type="approval",
    label="Approval",
    group="flow",
    icon="user-check",
    keywords=("confirm", "human"),
    kind=Kind.EFFECT,
    each="step",
    outputs=("approved", "rejected"),
    credentials=(*SMTP_CREDENTIALS, *SLACK_CREDENTIALS),
    credentials_of=_credentials,
    resumes=resume,
    examples=[
        Example(
            title="Two people are asked by mail",
            params={
                "question": "=Refund order {{ $json.order }}?",
                "to": "ada@example.org, grace@example.org",
                "from": "shop@example.org",
                "wait_s": 86_400,
            },
            takes=[{"order": 7}],
            mail=[
                {"to": ["ada@example.org"], "subject": "Refund order 7?"},
                {"to": ["grace@example.org"], "subject": "Refund order 7?"},
            ],
            waits_for="approval",
        ),
        Example(
            title="A channel of Slack is asked",
            params={
                "question": "=Refund order {{ $json.order }}?",
                "ask_by": "slack",
                "credential": "bot",
                "channel": "C0123456789",
            },
            takes=[{"order": 7}],
            http=[Answer(200, {"ok": True, "channel": "C0123456789", "ts": "1700000000.000100"})],
            waits_for="approval",
        ),
        Example(
            title="A node before it has sent the link",
            params={"question": "Refund it?"},
            waits_for="approval",
        ),
    ],
)
def approval(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outcome:
    """Asks people whether the run shall go on, and how.

    Each address in “to” gets a message with a link to a page where one approves or rejects, with a
    comment; to open it changes nothing. With “ask_by” Slack one link is posted to a channel, whose
    members decide. For other ways let a node before it send the link,
    `{{ $execution.resumeUrl }}`. Operators decide on the run's page, too, unless “who_may” is
    “asked”: then of those who are signed in only whose address is in “to”. The first decision
    counts. The items leave by `approved` or `rejected`, each with `approval`: `decision`, `by`,
    `comment`, `timed_out`. All items are asked about at once, with the question for the first. A
    run that waits holds no worker.
    """
    if not inputs["main"]:
        return Done({"approved": []})
    question = checked_line(params.question, "question")
    recipients = {each.address: each for each in read_addresses(params.to, "to")}
    if len(recipients) > MOST_RECIPIENTS:
        raise NodeError(
            "too_many_recipients",
            f"{len(recipients)} people are to be asked, more than {MOST_RECIPIENTS}.",
        )
    until = wait_until(params.wait_s, ctx)
    told_until = f"until {told_time(until, ZoneInfo(ctx.timezone))}"
    if params.ask_by == "slack":
        _ask_in_slack(question, told_until, params, ctx)
    elif recipients:
        _ask(list(recipients.values()), question, told_until, params, ctx)
    asks: dict[str, Json] = {"question": question, "details": params.details}
    if params.who_may == "asked":
        asks["only"] = list(recipients)
    return Wait("approval", until, asks=asks)


def _ask_in_slack(question: str, until: str, params: Params, ctx: StepContext) -> None:
    """Post one link to all of a channel. Raises NodeError."""
    values = ctx.credential(params.credential or "", SLACK_CREDENTIALS).values
    channel = params.channel.strip()
    link = f"<{ctx.address_for(f'Slack {channel}'.strip())}|Approve or reject>"
    asks = escaped(f"The workflow “{ctx.run.workflow_name}” asks:\n{question}")
    parts = [asks, escaped(params.details), f"{link} {until}"]
    message: dict[str, Json] = {
        "text": "\n\n".join(part for part in parts if part),
        "unfurl_links": False,  # else Slack would open the link by itself
    }
    if channel:
        post_as_bot({**message, "channel": channel}, values, ctx)
    else:
        post_by_webhook(message, values, ctx)


def _ask(
    recipients: list[Address], question: str, until: str, params: Params, ctx: StepContext
) -> None:
    """Send everybody a link of their own. Raises NodeError where that reaches nobody."""
    server = None
    if params.credential:
        server = ctx.credential(params.credential, SMTP_CREDENTIALS).values
    sender = sender_of(params.from_, server, ctx.mail.sender)
    failed: list[NodeError] = []
    for recipient in recipients:
        parts = [
            f"The workflow “{ctx.run.workflow_name}” asks you:\n{question}",
            params.details,
            f"Approve or reject, {until}:\n{ctx.address_for(recipient.address)}",
            f"After that it counts as {_OUTPUTS[params.otherwise]}. "
            "The link is yours alone: who has it decides in your name.",
        ]
        message = Message(
            sender=sender,
            to=(recipient,),
            subject=question,
            text=storable("\n\n".join(part for part in parts if part)),
            id=ctx.mail.id_for(sender),
        )
        try:
            ctx.mail.send(message, server)
        except NodeError as error:
            failed.append(error)
            ctx.log("warn", f"{recipient.address} was not asked: {error.message}")
    if len(failed) == len(recipients):
        raise failed[0]
