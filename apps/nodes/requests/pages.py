"""The pages of an answer: where the next one is, and which is the last."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import httpx
from pydantic import Field, model_validator

from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.nodes.context import StepContext
from apps.nodes.outside.egress import parse_url
from apps.nodes.outside.http_answer import HttpResponse
from apps.nodes.params import Literally, ParamsModel, sure_fault, when

_LATE = "Sees $response (body, headers, status), $request and $pageCount, the pages so far."


class Pagination(ParamsModel):
    """Its templates are resolved again for each page: see `StepContext.resolve_late`."""

    mode: Annotated[Literal["next_url", "parameters"], Literally()] = Field(
        "next_url",
        title="Next page",
        description="At a URL that the answer tells, or by parameters that change.",
    )
    next_url: Any = Field(
        None,
        title="Next URL",
        description=_LATE,
        examples=["={{ $response.body.next }}"],
        json_schema_extra=when(mode="next_url"),
    )
    query: dict[str, Any] = Field(
        default_factory=dict,
        title="Query of each page",
        description=_LATE,
        examples=[{"page": "={{ $pageCount + 1 }}"}],
        json_schema_extra={"x-widget": "key-values"} | when(mode="parameters"),
    )
    headers: dict[str, Any] = Field(
        default_factory=dict,
        title="Headers of each page",
        json_schema_extra={"x-widget": "key-values"} | when(mode="parameters"),
    )
    body: dict[str, Any] = Field(
        default_factory=dict,
        title="Fields of the body of each page",
        json_schema_extra={"x-widget": "key-values"} | when(mode="parameters"),
    )
    until: Annotated[Literal["empty", "status", "expression"], Literally()] = Field(
        "empty", title="Ends", description="At an empty body, at a status, or when the last is."
    )
    statuses: Annotated[list[int], Literally()] = Field(
        [404], title="Statuses behind the last", json_schema_extra=when(until="status")
    )
    is_last: Any = Field(
        False,
        title="This is the last page",
        description=_LATE,
        examples=["={{ !$response.body.has_more }}"],
        json_schema_extra=when(until="expression"),
    )
    max_pages: Annotated[int, Literally()] = Field(100, title="At most pages", ge=1, le=10_000)
    interval_s: Annotated[float, Literally()] = Field(
        0, title="Seconds between pages", ge=0, le=3_600, allow_inf_nan=False
    )

    @model_validator(mode="after")
    def _knows_the_next(self) -> "Pagination":
        if self.mode == "next_url" and self.next_url in (None, ""):
            raise sure_fault("next_url: where the next page is must be said, or choose parameters.")
        return self


@dataclass(frozen=True, slots=True)
class Asked:
    """A request before a credential is put on it: what expressions see as `$request`."""

    method: str
    url: str
    query: Mapping[str, Json]
    headers: Mapping[str, Json]
    body: Json

    def told(self) -> dict[str, Json]:
        return {
            "method": self.method,
            "url": self.url,
            "query": dict(self.query),
            "headers": dict(self.headers),
            "body": self.body,
        }


@dataclass(frozen=True, slots=True)
class Page:
    """An answer and its body as it was read; of a file there is none."""

    response: HttpResponse
    body: Json

    def told(self) -> dict[str, Json]:
        status = self.response.status
        headers = dict(self.response.headers)
        return {"status": status, "statusCode": status, "headers": headers, "body": self.body}


def pages(
    pagination: Pagination,
    first: Asked,
    send: Callable[[Asked], Page],
    item: Item,
    ctx: StepContext,
) -> Iterator[Page]:
    """Ask for page after page until the last. What only says that there is no more is no page.

    Raises NodeError: pagination_elsewhere, pagination_stuck, and what `send` raises.
    """
    asked = _with_parameters(pagination, first, {"pageCount": 0}, item, ctx)
    for count in range(1, pagination.max_pages + 1):
        page = send(asked)
        if _is_behind_the_last(pagination, page):
            ctx.http.release(page.response)
            return
        yield page
        names = {"pageCount": count, "request": asked.told(), "response": page.told()}
        next = _next(pagination, first, page, names, item, ctx)
        if next is None:
            return
        if next == asked:
            raise NodeError(
                "pagination_stuck",
                f"The request for page {count + 1} would be the one for page {count} again.",
                "Let the URL or a parameter of “pagination” follow from $pageCount or $response.",
            )
        asked = next
        if count < pagination.max_pages and pagination.interval_s:
            ctx.pause(pagination.interval_s)
    ctx.log("warn", f"There may be more: it stopped after {pagination.max_pages:,} pages.")


def _is_behind_the_last(pagination: Pagination, page: Page) -> bool:
    if pagination.until == "status":
        return page.response.status in pagination.statuses
    return pagination.until == "empty" and (not page.response.content or page.body in ("", [], {}))


def _next(
    pagination: Pagination,
    first: Asked,
    page: Page,
    names: Mapping[str, Json],
    item: Item,
    ctx: StepContext,
) -> Asked | None:
    """The request for the page behind this one; None behind the last."""
    if pagination.until == "expression" and ctx.resolve_late(pagination.is_last, item, names):
        return None
    if pagination.mode == "parameters":
        return _with_parameters(pagination, first, names, item, ctx)
    url = ctx.resolve_late(pagination.next_url, item, names)
    if not isinstance(url, str) or not url.strip():
        return None
    return replace(first, url=_beside(first.url, page.response.url, url.strip()), query={})


def _with_parameters(
    pagination: Pagination, first: Asked, names: Mapping[str, Json], item: Item, ctx: StepContext
) -> Asked:
    if pagination.mode != "parameters":
        return first
    fields = {
        "query": pagination.query,
        "headers": pagination.headers,
        "body": pagination.body,
    }
    given = ctx.resolve_late(fields, item, names)
    body = first.body
    if given["body"]:
        if not isinstance(body or {}, dict):
            raise NodeError(
                "invalid_params", "pagination.body: its fields go into a body that is an object."
            )
        body = {**(body or {}), **given["body"]}
    query = {**first.query, **given["query"]}
    headers = {**first.headers, **given["headers"]}
    return replace(first, query=query, headers=headers, body=body)


def _beside(first: str, current: str, next: str) -> str:
    """The next URL, which may be relative, and must stay where the first was: what follows it, a
    credential too, would go wherever an answer says."""
    try:
        url = str(httpx.URL(current).join(next))
    except (httpx.InvalidURL, UnicodeError):
        url = next
    there = parse_url(url)
    if there.origin != parse_url(first).origin:
        raise NodeError(
            "pagination_elsewhere",
            f"The next page is said to be at {there.host}:{there.port}, another server or scheme "
            "than the first.",
        )
    return url
