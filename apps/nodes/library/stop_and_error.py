"""Stop and Error: ends the run as failed, with a message."""

from collections.abc import Mapping
from typing import Any, NoReturn

from pydantic import Field, model_validator

from apps.engine.errors import NodeError
from apps.engine.items import Items
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel
from apps.nodes.values.field_types import to_text


class Params(ParamsModel):
    message: str | None = Field(None, title="Message", min_length=1, max_length=10_000)
    error: Any = Field(
        None, title="Error", description="An object whose `message` is told, or any value."
    )

    @model_validator(mode="after")
    def _something_to_say(self) -> "Params":
        if self.message is None and self.error is None:
            raise ValueError("Either “message” or “error” must be given.")
        return self


@node(
    type="stop_and_error",
    label="Stop and Error",
    group="flow",
    icon="octagon-x",
    keywords=("throw", "fail", "raise"),
    each="step",
    outputs=(),
    examples=[
        Example(
            title="A message of the first item",
            params={"message": "=No customer {{ $json.id }}"},
            takes=[{"id": 7}],
            fails="stopped",
        )
    ],
)
def stop_and_error(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> NoReturn:
    """Ends the run as failed, with a message of your own."""
    told = params.message
    if told is None:
        error = params.error
        told = to_text(
            error["message"] if isinstance(error, dict) and "message" in error else error
        )
    raise NodeError("stopped", told[:10_000])
