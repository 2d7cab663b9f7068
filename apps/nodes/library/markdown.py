"""Markdown: makes HTML of Markdown, or Markdown of HTML."""

import re
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdownify import MarkdownConverter
from pydantic import Field

from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.field_types import describe
from apps.nodes.fields import with_result
from apps.nodes.params import ParamsModel

MAX_MARKDOWN = 500_000
MAX_HTML = 1_000_000
MAX_COLUMNS = 50


class Params(ParamsModel):
    operation: Literal["to_html", "to_markdown"] = Field("to_html", title="Operation")
    value: Any = Field(
        title="Text", examples=["={{ $json.text }}"], json_schema_extra={"x-widget": "textarea"}
    )
    raw_html: bool = Field(
        False,
        title="HTML in the Markdown stays HTML",
        description="Only for Markdown that you trust: it may hold scripts.",
    )
    breaks: bool = Field(False, title="Each end of a line is a line break")
    result: str = Field("data", title="Result field", min_length=1, max_length=500)
    keep_fields: bool = Field(True, title="Keep the other fields")


@node(
    type="markdown",
    label="Markdown",
    group="transformations",
    icon="file-text",
    each="item",
    examples=[
        Example(
            title="Markdown to HTML; HTML in it is shown, not obeyed",
            params={"value": "={{ $json.note }}", "result": "html", "keep_fields": False},
            takes=[{"note": "# Hello\n\n*Tea* at <b>four</b>"}],
            gives=[
                {"html": "<h1>Hello</h1>\n<p><em>Tea</em> at &lt;b&gt;four&lt;/b&gt;</p>\n"},
            ],
        ),
        Example(
            title="HTML to Markdown",
            params={
                "operation": "to_markdown",
                "value": "={{ $json.page }}",
                "result": "text",
                "keep_fields": False,
            },
            takes=[{"page": "<h2>Tea</h2><ul><li>green</li><li>black</li></ul>"}],
            gives=[{"text": "## Tea\n\n- green\n- black"}],
        ),
    ],
)
def markdown(item: Item, params: Params, ctx: StepContext) -> Item:
    """Makes HTML of Markdown, or Markdown of HTML.

    Markdown is CommonMark with tables and ~~struck out~~ text. HTML that stands in it is escaped,
    and links that would run a script are no links, so that the result may be shown as it is.

    The limits are 500,000 characters of Markdown and 1,000,000 of HTML.
    """
    text = "" if params.value is None else params.value
    if not isinstance(text, str):
        raise NodeError("no_text", f"Text is needed, not {describe(text)}.")
    made = _html(text, params) if params.operation == "to_html" else _markdown(text)
    return item.with_json(with_result(item.json, params.result, made, others=params.keep_fields))


def _html(text: str, params: Params) -> str:
    _check_size("Markdown", text, MAX_MARKDOWN)
    parser = MarkdownIt("commonmark", {"html": params.raw_html, "breaks": params.breaks})
    return str(parser.enable(["table", "strikethrough"]).render(text))


class _Converter(MarkdownConverter):
    """Cells keep their bounds: few columns are spanned, and a `|` in a cell is escaped."""

    def convert_soup(self, soup: Any) -> str:
        for cell in soup.find_all(["td", "th"]):
            span = str(cell.get("colspan", ""))
            is_few = span.isascii() and span.isdigit() and len(span) < 4
            cell["colspan"] = str(min(int(span), MAX_COLUMNS)) if is_few else "1"
        for text in soup.find_all(string=re.compile(r"\|")):
            if text.find_parent(["td", "th"]):
                text.replace_with(text.replace("|", "\\|"))
        return str(super().convert_soup(soup))


def _markdown(html: str) -> str:
    _check_size("HTML", html, MAX_HTML)
    try:
        made = _Converter(heading_style="ATX", bullets="-", bs4_options="lxml").convert(html)
    except RecursionError:
        raise NodeError("too_deep", "The HTML is nested too deeply to be read.") from None
    return str(made).strip("\n")


def _check_size(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise NodeError(
            "too_large", f"The {what} has {len(text):,} characters; at most {most:,} are converted."
        )
