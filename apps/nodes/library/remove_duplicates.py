"""Remove Duplicates: of items that are the same, keeps the first."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Literal

from pydantic import Field, model_validator

from apps.engine.items import Items, Json, Outputs
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.fields import included, parse_path
from apps.nodes.params import ParamsModel
from apps.nodes.sameness import identity


class Params(ParamsModel):
    operation: Literal["input"] = Field("input", title="Remove what was seen")
    compare: Literal["all", "selected", "except"] = Field("all", title="Compare")
    fields: list[str] = Field(
        default_factory=list, title="Fields", description="To compare, or not to.", max_length=1_000
    )
    fuzzy: bool = Field(False, title="Compare as text")
    dot_notation: bool = Field(True, title="Dots in names lead into objects")

    @model_validator(mode="after")
    def _complete(self) -> "Params":
        if self.compare != "all" and not self.fields:
            raise ValueError("fields: at least one field is needed.")
        return self


@node(
    type="remove_duplicates",
    label="Remove Duplicates",
    group="transformations",
    icon="copy-minus",
    each="step",
    examples=[
        Example(
            title="Items that are the same in all fields",
            takes=[{"id": 1, "a": 1}, {"a": 1, "id": 1}, {"id": "1", "a": 1}],
            gives=[{"id": 1, "a": 1}, {"id": "1", "a": 1}],
        ),
        Example(
            title="One for each customer",
            params={"compare": "selected", "fields": ["customer.id"]},
            takes=[
                {"customer": {"id": 7}, "order": 1},
                {"customer": {"id": 9}, "order": 2},
                {"customer": {"id": 7}, "order": 3},
            ],
            gives=[{"customer": {"id": 7}, "order": 1}, {"customer": {"id": 9}, "order": 2}],
        ),
    ],
)
def remove_duplicates(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outputs:
    """Keeps the first of items that are the same, in all of their fields or in some.

    The number 1 is not the text "1", unless they are compared as text. A field that is not there
    is the same as one that is not there in another item.
    """
    seen: set[Hashable] = set()
    kept: Items = []
    for item, key in zip(inputs["main"], _keys(inputs["main"], params), strict=True):
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return {"main": kept}


def _keys(items: Items, params: Params) -> Iterable[Hashable]:
    paths = [parse_path(name, params.dot_notation) for name in params.fields]
    for item in items:
        compared = included(item.json, params.compare, paths)
        yield _identity(compared, params.fuzzy)


def _identity(json: dict[str, Json], fuzzy: bool) -> Hashable:
    if not fuzzy:
        return identity(json)
    return frozenset((name, identity(value, fuzzy=True)) for name, value in json.items())
