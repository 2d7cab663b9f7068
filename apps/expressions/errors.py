"""What templates and JavaScript can fail with."""

from typing import Literal

from apps.engine.errors import NodeError

JavaScriptCode = Literal[
    "js_error",  # the code threw, or gave what is no JSON
    "js_syntax",  # the code does not parse
    "js_timeout",  # it ran longer than it may
    "js_memory",  # it needed more memory than it may have
    "js_output_too_large",  # its result is larger or deeper than allowed
    "js_library",  # a library that it names is not installed
    "js_host",  # the sandbox itself failed; another attempt may succeed
]


class JavaScriptError(NodeError):
    """JavaScript failed. Line and column count from 1 in the source that its author wrote."""

    def __init__(
        self,
        code: JavaScriptCode,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        item_index: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(code, message, hint, retryable=code == "js_host")
        self.line = line
        self.column = column
        self.item_index = item_index


_HINTS = {
    "expression_no_data": "Check `$('Name').isExecuted` first: it says whether the node has run.",
}


class ExpressionError(NodeError):
    """A template cannot be resolved: which parameter (`path`), for which item, and why.

    Codes: expression_syntax (it does not parse), expression_unknown_node (`$('X')`: the graph has
    no node X), expression_no_data (X has not run, or has no such item), expression_no_lineage
    (`$('X').item`: the item cannot be traced back to X), expression_failed (anything else).
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        path: str | None = None,
        item_index: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(code, message, hint or _HINTS.get(code))
        self.path = path
        self.item_index = item_index
