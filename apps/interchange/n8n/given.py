"""The parameters of a node of n8n: what came from outside, so that anything may stand anywhere."""

import math
from collections.abc import Iterator, Mapping

from apps.engine.faults import shown
from apps.engine.items import Json


class UnsupportedError(Exception):
    """A node does what no node type of ours does. The message says what that is."""


def is_expression(value: Json) -> bool:
    return isinstance(value, str) and value.startswith("=")


class Given:
    """An object of parameters. Each method reads one member; what is no such thing is not there."""

    def __init__(self, members: Json) -> None:
        self.members: Mapping[str, Json] = members if isinstance(members, dict) else {}

    def __contains__(self, key: str) -> bool:
        return key in self.members

    def value(self, key: str, default: Json = None) -> Json:
        return self.members.get(key, default)

    def text(self, key: str, default: str = "") -> str:
        """Text or a template; numbers as text. Of n8n's pickers (`{mode, value}`) the value."""
        value = self.members.get(key)
        if isinstance(value, dict):
            value = value.get("value")
        if isinstance(value, bool) or value is None:
            return default
        return str(value) if isinstance(value, str | int | float) else default

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.members.get(key, default)
        return value if isinstance(value, bool) else default

    def number(self, key: str, default: float) -> float | str:
        """A number, or a template that gives one."""
        value = self.members.get(key, default)
        if isinstance(value, str) and is_expression(value):
            return value
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            return default
        if isinstance(value, int):
            return value
        if not math.isfinite(value):
            return default
        return int(value) if value.is_integer() else value

    def plain_number(self, key: str, default: float, low: float, high: float) -> float:
        """A number within bounds, where no template may stand."""
        value = self.number(key, default)
        return default if isinstance(value, str) else min(max(value, low), high)

    def choice(self, key: str, known: Mapping[str, str], default: str) -> str:
        """Our word for one of n8n's. Raises UnsupportedError for one that has none."""
        value = self.members.get(key, default)
        if isinstance(value, str) and value in known:
            return known[value]
        if is_expression(value):
            raise UnsupportedError(f"“{key}” is an expression, which cannot be chosen here.")
        raise UnsupportedError(f"{shown(value)} of “{key}” has no counterpart.")

    def inner(self, *keys: str) -> "Given":
        """The object inside, through all of these names."""
        inner: Json = dict(self.members)
        for key in keys:
            inner = inner.get(key) if isinstance(inner, dict) else None
        return Given(inner)

    def rows(self, *keys: str) -> "list[Given]":
        """The objects of the list inside; a single object counts as a list of one."""
        value = self.inner(*keys[:-1]).value(keys[-1])
        listed = value if isinstance(value, list) else [value]
        return [Given(row) for row in listed if isinstance(row, dict)]

    def names(self, key: str) -> list[str]:
        """A list of texts, or one text with commas in it."""
        value = self.members.get(key)
        if isinstance(value, str):
            if is_expression(value):
                raise UnsupportedError(f"“{key}” is an expression, and must be names here.")
            value = [part.strip() for part in value.split(",")]
        if not isinstance(value, list):
            return []
        return [name for name in value if isinstance(name, str) and name]

    def pairs(self, *keys: str, name: str = "name", value: str = "value") -> dict[str, Json]:
        """Rows of a name and a value as one object. Names that are expressions are left out."""
        return {
            row.text(name): row.value(value, "")
            for row in self.rows(*keys)
            if row.text(name) and not is_expression(row.text(name))
        }


def texts_in(value: Json) -> Iterator[str]:
    """Every text inside, however deep; nothing is recursive."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
