"""HTTP Call: sends one request for each item and passes the answer on."""

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Answer, Example, ExampleFile, node
from apps.nodes.outside.egress import told_url
from apps.nodes.outside.http import RETRYABLE, with_query
from apps.nodes.outside.http_answer import HttpResponse
from apps.nodes.params import (
    Literally,
    LiteralText,
    ParamsModel,
    Scalar,
    scalar_text,
    sure_fault,
    when,
)
from apps.nodes.requests.auth import HTTP_CREDENTIALS, send_authorised
from apps.nodes.requests.batches import Batching, in_batches
from apps.nodes.requests.body import (
    Body,
    BodyKind,
    file_body,
    form_body,
    json_body,
    multipart_body,
    pairs,
    raw_body,
)
from apps.nodes.requests.pages import Asked, Page, Pagination, pages

Methods = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
Status = Annotated[int, Field(ge=100, le=999)]
KEY_VALUES: dict[str, Any] = {"x-widget": "key-values"}


class Params(ParamsModel):
    method: Methods = Field("GET", title="Method")
    url: str = Field(title="URL", min_length=1, examples=["https://api.test/users/1"])
    query: dict[str, Scalar | list[Scalar]] = Field(
        default_factory=dict, title="Query", json_schema_extra=KEY_VALUES
    )
    headers: dict[str, Scalar] = Field(
        default_factory=dict, title="Headers", json_schema_extra=KEY_VALUES
    )
    body_kind: BodyKind = Field("none", title="Body")
    body: Any = Field(
        None,
        title="Content",
        json_schema_extra={"x-widget": "code"}
        | when(body_kind=("json", "form", "multipart", "raw")),
    )
    files: dict[str, str | list[str]] = Field(
        default_factory=dict,
        title="Files of the form",
        description="The name of each part, and which of the item's files it is (multipart).",
        examples=[{"photo": "data"}],
        json_schema_extra=KEY_VALUES | when(body_kind="multipart"),
    )
    file: str = Field(
        "data",
        title="File",
        description="Which of the item's files is the body (binary).",
        max_length=200,
        json_schema_extra=when(body_kind="binary"),
    )
    content_type: str = Field(
        "",
        title="Content type",
        description="Of the body, where it is another than its kind says.",
        examples=["application/xml"],
        max_length=200,
        json_schema_extra=when(body_kind=("json", "form", "multipart", "raw", "binary")),
    )
    response: Literal["auto", "json", "text", "base64", "file"] = Field(
        "auto", title="Read the answer as"
    )
    response_file: str = Field(
        "data",
        title="Keep it as",
        description="The name of the file that the answer becomes (file).",
        min_length=1,
        max_length=200,
        json_schema_extra=when(response="file"),
    )
    whole_response: bool = Field(
        True,
        title="Whole answer",
        description="Status, headers and body; else the body alone, a list as one item an entry.",
    )
    fail_on_status: bool = Field(
        True, title="Fail on a status from 400", description="Else that is an answer like others."
    )
    retry_on: list[Status] = Field(
        list(RETRYABLE),
        title="Statuses worth another attempt",
        description="Which the node's retries then make.",
        json_schema_extra=when(fail_on_status=True),
    )
    timeout_s: float = Field(
        30,
        title="Timeout in seconds",
        description="Of the whole exchange, redirects included.",
        gt=0,
        le=3600,
        allow_inf_nan=False,
    )
    max_redirects: int = Field(
        10, title="Redirects to follow", description="0: a redirect is the answer.", ge=0, le=20
    )
    max_bytes: int | None = Field(
        None, title="Largest answer in bytes", description="Never more than the operator's.", ge=1
    )
    verify_tls: bool = Field(
        True,
        title="Check the certificate",
        description="Only where the operator allows it can this be left.",
    )
    credential: LiteralText | None = Field(
        None,
        title="Credential",
        json_schema_extra={"x-widget": "credential"},
    )
    pagination: Pagination | None = Field(None, title="Pages", json_schema_extra={"x-late": True})
    batching: Annotated[Batching, Literally()] = Field(
        default_factory=Batching, title="Batches of items"
    )

    @model_validator(mode="after")
    def _fitting_body(self) -> "Params":
        if self.body_kind == "none" and self.body:
            raise sure_fault("body: it is not sent unless body_kind says what it is, such as json.")
        if self.body_kind in ("json", "form") and self._has_nothing_to_send:
            raise sure_fault("body: there is nothing to send. {} is an empty object or form.")
        if self.body_kind in ("form", "multipart"):
            if not isinstance(self.body or {}, dict):
                raise ValueError("body: a form is an object of names and values.")
            if any(isinstance(v, dict) for v in (self.body or {}).values()):
                raise ValueError("body: a form holds no objects.")
        if self.body_kind == "raw" and not isinstance(self.body, str):
            raise ValueError("body: a raw body is text.")
        if self.body_kind == "json" and isinstance(self.body, str):
            try:
                read_json(self.body.encode(errors="replace"))
            except NotJsonError as error:
                raise ValueError(f"body: {error}") from None
        return self

    @property
    def _has_nothing_to_send(self) -> bool:
        if isinstance(self.body, str):
            return not self.body.strip()
        pages = self.pagination
        has_fields_of_pages = pages is not None and pages.mode == "parameters" and pages.body
        return self.body is None and not has_fields_of_pages


@node(
    type="http_call",
    label="HTTP Call",
    group="actions",
    icon="globe",
    keywords=("http request", "fetch", "curl", "rest", "api"),
    kind=Kind.EFFECT,
    each="results",
    credentials=HTTP_CREDENTIALS,
    examples=[
        Example(
            title="Read a record",
            params={"url": "=https://api.test/users/{{ $json.id }}"},
            takes=[{"id": 1}],
            http=[Answer(200, {"name": "Ada"})],
            gives=[
                {
                    "status": 200,
                    "headers": {"content-type": "application/json"},
                    "body": {"name": "Ada"},
                }
            ],
        ),
        Example(
            title="All pages of a list, an item an entry",
            params={
                "url": "https://api.test/users",
                "whole_response": False,
                "pagination": {
                    "mode": "parameters",
                    "query": {"page": "={{ $pageCount + 1 }}"},
                },
            },
            http=[
                Answer(200, [{"name": "Ada"}, {"name": "Bo"}]),
                Answer(200, [{"name": "Cy"}]),
                Answer(200, []),
            ],
            gives=[{"name": "Ada"}, {"name": "Bo"}, {"name": "Cy"}],
        ),
        Example(
            title="Send a file in a form",
            params={
                "method": "POST",
                "url": "https://api.test/photos",
                "body_kind": "multipart",
                "body": {"title": "={{ $json.title }}"},
                "files": {"photo": "data"},
                "whole_response": False,
            },
            takes=[{"title": "Riga"}],
            takes_files=[{"data": ExampleFile(b"\x89PNG", "riga.png", "image/png")}],
            http=[Answer(201, {"id": 7})],
            gives=[{"id": 7}],
        ),
        Example(
            title="Keep the answer as a file",
            params={
                "url": "https://api.test/reports/7",
                "response": "file",
                "whole_response": False,
            },
            http=[
                Answer(
                    200,
                    b"a,b",
                    {
                        "content-type": "text/csv",
                        "content-disposition": "attachment; filename=report.csv",
                    },
                )
            ],
            gives=[{}],
            gives_files=[{"data": ExampleFile(b"a,b", "report.csv", "text/csv")}],
        ),
        Example(
            title="A status that says no",
            params={"method": "POST", "url": "https://api.test/users"},
            http=[Answer(503, {"error": "later"})],
            fails="http_status",
        ),
    ],
)
def http_call(items: Items, params: list[Params], ctx: StepContext) -> Iterator[Items | NodeError]:
    """Sends one request for each item and passes the answer on.

    Gives `{"status", "headers", "body"}`; with *Whole answer* off the body alone, of which a list
    becomes items. A status of 400 and above fails the item, unless it is wanted as an answer. As a
    file the answer is kept outside of the item, which bears a reference to it.

    Pages are asked for one after another: by the next URL that an answer tells, or by parameters
    that count up or come from the answer; each gives items of its own. Expressions in *Pages* are
    resolved again for each page and see `$response` (`body`, `headers`, `status`), `$request` and
    `$pageCount`, which is 0 before the first.

    Items are sent in batches, ten requests at most at the same time, with a rest between batches
    where wanted. Each request bears an `Idempotency-Key`, the same when the step is tried again.
    """
    if items:
        yield from in_batches(items, params, params[0].batching, ctx, _call)


def _call(item: Item, params: Params, ctx: StepContext) -> Items:
    asked = Asked(params.method, params.url, params.query, params.headers, params.body)

    if params.pagination is None:
        return _made(_page(asked, params, item, ctx), item, params, ctx)
    with ExitStack() as before:

        def send(asked: Asked) -> Page:
            page = _page(asked, params, item, ctx)
            if params.response != "file":  # a file is held no longer than until it is kept
                before.enter_context(ctx.http.holding(page.response))
            return page

        return [
            made
            for page in pages(params.pagination, asked, send, item, ctx)
            for made in _made(page, item, params, ctx)
        ]


def _page(asked: Asked, params: Params, item: Item, ctx: StepContext) -> Page:
    """Send one request; a status that says no is an error, unless it is waited for."""
    headers = {name: scalar_text(v) for name, v in asked.headers.items() if v is not None}
    body = _body(asked, params, item, ctx)
    media_type = params.content_type or body.media_type
    if media_type and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = media_type
    url = with_query(asked.url, pairs(asked.query))
    response = send_authorised(
        ctx,
        params.credential,
        asked.method,
        url,
        headers=headers,
        content=body.content,
        timeout_s=params.timeout_s,
        max_redirects=params.max_redirects,
        max_bytes=params.max_bytes,
        verify_tls=params.verify_tls,
    )
    with ctx.http.holding(response):
        if response.status >= 400 and params.fail_on_status and not _is_end(response, params):
            raise NodeError(
                "http_status",
                f"{asked.method} {told_url(url)} answered {response.status}: {response.excerpt}",
                retryable=response.status in params.retry_on,
                retry_after_s=response.retry_after_s(ctx.now),
            )
        read = None if params.response == "file" else _read(response, params.response)
        return Page(response, read)


def _is_end(response: HttpResponse, params: Params) -> bool:
    pagination = params.pagination
    return (
        pagination is not None
        and pagination.until == "status"
        and response.status in pagination.statuses
    )


def _body(asked: Asked, params: Params, item: Item, ctx: StepContext) -> Body:
    if params.body_kind == "json":
        return json_body(asked.body)
    if params.body_kind == "form":
        return form_body(asked.body)
    if params.body_kind == "multipart":
        return multipart_body(asked.body or {}, params.files, ctx.files, item)
    if params.body_kind == "raw":
        return raw_body(asked.body)
    if params.body_kind == "binary":
        return file_body(ctx.files, item, params.file)
    return Body()


def _made(page: Page, item: Item, params: Params, ctx: StepContext) -> Items:
    """The items of one answer."""
    response, body = page.response, page.body
    whole: dict[str, Json] = {"status": response.status, "headers": dict(response.headers)}
    if params.response == "file":
        kept = ctx.files.keep(
            response.content, name=response.file_name, media_type=response.media_type
        )
        ctx.http.release(response)
        binary = {**(item.binary or {}), params.response_file: kept}
        return [Item(whole if params.whole_response else {}, binary)]
    if params.whole_response:
        return [item.with_json({**whole, "body": body})]
    return [
        item.with_json(entry if isinstance(entry, dict) else {"body": entry})
        for entry in (body if isinstance(body, list) else [body])
    ]


def _read(response: HttpResponse, read_as: str) -> Json:
    """The body as the builder wants it; `auto` goes by what it says it is."""
    content = response.content
    if not content and (read_as == "auto" or not response.has_body):
        return None
    if read_as == "base64":
        return base64.b64encode(content).decode()
    if read_as == "text":
        return response.text
    if read_as == "json":
        try:
            return response.json()
        except NotJsonError as error:
            raise NodeError(
                "response_not_json", f"The answer is not JSON: {error.message}"
            ) from None
    if response.is_json:
        try:
            return response.json()
        except NotJsonError:
            pass  # what calls itself JSON and is none is kept as text
    try:
        return content.decode(response.charset)
    except UnicodeDecodeError:
        return base64.b64encode(content).decode()
