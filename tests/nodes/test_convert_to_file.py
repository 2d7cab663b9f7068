"""Items written as files, and read again."""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook

from apps.engine.errors import NodeError
from apps.engine.graph import Node
from apps.engine.items import Item, Items, Json
from apps.engine.outcomes import Done
from apps.nodes.context import bound, services
from apps.nodes.library.convert_to_file import convert_to_file
from apps.nodes.library.extract_from_file import extract_from_file
from tests.nodes.twins import MemoryAttempt, MemoryFiles, make_call, run_step

pytestmark = pytest.mark.usefixtures("here")


def run(
    takes: Sequence[Json], store: MemoryFiles | None = None, on_error: Any = "stop", **params: Any
) -> Items:
    node = Node("n1", "convert_to_file", "Step", params, on_error=on_error)
    with bound(replace(services(), files=store or MemoryFiles())):
        call = make_call(convert_to_file, params, takes, node=node)
        outcome = convert_to_file.prepare(call).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    return outcome.outputs["main"]


def written(takes: Sequence[Json], **params: Any) -> bytes:
    store = MemoryFiles()
    [item] = run(takes, store, **params)
    return store.told(item, {})["data"].content


def failure(takes: Sequence[Json], **params: Any) -> str:
    with pytest.raises(NodeError) as failed:
        run(takes, **params)
    return failed.value.code


ROWS: list[Json] = [
    {"a": 1, "b": "x, y", "c": None},
    {"a": 2.5, "b": 'say "z"\nü', "d": {"e": [1]}},
    {"a": 10**20, "b": "=1+1", "c": True},
]


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, 'a,b,c,d\r\n1,"x, y",,\r\n2.5,"say ""z""\nü",,"{""e"":[1]}"\r\n'
             "100000000000000000000,=1+1,true,\r\n"),
        ({"delimiter": ";", "header": False},
         '1;x, y;;\r\n2.5;"say ""z""\nü";;"{""e"":[1]}"\r\n100000000000000000000;=1+1;true;\r\n'),
    ],
)  # fmt: skip
def test_csv_is_written_as_its_standard_has_it(params: dict[str, Any], text: str) -> None:
    assert written(ROWS, format="csv", **params) == text.encode()


def test_csv_has_a_mark_and_quotes_where_they_are_asked_for() -> None:
    content = written([{"a": 1}], format="csv", mark=True, quote_all=True)
    assert content == b'\xef\xbb\xbf"a"\r\n"1"\r\n'
    assert written([{"a": 1}], format="csv", encoding="utf-16", mark=True).count(b"\xff\xfe") == 1


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx"])
def test_formulas_in_csv_are_guarded_where_it_is_asked_for(text: str) -> None:
    assert f"'{text}" in written([{text: text, "n": -1}], format="csv", guard=True).decode()
    assert written([{"n": -1}], format="csv", guard=True) == b"n\r\n-1\r\n"


def test_a_workbook_keeps_types_and_no_text_is_a_formula() -> None:
    content = written(ROWS, format="xlsx", sheet="Tea")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    sheet = load_workbook(io.BytesIO(content))["Tea"]
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells == [
        ["a", "b", "c", "d"],
        [1, "x, y", None, None],
        [2.5, 'say "z"\nü', None, '{"e":[1]}'],
        ["100000000000000000000", "=1+1", True, None],
    ]
    assert sheet["B4"].data_type == "s"


def test_what_a_cell_cannot_hold_is_replaced_or_a_named_error() -> None:
    content = written([{"a\x00": "x\x0b\ud800"}], format="xlsx")
    rows = list(load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))
    assert rows == [("a\ufffd",), ("x\ufffd\ufffd",)]
    assert failure([{"a": "x" * 40_000}], format="xlsx") == "cell_too_long"
    sparse = [{str(n): 1} for n in range(1_500)]
    assert failure(sparse, format="xlsx") == "too_many_cells"
    assert failure([{str(n): 1 for n in range(2_001)}], format="csv") == "too_many_columns"


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_what_is_written_is_read_again(format: str) -> None:
    store = MemoryFiles()
    rows: list[Json] = [{"tea": "Green", "note": '=x\n"y"'}, {"tea": "Oolong", "note": "ü"}]
    [item] = run(rows, store, format=format)
    with bound(replace(services(), files=store)):
        params = {"format": format, "split_list": True}
        outcome = run_step(extract_from_file, params, [item]).outcome
    assert isinstance(outcome, Done)
    assert [each.json for each in outcome.outputs["main"]] == rows


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, '[{"a":1},{"a":"ü"}]'),
        ({"value": "={{ $json.a }}"}, '[1,"ü"]'),
        ({"pretty": True, "value": "={{ $json.a }}"}, '[\n  1,\n  "ü"\n]'),
    ],
)
def test_json_of_all_items_is_a_list(params: dict[str, Any], text: str) -> None:
    assert written([{"a": 1}, {"a": "ü"}], **params).decode() == text


def test_json_keeps_integers_of_any_size() -> None:
    assert json.loads(written([{"a": 10**40}], pretty=True)) == [{"a": 10**40}]


def test_numbers_are_written_as_javascript_writes_them() -> None:
    items: list[Json] = [{"a": 2.0, "b": [1.0, 2.5, None]}]
    assert written(items, format="csv").decode() == 'a,b\r\n2,"[1,2.5,null]"\r\n'
    assert written(items).decode() == '[{"a":2,"b":[1,2.5,null]}]'
    assert written(items, pretty=True).decode().split()[2:4] == ['"a":', "2,"]


def test_a_table_of_html_is_a_page_whose_texts_are_escaped() -> None:
    page = written([{"<b>": "<script>"}], format="html", caption="A & B").decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert page.startswith('<!DOCTYPE html>\n<meta charset="utf-8">\n<table>\n<caption>A &amp; B')


def test_events_are_lines_of_a_calendar() -> None:
    takes = [
        {"t": "Tea; green, \r\nhot\x00", "at": "2026-07-01T09:00"},
        {"t": "END:VCALENDAR\nBEGIN:VCALENDAR", "at": "2026-07-02T09:00Z"},
    ]
    params = {"format": "ics", "title": "={{ $json.t }}", "start": "={{ $json.at }}"}
    lines = written(takes, **params).decode().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines.count("END:VCALENDAR") == 1
    assert lines.count("BEGIN:VEVENT") == 2
    assert "DTSTART:20260701T060000Z" in lines
    assert "DTEND:20260701T070000Z" in lines
    assert "SUMMARY:Tea\\; green\\, \\nhot\ufffd" in lines
    assert len({line for line in lines if line.startswith("UID:")}) == 2


@pytest.mark.parametrize(
    ("start", "end", "last"),
    [("2026-03-01", None, "20260302"), ("2026-03-01", "2026-03-04", "20260304"),
     ("2026-03-01", "2026-02-01", "20260302")],
)  # fmt: skip
def test_an_event_of_whole_days_ends_before_the_day_of_its_end(
    start: str, end: str | None, last: str
) -> None:
    text = written([{}], format="ics", all_day=True, start=start, end=end).decode()
    assert "DTSTART;VALUE=DATE:20260301\r\n" in text
    assert f"DTEND;VALUE=DATE:{last}\r\n" in text


@pytest.mark.parametrize(
    ("value", "content"),
    [("AP8=", b"\x00\xff"), ("AP8", b"\x00\xff"), ("_-8=", b"\xff\xef"), ("A P\n8=", b"\x00\xff"),
     ("data:image/png;base64,AP8=", b"\x00\xff"), ("", b"")],
)  # fmt: skip
def test_base64_is_read_in_all_its_forms(value: str, content: bytes) -> None:
    assert written([{"v": value}], format="base64", value="={{ $json.v }}") == content


@pytest.mark.parametrize(
    ("value", "params", "code"),
    [
        ("ä", {"format": "base64"}, "not_base64"),
        (5, {"format": "base64"}, "not_base64"),
        ("A", {"format": "base64"}, "not_base64"),
        (None, {"format": "text"}, "no_text"),
        ("€", {"format": "text", "encoding": "latin-1"}, "not_in_encoding"),
        ("soon", {"format": "ics", "start": "={{ $json.v }}"}, "invalid_date"),
        ("2026-01-01", {"format": "ics", "start": "={{ $json.v }}", "end": 5}, "invalid_date"),
    ],
)
def test_what_cannot_be_written_is_a_named_error(
    value: Json, params: dict[str, Any], code: str
) -> None:
    assert failure([{"v": value}], value="={{ $json.v }}", **params) == code


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"delimiter": '"'}, "delimiter"),
        ({"delimiter": ",,"}, "delimiter"),
        ({"sheet": "a/b"}, "sheet"),
        ({"sheet": "x" * 32}, "sheet"),
        ({"encoding": "zlib"}, "encoding"),
        ({"sheet": "a\x01"}, "sheet"),
        ({"sheet": "a\ud83d"}, "sheet"),
        ({"url": "http://x.test/\r\nATTACH:y"}, "url"),
        ({"format": "={{ $json.f }}"}, "format"),
    ],
)
def test_params_that_do_not_fit_are_faults(params: dict[str, Json], path: str) -> None:
    [fault] = convert_to_file.check(params)
    assert path in (fault.path, fault.message.partition(":")[0])


def test_text_is_written_for_each_item_beside_its_files() -> None:
    store = MemoryFiles()
    takes = [Item({"n": 1}, {"old": {"id": "f"}}), Item({"n": {"a": 2}})]
    items = run(takes, store, format="text", value="={{ $json.n }}", name="n.md", result="new")
    assert [store.told(item, {})["new"].content for item in items[1:]] == [b'{"a":2}']
    assert set(items[0].binary or {}) == {"old", "new"}
    assert (items[0].binary or {})["new"]["mimeType"] == "text/plain"
    assert [pair.item for item in items for pair in item.paired or ()] == [0, 1]


def test_an_item_that_fails_leaves_the_others_in_their_file() -> None:
    takes = [{"at": "x"}, {"at": "2026-01-01"}, {"at": "y"}, {"at": "2026-01-02"}]
    store = MemoryFiles()
    for into, count in (("all", 3), ("each", 4)):
        params = {"format": "ics", "start": "={{ $json.at }}", "into": into}
        items = run(takes, store, on_error="continue", **params)
        assert len(items) == count
        assert items[0].json["error"]["code"] == "invalid_date"
        assert items[1].binary is not None
        assert [pair.item for pair in items[1].paired or ()] == ([1, 3] if into == "all" else [1])


def test_no_items_make_no_file() -> None:
    for into in ("all", "each"):
        assert run([], into=into) == []


def test_items_without_fields_make_an_empty_table() -> None:
    assert written([{}, {}], format="csv") == b"\r\n\r\n"
    assert written([{}], format="xlsx").startswith(b"PK")


@pytest.mark.parametrize("end", ["9999-12-31", None])
def test_an_event_of_the_last_day_of_all_is_a_named_error(end: Json) -> None:
    params = {"format": "ics", "start": "9999-12-31", "end": end, "all_day": True}
    assert failure([{}], **params) == "invalid_date"


def test_an_event_tells_what_it_is_and_where() -> None:
    params = {"format": "ics", "start": "2026-03-01T12:00:00Z", "title": "Tea"}
    more = {"description": "Bring, cups", "location": "Riga; home", "url": "https://tea.test/1"}
    lines = written([{}], **params, **more).decode().split("\r\n")
    assert "DESCRIPTION:Bring\\, cups" in lines
    assert "LOCATION:Riga\\; home" in lines
    assert any(line.startswith("URL") and line.endswith(":https://tea.test/1") for line in lines)
    bare = written([{}], **params).decode()
    assert not {"DESCRIPTION", "LOCATION", "URL"} & {
        line.partition(":")[0] for line in bare.split("\r\n")
    }


def test_a_file_of_bytes_is_what_its_params_call_it() -> None:
    store = MemoryFiles()
    params = {"format": "base64", "value": "AP8=", "name": "a.png"}
    for media_type, told in (("image/webp", "image/webp"), ("", "image/png")):
        [item] = run([{}], store, **params, media_type=media_type)
        assert (item.binary or {})["data"]["mimeType"] == told
