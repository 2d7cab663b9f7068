"""Fields of an item's json by name or by path (`order.lines[0].price`), never changed in place."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from apps.engine.errors import NodeError
from apps.engine.items import Items, Json
from apps.engine.suggest import did_you_mean

Path = tuple[str | int, ...]
Include = Literal["all", "none", "selected", "except"]
"""Which fields of an item stay."""

MAX_INDEX = 10_000
_PART = re.compile(r"\[(\d{1,9})\]|\[(['\"])(.*?)\2\]|([^.\[\]]+)|(\.)|(.)", re.DOTALL)
_MISSING = object()


@lru_cache(maxsize=4096)
def parse_path(name: str, dot_notation: bool) -> Path:
    """The steps of a field's name; one step where dots are just dots."""
    if not dot_notation:
        return (name,)
    steps: list[str | int] = []
    for match in _PART.finditer(name):
        index, _, quoted, plain, _, odd = match.groups()
        if odd:
            return (name,)
        if index is not None:
            steps.append(int(index))
        elif quoted is not None or plain is not None:
            steps.append(quoted if quoted is not None else plain)
    return tuple(steps) or (name,)


def has_field(json: Json, path: Path) -> bool:
    return _get(json, path) is not _MISSING


def get_field(json: Json, path: Path) -> Json:
    """The value at a path; None where there is none."""
    value = _get(json, path)
    return None if value is _MISSING else value


def _get(value: Json, path: Path) -> object:
    for step in _present(value, path):
        if isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        elif isinstance(value, list) and (place := _place(step)) is not None and place < len(value):
            value = value[place]
        else:
            return _MISSING
    return value


def _place(step: str | int) -> int | None:
    """The place in a list that a step means: `lines.0` is `lines[0]`."""
    if isinstance(step, int):
        return step
    return int(step) if step.isascii() and step.isdecimal() and len(step) < 10 else None


def with_field(json: dict[str, Json], path: Path, value: Json) -> dict[str, Json]:
    """A copy in which the path leads to the value; only what lies on the path is copied."""
    path = _present(json, path)
    copy = dict(json)
    target: Json = copy
    for step, following in pairwise(path):
        inner = get_field(target, (step,))
        if isinstance(inner, dict | list):
            inner = inner.copy()
        else:
            inner = [] if isinstance(following, int) else {}
        _put(target, step, inner)
        target = inner
    _put(target, path[-1], value)
    return copy


def with_result(
    json: dict[str, Json], name: str, value: Json, *, others: bool = True
) -> dict[str, Json]:
    """A node's result at a path: beside the other fields, or alone."""
    return with_field(json if others else {}, parse_path(name, True), value)


def without_field(json: dict[str, Json], path: Path) -> dict[str, Json]:
    """A copy in which the path leads nowhere."""
    path = _present(json, path)
    if not has_field(json, path):
        return json
    if len(path) == 1:
        return {name: value for name, value in json.items() if name != str(path[0])}
    parent = get_field(json, path[:-1])
    if isinstance(parent, list):
        gone = _place(path[-1])
        left: Json = [value for place, value in enumerate(parent) if place != gone]
    else:
        left = {name: value for name, value in parent.items() if name != str(path[-1])}
    return with_field(json, path[:-1], left)


def renamed_field(json: dict[str, Json], old: Path, new: Path) -> dict[str, Json]:
    """A copy in which a field has another name or place; beside its old one it keeps its place."""
    old = _present(json, old)
    if old == new or not has_field(json, old):
        return json
    value = get_field(json, old)
    parent = get_field(json, old[:-1])
    if old[:-1] != new[:-1] or not isinstance(parent, dict):
        return with_field(without_field(json, old), new, value)
    was, name = str(old[-1]), str(new[-1])
    members = {
        name if each == was else each: member for each, member in parent.items() if each != name
    }
    return with_field(json, old[:-1], members) if len(old) > 1 else members


def picked(json: dict[str, Json], paths: Sequence[Path]) -> dict[str, Json]:
    """Only what the paths lead to."""
    kept: dict[str, Json] = {}
    for path in paths:
        if has_field(json, path):
            kept = with_field(kept, path, get_field(json, path))
    return kept


def require_somewhere(items: Items, path: Path, name: str) -> None:
    """Stop where no item at all has a field: its name is likely mistyped."""
    if items and not any(has_field(item.json, path) for item in items):
        known = [key for item in items[:1] for key in item.json]
        raise NodeError(
            "field_not_found", f"No item has a field “{name[:80]}”.{did_you_mean(name, known)}"
        )


def included(json: dict[str, Json], include: Include, paths: Sequence[Path]) -> dict[str, Json]:
    """The fields that stay: all, none, those of the paths, or all but those."""
    if include == "all":
        return json
    if include == "none":
        return {}
    if include == "selected":
        return picked(json, paths)
    for path in paths:
        json = without_field(json, path)
    return json


def _present(json: Json, path: Path) -> Path:
    """The path, or the whole name as one step where a field bears it, dots and all."""
    if len(path) > 1 and type(json) is dict and (name := _whole_name(path)) in json:
        return (name,)
    return path


@lru_cache(maxsize=4096)
def _whole_name(path: Path) -> str:
    return ".".join(map(str, path))


def _put(target: Json, step: str | int, value: Json) -> None:
    if isinstance(target, dict):
        target[str(step)] = value
    elif (place := _place(step)) is not None and place < MAX_INDEX:
        target.extend([None] * (place + 1 - len(target)))
        target[place] = value
    else:
        raise NodeError("invalid_path", f"A list has no place “{str(step)[:80]}”.")
