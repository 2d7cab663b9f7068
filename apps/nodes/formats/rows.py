"""Rows of sheets as objects: each named by the header, as ragged as they come."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.formats.unused_names import UnusedNames

MAX_ROWS = 250_000
MAX_COLUMNS = 2_000
MAX_CELLS = 5_000_000


def named_rows(lines: Iterable[Sequence[Json]], wanted: Mapping[str, Any]) -> list[Json]:
    """The lines as objects, without those in which nothing stands.

    `wanted` has `skip_rows`, `max_rows` (or None) and `header`. Without a header, and where it has
    no name, columns are `column_1` and on; a name that comes again gets a number. What a short row
    leaves out is null. Raises NodeError `too_many_rows`, `too_many_columns`, `too_many_cells`.
    """
    most = wanted["max_rows"]
    rows: list[Json] = []
    nothing: dict[str, Json] = {}
    names: list[str] | None = None if wanted["header"] else []
    given = UnusedNames(lambda name, number: f"{name}_{number}")
    cells = 0
    for line in _bounded(lines, wanted["skip_rows"]):
        if names is None:
            names = _names(line, given)
            nothing = dict.fromkeys(names)
            continue
        if most is not None and len(rows) >= most:
            break
        while len(names) < len(line):
            names.append(given.unused(f"column_{len(names) + 1}"))
        cells += len(names)  # which each row has, however short it is
        if len(rows) >= MAX_ROWS:
            raise NodeError("too_many_rows", f"The file has more than {MAX_ROWS:,} rows.")
        if cells > MAX_CELLS:
            raise NodeError("too_many_cells", f"The file has more than {MAX_CELLS:,} cells.")
        rows.append(nothing | dict(zip(names, line, strict=False)))
    return rows


def _bounded(lines: Iterable[Sequence[Json]], skipped: int) -> Iterator[Sequence[Json]]:
    for place, line in enumerate(lines):
        if len(line) > MAX_COLUMNS:
            raise NodeError(
                "too_many_columns", f"Row {place + 1} has more than {MAX_COLUMNS:,} columns."
            )
        if place >= skipped and any(cell not in (None, "") for cell in line):
            yield line


def _names(line: Sequence[Json], given: UnusedNames) -> list[str]:
    names: list[str] = []
    for place, cell in enumerate(line):
        name = "" if cell is None else str(cell).strip()
        names.append(given.unused(name or f"column_{place + 1}"))
    return names
