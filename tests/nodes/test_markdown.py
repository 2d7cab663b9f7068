"""Markdown and HTML, both ways; what is shown must not run."""

from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.engine.outcomes import Done
from apps.nodes.library.markdown import MAX_HTML, MAX_MARKDOWN, markdown
from tests.nodes.twins import run_step

pytestmark = pytest.mark.usefixtures("here")


def made(value: Any, **params: Any) -> Any:
    outcome = run_step(markdown, {"value": "={{ $json.v }}", **params}, [{"v": value}]).outcome
    assert isinstance(outcome, Done)
    return outcome.outputs["main"][0].json["data"]


def to_markdown(html: Any) -> Any:
    return made(html, operation="to_markdown")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb", "<p>a\nb</p>\n"),
        ("~~a~~", "<p><s>a</s></p>\n"),
        (
            "|a|\n|-|\n|1|",
            "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>"
            "\n</tbody>\n</table>\n",
        ),
        ("```py\nx < 1\n```", '<pre><code class="language-py">x &lt; 1\n</code></pre>\n'),
        ("", ""),
        (None, ""),
    ],
)
def test_markdown_becomes_html(text: Any, html: str) -> None:
    assert made(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](vbscript:x)",
        '[x](http://a" onmouseover="alert(1))',
        "<javascript:alert(1)>",
    ],
)
def test_nothing_in_markdown_runs(text: str) -> None:
    html = made(text)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert '" onmouseover' not in html


def test_raw_html_stays_where_it_is_asked_for() -> None:
    assert made("a <b>c</b>", raw_html=True) == "<p>a <b>c</b></p>\n"


def test_breaks_follow_the_lines_where_it_is_asked_for() -> None:
    assert made("a\nb", breaks=True) == "<p>a<br />\nb</p>\n"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a <strong>b</strong> <em>c</em></p>", "a **b** *c*"),
        ('<a href="https://a.test/">x</a>', "[x](https://a.test/)"),
        ("<script>x</script><style>p{}</style>a", "a"),
        ("<!-- secret -->a", "a"),
        (
            "<table><tr><th>a</th></tr><tr><td>b|c</td></tr></table>",
            "| a |\n| --- |\n| b\\|c |",
        ),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("1 * 2 _ 3", "1 \\* 2 \\_ 3"),
        ("", ""),
    ],
)
def test_html_becomes_markdown(html: str, text: str) -> None:
    assert to_markdown(html) == text


def test_a_cell_spans_few_columns_whatever_it_says() -> None:
    for span in ("1000", "9" * 4000, "-1", "²"):
        html = f'<table><tr><td colspan="{span}">a</td></tr></table>'
        assert len(to_markdown(html)) < 600


def test_deep_html_is_a_named_error(process: None) -> None:
    with pytest.raises(NodeError) as failure:
        to_markdown("<div>" * 10_000)
    assert failure.value.code == "too_deep"


@pytest.mark.parametrize(
    ("value", "params", "code"),
    [
        ("x" * (MAX_MARKDOWN + 1), {}, "too_large"),
        ("x" * (MAX_HTML + 1), {"operation": "to_markdown"}, "too_large"),
        (5, {}, "no_text"),
        ({"a": 1}, {"operation": "to_markdown"}, "no_text"),
    ],
)
def test_what_cannot_be_converted_is_a_named_error(
    value: Any, params: dict[str, Any], code: str
) -> None:
    with pytest.raises(NodeError) as failure:
        made(value, **params)
    assert failure.value.code == code


def test_items_keep_their_lineage_and_files() -> None:
    takes = [Item({"v": "a"}), Item({"v": "b"}, {"data": {"id": "f"}})]
    outcome = run_step(markdown, {"value": "={{ $json.v }}"}, takes).outcome
    assert isinstance(outcome, Done)
    _, second = outcome.outputs["main"]
    assert second.json == {"v": "b", "data": "<p>b</p>\n"}
    assert second.binary == {"data": {"id": "f"}}
    assert [pair.item for pair in second.paired or ()] == [1]


def test_no_items_give_no_items() -> None:
    outcome = run_step(markdown, {"value": "={{ $json.v }}"}, []).outcome
    assert isinstance(outcome, Done)
    assert outcome.outputs == {"main": []}
