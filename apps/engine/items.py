"""Items: what flows along edges. `{"json": …, "binary"?: …, "pairedItem"?: …}` when written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.engine.errors import FlowForgeError

Json = Any
"""A JSON value: None, bool, int, float, str, list of Json, dict of str to Json."""


@dataclass(frozen=True, slots=True)
class Paired:
    """The item of this step's own input that an output item came from (`input` by position)."""

    item: int
    input: int = 0

    def as_json(self) -> dict[str, int]:
        return {"item": self.item, "input": self.input} if self.input else {"item": self.item}


@dataclass(frozen=True, slots=True)
class Item:
    """One record between nodes.

    `paired` None means that nothing is known of where it came from: the engine fills it in where
    that is unambiguous. An empty tuple says: from no item.
    """

    json: dict[str, Json]
    binary: dict[str, Json] | None = None
    paired: tuple[Paired, ...] | None = None

    def with_json(self, json: dict[str, Json]) -> "Item":
        """The same item (binary data and lineage kept) with another json."""
        return Item(json, self.binary, self.paired)

    def with_error(self, error: FlowForgeError) -> "Item":
        """The same item as it goes on behind a step that failed for it."""
        return self.with_json({**self.json, "error": error.told()})

    def as_json(self) -> dict[str, Json]:
        """The form in which an item is stored, sent and shown."""
        written: dict[str, Json] = {"json": self.json}
        if self.binary:
            written["binary"] = self.binary
        if self.paired is not None:
            pairs = [pair.as_json() for pair in self.paired]
            written["pairedItem"] = pairs[0] if len(pairs) == 1 else pairs
        return written

    @classmethod
    def from_json(cls, written: Mapping[str, Json]) -> "Item":
        """Read the stored form again; `pairedItem` may be a number, an object or a list.

        What cannot be a reference to a file is left out of `binary`.
        """
        json = written.get("json")
        if not isinstance(json, dict):
            raise ValueError("an item's json must be an object")
        return cls(json, files_of(written.get("binary")), _paired(written.get("pairedItem")))


def files_of(written: Json) -> dict[str, Json] | None:
    """The references to files in what may be anything; what is none is left out."""
    if not isinstance(written, dict):
        return None
    return {name: file for name, file in written.items() if isinstance(file, dict)}


def _paired(written: Json) -> tuple[Paired, ...] | None:
    if written is None:
        return None
    if isinstance(written, list):
        return tuple(_pair(entry) for entry in written)
    return (_pair(written),)


def _pair(entry: Json) -> Paired:
    if isinstance(entry, int):
        return Paired(entry)
    return Paired(entry["item"], entry.get("input") or 0)


Items = list[Item]


def paired_items(items: Items, start: int = 0, input: int = 0) -> Items:
    """The items, each naming its own place in the step's input: what passes on stays traceable."""
    return [
        Item(item.json, item.binary, (Paired(place, input),))
        for place, item in enumerate(items, start)
    ]


def paired_with_all(items: Iterable[Item]) -> tuple[Paired, ...]:
    """The lineage of one item that is made of all of these."""
    return tuple(pair for item in items for pair in item.paired or ())


Outputs = dict[str, Items]
"""What a step gives: the items of each named output."""


def write_outputs(outputs: Mapping[str, Iterable[Item]]) -> dict[str, list[dict[str, Json]]]:
    return {name: [item.as_json() for item in items] for name, items in outputs.items()}


def read_outputs(written: Mapping[str, Iterable[Mapping[str, Json]]]) -> Outputs:
    return {name: [Item.from_json(item) for item in items] for name, items in written.items()}
