"""Says of an error that stops a step which of the step's items it is of."""

import re

from apps.engine.errors import NodeError


def of_item(error: NodeError, place: int, count: int) -> NodeError:
    """The error with its item's place among the `count` items of the step in its sentence.

    It stays as it is where there is but one item, and where it names its item already.
    """
    if count < 2 or re.search(rf"\bitem {place}\b", error.message, re.IGNORECASE):
        return error
    return NodeError(
        error.code,
        f"Item {place}: {error.message}",
        error.hint,
        retryable=error.retryable,
        retry_after_s=error.retry_after_s,
    )
