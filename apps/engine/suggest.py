"""“Did you mean …?” for names that were written almost right."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

_WORD_BEGINS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence with the nearest known name, led by a space; empty where none is near."""
    known, written = list(known), _spellings(name[:80])
    same = [each for each in written if each in known]
    near = same or [near for each in written for near in get_close_matches(each, known, n=1)]
    return f" Did you mean “{near[0]}”?" if near else ""


def _spellings(name: str) -> list[str]:
    """The name as it is, and as we would write what other tools call `base.errorTrigger`."""
    snake = _WORD_BEGINS.sub("_", name.rpartition(".")[2]).lower()
    return list(dict.fromkeys([name, snake, snake.removesuffix("_trigger")]))
