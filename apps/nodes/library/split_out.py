"""Split Out: makes an item of each element of a list."""

from collections.abc import Iterator, Sequence

from pydantic import Field, model_validator

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json
from apps.nodes.bounds import check_count
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.fields import (
    Include,
    get_field,
    has_field,
    included,
    parse_path,
    require_somewhere,
    without_field,
)

FILES = "$binary"


class Params(ParamsModel):
    split: list[str] = Field(
        title="Fields to split out",
        description=f"Several are split side by side. {FILES} gives an item for each file.",
        min_length=1,
        max_length=50,
    )
    names: list[str] = Field(
        default_factory=list,
        title="Names in the result",
        description="By default those of the fields.",
        max_length=50,
    )
    include: Include = Field("none", title="Other fields")
    fields: list[str] = Field(
        default_factory=list,
        title="Which other fields",
        max_length=1_000,
        json_schema_extra=when(include=("selected", "except")),
    )
    dot_notation: bool = Field(True, title="Dots in names lead into objects")
    keep_binary: bool = Field(False, title="Each item gets the files")
    allow_missing: bool = Field(False, title="Go on where no item has a field")

    @model_validator(mode="after")
    def _files_stay_files(self) -> "Params":
        for field, name in zip(self.split, self.names, strict=False):
            if name == FILES != field:
                raise ValueError(f"names: “{FILES}” is the name of files alone.")
        return self


@node(
    type="split_out",
    label="Split Out",
    group="transformations",
    icon="list-tree",
    keywords=("explode", "list to items"),
    each="results",
    examples=[
        Example(
            title="Objects become items",
            params={"split": ["lines"]},
            takes=[{"order": 1, "lines": [{"sku": "a"}, {"sku": "b"}]}, {"order": 2, "lines": []}],
            gives=[{"sku": "a"}, {"sku": "b"}],
        ),
        Example(
            title="Values, with the other fields",
            params={"split": ["tags"], "names": ["tag"], "include": "all"},
            takes=[{"id": 1, "tags": ["x", "y"]}],
            gives=[{"id": 1, "tag": "x"}, {"id": 1, "tag": "y"}],
        ),
        Example(
            title="Two lists side by side",
            params={"split": ["names", "ages"]},
            takes=[{"names": ["Ada", "Grace"], "ages": [36]}],
            gives=[{"names": "Ada", "ages": 36}, {"names": "Grace"}],
        ),
    ],
)
def split_out(
    items: Items, params: Sequence[Params], ctx: StepContext
) -> Iterator[Items | NodeError]:
    """Makes an item of each element of a list in a field, or of each value of an object.

    Where a single field is split, nothing else is kept and no name is given, objects become the
    items themselves. Any other value counts as a list of one; an item without the field, or with
    an empty list, gives nothing. Where no item at all has a field, its name is likely mistyped, and
    the step fails. Names in the result are taken as they are, dots and all.
    """
    _require_fields(items, params)
    for item, of_item in zip(items, params, strict=True):
        try:
            yield _split(item, of_item)
        except NodeError as error:
            yield error


def _require_fields(items: Items, params: Sequence[Params]) -> None:
    """Stop where a field is found in none of the items that are to be split by it."""
    found: set[tuple[str, bool]] = set()
    missing: dict[tuple[str, bool], Item] = {}
    for item, of_item in zip(items, params, strict=True):
        for name in of_item.split if not of_item.allow_missing else ():
            key = (name, of_item.dot_notation)
            if key in found or name == FILES:
                continue
            if has_field(item.json, parse_path(*key)):
                found.add(key)
                missing.pop(key, None)
            else:
                missing.setdefault(key, item)
    for key, item in missing.items():
        require_somewhere([item], parse_path(*key), key[0])


def _split(item: Item, params: Params) -> Items:
    columns = [_elements(item, name, params.dot_notation) for name in params.split]
    length = max(map(len, columns))
    check_count(length, "Splitting out")
    names = _names(params)
    rest = _rest(item, params)
    given: Items = []
    for place in range(length):
        row = {
            name: column[place]
            for name, column in zip(names, columns, strict=False)
            if place < len(column)
        }
        given.append(_made(item, row, rest, params))
    return given


def _names(params: Params) -> list[str]:
    names = [*params.names, *params.split[len(params.names) :]]
    return [
        FILES if field == FILES else name for field, name in zip(params.split, names, strict=False)
    ]


def _elements(item: Item, name: str, dots: bool) -> list[Json]:
    if name == FILES:
        return [{file: content} for file, content in (item.binary or {}).items()]
    path = parse_path(name, dots)
    value = get_field(item.json, path)
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list):
        return value
    return [value] if has_field(item.json, path) else []


def _rest(item: Item, params: Params) -> dict[str, Json]:
    """What each of the new items gets of the old one."""
    dots = params.dot_notation
    rest = included(item.json, params.include, [parse_path(name, dots) for name in params.fields])
    if params.include != "selected":
        for name in params.split:
            rest = without_field(rest, parse_path(name, dots))
    return rest


def _made(item: Item, row: dict[str, Json], rest: dict[str, Json], params: Params) -> Item:
    files = row.pop(FILES, None)
    binary = item.binary if params.keep_binary and files is None else files
    if params.include == "none" and len(params.split) == 1 and not params.names:
        for element in row.values():
            if isinstance(element, dict):
                return Item(element, binary, item.paired)
    return Item({**rest, **row}, binary, item.paired)
