"""Transform: makes new items of the items, with JavaScript or a JSON mapping."""

from typing import Any, Literal

from pydantic import Field

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json, Paired, files_of
from apps.engine.outcomes import Done
from apps.expressions.values import UNDEFINED
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel, when
from apps.nodes.steps import ItemResults
from apps.nodes.values.field_types import describe


class Params(ParamsModel):
    language: Literal["javascript", "json"] = Field("javascript", title="Language")
    mode: Literal["all", "each"] = Field(
        "all", title="Run", description="Once for all items, or once for each item."
    )
    code: str = Field(
        "return items;",
        title="Code",
        max_length=200_000,
        description="What it returns goes on: an object, or a list of them. `items` are those that "
        "came, each with its `json`; run for each item, `$json` is what that one says.",
        json_schema_extra={"x-code": "javascript", "x-widget": "code"}
        | when(language="javascript"),
    )
    mapping: Any = Field(
        default_factory=dict,
        title="Mapping",
        json_schema_extra={"x-widget": "json"} | when(language="json"),
    )


@node(
    type="transform",
    label="Transform",
    group="transformations",
    icon="code",
    keywords=("code", "function", "javascript", "script", "map"),
    each="items",
    examples=[
        Example(
            title="One item of all",
            params={"code": "return { total: items.reduce((sum, i) => sum + i.json.price, 0) };"},
            takes=[{"price": 2}, {"price": 3}],
            gives=[{"total": 5}],
        ),
        Example(
            title="Each item by itself; null drops it",
            params={
                "mode": "each",
                "code": "return $json.price > 2 ? { price: $json.price * 2 } : null;",
            },
            takes=[{"price": 2}, {"price": 3}],
            gives=[{"price": 6}],
        ),
        Example(
            title="A JSON mapping",
            params={
                "language": "json",
                "mode": "each",
                "mapping": {"who": "={{ $json.name }}", "from": "form"},
            },
            takes=[{"name": "Ada"}],
            gives=[{"who": "Ada", "from": "form"}],
        ),
    ],
)
def transform(items: Items, params: list[Params], ctx: StepContext) -> Items | Done:
    """Makes new items of the items, with JavaScript or a JSON mapping.

    Mode `all` sees `items` and `$input` and gives a list of objects or items, or one. Mode `each`
    sees `$json` and `$input.item` and gives an object or item, or null, which drops the item. An
    object without `json` is taken as the json.

    The code computes and reaches nothing: no `require`, `Buffer`, `URL`, `crypto`, `fetch`, no
    timers. `console` writes to the step's log.
    """
    if not params:
        return []
    first = params[0]
    if first.mode == "all":
        made = first.mapping
        if first.language == "javascript":
            made = ctx.run_code(first.code, items, "all")
        listed = made if isinstance(made, list) else [made]
        return [_item(each, f"Element {place}") for place, each in enumerate(listed) if _is(each)]
    if first.language == "javascript":
        values = ctx.run_code(first.code, items, "each")
    else:
        values = [each.mapping for each in params]
    given = ItemResults(ctx, ("main",))
    for item, value in zip(items, values, strict=True):
        try:
            if isinstance(value, NodeError):
                raise value
            made = [_item(value, "The result", item)] if _is(value) else []
        except NodeError as error:
            given.fail(item, error)
        else:
            given.add(item, made)
    return given.done()


def _is(value: Any) -> bool:
    return value is not None and value is not UNDEFINED


def _item(value: Json, where: str, source: Item | None = None) -> Item:
    """An item of what the code gave: itself in item form, or as the json of one."""
    if not isinstance(value, dict):
        raise NodeError("no_object", f"{where} must be an object, but it is {describe(value)}.")
    if "json" not in value:
        return Item(value, paired=source.paired if source else None)
    if not isinstance(value["json"], dict):
        raise NodeError(
            "no_object",
            f"{where}: its json must be an object, but it is {describe(value['json'])}.",
        )
    paired = source.paired if source else _paired(value.get("pairedItem"))
    return Item(value["json"], files_of(value.get("binary")), paired)


def _paired(written: Json) -> tuple[Paired, ...] | None:
    """Where code says that an item came from; what says nothing sensible counts as nothing."""
    entries = written if isinstance(written, list) else [written]
    pairs = []
    for entry in entries:
        place = entry.get("item") if isinstance(entry, dict) else entry
        if isinstance(place, bool) or not isinstance(place, int) or place < 0:
            return None
        pairs.append(Paired(place))
    return tuple(pairs)
