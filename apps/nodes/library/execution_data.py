"""Execution Data: keeps values with the run, by which it can be found."""

from collections.abc import Mapping

from pydantic import Field, field_validator

from apps.engine.items import Items
from apps.engine.outcomes import Done, Kind, Outcome
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.inner import KeepValues
from apps.nodes.params import ParamsModel, Scalar, scalar_text, sure_fault

MAX_NAME = 50
OWN = "flowforge."
MAX_VALUE = 512
MOST_VALUES = 20


class Params(ParamsModel):
    values: dict[str, Scalar] = Field(
        title="Values",
        description=f"At most {MOST_VALUES}, of {MAX_VALUE} characters each.",
        json_schema_extra={"x-widget": "key-values"},
    )

    @field_validator("values")
    @classmethod
    def _not_too_much(cls, values: dict[str, Scalar]) -> dict[str, Scalar]:
        if len(values) > MOST_VALUES:
            raise sure_fault(f"A step keeps at most {MOST_VALUES} values, not {len(values):,}.")
        for name, value in values.items():
            if not name.strip() or len(name) > MAX_NAME:
                raise sure_fault(f"“{name[:80]}” is no name of 1 to {MAX_NAME} characters.")
            if name.startswith(OWN):
                raise sure_fault(f"“{name}”: names that begin with “{OWN}” are FlowForge's own.")
            length = len(scalar_text(value))
            if length > MAX_VALUE:
                raise ValueError(
                    f"“{name}” has {length:,} characters; at most {MAX_VALUE} are kept."
                )
        return values


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
    kept = {name: scalar_text(value) for name, value in params.values.items()}
    return Done({"main": inputs["main"]}, writes=(KeepValues(kept),) if kept else ())
