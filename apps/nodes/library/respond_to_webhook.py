"""Respond to Webhook: says what the webhook that started the run answers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AfterValidator, Field, model_validator

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import NodeError
from apps.engine.items import Item, Items
from apps.engine.outcomes import Done, Kind, Outcome
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.inner import AnswerHook
from apps.nodes.outside.egress import InvalidUrlError, parse_url, without_user
from apps.nodes.outside.http import checked_headers
from apps.nodes.params import ParamsModel, Scalar, scalar_text, sure_fault, when
from apps.nodes.requests.body import Body, file_body, json_body, raw_body
from apps.nodes.webhooks.disposition import content_disposition, plain_disposition

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_HEADER_BYTES = 8 * 1024
"""Of all headers together: more than that many clients and proxies do not take."""
KEPT_FROM_WORKFLOWS = {
    "alt-svc",
    "clear-site-data",
    "content-security-policy",
    "content-security-policy-report-only",
    "nel",
    "report-to",
    "service-worker-allowed",
    "set-cookie",
    "strict-transport-security",
    "x-content-type-options",
}
"""What would let an answer act for the whole site that it comes from."""


Headers = dict[str, Scalar]
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def _encoded(url: str) -> str:
    """The URL as a browser would send it: spaces and what is not ASCII encoded."""
    try:
        parsed = parse_url(url.strip().replace(" ", "%20"))
    except InvalidUrlError as error:
        told = without_user(url)[:200]
        raise ValueError(f"“{told}” is no URL that a browser is led to: {error.why}.") from None
    return str(replace(parsed, rest=quote(parsed.rest, safe=_ASCII)))


def _settable(headers: Headers) -> Headers:
    for name in headers:
        try:
            checked_headers({name: ""})
        except NodeError as error:
            raise sure_fault(error.message) from None
        if name.lower() in KEPT_FROM_WORKFLOWS:
            raise sure_fault(f"A workflow cannot set the header “{name}”.")
    return headers


class Params(ParamsModel):
    answer: Literal["first_item", "all_items", "json", "text", "file", "redirect", "nothing"] = (
        Field("first_item", title="Answer with")
    )
    status: int | None = Field(
        None, title="Status", ge=200, le=599, description="200; of a redirect 302, of nothing 204."
    )
    headers: Annotated[Headers, AfterValidator(_settable)] = Field(
        default_factory=dict, title="Headers", json_schema_extra={"x-widget": "key-values"}
    )
    body: Any = Field(
        None,
        title="Content",
        description="With JSON and text.",
        json_schema_extra={"x-widget": "code"} | when(answer=("json", "text")),
    )
    file: str = Field(
        "data",
        title="File",
        min_length=1,
        description="Its name in the item.",
        json_schema_extra=when(answer="file"),
    )
    url: Annotated[str, AfterValidator(_encoded)] | None = Field(
        None,
        title="URL",
        description="Where a redirect leads.",
        json_schema_extra=when(answer="redirect"),
    )

    @model_validator(mode="after")
    def _complete(self) -> "Params":
        if self.answer == "redirect" and self.url is None:
            raise ValueError("url: a redirect needs a URL.")
        if self.answer == "redirect" and self.status not in (None, 301, 302, 303, 307, 308):
            raise ValueError("status: a redirect has 301, 302, 303, 307 or 308.")
        if self.answer == "text" and not isinstance(self.body, str):
            raise ValueError("body: it must be text.")
        if self.answer == "json" and isinstance(self.body, str):
            try:
                read_json(self.body.encode(errors="replace"))
            except NotJsonError as error:
                raise ValueError(f"body: {error}") from None
        return self


@node(
    type="respond_to_webhook",
    label="Respond to Webhook",
    group="flow",
    icon="reply",
    keywords=("response", "reply", "answer"),
    kind=Kind.INNER,
    each="step",
    examples=[
        Example(
            title="The first item as JSON",
            takes=[{"id": 7}, {"id": 8}],
            gives=[{"id": 7}, {"id": 8}],
        ),
        Example(
            title="Text with a status of its own",
            params={"answer": "text", "status": 404, "body": "=No order {{ $json.id }}"},
            takes=[{"id": 7}],
            gives=[{"id": 7}],
        ),
    ],
)
def respond_to_webhook(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outcome:
    """Says what the webhook that started the run answers; the items pass unchanged.

    The first answer of a run counts. Templates are resolved for the first item. What would act for
    the whole site, such as cookies and security headers, cannot be set. A file bears its name, in
    `Content-Disposition`.
    """
    items = inputs["main"]
    headers = _headers(params)
    size = sum(len(name) + len(value.encode()) for name, value in headers.items())
    if size > MAX_HEADER_BYTES:
        raise NodeError(
            "invalid_header",
            f"The headers have {size:,} bytes; at most {MAX_HEADER_BYTES:,} are sent.",
        )
    body = _body(items, params, ctx)
    if len(body.content) > MAX_BODY_BYTES:
        raise NodeError(
            "answer_too_large",
            f"The answer has {len(body.content):,} bytes; at most {MAX_BODY_BYTES:,} are sent.",
        )
    if body.media_type:
        headers.setdefault("content-type", body.media_type)
    if params.answer == "file":
        name = str((items[0].binary or {})[params.file].get("fileName") or "")
        headers.setdefault("content-disposition", content_disposition("inline", name))
    if params.url is not None and params.answer == "redirect":
        headers["location"] = params.url
    status = params.status or {"redirect": 302, "nothing": 204}.get(params.answer, 200)
    return Done({"main": items}, writes=(AnswerHook(status, headers, body.content),))


def _headers(params: Params) -> dict[str, str]:
    """Those that the params say; browsers would read what is not ASCII as something else."""
    headers = checked_headers(
        {name: scalar_text(value) for name, value in params.headers.items() if value is not None}
    )
    if "content-disposition" in headers:
        headers["content-disposition"] = plain_disposition(headers["content-disposition"])
    for name, value in headers.items():
        if not value.isascii():
            raise NodeError(
                "invalid_header",
                f"The value of the header “{name}” may hold ASCII characters alone.",
                "Encode others, as by encodeURIComponent.",
            )
    return headers


def _body(items: Items, params: Params, ctx: StepContext) -> Body:
    if params.answer in ("nothing", "redirect"):
        return Body()
    if params.answer == "json":
        return json_body(params.body)
    if params.answer == "text":
        return raw_body(params.body)
    if params.answer == "all_items":
        return json_body([item.json for item in items])
    first = items[0] if items else Item({})
    return (
        file_body(ctx.files, first, params.file)
        if params.answer == "file"
        else json_body(first.json)
    )
