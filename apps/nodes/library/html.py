"""HTML: extracts values of pages, builds pages, makes a table of items."""

import re
from collections.abc import Iterator
from html import escape
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from apps.engine.errors import NodeError
from apps.engine.items import Item, Items, Json, paired_with_all
from apps.nodes.confined import Confined
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, ExampleFile, node
from apps.nodes.formats.tables import cell_text, html_table
from apps.nodes.params import Literally, ParamsModel, sure_fault, when
from apps.nodes.values.field_types import describe
from apps.nodes.values.fields import get_field, parse_path, with_field, with_result

_MARK = re.compile(r"\[\[([^\[\]]{1,500})\]\]")
MAX_BUILT = 10_000_000


class Extracted(ParamsModel):
    """A value of the page."""

    name: str = Field(title="Field", min_length=1, max_length=500)
    selector: str = Field(title="CSS selector", min_length=1, max_length=2_000)
    take: Literal["text", "html", "attribute", "value"] = Field("text", title="Take")
    attribute: str = Field(
        "", title="Attribute", max_length=200, json_schema_extra=when(take="attribute")
    )
    all: bool = Field(False, title="All that match", description="As a list; else the first.")
    skip: str = Field(
        "",
        title="Without",
        max_length=2_000,
        description="CSS selector of what inside is left out of the text.",
        json_schema_extra=when(take="text"),
    )

    @model_validator(mode="after")
    def _complete(self) -> "Extracted":
        if self.take == "attribute" and not self.attribute:
            raise ValueError("attribute: which attribute is to be taken?")
        return self


class Params(ParamsModel):
    operation: Annotated[Literal["extract", "build", "table"], Literally()] = Field(
        "extract", title="Operation"
    )
    source: Literal["text", "file"] = Field(
        "text", title="The page is", json_schema_extra=when(operation="extract")
    )
    value: Any = Field(
        None,
        title="Page",
        examples=["={{ $json.data }}"],
        json_schema_extra=when(operation="extract", source="text"),
    )
    file: str = Field(
        "data",
        title="File",
        min_length=1,
        max_length=200,
        json_schema_extra=when(operation="extract", source="file"),
    )
    extract: list[Extracted] = Field(
        default_factory=list,
        title="Values",
        max_length=200,
        json_schema_extra=when(operation="extract"),
    )
    clean_up: bool = Field(
        True,
        title="Clean up texts",
        description="Lines by blocks, no space but single ones.",
        json_schema_extra=when(operation="extract"),
    )
    html: str = Field(
        "", title="HTML", json_schema_extra={"x-widget": "html"} | when(operation="build")
    )
    values: dict[str, Any] = Field(
        default_factory=dict,
        title="Values for the HTML",
        description="Put in, escaped, where [[name]] stands.",
        json_schema_extra={"x-widget": "json"} | when(operation="build"),
    )
    caption: str = Field(
        "", title="Caption", max_length=1_000, json_schema_extra=when(operation="table")
    )
    header: bool = Field(
        True, title="Names of the columns above", json_schema_extra=when(operation="table")
    )
    result: str = Field(
        "html",
        title="Result field",
        min_length=1,
        max_length=500,
        json_schema_extra=when(operation=("build", "table")),
    )
    keep_fields: bool = Field(
        True, title="Keep the other fields", json_schema_extra=when(operation=("extract", "build"))
    )

    @model_validator(mode="after")
    def _wants_something(self) -> "Params":
        if self.operation == "extract" and not self.extract:
            raise sure_fault("extract: at least one value to take from the page is needed.")
        return self


LINKS = '<h1>Teas</h1><a href="/green">Green</a><a href="/black">Black <i>new</i></a>'


@node(
    type="html",
    label="HTML",
    group="transformations",
    icon="code-xml",
    keywords=("scrape", "css selector"),
    each="results",
    examples=[
        Example(
            title="Values of a page",
            params={
                "value": "={{ $json.page }}",
                "extract": [
                    {"name": "title", "selector": "h1"},
                    {"name": "teas", "selector": "a", "all": True, "skip": "i"},
                    {
                        "name": "links",
                        "selector": "a",
                        "take": "attribute",
                        "attribute": "href",
                        "all": True,
                    },
                    {"name": "price", "selector": ".price"},
                ],
                "keep_fields": False,
            },
            takes=[{"page": LINKS}],
            gives=[
                {
                    "title": "Teas",
                    "teas": ["Green", "Black"],
                    "links": ["/green", "/black"],
                    "price": None,
                }
            ],
        ),
        Example(
            title="A page in a file",
            params={"source": "file", "extract": [{"name": "title", "selector": "title"}]},
            takes=[{}],
            takes_files=[{"data": ExampleFile(b"<title>Tea</title>", "tea.html")}],
            gives=[{"title": "Tea"}],
        ),
        Example(
            title="A page built; what people wrote goes in escaped",
            params={
                "operation": "build",
                "html": "=<h1>{{ $json.shop }}</h1><p>[[note]]</p>",
                "values": "={{ $json }}",
                "keep_fields": False,
            },
            takes=[{"shop": "Tea", "note": "<b>2 & 3</b>"}],
            gives=[{"html": "<h1>Tea</h1><p>&lt;b&gt;2 &amp; 3&lt;/b&gt;</p>"}],
        ),
        Example(
            title="A table of all items",
            params={"operation": "table"},
            takes=[{"tea": "Green", "price": 2}, {"tea": "<Black>"}],
            gives=[
                {
                    "html": "<table>\n<thead><tr><th>tea</th><th>price</th></tr></thead>\n<tbody>\n"
                    "<tr><td>Green</td><td>2</td></tr>\n"
                    "<tr><td>&lt;Black&gt;</td><td></td></tr>\n</tbody>\n</table>"
                }
            ],
        ),
    ],
)
def html(items: Items, params: list[Params], ctx: StepContext) -> Iterator[Items | NodeError]:
    """Extracts values of a page by CSS selectors, builds a page, or makes one table of all items.

    **Extract** gives a field for each value: null, or an empty list, where nothing matches. The
    page is text or a file of the item.

    **Build** puts expressions into the HTML *as they are*, so that they may hold HTML themselves.
    What people wrote belongs into *Values for the HTML*: where `[[name]]` stands, the value goes
    in escaped. A name may be a path (`[[customer.name]]`).

    **Table** gives one item with one table, its texts escaped, whatever came in.

    A page may have 20 million bytes; reading it may take 20 seconds and 1 GB. A table has at most
    2,000 columns and five million cells.
    """
    if items and params[0].operation == "table":
        table = html_table(
            [item.json for item in items], header=params[0].header, caption=params[0].caption
        )
        yield [Item(with_result({}, params[0].result, table), None, paired_with_all(items))]
        yield from ([] for _ in items[1:])
        return
    with ctx.confined("apps.nodes.formats.pages:read_page") as read:
        for item, of_item in zip(items, params, strict=True):
            try:
                made = _built(item, of_item) if of_item.operation == "build" else (
                    _extracted(item, of_item, ctx, read)
                )  # fmt: skip
            except NodeError as error:
                yield error
            else:
                yield [made]


def _built(item: Item, params: Params) -> Item:
    made = _filled(params.html, params.values) if params.values else params.html
    return item.with_json(with_result(item.json, params.result, made, others=params.keep_fields))


def _filled(html: str, values: dict[str, Json]) -> str:
    """The HTML with every `[[name]]` replaced by the value, escaped."""
    left = MAX_BUILT

    def put_in(mark: re.Match[str]) -> str:
        nonlocal left
        text = escape(cell_text(get_field(values, parse_path(mark[1].strip(), True))))
        left -= len(text)
        if left < 0:
            raise NodeError("too_large", "The page would be longer than 10,000,000 characters.")
        return text

    return _MARK.sub(put_in, html)


def _extracted(item: Item, params: Params, ctx: StepContext, read: Confined) -> Item:
    if params.source == "file":
        content, _ = ctx.files.of(item, params.file)
    elif isinstance(params.value, str):
        content = params.value.encode(errors="replace")
    else:
        raise NodeError("no_text", f"A page is text, not {describe(params.value)}.")
    wanted = [each.model_dump() for each in params.extract]
    encoding = "auto" if params.source == "file" else "utf-8"
    values = read({"wanted": wanted, "clean_up": params.clean_up, "encoding": encoding}, content)
    json = item.json if params.keep_fields else {}
    for each, value in zip(params.extract, values, strict=True):
        json = with_field(json, parse_path(each.name, True), value)
    return item.with_json(json)
