"""Regular expressions of builders: JavaScript's, run where a bad one can be stopped."""

from collections.abc import Sequence

from apps.engine.errors import NodeError
from apps.nodes.conditions.typed import Matcher
from apps.nodes.context import StepContext

READ = r"""
const read = (source, flags) => {
  const written = source.match(/^\/(.*?)\/([gimusy]*)$/);
  return written
    ? new RegExp(written[1], [...new Set(written[2] + flags)].join(""))
    : new RegExp(source, flags);
};
const unread = (error) => `The regular expression cannot be read: ${error.message}`;
"""
MATCH = f"""{READ}
return $json.pairs.map(([source, text]) => {{
  try {{
    return read(source, "").test(text);
  }} catch (error) {{
    return unread(error);
  }}
}});
"""
REPLACE = f"""{READ}
try {{
  const pattern = read($json.pattern, $json.flags);
  return $json.texts.map((text) => text.replace(pattern, $json.replacement));
}} catch (error) {{
  return unread(error);
}}
"""


def matcher(ctx: StepContext) -> Matcher:
    """Test pairs of expression and text in one call of the sandbox.

    Python's `re` would hold the whole process for as long as a hostile expression likes.
    """

    def match(pairs: Sequence[tuple[str, str]]) -> Sequence[bool | str]:
        answers: list[bool | str] = ctx.run_own_code(MATCH, {"pairs": [list(p) for p in pairs]})
        return answers

    return match


def replaced(
    ctx: StepContext, pattern: str, replacement: str, texts: Sequence[str], *, ignore_case: bool
) -> dict[str, str]:
    """Each text with what the pattern finds in it replaced. Raises NodeError `invalid_regex`."""
    flags = "gi" if ignore_case else "g"
    data = {"pattern": pattern, "flags": flags, "replacement": replacement, "texts": list(texts)}
    answer: list[str] | str = ctx.run_own_code(REPLACE, data)
    if isinstance(answer, str):
        raise NodeError("invalid_regex", answer)
    return dict(zip(texts, answer, strict=True))
