"""Webhook: starts a run for each HTTP request that is sent to its address."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from apps.engine.items import Item, Json
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel

_PATH = re.compile(r"[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*")


def _plain_path(path: str) -> str:
    if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        raise ValueError(
            "A path is made of letters, digits, “-”, “_”, “.” and “~”, in parts between “/”."
        )
    return path


class Params(ParamsModel):
    path: Annotated[str, AfterValidator(_plain_path)] = Field(
        title="Path", max_length=200, examples=["orders"], description="Behind /hooks/."
    )
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] = Field("POST", title="Method")


def _address(params: Mapping[str, Json]) -> str | None:
    path = params.get("path")
    return f"{params.get('method', 'POST')} /hooks/{path}" if isinstance(path, str) else None


@node(
    type="webhook",
    label="Webhook",
    group="triggers",
    icon="webhook",
    kind=Kind.TRIGGER,
    each="item",
    inputs=(),
    claim=_address,
    examples=[
        Example(
            params={"path": "orders"},
            takes=[{"method": "POST", "path": "orders", "body": {"id": 7}}],
            gives=[{"method": "POST", "path": "orders", "body": {"id": 7}}],
        )
    ],
)
def webhook(item: Item, params: Params, ctx: StepContext) -> Item:
    """Starts a run for each HTTP request that is sent to its address.

    Gives one item with `headers`, `params`, `query`, `body`, `method` and `path`; the body is read
    by its content type.
    """
    return item
