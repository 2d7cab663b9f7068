"""Items written as files: tables, calendars, text.

openpyxl and icalendar are loaded when they are wanted: every process has this module, few need
their 10 MB.
"""

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.formats.tables import cell_text, columns_of
from apps.nodes.values.field_types import is_number

Rows = Sequence[dict[str, Json]]
MAX_SHEET_CELLS = 1_000_000
MAX_CELL = 32_767
EXACT = 2**53
NO_CELL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def encoded(text: str, encoding: str, *, mark: bool) -> bytes:
    """The text in an encoding, perhaps with a byte order mark. Raises NodeError `not_in_encoding`.

    Half of a character, which code can make, becomes a question mark.
    """
    mark = mark and encoding not in ("utf-16", "utf-32", "utf-8-sig")  # which write their own
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    try:
        return (("\ufeff" if mark else "") + whole).encode(encoding)
    except UnicodeEncodeError as error:
        letter = whole[error.start : error.start + 1]
        raise NodeError("not_in_encoding", f"“{letter}” cannot be written in {encoding}.") from None


def csv_text(rows: Rows, *, delimiter: str, header: bool, quote_all: bool, guard: bool) -> str:
    """A table as CSV. `guard` puts a quote before texts that a spreadsheet takes for a formula."""
    columns = columns_of(rows)
    written = io.StringIO(newline="")
    writer = csv.writer(
        written,
        delimiter=delimiter,
        lineterminator="\r\n",
        quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL,
    )
    if header and columns:
        writer.writerow([_guarded(name) if guard else name for name in columns])
    for row in rows:
        values = (row.get(name) for name in columns)
        writer.writerow(
            [_guarded(value) if guard and isinstance(value, str) else cell_text(value)
             for value in values]
        )  # fmt: skip
    return written.getvalue()


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_BEGINS) else text


def workbook(rows: Rows, *, sheet: str, header: bool) -> bytes:
    """A workbook with one sheet. Every text is text: none is a formula, whatever it begins with.

    Raises NodeError `too_many_cells`, `cell_too_long`.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font

    columns = columns_of(rows)
    if len(columns) * len(rows) > MAX_SHEET_CELLS:
        raise NodeError(
            "too_many_cells",
            f"{len(rows):,} rows of {len(columns):,} columns are more than "
            f"{MAX_SHEET_CELLS:,} cells, the most in a workbook.",
        )
    # All of it is checked before a sheet is begun, which does not like to be left half done.
    lines = [[_cell_value(row.get(name)) for name in columns] for row in rows]
    names = [_cell_value(name) for name in columns] if header else []
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    if names:
        heads = [_cell(page, name) for name in names]
        for head in heads:
            head.font = Font(bold=True)
        page.append(heads)
    for line in lines:
        page.append([_cell(page, value) for value in line])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cell_value(value: Json) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool) or (is_number(value) and abs(value) <= EXACT):
        plain: int | float | bool | None = value
        return plain
    text = NO_CELL.sub("\ufffd", cell_text(value))
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if len(text) > MAX_CELL:
        raise NodeError(
            "cell_too_long", f"A cell holds at most {MAX_CELL:,} characters, not {len(text):,}."
        )
    return text


def _cell(page: Any, value: str | float | None) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(page, value)
    if isinstance(value, str):
        cell.data_type = "s"  # it would be a formula if it began with “=”
    return cell


def calendar(events: Sequence[bytes]) -> bytes:
    """A calendar of events."""
    head = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//FlowForge//EN\r\n"
    return head + b"".join(events) + b"END:VCALENDAR\r\n"


def event(
    start: datetime, end: datetime, *, all_day: bool, made_at: datetime, texts: dict[str, str]
) -> bytes:
    """An event as it stands in a calendar. Times are written in UTC, so that no zone need be
    described; an event of whole days ends before the day of its end, but lasts one at least."""
    from icalendar import Event

    made = Event()
    made.add("dtstamp", made_at.astimezone(UTC))
    if all_day:
        made.add("dtstart", start.date())
        made.add("dtend", max(end.date(), start.date() + timedelta(days=1)))
    else:
        made.add("dtstart", start.astimezone(UTC))
        made.add("dtend", end.astimezone(UTC))
    for name, text in texts.items():
        if text:
            made.add(name, _NO_TEXT.sub("\ufffd", text.replace("\r\n", "\n")))
    return bytes(made.to_ical())
