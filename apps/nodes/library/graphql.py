"""GraphQL: asks a GraphQL server, and tells the errors of its answers."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Answer, Example, node
from apps.nodes.outside.egress import told_url
from apps.nodes.outside.http import RETRYABLE
from apps.nodes.outside.http_answer import HttpResponse
from apps.nodes.params import Literally, LiteralText, ParamsModel, Scalar, scalar_text
from apps.nodes.requests.auth import HTTP_CREDENTIALS, send_authorised
from apps.nodes.requests.batches import Batching, in_batches
from apps.nodes.requests.body import json_body

MOST_TOLD = 3
ACCEPTED = "application/graphql-response+json, application/json;q=0.9"


class Params(ParamsModel):
    url: str = Field(title="URL", min_length=1, examples=["https://api.test/graphql"])
    query: str = Field(
        title="Query",
        description="Or a mutation. What differs from item to item goes into the variables.",
        min_length=1,
        json_schema_extra={"x-widget": "code"},
    )
    variables: dict[str, Any] | str = Field(
        default_factory=dict,
        title="Variables",
        description="An object, or its JSON.",
        json_schema_extra={"x-widget": "key-values"},
    )
    operation_name: str = Field(
        "", title="Operation name", description="Where the query holds several."
    )
    headers: dict[str, Scalar] = Field(
        default_factory=dict, title="Headers", json_schema_extra={"x-widget": "key-values"}
    )
    errors: Literal["fail", "give"] = Field(
        "fail", title="Errors", description="Fail the item, or are given beside the data."
    )
    timeout_s: float = Field(30, title="Timeout in seconds", gt=0, le=3600, allow_inf_nan=False)
    credential: LiteralText | None = Field(
        None,
        title="Credential",
        json_schema_extra={"x-widget": "credential"},
    )
    batching: Annotated[Batching, Literally()] = Field(
        default_factory=Batching, title="Batches of items"
    )

    @model_validator(mode="after")
    def _variables_are_an_object(self) -> "Params":
        if isinstance(self.variables, str):
            _variables(self.variables)
        return self


@node(
    type="graphql",
    label="GraphQL",
    group="actions",
    icon="graph",
    kind=Kind.EFFECT,
    each="results",
    credentials=HTTP_CREDENTIALS,
    examples=[
        Example(
            title="Ask for a user",
            params={
                "url": "https://api.test/graphql",
                "query": "query user($id: ID!) { user(id: $id) { name } }",
                "variables": {"id": "={{ $json.id }}"},
            },
            takes=[{"id": "1"}],
            http=[Answer(200, {"data": {"user": {"name": "Ada"}}})],
            gives=[{"data": {"user": {"name": "Ada"}}}],
        ),
        Example(
            title="Errors beside the data",
            params={
                "url": "https://api.test/graphql",
                "query": "{ user { name pay } }",
                "errors": "give",
            },
            http=[
                Answer(
                    200,
                    {
                        "data": {"user": {"name": "Ada", "pay": None}},
                        "errors": [{"message": "not allowed", "path": ["user", "pay"]}],
                    },
                )
            ],
            gives=[
                {
                    "data": {"user": {"name": "Ada", "pay": None}},
                    "errors": [{"message": "not allowed", "path": ["user", "pay"]}],
                }
            ],
        ),
        Example(
            title="An error, though the status is 200",
            params={"url": "https://api.test/graphql", "query": "{ user { name } }"},
            http=[Answer(200, {"data": None, "errors": [{"message": "no such user"}]})],
            fails="graphql_error",
        ),
    ],
)
def graphql(items: Items, params: list[Params], ctx: StepContext) -> Iterator[Items | NodeError]:
    """Asks a GraphQL server once for each item, and gives its answer: `data`, and what is beside.

    Errors in an answer fail the item with their messages and paths, whatever its status; with
    *Errors* set to give they become `errors` beside what there is of the data. Each request bears
    an `Idempotency-Key`, the same when the step is tried again.
    """
    if items:
        yield from in_batches(items, params, params[0].batching, ctx, _ask)


def _ask(item: Item, params: Params, ctx: StepContext) -> Items:
    headers = {name: scalar_text(v) for name, v in params.headers.items() if v is not None}
    names = {name.lower() for name in headers}
    body = json_body(_question(params))
    defaults = {"Content-Type": body.media_type, "Accept": ACCEPTED}
    headers |= {name: value for name, value in defaults.items() if name.lower() not in names}
    response = send_authorised(
        ctx,
        params.credential,
        "POST",
        params.url,
        headers=headers,
        content=body.content,
        timeout_s=params.timeout_s,
    )
    with ctx.http.holding(response):
        return [item.with_json(_read(response, params, ctx))]


def _read(response: HttpResponse, params: Params, ctx: StepContext) -> dict[str, Json]:
    """What the server answers. Raises NodeError where that is, or bears, an error."""
    answer = _answer(response)
    if answer is None or (response.status >= 400 and not answer.get("errors")):
        raise _failure(
            response,
            "http_status" if response.status >= 400 else "bad_response",
            f"POST {told_url(params.url)} answered {response.status} and no GraphQL: "
            f"{response.excerpt}",
            ctx,
        )
    errors = answer.get("errors")
    if errors and (params.errors == "fail" or "data" not in answer):
        raise _failure(response, "graphql_error", _told(errors), ctx)
    return answer


def _question(params: Params) -> dict[str, Json]:
    question: dict[str, Json] = {"query": params.query}
    variables = _variables(params.variables)
    if variables:
        question["variables"] = variables
    if params.operation_name:
        question["operationName"] = params.operation_name
    return question


def _variables(written: Mapping[str, Json] | str) -> Mapping[str, Json]:
    if not isinstance(written, str):
        return written
    try:
        read = read_json(written.encode(errors="replace")) if written.strip() else {}
    except NotJsonError as error:
        told = str(error).replace("The body", "The text", 1)
        raise ValueError(f"variables: {told}") from None
    if not isinstance(read, dict):
        raise ValueError("variables: they must be an object of names and values.")
    return read


def _answer(response: HttpResponse) -> dict[str, Json] | None:
    """The answer, if it is one of GraphQL: an object with data or with a list of errors."""
    try:
        answer = response.json()
    except NotJsonError:
        return None
    if not isinstance(answer, dict):
        return None
    has_errors = isinstance(answer.get("errors"), list) and answer["errors"]
    return answer if "data" in answer or has_errors else None


def _failure(response: HttpResponse, code: str, message: str, ctx: StepContext) -> NodeError:
    return NodeError(
        code,
        message,
        retryable=response.status in RETRYABLE,
        retry_after_s=response.retry_after_s(ctx.now),
    )


def _told(errors: Json) -> str:
    """The first errors, each with the place in the data where it arose."""
    if not isinstance(errors, list):
        return "The answer's “errors” are no list."
    told = []
    for error in errors[:MOST_TOLD]:
        error = error if isinstance(error, dict) else {"message": error}
        path = error.get("path")
        place = ".".join(str(step)[:80] for step in path[:20]) if isinstance(path, list) else ""
        message = str(error.get("message", "an error without a message"))[:500].rstrip(".")
        told.append(f"{message} (at {place})" if place else message)
    more = f" And {len(errors) - MOST_TOLD} more." if len(errors) > MOST_TOLD else ""
    return f"The server answered with errors: {'; '.join(told)}.{more}"
