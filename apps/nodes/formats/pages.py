"""HTML pages read: what a selector finds in one, and the text of it as people see it."""

from collections.abc import Iterator, Mapping
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.formats.text_files import decode

MAX_BYTES = 20_000_000
_BREAK = "\0"  # which no parsed page holds
_BLOCK_NAMES = """
    address article aside blockquote body dd details div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section summary table tbody tfoot
    thead title tr ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_CELLS = frozenset(("td", "th"))
NOTHING: frozenset[int] = frozenset()
_UNSEEN = frozenset(("script", "style", "template", "noscript"))


def read_page(arguments: Mapping[str, Any], content: bytes) -> Json:
    """The values of a page, in the order of `wanted` (the params of `html`). Takes what time and
    memory the page likes: call it in a process of its own.

    Raises NodeError `invalid_selector`, `too_large`.
    """
    if len(content) > MAX_BYTES:
        raise NodeError("too_large", f"The page has more than {MAX_BYTES:,} bytes.")
    text = decode(content, arguments["encoding"])
    try:
        page = LexborHTMLParser(text)
    except SelectolaxError:
        raise MemoryError from None  # every text is a page
    return [_value(page, wanted, arguments["clean_up"]) for wanted in arguments["wanted"]]


def _value(page: LexborHTMLParser, wanted: Mapping[str, Any], tidy: bool) -> Json:
    found = _find(page, wanted["selector"])
    skipped = (
        frozenset(n.mem_id for n in _find(page, wanted["skip"])) if wanted["skip"] else NOTHING
    )
    if not wanted["all"]:
        found = found[:1]
    values = [_taken(element, wanted, skipped, tidy) for element in found]
    return values if wanted["all"] else next(iter(values), None)


def _find(page: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        if "\0" in selector:
            raise SelectolaxError
        return page.css(selector)
    except (SelectolaxError, UnicodeEncodeError):
        raise NodeError(
            "invalid_selector", f"“{selector[:200]}” is no CSS selector that can be read."
        ) from None


def _taken(
    element: LexborNode, wanted: Mapping[str, Any], skipped: frozenset[int], tidy: bool
) -> str | None:
    if wanted["take"] == "html":
        return element.inner_html or ""
    if wanted["take"] == "value":
        return _form_value(element)
    if wanted["take"] == "attribute":
        name = wanted["attribute"].lower()
        attributes = element.attributes
        # One that is there without a value (`checked`) is the empty text.
        return (attributes[name] or "") if name in attributes else None
    return text_of(element, skipped, tidy=tidy)


def text_of(element: LexborNode, skipped: frozenset[int] = NOTHING, *, tidy: bool = True) -> str:
    """The text of an element, without scripts. Tidy: blocks on lines of their own, no space but
    single ones."""
    text = "".join(_pieces(element, skipped))
    if not tidy:
        return text.replace(_BREAK, "")
    lines = (" ".join(line.split()) for line in text.split(_BREAK))
    return "\n".join(line for line in lines if line)


def _pieces(node: LexborNode, skipped: frozenset[int]) -> Iterator[str]:
    """Texts in order, with breaks about blocks. Walks without recursion: pages may be nested
    without end."""
    open_nodes = [(node, node.child)]
    while open_nodes:
        parent, child = open_nodes.pop()
        if child is None:
            if parent.tag in _BLOCKS:
                yield _BREAK
            continue
        open_nodes.append((parent, child.next))
        if child.is_text_node:
            yield child.text_content or ""
        elif child.is_element_node and child.mem_id not in skipped:
            if child.tag in _BLOCKS or child.tag == "br":
                yield _BREAK
            elif child.tag in _CELLS:
                yield " "
            if child.tag not in _UNSEEN:
                open_nodes.append((child, child.child))


def _form_value(node: LexborNode) -> str | None:
    """What a form would send of an element: an input's value, a textarea's text, the option that
    is selected in a select."""
    if node.tag == "select":
        options = node.css("option")
        chosen = [option for option in options if "selected" in option.attributes] or options[:1]
        return _form_value(chosen[0]) if chosen else None
    value = node.attributes.get("value")
    return node.text() if node.tag == "textarea" or (node.tag == "option" and not value) else value
