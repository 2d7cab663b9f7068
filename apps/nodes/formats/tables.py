"""Rows of items as tables: which columns there are, and what stands in a cell as text."""

from collections.abc import Sequence
from html import escape

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.values.field_types import to_text

MAX_COLUMNS = 2_000
MAX_CELLS = 5_000_000


def columns_of(rows: Sequence[dict[str, Json]]) -> list[str]:
    """The names of all fields, in the order in which they first appear.

    Raises NodeError `too_many_columns`, `too_many_cells`.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) > MAX_COLUMNS:
        raise NodeError(
            "too_many_columns",
            f"The items have {len(names):,} different fields; a table has at most {MAX_COLUMNS:,} "
            "columns.",
        )
    if len(names) * len(rows) > MAX_CELLS:
        raise NodeError(
            "too_many_cells",
            f"{len(rows):,} rows of {len(names):,} columns are more than {MAX_CELLS:,} cells.",
        )
    return names


def cell_text(value: Json) -> str:
    """A cell as text: nothing for null, JSON for objects and arrays."""
    return "" if value is None else to_text(value)


def html_table(rows: Sequence[dict[str, Json]], *, header: bool, caption: str = "") -> str:
    """A table in HTML; every text is escaped."""
    columns = columns_of(rows)
    lines = ["<table>"]
    if caption:
        lines.append(f"<caption>{escape(caption)}</caption>")
    if header:
        lines.append(f"<thead>{_line('th', columns)}</thead>")
    lines.append("<tbody>")
    lines += [_line("td", [cell_text(row.get(name)) for name in columns]) for row in rows]
    return "\n".join([*lines, "</tbody>", "</table>"])


def _line(tag: str, texts: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts) + "</tr>"
