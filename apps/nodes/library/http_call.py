"""HTTP Call: sends one request for each item and passes the answer on."""

import base64
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import Field, model_validator

from apps.engine.encoding import NotJsonError, encode, read_json
from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Answer, Example, node
from apps.nodes.egress import told_url
from apps.nodes.http import with_query
from apps.nodes.http_answer import HttpResponse
from apps.nodes.http_auth import HTTP_CREDENTIALS, authorised
from apps.nodes.params import LiteralText, ParamsModel, Scalar, scalar_text

RETRYABLE = {408, 425, 429, 500, 502, 503, 504}
Methods = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


class Params(ParamsModel):
    method: Methods = Field("GET", title="Method")
    url: str = Field(title="URL", min_length=1, examples=["https://api.test/users/1"])
    query: dict[str, Scalar | list[Scalar]] = Field(
        default_factory=dict, title="Query", json_schema_extra={"x-widget": "key-values"}
    )
    headers: dict[str, Scalar] = Field(
        default_factory=dict, title="Headers", json_schema_extra={"x-widget": "key-values"}
    )
    body_kind: Literal["none", "json", "form", "raw"] = Field("none", title="Body")
    body: Any = Field(None, title="Content", json_schema_extra={"x-widget": "code"})
    response: Literal["auto", "json", "text", "base64"] = Field("auto", title="Read the answer as")
    timeout_s: float = Field(30, title="Timeout in seconds", gt=0, le=3600, allow_inf_nan=False)
    credential: LiteralText | None = Field(
        None, title="Credential", json_schema_extra={"x-widget": "credential"}
    )

    @model_validator(mode="after")
    def _fitting_body(self) -> "Params":
        if self.body_kind == "form" and not isinstance(self.body, dict):
            raise ValueError("body: a form is an object of names and values.")
        if self.body_kind == "form" and any(isinstance(v, dict) for v in self.body.values()):
            raise ValueError("body: a form holds no objects.")
        if self.body_kind == "raw" and not isinstance(self.body, str):
            raise ValueError("body: a raw body is text.")
        if self.body_kind == "json" and isinstance(self.body, str):
            try:
                read_json(self.body.encode())
            except (NotJsonError, UnicodeEncodeError) as error:
                raise ValueError(f"body: it is not JSON. {error}") from None
        return self


@node(
    type="http_call",
    label="HTTP Call",
    group="actions",
    icon="globe",
    kind=Kind.EFFECT,
    each="item",
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
            title="A status that says no",
            params={"method": "POST", "url": "https://api.test/users"},
            http=[Answer(503, {"error": "later"})],
            fails="http_status",
        ),
    ],
)
def http_call(item: Item, params: Params, ctx: StepContext) -> Item:
    """Sends one request for each item and passes the answer on.

    Gives `status`, `headers` and `body`; a status of 400 and above fails the step. Each request
    bears an `Idempotency-Key`, the same when the step is tried again.
    """
    headers = {name: scalar_text(v) for name, v in params.headers.items() if v is not None}
    content = _content(params, headers)
    url = with_query(params.url, _pairs(params.query))
    secrets: dict[str, str] = {}
    if params.credential is not None:
        url, secrets = authorised(ctx.credential(params.credential, HTTP_CREDENTIALS), url)
    response = ctx.http.request(
        params.method,
        url,
        headers=headers,
        secrets=secrets,
        content=content,
        timeout_s=params.timeout_s,
    )
    if response.status >= 400:
        raise NodeError(
            "http_status",
            f"{params.method} {told_url(url)} answered {response.status}: {_excerpt(response)}",
            retryable=response.status in RETRYABLE,
            retry_after_s=response.retry_after_s(ctx.now),
        )
    return item.with_json(
        {
            "status": response.status,
            "headers": dict(response.headers),
            "body": _body(response, params.response),
        }
    )


def _content(params: Params, headers: dict[str, str]) -> bytes:
    """The body to send; its content type joins the headers unless the builder set one."""
    if params.body_kind == "none":
        return b""
    media_type, write = {
        "json": ("application/json", _json),
        "form": ("application/x-www-form-urlencoded", _form),
        "raw": ("text/plain; charset=utf-8", _raw),
    }[params.body_kind]
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = media_type
    return write(params.body)


def _json(body: Json) -> bytes:
    """JSON text as it is, or a value as JSON."""
    return _raw(body) if isinstance(body, str) else encode(body)


def _form(body: Mapping[str, Json]) -> bytes:
    return urlencode(_pairs(body), errors="replace").encode()


def _pairs(named: Mapping[str, Json]) -> list[tuple[str, str]]:
    """Names with their values as text; a list repeats its name, null leaves it out."""
    return [
        (name, scalar_text(value))
        for name, values in named.items()
        for value in (values if isinstance(values, list) else [values])
        if value is not None
    ]


def _raw(body: str) -> bytes:
    return body.encode(errors="replace")  # code can make half of a character


def _body(response: HttpResponse, read_as: str) -> Json:
    """The answer as the builder wants it; `auto` goes by what it says it is."""
    content = response.content
    if read_as == "base64":
        return base64.b64encode(content).decode()
    if read_as == "text":
        return content.decode(response.charset, "replace")
    if read_as == "json":
        try:
            return read_json(content)
        except NotJsonError as error:
            raise NodeError(
                "response_not_json", f"The answer is not JSON: {error.message}"
            ) from None
    if not content:
        return None
    if response.media_type.endswith(("/json", "+json")):
        try:
            return read_json(content)
        except NotJsonError:
            pass  # what calls itself JSON and is none is kept as text
    try:
        return content.decode(response.charset)
    except UnicodeDecodeError:
        return base64.b64encode(content).decode()


def _excerpt(response: HttpResponse) -> str:
    return " ".join(response.content[:500].decode("utf-8", "replace").split())
