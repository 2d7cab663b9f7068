"""XML to JSON and back: forms, lineage, and what hostile documents meet."""

from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.engine.outcomes import Done
from apps.nodes.formats.xml_json import MAX_DEPTH, Form, read_xml, write_xml
from apps.nodes.library.xml import xml
from tests.nodes.twins import jsons_of, run_step


def to_json(text: str, **form: Any) -> Json:
    return read_xml(text, Form(**form))


def code(text: str) -> str:
    with pytest.raises(NodeError) as failure:
        to_json(text)
    return failure.value.code


MIXED = '<p id="1">Hello <b>you</b> there</p>'


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("<a/>", {}, {"a": ""}),
        ("<a> x </a>", {}, {"a": "x"}),
        ("<a> x </a>", {"trim": False}, {"a": " x "}),
        ("<a><![CDATA[1 < 2]]></a>", {}, {"a": "1 < 2"}),
        ("<a>&lt;&amp;&#228;</a>", {}, {"a": "<&ä"}),
        ("<A><B>1</B></A>", {"lower_case": True}, {"a": {"b": "1"}}),
        ('<s:A xmlns:s="urn:x"><s:B/></s:A>', {}, {"s:A": {"@xmlns:s": "urn:x", "s:B": ""}}),
        ("<a><b/><b>2</b><b/></a>", {}, {"a": {"b": ["", "2", ""]}}),
        ("<a><b>1</b></a>", {"always_lists": True}, {"a": {"b": ["1"]}}),
        (MIXED, {}, {"p": {"@id": "1", "#text": "Hello  there", "b": "you"}}),
        (MIXED, {"attributes": "drop", "text_key": "_"}, {"p": {"_": "Hello  there", "b": "you"}}),
        ('<a b="1"><b>2</b></a>', {"attributes": "merge"}, {"a": {"b": ["1", "2"]}}),
        ('<a b="1">2</a>', {"attributes": "object"}, {"a": {"$": {"b": "1"}, "#text": "2"}}),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><a>ä</a>', {}, {"a": "ä"}),
        ("\ufeff<a>x</a>", {}, {"a": "x"}),
    ],
)
def test_xml_is_read_in_the_form_that_is_asked_for(
    text: str, form: dict[str, Any], value: Json
) -> None:
    assert to_json(text, **form) == value


def test_an_error_names_line_and_column() -> None:
    with pytest.raises(NodeError, match=r"mismatched tag \(line 2, column 3\)"):
        to_json("<a>\n</b>")


@pytest.mark.parametrize("text", ["", "no xml", "<a", "<a></a><b/>", "<a>\x00</a>", "<a \ud800/>"])
def test_what_is_no_xml_is_a_named_error(text: str) -> None:
    assert code(text) == "invalid_xml"


def test_an_entity_bomb_is_refused_before_it_grows() -> None:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    assert code(f'<!DOCTYPE a [<!ENTITY l0 "ha">{lines}]><a>&l9;</a>') == "xml_entities"


def test_an_external_entity_is_refused() -> None:
    assert code('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>') == (
        "xml_entities"
    )


def test_an_external_dtd_is_not_fetched() -> None:
    document = '<!DOCTYPE html PUBLIC "-//W3C//DTD" "http://192.0.2.1/x.dtd"><html/>'
    assert to_json(document) == {"html": ""}


def test_depth_is_bounded() -> None:
    assert code("<a>" * 1_000_000) == "too_deep"
    deepest = "<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH
    assert list(to_json(deepest)) == ["a"]


def test_size_is_bounded() -> None:
    assert code("<a>" + "x" * (16 * 1024 * 1024)) == "too_large"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1}, "<a>1</a>"),
        ({"a": 1, "b": True}, "<root><a>1</a><b>true</b></root>"),
        ({"a": [1, 2]}, "<root><a>1</a><a>2</a></root>"),
        ([1, 2], "<root><item>1</item><item>2</item></root>"),
        ({"a": {"b": [[1], [2]]}}, "<a><b><item>1</item></b><b><item>2</item></b></a>"),
        ({"a": {"@b": '"<', "#text": "<&>"}}, "<a b='\"&lt;'>&lt;&amp;&gt;</a>"),
        ("x", "<root>x</root>"),
        (None, "<root/>"),
        ({"a": "x\x00\ud800"}, "<a>x\ufffd\ufffd</a>"),
        ({}, "<root/>"),
        ({"not a name": {"x": 1}}, None),
        ({"a><script": 1, "b": 2}, None),
        ({"a": {"@b c": 1}}, None),
    ],
)
def test_json_is_written_as_xml(value: Json, text: str | None) -> None:
    if text is None:
        with pytest.raises(NodeError) as failure:
            write_xml(value, Form(), header=False, pretty=False)
        assert failure.value.code == "invalid_xml_name"
    else:
        assert write_xml(value, Form(), header=False, pretty=False) == text


def test_what_was_read_is_written_as_it_was() -> None:
    text = '<feed v="2"><entry><id>1</id></entry><entry><id>2</id></entry></feed>'
    for attributes in ("prefix", "object"):
        form = Form(attributes=attributes)
        assert write_xml(read_xml(text, form), form, header=False, pretty=False) == text


def test_attributes_that_are_no_object_are_a_named_error() -> None:
    with pytest.raises(NodeError) as failure:
        write_xml({"a": {"$": 1}}, Form(attributes="object"))
    assert failure.value.code == "invalid_attributes"


def test_a_value_nested_too_deep_or_too_large_is_not_written() -> None:
    deep: Json = 1
    for _ in range(MAX_DEPTH + 1):
        deep = {"a": deep}
    for value, expected in ((deep, "too_deep"), ({"a": ["x" * 1000] * 20_000}, "too_large")):
        with pytest.raises(NodeError) as failure:
            write_xml(value, Form())
        assert failure.value.code == expected


def test_each_item_keeps_its_lineage_binary_and_other_fields() -> None:
    takes = [Item({"x": "<a/>", "n": 1}, {"data": {"id": "f"}}), {"x": "<b/>"}]
    outcome = run_step(xml, {"value": "={{ $json.x }}", "result": "read.it"}, takes).outcome
    assert isinstance(outcome, Done)
    first, second = outcome.outputs["main"]
    assert first.json == {"x": "<a/>", "n": 1, "read": {"it": {"a": ""}}}
    assert first.binary == {"data": {"id": "f"}}
    assert [pair.item for pair in second.paired or ()] == [1]


def test_a_header_stands_above_where_it_is_wanted() -> None:
    text = write_xml({"a": 1}, Form())
    assert text == '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<a>1</a>'


def test_what_is_read_may_join_the_fields_of_the_item() -> None:
    takes = [{"x": "<a>1</a>", "a": 0}]
    outcome = run_step(xml, {"value": "={{ $json.x }}", "result": ""}, takes).outcome
    assert isinstance(outcome, Done)
    assert outcome.outputs["main"][0].json == {"x": "<a>1</a>", "a": "1"}
    [fault] = xml.check({"operation": "to_xml", "value": 1, "result": ""})
    assert fault.path == "result"


def test_no_items_give_no_items() -> None:
    outcome = run_step(xml, {"value": "={{ $json.x }}"}, []).outcome
    assert isinstance(outcome, Done)
    assert outcome.outputs == {"main": []}


@pytest.mark.parametrize("value", [None, 5, ["<a/>"], {"a": 1}])
def test_what_is_no_text_is_not_read(value: Json) -> None:
    with pytest.raises(NodeError) as failure:
        run_step(xml, {"value": "={{ $json.x }}"}, [{"x": value}])
    assert failure.value.code == "invalid_xml"


@pytest.mark.parametrize(
    "kind", ['SYSTEM "http://x.test/a.dtd"', 'PUBLIC "-//X" "http://x.test/a"']
)
@pytest.mark.parametrize("element", ["<a>caf&eacute;</a>", "<a b='1' c=\"caf&eacute;>\"/>"])
def test_an_entity_of_a_document_that_is_not_read_is_refused(kind: str, element: str) -> None:
    with pytest.raises(NodeError, match="“eacute”") as failure:
        to_json(f"<!DOCTYPE a {kind}>{element}")
    assert failure.value.code == "xml_entities"


def test_behind_a_document_type_all_else_is_read() -> None:
    text = '<a b="&lt;&#228;>">&amp;<![CDATA[&eacute;]]><!-- &eacute; --></a>'
    document = f'<?xml version="1.0"?>\n<!DOCTYPE a SYSTEM "http://x.test/a.dtd">\n{text}'
    assert to_json(document) == {"a": {"@b": "<ä>", "#text": "&&eacute;"}}


@pytest.mark.parametrize(
    ("params", "json"),
    [
        ({"attribute_prefix": "-"}, {"a": {"-b": "1", "#text": "2"}}),
        ({"attributes": "object", "attributes_key": "at"}, {"a": {"at": {"b": "1"}, "#text": "2"}}),
        ({"attributes": "drop"}, {"a": "2"}),
    ],
)
def test_attributes_stand_by_the_names_that_are_asked_for(
    params: dict[str, Any], json: Json
) -> None:
    source = '<a b="1">2</a>'
    [read] = jsons_of("xml", {"value": source, "operation": "to_json", **params})
    assert read == {"data": json}
    plain = {"value": json, "operation": "to_xml", "header": False, "pretty": False}
    [written] = jsons_of("xml", {**plain, **params})
    assert written == {"data": source if params.get("attributes") != "drop" else "<a>2</a>"}
