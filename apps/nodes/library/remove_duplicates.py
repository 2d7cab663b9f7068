"""Remove Duplicates: of items that are the same, keeps the first; also against earlier runs."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Literal

from pydantic import Field, model_validator

from apps.engine.items import Items, Outputs
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.comparing import key_text
from apps.nodes.values.fields import included, parse_path

_COMPARES = ("input", "earlier_runs")


class Params(ParamsModel):
    operation: Literal["input", "earlier_runs", "forget"] = Field(
        "input",
        title="Remove what was seen",
        description="In this input; in this and earlier runs; or forget what earlier runs saw.",
    )
    compare: Literal["all", "selected", "except"] = Field(
        "all", title="Compare", json_schema_extra=when(operation=_COMPARES)
    )
    fields: list[str] = Field(
        default_factory=list,
        title="Fields",
        description="To compare, or not to.",
        max_length=1_000,
        json_schema_extra=when(operation=_COMPARES, compare=("selected", "except")),
    )
    fuzzy: bool = Field(False, title="Compare as text", json_schema_extra=when(operation=_COMPARES))
    dot_notation: bool = Field(
        True,
        title="Dots in names lead into objects",
        json_schema_extra=when(operation=_COMPARES, compare=("selected", "except")),
    )
    scope: str = Field(
        "",
        title="Remember under",
        description="Nodes of the workflow that give the same name here share what they have seen.",
        max_length=64,
        json_schema_extra=when(operation=("earlier_runs", "forget")),
    )
    history: int = Field(
        10_000,
        title="Remember at most",
        ge=1,
        le=1_000_000,
        json_schema_extra=when(operation="earlier_runs"),
    )

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
    keywords=("unique", "distinct", "dedupe"),
    kind=Kind.INNER,
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
        Example(
            title="Only orders that no earlier run has seen",
            params={"operation": "earlier_runs", "compare": "selected", "fields": ["id"]},
            takes=[{"id": 7}, {"id": 8}, {"id": 7}],
            gives=[{"id": 7}, {"id": 8}],
        ),
    ],
)
def remove_duplicates(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outputs:
    """Keeps the first of items that are the same, in all of their fields or in some.

    The number 1 is not the text "1", unless they are compared as text. A field that is not there
    is the same as one that is not there in another item. Against earlier runs, what a run took
    counts as seen unless that run ended before this step had; of each node the newest are
    remembered, up to the number given.
    """
    items = inputs["main"]
    scope = f"name:{params.scope}" if params.scope else f"node:{ctx.call.node.id}"
    if params.operation == "forget":
        ctx.log("info", f"Forgot {ctx.memory.forget(ctx.run, scope)} keys.")
        return {"main": items}
    keys = _keys(items, params)
    if params.operation == "earlier_runs":
        step = (ctx.call.node.id, ctx.call.iteration)
        is_new = ctx.memory.take_new(ctx.run, step, scope, list(keys), params.history)
        return {"main": [item for item, new in zip(items, is_new, strict=True) if new]}
    seen: set[bytes] = set()
    kept: Items = []
    for item, key in zip(items, keys, strict=True):
        digest = blake2b(key.encode(errors="surrogatepass"), digest_size=16).digest()
        if digest not in seen:
            seen.add(digest)
            kept.append(item)
    return {"main": kept}


def _keys(items: Items, params: Params) -> Iterator[str]:
    """For each item a text that is the same for those that count as the same."""
    paths = [parse_path(name, params.dot_notation) for name in params.fields]
    for item in items:
        yield key_text(included(item.json, params.compare, paths), fuzzy=params.fuzzy)
