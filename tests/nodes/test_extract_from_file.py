"""What files say, well made and made to harm."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node
from apps.engine.items import Item, Json
from apps.engine.outcomes import Done
from apps.nodes.context import bound, services
from apps.nodes.contract import ExampleFile
from apps.nodes.formats import file_reading
from apps.nodes.formats import rows as rows_of_sheets
from apps.nodes.library.extract_from_file import extract_from_file
from tests.nodes.made_files import changed, pdf, workbook, zipped
from tests.nodes.outside import CredentialsByType
from tests.nodes.twins import MemoryAttempt, MemoryFiles, make_call, run_step

pytestmark = pytest.mark.usefixtures("here")

PASSWORD = {"generic": {"pairs": {"password": "open"}}}


def read(content: bytes, format: str, **params: Any) -> list[Json]:
    files = MemoryFiles()
    item = Item({"kept": 1}, {"data": files.reference(ExampleFile(content, "a"))})
    vault = CredentialsByType(PASSWORD)
    with bound(replace(services(), files=files, credentials=vault)):
        outcome = run_step(extract_from_file, {"format": format, **params}, [item]).outcome
    assert isinstance(outcome, Done)
    return [item.json for item in outcome.outputs["main"]]


def failure(content: bytes, format: str, **params: Any) -> str:
    with pytest.raises(NodeError) as failed:
        read(content, format, **params)
    return failed.value.code


@pytest.mark.parametrize(
    ("text", "params", "rows"),
    [
        ("a,b\n1,2\n", {}, [{"a": "1", "b": "2"}]),
        ("a,b\r\n1,2\r\n\r\n", {}, [{"a": "1", "b": "2"}]),
        ("a,b\n1\n1,2,3\n", {}, [{"a": "1", "b": None}, {"a": "1", "b": "2", "column_3": "3"}]),
        ("1,2\n", {"header": False}, [{"column_1": "1", "column_2": "2"}]),
        ("a,a,\n1,2,3", {}, [{"a": "1", "a_2": "2", "column_3": "3"}]),
        ("a\tb\n1\t2", {"delimiter": "\t"}, [{"a": "1", "b": "2"}]),
        ("a;b;c,d\n1;2;3", {"delimiter": ""}, [{"a": "1", "b": "2", "c,d": "3"}]),
        ('a,b\n"x\ny","say ""z"""', {}, [{"a": "x\ny", "b": 'say "z"'}]),
        ("a\n'x,y'", {"quote": "'"}, [{"a": "x,y"}]),
        ('a,b\n"x,y"', {"quote": ""}, [{"a": '"x', "b": 'y"'}]),
        ('a,b\nx"y,2\n"z', {}, [{"a": 'x"y', "b": "2"}, {"a": "z", "b": None}]),
        ("a\nx\0y", {}, [{"a": "x\0y"}]),
        ("note\na,b\n1,2", {"skip_rows": 1}, [{"a": "1", "b": "2"}]),
        ("a\n1\n2\n3", {"max_rows": 2}, [{"a": "1"}, {"a": "2"}]),
        ("a\n1", {"max_rows": 0}, []),
        (",\n,\n", {}, []),
        ("", {}, []),
        ("a,b", {}, []),
        ("__proto__,constructor\n1,2", {}, [{"__proto__": "1", "constructor": "2"}]),
    ],
)
def test_rows_of_csv_are_items(text: str, params: dict[str, Any], rows: list[Json]) -> None:
    assert read(text.encode(), "csv", **params) == rows


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("é;ü".encode(), "auto"),
        (b"\xef\xbb\xbf" + "é;ü".encode(), "auto"),
        ("é;ü".encode("utf-16"), "auto"),
        ("é;ü".encode("windows-1252"), "auto"),
        ("é;ü".encode("utf-16-be"), "UTF-16BE"),
        ("é;ü".encode("cp850"), "cp850"),
    ],
)
def test_text_is_read_in_its_encoding(content: bytes, encoding: str) -> None:
    assert read(content, "text", encoding=encoding) == [{"data": "é;ü"}]


def test_bytes_that_are_not_in_the_encoding_are_a_named_error() -> None:
    assert failure(b"\xff", "text", encoding="utf-8") == "not_in_encoding"


@pytest.mark.parametrize(
    "name",
    ["nope", "base64", "zlib", "rot13", "punycode", "idna", "unicode_escape", "\0", "x" * 500],
)
def test_what_is_no_encoding_of_text_is_a_fault(name: str) -> None:
    assert [fault.path for fault in extract_from_file.check({"encoding": name})] == ["encoding"]


def test_a_field_without_end_and_too_many_columns_are_named_errors() -> None:
    assert failure(b'a\n"' + b"x" * 10_000_001, "csv") == "invalid_csv"
    assert failure(b"," * 2_001 + b"x", "csv") == "too_many_columns"
    assert failure(b"a\n" + b"1\n" * 250_001, "csv") == "too_many_rows"


BOOK = workbook(
    {
        "First": [
            ["n", "when", "is", None, "t"],
            [1.0, datetime(2026, 3, 1, 12, 30), True, 1.5, "=a"],
            [None, None, None],
            [10**20, date(2026, 3, 1), False, None, time(8, 30)],
        ],
        "Second": [["skip"], ["x", "a", "b"], ["y", 1, 2], ["z", 3, 4]],
    }
)


def test_cells_of_a_workbook_keep_their_types() -> None:
    first, second = read(BOOK, "xlsx")
    assert first == {
        "n": 1,
        "when": "2026-03-01T12:30:00",
        "is": True,
        "column_4": 1.5,
        "t": None,  # a formula whose value was never saved
    }
    assert isinstance(first["n"], int)
    assert second["when"] == "2026-03-01T00:00:00"
    assert second["is"] is False
    assert second["t"] == "08:30:00"


def test_a_sheet_and_a_range_can_be_chosen() -> None:
    assert read(BOOK, "xlsx", sheet="Second", range="$B$2:C3") == [{"a": 1, "b": 2}]
    assert read(BOOK, "xlsx", sheet="Second", skip_rows=2, header=False, max_rows=1) == [
        {"column_1": "y", "column_2": 1, "column_3": 2}
    ]
    assert failure(BOOK, "xlsx", sheet="Third") == "no_sheet"
    for range in ("1:", "A1:B2:C3", "ZZZZ1"):
        assert failure(BOOK, "xlsx", range=range) == "invalid_range"


SHEET = "xl/worksheets/sheet1.xml"
ENTITY = b"""<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">
<!ENTITY c SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row><c t="inlineStr"><is>
<t>%s</t></is></c></row></sheetData></worksheet>"""


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"PK", b"no zip", b"PK\x05\x06" + bytes(18), BOOK[: len(BOOK) // 2]),
        zipped({"a": b"x"}),
        changed(BOOK, SHEET, b"<worksheet><broken"),
        changed(BOOK, "xl/workbook.xml", b"\0"),
    ],
)
def test_what_is_no_workbook_is_a_named_error(content: bytes, process: None) -> None:
    assert failure(content, "xlsx") in ("invalid_xlsx", "unreadable")


def test_a_workbook_that_unpacks_without_end_is_refused() -> None:
    small, large = ((size << 20).to_bytes(4, "little") for size in (1, 301))
    content = zipped({"xl/a": bytes(1 << 20)}).replace(small, large)
    assert failure(content, "xlsx") == "too_large"


@pytest.mark.parametrize("entity", [b"&b;", b"&c;"])
def test_entities_in_a_workbook_open_nothing(entity: bytes, process: None) -> None:
    bomb = changed(BOOK, SHEET, ENTITY % entity)
    try:
        told = str(read(bomb, "xlsx", header=False))
    except NodeError:
        return
    assert "root:" not in told
    assert len(told) < 1_000


def test_a_cell_at_the_end_of_a_sheet_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reading, "MAX_ROWS", 1_000)
    far = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
    <row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>
    </sheetData></worksheet>"""
    content = changed(BOOK, SHEET, far)
    assert failure(content, "xlsx") == "too_many_rows"


def test_short_rows_under_a_long_header_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_of_sheets, "MAX_CELLS", 1_000)
    header = ",".join(f"c{place}" for place in range(100)).encode()
    assert len(read(header + b"\n1" * 10, "csv")) == 10
    assert failure(header + b"\n1" * 11, "csv") == "too_many_cells"


PAGE = b"""<table><caption>x</caption><tr><th>a<th>b<tr><td>1<td>2 <b>3</b><br>4
<tr><td><table><tr><td>inner</table><td>&lt;</table><table><tr><td>second</table>"""


def test_tables_of_a_page_are_read_by_their_number() -> None:
    assert read(PAGE, "html") == [{"a": "1", "b": "2 3\n4"}, {"a": "inner", "b": "<"}]
    assert read(PAGE, "html", table=3, header=False) == [{"column_1": "second"}]
    assert failure(PAGE, "html", table=4) == "no_table"
    assert failure(b"", "html") == "no_table"


EVENTS = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//
BEGIN:VEVENT
UID:1
SUMMARY:Tea\\, green
DESCRIPTION:Two
  lines
DTSTART;VALUE=DATE:20260301
DTEND;VALUE=DATE:20260302
RRULE:FREQ=DAILY;COUNT=3
ORGANIZER:mailto:ada@a.test
ATTENDEE:mailto:b@a.test
ATTENDEE:MAILTO:c@a.test
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Europe/Riga:20260701T090000
END:VEVENT
END:VCALENDAR
"""


def test_events_of_a_calendar_are_items() -> None:
    first, second = read(EVENTS, "ics")
    assert first["title"] == "Tea, green"
    assert first["description"] == "Two lines"
    assert (first["start"], first["end"], first["all_day"]) == ("2026-03-01", "2026-03-02", True)
    assert first["recurrence"] == "FREQ=DAILY;COUNT=3"
    assert first["attendees"] == ["b@a.test", "c@a.test"]
    assert second == {"start": "2026-07-01T09:00:00+03:00", "all_day": False}


@pytest.mark.parametrize("content", [b"", b"no calendar", b"BEGIN:VCALENDAR"])
def test_what_is_no_calendar_is_a_named_error(content: bytes) -> None:
    assert failure(content, "ics") in ("invalid_ics", "unreadable")


def test_an_event_with_a_date_that_is_none_is_read_without_it() -> None:
    broken = EVENTS.replace(b"DTSTART;VALUE=DATE:20260301", b"DTSTART:soon")
    assert "start" not in read(broken, "ics")[0]


def test_text_of_pages_is_read_from_a_pdf() -> None:
    content = pdf("Hello", "two", "three", title="Tea")
    assert read(content, "pdf") == [
        {"data": {"text": "Hello\n\ntwo\n\nthree", "pages": 3, "title": "Tea"}}
    ]
    [item] = read(content, "pdf", first_page=2, last_page=2, keep_fields=True, result="a.b")
    assert item == {"kept": 1, "a": {"b": {"text": "two", "pages": 3, "title": "Tea"}}}
    assert read(content, "pdf", first_page=9)[0]["data"]["text"] == ""


def test_a_pdf_opens_with_its_password_alone() -> None:
    content = pdf("secret", password="open")
    assert read(content, "pdf", credential="c")[0]["data"]["text"] == "secret"
    assert failure(content, "pdf") == "wrong_password"
    assert failure(pdf("x", password="other"), "pdf", credential="c") == "wrong_password"


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.4", b"no pdf", pdf("x")[:200], pdf("x").replace(b"/Kids", b"/Kidz"),
     pdf("x").replace(b"/Root 1 0 R", b"/Root 9 0 R"),
     pdf("x").replace(b"[4 0 R]", b"[2 0 R]")],  # a page that holds itself
)  # fmt: skip
def test_a_broken_pdf_is_a_named_error_or_has_no_text(content: bytes, process: None) -> None:
    try:
        told = read(content, "pdf")[0]["data"]["text"]
    except NodeError as error:
        told = error.code
    assert told in ("", "x", "invalid_pdf", "unreadable", "too_costly")


@pytest.mark.parametrize(
    ("content", "value"),
    [(b'{"a": 1}', {"a": 1}), (b"\xef\xbb\xbf[1]", [1]), ("5".encode("utf-16"), 5)],
)
def test_json_is_one_field(content: bytes, value: Json) -> None:
    assert read(content, "json") == [{"data": value}]


@pytest.mark.parametrize("content", [b"", b"{", b"NaN", b"[" * 5_000, b"\xff\xfe\x00"])
def test_what_is_no_json_is_a_named_error(content: bytes) -> None:
    assert failure(content, "json") == "not_json"


def test_elements_of_a_list_are_items_and_what_is_no_list_is_an_error() -> None:
    split = {"split_list": True, "keep_fields": True}
    assert read(b'[{"a": 1}, "x"]', "json", **split) == [
        {"kept": 1, "a": 1},
        {"kept": 1, "data": "x"},
    ]
    assert failure(b'{"a": 1}', "json", **split) == "no_list"


def test_an_item_without_file_leaves_the_others_their_rows(process: None) -> None:
    files = MemoryFiles()
    params = {"format": "csv"}
    node = Node("n1", "extract_from_file", "Step", params, on_error="continue")
    file = files.reference(ExampleFile(b"a\n1\n2"))
    takes = [Item({}), Item({"x": 1}, {"data": file}), Item({}, {"data": {"id": "gone"}})]
    with bound(replace(services(), files=files)):
        call = make_call(extract_from_file, params, takes, node=node)
        outcome = extract_from_file.prepare(call).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    items = outcome.outputs["main"]
    assert [item.json.get("error", {}).get("code") for item in items] == [
        "no_file", None, None, "file_not_found",
    ]  # fmt: skip
    assert [pair.item for item in items for pair in item.paired or ()] == [0, 1, 1, 2]
    assert items[1].json == {"a": "1"}
    assert items[1].binary is None


def test_no_items_give_no_items() -> None:
    outcome = run_step(extract_from_file, {}, []).outcome
    assert isinstance(outcome, Done)
    assert outcome.outputs == {"main": []}
