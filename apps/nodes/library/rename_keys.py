"""Rename Keys: gives fields other names."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from apps.engine.items import Items, Json, Outputs
from apps.nodes.conditions.regex import replaced
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel
from apps.nodes.values.fields import Path, has_field, parse_path, renamed_field


class Renaming(ParamsModel):
    old: str = Field(title="Name now", min_length=1, max_length=500)
    new: str = Field(title="New name", min_length=1, max_length=500)


class Pattern(ParamsModel):
    pattern: str = Field(title="Regular expression", min_length=1, max_length=2_000)
    replacement: str = Field(
        "", title="Replacement", description="$1 is the first group.", max_length=2_000
    )
    ignore_case: bool = Field(False, title="Ignore case")
    depth: int = Field(
        -1, title="Levels", description="0: only the fields themselves; -1: all levels.", ge=-1
    )


class Params(ParamsModel):
    keys: list[Renaming] = Field(default_factory=list, title="Names", max_length=1_000)
    patterns: list[Pattern] = Field(default_factory=list, title="By patterns", max_length=20)
    dot_notation: bool = Field(True, title="Dots in names lead into objects")


@node(
    type="rename_keys",
    label="Rename Keys",
    group="transformations",
    icon="text-cursor-input",
    each="step",
    examples=[
        Example(
            title="Two names",
            params={
                "keys": [{"old": "e-mail", "new": "email"}, {"old": "user.nm", "new": "user.name"}]
            },
            takes=[{"e-mail": "a@b.test", "user": {"nm": "Ada"}}, {"id": 2}],
            gives=[{"email": "a@b.test", "user": {"name": "Ada"}}, {"id": 2}],
        ),
        Example(
            title="By a pattern, on all levels",
            params={"patterns": [{"pattern": "^old_(.+)$", "replacement": "$1"}]},
            takes=[{"old_id": 1, "lines": [{"old_sku": "a"}]}],
            gives=[{"id": 1, "lines": [{"sku": "a"}]}],
        ),
    ],
)
def rename_keys(inputs: Mapping[str, Items], params: Params, ctx: StepContext) -> Outputs:
    """Gives fields other names, one by one or by regular expressions.

    A field that is not there is passed over. All names change at once, so that two fields may
    change places. Another field that bore the new name already is replaced; the log tells of it.
    """
    dots = params.dot_notation
    jsons = [item.json for item in inputs["main"]]
    pairs = [(parse_path(each.old, dots), parse_path(each.new, dots)) for each in params.keys]
    for old, new in _in_order(pairs):
        count = sum(has_field(json, old) and has_field(json, new) for json in jsons)
        if count:
            told = f"“{_told(old)}” took the place of another field “{_told(new)}”"
            ctx.log("warn", f"{told} in {count:,} item{'s' if count > 1 else ''}.")
        jsons = [renamed_field(json, old, new) for json in jsons]
    for pattern in params.patterns:
        jsons = _by_pattern(jsons, pattern, ctx)
    items = [item.with_json(json) for item, json in zip(inputs["main"], jsons, strict=True)]
    return {"main": items}


def _in_order(pairs: Sequence[tuple[Path, Path]]) -> Iterator[tuple[Path, Path]]:
    """Renamings that one after the other do what all at once would: a name is free before it is
    given. Where they go round in a circle, a field waits under a name that nobody writes."""
    left = [(old, new) for old, new in pairs if old != new]
    while left:
        olds = {old for old, _ in left}
        place = next((place for place, (_, new) in enumerate(left) if new not in olds), None)
        if place is not None:
            yield left.pop(place)
        else:
            old, new = left.pop(0)
            aside: Path = (f"{_told(old)}\u2060",)
            yield old, aside
            left.append((aside, new))


def _told(path: Path) -> str:
    return ".".join(map(str, path))[:80]


def _by_pattern(
    jsons: list[dict[str, Json]], by: Pattern, ctx: StepContext
) -> list[dict[str, Json]]:
    names = {name for json in jsons for name in _names(json, by.depth)}
    new_names = replaced(ctx, by.pattern, by.replacement, sorted(names), ignore_case=by.ignore_case)
    return [_renamed(json, new_names, by.depth) for json in jsons]


def _names(value: Json, depth: int) -> Iterator[str]:
    """The names of all fields; `depth` counts the levels of objects that are left."""
    if isinstance(value, dict):
        yield from value
        if depth != 0:
            for member in value.values():
                yield from _names(member, depth - 1)
    elif isinstance(value, list):
        for member in value:
            yield from _names(member, depth)


def _renamed(value: Json, names: Mapping[str, str], depth: int) -> Json:
    if isinstance(value, dict):
        if depth == 0:
            return {names[name]: member for name, member in value.items()}
        return {names[name]: _renamed(each, names, depth - 1) for name, each in value.items()}
    return [_renamed(each, names, depth) for each in value] if isinstance(value, list) else value
