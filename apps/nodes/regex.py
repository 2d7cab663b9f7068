"""Regular expressions of builders: JavaScript's, run where a bad one can be stopped."""

from collections.abc import Sequence

from apps.nodes.conditions import Matcher
from apps.nodes.context import StepContext

CODE = r"""
return $json.pairs.map(([source, text]) => {
  const written = source.match(/^\/(.*?)\/([gimusy]*)$/);
  try {
    return (written ? new RegExp(written[1], written[2]) : new RegExp(source)).test(text);
  } catch (error) {
    return `The regular expression cannot be read: ${error.message}`;
  }
});
"""


def matcher(ctx: StepContext) -> Matcher:
    """Test pairs of expression and text in one call of the sandbox.

    Python's `re` would hold the whole process for as long as a hostile expression likes.
    """

    def match(pairs: Sequence[tuple[str, str]]) -> Sequence[bool | str]:
        answers: list[bool | str] = ctx.run_own_code(CODE, {"pairs": [list(p) for p in pairs]})
        return answers

    return match
