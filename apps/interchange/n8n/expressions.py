"""Names in expressions and code that n8n has and we have not."""

import re
from collections.abc import Iterator

from apps.engine.items import Json
from apps.interchange.n8n.given import is_expression, texts_in

_NAME = re.compile(r"(?<![\w$.'\"`])\$([A-Za-z]\w*)")
_MISSING = {
    "agentInfo": "there are no agents here",
    "fromAI": "no model chooses parameters here",
    "getWorkflowStaticData": "nothing of that kind is kept between runs",
    "nodeVersion": "write it down",
    "secrets": "keep secrets in credentials",
    "webhookId": "write it down",
}


def missing_names(params: Json, code: tuple[str, ...] = ()) -> Iterator[str]:
    """A sentence for each name that is not there, once."""
    told: set[str] = set()
    for text in texts_in(params):
        if not (is_expression(text) or text in code):
            continue
        for found in _NAME.finditer(text):
            name = found[1]
            if name in _MISSING and name not in told:
                told.add(name)
                yield f"“${name}” is not known in expressions: {_MISSING[name]}."
