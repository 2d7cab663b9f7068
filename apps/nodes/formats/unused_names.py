"""Names given out, each of them once: one that comes again gets a number."""

from collections.abc import Callable


class UnusedNames:
    """Goes on where it left off, so that thousands of equal names take no longer than others."""

    def __init__(self, numbered: Callable[[str, int], str], first: int = 2) -> None:
        self._numbered = numbered
        self._first = first
        self._numbers: dict[str, int] = {}
        self._taken: set[str] = set()

    def unused(self, name: str) -> str:
        """The name, or with the next number by which it is not taken; taken from now on."""
        free = name
        number = self._numbers.get(name, self._first)
        while free in self._taken:
            free = self._numbered(name, number)
            number += 1
        self._numbers[name] = number
        self._taken.add(free)
        return free
