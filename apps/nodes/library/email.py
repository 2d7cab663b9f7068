"""Email: sends one message for each item."""

from pydantic import Field

from apps.engine.encoding import storable
from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, ExampleFile, node
from apps.nodes.files import OCTETS, FileRoom, file_name, plain_media_type
from apps.nodes.outside.mail import (
    MAX_BYTES,
    MAX_RECIPIENTS,
    MAX_SUBJECT,
    SMTP_CREDENTIALS,
    Attachment,
    Message,
)
from apps.nodes.outside.mail_addresses import checked_line, read_addresses
from apps.nodes.outside.mail_params import Recipients, sender_of
from apps.nodes.params import LiteralText, ParamsModel


class Params(ParamsModel):
    credential: LiteralText | None = Field(
        None,
        title="Credential",
        description="Of a mail server; without one, this FlowForge's mail server sends.",
        json_schema_extra={"x-widget": "credential"},
    )
    from_: str = Field("", alias="from", title="From", examples=["Shop <shop@example.org>"])
    to: Recipients = Field("", title="To", examples=["Ada <ada@example.org>, grace@example.org"])
    cc: Recipients = Field("", title="Cc", examples=["grace@example.org"])
    bcc: Recipients = Field("", title="Bcc", examples=["archive@example.org"])
    reply_to: Recipients = Field("", title="Reply to", examples=["help@example.org"])
    subject: str = Field("", title="Subject")
    text: str = Field("", title="Text", json_schema_extra={"x-widget": "textarea"})
    html: str = Field("", title="HTML", json_schema_extra={"x-widget": "code"})
    attachments: str | list[str] = Field(
        "",
        title="Attachments",
        description="Names of fields that hold files, with commas between.",
        examples=["invoice, terms"],
    )


@node(
    type="email",
    label="Email",
    group="actions",
    icon="mail",
    keywords=("smtp", "mail", "send"),
    kind=Kind.EFFECT,
    each="item",
    on_crash="fail",
    credentials=SMTP_CREDENTIALS,
    examples=[
        Example(
            title="A message to each person",
            params={
                "from": "shop@example.org",
                "to": "={{ $json.name }} <{{ $json.email }}>",
                "subject": "=Order {{ $json.order }}",
                "text": "=Hello {{ $json.name }}, your order {{ $json.order }} is on its way.",
            },
            takes=[{"name": "Ada", "email": "ada@example.org", "order": 7}],
            mail=[
                {
                    "from": "shop@example.org",
                    "to": ["Ada <ada@example.org>"],
                    "text": "Hello Ada, your order 7 is on its way.",
                }
            ],
            gives=[
                {
                    "message_id": "<0c0c11ac968ee59fa7ac6ed9c2017151f8da8703@example.org>",
                    "accepted": ["ada@example.org"],
                    "rejected": {},
                }
            ],
        ),
        Example(
            title="A file goes along",
            params={"from": "shop@example.org", "to": "ada@example.org", "attachments": "invoice"},
            takes_files=[{"invoice": ExampleFile(b"%PDF-1.7", "invoice.pdf", "application/pdf")}],
            mail=[{"attachments": ["invoice.pdf"]}],
            gives=[
                {
                    "message_id": "<0c0c11ac968ee59fa7ac6ed9c2017151f8da8703@example.org>",
                    "accepted": ["ada@example.org"],
                    "rejected": {},
                }
            ],
        ),
        Example(
            title="A subject of two lines",
            params={"to": "ada@example.org", "subject": "Hi\nBcc: eve@example.org"},
            mail=[],
            fails="invalid_header",
        ),
    ],
)
def email(item: Item, params: Params, ctx: StepContext) -> Item:
    """Sends one message for each item.

    With both text and HTML the reader's program shows what it can. Several addresses have commas
    between them. Gives `message_id`, the `accepted` addresses, and the `rejected` ones with why.
    When the step is tried again its message has the same `Message-ID`, so that a reader's program
    may know it. A message has at most 500 recipients and 25 MB.
    """
    server = None
    if params.credential:
        server = ctx.credential(params.credential, SMTP_CREDENTIALS).values
    sender = sender_of(params.from_, server, ctx.mail.sender)
    message = Message(
        sender=sender,
        to=read_addresses(params.to, "to"),
        cc=read_addresses(params.cc, "cc"),
        bcc=read_addresses(params.bcc, "bcc"),
        reply_to=read_addresses(params.reply_to, "reply_to"),
        subject=checked_line(params.subject, "subject"),
        text=_body(params.text),
        html=_body(params.html),
        attachments=_attachments(item, params, ctx),
        id=ctx.mail.id_for(sender),
    )
    _require_sendable(message)
    rejected = ctx.mail.send(message, server)
    accepted = [to.address for to in message.recipients if to.address not in rejected]
    return item.with_json(
        {"message_id": message.id, "accepted": accepted, "rejected": dict(rejected)}
    )


def _body(text: str) -> str:
    return storable(text.replace("\r\n", "\n").replace("\r", "\n"))


def _attachments(item: Item, params: Params, ctx: StepContext) -> tuple[Attachment, ...]:
    written = params.attachments
    names = written.split(",") if isinstance(written, str) else written
    room = FileRoom(ctx.files, MAX_BYTES, _too_large("The attachments have more than 25 MB."))
    attachments = []
    for name in (name.strip() for name in names if name.strip()):
        content, reference = room.of(item, name)
        told = file_name(str(reference.get("fileName") or name)) or "file"
        kind = plain_media_type(str(reference.get("mimeType"))) or OCTETS
        attachments.append(Attachment(content, told, kind))
    return tuple(attachments)


def _require_sendable(message: Message) -> None:
    recipients = message.recipients
    if not recipients:
        raise NodeError("no_recipients", "to: the message has no recipient.")
    if len(message.subject) > MAX_SUBJECT:
        raise NodeError("invalid_header", f"subject: it is longer than {MAX_SUBJECT} characters.")
    if len(recipients) > MAX_RECIPIENTS:
        raise NodeError(
            "too_many_recipients",
            f"The message has {len(recipients)} recipients, more than {MAX_RECIPIENTS}.",
        )
    size = sum(len(each.content) for each in message.attachments)
    size += len(message.text.encode()) + len(message.html.encode())
    if size > MAX_BYTES:
        raise _too_large(f"The message has {size / 2**20:.1f} MB, more than 25 MB.")


def _too_large(told: str) -> NodeError:
    return NodeError("message_too_large", told)
