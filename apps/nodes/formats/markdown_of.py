"""Markdown made of HTML. Takes what time it likes: call it in a process of its own."""

import re
from collections.abc import Mapping
from typing import Any

from markdownify import MarkdownConverter

from apps.engine.errors import NodeError
from apps.engine.items import Json

MAX_COLUMNS = 50


def markdown_of(arguments: Mapping[str, Any], content: bytes) -> Json:
    """The Markdown. Raises NodeError `too_deep`."""
    converter = _Converter(heading_style="ATX", bullets="-", bs4_options="lxml")
    try:
        return str(converter.convert(content.decode())).strip("\n")
    except RecursionError:
        raise NodeError("too_deep", "The HTML is nested too deeply to be read.") from None


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
