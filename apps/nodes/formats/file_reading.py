"""Values read from files. Runs in a process of its own (confined.py): formats load when asked for.

Each reader takes the node's params, as JSON, and the file's content.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from apps.engine.encoding import NotJsonError, read_json
from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.formats.rows import MAX_COLUMNS, MAX_ROWS, named_rows
from apps.nodes.formats.text_files import decode

MAX_UNPACKED = 300 * 1024 * 1024
MAX_FIELD = 10_000_000
MAX_PAGES = 5_000
Wanted = Mapping[str, Any]


def read_file(wanted: Wanted, content: bytes) -> Json:
    """What the file says: rows, or one value. Raises NodeError."""
    return READERS[wanted["format"]](wanted, content)


def _json(wanted: Wanted, content: bytes) -> Json:
    try:
        return read_json(decode(content, wanted["encoding"]).encode())
    except NotJsonError as error:
        raise NodeError("not_json", f"The file is no JSON: {error.message}") from None


def _text(wanted: Wanted, content: bytes) -> Json:
    return decode(content, wanted["encoding"])


def _csv(wanted: Wanted, content: bytes) -> Json:
    text = decode(content, wanted["encoding"])
    delimiter = wanted["delimiter"] or _delimiter(text)
    csv.field_size_limit(MAX_FIELD)
    lines = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=wanted["quote"] or None,
        quoting=csv.QUOTE_MINIMAL if wanted["quote"] else csv.QUOTE_NONE,
    )
    try:
        return named_rows(lines, wanted)
    except csv.Error as error:
        raise NodeError(
            "invalid_csv", f"Line {lines.line_num:,} cannot be read: {error}."
        ) from None


def _delimiter(text: str) -> str:
    """The most frequent of the usual ones in the first line."""
    first = text.partition("\n")[0][:10_000]
    return max(",;\t|", key=first.count)


def _xlsx(wanted: Wanted, content: bytes) -> Json:
    _check_archive(content)
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise NodeError(
            "invalid_xlsx", f"The file is no XLSX workbook ({type(error).__name__})."
        ) from None
    name = wanted["sheet"]
    if name and name not in book.sheetnames:
        there = ", ".join(f"“{each[:40]}”" for each in book.sheetnames[:20])
        raise NodeError("no_sheet", f"There is no sheet “{name[:40]}”; there is {there}.")
    sheet: Any = book[name] if name else book.worksheets[0]
    sheet.reset_dimensions()
    return named_rows(_cells(sheet, wanted["range"]), wanted)


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise NodeError("invalid_xlsx", "The file is no XLSX workbook.") from None
    if unpacked > MAX_UNPACKED:
        raise NodeError(
            "too_large", f"The workbook unpacks to {unpacked:,} bytes; at most {MAX_UNPACKED:,}."
        )


def _cells(sheet: Any, range: str) -> Iterator[Sequence[Json]]:
    from openpyxl.utils.cell import range_boundaries

    bounds: tuple[int | None, ...] = (None, None, None, None)
    if range:
        try:
            bounds = range_boundaries(range.replace("$", ""))
        except (ValueError, TypeError):
            raise NodeError("invalid_range", f"“{range[:40]}” is no range as A1:D20.") from None
    left, top, right, bottom = bounds
    rows = sheet.iter_rows(
        min_row=top, max_row=bottom, min_col=left, max_col=right, values_only=True
    )
    for place, row in enumerate(rows):
        if place > 4 * MAX_ROWS:
            raise NodeError("too_many_rows", f"The sheet has more than {4 * MAX_ROWS:,} lines.")
        yield _without_tail([_cell(value) for value in row[: MAX_COLUMNS + 1]])


def _without_tail(line: list[Json]) -> list[Json]:
    while line and line[-1] is None:
        line.pop()
    return line


def _cell(value: Any) -> Json:
    if isinstance(value, datetime):
        # Excel counts days in floats: what it shows as 12:00:00 may be some microseconds off.
        rounded = value + timedelta(microseconds=500)
        return rounded.isoformat(timespec="milliseconds").removesuffix(".000")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _html(wanted: Wanted, content: bytes) -> Json:
    from selectolax.lexbor import LexborHTMLParser

    from apps.nodes.formats.pages import text_of

    page = LexborHTMLParser(decode(content, wanted["encoding"]))
    tables = page.css("table")
    number = wanted["table"]
    if number > len(tables):
        raise NodeError("no_table", f"The page has {len(tables):,} tables, but no number {number}.")
    table = tables[number - 1]
    inner = {row.mem_id for each in table.css("table table") for row in each.css("tr")}
    lines = (
        [text_of(cell) for cell in row.iter() if cell.tag in ("td", "th")]
        for row in table.css("tr")
        if row.mem_id not in inner
    )
    return named_rows(lines, wanted)


def _ics(wanted: Wanted, content: bytes) -> Json:
    from icalendar import Calendar

    text = decode(content, wanted["encoding"])
    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except ValueError as error:
        raise NodeError("invalid_ics", f"The file is no calendar: {str(error)[:200]}.") from None
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    if not calendars:
        raise NodeError("invalid_ics", "The file is no calendar: it holds none.")
    if len(events) > MAX_ROWS:
        raise NodeError("too_many_rows", f"The calendar has more than {MAX_ROWS:,} events.")
    return [_event(event) for event in events]


def _event(event: Any) -> dict[str, Json]:
    told: dict[str, Json] = {}
    for field, name in (
        ("uid", "UID"), ("title", "SUMMARY"), ("description", "DESCRIPTION"),
        ("location", "LOCATION"), ("url", "URL"), ("status", "STATUS"), ("organizer", "ORGANIZER"),
    ):  # fmt: skip
        if name in event:
            told[field] = str(_first(event[name]))
    for field, name in (("start", "DTSTART"), ("end", "DTEND")):
        value = _date(_first(event.get(name)))
        if isinstance(value, date):
            told[field] = value.isoformat()
            told.setdefault("all_day", not isinstance(value, datetime))
    if "RRULE" in event:
        told["recurrence"] = _first(event["RRULE"]).to_ical().decode(errors="replace")
    if "ATTENDEE" in event:
        people = event["ATTENDEE"]
        listed = people if isinstance(people, list) else [people]
        told["attendees"] = [re.sub("(?i)^mailto:", "", str(person)) for person in listed]
    return told


def _date(value: Any) -> Any:
    from icalendar.error import BrokenCalendarProperty

    try:
        return getattr(value, "dt", None)
    except BrokenCalendarProperty:
        return None


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _pdf(wanted: Wanted, content: bytes) -> Json:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(wanted.get("password") or ""):
            raise NodeError("wrong_password", "The PDF needs a password, and not the one given.")
        count = len(reader.pages)
        first, last = wanted["first_page"], min(wanted["last_page"] or count, count)
        if last - first >= MAX_PAGES:
            raise NodeError("too_many_pages", f"At most {MAX_PAGES:,} pages are read at once.")
        texts = [reader.pages[place].extract_text() for place in range(first - 1, last)]
        about = reader.metadata
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise NodeError(
            "invalid_pdf", f"The file is no PDF that can be read ({type(error).__name__})."
        ) from None
    told = {"text": "\n\n".join(texts), "pages": count}
    for name in ("title", "author", "subject"):
        value = getattr(about, name, None) if about is not None else None
        if isinstance(value, str):
            told[name] = value
    return told


READERS: Mapping[str, Callable[[Wanted, bytes], Json]] = {
    "json": _json,
    "text": _text,
    "csv": _csv,
    "xlsx": _xlsx,
    "html": _html,
    "ics": _ics,
    "pdf": _pdf,
}
