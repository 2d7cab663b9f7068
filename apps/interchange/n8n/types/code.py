"""Code, which stays as it is."""

import re

from apps.engine.items import Json
from apps.interchange.n8n.given import UnsupportedError
from apps.interchange.n8n.source import Made, Source

_REACHES = re.compile(
    r"\b(require|Buffer|fetch|setTimeout|setInterval|process|\$helpers|this\.helpers)\b"
    r"|\$getWorkflowStaticData|\bgetWorkflowStaticData\b"
)


def code(source: Source) -> Made:
    given = source.given
    if given.text("language", "javaScript") != "javaScript":
        raise UnsupportedError(
            f"Its language is {given.text('language')[:40]}; ours is JavaScript."
        )
    each = given.text("mode") == "runOnceForEachItem"
    return _transform(source, given.text("jsCode"), "each" if each else "all")


def function(source: Source) -> Made:
    return _transform(source, source.given.text("functionCode"), "all")


def function_item(source: Source) -> Made:
    """Its code changes `item`, the item's json, and returns it."""
    code = source.given.text("functionCode")
    return _transform(source, f"const item = $json;\n{code}", "each")


def _transform(source: Source, code: str, mode: str) -> Made:
    if found := _REACHES.search(code):
        source.warn(f"Its code names “{found[0]}”, which code here cannot reach.")
    params: dict[str, Json] = {"language": "javascript", "mode": mode}
    if code:
        params["code"] = code
    return Made("transform", params)
