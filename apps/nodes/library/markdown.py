"""Markdown: makes HTML of Markdown, or Markdown of HTML."""

from collections.abc import Iterator
from typing import Any, Literal

from markdown_it import MarkdownIt
from pydantic import Field

from apps.engine.errors import NodeError
from apps.engine.items import Items, Json
from apps.nodes.confined import Confined
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.params import ParamsModel, when
from apps.nodes.values.field_types import describe
from apps.nodes.values.fields import with_result

MAX_MARKDOWN = 500_000
MAX_HTML = 5_000_000


class Params(ParamsModel):
    operation: Literal["to_html", "to_markdown"] = Field("to_html", title="Operation")
    value: Any = Field(
        title="Text", examples=["={{ $json.text }}"], json_schema_extra={"x-widget": "textarea"}
    )
    raw_html: bool = Field(
        False,
        title="HTML in the Markdown stays HTML",
        description="Only for Markdown that you trust: it may hold scripts.",
        json_schema_extra=when(operation="to_html"),
    )
    breaks: bool = Field(
        False,
        title="Each end of a line is a line break",
        json_schema_extra=when(operation="to_html"),
    )
    result: str = Field("data", title="Result field", min_length=1, max_length=500)
    keep_fields: bool = Field(True, title="Keep the other fields")


@node(
    type="markdown",
    label="Markdown",
    group="transformations",
    icon="file-text",
    each="results",
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
def markdown(items: Items, params: list[Params], ctx: StepContext) -> Iterator[Items | NodeError]:
    """Makes HTML of Markdown, or Markdown of HTML.

    Markdown is CommonMark with tables and ~~struck out~~ text. HTML that stands in it is escaped,
    and links that would run a script are no links, so that the result may be shown as it is.

    The limits are 500,000 characters of Markdown and 5,000,000 of HTML, which may take 20 seconds.
    """
    with ctx.confined("apps.nodes.formats.markdown_of:markdown_of") as convert:
        for item, of_item in zip(items, params, strict=True):
            try:
                made = _made(of_item, convert)
            except NodeError as error:
                yield error
                continue
            others = of_item.keep_fields
            yield [item.with_json(with_result(item.json, of_item.result, made, others=others))]


def _made(params: Params, convert: Confined) -> Json:
    text = "" if params.value is None else params.value
    if not isinstance(text, str):
        raise NodeError("no_text", f"Text is needed, not {describe(text)}.")
    to_html = params.operation == "to_html"
    most = MAX_MARKDOWN if to_html else MAX_HTML
    if len(text) > most:
        what = "Markdown" if to_html else "HTML"
        raise NodeError(
            "too_large", f"The {what} has {len(text):,} characters; at most {most:,} are converted."
        )
    if not to_html:
        return convert(None, text.encode(errors="replace"))
    parser = MarkdownIt("commonmark", {"html": params.raw_html, "breaks": params.breaks})
    return str(parser.enable(["table", "strikethrough"]).render(text))
