"""Regular expressions of builders: JavaScript's, run where a bad one can be stopped."""

import time
from collections.abc import Sequence

from apps.engine.errors import NodeError
from apps.expressions.answers import LIMIT_CODES
from apps.expressions.errors import JavaScriptError
from apps.nodes.conditions.typed import Match, Matcher
from apps.nodes.context import StepContext

MOST_LOST_S = 10.0
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

    Python's `re` would hold the whole process for as long as a hostile expression likes. Where the
    call is over a limit, its pairs are tried one by one, and only that at fault has the error. Once
    a step has lost `MOST_LOST_S` so, it fails.
    """

    def match(pairs: Sequence[tuple[str, str]]) -> Sequence[Match]:
        since = time.monotonic() - ctx.lost_s
        given = ask(pairs)
        if isinstance(given, list):
            return given
        answers: list[Match] = [given] if len(pairs) == 1 else []
        while len(answers) < len(pairs) and time.monotonic() - since <= MOST_LOST_S:
            of_one = ask([pairs[len(answers)]])
            answers += of_one if isinstance(of_one, list) else [of_one]
        ctx.lost_s = time.monotonic() - since
        if ctx.lost_s > MOST_LOST_S:
            raise given
        return answers

    def ask(pairs: Sequence[tuple[str, str]]) -> list[Match] | JavaScriptError:
        try:
            answers: list[Match] = ctx.run_own_code(MATCH, {"pairs": [list(p) for p in pairs]})
        except JavaScriptError as error:
            if error.code in LIMIT_CODES:
                return error
            raise
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
