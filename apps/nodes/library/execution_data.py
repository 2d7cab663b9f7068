"""Execution Data: keeps values with the run, by which it can be found."""

from collections.abc import Mapping

from pydantic import Field

from apps.engine.errors import NodeError
from apps.engine.items import Items
from apps.engine.outcomes import Done, Kind, Outcome
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.inner import KeepValues
from apps.nodes.params import ParamsModel, Scalar, scalar_text

MAX_NAME = 50
MAX_VALUE = 512
MOST_VALUES = 20


class Params(ParamsModel):
    values: dict[str, Scalar] = Field(title="Values", json_schema_extra={"x-widget": "key-values"})


@node(
    type="execution_data",
    label="Execution Data",
    group="flow",
    icon="tag",
    kind=Kind.INNER,
    each="step",
    examples=[
        Example(
            title="Find a run by its order",
            params={"values": {"order": "={{ $json.id }}"}},
            takes=[{"id": "A-7"}],
            gives=[{"id": "A-7"}],
        )
    ],
)
def execution_data(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outcome:
    """Keeps values with the run: the lists of runs can be searched for them.

    Templates are resolved for the first item; where one gives nothing, nothing is kept by its name.
    A name that was kept before takes the new value; the items pass unchanged.
    """
    if len(params.values) > MOST_VALUES:
        raise NodeError("too_many_values", f"A step keeps at most {MOST_VALUES} values.")
    kept = {}
    for name, value in params.values.items():
        text = scalar_text(value)
        if not name.strip() or len(name) > MAX_NAME:
            raise NodeError(
                "invalid_name", f"{name[:80]!r}: a name has 1 to {MAX_NAME} characters."
            )
        if len(text) > MAX_VALUE:
            raise NodeError(
                "value_too_long",
                f"The value of “{name}” has {len(text):,} characters; {MAX_VALUE} are kept.",
            )
        kept[name] = text
    return Done({"main": inputs["main"]}, writes=(KeepValues(kept),) if kept else ())
