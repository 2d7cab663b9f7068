"""Extract from File: reads what a file of an item says."""

import base64
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json
from apps.nodes.bounds import check_count
from apps.nodes.confined import Confined
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, ExampleFile, node
from apps.nodes.formats.text_files import AUTO, encoding_named
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.field_types import describe
from apps.nodes.values.fields import with_result

ROWS = frozenset(("csv", "xlsx", "html", "ics"))
PASSWORD_CREDENTIALS = ("generic",)


def _encoding(name: str) -> str:
    return name if name == AUTO else encoding_named(name)


_TABLES = when(format=("csv", "xlsx", "html"))
_PDF = when(format="pdf")


class Params(ParamsModel):
    format: Literal["json", "csv", "xlsx", "html", "ics", "text", "pdf", "base64"] = Field(
        "json", title="Format"
    )
    file: str = Field("data", title="File", min_length=1, max_length=200)
    encoding: Annotated[str, AfterValidator(_encoding)] = Field(
        AUTO,
        title="Encoding",
        description="auto: by its mark, UTF-8, what it says of itself, Windows-1252.",
        json_schema_extra=when(format=("json", "csv", "html", "ics", "text")),
    )
    split_list: bool = Field(
        False,
        title="Each element of a list in JSON is an item",
        json_schema_extra=when(format="json"),
    )
    header: bool = Field(True, title="The first row has the names", json_schema_extra=_TABLES)
    skip_rows: int = Field(
        0, title="Rows to skip before", ge=0, le=1_000_000, json_schema_extra=_TABLES
    )
    max_rows: int | None = Field(None, title="Rows at most", ge=0, json_schema_extra=_TABLES)
    delimiter: str = Field(
        ",",
        title="Delimiter",
        max_length=1,
        description="Empty: the most frequent of , ; tab |",
        json_schema_extra=when(format="csv"),
    )
    quote: str = Field(
        '"',
        title="Quote",
        max_length=1,
        description="Empty: none.",
        json_schema_extra=when(format="csv"),
    )
    sheet: str = Field(
        "",
        title="Sheet",
        max_length=200,
        description="Empty: the first.",
        json_schema_extra=when(format="xlsx"),
    )
    range: str = Field(
        "", title="Range", max_length=50, examples=["A1:D20"], json_schema_extra=when(format="xlsx")
    )
    table: int = Field(
        1, title="Which table of the page", ge=1, le=10_000, json_schema_extra=when(format="html")
    )
    first_page: int = Field(1, title="First page", ge=1, le=1_000_000, json_schema_extra=_PDF)
    last_page: int | None = Field(
        None, title="Last page", ge=1, le=1_000_000, json_schema_extra=_PDF
    )
    credential: str | None = Field(
        None,
        title="Password of the PDF",
        min_length=1,
        max_length=200,
        description="A credential with a value named password.",
        json_schema_extra={"x-widget": "credential"} | _PDF,
    )
    result: str = Field(
        "data",
        title="Result field",
        min_length=1,
        max_length=500,
        json_schema_extra=when(format=("json", "text", "pdf", "base64")),
    )
    keep_fields: bool = Field(False, title="Keep the other fields")


EVENT = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//shop//EN\r
BEGIN:VEVENT\r
UID:1\r
SUMMARY:Tea\r
DTSTART:20260301T160000Z\r
DTEND:20260301T170000Z\r
END:VEVENT\r
END:VCALENDAR\r
"""


@node(
    type="extract_from_file",
    label="Extract from File",
    group="transformations",
    icon="file-output",
    keywords=("csv", "excel", "parse"),
    each="results",
    credentials=PASSWORD_CREDENTIALS,
    examples=[
        Example(
            title="The rows of a CSV file",
            params={"format": "csv", "delimiter": ";"},
            takes_files=[{"data": ExampleFile(b'tea;price\nGreen;2\n"Oolong; old";9')}],
            gives=[{"tea": "Green", "price": "2"}, {"tea": "Oolong; old", "price": "9"}],
        ),
        Example(
            title="JSON, as one field",
            params={"keep_fields": True, "result": "order"},
            takes=[{"id": 7}],
            takes_files=[{"data": ExampleFile(b'{"lines": ["Green", 2]}', "order.json")}],
            gives=[{"id": 7, "order": {"lines": ["Green", 2]}}],
        ),
        Example(
            title="The elements of a list in JSON",
            params={"split_list": True},
            takes_files=[{"data": ExampleFile(b'[{"a": 1}, 2]')}],
            gives=[{"a": 1}, {"data": 2}],
        ),
        Example(
            title="The events of a calendar",
            params={"format": "ics"},
            takes_files=[{"data": ExampleFile(EVENT, "tea.ics")}],
            gives=[
                {
                    "uid": "1",
                    "title": "Tea",
                    "start": "2026-03-01T16:00:00+00:00",
                    "end": "2026-03-01T17:00:00+00:00",
                    "all_day": False,
                }
            ],
        ),
        Example(
            title="A table of a page",
            params={"format": "html"},
            takes_files=[
                {"data": ExampleFile(b"<table><tr><th>tea<tr><td>Green<tr><td>Oolong</table>")}
            ],
            gives=[{"tea": "Green"}, {"tea": "Oolong"}],
        ),
        Example(
            title="Text in an old encoding",
            params={"format": "text", "encoding": "latin-1"},
            takes_files=[{"data": ExampleFile("Thé".encode("latin-1"))}],
            gives=[{"data": "Thé"}],
        ),
        Example(
            title="The bytes as base64",
            params={"format": "base64"},
            takes_files=[{"data": ExampleFile(b"\x00\xff")}],
            gives=[{"data": "AP8="}],
        ),
    ],
)
def extract_from_file(
    items: Items, params: list[Params], ctx: StepContext
) -> Iterator[Items | NodeError]:
    """Reads what a file of each item says: JSON, CSV, XLSX, tables of HTML, ICS, text, PDF, base64.

    **CSV, XLSX, HTML and ICS** give an item for each row or event, without the file and the item's
    other fields unless they are kept. Cells of CSV and HTML are text; those of XLSX are numbers,
    booleans, text or null, dates as ISO 8601 without a zone, formulas as the value that was saved.
    Rows may be ragged; rows without anything are left out.

    **JSON, text, PDF and base64** give one item with the result in a field, its files kept. A PDF
    gives `text`, `pages`, and title, author and subject where it has them: text alone is read, so
    pages that were scanned are empty.

    The limits are 250,000 rows of 2,000 columns, five million cells, 5,000 pages, 300 MB of an
    unpacked workbook; reading a file may take 20 seconds and 1 GB.
    """
    count = 0
    with ctx.confined("apps.nodes.formats.file_reading:read_file") as read:
        for item, of_item in zip(items, params, strict=True):
            try:
                made = _items(item, _read(item, of_item, ctx, read), of_item)
            except NodeError as error:
                yield error
                continue
            count += len(made)
            check_count(count, "Extract from File")
            yield made


def _read(item: Item, params: Params, ctx: StepContext, read: Confined) -> Json:
    content, _ = ctx.files.of(item, params.file)
    if params.format == "base64":
        return base64.b64encode(content).decode()
    wanted: dict[str, Any] = params.model_dump(exclude={"result", "keep_fields", "credential"})
    if params.credential is not None:
        wanted["password"] = _password(ctx, params.credential)
    return read(wanted, content)


def _password(ctx: StepContext, credential: str) -> str:
    pairs = ctx.credential(credential, PASSWORD_CREDENTIALS).values.get("pairs")
    password = pairs.get("password") if isinstance(pairs, dict) else None
    if not password:
        raise NodeError("no_key", "The credential has no value named “password”.")
    return str(password)


def _items(item: Item, read: Json, params: Params) -> Items:
    if params.format not in ROWS and not (params.format == "json" and params.split_list):
        json = with_result(item.json, params.result, read, others=params.keep_fields)
        return [item.with_json(json)]
    if not isinstance(read, list):
        raise NodeError("no_list", f"The file holds {describe(read)} and no list.")
    others = item.json if params.keep_fields else {}
    rows = (row if isinstance(row, dict) else with_result({}, params.result, row) for row in read)
    return [Item({**others, **row}, None, item.paired) for row in rows]
