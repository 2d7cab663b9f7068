"""HTML: extracted by selectors, built, and tables; hostile pages and selectors."""

from collections.abc import Sequence
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node
from apps.engine.items import Item, Json
from apps.engine.outcomes import Done
from apps.nodes import confined
from apps.nodes.formats.tables import MAX_COLUMNS
from apps.nodes.library.html import html
from tests.nodes.twins import MemoryAttempt, make_call, run_step

pytestmark = pytest.mark.usefixtures("here")

PAGE = """<body><ul id=a><li class=x>one <b>1</b><li>two<br>2<li>three</ul>
<form><input name=q value=tea><textarea>long</textarea>
<select><option>s<option value=m selected>M</select><input type=checkbox checked></form>
<script type="application/ld+json">{"a": 1}</script>
<div>before<p>inside<script>no()</script></p>after<style>p{}</style></div></body>"""


def extract(page: Any, *wanted: Json, **params: Any) -> dict[str, Json]:
    given = run_step(
        html,
        {"value": "={{ $json.p }}", "extract": list(wanted), "keep_fields": False, **params},
        [{"p": page}],
    ).outcome
    assert isinstance(given, Done)
    return given.outputs["main"][0].json


def one(selector: str, page: str = PAGE, **wanted: Any) -> Json:
    return extract(page, {"name": "v", "selector": selector, **wanted})["v"]


def failure(selector: str, page: str = PAGE, **wanted: Any) -> str:
    with pytest.raises(NodeError) as failed:
        one(selector, page, **wanted)
    return failed.value.code


@pytest.mark.parametrize(
    ("selector", "wanted", "value"),
    [
        ("li", {}, "one 1"),
        ("li", {"all": True}, ["one 1", "two\n2", "three"]),
        ("li:nth-child(2)", {}, "two\n2"),
        ("ul > li b", {"take": "html"}, "1"),
        ("li", {"take": "html"}, "one <b>1</b>"),
        ("ul", {"take": "attribute", "attribute": "ID"}, "a"),
        ("[type=checkbox]", {"take": "attribute", "attribute": "checked"}, ""),
        ("ul", {"take": "attribute", "attribute": "href"}, None),
        ("input, textarea, select", {"take": "value", "all": True}, ["tea", "long", "m", None]),
        ("script", {}, '{"a": 1}'),
        ("div", {}, "before\ninside\nafter"),
        ("div", {"skip": "p"}, "beforeafter"),
        ("li", {"skip": "b"}, "one"),
        ("em", {}, None),
        ("em", {"all": True}, []),
    ],
)
def test_a_selector_takes_what_it_says(selector: str, wanted: dict[str, Any], value: Json) -> None:
    assert one(selector, **wanted) == value


def test_texts_stay_as_they_are_where_they_are_not_cleaned_up() -> None:
    got = extract("<p> a\n b <i>c</i></p>", {"name": "v", "selector": "p"}, clean_up=False)
    assert got == {"v": " a\n b c"}


def test_names_may_be_paths() -> None:
    wanted = [{"name": "list.first", "selector": "li"}, {"name": "list.id", "selector": "b"}]
    assert extract(PAGE, *wanted) == {"list": {"first": "one 1", "id": "1"}}


def test_an_attribute_must_be_named() -> None:
    faults = html.check({"extract": [{"name": "v", "selector": "a", "take": "attribute"}]})
    assert [fault.path for fault in faults] == ["extract[0].attribute"]


@pytest.mark.parametrize("selector", ["p[[", "li::text", ">", ":frob(x)", "\x00"])
def test_a_selector_that_cannot_be_read_is_a_named_error(selector: str) -> None:
    assert failure(selector) == "invalid_selector"


ODD = "".join(f"<b id={n}><p>" for n in range(20_000))  # a node for each b in each p


@pytest.mark.parametrize(
    ("selector", "page", "seconds"),
    [
        ("p ~ i ~ p ~ p", "<p>x</p>" * 20_000, 0.5),
        ("p", ODD, 20),
        ("p", "<ul><li>" * 200_000, 0.5),
    ],
    ids=["a selector", "memory", "depth"],
)
def test_what_takes_too_long_or_too_much_is_stopped(
    selector: str, page: str, seconds: float, process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined, "SECONDS", seconds)
    monkeypatch.setattr(confined, "MEMORY_MB", 256)
    assert failure(selector, page) == "too_costly"


def test_a_page_that_is_stopped_leaves_the_others_their_values(
    process: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(confined, "MEMORY_MB", 256)
    params = {"value": "={{ $json.p }}", "extract": [{"name": "v", "selector": "p"}]}
    node = Node("n1", "html", "Step", params, on_error="route")
    takes = [{"p": "<p>a"}, {"p": ODD}, {"p": "<p>b"}]
    outcome = html.prepare(make_call(html, params, takes, node=node)).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    assert [item.json["v"] for item in outcome.outputs["main"]] == ["a", "b"]
    assert [item.json["error"]["code"] for item in outcome.outputs["error"]] == ["too_costly"]


def test_a_large_page_is_read(process: None) -> None:
    page = "<table>" + "<tr><td>a<td><a href=x>b</a></tr>" * 5_000 + "</table>"
    assert len(one("tr:nth-child(2n) a", page, all=True)) == 2_500


def test_a_page_nested_without_end_is_read(process: None) -> None:
    assert one("body", "<div>" * 10_000 + "deep") == "deep"


def test_a_page_over_the_limit_is_refused() -> None:
    assert failure("p", "<p>" + "x" * 20_000_000) == "too_large"


@pytest.mark.parametrize("page", ["", "\x00\ud800", "no html", "<", "<!DOCTYPE", "]]>"])
def test_anything_is_a_page(page: str) -> None:
    assert one("p", page) is None


@pytest.mark.parametrize("page", [None, 5, ["<p>"], {"a": 1}])
def test_what_is_no_text_is_a_named_error(page: Json) -> None:
    with pytest.raises(NodeError) as failed:
        extract(page, {"name": "v", "selector": "p"})
    assert failed.value.code == "no_text"


def test_an_item_that_fails_leaves_the_others_their_work(process: None) -> None:
    params = {"value": "={{ $json.p }}", "extract": [{"name": "v", "selector": "p"}]}
    node = Node("n1", "html", "Step", params, on_error="continue")
    takes: Sequence[Json] = [{"p": 1}, Item({"p": "<p>x"}, {"data": {"id": "f"}})]
    outcome = html.prepare(make_call(html, params, takes, node=node)).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    first, second = outcome.outputs["main"]
    assert first.json["error"]["code"] == "no_text"
    assert second.json == {"p": "<p>x", "v": "x"}
    assert second.binary == {"data": {"id": "f"}}
    assert [pair.item for pair in second.paired or ()] == [1]


def build(page: str, values: Json) -> Json:
    params = {"operation": "build", "html": page, "values": values}
    outcome = run_step(html, params).outcome
    assert isinstance(outcome, Done)
    return outcome.outputs["main"][0].json["html"]


@pytest.mark.parametrize(
    ("page", "values", "built"),
    [
        ("<p>[[a.b]]</p>", {"a": {"b": "<i>"}}, "<p>&lt;i&gt;</p>"),
        ('<p title="[[ a ]]">', {"a": '" onclick="x'}, '<p title="&quot; onclick=&quot;x">'),
        ("[[a]] [[b]] [[c]]", {"a": 1, "b": None, "d": 2}, "1  "),
        ("[[a]]", {"a": "[[a]]"}, "[[a]]"),
        ("[[a]]", {"a": {"x": [1]}}, "{&quot;x&quot;:[1]}"),
        ("if (a[[0]]) [[a b]]", {"0": "z"}, "if (az) "),
        ("[[a]]", {}, "[[a]]"),
    ],
)
def test_values_go_into_a_page_escaped(page: str, values: Json, built: str) -> None:
    assert build(page, values) == built


@pytest.mark.timeout(10)  # the square of its length would take more
@pytest.mark.parametrize("text", ["[[" + " " * 20_000, "[[" * 20_000, "[[a" * 20_000])
def test_a_mark_without_an_end_stays_as_it_is(text: str) -> None:
    assert build(text, {"a": 1}) == text


def test_a_page_that_grows_over_the_limit_is_a_named_error() -> None:
    with pytest.raises(NodeError) as failed:
        build("[[a]]" * 1_000, {"a": "x" * 100_000})
    assert failed.value.code == "too_large"


def test_a_table_has_the_columns_of_all_items_and_comes_from_all() -> None:
    takes: list[Json] = [{"a": 1, "b": None}, {"c": {"x": "é"}}]
    params = {"operation": "table", "caption": "A & B", "header": False, "result": "t"}
    outcome = run_step(html, params, takes).outcome
    assert isinstance(outcome, Done)
    [item] = outcome.outputs["main"]
    assert item.json["t"].startswith(
        "<table>\n<caption>A &amp; B</caption>\n<tbody>\n<tr><td>1</td>"
    )
    assert "{&quot;x&quot;:&quot;é&quot;}" in item.json["t"]
    assert [pair.item for pair in item.paired or ()] == [0, 1]


def test_a_table_of_too_many_columns_is_a_named_error() -> None:
    with pytest.raises(NodeError) as failed:
        run_step(html, {"operation": "table"}, [{str(n): 1 for n in range(MAX_COLUMNS + 1)}])
    assert failed.value.code == "too_many_columns"


@pytest.mark.parametrize("operation", ["extract", "build", "table"])
def test_no_items_give_no_items(operation: str) -> None:
    outcome = run_step(html, {"operation": operation, "value": "={{ $json.x }}"}, []).outcome
    assert isinstance(outcome, Done)
    assert outcome.outputs == {"main": []}
