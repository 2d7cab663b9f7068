"""Convert to File: writes items as files."""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from apps.engine.encoding import NotJsonError
from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json, paired_with_all
from apps.expressions.text import json_numbers
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, ExampleFile, node
from apps.nodes.formats.file_writing import NO_CELL, calendar, csv_text, encoded, event, workbook
from apps.nodes.formats.tables import html_table
from apps.nodes.formats.text_files import encoding_named
from apps.nodes.params import Literally, ParamsModel, json_text, when
from apps.nodes.values.field_types import WrongTypeError, describe, to_datetime, to_text

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "ics": "text/calendar",
    "text": "text/plain",
    "base64": "application/octet-stream",
}
NAMES = {"text": "data.txt", "base64": "data"}


_TEXTUAL = when(format=("json", "csv", "html", "text"))
_CSV = when(format="csv")
_EVENT = when(format="ics")


class Params(ParamsModel):
    format: Annotated[
        Literal["json", "csv", "xlsx", "html", "ics", "text", "base64"], Literally()
    ] = Field("json", title="Format")
    into: Annotated[Literal["all", "each"], Literally()] = Field(
        "all",
        title="One file for",
        description="All items, or each of them.",
        json_schema_extra=when(format=("json", "csv", "xlsx", "html", "ics")),
    )
    value: Any = Field(
        None,
        title="Value",
        examples=["={{ $json.text }}"],
        description="The text, the base64 text, or what is written as JSON; "
        "for JSON all fields of the item, where none is given.",
        json_schema_extra=when(format=("json", "text", "base64")),
    )
    name: str = Field("", title="Name of the file", max_length=255, examples=["orders.csv"])
    media_type: str = Field("", title="Media type", max_length=200)
    result: str = Field("data", title="File", min_length=1, max_length=200)
    encoding: Annotated[str, AfterValidator(encoding_named)] = Field(
        "utf-8", title="Encoding", json_schema_extra=_TEXTUAL
    )
    mark: bool = Field(
        False,
        title="Byte order mark",
        description="By which Excel knows that a CSV file is in UTF-8.",
        json_schema_extra=_TEXTUAL,
    )
    pretty: bool = Field(False, title="Indented", json_schema_extra=when(format="json"))
    header: bool = Field(
        True, title="Names in the first row", json_schema_extra=when(format=("csv", "xlsx", "html"))
    )
    delimiter: str = Field(
        ",", title="Delimiter", min_length=1, max_length=1, json_schema_extra=_CSV
    )
    quote_all: bool = Field(False, title="Quote every cell", json_schema_extra=_CSV)
    guard: bool = Field(
        False,
        title="Guard against formulas",
        description="In CSV: a ' before texts that a spreadsheet would take for a formula.",
        json_schema_extra=_CSV,
    )
    sheet: str = Field(
        "Sheet1", title="Sheet", min_length=1, max_length=31, json_schema_extra=when(format="xlsx")
    )
    caption: str = Field(
        "", title="Caption", max_length=1_000, json_schema_extra=when(format="html")
    )
    title: str = Field("", title="Event", max_length=1_000, json_schema_extra=_EVENT)
    start: Any = Field(None, title="Start", json_schema_extra=_EVENT)
    end: Any = Field(
        None,
        title="End",
        description="An hour after the start, if none is given.",
        json_schema_extra=_EVENT,
    )
    all_day: bool = Field(False, title="Whole days", json_schema_extra=_EVENT)
    description: str = Field("", title="Description", max_length=100_000, json_schema_extra=_EVENT)
    location: str = Field("", title="Place", max_length=1_000, json_schema_extra=_EVENT)
    url: str = Field("", title="URL", max_length=2_000, json_schema_extra=_EVENT)

    @model_validator(mode="after")
    def _fitting(self) -> "Params":
        if self.delimiter in '"\r\n':
            raise ValueError("delimiter: it cannot be a quote or the end of a line.")
        if set(self.sheet) & set("[]:*?/\\") or self.sheet.strip("'") != self.sheet:
            raise ValueError("sheet: its name holds none of []:*?/\\ and has no ' at its ends.")
        if NO_CELL.search(self.sheet):
            raise ValueError("sheet: its name holds no control characters.")
        if "\r" in self.url or "\n" in self.url:
            raise ValueError("url: it stands on one line.")
        return self


@node(
    type="convert_to_file",
    label="Convert to File",
    group="transformations",
    icon="file-input",
    keywords=("csv", "excel", "export"),
    each="results",
    examples=[
        Example(
            title="All items as rows of one CSV file",
            params={"format": "csv", "name": "teas.csv"},
            takes=[{"tea": "Green", "price": 2}, {"tea": 'say "Oolong"', "old": True}],
            gives=[{}],
            gives_files=[
                {
                    "data": ExampleFile(
                        b'tea,price,old\r\nGreen,2,\r\n"say ""Oolong""",,true\r\n',
                        "teas.csv",
                        "text/csv",
                    )
                }
            ],
        ),
        Example(
            title="Each item as JSON",
            params={"into": "each", "name": "={{ $json.id }}.json"},
            takes=[{"id": 7}, {"id": 8}],
            gives=[{"id": 7}, {"id": 8}],
            gives_files=[
                {"data": ExampleFile(b'{"id":7}', "7.json", "application/json")},
                {"data": ExampleFile(b'{"id":8}', "8.json")},
            ],
        ),
        Example(
            title="Text, in an old encoding",
            params={"format": "text", "value": "={{ $json.note }}", "encoding": "latin-1"},
            takes=[{"note": "Thé"}],
            gives=[{"note": "Thé"}],
            gives_files=[{"data": ExampleFile("Thé".encode("latin-1"), "data.txt")}],
        ),
        Example(
            title="Bytes out of base64",
            params={"format": "base64", "value": "={{ $json.image }}", "name": "dot.gif"},
            takes=[{"image": "R0lGODlh"}],
            gives=[{"image": "R0lGODlh"}],
            gives_files=[{"data": ExampleFile(b"GIF89a", "dot.gif", "image/gif")}],
        ),
        Example(
            title="No base64",
            params={"format": "base64", "value": "so-so!"},
            fails="not_base64",
        ),
        Example(
            title="An event without a start",
            params={"format": "ics", "title": "Tea"},
            fails="invalid_date",
        ),
    ],
)
def convert_to_file(
    items: Items, params: list[Params], ctx: StepContext
) -> Iterator[Items | NodeError]:
    """Writes items as files: JSON, CSV, XLSX, a table of HTML, ICS, text, or bytes out of base64.

    One file for **all** items gives one item with that file: a list in JSON, rows of a table, the
    events of a calendar. One for **each** puts the file beside the item's fields and files; text
    and base64 are always written for each.

    Columns are the fields of all items, in the order in which they come; null is an empty cell,
    objects and arrays are JSON. In XLSX no text is ever a formula, whatever it begins with, and
    numbers over 2^53 are text, so that no digit is lost. CSV is written as RFC 4180 has it.

    The limits: 2,000 columns, five million cells (a million in XLSX), and the size of a file.
    """
    if not items:
        return
    parts = [_part_or_error(item, each, ctx) for item, each in zip(items, params, strict=True)]
    first = params[0]
    if first.into == "each" or first.format in ("text", "base64"):
        for item, part, of_item in zip(items, parts, params, strict=True):
            yield part if isinstance(part, NodeError) else _alone(item, part, of_item, ctx)
        return
    good = [place for place, part in enumerate(parts) if not isinstance(part, NodeError)]
    for place, part in enumerate(parts):
        if isinstance(part, NodeError):
            yield part
        elif place == good[0]:
            file = _file([parts[each] for each in good], first, ctx)
            yield [Item({}, {first.result: file}, paired_with_all(items[each] for each in good))]
        else:
            yield []


def _alone(item: Item, part: Any, params: Params, ctx: StepContext) -> Items | NodeError:
    try:
        file = _file([part], params, ctx)
    except NodeError as error:
        return error
    return [Item(item.json, {**(item.binary or {}), params.result: file}, item.paired)]


def _part_or_error(item: Item, params: Params, ctx: StepContext) -> Any:
    try:
        return _part(item, params, ctx)
    except NodeError as error:
        return error


def _part(item: Item, params: Params, ctx: StepContext) -> Any:
    """What an item adds to a file: its fields, a value, bytes."""
    match params.format:
        case "json":
            return item.json if params.value is None else params.value
        case "text":
            return encoded(_text(params.value), params.encoding, mark=params.mark)
        case "base64":
            return _bytes(params.value)
        case "ics":
            return _event(item, params, ctx)
    return item.json


def _file(parts: Sequence[Any], params: Params, ctx: StepContext) -> dict[str, Json]:
    match params.format:
        case "json":
            content = _json(list(parts) if params.into == "all" else parts[0], params)
        case "text" | "base64":
            [content] = parts
        case "ics":
            content = calendar(parts)
        case "xlsx":
            content = workbook(parts, sheet=params.sheet, header=params.header)
        case _:
            content = encoded(_table(parts, params), params.encoding, mark=params.mark)
    name = params.name or NAMES.get(params.format) or f"data.{params.format}"
    # The name tells more of bytes than that they are some.
    told = "" if params.format == "base64" else MEDIA_TYPES[params.format]
    return ctx.files.keep(content, name=name, media_type=params.media_type or told)


def _table(rows: Sequence[dict[str, Json]], params: Params) -> str:
    if params.format == "html":
        table = html_table(rows, header=params.header, caption=params.caption)
        return f'<!DOCTYPE html>\n<meta charset="{params.encoding}">\n{table}\n'
    return csv_text(
        rows,
        delimiter=params.delimiter,
        header=params.header,
        quote_all=params.quote_all,
        guard=params.guard,
    )


def _json(value: Json, params: Params) -> bytes:
    try:
        text = json_text(value)
    except NotJsonError as error:
        raise NodeError("not_json", error.message) from None
    if params.pretty:
        text = json_numbers(json.dumps(json.loads(text), indent=2, ensure_ascii=False))
    return encoded(text, params.encoding, mark=params.mark)


def _text(value: Json) -> str:
    if value is None:
        raise NodeError("no_text", "There is no value to write: it is null.")
    return to_text(value)


def _bytes(value: Json) -> bytes:
    """What base64 stands for: of either alphabet, with or without padding, or in a data URL."""
    if not isinstance(value, str):
        raise NodeError("not_base64", f"base64 is text, not {describe(value)}.")
    if value.startswith("data:"):
        value = value.partition(",")[2]
    text = "".join(value.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise NodeError("not_base64", f"{describe(value)} is no base64.") from None


def _event(item: Item, params: Params, ctx: StepContext) -> bytes:
    zone = ZoneInfo(ctx.timezone)
    texts = {
        "uid": f"{ctx.key_of(item)}@flowforge",
        "summary": params.title,
        "description": params.description,
        "location": params.location,
        "url": params.url,
    }
    try:
        start = to_datetime(params.start, zone).astimezone(zone)
        end = start + timedelta(hours=1)
        if params.end is not None:
            end = to_datetime(params.end, zone).astimezone(zone)
        return event(start, end, all_day=params.all_day, made_at=ctx.now, texts=texts)
    except (WrongTypeError, OverflowError) as error:
        raise NodeError("invalid_date", f"Start or end of the event: {error}.") from None
